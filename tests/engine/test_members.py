"""Members are found by id in fixed shards, and share what strings they can."""

import pytest

from engine.errors import Rejection
from engine.members import SHARDS, Lot, Member, Members, shard_of


def member(id, tier="gold", market="north", **given):
    return Member(id, tier, market, (), False, [], **given)


def test_a_member_is_found_again():
    members = Members()
    added = [member(f"m{number:04}") for number in range(1_000)]
    for one in added:
        members.add(one)
    assert members.count == 1_000
    assert all(members.find(one.id) is members.get(one.id) is one for one in added)
    assert sorted(one.id for one in members) == [one.id for one in added]
    assert sum(not shard for shard in members.shards) < SHARDS / 4


def test_an_unknown_member_is_refused_by_name():
    with pytest.raises(Rejection, match="no member 'nobody'") as caught:
        Members().get("nobody")
    assert caught.value.rejected.code == "unknown_member"
    assert caught.value.rejected.details == {"member": "nobody"}
    assert Members().find("nobody") is None


@pytest.mark.parametrize(("id", "shard"), [("", 0), ("a", 67), ("m0001", 25), ("anna@north", 101)])
def test_a_shard_is_the_same_in_every_process(id, shard):
    assert shard_of(id) == shard


def test_members_come_back_from_their_shards():
    shards = [{} for _ in range(SHARDS)]
    shards[shard_of("anna")]["anna"] = member("anna")
    members = Members(shards)
    assert members.count == 1
    assert members.get("anna").id == "anna"


def test_members_of_one_tier_share_a_string():
    members = Members()
    one, other = member("one", "".join(["go", "ld"])), member("other", "".join(["g", "old"]))
    assert one.tier is not other.tier
    members.add(one)
    members.add(other)
    assert one.tier is other.tier


def test_what_is_neither_available_nor_spent_nor_expired_is_held():
    lots = (Lot(0, 10, 1), Lot(0, 20, 6))
    one = Member("m", "gold", "north", (), False, lots, issued=4_321, spent=300, expired=4_000)
    assert (one.available, one.held) == (7, 14)


def test_after_loading_members_share_names_and_instants():
    members = Members()
    for id in ("one", "other"):
        members.add(member(id, "gold"))
        members.get(id).lots = (Lot(int("5000"), int("9000"), 1),)
    assert members.get("one").lots[0].expires_at is not members.get("other").lots[0].expires_at
    members.share_values()
    assert members.get("one").lots[0].expires_at is members.get("other").lots[0].expires_at
    assert members.get("one").lots[0].earned_at is members.get("other").lots[0].earned_at
    assert members.get("one").lots[0] == Lot(5_000, 9_000, 1)


def test_a_member_shares_its_id():
    members = Members()
    members.add(member("anna", "gold"))
    assert members.share_id("".join(["an", "na"])) is members.get("anna").id
    assert members.share_id("gone") == "gone"

"""Members are found by id in fixed shards, and share what strings they can."""

import gc

import pytest

from engine import members as module
from engine.commands import MEMBER, PlaceBid
from engine.errors import Rejection
from engine.members import FIND_LIMIT, SHARDS, FoundIds, Lot, Member, Members, find_ids, shard_of
from engine.units import HOUR
from tests.engine.harness import MIDNIGHT, Stage


def member(id, tier="gold", market="north", **given):
    return Member(id, tier, market, (), False, (), **given)


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
    members = Members()
    members.adopt_shard(shard_of("anna"), [member("anna")], {})
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


def test_members_of_a_loaded_shard_share_names_and_instants():
    one, other = member("one", "".join(["go", "ld"])), member("other", "".join(["g", "old"]))
    for each in (one, other):
        each.lots = (Lot(int("5000"), int("9000"), 1),)
    assert one.lots[0].expires_at is not other.lots[0].expires_at
    members = Members()
    members.adopt_shard(7, [one, other], {})
    assert (one.tier is other.tier, one.tier) == (True, "gold")
    assert one.lots[0].expires_at is other.lots[0].expires_at
    assert one.lots[0].earned_at is other.lots[0].earned_at
    assert one.lots[0] == Lot(5_000, 9_000, 1)
    assert (members.count, members.shards[7]) == (2, {"one": one, "other": other})


def test_a_member_shares_its_id():
    members = Members()
    members.add(member("anna", "gold"))
    assert members.share_id("".join(["an", "na"])) is members.get("anna").id
    assert members.share_id("gone") == "gone"


def test_the_collector_sees_nothing_that_there_is_one_of_a_member_or_a_bid():
    stage = Stage()
    stage.members("A", "B")
    stage.open()
    stage.ask(PlaceBid("a", 700), "A", MEMBER, key="k", not_after=MIDNIGHT + HOUR)
    stage.bid("B", 900)
    gc.collect()
    seen = [stage.who("A"), stage.who("A").lots, stage.who("A").keys, stage.who("A").auctions]
    seen += [*stage.who("A").keys.values(), *stage.auction().history, *stage.auction().bidders.values()]
    assert [thing for thing in seen if gc.is_tracked(thing)] == []
    assert not gc.is_tracked(stage.auction().bidders)


def test_ids_are_found_by_how_they_begin(monkeypatch):
    members = Members()
    for number in range(500):
        members.add(member(f"m{number:03}"))
    assert find_ids(members, "m12") == FoundIds([f"m12{digit}" for digit in range(10)], True)
    assert find_ids(members, "m4") == FoundIds([f"m{number}" for number in range(400, 420)], False)
    members.add(member("m4"))
    assert find_ids(members, "m4").ids[:2] == ["m4", "m400"]
    assert len(find_ids(members, "m4").ids) == FIND_LIMIT
    assert find_ids(members, "x") == FoundIds([], True)
    monkeypatch.setattr(module, "IDS_SEARCHED", 100)
    found = find_ids(members, "m")
    assert (len(found.ids), found.complete) == (FIND_LIMIT, False)
    # Its own id finds a member, wherever it stands.
    assert all(find_ids(members, f"m{number:03}") == ([f"m{number:03}"], False) for number in range(500))

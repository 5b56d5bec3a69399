"""Who may what: every operation × every role, over HTTP and over the socket. That nobody gets at another's is
tested in tests/hostile/test_authority.py."""

from typing import Any

import pytest

from engine.commands import PlaceBid
from gateway.operations import BY_NAME, OPERATIONS
from tests.gateway.harness import OpenWorld, Run, World

HOUR = 3_600_000
TERMS = {"title": "t", "opening": 500, "starts_at": 2_000_000_000_000, "ends_at": 2_000_000_000_000 + HOUR}

STAFF = {"manager", "operator"}
EVERYBODY = {"member", "manager", "operator", "service"}
BIDDERS = {"member", "service"}

RAFFLE = {"raffle": "r1"}
RAFFLE_TERMS = {
    "titles": {"en": "A car"},
    "prizes": [{"id": "car"}],
    "price": 5,
    "opens_at": 2_000_000_000_000,
    "closes_at": 2_000_000_000_000 + HOUR,
}
CONTEXT = {"tier": "gold", "market": "north"}
CAMPAIGN = {"campaign": "spring"}
DRAFT = {"draft": "d1"}

ALLOWED: dict[str, tuple[set[str], dict[str, Any]]] = {
    "program.get": (STAFF, {}),
    "program.configure": ({"operator"}, {"settings": {}}),
    "program.raise_level": ({"operator"}, {"level": 1}),
    "member.upsert": (STAFF | {"service"}, {"member": "m2", "tier": "gold", "market": "north"}),
    "member.get": (STAFF | {"service"}, {"member": "m2"}),
    "points.credit": (STAFF | {"service"}, {"member": "m2", "amount": 5}),
    "points.adjust": (STAFF, {"member": "m2", "amount": -5, "reason": "r"}),
    "auction.list": (EVERYBODY, {}),
    "auction.get": (EVERYBODY, {"auction": "a1"}),
    "auction.terms": (STAFF, {"auction": "a1"}),
    "auction.bids": (EVERYBODY, {"auction": "a1"}),
    "auction.sales": (STAFF, {"auction": "a1"}),
    "auction.create": (STAFF, {"auction": "a2", "terms": TERMS}),
    "auction.update": (STAFF, {"auction": "a1", "terms": TERMS}),
    "auction.refund": (STAFF, {"auction": "a1", "reason": "r"}),
    "auction.schedule": (STAFF, {"auction": "a1"}),
    "auction.open": (STAFF, {"auction": "a1"}),
    "auction.extend": (STAFF, {"auction": "a1", "extension": 1_000}),
    "auction.pause": (STAFF, {"auction": "a1"}),
    "auction.resume": (STAFF, {"auction": "a1"}),
    "auction.lower_reserve": (STAFF, {"auction": "a1", "reserve": 0}),
    "auction.lower_supply": (STAFF, {"auction": "a1", "supply": 1}),
    "auction.void_bid": (STAFF, {"auction": "a1", "bid": 1, "reason": "r"}),
    "auction.cancel": (STAFF, {"auction": "a3", "reason": "r"}),
    "auction.offer_second_chance": (STAFF, {"auction": "a1"}),
    "auction.bid": (BIDDERS, {"auction": "a1", "maximum": 600}),
    "auction.leave": (BIDDERS, {"auction": "a1"}),
    "auction.buy_now": (BIDDERS, {"auction": "a1", "price": 600}),
    "auction.accept_second_chance": (BIDDERS, {"auction": "a1"}),
    "auction.decline_second_chance": (BIDDERS, {"auction": "a1"}),
    "me": (BIDDERS, {}),
    "me.points": (BIDDERS, {}),
    "me.bids": (BIDDERS, {}),
    "raffle.list": (EVERYBODY, {}),
    "raffle.create": (STAFF, {"raffle": "r2", "terms": RAFFLE_TERMS}),
    "raffle.locks": (EVERYBODY, {}),
    "raffle.key": ({"operator"}, {"public_key": "0" * 64, "reason": "r"}),
    "raffle.get": (EVERYBODY, RAFFLE),
    "raffle.terms": (STAFF | {"service"}, RAFFLE),
    "raffle.update": (STAFF, RAFFLE | {"terms": RAFFLE_TERMS}),
    "raffle.schedule": (STAFF, RAFFLE),
    "raffle.open": (STAFF, RAFFLE),
    "raffle.close": (STAFF, RAFFLE | {"closes_at": 1}),
    "raffle.void": ({"operator"}, RAFFLE | {"reason": "r"}),
    "raffle.buy": (BIDDERS, RAFFLE | {"tickets": 1, "most": 5}),
    "raffle.grant": (STAFF | {"service"}, RAFFLE | {"member": "m2", "tickets": 1, "reason": "r"}),
    "raffle.entries": (STAFF | {"service"}, RAFFLE),
    "raffle.draw": ({"operator"}, RAFFLE),
    "raffle.places": (EVERYBODY, RAFFLE),
    "raffle.winners": (STAFF | {"service"}, RAFFLE),
    "raffle.claim": (BIDDERS, RAFFLE),
    "raffle.decline": (BIDDERS, RAFFLE),
    "raffle.forfeit": (STAFF, RAFFLE | {"place": 1, "reason": "r"}),
    "raffle.proof": (BIDDERS, RAFFLE),
    "raffle.audit": ({"operator"}, RAFFLE),
    "me.raffles": (BIDDERS, {}),
    "catalogue.list": (BIDDERS, {}),
    "catalogue.get": (BIDDERS, {"experience": "spa"}),
    "experience.list": (STAFF | {"service"}, {}),
    "experience.get": (STAFF | {"service"}, {"experience": "spa"}),
    "experience.put": (STAFF, {"experience": "spa", "terms": {"kind": "wellness", "points": 5}}),
    "experience.remove": (STAFF, {"experience": "spa"}),
    "redemption.redeem": (BIDDERS, {"experience": "spa", "most": 5}),
    "redemption.list": (STAFF | {"service"}, {}),
    "redemption.get": (EVERYBODY, {"redemption": "R1"}),
    "redemption.paid": (STAFF | {"service"}, {"redemption": "R1", "reference": "p", "cash": 1}),
    "redemption.confirm": (STAFF | {"service"}, {"redemption": "R1"}),
    "redemption.cancel": (BIDDERS, {"redemption": "R1"}),
    "redemption.refund": (STAFF | {"service"}, {"redemption": "R1", "reason": "r"}),
    "me.redemptions": (BIDDERS, {}),
    "campaign.list": (STAFF | {"service"}, {}),
    "campaign.get": (STAFF | {"service"}, CAMPAIGN),
    "campaign.preview": (STAFF | {"service"}, CAMPAIGN | CONTEXT | {"at": 2_000_000_000_000}),
    "campaign.put": (STAFF, CAMPAIGN | {"terms": {"budget": 5}}),
    "campaign.schedule": (STAFF, CAMPAIGN),
    "campaign.pause": (STAFF, CAMPAIGN),
    "campaign.resume": (STAFF, CAMPAIGN),
    "campaign.end": (STAFF, CAMPAIGN),
    "campaign.archive": (STAFF, CAMPAIGN),
    "price.quote": (EVERYBODY, {"experience": "spa", "context": CONTEXT}),
    "price.table": (STAFF | {"service"}, {"contexts": [CONTEXT]}),
    "rules.get": (STAFF, {}),
    "rules.history": (STAFF, {}),
    "rules.begin": (STAFF, DRAFT),
    "rules.put": (STAFF, DRAFT),
    "rules.check": (STAFF, DRAFT),
    "rules.try": (STAFF, DRAFT),
    "rules.preview": (STAFF, DRAFT),
    "rules.publish": (STAFF, DRAFT | {"version": 1, "why": "r"}),
    "rules.approve": (STAFF, DRAFT | {"version": 1}),
    "rules.drop": (STAFF, DRAFT),
    "rules.roll_back": (STAFF, {"revision": 1, "why": "r"}),
    "rules.tune": (STAFF, {"rule": "r", "number": 1}),
    "rules.foresee": (STAFF, {"rule": "r", "number": 1}),
    "directory.get": (STAFF | {"service"}, {"member": "m2"}),
    "directory.put": (STAFF | {"service"}, {"member": "m2", "name": "Ben"}),
    "member.export": (STAFF | {"service"}, {"member": "m2"}),
    "member.erase": (STAFF | {"service"}, {"member": "m2"}),
    "me.directory": (BIDDERS, {}),
    "me.put_directory": (BIDDERS, {"email": "m1@example.com"}),
    "me.export": (BIDDERS, {}),
    "member.find": (STAFF, {"query": "m"}),
    "member.points": (STAFF | {"service"}, {"member": "m2"}),
    "member.bids": (STAFF | {"service"}, {"member": "m2"}),
    "member.raffles": (STAFF | {"service"}, {"member": "m2"}),
    "member.redemptions": (STAFF | {"service"}, {"member": "m2"}),
    "me.card": (BIDDERS, {}),
    "calendar.days": (STAFF, {"country": "FR", "from": "2026-01-01", "to": "2026-12-31"}),
    "calendar.windows": (STAFF, {"schedule": {"zone": "UTC"}, "from": 0, "to": HOUR}),
    "audit.list": (STAFF, {}),
}
BEHALF = {name for name, (roles, _) in ALLOWED.items() if roles == BIDDERS}
"""What is done for a member, which a service must name."""


def test_the_table_is_complete() -> None:
    assert list(ALLOWED) == list(BY_NAME)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


async def ask_over_http(
    here: World, subject: str, role: str, name: str, parameters: dict[str, Any]
) -> tuple[str, Any]:
    """The outcome's code ("ok" for none), and the result or problem."""
    operation = BY_NAME[name]
    path = operation.path.format(**parameters)
    rest = {field: value for field, value in parameters.items() if field not in operation.path_names}
    headers = {"Authorization": f"Bearer {here.token(subject, role)}"}
    if operation.method == "GET":
        response = await here.http.get(path, params=rest, headers=headers)
    else:
        response = await here.http.request(operation.method, path, json=rest, headers=headers)
    content = response.json()
    return ("ok" if response.is_success else content["code"]), content


async def ask_over_socket(
    here: World, subject: str, role: str, name: str, parameters: dict[str, Any]
) -> tuple[str, Any]:
    async with here.socket(subject, role) as socket:
        reply = await socket.call(name, **parameters)
    if "error" in reply:
        return reply["error"]["data"]["code"], reply["error"]
    return "ok", reply["result"]


DOORS = pytest.mark.parametrize("ask", [ask_over_http, ask_over_socket], ids=["http", "socket"])


@DOORS
def test_roles(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            await here.open_auction("a3")
            for name, (allowed, parameters) in ALLOWED.items():
                for role in sorted(EVERYBODY):
                    given = parameters | ({"member": "m1"} if name in BEHALF and role == "service" else {})
                    if name == "price.quote" and role == "member":
                        del given["context"]
                    before = here.gateway.replica.position
                    code, content = await ask(here, "m1", role, name, given)
                    if role in allowed:
                        assert code not in ("forbidden", "not_yours", "internal", "invalid_parameters"), (
                            name,
                            content,
                        )
                    else:
                        assert code == "forbidden", (name, role, content)
                        assert here.gateway.replica.position == before

    run(body())


@DOORS
def test_a_service_speaks_for_members(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            code, bid = await ask(
                here, "backend", "service", "auction.bid", {"auction": "a1", "maximum": 600, "member": "m2"}
            )
            assert (code, bid["leading"]) == ("ok", True)
            assert here.gateway.replica.program.auctions["a1"].leader == "m2"
            for name in ("me", "me.points"):
                code, view = await ask(here, "backend", "service", name, {"member": "m2"})
                assert (code, view["member"], view["held"]) == ("ok", "m2", 600)
            # A member may name itself; that is no other command than leaving it out.
            code, own = await ask(here, "m2", "member", "me", {"member": "m2"})
            assert (code, own["held"]) == ("ok", 600)
            assert (
                await ask(
                    here, "m2", "member", "auction.bid", {"auction": "a1", "maximum": 700, "member": "m2"}
                )
            )[0] == "ok"

    run(body())


@DOORS
def test_maxima_are_seen_by_their_owner_alone(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            for member, maximum in (("m1", 777), ("m2", 888)):
                code, _ = await ask(
                    here, member, "member", "auction.bid", {"auction": "a1", "maximum": maximum}
                )
                assert code == "ok"
            for subject, role, more, seen in (
                ("m1", "member", {}, [0, 777]),
                ("m2", "member", {}, [888, 0]),
                ("m3", "member", {}, [0, 0]),
                ("m1", "manager", {}, [0, 0]),
                ("m1", "operator", {}, [0, 0]),
                ("m1", "service", {}, [0, 0]),
                ("m1", "service", {"member": "m2"}, [888, 0]),
            ):
                code, page = await ask(here, subject, role, "auction.bids", {"auction": "a1"} | more)
                assert code == "ok"
                assert [bid["maximum"] for bid in page["bids"]] == seen, (subject, role)
            for subject, role in (("m3", "member"), ("boss", "manager"), ("boss", "operator")):
                assert (await ask(here, subject, role, "auction.bids", {"auction": "a1", "member": "m1"}))[
                    0
                ] == "not_yours"
            for name, parameters in (("auction.get", {"auction": "a1"}), ("auction.list", {})):
                assert "888" not in str(await ask(here, "m1", "member", name, parameters))

    run(body())


def test_commands_are_built_as_they_are_logged() -> None:
    operation = BY_NAME["auction.bid"]
    assert operation.build is not None
    request = operation.request(auction="a1", maximum=600, member="m1")  # type: ignore[call-arg]
    assert operation.build(request, "") == PlaceBid("a1", 600)
    assert operation.build(request, "m1") == PlaceBid("a1", 600, "m1")

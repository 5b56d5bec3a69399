"""Price rules from draft to revision, tuning, quotes and previews, over both doors."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from engine.commands import BeginDraft, ExperienceTerms, PublishRules, PutExperience, PutRules, TuneRule
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope
from tests.gateway.harness import OpenWorld, Run, World
from tests.gateway.test_operations import DOORS, ask_over_socket

GROUPS = [{"id": "a", "mode": "stack"}]
GOLD = {"tier": "gold", "market": "north"}


def rule(id: str, operation: str, number: int, **scope: Any) -> dict[str, Any]:
    return {"id": id, "scope": scope, "effect": {"operation": operation, "number": number}, "group": "a"}


async def manage(ask: Any, here: World, name: str, **given: Any) -> Any:
    """What a manager is answered, who is not refused."""
    code, content = await ask(here, "maria", "manager", name, given)
    assert code == "ok", content
    return content


@DOORS
def test_from_a_draft_to_a_tuned_revision(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            staff = partial(manage, ask, here)
            await staff("experience.put", experience="spa", terms={"kind": "wellness", "points": 1_000})
            await staff("rules.begin", draft="d")
            gold = rule("gold", "factor", 9_000, tiers=["gold"]) | {"title": "Gold members save"}
            rules = [gold, rule("web", "add", -5, channels=["web"])]
            put = await staff("rules.put", draft="d", groups=GROUPS, rules=rules)
            assert (put["version"], put["rules"]) == (2, 2)
            assert (await staff("rules.check", draft="d"))["findings"] == []
            preview = await staff("rules.preview", draft="d")
            assert (preview["prices"], preview["changed"], preview["cheaper"]) == (2, 2, 2)
            done = await staff("rules.publish", draft="d", version=2, why="opening")
            assert done == {"revision": 1, "awaiting": ""}

            asked = {"experience": "spa", "why_not": True}
            _, quote = await ask(here, "m1", "member", "price.quote", asked)
            assert (quote["base"], quote["price"]["points"]) == (1_000, 900)
            [step] = quote["steps"]
            assert step == {
                "rule": "gold",
                "part": "points",
                "before": 1_000,
                "after": 900,
                "title": "Gold members save",
            }
            assert quote["not_applied"] == [{"rule": "web", "reason": "channels"}]
            stated = await staff("price.quote", experience="spa", context=GOLD | {"channel": "web"})
            assert stated["price"]["points"] == 895
            code, _ = await ask(here, "maria", "manager", "price.quote", {"experience": "spa"})
            assert code == "invalid_parameters"
            contexts = [GOLD, GOLD | {"tier": "blue"}]
            table = await staff("price.table", contexts=contexts)
            assert (table["experiences"], table["points"]) == (["spa"], [[900, 1_000]])

            foreseen = await staff("rules.foresee", rule="gold", number=7_500)
            assert (foreseen["before"], foreseen["after"], foreseen["changed"]) == (9_000, 7_500, 1)
            assert [(one["tier"], one["market"]) for one in foreseen["columns"]] == [("gold", "")]
            [row] = foreseen["rows"]
            assert (row["experience"], row["before"], row["after"]) == ("spa", [900], [750])
            code, _ = await ask(here, "maria", "manager", "rules.foresee", {"rule": "gold", "number": 0})
            assert code == "factor_out_of_bounds"

            tuned = await staff("rules.tune", rule="gold", number=7_500, why="slow day")
            assert tuned == {"rule": "gold", "before": 9_000, "after": 7_500, "revision": 1}
            _, quote = await ask(here, "m1", "member", "price.quote", asked)
            assert quote["price"]["points"] == 750
            page = await staff("rules.get")
            assert (page["total"], page["groups"]) == (2, GROUPS)
            assert page["rules"][0]["effect"] == {"operation": "factor", "number": 7_500, "part": "points"}
            await staff("rules.roll_back", revision=1, why="as it was")
            history = await staff("rules.history")
            assert history["running"] == 2
            assert [one["why"] for one in history["revisions"]] == ["as it was", "opening"]
            assert [(one["by"], one["after"]) for one in history["tunings"]] == [("maria", 7_500)]

    run(body())


@pytest.mark.parametrize("subprotocol", ["livelot.v1", "livelot.v1.msgpack"])
def test_a_tuned_price_is_pushed_to_whoever_shows_it(run: Run, world: OpenWorld, subprotocol: str) -> None:
    async def body() -> None:
        async with world() as here, here.socket("m1", subprotocol=subprotocol) as socket:
            for id, points in (("spa", 1_000), ("opera", 2_000)):
                await here.apply(PutExperience(id, ExperienceTerms("leisure", points)))
            await here.apply(BeginDraft("d"))
            gold = PriceRule("gold", Scope(tiers=("gold",)), Effect("factor", 9_000), "a")
            await here.apply(PutRules("d", (gold,), groups=(Group("a"),)))
            await here.apply(PublishRules("d", 2, "opening"))

            refused = await socket.call("subscribe", topics=["prices"])
            assert refused["error"]["data"]["code"] == "invalid_parameters"
            shown = await socket.call("subscribe", topics=["prices"], experiences=["spa"])
            assert shown["result"]["topics"] == ["prices"]
            first = await socket.push("prices")
            assert first["state"]["prices"] == {
                "spa": {"points": 900, "cash": 0, "currency": "", "exponent": 0, "tax": 0}
            }
            tuned = await here.ask(
                "maria", "manager", "POST", "/v1/rules/tune", {"rule": "gold", "number": 5_000}
            )
            push = await socket.push("prices")
            assert push["state"]["prices"]["spa"]["points"] == 500
            assert push["position"] == tuned.headers["Livelot-Position"]

            await socket.call("subscribe", topics=["prices"], experiences=["opera"], channel="app")
            assert list((await socket.push("prices"))["state"]["prices"]) == ["opera"]
            await here.apply(TuneRule("gold", 6_000))
            assert list((await socket.push("prices"))["state"]["prices"]) == ["opera"]
            assert here.gateway.hub.price_cells == 1
            assert (await socket.call("unsubscribe", topics=["prices"]))["result"]["topics"] == []
            assert here.gateway.hub.price_cells == 0
        too_many = [f"e{number}" for number in range(501)]
        async with world() as here, here.socket("m1", subprotocol=subprotocol) as socket:
            refused = await socket.call("subscribe", topics=["prices"], experiences=too_many)
            assert refused["error"]["data"]["code"] == "invalid_parameters"

    run(body())


@DOORS
def test_a_change_is_tried_without_being_done(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            staff = partial(manage, ask, here)
            await staff("rules.begin", draft="d")
            rules = [rule("web", "add", -5, channels=["web"])]
            await staff("rules.put", draft="d", groups=GROUPS, rules=rules)
            tried = {"draft": "d", "rules": [rule("web", "add", 0), rule("most", "cap", 500)]}
            found = await staff("rules.try", **tried)
            assert (found["version"], [(one["rule"], one["code"]) for one in found["findings"]]) == (
                *(2, [("web", "changes_nothing")]),
            )
            code, _ = await ask(here, "maria", "manager", "rules.try", tried | {"removed": ["none"]})
            assert code == "unknown_rule"
            # Nothing has come of it.
            assert (await staff("rules.get", draft="d"))["rules"][-1]["effect"]["number"] == -5
            assert (await staff("rules.history"))["drafts"][0]["version"] == 2

    run(body())


@DOORS
def test_a_draft_with_an_error_is_not_published(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:

            async def staff(name: str, **given: Any) -> Any:
                return await ask(here, "maria", "manager", name, {"draft": "d"} | given)

            await staff("rules.begin")
            faulty = [rule("x", "factor", 0), rule("y", "add", 1, mechanics=["moon"])]
            code, refusal = await staff("rules.put", groups=GROUPS, rules=faulty)
            assert code == "factor_out_of_bounds"
            findings = refusal.get("data", refusal)["findings"]
            assert [one["path"] for one in findings] == [
                "rules[0].effect.number",
                "rules[1].scope.mechanics[0]",
            ]
            crossed = [rule("floor", "floor", 500), rule("cap", "cap", 400)]
            assert (await staff("rules.put", groups=GROUPS, rules=crossed))[0] == "ok"
            before = here.gateway.replica.position
            assert (await staff("rules.publish", version=2, why="r"))[0] == "floor_above_cap"
            assert here.gateway.replica.position == before
            assert (await staff("rules.publish", draft="none", version=2, why="r"))[0] == "unknown_draft"
            assert (await staff("rules.preview", draft="none"))[0] == "unknown_draft"
            await staff("rules.put", removed=["cap"])
            assert (await staff("rules.publish", version=2, why="r"))[0] == "draft_changed"
            assert (await staff("rules.publish", version=3, why="r"))[0] == "ok"

    run(body())


@DOORS
def test_an_auction_tells_what_a_member_would_pay(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")

            async def staff(name: str, **given: Any) -> Any:
                return await ask(here, "maria", "manager", name, given)

            await staff("rules.begin", draft="d")
            terms = rule("gold", "factor", 9_000, mechanics=["auction"], tiers=["gold"])
            await staff("rules.put", draft="d", groups=GROUPS, rules=[terms])
            await staff("rules.publish", draft="d", version=2, why="r")
            _, seen = await ask(here, "m1", "member", "auction.get", {"auction": "a1"})
            assert (seen["own_factor"], seen["own_price"]) == (9_000, 450)
            _, seen = await staff("auction.get", auction="a1")
            assert (seen["own_factor"], seen["own_price"]) == (0, 0)

    run(body())


def test_publishing_again_under_its_key_is_the_first_answer(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, here.socket("maria", "manager") as socket:
            await socket.call("rules.begin", draft="d")
            await socket.call("rules.put", draft="d", groups=GROUPS, rules=[rule("r", "add", 1)])
            asked = {"draft": "d", "version": 2, "why": "r", "key": "once"}
            first = await socket.call("rules.publish", **asked)
            assert first["result"] == {"revision": 1, "awaiting": ""}
            assert (await socket.call("rules.publish", **asked))["result"] == first["result"]
            other = await socket.call("rules.publish", **asked | {"why": "other"})
            assert other["error"]["data"]["code"] == "key_conflict"
            over_http = await here.ask(
                "maria",
                "manager",
                "POST",
                "/v1/rules/drafts/d/publish",
                {"version": 2, "why": "r"},
                Idempotency_Key="once",
            )
            assert over_http.json() == first["result"]

    run(body())


def test_what_is_published_is_what_was_looked_at(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, here.socket("maria", "manager") as socket:
            await socket.call("rules.begin", draft="d")
            await socket.call("rules.put", draft="d", groups=GROUPS, rules=[rule("floor", "floor", 500)])
            # Both are on their way before either has an answer: the look is at version 2.
            crossed = {"draft": "d", "rules": [rule("cap", "cap", 400)]}
            for number, (method, given) in enumerate(
                (("rules.publish", {"draft": "d", "version": 3, "why": "r"}), ("rules.put", crossed))
            ):
                await socket.send({"jsonrpc": "2.0", "id": number, "method": method, "params": given})
            answers = {answer["id"]: answer for answer in [await socket.receive() for _ in range(2)]}
            assert answers[0]["error"]["data"]["code"] == "draft_changed"
            assert answers[1]["result"]["version"] == 3
            assert here.gateway.replica.program.book.current == 0

    run(body())


@DOORS
def test_a_member_asks_for_itself(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.apply(
                PutExperience("spa", ExperienceTerms("wellness", 1_000, tiers=("blue",), gate="hidden"))
            )
            code, _ = await ask(here, "m1", "member", "price.quote", {"experience": "spa"})
            assert code == "unknown_experience"
            stated = {"experience": "spa", "context": GOLD | {"tier": "blue"}}
            code, refusal = await ask(here, "m1", "member", "price.quote", stated)
            assert (code, refusal.get("data", refusal)["field"]) == ("invalid_parameters", "context")
            code, _ = await ask(here, "shop", "service", "price.quote", stated | {"member": "m1"})
            assert code == "invalid_parameters"
            code, quote = await ask(here, "shop", "service", "price.quote", stated)
            assert (code, quote["base"]) == ("ok", 1_000)

    run(body())


def test_a_launch_is_foreseen_however_far_off_its_celebration_is(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:

            async def staff(name: str, **given: Any) -> Any:
                code, found = await ask_over_socket(here, "boss", "manager", name, given)
                assert code == "ok", found
                return found

            await here.apply(PutExperience("spa", ExperienceTerms("wellness", 1_000)))
            day = {"country": "SE", "names": ["Midsummer Day"]}
            summer = {"zone": "Europe/Stockholm", "celebrations": [day]}
            await staff("campaign.put", campaign="midsummer", terms={"schedule": summer})
            await staff("rules.begin", draft="d")
            less = rule("less", "factor", 5_000, campaigns=["midsummer"])
            await staff("rules.put", draft="d", rules=[less], groups=GROUPS)
            unseen = await staff("rules.preview", draft="d")
            assert (unseen["changed"], unseen["unseen"]) == (0, ["less"])
            found = await staff("rules.preview", draft="d", scheduled="midsummer")
            assert found["changed"] == 1
            assert datetime.fromtimestamp(found["looks"][-1]["at"] / 1_000, UTC).month == 6

    run(body())

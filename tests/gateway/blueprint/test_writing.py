"""Writing the running program as a file, and that reading it again changes nothing."""

import re
import tomllib
import types
from collections.abc import Awaitable, Callable
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
import tomli_w
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from gateway.blueprint.blueprint import SECTIONS, Call
from gateway.blueprint.carrying_out import apply_blueprint
from gateway.blueprint.difference import Plan
from gateway.blueprint.reading import fields_of, read_file, read_text, unwrap, variants_of
from gateway.blueprint.running import Standing, read_running
from gateway.blueprint.writing import express, write
from gateway.clock import now
from gateway.demo.catalogue import PROGRAM_FILE
from gateway.shapes import objectify
from tests.gateway.blueprint.harness import apply, client_of, formats, names, plan, small
from tests.gateway.harness import OpenWorld, Run

WRITTEN = st.characters(exclude_categories=["Cs"])
"""All that JSON can carry."""

SAMPLES = ("a", "b.c-d", "Z9", "en", "pt-BR", "zh-Hant", "EUR", "KWD", "JP")


def matching(pattern: str) -> st.SearchStrategy[str]:
    return st.sampled_from([sample for sample in SAMPLES if re.match(pattern, sample)])


def test_what_is_written_changes_nothing(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, read_file(PROGRAM_FILE))
            text = write(await read_running(call))
            wanted = read_text(text, "exported.toml")
            assert await plan(call, wanted, prune=True) == Plan(())
            # Nor does it in a program that is empty: there it makes the same.
            async with world() as other, client_of(other) as there:
                await apply(there, wanted)
                assert write(await read_running(there)) == text

    run(body())


def test_what_has_lost_what_it_names_can_be_written(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            await call("experience.remove", experience="spa")
            await call("campaign.end", campaign="summer")
            await call("campaign.archive", campaign="summer")
            wanted = read_text(write(await read_running(call)), "exported.toml")
            # The rule of what is no more goes, and nothing else changes.
            assert names(await plan(call, wanted)) == ["remove rule summer"]
            outcomes = await apply_blueprint(call, wanted, now=now(), why="a test")
            assert [(one.name, one.status) for one in outcomes] == [("price rules", "done")]

    run(body())


async def _remove(call: Call) -> None:
    await call("experience.remove", experience="spa")


async def _end(call: Call) -> None:
    await call("campaign.end", campaign="summer")


async def _lose_tier(call: Call) -> None:
    settings = (await call("program.get"))["settings"]
    gated = {"kind": "leisure", "points": 5, "tiers": ["gold"]}
    await call("experience.put", experience="gated", terms=gated)
    early = {"kind": "leisure", "points": 5, "visible_from": 9, "early_access": {"gold": 5, "blue": 7}}
    await call("experience.put", experience="early", terms=early)
    await call("program.configure", settings=settings | {"tiers": ["blue"]})


async def _lose_budget(call: Call) -> None:
    await call("campaign.put", campaign="summer", terms={})


async def _pause(call: Call) -> None:
    await call("campaign.pause", campaign="summer", reason="stop the giveaway")


@pytest.mark.parametrize(
    ("happens", "comments"),
    [
        (_remove, ["# Rule 'summer' is left out: of its experiences none is there any more ('spa')."]),
        (_end, ["# Rule 'summer' is left out: of its campaigns none is there any more ('summer')."]),
        (
            _lose_tier,
            [
                "# Experience 'gated' is left out: of its tiers none is there any more ('gold').",
                "# Rule 'gold' is left out: of its tiers none is there any more ('gold').",
            ],
        ),
        (_lose_budget, []),
        (_pause, ["# Campaign 'summer' is paused: it is a draft here, so that nothing starts it again."]),
    ],
)
def test_an_export_makes_the_same_elsewhere_after_everyday_events(
    run: Run, world: OpenWorld, happens: Callable[[Call], Awaitable[None]], comments: list[str]
) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            await happens(call)
            text = write(await read_running(call))
            assert [line for line in text.splitlines() if line.startswith("#")] == comments
            wanted = read_text(text, "exported.toml")
            async with world() as other, client_of(other) as there:
                assert {outcome.status for outcome in await apply(there, wanted)} == {"done"}
                assert await plan(there, wanted) == Plan(())
                again = await read_running(there)
                assert tomllib.loads(write(again)) == tomllib.loads(text)
                assert again.campaigns.get("summer", Standing("", None)).status != "paused"
                if happens is _pause:
                    assert again.campaigns["summer"].status == "draft"

    run(body())


def test_formats_come_back_as_they_were_written(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, formats())
            text = write(await read_running(call))
            written = tomllib.loads(text)
            assert {id: one.get("format") for id, one in written["auctions"].items()} == {
                "vase": None,
                "lamp": {"type": "dutch", "floor": 60, "interval": "PT30S", "step": 5, "supply": 4},
                "ring": {"type": "sealed", "pricing": "second"},
                "seats": {"type": "multi_unit", "supply": 8, "pricing": "pay_as_bid"},
                "boat": {"type": "clock", "entry": "PT1M", "interval": 1_500, "step_share": 250},
            }
            assert written["program"]["sealed_counts"] is True
            wanted = read_text(text, "exported.toml")
            assert await plan(call, wanted) == Plan(())
            async with world() as other, client_of(other) as there:
                await apply(there, wanted)
                assert write(await read_running(there)) == text

    run(body())


def test_an_empty_program_can_be_written(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            wanted = read_text(write(await read_running(call)), "empty.toml")
            assert await plan(call, wanted) == Plan(())

    run(body())


def test_a_file_says_what_was_meant_and_no_defaults(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small(("[program]", '[program]\nauction_retention = "PT6H"')))
            await call("campaign.put", campaign="over", terms={})
            await call("campaign.end", campaign="over")
            text = write(await read_running(call))
            written = tomllib.loads(text)
            assert written["program"] == {
                "tiers": ["blue", "gold"],
                "markets": ["north", "south"],
                "auction_retention": "PT6H",
            }
            assert written["experiences"]["spa"] == {
                "kind": "wellness",
                "points": 1_000,
                "payment": {"least": 5_000},
            }
            assert written["campaigns"] == {
                "summer": {"budget": 10_000, "titles": {"en": "Summer", "ar": "الصيف"}},
                "friday": {
                    "schedule": {
                        "zone": "Europe/Oslo",
                        "recurrences": [{"at": "16:00:00", "minutes": 60, "weekdays": ["friday"]}],
                    }
                },
                "later": {"draft": True},
            }
            assert written["rules"]["groups"] == [{"id": "a"}, {"id": "b", "mode": "best"}]
            assert "الصيف" in text
            assert "starts_at = 2040-01-01T00:00:00Z" in text
            assert written["auctions"]["lamp"]["draft"] is True
            assert "draft" not in written["auctions"]["vase"]

    run(body())


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """What may stand where ``annotation`` is, as JSON has it."""
    kind, parts = unwrap(annotation)
    limits = [meta for meta in get_args(annotation)[1:] if isinstance(meta, msgspec.Meta)]
    limit = limits[0] if limits else msgspec.Meta()
    kinds = variants_of(annotation)
    if kinds:
        tagged = (values_of(one).map(lambda v, tag=tag: {"type": tag, **v}) for tag, one in kinds.items())
        return st.none() | st.one_of(*tagged)
    if get_origin(annotation) in (Union, types.UnionType):
        return st.none() | values_of(next(part for part in get_args(annotation) if part is not type(None)))
    if get_origin(kind) is Literal:
        return st.sampled_from(parts)
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(limit.ge or 0, limit.le or 100)
    if kind is str:
        return matching(limit.pattern) if limit.pattern else st.text(WRITTEN, max_size=20)
    if get_origin(kind) is dict:
        return st.dictionaries(values_of(parts[0]), values_of(parts[1]), max_size=2)
    if get_origin(kind) is tuple and parts[-1] is not Ellipsis:
        return st.tuples(*map(values_of, parts)).map(list)
    if get_origin(kind) is tuple:
        return st.lists(values_of(parts[0]), max_size=2)
    return st.fixed_dictionaries({name: values_of(one.type) for name, one in fields_of(kind).items()})


@pytest.mark.parametrize("section", SECTIONS)
def test_whatever_runs_comes_back_from_a_file(section: str) -> None:
    shape = SECTIONS[section]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values_of(shape))
    def comes_back(value: Any) -> None:
        try:
            expected = objectify(msgspec.convert(value, shape))
        except msgspec.ValidationError:
            assume(False)
        for terms in expected.values() if section == "campaigns" else ():
            terms["windows"] = [] if terms["schedule"] else terms["windows"]
        written = tomli_w.dumps({section: express(expected, shape)})
        found = getattr(read_text(written, "p.toml"), section)
        assert found == expected

    comes_back()

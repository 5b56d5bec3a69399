"""What of a running program can be made again elsewhere: a file of it names nothing that is no more.

A running rule may name an experience that was removed since, a campaign that has ended, a tier that the
settings have no longer. It runs on; but no program takes it anew. In a file dead names are left out. A rule
or an experience that names nothing else in a dimension speaks to nobody, and is left out as a whole: an empty
list would speak to all. So is a rule whose budget is over: without it, it would give away without limit.
"""

from collections.abc import Container, Iterable
from typing import Any, Final

import msgspec

from gateway.blueprint.blueprint import Terms
from gateway.blueprint.difference import ENDED
from gateway.blueprint.running import Running

_ELSEWHERE: Final = ("auction", "raffle")
"""Mechanics whose rules list auctions and raffles where others list experiences: those are not the
catalogue's, and come and go."""


class Living(msgspec.Struct, frozen=True):
    """What runs, without what is dead; ``notes`` say what is not in it, or otherwise."""

    running: Running
    notes: list[str]


def keep_alive(running: Running) -> Living:
    """Leaves out dead names, and what names nothing else. Notes come in the order of the sections."""
    notes: list[str] = []
    settings = running.settings or {}
    known: dict[str, Container[str]] = {
        name: settings[name] for name in ("tiers", "markets") if settings.get(name)
    }
    experiences: dict[str, Terms] = {}
    for id, terms in running.experiences.items():
        alive = _keep_names(terms, known, f"Experience {id!r}", notes)
        if alive is not None:
            for field, dimension in (("early_access", "tiers"), ("stock_by_market", "markets")):
                alive[field] = _keep_keys(alive.get(field) or {}, known.get(dimension))
            experiences[id] = alive
    for id, standing in running.campaigns.items():
        if standing.status == "paused":
            notes.append(f"Campaign {id!r} is paused: it is a draft here, so that nothing starts it again.")
    campaigns = {id: one.terms or {} for id, one in running.campaigns.items() if one.status not in ENDED}
    elsewhere = known | {"campaigns": campaigns}
    known = elsewhere | {"experiences": experiences}
    rules = {}
    for id, rule in running.rules.rules.items():
        name = f"Rule {id!r}"
        mechanics = rule["scope"].get("mechanics") or []
        is_elsewhere = mechanics and all(mechanic in _ELSEWHERE for mechanic in mechanics)
        scope = _keep_names(rule["scope"], elsewhere if is_elsewhere else known, name, notes)
        budget = rule["budget"]
        if scope is not None and budget and budget not in campaigns:
            notes.append(f"{name} is left out: its budget is of {budget!r}, which is over.")
            continue
        if scope is not None:
            # A campaign that has no budget any more limits nothing.
            limited = budget and campaigns[budget].get("budget") is not None
            rules[id] = rule | {"scope": scope, "budget": budget if limited else ""}
    living = msgspec.structs.replace(
        running,
        experiences=experiences,
        rules=msgspec.structs.replace(running.rules, rules=rules),
    )
    return Living(living, notes)


def _keep_names(terms: Terms, known: dict[str, Container[str]], name: str, notes: list[str]) -> Terms | None:
    """The terms with the names that are known; None where a dimension lost them all."""
    alive = dict(terms)
    for dimension, values in known.items():
        listed = terms.get(dimension) or []
        alive[dimension] = [value for value in listed if value in values]
        dead = _tell(value for value in listed if value not in values)
        if listed and not alive[dimension]:
            notes.append(f"{name} is left out: of its {dimension} none is there any more ({dead}).")
            return None
        if dead:
            notes.append(f"{name} is without {dead} of its {dimension}, no more to be had.")
    return alive if any(terms.get(dimension) for dimension in known) else dict(terms)


def _keep_keys(values: dict[str, Any], known: Container[str] | None) -> dict[str, Any]:
    return {key: value for key, value in values.items() if known is None or key in known}


def _tell(ids: Iterable[str]) -> str:
    told = [repr(id) for id in ids]
    return ", ".join(told[:5]) + (", …" if len(told) > 5 else "")

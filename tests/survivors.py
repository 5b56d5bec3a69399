"""What became of the mutants: the changes that `make mutants` made to the code, one at a time.

    mutmut run && python -m tests.survivors

A mutant that no test notices has survived. Each is shown with what was changed, and with a verdict where
somebody looked at it; fewer than ``FLOOR`` killed fail.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = Path("mutants")
FLOOR: Final = 85.0
"""Per cent of the mutants that are killed at least."""

SURVIVED: Final = 0
"""The exit code of tests that found nothing wrong."""

VERDICTS: Final = {
    "auction.reserve >= 0 and not auction.reserve_met": "the same: without a reserve, it is met",
    "auction.reserve > 1 and not auction.reserve_met": "the same: any bid meets a reserve of 1",
    "check_bidder(None, auction, member, counts=True)": "the same: whoever leads is not asked for its wins",
    'configure("expiry", None)': "the same: every program sets its own",
    'configure("expiry", 1)': "the same: every program sets its own",
    "lots = None": "the same, by the longer way",
    "check_bidder(program, auction, member, counts=None)": "the same: None is no more than False",
    "lots[0].points <= amount": "the same: the longer way finds that it is enough",
    "price if price > reserve or highest < reserve": "the same: the price is the reserve then",
    "if paid >= held": "the same: the hold grows by nothing",
    "admit(None, auction, member)": "seen only by who is in more auctions than are followed",
    'mixes_expiries = spending_order != "XXexpiryXX"': "the same, by the longer way",
    'mixes_expiries = spending_order != "EXPIRY"': "the same, by the longer way",
    "member = None": "the same, by the longer way",
    "or at > auction.ends_at": "the same: ``find_open`` looks again",
    "rank, mode, taken = -2": "the same: no group has that rank either",
    'taken = -1, "XXXX"': "the same: the first rule sets it",
    "best_price: Price = (1, 0)": "the same: it is set with ``best``",
    "best_price: Price = (0, 1)": "the same: it is set with ``best``",
    'elif taken and mode == "XXfirstXX"': "the same: it only spares a look at obstacles",
    'elif taken and mode == "FIRST"': "the same: it only spares a look at obstacles",
    "(2 << len(rules.rules)) - 1": "the same: no rule has that bit",
    "auction.price <= auction.reserve <= auction.leader_maximum": "the same: the price is set to what it is",
}
"""Survivors that somebody looked at, by a part of the changed line."""

WORDS: Final = re.compile(r'(Rejection\(|message|f?"[^"]*[ .][^"]*")')
"""A line with words for people: tests ask for codes and details, and only now and then for words."""


def outcomes(folder: Path) -> dict[str, int]:
    """The exit code of the tests by mutant; those that were not tried are left out."""
    found: dict[str, int] = {}
    for path in sorted(folder.rglob("*.meta")):
        codes: Mapping[str, int | None] = json.loads(path.read_text())["exit_code_by_key"]
        found |= {name: code for name, code in codes.items() if code is not None}
    return found


def verdict_on(change: str) -> str:
    """What is known of a mutant by the lines that it changed."""
    added = [line for line in change.splitlines() if line.startswith("+") and not line.startswith("+++")]
    for part, words in VERDICTS.items():
        if any(part in line for line in added):
            return words
    return "words for people" if added and all(WORDS.search(line) for line in added) else "LOOK AT IT"


def report(codes: Mapping[str, int], changes: Mapping[str, str]) -> Iterator[str]:
    """A line about each survivor, and one about all."""
    survivors = [name for name, code in codes.items() if code == SURVIVED]
    for name in survivors:
        change = changes.get(name, "")
        lines = [line for line in change.splitlines() if re.match(r"[-+](?![-+])", line)]
        yield f"{name}: {verdict_on(change)}"
        yield from (f"    {line}" for line in lines)
    share = f"{killed(codes):.1f} % (at least {FLOOR:g} %)"
    yield f"{len(codes) - len(survivors)} of {len(codes)} mutants killed: {share}"


def killed(codes: Mapping[str, int]) -> float:
    """Per cent."""
    return 100 * sum(code != SURVIVED for code in codes.values()) / len(codes) if codes else 0.0


def show(name: str) -> str:
    """What a mutant changed, as mutmut shows it."""
    command = [str(Path(sys.executable).with_name("mutmut")), "show", name]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    tried = outcomes(FOLDER)
    survived = {name: show(name) for name, code in tried.items() if code == SURVIVED}
    print("\n".join(report(tried, survived)))  # noqa: T201
    sys.exit(killed(tried) < FLOOR)

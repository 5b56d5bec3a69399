"""Records the golden of the level that the code on the path knows: logs and snapshots, as a vault holds them.

    make golden                                 # of this code, into tests/golden
    git worktree add --detach /tmp/old COMMIT   # of an older one, with its own code and walks
    cd /tmp/old && PYTHONPATH=/tmp/old python /path/to/tests/golden/recording.py FOLDER

A golden is recorded once, when its level is released, and never again: what it holds is what that release
decided. So this file uses only what every level's code has, and runs in its tree. The file is a ``tar.xz`` of
one folder a log: ``archive/`` and ``snapshots/`` of a vault, and ``digests.json``: the running digest after
every entry of which there is a snapshot and after the last, and the state's digest there.
"""

import importlib
import io
import json
import lzma
import sys
import tarfile
import tempfile
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, get_args

from engine import commands as c
from engine.errors import Rejected
from engine.log.contract import Entry
from engine.machine import apply_entry, decode_batch, start
from engine.snapshot import payload_hash, write_snapshot
from engine.units import DAY, HOUR
from engine.vault import Vault
from tests.engine.harness import MIDNIGHT, ORIGIN, encode_batch, envelope

WALKS = (
    ("format_walks", "FormatWalk"),
    ("raffle_walks", "RaffleWalk"),
    ("reward_walks", "RewardWalk"),
    ("walks", "Walk"),
)
"""Modules beside tests/engine/walks.py, and the walk in each; a level has those that its code has."""

STEPS = 250
SEEDS = 60
"""Walks that are tried of each kind; a few are kept that have every command that was accepted on any."""

SNAPSHOTS = 1
"""Kept of each log, at equal distances."""

Log = list[tuple[int, int, bytes]]
"""Milliseconds, sequence and payload of each entry."""


def record(folder: Path) -> Path:
    """Records the golden of this code's level into ``folder``; returns the file.

    Raises ``SystemExit`` where there is one, and where a command was accepted in none of its logs.
    """
    target = folder / f"level-{c.LEVEL}.tar.xz"
    if target.exists():
        raise SystemExit(f"{target} was recorded before. Take it away first, if nobody runs that level yet.")
    tried = {"seldom": walk_seldom_ways()}
    for module, name in WALKS:
        for seed in range(SEEDS):
            tried[f"{module}-{seed}"] = walk(module, name, seed)
    news = {name: accepted_in(entries) for name, entries in tried.items()}
    logs = cover(news)
    accepted = set().union(*news.values())
    missing = {command.__name__ for command in get_args(c.AnyCommand)} - accepted
    if c.LEVEL == 1:
        # There was nothing to raise it to.
        missing -= {"RaiseLevel"}
    if missing:
        raise SystemExit(f"accepted in no log: {', '.join(sorted(missing))}")
    with tempfile.TemporaryDirectory() as place:
        for name in logs:
            write_log(Path(place) / name, tried[name])
        pack(Path(place), target)
    return target


def walk(module: str, name: str, seed: int) -> Log:
    """The entries of one random walk; none where this code has no such walk."""
    try:
        kind = getattr(importlib.import_module(f"tests.engine.{module}"), name)
    except ModuleNotFoundError:
        return []
    walked = kind(Random(seed))
    for _ in range(STEPS):
        walked.step()
    walked.finish()
    return list(walked.stage.entries)


def cover(news: dict[str, set[str]]) -> list[str]:
    """A few logs that have all the commands that all of them have: the one with most first, and so on."""
    chosen: list[str] = []
    left = set().union(*news.values())
    while left:
        chosen.append(max(news, key=lambda name: len(news[name] & left)))
        left -= news[chosen[-1]]
    return chosen


def accepted_in(entries: Log) -> set[str]:
    """The names of the commands that were accepted somewhere in a log."""
    names: set[str] = set()
    program: Any = None
    for entry in entries:
        batch = decode_batch(entry[2])
        program = program or start(batch)
        outcomes = apply_entry(program, *entry).outcomes
        names |= {
            type(sent.command).__name__
            for sent, outcome in zip(batch.commands, outcomes, strict=False)
            if not isinstance(outcome, Rejected)
        }
    return names


class Seldom:
    """A log of what no walk does: levels raised on the way, campaigns ended, rules published by two."""

    def __init__(self) -> None:
        self.entries: Log = []
        self.program: Any = None
        self.at = MIDNIGHT
        self._add(0, 1, encode_batch([envelope(c.Genesis("golden"))], 0, 0, bytes(16)))

    def ask(self, name: str, *given: Any, actor: str = "maria") -> None:
        """Asks for a command by its name, where this level's code has it."""
        command = getattr(c, name, None)
        if command is not None:
            number = len(self.entries)
            payload = encode_batch([envelope(command(*given), actor, c.MANAGER)], self.at, number, ORIGIN)
            self._add(self.at, number, payload)
            self.at += 1_000

    def _add(self, milliseconds: int, sequence: int, payload: bytes) -> None:
        self.program = self.program or start(decode_batch(payload))
        self.entries.append((milliseconds, sequence, payload))
        apply_entry(self.program, milliseconds, sequence, payload)


def walk_seldom_ways() -> Log:
    """One log through the commands that have no dice."""
    log = Seldom()
    log.ask("UpsertMember", "anna", "gold", "north", ("vip",))
    log.ask("CreditPoints", "anna", 10_000)
    # Refused below their level, as long as it is not raised.
    if hasattr(c, "PutCampaign"):
        log.ask("PutCampaign", "early", c.CampaignTerms())
    for level in range(1, c.LEVEL + 1):
        log.ask("RaiseLevel", level)
        if hasattr(c, "PutCampaign"):
            _ask_of_campaigns(log, f"level{level}")
    log.ask("RaiseLevel", 1)
    terms = c.AuctionTerms("A thing", 500, log.at, log.at + HOUR)
    log.ask("CreateAuction", "a", terms)
    log.ask("UpdateAuction", "a", c.AuctionTerms("A thing", 700, log.at, log.at + HOUR, 0, False, 2_000))
    log.ask("OpenAuction", "a")
    log.ask("BuyNow", "a", 2_000, actor="anna")
    log.ask("CreateAuction", "b", c.AuctionTerms("A thing", 500, log.at, log.at + HOUR, 2_000))
    log.ask("OpenAuction", "b")
    log.ask("PlaceBid", "b", 600, actor="anna")
    log.at += HOUR
    log.ask("OfferSecondChance", "b")
    log.ask("DeclineSecondChance", "b", actor="anna")
    log.at += 2 * DAY
    log.ask("Tick")
    log.ask("EndEpoch")
    return log.entries


def _ask_of_campaigns(log: Seldom, name: str) -> None:
    log.ask("Configure", c.ProgramSettings(needs_approval=True))
    log.ask(
        "PutCampaign", name, c.CampaignTerms(starts_at=0, schedule="daily", windows=((0, log.at + HOUR),))
    )
    log.ask("ScheduleCampaign", name)
    log.ask("PauseCampaign", name, "rain")
    log.ask("ResumeCampaign", name)
    log.ask("ExtendSchedule", name, "daily", ((0, log.at + DAY),), log.at + DAY)
    log.ask("EndCampaign", name, "over")
    log.ask("ArchiveCampaign", name)
    log.ask("PutExperience", name, c.ExperienceTerms("dining", 100))
    log.ask("RemoveExperience", name)
    log.ask("BeginDraft", name)
    log.ask("DropDraft", name)
    log.ask("BeginDraft", name)
    log.ask("PublishRules", name, 1, "why")
    log.ask("ApproveRules", name, 1, actor="olga")
    if hasattr(c, "CreateRaffle"):
        terms = c.RaffleTerms({}, (c.Prize("car"),), 10, log.at, log.at + HOUR)
        log.ask("CreateRaffle", name, terms)
        log.ask("VoidRaffle", name, "rain")


def write_log(folder: Path, entries: Log) -> None:
    """Writes one log as a vault with its snapshots, and the digests."""
    vault = Vault(folder)
    wanted = {len(entries) * (part + 1) // (SNAPSHOTS + 1) for part in range(SNAPSHOTS)}
    digests: list[dict[str, Any]] = []
    program: Any = None
    for number, entry in enumerate(entries, 1):
        program = program or start(decode_batch(entry[2]))
        apply_entry(program, *entry)
        if number in wanted or number == len(entries):
            if number in wanted:
                write_snapshot(vault, program, payload_hash(entry[2]))
            digests.append(
                {
                    "entries": number,
                    "position": str(program.position),
                    "running": program.digest.hex(),
                    "state": program.state_digest().hex(),
                }
            )
    vault.write_archive(1, [Entry(entry[:2], entry[2]) for entry in entries])
    (folder / "digests.json").write_text(json.dumps(digests, indent=1))


def pack(folder: Path, target: Path) -> None:
    """All files below ``folder`` in one archive, the same bytes whenever it is made."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                described = tarfile.TarInfo(path.relative_to(folder).as_posix())
                described.size = path.stat().st_size
                archive.addfile(described, io.BytesIO(path.read_bytes()))
    target.write_bytes(lzma.compress(plain.getvalue(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    written = record(Path(sys.argv[1]))
    size, digest = written.stat().st_size, sha256(written.read_bytes()).hexdigest()
    print(f"{written}: {size} bytes, {digest}")  # noqa: T201

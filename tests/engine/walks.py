"""Random walks through a program, beside the naive model, checked after every command.

A ``Walk`` draws everything from the ``random`` that it is given: one of hypothesis, which shrinks, or one
with a seed. Run as a program with a seed, it prints the digests of that walk, for comparison between
processes.
"""

import sys
from random import Random

import msgspec

from engine import commands as c
from engine.errors import Rejected
from engine.machine import Outcome, apply_entry
from engine.program import Program
from engine.simulator.auditor.model import Model
from engine.simulator.pictures import picture_of
from engine.simulator.workload.auctions import AuctionWorkload, role_of
from engine.units import DAY, HOUR, MINUTE, NEVER, SECOND
from tests.engine.harness import Stage, copy_of, encode_batch, envelope, replay

PAUSES = {0: 30, 1: 5, SECOND: 5, MINUTE: 10, 2 * MINUTE: 3, 4 * MINUTE: 2, 10 * MINUTE: 1, HOUR: 0.3}
"""How long until the next entry, in ms, and how often."""


class Walk(AuctionWorkload):
    """A program, the model of it, and the way that led there."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.stage = Stage(self.settings())
        self.model = Model(self.stage.program.settings)
        self.sent: list[tuple[c.Envelope, Outcome]] = []
        self.snapshots: list[tuple[int, list[bytes]]] = []
        for command in self.first_commands():
            self._send(command, "")

    @property
    def at(self) -> int:
        return self.stage.at

    # What happens.

    def step(self) -> None:
        """One entry: a few commands at some later time, or a copy of an earlier command."""
        random = self.random
        self.stage.wait(self.pause())
        if random.random() < 0.03:
            self.snapshots.append((len(self.stage.entries), list(self.stage.program.encode())))
        if random.random() < 0.05:
            self.stage.program = copy_of(self.stage.program)
        if self.sent and random.random() < 0.08:
            self._repeat(*random.choice(self.sent[-9:]))
        elif random.random() < 0.1:
            self._send_together()
        else:
            command, actor = self.next_command()
            self._send(command, actor, keyed=random.random() < 0.3)

    def pause(self) -> int:
        """How long until the next entry, in ms."""
        return int(self.random.choices([*PAUSES], [*PAUSES.values()])[0])

    def finish(self) -> None:
        """Lets every auction end, when nothing may be held any more; plays the way again, from everywhere."""
        for auction in [*self.model.auctions.values()]:
            if auction.status == "paused":
                self._send(c.ResumeAuction(auction.id), "boss")
        self.stage.wait(30 * DAY)
        self._compare()
        assert not any(member.held for member in self.stage.program.members)
        entries, state = self.stage.entries, list(self.stage.program.encode())
        assert list(replay(entries).encode()) == state
        for position, sections in self.snapshots:
            program = Program.decode(sections)
            for entry in entries[position:]:
                apply_entry(program, *entry)
            assert list(program.encode()) == state

    # Sending.

    def _send(self, command: c.Command, actor: str, *, keyed: bool = False) -> None:
        stage, model = self.stage, self.model
        model.pass_time(stage.at)
        reasons = model.reasons(command, actor)
        twin = copy_of(stage.program) if reasons and not keyed else None
        key = f"k{len(self.sent)}" if keyed else ""
        role = role_of(command, len(stage.entries))
        sent = envelope(command, actor, role, key=key, not_after=stage.at + 10 * MINUTE)
        outcome = stage.send(sent)[0]
        self._judge(command, actor, reasons, outcome)
        self._note(sent, outcome)
        if keyed:
            self.sent.append((sent, outcome))
        if twin is not None:
            self._expect_only_time(twin)
        self._compare()

    def _send_together(self) -> None:
        """Several commands in one batch."""
        together = [self.next_command() for _ in range(self.random.randrange(2, 5))]
        sent = [envelope(one, actor, role_of(one, number)) for number, (one, actor) in enumerate(together)]
        for one, outcome in zip(sent, self.stage.send(*sent), strict=True):
            self.model.pass_time(self.stage.at)
            self._judge(one.command, one.actor, self.model.reasons(one.command, one.actor), outcome)
            self._note(one, outcome)
        self._compare()

    def _repeat(self, sent: c.Envelope, first: Outcome) -> None:
        """The same once more: the first outcome, and nothing happens."""
        outcome = self.stage.send(sent)[0]
        late = isinstance(outcome, Rejected) and outcome.code == "expired" and self.stage.at > sent.not_after
        assert late or msgspec.to_builtins(outcome) == msgspec.to_builtins(first)
        behind = self.stage.program.agenda.next_at <= self.stage.at
        assert late or behind or self.stage.at < sent.not_after + SECOND
        self._compare()

    def _judge(self, command: c.Command, actor: str, reasons: set[str], outcome: Outcome) -> None:
        if isinstance(outcome, Rejected):
            assert outcome.code in reasons, (command, actor, outcome, reasons)
        else:
            assert not reasons, (command, actor, outcome, reasons)
            self.model.do(command, actor)

    def _note(self, sent: c.Envelope, outcome: Outcome) -> None:
        if not isinstance(outcome, Rejected):
            self.model.note(sent, outcome)

    def _expect_only_time(self, twin: Program) -> None:
        """A refused command has done what a tick would have done at that instant, and nothing else; or, where
        one tick is not enough, what ticks do next."""
        milliseconds, sequence, _ = self.stage.entries[-1]
        tick = encode_batch([envelope(c.Tick())], milliseconds, self.stage.number, self.stage.last.origin)
        apply_entry(twin, milliseconds, sequence, tick)
        if twin.agenda.next_at <= milliseconds:
            return
        twin.digest = self.stage.program.digest
        assert twin.state_digest() == self.stage.program.state_digest(), self.stage.last.outcomes

    def _compare(self) -> None:
        if self.stage.program.agenda.next_at <= self.stage.at:
            self.stage.tick()
        self.model.pass_time(self.stage.at)
        ours, expected = picture_of(self.stage.program), self.model.picture()
        different = [(key, ours.get(key), expected.get(key)) for key in ours | expected]
        different = [(key, our, other) for key, our, other in different if our != other]
        assert not different, f"{different} after {self.stage.last.outcomes}"
        expiries = self.stage.program.ledger.expiries
        for member in self.stage.program.members:
            for lot in member.lots:
                assert lot.expires_at == NEVER or member.id in expiries[lot.expires_at], "it will not expire"


def main(walk: type[Walk]) -> None:
    """Prints the digests at the end of a walk whose seed is the program's argument."""
    walked = walk(Random(int(sys.argv[1])))
    for _ in range(100):
        walked.step()
    print(walked.stage.program.digest.hex(), walked.stage.program.state_digest().hex())  # noqa: T201


if __name__ == "__main__":
    main(Walk)

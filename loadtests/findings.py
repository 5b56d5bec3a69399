"""What a verification looks at, and what it finds."""

import msgspec

from loadtests.result import Check

SHOWN = 20
"""How many findings are told in full."""


class HistoryBid(msgspec.Struct, frozen=True):
    """A bid as an auction's history shows it, at ``at`` ms; ``fate`` is "standing" unless it was taken out,
    replaced by its own member, or left a clock."""

    number: int
    bidder: int
    price: int
    fate: str = "standing"
    at: int = 0


class Verification(msgspec.Struct):
    """What was compared, and what is wrong. ``findings`` tells the first ``SHOWN`` of ``wrong`` in words.

    ``secret`` are bids of auctions that have not ended, whose history nobody is shown: of those only the
    members' own maxima were compared.
    """

    acknowledged: int = 0
    auctions: int = 0
    members: int = 0
    wrong: int = 0
    findings: list[str] = []
    sales: int = 0
    secret: int = 0

    @property
    def held(self) -> bool:
        """Whether everything is as it was acknowledged."""
        return self.wrong == 0

    def report(self, words: str) -> None:
        """Adds a finding."""
        self.wrong += 1
        if len(self.findings) < SHOWN:
            self.findings.append(words)


def conclude(name: str, checked: int, verification: Verification) -> Check:
    """What a verification found, as a result has it."""
    findings = list(verification.findings)
    if verification.wrong > len(findings):
        findings.append(f"… and {verification.wrong - len(findings)} more")
    return Check(name, checked, findings)

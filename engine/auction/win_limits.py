"""Limits of wins: how many auctions of a campaign one member may win.

A current lead counts like a win, so that nobody wins more by leading everywhere at once. Campaigns are opaque
ids.
"""

from engine.errors import Rejection


class WinLimits:
    """Wins and leads by campaign and member; campaigns without a limit are counted too, since one may be set
    later."""

    __slots__ = ("counts", "limits")

    def __init__(self, counts: dict[str, dict[str, int]] | None = None) -> None:
        self.counts: dict[str, dict[str, int]] = counts if counts is not None else {}
        self.limits: dict[str, int] = {}

    def may_win(self, campaign: str, member: str) -> bool:
        """Whether the member may take another lead."""
        limit = self.limits.get(campaign) if campaign else None
        return limit is None or self.counts.get(campaign, {}).get(member, 0) < limit

    def check(self, campaign: str, member: str) -> None:
        """Raises ``Rejection("win_limit_reached")``."""
        if not self.may_win(campaign, member):
            raise Rejection(
                "win_limit_reached",
                f"A member may lead or win at most {self.limits[campaign]} auctions of this campaign.",
                campaign=campaign,
                limit=self.limits[campaign],
            )

    def pass_lead(self, campaign: str, previous: str, member: str) -> None:
        """The lead went from ``previous`` (empty: nobody) to ``member``."""
        if previous:
            self.count(campaign, previous, -1)
        self.count(campaign, member, 1)

    def count(self, campaign: str, member: str, change: int) -> None:
        """Adds 1 for a lead that was taken, −1 for one that was lost or a win that was refunded."""
        if not campaign:
            return
        counts = self.counts.setdefault(campaign, {})
        number = counts.get(member, 0) + change
        if number:
            counts[member] = number
        else:
            del counts[member]
            if not counts:
                del self.counts[campaign]

"""What an accepted command answers, one struct a kind of answer. Clients receive them as JSON objects.

Fields are only added, at the end, with defaults. Amounts are points, times milliseconds since the epoch.
"""

import msgspec


class Result(msgspec.Struct, frozen=True, gc=False):
    """The base of all results."""


class Ticked(Result, frozen=True):
    """A tick was applied; ``due`` says that work is left for another."""

    due: bool


class ProgramSet(Result, frozen=True):
    """The program's level after the command."""

    level: int


class MemberSet(Result, frozen=True):
    """The member that was made known or changed."""

    member: str


class PointsSet(Result, frozen=True):
    """A member's points after the command."""

    member: str
    available: int
    held: int


class AuctionSet(Result, frozen=True):
    """An auction's status and end after the command."""

    auction: str
    status: str
    ends_at: int


class BidVoided(Result, frozen=True):
    """Price and leader (a bidder's number, 0 for none) after a bid was voided."""

    auction: str
    price: int
    leader: int


class BidTaken(Result, frozen=True):
    """A bid that stands.

    ``number`` is the bid's, from 1; ``bidder`` the member's pseudonym in this auction. ``leading`` is false
    when another member's automatic bid answered at once. ``minimum`` is the least maximum that another bid
    needs now.
    """

    auction: str
    number: int
    bidder: int
    leading: bool
    price: int
    maximum: int
    minimum: int
    ends_at: int
    reserve_met: bool


class Purchased(Result, frozen=True):
    """The member has won: the hammer price, and what it paid."""

    auction: str
    price: int
    paid: int


class OfferMade(Result, frozen=True):
    """A second-chance offer to the bidder with this number."""

    auction: str
    bidder: int
    price: int
    lapses_at: int


class OfferDeclined(Result, frozen=True):
    """The member declined."""

    auction: str


class Refunded(Result, frozen=True):
    """The winner got ``amount`` points back."""

    auction: str
    amount: int


class ExperienceSet(Result, frozen=True):
    """The experience that was put or removed."""

    experience: str


class CampaignSet(Result, frozen=True):
    """A campaign's status after the command."""

    campaign: str
    status: str


class DraftSet(Result, frozen=True):
    """A draft after the command: its version, and how many rules it has."""

    draft: str
    version: int
    rules: int


class RulesSet(Result, frozen=True):
    """The revision that runs after the command; ``awaiting`` names the draft where another manager must
    approve it first."""

    revision: int
    awaiting: str = ""


class RuleSetTo(Result, frozen=True):
    """A rule's number before and after the command, and the revision that it runs in."""

    rule: str
    before: int
    after: int
    revision: int


class Redeemed(Result, frozen=True):
    """A redemption after the command.

    ``points`` and ``cash`` (minor units of ``currency``) are its price. Where its status is awaiting_payment,
    the cash must be reported as paid until ``pays_until`` (ms). ``cash_refunded`` of it is to be given back,
    or was, by whoever took it: a cancelled one that was paid says all of it here.
    """

    redemption: str
    status: str
    points: int
    cash: int
    currency: str
    pays_until: int
    cash_refunded: int = 0


class RedemptionRefunded(Result, frozen=True):
    """What this refund gave back, and the redemption's status after it."""

    redemption: str
    status: str
    points: int
    cash: int

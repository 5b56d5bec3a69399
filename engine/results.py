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


class BidTaken(Result, frozen=True, omit_defaults=True):
    """A bid that stands.

    ``number`` is the bid's, from 1; ``bidder`` the member's pseudonym in this auction. ``leading`` is false
    when another member's automatic bid answered at once. ``minimum`` is the least maximum that another bid
    needs now. ``quantity`` (1 where it is left out) are the pieces asked for, ``paid`` (0 where it is left
    out) what a Dutch auction has taken. Of a sealed bid ``number`` counts the member's own, and nothing is
    told that others' bids could change.
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
    quantity: int = 1
    paid: int = 0


class AuctionLeft(Result, frozen=True):
    """The member is out of an ascending clock; ``price`` is what it showed."""

    auction: str
    price: int


class Purchased(Result, frozen=True):
    """The member has won: the hammer price, and what it paid."""

    auction: str
    price: int
    paid: int


class OfferMade(Result, frozen=True, omit_defaults=True):
    """A second-chance offer to the bidder with this number; ``price`` is for one of ``quantity`` pieces (1
    where it is left out)."""

    auction: str
    bidder: int
    price: int
    lapses_at: int
    quantity: int = 1


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


class RaffleSet(Result, frozen=True):
    """A raffle after the command: its status, and when it closes."""

    raffle: str
    status: str
    closes_at: int


class Entered(Result, frozen=True):
    """An entry: its number (from 0), its first and last ticket, the ``points`` that it cost, and how many
    tickets its member has now. ``entrant`` is the member's pseudonym in this raffle."""

    raffle: str
    entry: int
    first: int
    last: int
    points: int
    tickets: int
    entrant: str


class PrizeAnswered(Result, frozen=True):
    """What the winner, or staff, made of the prize of ``place``."""

    raffle: str
    place: int
    prize: str
    fate: str


class DrawKeySet(Result, frozen=True):
    """The public key that locks are signed with (Ed25519, hex)."""

    key: str


class LockSet(Result, frozen=True):
    """A lock that was signed or stamped."""

    raffle: str
    number: int

"""What a question about the catalogue, redemptions or campaigns answers. See engine/answers.py."""

import msgspec

from engine.commands import CampaignTerms, ExperienceTerms


class PriceView(msgspec.Struct, frozen=True):
    """A price: ``points``, and ``cash`` in minor units of ``currency``, which has ``exponent`` decimals;
    ``tax`` is the part of the cash that is tax."""

    points: int
    cash: int
    currency: str
    exponent: int
    tax: int


class StepView(msgspec.Struct, frozen=True):
    """A rule that applied: the part of the price that it concerns, before and after; in a quote and an offer
    its title."""

    rule: str
    part: str
    before: int
    after: int
    title: str = ""


class OfferView(msgspec.Struct, frozen=True):
    """An experience as one member sees it, with its price now.

    ``price`` is None where the market has no conversion rate for the cash part. ``locked``: for the tiers
    ``unlocked_by`` alone. ``left``: pieces in the member's market, None without limit. A member may have
    ``limit`` of it (0: any number) and has ``had`` so many. It pays between ``least`` and ``greatest`` basis
    points of the price in points; ``price`` is at the greatest, and so is ``split``, what it would be without
    price rules; ``steps`` are those that applied. ``open_until`` 0: for good.
    """

    experience: str
    kind: str
    titles: dict[str, str]
    texts: dict[str, str]
    base: int
    price: PriceView | None
    locked: bool
    unlocked_by: tuple[str, ...]
    left: int | None
    limit: int
    had: int
    fulfilment: str
    least: int
    greatest: int
    open_until: int
    split: PriceView | None = None
    steps: list[StepView] = []


class CataloguePage(msgspec.Struct, frozen=True):
    """What a member sees, in the order of the catalogue. ``next`` is the cursor of the page after, empty at
    the end. Of a campaign: what stands on its shelf now, until ``turns_at`` (0: for good)."""

    offers: list[OfferView]
    next: str
    shelf: str = ""
    titles: dict[str, str] = {}
    turns_at: int = 0


class ExperienceRecord(msgspec.Struct, frozen=True):
    """An experience as staff sees it: its terms, and how many were taken."""

    experience: str
    terms: ExperienceTerms
    taken: int
    taken_by_market: dict[str, int]


class ExperiencePage(msgspec.Struct, frozen=True):
    """Experiences in the order of the catalogue; ``next`` is the cursor of the page after, empty at the
    end."""

    experiences: list[ExperienceRecord]
    next: str


class RedemptionView(msgspec.Struct, frozen=True):
    """A redemption: what it cost and why, and what became of it. ``refunded`` are points, ``cash_refunded``
    minor units that are to be given back, or were, by whoever took them. ``titles`` are the experience's,
    empty once it has left the catalogue."""

    redemption: str
    member: str
    experience: str
    market: str
    channel: str
    status: str
    base: int
    price: PriceView
    steps: list[StepView]
    at: int
    pays_until: int
    refunded: int
    cash_refunded: int
    reference: str
    ended_at: int
    reason: str
    titles: dict[str, str] = {}


class RedemptionList(msgspec.Struct, frozen=True):
    """The redemptions that a member's list still holds, newest first."""

    member: str
    redemptions: list[RedemptionView]


class RedemptionPage(msgspec.Struct, frozen=True):
    """Everybody's redemptions, newest first. ``next`` is the cursor of the page after, empty at the end; a
    page may be short of its limit."""

    redemptions: list[RedemptionView]
    next: str


class CampaignRecord(msgspec.Struct, frozen=True):
    """A campaign: its terms, and how it stands. ``left`` of the budget, None without one; ``turns_at`` is the
    next instant at which it comes into force or goes out of it, or its shelf turns (0: none)."""

    campaign: str
    status: str
    in_force: bool
    given: int
    left: int | None
    shelf: str
    turns_at: int
    reason: str
    terms: CampaignTerms


class CampaignList(msgspec.Struct, frozen=True):
    """Campaigns, in the order of their making; ``next`` is the cursor of the page after, empty at the end."""

    campaigns: list[CampaignRecord]
    next: str


class PickView(msgspec.Struct, frozen=True):
    """What stands on a shelf, as somebody would see it. ``unseen`` says why it would not be seen: it is not
    in the ``market``, ``not_yet`` shown, ``over``, hidden from the ``tier``, or ``unknown``; empty where it
    is. ``price`` None: it has none in this market."""

    experience: str
    titles: dict[str, str]
    unseen: str
    locked: bool
    left: int | None
    price: PriceView | None


class ShelfPreview(msgspec.Struct, frozen=True):
    """A campaign's shelf at ``at`` ms as somebody would see it: which one is up (empty: none), and what
    stands on it. It stays so until ``turns_at`` (0: for good). What its schedule comes to is known until
    ``known_until`` (0: all of it)."""

    campaign: str
    at: int
    in_force: bool
    shelf: str
    titles: dict[str, str]
    picks: list[PickView]
    turns_at: int
    known_until: int

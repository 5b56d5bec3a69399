"""Everything that can be asked of a program: one tagged struct a command, and the batch that carries them in
the log.

Shapes here are the log's schema. They are array-like and refuse unknown fields, so a field may only be added
at the end, with a default, and gated by the program's level (design.md §1, 8). Tags are numbers and are never
given away twice. The field ``member`` names on whose behalf a service asks; empty means the actor itself.
"""

from hashlib import sha256
from typing import Final, get_args

import msgspec

from engine.commands.auctions import (
    AcceptSecondChance as AcceptSecondChance,
    AuctionTerms as AuctionTerms,
    BuyNow as BuyNow,
    CancelAuction as CancelAuction,
    CreateAuction as CreateAuction,
    DeclineSecondChance as DeclineSecondChance,
    Eligibility as Eligibility,
    ExtendAuction as ExtendAuction,
    IncrementStep as IncrementStep,
    LowerReserve as LowerReserve,
    OfferSecondChance as OfferSecondChance,
    OpenAuction as OpenAuction,
    PauseAuction as PauseAuction,
    PlaceBid as PlaceBid,
    RefundAuction as RefundAuction,
    ResumeAuction as ResumeAuction,
    ScheduleAuction as ScheduleAuction,
    SoftClose as SoftClose,
    UpdateAuction as UpdateAuction,
    VoidBid as VoidBid,
)
from engine.commands.base import (
    Behalf as Behalf,
    Command as Command,
    Reason as Reason,
    Role as Role,
)
from engine.commands.campaigns import (
    ArchiveCampaign as ArchiveCampaign,
    CampaignTerms as CampaignTerms,
    EndCampaign as EndCampaign,
    ExtendSchedule as ExtendSchedule,
    PauseCampaign as PauseCampaign,
    Peak as Peak,
    PutCampaign as PutCampaign,
    ResumeCampaign as ResumeCampaign,
    Rotation as Rotation,
    ScheduleCampaign as ScheduleCampaign,
    Shelf as Shelf,
)
from engine.commands.formats import (
    SUPPLY_LIMIT as SUPPLY_LIMIT,
    AscendingClock as AscendingClock,
    BidForPieces as BidForPieces,
    CreateFormatAuction as CreateFormatAuction,
    Dutch as Dutch,
    Format as Format,
    LeaveAuction as LeaveAuction,
    LowerSupply as LowerSupply,
    MultiUnit as MultiUnit,
    RefundSale as RefundSale,
    Sealed as Sealed,
    UpdateFormatAuction as UpdateFormatAuction,
)
from engine.commands.prices import (
    CHUNK as CHUNK,
    ApproveRules as ApproveRules,
    BeginDraft as BeginDraft,
    DropDraft as DropDraft,
    PublishRules as PublishRules,
    PutRules as PutRules,
    RollBackRules as RollBackRules,
    TuneRule as TuneRule,
)
from engine.commands.program import (
    AdjustPoints as AdjustPoints,
    Configure as Configure,
    CreditPoints as CreditPoints,
    EndEpoch as EndEpoch,
    Genesis as Genesis,
    MarketMoney as MarketMoney,
    ProgramSettings as ProgramSettings,
    RaiseLevel as RaiseLevel,
    Tick as Tick,
    UpsertMember as UpsertMember,
)
from engine.commands.raffles import (
    Bundle as Bundle,
    BuyTickets as BuyTickets,
    ChangeDrawKey as ChangeDrawKey,
    ClaimPrize as ClaimPrize,
    CommitSecret as CommitSecret,
    CreateRaffle as CreateRaffle,
    DeclinePrize as DeclinePrize,
    Draw as Draw,
    ForfeitPrize as ForfeitPrize,
    GrantTickets as GrantTickets,
    MoveClose as MoveClose,
    OpenRaffle as OpenRaffle,
    Prize as Prize,
    PublishDrawKey as PublishDrawKey,
    RaffleTerms as RaffleTerms,
    ScheduleRaffle as ScheduleRaffle,
    SignLock as SignLock,
    StampLock as StampLock,
    UpdateRaffle as UpdateRaffle,
    VoidRaffle as VoidRaffle,
)
from engine.commands.rewards import (
    CancelRedemption as CancelRedemption,
    ConfirmRedemption as ConfirmRedemption,
    ExperienceTerms as ExperienceTerms,
    Payment as Payment,
    PutExperience as PutExperience,
    Redeem as Redeem,
    RefundRedemption as RefundRedemption,
    RemoveExperience as RemoveExperience,
    ReportPayment as ReportPayment,
    Titles as Titles,
)
from engine.roles import (
    KEEPER as KEEPER,
    MANAGER as MANAGER,
    MEMBER as MEMBER,
    OPERATOR as OPERATOR,
    ROLES as ROLES,
    SERVICE as SERVICE,
)

SCHEMA = 1
"""The number of the batch format."""

LEVEL = 5
"""The highest program level that this code knows."""

AnyCommand = (
    Genesis
    | Tick
    | RaiseLevel
    | Configure
    | EndEpoch
    | UpsertMember
    | CreditPoints
    | AdjustPoints
    | CreateAuction
    | UpdateAuction
    | ScheduleAuction
    | OpenAuction
    | ExtendAuction
    | PauseAuction
    | ResumeAuction
    | LowerReserve
    | VoidBid
    | CancelAuction
    | RefundAuction
    | OfferSecondChance
    | PlaceBid
    | BuyNow
    | AcceptSecondChance
    | DeclineSecondChance
    | PutExperience
    | RemoveExperience
    | Redeem
    | ReportPayment
    | ConfirmRedemption
    | CancelRedemption
    | RefundRedemption
    | PutCampaign
    | ScheduleCampaign
    | PauseCampaign
    | ResumeCampaign
    | EndCampaign
    | ArchiveCampaign
    | ExtendSchedule
    | BeginDraft
    | PutRules
    | PublishRules
    | ApproveRules
    | DropDraft
    | RollBackRules
    | TuneRule
    | CreateRaffle
    | UpdateRaffle
    | ScheduleRaffle
    | OpenRaffle
    | MoveClose
    | VoidRaffle
    | GrantTickets
    | BuyTickets
    | ClaimPrize
    | DeclinePrize
    | ForfeitPrize
    | Draw
    | ChangeDrawKey
    | PublishDrawKey
    | CommitSecret
    | SignLock
    | StampLock
    | CreateFormatAuction
    | UpdateFormatAuction
    | LowerSupply
    | RefundSale
    | BidForPieces
    | LeaveAuction
)


RAFFLES_SINCE: Final = 3
"""The level that brought raffles."""

FORMATS_SINCE: Final = 4
"""The level that brought other auction formats than English."""

AUDIT_SINCE: Final = 5
"""The level from which on the program keeps what managers and operators did."""

LEVELS: Final[dict[type, int]] = {
    **{
        command: RAFFLES_SINCE if command.__struct_config__.tag >= 100 else 2
        for command in get_args(AnyCommand)
        if command.__struct_config__.tag >= 60
    },
    **dict.fromkeys(
        (CreateFormatAuction, UpdateFormatAuction, LowerSupply, RefundSale, BidForPieces, LeaveAuction),
        FORMATS_SINCE,
    ),
}
"""The program's level from which on it knows a command; 1 where it is not listed."""

SHAPES: Final[dict[type, int]] = {**LEVELS, Configure: AUDIT_SINCE}
"""The program's level from which on a command may be written as it is shaped here: a process that knows only
the level before would stop at a field that was added since."""


class Envelope(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """A command and who asks.

    ``actor`` is an id within ``role``. ``key`` is the idempotency key (empty only for the keeper),
    ``body_hash`` the hash of the encoded command, ``not_after`` the instant (ms) after which the command must
    not be applied any more.
    """

    actor: str
    role: Role
    key: str
    body_hash: int
    not_after: int
    command: AnyCommand


class Batch(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """One entry of the log.

    ``origin`` is 128 random bits of the writing process, ``number`` counts its batches from 1, ``clock`` is
    the writer's time in ms.
    """

    schema: int
    origin: bytes
    number: int
    clock: int
    commands: list[Envelope]


class EncodedEnvelope(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An ``Envelope`` whose command is encoded already: a writer encodes each command once, to hash it and to
    send it."""

    actor: str
    role: int
    key: str
    body_hash: int
    not_after: int
    command: msgspec.Raw


class EncodedBatch(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A ``Batch`` of ``EncodedEnvelope``: the same bytes."""

    schema: int
    origin: bytes
    number: int
    clock: int
    commands: list[EncodedEnvelope]


def hash_body(body: bytes) -> int:
    """What stands for an encoded command under its key: 64 bits of its SHA-256."""
    return int.from_bytes(sha256(body).digest()[:8], "big")

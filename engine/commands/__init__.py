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
)
from engine.commands.auctions import (
    AuctionTerms as AuctionTerms,
)
from engine.commands.auctions import (
    BuyNow as BuyNow,
)
from engine.commands.auctions import (
    CancelAuction as CancelAuction,
)
from engine.commands.auctions import (
    CreateAuction as CreateAuction,
)
from engine.commands.auctions import (
    DeclineSecondChance as DeclineSecondChance,
)
from engine.commands.auctions import (
    Eligibility as Eligibility,
)
from engine.commands.auctions import (
    ExtendAuction as ExtendAuction,
)
from engine.commands.auctions import (
    IncrementStep as IncrementStep,
)
from engine.commands.auctions import (
    LowerReserve as LowerReserve,
)
from engine.commands.auctions import (
    OfferSecondChance as OfferSecondChance,
)
from engine.commands.auctions import (
    OpenAuction as OpenAuction,
)
from engine.commands.auctions import (
    PauseAuction as PauseAuction,
)
from engine.commands.auctions import (
    PlaceBid as PlaceBid,
)
from engine.commands.auctions import (
    RefundAuction as RefundAuction,
)
from engine.commands.auctions import (
    ResumeAuction as ResumeAuction,
)
from engine.commands.auctions import (
    ScheduleAuction as ScheduleAuction,
)
from engine.commands.auctions import (
    SoftClose as SoftClose,
)
from engine.commands.auctions import (
    UpdateAuction as UpdateAuction,
)
from engine.commands.auctions import (
    VoidBid as VoidBid,
)
from engine.commands.base import (
    KEEPER as KEEPER,
)
from engine.commands.base import (
    MANAGER as MANAGER,
)
from engine.commands.base import (
    MEMBER as MEMBER,
)
from engine.commands.base import (
    OPERATOR as OPERATOR,
)
from engine.commands.base import (
    ROLES as ROLES,
)
from engine.commands.base import (
    SERVICE as SERVICE,
)
from engine.commands.base import (
    Behalf as Behalf,
)
from engine.commands.base import (
    Command as Command,
)
from engine.commands.base import (
    Reason as Reason,
)
from engine.commands.base import (
    Role as Role,
)
from engine.commands.campaigns import (
    ArchiveCampaign as ArchiveCampaign,
)
from engine.commands.campaigns import (
    CampaignTerms as CampaignTerms,
)
from engine.commands.campaigns import (
    EndCampaign as EndCampaign,
)
from engine.commands.campaigns import (
    ExtendSchedule as ExtendSchedule,
)
from engine.commands.campaigns import (
    PauseCampaign as PauseCampaign,
)
from engine.commands.campaigns import (
    Peak as Peak,
)
from engine.commands.campaigns import (
    PutCampaign as PutCampaign,
)
from engine.commands.campaigns import (
    ResumeCampaign as ResumeCampaign,
)
from engine.commands.campaigns import (
    Rotation as Rotation,
)
from engine.commands.campaigns import (
    ScheduleCampaign as ScheduleCampaign,
)
from engine.commands.campaigns import (
    Shelf as Shelf,
)
from engine.commands.prices import (
    CHUNK as CHUNK,
)
from engine.commands.prices import (
    ApproveRules as ApproveRules,
)
from engine.commands.prices import (
    BeginDraft as BeginDraft,
)
from engine.commands.prices import (
    DropDraft as DropDraft,
)
from engine.commands.prices import (
    PublishRules as PublishRules,
)
from engine.commands.prices import (
    PutRules as PutRules,
)
from engine.commands.prices import (
    RollBackRules as RollBackRules,
)
from engine.commands.prices import (
    TuneRule as TuneRule,
)
from engine.commands.program import (
    AdjustPoints as AdjustPoints,
)
from engine.commands.program import (
    Configure as Configure,
)
from engine.commands.program import (
    CreditPoints as CreditPoints,
)
from engine.commands.program import (
    EndEpoch as EndEpoch,
)
from engine.commands.program import (
    Genesis as Genesis,
)
from engine.commands.program import (
    MarketMoney as MarketMoney,
)
from engine.commands.program import (
    ProgramSettings as ProgramSettings,
)
from engine.commands.program import (
    RaiseLevel as RaiseLevel,
)
from engine.commands.program import (
    Tick as Tick,
)
from engine.commands.program import (
    UpsertMember as UpsertMember,
)
from engine.commands.rewards import (
    CancelRedemption as CancelRedemption,
)
from engine.commands.rewards import (
    ConfirmRedemption as ConfirmRedemption,
)
from engine.commands.rewards import (
    ExperienceTerms as ExperienceTerms,
)
from engine.commands.rewards import (
    Payment as Payment,
)
from engine.commands.rewards import (
    PutExperience as PutExperience,
)
from engine.commands.rewards import (
    Redeem as Redeem,
)
from engine.commands.rewards import (
    RefundRedemption as RefundRedemption,
)
from engine.commands.rewards import (
    RemoveExperience as RemoveExperience,
)
from engine.commands.rewards import (
    ReportPayment as ReportPayment,
)
from engine.commands.rewards import (
    Titles as Titles,
)

SCHEMA = 1
"""The number of the batch format."""

LEVEL = 2
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
)


LEVELS: Final[dict[type, int]] = {
    command: 2 for command in get_args(AnyCommand) if command.__struct_config__.tag >= 60
}
"""The program's level from which on a command may be written; 1 where it is not listed."""


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

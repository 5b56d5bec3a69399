"""Who answers which command, and does which of the agenda's duties.

What concerns the log itself (genesis, ticks, levels, epochs) is machine.py's own.
"""

from collections.abc import Callable
from typing import Any, Final

from engine import administration, commands
from engine.agenda import Duty
from engine.auction import (
    bidding,
    changes,
    clearing,
    departures,
    drafting,
    english,
    lifecycle,
    second_chance,
    void,
)
from engine.campaigns import lifecycle as campaigns
from engine.commands import LEVELS
from engine.errors import Rejection
from engine.prices import revisions
from engine.program import Program
from engine.raffles import claims, drawing, lifecycle as raffles, locking, refunds, tickets
from engine.results import Result
from engine.rewards import catalogue, redemption, reversal

Handler = Callable[[Program, Any, str, int], Result]
"""Applies a command of an actor at an instant (ms)."""


def _since(level: int, handler: Handler) -> Handler:
    """The handler of a command that a program of a lower level does not know."""

    def handle(program: Program, command: Any, actor: str, at: int) -> Result:
        if program.level < level:
            raise Rejection(
                "level_too_low",
                f"The program is at level {program.level}; raise it to {level} once every process knows it.",
                level=program.level,
                needed=level,
            )
        return handler(program, command, actor, at)

    return handle


COMMANDS: Final[dict[type, Handler]] = {
    commands.Configure: administration.configure,
    commands.UpsertMember: administration.upsert_member,
    commands.CreditPoints: administration.credit_points,
    commands.AdjustPoints: administration.adjust_points,
    commands.CreateAuction: drafting.create,
    commands.UpdateAuction: drafting.update,
    commands.ScheduleAuction: lifecycle.schedule,
    commands.OpenAuction: lifecycle.open_now,
    commands.ExtendAuction: lifecycle.extend,
    commands.PauseAuction: lifecycle.pause,
    commands.ResumeAuction: lifecycle.resume,
    commands.LowerReserve: changes.lower_reserve,
    commands.VoidBid: void.void_bid,
    commands.CancelAuction: lifecycle.cancel,
    commands.RefundAuction: second_chance.refund,
    commands.OfferSecondChance: second_chance.offer_second_chance,
    commands.PlaceBid: bidding.place_bid,
    commands.BuyNow: english.buy_now,
    commands.AcceptSecondChance: second_chance.accept_second_chance,
    commands.DeclineSecondChance: second_chance.decline_second_chance,
    commands.PutExperience: catalogue.put_experience,
    commands.RemoveExperience: catalogue.remove_experience,
    commands.Redeem: redemption.redeem,
    commands.ReportPayment: redemption.report_payment,
    commands.ConfirmRedemption: redemption.confirm,
    commands.CancelRedemption: redemption.cancel,
    commands.RefundRedemption: redemption.refund,
    commands.PutCampaign: campaigns.put,
    commands.ScheduleCampaign: campaigns.schedule,
    commands.PauseCampaign: campaigns.pause,
    commands.ResumeCampaign: campaigns.resume,
    commands.EndCampaign: campaigns.end,
    commands.ArchiveCampaign: campaigns.archive,
    commands.ExtendSchedule: campaigns.extend_schedule,
    commands.BeginDraft: revisions.begin_draft,
    commands.PutRules: revisions.put_rules,
    commands.PublishRules: revisions.publish,
    commands.ApproveRules: revisions.approve,
    commands.DropDraft: revisions.drop_draft,
    commands.RollBackRules: revisions.roll_back,
    commands.TuneRule: revisions.tune,
    commands.CreateRaffle: raffles.create,
    commands.UpdateRaffle: raffles.update,
    commands.ScheduleRaffle: raffles.schedule,
    commands.OpenRaffle: raffles.open_now,
    commands.MoveClose: raffles.move_close,
    commands.VoidRaffle: raffles.void,
    commands.GrantTickets: tickets.grant,
    commands.BuyTickets: tickets.buy,
    commands.ClaimPrize: claims.claim,
    commands.DeclinePrize: claims.decline,
    commands.ForfeitPrize: claims.forfeit,
    commands.Draw: drawing.draw,
    commands.ChangeDrawKey: locking.change_key,
    commands.PublishDrawKey: locking.publish_key,
    commands.CommitSecret: raffles.commit,
    commands.SignLock: locking.sign,
    commands.StampLock: locking.stamp,
    commands.CreateFormatAuction: drafting.create,
    commands.UpdateFormatAuction: drafting.update,
    commands.LowerSupply: changes.lower_supply,
    commands.RefundSale: second_chance.refund_sale,
    commands.BidForPieces: bidding.bid_for_pieces,
    commands.LeaveAuction: bidding.leave,
}

for _command, _level in LEVELS.items():
    COMMANDS[_command] = _since(_level, COMMANDS[_command])

DUTIES: Final[dict[int, Callable[[Program, str, int], None]]] = {
    Duty.OPEN_AUCTION: lifecycle.do_open,
    Duty.CLOSE_AUCTION: lifecycle.do_close,
    Duty.LAPSE_OFFER: second_chance.do_lapse,
    Duty.FORGET_AUCTION: lifecycle.do_forget,
    Duty.LAPSE_REDEMPTION: reversal.do_lapse,
    Duty.FORGET_REDEMPTION: reversal.do_forget,
    Duty.TURN_CAMPAIGN: campaigns.do_turn,
    Duty.TURN_RULES: revisions.do_turn,
    Duty.TURN_EXPERIENCE: catalogue.do_turn,
    Duty.OPEN_RAFFLE: raffles.do_open,
    Duty.CLOSE_RAFFLE: raffles.do_close,
    Duty.LAPSE_LOCK: raffles.do_close,
    Duty.DRAW_PLACE: drawing.do_draw,
    Duty.LAPSE_CLAIM: claims.do_lapse,
    Duty.REFUND_TICKETS: refunds.do_refund,
    Duty.FORGET_RAFFLE: refunds.do_forget,
    Duty.CLEAR_AUCTION: clearing.do_clear,
    Duty.DROP_OUT: departures.do_drop,
}

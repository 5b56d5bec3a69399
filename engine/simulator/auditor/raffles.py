"""The naive model's raffles, from their making to their close: who has which tickets, and what they cost. See
model.py; draws.py goes on with the lock.

The salt of a raffle follows from the log, which a model does not have: it is told.
"""

import json
from collections import Counter
from functools import partial
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from engine import commands as c
from engine.simulator.auditor.points import Reasons
from engine.simulator.auditor.quotes import naive_quote
from engine.simulator.auditor.raffle import CHAIN, PERIOD, Entry, Place, Raffle
from engine.simulator.auditor.rewards import RewardsModel
from engine.units import MINUTE
from rules.pricing import Terms
from rules.rule import RuleSet
from rules.scope import Cell, Item


class RafflesModel(RewardsModel):
    """Who has which tickets, what was locked and drawn, who may claim."""

    def __init__(self, settings: c.ProgramSettings) -> None:
        super().__init__(settings)
        self.raffles: dict[str, Raffle] = {}
        self.locks: list[dict[str, Any]] = []
        self.told_locks: list[str] | None = None
        self.texts: list[str] = []
        self.key = ""
        self.posted = 0

    def raffles_picture(self) -> dict[str, Any]:
        raffles = {
            f"raffle {one.id}": {
                "status": one.status,
                "closes_at": one.closes_at,
                "round": one.round,
                "entries": [
                    (entry.member, entry.tickets, dict(entry.parts), entry.by, entry.reason)
                    for entry in one.entries
                ],
                "lock": one.lock,
                "places": [
                    (place.member, place.entry, place.ticket, place.fate, place.prize, place.until)
                    for place in one.places
                ],
                "drawn": one.drawn,
            }
            for one in self.raffles.values()
        }
        locks = [(lock["signature"], lock["token"], lock["fate"]) for lock in self.locks]
        return raffles | {"locks": list(zip(self.texts, locks, strict=True)), "draw key": self.key}

    def uses(self, member: str) -> Counter[str]:
        own = super().uses(member)
        for raffle in self.raffles.values():
            if raffle.status != "void":
                for entry in raffle.entries:
                    if entry.member == member:
                        own += entry.uses
        return own

    # Time.

    def pass_raffles_time(self) -> None:
        for raffle in self.raffles.values():
            if raffle.status == "scheduled" and self.at >= raffle.terms.opens_at:
                self.open(raffle)
        for raffle in self.raffles.values():
            if raffle.status == "open" and self.at >= raffle.closes_at:
                raffle.status = "locked"
        due = [one for one in self.raffles.values() if one.status == "locked" and not one.lock]
        if self.told_locks is not None:
            due = [self.raffles[id] for id in self.told_locks if self.raffles[id] in due]
        else:
            due.sort(key=lambda one: (one.closes_at, one.posted))
        for raffle in due:
            self.close_raffle(raffle)
        for raffle in self.raffles.values():
            locked = raffle.status == "locked" and raffle.lock
            unsigned = locked and not self.locks[raffle.lock - 1]["signature"]
            if unsigned and raffle.round and self.at >= raffle.round_at():
                self.void(raffle)
            if raffle.status == "drawn":
                self.lapse(raffle)
        self.do_owed()

    def open(self, raffle: Raffle) -> None:
        if raffle.terms.randomness == "commitment":
            if not raffle.commitment:
                return
        else:
            raffle.round = 1
            while raffle.round_at() < raffle.closes_at + MINUTE:
                raffle.round += (raffle.closes_at + MINUTE - raffle.round_at() + PERIOD - 1) // PERIOD
        raffle.status = "open"
        self.post(raffle)

    def post(self, raffle: Raffle) -> None:
        self.posted += 1
        raffle.posted = self.posted

    def close_raffle(self, raffle: Raffle) -> None:
        beacon = (
            {"chain": CHAIN, "round": raffle.round} if raffle.round else {"commitment": raffle.commitment}
        )
        lock = {
            "algorithm": "livelot-draw-1",
            "beacon": beacon,
            "closed_at": raffle.closes_at,
            "entries": len(raffle.entries),
            "number": len(self.texts) + 1,
            "previous": sha256(self.texts[-1].encode()).hexdigest() if self.texts else "0" * 64,
            "prizes": [{"id": prize.id, "quantity": prize.quantity} for prize in raffle.terms.prizes],
            "raffle": raffle.id,
            "reserves": raffle.terms.reserves,
            "root": raffle.root().hex(),
            "tickets": raffle.tickets(),
        }
        self.texts.append(json.dumps(lock, sort_keys=True, separators=(",", ":")))
        self.locks.append({"signature": "", "token": "", "fate": "locked"})
        raffle.lock = len(self.texts)
        raffle.status = "locked"
        if raffle.round and self.at >= raffle.round_at():
            self.void(raffle)

    def void(self, raffle: Raffle) -> None:
        raffle.status = "void"
        if raffle.lock:
            self.locks[raffle.lock - 1]["fate"] = "void"
        self.owed.append(partial(self.refund_tickets, raffle))

    def refund_tickets(self, raffle: Raffle) -> None:
        for entry in raffle.entries:
            person = self.people[entry.member]
            person.spent -= entry.parts.total()
            self.give_back(person, entry.parts)
            entry.parts = Counter()
            for campaign, share in entry.given.items():
                self.campaigns[campaign].given -= share

    def lapse(self, raffle: Raffle) -> None:
        while due := [one for one in raffle.places if one.fate == "offered" and self.at >= one.until]:
            self.answer_prize(raffle, min(due, key=lambda one: (one.until, one.posted)), "lapsed")

    def answer_prize(self, raffle: Raffle, place: Place, fate: str) -> None:
        place.fate = fate
        if fate != "claimed":
            waiting = [one for one in raffle.places if one.fate == "reserve"]
            if waiting:
                waiting[0].prize = place.prize
                self.offer(raffle, waiting[0])
        self.settle_raffle(raffle)

    def offer(self, raffle: Raffle, place: Place) -> None:
        self.posted += 1
        place.fate, place.until, place.posted = "offered", self.at + raffle.terms.claim_within, self.posted

    def settle_raffle(self, raffle: Raffle) -> None:
        if raffle.status == "drawn" and not any(one.fate == "offered" for one in raffle.places):
            raffle.status = "settled"

    # A raffle's life.

    def in_raffle_status(self, id: str, *statuses: str) -> Reasons:
        yield "unknown_raffle", id not in self.raffles
        if id in self.raffles:
            yield "wrong_raffle_status", self.raffles[id].status not in statuses

    def why_not_terms(self, terms: c.RaffleTerms) -> Reasons:
        yield "invalid_raffle", terms.closes_at <= terms.opens_at
        yield "invalid_raffle", bool(terms.bundles) and terms.price is None

    def why_not_create_raffle(self, command: c.CreateRaffle, actor: str) -> Reasons:
        yield "raffle_exists", command.raffle in self.raffles
        yield from self.why_not_terms(command.terms)

    def create_raffle(self, command: c.CreateRaffle, actor: str) -> None:
        self.raffles[command.raffle] = Raffle(command.raffle, command.terms, command.terms.closes_at)

    def why_not_update_raffle(self, command: c.UpdateRaffle, actor: str) -> Reasons:
        yield from self.in_raffle_status(command.raffle, "draft", "scheduled")
        yield from self.why_not_terms(command.terms)
        if command.raffle in self.raffles and self.raffles[command.raffle].status == "scheduled":
            yield "already_past", command.terms.closes_at <= self.at

    def update_raffle(self, command: c.UpdateRaffle, actor: str) -> None:
        raffle = self.raffles[command.raffle]
        raffle.terms, raffle.closes_at = command.terms, command.terms.closes_at
        if raffle.terms.randomness != "commitment":
            raffle.commitment = ""

    def why_not_start(self, id: str, *statuses: str) -> Reasons:
        yield from self.in_raffle_status(id, *statuses)
        if id in self.raffles:
            yield "already_past", self.raffles[id].closes_at <= self.at

    def why_not_schedule_raffle(self, command: c.ScheduleRaffle, actor: str) -> Reasons:
        yield from self.why_not_start(command.raffle, "draft")

    def schedule_raffle(self, command: c.ScheduleRaffle, actor: str) -> None:
        self.raffles[command.raffle].status = "scheduled"

    def why_not_open_raffle(self, command: c.OpenRaffle, actor: str) -> Reasons:
        yield from self.why_not_start(command.raffle, "draft", "scheduled")

    def open_raffle(self, command: c.OpenRaffle, actor: str) -> None:
        raffle = self.raffles[command.raffle]
        raffle.status = "scheduled"
        opens_at = min(self.at, raffle.terms.opens_at)
        raffle.terms = replace(raffle.terms, opens_at=opens_at)
        self.open(raffle)

    def why_not_move_close(self, command: c.MoveClose, actor: str) -> Reasons:
        yield from self.in_raffle_status(command.raffle, "open")
        yield "already_past", command.closes_at <= self.at
        if command.raffle in self.raffles:
            yield "close_moves_later", command.closes_at >= self.raffles[command.raffle].closes_at

    def move_close(self, command: c.MoveClose, actor: str) -> None:
        self.raffles[command.raffle].closes_at = command.closes_at
        self.post(self.raffles[command.raffle])

    def why_not_commit_secret(self, command: c.CommitSecret, actor: str) -> Reasons:
        yield from self.in_raffle_status(command.raffle, "scheduled")
        if command.raffle in self.raffles:
            raffle = self.raffles[command.raffle]
            yield "already_committed", raffle.terms.randomness != "commitment" or bool(raffle.commitment)

    def commit_secret(self, command: c.CommitSecret, actor: str) -> None:
        raffle = self.raffles[command.raffle]
        raffle.commitment = command.commitment
        if self.at >= raffle.terms.opens_at:
            self.open(raffle)

    def why_not_void_raffle(self, command: c.VoidRaffle, actor: str) -> Reasons:
        yield from self.in_raffle_status(command.raffle, "draft", "scheduled", "open", "locked", "drawn")
        if command.raffle in self.raffles:
            places = self.raffles[command.raffle].places
            yield "already_claimed", any(one.fate == "claimed" for one in places)

    def void_raffle(self, command: c.VoidRaffle, actor: str) -> None:
        if self.raffles[command.raffle].status == "draft":
            del self.raffles[command.raffle]
        else:
            self.void(self.raffles[command.raffle])

    # Tickets.

    def why_not_enter(self, id: str, member: str, tickets: int) -> Reasons:
        yield "unknown_raffle", id not in self.raffles
        yield "unknown_member", member not in self.people
        raffle, person = self.raffles.get(id), self.people.get(member)
        if raffle is not None:
            yield "raffle_not_open", raffle.status in ("draft", "scheduled")
            yield "raffle_closed", raffle.status in ("locked", "drawn", "settled", "void")
        if raffle is None or person is None:
            return
        yield "staff_may_not_enter", person.staff
        wanted = raffle.terms.eligibility or c.Eligibility()
        yield "not_eligible", bool(wanted.tiers) and person.tier not in wanted.tiers
        terms, entries = raffle.terms, raffle.entries
        own = sum(entry.tickets for entry in entries if entry.member == member)
        of_tier = sum(entry.tickets for entry in entries if entry.tier == person.tier)
        each = terms.most_each_by_tier.get(person.tier, terms.most_each)
        caps = ((each, own), (terms.most_by_tier.get(person.tier), of_tier), (terms.most, raffle.tickets()))
        yield "ticket_cap_reached", any(cap is not None and had + tickets > cap for cap, had in caps)

    def why_not_buy_tickets(self, command: c.BuyTickets, actor: str) -> Reasons:
        member = command.member or actor
        if command.raffle not in self.raffles or self.raffles[command.raffle].status == "draft":
            yield "unknown_raffle", True
            return
        yield from self.why_not_enter(command.raffle, member, command.tickets)
        if member not in self.people:
            return
        raffle = self.raffles[command.raffle]
        yield "tickets_not_sold", raffle.terms.price is None
        if raffle.terms.price is not None:
            points, _, _ = self.price_tickets(raffle, member, command.tickets, command.channel)
            yield "price_changed", points > command.most
            yield "insufficient_points", self.short(member, points)

    def buy_tickets(self, command: c.BuyTickets, actor: str) -> None:
        member = command.member or actor
        raffle, person = self.raffles[command.raffle], self.people[member]
        points, given, uses = self.price_tickets(raffle, member, command.tickets, command.channel)
        for campaign, share in given.items():
            self.campaigns[campaign].given += share
        parts = self.spend(person, self.draw(person.lots, points))
        entry = Entry(member, command.tickets, parts, given, uses, person.tier, "", "")
        raffle.entries.append(entry)

    def why_not_grant_tickets(self, command: c.GrantTickets, actor: str) -> Reasons:
        yield from self.why_not_enter(command.raffle, command.member, command.tickets)

    def grant_tickets(self, command: c.GrantTickets, actor: str) -> None:
        tier = self.people[command.member].tier
        entry = Entry(command.member, command.tickets, Counter(), {}, Counter(), tier, actor, command.reason)
        self.raffles[command.raffle].entries.append(entry)

    def price_tickets(
        self, raffle: Raffle, member: str, tickets: int, channel: str
    ) -> tuple[int, dict[str, int], Counter[str]]:
        """One paid ticket after another, each at its own price."""
        paid, left = 0, tickets
        for bundle in sorted(raffle.terms.bundles, key=lambda one: one.tickets, reverse=True):
            while left >= bundle.tickets:
                left -= bundle.tickets
                paid += bundle.pays
        person, price = self.people[member], raffle.terms.price
        assert price is not None
        named = tuple(rule for rule in self.running.rules if "raffle" in rule.scope.mechanics)
        limits = {rule.id: rule.limit for rule in named if rule.limit}
        cell = Cell("raffle", person.tier, person.market, channel, person.segments, self.in_force())
        budgets, had, total = self.budgets(), self.uses(member), 0
        given: Counter[str] = Counter()
        uses: Counter[str] = Counter()
        for _ in range(paid + left):
            spent = {id for id, limit in limits.items() if had[id] + uses[id] >= limit}
            asked = Terms(self.at, {id: rest - given[id] for id, rest in budgets.items()}, spent)
            rules = RuleSet(self.running.groups, named)
            points, _, steps, shares = naive_quote(rules, cell, Item(raffle.id, "raffle", price), asked)
            total += points
            given.update(shares)
            uses.update(rule for rule, *_ in steps if rule in limits)
        return total, dict(+given), +uses

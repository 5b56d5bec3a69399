"""The naive model's locks, draws and prizes: the draw by the words of draw.md, over a list of all tickets.
See raffles.py."""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import Any

from engine import commands as c
from engine.simulator.auditor.points import Reasons
from engine.simulator.auditor.raffle import Place, Raffle
from engine.simulator.auditor.raffles import RafflesModel


class DrawsModel(RafflesModel):
    """What was locked and drawn, and who may claim."""

    def do(self, command: Any, actor: str) -> None:
        # The model draws points out of lots by the name of this command.
        if type(command) is c.Draw:
            self.draw_raffle(command, actor)
        else:
            super().do(command, actor)

    # The lock and the draw.

    def why_not_publish_draw_key(self, command: c.PublishDrawKey, actor: str) -> Reasons:
        yield "draw_key_differs", self.key not in ("", command.public_key)

    def publish_draw_key(self, command: c.PublishDrawKey, actor: str) -> None:
        self.key = command.public_key

    def why_not_change_draw_key(self, command: c.ChangeDrawKey, actor: str) -> Reasons:
        yield from ()

    def change_draw_key(self, command: c.ChangeDrawKey, actor: str) -> None:
        self.key = command.public_key

    def why_not_sign_lock(self, command: c.SignLock, actor: str) -> Reasons:
        yield "unknown_lock", command.number > len(self.locks)
        yield "draw_key_differs", command.public_key != self.key
        if command.number <= len(self.locks):
            yield "lock_signed", bool(self.locks[command.number - 1]["signature"])

    def sign_lock(self, command: c.SignLock, actor: str) -> None:
        self.locks[command.number - 1]["signature"] = command.signature

    def why_not_stamp_lock(self, command: c.StampLock, actor: str) -> Reasons:
        yield "unknown_lock", command.number > len(self.locks)
        if command.number <= len(self.locks):
            yield "lock_signed", bool(self.locks[command.number - 1]["token"])

    def stamp_lock(self, command: c.StampLock, actor: str) -> None:
        self.locks[command.number - 1]["token"] = command.token

    def why_not_draw(self, command: c.Draw, actor: str) -> Reasons:
        raffle = self.raffles.get(command.raffle)
        yield "unknown_raffle", raffle is None
        if raffle is None:
            return
        yield "already_drawn", raffle.drawn
        yield "wrong_raffle_status", not raffle.lock
        if not raffle.lock:
            return
        unsigned = not self.locks[raffle.lock - 1]["signature"]
        yield "lock_unsigned", raffle.status == "locked" and unsigned
        if raffle.round:
            yield "wrong_round", command.round != raffle.round
            yield "round_not_due", self.at < raffle.round_at()
            yield "beacon_invalid", not command.signature or bool(command.secret)
        else:
            right = sha256(bytes.fromhex(command.secret)).hexdigest() == raffle.commitment
            yield "secret_invalid", not right or bool(command.round or command.signature)

    def draw_raffle(self, command: c.Draw, actor: str) -> None:
        raffle = self.raffles[command.raffle]
        randomness = bytes.fromhex(command.secret)
        if raffle.round:
            randomness = sha256(bytes.fromhex(command.signature)).digest()
        raffle.drawn = True
        self.owed.append(partial(self.draw_places, raffle, randomness))

    def draw_places(self, raffle: Raffle, randomness: bytes) -> None:
        prizes = raffle.prizes()
        for number, (ticket, entry) in enumerate(self.places(raffle, randomness)):
            prize = prizes[number] if number < len(prizes) else -1
            place = Place(raffle.entries[entry].member, entry, ticket, "reserve", prize)
            raffle.places.append(place)
            if prize >= 0 and raffle.status != "void":
                self.offer(raffle, place)
        if raffle.status != "void":
            raffle.status = self.locks[raffle.lock - 1]["fate"] = "drawn"
        self.settle_raffle(raffle)

    def places(self, raffle: Raffle, randomness: bytes) -> Iterator[tuple[int, int]]:
        """draw.md 6: the tickets stand in one list, and a placed member's leave it."""
        seed = sha256(self.texts[raffle.lock - 1].encode() + randomness).digest()
        remaining = list(enumerate(raffle.owners(), 1))
        block = 0
        for _ in range(len(raffle.prizes()) + raffle.terms.reserves):
            if not remaining:
                return
            while True:
                x = int.from_bytes(sha256(seed + block.to_bytes(4, "big")).digest()[:16], "big")
                block += 1
                if x < 2**128 - 2**128 % len(remaining):
                    break
            ticket, entry = remaining[x % len(remaining)]
            yield ticket, entry
            member = raffle.entries[entry].member
            remaining = [one for one in remaining if raffle.entries[one[1]].member != member]

    # Prizes.

    def own_place(self, raffle: Raffle, member: str) -> Place | None:
        return next((one for one in raffle.places if one.member == member), None)

    def why_not_answer(self, raffle: Raffle, place: Place | None) -> Reasons:
        yield "no_prize", place is None
        if place is not None:
            yield "already_claimed", place.fate == "claimed"
            yield "claim_too_late", place.fate == "lapsed"
            yield "prize_not_open", raffle.status != "drawn" or place.fate != "offered"

    def why_not_claim_prize(self, command: Any, actor: str) -> Reasons:
        member = command.member or actor
        known = command.raffle in self.raffles and self.raffles[command.raffle].status != "draft"
        yield "unknown_raffle", not known
        yield "unknown_member", member not in self.people
        if known and member in self.people:
            raffle = self.raffles[command.raffle]
            yield from self.why_not_answer(raffle, self.own_place(raffle, member))

    why_not_decline_prize = why_not_claim_prize

    def claim_prize(self, command: c.ClaimPrize, actor: str, fate: str = "claimed") -> None:
        raffle = self.raffles[command.raffle]
        place = self.own_place(raffle, command.member or actor)
        assert place is not None
        self.answer_prize(raffle, place, fate)

    def decline_prize(self, command: c.DeclinePrize, actor: str) -> None:
        self.claim_prize(c.ClaimPrize(command.raffle, command.member), actor, "declined")

    def why_not_forfeit_prize(self, command: c.ForfeitPrize, actor: str) -> Reasons:
        yield "unknown_raffle", command.raffle not in self.raffles
        if command.raffle in self.raffles:
            raffle = self.raffles[command.raffle]
            places = raffle.places[command.place - 1 : command.place]
            yield from self.why_not_answer(raffle, places[0] if places else None)

    def forfeit_prize(self, command: c.ForfeitPrize, actor: str) -> None:
        raffle = self.raffles[command.raffle]
        self.answer_prize(raffle, raffle.places[command.place - 1], "forfeited")

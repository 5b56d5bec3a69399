"""No personal field reaches the log: by its shapes, and by planting an entry and looking everywhere.

Whoever adds a field with text to a command has to say here what may stand in it.
"""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import websockets.sync.client
from msgspec import inspect

from engine.commands import Batch
from engine.embedded import EmbeddedServer
from engine.log.contract import FIRST_ID, LAST_ID
from engine.log.redis_stream import connect
from gateway.clock import now
from gateway.identity import mint_token
from gateway.operations import BY_NAME
from tests.gateway.test_operations import ALLOWED, BEHALF, EVERYBODY, TERMS
from tests.gateway.test_supervisor import Livelot, port, running

__all__ = ["port"]

HOUR = 3_600_000

IDS = {
    *("actor", "auction", "budget", "campaign", "campaigns", "channel", "channels", "currency", "draft"),
    *(
        "experience",
        "experiences",
        "group",
        "id",
        "kind",
        "kinds",
        "market",
        "markets",
        "mechanics",
        "member",
    ),
    *("program", "raffle", "redemption", "removed", "rule", "segments", "tier", "tiers"),
    *("early_access key", "money key", "most_by_tier key", "most_each_by_tier key", "settlement_factors key"),
    *("stock_by_market key", "texts key", "titles key", "win_limits key"),
}
"""Opaque ids, and names out of the program's own lists. An id that is an e-mail address is refused."""

TECHNICAL = {
    *("Batch.origin", "Genesis.snapshot", "Draw.signature", "Draw.secret", "CommitSecret.commitment"),
    *("ChangeDrawKey.public_key", "PublishDrawKey.public_key", "SignLock.public_key", "SignLock.signature"),
    "StampLock.token",
}
"""Bytes and hex that machines make."""

CHOSEN_BY_CLIENTS = {"Envelope.key", "ReportPayment.reference"}
"""Idempotency keys, and payments by the number that whoever took them gave: opaque, as documented."""

PUBLISHED = {
    *("AuctionTerms.title", "CampaignTerms.schedule", "CampaignTerms.titles", "ExperienceTerms.texts"),
    *("ExperienceTerms.titles", "ExtendSchedule.schedule", "PriceRule.title", "Prize.titles"),
    *("RaffleTerms.texts", "RaffleTerms.titles", "Shelf.titles"),
}
"""What everybody may read."""

REASONS = {
    *("AdjustPoints.reason", "CancelAuction.reason", "CancelRedemption.reason", "ChangeDrawKey.reason"),
    *("CreditPoints.reason", "EndCampaign.reason", "ForfeitPrize.reason", "GrantTickets.reason"),
    *("PauseAuction.reason", "PauseCampaign.reason", "PublishRules.why", "RefundAuction.reason"),
    *("RefundRedemption.reason", "RefundSale.reason", "RollBackRules.why", "TuneRule.why"),
    *("VoidBid.reason", "VoidRaffle.reason"),
}
"""Words that stay for good, says the documentation: whoever writes them names nobody."""


def text_fields(shape: inspect.Type, path: str = "", seen: set[type] | None = None) -> Iterator[str]:
    """Every place in a shape where text, bytes or anything at all may stand: ``Struct.field``."""
    seen = set() if seen is None else seen
    match shape:
        case inspect.StructType() if shape.cls not in seen:
            seen.add(shape.cls)
            for field in shape.fields:
                yield from text_fields(field.type, f"{shape.cls.__name__}.{field.name}", seen)
        case inspect.UnionType() | inspect.TupleType():
            for part in getattr(shape, "types", ()) or getattr(shape, "item_types", ()):
                yield from text_fields(part, path, seen)
        case inspect.DictType():
            yield from text_fields(shape.key_type, f"{path} key", seen)
            yield from text_fields(shape.value_type, path, seen)
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType():
            yield from text_fields(shape.item_type, path, seen)
        case inspect.StructType() | inspect.IntType() | inspect.BoolType() | inspect.NoneType():
            return
        case inspect.LiteralType():
            return
        case _:
            yield path


def test_every_text_in_the_log_has_been_thought_about() -> None:
    found = set(text_fields(inspect.type_info(Batch)))
    ids = {path for path in found if path.partition(".")[2] in IDS}
    decided = (TECHNICAL, CHOSEN_BY_CLIENTS, PUBLISHED, REASONS)
    assert sorted(found - ids - set().union(*decided)) == [], "say what may stand in these"
    assert sorted(set().union(*decided) - found) == [], "these are gone"
    assert {path.partition(".")[2] for path in ids} == IDS


class AddressBook(msgspec.Struct):
    """What somebody might add without a thought."""

    member: str
    streets: list[dict[str, tuple[str, ...]]] = []
    likes: Any = None


def test_a_new_text_would_be_seen() -> None:
    assert list(text_fields(inspect.type_info(AddressBook))) == [
        "AddressBook.member",
        "AddressBook.streets key",
        "AddressBook.streets",
        "AddressBook.likes",
    ]


# An entry is planted, everything is done, and every place is searched.

PLANTED = {"name": "Zenobia Plantagenet", "email": "zenobia.p@planted.example", "phone": "+99 555 0199 7731"}
TRACES = [value.encode() for value in PLANTED.values()]


def traces_in(content: bytes) -> list[bytes]:
    return [trace for trace in TRACES if trace in content]


class Everybody:
    """Whoever asks a gateway, with the answers that others than m1 and its stewards were given."""

    def __init__(self, livelot: Livelot, http: httpx.Client) -> None:
        self._livelot = livelot
        self._secret = (livelot.folder / "secret").read_text().strip()
        self._http = http
        self.heard: list[bytes] = []

    def token(self, subject: str, role: str) -> str:
        return mint_token("main", subject, role, key=self._secret, expires_at=now() + HOUR)

    def ask(self, subject: str, role: str, name: str, parameters: dict[str, Any]) -> httpx.Response:
        operation = BY_NAME[name]
        path = operation.path.format(**parameters)
        rest = {field: value for field, value in parameters.items() if field not in operation.path_names}
        given = {"params": rest} if operation.method == "GET" else {"json": rest}
        headers = {"Authorization": f"Bearer {self.token(subject, role)}"}
        return self._http.request(operation.method, path, headers=headers, **given)

    def do_everything(self) -> None:
        """Every operation by every role, for and against m1, but for its erasure."""
        for name, (roles, parameters) in ALLOWED.items():
            if name in ("member.erase", "program.configure"):
                continue
            for role in sorted(EVERYBODY):
                given = dict(parameters)
                if given.get("member") == "m2" or (name in BEHALF and role == "service"):
                    given["member"] = "m1"
                if name in ("directory.put", "me.put_directory"):
                    given |= PLANTED
                subject = "m2" if role == "member" else "boss"
                answer = self.ask(subject, role, name, given)
                assert answer.status_code < 500 and answer.status_code != 429, (name, answer.text)
                steward = role in roles and name in (
                    *("directory.get", "directory.put", "member.export"),
                    *("me.directory", "me.put_directory", "me.export"),
                )
                if not steward:
                    self.heard.append(answer.content)
                if name == "me.put_directory" and role == "member":
                    # The answer was to m2, who is not to have m1's entry for good.
                    self.ask(subject, role, name, {})

    def listen(self) -> None:
        """What a member and staff are pushed."""
        for subject, role in (("m2", "member"), ("boss", "manager")):
            url = self._livelot.url.replace("http", "ws") + "/v1/socket"
            headers = {"Authorization": f"Bearer {self.token(subject, role)}"}
            with websockets.sync.client.connect(url, additional_headers=headers) as socket:
                topics = ["auctions", "raffles", "auction:a1", *(["me"] if role == "member" else [])]
                request = {"jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": {"topics": topics}}
                socket.send(msgspec.json.encode(request).decode())
                for _ in topics:
                    self.heard.append(str(socket.recv(timeout=10)).encode())

    def fill_an_archive(self) -> bool:
        """One more entry, since a snapshot is taken only of what has grown; whether anything is archived."""
        answer = self.ask("boss", "manager", "points.credit", {"member": "m2", "amount": 1})
        assert answer.status_code in (200, 429)
        return any(self._livelot.folder.glob("vault/main/archive/*.log"))


async def read_log(url: str) -> list[bytes]:
    log = await connect(url, "main")
    entries = await log.range(FIRST_ID, LAST_ID, count=100_000)
    await log.close()
    return [entry.payload for entry in entries]


def contents_below(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_planted_entry_is_nowhere_but_in_the_directory(
    tmp_path: Path, port: int, until: Callable[[Callable[[], bool]], None]
) -> None:
    options = ("--log-level", "debug", "--snapshot-minutes", "0.01")
    with (
        running(tmp_path / "data", port, *options) as livelot,
        httpx.Client(base_url=livelot.url, timeout=30) as http,
    ):
        everybody = Everybody(livelot, http)
        for member in ("m1", "m2"):
            upsert = {"member": member, "tier": "gold", "market": "north"}
            assert everybody.ask("boss", "manager", "member.upsert", upsert).is_success
            credit = {"member": member, "amount": 9_000}
            assert everybody.ask("boss", "manager", "points.credit", credit).is_success
        terms = TERMS | {"starts_at": now(), "ends_at": now() + HOUR}
        for auction in ("a1", "a3"):
            everybody.ask("boss", "manager", "auction.create", {"auction": auction, "terms": terms})
            everybody.ask("boss", "manager", "auction.open", {"auction": auction})
        put = everybody.ask("crm", "service", "directory.put", {"member": "m1", **PLANTED})
        assert put.json()["email"] == PLANTED["email"]
        everybody.do_everything()
        everybody.listen()
        assert [traces_in(answer) for answer in everybody.heard if traces_in(answer)] == []
        assert everybody.ask("crm", "service", "directory.get", {"member": "m1"}).json()["name"]
        entries = asyncio.run(read_log(EmbeddedServer(livelot.folder / "valkey").url))
        assert entries
        assert traces_in(b"".join(entries)) == []
        until(everybody.fill_an_archive)
        held = contents_below(livelot.folder)
        assert {Path(path).parent.name for path, content in held.items() if traces_in(content)} == {
            "appendonlydir"
        }
        erased = everybody.ask("boss", "manager", "member.erase", {"member": "m1"})
        assert erased.json()["file_rewritten"] is True
        everybody.ask("boss", "manager", "member.erase", {"member": "m2"})
        held = contents_below(livelot.folder)
        assert [path for path, content in held.items() if traces_in(content)] == []
        assert everybody.ask("m1", "member", "me.directory", {}).json()["name"] == ""
        livelot.end()
        said = "\n".join(livelot.lines).encode() + (tmp_path / "stderr").read_bytes()
        assert b"member erased" in said
        assert traces_in(said) == []
        assert [path for path, content in contents_below(tmp_path).items() if traces_in(content)] == []

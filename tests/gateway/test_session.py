"""A session without sockets: conversation, JSON-RPC's rules, limits, and when it ends."""

from typing import Any

import pytest

from engine.commands import MEMBER
from gateway.identity import Caller, mint_token
from gateway.lobby import Lobby
from gateway.session import Session
from gateway.topics import Listener
from gateway.wire import (
    INVALID_TEXT,
    JSON,
    MESSAGEPACK,
    PROTOCOL_ABUSE,
    SHUTTING_DOWN,
    TOKEN_EXPIRED,
    UNAUTHENTICATED,
    Encoding,
)
from tests.gateway.harness import SECRET, LocalReplica, LocalWriter, unframe
from tests.gateway.hearing import Wire

FAR = 2**50


class Peer:
    """Drives a session the way that a socket would, and is its listener."""

    def __init__(
        self, lobby: Lobby, encoding: Encoding = JSON, caller: Caller | None = None, now: int = 1_000
    ) -> None:
        self.encoding = encoding
        self.wakes = 0
        self.now = now
        listener = Listener(Wire(), encoding, self._write)
        self.session = Session(lobby, listener, self._wake, now, caller)

    def _wake(self) -> None:
        self.wakes += 1

    def _write(self, frame: bytes) -> None:
        self.session.outgoing.append(frame)

    def say(self, message: Any) -> list[Any]:
        """What comes back at once."""
        payload = message if isinstance(message, bytes) else self.encoding.encode(message)
        self.session.receive(payload, self.now)
        return self.hear()

    def call(self, method: str, **parameters: Any) -> list[Any]:
        return self.say({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})

    def hear(self) -> list[Any]:
        frames, self.session.outgoing = self.session.outgoing, []
        return [unframe(frame) for frame in frames]


def member(actor: str = "m1") -> Caller:
    return Caller(actor, MEMBER, "member", FAR)


def code_of(replies: list[Any]) -> str:
    [reply] = replies
    assert isinstance(reply["error"]["message"], str)
    code: str = reply["error"]["data"]["code"]
    return code


def token(subject: str, role: str = "member") -> str:
    return mint_token("demo", subject, role, key=SECRET, expires_at=FAR)


@pytest.mark.parametrize("encoding", [JSON, MESSAGEPACK], ids=["json", "msgpack"])
def test_a_conversation(replica: LocalReplica, writer: LocalWriter, lobby: Any, encoding: Encoding) -> None:
    replica.open_auction("a1")
    peer = Peer(lobby(), encoding)
    assert code_of(peer.call("auction.bid", auction="a1", maximum=600)) == "unauthenticated"
    assert code_of(peer.call("subscribe", topics=["auctions"])) == "unauthenticated"
    [reply] = peer.call("ping")
    assert reply["result"] == {"time": 1_000}
    [reply] = peer.call("authenticate", token=token("m1"))
    assert reply["result"] == {
        "actor": "m1",
        "role": "member",
        "program": "demo",
        "expires_at": FAR // 1000 * 1000,
    }
    replies = peer.call("subscribe", topics=["auction:a1", "me", "me"])
    assert replies[0]["result"] == {"topics": ["auction:a1", "me"]}
    assert [push["params"]["topic"] for push in replies[1:]] == ["auction:a1", "me"]
    assert peer.call("auction.bid", auction="a1", maximum=600) == []
    writer.answer()
    [reply] = peer.hear()
    assert reply == {
        "jsonrpc": "2.0",
        "id": 1,
        "position": str(replica.position),
        "result": {
            "auction": "a1",
            "number": 1,
            "bidder": 1,
            "leading": True,
            "price": 500,
            "maximum": 600,
            "minimum": 550,
            "ends_at": replica.program.auctions["a1"].ends_at,
            "reserve_met": True,
        },
    }
    [reply] = peer.call("auction.get", auction="a1")
    assert reply["result"]["leader"] == 1
    [reply] = peer.call("unsubscribe", topics=["auction:a1", "auctions"])
    assert reply["result"] == {"topics": ["me"]}


@pytest.mark.parametrize("identifier", [1, 0, -5, 2**53 - 1, "", "x" * 128, None])
def test_ids_come_back_as_they_were(lobby: Any, identifier: Any) -> None:
    [reply] = Peer(lobby()).say({"jsonrpc": "2.0", "id": identifier, "method": "ping"})
    assert reply["id"] == identifier
    assert type(reply["id"]) is type(identifier)


def test_notifications_get_no_reply_but_are_done(
    replica: LocalReplica, writer: LocalWriter, lobby: Any
) -> None:
    replica.open_auction("a1")
    peer = Peer(lobby(), caller=member())
    for method, parameters in (
        ("auction.bid", {"auction": "a1", "maximum": 600}),
        ("auction.bid", {}),
        ("none", {}),
    ):
        assert peer.say({"jsonrpc": "2.0", "method": method, "params": parameters}) == []
    writer.answer()
    assert peer.hear() == []
    assert len(replica.program.auctions["a1"].history) == 1
    assert peer.session.in_flight == 0
    replies = peer.say({"jsonrpc": "2.0", "method": "subscribe", "params": {"topics": ["me"]}})
    assert [reply["method"] for reply in replies] == ["push"]


@pytest.mark.parametrize(
    ("message", "code", "identifier"),
    [
        (b"nothing", "malformed", None),
        (b'{"jsonrpc":"2.0","id":7,', "malformed", None),
        (b'{"jsonrpc":"2.0","id":7,"method":"ping"} more', "malformed", None),
        (b"[]", "invalid_request", None),
        (b' [{"jsonrpc":"2.0","id":7,"method":"ping"}]', "invalid_request", None),
        (b'{"id":7,"method":"ping"}', "invalid_request", 7),
        (b'{"jsonrpc":"2.0","id":7,"method":"ping","more":1}', "invalid_request", 7),
        (b'{"jsonrpc":"2.0","id":7.5,"method":"ping"}', "invalid_request", None),
        (b'{"jsonrpc":"2.0","id":9007199254740992,"method":"ping"}', "invalid_request", None),
        (
            b'{"jsonrpc":"2.0","id":7,"method":"ping","params":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
            "malformed",
            None,
        ),
        (b'{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', "invalid_parameters", 7),
        (b'{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":1}}', "invalid_parameters", 7),
        (b'{"jsonrpc":"2.0","id":7,"method":"nothing"}', "unknown_operation", 7),
        (b'{"jsonrpc":"2.0","id":7,"method":"auction.bid"}', "invalid_parameters", 7),
    ],
)
def test_bad_messages_get_their_code_and_the_session_goes_on(
    lobby: Any, message: bytes, code: str, identifier: Any
) -> None:
    peer = Peer(lobby(), caller=member())
    [reply] = peer.say(message)
    assert (reply["error"]["data"]["code"], reply["id"]) == (code, identifier)
    assert "result" not in reply
    assert peer.session.closing is None
    assert peer.session.in_flight == 0
    assert "result" in peer.call("ping")[0]


def test_messagepack_that_cannot_be_read(lobby: Any) -> None:
    peer = Peer(lobby(), MESSAGEPACK, member())
    deep = MESSAGEPACK.encode({"params": None})[:-1] + b"\x91" * 50_000
    for message in (b"", b"\xc1", deep, MESSAGEPACK.encode({"jsonrpc": "2.0"})[:-2], b"\x81\xa1"):
        assert code_of(peer.say(message)) == "malformed"
    assert code_of(peer.say({"jsonrpc": "2.0", "method": "ping", "id": b"bytes"})) == "invalid_request"
    assert peer.session.closing is None


def test_text_that_is_no_text_ends_the_session(lobby: Any) -> None:
    for message in (
        b'{"jsonrpc":"2.0","id":7,"method":"\xff"}',
        b'{"jsonrpc":"2.0","id":7,"method":"auction.get","params":{"auction":"\xff"}}',
    ):
        peer = Peer(lobby(), caller=member())
        peer.say(message)
        assert peer.session.closing == INVALID_TEXT
        assert peer.call("ping") == []


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, ""),
        ({"auction": "a1", "maximum": 600, "more": 1}, ""),
        ({"auction": "a1", "maximum": "600"}, "maximum"),
        ({"auction": "a1", "maximum": 600.5}, "maximum"),
        ({"auction": "a1", "maximum": True}, "maximum"),
        ({"auction": "a1", "maximum": None}, "maximum"),
        ({"auction": "a1", "maximum": 0}, "maximum"),
        ({"auction": "a1", "maximum": 2**53}, "maximum"),
        ({"auction": "a1", "maximum": 2**64}, "maximum"),
        ({"auction": "", "maximum": 600}, "auction"),
        ({"auction": "x" * 50_000, "maximum": 600}, "auction"),
        ({"auction": 7, "maximum": 600}, "auction"),
        ({"auction": "a1", "maximum": 600, "key": ""}, "key"),
        ({"auction": "a1", "maximum": 600, "key": "x" * 65}, "key"),
        ({"auction": "a1", "maximum": 600, "not_after": 2**53}, "not_after"),
        ({"auction": "a1", "maximum": 600, "position": "soon"}, "position"),
    ],
)
def test_wrong_parameters_name_the_field(
    writer: LocalWriter, lobby: Any, parameters: dict[str, Any], field: str
) -> None:
    peer = Peer(lobby(), caller=member())
    [reply] = peer.call("auction.bid", **parameters)
    assert reply["error"]["data"] == {"code": "invalid_parameters", "field": field}
    assert writer.submitted == []


def test_keys_and_times_are_the_clients_or_made(writer: LocalWriter, lobby: Any) -> None:
    peer = Peer(lobby(), caller=member())
    bid = {"auction": "a1", "maximum": 600}
    peer.call("auction.bid", **bid, key="mine", not_after=7)
    peer.call("auction.bid", **bid, not_after=0)
    peer.call("auction.bid", **bid)
    first, second, third = writer.submitted
    assert (first["key"], first["not_after"]) == ("mine", 7)
    assert second["not_after"] == 0
    assert third["not_after"] == peer.now + 60_000
    assert len({one["key"] for one in writer.submitted}) == 3


def test_limits_of_calls(lobby: Any) -> None:
    peer = Peer(lobby(calls_per_second=10, burst=5), caller=member())
    results = [peer.call("ping")[0] for _ in range(8)]
    assert ["result" in reply for reply in results] == [True] * 5 + [False] * 3
    assert code_of([results[-1]]) == "too_many_calls"
    assert code_of(peer.say(b"nothing")) == "too_many_calls"
    peer.now += 100
    assert "result" in peer.call("ping")[0]
    for _ in range(10):
        peer.say(b"nothing")
    assert peer.session.closing == PROTOCOL_ABUSE


def test_control_frames_count(lobby: Any) -> None:
    peer = Peer(lobby(calls_per_second=10, burst=5), caller=member())
    for count in range(11):
        assert peer.session.closing is None, count
        peer.session.take_control_frame(peer.now)
    assert peer.session.closing == PROTOCOL_ABUSE


def test_the_rate_is_the_callers_over_all_sockets(lobby: Any) -> None:
    shared = lobby(calls_per_second=10, burst=5)
    for _ in range(5):
        assert "result" in Peer(shared, caller=member()).call("ping")[0]
    assert code_of(Peer(shared, caller=member()).call("ping")) == "too_many_calls"
    assert "result" in Peer(shared, caller=member("m2")).call("ping")[0]


def test_in_flight_is_told(writer: LocalWriter, replica: LocalReplica, lobby: Any) -> None:
    replica.open_auction("a1")
    peer = Peer(lobby(in_flight=2), caller=member())
    peer.call("auction.bid", auction="a1", maximum=600)
    assert not peer.session.congested
    peer.say({"jsonrpc": "2.0", "method": "auction.bid", "params": {"auction": "a1", "maximum": 700}})
    assert peer.session.congested
    wakes = peer.wakes
    writer.answer()
    assert not peer.session.congested
    assert peer.wakes > wakes


def test_limits_of_subscriptions(replica: LocalReplica, lobby: Any) -> None:
    replica.open_auction("a1")
    peer = Peer(lobby(subscriptions=2), caller=member())
    assert (
        code_of(peer.call("subscribe", topics=["auctions", "me", "auction:a1"])) == "too_many_subscriptions"
    )
    for _ in range(2):
        assert len(peer.call("subscribe", topics=["auctions", "me"])) == 3
    assert code_of(peer.call("subscribe", topics=["auction:a1"])) == "too_many_subscriptions"
    peer.call("unsubscribe", topics=["me"])
    assert len(peer.call("subscribe", topics=["auction:a1"])) == 2
    assert code_of(peer.call("subscribe", topics=[])) == "invalid_parameters"


def test_a_token_ends_and_can_be_renewed(lobby: Any) -> None:
    peer = Peer(lobby(authentication_seconds=5))
    assert peer.session.due_at == 6_000
    peer.session.tick(5_999)
    assert peer.session.closing is None
    peer.session.tick(6_000)
    assert peer.session.closing == UNAUTHENTICATED

    peer = Peer(lobby(), caller=Caller("m1", MEMBER, "member", 9_000))
    assert peer.session.due_at == 9_000
    assert code_of(peer.call("authenticate", token=token("m2"))) == "not_yours"
    assert code_of(peer.call("authenticate", token=token("m1", "operator"))) == "not_yours"
    assert code_of(peer.call("authenticate", token="forged")) == "token_invalid"
    assert peer.session.due_at == 9_000
    peer.call("authenticate", token=token("m1"))
    assert peer.session.due_at == FAR // 1000 * 1000

    peer = Peer(lobby(), caller=Caller("m1", MEMBER, "member", 9_000))
    peer.session.tick(9_000)
    assert peer.session.closing == TOKEN_EXPIRED


def test_draining_waits_for_answers(replica: LocalReplica, writer: LocalWriter, lobby: Any) -> None:
    replica.open_auction("a1")
    here = lobby()
    busy, idle = Peer(here, caller=member()), Peer(here, caller=member("m2"))
    busy.call("auction.bid", auction="a1", maximum=600)
    here.desk.draining = True
    for peer in (busy, idle):
        peer.session.drain()
    assert idle.session.closing == SHUTTING_DOWN
    assert busy.session.closing is None
    assert code_of(busy.call("auction.bid", auction="a1", maximum=600)) == "shutting_down"
    writer.answer()
    assert "result" in busy.hear()[0]
    assert busy.session.closing == SHUTTING_DOWN


@pytest.mark.parametrize(
    ("state", "code"),
    [({"stopped": "a gap"}, "unavailable"), ({"ready": False}, "not_ready")],
)
def test_nothing_is_served_from_a_state_that_is_not_right(
    replica: LocalReplica, writer: LocalWriter, lobby: Any, state: dict[str, Any], code: str
) -> None:
    peer = Peer(lobby(), caller=member())
    for name, value in state.items():
        setattr(replica, name, value)
    assert code_of(peer.call("auction.list")) == code
    assert code_of(peer.call("auction.bid", auction="a1", maximum=600)) == code
    assert code_of(peer.call("subscribe", topics=["auctions"])) == code
    assert "a gap" not in str(peer.call("auction.list"))
    assert writer.submitted == []


def test_answers_to_a_lost_connection_are_dropped(
    replica: LocalReplica, writer: LocalWriter, lobby: Any
) -> None:
    replica.open_auction("a1")
    here = lobby()
    peer = Peer(here, caller=member())
    peer.call("subscribe", topics=["auction:a1"])
    peer.call("auction.bid", auction="a1", maximum=600)
    assert here.metrics.in_flight == 1
    peer.session.lose()
    writer.answer()
    assert peer.hear() == []
    assert here.metrics.in_flight == 0
    assert peer.call("ping") == []


def test_a_bug_is_answered_without_its_traceback(
    replica: LocalReplica, lobby: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    peer = Peer(lobby(), caller=member())
    monkeypatch.setattr(replica, "program", None)
    [reply] = peer.call("auction.get", auction="secret-auction")
    assert reply["error"]["data"] == {"code": "internal"}
    assert "Traceback" not in str(reply)
    assert peer.session.in_flight == 0
    assert "call failed" in capsys.readouterr().out

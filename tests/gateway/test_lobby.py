"""How many sockets a member may have at a gateway."""

from typing import Any

from gateway.wire import TOO_MANY_SOCKETS
from tests.gateway.test_session import Peer, code_of, member, token


def test_a_member_has_so_many_sockets_and_no_more(lobby: Any) -> None:
    room = lobby(member_sockets=2)
    first, second = Peer(room, caller=member()), Peer(room)
    (reply,) = second.call("authenticate", token=token("m1"))
    assert reply["result"]["actor"] == "m1"
    second.call("authenticate", token=token("m1"))
    third, fourth = Peer(room, caller=member()), Peer(room)
    assert third.session.closing is TOO_MANY_SOCKETS
    assert code_of(fourth.call("authenticate", token=token("m1"))) == "too_many_connections"
    assert fourth.session.closing is TOO_MANY_SOCKETS
    assert Peer(room, caller=member("m2")).session.closing is None
    for peer in (third, fourth, first):
        peer.session.lose()
        peer.session.lose()
    assert Peer(room, caller=member()).session.closing is None
    assert Peer(room, caller=member()).session.closing is TOO_MANY_SOCKETS


def test_staff_and_services_have_as_many_sockets_as_they_want(lobby: Any) -> None:
    room = lobby(member_sockets=1)
    for role in ("manager", "service"):
        for _ in range(3):
            peer = Peer(room)
            assert "result" in peer.call("authenticate", token=token("x", role))[0]
    assert room.seats == {}

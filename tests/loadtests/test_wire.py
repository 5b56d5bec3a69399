"""The messages, as a member's app reads them."""

import msgspec
import pytest

from loadtests.wire import NOWHERE, Place, decode_bid, decode_message, encode_call, read_place


def test_places_are_ordered_as_the_log_is() -> None:
    places = [read_place(text) for text in ("", "1:9-0", "1:10-0", "1:10-2", "1:10-10", "2:1-0")]
    assert places == sorted(places)
    assert places[0] == NOWHERE
    assert places[4] == Place(1, 10, 10)


@pytest.mark.parametrize("text", ["1", "x:1-2", "1:2", "1:2-"])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        read_place(text)


def test_a_reply_is_read_with_fields_that_are_not_known_yet() -> None:
    bid = b'{"auction":"a1","number":7,"bidder":2,"leading":true,"price":600,"minimum":700,"later":[1]}'
    message = decode_message(b'{"jsonrpc":"2.0","id":3,"result":%s,"position":"1:2-3","later":{}}' % bid)
    assert (message.id, message.position, message.error, message.params) == (3, "1:2-3", None, None)
    taken = decode_bid(message.result)
    assert (taken.auction, taken.number, taken.bidder, taken.price, taken.minimum) == ("a1", 7, 2, 600, 700)


def test_a_refusal_names_its_code_and_what_would_do() -> None:
    error = b'{"code":520,"message":"words","data":{"code":"bid_too_low","minimum":700,"other":"x"}}'
    message = decode_message(b'{"jsonrpc":"2.0","id":3,"error":%s}' % error)
    assert message.error is not None
    assert (message.error.code, message.error.minimum, message.error.message) == ("bid_too_low", 700, "words")


def test_a_refusal_may_say_less() -> None:
    message = decode_message(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"words"}}')
    assert message.error is not None
    assert (message.error.code, message.error.minimum) == ("none", 0)


def test_a_push_is_told_from_a_reply() -> None:
    push = b'{"topic":"me","position":"1:2-3","state":{"available":5}}'
    message = decode_message(b'{"jsonrpc":"2.0","method":"push","params":%s}' % push)
    assert message.params is not None
    assert (message.params.topic, bytes(message.params.state)) == ("me", b'{"available":5}')


def test_a_call_is_json_rpc() -> None:
    call = msgspec.json.decode(encode_call(4, "auction.bid", {"auction": "a1"}))
    assert call == {"jsonrpc": "2.0", "id": 4, "method": "auction.bid", "params": {"auction": "a1"}}

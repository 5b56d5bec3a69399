"""Livelot members for Locust (https://locust.io), for those whose company runs it.

Needs the extra: `pip install 'livelot[loadtest]'`. Against a demo, and a gateway whose secret is known:

    locust -f loadtests/locustfile.py --host http://127.0.0.1:8080 --livelot-demo
    locust -f loadtests/locustfile.py --host https://gateway --livelot-program main --livelot-members 500 \\
        --headless --users 200 --spawn-rate 20 --run-time 5m        # and LIVELOT_TOKEN_SECRET is set

Members and open auctions have to be there: members "m0001" and so on, or with another `--livelot-prefix`.
Each user is one of them: it signs in with a token, follows all auctions and its own points on a socket, bids
now and then (tag `bid`), and looks at the list over HTTP (tag `look`). Locust's table then has:

- `socket connect`, `socket auction.bid`, `GET /v1/auctions`: answered calls, with their times;
- `socket auction.bid, outbid`: a bid that came too late to be high enough. That is the game, and no failure;
- `push …`: states that came by themselves. Locust shows no times for them.

Locust's users wait for an answer before they go on, so that a slow gateway gets less load, and what waited is
not counted (coordinated omission). Where that matters, `livelot storm` counts from when a bid was due, and
checks the results as well.
"""

import itertools
import os
import random
import time
import uuid
from typing import Any
from urllib.parse import urlsplit, urlunsplit

# Locust first: it patches sockets and threads, which all others have to find patched.
from locust import FastHttpUser, between, events, tag, task  # isort: skip
from locust.env import Environment  # isort: skip
from locust.exception import StopUser  # isort: skip

import gevent
import jwt
import msgspec
from gevent.event import AsyncResult, Event
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from loadtests.book import Book, Entry, choose_maximum
from loadtests.preparation import name_members
from loadtests.tokens import LIFETIME, DemoToken
from loadtests.wire import (
    SUBPROTOCOL,
    Message,
    PushParameters,
    decode_auction,
    decode_bid,
    decode_live,
    decode_message,
    decode_own,
    encode_call,
    read_place,
)

PATIENCE = 30
"""Seconds until an answer counts as lost."""

OUTBID = frozenset({"bid_too_low", "already_leading", "auction_not_open", "auction_closed"})
"""Refusals that members of a busy auction have to live with."""


class Refused(Exception):  # noqa: N818 - an answer, which Locust counts as a failure
    """The gateway refused a call; the words start with the code."""


@events.init_command_line_parser.add_listener
def add_options(parser: Any) -> None:
    """Adds ours to Locust's options, on the command line and in its page."""
    group = parser.add_argument_group("Livelot")
    add = group.add_argument
    add("--livelot-program", env_var="LIVELOT_PROGRAM", default="main", help="The program's id.")
    add("--livelot-members", type=int, default=100, help="How many members there are.")
    add("--livelot-prefix", default="m", help="What member ids start with: m0001.")
    # Not an option: secrets would show in the list of processes, and in Locust's page.
    add("--livelot-demo", action="store_true", help="Ask a gateway with --demo for tokens.")


@events.init.add_listener
def set_stage(environment: Environment, **_: Any) -> None:
    """Each process gives its users the members in an order of its own, again from the first when all are
    taken."""
    options = environment.parsed_options
    if options is None:
        return
    names = name_members(options.livelot_prefix, options.livelot_members)
    random.Random(getattr(environment.runner, "worker_index", 0)).shuffle(names)
    Member.names = itertools.cycle(names)


class Member(FastHttpUser):
    """A member with its app open."""

    wait_time = between(1, 5)
    names = itertools.cycle(["m0001"])

    def on_start(self) -> None:
        """Signs in and opens the socket. A user that cannot is stopped."""
        self.member = next(self.names)
        self.draw = random.Random(self.member)
        self.book = Book()
        self.available = 0
        self.maxima: dict[str, int] = {}
        self.leading: set[str] = set()
        self.open: list[str] = []
        self._has_points, self._has_auctions = Event(), Event()
        self._waiting: dict[int, AsyncResult] = {}
        self._numbers = itertools.count(1)
        self._token = self._sign_in()
        self._socket = self._connect()
        self._listening = gevent.spawn(self._listen, self._socket)
        self._call("subscribe", {"topics": ["auctions", "me"]})
        gevent.wait([self._has_points, self._has_auctions], timeout=PATIENCE)

    def on_stop(self) -> None:
        """Closes the socket."""
        self._socket.close()
        self._listening.join(timeout=1)

    @tag("bid")
    @task(5)
    def bid(self) -> None:
        """Bids on an auction that is open and not too dear, if there is one."""
        entry, maximum = self._choose()
        if entry is None:
            return
        bid = {"auction": entry.auction, "maximum": maximum}
        bid |= {"key": uuid.uuid4().hex, "not_after": int(time.time() * 1000) + 60_000}
        message = self._call("auction.bid", bid)
        if message is None:
            return
        if message.error is not None:
            self.book.learn_refusal(entry.auction, message.error.code, message.error.minimum)
            return
        taken = decode_bid(message.result)
        self.book.learn_bid(taken, read_place(message.position))
        self.maxima[entry.auction] = maximum

    @tag("look")
    @task(1)
    def look(self) -> None:
        """Reads the list of open auctions over HTTP."""
        headers = {"Authorization": f"Bearer {self._token}"}
        self.client.get("/v1/auctions?status=open", headers=headers, name="/v1/auctions")

    def _sign_in(self) -> str:
        options = self.environment.parsed_options
        if options.livelot_demo:
            body = msgspec.json.encode({"member": self.member}).decode()
            headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
            response = self.client.post("/demo/token", data=body, headers=headers)
            if response.status_code != 200:
                raise StopUser
            return msgspec.json.decode(response.content, type=DemoToken).token
        secret = os.environ.get("LIVELOT_TOKEN_SECRET", "")
        if not secret:
            words = "set LIVELOT_TOKEN_SECRET to the gateway's secret, or give --livelot-demo"
            self._report("connect", 0.0, exception=ValueError(words))
            raise StopUser
        claims = {"sub": self.member, "role": "member", "aud": options.livelot_program}
        return jwt.encode(claims | {"exp": int(time.time()) + LIFETIME}, secret, algorithm="HS256")

    def _connect(self) -> ClientConnection:
        parts = urlsplit(str(self.host))
        scheme = "wss" if parts.scheme == "https" else "ws"
        began = time.perf_counter()
        try:
            socket = connect(
                urlunsplit(parts._replace(scheme=scheme, path="/v1/socket")),
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers={"Authorization": f"Bearer {self._token}"},
                compression=None,
                proxy=None,
                max_size=2**22,
            )
        except (OSError, InvalidHandshake, TimeoutError) as error:
            self._report("connect", began, exception=error)
            raise StopUser from error
        self._report("connect", began)
        return socket

    def _call(self, method: str, params: dict[str, Any]) -> Message | None:
        """The answer, which Locust is told of; None if there was none, and then the user is stopped if its
        socket has gone."""
        number = next(self._numbers)
        waiting = self._waiting[number] = AsyncResult()
        began = time.perf_counter()
        try:
            self._socket.send(encode_call(number, method, params), text=True)
            message: Message = waiting.get(timeout=PATIENCE)
        except ConnectionClosed as closed:
            self._report(method, began, exception=closed)
            raise StopUser from closed
        except gevent.Timeout:
            self._report(method, began, exception=TimeoutError(f"no answer in {PATIENCE} s"))
            return None
        finally:
            del self._waiting[number]
        error = message.error
        if error is None:
            self._report(method, began, size=len(message.result))
        elif error.code in OUTBID:
            self._report(f"{method}, outbid", began)
        else:
            self._report(method, began, exception=Refused(f"{error.code}: {error.message}"))
        return message

    def _listen(self, socket: ClientConnection) -> None:
        """Takes what comes until the socket is closed; then whoever waits for an answer hears of it."""
        try:
            while True:
                message = decode_message(socket.recv(decode=False))
                if message.params is not None:
                    self._learn(message.params)
                elif message.id in self._waiting:
                    self._waiting[message.id].set(message)
        except ConnectionClosed as closed:
            for waiting in self._waiting.values():
                waiting.set_exception(closed)

    def _learn(self, push: PushParameters) -> None:
        kind = push.topic.partition(":")[0]
        self.environment.events.request.fire(
            request_type="push",
            name=kind,
            response_time=None,
            response_length=len(push.state),
            exception=None,
            context={},
        )
        place = read_place(push.position)
        if kind == "me":
            own = decode_own(push.state)
            self.available = own.available
            self.maxima.update((one.auction, one.maximum) for one in own.auctions)
            self.leading = {one.auction for one in own.auctions if one.leading}
            self._has_points.set()
        elif kind == "auctions":
            states = decode_live(push.state).auctions
            for state in states:
                self.book.learn_state(state, place)
            self.open = [state.id for state in states if state.format == "english"]
            self._has_auctions.set()
        elif push.state != b"null":
            self.book.learn_state(decode_auction(push.state), place)

    def _choose(self) -> tuple[Entry | None, int]:
        """An auction and a maximum; no auction where none is open, or within the member's means."""
        for name in self.draw.sample(self.open, min(3, len(self.open))):
            entry = self.book.find(name)
            if entry is not None and entry.open:
                own = self.maxima.get(name, 0)
                means = self.available + (own if name in self.leading else 0)
                maximum = choose_maximum(entry, own, means, self.draw)
                if maximum:
                    return entry, maximum
        return None, 0

    def _report(self, name: str, began: float, *, size: int = 0, exception: Exception | None = None) -> None:
        """Tells Locust of a call that began at ``began`` (``time.perf_counter``)."""
        self.environment.events.request.fire(
            request_type="socket",
            name=name,
            response_time=1000 * (time.perf_counter() - began),
            response_length=size,
            exception=exception,
            context={},
        )

"""HTTP: where requests have their parts, problem details, idempotency keys, positions, cursors; the list of
bad input."""

import asyncio
import json
from typing import Any

import jwt
import pytest

from engine.commands import AuctionTerms, CreateAuction, Eligibility, PauseAuction
from gateway.clock import now
from tests.gateway.harness import SECRET, OpenWorld, Run, World

HOUR = 3_600_000
BIDS = "/v1/auctions/a1/bids"


def test_parts_of_a_request(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            bid = await here.ask("m1", "member", "POST", BIDS, {"maximum": 600})
            assert bid.status_code == 200
            assert bid.json()["price"] == 500
            assert bid.headers["content-type"] == "application/json"
            assert bid.headers["livelot-position"] == str(here.gateway.replica.position)
            page = await here.ask("m1", "member", "GET", f"{BIDS}?limit=1&before=2")
            assert [one["maximum"] for one in page.json()["bids"]] == [600]
            # No body is an empty object; HEAD is GET without its body.
            paused = await here.ask("boss", "manager", "POST", "/v1/auctions/a1/pause")
            assert paused.json()["status"] == "paused"
            head = await here.ask("m1", "member", "HEAD", "/v1/auctions/a1")
            assert (head.status_code, head.content) == (200, b"")

    run(body())


def test_idempotency_keys(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")

            async def bid(subject: str, maximum: int, key: str, **more: str) -> Any:
                return await here.ask(
                    subject, "member", "POST", BIDS, {"maximum": maximum}, Idempotency_Key=key, **more
                )

            first = await bid("m1", 600, "k1")
            raised = await bid("m1", 700, "k2")
            for again in (await bid("m1", 600, "k1"), await bid("m1", 600, '"k1"')):
                assert again.json() == first.json()
                assert again.status_code == 200
            assert raised.json()["number"] == 2
            refused = await bid("m2", 10, "k1")  # another actor's key is another key
            assert refused.json()["code"] == "bid_too_low"
            await here.ask("m3", "member", "POST", BIDS, {"maximum": 5_000})
            assert (await bid("m2", 10, "k1")).json() == refused.json()
            conflict = await bid("m1", 601, "k1")
            assert (conflict.status_code, conflict.json()["code"]) == (409, "key_conflict")
            late = await bid("m1", 9_000, "k3", Livelot_Not_After=str(now() - 1_000))
            assert (late.status_code, late.json()["code"]) == (409, "expired")
            far = await bid("m1", 9_000, "k4", Livelot_Not_After=str(now() + 50 * HOUR))
            assert (far.status_code, far.json()["code"]) == (422, "not_after_too_far")
            # The same key over a socket is the same command.
            async with here.socket("m1") as socket:
                reply = await socket.call("auction.bid", auction="a1", maximum=600, key="k1")
                assert reply["result"] == first.json()
                reply = await socket.call("auction.bid", auction="a1", maximum=601, key="k1")
                assert reply["error"]["data"]["code"] == "key_conflict"
            assert len(here.gateway.replica.program.auctions["a1"].history) == 3

    run(body())


def test_staff_keys_are_good_for_a_day(run: Run, world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        async with world() as here:
            submit = here.gateway.writer.submit
            taken = []
            monkeypatch.setattr(
                here.gateway.writer, "submit", lambda **one: taken.append(one) or submit(**one)
            )
            credit = ("boss", "manager", "POST", "/v1/members/m1/credits", {"amount": 5})
            assert (await here.ask(*credit, Idempotency_Key="k")).is_success
            assert (await here.ask(*credit)).is_success
            keyed, made = taken
            assert keyed["key"] == "k"
            assert 23 * HOUR < keyed["not_after"] - now() <= 24 * HOUR
            assert made["not_after"] - now() <= 60_000

    run(body())


def test_read_your_own_write(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"position_seconds": 0.1}) as here:
            await here.open_auction("a1")
            epoch, milliseconds, _ = here.gateway.replica.position
            ahead = f"{epoch}:{milliseconds + HOUR}-0"
            # A later entry lets the request through.
            here.gateway.desk.limits = here.gateway.desk.limits.__class__(position_seconds=10)
            soon = f"{epoch}:{milliseconds + 1}-0"
            waiting = asyncio.create_task(
                here.ask("m1", "member", "GET", "/v1/auctions/a1", Livelot_Position=soon)
            )
            await asyncio.sleep(0.005)
            await here.ask("m2", "member", "POST", BIDS, {"maximum": 600})
            assert (await waiting).json()["bids"] == 1
            past = await here.ask("m1", "member", "GET", "/v1/auctions/a1", Livelot_Position=f"{epoch}:1-0")
            assert past.status_code == 200
            here.gateway.desk.limits = here.gateway.desk.limits.__class__(position_seconds=0.05)
            late = await here.ask("m1", "member", "GET", "/v1/auctions/a1", Livelot_Position=ahead)
            assert (late.status_code, late.json()["code"]) == (503, "unavailable")
            assert late.headers["retry-after"] == "1"
            async with here.socket("m1") as socket:
                reply = await socket.call("auction.get", auction="a1", position=ahead)
                assert reply["error"]["data"]["code"] == "unavailable"
                reply = await socket.call("auction.get", auction="none", position=f"{epoch}:1-0")
                assert reply["error"]["data"]["code"] == "unknown_auction"

    run(body())


BAD_REQUESTS: list[tuple[str, str, bytes, dict[str, str], int, str]] = [
    ("POST", BIDS, b"{", {}, 400, "malformed"),
    ("POST", BIDS, b'{"maximum":600} {}', {}, 400, "malformed"),
    ("POST", BIDS, b'{"maximum":"\xff"}', {}, 400, "malformed"),
    ("POST", BIDS, b'{"maximum":' + b"[" * 30_000 + b"]" * 30_000 + b"}", {}, 400, "malformed"),
    ("POST", BIDS, b"[]", {}, 422, "invalid_parameters"),
    ("POST", BIDS, b"", {}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600,"more":1}', {}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600,"auction":"a2"}', {}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600,"key":"k"}', {}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":"600"}', {}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":9007199254740993}', {}, 422, "invalid_parameters"),
    ("POST", BIDS + "?maximum=600", b"{}", {}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600}', {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
    ("POST", BIDS, b'{"maximum":600}', {"Idempotency-Key": "x" * 65}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600}', {"Idempotency-Key": '""'}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600}', {"Livelot-Not-After": "soon"}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600}', {"Livelot-Not-After": "9" * 16}, 422, "invalid_parameters"),
    ("POST", BIDS, b'{"maximum":600}', {"Livelot-Position": "soon"}, 422, "invalid_parameters"),
    ("POST", BIDS, b"x" * (64 * 1024 + 1), {}, 413, "too_large"),
    ("POST", BIDS, b"x" * (10 * 1024 * 1024), {}, 413, "too_large"),
    ("GET", "/v1/auctions?limit=0", b"", {}, 422, "invalid_parameters"),
    ("GET", "/v1/auctions?limit=ten", b"", {}, 422, "invalid_parameters"),
    ("GET", "/v1/auctions?limit=5&limit=6", b"", {}, 422, "invalid_parameters"),
    ("GET", "/v1/auctions?nothing=5", b"", {}, 422, "invalid_parameters"),
    ("GET", "/v1/auctions?after=x", b"", {}, 422, "invalid_parameters"),
    ("GET", "/v1/auctions?status=lost", b"", {}, 422, "invalid_parameters"),
    ("GET", "/v1/auctions/" + "x" * 65, b"", {}, 422, "invalid_parameters"),
    ("GET", "/v1/auctions/none", b"", {}, 404, "unknown_auction"),
    ("GET", "/v1/auctions/a%2F1", b"", {}, 404, "unknown_operation"),
    ("GET", "/v1/nothing", b"", {}, 404, "unknown_operation"),
    ("GET", "/v1/auctions/", b"", {}, 404, "unknown_operation"),
    ("DELETE", "/v1/auctions/a1", b"", {}, 405, "method_not_allowed"),
    ("BREW", "/v1/auctions/a1", b"", {}, 400, "malformed"),
]


def test_bad_requests(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            before = here.gateway.replica.position
            for method, path, content, headers, status, code in BAD_REQUESTS:
                sent = {
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {here.token('m1')}",
                } | headers
                response = await here.http.request(method, path, content=content or None, headers=sent)
                problem = response.json()
                assert (response.status_code, problem["code"]) == (status, code), (
                    path,
                    content[:80],
                    problem,
                )
                assert response.headers["content-type"] == "application/problem+json"
                assert problem["status"] == status
                assert problem["type"] == f"/reference#{code}"
                assert problem["detail"]
                assert problem["title"]
                assert "Traceback" not in response.text
                assert here.gateway.replica.position == before
            assert (await here.ask("m1", "member", "GET", "/v1/auctions/a1")).json()["bids"] == 0

    run(body())


def test_a_header_that_is_given_twice(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            before = here.gateway.replica.position
            for name in ("Idempotency-Key", "Livelot-Not-After"):
                response = await here.http.post(
                    BIDS,
                    json={"maximum": 600},
                    headers=[("Authorization", f"Bearer {here.token('m1')}"), (name, "1"), (name, "2")],
                )
                problem = response.json()
                assert (response.status_code, problem["code"]) == (422, "invalid_parameters")
                assert problem["detail"] == f"{name}: it is given twice."
            assert here.gateway.replica.position == before

    run(body())


def test_methods_are_told(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            response = await here.ask("m1", "member", "DELETE", "/v1/auctions/a1")
            assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT"}

    run(body())


def tokens(here: World) -> dict[str, tuple[str, int, str]]:
    """Authorization headers that must not be let in."""
    claims = {"sub": "m1", "role": "member", "aud": "demo", "exp": now() // 1000 + 100}
    return {
        "missing": ("", 401, "unauthenticated"),
        "basic": ("Basic bTE6eA==", 401, "unauthenticated"),
        "expired": (f"Bearer {here.token('m1', lives=-1_000)}", 401, "token_expired"),
        "forged": (f"Bearer {jwt.encode(claims, SECRET[::-1])}", 401, "token_invalid"),
        "none": (f"Bearer {jwt.encode(claims, None, algorithm='none')}", 401, "token_invalid"),
        "other program": (f"Bearer {here.token('m1', program='other')}", 403, "wrong_program"),
    }


def test_tokens_that_are_not_let_in(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            for name, (header, status, code) in tokens(here).items():
                headers = {"Authorization": header} if header else {}
                response = await here.http.post(BIDS, json={"maximum": 600}, headers=headers)
                assert (response.status_code, response.json()["code"]) == (status, code), name
                if status == 401:
                    assert response.headers["www-authenticate"].startswith("Bearer")
                if header.startswith("Bearer"):
                    async with here.socket() as socket:
                        reply = await socket.call("authenticate", token=header.removeprefix("Bearer "))
                        assert reply["error"]["data"]["code"] == code, name
                        assert (await socket.call("me"))["error"]["data"]["code"] == "unauthenticated"
            assert here.gateway.replica.program.auctions["a1"].history == []

    run(body())


def test_bids_that_are_refused(run: Run, world: OpenWorld) -> None:
    """The same code, words and details over both doors, and nothing changes."""

    async def body() -> None:
        async with world() as here:
            program = here.gateway.replica.program
            await here.open_auction("open")
            await here.open_auction("silver", eligibility=Eligibility(tiers=("silver",)))
            await here.open_auction("paused")
            await here.apply(PauseAuction("paused"))
            await here.apply(CreateAuction("draft", AuctionTerms("d", 500, now() + HOUR, now() + 2 * HOUR)))
            await here.open_auction("closed", buy_now=600)
            await here.ask("m3", "member", "POST", "/v1/auctions/closed/buy_now", {"price": 600})
            await here.ask("m3", "member", "POST", "/v1/auctions/open/bids", {"maximum": 1_000})
            totals = program.ledger.totals
            before = (totals.held, totals.available, totals.spent)
            for subject, auction, maximum, status, code, details in (
                ("m1", "none", 600, 404, "unknown_auction", {"auction": "none"}),
                (
                    "m1",
                    "draft",
                    600,
                    409,
                    "auction_not_open",
                    {"starts_at": program.auctions["draft"].terms.starts_at},
                ),
                ("m1", "closed", 600, 409, "auction_closed", {}),
                ("m1", "paused", 600, 409, "auction_paused", {}),
                ("m1", "silver", 600, 403, "not_eligible", {}),
                ("s1", "open", 600, 403, "staff_may_not_bid", {}),
                ("m1", "open", 500, 409, "bid_too_low", {"minimum": 550}),
                ("m1", "open", 2_000_000, 409, "insufficient_points", {"missing": 1_000_000}),
                ("m3", "open", 900, 409, "already_leading", {"maximum": 1_000}),
                ("nobody", "open", 2_000, 404, "unknown_member", {}),
            ):
                if code == "staff_may_not_bid":
                    maximum = 2_000
                response = await here.ask(
                    subject, "member", "POST", f"/v1/auctions/{auction}/bids", {"maximum": maximum}
                )
                problem = response.json()
                assert (response.status_code, problem["code"]) == (status, code), problem
                assert details.items() <= problem.items(), problem
                async with here.socket(subject) as socket:
                    reply = await socket.call("auction.bid", auction=auction, maximum=maximum)
                assert reply["error"]["message"] == problem["detail"]
                assert reply["error"]["data"]["code"] == code
                assert details.items() <= reply["error"]["data"].items()
                assert (totals.held, totals.available, totals.spent) == before
            assert len(program.auctions["open"].history) == 1

    run(body())


def test_a_detail_never_hides_the_status(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            response = await here.ask("boss", "manager", "POST", "/v1/auctions/a1/resume")
            assert response.status_code == response.json()["status"] == 409
            assert response.json()["detail_status"] == "open"

    run(body())


def test_calls_are_limited_a_caller(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"calls_per_second": 1, "burst": 3}) as here:
            responses = [await here.ask("m1", "member", "GET", "/v1/me") for _ in range(6)]
            assert [response.status_code for response in responses[:3]] == [200] * 3
            assert responses[-1].status_code == 429
            assert responses[-1].json()["code"] == "too_many_calls"
            assert responses[-1].headers["retry-after"] == "1"
            assert (await here.ask("m2", "member", "GET", "/v1/me")).status_code == 200

    run(body())


def test_a_log_that_does_not_answer(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"answer_seconds": 0.05}) as here:
            await here.open_auction("a1")
            log = here.gateway.replica._log
            log.unavailable = True
            response = await here.ask("m1", "member", "POST", BIDS, {"maximum": 600}, Idempotency_Key="k")
            assert (response.status_code, response.json()["code"]) == (503, "unavailable")
            assert "may still be applied" in response.json()["detail"]
            log.unavailable = False
            here.gateway.lobby.limits = here.gateway.lobby.limits.__class__()
            again = await here.ask("m1", "member", "POST", BIDS, {"maximum": 600}, Idempotency_Key="k")
            assert again.json()["number"] == 1
            assert len(here.gateway.replica.program.auctions["a1"].history) == 1

    run(body())


def test_pages_of_other_origins(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(origins=("https://shop.example",)) as here:
            preflight = {
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "idempotency-key",
            }
            for origin, allowed in (("https://shop.example", True), ("https://evil.example", False)):
                response = await here.http.options(BIDS, headers={"Origin": origin} | preflight)
                assert response.is_success == allowed
                response = await here.ask("m1", "member", "GET", "/v1/me", Origin=origin)
                assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
            assert (
                "Livelot-Position"
                in (await here.ask("m1", "member", "GET", "/v1/me", Origin="https://shop.example")).headers[
                    "access-control-expose-headers"
                ]
            )

    run(body())


def test_a_bug_is_answered_without_its_traceback(
    run: Run, world: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        async with world() as here:
            monkeypatch.setattr(here.gateway.desk, "ask", lambda *_: 1 / 0)
            response = await here.ask("m1", "member", "GET", "/v1/me")
            assert (response.status_code, response.json()["code"]) == (500, "internal")
            assert "division" not in json.dumps(response.json())

    run(body())

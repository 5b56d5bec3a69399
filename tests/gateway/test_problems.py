"""Problem details: standard members, details beside them, headers that tell when to come back."""

import msgspec
import pytest

from engine.errors import Rejected
from gateway.problems import headers_of, problem_of, raw, respond
from gateway.wire import ALL_CODES


@pytest.mark.parametrize("code", ALL_CODES)
def test_every_code_makes_a_problem(code: str) -> None:
    rejected = Rejected(code, "Words.", {"minimum": 5})
    response = respond(rejected)
    problem = msgspec.json.decode(response.body)
    assert response.status_code == problem["status"] == ALL_CODES[code].status
    assert 400 <= response.status_code < 600
    assert problem["type"] == f"/reference#{code}"
    assert problem["detail"] == "Words."
    assert problem["minimum"] == 5
    assert ("retry-after" in response.headers) == (response.status_code in (429, 503))
    assert ("www-authenticate" in response.headers) == (response.status_code == 401)


def test_details_do_not_replace_standard_members() -> None:
    problem = problem_of(Rejected("wrong_status", "Words.", {"status": "draft", "code": 7}))
    assert (problem["status"], problem["detail_status"]) == (409, "draft")
    assert (problem["code"], problem["detail_code"]) == ("wrong_status", 7)


def test_raw_responses_are_whole() -> None:
    head, _, content = raw(Rejected("too_many_connections", "Words.")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert f"Content-Length: {len(content)}".encode() in head
    assert b"Retry-After: 1" in head
    assert headers_of(Rejected("unauthenticated", "x")) == {"WWW-Authenticate": "Bearer"}

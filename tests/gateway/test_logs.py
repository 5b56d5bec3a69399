"""Logs: one JSON object a line, for our own lines and the libraries', without secrets."""

import json
import logging

import pytest
import structlog

from gateway.logs import configure_logs


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_our_own_lines_and_the_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger("livelot.test").info("applied", position="1:5-0")
    logging.getLogger("some.library").warning("odd: %s", "thing")
    logging.getLogger("uvicorn.error").info('"WebSocket /v1/socket?token=abc" [accepted]')
    structlog.get_logger("livelot.test").debug("hidden by the level")
    first, second = lines(capsys)
    assert (first["event"], first["position"], first["level"]) == ("applied", "1:5-0", "info")
    assert (second["event"], second["logger"]) == ("odd: thing", "some.library")
    assert "timestamp" in first


def test_secrets_do_not_leave(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    structlog.get_logger("livelot.test").info(
        "x", token="abc", access_token="abc", Authorization="abc", tokens=3
    )
    [line] = lines(capsys)
    assert line["tokens"] == 3
    assert "abc" not in str(line)


def test_exceptions_are_in_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger("livelot.test").exception("failed")
    [line] = lines(capsys)
    assert "ValueError: broken" in str(line["exception"])


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", readable=True)
    structlog.get_logger("livelot.test").info("quiet")
    structlog.get_logger("livelot.test").warning("loud", why="test")
    assert "loud" in (written := capsys.readouterr().err)
    assert "quiet" not in written

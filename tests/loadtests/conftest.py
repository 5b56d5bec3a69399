"""What crowds are tested against: everything that `livelot up` starts, and an HTTP server that says what
it is told to."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from benchmarks.livelot import PROGRAM, Livelot
from loadtests.__main__ import app
from loadtests.result import Result, read_result
from loadtests.scenarios import SCENARIOS


@pytest.fixture(scope="package")
def livelot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Livelot]:
    """A fresh program with a gateway, for all tests of this folder."""
    with Livelot(tmp_path_factory.mktemp("livelot")) as running:
        yield running


class Received(NamedTuple):
    """A request that came: its first line's words, its headers and its body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Script:
    """An HTTP server that gives ``answers`` in turn, each a status and a body, and keeps what it
    ``received``."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.received: list[Received] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                script.received.append(Received(self.command, self.path, dict(self.headers.items()), body))
                status, reply = script.answers.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                self.send_header("Livelot-Position", "1:2-3")
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - the names that http.server looks for

            def log_message(self, format: str, *arguments: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def script() -> Iterator[Script]:
    """An HTTP server that says what it is told to."""
    script = Script()
    with script.server:
        serving = Thread(target=script.server.serve_forever, args=(0.01,))
        serving.start()
        yield script
        script.server.shutdown()
        serving.join()


class Played(NamedTuple):
    """A run's exit code, its result, and what was printed."""

    code: int
    result: Result
    printed: str


Play = Callable[..., Played]


@pytest.fixture
def play(livelot: Livelot, tmp_path: Path) -> Play:
    """Runs a scenario at tiny size; its thresholds are out of reach, since time is not what tests look at."""

    def play(name: str, *more: str, **options: object) -> Played:
        given = {"url": livelot.url, "program": PROGRAM, "json": tmp_path / f"{name}.json", **options}
        words = [word for option, value in given.items() for word in (f"--{option}", str(value))]
        for threshold in SCENARIOS[name].thresholds:
            words += ["--limit", f"{threshold.action}.{threshold.measure}=600000"]
        environment = {"LIVELOT_TOKEN_SECRET": livelot.secret, "COLUMNS": "200"}
        finished = CliRunner().invoke(app, [name, *words, *more], env=environment)
        assert finished.exception is None or isinstance(finished.exception, SystemExit), finished.output
        assert finished.exit_code in (0, 1), finished.output
        return Played(finished.exit_code, read_result(tmp_path / f"{name}.json"), finished.output)

    return play

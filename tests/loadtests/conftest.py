"""What crowds are tested against: everything that `livelot up` starts, and an HTTP server that says what
it is told to."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple

import pytest

from benchmarks.livelot import Livelot


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

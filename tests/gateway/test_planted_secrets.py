"""Secrets are planted wherever a process can come to see one, and looked for in all that processes say: at
every log level, for machines and for people."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
import websockets.sync.client
from websockets.exceptions import WebSocketException

from engine.embedded import EmbeddedServer
from engine.fetching import FetchError, ask, fetch
from gateway.blueprint import client
from gateway.clock import now
from gateway.identity import mint_token
from gateway.logs import configure_logs
from gateway.settings import LOG_LEVELS
from tests.gateway.harness import Livelot as Command
from tests.gateway.test_supervisor import Livelot, port, running

__all__ = ["port"]

HOUR = 3_600_000

PLANTED = "Xyzzy7Plugh9Sekrit"
"""It stands in every secret that is planted here, or is what is looked for beside them."""

SECRET = f"{PLANTED}-signs-tokens-and-is-long-enough"

EVERY_WAY = [(level, form) for level in LOG_LEVELS for form in ("json", "text")]

WITH_PROCESSES = [("debug", "json"), ("debug", "text")]
"""What is said at any other level is said at this one too."""


def in_all_that_was_said(said: str, *secrets: str) -> list[str]:
    return [
        line for line in said.splitlines() if any(secret in line for secret in (PLANTED, *secrets) if secret)
    ]


def requests_with(token: str) -> list[httpx.Request]:
    """Requests that have a secret where clients put them, and where they must not."""
    bearer = {"Authorization": f"Bearer {token}"}
    foreign = mint_token("other", PLANTED, "operator", key=SECRET, expires_at=now() + HOUR)
    return [
        httpx.Request(method, f"http://gateway{path}", headers=headers, content=body)
        for method, path, headers, body in (
            ("GET", f"/v1/me?token={PLANTED}", bearer, b""),
            ("GET", f"/v1/me?access_token={token}", {}, b""),
            ("GET", f"/v1/members/{PLANTED}", bearer, b""),
            ("GET", f"/{PLANTED}", {}, b""),
            ("GET", "/v1/program", {"Authorization": f"Basic {PLANTED}"}, b""),
            ("GET", "/v1/program", {"Authorization": f"Bearer {PLANTED}.{PLANTED}.{PLANTED}"}, b""),
            ("GET", "/v1/program", {"Authorization": f"Bearer {foreign}"}, b""),
            ("GET", "/v1/program", bearer | {"Cookie": f"session={PLANTED}", "X-Api-Key": PLANTED}, b""),
            ("GET", "/v1/program", bearer | {"Livelot-Position": PLANTED}, b""),
            ("PUT", "/v1/program", bearer | {"Idempotency-Key": PLANTED}, b"{}"),
            ("POST", "/v1/auctions", bearer | {"Content-Type": "application/json"}, PLANTED.encode()),
            (
                "POST",
                "/v1/auctions",
                bearer | {"Content-Type": "application/json"},
                f'{{"{PLANTED}": "{PLANTED}", "auction": 5}}'.encode(),
            ),
            ("POST", "/v1/auctions", bearer | {"Content-Type": PLANTED}, b"{}"),
            ("PATCH", f"/v1/program?secret={PLANTED}", bearer, b""),
        )
    ]


FRAMES = (
    '{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":"' + PLANTED + '"}}',
    '{"jsonrpc":"2.0","id":2,"method":"' + PLANTED + '","params":{"token":"' + PLANTED + '"}}',
    '{"jsonrpc":"2.0","id":3,"method":"subscribe","params":{"topics":["' + PLANTED + '"]}}',
    PLANTED,
)


def show_secrets_to(livelot: Livelot, token: str) -> None:
    """Does to a gateway what clients do that know a secret, well and badly."""
    with httpx.Client(base_url=livelot.url, timeout=20) as http:
        for request in requests_with(token):
            request.url = http.base_url.join(request.url.raw_path.decode())
            request.headers["Host"] = request.url.netloc.decode()
            assert http.send(request).status_code < 500
    url = livelot.url.replace("http", "ws") + "/v1/socket"
    for place, headers in (
        (f"{url}?token={PLANTED}", {"Authorization": f"Bearer {token}"}),
        (f"{url}?token={PLANTED}", {"Authorization": f"Bearer {PLANTED}"}),
        (url, {"Sec-WebSocket-Protocol": f"bearer.{PLANTED}"}),
        (url, {"Origin": f"https://{PLANTED}.example"}),
    ):
        with contextlib.suppress(WebSocketException):
            with websockets.sync.client.connect(place, additional_headers=headers) as connection:
                for frame in FRAMES:
                    connection.send(frame)
                    connection.recv(timeout=5)
                connection.send(PLANTED.encode())
                connection.recv(timeout=5)
    host, _, number = livelot.url.removeprefix("http://").partition(":")
    for raw in (
        f"GET /{PLANTED} HTTP/9.9\r\n{PLANTED}\r\n\r\n",
        f"{PLANTED}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: {PLANTED}{'x' * 70_000}\r\n\r\n",
    ):
        with contextlib.suppress(OSError), socket.create_connection((host, int(number)), timeout=5) as plain:
            plain.sendall(raw.encode())
            plain.settimeout(5)
            plain.recv(1_000)


@pytest.mark.parametrize(("level", "form"), WITH_PROCESSES)
def test_no_process_says_a_secret(tmp_path: Path, port: int, level: str, form: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    with running(folder, port, "--log-level", level, "--log-format", form) as livelot:
        token = mint_token("main", "boss", "operator", key=SECRET, expires_at=now() + HOUR)
        show_secrets_to(livelot, token)
        livelot.end()
        said = "\n".join(livelot.lines) + (tmp_path / "stderr").read_text()
    # A token's last part is what nobody else can make; of the draw key every line is secret.
    drawn = (folder / "draw-key.pem").read_text().splitlines()[1:-1]
    assert in_all_that_was_said(said, token.rpartition(".")[2], *drawn) == []


COMMANDS = [
    ["gateway", "--wait", "0.1", "--log-url", f"redis://livelot:{PLANTED}@127.0.0.1:1/0"],
    ["gateway", "--wait", "0.1", "--log-url", f"sentinel://livelot:{PLANTED}@127.0.0.1:1/main"],
    ["gateway", "--wait", "0.1", "--log-url", f"cluster://livelot:{PLANTED}@127.0.0.1:1"],
    ["gateway", "--wait", "0.1", "--log-url", f"nonsense://livelot:{PLANTED}@127.0.0.1:1/"],
    ["gateway", "--wait", "0.1", "--key-set", f"http://livelot:{PLANTED}@127.0.0.1:1/keys?token={PLANTED}"],
    ["gateway", "--wait", "0.1", "--vault", f"nonsense://livelot:{PLANTED}@127.0.0.1/x"],
    ["gateway", "--wait", "0.1", "--secret-file", "short"],
    ["gateway", "--wait", "0.1", "--tls-certificate", "short", "--tls-key", "short"],
    ["engine", "--wait", "0.1", "--draw-key", "short"],
    ["engine", "--wait", "0.1", "--drand", f"ftp://livelot:{PLANTED}@127.0.0.1"],
    ["engine", "--wait", "0.1", "--timestamp-url", f"ftp://livelot:{PLANTED}@127.0.0.1"],
    ["inspect", "--log-url", f"redis://livelot:{PLANTED}@127.0.0.1:1/0"],
    ["export", "--url", "http://127.0.0.1:1", "--token", PLANTED],
    ["export", "--url", f"http://livelot:{PLANTED}@127.0.0.1:1", "--token", PLANTED],
    ["export", "--url", f"nonsense://livelot:{PLANTED}@127.0.0.1:1", "--token", PLANTED],
    ["member", "export", "m1", "--url", "http://127.0.0.1:1", "--token", PLANTED],
]
"""Commands that fail over what they were given."""


@pytest.fixture
def planted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, livelot: Command
) -> Callable[[list[str]], tuple[int, str]]:
    """Runs a command in a folder where what it reads is planted; returns its code and all that it said."""
    (tmp_path / "short").write_text(PLANTED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PLANTED)
    monkeypatch.setattr(client, "PATIENCE", 0.1)

    def run(arguments: list[str]) -> tuple[int, str]:
        code, out, err = livelot(*arguments)
        return code, out + err

    return run


Planted = Callable[[list[str]], tuple[int, str]]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda given: " ".join(given)[:50])
def test_a_command_that_fails_tells_no_secret(planted: Planted, arguments: list[str]) -> None:
    run_on = ["--log-level", "debug"] if arguments[0] in ("gateway", "engine") else []
    code, said = planted([*arguments, *run_on])
    assert code
    assert said
    assert in_all_that_was_said(said) == []


@pytest.mark.parametrize(
    "arguments", [["gateway"], ["engine"], ["gateway", "--help"], ["inspect"], ["export"]], ids=" ".join
)
def test_nor_what_it_was_given_by_its_environment(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    for name, value in (
        ("LOG_URL", f"redis://livelot:{PLANTED}@127.0.0.1:1/0"),
        ("TOKEN", PLANTED),
        ("URL", "http://127.0.0.1:1"),
        ("WAIT", "0.1"),
        ("LOG_LEVEL", "debug"),
    ):
        monkeypatch.setenv(f"LIVELOT_{name}", value)
    _, said = planted(arguments)
    assert said
    assert in_all_that_was_said(said) == []


def test_a_server_s_password_is_not_told_where_all_is_well(tmp_path: Path, port: int) -> None:
    users = f"user default on nopass ~* &* +@all\nuser livelot on >{PLANTED} ~* &* +@all\n"
    (tmp_path / "users.acl").write_text(users)
    settings = {"aclfile": str(tmp_path / "users.acl"), "port": str(port), "bind": "127.0.0.1"}
    with EmbeddedServer(tmp_path / "server", settings=settings):
        url = f"redis://livelot:{PLANTED}@127.0.0.1:{port}"
        with running(tmp_path / "own", 0, "--log-url", url, "--log-level", "debug") as livelot:
            livelot.end()
            said = "\n".join(livelot.lines) + (tmp_path / "stderr").read_text()
    assert f"redis://127.0.0.1:{port}" in said
    assert in_all_that_was_said(said) == []


class Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(403)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def refusing() -> Iterator[int]:
    """The port of a server that refuses everything."""
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("level", "form"), EVERY_WAY)
def test_what_is_fetched_elsewhere_tells_no_credentials(
    capsys: pytest.CaptureFixture[str], refusing: int, level: str, form: str
) -> None:
    """drand and time stamps: an operator may give their address with a password in it."""

    async def body() -> None:
        async with httpx.AsyncClient() as client:
            for at in (refusing, 1):
                request = ask(client, "GET", f"http://livelot:{PLANTED}@127.0.0.1:{at}/x?key={PLANTED}")
                with pytest.raises(FetchError) as failed:
                    await fetch(client, request, limit=100, seconds=5)
                assert PLANTED not in str(failed.value)

    configure_logs(level, readable=form == "text")
    asyncio.run(body())
    written = capsys.readouterr()
    assert in_all_that_was_said(written.out + written.err) == []

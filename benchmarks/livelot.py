"""Livelot itself, as a user starts it: `livelot up` with all that belongs to it, or a gateway alone."""

from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.servers import Server, find_descendant, find_free_port
from loadtests.tokens import SignedTokens

PROGRAM = "bench"


class Livelot(Server):
    """A program with its data in ``folder``, as a context manager that is entered once the gateway serves."""

    def __init__(
        self, folder: Path, command: str = "up", more: Sequence[str] = (), *, log: str = "livelot.log"
    ) -> None:
        """``command`` is "up" or "gateway", ``more`` are options of it. Output goes to the file ``log`` in
        ``folder``."""
        port = find_free_port()
        self._data = folder / "data"
        options = ["--program", PROGRAM, "--data", str(self._data), "--port", str(port)]
        super().__init__(["-m", "gateway.cli", command, *options, *more], port, folder / log)

    @property
    def url(self) -> str:
        """Where the gateway is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def tokens(self) -> SignedTokens:
        """Tokens for anybody, signed with the gateway's own secret."""
        return SignedTokens(self.secret, PROGRAM)

    @property
    def secret(self) -> str:
        """What the gateway's tokens are signed with."""
        return (self._data / "secret").read_text().strip()

    @property
    def gateway(self) -> int:
        """The gateway's process."""
        return find_descendant(self.process.pid, "gateway.cli gateway")

    @property
    def keeper(self) -> int:
        """The keeper's process."""
        return find_descendant(self.process.pid, "gateway.cli engine")

    @property
    def valkey(self) -> int:
        """The process of the log's server."""
        return find_descendant(self.process.pid, "valkey-server")

    def is_ready(self) -> bool:
        """Whether the gateway's replica has caught up."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

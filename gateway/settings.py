"""What an operator chooses, in one struct that all processes of a program share.

Every field is an option of the command line and an environment variable: ``log_url`` is ``--log-url`` and
``LIVELOT_LOG_URL``. The supervisor hands its own settings on to the processes that it starts. This is also
where the defaults are turned into places: the log's server, the vault and the secret of a program that has
been told nothing are in the data folder, and so is the key that signs its draws.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from engine.addresses import place_of
from engine.draw.beacon import SOURCES
from engine.embedded import EmbeddedServer
from engine.units import Identifier

PREFIX: Final = "LIVELOT_"
"""What the environment variable of an option starts with."""

LOOPBACK_HOSTS: Final = ("127.0.0.1", "::1", "localhost")

LOG_LEVELS: Final = ("debug", "info", "warning", "error", "critical")
LOG_FORMATS: Final = ("auto", "text", "json")

DEMO_PROGRAM: Final = "demo"
"""The id of the program that ``--demo`` serves, unless another one is given."""

SHARED_NAMES: Final = (
    "program",
    "data",
    "log_url",
    "vault",
    "replicas",
    "trust_server",
    "wait",
    "log_level",
    "log_format",
)
"""The settings of every process of a program."""

KEEPER_NAMES: Final = (
    *SHARED_NAMES,
    "snapshot_minutes",
    "snapshot_megabytes",
    "draw_key",
    "drand",
    "timestamp_url",
)

GATEWAY_NAMES: Final = (
    *SHARED_NAMES,
    "host",
    "port",
    "origins",
    "secret_file",
    "key_set",
    "tls_certificate",
    "tls_key",
    "demo",
)


class SettingsError(Exception):
    """A setting makes no sense, or what it names cannot be used; the words say what would be right."""


class FolderError(SettingsError):
    """A folder cannot be written."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The options. Empty texts stand for a default that follows from the others.

    ``data`` is the folder of everything that is not said to be elsewhere. ``log_url`` and ``vault`` empty: in
    the data folder. ``replicas`` servers confirm an entry before it counts. ``origins`` are pages elsewhere
    that may use the gateway. ``key_set`` verifies tokens instead of the secret. ``wait`` is how many seconds
    a process waits at its start for the log's server. A snapshot is due after ``snapshot_minutes`` or
    ``snapshot_megabytes`` of log. ``draw_key`` is the file of the key that signs raffles' locks. The beacon
    is fetched from the ``drand`` servers in turn; ``timestamp_url`` is an authority that stamps locks (RFC
    3161; empty: none). ``log_format`` is ``auto``, ``text`` or ``json``.
    """

    program: str = "main"
    data: Path = Path("data")
    log_url: str = ""
    vault: str = ""
    replicas: int = 0
    trust_server: bool = False
    wait: float = 10.0
    host: str = "127.0.0.1"
    port: int = 8080
    origins: tuple[str, ...] = ()
    secret_file: str = ""
    key_set: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    demo: bool = False
    snapshot_minutes: float = 10.0
    snapshot_megabytes: int = 64
    draw_key: str = ""
    drand: tuple[str, ...] = SOURCES
    timestamp_url: str = ""
    log_level: str = "info"
    log_format: str = "auto"

    @property
    def server_folder(self) -> Path:
        """Where the log's own server keeps its file."""
        return self.data / "valkey"

    @property
    def log_place(self) -> str:
        """The address of the log's server."""
        return self.log_url or EmbeddedServer(self.server_folder).url

    @property
    def vault_place(self) -> str:
        """The program's vault: a folder or URL. Programs that share a data folder do not share a vault."""
        return self.vault or str((self.data / "vault" / self.program).absolute())

    @property
    def secret_path(self) -> Path:
        """The file with the secret that signs tokens."""
        return Path(self.secret_file) if self.secret_file else self.data / "secret"

    @property
    def draw_key_path(self) -> Path:
        """The file with the key that signs the locks of raffles."""
        return Path(self.draw_key) if self.draw_key else self.data / "draw-key.pem"

    def url_at(self, port: int) -> str:
        """Where people on this machine find a gateway that listens on ``port``."""
        scheme = "https" if self.tls_certificate else "http"
        host = "127.0.0.1" if self.host in ("", "0.0.0.0") else self.host
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def check(self) -> "Settings":
        """Returns the settings. Raises ``SettingsError`` where they make no sense."""
        try:
            msgspec.convert(self.program, Identifier)
        except msgspec.ValidationError as error:
            raise SettingsError(
                f"The program's id {self.program!r} will not do: at most 64 letters, digits and . _ : @ ~ -, "
                "with a letter or digit in front."
            ) from error
        if self.log_level not in LOG_LEVELS:
            raise SettingsError(f"--log-level is one of {', '.join(LOG_LEVELS)}, not {self.log_level!r}.")
        if self.log_format not in LOG_FORMATS:
            raise SettingsError(f"--log-format is one of {', '.join(LOG_FORMATS)}, not {self.log_format!r}.")
        for option, url in (
            *(("--drand", url) for url in self.drand),
            ("--timestamp-url", self.timestamp_url),
        ):
            if url and not url.startswith(("http://", "https://")):
                raise SettingsError(
                    f"{option} is an address like https://host.example.org, not {place_of(url)!r}."
                )
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise SettingsError("--tls-certificate and --tls-key go together: give both, or neither.")
        if self.demo and self.host not in LOOPBACK_HOSTS:
            raise SettingsError(
                f"--demo lets everybody be any member, so it serves 127.0.0.1 only, not {self.host}."
            )
        if self.demo and self.key_set:
            raise SettingsError("--demo makes its own tokens, with a secret: leave --key-set out.")
        return self

    def arguments(self, names: tuple[str, ...]) -> list[str]:
        """The options of these names that give another process the same settings; defaults are left out."""
        options = []
        for field in msgspec.structs.fields(self):
            value = getattr(self, field.name)
            if field.name in names and value != field.default:
                options += _as_option(f"--{field.name.replace('_', '-')}", value)
        return options


def _as_option(name: str, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [name] if value else []
    if isinstance(value, tuple):
        return [part for one in value for part in (name.removesuffix("s"), str(one))]
    return [name, str(value)]

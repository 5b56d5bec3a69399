"""The options of ``livelot``, each once: its name, its environment variable, its words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway.settings import DEMO_PROGRAM, Settings

DEFAULTS: Final = Settings()
"""Where the defaults of all options come from."""

Program = Annotated[
    str, typer.Option(envvar="LIVELOT_PROGRAM", help="The program's id.", metavar="ID", show_default=False)
]
Data = Annotated[
    Path,
    typer.Option(
        envvar="LIVELOT_DATA",
        help="The folder of everything that is not said to be elsewhere.",
        metavar="FOLDER",
    ),
]
LogUrl = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_LOG_URL",
        metavar="URL",
        show_default=False,
        help="The log's server: redis://, rediss://, valkey://, unix://, sentinel://h1,h2/service or "
        "cluster://h1,h2. [default: the one in the data folder]",
    ),
]
VaultPlace = Annotated[
    str,
    typer.Option(
        "--vault",
        envvar="LIVELOT_VAULT",
        metavar="URL",
        show_default=False,
        help="Snapshots, archive, evidence: a folder, or any URL that fsspec opens. [default: "
        "DATA/vault/PROGRAM]",
    ),
]
Replicas = Annotated[
    int,
    typer.Option(
        envvar="LIVELOT_REPLICAS",
        min=0,
        max=10,
        help="How many replica servers confirm an entry before it counts.",
    ),
]
TrustServer = Annotated[
    bool,
    typer.Option(
        "--trust-server",
        envvar="LIVELOT_TRUST_SERVER",
        help="Do not ask the log's server whether it syncs before it acknowledges (if it may not be asked).",
    ),
]
Wait = Annotated[
    float,
    typer.Option(
        envvar="LIVELOT_WAIT",
        min=0,
        max=3600,
        metavar="SECONDS",
        help="How long to wait for the log's server at first.",
    ),
]
Url = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_URL",
        metavar="URL",
        show_default=False,
        help="Where the gateway is. [default: http://127.0.0.1:8080]",
    ),
]
Token = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_TOKEN",
        metavar="TOKEN",
        show_default=False,
        help="Whom the gateway takes you for. [default: an operator, by the secret in the data folder]",
    ),
]
LogLevel = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_LOG_LEVEL", metavar="LEVEL", help="What to log: debug, info, warning or error."
    ),
]
LogFormat = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_LOG_FORMAT",
        metavar="FORMAT",
        help="text, json, or auto: text on a terminal, else json.",
    ),
]
Host = Annotated[
    str, typer.Option(envvar="LIVELOT_HOST", metavar="ADDRESS", help="The address to serve at; 0.0.0.0: all.")
]
Port = Annotated[
    int,
    typer.Option(envvar="LIVELOT_PORT", min=0, max=65535, help="The port to serve at; 0: any that is free."),
]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--origin",
        envvar="LIVELOT_ORIGINS",
        metavar="ORIGIN",
        help="A page elsewhere that may use the gateway, as https://app.example.org. May be given again; "
        "in the environment, with blanks between them.",
    ),
]
SecretFile = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_SECRET_FILE",
        metavar="FILE",
        show_default=False,
        help="The secret that signs tokens (HS256). [default: DATA/secret, made at the first start]",
    ),
]
KeySetPlace = Annotated[
    str,
    typer.Option(
        "--key-set",
        envvar="LIVELOT_KEY_SET",
        metavar="FILE_OR_URL",
        show_default=False,
        help="Verify tokens (EdDSA, RS256) by this JWKS instead of a secret.",
    ),
]
TlsCertificate = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_TLS_CERTIFICATE", metavar="FILE", show_default=False, help="Serve TLS with it."
    ),
]
TlsKey = Annotated[
    str,
    typer.Option(envvar="LIVELOT_TLS_KEY", metavar="FILE", show_default=False, help="The certificate's key."),
]
Demo = Annotated[
    bool,
    typer.Option(
        "--demo",
        envvar="LIVELOT_DEMO",
        help="A demo program, with members, auctions and a crowd; on this machine only.",
    ),
]
SnapshotMinutes = Annotated[
    float,
    typer.Option(
        envvar="LIVELOT_SNAPSHOT_MINUTES",
        min=0.01,
        metavar="MINUTES",
        help="How long until a snapshot is due.",
    ),
]
SnapshotMegabytes = Annotated[
    int,
    typer.Option(
        envvar="LIVELOT_SNAPSHOT_MEGABYTES", min=1, metavar="MB", help="After how much log a snapshot is due."
    ),
]
DrawKeyFile = Annotated[
    str,
    typer.Option(
        "--draw-key",
        envvar="LIVELOT_DRAW_KEY",
        metavar="FILE",
        show_default=False,
        help="The private key (Ed25519, PEM) that signs the locks of raffles; the same for every keeper of a "
        "program. [default: DATA/draw-key.pem, made at the first start]",
    ),
]
Drand = Annotated[
    list[str] | None,
    typer.Option(
        envvar="LIVELOT_DRAND",
        metavar="URL",
        show_default=False,
        help="Where raffles' randomness is fetched: servers of drand, asked in turn. May be given again, or "
        f"with commas between them. [default: {', '.join(DEFAULTS.drand)}]",
    ),
]
TimestampUrl = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_TIMESTAMP_URL",
        metavar="URL",
        show_default=False,
        help="An authority (RFC 3161) that stamps the locks of raffles, so that their time is not your word "
        "alone. [default: none]",
    ),
]
LeashDescriptor = Annotated[int | None, typer.Option("--leash", hidden=True)]
"""How `livelot up` holds its children (`gateway.processes.Leash`)."""


def build(given: Mapping[str, Any]) -> Settings:
    """Settings from the parameters of a command, by name; those that are no settings are passed over.

    Raises ``SettingsError``.
    """
    chosen = {name: value for name, value in given.items() if name in Settings.__struct_fields__}
    if not chosen.get("program"):
        chosen["program"] = DEMO_PROGRAM if chosen.get("demo") else DEFAULTS.program
    if "origins" in chosen:
        chosen["origins"] = tuple(chosen["origins"] or ())
    if "drand" in chosen:
        given_urls = (url.strip() for text in chosen["drand"] or () for url in text.split(","))
        chosen["drand"] = tuple(filter(None, given_urls)) or DEFAULTS.drand
    return Settings(**chosen).check()

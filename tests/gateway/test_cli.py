"""The command line: what it prints, and that every mistake ends in one line that says what would be right."""

import os
import re
import socket
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from pkgutil import resolve_name

import jwt
import pytest
import redis

from engine.draw.beacon import SOURCES
from engine.embedded import EmbeddedServer
from gateway import cli, options
from gateway.failures import EXIT_CODES, REBUILD, STOPPED, RebuildNeeded, exit_code, unwrap
from gateway.key_files import read_or_make_draw_key, read_secret
from gateway.settings import GATEWAY_NAMES, KEEPER_NAMES, Settings
from gateway.supervisor import child_environment, own_command
from tests.gateway.harness import Livelot


@pytest.mark.parametrize(
    "command",
    [
        *("up", "engine", "gateway", "token", "draw-key", "inspect", "replay", "log drop", "log rotate"),
        *("plan", "apply", "export", "tune", "preview"),
    ],
)
def test_help_teaches(livelot: Livelot, command: str) -> None:
    code, out, _ = livelot(*command.split(), "--help")
    assert code == 0
    assert f"livelot {command}" in out.partition("Options")[0]


def test_without_a_command_the_help_is_shown(livelot: Livelot) -> None:
    code, out, err = livelot()
    assert code == 2
    assert "livelot up --demo" in out
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nix"], 2, "No such command 'nix'"),
        (["up", "--port", "x"], 2, "Invalid value for '--port'"),
        (["up", "--port", "70000"], 2, "Invalid value for '--port'"),
        (["up", "--nix"], 2, "No such option: --nix"),
        (["up", "--program", "a b"], 78, "The program's id 'a b' will not do"),
        (["up", "--tls-key", "key.pem"], 78, "give both, or neither"),
        (["up", "--log-level", "loud"], 78, "--log-level is one of debug, info, warning"),
        (["up", "--log-format", "xml"], 78, "--log-format is one of auto, text, json"),
        (["gateway", "--demo", "--host", "0.0.0.0"], 78, "127.0.0.1 only, not 0.0.0.0"),
        (["gateway", "--demo", "--key-set", "keys.json"], 78, "leave --key-set out"),
        (["gateway", "--key-set", "/nowhere/keys.json"], 78, "The key set /nowhere/keys.json cannot be read"),
        (["gateway", "--secret-file", "/nowhere/secret"], 78, "The secret /nowhere/secret cannot be read"),
        (["gateway", "--log-url", "nix", "--port", "0"], 78, "should look like redis://host:6379/0"),
        (["gateway", "--host", "203.0.113.1"], 73, "cannot listen on 203.0.113.1"),
        (["engine", "--log-url", "redis://127.0.0.1:1", "--wait", "0"], 69, "was not reached"),
        (["inspect", "--log-url", "redis://127.0.0.1:1"], 69, "was not reached"),
        (["inspect"], 69, "was not reached"),
        (["engine", "--draw-key", "/nowhere/key.pem"], 78, "There is no draw key at /nowhere/key.pem"),
        (["draw-key"], 78, "There is no draw key at data/draw-key.pem: the program's keeper makes one"),
        (["up", "--drand", "api.drand.sh"], 78, "--drand is an address like https://host.example.org"),
        (["up", "--timestamp-url", "ftp://x"], 78, "--timestamp-url is an address like"),
        (["token", "a b"], 2, "The token's sub must be an id"),
        (["token", "m1", "--role", "king"], 2, "role must be one of member, manager, operator, service"),
        (["replay", "nowhere.csv"], 2, "nowhere.csv"),
        (["log", "drop", "nonsense", "--reason", "x"], 2, "A position looks like 1:1732233434000-0."),
        (["log", "drop", "1:5-0"], 2, "Missing option '--reason'"),
    ],
)
def test_a_mistake_is_one_line(
    livelot: Livelot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended, out, err = livelot(*arguments)
    assert (ended, out) == (code, "")
    assert err.startswith("livelot: ")
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("command", ["up --port 0", "gateway --port 0", "token m1"])
def test_a_folder_that_cannot_be_written(livelot: Livelot, tmp_path: Path, command: str) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    code, _, err = livelot(*command.split(), "--data", taken / "data")
    assert code == 73
    assert err.startswith(f"livelot: The folder {taken / 'data'} cannot be written: ")
    assert len(err.splitlines()) == 1


def test_a_vault_that_cannot_be_written(
    livelot: Livelot, valkey: EmbeddedServer, program: str, tmp_path: Path
) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    options = ("--log-url", valkey.url, "--program", program, "--data", tmp_path, "--log-level", "error")
    code, _, err = livelot("engine", "--vault", taken, *options)
    assert code == 73
    assert err.startswith(f"livelot: The vault {taken} ")
    assert len(err.splitlines()) == 1


def test_a_port_in_use(livelot: Livelot, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, _, err = livelot("gateway", "--port", port, "--data", tmp_path)
    assert code == 73
    assert err == (
        f"livelot: Port {port} on 127.0.0.1 is in use by process {os.getpid()} "
        f"({Path('/proc/self/comm').read_text().strip()}): end it, or choose another --port.\n"
    )


@pytest.mark.parametrize(
    ("setting", "value", "right"),
    [
        ("appendonly", "no", "yes"),
        ("appendfsync", "everysec", "always"),
        ("no-appendfsync-on-rewrite", "yes", "no"),
        ("maxmemory-policy", "allkeys-lru", "noeviction"),
    ],
)
def test_a_server_that_would_lose_commands(
    livelot: Livelot, tmp_path: Path, setting: str, value: str, right: str
) -> None:
    with EmbeddedServer(tmp_path / "server", settings={setting: value}) as server:
        for command in (["gateway", "--port", "0"], ["engine"], ["inspect"]):
            code, _, err = livelot(*command, "--data", tmp_path, "--log-url", server.url)
            assert code == 78
            assert f"has {setting} {value}: set {setting} {right};" in err
            assert len(err.splitlines()) == 1


def test_a_certificate_that_cannot_be_read(
    livelot: Livelot, valkey: EmbeddedServer, program: str, tmp_path: Path
) -> None:
    files = ["--tls-certificate", "/nowhere/a.pem", "--tls-key", "/nowhere/a.key"]
    code, _, err = livelot(
        *["gateway", "--log-url", valkey.url, "--program", program, "--data", tmp_path, "--port", 0, *files]
    )
    assert code == 78
    assert err == (
        "livelot: The certificate /nowhere/a.pem and the key /nowhere/a.key cannot be used: "
        "No such file or directory.\n"
    )


def test_the_server_of_the_log_runs_alone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = own_command("gateway.cli", "log", "serve", "--data", str(tmp_path), "--port", str(port))
    with subprocess.Popen(command, env=child_environment(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert f"and redis://127.0.0.1:{port}." in server.stdout.readline()
        with closing(redis.Redis(port=port)) as client:
            assert client.config_get("appendfsync") == {"appendfsync": "always"}
        server.terminate()
        assert server.wait(20) == 0
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_storm_is_started_with_its_own_options(tmp_path: Path) -> None:
    read_secret(Settings(data=tmp_path / "data"))
    command = own_command("gateway.cli", "storm", "--data", str(tmp_path / "data"), "--members", "0")
    storm = subprocess.run(command, env=child_environment(), capture_output=True, text=True, timeout=30)
    assert storm.returncode == 2
    assert "--members" in storm.stderr


def test_a_storms_scenario_and_its_options_are_handed_on(tmp_path: Path) -> None:
    read_secret(Settings(data=tmp_path / "data"))
    files = [str(tmp_path / "none.json"), "-o", str(tmp_path / "all.json")]
    for words, said in (
        (["flash", "--stock", "x", "--data", str(tmp_path / "data")], "'--stock'"),
        (["merge", *files], "none.json"),
    ):
        command = own_command("gateway.cli", "storm", *words)
        storm = subprocess.run(command, env=child_environment(), capture_output=True, text=True, timeout=30)
        assert storm.returncode == 2
        assert said in "".join(storm.stderr.split())


def test_a_token_is_good_for_a_gateway(livelot: Livelot, tmp_path: Path) -> None:
    code, out, _ = livelot(
        "token", "ops", "--role", "operator", "--program", "spring", "--data", tmp_path / "data"
    )
    assert code == 0
    secret = tmp_path / "data" / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    claims = jwt.decode(out.strip(), secret.read_text().strip(), algorithms=["HS256"], audience="spring")
    assert (claims["sub"], claims["role"]) == ("ops", "operator")
    assert list((tmp_path / "data").iterdir()) == [secret]
    livelot("token", "m1", "--data", tmp_path / "data")
    assert read_secret(Settings(data=tmp_path / "data")) == secret.read_text().strip()


def test_a_short_secret_is_refused(livelot: Livelot, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short")
    code, _, err = livelot("token", "m1", "--secret-file", tmp_path / "secret")
    assert code == 78
    assert "is too short: it needs 32 bytes at least" in err


def test_options_come_from_the_environment(
    livelot: Livelot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVELOT_DATA", str(tmp_path))
    monkeypatch.setenv("LIVELOT_PROGRAM", "spring")
    _, out, _ = livelot("token", "m1")
    assert jwt.decode(out.strip(), options={"verify_signature": False})["aud"] == "spring"


def test_inspecting_starts_the_server_for_a_moment(livelot: Livelot, tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "valkey"):
        pass
    code, _, err = livelot("inspect", "--data", tmp_path)
    assert code == 2
    assert err == "livelot: There is no program 'main' on this server: its log is empty.\n"
    with EmbeddedServer(tmp_path / "valkey") as server:  # it is free again
        assert server.process is not None


def test_settings_reach_another_process() -> None:
    settings = Settings(
        program="spring",
        port=0,
        data=Path("/tmp/x"),
        origins=("https://a.example", "https://b.example"),
        trust_server=True,
        snapshot_minutes=1.0,
    )
    given = " ".join(settings.arguments(GATEWAY_NAMES))
    assert given == (
        "--program spring --data /tmp/x --trust-server --port 0 "
        "--origin https://a.example --origin https://b.example"
    )


def test_the_keeper_gets_what_it_draws_with() -> None:
    settings = options.build(
        {"draw_key": "key.pem", "drand": ["https://a.example, https://b.example", "https://c.example"]}
    )
    assert settings.drand == ("https://a.example", "https://b.example", "https://c.example")
    given = " ".join(settings.arguments(KEEPER_NAMES))
    assert given == (
        "--draw-key key.pem --drand https://a.example --drand https://b.example --drand https://c.example"
    )
    assert options.build({"drand": None}).drand == Settings().drand == SOURCES
    assert options.build({"drand": []}).arguments(KEEPER_NAMES) == []
    assert settings.arguments(GATEWAY_NAMES) == []


def test_the_draw_key_is_made_once_and_its_public_half_printed(livelot: Livelot, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    key = read_or_make_draw_key(settings)
    assert read_or_make_draw_key(settings).public == key.public
    assert livelot("draw-key", "--data", tmp_path / "data") == (0, f"{key.public}\n", "")
    assert livelot("draw-key", "--draw-key", settings.draw_key_path)[1] == f"{key.public}\n"
    settings.draw_key_path.write_text("nonsense")
    code, _, err = livelot("engine", "--data", tmp_path / "data")
    assert code == 78
    assert "should be a private key in PEM" in err


def test_exit_codes() -> None:
    group = ExceptionGroup("tasks", [ExceptionGroup("more", [RebuildNeeded("gap")])])
    assert exit_code(unwrap(group)) == REBUILD
    assert exit_code(KeyError("a bug")) is None
    assert STOPPED != REBUILD


@pytest.mark.parametrize("name", EXIT_CODES)
def test_exit_codes_are_those_of_exceptions_that_exist(name: str) -> None:
    kind = resolve_name(name)
    assert issubclass(kind, Exception)
    assert f"{kind.__module__}.{kind.__qualname__}" == name
    assert exit_code(kind.__new__(kind)) == EXIT_CODES[name]


def test_the_readme_lists_every_option_that_the_environment_gives() -> None:
    named = re.compile(r"LIVELOT_[A-Z_]+")
    root = Path(cli.__file__).parent
    given = set(named.findall((root / "options.py").read_text()))
    assert set(named.findall((root.parent / "README.md").read_text())) == given
    of_clients = {"LIVELOT_URL", "LIVELOT_TOKEN"}  # what speaks to a gateway, and is none
    assert {f"LIVELOT_{field.upper()}" for field in Settings.__struct_fields__} == given - of_clients

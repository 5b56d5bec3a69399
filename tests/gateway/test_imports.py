"""What a command imports: each process is started often, and pays for all of it every time."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.supervisor import child_environment

WEB = {"starlette", "uvicorn", "websockets", "prometheus_client", "gateway.app"}
"""What serves HTTP and sockets."""

PROGRAM = {"engine.program", "engine.replica", "engine.commands", "numpy", "holidays", "fsspec", "redis"}
"""What holds a program, and where it is held."""

CLIENT = {"httpx", "gateway.operations", "gateway.blueprint"}
"""What speaks to a gateway."""

SIGNING = {"jwt", "cryptography"}

LIGHT = WEB | PROGRAM | CLIENT | {"structlog", "uvloop"}


def imported_by(statement: str) -> set[str]:
    """The modules that are there once a Python of its own has run the statement."""
    code = f"import sys\ntry: {statement}\nexcept SystemExit: pass\nprint('imported', *sys.modules)"
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], env=child_environment(), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.splitlines()[-1].split()[1:])


def imported_by_command(*words: str) -> set[str]:
    """The same of ``livelot`` with these words."""
    return imported_by(f"from gateway import cli; sys.argv = {['livelot', *words]!r}; cli.main()")


@pytest.mark.parametrize("words", ["--help", "up --help", "engine --help", "apply --help", "log drop --help"])
def test_help_imports_nothing_that_works(words: str) -> None:
    assert imported_by_command(*words.split()) & (LIGHT | SIGNING) == set()


def test_a_token_is_made_by_little(tmp_path: Path) -> None:
    imported = imported_by_command("token", "m1", "--data", str(tmp_path))
    assert "jwt" in imported
    assert imported & LIGHT == set()


def test_the_draw_key_is_read_by_little(tmp_path: Path) -> None:
    imported = imported_by_command("draw-key", "--data", str(tmp_path))
    assert "engine.signing" in imported
    assert imported & (LIGHT | {"jwt"}) == set()


def test_the_supervisor_runs_none_of_what_its_children_run() -> None:
    assert imported_by("import gateway.supervisor") & LIGHT == set()


def test_a_keeper_serves_nobody() -> None:
    imported = imported_by("import gateway.keeper_process")
    assert "engine.keeper" in imported
    assert imported & (WEB | {"numpy", "gateway.operations", "gateway.blueprint"}) == set()


def test_what_looks_at_a_log_serves_nobody() -> None:
    imported = imported_by("import gateway.core, gateway.inspection, gateway.maintenance")
    assert imported & (WEB | CLIENT | {"numpy"}) == set()


def test_what_asks_a_gateway_is_none() -> None:
    imported = imported_by("import gateway.errands, gateway.blueprint.planning")
    assert imported & (WEB | {"redis", "fsspec", "engine.replica"}) == set()


def test_a_draw_is_verified_without_its_program() -> None:
    imported = imported_by("import engine.draw.verification, gateway.draw_files")
    assert imported & (WEB | PROGRAM | CLIENT) == set()


def test_the_demo_is_a_client() -> None:
    imported = imported_by("import gateway.demo.program")
    assert imported & ((WEB - {"websockets"}) | {"redis", "fsspec", "engine.replica"}) == set()


def test_no_storm_loads_what_compares_storms() -> None:
    imported = imported_by("import loadtests.__main__")
    assert imported & {"numpy", "starlette", "uvicorn", "gateway.app", "engine.program", "redis"} == set()

"""``livelot plan``, ``apply``, ``export``, ``tune`` and ``preview``, as they are typed, against a gateway."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvloop

from gateway import program_commands
from gateway.blueprint import client
from gateway.demo.catalogue import PROGRAM_FILE
from gateway.logs import configure_logs
from tests.gateway.blueprint.harness import SMALL, client_of
from tests.gateway.harness import SECRET, Livelot, World, open_world


class Served:
    """A gateway in a thread of its own, as the commands run their own loop."""

    def __init__(self) -> None:
        self.world: World
        self._loop = uvloop.new_event_loop()
        self._started = threading.Event()
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._started.wait(20)

    def ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """What the program's operator would be answered."""

        async def ask() -> dict[str, Any]:
            async with client_of(self.world) as call:
                return await call(operation, **parameters)

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _run(self) -> None:
        async def serve() -> None:
            async with open_world() as self.world:
                self._stop = asyncio.Event()
                self._started.set()
                await self._stop.wait()

        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(serve())


@pytest.fixture
def served() -> Iterator[Served]:
    configure_logs("critical", readable=True)  # what is on standard output is the command's
    served = Served()
    yield served
    served.stop()


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(livelot: Livelot, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the gateway, in a folder with the small program."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "p.toml").write_text(SMALL)
    monkeypatch.setenv("LIVELOT_URL", f"http://127.0.0.1:{served.world.port}")
    monkeypatch.setenv("LIVELOT_PROGRAM", "demo")
    monkeypatch.setenv("LIVELOT_SECRET_FILE", str(tmp_path / "secret"))
    return livelot


def edit(old: str, new: str) -> None:
    path = Path("p.toml")
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_plan_apply_and_nothing_to_change(command: Run) -> None:
    code, planned, err = command("plan", "p.toml")
    assert (code, err) == (0, "")
    assert planned.splitlines()[-1] == "11 to add, 2 to change; price rules change together, as one revision."
    assert command("plan", "p.toml", "--exit-code")[0] == program_commands.CHANGES
    code, out, _ = command("apply", "p.toml")
    assert code == 0
    assert out.startswith(planned)
    assert "✓ price rules: they run as revision 1.\n✓ auction vase: added." in out
    for more in ((), ("--yes",), ("--prune",)):
        assert command("apply", "p.toml", *more) == (0, "Nothing to change.\n", "")
    assert command("plan", "p.toml", "--exit-code") == (0, "Nothing to change.\n", "")
    edit("number = 9000", "number = 8500")
    assert command("plan", "p.toml")[1].splitlines() == [
        "~ rule gold",
        "    effect.number: 9000 → 8500",
        "1 to change; price rules change together, as one revision.",
    ]


def test_the_example_program_there_and_back(command: Run) -> None:
    assert command("apply", PROGRAM_FILE)[0] == 0
    code, out, err = command("export", "exported.toml")
    assert (code, out, err) == (0, "", "")
    assert command("plan", "exported.toml", "--prune") == (0, "Nothing to change.\n", "")
    assert command("plan", PROGRAM_FILE) == (0, "Nothing to change.\n", "")
    _, printed, _ = command("export")
    assert printed.partition("\n")[2] == Path("exported.toml").read_text().partition("\n")[2]
    assert printed.startswith("# The program demo, as it ran at 20")
    code, _, err = command("export", "nowhere/p.toml")
    assert code == 73
    assert err == "livelot: nowhere/p.toml cannot be written: No such file or directory.\n"


def test_somebody_at_a_terminal_is_asked(
    command: Run, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(program_commands.typer, "confirm", lambda words: asked.append(words))
    code, out, _ = command("apply", "p.toml")
    assert (code, asked) == (0, ["Do it?"])
    assert "✓" not in out
    assert served.ask("experience.list")["experiences"] == []
    assert "✓" in command("apply", "p.toml", "--yes")[1]
    assert asked == ["Do it?"]


def test_faults_are_one_line_each_and_nothing_is_called(command: Run, served: Served) -> None:
    edit("least = 5000", "least = 50000")
    edit("points = 2000", "point = 2000")
    before = served.world.gateway.replica.position
    code, out, err = command("apply", "p.toml")
    assert (code, out) == (65, "")
    assert err.splitlines() == [
        "livelot: p.toml: experiences.spa.payment.least: Expected int <= 10000.",
        "livelot: p.toml: experiences.opera.point: there is no such field; did you mean points?",
        "livelot: p.toml: experiences.opera.points: it is missing.",
    ]
    edit("least = 50000", "least = 5000")
    edit("point = 2000", "points = 2000")
    edit('tiers = ["gold"]', 'tiers = ["golden"]')
    code, _, err = command("plan", "p.toml")
    assert code == 65
    words = "There is no tier 'golden' in this program. There are blue, gold."
    assert err == f"livelot: p.toml: rules.gold.scope.tiers[0]: {words}\n"
    assert served.world.gateway.replica.position == before


def test_what_looks_like_a_mistake_is_said(command: Run) -> None:
    edit("number = 9000", "number = 10000")
    code, _, err = command("plan", "p.toml")
    assert (code, err) == (0, "p.toml: warning: rules.gold.effect.number: It changes no price.\n")


def test_a_refusal_in_the_middle(command: Run) -> None:
    edit("[program]", '[program]\nspending_order = "earned"')
    code, out, _ = command("apply", "p.toml")
    assert code == program_commands.REFUSED
    assert "✗ settings: refused, setting_is_fixed: " in out
    assert "· price rules: not done: the settings were refused." in out


def test_a_plan_with_a_preview(command: Run, served: Served) -> None:
    command("apply", "p.toml")
    edit("number = 9000", "number = 8000")
    code, out, _ = command("plan", "p.toml", "--preview")
    assert code == 0
    assert "4 of 8 prices would change: 0 dearer, 4 cheaper." in out
    assert served.ask("rules.history")["drafts"] == []
    edit('experiences = ["spa"]', 'experiences = ["spa", "new"]')
    edit("[experiences.opera]", '[experiences.new]\nkind = "x"\npoints = 5\n[experiences.opera]')
    code, out, err = command("plan", "p.toml", "--preview")
    assert (code, err) == (0, "")
    assert (
        out.endswith(
            "No preview: rules[0].scope.experiences[0]: There is no experience 'new' in this program.\n"
        )
        or "No preview: " in out
    )


def test_tuning_one_number(command: Run) -> None:
    command("apply", "p.toml")
    assert command("tune", "gold", "8500", "--why", "a slow day") == (
        0,
        "gold: 9000 → 8500, in revision 1.\n",
        "",
    )
    assert command("tune", "summer", "-250")[1] == "summer: -100 → -250, in revision 1.\n"
    code, out, err = command("tune", "nix", "5")
    assert (code, out) == (2, "")
    assert err == "livelot: There is no rule 'nix' in the running revision.\n"
    assert command("tune", "gold", "0")[0] == 2
    assert command("tune", "gold", "--number")[0] == 2
    assert "effect.number: 8500 → 9000" in command("plan", "p.toml")[1]


def test_a_preview_as_a_table_and_as_json(command: Run, served: Served) -> None:
    command("apply", "p.toml")
    served.ask("rules.begin", draft="d", revision=1)
    (gold,) = [rule for rule in served.ask("rules.get")["rules"] if rule["id"] == "gold"]
    gold["effect"]["number"] = 8_000
    served.ask("rules.put", draft="d", rules=[gold])
    code, out, _ = command("preview", "d")
    assert code == 0
    assert out.startswith("4 of 8 prices would change: 0 dearer, 4 cheaper.\n")
    assert "The largest cuts" in out
    assert "opera" in out
    code, out, _ = command("preview", "d", "--json")
    assert code == 0
    assert msgspec.json.decode(out)["cheaper"] == 4
    assert command("preview", "nix")[2] == "livelot: There is no draft 'nix'; begin it first.\n"


def test_who_may_ask_and_where(
    command: Run, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.0)
    member = served.world.token("m1")
    code, _, err = command("plan", "p.toml", "--token", member)
    assert code == 2
    assert err == "livelot: program.get is for the roles manager and operator; this token's is member.\n"
    code, _, err = command("plan", "p.toml", "--program", "other")
    assert code == 2
    code, _, err = command("plan", "p.toml", "--secret-file", tmp_path / "nix")
    assert code == 78
    assert err.startswith(f"livelot: There is no secret at {tmp_path / 'nix'} to make a token with: give ")
    assert not (tmp_path / "nix").exists()
    assert command("plan", "p.toml", "--url", "example.org")[0] == 78
    assert command("plan", "nix.toml")[0] == 65
    code, _, err = command("plan", "p.toml", "--url", "http://127.0.0.1:1")
    assert code == 69
    assert err.startswith("livelot: No gateway answers at http://127.0.0.1:1: ")

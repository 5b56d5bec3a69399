"""What a tool can hold of the design: who may import what, how large things may be, that nothing lacks its
docstring, its test file, or its place in the README."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("rules", "engine", "gateway")
"""In the order of their imports: each may import those before it. Outside them, anybody may import all."""

OUTSIDE = ("loadtests", "benchmarks", "tests")

EDGE = {
    "engine/campaigns/extension.py",
    "engine/drand.py",
    "engine/draws.py",
    "engine/embedded.py",
    "engine/evidence.py",
    "engine/fetching.py",
    "engine/forking.py",
    "engine/founding.py",
    "engine/genesis.py",
    "engine/keeper.py",
    "engine/replica.py",
    "engine/signing.py",
    "engine/snapshot.py",
    "engine/stamping.py",
    "engine/vault.py",
    "engine/writer.py",
    *(
        f"engine/simulator/workload/{name}.py"
        for name in ("auctions", "formats", "mix", "raffles", "rewards")
    ),
    *(
        f"engine/simulator/{name}.py"
        for name in ("__main__", "clock", "crowd", "faults", "judge", "loop", "process", "report", "server")
    ),
    *(f"engine/simulator/{name}.py" for name in ("shrinking", "world")),
    "rules/celebration.py",
    "rules/schedule.py",
    *(
        f"engine/log/{name}.py"
        for name in ("contract", "memory", "redis_connection", "redis_stream", "server_table", "table")
    ),
}
"""The files that touch the world, its clocks and zones; all others are pure, and import none of these."""

IMPURE = {
    *("time", "datetime", "random", "secrets", "uuid", "os", "asyncio", "threading", "socket", "subprocess"),
    *("pathlib", "redis", "numpy.random"),
}

WRITES_DATES = "engine/draw/report.py"
"""It writes instants as people read them, and looks at no clock."""

REDIS_IMPORTERS = {"engine/log/redis_connection.py", "engine/log/redis_stream.py"}

COVERED_ELSEWHERE = {
    "engine/answers.py": "tests/engine/test_views.py",
    **{
        f"engine/commands/{name}.py": "tests/engine/test_commands.py"
        for name in ("auctions", "base", "campaigns", "formats", "prices", "program", "raffles", "rewards")
    },
    # A format is tested through its auctions, whoever does its part in them.
    "engine/auction/bidding.py": "tests/engine/auction/test_multi_unit.py",
    "engine/auction/clearing.py": "tests/engine/auction/test_multi_unit.py",
    "engine/auction/changes.py": "tests/engine/auction/test_ascending_clock.py",
    "engine/auction/departures.py": "tests/engine/auction/test_ascending_clock.py",
    "engine/auction/drafting.py": "tests/engine/auction/test_lifecycle.py",
    "engine/auction/formats.py": "tests/engine/auction/test_dutch.py",
    "engine/auction/holds.py": "tests/engine/auction/test_sealed.py",
    "engine/auction/views.py": "tests/engine/auction/test_formats_views.py",
    "engine/handlers.py": "tests/engine/test_machine.py",
    "engine/raffles/answers.py": "tests/engine/raffles/test_views.py",
    "engine/raffles/state.py": "tests/engine/raffles/test_tickets.py",
    # The second model is tested by the engine, and the engine by it.
    **{
        f"engine/simulator/auditor/{name}.py": f"tests/engine/test_{walk}.py"
        for name, walk in (
            ("auction", "walks"),
            ("chances", "format_walks"),
            ("clearings", "format_walks"),
            ("deeds", "walks"),
            ("draws", "raffle_walks"),
            ("english", "walks"),
            ("formats", "format_walks"),
            ("model", "walks"),
            ("pieces", "format_walks"),
            ("points", "walks"),
            ("prices", "reward_walks"),
            ("quotes", "reward_walks"),
            ("raffle", "raffle_walks"),
            ("raffles", "raffle_walks"),
            ("rewards", "reward_walks"),
            ("takings", "format_walks"),
            ("terms", "format_walks"),
        )
    },
    **{
        f"engine/simulator/{name}.py": "tests/engine/simulator/test_world.py"
        for name in ("clock", "crowd", "faults", "judge", "process", "rare", "workload/mix")
    },
    "engine/simulator/report.py": "tests/engine/simulator/test_main.py",
    "engine/simulator/__main__.py": "tests/engine/simulator/test_main.py",
    "engine/simulator/auditor/journal.py": "tests/engine/simulator/test_world.py",
    "engine/simulator/pictures.py": "tests/engine/test_walks.py",
    "engine/simulator/workload/auctions.py": "tests/engine/test_walks.py",
    "engine/simulator/workload/formats.py": "tests/engine/test_format_walks.py",
    "engine/simulator/workload/raffles.py": "tests/engine/test_raffle_walks.py",
    "engine/simulator/workload/rewards.py": "tests/engine/test_reward_walks.py",
    "engine/prices/answers.py": "tests/engine/prices/test_views.py",
    "engine/rewards/answers.py": "tests/engine/rewards/test_views.py",
    # What is kept, beside what is done to it.
    "engine/campaigns/state.py": "tests/engine/campaigns/test_lifecycle.py",
    "engine/funds.py": "tests/engine/rewards/test_redemption.py",
    "engine/prices/audience.py": "tests/gateway/test_price_cells.py",
    "engine/prices/state.py": "tests/engine/prices/test_revisions.py",
    "engine/rewards/state.py": "tests/engine/rewards/test_redemption.py",
    # What a file is and what is wrong with one show where it is read.
    "gateway/blueprint/blueprint.py": "tests/gateway/blueprint/test_reading.py",
    "gateway/blueprint/faults.py": "tests/gateway/blueprint/test_reading.py",
    "gateway/demo/__main__.py": "tests/gateway/demo/test_program.py",
    # The same cases run against every log; what only a real server can do to us stands apart.
    "engine/log/contract.py": "tests/engine/test_log.py",
    "engine/log/memory.py": "tests/engine/test_log.py",
    "engine/log/redis_stream.py": "tests/engine/test_log.py",
    "engine/log/server_table.py": "tests/engine/log/test_table.py",
    "engine/log/redis_connection.py": "tests/engine/test_log_server.py",
    **{f"gateway/operations/{name}.py": "tests/gateway/test_operations.py" for name in ("row", "socket")},
    "gateway/operations/downloads.py": "tests/gateway/test_documents.py",
    # What scenarios have in common shows in those that use it.
    "loadtests/bidding.py": "tests/loadtests/scenarios/test_hot.py",
    "loadtests/shopping.py": "tests/loadtests/scenarios/test_browse.py",
    "loadtests/staging.py": "tests/loadtests/scenarios/test_flash.py",
    "loadtests/till.py": "tests/loadtests/scenarios/test_auctionmark.py",
    "loadtests/visitors.py": "tests/loadtests/scenarios/test_rush.py",
    # Options, settings and failures are seen from the command line only, processes by those who run them.
    "gateway/failures.py": "tests/gateway/test_cli.py",
    "gateway/key_files.py": "tests/gateway/test_cli.py",
    "gateway/log_commands.py": "tests/gateway/test_cli.py",
    "gateway/options.py": "tests/gateway/test_cli.py",
    "gateway/ports.py": "tests/gateway/test_cli.py",
    "gateway/settings.py": "tests/gateway/test_cli.py",
    **{
        f"gateway/{name}.py": "tests/gateway/test_supervisor.py"
        for name in ("core", "gateway_process", "keeper_process", "processes")
    },
    # What a command needs shows in the command.
    "gateway/blueprint/planning.py": "tests/gateway/test_program_commands.py",
    "gateway/draw_files.py": "tests/gateway/test_draw_commands.py",
    "gateway/errands.py": "tests/gateway/test_program_commands.py",
    "gateway/clock.py": "tests/gateway/test_http.py",
    "engine/genesis.py": "tests/engine/test_founding.py",
    "engine/roles.py": "tests/engine/test_commands.py",
}
"""Modules without a test file of their own, and the one that covers them."""

LONGEST_FILE = 400
LONGEST_FUNCTION = 70


def sources(*folders: str) -> list[str]:
    """The Python files of the folders, as paths from the root."""
    return sorted(
        path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).rglob("*.py")
    )


def parse(source: str) -> ast.Module:
    return ast.parse((ROOT / source).read_text(), source)


def imports_of(source: str) -> Iterator[str]:
    """Full names of what a file imports, wherever in it: modules, and what is taken from them."""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def find_imports(files: set[str], modules: set[str]) -> list[str]:
    """Which of the files import one of the modules, or something in it."""
    return [
        f"{source} imports {name}"
        for source in sorted(files)
        for name in imports_of(source)
        if any(name == module or name.startswith(f"{module}.") for module in modules)
    ]


def measure_functions(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def own_test_file(source: str) -> str:
    path = Path(source)
    return (Path("tests") / path.parent / f"test_{path.name}").as_posix()


INSIDE = sources(*PACKAGES)
EVERYTHING = sources(*PACKAGES, *OUTSIDE)


def test_pure_files_import_nothing_impure() -> None:
    edge = {file.removesuffix(".py").replace("/", ".") for file in EDGE}
    pure = set(sources("rules", "engine")) - EDGE
    assert find_imports(pure - {WRITES_DATES}, IMPURE | edge) == []
    assert find_imports({WRITES_DATES}, (IMPURE | edge) - {"datetime"}) == []
    assert set(sources("rules", "engine")) >= EDGE


def test_imports_do_not_point_backwards() -> None:
    for rank, package in enumerate(PACKAGES):
        assert find_imports(set(sources(package)), {*PACKAGES[rank + 1 :], *OUTSIDE}) == []
    assert find_imports(set(sources("loadtests", "benchmarks")), {"tests"}) == []


def test_the_simulator_serves_no_product() -> None:
    product = {source for source in INSIDE if not source.startswith("engine/simulator/")}
    assert find_imports(product, {"engine.simulator"}) == []


def test_the_auditor_shares_no_code_with_the_engine() -> None:
    """It knows commands, rules and their scopes: what is asked, not what is made of it."""
    auditor = set(sources("engine/simulator/auditor"))
    known = {
        "engine.commands",
        "engine.errors.Rejected",
        "engine.units",
        "rules.rule",
        "rules.scope",
        "rules.pricing.Terms",
    }
    shared = [
        (source, name)
        for source in sorted(auditor)
        for name in imports_of(source)
        if name.startswith(("engine.", "rules."))
        and not any(name == other or name.startswith(f"{other}.") for other in known)
        and not name.startswith("engine.simulator.auditor")
        and name not in ("engine.commands", "engine.errors", "rules.pricing")
    ]
    assert shared == []


def test_redis_is_imported_by_the_log_alone() -> None:
    assert find_imports(set(INSIDE) - REDIS_IMPORTERS, {"redis", "hiredis"}) == []


def test_modules_say_what_lives_there() -> None:
    assert [source for source in EVERYTHING if not ast.get_docstring(parse(source))] == []


def test_nothing_is_too_long() -> None:
    files = {source: len((ROOT / source).read_text().splitlines()) for source in EVERYTHING}
    assert {source: lines for source, lines in files.items() if lines > LONGEST_FILE} == {}
    functions = {
        f"{source}: {name}": lines for source in EVERYTHING for name, lines in measure_functions(source)
    }
    assert {name: lines for name, lines in functions.items() if lines > LONGEST_FUNCTION} == {}


def test_modules_have_their_test_file() -> None:
    modules = [source for source in sources(*PACKAGES, "loadtests") if not source.endswith("__init__.py")]
    lacking = [source for source in modules if not (ROOT / own_test_file(source)).is_file()]
    assert sorted(set(lacking) - set(COVERED_ELSEWHERE)) == []
    assert sorted(set(COVERED_ELSEWHERE) - set(lacking)) == [], "these have their own test file, or are gone"
    assert [test for test in COVERED_ELSEWHERE.values() if not (ROOT / test).is_file()] == []


def test_the_readme_draws_the_tree_as_it_is() -> None:
    """Below a line with a folder's name, each file is named once, with what it is."""
    tree = (
        (ROOT / "README.md").read_text().partition("## The tree")[2].partition("```")[2].partition("```")[0]
    )
    drawn: list[str] = []
    folders: list[tuple[int, str]] = []
    for line in tree.splitlines():
        found = re.match(r"( *)([\w./]+)", line)
        if not found:
            continue
        indent, name = len(found[1]), found[2]
        while folders and folders[-1][0] >= indent:
            folders.pop()
        path = "".join(folder for _, folder in folders) + name
        if name.endswith("/"):
            folders.append((indent, name))
        else:
            drawn.append(path)
        assert (ROOT / path).exists(), f"{path} does not exist"
    missing = {
        source for source in sources(*PACKAGES, "loadtests") if not source.endswith("__init__.py")
    } - set(drawn)
    assert sorted(missing) == []
    assert len(drawn) == len(set(drawn))


def test_the_tests_that_the_pages_name_exist() -> None:
    pages = "".join((ROOT / page).read_text() for page in ("README.md", "RELIABILITY.md"))
    named = set(re.findall(r"\btests/[\w/]+(?:\.py)?", pages))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
    assert named

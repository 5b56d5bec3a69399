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
    "engine/embedded.py",
    "engine/founding.py",
    "engine/keeper.py",
    "engine/replica.py",
    "engine/snapshot.py",
    "engine/vault.py",
    "engine/writer.py",
    "rules/celebration.py",
    "rules/schedule.py",
    *(f"engine/log/{name}.py" for name in ("contract", "memory", "redis_connection", "redis_stream")),
}
"""The files that touch the world, its clocks and zones; all others are pure, and import none of these."""

IMPURE = {
    *("time", "datetime", "random", "secrets", "uuid", "os", "asyncio", "threading", "socket", "subprocess"),
    *("pathlib", "redis", "numpy.random"),
}

REDIS_IMPORTERS = {"engine/log/redis_connection.py", "engine/log/redis_stream.py"}

COVERED_ELSEWHERE = {
    "engine/answers.py": "tests/engine/test_views.py",
    **{
        f"engine/commands/{name}.py": "tests/engine/test_commands.py"
        for name in ("auctions", "base", "campaigns", "prices", "program", "rewards")
    },
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
    "engine/log/redis_connection.py": "tests/engine/test_log_server.py",
    **{
        f"gateway/operations/{name}.py": "tests/gateway/test_operations.py"
        for name in ("auctions", "row", "socket")
    },
    "gateway/topics.py": "tests/gateway/test_hub.py",
    # Options, settings and failures are seen from the command line only, processes by those who run them.
    "gateway/failures.py": "tests/gateway/test_cli.py",
    "gateway/log_commands.py": "tests/gateway/test_cli.py",
    "gateway/options.py": "tests/gateway/test_cli.py",
    "gateway/ports.py": "tests/gateway/test_cli.py",
    "gateway/settings.py": "tests/gateway/test_cli.py",
    "gateway/processes.py": "tests/gateway/test_supervisor.py",
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
    assert find_imports(pure, IMPURE | edge) == []
    assert set(sources("rules", "engine")) >= EDGE


def test_imports_do_not_point_backwards() -> None:
    for rank, package in enumerate(PACKAGES):
        assert find_imports(set(sources(package)), {*PACKAGES[rank + 1 :], *OUTSIDE}) == []
    assert find_imports(set(sources("loadtests", "benchmarks")), {"tests"}) == []


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


def test_the_tests_that_the_readme_names_exist() -> None:
    named = set(re.findall(r"\btests/[\w/]+(?:\.py)?", (ROOT / "README.md").read_text()))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
    assert named

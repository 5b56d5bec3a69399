"""The demo as a process: its options, its start and its end."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from gateway.demo.program import main
from tests.gateway.harness import SECRET, OpenWorld, Run

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--url", "http://127.0.0.1:1", "--program", "demo"], "required: --secret-file"),
        (
            ["--url", "localhost", "--program", "demo", "--secret-file", "{secret}"],
            "should look like http://",
        ),
        (
            ["--url", "http://127.0.0.1:1", "--program", "demo", "--secret-file", "/nowhere/secret"],
            "The secret /nowhere/secret cannot be read: No such file or directory.",
        ),
    ],
)
def test_wrong_options_are_told(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with pytest.raises(SystemExit) as ended:
        main([argument.format(secret=secret) for argument in arguments])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_it_fills_the_program_says_so_and_stops_when_it_is_told(
    run: Run, world: OpenWorld, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)

    async def body() -> None:
        async with world() as here:
            ours, theirs = socket.socketpair()
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "gateway.demo", "--url", f"http://127.0.0.1:{here.port}"),
                    *("--secret-file", str(secret), "--program", "demo", "--leash", str(theirs.fileno())),
                    pass_fds=(theirs.fileno(),),
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                )
            reader, writer = await asyncio.open_connection(sock=ours)
            try:
                async with asyncio.timeout(60):
                    assert await reader.readline() == f"http://127.0.0.1:{here.port}\n".encode()
                program = here.gateway.replica.program
                assert program.members.count == 2_000 + 4
                assert program.ledger.totals.held <= program.ledger.totals.issued
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(20):
                    assert await process.wait() == 0
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                writer.close()
                await writer.wait_closed()

    run(body())

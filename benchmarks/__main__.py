"""`make bench`: every benchmark at full size, then one table of all figures.

    python -m benchmarks [what pytest takes, such as benchmarks/bench_end_to_end.py or -k push]

With BENCH_JSON=path the figures are also written there.
"""

import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Runs pytest on the benchmarks in a process that is told to measure; returns its exit code."""
    arguments = sys.argv[1:]
    if not any(Path(argument.partition("::")[0]).exists() for argument in arguments):
        arguments.insert(0, str(Path(__file__).parent))
    command = [sys.executable, "-m", "pytest", "--benchmark-enable", "-p", "no:xdist", "-q", *arguments]
    return subprocess.run(command, env={**os.environ, "LIVELOT_BENCH": "full"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

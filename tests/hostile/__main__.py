"""``make fuzz SECONDS=…``: each target in turn for its share of the time, guided by coverage where atheris is
installed, and by hypothesis elsewhere.

What it learns stays in ``.fuzz/``, and is where the next run begins. A finding ends the run with 1 and leaves
its bytes there; they become a row of ``FINDINGS`` in ``test_fuzzing.py``.
"""

import argparse
import importlib.util
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

FOLDER = Path(".fuzz")
COMMANDS = "commands"
"""Beside the targets that take bytes: commands that are made from their own shapes."""

NAMES = ("json", "messagepack", "http", "log", COMMANDS)
INSTRUMENTED = ["engine", "rules", "gateway"]
EXAMPLES = 500
"""Between two looks at the clock."""


def run_guided(name: str, seconds: int) -> None:
    """Does not come back: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.engine import test_totality
        from tests.hostile import fuzzing
    corpus = FOLDER / name
    corpus.mkdir(parents=True, exist_ok=True)
    if name == COMMANDS:
        feed = test_totality.test_whatever_can_be_decoded_has_one_outcome.hypothesis.fuzz_one_input
    else:
        feed = fuzzing.TARGETS[name].feed
        for seed in fuzzing.TARGETS[name].seeds:
            (corpus / sha256(seed).hexdigest()[:16]).write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=4096"]
    options += [f"-artifact_prefix={FOLDER}/{name}-", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup([name, str(corpus), *options], feed)
    atheris.Fuzz()


def run_drawn(name: str, seconds: int) -> None:
    """Without a guide."""
    from hypothesis import HealthCheck, given, settings, strategies as st

    from tests.engine import test_totality
    from tests.hostile import fuzzing

    lenient = settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    if name == COMMANDS:
        check = lenient(test_totality.test_whatever_can_be_decoded_has_one_outcome)
    else:
        target = fuzzing.TARGETS[name]
        check = lenient(given(fuzzing.damaged(target.seeds) | st.binary())(target.feed))
    deadline = time.monotonic() + seconds
    rounds = 0
    while time.monotonic() < deadline:
        check()
        rounds += 1
    sys.stderr.write(f"{name}: {rounds * EXAMPLES} inputs\n")


def main() -> None:
    """Runs all targets, each in a process of its own, or the one that is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together")
    parser.add_argument("--target", choices=NAMES)
    chosen = parser.parse_args()
    guided = importlib.util.find_spec("atheris") is not None
    if chosen.target:
        (run_guided if guided else run_drawn)(chosen.target, chosen.seconds)
        return
    share = max(1, chosen.seconds // len(NAMES))
    for name in NAMES:
        sys.stdout.write(f"{name}: {share} s, {'guided by coverage' if guided else 'drawn'}\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "tests.hostile", "--target", name, "--seconds", str(share)]
        ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        lines = ended.stderr.splitlines()
        if ended.returncode:
            sys.exit("\n".join([*lines[-60:], f"{name}: a finding; its bytes are in {FOLDER}/{name}-*"]))
        sys.stdout.writelines(f"  {line}\n" for line in lines if "stat::number" in line or "inputs" in line)


if __name__ == "__main__":
    main()

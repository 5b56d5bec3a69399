"""Verifying draws from a terminal: words for people, JSON for machines, exit codes for scripts."""

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typer.testing import CliRunner

from engine.draw.evidence import encode_entry_proof
from gateway.cli import app
from tests.engine.draw.making import (
    KEY,
    OTHER_KEY,
    SALT,
    SIGNER,
    make_chain,
    make_file,
    make_proof,
    read_lock_at,
    write_chain,
)

MEMBER = "m1"


def run(*arguments: object, piped: bytes = b"") -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=piped)
    words = str(result.exception) if result.exception and not result.output else result.output
    return result.exit_code, words


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "evidence.json"
    path.write_bytes(make_file())
    return path


def test_genuine_evidence_holds(evidence: Path) -> None:
    code, words = run("verify-draw", evidence, "--key", KEY.hex())
    assert code == 0
    steps = [line.split(":")[0] for line in words.splitlines() if line.startswith("✓")]
    named = ("form", "key", "signature", "lock", "entries", "round", "beacon", "places")
    assert steps == [f"✓ {name}" for name in named]
    assert "! No outside time stamp was checked" in words
    assert words.endswith("It holds.\n")


def test_a_changed_byte_is_named_with_its_step(evidence: Path) -> None:
    evidence.write_bytes(evidence.read_bytes().replace(b'"ticket":', b'"ticket":1', 1))
    code, words = run("verify-draw", evidence, "--key", KEY.hex())
    assert code == 1
    assert "✗ places: " in words
    assert words.endswith("It fails at the step places.\n")


def test_the_key_may_be_a_file_and_the_evidence_may_come_by_a_pipe(tmp_path: Path) -> None:
    pem = tmp_path / "key.pem"
    public = SIGNER.public_key()
    pem.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    code, words = run("verify-draw", "-", "--key", pem, "--json", piped=make_file())
    assert code == 0
    report = msgspec.json.decode(words)
    assert report["passed"]
    assert report["steps"][0] == {
        "id": "form",
        "passed": True,
        "words": "The file is written in its one form; it says that the program is demo.",
    }


def test_another_key_fails_and_none_is_noted(evidence: Path) -> None:
    code, words = run("verify-draw", evidence, "--key", OTHER_KEY.hex())
    assert (code, "✗ key: " in words) == (1, True)
    code, words = run("verify-draw", evidence)
    assert code == 0
    assert "! No key was given" in words


def test_the_chain_of_locks(tmp_path: Path) -> None:
    chain = make_chain()
    pages = []
    for number, page in enumerate(write_chain(chain)):
        pages.append(tmp_path / f"locks-{number}.json")
        pages[-1].write_bytes(page)
    evidence = tmp_path / "evidence.json"
    evidence.write_bytes(make_file(read_lock_at(chain, 3)))
    both = [part for page in pages for part in ("--locks", page)]
    code, words = run("verify-draw", evidence, "--key", KEY.hex(), *both)
    assert code == 0
    assert "✓ chain: It is lock 3 of the 4 in the list, which follow on one another without a gap." in words
    assert run("verify-draw", evidence, "--key", KEY.hex(), *both[:2])[0] == 1
    code, words = run("verify-locks", *pages, "--key", KEY.hex())
    assert (code, "The list has 4 locks" in words) == (0, True)
    assert run("verify-locks", pages[1])[0] == 1
    code, words = run("verify-locks", pages[0])
    assert (code, "fetch the rest with ?after=2" in words) == (1, True)
    assert run("verify-locks", *pages, "--key", OTHER_KEY.hex())[0] == 1
    assert run("verify-locks", *pages, "--key", OTHER_KEY.hex(), "--key", KEY.hex())[0] == 0


def test_an_entry(tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    proof.write_bytes(encode_entry_proof(make_proof(MEMBER)))
    code, words = run("verify-entry", proof, "--key", KEY.hex())
    assert code == 0
    assert "✓ entries: In the lock as " in words
    code, words = run("verify-entry", proof, "--member", MEMBER, "--salt", SALT.hex())
    assert (code, f"is the pseudonym of {MEMBER}." in words) == (0, True)
    code, words = run("verify-entry", proof, "--member", "somebody", "--salt", SALT.hex())
    assert (code, "✗ member: " in words) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify-draw", "nothing.json"], "nothing.json cannot be read"),
        (["verify-draw", "-", "--key", "abc"], "--key is 64 hex characters, or a PEM file; 'abc' is neither"),
        (["verify-draw", "-", "--key", "x" * 64], "--key is written in hex"),
        (["verify-entry", "-", "--member", "anna"], "go together"),
        (["verify-entry", "-", "--member", "anna", "--salt", "x"], "--salt is written in hex"),
    ],
)
def test_options_that_make_no_sense(arguments: list[str], words: str) -> None:
    code, said = run(*arguments, piped=make_file())
    assert code != 0
    assert words in said


def test_a_file_that_holds_no_key(evidence: Path) -> None:
    assert "holds no public key in PEM" in run("verify-draw", evidence, "--key", evidence)[1]

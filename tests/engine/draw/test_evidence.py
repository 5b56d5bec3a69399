"""Evidence has one form, whether it was written at once or piece by piece."""

import io
import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, strategies as st

from engine.draw.evidence import (
    Evidence,
    PlaceEvidence,
    SignedLock,
    encode_entry_proof,
    encode_evidence,
    read_entry_proof,
    read_evidence,
    read_locks,
    write_evidence,
)
from tests.engine.draw.making import VOID, make_chain, make_evidence, make_file, make_proof, write_chain

KEYS = [
    *("format", "program", "lock", "signature", "key", "beacon", "secret", "timestamp", "void"),
    *("entries", "places"),
]


def head_of(evidence: Evidence) -> Evidence:
    return msgspec.structs.replace(evidence, entries=[], places=[])


def test_the_form_of_evidence() -> None:
    data = make_file(program="é", void=VOID)
    evidence = make_evidence(program="é", void=VOID)
    assert read_evidence(data) == evidence
    document = json.loads(data)
    assert list(document) == KEYS
    assert document["format"] == "livelot-evidence-1"
    assert document["entries"][0] == list(evidence.entries[0])
    assert list(document["places"][0]) == ["place", "ticket", "entry", "entrant", "prize"]
    assert data == json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def test_what_is_not_there_is_null() -> None:
    document = json.loads(make_file())
    assert (document["secret"], document["timestamp"], document["void"]) == (None, None, None)
    assert document["beacon"]["round"] == 1000


@given(
    st.lists(st.tuples(st.text(max_size=5), st.integers(0, 2**53)), max_size=20),
    st.lists(st.builds(PlaceEvidence, *[st.integers(0, 9)] * 3, st.text(max_size=5), st.text()), max_size=9),
)
def test_piece_by_piece_gives_the_same_bytes(
    entries: list[tuple[str, int]], places: list[PlaceEvidence]
) -> None:
    evidence = msgspec.structs.replace(make_evidence(), entries=entries, places=places)
    file = io.BytesIO()
    write_evidence(file, head_of(evidence), iter(entries), iter(places))
    assert file.getvalue() == encode_evidence(evidence)
    assert read_evidence(file.getvalue()) == evidence


@pytest.mark.parametrize("count", [4095, 4096, 4097, 10_000])
def test_many_entries_are_written_in_chunks(count: int) -> None:
    entries = [(f"{entry:032x}", entry + 1) for entry in range(count)]
    evidence = msgspec.structs.replace(make_evidence(), entries=entries)
    written: list[bytes] = []

    class Sink:
        def write(self, data: bytes) -> None:
            written.append(data)

    write_evidence(Sink(), head_of(evidence), iter(entries), evidence.places)
    assert b"".join(written) == encode_evidence(evidence)
    assert max(map(len, written)) < 4096 * 45


def test_a_head_with_entries_is_refused() -> None:
    with pytest.raises(ValueError, match="no entries"):
        write_evidence(io.BytesIO(), make_evidence(), [], [])


def reorder(data: bytes) -> bytes:
    return msgspec.json.encode(dict(reversed(json.loads(data).items())))


@pytest.mark.parametrize(
    "change",
    [
        reorder,
        lambda data: data + b"\n",
        lambda data: b" " + data,
        lambda data: data[:-1],
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: json.dumps(json.loads(data), indent=2).encode(),
        lambda data: data.replace(b'"demo"', b'"d\\u0065mo"'),
        lambda data: data.replace(b'"demo"', b'"d\xffmo"'),
        lambda data: data.replace(b'"demo"', b'"d\\ud800mo"'),
        lambda data: data.replace(b'"round":1000', b'"round":1000.0'),
        lambda data: data.replace(b'"round":1000', b'"round":1e3'),
        lambda data: data.replace(b'"secret":null', b'"secret":null,"secret":null'),
        lambda data: data.replace(b'"secret":null,', b""),
        lambda data: data.replace(b'"secret":null', b'"secret":null,"extra":null'),
        lambda data: data.replace(b'"format":"livelot-evidence-1",', b""),
        lambda data: data.replace(b"livelot-evidence-1", b"livelot-evidence-2"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: b"",
        lambda data: b"null",
        lambda data: b"[" * 100_000,
        lambda data: data.decode().encode("utf-16"),
    ],
)
def test_no_other_form_is_read(change: Callable[[bytes], bytes]) -> None:
    data = make_file()
    assert change(data) != data
    with pytest.raises(
        ValueError, match=r"the file (cannot be read as the evidence|is not written in its one form)"
    ):
        read_evidence(change(data))


def test_the_form_of_a_proof() -> None:
    proof = make_proof("m1")
    data = encode_entry_proof(proof)
    assert read_entry_proof(data) == proof
    document = json.loads(data)
    assert list(document) == ["format", "program", "lock", "signature", "key", "entrant", "entries"]
    assert document["format"] == "livelot-entry-1"
    assert [list(entry) for entry in document["entries"]] == [["entry", "first", "last", "path"]] * 2
    with pytest.raises(ValueError, match="one form"):
        read_entry_proof(reorder(data))
    with pytest.raises(ValueError, match="cannot be read as the proof of an entry"):
        read_entry_proof(make_file())


def test_locks_are_read_however_they_are_spaced() -> None:
    chain = make_chain(2)
    pages = [json.dumps({**json.loads(page), "more": [1]}, indent=1).encode() for page in write_chain(chain)]
    assert read_locks(pages) == [SignedLock(**lock) for lock in chain]


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"key":"","locks":[1]}', b'{"x":' + b"[" * 100_000, b"\xff", b'{"key":"\\ud800"}'],
)
def test_what_is_no_list_of_locks(data: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read as a list of locks"):
        read_locks([data])

"""Merkle trees: the check values, and equality with the definition of RFC 6962 §2.1, as it reads."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from engine.draw.merkle import CompactRange, audit_path, hash_leaf, hash_nodes, root_from_path, root_of

INPUTS = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
"""The eight inputs that implementations of Certificate Transparency are tested with."""

ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
}

MOST = 70
LEAVES = [hash_leaf(str(number).encode()) for number in range(MOST)]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = split_of(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962 §2.1.1."""
    if len(leaves) == 1:
        return []
    split = split_of(len(leaves))
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def split_of(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1


@pytest.mark.parametrize("count", ROOTS)
def test_the_usual_inputs(count: int) -> None:
    hashes = [hash_leaf(data) for data in INPUTS[:count]]
    tree = CompactRange()
    for leaf_hash in hashes:
        tree.append(leaf_hash)
    assert root_of(hashes).hex() == tree.root().hex() == ROOTS[count]


def test_a_leaf_is_no_node() -> None:
    left, right = LEAVES[:2]
    assert hash_leaf(left + right) != hash_nodes(left, right)
    assert hash_leaf(b"") == sha256(b"\x00").digest()
    assert hash_nodes(left, right) == sha256(b"\x01" + left + right).digest()


@given(st.lists(st.binary(max_size=40), max_size=200))
def test_a_growing_tree_has_the_root_of_the_definition(datas: list[bytes]) -> None:
    hashes = [hash_leaf(data) for data in datas]
    tree = CompactRange()
    for leaf_hash in hashes:
        tree.append(leaf_hash)
    assert tree.size == len(datas)
    assert len(tree.hashes) == tree.size.bit_count()
    assert tree.root() == root_of(hashes) == naive_root(hashes)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_grows_on_from_what_was_kept(before: int, after: int) -> None:
    hashes = [hash_leaf(str(number).encode()) for number in range(before + after)]
    first = CompactRange()
    for leaf_hash in hashes[:before]:
        first.append(leaf_hash)
    second = CompactRange(first.size, list(first.hashes))
    for leaf_hash in hashes[before:]:
        second.append(leaf_hash)
    assert second.root() == naive_root(hashes)


@given(st.integers(1, 300), st.integers(0, 6))
def test_the_fold_over_subtrees_is_the_same(count: int, height: int) -> None:
    hashes = [hash_leaf(str(number).encode()) for number in range(count)]
    width = 1 << height
    subtrees = [root_of(hashes[start : start + width]) for start in range(0, count, width)]
    assert root_of(subtrees) == naive_root(hashes)


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_path_leads_to_the_root(size: int) -> None:
    hashes = LEAVES[:size]
    root = naive_root(hashes)
    for index in range(size):
        path = audit_path(index, hashes)
        assert path == naive_path(index, hashes)
        assert root_from_path(index, size, hashes[index], path) == root


@given(st.integers(2, MOST), st.data())
def test_a_path_leads_nowhere_else(size: int, data: st.DataObject) -> None:
    hashes = LEAVES[:size]
    root = naive_root(hashes)
    index = data.draw(st.integers(0, size - 1))
    path = audit_path(index, hashes)
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index))
    assert root_from_path(index, size, hashes[other], path) != root
    assert reaches(other, size, hashes[index], path) != root
    wrong = list(path)
    wrong[data.draw(st.integers(0, len(path) - 1))] = hash_leaf(b"another")
    assert root_from_path(index, size, hashes[index], wrong) != root


def reaches(index: int, size: int, leaf_hash: bytes, path: list[bytes]) -> bytes | None:
    """The root, or None where the path has not the length of this index."""
    try:
        return root_from_path(index, size, leaf_hash, path)
    except ValueError:
        return None


@given(st.integers(1, MOST), st.data())
def test_a_path_of_another_length_is_refused(size: int, data: st.DataObject) -> None:
    hashes = LEAVES[:size]
    index = data.draw(st.integers(0, size - 1))
    path = audit_path(index, hashes)
    with pytest.raises(ValueError, match="too long"):
        root_from_path(index, size, hashes[index], [*path, LEAVES[0]])
    if path:
        with pytest.raises(ValueError, match="too short"):
            root_from_path(index, size, hashes[index], path[:-1])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_an_index_outside_the_tree_is_refused(index: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"no leaf {index} in a tree of {size}"):
        audit_path(index, LEAVES[:size])
    with pytest.raises(ValueError, match=f"no leaf {index} in a tree of {size}"):
        root_from_path(index, size, LEAVES[0], [])


@pytest.mark.parametrize(("size", "count"), [(0, 1), (3, 1), (-1, 0), (4, 0)])
def test_a_range_has_as_many_hashes_as_its_size_says(size: int, count: int) -> None:
    with pytest.raises(ValueError, match="complete subtrees"):
        CompactRange(size, LEAVES[:count])

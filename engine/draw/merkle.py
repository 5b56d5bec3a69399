"""Merkle tree hashes of RFC 6962 §2.1, their audit paths (§2.1.1), and a tree that grows by its right edge.

Leaves and nodes are hashed apart (prefix 0x00, prefix 0x01), so that no node can pass for a leaf; an odd node
is not doubled but goes up as it is. Paths are checked as in RFC 9162 §2.1.3.2. Hashes are SHA-256.
"""

from collections.abc import Sequence
from hashlib import sha256

_LEAF = b"\x00"
_NODE = b"\x01"


def hash_leaf(data: bytes) -> bytes:
    """The hash of the leaf that holds ``data``."""
    return sha256(_LEAF + data).digest()


def hash_nodes(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two hashes."""
    return sha256(_NODE + left + right).digest()


class CompactRange:
    """All that a growing tree needs to remember: the hashes of the complete subtrees at its right edge, one
    for each bit that is set in ``size``, the biggest subtree first."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: list[bytes] | None = None) -> None:
        """A tree of ``size`` leaves, empty unless said otherwise; ``hashes`` becomes its own.

        Raises ``ValueError`` where there are not as many hashes as a tree of that size has.
        """
        self.size = size
        self.hashes: list[bytes] = [] if hashes is None else hashes
        if size < 0 or len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(self.hashes)} complete subtrees")

    def append(self, leaf_hash: bytes) -> None:
        """Adds a leaf: one node hash on average, as each node of the tree is hashed once."""
        hashes, size = self.hashes, self.size
        self.size = size + 1
        while size & 1:
            leaf_hash = sha256(_NODE + hashes.pop() + leaf_hash).digest()
            size >>= 1
        hashes.append(leaf_hash)

    def root(self) -> bytes:
        """The hash of the whole tree; of an empty one, SHA-256 of nothing."""
        if not self.hashes:
            return sha256().digest()
        top = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            top = hash_nodes(left, top)
        return top


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The hash of the tree over these leaf hashes; of none, SHA-256 of nothing.

    They may also be the hashes of complete subtrees of one size (the last subtree may be smaller): the tree
    above them is the same fold.
    """
    if not hashes:
        return sha256().digest()
    level = hashes
    while len(level) > 1:
        level = _go_up(level)
    return level[0]


def audit_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """What leads from the leaf at ``index`` (from 0) to the root: the hashes beside its way up, bottom first.

    Raises ``ValueError`` for an index outside the tree.
    """
    if not 0 <= index < len(hashes):
        raise ValueError(f"there is no leaf {index} in a tree of {len(hashes)}")
    path: list[bytes] = []
    level = hashes
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level, index = _go_up(level), index >> 1
    return path


def root_from_path(index: int, size: int, leaf_hash: bytes, path: Sequence[bytes]) -> bytes:
    """The root of a tree of ``size`` leaves, from the leaf at ``index`` and its audit path.

    Raises ``ValueError`` for an index outside the tree, and for a path that is longer or shorter than the
    place demands.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    place, last, found = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            raise ValueError("the audit path is too long")
        if place & 1 or place == last:
            found = hash_nodes(sibling, found)
            while place and not place & 1:  # levels at which the node went up without a sibling
                place, last = place >> 1, last >> 1
        else:
            found = hash_nodes(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the audit path is too short")
    return found


def _go_up(level: Sequence[bytes]) -> list[bytes]:
    """The level above: each pair hashed, an odd last one as it is."""
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [sha256(_NODE + left + right).digest() for left, right in pairs]
    if len(level) & 1:
        above.append(level[-1])
    return above

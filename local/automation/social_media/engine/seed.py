"""Seeded choice: the same business and day give the same number on every machine."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def number(*parts: object) -> int:
    joined = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(joined.encode()).digest()[:8], "big")


def one_of(items: Sequence[Item], *parts: object) -> Item:
    return items[number(*parts) % len(items)]


def shuffled(items: Sequence[Item], *parts: object) -> tuple[Item, ...]:
    """A permutation that depends on `parts` alone."""
    return tuple(
        item
        for _, item in sorted(
            ((number(*parts, index), item) for index, item in enumerate(items)),
            key=lambda pair: pair[0],
        )
    )

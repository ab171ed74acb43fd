"""Ids that need no coordination between laptops: of new rows, of areas, of seeded rows; and many of them asked for in few statements."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TypeVar

T = TypeVar("T")
NAMESPACE = uuid.UUID("6f0b1d1e-93a5-5c1b-8a55-0f1f0c6d2e71")  # ours; part of the format, never to change

_CHUNK = 10_000  # SQLite takes 32,766 parameters in one statement, and some ask for a list twice

_lock = threading.Lock()
_last = 0
_COUNTING = 1 << 61  # a fresh id leaves this bit free, so that counting on never leaves the random part


def new_id() -> str:
    """A UUIDv7 (RFC 9562) as 32 lower hex digits: sorts by creation time, needs no coordination between laptops.

    Ids of one millisecond ascend in small random steps (the RFC's method 2): indexes fill in order, and rows made together
    have ids that compress.
    """
    global _last
    with _lock:
        stamp = max(time.time_ns() // 1_000_000, _last >> 80)
        if stamp == _last >> 80:
            _last += 1 + os.urandom(1)[0]
        else:
            value = (stamp << 80) | int.from_bytes(os.urandom(10), "big")
            value = (value & ~(0xF << 76)) | (0x7 << 76)
            _last = ((value & ~(0x3 << 62)) | (0x2 << 62)) & ~_COUNTING
        return f"{_last:032x}"


def row_ids(count: int) -> list[str]:
    """Ascending ids for rows that are made together: as `new_id`, then counted on.

    They follow each other without a gap; the next `new_id` does not run into them.
    """
    global _last
    first = int(new_id(), 16)
    with _lock:
        first = max(first, _last)
        _last = first + count
    return [f"{first + n:032x}" for n in range(count)]


@cache
def home_id(code: str) -> str:
    """The home of an administrative area, the same on every laptop: 6 digits name a county, 9 or more a township.

    >>> home_id("530523001") == home_id("530523001002")
    True
    """
    name = f"county:{code}" if len(code) == 6 else f"township:{code[:9]}"
    return uuid.uuid5(NAMESPACE, name).hex


def reference_id(home: str, table: str, key: str) -> str:
    """The id of a seeded or reference row: the same on every laptop for the same key."""
    return uuid.uuid5(uuid.UUID(home), f"{table}:{key}").hex


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Values in lists short enough for one statement, each value once.

    >>> list(chunks(["b", "a", "b"]))
    [['b', 'a']]
    """
    whole = list(dict.fromkeys(values))
    for start in range(0, len(whole), _CHUNK):
        yield whole[start : start + _CHUNK]

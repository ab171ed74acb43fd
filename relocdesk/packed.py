"""Many rows of one table in one operation of the log (a block): how they are written down, and read back row by row.

A roster of 50,000 lines would cost 50,000 operations of some 400 bytes each. A block says what is the same in all rows once
and the rest column by column, compressed. `row` of the operation is the record the rows belong to (their period), so that
the block of a row is found through it.

    kind b (rows that came):    {"#": {"count", "first", "last", "packed"}, column: value, …}
    kind B (rows that changed): {"#": {"count", "first", "last", "packed"}, column: [old, new], …}

A column whose values differ stands outside as null and inside `packed`: base85 of zlib of {"d": steps between ids,
"c": {column: values}}, for changes {column: [olds, news]}. Rows are in the order of their ids.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

CAME, CHANGED = "b", "B"
BLOCK_KINDS = (CAME, CHANGED)
HEAD = "#"  # no column is called so
MOST = 5_000  # rows of one block: a single row is found by unpacking one
Cells = dict[str, Any]


def pack_rows(ids: Sequence[str], columns: Mapping[str, Sequence[Any]]) -> str:
    """The cells of a block of new rows; `ids` ascending, each column as long as `ids`; columns that are empty throughout are left out."""
    given = {name: values for name, values in columns.items() if any(value is not None for value in values)}
    return _pack(ids, {name: _same(values) for name, values in given.items()}, {name: list(values) for name, values in given.items()})


def pack_changes(ids: Sequence[str], columns: Mapping[str, tuple[Sequence[Any], Sequence[Any]]]) -> str:
    """The cells of a block of changes; `ids` ascending, column → (old values, new values), each as long as `ids`."""
    same: dict[str, Any] = {}
    for name, (olds, news) in columns.items():
        old, new = _same(olds), _same(news)
        same[name] = None if old is _DIFFER or new is _DIFFER else [old, new]
    return _pack(ids, same, {name: [list(olds), list(news)] for name, (olds, news) in columns.items()})


_DIFFER: Any = object()


def _same(values: Sequence[Any]) -> Any:
    first = values[0]
    return first if first is not None and all(value == first for value in values) else _DIFFER if any(value != first for value in values) else None


def _pack(ids: Sequence[str], same: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    numbers = [int(one, 16) for one in ids]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    if any(step <= 0 for step in steps):
        raise ValueError("the ids of a block ascend")
    inner = {"d": 1 if all(step == 1 for step in steps) else steps,
             "c": {name: values[name] for name, value in same.items() if value is None or value is _DIFFER}}  # fmt: skip
    packed = base64.b85encode(zlib.compress(_json(inner).encode(), 6)).decode()
    head = {"count": len(ids), "first": ids[0], "last": ids[-1], "packed": packed}
    return _json({HEAD: head, **{name: None if value is _DIFFER else value for name, value in same.items()}})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rows_of(kind: str, cells: str | Cells, groups: Mapping[str, Sequence[str]] | None = None) -> Iterator[tuple[str, Cells]]:
    """The rows of a block as (id, cells as an operation of its own would have them), in the order of their ids.

    `groups`: of the table, for changes: which columns are logged together; a row in which none of a group changed does not
    name them. Raises ValueError for a block that cannot be read.
    """
    outer: Cells = json.loads(cells) if isinstance(cells, str) else cells
    try:
        head = outer[HEAD]
        count, number = int(head["count"]), int(head["first"], 16)
        inner = json.loads(zlib.decompress(base64.b85decode(head["packed"])))
        steps = inner["d"] if isinstance(inner["d"], list) else [inner["d"]] * (count - 1)
        varying = inner["c"]
        constant = {name: value for name, value in outer.items() if name != HEAD and name not in varying and value is not None}
        ids = [head["first"]]
        for step in steps:
            number += step
            ids.append(f"{number:032x}")
        whole = all(len(values) == count for column in varying.values() for values in (column if kind == CHANGED else [column]))
        if len(ids) != count or ids[-1] != head["last"] or not whole:
            raise ValueError("the parts of a block do not fit")
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise ValueError("a block cannot be read") from error
    if kind == CAME:
        return _rows_that_came(ids, constant, varying)
    return _rows_that_changed(ids, constant, varying, groups or {})


def _rows_that_came(ids: Sequence[str], constant: Cells, varying: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, Cells]]:
    names = tuple(varying)
    for row_id, *values in zip(ids, *varying.values(), strict=True):
        yield row_id, constant | {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _rows_that_changed(
    ids: Sequence[str], constant: Cells, varying: Mapping[str, Sequence[Sequence[Any]]], groups: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Cells]]:
    together = {name: tuple(names) for names in groups.values() for name in names}
    columns = {name: list(zip(*values, strict=True)) for name, values in varying.items()}
    columns |= {name: [tuple(pair)] * len(ids) for name, pair in constant.items()}
    for n, row_id in enumerate(ids):
        cells = {name: list(pairs[n]) for name, pairs in columns.items()}
        moved = {name for name, (old, new) in cells.items() if old != new}
        yield row_id, {name: cell for name, cell in cells.items() if moved.intersection(together.get(name, (name,)))}

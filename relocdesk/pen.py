"""The pen that writes the operation log while an action runs; the triggers call it, the book opens and closes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from relocdesk import __version__
from relocdesk.chain import START, Txn, txn_hash
from relocdesk.clerk import Clerk
from relocdesk.ids import new_id


def now_utc() -> str:
    """The real clock as UTC text with milliseconds and Z; it is shown, and never decides anything."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Pen:
    """One action in the log: a transaction for each home it touches, opened by the first operation in it.

    `raw` is the DB-API connection inside its transaction; `heads` is home → (tseq, hash) of this writer.
    """

    raw: Any
    rid: str
    schema: int
    heads: dict[str, tuple[int, str]]
    by: Clerk
    why: str
    source: str
    action: str = field(default_factory=new_id)
    tables: set[str] = field(default_factory=set)
    block: bool = False  # while `bulk` writes rows of which it logs many as one operation
    _txns: dict[str, int] = field(default_factory=dict)
    _n: int = 0
    _next: int = 0

    def __post_init__(self) -> None:
        (last,) = self.raw.execute("SELECT coalesce(max(id), 0) FROM txn").fetchone()
        self._next = last + 1

    def txn(self, home: str) -> int:
        """The local number of this action's transaction in a home; called by the triggers."""
        found = self._txns.get(home)
        if found is None:
            found = self._txns[home] = self._next
            self._next += 1
        return found

    def n(self) -> int:
        """The number of the next operation; called by the triggers."""
        self._n += 1
        return self._n

    @property
    def txns(self) -> tuple[int, ...]:
        """The local numbers of this action's transactions so far."""
        return tuple(self._txns.values())

    def close(self) -> dict[str, tuple[int, str]]:
        """Writes the transactions with their hashes; returns the writer's heads after them."""
        heads = dict(self.heads)
        (clock,) = self.raw.execute("SELECT coalesce(max(lc), 0) FROM vv").fetchone()
        at = now_utc()
        for home, number in self._txns.items():
            clock += 1
            tseq, prev = heads.get(home, (0, START))
            epoch, vv = self._epoch(home)
            ops = self.raw.execute("SELECT n, tbl, row, kind, cells FROM op WHERE txn = ? ORDER BY n", (number,)).fetchall()
            self.tables.update(op[1] for op in ops)
            txn = Txn(home, self.rid, tseq + 1, clock, epoch, self.action, self.by.id, self.by.name, self.by.role, at,
                      self.why, self.source, __version__, self.schema, len(ops), prev)  # fmt: skip
            digest = txn_hash(txn, vv, ops)
            self.raw.execute(
                "INSERT INTO txn(id, home, rid, tseq, lc, e, action, operator, name, role, at, why, source, app, schema, nops, prev, hash)"
                " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                (number, home, self.rid, txn.tseq, clock, epoch, self.action, self.by.id, self.by.name, self.by.role, at,
                 self.why, self.source, __version__, self.schema, len(ops), prev, digest),
            )  # fmt: skip
            self.raw.execute(
                "INSERT INTO vv(home, rid, tseq, lc, hash) VALUES (?,?,?,?,?) "
                "ON CONFLICT(home, rid) DO UPDATE SET tseq = excluded.tseq, lc = excluded.lc, hash = excluded.hash",
                (home, self.rid, txn.tseq, clock, digest),
            )
            heads[home] = (txn.tseq, digest)
        return heads

    def _epoch(self, home: str) -> tuple[int, str]:
        """The writer's current epoch in a home; its first one covers everything the file knows of the home."""
        found = self.raw.execute("SELECT e, vv FROM epoch WHERE home = ? AND rid = ? ORDER BY e DESC LIMIT 1", (home, self.rid)).fetchone()
        if found:
            return int(found[0]), str(found[1])
        known = dict(self.raw.execute("SELECT rid, tseq FROM vv WHERE home = ? ORDER BY rid", (home,)).fetchall())
        vv = json.dumps(known, separators=(",", ":"))
        self.raw.execute("INSERT INTO epoch(home, rid, e, vv) VALUES (?, ?, 0, ?)", (home, self.rid, vv))
        return 0, vv

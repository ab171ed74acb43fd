"""The people of a roster as they stood when it was approved, read from the log: a roster that was signed prints the same again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk.field import Value
from relocdesk.ids import chunks
from relocdesk.queries.roster import PAYING
from relocdesk.records.household import Person
from relocdesk.records.support import Period, Recipient, SupportPayment
from relocdesk.records.trail import OP

Old = dict[str, dict[str, Value]]
"""Row → column → what stood there before."""
_STATES = frozenset(PAYING)


def approved_in(session: Session, period: Period) -> int | None:
    """The transaction that approved a roster, after which nothing on it changes; None while it is not approved.

    An old ledger's came in approved: as it stood when its last line came in.
    """
    if period.state not in _STATES:
        return None
    found, whole = None, False
    for txn, kind, cells in _ops(session, period.id):
        before, after = (None, cells.get("state")) if kind == "i" else cells.get("state", (None, None))
        if after in _STATES and before not in _STATES:
            found, whole = txn, kind == "i"
    if whole:
        line = SupportPayment.__table__
        came = select(func.max(OP.c.txn)).join(line, OP.c.row == line.c.id)
        came = came.where(line.c.period == period.id, line.c.attempt == 1, OP.c.tbl == SupportPayment.__tablename__, OP.c.kind == "i")
        return max(found or 0, session.scalar(came) or 0)
    return found


def frozen_in(session: Session, period: Period) -> int | None:
    """The transaction in which a roster was frozen as it is now; None before."""
    found = None
    for txn, kind, cells in _ops(session, period.id):
        if "frozen_on" in cells:
            found = txn if kind == "i" or cells["frozen_on"][1] else None
    return found


def _ops(session: Session, row: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    query = select(OP.c.txn, OP.c.kind, OP.c.cells).where(OP.c.row == row, OP.c.tbl == Period.__tablename__, OP.c.kind.in_(("i", "u")))
    yield from ((txn, kind, json.loads(cells)) for txn, kind, cells in session.execute(query.order_by(OP.c.txn, OP.c.n)).all())


def since(session: Session, rows: Collection[str], after: int, until: int | None = None) -> Old:
    """What people and recipients had in the columns that changed after a transaction (up to and including another one)."""
    found: Old = {}
    tables = (Person.__tablename__, Recipient.__tablename__)
    for some in chunks(rows):
        query = select(OP.c.row, OP.c.cells).where(OP.c.row.in_(some), OP.c.tbl.in_(tables), OP.c.kind == "u", OP.c.txn > after)
        query = query if until is None else query.where(OP.c.txn <= until)
        for row, cells in session.execute(query.order_by(OP.c.txn, OP.c.n)):
            kept = found.setdefault(row, {})
            for column, (old, _) in json.loads(cells).items():
                kept.setdefault(column, old)
    return found

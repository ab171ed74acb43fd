"""What the lines of each period add up to (local_period): derived, not logged, kept right with every change, checked by `verify`.

Lists of periods read it, so that 80 periods of 20 townships show at once whatever number of lines they hold. Written in plain
SQL without the records, because opening and changing a book load no register that is not needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from relocdesk.pen import Pen

LINES = "support_payment"
COLUMNS = ("lines", "heads", "due", "back_pay", "deducted", "paid", "succeeded", "returned", "waiting")
# A line that was paid again counts through its successor alone, so that no person and no money counts twice.
_SUMS = """
SELECT p.period, count(*), count(DISTINCT p.recipient), coalesce(sum(p.due), 0), coalesce(sum(p.back_pay), 0), coalesce(sum(p.deducted), 0),
       coalesce(sum(p.paid), 0), coalesce(sum(CASE p.result WHEN 'paid' THEN p.paid END), 0),
       coalesce(sum(CASE p.result WHEN 'returned' THEN p.paid END), 0), coalesce(sum(CASE p.result WHEN 'wait' THEN p.paid END), 0)
FROM support_payment p
WHERE p.deleted = 0 {chosen} AND NOT (p.result = 'returned' AND EXISTS (
    SELECT 1 FROM support_payment later WHERE later.period = p.period AND later.recipient = p.recipient AND later.kind = p.kind
    AND later.deleted = 0 AND later.attempt > p.attempt))
GROUP BY p.period"""


def refresh(raw: Any, pen: Pen) -> None:
    """Recomputes the periods whose lines this action touched; `raw` is the connection inside its transaction."""
    if LINES not in pen.tables:
        return
    marks = ",".join("?" * len(pen.txns))
    touched = (
        f"SELECT DISTINCT p.period FROM op o JOIN support_payment p ON p.id = o.row WHERE o.txn IN ({marks}) AND o.tbl = '{LINES}' AND o.kind IN ('i', 'u') "
        f"UNION SELECT row FROM op WHERE txn IN ({marks}) AND tbl = '{LINES}' AND kind IN ('b', 'B')"
    )
    recompute(raw, [period for (period,) in raw.execute(touched, (*pen.txns, *pen.txns)).fetchall()])


def recompute(raw: Any, periods: Collection[str]) -> None:
    """Adds up some periods anew."""
    marks = ",".join("?" * len(COLUMNS))
    for period in periods:
        raw.execute("DELETE FROM local_period WHERE period = ?", (period,))
        row = added_up(raw, period)
        if row is not None:
            raw.execute(f"INSERT INTO local_period(period, {', '.join(COLUMNS)}) VALUES (?, {marks})", row)


def added_up(raw: Any, period: str) -> tuple[Any, ...] | None:
    """The period and its totals from its lines as they are now; None without lines."""
    found = raw.execute(_SUMS.format(chosen="AND p.period = ?"), (period,)).fetchone()
    return None if found is None else tuple(found)


def wrong(raw: Any) -> Iterator[str]:
    """The periods whose kept totals are not what their lines add up to."""
    kept = {row[0]: tuple(row[1:]) for row in raw.execute(f"SELECT period, {', '.join(COLUMNS)} FROM local_period")}
    found = {row[0]: tuple(row[1:]) for row in raw.execute(_SUMS.format(chosen=""))}
    yield from (period for period in {**kept, **found} if kept.get(period) != found.get(period))

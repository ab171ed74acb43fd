"""The subsidy: freezing 50,000 lines, bytes per paid line, entitlements of twenty years, and a book of 4,000,000 lines."""

from __future__ import annotations

import gc
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relocdesk import demo
from relocdesk.actions.period import freeze_period, open_period
from relocdesk.book import Book
from relocdesk.bulk import change
from relocdesk.database import connect, drop_triggers
from relocdesk.demo_support import recipients_in_bulk
from relocdesk.queries import rows
from relocdesk.queries.entitlement import entitlements
from relocdesk.queries.roster import months_of, sums
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.support import Period, SupportPayment
from relocdesk.rules.days import add_months
from tests import make
from tests.bench.data import small_book
from tests.bench.grids import AWAKE_MS, JUMPS, Pulse, Window, bare, elsewhere
from tests.bench.measure import Figure, hand_over, memory_now, timed
from ui.offstage import application

PEOPLE, PERIODS = 50_000, 80
LINE = register("support_payment")


def filled(folder: Path) -> Book:
    """A book with 50,000 people of the first cohort."""
    book = small_book(folder)
    with book.read() as session:
        groups = [code for (code,) in session.connection().exec_driver_sql("SELECT code FROM place WHERE length(code) = 14").all()]
    recipients_in_bulk(book, make.clerk(), groups, PEOPLE)
    return book


def bare_insert(path: Path, copy: Path) -> float:
    """Seconds for the same lines through the same SQLite into the same table with its indexes, without triggers; the quickest of three."""
    columns = [f.name for f in LINE.stored]
    raw = connect(path)
    lines = raw.execute(f"SELECT home, deleted, {', '.join(columns)} FROM support_payment ORDER BY id").fetchall()
    raw.close()
    marks = ", ".join("?" * (len(columns) + 3))
    statement = f"INSERT INTO support_payment (id, home, deleted, {', '.join(columns)}) VALUES ({marks})"
    best = float("inf")
    for turn in range(3):
        shutil.copyfile(path, copy)
        raw = connect(copy)
        drop_triggers(raw)
        some = [(f"{turn:08x}{n:024x}", *line) for n, line in enumerate(lines)]

        def insert(raw: Any = raw, some: Any = some) -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(statement, some)
            raw.execute("COMMIT")

        best = min(best, timed(insert)[0])
        raw.close()
    return best


def freezing(folder: Path) -> list[Figure]:
    """A roster of 50,000 lines: time, room, and what it costs to take its result in."""
    book = filled(folder)
    clerk = make.clerk()
    seconds = []
    before = book.path.stat().st_size
    for _ in range(2):
        with book.change("开期", clerk, "action") as (session, _done):
            open_period(session, clerk, None, first_month="2006-07" if not seconds else "")
            period = str(session.query(Period.id).order_by(Period.first_month.desc()).limit(1).scalar())

        def freeze(period: str = period) -> None:
            with book.change("冻结", clerk, "action") as (session, _):
                freeze_period(session, clerk, session.get_one(Period, period))

        seconds.append(timed(freeze)[0])
        if len(seconds) == 1:
            bare_s = bare_insert(book.path, folder / "bare.reloc")

        def settle(period: str = period) -> None:
            with book.change("结果", clerk, "action") as (session, _):
                ids = session.query(SupportPayment.id).filter_by(period=period).order_by(SupportPayment.id).all()
                change(session, LINE, period, {one: {"result": "returned", "return_reason": "账户已销户"} if n % 100 == 7 else {"result": "paid"}
                                               for n, (one,) in enumerate(ids)})  # fmt: skip

        result, _ = timed(settle)
    lines = 2 * PEOPLE
    size = (book.path.stat().st_size - before) / lines
    scanned, _ = timed(lambda: _scan(book.path))
    recomputed, count = timed(lambda: _entitlements(book))
    assert count == PEOPLE * PERIODS
    book.close()
    return [
        Figure(f"freezing a roster of {PEOPLE:,} / the bare insert of its lines", min(seconds), "s", bare_s, 6),
        Figure("taking in the result of 50,000 lines", result, "s", budget=10),
        Figure("bytes on disk per paid line, log included", size, "B", budget=400),
        Figure(f"entitlements of {PEOPLE:,} people × {PERIODS} periods", recomputed, "s", budget=10),
        Figure("    against the bare scan of as many lines", recomputed, "s", scanned * PERIODS / 2, 20),
    ]


def _scan(path: Path) -> int:
    raw = connect(path, read_only=True)
    found = raw.execute("SELECT recipient, months, due FROM support_payment").fetchall()
    raw.close()
    return len(found)


def _entitlements(book: Book) -> int:
    with book.read() as session:
        entitled = entitlements(session, "2026-06-30")
    return sum(len(months_of(entitled.values(), month, add_months(month, 2))) for month in (add_months("2006-07", 3 * n) for n in range(PERIODS)))


def build(folder: Path) -> float:
    """Seconds for the demo of 4,000,000 lines."""
    return timed(lambda: demo.make(folder / "million.reloc", scale="million"))[0]


def million(folder: Path) -> list[Figure]:
    """Everything about the book of 4,000,000 lines."""
    built = elsewhere(build, folder)
    path = folder / "million.reloc"
    baseline = elsewhere(bare, path, "support_payment")
    book = Book.open(path)
    window = Window(book, LINE)
    gc.collect()
    empty = memory_now()
    first, _ = timed(lambda: window.show(Ask(LINE)))
    count = window.model.rowCount()
    assert count >= PEOPLE * PERIODS
    chosen = random.Random(7)
    jumps = [window.jump(chosen.randrange(count)) for _ in range(JUMPS)]
    gc.collect()
    more = memory_now() - empty
    with book.read() as session:
        (period,) = session.connection().exec_driver_sql("SELECT id FROM period ORDER BY first_month DESC LIMIT 1").one()
    pulse = Pulse()
    asks = (
        ("one period of 50,000", Ask(LINE, (Condition("period", "=", period),))),
        ("filter by result", Ask(LINE, (Condition("result", "=", "returned"),))),
        ("sort by a column without an index (实发)", Ask(LINE, sort=(("paid", True),))),
    )
    figures = [
        Figure("demo of 4,000,000 lines of the subsidy, built with its history", built, "s", budget=300),
        Figure("grid of 4,000,000 lines: first paint / SELECT id + a page", first, "s", baseline, 1.5),
        Figure(f"    worst of {JUMPS} jumps, painted", max(jumps) * 1000, "ms", budget=100),
        Figure("    memory over the window without rows", more, "MB", budget=150),
    ]
    for name, ask in asks:
        seconds, gap = pulse.during(lambda ask=ask: window.show(ask))
        figures += [Figure(f"    {name}, painted", seconds, "s", budget=20), Figure("    longest freeze of the window meanwhile", gap, "ms", budget=AWAKE_MS)]
    window.close()
    listed, _ = timed(lambda: _periods(book), 3)
    book.close()
    return [*figures, Figure("head-counts and balances of every period", listed, "s", budget=0.3)]


def _periods(book: Book) -> None:
    reg = register("period")
    with book.read() as session:
        found = rows.rowids(session, Ask(reg))
        lines = rows.page(session, reg, found, tuple(reg))
        assert all(sums(session, line.id).difference == 0 for line in lines)


def main(parts: tuple[Callable[[Path], list[Figure]], ...] = (freezing, million)) -> None:
    """Measures everything about the subsidy."""
    app = application()
    figures: list[Figure] = []
    for part in parts:
        folder = Path(tempfile.mkdtemp())
        try:
            figures += part(folder)
        finally:
            shutil.rmtree(folder)
    app.processEvents()
    hand_over(figures)


if __name__ == "__main__":
    main()

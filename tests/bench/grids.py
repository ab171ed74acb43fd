"""A grid over 1,000,000 parcels, the search over 50,000 households, and a window that stays awake while others work."""

from __future__ import annotations

import gc
import random
import shutil
import tempfile
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from relocdesk.book import Book
from relocdesk.database import connect
from relocdesk.excel import plan as excel
from relocdesk.field import Register
from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Condition
from relocdesk.queries.search import search_all
from relocdesk.records import new_id, register
from relocdesk.records.household import Household, Person
from tests import make
from tests.bench.data import many_parcels, parcel_rows, small_book, write_workbook
from tests.bench.measure import Figure, hand_over, memory_now, timed
from ui.access import Access
from ui.app import collect_again
from ui.grid import Grid, GridModel, columns_of
from ui.offstage import application
from ui.work import Desk, Work

COUNT, HOUSEHOLDS, IMPORTED, JUMPS = 1_000_000, 50_000, 20_000, 30
AWAKE_MS = 100
PARCEL = register("parcel")


# --- prepared and compared in a process of their own, so that the window's memory is its own ---------------------------


def build(folder: Path) -> float:
    """Seconds for the book of a million parcels."""
    book = small_book(folder)
    seconds, _ = timed(lambda: many_parcels(book, COUNT))
    book.close()
    return seconds


def bare(path: Path, table: str = "parcel") -> float:
    """Seconds to read the ids of the table into a list, and one page of whole rows, through the same SQLite."""

    def read() -> None:
        raw = connect(path)
        found = [row[0] for row in raw.execute(f"SELECT id FROM {table}")]
        marks = ",".join("?" * rows.PAGE)
        raw.execute(f"SELECT * FROM {table} WHERE id IN ({marks})", found[: rows.PAGE]).fetchall()
        raw.close()

    return timed(read, 3)[0]


def elsewhere(work: Callable[..., float], *args: Any) -> float:
    """What a function gives in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args).result()


# --- the window ------------------------------------------------------------------------------------------------------


class Painted(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, watched: QObject) -> None:
        super().__init__()
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


class Pulse(QObject):
    """The longest time in ms between two beats of a 10 ms timer of the window's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)

    def _beat(self) -> None:
        self.longest = max(self.longest, self._since.restart())

    def during(self, work: Callable[[], Any]) -> tuple[float, float]:
        """Seconds of a work that waits with `until`, and the longest gap in ms."""
        QApplication.processEvents()
        self.longest = 0
        self._since.start()
        self._timer.start(10)
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start
        self._beat()
        self._timer.stop()
        return seconds, float(self.longest)


def until(done: Callable[[], bool]) -> None:
    """Lets the window live until something has happened."""
    while not done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


class Window:
    """The grid of a register as its page has it: rowids are read off the thread, pages on it."""

    def __init__(self, book: Book, reg: Register = PARCEL) -> None:
        self.access, self.reg = Access(book, make.clerk), reg
        self.model = GridModel(columns_of(reg), self._fetch)
        self.grid = Grid(self.model, choices=reg.fields)
        self.grid.resize(1280, 680)
        self.grid.show()
        self.painted = Painted(self.grid.viewport())
        QApplication.processEvents()

    def _fetch(self, wanted: Any, fields: Any) -> Any:
        return self.access.read(lambda session: rows.page(session, self.reg, wanted, fields))

    def show(self, ask: Ask) -> None:
        """Reads the rows asked for, and returns when they are painted."""
        found: list[array[int]] = []
        self.access.look(lambda session: rows.rowids(session, ask), lambda rowids: (found.append(rowids), self.grid.show_rows(rowids)))
        until(lambda: bool(found))
        self.paint()

    def paint(self) -> None:
        """Lets Qt paint what is due; once at least."""
        before = self.painted.count
        self.grid.viewport().update()
        until(lambda: self.painted.count > before)

    def jump(self, row: int) -> float:
        """Seconds to another place, painted."""
        start = time.perf_counter()
        self.grid.verticalScrollBar().setValue(row)
        self.paint()
        return time.perf_counter() - start

    def close(self) -> None:
        self.access.close()
        self.grid.deleteLater()


def first_paint(path: Path) -> float:
    """Seconds from asking for all rows to their picture, in a book just opened."""
    with Book.open(path, write=False) as book:
        window = Window(book)
        seconds, _ = timed(lambda: window.show(Ask(PARCEL)))
        window.close()
    return seconds


def million(folder: Path) -> list[Figure]:
    """Everything about the grid of a million rows."""
    built = elsewhere(build, folder)
    path = folder / "bench.reloc"
    baseline = elsewhere(bare, path)
    opened, book = timed(lambda: Book.open(path))
    window = Window(book)
    gc.collect()
    empty = memory_now()
    first, _ = timed(lambda: window.show(Ask(PARCEL)))
    assert window.model.rowCount() == COUNT
    chosen = random.Random(7)
    jumps = [window.jump(chosen.randrange(COUNT)) for _ in range(JUMPS)]
    gc.collect()
    more = memory_now() - empty
    again = [first_paint(path) for _ in range(2)]
    pulse = Pulse()
    asks = (
        ("sort by an indexed column (地块编号)", Ask(PARCEL, sort=(("number", True),))),
        ("sort by a column without an index (面积)", Ask(PARCEL, sort=(("area", True),))),
        ("sort by a reference (权属户)", Ask(PARCEL, sort=(("household", False),))),
        ("filter by land class", Ask(PARCEL, (Condition("land_class", "=", "水田"),))),
        ("search for a number (D0070707)", Ask(PARCEL, search="D0070707")),
    )
    figures = [
        Figure("book of 1,000,000 parcels, built with its history", built, "s", budget=60),
        Figure("open the book of 1,000,000 parcels", opened, "s", budget=1),
        Figure("grid of 1,000,000 rows: first paint / SELECT id + a page", min(first, *again), "s", baseline, 1.5),
        Figure(f"grid: worst of {JUMPS} jumps, painted", max(jumps) * 1000, "ms", budget=100),
        Figure("grid: memory over the window without rows", more, "MB", budget=150),
    ]
    for name, ask in asks:
        seconds, gap = pulse.during(lambda ask=ask: window.show(ask))
        figures += [Figure(f"grid: {name}, painted", seconds, "s", budget=5), Figure("    longest freeze of the window meanwhile", gap, "ms", budget=AWAKE_MS)]
    window.close()
    book.close()
    return figures


# --- other books -----------------------------------------------------------------------------------------------------


def importing(folder: Path) -> list[Figure]:
    """An import on the window's second thread."""
    book = small_book(folder)
    path = folder / "parcels.xlsx"
    write_workbook(path, parcel_rows(IMPORTED))
    desk = Desk()
    collect_again()  # as the program does once its window stands

    def job(tick: Any) -> int:
        with book.change("导入", make.clerk(), source="import") as (session, _):
            planned = excel.plan(session, make.clerk(), PARCEL, path, tick=tick)
            excel.apply(session, make.clerk(), planned, tick)
            return len(planned.new)

    done: list[Any] = []

    def run() -> None:
        work = Work("导入", job)
        work.ended.connect(done.append)
        desk.start(work)
        until(lambda: bool(done))

    seconds, gap = Pulse().during(run)
    assert done == [IMPORTED], done
    desk.close()
    book.close()
    return [
        Figure(f"import of {IMPORTED:,} × 20 in the background", seconds, "s", budget=60),
        Figure("    longest freeze of the window meanwhile", gap, "ms", budget=AWAKE_MS),
    ]


def many_households(book: Book, count: int) -> None:
    """Households with their heads, in bulk, all in one group."""
    with book.read() as session:
        place = make.place(session)
    heads = [(new_id(), new_id()) for _ in range(count)]
    families = "李张王杨赵段何周尹番"
    with book.change("大批", make.clerk(), source="import") as (session, _):
        session.execute(Household.__table__.insert(), [
            {"id": household, "home": book.home, "deleted": 0, "number": f"{n:06}", "place": place, "account": f"62284808{n:08}", "phone": f"138{n:08}"}
            for n, (household, _head) in enumerate(heads)
        ])  # fmt: skip
        session.execute(Person.__table__.insert(), [
            {"id": head, "home": book.home, "deleted": 0, "household": household, "name": families[n % 10] + "大明桂兰国正华"[n % 7] + "福英才"[n % 3],
             "idcard": make.idcard(sequence=n % 999 + 1, born=f"{1950 + n % 50}0{n % 9 + 1}1{n % 9}"), "relation": "户主", "state": "present"}
            for n, (household, head) in enumerate(heads)
        ])  # fmt: skip
        session.connection().exec_driver_sql("UPDATE household SET head = (SELECT p.id FROM person p WHERE p.household = household.id) WHERE head IS NULL")


def searching(folder: Path) -> list[Figure]:
    """The search box over the whole book."""
    book = small_book(folder)
    many_households(book, HOUSEHOLDS)
    figures = []
    with book.read() as session:
        for name, text in (("a number", "031234"), ("a name", "李明福"), ("initials", "ldy"), ("the end of an account", "00031234"), ("nothing", "欧阳无此人")):
            seconds, _ = timed(lambda text=text: search_all(session, text), 2)
            figures.append(Figure(f"search of {HOUSEHOLDS:,} households: {name}", seconds, "s", budget=0.3))
    book.close()
    return figures


def main(parts: tuple[Callable[[Path], list[Figure]], ...] = (million, importing, searching)) -> None:
    """Measures everything about grids and searching."""
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

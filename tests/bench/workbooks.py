"""Workbooks of 100,000 × 20: planning against reading, applying against bare inserts, exporting against bare writing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from relocdesk.book import Book
from relocdesk.database import connect, drop_triggers
from relocdesk.excel import plan as excel
from relocdesk.excel import write
from relocdesk.queries.rows import Ask
from relocdesk.records import register
from tests import make
from tests.bench.data import parcel_rows, small_book, write_workbook
from tests.bench.measure import Figure, hand_over, timed

COUNT = 100_000
PARCEL = register("parcel")


def bare_read(path: Path) -> int:
    """What python-calamine alone needs for the same cells."""
    from python_calamine import load_workbook  # noqa: PLC0415 -- slow import

    return len(load_workbook(str(path)).get_sheet_by_index(0).to_python())


def bare_inserts(path: Path, source: Path) -> float:
    """Seconds of executemany through the same SQLite into the same table with its indexes, without triggers."""
    shutil.copyfile(source, path)
    raw = connect(path)
    names = [row[1] for row in raw.execute("PRAGMA table_info(parcel)")]
    rows = raw.execute("SELECT * FROM parcel").fetchall()
    drop_triggers(raw)
    raw.execute("DELETE FROM parcel")

    def insert() -> None:
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany(f"INSERT INTO parcel VALUES ({','.join('?' * len(names))})", rows)
        raw.execute("COMMIT")

    seconds, _ = timed(insert)
    raw.close()
    return seconds


def bare_export(path: Path, rows: list[list[Any]], formats: list[str]) -> None:
    """openpyxl's write-only mode with the same values and number formats, one prepared cell a column filled again for every row."""
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 -- beside openpyxl

    book = Workbook(write_only=True)
    sheet = book.create_sheet("地块")
    cells = [WriteOnlyCell(sheet) for _ in formats]
    for cell, number_format in zip(cells, formats, strict=True):
        cell.number_format = number_format
    for row in rows:
        for cell, value in zip(cells, row, strict=True):
            cell.value = value
        sheet.append(cells)
    book.save(path)


def exported_cells(path: Path, width: int) -> list[list[Any]]:
    """The very cells that were exported, for the baseline to write again."""
    from python_calamine import load_workbook  # noqa: PLC0415 -- slow import

    return [[cell if cell != "" else None for cell in row] for row in load_workbook(str(path)).get_sheet_by_index(0).to_python() if len(row) == width]


def plan(book: Book, path: Path) -> excel.Plan:
    """One plan of the workbook."""
    with book.read() as session:
        return excel.plan(session, make.clerk(), PARCEL, path)


def main() -> None:
    """Measures everything about workbooks."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "parcels.xlsx"
    rows = parcel_rows(COUNT)
    write_workbook(path, rows)
    read, _ = timed(lambda: bare_read(path), 2)
    book = small_book(folder)
    empty, planned = timed(lambda: plan(book, path))
    assert (len(planned.new), len(planned.problems)) == (COUNT, 0), planned.problem_list()[:3]

    def put() -> None:
        with book.change("导入", make.clerk(), source="import") as (session, _):
            excel.apply(session, make.clerk(), planned)

    applied, _ = timed(put)
    full, again = timed(lambda: plan(book, path))
    assert len(again.same) == COUNT
    bare = bare_inserts(folder / "bare.reloc", book.path)

    def out() -> None:
        with book.read() as session:
            write.export(session, PARCEL, Ask(PARCEL), folder / "out.xlsx")

    exported, _ = timed(out)
    spots = write.spots(PARCEL)
    formats = [write.number_format(spot.field) for spot in spots]
    cells = exported_cells(folder / "out.xlsx", len(spots))
    baseline, _ = timed(lambda: bare_export(folder / "bare.xlsx", cells, formats))
    book.close()
    shutil.rmtree(folder)
    hand_over([
        Figure("plan of 100,000 × 20, empty book / calamine", empty, "s", read, 4),
        Figure("plan of 100,000 × 20, 100,000 rows there / calamine", full, "s", read, 6),
        Figure("apply with full history / executemany", applied, "s", bare, 6),
        Figure("export of 100,000 rows / openpyxl write-only", exported, "s", baseline, 1.3),
    ])  # fmt: skip


if __name__ == "__main__":
    main()

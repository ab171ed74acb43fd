"""Big invented books and workbooks for measuring."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from relocdesk.book import Book
from relocdesk.founding import found_book
from relocdesk.records import new_id
from relocdesk.records.survey import Parcel
from tests import make

PROJECT = "三坝灌区一片区"
TITLES = ("地块编号", "工程", "权属户", "村组", "小地名", "地类", "征用性质", "面积（亩）", "面积（㎡）", "东至", "南至", "西至", "北至", "调查日期", "调查人",
          "承包证面积（亩）", "区片", "批次", "实际使用人", "备注")  # fmt: skip


def small_book(folder: Path) -> Book:
    """A book with places, one project and 300 households."""
    book = found_book(folder / "bench.reloc", office="龙陵县三坝乡搬迁安置办公室", place="530523102", by="王建国", on="2026-11-22")
    with book.change("备", make.clerk()) as (session, _):
        make.make_places(session)
        make.make_project(session, name=PROJECT)
        for number in range(300):
            make.make_household(session, number=f"{number:04}")
    return book


def parcel_rows(count: int) -> list[list[Any]]:
    """Rows of 20 cells as a survey workbook has them."""
    return [
        [f"D{i:06}", PROJECT, f"{i % 300:04}", "柳树村一组", f"大坪子{i % 50}", "旱地", "永久", round(i % 1000 * 0.015, 3), float(i % 1000 * 10), "路", "沟",
         "埂", "坡", "2026-01-01", f"李明{i % 7}", round(i % 900 * 0.01, 2), "Ⅰ", "一批", f"使用人{i % 500}", f"备注{i}"]
        for i in range(count)
    ]  # fmt: skip


def write_workbook(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    """A plain workbook with a head row."""
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    book = Workbook(write_only=True)
    sheet = book.create_sheet("地块")
    sheet.append(TITLES)
    for row in rows:
        sheet.append(row)
    book.save(path)


def many_parcels(book: Book, count: int) -> None:
    """Parcels in bulk, through the log like any others."""
    with book.read() as session:
        place, project = make.place(session), make.make_project(session, name=PROJECT).id
        households = [row[0] for row in session.connection().exec_driver_sql("SELECT id FROM household")]
    for start in range(0, count, 100_000):
        rows = [{"id": new_id(), "home": book.home, "deleted": 0, "number": f"D{i * 7919 % count:07}", "project": project, "place": place,
                 "household": households[i % len(households)], "land_class": ("旱地", "水田", "园地")[i % 3], "nature": ("permanent", "temporary")[i % 5 == 0],
                 "area_m2": i % 5000 * 10, "area": i % 5000 * 150, "site": f"大坪子{i % 50}", "confirmed": i % 2}
                for i in range(start, min(start + 100_000, count))]  # fmt: skip
        with book.change("大批", make.clerk(), source="import") as (session, _):
            session.execute(Parcel.__table__.insert(), rows)

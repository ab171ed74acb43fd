"""The pages stay usable while a great many rows are written: scrolling, searching and opening records in the middle of an import."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel
from pytestqt.qtbot import QtBot

from relocdesk.book import Book
from tests import make
from tests.walks.hands import Hands
from ui.app import Program
from ui.pages.first_run import operators

ROWS = 40_000


def test_reading_goes_on_while_rows_are_written(program: Program, hands: Hands, book: Book, clerk: object, tmp_path: Path, qtbot: QtBot) -> None:
    with book.change("登记户", by=make.clerk(), source="typed") as (session, _):
        make.make_project(session, name="三坝灌区工程")
        for n in range(1, 41):
            make.make_household(session, number=f"H{n:03d}", head_name=f"李山{n}")
    path = book.path
    book.close()
    again = Book.open(path)
    shell = program.use(again, operators(again)[0])
    qtbot.wait(200)
    hands.page("地块")
    hands.click("parcel.import")
    hands.files.append(str(table(tmp_path / "测绘成果.csv")))
    hands.click("import.pick")
    hands.until(lambda: any(f"新增 {ROWS:,}，" in text for text in hands.texts()), "the plan", patience_ms=60_000)
    hands.click("import.next", f"入账 {ROWS:,} 条")
    qtbot.waitUntil(lambda: bool(shell.desk.works), timeout=20_000)
    looks = 0
    while shell.desk.works and looks < 400:
        look_around(hands, looks, qtbot)
        looks += 1
    hands.until(lambda: True, "the end of the import", patience_ms=60_000)
    assert looks >= 3  # pages that waited for the import would have come only after it
    hands.page("地块")
    hands.until(lambda: hands.total().startswith(f"{ROWS:,} 块"), "all parcels")


def look_around(hands: Hands, turn: int, qtbot: QtBot) -> None:
    """What a clerk does meanwhile: looks for a household, sees its row, opens the whole household."""
    number = f"H{turn % 40 + 1:03d}"
    qtbot.mouseClick(hands.see("rail.household"), Qt.MouseButton.LeftButton)
    if turn == 0:
        qtbot.wait(20)
    edit = hands.sees(QAbstractItemView, "grid.household")
    qtbot.waitUntil(lambda: (view := hands.sees(QAbstractItemView, "grid.household")) is not None and view.model().rowCount() == 40, timeout=20_000)
    assert edit is None or edit.isEnabled()
    qtbot.keyClick(hands.shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    hands.shell.search.clear()
    qtbot.keyClicks(hands.shell.search, number)
    qtbot.waitUntil(lambda: any(number in text for text in hands.hits()), timeout=20_000)
    qtbot.keyClick(hands.shell.search, Qt.Key.Key_Escape)
    assert hands.sees(QLabel) is not None


def table(path: Path) -> Path:
    """A surveyor's table of many parcels."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        write = csv.writer(out)
        write.writerow(["地块编号", "户号", "村组", "地类", "征用性质", "面积（亩）"])
        write.writerows([f"D{n:06d}", f"H{n % 40 + 1:03d}", "柳树村一组", "旱地", "永久征收", f"{n % 300 + 1}.5"] for n in range(ROWS))
    return path

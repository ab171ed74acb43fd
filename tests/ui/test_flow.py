"""Buttons that wrap: nothing is cut in a narrow page, hidden ones leave no gap."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.flow import WrapRow
from ui.parts import button, clear


def made(qtbot: QtBot, width: int) -> tuple[QWidget, WrapRow, list[QPushButton]]:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    row = WrapRow()
    buttons = [button(words) for words in ("登记状态…", "销号签字…", "回头看…", "打印…")]
    for one in buttons:
        row.addWidget(one)
    column.addLayout(row)
    column.addStretch(1)
    page.resize(width, 300)
    page.show()
    return page, row, buttons


def test_what_does_not_fit_goes_below_and_nothing_is_cut(qtbot: QtBot) -> None:
    page, row, buttons = made(qtbot, 900)
    assert len({one.y() for one in buttons}) == 1
    page.resize(260, 300)
    qtbot.waitUntil(lambda: len({one.y() for one in buttons}) > 1, timeout=20_000)
    assert all(one.x() + one.width() <= 260 and one.width() >= one.sizeHint().width() for one in buttons)
    assert row.heightForWidth(240) > row.heightForWidth(900)


def test_hidden_ones_leave_no_gap_and_all_can_be_taken_out(qtbot: QtBot) -> None:
    page, row, buttons = made(qtbot, 900)
    buttons[0].hide()
    qtbot.waitUntil(lambda: buttons[1].x() == row.geometry().x(), timeout=20_000)
    clear(row)
    assert (row.count(), row.itemAt(0)) == (0, None)
    assert page.minimumSizeHint().width() < 40

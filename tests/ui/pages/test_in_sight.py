"""Buttons act on what stands in sight, however late its reading answers; the order of answers is forced, nothing is waited for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.works import Training
from tests import make
from tests.ui.conftest import held
from ui.access import Access
from ui.pages.training import TrainingPage
from ui.record import RecordDialog
from ui.shell import Shell


@pytest.fixture
def courses(access: Access) -> list[str]:
    """Three courses, the newest first."""
    with access.book.change("登记", access.clerk) as (session, _):
        return [make.add(session, Training, name=f"{trade}班", held_on=day).id
                for trade, day in (("电工", "2026-09-03"), ("焊工", "2026-09-02"), ("养蜂", "2026-09-01"))]  # fmt: skip


@pytest.fixture
def page(qtbot: QtBot, access: Access, window: Shell, courses: list[str]) -> TrainingPage:
    """The courses with the first one's sheet."""
    made = TrainingPage(access, window)
    qtbot.addWidget(made)
    made.resize(1100, 640)
    made.show()
    qtbot.waitUntil(lambda: made.master.shown == courses[0] and not made.master.list._rest.isActive(), timeout=20_000)
    return made


def click(qtbot: QtBot, page: TrainingPage, row: int) -> None:
    rows = page.master.list
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualRect(rows.grid_model.index(row, 0)).center())


def test_a_sheets_buttons_act_on_its_own_record(qtbot: QtBot, access: Access, window: Shell, page: TrainingPage, courses: list[str]) -> None:
    with held(access):
        page.show_what(courses[1])
        assert page._title.text() == "电工班"
        page.edit()
        dialog = window.findChild(RecordDialog)
        assert isinstance(dialog, RecordDialog)
        assert dialog.panel.row_id == courses[0]
        dialog.reject()
    qtbot.waitUntil(lambda: page._title.text() == "焊工班", timeout=20_000)
    assert page.master.shown == courses[1]


def test_a_row_clicked_while_the_list_is_read_is_the_one_shown(qtbot: QtBot, access: Access, page: TrainingPage, courses: list[str]) -> None:
    page.reload(None)
    click(qtbot, page, 2)
    page.master.list._rest.setInterval(3_600_000)  # the answer comes before the choice has rested
    page.master.list._rest.start()
    qtbot.waitUntil(lambda: page.master.shown == courses[2], timeout=20_000)
    assert page.master.list.current_id() == courses[2]


def test_a_record_that_the_list_leaves_out_stays_shown(qtbot: QtBot, page: TrainingPage, courses: list[str]) -> None:
    only = Ask(register("training"), (Condition("name", "=", "电工班"),))
    page.master.show_ask(only)
    qtbot.waitUntil(lambda: len(page.master.list.grid_model.rowids) == 1, timeout=20_000)
    page.show_what(courses[2])
    qtbot.waitUntil(lambda: page.master.shown == courses[2], timeout=20_000)
    with qtbot.waitSignal(page.master.list.selection_moved, timeout=20_000):
        page.reload(None)
    assert page.master.current == courses[2]
    click(qtbot, page, 0)
    qtbot.waitUntil(lambda: page.master.shown == courses[0], timeout=20_000)

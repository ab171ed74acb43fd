"""The list beside a sheet: neither sheet nor empty state before the rows are counted, the record shown is marked, a deleted one gives way."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from relocdesk import entry
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from tests import make
from ui.access import Access
from ui.pages.master_list import MasterList
from ui.parts import EmptyState


@pytest.fixture
def shown_ids() -> list[str | None]:
    return []


@pytest.fixture
def master(qtbot: QtBot, access: Access, shown_ids: list[str | None]) -> MasterList:
    made = MasterList(access, Ask(register("project"), sort=(("name", False),)), ("name",), name="tried.list", widths={"name": 80})
    made.set_sheet(QWidget(), EmptyState("table", "还没有"), lambda _session, row_id: row_id, shown_ids.append)
    qtbot.addWidget(made)
    made.show()
    return made


def test_nothing_is_claimed_before_the_rows_are_counted(qtbot: QtBot, master: MasterList, shown_ids: list[str | None]) -> None:
    assert (master._sheet.isVisible(), master._empty.isVisible()) == (False, False)
    with qtbot.waitSignal(master.totals_changed, timeout=20_000):
        master.reload()
    assert (master._sheet.isVisible(), master._empty.isVisible()) == (False, True)
    assert shown_ids == []


def test_the_record_shown_is_marked_and_a_deleted_one_gives_way(qtbot: QtBot, access: Access, master: MasterList, shown_ids: list[str | None]) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        first, second = make.make_project(session, name="甲工程").id, make.make_project(session, name="乙工程").id
    master.reload()
    qtbot.waitUntil(lambda: bool(shown_ids), timeout=20_000)
    top = shown_ids[-1]
    other = second if top == first else first
    picked: list[str] = []
    master.picked.connect(picked.append)
    master.pick(other)
    qtbot.waitUntil(lambda: shown_ids[-1] == other, timeout=20_000)
    assert (picked, master.list.current_id()) == ([other], other)
    with access.book.change("删除", access.clerk) as (session, _):
        entry.remove(session, access.clerk, register("project"), other)
    master.reload()
    qtbot.waitUntil(lambda: shown_ids[-1] == top, timeout=20_000)
    assert (master.current, master.list.current_id()) == (top, top)


def test_no_step_is_done_for_the_record_that_was_just_left(qtbot: QtBot, access: Access, master: MasterList, shown_ids: list[str | None]) -> None:
    """Somebody clicks the next row and at once a button beside it, which still means the row before."""
    with access.book.change("登记", access.clerk) as (session, _):
        for name in ("甲工程", "乙工程"):
            make.make_project(session, name=name)
    master.reload()
    qtbot.waitUntil(lambda: bool(shown_ids) and master._sheet.isEnabled(), timeout=20_000)
    top = shown_ids[-1]
    master.list.selectRow(1)
    other = master.list.current_id()
    assert (other != top, shown_ids[-1], master._sheet.isEnabled()) == (True, top, False)
    qtbot.waitUntil(lambda: shown_ids[-1] == other, timeout=20_000)
    assert (master.current, master._sheet.isEnabled()) == (other, True)


def test_a_record_outside_the_list_stays_shown_when_all_is_read_anew(qtbot: QtBot, access: Access, master: MasterList, shown_ids: list[str | None]) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        listed, outside = make.make_project(session, name="甲工程").id, make.make_project(session, name="乙工程").id
    master.show_ask(Ask(register("project"), (Condition("name", "=", "甲工程"),)))
    qtbot.waitUntil(lambda: shown_ids[-1:] == [listed], timeout=20_000)
    master.pick(outside)
    qtbot.waitUntil(lambda: shown_ids[-1] == outside, timeout=20_000)
    with qtbot.waitSignals([master.totals_changed, master.list.selection_moved], timeout=20_000):
        master.reload()
    qtbot.waitUntil(lambda: shown_ids.count(outside) == 2, timeout=20_000)
    assert (master.current, master.list.current_id(), master._sheet.isEnabled()) == (outside, "", True)

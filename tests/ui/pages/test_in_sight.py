"""Buttons act on what stands in sight, however late its reading answers; the order of answers is forced, nothing is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.works import Training
from tests import make
from tests.excel.ugly import grid
from tests.ui.conftest import busy, held
from ui import say
from ui.access import Access
from ui.pages.agreement import OneAgreement
from ui.pages.agreement_work import AgreementWork
from ui.pages.household import OneHousehold
from ui.pages.match_list import MatchPage
from ui.pages.papers import PapersPage
from ui.pages.settings_data import HistoryPage
from ui.pages.training import TrainingPage
from ui.print_dialog import PrintDialog
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


@pytest.fixture
def agreements(access: Access) -> tuple[list[str], list[str]]:
    """Two households with an agreement each: ids of the households, of the agreements."""
    with access.book.change("登记", access.clerk) as (session, _):
        households = [make.make_household(session, number=number, head_name=name).id for number, name in (("H1", "王桂兰"), ("H2", "李春生"))]
        return households, [make.make_agreement(session, household=one, state="draft", signed_on=None).id for one in households]


def test_an_agreement_is_never_acted_on_behind_the_sheet_of_another(
    qtbot: QtBot, access: Access, window: Shell, agreements: tuple[list[str], list[str]]
) -> None:
    households, (first, second) = agreements
    page = OneAgreement(access, window)
    qtbot.addWidget(page)
    page.show()
    page.show_agreement(first)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == first, timeout=20_000)
    with held(access):
        page.show_agreement(second)
        page.act("review")
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == second and not window.desk.works, timeout=20_000)
    reg = register("agreement")
    assert [access.read(lambda session, one=one: session.get(reg.cls, one).state) for one in (first, second)] == ["reviewed", "draft"]
    with held(access):
        page.show_agreement(first)
        page.show_household(households[1])  # what was being read of the other household is not shown any more
        assert page.seen is None
    seen: list[str] = []
    page.list.counted.connect(lambda _totals: seen.append(page.seen.id if page.seen else ""))
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert seen == [""]
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == second, timeout=20_000)


def test_a_household_read_late_is_not_printed_as_another(qtbot: QtBot, access: Access, window: Shell, agreements: tuple[list[str], list[str]]) -> None:
    households, _ = agreements
    page = OneHousehold(access, window)
    qtbot.addWidget(page)
    page.show()
    page.show_household(households[0])
    qtbot.waitUntil(lambda: page.shown == households[0], timeout=20_000)
    with held(access):
        page.show_household(households[1])
        page.print()
        dialog = window.findChild(PrintDialog)
        assert isinstance(dialog, PrintDialog)
        assert dialog._ids == (households[0],)
        dialog.reject()
    qtbot.waitUntil(lambda: page.shown == households[1], timeout=20_000)


def test_nothing_is_printed_before_it_is_known_what(qtbot: QtBot, access: Access, window: Shell, agreements: tuple[list[str], list[str]]) -> None:
    households, _ = agreements
    with access.book.change("登记", access.clerk) as (session, _):
        for one in households:
            make.make_parcel(session, household=one)
    dialog = PrintDialog(access, window, "household", households)
    dialog.open()
    dialog.gaps.setChecked(True)
    qtbot.waitUntil(dialog.save.isEnabled, timeout=20_000)
    with held(access):
        dialog.form.setCurrentIndex(1)
        dialog.one.setChecked(True)
        assert not dialog.save.isEnabled()
        dialog.form.setCurrentIndex(0)
    qtbot.waitUntil(dialog.save.isEnabled, timeout=20_000)
    dialog.reject()


def test_sums_of_the_other_side_are_not_told(qtbot: QtBot, access: Access, window: Shell, agreements: tuple[list[str], list[str]]) -> None:
    page = AgreementWork(access, window)
    qtbot.addWidget(page)
    page.show()
    told: list[str] = []
    qtbot.waitUntil(page.table.isVisible, timeout=20_000)
    with held(access):
        page.show_step("草拟")
        page.show_side("agreement")
        page.totals_changed.connect(lambda shown, _chosen: told.append(shown))
    qtbot.waitUntil(lambda: "0 份" in page._shown, timeout=20_000)
    assert all(text.startswith("0 份") for text in told if text), told


def test_a_list_is_carried_out_as_what_it_was_matched_as(
    qtbot: QtBot, access: Access, window: Shell, shown: say.Recorder, tmp_path: Path
) -> None:
    card = make.idcard("19500315", 11)
    with access.book.change("登记", access.clerk) as (session, _):
        made = make.make_recipient(session, name="李桂芳", card=card).id
    page = MatchPage(access, window)
    qtbot.addWidget(page)
    page.show()
    page.read(grid(tmp_path / "死亡.xlsx", [["姓名", "身份证号", "死亡日期"], ["李桂芳", card, "2026-01-01"]]))
    qtbot.waitUntil(lambda: bool(page.table.text_model.rows), timeout=20_000)
    with held(access):
        page.kind.setCurrentIndex(page.kind.findData("payroll"))
        shown.answers.append(0)
        page.take_sure()
    reg = register("recipient_change")
    wanted = Ask(reg, (Condition("recipient", "=", made),))

    def reasons() -> list[str]:
        return access.read(lambda session: [line.shown[0] for line in rows.page(session, reg, rows.rowids(session, wanted), [reg["reason"]])])

    qtbot.waitUntil(lambda: reasons() == ["D3 死亡"], timeout=20_000)


def test_the_next_sheet_scanned_while_one_is_taken_stays(qtbot: QtBot, access: Access, window: Shell) -> None:
    page = PapersPage(access, window)
    qtbot.addWidget(page)
    page.show()
    page.code.setText("ZZZZ-ZZZZ")
    with busy(window):
        page.take()
        page.take()  # the scanner's Enter, and the clerk's
        assert len(window.desk.works) == 2
        page.code.setText("YYYY-Y")
    qtbot.waitUntil(lambda: "打错了" in page.told.text(), timeout=20_000)
    assert page.code.text() == "YYYY-Y"


def test_steps_of_the_history_come_once(qtbot: QtBot, access: Access, window: Shell) -> None:
    page = HistoryPage(access, window)
    qtbot.addWidget(page)
    page.show()
    with held(access):
        page.reload(None)
        page._read_more()
        page.reload(None)
    qtbot.waitUntil(lambda: bool(page.table.text_model.rows), timeout=20_000)
    done: list[int] = []
    access.look(lambda _session: 0, done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    keys = [row.key for row in page.table.text_model.rows]
    assert len(keys) == len(set(keys))

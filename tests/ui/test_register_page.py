"""A register's page: state in numbers, filters, chosen rows, actions, recycle bin, other ways in and out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from relocdesk.field import Register
from relocdesk.printing import FORMS
from relocdesk.queries import rows, views
from relocdesk.queries.rows import Ask, Condition
from relocdesk.queries.saying import COUNTERS, totals_text
from relocdesk.records import REGISTERS, register
from tests import make
from tests.ui.conftest import held
from ui import say
from ui.access import Access
from ui.asking import Asking
from ui.filters import FilterBar, MoreConditions
from ui.import_page import ImportPage
from ui.parts import Chip, EmptyState
from ui.print_dialog import PrintDialog
from ui.register_page import RegisterPage, _flag_word
from ui.shell import Shell
from ui.staging import Staging, parse_block


@pytest.fixture
def parcels(access: Access) -> list[str]:
    """Three parcels: P1 confirmed in 一组, P2 and P3 not, P3 in 二组 and temporary."""
    with access.book.change("登记", access.clerk) as (session, _):
        household = make.make_household(session, number="H1", head_name="王桂兰").id
        group = make.place(session, "53052310220102")
        return [make.make_parcel(session, number="P1", household=household, confirmed=1).id,
                make.make_parcel(session, number="P2", household=household, area=2_000_000).id,
                make.make_parcel(session, number="P3", household=household, place=group, nature="temporary").id]  # fmt: skip


def page_of(qtbot: QtBot, window: Shell, name: str, count: int) -> RegisterPage:
    page = window.show_page(name)
    assert isinstance(page, RegisterPage)
    qtbot.waitUntil(lambda: len(page.model.rowids) == count and bool(page._shown_totals), timeout=20_000)
    return page


def shown_rows(page: RegisterPage) -> list[str]:
    return [str(page.model.index(row, 0).data()) for row in range(page.model.rowCount())]


def plain(page: RegisterPage) -> str:
    return re.sub("<[^>]+>", "", page.sentence.text())


@pytest.mark.parametrize("reg", [reg for reg in REGISTERS if reg.group], ids=lambda reg: reg.label)
def test_every_register_has_a_page_with_an_empty_state(qtbot: QtBot, window: Shell, reg: Register) -> None:
    page = window.show_page(reg.name)
    assert isinstance(page, RegisterPage)
    qtbot.waitUntil(lambda: bool(page._shown_totals), timeout=20_000)
    count = page.model.rowCount()
    assert (page._stack.currentWidget() is page.grid) == (count > 0)
    assert count > 0 or isinstance(page._stack.currentWidget(), EmptyState)


def test_what_only_actions_make_offers_export_alone(qtbot: QtBot, window: Shell, shown: say.Recorder) -> None:
    page = page_of(qtbot, window, "printout", 0)
    assert {made.objectName() for made in page.findChildren(QPushButton) if made.objectName().startswith("printout.")} & {
        "printout.new", "printout.import", "printout.export"} == {"printout.export"}  # fmt: skip
    QApplication.clipboard().setText("单据\t版本\n协议\t1")
    page.paste()
    assert window.strip.text() == "用印单据在办理“打印”时由程序登记，不能粘贴"
    page.show_what(new=True)
    assert not page.panel.isVisible()
    imports = window.show_page("import")
    assert isinstance(imports, ImportPage)
    offered = {imports.register_box.itemData(n) for n in range(imports.register_box.count())}
    assert {reg.name for reg in REGISTERS if reg.made_by} & offered == set()
    assert {"household", "parcel", "agreement", "payment"} <= offered


def test_numbers_of_the_sentence_filter(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    assert plain(page) == "3 块，已签字确认 1，未签字确认 2"
    assert page._shown_totals == "3 块 · 1 户 · 1 人 · 5.00 亩 · 0.00 元"
    page.sentence.chosen.emit("confirmed=0")
    qtbot.waitUntil(lambda: shown_rows(page) == ["P2", "P3"], timeout=20_000)
    assert [chip.text() for chip in page.filters.findChildren(Chip)] == ["签字确认：否"]
    page.filters.findChildren(Chip)[0].removed.emit()
    qtbot.waitUntil(lambda: len(shown_rows(page)) == 3, timeout=20_000)


def test_search_place_and_further_conditions_narrow(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.filters.search.setText("P2")
    qtbot.waitUntil(lambda: shown_rows(page) == ["P2"], timeout=20_000)
    page.filters.clear()
    page.filters.place.line.setText("柳树村二组")
    page.filters.place.changed.emit()
    qtbot.waitUntil(lambda: shown_rows(page) == ["P3"], timeout=20_000)
    page.filters.clear()
    dialog = MoreConditions(page.access, page.reg)
    qtbot.addWidget(dialog)
    dialog.made.connect(page.filters.set_condition)
    dialog.field_box.setCurrentIndex(dialog.field_box.findData("area"))
    assert dialog._editor is not None
    dialog._editor.set_text("2")
    dialog.finish()
    qtbot.waitUntil(lambda: shown_rows(page) == ["P2"], timeout=20_000)
    assert page.filters.conditions == [Condition("area", "≥", 2_000_000)]


def test_views_are_kept_taken_and_dropped(qtbot: QtBot, window: Shell, access: Access, parcels: list[str], shown: say.Recorder) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.filters.set_condition(Condition("nature", "=", "temporary"))
    page.filters.save_view("临时地")
    qtbot.waitUntil(lambda: len(access.read(lambda session: views.list_views(session, "parcel"))) == 1, timeout=20_000)
    page.filters.clear()
    (view,) = access.read(lambda session: views.list_views(session, "parcel"))
    other = FilterBar(access, page.reg)
    qtbot.addWidget(other)
    other.take_view(view)
    assert other.ask().conditions == (Condition("nature", "=", "temporary"),)
    shown.answers.append(0)
    page.filters._drop(view)
    qtbot.waitUntil(lambda: access.read(lambda session: views.list_views(session, "parcel")) == [], timeout=20_000)


def test_head_click_sorts_in_the_book(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.grid.sort_asked.emit("area", True)
    qtbot.waitUntil(lambda: shown_rows(page)[0] == "P2", timeout=20_000)


def test_chosen_rows_are_counted_and_summed(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.grid.selectAll()
    qtbot.waitUntil(lambda: bool(page._chosen_totals), timeout=20_000)
    assert page._chosen_totals == "已选 3 块 · 1 户 · 1 人 · 5.00 亩 · 0.00 元"
    assert page._count.text() == "已选 3 块"
    assert page._bar.isVisible()


def test_action_asks_and_is_done_to_chosen_rows(qtbot: QtBot, window: Shell, access: Access, parcels: list[str], shown: say.Recorder) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.grid.choose_rowid(page.model.rowids[1])
    action = next(one for one in page._actions if one.name == "confirm")
    page.ask_action(action)
    for dialog in window.findChildren(Asking):
        dialog.finish()
    qtbot.waitUntil(lambda: "已签字确认 2" in plain(page), timeout=20_000)
    assert list(shown) == []


def test_deleted_rows_go_to_the_bin_and_come_back(qtbot: QtBot, window: Shell, access: Access, parcels: list[str], shown: say.Recorder) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.grid.choose_rowid(page.model.rowids[1])
    shown.answers.append(0)
    page.remove()
    qtbot.waitUntil(lambda: shown_rows(page) == ["P1", "P3"], timeout=20_000)
    assert shown.sayings[0].buttons == ("删除 1 块", "保留")
    page.show_bin(True)
    qtbot.waitUntil(lambda: shown_rows(page) == ["P2"], timeout=20_000)
    page.grid.choose_rowid(page.model.rowids[0])
    page.restore()
    qtbot.waitUntil(lambda: page.model.rowCount() == 0, timeout=20_000)
    page.show_bin(False)
    qtbot.waitUntil(lambda: shown_rows(page) == ["P1", "P2", "P3"], timeout=20_000)


def test_strip_takes_the_last_action_back(qtbot: QtBot, window: Shell, access: Access, parcels: list[str], shown: say.Recorder) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.grid.choose_rowid(page.model.rowids[1])
    shown.answers.append(0)
    page.remove()
    qtbot.waitUntil(lambda: "已删除" in window.strip.text(), timeout=20_000)
    window.strip._do.click()
    qtbot.waitUntil(lambda: shown_rows(page) == ["P1", "P2", "P3"], timeout=20_000)


def test_record_opens_beside_its_row_and_saving_refreshes_it(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.show_what(id=parcels[2])
    assert (page.panel.row_id, page.panel.isVisible(), page.grid.current_rowid()) == (parcels[2], True, page.model.rowids[2])
    page.panel.form.editors["site"].set_text("大坪子")
    page.panel.form.save()
    column = [f.name for f in page.model.fields].index("site")
    qtbot.waitUntil(lambda: page.model.index(2, column).data() == "大坪子", timeout=20_000)


def test_reader_may_only_look(qtbot: QtBot, window: Shell, access: Access, parcels: list[str]) -> None:
    reading = Access(access.book, lambda: make.clerk("李四", "reader"), {})
    page = RegisterPage(reading, register("parcel"), window)
    qtbot.addWidget(page)
    assert page.findChild(object, "parcel.new") is None
    assert page.findChild(object, "parcel.export") is not None
    assert page._actions == ()
    reading.close()


def test_export_writes_what_is_filtered(qtbot: QtBot, window: Shell, parcels: list[str], shown: say.Recorder, tmp_path: Path) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.filters.set_condition(Condition("nature", "=", "temporary"))
    qtbot.waitUntil(lambda: shown_rows(page) == ["P3"], timeout=20_000)
    page.filters.search.setText("P1")  # being typed: the rows in sight are still those of before
    shown.files.append(str(tmp_path / "地块.xlsx"))
    page.export()
    qtbot.waitUntil(lambda: "已导出 1 块" in window.strip.text(), timeout=20_000)
    texts = [str(cell) for line in load_workbook(tmp_path / "地块.xlsx").active.iter_rows(values_only=True) for cell in line]
    assert ("P3" in texts, "P1" in texts) == (True, False)


def test_pasted_block_is_judged_mended_and_entered(qtbot: QtBot, window: Shell, access: Access, parcels: list[str]) -> None:
    QGuiApplication.clipboard().setText(
        "地块编号\t户号\t村组\t地类\t性质\t面积(亩)\r\nN1\tH1\t柳树村二组\t水田\t永久\t1.5\r\nN2\tH1\t柳树村二组\t水田\t永久\tabc\r\n"
    )
    page = page_of(qtbot, window, "parcel", 3)
    page.paste()
    staging = window.findChild(Staging)
    assert staging is not None
    qtbot.waitUntil(lambda: staging.judgement is not None, timeout=20_000)
    assert staging.told.text() == "新增 1 条，变更 0 条，相同 0 条，有问题 1 条"
    bad = staging.model.index(1, 6)
    assert "不是数字" in str(staging.model.data(bad, 3))
    staging.model.setData(bad, "2.5")
    staging.apply()  # too soon: what stands there is not judged yet
    assert not window.desk.works
    qtbot.waitUntil(lambda: staging.told.text().startswith("新增 2 条"), timeout=20_000)
    staging.apply()
    qtbot.waitUntil(lambda: len(shown_rows(page)) == 5, timeout=20_000)
    assert len(access.read(lambda session: rows.rowids(session, Ask(register("parcel"), (Condition("area", "=", 2_500_000),))))) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("a\tb\n1\t2\n", [["a", "b"], ["1", "2"]]), ('"x\ny"\t3', [["x\ny", "3"]]), ('"他说""好"""\t1', [['他说"好"', "1"]]),
     ("a\n\n\nb\tc", [["a", ""], ["b", "c"]]), ("", [])],
)  # fmt: skip
def test_blocks_from_spreadsheets(text: str, wanted: list[list[str]]) -> None:
    assert parse_block(text) == wanted


def test_copied_numbers_are_masked_until_shown_whole(qtbot: QtBot, window: Shell, access: Access) -> None:
    number = make.idcard("19650315", 77)
    with access.book.change("登记", access.clerk) as (session, _):
        make.make_household(session, number="H1", head_name="王桂兰", head_idcard=number)
    page = page_of(qtbot, window, "household", 1)
    page.grid.choose_rowid(page.model.rowids[0])
    page.copy()
    assert number not in QApplication.clipboard().text()
    page._whole.setChecked(True)
    page.copy()
    assert number in QApplication.clipboard().text()


def test_totals_say_only_what_a_register_has() -> None:
    assert totals_text(register("person"), rows.Totals(3, 1, 3)) == "3 人 · 1 户"
    assert totals_text(register("recipient"), rows.Totals(2_375)) == "2,375 人"
    assert totals_text(register("office"), rows.Totals(1)) == "1 条"
    assert totals_text(register("petition"), rows.Totals(9, money=0)) == "9 件", "nobody claimed money"
    assert totals_text(register("petition"), rows.Totals(9, money=1_000)) == "9 件 · 10.00 元"
    assert totals_text(register("agreement"), rows.Totals(1, money=0)) == "1 份 · 0.00 元"
    assert set(COUNTERS) <= {reg.name for reg in REGISTERS}


def test_print_offers_the_papers_of_the_register_and_its_list_last(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "household", 1)
    page.print_rows()
    qtbot.waitUntil(lambda: window.findChild(PrintDialog) is not None, timeout=20_000)
    dialog = window.findChild(PrintDialog)
    assert isinstance(dialog, PrintDialog)
    names = [dialog.form.itemText(n) for n in range(dialog.form.count())]
    assert names[-1] == "移民户清单"
    assert names[:-1] == [form.label for form in FORMS if form.register == "household"]
    dialog.reject()


def test_an_empty_wish_shows_everything_again(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.show_what(conditions=[Condition("confirmed", "=", 1)])
    qtbot.waitUntil(lambda: shown_rows(page) == ["P1"], timeout=20_000)
    page.show_what(id=parcels[0])
    assert page.filters.active
    page.show_what(conditions=())
    qtbot.waitUntil(lambda: len(shown_rows(page)) == 3, timeout=20_000)


def test_saved_views_stand_below_the_filters(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.filters.set_condition(Condition("confirmed", "=", 1))
    page.filters.save_view("已确认的")
    qtbot.waitUntil(lambda: page.filters.findChild(QPushButton, "parcel.view0") is not None, timeout=20_000)
    page.filters.clear()
    qtbot.waitUntil(lambda: len(shown_rows(page)) == 3, timeout=20_000)

    def offered() -> list[QPushButton]:
        return [one for one in page.filters.findChildren(QPushButton, "parcel.view0") if one.isVisible()]

    qtbot.waitUntil(lambda: [one.text() for one in offered()] == ["已确认的"], timeout=20_000)  # the row of views is made anew
    qtbot.mouseClick(offered()[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown_rows(page) == ["P1"], timeout=20_000)


def test_extra_buttons_get_the_chosen_rows(qtbot: QtBot, window: Shell, access: Access, parcels: list[str]) -> None:
    got: list[list[str]] = []
    page = RegisterPage(access, register("parcel"), window, extra=(("看一看", "search", got.append),))
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: len(page.model.rowids) == 3, timeout=20_000)
    page.grid.selectRow(1)
    made = page.findChild(QPushButton, "parcel.extra0")
    qtbot.waitUntil(lambda: isinstance(made, QPushButton) and made.isVisible(), timeout=20_000)
    assert isinstance(made, QPushButton)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    assert got == [[parcels[1]]]


def test_totals_are_of_the_rows_in_sight(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    before = page._shown_totals
    page._shown_totals = ""
    page._query()
    page.filters.search.setText("P1")
    page.filters._timer.stop()  # still typing: the grid has not been asked for P1 yet
    qtbot.waitUntil(lambda: bool(page._shown_totals), timeout=20_000)
    assert (page._shown_totals, len(page.model.rowids)) == (before, 3)


def test_sums_of_rows_that_are_chosen_no_more_are_not_told(qtbot: QtBot, window: Shell, access: Access, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    with held(access):
        page.grid.selectAll()
        page._selection_moved()
        page.grid.clearSelection()
        page._selection_moved()
    done: list[int] = []
    access.look(lambda _session: 0, done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    assert page._chosen_totals == ""


def test_a_record_outside_the_rows_stays_in_the_form(qtbot: QtBot, window: Shell, parcels: list[str]) -> None:
    page = page_of(qtbot, window, "parcel", 3)
    page.filters.set_condition(Condition("number", "=", "P1"))
    qtbot.waitUntil(lambda: shown_rows(page) == ["P1"], timeout=20_000)
    page.grid.choose_rowid(page.model.rowids[0])
    page.open_record(parcels[2])
    with qtbot.waitSignals([page.totals_changed, page.grid.selection_moved], timeout=20_000):
        page.reload(set())
    assert page.panel.row_id == parcels[2]


def test_totals_have_two_decimals_and_empty_ones_are_zero() -> None:
    found = rows.Totals(0, 0, 0, 0, 0)
    assert totals_text(register("parcel"), found) == "0 块 · 0 户 · 0 人 · 0.00 亩 · 0.00 元"
    assert totals_text(register("parcel"), rows.Totals(2, 1, 3, 1_234_565_000, 123_450)) == "2 块 · 1 户 · 3 人 · 1,234.57 亩 · 1,234.50 元"


def test_places_stand_as_a_tree_with_their_level(qtbot: QtBot, window: Shell) -> None:
    page = window.show_page("place")
    assert isinstance(page, RegisterPage)
    qtbot.waitUntil(lambda: page.model.rowCount() > 3, timeout=20_000)
    level = [f.name for f in page.model.fields].index("level")
    seen = [(str(page.model.index(row, 0).data()), str(page.model.index(row, level).data())) for row in range(4)]
    assert seen == [("龙陵县", "县"), ("　　三坝乡", "乡镇"), ("　　　　柳树村", "村"), ("　　　　　　一组", "组")]


def test_a_flag_is_said_in_plain_words() -> None:
    assert [_flag_word("签字确认", on) for on in (True, False)] == ["已签字确认", "未签字确认"]
    assert [_flag_word("内容已变", on) for on in (True, False)] == ["内容已变", "内容未变"]
    assert [_flag_word("在用", on) for on in (True, False)] == ["在用", "不在用"]
    assert [_flag_word("主要领导参加", on) for on in (True, False)] == ["主要领导参加", "主要领导没有参加"]


def test_a_case_is_counted_by_where_it_stands(qtbot: QtBot, window: Shell, access: Access) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        make.make_petition(session, petitioner="张明")
        make.make_petition(session, petitioner="李来", withdrawn_on="2026-11-20")
    page = page_of(qtbot, window, "petition", 2)
    qtbot.waitUntil(lambda: plain(page) == "2 件，待审查 1，已撤回 1", timeout=20_000)


def test_a_new_form_is_not_taken_by_the_row_that_is_read_again(qtbot: QtBot, window: Shell, access: Access) -> None:
    """Somebody saves one operator and begins the next at once: the first one must not come back into the form under the typing."""
    page = page_of(qtbot, window, "operator", 1)
    page.open_record(page.grid.chosen_lines()[0].id if page.grid.chosen_count else page.model.line(0).id)  # type: ignore[union-attr]  # there is one
    with qtbot.waitSignal(page.grid.selection_moved, timeout=20_000):
        page.new_record()
    assert page.panel.row_id == ""
    for name, text in (("name", "陈志远"), ("role", "负责人")):
        page.panel.form.editors[name].set_text(text)
        page.panel.form.editors[name].changed.emit()
    with qtbot.waitSignal(page.panel.saved, timeout=20_000):
        page.panel.form.save()
    page.new_record()
    qtbot.waitUntil(lambda: len(page.model.rowids) == 2, timeout=20_000)
    with qtbot.waitSignal(page.grid.selection_moved, timeout=20_000):
        page.reload({"operator"})
    assert (page.panel.row_id, page.panel.form.editors["name"].text()) == ("", "")

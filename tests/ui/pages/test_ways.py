"""The main ways through the hand-written pages, on a township with agreements, sheets and batches."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from relocdesk.book import Book
from relocdesk.queries import rows
from relocdesk.queries.dues import Standing, standing
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from tests.ui.pages.conftest import settled
from ui import say
from ui.app import Program
from ui.asking import Asking
from ui.pages.agreement import OneAgreement
from ui.pages.agreement_work import AgreementWork
from ui.pages.fund import FundPage
from ui.pages.household import OneHousehold
from ui.pages.papers import PapersPage
from ui.pages.payment import BatchPage
from ui.pages.section import ROWS, Section, open_rows, way_to_rows
from ui.pages.settings import _GROUPS, _LABELS, SettingsPage
from ui.pages.settings_office import ValuesPage
from ui.parts import NumberLink
from ui.print_dialog import PrintDialog
from ui.register_page import RegisterPage
from ui.shell import Shell


def tab(shell: Shell, page: str, key: str) -> object:
    made = shell.show_page(page, tab=key)
    assert hasattr(made, "tab")
    return made.tab(key)


def count(shell: Shell, name: str, *conditions: Condition) -> int:
    page = shell.page("home")
    assert page is not None
    return int(page.access.read(lambda session: rows.totals(session, Ask(register(name), conditions))).count)  # type: ignore[attr-defined]


def test_a_number_of_the_home_page_opens_its_rows(opened: tuple[Shell, dict[str, str]], qtbot: QtBot) -> None:
    shell, _ = opened
    home = shell.page("home")
    assert home is not None
    qtbot.waitUntil(lambda: home.findChild(NumberLink, "home.due.drafted") is not None, timeout=20_000)
    number = home.findChild(NumberLink, "home.due.drafted")
    assert number.text() == "1 份"
    number.click()
    section = shell.page("agreement")
    assert isinstance(section, Section)
    page = section.tab("agreement")
    assert isinstance(page, RegisterPage)
    qtbot.waitUntil(lambda: len(page.model.rowids) == 1, timeout=20_000)
    assert page.model.line(0).shown[0] == "X3"  # type: ignore[union-attr]


def test_every_due_opens_exactly_its_rows(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    shell = township("head")  # who sees everything
    home = shell.page("home")
    assert home is not None
    wanted: list[Standing] = home.access.read(lambda session: standing(session, home.access.clerk.on))  # type: ignore[attr-defined]
    assert sum(bool(one.count) for one in wanted) > 15
    for one in wanted:
        name, key = way_to_rows(one.due.ask.register.name)
        open_rows(shell, one.due.ask)
        section = shell.page(name)
        page = section.tab(key) if isinstance(section, Section) else section
        assert isinstance(page, RegisterPage), one.due.key
        assert set(page.ask().conditions) == set(one.due.ask.conditions), one.due.key
        qtbot.waitUntil(lambda page=page, one=one: len(page.model.rowids) == one.count, timeout=20_000)


def test_both_ends_of_a_span_stand_together(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    shell = township("admin")
    page = tab(shell, "rectify", "rectification_item")
    assert isinstance(page, RegisterPage)
    for op, day in (("≥", "2026-11-01"), ("≤", "2026-12-31"), (">", "2026-11-15")):
        page.filters.set_condition(Condition("due_on", op, day))
    assert [(one.op, one.value) for one in page.filters.conditions] == [("≤", "2026-12-31"), (">", "2026-11-15")]
    page.filters.set_condition(Condition("due_on", "空"))
    assert [one.op for one in page.filters.conditions] == ["空"]


def test_one_household_shows_all_it_has_with_numbers_masked(opened: tuple[Shell, dict[str, str]], qtbot: QtBot) -> None:
    shell, known = opened
    page = tab(shell, "household", "one")
    assert isinstance(page, OneHousehold)
    page.show_household(known["H1"])
    qtbot.waitUntil(lambda: page.findChild(QLabel, "one_household.title").text() == "王建国　H1", timeout=20_000)
    texts = [one.text() for one in page.findChildren(QLabel)]
    assert {"家庭成员（3）", "土地（1）", "房屋和其他实物（1）", "协议（2）", "兑付（2）"} <= set(texts)
    assert "533022********1233" in texts
    assert not [text for text in texts if "533022196503151233" in text]


def test_review_in_a_batch_says_honestly_what_became_of_each(township: Callable[[str], Shell], qtbot: QtBot, shown: say.Recorder) -> None:
    shell = township("review")
    page = tab(shell, "agreement", "work")
    assert isinstance(page, AgreementWork)
    page.show_step("草拟")
    qtbot.waitUntil(lambda: page.big.text().startswith("审核 ") and page.big.isVisible(), timeout=20_000)
    before = count(shell, "agreement", Condition("state", "=", "draft"), Condition("household", "不空"))
    assert before > 2
    page.table.selectRow(0)
    page.table.setSelectionMode(page.table.SelectionMode.MultiSelection)
    page.table.selectRow(1)
    qtbot.waitUntil(lambda: page.big.text() == "审核 2 户", timeout=20_000)
    shown.answers.append(0)
    page.big.click()
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: shell.strip.text().startswith("审核协议完成 2 件"), timeout=20_000)
    assert count(shell, "agreement", Condition("state", "=", "draft"), Condition("household", "不空")) == before - 2


def test_one_agreement_says_what_is_missing_and_shows_its_paper(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    shell = township("review")
    page = tab(shell, "agreement", "one")
    assert isinstance(page, OneAgreement)
    access = page.access
    draft = access.read(lambda session: rows.ids(session, Ask(register("agreement"), (Condition("state", "=", "draft"), Condition("household", "不空")))))[0]
    page.show_agreement(draft)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == draft, timeout=20_000)
    assert page.seen is not None
    assert page.seen.missing[0] == "还没有审核"
    assert page.seen.missing[-1] == "还没有签订"
    assert page.view.pages >= 1
    assert page.view.look_for("协议") > 0
    page.findChild(QPushButton, "one_agreement.review").click()
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.state == "reviewed", timeout=20_000)


def test_printing_registers_sheets_and_taking_back_by_code(township: Callable[[str], Shell], qtbot: QtBot, shown: say.Recorder, tmp_path: Path) -> None:
    shell = township("review")
    page = tab(shell, "agreement", "one")
    assert isinstance(page, OneAgreement)
    wanted = Ask(register("agreement"), (Condition("state", "=", "draft"), Condition("household", "不空")))
    draft = page.access.read(lambda session: rows.ids(session, wanted))[-1]
    before = count(shell, "printout")
    dialog = PrintDialog(page.access, shell, "agreement", [draft], form="agreement")
    dialog.open()
    qtbot.waitUntil(lambda: dialog.state.text() == "可以打印 1 份", timeout=20_000)
    shown.files.append(str(tmp_path / "协议.pdf"))
    dialog.save.click()
    settled(qtbot, shell)
    assert (tmp_path / "协议.pdf").read_bytes().startswith(b"%PDF")
    assert count(shell, "printout") == before + 1
    reg = register("printout")
    found = page.access.read(lambda session: rows.rowids(session, Ask(reg, (Condition("record", "=", draft),))))
    code = page.access.read(lambda session: rows.page(session, reg, found, [reg["code"]]))[0].values[0]
    papers = tab(shell, "agreement", "papers")
    assert isinstance(papers, PapersPage)
    papers.code.setText("ZZZZ-ZZZZ")
    qtbot.keyClick(papers.code, Qt.Key.Key_Return)
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: "打错了" in papers.told.text(), timeout=20_000)
    papers.code.setText(str(code).lower())
    qtbot.keyClick(papers.code, Qt.Key.Key_Return)
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: papers.told.text().startswith("已收回单据"), timeout=20_000)
    assert papers.code.text() == ""


def test_one_village_of_a_roster_is_printed_alone(township: Callable[[str], Shell], qtbot: QtBot, shown: say.Recorder, tmp_path: Path) -> None:
    shell = township("review")
    page = tab(shell, "agreement", "one")
    assert isinstance(page, OneAgreement)
    period = page.access.read(lambda session: rows.ids(session, Ask(register("period"), (Condition("state", "=", "posted"),))))[0]
    dialog = PrintDialog(page.access, shell, "period", [period], form="village_roster")
    dialog.open()
    qtbot.waitUntil(lambda: dialog.list.current_key() != "", timeout=20_000)
    everything = dialog.go.text()
    dialog.one.click()
    assert (everything, dialog.go.text()) == ("打印 6 份", "打印 1 份")
    key = dialog.list.current_key()
    before = count(shell, "printout")
    shown.files.append(str(tmp_path / "花名册.pdf"))
    dialog.save.click()
    settled(qtbot, shell)
    assert count(shell, "printout") == before + 1
    found = page.access.read(lambda session: [line.shown[0] for line in rows.page(session, register("printout"), rows.rowids(
        session, Ask(register("printout"), (Condition("form", "=", "village_roster"),))), [register("printout")["subject"]])])
    assert found == [key]


def test_a_batch_wakes_its_button_only_for_the_right_person(township: Callable[[str], Shell], qtbot: QtBot, shown: say.Recorder) -> None:
    shell = township("review")
    page = tab(shell, "payment", "batch")
    assert isinstance(page, BatchPage)
    opened = page.access.read(lambda session: rows.ids(session, Ask(register("payment_batch"), (Condition("state", "=", "open"),))))
    page.show_what(opened[0])
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == opened[0], timeout=20_000)
    assert page.seen is not None
    assert (page.seen.difference, page.next.text(), page.next.isEnabled()) == (0, "复核", True)
    shown.answers.append(0)
    page.next.click()
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.state == "checked", timeout=20_000)
    assert page.next.text() == "审批"
    page.next.click()  # the same person again: a reason is asked for
    asking = shell.findChild(Asking)
    assert asking is not None
    asking.editors["reason"].set_text("试")
    asking.finish()
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: len(shown) == 2, timeout=20_000)
    assert "要由不同的人办" in shown[1]


def test_an_administrator_is_told_who_checks(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    shell = township("admin")
    page = tab(shell, "payment", "batch")
    assert isinstance(page, BatchPage)
    qtbot.waitUntil(lambda: page.seen is not None, timeout=20_000)
    assert not page.next.isEnabled()
    assert page.next.toolTip() == "请由审核、负责人岗位的人员办理（您是系统管理）"


def test_funds_claim_nothing_before_the_figures_are_read(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    page = tab(township("entry"), "fund", "overview")
    assert isinstance(page, FundPage)
    assert (page.table.isVisible(), page.empty.isVisible()) == (False, False)
    qtbot.waitUntil(page.table.isVisible, timeout=20_000)
    assert not page.empty.isVisible()


def test_a_rule_is_changed_and_kept(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    shell = township("admin")
    page = tab(shell, "settings", "values")
    assert isinstance(page, ValuesPage)
    assert not page.save.isEnabled()
    page.editors["posting.days"].set_text("10")
    page.editors["posting.days"].changed.emit()
    assert page.changed() == {"posting.days": "10"}
    page.save.click()
    settled(qtbot, shell)
    qtbot.waitUntil(lambda: page.changed() == {}, timeout=20_000)
    assert page.editors["posting.days"].text() == "10"


def test_coming_back_to_a_page_of_the_settings_tells_its_totals_again(township: Callable[[str], Shell], qtbot: QtBot) -> None:
    shell = township("admin")
    told: list[str] = []
    shell.show_page("settings", tab="operator").totals_changed.connect(lambda shown, _chosen: told.append(shown))  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(told and told[-1]), timeout=20_000)
    settled(qtbot, shell)
    first = told[-1]
    shell.show_page("settings", tab="look")
    assert told[-1] == ""
    shell.show_page("settings", tab="operator")
    assert told[-1] == first


def test_a_register_without_a_tab_of_its_own_stands_under_the_settings(
    township: Callable[[str], Shell], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ROWS, "advert")
    monkeypatch.delitem(ROWS, "talk")
    page = tab(township("entry"), "settings", "advert")
    assert isinstance(page, RegisterPage)
    settings = page.shell.page("settings")
    assert isinstance(settings, SettingsPage)
    texts = [settings.list.item(n).text().strip() for n in range(settings.list.count())]
    assert texts[-2:] == ["其他台账", "公益广告"], "what only some may see is not offered to others"


_NEW = (".new", ".new-case", ".add", ".add-measure", ".import", ".list")


def test_a_book_that_is_only_looked_at_offers_nothing_new(program: Program, demo_template: Path, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "示例.reloc"
    shutil.copyfile(demo_template, path)
    shell = program.use(Book.open(path, write=False), ("孙明", "head", ""))
    seen = set()
    for key in shell.keys:
        page = shell.show_page(key)
        if isinstance(page, Section):
            for tab in page._tabs:
                page.tab(tab.key)
        for made in page.findChildren(QPushButton):
            name = made.objectName()
            if name.endswith(_NEW) or ".new." in name:
                seen.add(name)
                assert not made.isEnabled() or made.isHidden(), name
    assert {"petition.new-case", "problem.add-measure", "project.add", "course.add", "course.import", "attachments.add", "board.import"} <= seen


def test_every_page_of_the_settings_that_is_named_is_there() -> None:
    """A message or the manual that sends somebody to 设置—… names one of its pages."""
    root = Path(__file__).parents[3]
    texts = [one.read_text(encoding="utf-8") for part in ("ui", "relocdesk", "docs") for one in (root / part).rglob("*") if one.suffix in (".py", ".md")]
    named = {word for text in texts for word in re.findall(r"“设置—([^”—]+)", text)}
    labels = {_LABELS.get(key) or register(key).label for _, keys in _GROUPS for key in keys}
    assert named - labels == set()
    assert "办理规定" in named

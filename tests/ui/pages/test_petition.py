"""信访 and 矛盾纠纷: cases by their clocks, the lawful next step, rates that open their cases, disputes by colour."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from relocdesk import entry
from relocdesk.actions import dispute, petition, petition_after
from relocdesk.book import Book
from relocdesk.clerk import ROLES, Clerk
from relocdesk.records import register
from relocdesk.records.petition import Petition
from tests import make
from tests.ui.pages.conftest import settled
from ui.app import Program
from ui.asking import Asking
from ui.grid import CHIP_ROLE
from ui.pages.dispute import DisputesPage
from ui.pages.holidays import HolidayPage
from ui.pages.master_list import SheetArea
from ui.pages.petition import CasesPage, RatesPage
from ui.record import RecordDialog
from ui.shell import Shell

TODAY = "2026-11-22"
DAYS = {"李来": "2026-11-20", "王到": "2026-11-07", "张超": "2026-11-02"}  # notice due in 13 days, today, overdue


@pytest.fixture
def cases(book_template: Path, tmp_path: Path) -> Path:
    """A closed book with cases whose notice is due at different times, one finished, one denunciation, and disputes."""
    path = tmp_path / "信访.reloc"
    path.write_bytes(book_template.read_bytes())
    head = make.clerk("陈志远", "head", TODAY)
    with Book.open(path) as book:
        with book.change("操作员", make.clerk()) as (session, _):
            for name, role in (("陈志远", "head"), ("李小红", "entry")):
                entry.save(session, make.clerk(), register("operator"), {"name": name, "role": ROLES[role], "active": "是"})
        with book.change("登记", head) as (session, _):
            for n, (name, day) in enumerate(DAYS.items(), 1):
                make.make_petition(session, number=f"XF2026-A00{n}", petitioner=name, received_on=day)
            done = make.make_petition(session, number="XF2026-A009", petitioner="陈办", received_on="2026-03-02")
            petition.accept(session, make.clerk("陈志远", "head", "2026-03-05"), done, noticed_on="2026-03-05")
            petition.close(session, make.clerk("陈志远", "head", "2026-04-02"), done, opinion="support", text="补登", basis="条例第二十二条", remedy=1)
            petition.deliver(session, make.clerk("陈志远", "head", "2026-04-03"), done, delivery="signed", receiver="陈办")
            make.make_petition(session, number="XF2026-A010", petitioner="密人", purpose="report", received_on="2026-11-01")
            for risk in ("red", "red", "yellow"):
                make.make_dispute(session, risk=risk, due_on="2026-11-01" if risk == "yellow" else None)
            dispute.settle(session, head, make.make_dispute(session), measures="指界")
    return path


def opened(program: Program, path: Path, who: str) -> Shell:
    book = Book.open(path)
    from ui.pages.first_run import operators  # noqa: PLC0415 -- as the fixtures do

    return program.use(book, next(one for one in operators(book) if one[0] == who))


def cases_page(qtbot: QtBot, shell: Shell) -> CasesPage:
    shell.show_page("petition")
    page = shell.findChild(CasesPage)
    assert isinstance(page, CasesPage)
    qtbot.waitUntil(lambda: bool(page.master.current and page.clocks.text_model.rows), timeout=20_000)
    settled(qtbot, shell)
    return page


def lines(page: CasesPage) -> list[tuple[str, str, str]]:
    model = page.master.list.grid_model
    return [(model.index(n, 0).data(), model.index(n, 1).data(), model.index(n, 1).data(CHIP_ROLE)) for n in range(model.rowCount())]


def test_the_most_urgent_case_comes_first_in_words_and_colour(program: Program, cases: Path, qtbot: QtBot) -> None:
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    assert lines(page) == [("张超", "超期 5 天", "error"), ("王到", "还有 1 天", "warn"), ("李来", "还有 15 天", "info")]
    filters = shell.findChild(QComboBox, "petition.filter")
    assert isinstance(filters, QComboBox)
    for words, found in (("超期", ["张超"]), ("七天内到期", ["王到"]), ("等信访人", ["陈办"]), ("全部", ["张超", "王到", "李来", "陈办"])):
        filters.setCurrentText(words)
        qtbot.waitUntil(lambda found=found: [one[0] for one in lines(page)] == found, timeout=20_000)


def test_a_case_shows_its_clocks_and_the_lawful_steps(program: Program, cases: Path, qtbot: QtBot) -> None:
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    assert [row.cells[:5] for row in page.clocks.text_model.rows] == [("书面告知", "2026-11-02", "2026-11-17", "—", "超期 5 天")]
    steps = [made.text() for made in page.findChildren(QPushButton) if made.objectName() in ("petition.accept", "petition.refuse", "petition.close")]
    assert steps == ["受理…", "不予受理…"]
    page.act("accept")
    asking = page.shell.findChild(object, "asking")
    assert asking is not None
    asking.editors["noticed_on"].set_text(TODAY)
    asking.findChild(QPushButton, "asking.yes").click()
    qtbot.waitUntil(lambda: len(page.clocks.text_model.rows) == 2, timeout=20_000)
    settled(qtbot, shell)
    assert [row.cells[0] for row in page.clocks.text_model.rows] == ["书面告知", "办结"]
    assert page.clocks.text_model.rows[0].cells[3:5] == (TODAY, "晚了")
    assert page.clocks.text_model.rows[1].cells[2] == "2027-01-21"
    assert "2027 年的放假安排还没有登记" in page._doubts.text()
    assert [made.text() for made in page.findChildren(QPushButton) if made.objectName() == "petition.close"] == ["办结…"]
    with program_book(program).read() as session:
        row = session.query(Petition).filter_by(petitioner="张超").one()
        assert (row.jurisdiction, row.accepted_on) == ("accept", TODAY)


def program_book(program: Program) -> Book:
    book = program.book
    assert book is not None
    return book


def test_rates_open_their_cases_and_leave_out_what_may_not_be_seen(program: Program, cases: Path, qtbot: QtBot) -> None:
    for who, received in (("李小红", 4), ("陈志远", 5)):
        shell = opened(program, cases, who)
        shell.show_page("petition", tab="rates")
        page = shell.findChild(RatesPage)
        assert isinstance(page, RatesPage)
        qtbot.waitUntil(lambda page=page: page.findChild(QPushButton, "rate.reply.whole") is not None, timeout=20_000)
        assert page.findChild(QPushButton, "petition.received").text() == f"登记 {received} 件"
        assert (page.findChild(QPushButton, "rate.finish.part").text(), page.findChild(QPushButton, "rate.finish.whole").text()) == ("1", "1")
        assert ("检举控告件" in page._note.text()) is (who == "李小红")
        page.findChild(QPushButton, "rate.finish.whole").click()
        qtbot.waitUntil(lambda shell=shell: "XF2026-A009" in _numbers(shell), timeout=20_000)
        assert _numbers(shell) == ["XF2026-A009"]
        shell.close()
        program.forget()


def _numbers(shell: Shell) -> list[str]:
    from ui.register_page import RegisterPage  # noqa: PLC0415 -- slow import

    page = next((one for one in shell.findChildren(RegisterPage) if one.reg.name == "petition"), None)
    return [page.model.index(n, 0).data() for n in range(page.model.rowCount())] if page is not None else []


def test_disputes_by_colour_and_the_months_without_a_patrol(program: Program, cases: Path, qtbot: QtBot) -> None:
    shell = opened(program, cases, "李小红")
    shell.show_page("dispute")
    page = shell.findChild(DisputesPage)
    assert isinstance(page, DisputesPage)
    qtbot.waitUntil(lambda: page.disputes.grid_model.rowCount() == 3 and bool(page.months.text_model.rows), timeout=20_000)
    risks = page.disputes.grid_model.fields.index(register("dispute")["risk"])
    assert [page.disputes.grid_model.index(n, risks).data() for n in range(3)] == ["红", "红", "黄"]
    months = {row.key: row.cells[5] for row in page.months.text_model.rows}
    assert (months["2026-11"], months["2026-10"], months["2026-03"]) == ("本月还没有排查", "没有排查", "没有排查")
    assert "还没有确认零上访" in page._streak.text()
    page._chosen("red")
    qtbot.waitUntil(lambda: page.disputes.grid_model.rowCount() == 2, timeout=20_000)
    page._chosen("late")
    qtbot.waitUntil(lambda: page.disputes.grid_model.rowCount() == 1, timeout=20_000)


def test_a_year_of_holidays_is_filled_in(program: Program, cases: Path, qtbot: QtBot) -> None:
    shell = opened(program, cases, "陈志远")
    shell.show_page("settings", tab="holiday")
    page = shell.findChild(HolidayPage)
    assert isinstance(page, HolidayPage)
    assert page._known.text().startswith("已知 2020—2026 年")
    page.fill()
    asking = shell.findChild(Asking)
    assert isinstance(asking, Asking)
    asking.finish()
    qtbot.waitUntil(lambda: page.table.model.rowCount() == 39, timeout=20_000)  # type: ignore[attr-defined]
    settled(qtbot, shell)


def test_buttons_go_by_the_role(program: Program, cases: Path, qtbot: QtBot) -> None:
    for who, may in (("李小红", False), ("陈志远", True)):
        shell = opened(program, cases, who)
        shell.show_page("dispute")
        made = shell.findChild(QPushButton, "dispute.confirm-zero-now")
        assert isinstance(made, QPushButton)
        assert made.isEnabled() is may
        shell.show_page("petition")
        new = shell.findChild(QPushButton, "petition.new-case")
        assert isinstance(new, QPushButton)
        assert new.isEnabled()
        settled(qtbot, shell)
        shell.close()
        program.forget()


def test_a_new_case_is_shown_with_its_next_step_once_it_is_saved(qtbot: QtBot, program: Program, cases: Path) -> None:
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    page.open_new()
    dialog = shell.findChild(RecordDialog)
    assert isinstance(dialog, RecordDialog)
    texts = {"received_on": "2026-11-21", "channel": "来访", "purpose": "申诉求决", "petitioner": "周新", "category": "面积", "summary": "少两亩"}
    for name, text in texts.items():
        dialog.panel.form.editors[name].set_text(text)
        dialog.panel.form.editors[name].changed.emit()
    dialog.panel.form.save()
    qtbot.waitUntil(lambda: page._title.text().startswith("周新 · "), timeout=20_000)
    assert shell.findChild(RecordDialog) is None
    assert page.findChild(QPushButton, "petition.accept").isEnabled()
    page.act("accept")
    asking = shell.findChild(Asking)
    assert isinstance(asking, Asking)
    assert asking.editors["handler"].text() == "李小红"
    assert asking.editors["accepted_on"].input.placeholderText() == "空着为今天"
    asking.reject()


def test_nobody_is_satisfied_before_they_were_asked(qtbot: QtBot, program: Program, cases: Path) -> None:
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    page.show_what(only="全部")
    qtbot.waitUntil(lambda: page.master.list.grid_model.rowCount() == 4, timeout=20_000)
    page.show_what(id=next(line.id for n in range(4) if (line := page.master.list.grid_model.line(n)) is not None and "陈办" in line.shown))
    qtbot.waitUntil(lambda: page._title.text().startswith("陈办"), timeout=20_000)
    assert page._letter == "petition_opinion"
    page.act("rate")
    asking = shell.findChild(Asking)
    assert isinstance(asking, Asking)
    assert asking.editors["satisfaction"].text() == ""
    asking.reject()


def test_a_long_story_is_never_cut_in_a_low_window(qtbot: QtBot, program: Program, cases: Path) -> None:
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    shell.resize(1280, 600)
    page._summary.setText("反映承包地少量了两亩，要求复测。" * 30)
    bar = page.master.findChild(SheetArea).verticalScrollBar()
    qtbot.waitUntil(lambda: page._summary.height() >= page._summary.heightForWidth(page._summary.width()) and bar.maximum() > 0, timeout=20_000)


def test_cases_without_a_term_and_those_that_lie_with_the_office_above_stay_in_sight(qtbot: QtBot, program: Program, cases: Path) -> None:
    def day(on: str) -> Clerk:
        return make.clerk("陈志远", "head", on)

    with Book.open(cases) as book, book.change("登记", day(TODAY)) as (session, _):
        asked = make.make_petition(session, number="XF2026-A011", petitioner="钱问", purpose="question", received_on="2026-11-20")
        petition.accept(session, day("2026-11-20"), asked, noticed_on="2026-11-20")
        upper = make.make_petition(session, number="XF2026-A012", petitioner="杨复", received_on="2026-08-03")
        petition.accept(session, day("2026-08-05"), upper, noticed_on="2026-08-05")
        petition.close(session, day("2026-09-01"), upper, opinion="reject", text="不符合政策", basis="条例第二十二条", remedy=1)
        petition.deliver(session, day("2026-09-02"), upper, delivery="signed", receiver="杨复")
        petition_after.review(session, day("2026-09-10"), upper, level="review", organ="龙陵县人民政府")
        record = upper.id
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    assert [one[0] for one in lines(page)] == ["张超", "王到", "李来", "钱问", "杨复"]
    page.show_what(only="等上级", id=record)
    qtbot.waitUntil(lambda: [one[0] for one in lines(page)] == ["杨复"] and page._title.text().startswith("杨复"), timeout=20_000)
    last = page.clocks.text_model.rows[-1]
    assert (last.cells[0], last.cells[4], last.kind) == ("等上级复查结果", "已过 43 天", "warn")
    assert page._days.text() == "等上级"


def test_a_dialog_names_the_case_that_it_is_about(qtbot: QtBot, program: Program, cases: Path) -> None:
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    page.act("accept")
    asking = shell.findChild(Asking)
    assert isinstance(asking, Asking)
    about = asking.findChild(QLabel, "asking.about")
    assert isinstance(about, QLabel)
    assert about.text() == "XF2026-A003 张超"
    asking.reject()


def test_a_revoked_opinion_is_opened_again_from_its_page(qtbot: QtBot, program: Program, cases: Path) -> None:
    def day(on: str) -> Clerk:
        return make.clerk("陈志远", "head", on)

    with Book.open(cases) as book, book.change("登记", day(TODAY)) as (session, _):
        row = make.make_petition(session, number="XF2026-A012", petitioner="杨复", received_on="2026-08-03")
        petition.accept(session, day("2026-08-05"), row, noticed_on="2026-08-05", handler="李小红")
        petition.close(session, day("2026-09-01"), row, opinion="reject", text="不符合政策", basis="条例第二十二条", remedy=1)
        petition.deliver(session, day("2026-09-02"), row, delivery="signed", receiver="杨复")
        petition_after.review(session, day("2026-09-10"), row, level="review", organ="龙陵县人民政府")
        petition_after.decide(session, day("2026-10-10"), row, result="changed", opinion_no="龙政复查〔2026〕4号")
        record = row.id
    shell = opened(program, cases, "李小红")
    page = cases_page(qtbot, shell)
    page.show_what(id=record)
    qtbot.waitUntil(lambda: page._title.text().startswith("杨复"), timeout=20_000)
    assert (page._state.text(), page._days.text()) == ("待重新办理", "还有 17 天")
    assert "请办“重新办理”" in page._doubts.text()
    page.findChild(QPushButton, "petition.reopen").click()
    asking = shell.findChild(Asking)
    assert isinstance(asking, Asking)
    assert asking.editors["received_on"].input.placeholderText() == "空着为意见日期"
    asking.finish()
    qtbot.waitUntil(lambda: page._state.text() == "已重新办理", timeout=20_000)
    assert "重新办理 XF2026-A012-1" in page._facts.text()
    settled(qtbot, shell)
    assert ("杨复", "还有 17 天", "info") in lines(page)

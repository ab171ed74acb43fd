"""The page of the subsidy on the demo's township: a roster goes from the wall to the bank and back by three people's hands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from pytestqt.qtbot import QtBot

from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.verify import verify
from tests.ui.pages.conftest import settled
from ui import say
from ui.app import Program
from ui.asking import Asking
from ui.pages.bank_preview import ResultPreview
from ui.pages.first_run import operators
from ui.pages.section import Section
from ui.pages.subsidy import PeriodPage
from ui.shell import Shell


def page_of(shell: Shell, qtbot: QtBot, period: str = "") -> PeriodPage:
    section = shell.show_page("subsidy")
    assert isinstance(section, Section)
    made = section.tab("work")
    assert isinstance(made, PeriodPage)
    if period:
        made.show_what(period)
    qtbot.waitUntil(lambda: made.seen is not None and (not period or made.seen.id == period), timeout=20_000)
    settled(qtbot, shell)
    return made


def in_state(page: PeriodPage, qtbot: QtBot, state: str) -> None:
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.state == state, timeout=20_000)
    settled(qtbot, page.shell)


def ask(page: PeriodPage, qtbot: QtBot, press: Callable[[], object], **texts: str) -> None:
    """Press a button and fill in what it asks."""
    press()
    asking = page.shell.findChild(Asking)
    assert asking is not None
    for name, text in texts.items():
        asking.editors[name].set_text(text)
    asking.finish()
    settled(qtbot, page.shell)


def test_head_counts_law_and_steps_are_always_in_sight(township: Callable[..., Shell], qtbot: QtBot) -> None:
    page = page_of(township("entry"), qtbot)
    assert page.seen is not None
    assert (page.seen.state, page.seen.frozen, page.next.text()) == ("posted", True, "审核")
    assert page.next.toolTip() == "请由审核、负责人岗位的人员办理（您是录入）"
    for words in ("核定", "现有", "发放", "期初", "期末"):
        assert words in page._law.text()
    assert "赵小兰" in page._steps.text()
    assert page.seen.sums.difference == 0


def test_a_roster_goes_from_the_wall_to_the_bank_and_back(township: Callable[..., Shell], program: Program, qtbot: QtBot, shown: say.Recorder,
                                                          tmp_path: Path) -> None:  # fmt: skip
    shell = township("review")
    page = page_of(shell, qtbot)
    assert page.seen is not None
    row_id, late = page.seen.id, page.seen.problems
    assert len(late) >= 1
    assert not page.next.isEnabled()
    page.show_problems()
    assert [len(said.problems) for said in shown.sayings] == [len(late) + len(page.seen.doubtful)]

    def as_role(role: str) -> PeriodPage:
        assert program.access is not None
        assert program.shell is not None
        program._follower = (next(one for one in operators(program.access.book) if one[1] == role), "subsidy", "work")
        program.shell.close()  # another operator goes on, as by the name at the bottom
        assert program.shell is not None
        return page_of(program.shell, qtbot, row_id)

    page = as_role("entry")
    names = {problem.where for problem in late}
    while page.seen is not None and page.seen.problems:  # people who died before the period are taken off, one by one
        before, model = page.seen.sums.lines, page.table.grid_model
        qtbot.waitUntil(lambda lines=before, shown_=model: len(shown_.rowids) == lines, timeout=20_000)  # type: ignore[misc]
        row = next(n for n in range(before) if model.line(n).shown[0] in names)  # type: ignore[union-attr]
        page.table.choose_rowid(model.rowids[row])
        qtbot.waitUntil(page._buttons["drop-line"].isEnabled, timeout=20_000)
        ask(page, qtbot, page._buttons["drop-line"].click, reason="核减在后补报")
        qtbot.waitUntil(lambda lines=before: page.seen is not None and page.seen.sums.lines == lines - 1, timeout=20_000)  # type: ignore[misc]
        names = {problem.where for problem in page.seen.problems} if page.seen else set()
    page = as_role("review")
    shown.answers.append(0)
    page.next.click()
    in_state(page, qtbot, "checked")
    page = as_role("head")
    shown.answers.append(0)
    page.next.click()
    in_state(page, qtbot, "approved")
    page = as_role("entry")
    out = tmp_path / "代发.xlsx"
    shown.files.append(str(out))
    shown.answers.append(0)
    page.next.click()
    qtbot.waitUntil(lambda: page.shell.findChild(Asking) is not None, timeout=20_000)
    page.shell.findChild(Asking).finish()  # type: ignore[union-attr]
    in_state(page, qtbot, "sent")
    assert page.seen is not None
    waiting, heads = page.seen.sums.waiting, page.seen.sums.heads
    sheet = load_workbook(out).worksheets[0]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows() if str(row[0].value or "").startswith("2026")]
    assert len(lines) == heads
    answer = tmp_path / "回盘.xlsx"
    book = load_workbook(out)
    target = book.create_sheet("回盘", 0)
    target.append(["流水号", "户名", "账号", "金额", "处理结果", "失败原因", "交易日期"])
    for n, line in enumerate(lines):
        target.append([line[0], line[1], line[2], line[4], "失败" if n == 3 else "成功", "账户已销户" if n == 3 else "", "2026-11-22"])
    del book["代发明细"]
    book.save(answer)
    shown.files.append(str(answer))
    page.next.click()
    qtbot.waitUntil(lambda: page.shell.findChild(ResultPreview) is not None, timeout=20_000)
    page.shell.findChild(ResultPreview).go.click()  # type: ignore[union-attr]
    in_state(page, qtbot, "paid")
    assert page.seen is not None
    assert (page.seen.sums.waiting, page.seen.sums.returned, page.seen.sums.succeeded) == (0, 15_000, waiting - 15_000)
    page._buttons["only-returned"].click()
    qtbot.waitUntil(lambda: len(page.table.grid_model.rowids) == 1, timeout=20_000)
    page.table.choose_rowid(page.table.grid_model.rowids[0])
    qtbot.waitUntil(page._buttons["reissue-line"].isEnabled, timeout=20_000)
    ask(page, qtbot, page._buttons["reissue-line"].click, account="12345678")
    in_state(page, qtbot, "sent")
    assert page._buttons["send-again"].isVisible()
    page._buttons["only-returned"].click()
    waits = Ask(register("support_payment"), (Condition("period", "=", row_id), Condition("result", "=", "wait")))
    (last,) = page.access.read(lambda session: rows.rowids(session, waits))
    qtbot.waitUntil(lambda: last in page.table.grid_model.rowids, timeout=20_000)
    page.table.choose_rowid(last)
    qtbot.waitUntil(page._buttons["pay-line"].isEnabled, timeout=20_000)
    ask(page, qtbot, page._buttons["pay-line"].click, result="成功", proof="回单 0001")
    in_state(page, qtbot, "paid")
    shown.answers.append(0)
    page.next.click()
    in_state(page, qtbot, "closed")
    assert page.seen is not None
    assert (page.seen.sums.succeeded, page.seen.sums.heads, page.seen.broken) == (waiting, heads, 0)
    page.table.choose_rowid(last)  # the bank sends back what had arrived: the closed period opens again
    qtbot.waitUntil(page._buttons["late-return"].isEnabled, timeout=20_000)
    ask(page, qtbot, page._buttons["late-return"].click, reason="账户已销户", proof="退汇通知 7 号")
    in_state(page, qtbot, "paid")
    assert (page.seen.sums.succeeded, page.seen.sums.returned) == (waiting - 15_000, 15_000)
    assert [part.name for part in verify(page.access.book) if part.problems] == []

"""The subsidy by mouse and keys: a period is opened, frozen, posted, signed by three, sent, answered, paid again and closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractItemView, QPushButton

from relocdesk import entry
from relocdesk.book import Book
from relocdesk.records import register
from relocdesk.verify import verify
from tests import make
from tests.commands.test_subsidy import bank_answer
from tests.walks.hands import Hands, column
from ui.app import Program
from ui.pages.first_run import operators

NAMES = ("李桂芳", "杨正华", "段明")


class Office:
    """The desk of a township, at which one after another sits on one day after another."""

    def __init__(self, program: Program, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
        self.program, self.hands, self.day = program, hands, "2026-11-02"
        monkeypatch.setattr(Program, "today", lambda _self: self.day)

    def sits(self, role: str, day: str) -> None:
        """Another operator goes on with the same period, on a day."""
        self.day = day
        assert self.program.access is not None
        assert self.program.shell is not None
        self.program._follower = (next(one for one in operators(self.program.access.book) if one[1] == role), "subsidy", "work")
        self.program.shell.close()
        self.hands.reads("办理")
        self.hands.until(lambda: bool(self.hands.find(QAbstractItemView, "period.lines").model().rowCount()), "the lines")

    def says_yes(self, words: str) -> None:
        """The next question is answered so, the step's button pressed."""
        self.hands.answers.append(words)
        self.hands.click("period.next")
        self.hands.until(lambda: not self.hands.answers, words)


@pytest.fixture
def office(program: Program, hands: Hands, book: Book, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A township with three people of the later cohort and an office of four."""
    made = Office(program, hands, monkeypatch)
    with book.change("登记", by=make.clerk(), source="typed") as (s, _):
        for name, role in (("赵小兰", "录入"), ("钱建军", "审核"), ("孙明", "负责人")):
            entry.save(s, make.clerk(), register("operator"), {"name": name, "role": role})
        for name in NAMES:
            make.make_recipient(s, name=name, cohort="original", moved_on="2015-03-01", start_month="2015-03")
    path = book.path
    book.close()
    again = Book.open(path)
    program.use(again, next(one for one in operators(again) if one[1] == "entry"))
    return made


def test_a_period_from_opening_to_closing(office: Office, tmp_path: Path) -> None:
    hands = office.hands
    hands.page("直补发放")
    hands.reads("还没有发放期")
    hands.click("empty.action")
    hands.click("asking.yes")
    hands.reads("2026 年第 4 期 三坝乡：2026-10 至 2026-12")
    office.says_yes("冻结名册")
    hands.reads("本期发放 3 人，450.00 元")
    hands.until(lambda: sorted(column(hands.find(QAbstractItemView, "period.lines"), "姓名")) == sorted(NAMES), "the roster")
    hands.row_of("period.lines", "段明")
    hands.click("period.adjust-line")
    hands.write("asking.deducted", "50")
    hands.write("asking.reason", "扣回去年第4期多发")
    hands.click("asking.yes")
    hands.reads("实发 100.00 元")
    hands.picture("subsidy-frozen")
    hands.click("period.next")
    hands.click("asking.yes")
    hands.reads("名册自2026年11月2日至2026年11月9日公示，共 3 人 400.00 元")
    office.sits("review", "2026-11-05")
    office.says_yes("审核")
    hands.reads("已审核：3 人，400.00 元")
    office.sits("head", "2026-11-10")
    office.says_yes("审批")
    hands.reads("已审批：3 人，400.00 元")
    office.sits("entry", "2026-11-11")
    sheet, answer = tmp_path / "代发.xlsx", tmp_path / "回盘.xlsx"
    hands.files.append(str(sheet))
    office.says_yes("登记送银行")
    hands.click("asking.yes")
    hands.reads("已登记送银行：3 笔，400.00 元")
    bank_answer(sheet, answer, back=1, day="2026-11-14")
    office.sits("entry", "2026-11-15")
    hands.files.append(str(answer))
    hands.click("period.next")
    hands.reads("将登记成功 2 笔")
    hands.picture("subsidy-result")
    hands.click("bank_preview.yes")
    hands.reads("登记成功 2 笔")
    hands.click("period.only-returned")
    lines = hands.find(QAbstractItemView, "period.lines")
    hands.until(lambda: lines.model().rowCount() == 1, "the returned line")
    hands.row(lines, 0)
    hands.click("period.reissue-line")
    hands.write("asking.account", "12345678")
    hands.click("asking.yes")
    hands.reads("已列入再发（第 2 次）")
    hands.files.append(str(sheet))
    hands.click("period.send-again")
    hands.reads("代发表已存好，1 笔")
    bank_answer(sheet, answer, day="2026-11-18")
    office.sits("entry", "2026-11-20")
    hands.files.append(str(answer))
    hands.click("period.next")
    hands.click("bank_preview.yes")
    hands.reads("本期已全部有结果")
    hands.until(lambda: hands.find(QPushButton, "period.next").text() == "关闭这一期", "the last step")
    office.says_yes("关闭这一期")
    hands.reads("已关闭：3 人，成功 400.00 元")
    hands.picture("subsidy-closed")
    assert office.program.access is not None
    assert [part.name for part in verify(office.program.access.book) if part.problems] == []

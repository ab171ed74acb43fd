"""Rectification by mouse and keys: an inspection, its ugly list of problems, states, three signatures, a relapse, papers."""

from __future__ import annotations

import re
from pathlib import Path

from pypdfium2 import PdfDocument
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QPlainTextEdit

from relocdesk import machine
from relocdesk.book import Book
from relocdesk.founding import found_book
from tests.commands.test_rectification import BATCH, ugly
from tests.walks.hands import Hands, column
from ui.app import Program
from ui.pages.first_run import operators

TODAY = "2026-11-22"


def opened(program: Program, folder: Path) -> None:
    """A new book with its founder at the desk."""
    path = folder / "三坝乡.reloc"
    machine.set_laptop_letter("A")
    found_book(path, office="龙陵县三坝乡搬迁安置办公室", place="530523102", by="王建国", on=TODAY).close()
    book = Book.open(path)
    program.use(book, operators(book)[0])


def test_a_list_of_problems_from_the_workbook_to_the_look_back(program: Program, hands: Hands, tmp_path: Path) -> None:
    opened(program, tmp_path)
    hands.page("整改")
    hands.reads("还没有检查批次")
    hands.picture("rectify-empty")
    hands.click("empty.action")
    hands.fill("inspection", name=BATCH, kind="巡察", team="县委第四巡察组", feedback_on="2026-9-12")
    hands.reads("已保存")
    hands.tab("整改进度")
    hands.reads("反馈 2026-09-12")
    hands.reads("方案报送期限 2026-10-12")

    hands.click("rectify.import")
    hands.files.append(str(ugly(tmp_path / "整改台账.xlsx")))
    hands.click("import.pick")
    hands.reads("新增 100，变更 0，相同 0，有问题 0")
    hands.picture("rectify-import")
    hands.click("import.next", "入账 100 条")
    hands.reads("新增 100 条，变更 0 条")
    hands.click("import.see", "看整改问题")
    hands.until(lambda: hands.total().startswith("100 "), "all problems are listed")

    hands.page("整改")
    hands.tab("整改进度")
    hands.reads("共 ")
    hands.until(lambda: _sentence(hands) == "共 100 个问题，已完成 25，基本完成 25，未完成 50，长期坚持 0", "the sentence")
    hands.picture("rectify-batch")
    hands.row_of("rectify.problems", "第3个问题")
    hands.click("rectify.remind")
    hands.click("asking.yes")
    hands.reads("第 3 号问题超期 7 天，已提醒尹世文、办公室（第 1 次）")

    hands.row_of("rectify.problems", "第2个问题", twice=True)
    hands.reads("2. 第2个问题：制度执行不到位")
    hands.picture("rectify-problem")
    hands.click("problem.set-state")
    hands.write("asking.state", "基本完成")
    note(hands, "asking.reason", "制度已印发，还要看执行")
    hands.click("asking.yes")
    hands.reads("第 2 号问题：基本完成")
    hands.tab("状态变化")
    hands.until(lambda: column(hands.find(QAbstractItemView, "problem.state_change"), "说明") == ["制度已印发，还要看执行"], "history")
    hands.tab("整改措施")
    measures = hands.find(QAbstractItemView, "problem.measure")
    assert column(measures, "整改措施") == ["完善制度", "开展专项清理"]
    for n in range(2):
        hands.row(measures, n)
        hands.click("problem.finish-measure")
        hands.click("asking.yes")
        hands.reads(f"措施 {n + 1} 已于2026年11月22日完成")
    for who in ("赵小兰", "尹世文", "杨国强"):
        hands.click("problem.sign-off")
        hands.write("asking.signer", who)
        if who == "赵小兰":
            note(hands, "asking.evidence", "龙搬办〔2026〕9号")
        hands.click("asking.yes")
        hands.reads(f"{who}2026年11月22日签字")
    hands.reads("已销号")
    hands.picture("rectify-closed")
    hands.click("problem.look-back")
    hands.write("asking.result", "反弹")
    note(hands, "asking.note", "又发现两处")
    hands.write("asking.due_on", "2027-3-31")
    hands.click("asking.yes")
    hands.reads("第 2 号问题反弹，重新整改")
    hands.reads("反弹重开")

    hands.tab("整改进度")
    hands.until(lambda: _sentence(hands) == "共 100 个问题，已完成 25，基本完成 25，未完成 50，长期坚持 0", "the sentence")
    hands.click("rectify.print")
    hands.reads("可以打印 1 份")
    target = tmp_path / "问题清单.pdf"
    hands.files.append(str(target))
    hands.click("print.save")
    hands.reads("已打印整改问题清单 1 份")
    assert "共 4 个方面、100 个问题" in "".join(page.get_textpage().get_text_range() for page in PdfDocument(target)).replace("\r\n", "")
    hands.click("rectify.print")
    hands.reads("可以打印 1 份")
    word = tmp_path / "任务清单.docx"
    hands.files.append(str(word))
    hands.click("print.word")
    hands.reads("已打印整改问题清单 1 份")
    assert word.read_bytes()[:2] == b"PK"


def note(hands: Hands, name: str, text: str) -> None:
    """Click into a field of several lines and write."""
    edit = hands.find(QPlainTextEdit, name)
    hands.qtbot.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton)
    hands.type(edit, text)


def _sentence(hands: Hands) -> str:
    """The sentence of state without its links."""
    found = hands.sees(QLabel, "state")
    if found is None:
        return ""
    return re.sub("<[^>]*>", "", found.text())

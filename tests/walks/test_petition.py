"""A visitor's matter through the window, from the form to the answer and its letter; a denunciation that only the head sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QMenu, QPlainTextEdit
from pytestqt.qtbot import QtBot

from relocdesk import entry
from relocdesk.book import Book
from relocdesk.clerk import ROLES
from relocdesk.records import register
from tests import make
from tests.walks.hands import Hands, column
from ui.app import Program
from ui.pages.first_run import operators
from ui.tables import RowsTable
from ui.texts import TextTable


@pytest.fixture
def window(program: Program, hands: Hands, book: Book, qtbot: QtBot) -> Hands:
    """The window of a township as 李小红 (录入) sees it; 陈志远 is the head."""
    with book.change("登记操作员", by=make.clerk(), source="typed") as (session, _):
        for name, role in (("陈志远", "head"), ("李小红", "entry")):
            entry.save(session, make.clerk(), register("operator"), {"name": name, "role": ROLES[role], "active": "是"})
    path = book.path
    book.close()
    again = Book.open(path)
    program.use(again, next(one for one in operators(again) if one[0] == "李小红"))
    qtbot.wait(200)
    return hands


def switch(hands: Hands, name: str) -> None:
    before = hands.shell
    hands.click("status_operator")
    menu = hands.find(QMenu, "operators")
    chosen = next(one for one in menu.actions() if one.data() == name)
    hands.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(chosen).center())
    hands.qtbot.waitUntil(lambda: hands.program.shell not in (None, before), timeout=20_000)
    hands.settle()


def note(hands: Hands, name: str, text: str) -> None:
    """Type into a field of several lines."""
    box = hands.see(name)
    edit = box if isinstance(box, QPlainTextEdit) else box.findChild(QPlainTextEdit)
    assert edit is not None
    hands.qtbot.mouseClick(edit.viewport(), Qt.MouseButton.LeftButton)
    hands.type(edit, text)


def says(hands: Hands, text: str) -> None:
    hands.until(lambda: any(text in one.text() for one in hands.window().findChildren(QLabel) if one.isVisible()), text)


def test_a_visit_from_the_form_to_the_delivered_answer(window: Hands) -> None:
    hands = window
    hands.page("信访")
    hands.click("empty.action")
    hands.find(QLineEdit, "petition.received_on")
    note(hands, "petition.summary", "旱地少量了两亩")
    hands.fill("petition", received_on="2026-11-16", channel="来访", purpose="申诉求决", petitioner="张明", category="面积")
    hands.tab("信访件")
    clocks = hands.find(TextTable, "petition.clocks")
    hands.until(lambda: column(clocks, "情况") == ["还有 9 天"], "the notice is due on 1 December")
    hands.click("petition.accept")
    hands.write("asking.accepted_on", "2026-11-18")
    hands.write("asking.handler", "李小红")
    hands.write("asking.noticed_on", "2026-11-18")
    hands.click("asking.yes")
    hands.until(lambda: column(clocks, "期限") == ["书面告知", "办结"], "sixty days run")
    assert (column(clocks, "到期"), column(clocks, "情况")) == (["2026-12-01", "2027-01-18"], ["按期", "还有 57 天"])
    says(hands, "2027 年的放假安排还没有登记")

    hands.click("petition.extend")  # not the head's approval
    hands.write("asking.days", "10")
    hands.write("asking.approver", "李小红")
    note(hands, "asking.reason", "复测")
    hands.write("asking.told_on", "2026-11-20")
    hands.answers.append("知道了")
    hands.click("asking.yes")
    hands.until(lambda: any("李小红不是负责人" in one for one in hands.told), "why not")
    assert column(clocks, "期限") == ["书面告知", "办结"]

    hands.click("petition.close")
    hands.write("asking.opinion", "支持")
    note(hands, "asking.text", "复测补登1.2亩")
    note(hands, "asking.basis", "条例第二十二条")
    tick = hands.find(QCheckBox, text="是")
    tick.setFocus()
    hands.key(tick, Qt.Key.Key_Space)
    hands.click("asking.yes")
    hands.until(lambda: column(clocks, "期限")[-1] == "送达意见书", "the answer waits to be delivered")
    hands.click("petition.deliver")
    hands.write("asking.delivery", "本人签收")
    hands.write("asking.receiver", "张明")
    hands.click("asking.yes")
    hands.until(lambda: column(clocks, "期限")[-1] == "信访人申请复查", "the right to ask for review")
    hands.tab("办理情况")
    says(hands, "100%")


def test_what_the_head_registers_the_desk_does_not_see(window: Hands, tmp_path: Path) -> None:
    hands = window
    switch(hands, "陈志远")
    hands.page("信访")
    hands.click("empty.action")
    hands.find(QLineEdit, "petition.received_on")
    note(hands, "petition.summary", "虚报地块")
    hands.fill("petition", received_on="2026-11-16", channel="来信", purpose="检举控告", petitioner="孙密", category="其他")
    hands.tab("信访件")
    listed = hands.find(RowsTable, "petition.cases")
    hands.until(lambda: column(listed, "信访人") == ["孙密"], "the head sees it")
    switch(hands, "李小红")
    hands.page("信访")
    hands.until(lambda: hands.sees(QLabel, text="还没有信访件") is not None, "the desk sees none")
    hands.shell.search.setFocus()
    hands.type(hands.shell.search, "孙密")
    hands.until(lambda: hands.shell.search._popup.isVisible(), "what was found")
    assert not any("孙密" in hit for hit in hands.hits())
    assert not any("孙密" in text or "虚报" in text for text in hands.texts())

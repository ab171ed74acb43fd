"""协议批量办理: collectives go through the same steps as households."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from relocdesk.records.agreement import Agreement, Printout
from tests import make
from ui.access import Access
from ui.pages.agreement_work import AgreementWork
from ui.shell import Shell


def test_a_collectives_printed_agreement_can_be_signed_here(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("备", access.clerk) as (session, _):
        group = make.make_collective(session).id
        one: Agreement = make.make_agreement(session, collective=group, state="reviewed", signed_on=None)
        make.make_agreement(session, collective=group, state="draft", signed_on=None)
        make.add(session, Printout, code="0123456X", form="agreement", register="agreement", record=one.id, printed_at="2026-11-20T01:00:00.000Z", digest="d")
    page = AgreementWork(access, window)
    qtbot.addWidget(page)
    page.show()
    page.show_step("未起草")
    page.show_side("agreement")
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "agreement_work.step.4").text() == "已打印 1", timeout=20_000)
    page.show_step("已打印")
    qtbot.waitUntil(lambda: page.big.text() == "签订 1 份", timeout=20_000)
    assert page.big.isVisible()


def test_the_big_button_waits_until_its_number_is_that_of_the_rows_in_sight(qtbot: QtBot, access: Access, window: Shell) -> None:
    with access.book.change("备", access.clerk) as (session, _):
        for number, name in (("H1", "王桂兰"), ("H2", "李春生")):
            household = make.make_household(session, number=number, head_name=name).id
            make.make_agreement(session, household=household, state="reviewed", signed_on=None)
    page = AgreementWork(access, window)
    qtbot.addWidget(page)
    page.show()
    page.show_step("审核")
    qtbot.waitUntil(lambda: page.big.text() == "打印 2 户" and page.big.isEnabled(), timeout=20_000)
    page.place.left.emit()  # nothing was changed there: a click right after it counts
    assert page.big.isEnabled()
    qtbot.keyClicks(page.search, "H2")
    assert not page.big.isEnabled()
    qtbot.waitUntil(page.big.isEnabled, timeout=20_000)
    assert page.big.text() == "打印 1 户"

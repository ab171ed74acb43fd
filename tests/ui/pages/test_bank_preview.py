"""The bank's result is shown row by row before anything of it is registered; a check names the lines it would refuse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from relocdesk.actions.bank import BankRow, foresee
from relocdesk.clerk import Clerk
from relocdesk.records.payment import Payment, PaymentBatch
from tests import make
from ui import say
from ui.access import Access
from ui.pages.bank_preview import BACK, PAID, WRONG, ResultPreview, Told, told
from ui.pages.payment import BatchPage
from ui.shell import Shell


@pytest.fixture
def sent(access: Access) -> tuple[str, list[Payment]]:
    """A batch at the bank with two lines."""
    with access.book.change("登记", access.clerk) as (session, _):
        batch = make.make_batch(session, state="sent").id
        lines = [make.make_payment(session, batch=batch) for _ in range(2)]
        session.flush()
        session.expunge_all()
    return batch, lines


def becoming(access: Access, batch: str, rows: list[BankRow]) -> Told:
    return access.read(lambda session: told(foresee(session, access.clerk, session.get_one(PaymentBatch, batch), rows), rows))


def answer(number: int, line: Payment, *, ok: bool = True, less: int = 0) -> BankRow:
    return BankRow(number, line.serial or "", line.payee_name or "", line.account or "", line.amount - less, ok, "" if ok else "账号不存在")


def test_rows_are_told_before_anything_is_registered(qtbot: QtBot, access: Access, window: Shell, sent: tuple[str, list[Payment]]) -> None:
    batch, (first, second) = sent
    rows = [answer(2, first), answer(3, second, less=100), BankRow(4, "没有的号", "某人", "", 100, True)]
    becomes = becoming(access, batch, rows)
    assert [becomes[n][0] for n in (2, 3, 4)] == [PAID, WRONG, WRONG]
    assert "回单上是" in becomes[3][1]
    chosen: list[bool] = []
    dialog = ResultPreview("登记吗？", rows, becomes, 200_000, chosen.append, window)
    assert [row.key for row in dialog.table.text_model.rows] == ["3", "4", "2"]
    assert "登记后批次还有待付 1,000.00 元" in dialog.sums.text()
    assert dialog.go.text() == "只登记对得上的 1 笔"
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert chosen == [True]


def test_the_page_registers_what_was_shown(qtbot: QtBot, access: Access, window: Shell, sent: tuple[str, list[Payment]]) -> None:
    batch, (first, second) = sent
    page = BatchPage(access, window)
    qtbot.addWidget(page)
    page.show_what(batch)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == batch, timeout=20_000)
    rows = [answer(2, first), answer(3, second, ok=False)]
    assert becoming(access, batch, rows)[3] == (BACK, "账号不存在")
    page.bank._register(batch, rows, False)
    qtbot.waitUntil(lambda: not window.desk.works, timeout=20_000)
    assert access.read(lambda session: sorted(session.get_one(Payment, one.id).result for one in (first, second))) == ["paid", "returned"]


def test_a_check_names_the_lines_it_would_refuse(qtbot: QtBot, access: Access, window: Shell, clerk: Clerk, shown: say.Recorder) -> None:
    with access.book.change("登记", access.clerk) as (session, _):
        batch = make.make_batch(session, made_by="李秀英").id
        make.make_payment(session, batch=batch, amount=100_000)
        line = make.make_payment(session, batch=batch, account="6217000000000000", payee_name="另一人").payee_name
    page = BatchPage(access, window)
    qtbot.addWidget(page)
    page.show_what(batch)
    qtbot.waitUntil(lambda: page.seen is not None and page.seen.id == batch, timeout=20_000)
    page.go_on()
    qtbot.waitUntil(lambda: bool(shown.sayings), timeout=20_000)
    (said,) = shown.sayings
    assert said.kind == "problems"
    assert "1 笔还不能复核" in said.text
    assert [str(line) in problem.where for problem in said.problems] == [True]

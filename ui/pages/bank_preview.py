"""回盘预览: what each row of the bank's result would do, before anything is registered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from relocdesk.actions.bank import UNSTATED, BankRow
from relocdesk.errors import UserError
from relocdesk.rules.money import show_yuan
from ui import say
from ui.access import Access, Session
from ui.parts import button, label
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

PAID, BACK, KNOWN, WRONG = "将登记成功", "将登记退回", "早已登记", "对不上"
_KINDS = {PAID: "good", BACK: "warn", KNOWN: "plain", WRONG: "error"}
_COLUMNS = (Column("行", 5, right=True), Column("流水号", 16), Column("户名", 10), Column("金额（元）", 12, right=True), Column("结果", 9, chip=True),
            Column("说明", 40))  # fmt: skip
Told = dict[int, tuple[str, str]]  # row of the file → what becomes of it, and why


def told(seen: Any, found: Sequence[BankRow]) -> Told:
    """What becomes of each row, by what was foreseen."""
    known: Told = {row.row: (PAID, row.paid_on) if row.ok else (BACK, row.reason.strip() or UNSTATED) for row, _line in seen.fresh}
    known |= {row.row: (KNOWN, "") for row in seen.same}
    wrong = {problem.where: problem.text for problem in seen.problems}
    return known | {row.row: (WRONG, wrong[f"第{row.row}行"]) for row in found if f"第{row.row}行" in wrong}


class ResultPreview(QDialog):
    """The rows with what becomes of each, problems first. `then(partial)` when the clerk registers them."""

    def __init__(self, title: str, found: Sequence[BankRow], becomes: Told, waiting: int, then: Callable[[bool], object], parent: Shell) -> None:
        """`waiting`: 分 of the batch without a result."""
        super().__init__(parent)
        self.setObjectName("bank_preview")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(960, 540)
        self._then = then
        order = (WRONG, BACK, PAID, KNOWN)
        lines = sorted(found, key=lambda one: (order.index(becomes[one.row][0]), one.row))
        self.table = TextTable(_COLUMNS, name="bank_preview.rows")
        self.table.set_rows([Row(str(one.row), (str(one.row), one.serial, one.name, show_yuan(one.amount), *becomes[one.row]), _KINDS[becomes[one.row][0]])
                             for one in lines])  # fmt: skip
        pieces = []
        for word in order:
            some = [one.amount for one in found if becomes[one.row][0] == word]
            pieces += [f"{word} {len(some):,} 笔 {show_yuan(sum(some))} 元"] if some else []
        ready = sum(one.amount for one in found if becomes[one.row][0] in (PAID, BACK))
        self.sums = label(f"{'；'.join(pieces)}。登记后批次还有待付 {show_yuan(waiting - ready)} 元。", wrap=True)
        wrong = sum(1 for what, _why in becomes.values() if what == WRONG)
        count = sum(1 for what, _why in becomes.values() if what in (PAID, BACK))
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(button("先不登记", name="bank_preview.no", on=self.reject))
        words = f"只登记对得上的 {count:,} 笔" if wrong else f"登记 {count:,} 笔结果"
        self.go = button(words, look="primary", name="bank_preview.yes", on=lambda: self._go(bool(wrong)))
        self.go.setEnabled(bool(count))
        foot.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(title, "heading", wrap=True))
        column.addWidget(self.sums)
        column.addWidget(self.table, 1)
        column.addLayout(foot)

    def _go(self, only_fitting: bool) -> None:
        self.accept()
        self._then(only_fitting)

    @classmethod
    def show_rows(cls, access: Access, shell: Shell, foresee: Callable[[Session], Any], name: str, found: Sequence[BankRow], waiting: int,
                  then: Callable[[bool], object]) -> None:  # fmt: skip
        """Work out what the rows would do and open the preview; a refusal is shown."""
        try:
            becomes = told(access.read(foresee), found)
        except UserError as error:
            say.trouble(error, shell)
            return
        cls(f"登记 {name} 的 {len(found):,} 行银行结果吗？", found, becomes, waiting, then, shell).open()

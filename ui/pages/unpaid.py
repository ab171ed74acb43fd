"""没付出去的: every signed 元 that has not arrived, by reason; the reasons add up to agreed − paid."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from relocdesk.queries import rows
from relocdesk.queries.agreed import Unpaid, unpaid
from relocdesk.records import register
from relocdesk.rules.money import show_yuan
from ui import theme
from ui.access import Access, Session
from ui.acting import Acting
from ui.pages.section import open_record
from ui.parts import EmptyState, StateSentence, button, label
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

_ALL = "*"


def read(session: Session, on: str) -> tuple[list[Unpaid], dict[str, str]]:
    """The parts, and whom each is for."""
    parts = unpaid(session, on)
    names = rows.titles(session, register("household"), [one.household for one in parts if one.household])
    names |= rows.titles(session, register("collective_unit"), [one.collective for one in parts if one.collective])
    return parts, names


class UnpaidPage(QWidget):
    """Reasons at the left, their agreements at the right, and the button that writes a reason down."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.unpaid")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self._parts: list[Unpaid] = []
        self._names: dict[str, str] = {}
        self.sentence = StateSentence()
        self.sentence.chosen.connect(self._choose)
        self.reasons = TextTable((Column("原因", 14), Column("份数", 6, right=True), Column("金额（元）", 14, right=True)), name="unpaid.reasons")
        self.table = TextTable((Column("收款人", 18), Column("协议编号", 20), Column("未付金额（元）", 14, right=True), Column("原因", 12),
                                Column("已拖（天）", 8, right=True), Column("责任人", 10), Column("下一步", 24)), name="unpaid.rows")  # fmt: skip
        self.reasons.chosen.connect(lambda _key: self._show_rows())
        self.table.opened.connect(lambda key: open_record(self.shell, "agreement", key.split("#")[0]))
        head = QHBoxLayout()
        head.addWidget(label("没付出去的钱", "title"))
        head.addStretch(1)
        head.addWidget(button("登记原因…", "edit", look="primary", name="unpaid.reason", tip="给所选协议登记原因、责任人和下一步", on=self.write))
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self.reasons)
        split.addWidget(self.table)
        split.setSizes([round(300 * theme.current().scale), 760])
        split.setStretchFactor(1, 1)
        self.split = split
        self.empty = EmptyState("good", "没有未付的钱", "签订的协议都已付清，或者还没有签订协议。")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.sentence)
        column.addWidget(split, 1)
        column.addWidget(self.empty, 1)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        on = self.access.clerk.on
        self.access.look(lambda session: read(session, on), lambda found: self._show(*found))

    def write(self) -> None:
        """Write a reason for the chosen agreements."""
        ids = list(dict.fromkeys(key.split("#")[0] for key in self.table.chosen_keys()))
        if ids:
            self.acting.ask("unpaid-reason", "agreement", ids, yes="登记")
        else:
            self.shell.notice("请先选一份或几份协议", "info")

    def _choose(self, key: str) -> None:
        self.reasons.choose(key)

    def _show(self, parts: list[Unpaid], names: dict[str, str]) -> None:
        self._parts, self._names = parts, names
        sums: dict[str, tuple[int, int]] = {}
        for one in parts:
            count, amount = sums.get(one.reason, (0, 0))
            sums[one.reason] = (count + 1, amount + one.amount)
        total = sum(one.amount for one in parts)
        ordered = sorted(sums.items(), key=lambda item: -item[1][1])
        found = [Row(_ALL, ("全部", f"{len(parts):,}", show_yuan(total)))]
        self.reasons.set_rows(found + [Row(reason, (reason, f"{count:,}", show_yuan(amount))) for reason, (count, amount) in ordered])
        self.split.setVisible(bool(parts))
        self.empty.setVisible(not parts)
        self.sentence.say("协议减已付 ", (show_yuan(total), _ALL, "warn" if total else ""), " 元，等于各项原因之和")
        if not self.reasons.current_key():
            self.reasons.choose(_ALL)
        self._show_rows()

    def _row(self, one: Unpaid, number: int) -> Row:
        payee = self._names.get(one.household or one.collective or "", "")
        return Row(f"{one.agreement}#{number}", (payee, one.number, show_yuan(one.amount), one.reason, str(one.age), one.owner, one.next_step))

    def _show_rows(self) -> None:
        key = self.reasons.current_key()
        shown: Sequence[Unpaid] = [one for one in self._parts if key in ("", _ALL, one.reason)]
        self.table.set_rows([self._row(one, n) for n, one in enumerate(shown)])
        self.totals_changed.emit(f"{len(shown):,} 份 · {show_yuan(sum(one.amount for one in shown))} 元", "")

"""兑付: a batch as a sheet with its signatures as steps, the difference always in sight, and the bank's list out and in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from relocdesk.actions.approval import unsound
from relocdesk.actions.bank import foresee
from relocdesk.errors import Problem
from relocdesk.queries import choices, rows
from relocdesk.queries.agreed import standings
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.payment import BatchState, PaymentBatch
from relocdesk.rules.money import capital, show_yuan
from ui import say
from ui.access import Access, Session
from ui.flow import FlowRow, step, wrapped
from ui.pages.bank_way import BankWay
from ui.pages.master_list import MasterList, MasterPage
from ui.pages.section import Section, Tab, register_tab
from ui.pages.signed_sheet import NextStep, SheetHead, money_sums
from ui.parts import Card, EmptyState, button, label, stack
from ui.shell import Shell
from ui.tables import RowsTable

_FIELDS = ("number", "kind", "fund", "made_on", "made_by", "checked_by", "approved_by", "same_person_reason", "sent_on", "state", "lines", "total", "paid",
           "returned")  # fmt: skip
_LINE = ("payee_name", "amount", "result", "account", "bank", "agreement", "serial", "paid_on", "return_reason", "remark", "household", "collective")
ORDER = tuple(BatchState)
NEXT = {"open": ("check-batch", "复核"), "checked": ("approve", "审批"), "approved": ("send", "导出代发表送银行"),
        "sent": ("result", "收回盘登记结果"), "reconciled": ("close-batch", "关闭批次")}  # fmt: skip
_KINDS = {"open": "warn", "checked": "warn", "approved": "info", "sent": "info", "reconciled": "good"}
ADVICE = {
    "open": "核对每笔的户名、账号和金额；由另一人复核。", "checked": "由第三人审批；审批后金额和账号不能再改。",
    "approved": "导出代发表送银行，并登记送银行日期。",
    "sent": "取回单后导入，成功和退回逐笔登记。", "reconciled": "成功和退回已经对上；退回的请更正后重付。", "closed": "这个批次已经办完。",
}  # fmt: skip

BUTTONS = (("add-payment", "加一笔…"), ("remove-payment", "去掉所选"), ("pay-amount", "改金额…"), ("refresh-payment", "更新账户"),
           ("pay-result", "登记单笔结果…"), ("late-return", "到账后退汇…"), ("pay-again", "退回重付…"), ("reopen-batch", "退回编制…"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as the page shows it; money in 分. `over` is what its lines ask beyond what was agreed."""

    id: str
    shown: dict[str, str]
    state: str
    total: int
    paid: int
    returned: int
    over: int
    unsigned: int

    @property
    def waiting(self) -> int:
        """Without a result yet."""
        return self.total - self.paid - self.returned

    @property
    def difference(self) -> int:
        """Must be 0 before the batch may go on."""
        return self.over + self.unsigned


def see(session: Session, row_id: str) -> Batch | None:
    """Everything about a batch; None when it is gone."""
    reg, payment = register("payment_batch"), register("payment")
    line = choices.record(session, reg, row_id, [reg[name] for name in _FIELDS])
    if line is None:
        return None
    values = dict(zip(_FIELDS, line.values, strict=True))
    found = rows.rowids(session, Ask(payment, (Condition("batch", "=", row_id),)))
    lines = rows.page(session, payment, found, [payment["agreement"], payment["amount"], payment["result"]])
    standing = standings(session, {str(one.values[0]) for one in lines})
    over = sum(one.over for one in standing.values())
    unsigned = sum(int(one.values[1] or 0) for one in lines if one.values[2] == "due" and not standing[str(one.values[0])].signed)
    return Batch(row_id, dict(zip(_FIELDS, line.shown, strict=True)), str(values["state"]), int(values["total"] or 0), int(values["paid"] or 0),
                 int(values["returned"] or 0), over, unsigned)  # fmt: skip


class BatchPage(MasterPage):
    """Batches at the left, the chosen one as a sheet."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "batch")
        self.bank = BankWay(access, shell, "payment_batch", "send-batch", foresee)
        self.seen: Batch | None = None
        new = button("编制兑付批次…", "add", look="primary", name="batch.new", tip="把已签订未付清的协议列入一个新批次", on=self.open_new)
        new.setEnabled(self.acting.allowed("open-batch"))
        master = MasterList(access, Ask(register("payment_batch"), sort=(("made_on", True),)), ("number", "total", "state"), name="batch.list",
                            widths={"number": 104, "state": 70}, above=(new,))  # fmt: skip
        empty = EmptyState("payment", "还没有兑付批次", "协议签订以后，把未付的金额列成一个批次，复核、审批后送银行。", ("编制兑付批次…", self.open_new))
        self.begin(master, self._sheet(), empty, see, self._show, picked=self._picked)

    def _sheet(self) -> QWidget:
        self._step = NextStep(self.acting, "payment_batch", "batch.next", self.go_on)
        self.next = self._step.button
        self._head = SheetHead("选一个批次", button("打印签字表…", "print", name="batch.print", key="Ctrl+P", on=self.print), self._step)
        self._steps = FlowRow()
        self._sums = Card()
        self._sums_row = FlowRow()
        self._sums.body.addWidget(self._sums_row)
        self._advice = label("", "muted", wrap=True)
        self._sums.body.addWidget(self._advice)
        self.table = self.tables["payment"] = RowsTable(self.access, register("payment"), _LINE, name="batch.lines")
        self.table.selection_moved.connect(self._enable)
        return stack(self._head.row, self._steps, self._sums, wrapped(*self.tools(BUTTONS, self.act)), (self.table, 1))

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def open_new(self) -> None:
        """Draw up a batch."""
        self.acting.ask("open-batch", "", [], yes="编制批次", hint="不填协议编号，就列入范围内全部已签订未付清的协议。",
                        only=("project", "kind", "fund", "agreements", "place", "cash", "remark"), preset={"kind": "land", "fund": "project"})  # fmt: skip

    def act(self, name: str) -> None:
        """One of the small buttons."""
        reg = find_action_register(name)
        ids = [self.master.shown] if reg == "payment_batch" else self.table.chosen_ids()
        if ids and self.master.shown:
            self.acting.ask(name, reg, ids)

    def go_on(self) -> None:
        """The one next step."""
        if self.seen is None:
            return
        name = NEXT[self.seen.state][0]
        if name == "send":
            self.bank.send(self.seen.id, self.seen.shown["number"], self)
        elif name == "result":
            self.bank.take_result(self.seen.id, self.seen.waiting, self)
        elif name == "close-batch":
            self.acting.ask(name, "payment_batch", [self.seen.id])
        else:
            self._sign(self.seen, name)

    def _sign(self, seen: Batch, name: str) -> None:
        shown = seen.shown
        hint = f"{shown['number']}：{shown['lines']} 笔，{show_yuan(seen.total)} 元（{capital(seen.total)}）"
        if self._step.sign_again(seen.id, name, NEXT[seen.state][1], hint, (shown["made_by"], shown["checked_by"])):
            return

        def refused(session: Session) -> list[Problem]:
            return unsound(session, self.access.clerk, session.get(PaymentBatch, seen.id))

        self.access.look(refused, lambda problems: self._ask_sign(seen, name, hint, problems))

    def _ask_sign(self, seen: Batch, name: str, hint: str, problems: Sequence[Problem]) -> None:
        """The lines that would be refused come before the question; both are of the batch that was to be signed, whatever is shown by now."""
        verb, number = NEXT[seen.state][1], seen.shown["number"]
        if problems:
            say.problems(f"批次 {number} 有 {len(problems)} 笔还不能{verb}", problems, self.shell, hint="改好或去掉这几笔再办")
        else:
            self._step.sign(seen.id, name, verb, f"批次 {number} ", hint)

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _picked(self, row_id: str) -> None:
        self.table.show_ask(Ask(register("payment"), (Condition("batch", "=", row_id),), sort=(("serial", False),)))

    def _show(self, seen: Batch | None) -> None:
        self.seen = seen
        if seen is None:
            self._head.show_none()
            self._enable()
            return
        facts = f"{seen.shown['kind']} · {seen.shown['fund']} · {seen.shown['made_on']}"
        self._head.show(seen.shown["number"], (seen.shown["state"], _KINDS.get(seen.state, "plain")), facts)
        at = ORDER.index(BatchState(seen.state))
        steps = (("制表", seen.shown["made_by"], 0), ("复核", seen.shown["checked_by"], 1), ("审批", seen.shown["approved_by"], 2),
                 ("送银行", seen.shown["sent_on"], 3), ("对账", "已对账" if at >= 4 else "", 4))  # fmt: skip
        self._steps.set_pieces([step(words, who, done=at >= number, now=at + 1 == number) for words, who, number in steps])
        self._sums_row.set_pieces(money_sums("批次金额", seen.total, seen.paid, seen.returned, seen.waiting, seen.difference))
        self._show_next(seen)
        self._enable()

    def _show_next(self, seen: Batch) -> None:
        name, words = NEXT.get(seen.state, ("", ""))
        told = self._step.show(name, words, "差额为 0 才能往下办" if seen.difference and seen.state in ("open", "checked") else "")
        advice = f"超过协议 {show_yuan(seen.over)} 元，未签订 {show_yuan(seen.unsigned)} 元；改小金额或去掉后，差额为 0 才能往下办。"
        self._advice.setText((advice if seen.difference else ADVICE.get(seen.state, "")) + told)

    def _enable(self) -> None:
        state = self.seen.state if self.seen else ""
        chosen = bool(self.table.chosen_count)
        may = {"add-payment": state == "open", "remove-payment": state == "open" and chosen, "pay-amount": state == "open" and chosen,
               "refresh-payment": state == "open" and chosen, "pay-result": state in ("approved", "sent") and chosen,
               "late-return": state in ("approved", "sent", "reconciled", "closed") and bool(self.seen and self.seen.paid) and chosen,
               "pay-again": state in ("approved", "sent", "reconciled", "closed") and chosen, "reopen-batch": state == "checked"}  # fmt: skip
        for name, made in self._buttons.items():
            made.setVisible(may[name] or (state == "open" and name in ("remove-payment", "pay-amount", "refresh-payment")))
            made.setEnabled(may[name] and self.acting.allowed(name, find_action_register(name)))


def find_action_register(name: str) -> str:
    """What a button's action is done to."""
    return "payment_batch" if name in ("add-payment", "reopen-batch") else "payment"


def payment_section(access: Access, shell: Shell) -> Section:
    """兑付 with its tabs."""

    def unpaid() -> QWidget:
        from ui.pages.unpaid import UnpaidPage  # noqa: PLC0415 -- slow import

        return UnpaidPage(access, shell)

    section = Section("payment", [Tab("batch", "办理批次", lambda: BatchPage(access, shell)), Tab("unpaid", "没付出去的", unpaid),
                                  register_tab(access, shell, "payment_batch", "批次台账"), register_tab(access, shell, "payment", "兑付明细"),
                                  register_tab(access, shell, "unpaid_reason")])  # fmt: skip
    section.follow("payment_batch", "batch")
    return section



"""直补发放: periods at the left, the chosen roster as a sheet with its steps, head-counts and sums; nothing goes on while they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from relocdesk.actions.period_result import foresee
from relocdesk.actions.period_steps import cash_allowed
from relocdesk.errors import Problem
from relocdesk.queries import choices
from relocdesk.queries.people import flow_text
from relocdesk.queries.roster import Sums, conservation, lines, period_name, sums, unsound
from relocdesk.queries.roster_doubts import doubts
from relocdesk.queries.roster_objections import hold, names_of, waiting_for, words
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.support import LineResult, Period, PeriodState
from relocdesk.records.survey import Posting
from relocdesk.rules.days import chinese_date
from relocdesk.rules.money import capital, show_yuan
from ui import say
from ui.access import Access, Session
from ui.flow import FlowRow, step_html, wrapped
from ui.pages.bank_way import BankWay
from ui.pages.master_list import MasterList, MasterPage
from ui.pages.section import Section, Tab, register_tab
from ui.pages.signed_sheet import NextStep, SheetHead, money_sums
from ui.parts import Card, EmptyState, TintedLabel, button, label, plain, stack
from ui.shell import Shell
from ui.tables import RowsTable

_FIELDS = ("year", "number", "place", "first_month", "last_month", "standard", "frozen_on", "base_count", "present", "made_by", "checked_by", "approved_by",
           "same_person_reason", "sent_on", "paid_on", "state", "posted")  # fmt: skip
_LINE = ("person_name", "paid", "result", "account_name", "account", "months", "due", "back_pay", "deducted", "settled_on", "return_reason", "reason", "kind",
         "remark")  # fmt: skip
ORDER = tuple(PeriodState)
FREEZE = ("freeze-period", "冻结名册")
NEXT = {"open": ("post-period", "公示名册…"), "posted": ("check-period", "审核"), "checked": ("approve-period", "审批"),
        "approved": ("send", "导出代发表送银行"), "sent": ("result", "收回盘登记结果"), "paid": ("close-period", "关闭这一期")}  # fmt: skip
_KINDS = {"open": "warn", "posted": "warn", "checked": "warn", "approved": "info", "sent": "info", "paid": "good"}
ADVICE = {
    "": "先核对人口动态都登记了，再冻结名册；冻结以后，后扶人口再改，名册也不变。",
    "open": "核对人数、账户，登记补发和扣回；再到村组公示。", "posted": "公示期间核对异议和账户；由另一人审核。",
    "checked": "公示期满、异议都已答复后，由第三人审批；审批后名册不能再改。", "approved": "导出代发表送银行，并登记送银行日期。",
    "sent": "取回单后导入，成功和退回逐笔登记；退回的更正账户后再发。", "paid": "本期都有结果了；退回的请更正账户后再发，再关闭。",
    "closed": "这一期已经办完。",
}  # fmt: skip
BUTTONS = (("unfreeze-period", "解除冻结…"), ("adjust-line", "补发或扣回…"), ("back-pay", "另列补发…"), ("drop-line", "去掉所选…"),
           ("refresh-accounts", "更新账户"), ("reopen-period", "退回编制…"), ("pay-cash", "登记现金领取…"), ("pay-line", "登记单笔结果…"),
           ("late-return", "到账后退汇…"), ("reissue-line", "更正账户后再发…"), ("send-again", "再导出代发表…"), ("only-returned", "只看退回的"))  # fmt: skip
HERE = ("send-again", "only-returned")  # no declared action
OF_PERIOD = ("unfreeze-period", "back-pay", "refresh-accounts", "reopen-period", "pay-cash", "send-again")


@dataclass(frozen=True, slots=True)
class Seen:
    """A period as the page shows it. `problems`: lines that may not be paid as they stand; `doubtful`: to be looked at."""

    id: str
    name: str
    shown: dict[str, str]
    state: str
    frozen: bool
    sums: Sums
    flow: str
    broken: int  # heads by which the conservation law is broken
    posting: str
    problems: tuple[Problem, ...] = ()
    doubtful: tuple[Problem, ...] = ()
    held: str = ""  # who waits for an objection

    @property
    def ready(self) -> bool:
        """Whether nothing differs: money, heads, lines."""
        return not (self.sums.difference or self.broken or self.problems)


def see(session: Session, row_id: str) -> Seen | None:
    """Everything about a period; None when it is gone."""
    reg = register("period")
    line = choices.record(session, reg, row_id, [reg[name] for name in _FIELDS])
    period = session.get(Period, row_id)
    if line is None or period is None:
        return None
    flows = conservation(session, period)
    posting = session.get(Posting, period.posted) if period.posted else None
    early = period.state in (PeriodState.OPEN, PeriodState.POSTED, PeriodState.CHECKED) and bool(period.frozen_on)
    problems = tuple(unsound(session, period, cash=cash_allowed(session, period))) if early else ()
    return Seen(row_id, period_name(session, period), dict(zip(_FIELDS, line.shown, strict=True)), str(period.state), bool(period.frozen_on),
                sums(session, row_id), "；".join(flow_text(flow) for flow in flows), sum(abs(flow.difference) for flow in flows),
                f"公示到{chinese_date(posting.until_on)}" if posting else "", problems, tuple(doubts(session, period)) if early else (),
                _held(session, period))  # fmt: skip


def _held(session: Session, period: Period) -> str:
    """Whose money waits for an objection while the roster is on its way, in a sentence; "" when nobody's."""
    found = hold(session, period) if period.frozen_on and period.state != PeriodState.CLOSED else None
    if found is None or not (found.whole or found.people):
        return ""
    if found.whole:
        return f"有没写明涉及谁的异议（{words(found.whole[0])}），整份名册先不发。"
    held = waiting_for(found, [line for line in lines(session, period) if line.open and line.result != LineResult.PAID])
    return f"{names_of(held)}有没办结的异议，{show_yuan(sum(line.amount for line in held))} 元先不发。" if held else ""


class PeriodPage(MasterPage):
    """Periods at the left, the chosen roster as a sheet."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "period")
        self.bank = BankWay(access, shell, "period", "send-period", foresee)
        self.seen: Seen | None = None
        self._only_returned = False
        new = button("开发放期…", "add", look="primary", name="period.new", tip="接着上一期，按政策的周期和标准开下一期", on=self.open_new)
        new.setEnabled(self.acting.allowed("open-period"))
        county = len(access.book.place_code) == 6
        names = ("year", "number", "place", "state") if county else ("year", "number", "due", "state")
        master = MasterList(access, Ask(register("period"), sort=(("first_month", True), ("place", False))), names, name="period.list",
                            widths={"place": 90, "state": 62}, above=(new,))  # fmt: skip
        empty = EmptyState("payment", "还没有发放期", "登记后扶人口以后，按季（或月、半年、年）开发放期，冻结名册，公示、审核、审批后送银行。",
                           ("开发放期…", self.open_new))  # fmt: skip
        self.begin(master, self._sheet(), empty, see, self._show, picked=self._picked)

    def _sheet(self) -> QWidget:
        self._step = NextStep(self.acting, "period", "period.next", self.go_on)
        self.next = self._step.button
        self._head = SheetHead("选一期", button("打印花名册…", "print", name="period.print", key="Ctrl+P", on=self.print), self._step)
        self._steps, self._law = TintedLabel(""), TintedLabel("")
        for one in (self._steps, self._law):
            one.setWordWrap(True)
        self._sums = Card()
        self._sums_row = FlowRow()
        self._advice = label("", "muted", wrap=True)
        self._wrong = button("", look="link", name="period.wrong", on=self.show_problems)
        for piece in (self._steps, self._sums_row, self._law, self._advice, self._wrong):
            self._sums.body.addWidget(piece)
        self.table = self.tables["support_payment"] = RowsTable(self.access, register("support_payment"), _LINE, name="period.lines")
        self.table.selection_moved.connect(self._enable)
        return stack(self._head.row, self._sums, wrapped(*self.tools(BUTTONS, self.act)), (self.table, 1))

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def open_new(self) -> None:
        """Open the next period."""
        self.acting.ask("open-period", "", [], yes="开发放期", hint="都空着，就给每个有后扶人口的乡镇接着上一期开下一期。")

    def act(self, name: str) -> None:
        """One of the small buttons."""
        if self.seen is None:
            return
        if name == "only-returned":
            self._only_returned = not self._only_returned
            self._picked(self.master.current)
            return
        if name == "send-again":
            self.bank.send(self.seen.id, self.seen.name, self, again=True)
            return
        reg, ids = ("period", [self.seen.id]) if name in OF_PERIOD else ("support_payment", self.table.chosen_ids())
        if ids:
            self.acting.ask(name, reg, ids, danger=name in ("unfreeze-period", "drop-line"))

    def show_problems(self) -> None:
        """The lines that keep the roster from going on, and those to be looked at."""
        if self.seen is not None:
            found = [*self.seen.problems, *self.seen.doubtful]
            say.problems(f"{self.seen.name}有 {len(self.seen.problems)} 行不能往下办，{len(self.seen.doubtful)} 处请核对", found, self.shell)

    def go_on(self) -> None:
        """The one next step."""
        seen = self.seen
        if seen is None:
            return
        name, words = self._next_of(seen)
        if name == "send":
            self.bank.send(seen.id, seen.name, self)
        elif name == "result":
            self.bank.take_result(seen.id, seen.sums.waiting, self)
        elif name in ("check-period", "approve-period"):
            self._sign(seen, name, words)
        elif name == "freeze-period" or name == "close-period":
            if say.ask(f"{words}：{seen.name}？", yes=words, no="先不办", hint=seen.flow, parent=self.shell):
                self.acting.ask(name, "period", [seen.id], only=())
        else:
            self.acting.ask(name, "period", [seen.id])

    def _sign(self, seen: Seen, name: str, words: str) -> None:
        kept, shown = seen.sums, seen.shown
        hint = f"{kept.heads} 人，{show_yuan(kept.paid)} 元（{capital(kept.paid)}）"
        if not self._step.sign_again(seen.id, name, words, hint, (shown["made_by"], shown["checked_by"])):
            self._step.sign(seen.id, name, words, f"{seen.name}的名册", hint)

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _picked(self, row_id: str) -> None:
        wanted = [Condition("period", "=", row_id), *([Condition("result", "=", "returned")] if self._only_returned else [])]
        self._buttons["only-returned"].setText("看全部" if self._only_returned else "只看退回的")
        self.table.show_ask(Ask(register("support_payment"), tuple(wanted)))

    @staticmethod
    def _next_of(seen: Seen) -> tuple[str, str]:
        if seen.state == "open" and not seen.frozen:
            return FREEZE
        return NEXT.get(seen.state, ("", ""))

    def _show(self, seen: Seen | None) -> None:
        self.seen = seen
        if seen is None:
            self._head.show_none()
            self._enable()
            return
        facts = f"{seen.shown['first_month']} 至 {seen.shown['last_month']} · {seen.shown['standard']} 元/人·年"
        self._head.show(seen.name, (seen.shown["state"], _KINDS.get(seen.state, "plain")), facts)
        at = ORDER.index(PeriodState(seen.state))
        names = (("编制", seen.shown["made_by"]), ("公示", seen.posting.removeprefix("公示到") and f"到{seen.posting.removeprefix('公示到')}"),
                 ("审核", seen.shown["checked_by"]), ("审批", seen.shown["approved_by"]), ("送银行", seen.shown["sent_on"]), ("已发", seen.shown["paid_on"]),
                 ("关闭", "已关闭" if seen.state == "closed" else ""))  # fmt: skip
        reached = at if seen.frozen or at else -1
        self._steps.set_template(" &nbsp; ".join(step_html(words, who, done=reached >= n, now=reached + 1 == n) for n, (words, who) in enumerate(names)))
        self._show_sums(seen)
        self._show_next(seen)
        self._enable()

    def _show_sums(self, seen: Seen) -> None:
        kept, shown = seen.sums, seen.shown
        self._sums_row.set_pieces(money_sums("实发合计", kept.paid, kept.succeeded, kept.returned, kept.waiting, kept.difference))
        heads = (("核定", shown["base_count"]), ("现有", shown["present"]), ("发放", str(kept.heads) if kept.lines else ""))
        told = " &nbsp; ".join(f"{words} <b>{count or '—'}</b> 人" for words, count in heads)
        self._law.set_template(f'{told} &nbsp; &nbsp; <span style="color:@{"bad" if seen.broken else "muted"}">按现在的登记：{plain(seen.flow)}</span>')
        self._wrong.setVisible(bool(seen.problems or seen.doubtful))
        self._wrong.setText(f"{len(seen.problems)} 行不能往下办，{len(seen.doubtful)} 处请核对，点开看")

    def _show_next(self, seen: Seen) -> None:
        name, words = self._next_of(seen)
        waits = "不能往下办的行改好，才能往下办" if name in ("check-period", "approve-period") and not seen.ready else ""
        advice = ADVICE["" if seen.state == "open" and not seen.frozen else seen.state]
        self._advice.setText(seen.held + advice + self._step.show(name, words, waits))

    def _enable(self) -> None:
        seen = self.seen
        state, frozen, chosen = (seen.state, seen.frozen, bool(self.table.chosen_count)) if seen else ("", False, False)
        paying, drawn_up = state in ("approved", "sent"), state == "open" and frozen
        cash = paying and seen is not None and bool(seen.sums.waiting)
        may: dict[str, tuple[bool, bool]] = {  # shown, usable
            "unfreeze-period": (drawn_up, True), "adjust-line": (drawn_up, chosen), "back-pay": (drawn_up, True),
            "drop-line": (drawn_up or state == "posted", chosen), "refresh-accounts": (drawn_up or state == "posted", True),
            "reopen-period": (state in ("posted", "checked"), True), "pay-cash": (cash, True), "pay-line": (paying, chosen),
            "late-return": (state in ("approved", "sent", "paid", "closed") and seen is not None and bool(seen.sums.succeeded), chosen),
            "reissue-line": (state in ("sent", "paid", "closed") and seen is not None and bool(seen.sums.returned), chosen),
            "only-returned": (seen is not None and bool(seen.sums.returned or self._only_returned), True),
            "send-again": (state == "sent" and seen is not None and bool(seen.sums.waiting), True)}  # fmt: skip
        for name, made in self._buttons.items():
            shown, usable = may[name]
            made.setVisible(shown)
            made.setEnabled(usable and (name in HERE or self.acting.allowed(name, "period" if name in OF_PERIOD else "support_payment")))


def subsidy_section(access: Access, shell: Shell) -> Section:
    """直补发放 with its tabs."""
    tabs: Sequence[Tab] = [Tab("work", "办理发放", lambda: PeriodPage(access, shell)), register_tab(access, shell, "period", "发放期台账"),
                           register_tab(access, shell, "support_payment", "发放明细")]  # fmt: skip
    section = Section("subsidy", list(tabs))
    section.follow("period", "work")
    return section

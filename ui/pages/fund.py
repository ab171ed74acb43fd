"""资金: allocated, received, paid and left by fund and project; the registers behind the figures as tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relocdesk.queries import rows
from relocdesk.queries.funds import Balance, PaymentRate, balances, payment_rate
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.fund import Fund
from relocdesk.rules.money import percent, show_yuan
from ui.access import Access, Session
from ui.pages.section import Section, Tab, open_rows, register_tab
from ui.parts import EmptyState, StateSentence, button, label
from ui.shell import Shell
from ui.texts import Column, Row, TextTable


@dataclass(frozen=True, slots=True)
class FundLine:
    """One line of the table: a fund, or a project's part of it."""

    fund: str
    project: str  # id, "" for the whole fund
    name: str
    sums: Balance


def read(session: Session, on: str) -> tuple[list[FundLine], PaymentRate]:
    """Every fund that moved, with its projects below."""
    project = register("project")
    ids = rows.ids(session, Ask(project))
    names = rows.titles(session, project, ids)
    whole = balances(session, on)
    by_project = {one: balances(session, on, one) for one in ids}
    found = []
    for fund, sums in whole.items():
        found.append(FundLine(fund, "", Fund(fund).label, sums))
        found += [FundLine(fund, one, names.get(one, ""), parts[fund]) for one, parts in by_project.items() if fund in parts]
    return found, payment_rate(session, None, on)


class FundPage(QWidget):
    """The overview. A double click opens the receipts of the fund."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.fund")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self.sentence = StateSentence()
        self.sentence.chosen.connect(self._open)
        self.table = TextTable((Column("资金 / 工程", 26), Column("下达（元）", 16, right=True), Column("到位（元）", 16, right=True),
                                Column("到位率", 8, right=True),
                                Column("利息（元）", 12, right=True), Column("已兑付（元）", 16, right=True), Column("其他支出（元）", 14, right=True),
                                Column("在途（元）", 14, right=True), Column("结存（元）", 16, right=True)), name="fund.rows")  # fmt: skip
        self.table.opened.connect(self._open_line)
        self.empty = EmptyState("fund", "还没有资金记录", "先登记资金下达文件，钱到账后登记到位，兑付和结存就会自己算出来。",
                                ("登记资金下达", lambda: self.shell.show_page("fund", tab="allocation", new=True)))  # fmt: skip
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("资金总览", "title"))
        head.addStretch(1)
        for name, words in (("allocation", "登记下达"), ("receipt", "登记到位"), ("spending", "登记支出"), ("interest", "登记利息")):
            made = button(words, "add", look="primary" if name == "receipt" else "", name=f"fund.new.{name}",
                          on=partial(self.shell.show_page, "fund", tab=name, new=True))  # fmt: skip
            if not access.may_add(name):
                made.hide()
            head.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.sentence)
        for one in (self.table, self.empty):
            one.hide()  # which of them is known once the figures are read
            column.addWidget(one, 1)
        self._below = QWidget()
        column.addWidget(self._below, 1)
        told = "结存 = 到位 + 利息 − 已兑付（含直补和项目支付）− 其他支出（含结余转项目）；在途是已审批、银行还没有结果的。"
        column.addWidget(label(told + "利息不分工程。兑付率 = 已兑付 ÷ 到位。", "small", wrap=True))
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Add up anew."""
        on = self.access.clerk.on
        self.access.look(lambda session: read(session, on), lambda found: self._show(*found))

    def _show(self, lines: Sequence[FundLine], rate: PaymentRate) -> None:
        self.table.set_rows([_row(one) for one in lines])
        self._below.hide()
        self.table.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        whole = [one.sums for one in lines if not one.project]
        left = sum(one.balance for one in whole)
        self.sentence.say("工程移民资金：下达 ", (show_yuan(rate.allocated), "allocation"), " 元，到位 ", (show_yuan(rate.received), "receipt"), " 元，协议 ",
                          (show_yuan(rate.agreed), "agreement"), " 元，兑付 ", (show_yuan(rate.paid), "payment", "good"),
                          " 元，兑付率 ", (rate.percent(), "payment"),
                          "；全部资金结存 ", (show_yuan(left), "receipt", "error" if left < 0 else ""), " 元")  # fmt: skip
        self.totals_changed.emit(f"{len(whole)} 类资金 · 结存 {show_yuan(left)} 元", "")

    def _open(self, name: str) -> None:
        wanted = {"agreement": (Condition("state", "=", "signed"),), "payment": (Condition("result", "=", "paid"),)}.get(name, ())
        open_rows(self.shell, Ask(register(name), wanted))

    def _open_line(self, key: str) -> None:
        fund, _, project = key.partition("/")
        conditions = (Condition("fund", "=", fund), *((Condition("project", "=", project),) if project else ()))
        open_rows(self.shell, Ask(register("allocation"), conditions))


def _row(line: FundLine) -> Row:
    sums = line.sums
    name = f"　{line.name}" if line.project else line.name
    allocated, received = sums.allocated + sums.added, sums.received + sums.added
    money = (sums.interest, sums.paid + sums.subsidy + sums.works, sums.spent + sums.turned, sums.committed, sums.balance)
    return Row(f"{line.fund}/{line.project}", (name, show_yuan(allocated), show_yuan(received), percent(received, allocated, 1), *map(show_yuan, money)))


def fund_section(access: Access, shell: Shell) -> Section:
    """资金 with its years, its age, surplus, and its registers."""

    def years() -> QWidget:
        from ui.pages.fund_years import YearTab  # noqa: PLC0415 -- slow import

        return YearTab(access, shell)

    def age() -> QWidget:
        from ui.pages.fund_years import AgeTab  # noqa: PLC0415 -- slow import

        return AgeTab(access, shell)

    def surplus() -> QWidget:
        from ui.pages.fund_years import SurplusTab  # noqa: PLC0415 -- slow import

        return SurplusTab(access, shell)

    tabs = [register_tab(access, shell, name) for name in ("allocation", "receipt", "interest", "spending")]
    return Section("fund", [Tab("overview", "资金总览", lambda: FundPage(access, shell)), Tab("years", "分年度", years), Tab("age", "结转结余", age),
                            Tab("surplus", "结余转项目", surplus), *tabs])  # fmt: skip

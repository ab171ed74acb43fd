"""分年度, 结转结余 and 结余转项目: funds by year with 支出率 and 结存比例, the age of unspent money, the identity of surplus."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relocdesk import settings
from relocdesk.queries.funds import FundSheet, fund_sheets, surplus_lines
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.fund import Fund
from relocdesk.rules.funds import CARRIED, CURRENT, SURPLUS, SurplusLine
from relocdesk.rules.money import percent, show_yuan
from ui.access import Access, Session
from ui.acting import Acting
from ui.pages.master_list import page_look
from ui.pages.section import open_rows
from ui.parts import EmptyState, StateSentence, button, label
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

Read = tuple[list[FundSheet], list[SurplusLine], str]


def read(session: Session, on: str) -> Read:
    """Funds, surplus, and what the balance is measured against."""
    held_by = settings.spec("fund.held_by").field.show(settings.get(session, "fund.held_by"))
    return fund_sheets(session, on), surplus_lines(session, on), held_by


class FundTab(QWidget):
    """What the three tabs share: a title, a sentence, one table read off the window's thread, a note."""

    totals_changed = Signal(str, str)
    title, note = "", ""

    def __init__(self, access: Access, shell: Shell, name: str, columns: Sequence[Column]) -> None:
        super().__init__()
        page_look(self, name)
        self.access, self.shell = access, shell
        self.sentence = StateSentence()
        self.sentence.setWordWrap(True)
        self.sentence.chosen.connect(self.open_register)
        self.table = TextTable(columns, name=f"{name}.rows")
        self.table.opened.connect(self.open_line)
        self.empty = EmptyState("fund", "还没有资金记录", "先登记资金下达和到位；支出由兑付、直补发放、项目支付和其他支出算出来。",
                                ("登记资金下达", lambda: self.shell.show_page("fund", tab="allocation", new=True)))  # fmt: skip
        self.empty.hide()
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.head.addWidget(label(self.title, "title"))
        self.head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(8)
        column.addLayout(self.head)
        column.addWidget(self.sentence)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(label(self.note, "small", wrap=True))
        self.setFocusProxy(self.table)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Add up anew."""
        on = self.access.clerk.on
        self.access.look(lambda session: read(session, on), self._take)

    def _take(self, found: Read) -> None:
        rows = self.rows_of(*found)
        self.table.set_rows(rows)
        self.table.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        self.totals_changed.emit(f"{len(rows)} 行", "")

    def rows_of(self, sheets: list[FundSheet], surplus: list[SurplusLine], held_by: str) -> list[Row]:
        """The table's rows; says the sentence."""
        raise AssertionError(self)

    def open_line(self, key: str) -> None:
        """The papers behind a row: fund/year."""
        fund, _, year = key.partition("/")
        more = (Condition("year", "=", int(year)),) if year.isdecimal() else ()
        open_rows(self.shell, Ask(register("allocation"), (Condition("fund", "=", fund), *more)))

    def open_register(self, name: str) -> None:
        """The rows behind a number of the sentence."""
        open_rows(self.shell, Ask(register(name)))


class YearTab(FundTab):
    """By fund and year."""

    title = "分年度收支"
    note = ("支出率 = 同一年度的支出 ÷ 下达；结存比例 = 结存 ÷ 下达（在设置里选按累计还是按当年）。直补按发放期所属年度，其他支出按支付日期所属年度；"
            "到位按资金年度。双击一行看下达文件。")  # fmt: skip

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "fund_years", (
            Column("资金 / 年度", 16), Column("下达（元）", 16, right=True), Column("到位（元）", 16, right=True), Column("利息（元）", 12, right=True),
            Column("支出（元）", 16, right=True), Column("转项目（元）", 14, right=True), Column("支出率", 8, right=True), Column("结存（元）", 16, right=True),
            Column("结存比例", 9, right=True)))  # fmt: skip

    def rows_of(self, sheets: list[FundSheet], surplus: list[SurplusLine], held_by: str) -> list[Row]:
        """Each fund with its years below."""
        after = [one for one in sheets if one.fund != Fund.PROJECT]
        left, whole = sum(one.sums.balance for one in after), sum(one.whole for one in after)
        self.sentence.say("后扶各类资金：下达 ", (show_yuan(sum(one.sums.allocated for one in after)), "allocation"), " 元，到位 ",
                          (show_yuan(sum(one.sums.received for one in after)), "receipt"), " 元，支出 ",
                          (show_yuan(sum(one.sums.gone for one in after)), "project_payment"), f" 元，结存 {show_yuan(left)} 元，结存比例 "
                          f"{percent(left, whole)}（按{held_by}）")  # fmt: skip
        rows = []
        for one in sheets:
            s = one.sums
            rows.append(Row(one.fund, (Fund(one.fund).label, show_yuan(s.allocated + s.added), show_yuan(s.received + s.added), show_yuan(s.interest),
                                       show_yuan(s.gone), show_yuan(s.turned), percent(s.gone, s.allocated + s.added), show_yuan(s.balance), one.held)))
            rows += [Row(f"{one.fund}/{line.year}", (f"　{line.year or '没有年度'}", show_yuan(line.allocated), show_yuan(line.received),
                                                     show_yuan(line.interest), show_yuan(line.spent), show_yuan(line.turned), line.rate, "", ""))
                     for line in one.years]  # fmt: skip
        return rows


class AgeTab(FundTab):
    """How old unspent allocations are."""

    title = "结转结余"
    note = ("按先下达先支出计算。当年末没有用完的是结转；到下一年末还没有用完的是结余，要交回（预算法第四十二条、预算法实施条例第五十条）。"
            "工程移民资金不是财政拨款，不在这里。双击一行看下达文件。")  # fmt: skip

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "fund_age", (
            Column("资金", 14), Column("文号", 24), Column("资金年度", 8, right=True), Column("下达日期", 12), Column("下达（元）", 16, right=True),
            Column("已支出（元）", 16, right=True), Column("未支出（元）", 16, right=True), Column("性质", 8, chip=True)))  # fmt: skip

    def rows_of(self, sheets: list[FundSheet], surplus: list[SurplusLine], held_by: str) -> list[Row]:
        """Allocations with something left, and what was spent beyond them; the owner's money for land is no budget money."""
        sheets = [one for one in sheets if one.fund != Fund.PROJECT]
        sums = {kind: sum(one.unspent[kind] for one in sheets) for kind in (CURRENT, CARRIED, SURPLUS)}
        self.sentence.say("没有支出的：当年 ", (show_yuan(sums[CURRENT]), "allocation"), " 元，结转 ",
                          (show_yuan(sums[CARRIED]), "allocation", "warn" if sums[CARRIED] else ""), " 元，结余 ",
                          (show_yuan(sums[SURPLUS]), "allocation", "error" if sums[SURPLUS] else ""), " 元")  # fmt: skip
        rows = []
        for sheet in sheets:
            label_ = Fund(sheet.fund).label
            for n, one in enumerate(sheet.aged):
                if one.left:
                    lot = one.lot
                    kind = {CURRENT: "info", CARRIED: "warn", SURPLUS: "error"}.get(one.kind, "")
                    rows.append(Row(f"{sheet.fund}/{lot.year}/{n}", (label_, lot.key, str(lot.year), lot.day, show_yuan(lot.amount), show_yuan(one.spent),
                                                                     show_yuan(one.left), one.kind), kind))  # fmt: skip
            if sheet.over:
                rows.append(Row(f"{sheet.fund}/0/over", (label_, "没有下达文件的支出", "", "", "", show_yuan(sheet.over), f"-{show_yuan(sheet.over)}", "超支"),
                                "error"))  # fmt: skip
        return rows

    def open_line(self, key: str) -> None:
        """The paper of the line, or all of the fund."""
        fund, year, rest = key.split("/", 2)
        super().open_line(fund if rest == "over" else f"{fund}/{year}")


class SurplusTab(FundTab):
    """Received = paid + turned + balance, by source and year."""

    title = "结余转项目"
    note = "到位 = 支出 + 转项目 + 结余，每一年、每一种资金都要成立；转项目不能超过那一年的结余，要有批准文号。双击一行看转到了哪些项目。"

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "surplus", (
            Column("资金", 14), Column("资金年度", 8, right=True), Column("到位（元）", 16, right=True), Column("支出（元）", 16, right=True),
            Column("转项目（元）", 16, right=True), Column("结余（元）", 16, right=True), Column("结余比例", 9, right=True)))  # fmt: skip
        acting = Acting(access, shell)
        turn = button("转给项目…", "next", look="primary", name="surplus.turn", tip="在项目页里办：选项目，点“结余转入…”",
                      on=lambda: shell.show_page("works", tab="one"))  # fmt: skip
        turn.setEnabled(acting.allowed("turn-surplus", "support_project"))
        self.head.addWidget(turn)

    def rows_of(self, sheets: list[FundSheet], surplus: list[SurplusLine], held_by: str) -> list[Row]:
        """One row a year and source."""
        turned, left = sum(one.turned for one in surplus), sum(one.balance for one in surplus)
        colour = "error" if left < 0 else ""
        self.sentence.say("各年度转给项目 ", (show_yuan(turned), "surplus_use"), " 元，还有结余 ", (show_yuan(left), "receipt", colour), " 元")
        return [Row(f"{one.fund}/{one.year}", (Fund(one.fund).label, str(one.year or "没有年度"), *map(show_yuan, (one.received, one.paid, one.turned,
                                                                                                              one.balance)),
                                               percent(one.balance, one.received))) for one in surplus]  # fmt: skip

    def open_line(self, key: str) -> None:
        """What the year's surplus was turned into."""
        fund, _, year = key.partition("/")
        conditions = (Condition("fund", "=", fund), Condition("year", "=", int(year)))
        open_rows(self.shell, Ask(register("surplus_use"), conditions))

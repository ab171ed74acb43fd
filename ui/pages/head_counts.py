"""人数: the three head-counts side by side, who leaves in the years to come, and the conservation law that must come out even."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from relocdesk.queries.people import Flow, HeadCounts, flows, head_counts, left_to_recover, unlisted
from relocdesk.queries.people_doubts import RULES, Doubt, doubts
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.support import ReduceReason
from relocdesk.rules.days import add_months
from relocdesk.rules.money import show_yuan
from ui.access import Access, Session
from ui.acting import Acting
from ui.pages.master_list import lay_out, page_look
from ui.pages.section import open_record, open_rows
from ui.parts import Card, EmptyState, Gauge, NumberLink, StateSentence, button, clear, label, row, stack
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

YEARS = 8  # of the forecast
_CAME = ("新增", "恢复", "迁入")
_REASONS = tuple(one.label for one in ReduceReason)
_LEFT = (*_REASONS, "迁出", "期满")


@dataclass(frozen=True, slots=True)
class Counted:
    """What the page shows, read at once."""

    heads: HeadCounts
    flows: list[Flow]
    owing: tuple[int, int, int]  # people, 分, recoveries nobody was told of
    unlisted: int  # 分 overpaid that stand in no recovery


def quarters(on: str, count: int = 8) -> list[tuple[str, str]]:
    """First and last month of the quarters up to the one of a day, newest first."""
    month = f"{on[:4]}-{(int(on[5:7]) - 1) // 3 * 3 + 1:02d}"
    return [(add_months(month, -3 * n), add_months(month, 2 - 3 * n)) for n in range(count)]


class HeadCountPage(QWidget):
    """The page. Numbers open their rows."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "head_counts")
        self.access, self.shell = access, shell
        self._asked = 0
        self.sentence = StateSentence()
        self.sentence.chosen.connect(self._open)
        self.acting = Acting(access, shell)
        again = button("核算全部多发", look="small", name="head_counts.recompute", tip="按人口动态和政策参数重新核算以前各期多发的钱，列入追缴",
                       on=lambda: self.acting.ask("recompute-all", "", ()))  # fmt: skip
        again.setEnabled(self.acting.allowed("recompute-all"))
        self._three = QHBoxLayout()
        self._three.setSpacing(12)
        self._years = QGridLayout()
        self._years.setHorizontalSpacing(24)
        forecast = Card("今后各年期满退出（人）")
        forecast.body.addLayout(self._years)
        self.by = QComboBox()
        self.by.setObjectName("head_counts.by")
        for words, key in (("按乡镇", "township"), ("按水库", "reservoir")):
            self.by.addItem(words, key)
        self.period = QComboBox()
        self.period.setObjectName("head_counts.period")
        for first, last in quarters(access.clerk.on):
            self.period.addItem(f"{first[:4]}年{(int(first[5:7]) + 2) // 3}季度", (first, last))
        for box in (self.by, self.period):
            box.currentIndexChanged.connect(lambda _n: self.reload(None))
        self._law = label("", "muted")
        self.table = TextTable(
            [Column("乡镇 / 水库", 16), *(Column(words, 7, right=True) for words in ("期初", *_CAME, *_LEFT, "期末")), Column("核对", 8, chip=True)],
            name="head_counts.rows",
        )  # fmt: skip
        self.table.opened.connect(self._open_flow)
        self.empty = EmptyState("people", "还没有直补对象", "导入核定名册以后，三个人数、期满预测和人数守恒都会自己算出来。",
                                ("导入花名册", lambda: shell.show_page("import", register="recipient")))  # fmt: skip
        told = label("期初 + 新增 + 恢复 + 迁入 − 核减 − 迁出 − 期满 = 期末。核减从停发的那一期算起。", "small")
        chosen = row(label("人数守恒", "heading"), self.by, self.period, (self._law, 1))
        self.whole = stack(row((self.sentence, 1), again), self._three, forecast, chosen, (self.table, 1), told, gap=10)
        for one in (self.whole, self.empty):
            one.hide()
        lay_out(self, (self.whole, 1), (self.empty, 1))
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Count anew."""
        self._asked += 1
        asked, on, by, (first, last) = self._asked, self.access.clerk.on, self.by.currentData(), self.period.currentData()

        def read(session: Session) -> Counted:
            return Counted(head_counts(session, on, years=YEARS), flows(session, on, first, last, by), left_to_recover(session), unlisted(session, on))

        self.access.look(read, lambda found: self._show(found) if asked == self._asked else None)

    def _show(self, found: Counted) -> None:
        heads = found.heads
        self.whole.setVisible(bool(heads.registered))
        self.empty.setVisible(not heads.registered)
        people, owed, untold = found.owing
        self.sentence.say("在册 ", (f"{heads.present:,}", "state/在册", "good"), " 人 · 暂停 ", (f"{heads.paused:,}", "state/暂停"), " · 核减 ",
                          (f"{heads.reduced:,}", "state/核减"), " · 迁出 ", (f"{heads.moved:,}", "state/迁出"), " · 期满 ", (f"{heads.ended:,}", "state/期满"),
                          " · 待追回 ", (f"{show_yuan(owed)} 元（{people:,} 人）", "recovery", "error" if owed else ""),
                          f"，其中 {untold:,} 笔还没通知" if untold else "",
                          f" · 另有多发 {show_yuan(found.unlisted)} 元没有列入追缴，请核算" if found.unlisted else "")  # fmt: skip
        clear(self._three)
        paid = f"{heads.paid_in}发放" if heads.paid_in else "还没有发放过"
        for title, count, told, key in (("核定人数", heads.base, "核定名册的基准人数，下达资金按它算", "approval"),
                                        ("现有人数", heads.present, f"名册登记 {heads.registered:,} 人，减去核减、迁出、暂停和期满的", "state/在册"),
                                        ("发放人数", heads.paid, paid, "period")):  # fmt: skip
            self._three.addWidget(self._card(title, count, told, key), 1)
        self._show_years(heads)
        self._show_law(found.flows)
        self.totals_changed.emit(f"核定 {heads.base:,} · 现有 {heads.present:,} · 发放 {heads.paid:,} 人", "")

    def _card(self, title: str, count: int, told: str, key: str) -> Card:
        card = Card()
        card.body.addLayout(row(label(title, "heading"), 1, NumberLink(f"{count:,} 人", on=lambda: self._open(key)), gap=-1))
        card.body.addWidget(label(told, "muted", wrap=True))
        return card

    def _show_years(self, heads: HeadCounts) -> None:
        clear(self._years)
        most = max(heads.leaves.values(), default=0)
        for n, (year, count) in enumerate(heads.leaves.items()):
            gauge = Gauge(f"{year}年")
            gauge.set_value(count, most, f"{count:,} 人")
            self._years.addWidget(gauge, n // 4, n % 4)

    def _show_law(self, found: list[Flow]) -> None:
        self.table.set_rows([_flow_row(one) for one in found] + ([_flow_row(_sum(found))] if len(found) > 1 else []))
        broken = [one.name for one in found if one.difference]
        self._law.setText(f"{'、'.join(broken)}的人数不平，请核对" if broken else "各行都平" if found else "这一期没有人")

    def _open(self, key: str) -> None:
        if key == "recovery":
            open_rows(self.shell, Ask(register("recovery"), (Condition("left", ">", 0),)))
        elif key == "approval":
            open_rows(self.shell, Ask(register("approval_list")))
        elif key == "period":
            self.shell.show_page("subsidy")
        else:
            open_rows(self.shell, Ask(register("recipient"), (Condition("state", "=", key.partition("/")[2]),)))

    def _open_flow(self, name: str) -> None:
        if name and self.by.currentData() == "reservoir":
            open_rows(self.shell, Ask(register("recipient"), (Condition("reservoir", "=", name),)))
        elif name:
            place = self.access.places().resolve(name)
            open_rows(self.shell, Ask(register("recipient"), (), "", place))


def _flow_row(one: Flow) -> Row:
    numbers = (one.opening, *(one.came[word] for word in _CAME), *(one.left[word] for word in _LEFT), one.closing)
    told = f"差 {one.difference:,} 人" if one.difference else "平"
    return Row("" if one.name == "合计" else one.name, (one.name, *(f"{n:,}" for n in numbers), told), "error" if one.difference else "good")


def _sum(found: list[Flow]) -> Flow:
    whole = Flow("合计")
    for one in found:
        whole.opening += one.opening
        whole.closing += one.closing
        whole.came.update(one.came)
        whole.left.update(one.left)
    return whole


class DoubtPage(QWidget):
    """疑点: what looks wrong among the people, by rule; a double click opens the first of them."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "people_doubts")
        self.access, self.shell = access, shell
        self._rule = ""
        self._found: list[Doubt] = []
        self.sentence = StateSentence()
        self.sentence.chosen.connect(self._choose)
        self.table = TextTable((Column("疑点", 16), Column("人数", 6, right=True), Column("说明", 80)), name="people_doubts.rows")
        self.table.opened.connect(lambda key: open_record(self.shell, "recipient", key.partition("#")[2]))
        self.empty = EmptyState("good", "没有疑点", "没有一证多登、共用账户、户名不符和高龄未认证的情况。")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(8)
        column.addWidget(label("疑点", "title"))
        column.addWidget(self.sentence)
        for one in (self.table, self.empty):
            one.hide()
            column.addWidget(one, 1)
        column.addWidget(label("双击打开这个人；核对以后在“一人一档”里更正、变更账户、认证或核减。", "small"), 0, Qt.AlignmentFlag.AlignBottom)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Look anew."""
        on = self.access.clerk.on
        self.access.look(lambda session: doubts(session, on), self._show)

    def _choose(self, rule: str) -> None:
        self._rule = "" if rule == self._rule or rule == "*" else rule
        self._rows()

    def _show(self, found: list[Doubt]) -> None:
        self._found = found
        pieces: list[str | tuple[str, str] | tuple[str, str, str]] = ["共 ", (f"{len(found):,}", "*"), " 处"]
        for rule, words in RULES.items():
            count = sum(one.rule == rule for one in found)
            if count:
                pieces += [f" · {words} ", (f"{count:,}", rule, "warn")]
        self.sentence.say(*pieces)
        self.table.setVisible(bool(found))
        self.empty.setVisible(not found)
        self._rows()

    def _rows(self) -> None:
        shown = [one for one in self._found if self._rule in ("", one.rule)]
        self.table.set_rows([Row(f"{n}#{one.ids[0]}", (RULES[one.rule], str(len(one.ids)), one.text)) for n, one in enumerate(shown)])
        self.totals_changed.emit(f"{len(shown):,} 处", "")

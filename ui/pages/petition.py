"""信访: the cases by the clock that ends first, one case whole, and the rates of a year with the cases behind them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from relocdesk.queries import petition
from relocdesk.queries.petition import CaseSheet, YearWork
from relocdesk.queries.rows import Ask, Condition, key_of
from relocdesk.records import register
from relocdesk.records.petition import Channel
from relocdesk.rules.petition import UNDATED, WITH_UPPER
from relocdesk.rules.petition_rates import Rate
from ui.access import Access, Session
from ui.acting import find_action
from ui.flow import WrapRow
from ui.grid import chip_kind
from ui.pages.child_tabs import ChildTabs
from ui.pages.master_list import MasterList, MasterPage, page_look
from ui.pages.section import Section, Tab, open_rows, register_tab
from ui.parts import Card, Chip, EmptyState, NumberLink, button, clear, label, row, stack
from ui.print_dialog import print_records
from ui.record import RecordDialog
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

_DIRECT = 4  # steps with a button of their own
_BY_CLOCK = (("next_due", False), ("received_on", True))
_ANSWERED = ("可申请复查", "可申请复核", "已终结", "已息诉")
FILTERS: tuple[tuple[str, tuple[Condition, ...]], ...] = (
    ("在办", (Condition("state", "在", (*UNDATED, *WITH_UPPER)),)),
    ("超期", (Condition("days_left", "<", 0),)),
    ("七天内到期", (Condition("days_left", "≥", 0), Condition("days_left", "≤", 7))),
    ("等上级", (Condition("next_due", "空"), Condition("state", "在", WITH_UPPER))),
    ("等信访人", (Condition("next_due", "空"), Condition("archive_no", "空"), Condition("delivered_on", "不空"), Condition("state", "在", _ANSWERED))),
    ("办结", (Condition("closed_on", "不空"),)),
    ("全部", ()),
)
_CHILDREN = (("petition_step", "办理过程", ("done_on", "progress", "by")),
             ("petition_review", "复查复核", ("level", "asked_on", "organ", "due_on", "done_on", "result", "opinion_no")))  # fmt: skip


class CasesPage(MasterPage):
    """Cases at the left, the most urgent first; the chosen one with its clocks and what may be done next at the right."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "petition")
        self._handler, self._letter = "", ""  # of the case that is shown: who handles it, the letter it is at
        self.filter = QComboBox()
        self.filter.setObjectName("petition.filter")
        self.filter.setAccessibleName("看哪些件")
        self.filter.addItems([words for words, _ in FILTERS])
        self.filter.currentIndexChanged.connect(self._narrow)
        new = button("登记信访件", "add", look="primary", name="petition.new-case", key="Ctrl+N", on=self.open_new)
        new.setEnabled(self.acting.allowed("accept", "petition"))
        master = MasterList(access, self._ask(), ("petitioner", "days_left", "state"), name="petition.cases",
                            widths={"petitioner": 84}, above=(stack(row((self.filter, 1), new)),), sizes=(250, 830))  # fmt: skip
        empty = EmptyState("letter", "还没有信访件", "收到来信、来访或转来的件就登记，程序按条例算出每一步的期限。", ("登记信访件", self.open_new))
        self.begin(master, self._sheet(), empty, self._read, self._show, picked=self.hanging.show_of)

    def _narrow(self, _index: int) -> None:
        self.master.show_ask(self._ask())

    def _ask(self) -> Ask:
        return Ask(register("petition"), FILTERS[self.filter.currentIndex()][1], sort=_BY_CLOCK)

    def _read(self, session: Session, row_id: str) -> CaseSheet | None:
        return petition.sheet(session, row_id, self.access.clerk.on)

    def _sheet(self) -> QWidget:
        self._title = label("", "title", wrap=True)
        self._state, self._days = Chip(""), Chip("")
        self._summary = label("", "", wrap=True)
        self._facts = label("", "muted", wrap=True)
        self._doubts = label("", "error", wrap=True)
        card = Card()
        card.body.addLayout(row((self._title, 1), *((chip, 0, Qt.AlignmentFlag.AlignTop) for chip in (self._days, self._state))))
        for one in (self._summary, self._facts, self._doubts):
            card.body.addWidget(one)
        self._row = WrapRow()
        card.body.addLayout(self._row)
        self.clocks = TextTable([Column("期限", 15), Column("起算", 10), Column("到期", 10), Column("办理", 10), Column("情况", 9, chip=True),
                                 Column("条例", 8)], name="petition.clocks")  # fmt: skip
        self.hanging = ChildTabs(self.access, _CHILDREN, "petition", name="petition", bar="petition.case-tabs")
        self.tables = self.hanging.tables
        return stack(card, self.clocks, (self.hanging, 1))

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def show_what(self, id: str = "", only: str = "") -> None:
        """Show a case, or one of the FILTERS by its words."""
        if only:
            self.filter.setCurrentText(only)
        super().show_what(id)

    def open_new(self) -> None:
        """An empty form for a case in a window of its own; once saved the case is shown with what is to be done."""
        RecordDialog.begin(self.access, register("petition"), self.shell, {}, self.master.pick)

    def act(self, name: str) -> None:
        """One of the steps, for this case."""
        if not self.master.shown:
            return
        if name == "print":
            print_records(self.access, self.shell, "petition", [self.master.shown], form=self._letter)
        elif name == "edit":
            self.shell.show_page("petition", tab="petition", id=self.master.shown)
        else:
            preset = {"handler": self._handler or self.access.clerk.name} if name == "accept" else {}
            self.acting.ask(name, "petition", [self.master.shown], yes=find_action(name, "petition").label, preset=preset)

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _show(self, found: CaseSheet | None) -> None:
        if found is None:
            return
        shown = found.shown
        self._handler, self._letter = shown["handler"], _letter(shown)
        self._title.setText(f"{shown['petitioner']} · {shown['number']}")
        self._state.set_text(found.state, chip_kind(found.state))
        self._days.setVisible(bool(found.days))
        self._days.set_text(found.days, found.kind)
        self._summary.setText(shown["summary"] + (f"\n结论：{shown['opinion']}　{shown['opinion_text']}" if shown["opinion"] else ""))
        people = "　".join(f"{words} {shown[name]}" for words, name in (("首办", "first_handler"), ("经办", "handler"), ("包案", "leader")) if shown[name])
        where = "　".join(filter(None, (f"{shown['received_on']} {shown['channel']}", shown["source"], shown["purpose"], shown["category"],
                                       f"{shown['persons']} 人", shown["place"] + shown["address"])))  # fmt: skip
        first = "原件" if shown["channel"] == Channel.REOPENED.label else "重复件，首件"
        ways = "　".join(f"{words} {shown[name]}" for words, name in (("管辖", "jurisdiction"), ("去向或理由", "judged_reason"), ("意见书", "opinion_no"),
                                                                   (first, "repeat_of"), ("并入", "joined_to"), ("满意度", "satisfaction"))
                         if shown[name])  # fmt: skip
        self._facts.setText("\n".join(filter(None, (where, people, ways, f"重新办理 {found.anew}" if found.anew else ""))))
        self._doubts.setText("要注意：" + "；".join(found.doubts))
        self._doubts.setVisible(bool(found.doubts))
        self.clocks.set_rows([Row(str(n), (one.label, one.start, one.due, one.done or "—", one.words, one.article), one.kind)
                              for n, one in enumerate(found.terms)])  # fmt: skip
        self.clocks.show_whole(4)
        self.clocks.scrollToBottom()  # what runs now stands last
        self._offer(found.steps)

    def _offer(self, steps: tuple[str, ...]) -> None:
        """The lawful steps: the most needed one first, the rest under 更多."""
        clear(self._row)
        may = [name for name in steps if self.acting.allowed(name, "petition")]
        for n, name in enumerate(may[:_DIRECT]):
            self._row.addWidget(button(find_action(name, "petition").label + "…", look="primary" if n == 0 else "", name=f"petition.{name}",
                                       on=partial(self.act, name)))  # fmt: skip
        if may[_DIRECT:]:
            self._row.addWidget(self._more(may[_DIRECT:]))
        self._row.addWidget(button("打印文书…", "print", name="petition.print-letters", tip="告知书、意见书、送达回证等", on=partial(self.act, "print")))
        self._row.addWidget(button("修改…", "edit", look="flat", name="petition.edit", on=partial(self.act, "edit")))

    def _more(self, names: list[str]) -> QPushButton:
        more = button("更多办理", name="petition.more")
        menu = QMenu(more)
        for name in names:
            menu.addAction(find_action(name, "petition").label + "…").triggered.connect(lambda _on=False, name=name: self.act(name))
        more.setMenu(menu)
        return more


def _letter(shown: Mapping[str, str]) -> str:
    """The letter that a case is at: the answer once there is one, else what its petitioner is told of it."""
    if shown["opinion"] or shown["channel"] == Channel.REOPENED.label:
        return "petition_opinion"
    if shown["extension_days"]:
        return "petition_extend"
    return {"不予受理": "petition_refuse", "转送": "petition_transfer", "交办": "petition_transfer"}.get(shown["jurisdiction"], "petition_accept")


class RatesPage(QWidget):
    """The rates of a year: what was counted by which way, each number opening its cases."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "petition-rates")
        self.access, self.shell = access, shell
        self.year = QComboBox()
        self.year.setObjectName("petition.year")
        self.year.setAccessibleName("年度")
        now = int(access.clerk.on[:4])
        self.year.addItems([f"{one} 年" for one in range(now, now - 10, -1)])
        self.year.currentIndexChanged.connect(lambda _index: self.reload(None))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("信访办理情况", "title"))
        head.addWidget(self.year)
        head.addStretch(1)
        head.addWidget(button("口径在设置里改", look="flat", name="petition.settings", on=lambda: shell.show_page("settings")))
        self._numbers = Card()
        self._line = QHBoxLayout()
        self._line.setSpacing(28)
        self._numbers.body.addLayout(self._line)
        self._card = Card()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(9)
        self._grid.setColumnStretch(4, 1)
        self._card.body.addLayout(self._grid)
        self._note = label("", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addLayout(head)
        for one in (self._numbers, self._card, self._note):
            column.addWidget(one)
        column.addStretch(1)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Count anew."""
        year, on = int(self.year.currentText()[:4]), self.access.clerk.on
        self.access.look(partial(_year, year=year, on=on), self._show)

    def _show(self, found: tuple[YearWork, dict[str, str]]) -> None:
        work, numbers = found
        clear(self._line)
        for words, what in (("登记", work.received), ("办结", work.closed)):
            self._line.addWidget(self._number(f"{words} {len(what)} 件", what, numbers, f"petition.{'received' if words == '登记' else 'closed'}"))
        for words in (f"上年 {work.before} 件，同比 {work.change}", f"解决诉求 {work.solved} 起（支持、调解、息诉的信访件和化解的纠纷，转为信访件的只算一次）",
                      work.streak_words):  # fmt: skip
            self._line.addWidget(label(words, wrap=True))
        self._line.addStretch(1)
        clear(self._grid)
        for n, words in enumerate(("指标", "结果", "分子", "分母", "怎样算")):
            self._grid.addWidget(label(words, "muted"), 0, n)
        for n, rate in enumerate(work.rates, 1):
            self._add(n, rate, numbers)
        unseen = "" if self.access.clerk.role in ("head", "party") else "检举控告件只有负责人、党务看得见，这里没有计入。"
        self._note.setText("　".join(filter(None, (f"截至 {work.on}；期限还没有届满的件不计入。没有应计的件时显示“—”。", work.doubt, unseen))))

    def _add(self, n: int, rate: Rate, numbers: dict[str, str]) -> None:
        percent = label(rate.percent(), "heading")
        percent.setObjectName(f"rate.{rate.code}")
        cells = (label(rate.label), percent, self._number(str(len(rate.part)), rate.part, numbers, f"rate.{rate.code}.part"),
                 self._number(str(len(rate.whole)), rate.whole, numbers, f"rate.{rate.code}.whole"), label(rate.formula, "muted", wrap=True))  # fmt: skip
        for column, one in enumerate(cells):
            self._grid.addWidget(one, n, column)

    def _number(self, text: str, ids: tuple[str, ...], numbers: dict[str, str], name: str) -> NumberLink:
        made = NumberLink(text, tip="看这些件", on=partial(self.open_cases, [numbers[one] for one in ids]))
        made.setObjectName(name)
        made.setEnabled(bool(ids))
        return made

    def open_cases(self, numbers: list[str]) -> None:
        """The rows behind a number."""
        open_rows(self.shell, Ask(register("petition"), (Condition("number", "在", tuple(numbers)),)))


def _year(session: Session, year: int, on: str) -> tuple[YearWork, dict[str, str]]:
    work = petition.year_work(session, year, on)
    ids = {one for rate in work.rates for one in rate.whole} | {*work.received, *work.closed}
    return work, key_of(session, register("petition"), sorted(ids))


def petition_section(access: Access, shell: Shell) -> Section:
    """信访."""
    tabs = [Tab("cases", "信访件", lambda: CasesPage(access, shell)), Tab("rates", "办理情况", lambda: RatesPage(access, shell)),
            register_tab(access, shell, "petition", "信访台账"), register_tab(access, shell, "petition_step"),
            register_tab(access, shell, "petition_review")]  # fmt: skip
    return Section("petition", tabs)

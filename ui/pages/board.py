"""项目看板: support projects as cards in the columns of their stages; what is late, and totals by category, year, place and fund."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from relocdesk.field import Value
from relocdesk.queries import works
from relocdesk.queries.rows import Ask, Condition
from relocdesk.queries.works import Card as Project
from relocdesk.records import register
from relocdesk.records.fund import Fund
from relocdesk.records.works import WorkCategory
from relocdesk.rules.money import percent, show_yuan, wan
from ui.access import Access, Session
from ui.click_card import ClickCard
from ui.pages.master_list import page_look
from ui.pages.section import open_record, open_rows
from ui.parts import Chip, EmptyState, StateSentence, button, clear, label, set_look
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

MOST = 60  # cards of one column; the rows show the others
ALL = "全部年度"
LATE = "滞后"
BY: tuple[tuple[str, str, Callable[[Project], str]], ...] = (
    ("category", "按类型", works.category_of),
    ("year", "按年度", lambda card: f"{card.year}"),
    ("place", "按村", lambda card: " ".join(card.place.split(" ")[:2])),
    ("stage", "按阶段", lambda card: card.stage_label),
)


class ProjectCard(ClickCard):
    """One project: its name, what was paid of its money, how late it is."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.setObjectName(f"board.card.{project.code}")
        self.setAccessibleName(f"{project.name} {project.stage_label} {project.why}")
        self.outer.setContentsMargins(10, 8, 10, 8)
        self.body.setSpacing(4)
        self.body.addWidget(label(project.name, wrap=True))
        self.body.addWidget(label(f"{project.code} · {project.year}", "small"))
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, 1000)
        bar.setValue(min(1000, project.paid * 1000 // project.total) if project.total > 0 else 0)
        set_look(bar, kind="good" if project.total and project.paid >= project.total else "")
        self.body.addWidget(bar)
        told = f"已付 {wan(project.paid)}/{wan(project.total)} 万" if project.total else "资金还没有落实"
        self.body.addWidget(label(told, "small", wrap=True))
        if project.late:
            self.body.addWidget(Chip(f"晚 {project.days} 天", "warn"))
        why = project.why or f"{project.stage_label} {project.stage_on}"
        self.setToolTip(f"{project.name}\n{project.place}\n{why}\n资金合计 {show_yuan(project.total)} 元，已付 {show_yuan(project.paid)} 元（{project.share}）")


class BoardPage(QWidget):
    """The board. `show_what(year=…)` shows one year."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "board")
        self.access, self.shell = access, shell
        self.year = 0
        self.found: list[Project] = []
        self._asked = 0
        self.years = QComboBox()
        self.years.setObjectName("board.year")
        self.years.setAccessibleName("计划年度")
        self.years.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.years.activated.connect(lambda _n: self.show_year(int(self.years.currentData() or 0)))
        self.sentence = StateSentence()
        self.sentence.setWordWrap(True)
        self.sentence.chosen.connect(self._number)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("项目看板", "title"))
        head.addWidget(self.years)
        head.addStretch(1)
        more = button("导入项目台账", "import", name="board.import", on=lambda: self.shell.show_page("import", register="support_project"))
        new = button("新增项目", "add", look="primary", name="board.new", on=lambda: self.shell.show_page("works", tab="support_project", new=True))
        for made in (more, new):
            made.setEnabled(self.access.may_add("support_project"))
            head.addWidget(made)
        self._columns = QHBoxLayout()
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(8)
        inside = QWidget()
        inside.setProperty("look", "page")
        inside.setLayout(self._columns)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        self.empty = EmptyState("flag", "还没有后扶项目", "从规划项目立项，或导入原来的项目台账，项目就按阶段排在这里。",
                                ("导入项目台账", lambda: self.shell.show_page("import", register="support_project")))  # fmt: skip
        self.empty.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.sentence)
        column.addWidget(self.area, 1)
        column.addWidget(self.empty, 1)
        self.setFocusProxy(self.years)
        self.reload(None)

    def show_what(self, year: int = 0) -> None:
        """Show one plan year."""
        self.show_year(year)

    def show_year(self, year: int) -> None:
        """The projects of a plan year, 0 for all."""
        self.year = year
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        self._asked += 1
        asked, on, year = self._asked, self.access.clerk.on, self.year

        def read(session: Session) -> tuple[list[int], list[Project]]:
            return works.years_of(session), works.cards(session, on, year)

        self.access.look(read, lambda found: self._show(*found) if asked == self._asked else None)

    def _show(self, years: Sequence[int], found: list[Project]) -> None:
        self.found = found
        self.years.clear()
        for year in (0, *years):
            self.years.addItem(f"{year} 年度" if year else ALL, year)
        self.years.setCurrentIndex(max(self.years.findData(self.year), 0))
        self.area.setVisible(bool(found))
        self.empty.setVisible(not found)
        self._say()
        clear(self._columns)
        for number, (words, _) in enumerate(works.COLUMNS):
            self._columns.addWidget(self._column(words, [one for one in found if one.column == number]), 1)

    def _say(self) -> None:
        sums = sum(works.totals_by(self.found, lambda _card: "").values(), works.WorkTotals())
        self.sentence.say((f"{sums.count}", "all"), " 个项目，开工 ", f"{sums.started}", " 个，完工 ", f"{sums.finished}", " 个，验收 ", f"{sums.accepted}",
                          " 个，滞后 ", (f"{sums.late}", "late", "warn" if sums.late else ""), " 个；资金合计 ", (show_yuan(sums.total), "fund_source"),
                          " 元，已付 ", (show_yuan(sums.paid), "project_payment"), f" 元（{percent(sums.paid, sums.total)}）")  # fmt: skip
        self.totals_changed.emit(f"{sums.count} 个项目 · 资金 {show_yuan(sums.total)} 元 · 已付 {show_yuan(sums.paid)} 元", "")

    def _column(self, words: str, cards: Sequence[Project]) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = label(f"{words}　{len(cards)}", "section")
        column.addWidget(head)
        for project in sorted(cards, key=lambda one: (-one.days, one.code))[:MOST]:
            card = ProjectCard(project)
            card.chosen.connect(partial(open_record, self.shell, "support_project", project.id))
            column.addWidget(card)
        if len(cards) > MOST:
            column.addWidget(label(f"还有 {len(cards) - MOST} 个，请看“后扶项目”台账", "small", wrap=True))
        column.addStretch(1)
        return made

    def _number(self, key: str) -> None:
        if key == "late":
            self.shell.show_page("works", tab="late")
            return
        year = (Condition("year", "=", self.year),) if self.year else ()
        name = "support_project" if key == "all" else key
        open_rows(self.shell, Ask(register(name), year if key == "all" else ()))


class LatePage(QWidget):
    """滞后和汇总: every late project with its reason, and the sums of a chosen grouping. A double click opens the rows."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "late")
        self.access, self.shell = access, shell
        self.found: list[Project] = []
        self.funds: dict[str, tuple[int, int, int]] = {}
        self._told = label("", "muted")
        self.table = TextTable((Column("项目代码", 14), Column("项目名称", 24), Column("年度", 6, right=True), Column("所处阶段", 10, chip=True),
                                Column("晚（天）", 8, right=True), Column("滞后事项和原因", 48)), name="late.rows")  # fmt: skip
        self.table.opened.connect(partial(open_record, self.shell, "support_project"))
        self.by = QComboBox()
        self.by.setObjectName("late.by")
        self.by.setAccessibleName("汇总口径")
        for key, words, _ in BY:
            self.by.addItem(words, key)
        self.by.addItem("按资金", "fund")
        self.by.activated.connect(lambda _n: self._sum_up())
        self.sums = TextTable((Column("分组", 18), Column("项目", 8, right=True), Column("开工", 8, right=True), Column("完工", 8, right=True),
                               Column("验收", 8, right=True), Column("滞后", 8, right=True), Column("批复投资（元）", 16, right=True),
                               Column("资金合计（元）", 16, right=True), Column("已支付（元）", 16, right=True), Column("支付率", 8, right=True)),
                              name="late.sums")  # fmt: skip
        self.sums.opened.connect(self._open_group)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("汇总", "heading"))
        head.addWidget(self.by)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(8)
        column.addWidget(label("滞后的项目", "heading"))
        column.addWidget(self._told)
        column.addWidget(self.table, 3)
        column.addLayout(head)
        column.addWidget(self.sums, 2)
        self.setFocusProxy(self.table)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        on = self.access.clerk.on
        self.access.look(lambda session: (works.cards(session, on), works.totals_by_fund(session, on)), lambda found: self._show(*found))

    def _show(self, found: list[Project], funds: dict[str, tuple[int, int, int]]) -> None:
        self.found, self.funds = found, funds
        late = sorted((one for one in found if one.late), key=lambda one: -one.days)
        self._told.setText(f"{len(late)} 个项目滞后；原因写在那个阶段的“滞后原因”或项目的“存在问题”里。双击打开项目。" if late else "没有滞后的项目。")
        self.table.set_rows([Row(one.id, (one.code, one.name, str(one.year), one.stage_label, str(one.days), one.why)) for one in late])
        self._sum_up()
        self.totals_changed.emit(f"{len(found)} 个项目，{len(late)} 个滞后", "")

    def _sum_up(self) -> None:
        key = str(self.by.currentData())
        if key == "fund":
            self.sums.set_rows([Row(fund, (Fund(fund).label, str(count), "", "", "", "", "", show_yuan(total), show_yuan(paid), percent(paid, total)))
                                for fund, (count, total, paid) in self.funds.items()])  # fmt: skip
            return
        name = next(make for one, _, make in BY if one == key)
        found = works.totals_by(self.found, name)
        self.sums.set_rows([_sum_row(words, one) for words, one in found.items()] + [_sum_row("合计", sum(found.values(), works.WorkTotals()))])

    def _open_group(self, words: str) -> None:
        key = str(self.by.currentData())
        if key == "fund":
            open_rows(self.shell, Ask(register("fund_source"), (Condition("fund", "=", words),)))
            return
        value: Value = words
        if words == "合计":
            open_rows(self.shell, Ask(register("support_project")))
        elif key == "place":
            where = next((one.place for one in self.found if " ".join(one.place.split(" ")[:2]) == words), "")
            open_rows(self.shell, Ask(register("support_project"), place=self.access.places().resolve(" ".join(where.split(" ")[:2]))))
        else:
            value = int(words) if key == "year" else next(one.value for one in WorkCategory if one.label == words) if key == "category" else words
            open_rows(self.shell, Ask(register("support_project"), (Condition(key, "=", value),)))


def _sum_row(words: str, one: works.WorkTotals) -> Row:
    counts = (one.count, one.started, one.finished, one.accepted, one.late)
    money = (one.estimate, one.total, one.paid)
    return Row(words, (words, *map(str, counts), *map(show_yuan, money), percent(one.paid, one.total)))

"""规划版次: the items of a five-year plan through its versions side by side, what changed, and the project each became."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from relocdesk.queries import works
from relocdesk.queries.rows import Ask, Condition
from relocdesk.queries.works import PlanLine
from relocdesk.records import register
from relocdesk.records.works import Plan, PlanVersion
from relocdesk.rules.money import show_yuan
from ui.access import Access
from ui.acting import Acting
from ui.pages.master_list import lay_out, page_look
from ui.pages.section import open_record, open_rows
from ui.parts import EmptyState, StateSentence, button, label, row
from ui.shell import Shell
from ui.texts import Column, Row, TextTable


class PlanPage(QWidget):
    """One plan at a time; a double click opens the project, or the item that has none yet."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "plan")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self.lines: dict[str, PlanLine] = {}
        self.plan = QComboBox()
        self.plan.setObjectName("plan.plan")
        self.plan.setAccessibleName("规划")
        for one in Plan:
            self.plan.addItem(one.label, one.value)
        self.plan.setCurrentIndex(self.plan.findData(Plan.P14.value))
        self.plan.activated.connect(lambda _n: self.reload(None))
        self.copy = button("生成新版次…", "copy", name="plan.copy", tip="把现有版次逐项接续成中期评估或修编", on=self.copy_version)
        self.start = button("立项…", "add", look="primary", name="plan.start", tip="把选中的规划项目立成后扶项目", on=self.start_project)
        self.sentence = StateSentence()
        self.sentence.setWordWrap(True)
        self.sentence.chosen.connect(self._open_version)
        columns = [Column(f"{version.label}（年度 · 元）", 20, right=True) for version in PlanVersion]
        self.table = TextTable((Column("规划编号", 12), Column("项目名称", 26), *columns, Column("变化", 22), Column("项目代码", 14)), name="plan.rows")
        self.table.opened.connect(self._open)
        self.table.chosen.connect(lambda _key: self._enable())
        self.empty = EmptyState("flag", "这个规划还没有项目", "导入规划项目表，或逐条登记。",
                                ("导入规划项目", lambda: self.shell.show_page("import", register="plan_item")))  # fmt: skip
        self.empty.hide()
        head = row(label("规划版次", "title"), self.plan, 1, self.copy, self.start)
        lay_out(self, head, self.sentence, (self.table, 1), (self.empty, 1))
        self.setFocusProxy(self.table)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Read the versions anew."""
        plan = str(self.plan.currentData())
        self.access.look(lambda session: works.plan_lines(session, plan), lambda found: self._show(*found))

    def copy_version(self) -> None:
        """Goes on from a version to a later one."""
        self.acting.ask("copy-version", "", [], yes="生成新版次", hint="原来的版次不动；新版次逐项接续，再按批复增减、修改。",
                        preset={"plan": str(self.plan.currentData()), "source": "original", "target": "midterm"})  # fmt: skip

    def start_project(self) -> None:
        """A project from the chosen item."""
        if self.table.current_key():
            self.acting.ask("start-project", "plan_item", [self.table.current_key()], yes="立项")

    def _show(self, versions: Sequence[str], lines: Sequence[PlanLine]) -> None:
        self.lines = {line.id: line for line in lines}
        self.table.set_rows([_row(line) for line in lines])
        for number, one in enumerate(PlanVersion):
            self.table.setColumnHidden(2 + number, one.value not in versions)
        self.table.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        pieces: list[str | tuple[str, str]] = []
        for version in versions:
            found = [at for line in lines if (at := line.at(version)) is not None]
            pieces += [f"{PlanVersion(version).label} ", (f"{len(found)}", version), f" 项，投资 {show_yuan(sum(one[1] for one in found))} 元，其中上级资金 "
                       f"{show_yuan(sum(one[2] for one in found))} 元；"]  # fmt: skip
        started = sum(1 for line in lines if line.project)
        self.sentence.say(*pieces, f"已立项 {started} 项" if lines else "")
        self.totals_changed.emit(f"{len(lines)} 项，已立项 {started} 项", "")
        self._enable()

    def _enable(self) -> None:
        line = self.lines.get(self.table.current_key())
        self.start.setEnabled(line is not None and not line.project and self.acting.allowed("start-project", "plan_item"))
        self.copy.setEnabled(bool(self.lines) and self.acting.allowed("copy-version", ""))

    def _open(self, key: str) -> None:
        line = self.lines[key]
        open_record(self.shell, *(("support_project", line.project) if line.project else ("plan_item", key)))

    def _open_version(self, version: str) -> None:
        open_rows(self.shell, Ask(register("plan_item"), (Condition("plan", "=", str(self.plan.currentData())), Condition("version", "=", version))))


def _row(line: PlanLine) -> Row:
    cells = [line.number, line.name]
    for version in PlanVersion:
        found = line.at(version.value)
        cells.append(f"{found[0]} · {show_yuan(found[1])}" if found else "")
    return Row(line.id, (*cells, line.moved, line.project_code))



"""Importing a workbook in steps: 选文件 → 认表头 → 对列 → 看结果 → 入账. Nothing is written before the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from relocdesk import entry
from relocdesk.actions.action import Arg
from relocdesk.clerk import Clerk
from relocdesk.entry import OVERRULABLE
from relocdesk.field import Field, Register
from relocdesk.job import Tick
from relocdesk.queries.rows import Ask, key_of
from relocdesk.records import REGISTERS, register
from ui import icons, say
from ui.access import Access, Session
from ui.asking import Answers, Asking, ask_reason
from ui.form import editable
from ui.import_reading import Reading, Shown, read_file
from ui.import_view import HeadDelegate, ShownModel, plain_cell, put, shown_table
from ui.parts import Card, ElidedLabel, StepList, button, label, set_look
from ui.shell import Shell
from ui.staging import dropped_file

if TYPE_CHECKING:
    from relocdesk.excel.plan import Plan
    from relocdesk.excel.sheet import Sheet

STEPS = ("选文件", "认表头", "对列", "看结果", "入账")
LEAVE_OUT = "（不导入）"
KINDS = "表格 (*.xlsx *.xls *.csv *.et)"


class ImportPage(QWidget):
    """The page. `show_what(register=…, path=…)` begins with a register, or reads a file at once."""

    applied = Signal(str)  # id of the import batch

    def __init__(self, access: Access, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page.import")
        self.setProperty("look", "page")
        self.setAcceptDrops(True)
        self.access, self.shell = access, shell
        self.path: Path | None = None
        self.reading: Reading | None = None
        self.batch = ""
        self._accept: dict[str, str] = {}
        self._mapping: dict[str, str] | None = None
        self._defaults: dict[str, str] = {}
        self._given: dict[str, str] = {}  # the same, asked for this file
        self._boxes: dict[str, QComboBox] = {}
        self._asked = 0
        self._busy = False  # being read anew, or being written: what stands in sight must not be taken in (again)
        self._build()
        self._go(0)

    # --- what the window uses ----------------------------------------------------------------------------------------

    def show_what(self, register: str = "", path: str | Path = "", defaults: Mapping[str, str] | None = None) -> None:
        """Choose the register; with a path read it at once. `defaults` are texts for fields that the workbook has no column for."""
        self._defaults = dict(defaults or {})
        if register:
            at = self.register_box.findData(register)
            if at >= 0:
                self.register_box.setCurrentIndex(at)
                self._restart()
        if path:
            self.open_file(Path(path))

    def open_file(self, path: Path) -> None:
        """Read and judge a workbook in the background."""
        self.path = path
        self._mapping = None
        self._accept, self._given = {}, {}
        self.sheet_box.clear()
        self._read(lambda: self._go(1 if self.reading and self.reading.plan is None else 3))

    @property
    def reg(self) -> Register:
        """The register imported into."""
        return register(self.register_box.currentData())

    @property
    def plan(self) -> Plan | None:
        """What the file would do, or None."""
        return self.reading.plan if self.reading else None

    # --- building ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.steps = StepList(STEPS)
        self.steps.setFixedWidth(148)
        self.steps.chosen.connect(self._go)
        self.told = label("", "muted", wrap=True)
        self._stack = QStackedWidget()
        for made in (self._file_step(), self._sheet_step(), self._column_step(), self._result_step(), self._done_step()):
            self._stack.addWidget(made)
        self._back = button("上一步", "back", name="import.back", on=lambda: self._go(self.steps.now - 1))
        self._next = button("下一步", look="primary", name="import.next", on=self._go_on)
        self._problems = button("导出问题表", "export", name="import.problems", tip="把有问题的行存成原样的表，改好再导入", on=self.save_problems)
        self._overrule = button("放行…", name="import.overrule", tip="写明理由，照原样登记", on=self._ask_overrule)
        self._complete = button("补填缺的栏目…", "edit", look="primary", name="import.complete", tip="表里没有的必填栏目，各行都按同一个内容登记",
                                on=self._ask_missing)  # fmt: skip
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.told, 1)
        for one in (self._complete, self._overrule, self._problems, self._back, self._next):
            foot.addWidget(one)
        card = Card()
        card.body.addWidget(self._stack, 1)
        card.body.addLayout(foot)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self.steps)
        body.addWidget(card, 1)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 12, 16, 12)
        page.setSpacing(12)
        page.addWidget(label("导入", "title"))
        page.addLayout(body, 1)

    def _file_step(self) -> QWidget:
        self.register_box = QComboBox()
        self.register_box.setObjectName("import.register")
        for reg in REGISTERS:
            if entry.may_add(self.access.clerk, reg) and any(editable(f) for f in reg) and (reg.group or reg.parent):
                self.register_box.addItem(reg.label, reg.name)
        self.register_box.setCurrentIndex(max(0, self.register_box.findData("household")))
        self.register_box.activated.connect(lambda _n: self._restart())
        self.create_places = QCheckBox("表里有新的村民小组时，在已有的村下面建立")
        self.erase_empty = QCheckBox("表里空着的格子，把台账里原来的内容清空")
        self.drop = QFrame()
        self.drop.setProperty("look", "card")
        inside = QVBoxLayout(self.drop)
        inside.setContentsMargins(16, 28, 16, 28)
        inside.addWidget(label("把 Excel 文件拖到这里，或者", "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(button("选择文件…", "open", look="primary", name="import.pick", key="Ctrl+O", on=self.pick), 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(label("xlsx、xls、csv、et；合并的表头、小计行、乡镇村组分列都认得", "small"), 0, Qt.AlignmentFlag.AlignHCenter)
        top = QHBoxLayout()
        top.addWidget(label("导入到"))
        top.addWidget(self.register_box)
        top.addWidget(button("导出空白模板", "table", look="flat", name="import.template", on=self.save_template))
        top.addStretch(1)
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.drop)
        column.addWidget(self.create_places)
        column.addWidget(self.erase_empty)
        column.addStretch(1)
        return made

    def _sheet_step(self) -> QWidget:
        self.sheet_box = QComboBox()
        self.sheet_box.setObjectName("import.sheet")
        self.sheet_box.activated.connect(lambda _n: self._other_sheet())
        self.sheet_told = label("", "muted", wrap=True)
        self.sheet_view = shown_table("import.sheet_view")
        self.sheet_view.setAlternatingRowColors(False)
        self.sheet_view.setItemDelegate(HeadDelegate(self.sheet_view))
        top = QHBoxLayout()
        top.addWidget(label("工作表"))
        top.addWidget(self.sheet_box)
        top.addWidget(self.sheet_told, 1)
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.sheet_view, 1)
        return made

    def _column_step(self) -> QWidget:
        self._columns = QScrollArea()
        self._columns.setWidgetResizable(True)
        self._columns.setFrameShape(QFrame.Shape.NoFrame)
        return self._columns

    def _result_step(self) -> QWidget:
        self.tabs = QTabWidget()
        self.tabs.setObjectName("import.tabs")
        self.tabs.currentChanged.connect(lambda _n: self._tell_row())
        self.row_told = label("", "muted", wrap=True)
        self.row_told.setObjectName("import.row_told")
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.row_told)
        return made

    def _tell_row(self) -> None:
        """The whole sentence of the chosen problem below the table, where it is cut in its cell."""
        view = self.tabs.currentWidget()
        if not isinstance(view, QTableView):
            return
        row = max(view.currentIndex().row(), 0)
        told = view.objectName().endswith(("有问题", "提醒")) and view.model().rowCount() > 0
        last = view.model().columnCount() - 1
        self.row_told.setText("　".join(str(view.model().index(row, column).data() or "") for column in (0, last)) if told else "")

    def _done_step(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        sign = label("")
        sign.setPixmap(icons.icon("good", "good").pixmap(40, 40))
        self.done_told = label("", "heading", wrap=True)
        self._withdraw = button("撤回本次导入", "undo", name="import.withdraw", on=self.withdraw)
        self._see = button("看台账", "table", look="primary", name="import.see", on=self.see)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._see)
        row.addWidget(button("再导入一个", "import", name="import.again", on=self._restart))
        row.addWidget(self._withdraw)
        row.addStretch(1)
        column.addStretch(1)
        column.addWidget(sign, 0, Qt.AlignmentFlag.AlignHCenter)
        self.done_told.setAlignment(Qt.AlignmentFlag.AlignHCenter)  # an aligned widget that wraps would be too low for its words
        column.addWidget(self.done_told)
        column.addLayout(row)
        column.addStretch(2)
        return made

    # --- moving between steps ----------------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        if step > 0 and self.reading is None:
            step = 0
        self.steps.set_now(step)
        self._stack.setCurrentIndex(step)
        plan = self.plan
        count = plan.count if plan else 0
        self._back.setVisible(0 < step < 4)
        self._next.setVisible((step == 0 and self.reading is not None) or step in (1, 2) or (step == 3 and plan is not None))
        self._next.setText(f"入账 {count:,} 条" if step == 3 else "下一步")
        self._next.setEnabled(not self._busy and (not step or (plan is not None and (step < 3 or count > 0))))
        self._problems.setVisible(step == 3 and plan is not None and bool(plan.problems))
        self._overrule.setVisible(step == 3 and plan is not None and any(one.code in OVERRULABLE for one in plan.problems))
        self._complete.setVisible(step in (2, 3) and bool(self._missing()))
        self.told.setText(self._sentence() if step else "")

    def _go_on(self) -> None:
        if self.steps.now == 3:
            self.apply()
        else:
            self._go(self.steps.now + 1)

    def _sentence(self) -> str:
        if self.reading is None or self.path is None:
            return ""
        if self.plan is None:
            return str(self.reading.trouble or "")
        plan = self.plan
        counts = f"新增 {len(plan.new):,}，变更 {len(plan.changed):,}，相同 {len(plan.same):,}，有问题 {len(plan.problem_rows):,}"
        hidden = f"；含隐藏行 {plan.hidden_rows}" if plan.hidden_rows else ""
        missing = "”“".join(f.label for f in self._missing())
        return f"{self.path.name} · {plan.sheet} → {plan.register.label}：{counts}{hidden}" + (f"。表里没有“{missing}”一栏" if missing else "")

    def _restart(self) -> None:
        self.path, self.reading, self._mapping, self._accept, self._given, self.batch = None, None, None, {}, {}, ""
        self._asked += 1
        self._busy = False
        self._go(0)

    # --- reading -----------------------------------------------------------------------------------------------------

    def pick(self) -> None:
        """Choose a file and read it."""
        path = say.pick_open("选择要导入的表格", KINDS, parent=self)
        if path is not None:
            self.open_file(path)

    def _read(self, then: Callable[[], object]) -> None:
        path, reg, clerk, mapping, accept = self.path, self.reg, self.access.clerk, self._mapping, dict(self._accept)
        assert path is not None
        defaults = self._defaults | self._given
        sheet, places, erase = self.sheet_box.currentText(), self.create_places.isChecked(), self.erase_empty.isChecked()

        def job(tick: Tick) -> Reading:
            return read_file(self.access, clerk, reg, path, tick, sheet=sheet, mapping=mapping, accept=accept, create_places=places, erase_empty=erase,
                             defaults=defaults)  # fmt: skip

        self._asked += 1
        asked, self._busy = self._asked, True
        self._next.setEnabled(False)

        def done(found: Reading) -> None:
            if asked != self._asked:  # another file, or the same one by other columns, is being read by now
                return
            self.reading, self._busy = found, False
            self._show_sheet()
            self._show_columns()
            self._show_result()
            then()

        work = self.shell.start_job(f"读取 {path.name}", job, done)
        work.ended.connect(lambda _outcome: self._restart() if work.state != "done" and asked == self._asked else None)

    def _other_sheet(self) -> None:
        self._mapping = None
        self._read(lambda: self._go(1))

    def _show_sheet(self) -> None:
        reading, plan = self.reading, self.plan
        assert reading is not None
        wanted = plan.sheet if plan else self.sheet_box.currentText()
        self.sheet_box.clear()
        self.sheet_box.addItems([one.name for one in reading.sheets])
        self.sheet_box.setCurrentIndex(max(0, self.sheet_box.findText(wanted)))
        sheet = reading.sheets[max(0, self.sheet_box.currentIndex())]
        from relocdesk.excel.sheet import column_letters  # noqa: PLC0415 -- slow import

        heads = tuple(column_letters(sheet.first_column + n) for n in range(sheet.width))
        lines = [tuple(plain_cell(cell) for cell in line) for line in sheet.cells[:300]]
        marked = range(plan.head.first, plan.head.last + 1) if plan else range(0)
        put(self.sheet_view, ShownModel(Shown(heads, lines, len(sheet.cells)), marked, self))
        fixed = [f"表里没有“{self.reg[name].label}”一栏的，各行按“{text}”登记" for name, text in (self._defaults | self._given).items()] if plan else []
        notes = "；".join([*fixed, *plan.notes]) if plan else str(reading.trouble or "")
        self.sheet_told.setText(f"黄色的是认出的表头（第 {plan.header_row} 行起）。{notes}" if plan else notes)
        set_look(self.sheet_told, look="muted" if plan else "error")

    def _show_columns(self) -> None:
        plan = self.plan
        self._boxes = {}
        inside = QWidget()
        inside.setProperty("look", "inside")
        form = QGridLayout(inside)
        form.setContentsMargins(0, 0, 12, 0)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(6)
        for column, text in enumerate(("表里的列", "头三个值", "对应的栏目")):
            form.addWidget(label(text, "section"), 0, column)
        form.setColumnStretch(1, 1)
        if plan is not None and self.reading is not None:
            sheet = next(one for one in self.reading.sheets if one.name == plan.sheet)
            for row, (title, name) in enumerate(plan.mapping.items(), 1):
                form.addWidget(label(title), row, 0)
                form.addWidget(ElidedLabel(self._samples(sheet, plan, title), "muted"), row, 1)
                form.addWidget(self._box(title, name), row, 2)
        form.setRowStretch(form.rowCount(), 1)
        self._columns.setWidget(inside)
        self._columns.viewport().setAutoFillBackground(False)

    @staticmethod
    def _samples(sheet: Sheet, plan: Plan, title: str) -> str:
        column = plan.head.titles.index(title)
        found = [text for line in sheet.cells[plan.head.last + 1 : plan.head.last + 40] if (text := plain_cell(line[column]))]
        return "、".join(text[:14] for text in found[:3])

    def _box(self, title: str, name: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"import.column.{title}")
        box.setMinimumWidth(200)
        box.addItem(LEAVE_OUT, "")
        for f in self.reg:
            box.addItem(f.title, f.name)
        box.setCurrentIndex(max(0, box.findData(name)))
        box.activated.connect(lambda _n: self._remap())
        self._boxes[title] = box
        return box

    def _remap(self) -> None:
        self._mapping = {title: str(box.currentData()) for title, box in self._boxes.items()}
        self._read(lambda: self._go(2))

    def _show_result(self) -> None:
        assert self.reading is not None
        at = self.tabs.currentIndex()
        while self.tabs.count():
            old = self.tabs.widget(0)
            self.tabs.removeTab(0)
            old.deleteLater()
        for name, shown in self.reading.tabs.items():
            if name == "提醒" and not shown.count:
                continue
            view = shown_table(f"import.tab.{name}")
            view.verticalHeader().hide()
            put(view, ShownModel(shown, parent=view))
            view.selectionModel().currentRowChanged.connect(lambda _now, _before: self._tell_row())
            told = f"{name} {shown.count:,}" + (f"（{shown.told}）" if shown.told else "")
            self.tabs.addTab(view, told)
        troubled = list(self.reading.tabs).index("有问题") if self.reading.tabs and self.reading.tabs["有问题"].count else 0
        self.tabs.setCurrentIndex(at if 0 <= at < self.tabs.count() and self._mapping else troubled)
        self._tell_row()

    # --- overruling, applying, taking back ---------------------------------------------------------------------------

    def _ask_overrule(self) -> None:
        if self.plan is not None:
            found = [one for one in self.plan.problems if one.code in OVERRULABLE]
            codes = sorted({one.code for one in found})
            ask_reason(f"照原样登记 {len(found)} 处，并记为放行", self.access, partial(self._overruled, codes), yes="放行",
                       label_="放行理由", hint="；".join(sorted({one.text for one in found})[:3]), parent=self)  # fmt: skip

    def _overruled(self, codes: list[str], reason: str) -> None:
        self._accept |= dict.fromkeys(codes, reason)
        self._read(lambda: self._go(3))

    def _missing(self) -> list[Field]:
        """Required fields that the sheet has no column for, so that rows were refused."""
        return self.plan.lacking if self.plan else []

    def _ask_missing(self) -> None:
        """What the sheet leaves to its title or its reader is asked for once and holds for every row."""
        args = [Arg(f.name, f.label, f.kind, required=True, choices=f.choices, to=f.to, words=f.words, help=f.help) for f in self._missing()]
        hint = "表里没有这几栏，各行都按同一个内容登记。表里其实有的，请在“对列”里选；各行不一样的，请在表里加上这一栏。"
        Asking("补填缺的栏目", args, self.access, yes="按这样登记", hint=hint, then=self._completed, parent=self).open()

    def _completed(self, values: Answers) -> None:
        def text(name: str) -> str:
            f, value = self.reg[name], str(values[name])
            return self.access.read(lambda session: key_of(session, register(f.to), [value])[value]) if f.to else f.plain(values[name])  # type: ignore[arg-type]

        self._given |= {name: text(name) for name in values}
        self._read(lambda: self._go(3))

    def apply(self) -> None:
        """Write the rows without problems, once, as one action."""
        plan = self.plan
        if plan is None or not self._next.isEnabled():
            return
        self._busy = True
        self._next.setEnabled(False)

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            from relocdesk.excel import plan as importing  # noqa: PLC0415 -- slow import

            return importing.apply(session, clerk, plan, tick)

        said = f"已导入{plan.register.label}：新增 {len(plan.new):,} 条，变更 {len(plan.changed):,} 条"
        work = self.access.do(self.shell, f"导入{plan.register.label}（{plan.path.name}）", job, source="import",
                              then=lambda batch: self._applied(batch, said), said=lambda _batch: said)  # fmt: skip
        asked = self._asked
        work.ended.connect(lambda _outcome: self._written() if asked == self._asked else None)

    def _written(self) -> None:
        self._busy = False
        if self.steps.now < 4:  # refused: it may be tried again
            self._go(self.steps.now)

    def _applied(self, batch: str, said: str) -> None:
        self.batch = batch
        left = len(self.plan.problem_rows) if self.plan else 0
        self.done_told.setText(f"{said}" + (f"；有问题的 {left:,} 行没有入账" if left else ""))
        self._withdraw.setVisible(bool(batch))
        self._see.setText(f"看{self.plan.register.label}" if self.plan else "看台账")
        self._go(4)
        self._problems.setVisible(bool(left))
        self.applied.emit(batch)

    def see(self) -> None:
        """Go to the rows of the register that was imported into."""
        from ui.pages.section import open_rows  # noqa: PLC0415 -- only when asked

        if self.plan is not None:
            open_rows(self.shell, Ask(self.plan.register))

    def withdraw(self) -> None:
        """Take the whole batch back while nothing depends on it."""
        batch = self.batch
        if not batch or not say.ask("撤回本次导入吗？", yes="撤回导入", no="保留", hint="这次新增的记录删除，改过的恢复原样。", parent=self):
            return

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            from relocdesk.undo import withdraw  # noqa: PLC0415 -- slow import

            return withdraw(session, clerk, batch, tick)

        self.access.do(self.shell, "撤回导入", job, then=lambda _said: self._restart())

    def save_problems(self) -> None:
        """Save the rows with problems as the same sheet with a column 问题."""
        plan = self.plan
        if plan is None:
            return
        path = say.pick_save("导出问题表", "Excel 工作簿 (*.xlsx)", f"{plan.path.stem}（问题）.xlsx", self)
        if path is not None:

            def job(tick: Tick) -> int:
                from relocdesk.excel.problem_sheet import problem_workbook  # noqa: PLC0415 -- slow import

                return problem_workbook(plan, path)

            self.shell.start_job("导出问题表", job, lambda count: self.shell.notice(f"已把 {count:,} 行存到 {path.name}，改好后再导入", "good"))

    def save_template(self) -> None:
        """Save an empty workbook with the titles of the register."""
        reg = self.reg
        path = say.pick_save("导出空白模板", "Excel 工作簿 (*.xlsx)", f"{reg.label}模板.xlsx", self)
        if path is not None:

            def job(tick: Tick) -> None:
                from relocdesk.excel.write import template  # noqa: PLC0415 -- slow import

                self.access.read(lambda session: template(reg, path, session))

            self.shell.start_job("导出空白模板", job, lambda _none: self.shell.notice(f"模板已存到 {path.name}", "good"))

    # --- dropping a file ---------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A spreadsheet may be dropped anywhere on the page."""
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read what was dropped."""
        path = dropped_file(event)
        if path is not None:
            self.open_file(path)

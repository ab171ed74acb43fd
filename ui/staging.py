"""Pasting a block from Excel: its columns are matched to fields, every row is judged, problems show with their cure.

Nothing is written until 入账; cells can be mended here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QHBoxLayout, QScrollArea, QTableView, QVBoxLayout, QWidget

from relocdesk import entry
from relocdesk.clerk import Clerk
from relocdesk.entry import Judgement
from relocdesk.excel.titles import candidates
from relocdesk.field import Field, Register, half_width
from relocdesk.job import Tick
from ui import theme
from ui.access import Access, Session, while_there
from ui.form import editable, only_project
from ui.grid import PROBLEM_ROLE, CellDelegate, Index
from ui.parts import button, label, table_look
from ui.shell import Shell

LEAVE_OUT = "（不导入）"
_NO_INDEX = QModelIndex()


@dataclass
class Block:
    """A pasted block: lines of equally many cells, and whether the first line holds titles."""

    lines: list[list[str]]
    headed: bool = False
    fields: list[Field | None] = field(default_factory=list)  # by column

    @property
    def body(self) -> list[list[str]]:
        """The lines below the titles."""
        return self.lines[1:] if self.headed else self.lines


def clipboard_block() -> list[list[str]]:
    """The tab-separated block on the clipboard as equally long lines; [] when there is none."""
    return parse_block(QApplication.clipboard().text())


def parse_block(text: str) -> list[list[str]]:
    """Lines of cells from tab-separated text as spreadsheets put it; quoted cells may hold line breaks.

    >>> parse_block('a\\tb\\r\\n"1\\n2"\\t3\\r\\n')
    [['a', 'b'], ['1\\n2', '3']]
    """
    lines = list(csv.reader(io.StringIO(text, newline=""), dialect="excel-tab"))
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    width = max((len(line) for line in lines), default=0)
    return [line + [""] * (width - len(line)) for line in lines]


def dropped_file(event: QDropEvent) -> Path | None:
    """The spreadsheet that is being dropped, or None: for windows that hand it to the page."""
    for url in event.mimeData().urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and path.suffix.lower() in (".xlsx", ".xls", ".csv", ".et"):
            return path
    return None


def match(reg: Register, lines: list[list[str]], shown: Sequence[Field]) -> Block:
    """The block with a field for each column: by its titles, else in the order of the columns `shown`."""
    titles = [half_width(cell) for cell in lines[0]]
    found: list[Field | None] = []
    for title in titles:
        hits = [hit for hit in candidates(reg, [title]) if hit[1] not in found] if title else []
        found.append(max(hits, key=lambda hit: hit[0])[1] if hits else None)
    if sum(one is not None for one in found) >= max(1, (len(titles) + 1) // 2):
        return Block(lines, True, found)
    plain = [f for f in shown if f.computed in ("", "=?")]
    return Block(lines, False, [plain[n] if n < len(plain) else None for n in range(len(titles))])


class StagingModel(QAbstractTableModel):
    """The cells of the block under their fields; cells can be edited, problems are marked."""

    edited = Signal()

    def __init__(self, block: Block, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.block = block
        self.states: dict[int, str] = {}  # row → 新增, 变更, 相同, 有问题
        self._marks: dict[tuple[int, str], str] = {}

    def set_judgement(self, judgement: Judgement) -> None:
        """Mark cells and rows as judged; row numbers are those of the body, from 1."""
        self._marks = {(one.row - 1, one.field): one.text for one in (*judgement.warnings, *judgement.problems)}
        self.states = {new.row - 1: "新增" for new in judgement.new} | {one.row - 1: "变更" for one in judgement.changed}
        self.states |= {row - 1: "相同" for row, _id in judgement.same}
        self.states |= {one.row - 1: "有问题" for one in judgement.problems}
        self._repaint()

    def _repaint(self) -> None:
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.block.body)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.block.fields) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = index.row(), index.column() - 1
        if column < 0:
            return self.states.get(row, "") if role == Qt.ItemDataRole.DisplayRole else self._row_mark(row, role)
        f = self.block.fields[column]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.block.body[row][column]
        if role in (PROBLEM_ROLE, Qt.ItemDataRole.ToolTipRole):
            return self._marks.get((row, f.name)) if f else None
        if role == Qt.ItemDataRole.ForegroundRole and f is None:
            return theme.current().colour("faint")
        if role == Qt.ItemDataRole.TextAlignmentRole and f is not None and f.kind.right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _row_mark(self, row: int, role: int) -> object:
        """What is wrong with the row as a whole, or with a field that has no column here."""
        if role not in (PROBLEM_ROLE, Qt.ItemDataRole.ToolTipRole):
            return None
        shown = {f.name for f in self.block.fields if f}
        return "；".join(text for (at, name), text in self._marks.items() if at == row and name not in shown) or None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() == 0:
            return False
        self.block.body[index.row()][index.column() - 1] = str(value)
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return str(section + 1)
        if section == 0:
            return "结果"
        f = self.block.fields[section - 1]
        return f.title if f else LEAVE_OUT


class Staging(QDialog):
    """The staging window for a pasted block."""

    JUDGE_MS = 300

    def __init__(self, access: Access, reg: Register, shell: Shell, lines: list[list[str]], parent: QWidget | None = None,
                 shown: Sequence[Field] = ()) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("staging")
        self.setWindowTitle(f"粘贴到{reg.label}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1040, 560)
        self.access, self.reg, self.shell = access, reg, shell
        self.model = StagingModel(match(reg, lines, shown or [f for f in reg if f.grid]), self)
        self.judgement: Judgement | None = None
        self._project = only_project(access, reg)
        self._asked = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(self.JUDGE_MS)
        self._timer.timeout.connect(self.judge)
        self.model.edited.connect(self._edited)
        self._applying = False
        self._build()
        self.judge()

    def _build(self) -> None:
        self.told = label("", "muted", wrap=True)
        self.view = QTableView()
        self.view.setObjectName("staging.table")
        self.view.setModel(self.model)
        table_look(self.view)
        self.view.verticalHeader().show()
        self.view.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
        self.view.setItemDelegate(CellDelegate(self.view))
        for column in range(self.model.columnCount()):
            self.view.setColumnWidth(column, 130 if column else 76)
        self._apply = button("入账", look="primary", name="staging.apply", on=self.apply)
        foot = QHBoxLayout()
        foot.addWidget(label("双击可以改，红角处停一下看怎么改。没有问题的行才入账。", "muted"), 1)
        foot.addWidget(button("不贴了", name="staging.cancel", on=self.reject))
        foot.addWidget(self._apply)
        page = QVBoxLayout(self)
        page.setContentsMargins(20, 16, 20, 16)
        page.setSpacing(8)
        page.addWidget(label(f"粘贴到{self.reg.label}", "heading"))
        page.addWidget(self._columns())
        page.addWidget(self.view, 1)
        page.addWidget(self.told)
        page.addLayout(foot)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self.apply)

    def _columns(self) -> QScrollArea:
        """One list per column: the field it goes to."""
        inside = QWidget()
        inside.setProperty("look", "inside")
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(4)
        row.addWidget(label("各列对应："))
        self.boxes: list[QComboBox] = []
        for column, f in enumerate(self.model.block.fields):
            box = QComboBox()
            box.setObjectName(f"staging.column.{column}")
            box.addItem(LEAVE_OUT, "")
            for one in self.reg:
                if editable(one):
                    box.addItem(one.title, one.name)
            box.setCurrentIndex(max(0, box.findData(f.name)) if f else 0)
            box.activated.connect(lambda _n, column=column, box=box: self._set_field(column, box.currentData()))
            row.addWidget(box)
            self.boxes.append(box)
        row.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setFixedHeight(inside.sizeHint().height() + 14)
        return area

    def _set_field(self, column: int, name: str) -> None:
        self.model.block.fields[column] = self.reg[name] if name else None
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, column + 1, column + 1)
        self.judge()

    def _edited(self) -> None:
        """What was judged is not what stands there any more: nothing is taken in until it is judged anew."""
        self._asked += 1
        self._apply.setEnabled(False)
        self._timer.start()

    def judge(self) -> None:
        """Judge the block, off the window's thread."""
        self._timer.stop()
        self._asked += 1
        asked, reg, clerk = self._asked, self.reg, self.access.clerk
        used = [(column, f) for column, f in enumerate(self.model.block.fields) if f]
        fields = [f for _column, f in used]
        rows = [(n, [line[column] for column, _f in used]) for n, line in enumerate(self.model.block.body, 1)]
        doubled = [f.title for f in fields if fields.count(f) > 1]
        if not fields or doubled:
            self._refused(f"有两列都对应到“{doubled[0]}”，请改其中一列" if doubled else "还没有一列对上，请先选各列对应的栏目")
            return
        self._apply.setEnabled(False)
        defaults = {name: text for name, text in self._project.items() if reg[name] not in fields}
        self.access.look(lambda session: entry.judge(session, clerk, reg, fields, rows, defaults=defaults),
                         while_there(self, lambda found: self._judged(asked, found)),
                         while_there(self, lambda error: self._refused(str(error)) if asked == self._asked else None))  # fmt: skip

    def _refused(self, text: str) -> None:
        self.judgement = None
        self.told.setText(text)
        self._apply.setEnabled(False)

    def _judged(self, asked: int, found: Judgement) -> None:
        if asked != self._asked:
            return
        self.judgement = found
        self.model.set_judgement(found)
        bad = len({one.row for one in found.problems})
        self.told.setText(f"新增 {len(found.new)} 条，变更 {len(found.changed)} 条，相同 {len(found.same)} 条，有问题 {bad} 条")
        count = len(found.new) + len(found.changed)
        self._apply.setText(f"入账 {count} 条" if count else "入账")
        self._apply.setEnabled(count > 0 and not self._applying)

    def apply(self) -> None:
        """Write the rows without problems, as one action, and close when none is left over."""
        found = self.judgement
        if found is None or not self._apply.isEnabled():
            return
        self._set_applying(True)

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            entry.apply(session, clerk, found, tick)
            return f"已粘贴：新增 {len(found.new)} 条，变更 {len(found.changed)} 条{self.reg.label}"

        work = self.access.do(self.shell, f"粘贴{self.reg.label}", job, source="import", then=while_there(self, lambda _text: self._applied(found)))
        work.ended.connect(while_there(self, lambda _outcome: self._set_applying(False)))

    def _set_applying(self, applying: bool) -> None:
        """While the rows are being written they cannot be changed; afterwards what is left is judged anew."""
        self._applying = applying
        for one in (self.view, *self.boxes):
            one.setEnabled(not applying)
        if applying:
            self._apply.setEnabled(False)
        elif not self.result():
            self.judge()

    def _applied(self, found: Judgement) -> None:
        if found.problems:
            done = {one.row - 1 for one in found.new} | {one.row - 1 for one in found.changed} | {row - 1 for row, _id in found.same}
            block = self.model.block
            rest = [line for n, line in enumerate(block.body) if n not in done]
            self.model.beginResetModel()
            block.lines = (block.lines[:1] if block.headed else []) + rest
            self.model.states.clear()
            self.model.endResetModel()
        else:
            self.accept()

"""The grid of any register: a model that keeps rowids and reads pages of rows, and a table with a frozen key column.

A million rows cost 8 MB and a page of 256 rows is read when one of its rows is first shown; nothing else is kept.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QItemSelectionRange,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPolygon, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from relocdesk.errors import UserError
from relocdesk.field import NUMBER, Field, Register
from relocdesk.queries.rows import PAGE, Line
from relocdesk.rules.days import days_words
from ui import theme
from ui.parts import paint_chip, table_look

Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[Sequence[int], Sequence[Field]], Sequence[Line]]
Memory = MutableMapping[str, Any]
PROBLEM_ROLE = Qt.ItemDataRole.UserRole + 1  # the sentence that says what is wrong with a cell and the cure
CHIP_ROLE = Qt.ItemDataRole.UserRole + 2  # the kind of chip a state is shown as
KEPT_PAGES = 48
COPY_LIMIT = 50_000
_NO_INDEX = QModelIndex()
DAYS_LEFT, SOON = "days_left", 7  # a clock: words and a colour, urgent from so many days before its end
STATES = frozenset(("risk", "state", "status", "step", "result", "stale"))
_KINDS = {
    "good": ("已签订", "已签", "已兑付", "兑付成功", "成功", "已批准", "已审批", "已完成", "已收回", "已归档", "有效", "在户", "已入账",
             "已销号", "长期坚持", "巩固", "在册", "已息诉", "已终结", "化解"),
    "warn": ("橙", "草拟", "审核", "已打印", "待签", "待兑付", "制单", "已复核", "已送", "部分", "未起草", "待收回", "基本完成", "待股室签字", "待领导签字",
             "待党组销号", "暂停", "待审查", "待告知", "待送达", "延期办理", "复查中", "复核中", "待重新办理", "稳控"),
    "error": ("红", "未化解", "退回", "失败", "逾期", "内容已变", "是", "不符", "反弹", "反弹重开"),
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}


def chip_kind(word: str) -> str:
    """The kind of chip for a state's word; words it does not know are plain grey."""
    return _KIND_OF.get(word, "plain")


def columns_of(reg: Register) -> tuple[Field, ...]:
    """The columns a grid shows unless the user chooses otherwise; the field that names the record comes first."""
    first = next((reg[name] for name in reg.title if reg[name].grid), None)
    rest = [f for f in reg if f.grid and f is not first]
    return tuple([first, *rest] if first else rest)


class GridModel(QAbstractTableModel):
    """Rows of a register. `fetch` reads the lines of some rowids for some fields; it is asked for whole pages only."""

    def __init__(self, fields: Sequence[Field], fetch: Fetch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fields = tuple(fields)
        self.rowids: array[int] = array("q")
        self.unmasked = False
        self.problems: Mapping[str, Mapping[str, str]] = {}  # id → field → sentence
        self._fetch = fetch
        self._pages: OrderedDict[int, dict[int, Line]] = OrderedDict()

    def set_rows(self, rowids: array[int]) -> None:
        """Show these rows instead; scroll views to the top before (Qt paints phantom rows otherwise)."""
        self.beginResetModel()
        self.rowids = rowids
        self._pages.clear()
        self.endResetModel()

    def set_fields(self, fields: Sequence[Field]) -> None:
        """Show these columns instead."""
        self.beginResetModel()
        self.fields = tuple(fields)
        self._pages.clear()
        self.endResetModel()

    def set_unmasked(self, unmasked: bool) -> None:
        """Show private numbers whole, or with their middle hidden."""
        self.unmasked = unmasked
        self._repaint()

    def set_problems(self, problems: Mapping[str, Mapping[str, str]]) -> None:
        """Mark cells: id of the record → field → what is wrong and the cure."""
        self.problems = problems
        self._repaint()

    def refresh(self) -> None:
        """Read the same rows anew when they are next shown."""
        self._pages.clear()
        self._repaint()

    def line(self, row: int) -> Line | None:
        """The line of a row, reading its page when needed; None when the row is gone meanwhile."""
        number = row // PAGE
        page = self._pages.get(number)
        if page is None:
            wanted = self.rowids[number * PAGE : (number + 1) * PAGE]
            page = {line.rowid: line for line in self._read(wanted)}
            self._pages[number] = page
            if len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page.get(self.rowids[row])

    def _read(self, wanted: Sequence[int]) -> Sequence[Line]:
        try:
            return self._fetch(wanted, self.fields)
        except UserError:
            return ()  # the book is busy for a moment; the page that owns the grid has said so

    def text(self, line: Line, column: int) -> str:
        """What a cell says, private numbers masked unless shown whole; days left in words."""
        shown, value = line.shown[column], line.values[column]
        if self.fields[column].name == DAYS_LEFT and isinstance(value, int):
            return days_words(value)
        return shown if self.unmasked else self.fields[column].discreet(shown)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rowids)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.fields)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        f = self.fields[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if f.kind.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.UserRole, Qt.ItemDataRole.ToolTipRole, PROBLEM_ROLE, CHIP_ROLE):
            return None
        line = self.line(index.row())
        if line is None:
            return None
        if role == Qt.ItemDataRole.UserRole:
            return line.values[index.column()]
        if role == CHIP_ROLE:
            return self._chip(f, line, index.column())
        problem = self.problems.get(line.id, {}).get(f.name)
        if role == PROBLEM_ROLE:
            return problem
        text = self.text(line, index.column())
        return text if role == Qt.ItemDataRole.DisplayRole else problem or (text if len(text) > f.width else None)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Vertical:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        f = self.fields[section] if 0 <= section < len(self.fields) else None
        if f is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{f.title}。{f.help}" if f.help else f"{f.title}：点一下按它排序，右键选列"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (Qt.AlignmentFlag.AlignRight if f.kind.right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
        return None

    @staticmethod
    def _chip(f: Field, line: Line, column: int) -> str | None:
        value = line.values[column]
        if f.name == DAYS_LEFT and isinstance(value, int):
            return "error" if value < 0 else "warn" if value <= SOON else "info"
        return chip_kind(line.shown[column]) if f.name in STATES and line.shown[column] else None

    def _repaint(self) -> None:
        if self.rowids and self.fields:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rowids) - 1, len(self.fields) - 1))


class CellDelegate(QStyledItemDelegate):
    """Cells as usual; a state as a chip; a red corner where something is wrong; long numbers cut in the middle."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """What tells one number from the next (三坝搬安〔2026〕综A0012) stands at its end, which is never cut off."""
        super().initStyleOption(option, index)
        model = index.model()
        f = model.fields[index.column()] if isinstance(model, GridModel) else None
        if f is not None and (f.to or f.kind is NUMBER):
            option.textElideMode = Qt.TextElideMode.ElideMiddle  # type: ignore[attr-defined]  # missing in the stubs

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground and text, then chip and corner."""
        kind = index.data(CHIP_ROLE)
        rect = option.rect  # type: ignore[attr-defined]  # missing in the stubs
        if kind:
            text = str(index.data())
            self.initStyleOption(option, index)
            option.text = ""  # type: ignore[attr-defined]
            widget: QWidget = option.widget  # type: ignore[attr-defined]
            style = widget.style()
            style.drawControl(style.ControlElement.CE_ItemViewItem, option, painter, widget)
            chosen = bool(option.state & style.StateFlag.State_Selected)  # type: ignore[attr-defined]
            paint_chip(painter, rect, text, kind, chosen=chosen)
        else:
            super().paint(painter, option, index)
        if index.data(PROBLEM_ROLE):
            painter.save()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.current().colour("bad"))
            corner = rect.topRight()
            painter.drawPolygon(QPolygon([corner, corner + QPoint(-8, 0), corner + QPoint(0, 8)]))
            painter.restore()


class Grid(QTableView):
    """A table over a GridModel. The first column stays in sight; widths and chosen columns are remembered in `memory`.

    `sort_asked(field, descending)`: a head was clicked, the owner brings rows in the new order.
    `selection_moved`: after the choice of rows rested for a moment. `opened(row)`: Enter or a double click.
    `paste_asked`: Ctrl+V. `columns_changed`: other columns are shown now.
    """

    sort_asked = Signal(str, bool)
    selection_moved = Signal()
    opened = Signal(int)
    paste_asked = Signal()
    columns_changed = Signal()
    RESTS_MS = 80

    def __init__(self, model: GridModel, *, choices: Sequence[Field] = (), name: str = "grid", memory: Memory | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName(name)
        self.grid_model = model
        self.sorted_by: tuple[str, bool] | None = None
        self._choices = tuple(choices)
        self._defaults = model.fields
        self._memory: Memory = {} if memory is None else memory
        self._frozen = QTableView(self)
        self._filling = False
        self._filled = (-1, 0)  # the column that takes what is left free, and its own width
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(self.RESTS_MS)
        self._rest.timeout.connect(self.selection_moved)
        self._restore_columns()
        self.setModel(model)
        self._dress()
        self._freeze()
        self.fit_columns()

    # --- what the owner uses -----------------------------------------------------------------------------------------

    def show_rows(self, rowids: array[int]) -> None:
        """Show these rows; the row that was current stays current when it is among them."""
        current = self.current_rowid()
        chosen = set(self.chosen_rowids()) if self.chosen_count <= 1_000 else set()
        self.scrollToTop()
        self.grid_model.set_rows(rowids)
        self._frozen_columns()
        if current is not None:
            self._choose_again(rowids, current, chosen)
        self._rest.start()

    def current_rowid(self) -> int | None:
        """The rowid of the current row, or None."""
        row = self.currentIndex().row()
        return self.grid_model.rowids[row] if 0 <= row < len(self.grid_model.rowids) else None

    def current_line(self) -> Line | None:
        """The line of the current row, or None."""
        row = self.currentIndex().row()
        return self.grid_model.line(row) if 0 <= row < len(self.grid_model.rowids) else None

    def chosen_rowids(self) -> array[int]:
        """The rowids of the chosen rows in the order shown."""
        found = array("q")
        for first, last in self._ranges():
            found.extend(self.grid_model.rowids[first : last + 1])
        return found

    def chosen_lines(self, limit: int = 1_000) -> list[Line]:
        """The lines of the chosen rows, at most `limit`."""
        found: list[Line] = []
        for first, last in self._ranges():
            for row in range(first, last + 1):
                line = self.grid_model.line(row)
                if line is not None:
                    found.append(line)
                if len(found) >= limit:
                    return found
        return found

    def choose_rowid(self, rowid: int) -> bool:
        """Make a row the current and only chosen one; False when it is not shown."""
        try:
            row = self.grid_model.rowids.index(rowid)
        except ValueError:
            return False
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.grid_model.index(row, 0), flags)
        self.scrollTo(self.grid_model.index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        return True

    def copy(self) -> int:
        """Put the chosen rows with their heads on the clipboard, for spreadsheets and as text; returns how many."""
        lines = self.chosen_lines(COPY_LIMIT)
        if lines:
            QApplication.clipboard().setMimeData(as_sheet(self.grid_model.fields, lines, whole=self.grid_model.unmasked))
        return len(lines)

    def choose_columns(self, names: Iterable[str]) -> None:
        """Show these columns, in the declared order, and remember it."""
        wanted = set(names) | {self._defaults[0].name}
        fields = [f for f in dict.fromkeys((*self._defaults[:1], *self._choices)) if f.name in wanted]
        self._memory[f"{self.objectName()}.columns"] = ",".join(f.name for f in fields)
        self._take_columns(fields)

    def reset_columns(self) -> None:
        """Show the columns and widths of the declaration again."""
        for key in [key for key in self._memory if key.startswith(f"{self.objectName()}.")]:
            del self._memory[key]
        self._take_columns(self._defaults)

    def column_menu(self) -> QMenu:
        """A menu of all columns with those shown ticked."""
        menu = QMenu(self)
        shown = {f.name for f in self.grid_model.fields}
        for f in self._choices:
            action = menu.addAction(f.title)
            action.setCheckable(True)
            action.setChecked(f.name in shown)
            action.setEnabled(f is not self._defaults[0])
            names = shown ^ {f.name}
            action.triggered.connect(lambda _on=False, names=names: self.choose_columns(names))
        menu.addSeparator()
        menu.addAction("恢复默认列和列宽").triggered.connect(lambda: self.reset_columns())
        return menu

    def fit_columns(self) -> None:
        """Give columns their remembered or declared widths."""
        metrics = QFontMetrics(theme.current().font())
        bold = QFontMetrics(theme.current().font(bold=True))
        digit = metrics.horizontalAdvance("0")
        self._filled = (-1, 0)
        for column, f in enumerate(self.grid_model.fields):
            kept = self._memory.get(f"{self.objectName()}.width.{f.name}")
            wide = kept if isinstance(kept, int) else max(f.width * digit + 20, bold.horizontalAdvance(f.title) + 36)
            self._own_width(column, int(wide))
        self._fill()

    def _own_width(self, column: int, wide: int) -> None:
        """Set a width that is not the user's wish, so that it is not remembered."""
        self._filling = True
        self.setColumnWidth(column, wide)
        self._filling = False

    def _fill(self) -> None:
        """Give what the columns leave free to the last long text among them, else the last text, or take it back: no stripe at the right."""
        fields = self.grid_model.fields
        if not fields:
            return
        texts = [n for n, f in enumerate(fields) if not f.kind.right and f.kind.name != "date" and f.name not in STATES]
        notes = [n for n in texts if fields[n].kind.name == "note"]
        column = (notes or texts or [len(fields) - 1])[-1]
        if column != self._filled[0]:
            self._filled = (column, self.columnWidth(column))
        free = self.viewport().width() - sum(self.columnWidth(n) for n in range(len(fields)) if n != column)
        self._own_width(column, max(self._filled[1], free))
        self._frozen_columns()

    # --- the look ----------------------------------------------------------------------------------------------------

    def _dress(self) -> None:
        table_look(self)
        self.setItemDelegate(CellDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        head = self.horizontalHeader()
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.sectionClicked.connect(self._sort)
        head.sectionResized.connect(self._resized)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(lambda at: self.column_menu().popup(head.mapToGlobal(at)))
        self.selectionModel().selectionChanged.connect(lambda *_: self._rest.start())
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    def _freeze(self) -> None:
        frozen = self._frozen
        frozen.setObjectName(f"{self.objectName()}.frozen")
        table_look(frozen)
        frozen.setModel(self.grid_model)
        frozen.setSelectionModel(self.selectionModel())
        frozen.setItemDelegate(CellDelegate(frozen))
        frozen.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        frozen.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        frozen.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        frozen.setFrameShape(QFrame.Shape.NoFrame)
        frozen.setStyleSheet("QTableView { border: none; border-right: 1px solid palette(dark); border-radius: 0; }")
        frozen.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        frozen.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = frozen.horizontalHeader()
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.sectionClicked.connect(self._sort)
        head.sectionResized.connect(lambda section, _old, new: self.setColumnWidth(section, new) if section == 0 else None)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(lambda at: self.column_menu().popup(head.mapToGlobal(at)))
        frozen.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(frozen.verticalScrollBar().setValue)
        self.horizontalScrollBar().valueChanged.connect(lambda value: frozen.setVisible(value > 0))
        frozen.doubleClicked.connect(lambda index: self.opened.emit(index.row()))
        self.viewport().stackUnder(frozen)
        frozen.hide()

    def _frozen_columns(self) -> None:
        for column in range(len(self.grid_model.fields)):
            self._frozen.setColumnHidden(column, column != 0)
        self._frozen.setColumnWidth(0, self.columnWidth(0))
        self._place_frozen()

    def _place_frozen(self) -> None:
        edge = self.frameWidth()
        high = self.viewport().height() + self.horizontalHeader().height()
        self._frozen.setGeometry(edge, edge, self.columnWidth(0) + 1, high)
        self._frozen.horizontalHeader().setFixedHeight(self.horizontalHeader().height())

    def _resized(self, section: int, _old: int, new: int) -> None:
        if section == 0:
            self._frozen.setColumnWidth(0, new)
            self._place_frozen()
        if not self._filling and QApplication.mouseButtons() & Qt.MouseButton.LeftButton and section < len(self.grid_model.fields):
            self._filled = (section, new) if section == self._filled[0] else self._filled
            self._memory[f"{self.objectName()}.width.{self.grid_model.fields[section].name}"] = new

    # --- inside ------------------------------------------------------------------------------------------------------

    def _restore_columns(self) -> None:
        kept = self._memory.get(f"{self.objectName()}.columns")
        if isinstance(kept, str) and kept:
            names = kept.split(",")
            fields = [f for f in dict.fromkeys((*self._defaults[:1], *self._choices)) if f.name in names]
            if fields:
                self.grid_model.set_fields(fields)

    def _take_columns(self, fields: Sequence[Field]) -> None:
        at = self.verticalScrollBar().value()
        self.scrollToTop()
        self.grid_model.set_fields(fields)
        self.fit_columns()
        self.verticalScrollBar().setValue(at)
        self.columns_changed.emit()

    def _sort(self, section: int) -> None:
        f = self.grid_model.fields[section]
        descending = self.sorted_by == (f.name, False)
        self.show_sort((f.name, descending))
        self.sort_asked.emit(f.name, descending)

    def show_sort(self, by: tuple[str, bool] | None) -> None:
        """Mark the column that the rows are sorted by (field name, descending), or none."""
        self.sorted_by = by
        names = [f.name for f in self.grid_model.fields]
        section = names.index(by[0]) if by and by[0] in names else -1
        order = Qt.SortOrder.DescendingOrder if by and by[1] else Qt.SortOrder.AscendingOrder
        for head in (self.horizontalHeader(), self._frozen.horizontalHeader()):
            head.setSortIndicator(section, order)

    def _ranges(self) -> list[tuple[int, int]]:
        found = {(one.top(), one.bottom()) for one in self._selected()}
        merged: list[tuple[int, int]] = []
        for first, last in sorted(found):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            elif last >= first:
                merged.append((first, last))
        return merged

    def _selected(self) -> list[QItemSelectionRange]:
        selection = self.selectionModel().selection()
        return [selection.at(n) for n in range(selection.size())]

    @property
    def chosen_count(self) -> int:
        """How many rows are chosen."""
        return sum(last - first + 1 for first, last in self._ranges())

    def _choose_again(self, rowids: array[int], current: int, chosen: set[int]) -> None:
        try:
            row = rowids.index(current)
        except ValueError:
            return
        rows = self.selectionModel()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        rows.setCurrentIndex(self.grid_model.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        if len(chosen) > 1:
            for position, rowid in enumerate(rowids):
                if rowid in chosen:
                    rows.select(self.grid_model.index(position, 0), flags)
        elif chosen:
            rows.select(self.grid_model.index(row, 0), flags)
        self.scrollTo(self.grid_model.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies with heads, Ctrl+V asks for staging, Enter opens."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_asked.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The frozen column keeps its place; a wider table has no empty stripe."""
        super().resizeEvent(event)
        self._fill()


def as_sheet(fields: Sequence[Field], lines: Iterable[Line], *, whole: bool) -> QMimeData:
    """Lines with their heads for the clipboard: tab-separated text, and a table whose long numbers stay text in Excel."""
    texts = [[f.title for f in fields]]
    for line in lines:
        texts.append([_cell(f, line, n, whole) for n, f in enumerate(fields)])
    plain = "\r\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) for row in texts)
    styles = ["" if f.kind.scale is not None else " style=\"mso-number-format:'\\@'\"" for f in fields]
    rows = "".join("<tr>" + "".join(f"<td{style}>{escape(cell)}</td>" for style, cell in zip(styles, row, strict=True)) + "</tr>" for row in texts)
    data = QMimeData()
    data.setText(plain + "\r\n")
    data.setHtml(f'<html><head><meta charset="utf-8"></head><body><table>{rows}</table></body></html>')
    return data


def _cell(f: Field, line: Line, column: int, whole: bool) -> str:
    if f.kind.scale is not None:
        return f.kind.plain(line.values[column])
    return line.shown[column] if whole else f.discreet(line.shown[column])

"""Tables inside hand-written pages: rows of one register that meet an Ask, and short lists of ready texts."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from relocdesk.field import Field, Register
from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Line, Totals
from relocdesk.rules.area import mu_2
from relocdesk.rules.money import fixed, show_yuan
from ui import theme
from ui.access import Access, Session
from ui.grid import CHIP_ROLE, CellDelegate, Grid, GridModel, chip_kind, columns_of
from ui.parts import table_look

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
FITTED = 200  # rows a column's width is taken from


def mu_text(mu: int) -> str:
    """亩 with two decimals and thousands separators, from 10⁻⁶ 亩."""
    return fixed(mu_2(mu), 2, grouped=True)


def totals_text(totals: Totals) -> str:
    """Totals as the bottom line says them: 共 128 条 · 86 户 · 312 人 · 1,024.50 亩 · 3,215.00 元."""
    pieces = [f"{totals.count:,} 条"]
    if totals.households is not None:
        pieces.append(f"{totals.households:,} 户")
    if totals.people is not None:
        pieces.append(f"{totals.people:,} 人")
    if totals.mu is not None:
        pieces.append(f"{mu_text(totals.mu)} 亩")
    if totals.money is not None:
        pieces.append(f"{show_yuan(totals.money)} 元")
    return " · ".join(pieces)


class RowsTable(Grid):
    """The rows of a register that meet an Ask, read in pages. `counted` carries their Totals.

    `record_opened` (Enter, double click) and `record_chosen` (the current row rested) carry an id; "" when none is chosen.
    """

    record_opened = Signal(str)
    record_chosen = Signal(str)
    counted = Signal(object)

    def __init__(self, access: Access, reg: Register, names: Sequence[str] = (), *, name: str, told: Mapping[str, Callable[[str], str]] | None = None,
                 widths: Mapping[str, int] | None = None, parent: QWidget | None = None) -> None:  # fmt: skip
        """`told` says some fields in other words than the register does; `widths` are pixels of narrow lists."""
        fields = tuple(reg[one] for one in names) or columns_of(reg)

        def fetch(rowids: Sequence[int], wanted: Sequence[Field]) -> Sequence[Line]:
            lines = access.read(lambda session: rows.page(session, reg, rowids, wanted))
            return [_in_words(line, wanted, told) for line in lines] if told else lines

        super().__init__(GridModel(fields, fetch), choices=tuple(reg), name=name, memory=access.memory, parent=parent)
        self._narrow(dict(widths or {}))
        self.access, self.reg = access, reg
        self.ask: Ask | None = None
        self.totals: Totals | None = None
        self._asked = 0
        self.setAccessibleName(reg.label)
        self.sort_asked.connect(self._sorted)
        self.opened.connect(lambda row: self._tell(self.record_opened, self.grid_model.line(row)))
        self.selection_moved.connect(lambda: self._tell(self.record_chosen, self.current_line()))

    def _narrow(self, widths: Mapping[str, int]) -> None:
        for column, f in enumerate(self.grid_model.fields):
            if f.name in widths and f"{self.objectName()}.width.{f.name}" not in self._memory:
                self.horizontalHeader().blockSignals(True)  # our own width is not a wish to remember
                self.setColumnWidth(column, round(widths[f.name] * theme.current().scale))
                self.horizontalHeader().blockSignals(False)
        self._frozen_columns()

    def show_ask(self, ask: Ask) -> None:
        """Read these rows off the window's thread and show them; an answer overtaken by a later question is dropped."""
        self._asked += 1
        asked = self._asked
        self.ask = ask

        def read(session: Session) -> tuple[array[int], Totals]:
            found = rows.rowids(session, ask)
            return found, rows.totals(session, ask)

        self.access.look(read, lambda found: self._show(*found) if asked == self._asked else None)

    def show_now(self, ask: Ask) -> Totals:
        """The same at once, for the few rows of one record."""
        self._asked += 1
        self.ask = ask
        found, totals = self.access.read(lambda session: (rows.rowids(session, ask), rows.totals(session, ask)))
        self._show(found, totals)
        return totals

    def reload(self) -> None:
        """Ask the same again."""
        if self.ask is not None:
            self.show_ask(self.ask)

    def chosen_ids(self) -> list[str]:
        """Ids of the chosen rows, at most 10,000."""
        return [line.id for line in self.chosen_lines(10_000)]

    def current_id(self) -> str:
        """Id of the current row, or ""."""
        line = self.current_line()
        return line.id if line is not None else ""

    def _show(self, found: array[int], totals: Totals) -> None:
        self.totals = totals
        self.show_rows(found)
        self.counted.emit(totals)

    def _sorted(self, name: str, descending: bool) -> None:
        if self.ask is not None:
            self.show_sort((name, descending))
            self.show_ask(Ask(self.ask.register, self.ask.conditions, self.ask.search, self.ask.place, ((name, descending),), self.ask.deleted))

    def _tell(self, signal: object, line: Line | None) -> None:
        signal.emit(line.id if line is not None else "")  # type: ignore[attr-defined]  # a bound signal


def _in_words(line: Line, fields: Sequence[Field], told: Mapping[str, Callable[[str], str]]) -> Line:
    return replace(line, shown=tuple(told[f.name](text) if text and f.name in told else text for f, text in zip(fields, line.shown, strict=True)))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a TextTable: figures stand right, states are shown as chips; `width` in characters."""

    title: str
    width: int = 12
    right: bool = False
    chip: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a TextTable: what it stands for, and its texts."""

    key: str
    cells: tuple[str, ...]
    kind: str = ""  # of its chips, when their word does not tell


class TextModel(QAbstractTableModel):
    """Ready texts."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: tuple[Row, ...] = ()

    def set_rows(self, found: Sequence[Row]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self.rows = tuple(found)
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        column, row = self.columns[index.column()], self.rows[index.row()]
        text = row.cells[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return text if len(text) > column.width else None
        if role == CHIP_ROLE:
            return (row.kind or chip_kind(text)) if column.chip and text else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Vertical or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (Qt.AlignmentFlag.AlignRight if self.columns[section].right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
        return None


class TextTable(QTableView):
    """A short list of ready texts. `opened` (Enter, double click) and `chosen` carry the key of a row."""

    opened = Signal(str)
    chosen = Signal(str)

    def __init__(self, columns: Sequence[Column], *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.text_model = TextModel(columns, self)
        self.setModel(self.text_model)
        table_look(self)
        self.setItemDelegate(CellDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setStretchLastSection(True)
        self._fit()
        self.doubleClicked.connect(lambda index: self.opened.emit(self.text_model.rows[index.row()].key))
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self._tell(now))

    def set_rows(self, found: Sequence[Row]) -> None:
        """Show these; the row that was current stays so when it is still there."""
        before = self.current_key()
        self.text_model.set_rows(found)
        self._fit()
        self.choose(before)

    def current_key(self) -> str:
        """The key of the current row, or ""."""
        row = self.currentIndex().row()
        return self.text_model.rows[row].key if 0 <= row < len(self.text_model.rows) else ""

    def chosen_keys(self) -> list[str]:
        """The keys of the chosen rows in the order shown."""
        return [self.text_model.rows[row].key for row in sorted({index.row() for index in self.selectionModel().selectedRows()})]

    def choose(self, key: str) -> bool:
        """Make the row of this key current; False when there is none."""
        row = next((n for n, one in enumerate(self.text_model.rows) if one.key == key), -1)
        if row >= 0:
            self.setCurrentIndex(self.text_model.index(row, 0))
        return row >= 0

    def _fit(self) -> None:
        """Each column as wide as its head and its first rows need, at most its declared width."""
        plain, bold = QFontMetrics(theme.current().font()), QFontMetrics(theme.current().font(bold=True))
        digit = plain.horizontalAdvance("0")
        for number, column in enumerate(self.text_model.columns):
            texts = [row.cells[number] for row in self.text_model.rows[:FITTED]]
            wide = max([bold.horizontalAdvance(column.title) + 20, *(plain.horizontalAdvance(text) + (40 if column.chip else 24) for text in texts)])
            most = max(column.width * digit * 2, bold.horizontalAdvance(column.title)) + 20
            self.setColumnWidth(number, min(wide, most))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_key():
            self.opened.emit(self.current_key())
        else:
            super().keyPressEvent(event)

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.text_model.rows[index.row()].key)


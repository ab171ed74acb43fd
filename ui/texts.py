"""A short list of ready texts; light enough for the first screen, which knows no book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from ui import theme
from ui.parts import table_look

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
FITTED = 200  # rows a column's width is taken from


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
        self.has_chips = any(column.chip for column in columns)

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
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return (Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
        return self._chip(column, row, text, role) if self.has_chips else None

    def _chip(self, column: Column, row: Row, text: str, role: int) -> str | None:
        from ui.grid import CHIP_ROLE, chip_kind  # noqa: PLC0415 -- slow import

        return (row.kind or chip_kind(text)) if role == CHIP_ROLE and column.chip and text else None

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
        if self.text_model.has_chips:
            from ui.grid import CellDelegate  # noqa: PLC0415 -- slow import

            self.setItemDelegate(CellDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setStretchLastSection(True)
        self._most = 0
        self._look = theme.current()
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

    def show_whole(self, most: int) -> None:
        """Be as high as the rows need, at most this many; more scroll."""
        self._most = most
        high = theme.current().size("row")
        self.setFixedHeight(min(len(self.text_model.rows), most) * high + theme.current().size("head_row") + 18)
        whole = len(self.text_model.rows) <= most
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff if whole else Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme may have larger print."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_look") and self._look is not theme.current():
            self._look = theme.current()
            self._fit()
            if self._most:
                self.show_whole(self._most)

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


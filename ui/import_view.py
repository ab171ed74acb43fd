"""What a step of an import shows: rows of the sheet as they stand with the head marked, and results with old and new values."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from ui import theme
from ui.grid import Index
from ui.import_reading import Shown
from ui.parts import table_look

_NO_INDEX = QModelIndex()


class ShownModel(QAbstractTableModel):
    """Ready texts as a table. `marked` are rows painted as the head; old values are struck through, new ones green."""

    def __init__(self, shown: Shown, marked: range = range(0), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown = shown
        self.marked = marked

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.shown.lines)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.shown.heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line = self.shown.lines[index.row()]
        text = line[index.column()] if index.column() < len(line) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return text if len(text) > 16 else None
        look = theme.current()
        if role == Qt.ItemDataRole.BackgroundRole:
            return look.colour("warn_soft") if index.row() in self.marked else None
        if role == Qt.ItemDataRole.FontRole:
            font = look.font(bold=index.row() in self.marked)
            font.setStrikeOut(index.column() == self.shown.old and bool(text))
            return font
        if role == Qt.ItemDataRole.ForegroundRole and index.column() in (self.shown.old, self.shown.new) and self.shown.old >= 0:
            return look.colour("bad" if index.column() == self.shown.old else "good")
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self.shown.heads[section] if orientation is Qt.Orientation.Horizontal else str(section + 1)


class HeadDelegate(QStyledItemDelegate):
    """Paints the ground that the model asks for; the style sheet would leave it out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The ground, then the cell as usual."""
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)  # type: ignore[attr-defined]  # missing in the stubs
        super().paint(painter, option, index)


def shown_table(name: str) -> QTableView:
    """A table for such rows, with their numbers at the left."""
    made = QTableView()
    made.setObjectName(name)
    table_look(made)
    made.verticalHeader().show()
    return made


def put(view: QTableView, model: ShownModel) -> None:
    """Show these rows, each column as wide as it needs within bounds."""
    view.setModel(model)
    view.resizeColumnsToContents()
    for column in range(model.columnCount()):
        view.setColumnWidth(column, min(max(view.columnWidth(column) + 12, 56), 320))
    if model.columnCount():
        view.horizontalHeader().setStretchLastSection(model.shown.old < 0 and model.columnCount() <= 3)


def plain_cell(cell: object) -> str:
    """A cell of a workbook as text."""
    return "" if cell is None else f"{cell:.15g}" if isinstance(cell, float) else str(cell)

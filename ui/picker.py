"""A line edit that offers what fits while one types, asking lazily: for choices, words, places and records.

The keyboard never leaves the line, so an input method keeps its first letter; Down or the arrow shows everything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from ui import icons, theme
from ui.parts import label

_NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class Offered:
    """One line of the list: what is put into the edit, a grey explanation, the value behind it, how deep it stands."""

    text: str
    detail: str = ""
    value: str = ""
    depth: int = 0


Suggest = Callable[[str], Sequence[Offered]]


class OfferedModel(QAbstractListModel):
    """What is offered now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Offered, ...] = ()

    def set_rows(self, rows: Sequence[Offered]) -> None:
        """Offer these instead."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return "　" * row.depth + row.text
        return row if role == Qt.ItemDataRole.UserRole else None


class OfferedDelegate(QStyledItemDelegate):
    """The text with its explanation in grey at the right."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """The row as usual, then the explanation in what room is left."""
        super().paint(painter, option, index)
        row = index.data(Qt.ItemDataRole.UserRole)
        look = theme.current()
        box = option.rect.adjusted(10, 0, -10, 0)  # type: ignore[attr-defined]  # missing in the stubs
        used = painter.fontMetrics().horizontalAdvance("　" * row.depth + row.text) + 20
        painter.save()
        painter.setFont(look.font("small_pt"))
        painter.setPen(look.colour("muted"))
        box.setLeft(box.left() + used)
        told = painter.fontMetrics().elidedText(row.detail, Qt.TextElideMode.ElideRight, max(0, box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, told)
        painter.restore()


_LIST_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class Picker(QLineEdit):
    """Type to narrow, Down for all, Enter or click to take, Esc to close. `chosen` carries the Offered taken.

    With `lazy` the question waits until typing rests for a moment, for lists that are read from the book.
    """

    chosen = Signal(object)
    PAUSE_MS = 120
    MOST = 9  # lines shown without scrolling

    def __init__(self, suggest: Suggest, *, lazy: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggest = suggest
        self.model_offered = OfferedModel(self)
        self._popup: QFrame | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(self.PAUSE_MS if lazy else 0)
        self._timer.timeout.connect(lambda: self.offer(self.text()))
        self._arrow = QAction(self)
        self._arrow.setToolTip("列出可选项（↓）")
        icons.dress(self._arrow, "down", "muted")
        self._arrow.triggered.connect(self._toggle)
        self.addAction(self._arrow, QLineEdit.ActionPosition.TrailingPosition)
        self.textEdited.connect(lambda _text: self._timer.start())

    def offer(self, text: str) -> None:
        """Ask now and show what fits; nothing fitting says so."""
        self._timer.stop()
        if not self.hasFocus() and self._popup is None:
            return
        rows = self._suggest(text)
        self.model_offered.set_rows(rows)
        popup = self._make_popup()
        self._list.setVisible(bool(rows))
        self._none.setVisible(not rows)
        if rows and text:
            self._list.setCurrentIndex(self.model_offered.index(0))
        self._place(popup, len(rows))

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self._popup is not None and self._popup.isVisible()

    def shut(self) -> None:
        """Close the list."""
        self._timer.stop()
        if self._popup is not None:
            self._popup.hide()

    def take(self, row: Offered) -> None:
        """Put an offered line into the edit."""
        self.shut()
        self.setText(row.text)
        self.chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move in the list, Enter takes, Esc closes it; all other keys are the line's own."""
        key = event.key()
        if self.is_open and self._timer.isActive() and key in _LIST_KEYS:  # typed on since: the list is brought up to it before one of it is meant
            self.offer(self.text())
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Down and not self.is_open:
            self.offer("")
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and self.is_open:
            self._move({Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}.get(Qt.Key(key), -8))
        elif key == Qt.Key.Key_Escape and self.is_open:
            self.shut()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.is_open and self._list.currentIndex().isValid():
            self.take(self._list.currentIndex().data(Qt.ItemDataRole.UserRole))
            event.ignore()  # Enter takes and moves on
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The list goes when the keyboard goes elsewhere; while it is open Esc and Enter belong to it."""
        if event.type() == QEvent.Type.FocusOut:
            self.shut()
        elif event.type() == QEvent.Type.ShortcutOverride and self.is_open and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up):
                event.accept()
                return True
        elif event.type() == QEvent.Type.Hide:
            self.shut()
        return super().event(event)

    def setReadOnly(self, fixed: bool) -> None:
        """Without the arrow when nothing can be chosen."""
        super().setReadOnly(fixed)
        self._arrow.setVisible(not fixed)

    def _toggle(self) -> None:
        self.setFocus()
        if self.is_open:
            self.shut()
        else:
            self.offer("")

    def _move(self, step: int) -> None:
        count = self.model_offered.rowCount()
        if count:
            row = min(count - 1, max(0, self._list.currentIndex().row() + step))
            self._list.setCurrentIndex(self.model_offered.index(row))

    def _make_popup(self) -> QFrame:
        if self._popup is None or self._popup.parent() is not self.window():
            if self._popup is not None:
                self._popup.deleteLater()
            self._popup = QFrame(self.window())
            self._popup.setObjectName("popup")
            self._list = QListView(self._popup)
            self._list.setObjectName(f"{self.objectName()}.offered")
            self._list.setModel(self.model_offered)
            self._list.setItemDelegate(OfferedDelegate(self._list))
            self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._list.setUniformItemSizes(True)
            self._list.clicked.connect(lambda index: self.take(index.data(Qt.ItemDataRole.UserRole)))
            self._none = label("没有对得上的", "muted")
            column = QVBoxLayout(self._popup)
            column.setContentsMargins(4, 4, 4, 4)
            column.addWidget(self._list)
            column.addWidget(self._none)
        return self._popup

    def _place(self, popup: QFrame, count: int) -> None:
        """Below the line, or above it where there is no room."""
        row = max(28, self._list.sizeHintForRow(0)) if count else 28
        high = min(max(count, 1), self.MOST) * row + 16
        room = self.window().rect()
        corner = self.mapTo(self.window(), QPoint(0, self.height() + 2))
        if corner.y() + high > room.height() and corner.y() - self.height() - high > 0:
            corner = self.mapTo(self.window(), QPoint(0, -high - 2))
        wide = min(max(self.width(), 260), room.width() - 16)
        popup.setGeometry(min(corner.x(), room.width() - wide - 8), corner.y(), wide, high)
        popup.show()
        popup.raise_()

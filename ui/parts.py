"""Small pieces that every page is made of: buttons, cards, chips, strips, links on numbers, steps, empty states."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QTextCharFormat
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QBoxLayout,
    QCalendarWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui import icons, theme

Action = tuple[str, Callable[[], object]]  # what a button says and does
KINDS = {"plain": ("", "text"), "info": ("info", "info"), "good": ("good", "good"), "warn": ("warning", "warn"),
         "error": ("error", "error")}  # fmt: skip


def set_look(widget: QWidget, **properties: object) -> None:
    """Set style properties (look=, kind=, wrong=) and let the style sheet be applied anew."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    for one in (widget, *widget.findChildren(QLabel), *widget.findChildren(QPushButton)):
        one.style().unpolish(one)
        one.style().polish(one)


def button(text: str, icon: str = "", *, look: str = "", name: str = "", key: str = "", tip: str = "",
           on: Callable[[], object] | None = None) -> QPushButton:  # fmt: skip
    """A button; `look`: "", primary, danger, danger-primary, flat, icon, icon-small, link, small.

    `key` is its shortcut and is told in the tooltip. `name` is "page.action", by which tests find it.
    """
    made = QPushButton("" if look.startswith("icon") else text)
    made.setObjectName(name)
    made.setProperty("look", look)
    if icon:
        role = {"primary": "on-accent", "danger": "error", "danger-primary": "on-accent"}.get(look, "text")
        icons.dress(made, icon, role, 14 if look == "icon-small" else 18)
    told = tip or (text if look.startswith("icon") else "")
    if key:
        made.setShortcut(key)
        told = f"{told or text}（{key}）"
    made.setToolTip(told)
    made.setAccessibleName(text)
    made.setAutoDefault(False)
    if on is not None:
        made.clicked.connect(lambda: on())
    return made


def label(text: str, look: str = "", *, wrap: bool = False) -> QLabel:
    """A label in plain text; `look`: "", title, greeting, heading, section, muted, small, error, derived, figure."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("look", look)
    made.setWordWrap(wrap)
    return made


class TintedLabel(QLabel):
    """Rich text with @colour words in it, filled in from the theme in force and again when that changes."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self._template = ""
        self._look: theme.Theme | None = None
        self.set_template(text)

    def set_template(self, text: str) -> None:
        """Show this; its plain words must be escaped already, at-signs as &#64;."""
        self._template = text
        self._look = theme.current()
        self.setText(re.sub(r"@(\w+)", lambda found: theme.current().hex(found[1]), text))

    def changeEvent(self, event: QEvent) -> None:
        """A new theme brings new colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._look is not theme.current():
            self.set_template(self._template)


def field_label(text: str, required: bool = False) -> QLabel:
    """A right-aligned label of a form; required ones carry a red star."""
    made = TintedLabel(('<span style="color:@bad">*</span> ' if required else "") + plain(text))
    made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return made


def plain(text: str) -> str:
    """A text for the middle of a TintedLabel's template."""
    return escape(text).replace("@", "&#64;")


class ElidedLabel(QLabel):
    """One line of plain text that ends in … where room is short; the tooltip has the whole of it."""

    def __init__(self, text: str = "", look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", look)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        """Room for a few characters is enough."""
        least = self.fontMetrics().horizontalAdvance("台账…")
        return QSize(min(least, self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text as far as it goes."""
        told = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if told != self.text() else "")
        QPainter(self).drawText(self.rect(), self.alignment(), told)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while layout.count():
        item = layout.takeAt(0)
        widget: QWidget | None = item.widget()
        inner: QLayout | None = item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


Piece = QWidget | QLayout | tuple[QWidget, int] | tuple[QWidget, int, Qt.AlignmentFlag] | int
"""A widget or layout, a widget with its share of the room that is left (and where it stands in it), or empty room alone."""


def row(*pieces: Piece, gap: int = 8) -> QHBoxLayout:
    """Pieces beside each other; a gap of -1 is the style's own."""
    made = QHBoxLayout()
    made.setSpacing(gap)
    _put(made, pieces)
    return made


def stack(*pieces: Piece, gap: int = 8, into: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QWidget:
    """Pieces below each other, as one widget or the whole of a given one; margins left, top, right, below."""
    made = into or QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(*margins)
    column.setSpacing(gap)
    _put(column, pieces)
    return made


def _put(layout: QBoxLayout, pieces: Sequence[Piece]) -> None:
    for piece in pieces:
        if isinstance(piece, int):
            layout.addStretch(piece)
        elif isinstance(piece, QLayout):
            layout.addLayout(piece)
        else:
            layout.addWidget(*(piece if isinstance(piece, tuple) else (piece,)))


def line() -> QFrame:
    """A hairline across."""
    made = QFrame()
    made.setProperty("look", "line")
    made.setFixedHeight(1)
    return made


class Card(QFrame):
    """A white sheet with an optional heading; put content into `body`."""

    def __init__(self, title: str = "", *, corner: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        outer = self.outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 16)
        outer.setSpacing(8)
        if title or corner is not None:
            head = QHBoxLayout()
            head.addWidget(label(title, "heading"))
            head.addStretch(1)
            if corner is not None:
                head.addWidget(corner)
            outer.addLayout(head)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        outer.addLayout(self.body, 1)


class Chip(QFrame):
    """A word in a rounded field; `removed` is emitted by the cross of a removable one."""

    removed = Signal()

    def __init__(self, text: str, kind: str = "plain", *, removable: bool = False,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.setProperty("look", "chip")
        self.setProperty("kind", kind)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 4 if removable else 10, 0)
        row.setSpacing(4)
        self._text = label(text)
        row.addWidget(self._text)
        if removable:
            row.addWidget(button(f"去掉“{text}”", "close", look="icon-small", name="chip.remove", on=self.removed.emit))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What the chip says."""
        return self._text.text()

    def set_text(self, text: str, kind: str = "plain") -> None:
        """Say something else, in another kind."""
        self._text.setText(text)
        set_look(self, kind=kind)
        self.updateGeometry()


class Strip(QFrame):
    """A message that needs no answer: sign, text, at most one action, a cross. Info and good ones go by themselves."""

    opened = Signal()
    closed = Signal()
    STAYS_MS = 8_000
    STAYS_WITH_ACTION_MS = 30_000

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("look", "strip")
        self.setAccessibleName("提示")
        self.kind = "info"
        self._action: Callable[[], object] | None = None
        self._sign = QLabel()
        self._text = label("", wrap=True)
        self._text.setObjectName("notice.text")
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._do = button("", look="link", name="notice.action", on=self._act)
        self._close = button("关闭提示", "close", look="icon-small", name="notice.close", on=self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        row.addWidget(self._do)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        self.hide()

    def say(self, text: str, kind: str = "info", action: Action | None = None) -> None:
        """Show a message: kind info, good, warn or error; warnings and errors stay until closed."""
        self.kind = kind
        sign, role = KINDS[kind]
        self._sign.setPixmap(icons.icon(sign, role).pixmap(18, 18))
        self._text.setText(text)
        self._action = action[1] if action else None
        self._do.setText(action[0] if action else "")
        self._do.setVisible(action is not None)
        set_look(self, kind=kind)
        self.setMinimumHeight(theme.current().size("control") + 6)
        self.show()
        self.opened.emit()
        self._timer.stop()
        if kind in ("info", "good"):
            self._timer.start(self.STAYS_WITH_ACTION_MS if action else self.STAYS_MS)

    def text(self) -> str:
        """The message that stands there, or ''."""
        return self._text.text()

    def clear(self) -> None:
        """Take the message away."""
        self._timer.stop()
        self._text.clear()
        self._action = None
        self.hide()
        self.closed.emit()

    def _act(self) -> None:
        action = self._action
        self.clear()
        if action is not None:
            action()


class NumberLink(QPushButton):
    """A figure that opens the rows behind it."""

    def __init__(self, text: str, kind: str = "", *, tip: str = "", on: Callable[[], object] | None = None) -> None:
        super().__init__(text)
        self.setProperty("look", "link")
        self.setProperty("kind", kind)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        if on is not None:
            self.clicked.connect(lambda: on())


class StateSentence(TintedLabel):
    """One sentence under the title whose numbers filter the rows: `chosen` carries the key of the number."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setObjectName("state")
        self.setProperty("look", "sentence")
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(self.chosen)

    def say(self, *pieces: str | tuple[str, str] | tuple[str, str, str]) -> None:
        """Plain text, (number, key) or (number, key, kind) in reading order."""
        self.set_template("".join(_piece(piece) for piece in pieces))


def _piece(piece: str | tuple[str, str] | tuple[str, str, str]) -> str:
    if isinstance(piece, str):
        return plain(piece)
    colour = {"warn": "warn", "error": "bad", "good": "good"}.get(piece[2] if len(piece) > 2 else "", "accent")
    return f'<a href="{plain(piece[1])}" style="color:@{colour};text-decoration:none"><b>{plain(piece[0])}</b></a>'


class PageHead(QWidget):
    """The top of a page: title with the actions at its right, and below it the sentence of state at full width."""

    def __init__(self, title: str, *actions: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(title, "title")
        self.sentence = StateSentence()
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addWidget(self.title)
        self._row.addStretch(1)
        for action in actions:
            self._row.addWidget(action)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._row)
        column.addWidget(self.sentence)


class EmptyState(QWidget):
    """What stands where rows would be: what is missing, the first thing to do, and the button for it."""

    def __init__(self, icon: str, title: str, text: str = "", action: Action | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        sign = QLabel()
        sign.setPixmap(icons.icon(icon, "faint").pixmap(40, 40))
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(sign, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(label(title, "heading"), 0, Qt.AlignmentFlag.AlignHCenter)
        if text:
            told = label(text, "muted", wrap=True)
            told.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(told)
        if action is not None:
            made = button(action[0], look="primary", name="empty.action", on=action[1])
            column.addWidget(made, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)


class StepList(QWidget):
    """Steps of a way, one below the other; `chosen` carries the index of a step already reached."""

    chosen = Signal(int)

    def __init__(self, steps: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("steps")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._names = tuple(steps)
        self._buttons: list[QPushButton] = []
        for index in range(len(steps)):
            made = button("", look="step", name=f"steps.{index}", on=partial(self.chosen.emit, index))
            self._buttons.append(made)
            column.addWidget(made)
        column.addStretch(1)
        self.now = 0
        self.set_now(0)

    def set_now(self, index: int) -> None:
        """Mark the step in hand; earlier ones are ticked and can be gone back to, later ones rest."""
        self.now = index
        for n, made in enumerate(self._buttons):
            state = "done" if n < index else "now" if n == index else "later"
            made.setText(f"{n + 1}  {self._names[n]}" if state != "done" else self._names[n])
            made.setEnabled(n <= index)
            if state == "done":
                icons.dress(made, "check", "accent")
            else:
                icons.undress(made)
            set_look(made, kind=state)


class Gauge(QWidget):
    """A bar against its target with words beside it: 征地 3,215.40 / 4,000.00 亩 · 80%."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        head = QHBoxLayout()
        head.addWidget(label(title))
        head.addStretch(1)
        head.addWidget(self._told)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._bar)

    def set_value(self, part: int, whole: int, told: str, kind: str = "") -> None:
        """Fill the bar with part of whole (whole 0 = empty) and say it in words made by the caller."""
        self._bar.setValue(min(1000, part * 1000 // whole) if whole > 0 else 0)
        self._told.setText(told)
        set_look(self._bar, kind=kind)


def dress_search(edit: QLineEdit) -> None:
    """Give a line edit the magnifying glass at its left and a cross that clears it."""
    glass = QAction(edit)
    icons.dress(glass, "search", "muted")
    edit.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
    edit.setClearButtonEnabled(True)
    for action in edit.findChildren(QAction):
        if action is not glass:  # Qt's own clear action has no public name
            icons.dress(action, "close", "muted")


def dress_calendar(calendar: QCalendarWidget) -> None:
    """Week from Monday, no week numbers, weekends in our red instead of Qt's."""
    calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
    calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.SingleLetterDayNames)
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    weekend = QTextCharFormat()
    weekend.setForeground(theme.current().colour("bad"))
    for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        calendar.setWeekdayTextFormat(day, weekend)


def table_look(view: QTableView) -> None:
    """The ordinary look of a table: rows of the chosen height, zebra, whole rows chosen, no grid, no row numbers."""
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().hide()
    view.setProperty("look", "table")
    _fit_rows(view)
    view.horizontalHeader().setHighlightSections(False)
    view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def refit_tables() -> None:
    """Give the tables of `table_look` the row height of the theme in force."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QTableView) and widget.property("look") == "table":
            _fit_rows(widget)


def _fit_rows(view: QTableView) -> None:
    high = theme.current().size("row")
    view.verticalHeader().setMinimumSectionSize(high)
    view.verticalHeader().setDefaultSectionSize(high)


def paint_chip(painter: QPainter, cell: QRect, text: str, kind: str = "plain", *, chosen: bool = False) -> None:
    """Draw a status as a chip at the left of a cell, on white in a chosen row; the colour only helps the word."""
    look = theme.current()
    token = {"error": "bad"}.get(kind, kind)
    font = look.font("small_pt")
    wide = min(QFontMetrics(font).horizontalAdvance(text) + 18, cell.width() - 12)
    high = min(look.size("chip") - 2, cell.height() - 6)
    box = QRectF(cell.left() + 8, cell.top() + (cell.height() - high) / 2, wide, high)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("surface" if chosen else f"{token}_soft"))
    painter.drawRoundedRect(box, high / 2, high / 2)
    painter.setPen(look.colour("muted" if token == "plain" else token))
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


class ChipDelegate(QStyledItemDelegate):
    """Shows a column of states as chips; `kind_of` turns the shown word into a kind."""

    def __init__(self, kind_of: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind_of = kind_of

    def paint(self, painter: QPainter, option: QStyleOptionViewItem,
              index: QModelIndex | QPersistentModelIndex) -> None:  # fmt: skip
        """The cell's ground as usual, then the chip; an empty cell stays empty."""
        self.initStyleOption(option, index)
        text: str = option.text  # type: ignore[attr-defined]  # the stubs leave out the option's fields
        option.text = ""  # type: ignore[attr-defined]
        widget: QWidget = option.widget  # type: ignore[attr-defined]
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        if text:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
            paint_chip(painter, option.rect, text, self._kind_of(text), chosen=chosen)  # type: ignore[attr-defined]

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wide enough for the chip's rounded ends."""
        return super().sizeHint(option, index) + QSize(18, 0)

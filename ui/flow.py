"""A row of small cards that becomes two or three rows where the room is narrow, so that no name in them is cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QLayoutItem, QSizePolicy, QWidget

from relocdesk.rules.money import show_yuan
from ui.parts import Card, TintedLabel, clear, label, plain, stack


class FlowRow(QWidget):
    """Equally wide pieces, as many beside each other as fit at the width the widest one needs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: tuple[QWidget, ...] = ()
        self._across = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # its pieces never widen the page

    def set_pieces(self, pieces: Sequence[QWidget]) -> None:
        """Show these instead."""
        clear(self._grid)
        self._pieces = tuple(pieces)
        self._across = 0
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """One piece is enough room; the others go below it."""
        return QSize(max((one.sizeHint().width() for one in self._pieces), default=0), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer fit now."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        widest = max((one.sizeHint().width() for one in self._pieces), default=1) + self._grid.spacing()
        fits = min(max(1, (self.width() + self._grid.spacing()) // widest), len(self._pieces))
        if not fits or fits == self._across:
            return
        rows = -(-len(self._pieces) // fits)
        across = -(-len(self._pieces) // rows)  # rows as equally full as can be: five go three and two
        for n, one in enumerate(self._pieces):
            self._grid.addWidget(one, n // across, n % across)
        for column in range(len(self._pieces)):
            self._grid.setColumnStretch(column, 1 if column < across else 0)
        self._across = fits


class WrapRow(QLayout):
    """Buttons in a row, each as wide as it wants to be; what does not fit goes below, so that a row never widens its page."""

    def __init__(self, spacing: int = 8) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """One more at the end."""
        self._items.append(item)

    def count(self) -> int:
        """How many there are, hidden ones too."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """One of them, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem:
        """Let one go; None beyond the last, as Qt wants it."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None  # type: ignore[return-value]  # the stubs know no None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes no more than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of its lines."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [item.sizeHint() for item in self._items if not item.isEmpty()]
        return QSize(sum(one.width() + self.spacing() for one in sizes) - self.spacing() if sizes else 0, max((one.height() for one in sizes), default=0))

    def minimumSize(self) -> QSize:
        """The widest alone."""
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(max((one.width() for one in sizes), default=0), max((one.height() for one in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:
        """Put them into their lines."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, high = rect.x(), rect.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.x() + rect.width():
                x, y, high = rect.x(), y + high + self.spacing(), 0
            if move:
                item.setGeometry(QRect(x, y, min(size.width(), rect.width()), size.height()))
            x, high = x + size.width() + self.spacing(), max(high, size.height())
        return y + high - rect.y()


def wrapped(*pieces: QWidget, gap: int = 8) -> WrapRow:
    """Pieces in such a row."""
    made = WrapRow(gap)
    for piece in pieces:
        made.addWidget(piece)
    return made


def step(words: str, who: str, *, done: bool, now: bool) -> QWidget:
    """A step of a way with who took it."""
    made = Card()
    sign, colour = _sign(done, now)
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(TintedLabel(f'<b style="color:@{colour}">{sign} {words}</b>'))
    row.addWidget(label(who or ("待办" if now else ""), "" if who else "muted"))
    row.addStretch(1)
    made.body.addLayout(row)
    made.outer.setContentsMargins(12, 6, 8, 6)
    return made


def step_html(words: str, who: str, *, done: bool, now: bool) -> str:
    """The same in a line of several, for a TintedLabel."""
    sign, colour = _sign(done, now)
    told = who or ("待办" if now else "")
    whole = "\u2060".join(words)  # a line does not break within them
    return f'<b style="color:@{colour}">{sign}&nbsp;{whole}</b>' + (f"&nbsp;{plain(told)}" if told else "")


def _sign(done: bool, now: bool) -> tuple[str, str]:
    return ("✓", "good") if done else ("→", "accent") if now else ("○", "faint")


def figure(words: str, told: str, colour: str) -> QWidget:
    """A figure under its name."""
    return stack(label(words, "small"), TintedLabel(f'<b style="color:@{colour or "text"}">{told}</b>'), gap=0)


def money_sum(words: str, fen: int, colour: str) -> QWidget:
    """A sum of money (分) under its name."""
    return figure(words, f"{show_yuan(fen)} 元", colour)

"""A row of small cards that becomes two or three rows where the room is narrow, so that no name in them is cut."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from relocdesk.rules.money import show_yuan
from ui.parts import Card, TintedLabel, clear, label, plain


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
    return f'<b style="color:@{colour}">{sign}&nbsp;{words}</b>' + (f"&nbsp;{plain(told)}" if told else "")


def _sign(done: bool, now: bool) -> tuple[str, str]:
    return ("✓", "good") if done else ("→", "accent") if now else ("○", "faint")


def money_sum(words: str, fen: int, colour: str) -> QWidget:
    """A sum of money (分) under its name."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(label(words, "small"))
    column.addWidget(TintedLabel(f'<b style="color:@{colour or "text"}">{show_yuan(fen)} 元</b>'))
    return made

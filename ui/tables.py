"""Tables inside hand-written pages: rows of one register that meet an Ask, read in pages."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QStyle, QWidget

from relocdesk.field import Field, Register
from relocdesk.queries import choices, rows
from relocdesk.queries.rows import Ask, Line, Totals
from ui import theme
from ui.access import Access, Session
from ui.grid import DAYS_LEFT, STATES, Grid, GridModel, columns_of

MEASURED = 60  # rows a narrow list takes its widths from


class RowsTable(Grid):
    """The rows of a register that meet an Ask, read in pages. `counted` carries their Totals.

    `record_opened` (Enter, double click) and `record_chosen` (the current row rested) carry an id; "" when none is chosen.
    """

    record_opened = Signal(str)
    record_chosen = Signal(str)
    counted = Signal(object)

    def __init__(self, access: Access, reg: Register, names: Sequence[str] = (), *, name: str, told: Mapping[str, Callable[[str], str]] | None = None,
                 widths: Mapping[str, int] | None = None, parent: QWidget | None = None) -> None:  # fmt: skip
        """`told` says some fields in other words than the register does.

        `widths` make a narrow list: pixels of its texts, which may be cut short; figures, days and states never are, and the list is
        never narrower than they need.
        """
        fields = tuple(reg[one] for one in names) or columns_of(reg)

        def fetch(rowids: Sequence[int], wanted: Sequence[Field]) -> Sequence[Line]:
            lines = access.read(lambda session: rows.page(session, reg, rowids, wanted, named=True))
            return [_in_words(line, wanted, told) for line in lines] if told else lines

        super().__init__(GridModel(fields, fetch), choices=tuple(reg), name=name, memory=access.memory, parent=parent)
        self._widths = dict(widths or {})
        self._scrolls = False
        self._look = theme.current()
        self._narrow()
        self.access, self.reg = access, reg
        self.ask: Ask | None = None
        self.totals: Totals | None = None
        self._asked = 0
        self.setAccessibleName(reg.label)
        self.sort_asked.connect(self._sorted)
        self.opened.connect(lambda row: self._tell(self.record_opened, self.grid_model.line(row)))
        self.selection_moved.connect(lambda: self._tell(self.record_chosen, self.current_line()))

    def _narrow(self) -> None:
        """Figures, days and states of a narrow list as wide as they are, texts as declared."""
        if not self._widths:
            return
        look = theme.current()
        plain, bold, small = (QFontMetrics(look.font(*one)) for one in (("text_pt",), ("text_pt", True), ("small_pt",)))
        lines = [line for line in (self.grid_model.line(row) for row in range(min(MEASURED, len(self.grid_model.rowids)))) if line is not None]
        self._filled = (-1, 0)
        for column, f in enumerate(self.grid_model.fields):
            if f"{self.objectName()}.width.{f.name}" in self._memory:
                continue
            if f.name in self._widths and not f.kind.right and f.kind.name != "date":
                wide = round(self._widths[f.name] * look.scale)
                if f.name in STATES:
                    wide = max([wide, *(small.horizontalAdvance(line.shown[column]) + 36 for line in lines)])
            else:
                letters, round_it = (small, 36) if f.name == DAYS_LEFT else (plain, 24)  # days left stand as words in a chip
                wide = max([bold.horizontalAdvance(f.title) + 24,
                            *(letters.horizontalAdvance(self.grid_model.text(line, column)) + round_it for line in lines)])  # fmt: skip
            self._own_width(column, wide)
        fields = self.grid_model.fields
        last = max((n for n, f in enumerate(fields) if f.kind.right or f.kind.name == "date" or f.name in STATES), default=0)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self.setMinimumWidth(0 if self._scrolls else sum(self.columnWidth(n) for n in range(last + 1)) + bar + 4)
        self._fill()

    def let_scroll(self) -> None:
        """Be narrower than the columns need, and scroll: a table below a sheet's words must not widen the page."""
        self._scrolls = True
        self.setMinimumWidth(0)

    def sizeHint(self) -> QSize:
        """No higher than it must be where somebody said how high that is: it grows into what is left."""
        hint = super().sizeHint()
        return QSize(hint.width(), self.minimumHeight() or hint.height())

    def changeEvent(self, event: QEvent) -> None:
        """Another theme may have larger print."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_look") and self._look is not theme.current():
            self._look = theme.current()
            self.fit_columns()
            self._narrow()

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

    def mark(self, row_id: str) -> None:
        """Make a record the current and only chosen row, or no row when it is not among those shown: a click on any of them then counts."""
        found = self.access.read(lambda session: choices.rowid_of(session, self.reg, row_id))
        if found is None or (found != self.current_rowid() and not self.choose_rowid(found)):
            self.selectionModel().clear()

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
        if self._rest.isActive():  # a row clicked a moment ago is told before other rows take its place
            self._rest.stop()
            self.selection_moved.emit()
        self.totals = totals
        self.show_rows(found)
        self._narrow()
        self.counted.emit(totals)

    def _sorted(self, name: str, descending: bool) -> None:
        if self.ask is not None:
            self.show_sort((name, descending))
            self.show_ask(Ask(self.ask.register, self.ask.conditions, self.ask.search, self.ask.place, ((name, descending),), self.ask.deleted))

    def _tell(self, signal: object, line: Line | None) -> None:
        signal.emit(line.id if line is not None else "")  # type: ignore[attr-defined]  # a bound signal


def _in_words(line: Line, fields: Sequence[Field], told: Mapping[str, Callable[[str], str]]) -> Line:
    return replace(line, shown=tuple(told[f.name](text) if text and f.name in told else text for f, text in zip(fields, line.shown, strict=True)))

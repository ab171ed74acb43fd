"""A list of one register's records at the left and the sheet of the chosen one at the right: what several pages are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from relocdesk.queries import choices
from relocdesk.queries.rows import Ask, Totals
from relocdesk.queries.saying import totals_text
from ui import theme
from ui.access import Access, Session
from ui.acting import Acting
from ui.parts import EmptyState, Piece, button, stack
from ui.print_dialog import print_records
from ui.shell import Shell
from ui.tables import RowsTable

Read = Callable[[Session, str], Any]
LEAST_ROWS = 3  # of a table in a sheet, however low the window


class MasterList(QSplitter):
    """The rows of `ask` in a narrow list under the widgets `above`; beside it the sheet of the one that is `current`.

    `shown` is the record whose sheet stands there: until the `current` one is read that is the one before, and buttons of the
    sheet act on it, not on what they do not show.

    `picked` carries an id before its record is read, for tables of the sheet that ask for themselves. Until the rows are
    counted neither the sheet nor the empty state is shown; in an empty register the empty state stands alone. A record that
    is gone gives way to the first of the list. While the sheet still shows another record than the one gone to, it takes no
    clicks: a step meant for the new one must not be done for the old one.
    """

    picked = Signal(str)
    totals_changed = Signal(str, str)

    def __init__(self, access: Access, ask: Ask, names: Sequence[str], *, name: str, widths: Mapping[str, int] | None = None,
                 above: Sequence[QWidget] = (), sizes: tuple[int, int] = (330, 730)) -> None:  # fmt: skip
        """`names` are the columns, `widths` as RowsTable takes them, `sizes` how the room is shared at first."""
        super().__init__()
        self.setChildrenCollapsible(False)
        self.access, self.ask = access, ask
        self.current = ""
        self.shown = ""
        self._asked = 0
        self._read: Read | None = None
        self._show: Callable[[Any], object] = lambda _found: None
        self._failed: Callable[[Exception], object] | None = None
        self._sheet, self._empty = QWidget(), QWidget()
        self.list = RowsTable(access, ask.register, names, name=name, widths=widths or {names[0]: 120})
        self.list.record_chosen.connect(lambda row_id: self.pick(row_id) if row_id and row_id != self.current else None)
        self.list.selectionModel().currentRowChanged.connect(lambda *_: self._wait_or_take())
        self.list.counted.connect(self._counted)
        self._left = QVBoxLayout()
        for one in (*above, self.list):
            self._left.addWidget(one, 1 if one is self.list else 0)
        self._right = QVBoxLayout()
        self._side = _side(self._left, 0)
        self.addWidget(self._side)
        self.addWidget(_side(self._right, 12))
        self.setSizes(list(sizes))
        self.setStretchFactor(1, 1)
        self.setFocusProxy(self.list)

    def set_sheet(self, sheet: QWidget, empty: EmptyState, read: Read, show: Callable[[Any], object],
                  failed: Callable[[Exception], object] | None = None) -> None:  # fmt: skip
        """What stands at the right. `read` runs off the window's thread, `show` gets what it gives, or None when all are gone."""
        whole = SheetArea(sheet)
        self._sheet, self._empty, self._read, self._show, self._failed = whole, empty, read, show, failed
        for one in (whole, empty):
            one.hide()
            self._right.addWidget(one, 1)

    def fill(self, page: QWidget) -> None:
        """Be the whole of a page."""
        lay_out(page, self)
        page.setFocusProxy(self.list)

    def reload(self) -> None:
        """Read the rows and the current record anew."""
        self.list.show_ask(self.ask)
        if self.current:
            self._look()

    def show_ask(self, ask: Ask) -> None:
        """Other rows of the same register; the record shown stays."""
        self.ask = ask
        self.reload()

    def pick(self, row_id: str) -> None:
        """Show this record, and mark it in the list when it is there."""
        self.current = row_id
        self.picked.emit(row_id)
        self.list.mark(row_id)
        self._wait_or_take()
        self._look()

    def _wait_or_take(self) -> None:
        line = self.list.current_line()
        self._sheet.setEnabled(self.shown == self.current and (line is None or line.id == self.current))

    def _look(self) -> None:
        self._asked += 1
        asked, row_id, read, reg = self._asked, self.current, self._read, self.ask.register

        def there(session: Session) -> Any:
            return read(session, row_id) if read is not None and choices.living(session, reg, row_id) else None

        failed = self._failed

        def refused(error: Exception) -> None:
            if failed is not None and asked == self._asked:
                self.shown = row_id
                failed(error)
                self._wait_or_take()

        self.access.look(there, lambda found: self._took(row_id, found) if asked == self._asked else None, refused if failed is not None else None)

    def _took(self, row_id: str, found: Any) -> None:
        if found is not None:
            self.shown = row_id
            self._show(found)
            self._wait_or_take()
            return
        self.current = self.shown = ""
        if not self._first():
            self._show(None)

    def _first(self) -> bool:
        line = self.list.grid_model.line(0) if len(self.list.grid_model.rowids) else None
        if line is not None:
            self.pick(line.id)
        return line is not None

    def _counted(self, totals: Totals) -> None:
        self.totals_changed.emit(totals_text(self.ask.register, totals), "")
        self._sheet.setVisible(bool(totals.count or self.current))
        self._empty.setVisible(not totals.count and not self.current)
        narrowed = bool(self.ask.conditions or self.ask.search or self.ask.place)
        self._side.setVisible(bool(totals.count or self.current or narrowed))  # the empty state offers the first record itself
        if self.current:
            self.list.mark(self.current)
        else:
            self._first()


class SheetArea(QScrollArea):
    """A sheet as high as its words need, never narrower than it can be; it scrolls down where a low window has no room."""

    def __init__(self, sheet: QWidget) -> None:
        super().__init__()
        for table in sheet.findChildren(RowsTable):  # they take what the words leave
            table.let_scroll()
            table.setMinimumHeight(theme.current().size("head_row") + LEAST_ROWS * theme.current().size("row"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(sheet)

    def minimumSizeHint(self) -> QSize:
        """As wide as the sheet at its narrowest, with the bar."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self.widget().minimumSizeHint().width() + bar, super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Other buttons on the sheet may need more room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class MasterPage(QWidget):
    """A page that is one MasterList: what all such pages do alike. `totals_changed(shown, chosen)` feeds the bottom line.

    `tables` are the tables of the sheet that are read anew with it, `_buttons` the buttons of `tools` by name.
    """

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell, name: str) -> None:
        super().__init__()
        page_look(self, name)
        self.access, self.shell, self.name = access, shell, name
        self.acting = Acting(access, shell)
        self.tables: dict[str, RowsTable] = {}
        self._buttons: dict[str, QPushButton] = {}

    def begin(self, master: MasterList, sheet: QWidget, empty: EmptyState, read: Read, show: Callable[[Any], object], *,
              picked: Callable[[str], object] | None = None, failed: Callable[[Exception], object] | None = None) -> None:  # fmt: skip
        """The list, what stands at its right (see MasterList.set_sheet), and what hears of a record before it is read; then read."""
        self.master = master
        master.set_sheet(sheet, empty, read, show, failed)
        if picked is not None:
            master.picked.connect(picked)
        master.totals_changed.connect(self.totals_changed)
        master.fill(self)
        self.reload(None)

    def tools(self, names: Sequence[tuple[str, ...]], on: Callable[[str], object], *, look: str = "small", first: str = "") -> list[QPushButton]:
        """A button for each (name, words, icon) that calls `on` with its name; the one named `first` is the primary one."""
        for name, words, *icon in names:
            self._buttons[name] = button(words, *icon, look="primary" if name == first else look, name=f"{self.name}.{name}", on=partial(on, name))
        return [self._buttons[name] for name, *_ in names]

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def show_what(self, id: str = "") -> None:
        """Show a record."""
        if id:
            self.master.pick(id)

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        self.master.reload()
        for table in self.tables.values():
            table.reload()

    def print(self) -> None:
        """Print the papers of the record shown."""
        print_records(self.access, self.shell, self.master.ask.register.name, [self.master.shown] if self.master.shown else [])


def page_look(page: QWidget, name: str) -> None:
    """Name a hand-written page and give it the ground of pages."""
    page.setObjectName(f"page.{name}")
    page.setProperty("look", "page")


def lay_out(page: QWidget, *pieces: Piece) -> None:
    """The pieces of a page below each other, within its margins."""
    stack(*pieces, into=page, margins=(16, 10, 16, 8))


def _side(column: QVBoxLayout, left: int) -> QWidget:
    made = QWidget()
    made.setLayout(column)
    column.setContentsMargins(left, 0, 0, 0)
    column.setSpacing(8)
    return made

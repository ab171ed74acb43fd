"""What hangs on the record of a sheet: one register after the other behind a bar of tabs that tell how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QPushButton, QTabBar, QWidget

from relocdesk.queries.rows import Ask, Condition, Totals
from relocdesk.records import register
from ui.access import Access
from ui.parts import row, stack
from ui.tables import RowsTable

Child = tuple[str, str, tuple[str, ...]]  # register, what its tab says, columns


class ChildTabs(QWidget):
    """`tables` are the tables by the name of their register; each keeps its widths under `name`.register."""

    def __init__(self, access: Access, children: Sequence[Child], to: str, *, name: str, bar: str,
                 first_only: Sequence[QPushButton] = ()) -> None:  # fmt: skip
        """`to` is the link of the children to the record, `bar` the object name of the bar; `first_only` are buttons of the first child."""
        super().__init__()
        self._children, self._to, self._first_only = children, to, first_only
        self.bar = QTabBar()
        self.bar.setObjectName(bar)
        self.bar.setExpanding(False)
        self.tables: dict[str, RowsTable] = {}
        for reg, words, fields in children:
            self.bar.addTab(words)
            self.tables[reg] = RowsTable(access, register(reg), fields, name=f"{name}.{reg}")
            self.tables[reg].counted.connect(partial(self._counted, reg))
        head = row(self.bar, 1, *first_only, gap=-1) if first_only else self.bar
        stack(head, *((table, 1) for table in self.tables.values()), into=self)
        self.bar.currentChanged.connect(self._turn)
        self._turn(0)  # laid out already: without a parent each would be a window of its own

    def show_of(self, row_id: str) -> None:
        """The children of a record."""
        for reg, table in self.tables.items():
            table.show_ask(Ask(register(reg), (Condition(self._to, "=", row_id),)))

    def _turn(self, index: int) -> None:
        for n, table in enumerate(self.tables.values()):
            table.setVisible(n == index)
        for one in self._first_only:
            one.setVisible(index == 0)

    def _counted(self, reg: str, totals: Totals) -> None:
        at, words = next((n, one[1]) for n, one in enumerate(self._children) if one[0] == reg)
        self.bar.setTabText(at, f"{words} {totals.count}" if totals.count else words)

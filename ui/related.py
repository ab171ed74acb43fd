"""What points to a record: child rows and records of other registers, each with its own small grid and a button to add."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from relocdesk.field import Field, Register
from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Condition, Line, Totals
from relocdesk.queries.saying import totals_text
from relocdesk.records import REGISTERS
from ui import theme
from ui.access import Access, Session, while_there
from ui.grid import Grid, GridModel, columns_of
from ui.parts import button, label
from ui.shell import Shell

ROWS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Link:
    """One way another register points here."""

    register: Register
    field: Field
    rowids: array[int]
    totals: Totals

    @property
    def is_child(self) -> bool:
        """Whether it is a child register, which is shown even when it is empty."""
        return self.field.part_of


def links_to(session: Session, reg: Register, row_id: str) -> list[Link]:
    """All living records that point to one, by register and field; children first, empty ones only of children."""
    found = []
    for other in REGISTERS:
        for f in other.stored:
            if f.to == reg.name:
                ask = Ask(other, (Condition(f.name, "=", row_id),))
                ids = rows.rowids(session, ask)
                if ids or f.part_of or (other.group and f.required):
                    found.append(Link(other, f, ids, rows.totals(session, ask)))
    return sorted(found, key=lambda link: (not link.is_child, not link.rowids))


class RelatedPanel(QScrollArea):
    """The tab 关联. `open_asked(register, id)` and `add_asked(register, {field: id})` are for the owner."""

    open_asked = Signal(object, str)
    add_asked = Signal(object, dict)

    def __init__(self, access: Access, reg: Register, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"related.{reg.name}")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.access, self.reg, self.shell = access, reg, shell
        self.row_id = ""
        self._stale = True
        self._asked = 0

    def set_record(self, row_id: str) -> None:
        """Another record, or the same one changed: read when looked at."""
        self.row_id = row_id
        self._stale = True
        self._asked += 1  # what is being read is of what stood there before

    def look(self) -> None:
        """Read what points here, off the window's thread."""
        if self._stale and self.row_id:
            self._stale = False
            self._asked += 1
            asked, row_id = self._asked, self.row_id
            self.access.look(lambda session: links_to(session, self.reg, row_id), while_there(self, lambda found: self._show(asked, found)))

    def _show(self, asked: int, links: Sequence[Link]) -> None:
        if asked != self._asked:
            return
        inside = QWidget()
        inside.setProperty("look", "inside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 8, 12, 8)
        column.setSpacing(12)
        for link in links:
            column.addWidget(self._section(link))
        if not links:
            column.addWidget(label("没有别的记录用到它", "muted"))
        column.addStretch(1)
        self.setWidget(inside)
        self.viewport().setAutoFillBackground(False)

    def _section(self, link: Link) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        name = link.register.label if link.field.label in (self.reg.label, "") or link.is_child else f"{link.register.label}（{link.field.label}）"
        head.addWidget(label(name, "section"))
        head.addWidget(label(totals_text(link.register, replace(link.totals, households=None, people=None)) if link.rowids else "还没有", "muted"))
        head.addStretch(1)
        if self._may_add(link.register):
            preset = {link.field.name: self.row_id}
            head.addWidget(button(f"添加{link.register.label}", "add", look="small", name=f"related.{link.register.name}.{link.field.name}.add",
                                  on=lambda: self.add_asked.emit(link.register, preset)))  # fmt: skip
        column.addLayout(head)
        if link.rowids:
            column.addWidget(self._grid(link))
        return made

    def _grid(self, link: Link) -> Grid:
        fields = [f for f in columns_of(link.register) if f is not link.field]
        model = GridModel(fields, partial(self._fetch, link.register), self)
        grid = Grid(model, choices=link.register.fields, name=f"related.{link.register.name}.{link.field.name}", memory=self.access.memory)
        grid.show_rows(link.rowids)
        look = theme.current()
        grid.setFixedHeight(look.size("head_row") + min(len(link.rowids), ROWS_SHOWN) * look.size("row") + 18)
        grid.opened.connect(lambda row: self._open(link, model.line(row)))
        return grid

    def _fetch(self, reg: Register, wanted: Sequence[int], fields: Sequence[Field]) -> Sequence[Line]:
        return self.access.read(lambda session: rows.page(session, reg, wanted, fields, named=True))

    def _open(self, link: Link, line: Line | None) -> None:
        if line is not None:
            self.open_asked.emit(link.register, line.id)

    def _may_add(self, reg: Register) -> bool:
        typed = any(f.required and not f.computed for f in reg)
        return typed and self.access.may_add(reg)

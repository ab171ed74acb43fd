"""The tab 历史: what happened to a record, in sentences, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from relocdesk import history
from relocdesk.field import Register
from relocdesk.history import Change, Entry
from ui.access import Access, while_there
from ui.parts import label

MOST = 12


def who_and_when(entry: Entry) -> str:
    """The heading of an entry: 2026-03-05 10:12 王建国（三坝乡）修改地块 · 录入."""
    office = f"（{entry.office}）" if entry.office else ""
    return f"{entry.at} {entry.name or '程序'}{office} {entry.why} · {entry.source}"


def sentences(changes: Sequence[Change]) -> list[str]:
    """Changes as people say them; what was filled in at once is one sentence a record.

    把 面积 3.25 改为 3.40 · 新增地块 P001：地类 旱地，面积 1.50.
    """
    found: list[str] = []
    for (_record, what, name), together in groupby(changes, lambda one: (one.record, one.what, f"{one.label} {one.title}".strip())):
        some = list(together)
        if what == history.CHANGED:
            found += [f"把 {name} 的 {one.field} {one.old or '（空）'} 改为 {one.new or '（空）'}" for one in some]
        else:
            told = "，".join(f"{one.field} {one.new or one.old}" for one in some if one.field)
            found.append(f"{what} {name}{'：' if told else ''}{told}")
    return found


class HistoryPanel(QScrollArea):
    """The changes of one record, read off the window's thread."""

    def __init__(self, access: Access, reg: Register, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"history.{reg.name}")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.access, self.reg = access, reg
        self.row_id = ""
        self._asked = 0

    def set_record(self, row_id: str) -> None:
        """Another record, or the same one changed."""
        self.row_id = row_id
        self._asked += 1  # what is being read is of what stood there before

    def look(self) -> None:
        """Read the entries."""
        self._asked += 1
        asked, reg, row_id = self._asked, self.reg, self.row_id
        self.access.look(lambda session: history.of_record(session, reg, row_id, limit=100), while_there(self, lambda found: self._show(asked, found)))

    def _show(self, asked: int, entries: Sequence[Entry]) -> None:
        if asked != self._asked:
            return
        inside = QWidget()
        inside.setProperty("look", "inside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 8, 12, 8)
        column.setSpacing(4)
        for entry in entries:
            column.addSpacing(6)
            column.addWidget(label(who_and_when(entry), "section"))
            said = sentences(entry.changes)
            for text in said[:MOST]:
                told = label(text, wrap=True)
                told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                told.setIndent(12)
                column.addWidget(told)
            if len(said) > MOST:
                column.addWidget(label(f"　还有 {len(said) - MOST} 处改动", "muted"))
        if not entries:
            column.addWidget(label("还没有改动", "muted"))
        column.addStretch(1)
        self.setWidget(inside)
        self.viewport().setAutoFillBackground(False)

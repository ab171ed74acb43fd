"""The editor of a field of several tags: a line to type them, and a list to tick them in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QMenu, QVBoxLayout, QWidget, QWidgetAction

from relocdesk.errors import UserError
from relocdesk.field import Field
from ui.access import Access
from ui.editors import LineEditor
from ui.parts import button


class TagsEditor(LineEditor):
    """Tags typed as 党课、主题党日, or ticked in a list that Alt+↓ or the button opens and that stays open."""

    def __init__(self, f: Field, access: Access) -> None:
        super().__init__(f, access)
        self.line.setPlaceholderText("可以选几种")
        self.pick = button("选…", "down", look="icon", name=f"{f.name}.pick", tip="勾选几种（Alt+↓）", on=self.open_list)
        self.add_beside(self.pick)
        self.menu: QMenu | None = None

    def open_list(self) -> None:
        """Show the tags with those ticked that are there."""
        if self.line.isReadOnly() or self.field.choices is None:
            return
        self.menu = QMenu(self)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 16, 8)
        column.setSpacing(6)
        there = self._codes()
        for choice in self.field.choices:
            box = QCheckBox(choice.label)
            box.setObjectName(f"{self.field.name}.{choice.value}")
            box.setChecked(choice.value in there)
            box.toggled.connect(lambda on, code=choice.value: self._tick(code, on))
            column.addWidget(box)
        holder = QWidgetAction(self.menu)
        holder.setDefaultWidget(inside)
        self.menu.addAction(holder)
        self.menu.aboutToHide.connect(self.line.setFocus)
        self.menu.popup(self.line.mapToGlobal(QPoint(0, self.line.height())))

    def set_locked(self, locked: bool) -> None:
        super().set_locked(locked)
        self.pick.setEnabled(not locked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt+↓ opens the list."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched is self.line
        if pressed and event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier:  # type: ignore[attr-defined]  # a key
            self.open_list()
            return True
        return super().eventFilter(watched, event)

    def _codes(self) -> list[str]:
        try:
            value = self.field.read(self.text())
        except UserError:
            return []
        return str(value).split(",") if value else []

    def _tick(self, code: str, on: bool) -> None:
        codes = [*(one for one in self._codes() if one != code), *([code] if on else [])]
        self._replace(self.field.plain(self.field.read("、".join(codes))) if codes else "")

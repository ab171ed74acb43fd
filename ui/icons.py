"""The program's own line icons, tinted with the colours of the current theme and sharp at every scale."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QAbstractButton, QApplication

from ui import theme

# The role says where the icon stands; the theme's table says which colour that is.
ROLES = {
    "text": "text",
    "muted": "muted",
    "faint": "faint",
    "accent": "accent",
    "on-accent": "on_accent",
    "on-rail": "rail_text",
    "on-rail-active": "rail_active_text",
    "good": "good",
    "info": "info",
    "warn": "warn",
    "error": "bad",
}


def icon(name: str, role: str = "text") -> QIcon:
    """The icon `resources/icons/<name>.svg` in the colour of its role; unknown names and roles raise KeyError."""
    return theme.current().icon(name, ROLES[role])


def dress(target: QAbstractButton | QAction, name: str, role: str = "text", size: int = 18) -> None:
    """Give a button or action its icon, and keep it right when the theme changes; `size` grows in large print."""
    target.setProperty("icon_name", name)
    target.setProperty("icon_role", role)
    target.setIcon(icon(name, role))
    if isinstance(target, QAbstractButton):
        target.setProperty("icon_size", size)
        target.setIconSize(_scaled(size))


def undress(target: QAbstractButton | QAction) -> None:
    """Take the icon away again."""
    target.setProperty("icon_name", "")
    target.setIcon(QIcon())


def redress() -> None:
    """Tint and size every dressed button and action anew, after a change of theme."""
    for widget in QApplication.allWidgets():
        targets: list[QAbstractButton | QAction] = list(widget.actions())
        if isinstance(widget, QAbstractButton):
            targets.append(widget)
        for target in targets:
            name = target.property("icon_name")
            if name:
                target.setIcon(icon(name, target.property("icon_role")))
                if isinstance(target, QAbstractButton):
                    target.setIconSize(_scaled(target.property("icon_size")))


def _scaled(size: int) -> QSize:
    side = round(size * theme.current().scale)
    return QSize(side, side)

"""换人: everybody who may work with the book, at the operator's name in the bottom line; two clicks, or Ctrl+L and Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from relocdesk.clerk import ROLES

Operator = tuple[str, str, str]  # name, role, id


def offer_operators(shell: QWidget, at: QWidget, people: Sequence[Operator], now: str, choose: Callable[[Operator], object],
                    leave: Callable[[], object]) -> QMenu:  # fmt: skip
    """Open the menu above a widget (or in the window's corner when that is not shown); the first other person is marked."""
    menu = QMenu(shell)
    menu.setObjectName("operators")
    menu.aboutToHide.connect(menu.deleteLater)
    menu.addAction("换谁来办").setEnabled(False)
    others = []
    for number, one in enumerate(people, 1):
        made = menu.addAction(f"{f'&{number}　' if number < 10 else ''}{one[0]}　{ROLES[one[1]]}{'（现在）' if one[2] == now else ''}")
        made.setData(one[0])
        made.setEnabled(one[2] != now)
        made.triggered.connect(partial(_choose, choose, one))
        others += [made] if one[2] != now else []
    menu.addSeparator()
    menu.addAction("打开别的台账…").triggered.connect(lambda: leave())
    high = menu.sizeHint().height()
    corner = at.mapToGlobal(QPoint(0, -high)) if at.isVisible() else shell.mapToGlobal(QPoint(shell.width() - menu.sizeHint().width(), shell.height() - high))
    menu.popup(corner)
    if others:
        menu.setActiveAction(others[0])
    return menu


def _choose(choose: Callable[[Operator], object], one: Operator, _checked: bool = False) -> None:
    choose(one)

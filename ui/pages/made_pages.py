"""Pages that are made when they are first shown, one of them in sight: what tabs and the list of settings have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget


class MadePages(QStackedWidget):
    """The page in sight is read anew at once, the others when they are shown again; `totals_changed` tells the sums of the one in sight."""

    totals_changed = Signal(str, str)

    def __init__(self, make: Callable[[str], QWidget]) -> None:
        super().__init__()
        self._make = make
        self.made: dict[str, QWidget] = {}
        self.current = ""
        self._stale: dict[str, set[str] | None] = {}
        self._totals: dict[str, tuple[str, str]] = {}

    def show_page(self, key: str) -> QWidget:
        """Bring a page into sight."""
        self.current = key
        page = self.made.get(key)
        if page is None:
            page = self.made[key] = self._make(key)
            self.addWidget(page)
            if hasattr(page, "totals_changed"):
                page.totals_changed.connect(partial(self._total, key))
        elif key in self._stale:
            _reload(page, self._stale.pop(key))
        self.setCurrentWidget(page)
        return page

    def tell_totals(self) -> None:
        """Say again what the page in sight adds up to."""
        self.totals_changed.emit(*self._totals.get(self.current, ("", "")))

    def reload(self, tables: set[str] | None) -> None:
        """Rows of these tables changed (None: of all)."""
        for key, page in self.made.items():
            if key == self.current:
                _reload(page, tables)
            else:
                before = self._stale.get(key, set())
                self._stale[key] = None if tables is None or before is None else before | tables

    def may_close(self) -> bool:
        """Every page is asked."""
        return all(page.may_close() for page in self.made.values() if hasattr(page, "may_close"))

    def _total(self, key: str, shown: str, selected: str) -> None:
        self._totals[key] = (shown, selected)
        if key == self.current:
            self.totals_changed.emit(shown, selected)


def _reload(page: QWidget, tables: set[str] | None) -> None:
    if hasattr(page, "reload"):
        page.reload(tables)

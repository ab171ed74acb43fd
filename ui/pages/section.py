"""A page made of tabs, each made when it is first shown; and the ways from any record to the page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from ui.pages.made_pages import MadePages

if TYPE_CHECKING:  # the first page is there before the registers are loaded
    from relocdesk.field import Register
    from relocdesk.queries.rows import Ask
    from ui.access import Access
    from ui.register_page import Extra
    from ui.shell import Shell


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its key, words, and what makes it."""

    key: str
    label: str
    factory: Callable[[], QWidget]


class Section(QWidget):
    """Tabs over one page. `show_what(tab=…, **what)` shows a tab and hands the rest to it."""

    totals_changed = Signal(str, str)

    def __init__(self, name: str, tabs: Sequence[Tab], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"section.{name}")
        self.setProperty("look", "page")
        self._tabs = tuple(tabs)
        self._follows: dict[str, str] = {}
        self.bar = QTabBar()
        self.bar.setObjectName(f"{name}.tabs")
        self.bar.setExpanding(False)
        for tab in self._tabs:
            self.bar.addTab(tab.label)
        self._pages = MadePages(lambda key: next(tab for tab in self._tabs if tab.key == key).factory())
        self._pages.totals_changed.connect(self.totals_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        tabs_row = QHBoxLayout()
        tabs_row.setContentsMargins(16, 0, 16, 0)
        tabs_row.addWidget(self.bar)
        tabs_row.addStretch(1)
        column.addLayout(tabs_row)
        self.bar.setVisible(len(self._tabs) > 1)  # with a parent: before, it would be a window of its own
        column.addWidget(self._pages, 1)
        self.bar.currentChanged.connect(self._show)
        self._show(0)

    @property
    def current(self) -> str:
        """The key of the tab shown."""
        return self._tabs[self.bar.currentIndex()].key

    def tab(self, key: str) -> QWidget:
        """The widget of a tab, shown."""
        index = next(n for n, tab in enumerate(self._tabs) if tab.key == key)
        if index != self.bar.currentIndex():
            self.bar.setCurrentIndex(index)
        return self._pages.made[key]

    def show_what(self, tab: str = "", **what: object) -> None:
        """Show a tab, and in it what is wanted."""
        shown = self.tab(tab or self.current)
        if what:
            shown.show_what(**what)  # type: ignore[attr-defined]  # a tab that is opened with `what` has it

    def follow(self, rows: str, one: str) -> None:
        """Going from the table of the tab `rows` to the tab `one` takes the only chosen record along."""
        self._follows[one] = rows

    def reload(self, tables: set[str] | None) -> None:
        """The tab shown reads anew now, the others when they are shown again."""
        self._pages.reload(tables)

    def may_close(self) -> bool:
        """Every tab is asked."""
        return self._pages.may_close()

    def _show(self, index: int) -> None:
        before, key = self._pages.current, self._tabs[index].key
        page = self._pages.show_page(key)
        self.setFocusProxy(page)
        if before and self._follows.get(key) == before:
            chosen = self._pages.made[before].chosen_ids()  # type: ignore[attr-defined]  # the derived page has it
            if len(chosen) == 1:
                page.show_what(id=chosen[0])  # type: ignore[attr-defined]
        self._pages.tell_totals()


def register_tab(access: Access, shell: Shell, name: str, label: str = "", extra: Sequence[Extra] = ()) -> Tab:
    """A tab with the derived page of a register; `extra` buttons stand on its bar of chosen rows."""
    from relocdesk.records import register  # noqa: PLC0415 -- slow import

    def make() -> QWidget:
        from ui.register_page import RegisterPage  # noqa: PLC0415 -- slow import

        return RegisterPage(access, register(name), shell, extra=extra)

    return Tab(name, label or register(name).label, make)


def papers_tab(access: Access, shell: Shell) -> Tab:
    """Where signed sheets are taken in by their codes."""

    def make() -> QWidget:
        from ui.pages.papers import PapersPage  # noqa: PLC0415 -- slow import

        return PapersPage(access, shell)

    return Tab("papers", "单据收回", make)


# register → (page, tab) whose table shows its rows
ROWS: dict[str, tuple[str, str]] = {
    "household": ("household", "household"),
    "person": ("household", "person"),
    "authorisation": ("household", "authorisation"),
    "parcel": ("parcel", "parcel"),
    "boundary": ("parcel", "boundary"),
    "parcel_change": ("parcel", "parcel_change"),
    "asset": ("asset", "asset"),
    "posting": ("posting", "posting"),
    "objection": ("posting", "objection"),
    "recheck": ("posting", "recheck"),
    "agreement": ("agreement", "agreement"),
    "agreement_line": ("agreement", "agreement_line"),
    "printout": ("agreement", "printout"),
    "payment_batch": ("payment", "payment_batch"),
    "payment": ("payment", "payment"),
    "unpaid_reason": ("payment", "unpaid_reason"),
    "allocation": ("fund", "allocation"),
    "receipt": ("fund", "receipt"),
    "interest": ("fund", "interest"),
    "spending": ("fund", "spending"),
    "recipient": ("recipient", "recipient"),
    "approval_list": ("recipient", "approval_list"),
    "recipient_change": ("change", "recipient_change"),
    "recovery": ("change", "recovery"),
    "period": ("subsidy", "period"),
    "support_payment": ("subsidy", "support_payment"),
    "support_project": ("works", "support_project"),
    "plan_item": ("works", "plan_item"),
    "project_stage": ("works", "project_stage"),
    "fund_source": ("works", "fund_source"),
    "project_payment": ("works", "project_payment"),
    "surplus_use": ("works", "surplus_use"),
    "training": ("training", "training"),
    "trainee": ("training", "trainee"),
    "petition": ("petition", "petition"),
    "petition_step": ("petition", "petition_step"),
    "petition_review": ("petition", "petition_review"),
    "dispute": ("dispute", "dispute"),
    "patrol": ("dispute", "patrol"),
    "incident": ("dispute", "incident"),
    "year_confirmation": ("dispute", "year_confirmation"),
    "inspection": ("rectify", "inspection"),
    "rectification_item": ("rectify", "rectification_item"),
    "measure": ("rectify", "measure"),
    "look_back": ("rectify", "look_back"),
    "state_change": ("rectify", "state_change"),
    "meeting": ("party", "meeting"),
    "attendance": ("party", "attendance"),
    "talk": ("party", "talk"),
    "home_visit": ("party", "home_visit"),
    "visit_family": ("party", "visit_family"),
    "pledge": ("party", "pledge"),
    "service_item": ("party", "service_item"),
    "task": ("party", "task"),
    "work_step": ("party", "work_step"),
    "advert": ("party", "advert"),
    "platform_entry": ("party", "platform_entry"),
}
# register → (page, tab) made by hand for one record
RECORD: dict[str, tuple[str, str]] = {
    "household": ("household", "one"),
    "agreement": ("agreement", "one"),
    "payment_batch": ("payment", "batch"),
    "posting": ("posting", "rounds"),
    "petition": ("petition", "cases"),
    "boundary": ("parcel", "lines"),
    "support_project": ("works", "one"),
    "training": ("training", "course"),
    "inspection": ("rectify", "batches"),
    "rectification_item": ("rectify", "problem"),
    "recipient": ("recipient", "one"),
}


def way_to_rows(name: str) -> tuple[str, str]:
    """Page and tab with the table of a register; everything else stands under 设置."""
    return ROWS.get(name, ("settings", name))


def way_to_record(name: str) -> tuple[str, str]:
    """Page and tab that shows one record of a register."""
    return RECORD.get(name) or way_to_rows(name)


def open_rows(shell: Shell, ask: Ask) -> None:
    """Show the rows of an ask in their register's page."""
    page, tab = way_to_rows(ask.register.name)
    if page in shell.keys:
        shell.show_page(page, tab=tab, conditions=ask.conditions, search=ask.search, place=ask.place)


def open_record(shell: Shell, reg: Register | str, row_id: str) -> None:
    """Show one record."""
    page, tab = way_to_record(reg if isinstance(reg, str) else reg.name)
    if page in shell.keys:
        shell.show_page(page, tab=tab, id=row_id)

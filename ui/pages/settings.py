"""设置: a list at the left, the chosen page at the right; most of them are registers, the others stand in settings_*.py."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from relocdesk.records import REGISTERS, register
from relocdesk.records.reference import Role
from ui import theme
from ui.access import Access
from ui.pages.made_pages import MadePages
from ui.pages.section import ROWS, register_tab
from ui.shell import Shell

_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("基础资料", ("project", "price_item", "place", "collective_unit", "operator", "dictionary", "policy_row", "holiday")),
    ("本单位", ("office_page", "values", "clauses", "look")),
    ("计划和专项", ("target", "annual_plan", "upper_agreement", "relocation", "acceptance", "incident", "year_confirmation")),
    ("数据", ("import_batch", "bin", "history", "backup", "override")),
)
_LABELS = {"office_page": "单位和本机", "values": "办理规定", "clauses": "条款文字", "look": "界面", "import_batch": "导入批次", "bin": "已删除的记录",
           "history": "全部历史", "backup": "备份和恢复", "project": "工程", "policy_row": "政策参数"}  # fmt: skip
_ONLY_HEADS = frozenset(("operator", "values", "clauses"))


def _without_place(role: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Registers that no page has a tab for yet: none is out of reach."""
    placed = {*ROWS, *(key for _, keys in _GROUPS for key in keys), "office"}  # the office has a page of its own
    left = tuple(reg.name for reg in REGISTERS if reg.group and reg.name not in placed and (not reg.seen_by or role in reg.seen_by))
    return (("其他台账", left),) if left else ()


class SettingsPage(QWidget):
    """Everything that is set up once. `show_what(tab=…)` opens one of its pages, named like the register."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.settings")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self._keys: list[str] = []
        self.list = QListWidget()
        self.list.setObjectName("settings.list")
        self._pages = MadePages(self._make)
        self._pages.totals_changed.connect(self.totals_changed)
        for title, keys in (*_GROUPS, *_without_place(access.clerk.role)):
            head = QListWidgetItem(title)
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(head)
            self._keys.append("")
            for key in keys:
                if key in _ONLY_HEADS and access.clerk.role not in (Role.ADMIN, Role.HEAD):
                    continue
                self.list.addItem(QListWidgetItem(f"　{_LABELS.get(key) or register(key).label}"))
                self._keys.append(key)
        self._dress()
        self.list.currentRowChanged.connect(self._show)
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 0, 8)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(self._pages, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(row)
        self.list.setCurrentRow(1)
        self.setFocusProxy(self.list)

    def tab(self, key: str) -> QWidget:
        """One of the pages, shown."""
        self.show_what(tab=key)
        return self._pages.made[key]

    @property
    def current(self) -> str:
        """The key of the page shown."""
        return self._keys[self.list.currentRow()]

    def show_what(self, tab: str = "", **what: object) -> None:
        """Show one of the pages, and in it what is wanted."""
        if tab in self._keys:
            self.list.setCurrentRow(self._keys.index(tab))
        elif tab:
            self._add(tab)
        if what:
            self._pages.made[self.current].show_what(**what)  # type: ignore[attr-defined]  # a page opened with `what` has it

    def reload(self, tables: set[str] | None) -> None:
        """The page shown reads anew now, the others when they are shown again."""
        self._pages.reload(tables)

    def may_close(self) -> bool:
        """Every page is asked."""
        return self._pages.may_close()

    def _add(self, key: str) -> None:
        """A register that has no line of its own gets one when something points to it."""
        self.list.addItem(QListWidgetItem(f"　{register(key).label}"))
        self._keys.append(key)
        self._dress()
        self.list.setCurrentRow(len(self._keys) - 1)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme may have larger print and other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_keys"):
            self._dress()

    def _dress(self) -> None:
        """All lines equally high: the style sheet alone lets the chosen one cover its neighbours."""
        look = theme.current()
        self.list.setFixedWidth(round(172 * look.scale))
        for number, key in enumerate(self._keys):
            item = self.list.item(number)
            item.setSizeHint(QSize(0, look.size("chip") + 6))
            if not key:
                item.setFont(look.font("small_pt", bold=True))
                item.setForeground(look.colour("muted"))

    def _show(self, number: int) -> None:
        self._pages.show_page(self._keys[number])
        self._pages.tell_totals()

    def _make(self, key: str) -> QWidget:
        from ui.pages import holidays, settings_data, settings_office  # noqa: PLC0415 -- slow import

        own: dict[str, Callable[[Access, Shell], QWidget]] = {
            "office_page": settings_office.OfficePage, "values": settings_office.ValuesPage, "clauses": settings_office.ClausesPage,
            "look": settings_office.LookPage, "import_batch": settings_data.ImportsPage, "bin": settings_data.BinPage,
            "history": settings_data.HistoryPage, "backup": settings_data.BackupPage, "holiday": holidays.HolidayPage,
        }  # fmt: skip
        if key in own:
            return own[key](self.access, self.shell)
        return register_tab(self.access, self.shell, key).factory()

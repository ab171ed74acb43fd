"""节假日: which years' holidays the program knows, and the office's own table with what it corrects."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relocdesk.queries.calendar import office_calendar
from ui.access import Access
from ui.acting import Acting
from ui.pages.section import register_tab
from ui.parts import button, label
from ui.shell import Shell


class HolidayPage(QWidget):
    """What is known, the button that fills a year in, and the table."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.holiday")
        self.access, self.acting = access, Acting(access, shell)
        self._known = label("", "muted", wrap=True)
        fill = button("载入一年的放假安排…", "import", name="holiday.fill", tip="把程序带的国务院放假安排放进台账，再对照通知改正", on=self.fill)
        fill.setEnabled(self.acting.allowed("fill-holidays"))
        head = QHBoxLayout()
        head.setContentsMargins(16, 4, 16, 0)
        head.addWidget(self._known, 1)
        head.addWidget(fill)
        self.table = register_tab(access, shell, "holiday").factory()
        self.table.totals_changed.connect(self.totals_changed)  # type: ignore[attr-defined]  # the derived page has it
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self.reload(None)

    def show_what(self, **what: object) -> None:
        """Show something in the table."""
        self.table.show_what(**what)  # type: ignore[attr-defined]

    def may_close(self) -> bool:
        """The form may hold something."""
        return bool(self.table.may_close())  # type: ignore[attr-defined]

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        self.table.reload(tables)  # type: ignore[attr-defined]
        known = self.access.read(office_calendar)
        begun = known.doubt(*(f"{year}-01-01" for year in known.partly))
        self._known.setText(f"已知 {known.known} 年的放假安排（程序带的，加上下面登记的，以登记的为准）。{f'{begun}。' if begun else ''}"
                            "没有安排的年份只按周六、周日休息推算；新的一年七个节日都登记了（写上节日名称）才算有安排。")

    def fill(self) -> None:
        """Ask for the year."""
        self.acting.ask("fill-holidays", "", [], yes="载入", preset={"year": int(self.access.clerk.on[:4])})

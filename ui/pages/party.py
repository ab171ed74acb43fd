"""党建廉政: the year in numbers that open their rows, who came, and the registers; integrity only for those who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from relocdesk.queries.party import Number, Presence, attendance, integrity_numbers, meeting_numbers, study_numbers, work_numbers
from relocdesk.queries.platform import Progress, entries, progress
from relocdesk.records import register
from relocdesk.records.party import PlatformModule
from relocdesk.records.reference import Role
from ui.access import Access, Session
from ui.acting import Acting
from ui.pages.master_list import page_look
from ui.pages.section import Section, Tab, open_rows, papers_tab, register_tab
from ui.parts import Card, NumberLink, button, clear, label
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

_YEARS = 6  # back from this one
_TABS = (("meeting", "会议活动"), ("attendance", "参加人员"), ("talk", "谈话"), ("home_visit", "家访"), ("visit_family", "家属"), ("pledge", "承诺书"),
         ("service_item", "实事"), ("task", "任务"), ("work_step", "进展"), ("advert", "公益广告"), ("platform_entry", "平台录入"))  # fmt: skip
_FIRST = ("会议", "meeting"), ("实事", "service_item"), ("任务", "task")


class YearPage(QWidget):
    """One year: every number opens its rows."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "party")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self.year = QComboBox()
        self.year.setObjectName("party.year")
        now = int(access.clerk.on[:4])
        for year in range(now, now - _YEARS, -1):
            self.year.addItem(f"{year} 年", year)
        self.year.currentIndexChanged.connect(lambda _index: self.reload(None))
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("年度一览", "title"))
        head.addWidget(self.year)
        head.addStretch(1)
        for words, name in _FIRST:
            new = button(f"登记{words}", "add", look="primary" if name == "meeting" else "", name=f"party.new.{name}",
                         on=partial(shell.show_page, "party", tab=name, new=True))  # fmt: skip
            new.setEnabled(access.may_add(name))
            head.addWidget(new)
        self._cards = QHBoxLayout()
        self._cards.setSpacing(12)
        self.people = TextTable((Column("姓名", 8), Column("职务", 12), Column("应到", 5, right=True), Column("实到", 5, right=True),
                                 Column("请假", 5, right=True), Column("到会率", 7, right=True)), name="party.people")  # fmt: skip
        inside = QWidget()
        inside.setProperty("look", "page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 10, 16, 12)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(self._cards)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        enlist = button("列入…", "add", look="small", name="party.list", tip="把台账里的记录列成要录的清单", on=self.open_list)
        enlist.setEnabled(self.acting.allowed("platform-list"))
        row.addWidget(enlist)
        row.addWidget(button("转录…", "copy", look="small", name="party.platform", tip="窄条浮在最前面，逐项复制到平台网页", on=self.open_strip))
        self._platform_card = Card("平台录入", corner=buttons)
        self.platform = TextTable((Column("年度", 6), Column("模块", 10), Column("录入人", 8), Column("要录", 5, right=True), Column("已录", 5, right=True),
                                   Column("需更正", 6, right=True)), name="party.entries")  # fmt: skip
        self.platform.opened.connect(self._open_entries)
        self._platform_card.body.addWidget(self.platform)
        self._people_card = Card("参加人员（按人）")
        self._people_card.body.addWidget(self.people)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Count anew."""
        year, on, sees = int(self.year.currentData()), self.access.clerk.on, may_see(self.access)
        self.access.look(lambda session: _read(session, year, on, sees), lambda found: self._show(*found))
        self.access.look(progress, self._show_platform)

    def open_strip(self) -> None:
        """The strip that is copied from while typing into the platform."""
        from ui.platform_strip import open_strip  # noqa: PLC0415 -- only when wanted

        open_strip(self.access, self.shell)

    def open_list(self) -> None:
        """Records of a module become entries to type."""
        self.acting.ask("platform-list", "", [], yes="列入", preset={"data_year": int(self.year.currentData()), "person": self.access.clerk.name})

    def _open_entries(self, key: str) -> None:
        module, year, person = key.split("/")
        open_rows(self.shell, entries(int(year), module, person))

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _show(self, numbers: Sequence[Number], people: Sequence[Presence]) -> None:
        for card in (self._people_card, self._platform_card):
            card.setParent(None)
        clear(self._cards)
        parts: dict[str, list[Number]] = {}
        for one in numbers:
            parts.setdefault(one.part, []).append(one)
        right = QVBoxLayout()
        right.setSpacing(12)
        for n, (part, some) in enumerate(parts.items()):
            if n:
                right.addWidget(self._card(part, some))
            else:  # the longest stands alone at the left
                self._cards.addWidget(self._card(part, some), 1)
        right.addWidget(self._platform_card)
        right.addWidget(self._people_card)
        right.addStretch(1)
        self._cards.addLayout(right, 1)
        self._platform_card.show()
        self._people_card.setVisible(bool(people))
        self.people.set_rows([Row(one.name, (one.name, one.post, str(one.expected), str(one.present), str(one.excused or ""),
                                             f"{one.present * 100 // one.expected}%")) for one in people])  # fmt: skip
        self.people.show_whole(8)
        three = next(one for one in numbers if one.key == "three")
        self.totals_changed.emit(f"{self.year.currentText()} · 三会一课 {three.value} 次（{three.beside.rpartition('；')[2]}）", "")

    def _show_platform(self, found: Sequence[Progress]) -> None:
        self.platform.set_rows([_entry_row(one) for one in found])
        self.platform.setVisible(bool(found))
        self.platform.show_whole(8)

    def _card(self, part: str, numbers: Sequence[Number]) -> Card:
        card = Card(part)
        there = [one for one in numbers if one.value or one.key in ("three", "talk", "visit", "pledge", "service")]
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, one in enumerate(there):
            tip = f"看明细（年报 {one.figure}）" if one.figure else "看明细"
            link = NumberLink(f"{one.value:,} {one.unit}", tip=tip, on=partial(open_rows, self.shell, one.ask))
            link.setObjectName(f"party.number.{one.key}")
            grid.addWidget(label(one.label), row, 0)
            grid.addWidget(label(one.beside, "muted"), row, 1)
            grid.addWidget(link, row, 2, Qt.AlignmentFlag.AlignRight)
        card.body.addLayout(grid)
        quiet = [one.label for one in numbers if one not in there]
        if quiet:
            card.body.addWidget(label(f"还没有：{'、'.join(quiet)}", "muted", wrap=True))
        card.body.addStretch(1)
        return card


def _entry_row(one: Progress) -> Row:
    cells = (str(one.year), PlatformModule(one.module).label, one.person or "未分", str(one.whole), str(one.done), str(one.again or ""))
    return Row(f"{one.module}/{one.year}/{one.person}", cells)


def may_see(access: Access) -> bool:
    """Whether whoever is at work may see talks, visits and pledges."""
    return access.clerk.role in register("talk").seen_by


def _read(session: Session, year: int, on: str, sees: bool) -> tuple[list[Number], list[Presence]]:
    numbers = [*meeting_numbers(session, year), *study_numbers(session, year), *(integrity_numbers(session, year) if sees else ()),
               *work_numbers(session, year, on)]  # fmt: skip
    return numbers, attendance(session, year)


def party_section(access: Access, shell: Shell) -> Section:
    """党建廉政; who may not see talks, visits and pledges has no tab for them."""
    sees = may_see(access)
    tabs = [register_tab(access, shell, name, words) for name, words in _TABS if sees or not register(name).seen_by]
    if access.clerk.role == Role.PARTY:  # the others take papers in where agreements are
        tabs.append(papers_tab(access, shell))
    return Section("party", [Tab("year", "年度一览", lambda: YearPage(access, shell)), *tabs])

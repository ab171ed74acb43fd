"""移民户: the register, its people and proxies, and 一户一档: everything about one household on one page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QSplitter, QVBoxLayout, QWidget

from relocdesk.field import Field
from relocdesk.queries import household as queries
from relocdesk.queries.household import Page
from relocdesk.queries.rows import Ask, Line, Totals
from relocdesk.queries.saying import mu_text, totals_text
from relocdesk.records import register
from relocdesk.rules.money import capital, show_yuan
from ui.access import Access
from ui.acting import Acting
from ui.flow import FlowRow
from ui.grid import chip_kind
from ui.pages.section import Section, Tab, open_record, register_tab
from ui.parts import Card, Chip, EmptyState, StateSentence, button, clear, dress_search, label
from ui.print_dialog import print_records
from ui.shell import Shell
from ui.tables import RowsTable
from ui.texts import Column, Row, TextTable

# register → the columns shown on the page, and what it is called there
PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("person", "家庭成员", ("name", "relation", "idcard", "sex", "born_on", "resettler", "state")),
    ("parcel", "土地", ("number", "site", "land_class", "nature", "area", "confirmed", "amount")),
    ("asset", "房屋和其他实物", ("number", "kind", "item", "spec", "quantity", "unit", "confirmed", "amount")),
    ("agreement", "协议", ("number", "kind", "state", "signed_on", "total", "paid")),
    ("agreement_line", "协议明细", ("agreement", "kind", "item", "quantity", "unit", "unit_price", "payee_type", "amount")),
    ("payment", "兑付", ("batch", "serial", "amount", "account", "result", "paid_on", "return_reason")),
    ("authorisation", "授权委托", ("line", "agent_name", "relation", "matter", "valid_to", "signed")),
    ("objection", "异议", ("line", "raised_by", "filed_on", "claim")),
    ("recheck", "复核", ("line", "parcel", "asset", "old_quantity", "new_quantity", "held_on", "result")),
    ("unpaid_reason", "未付原因", ("agreement", "reason", "owner", "next_step", "since")),
    ("printout", "单据", ("code", "form", "printed_at", "status", "returned_on")),
    ("attachment", "附件", ("name", "type", "size")),
)
_HEAD = ("number", "place", "phone", "relocation", "account_name", "account", "bank", "moved_on", "house_removed_on", "remark")


class HouseholdList(QWidget):
    """Households to choose from: a search line over a narrow table. `chosen` carries an id."""

    chosen = Signal(str)

    def __init__(self, access: Access, name: str, columns: Sequence[str] = ("head_name", "number", "step")) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setObjectName(f"{name}.search")
        self.search.setPlaceholderText("户号、姓名、首字母、证号后四位")
        dress_search(self.search)
        self.table = RowsTable(access, register("household"), columns, name=f"{name}.list", widths={"head_name": 90, "number": 96, "step": 84})
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(200)
        self._timer.timeout.connect(self.reload)
        self.search.textEdited.connect(lambda _text: self._timer.start())
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.record_chosen.connect(lambda row_id: self.chosen.emit(row_id) if row_id else None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.search)
        self.reload()

    def reload(self) -> None:
        """Ask anew."""
        self.table.show_ask(Ask(register("household"), search=self.search.text().strip()))


class OneHousehold(QWidget):
    """一户一档. Ctrl+P prints the household's papers; a double click on a row opens that record."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.one_household")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self.household = ""
        self.shown = ""  # whose file stands there; the buttons act on it until the next one is read
        self._asked = 0
        self.list = HouseholdList(access, "one_household")
        self.list.chosen.connect(lambda row_id: self.show_household(row_id) if row_id != self.household else None)
        self.list.table.counted.connect(self._counted)
        inside = QWidget()
        inside.setProperty("look", "page")
        self._body = QVBoxLayout(inside)
        self._body.setContentsMargins(0, 0, 8, 12)
        self._body.setSpacing(12)
        area = self._area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        self._title = label("一户一档", "title")
        self._title.setObjectName("one_household.title")
        self._state = Chip("")
        self._state.hide()
        self._sentence = StateSentence()
        self._sentence.chosen.connect(self._number)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addStretch(1)
        self._edit = button("修改", "edit", name="one_household.edit", tip="修改户的基本信息", on=self.edit)
        self._draft = button("起草协议", "agreement", name="one_household.draft", on=self.work)
        self._print = button("打印…", "print", look="primary", name="one_household.print", tip="打印户表、明白卡", key="Ctrl+P", on=self.print)
        for one in (self._edit, self._draft, self._print):
            one.setEnabled(False)
            head.addWidget(one)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(12, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        told = QHBoxLayout()
        told.setSpacing(8)
        told.addWidget(self._state)
        told.addWidget(self._sentence, 1)
        column.addLayout(told)
        column.addWidget(area, 1)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(right)
        split.setSizes([300, 760])
        split.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 10, 16, 8)
        whole.addWidget(split)
        self.setFocusProxy(self.list)
        self._body.addWidget(EmptyState("household", "选一户", "在左边输入户号、姓名或首字母，选中就显示这一户的全部资料。"))

    def _counted(self, totals: Totals) -> None:
        self.totals_changed.emit(totals_text(register("household"), totals), "")
        if not totals.count and not self.household and not self.list.search.text().strip():
            clear(self._body)
            way = ("从 Excel 导入", partial(self.shell.show_page, "import", register="household"))
            may = self.access.may_add("household")
            self._body.addWidget(EmptyState("household", "还没有移民户", "先把户表导进来，每一户的资料就会汇在这一页。", way if may else None))
        if self.household:
            self.list.table.mark(self.household)
        elif totals.count:
            self.list.table.choose_rowid(self.list.table.grid_model.rowids[0])

    def show_what(self, id: str = "") -> None:
        """Show a household."""
        if id:
            self.show_household(id)

    def reload(self, tables: set[str] | None) -> None:
        """Read the household and the list anew."""
        self.list.reload()
        if self.household:
            self._look()

    def show_household(self, row_id: str) -> None:
        """Show this household's file, and mark it in the list when it is there."""
        self.household = row_id
        self.list.table.mark(row_id)
        self._look()

    def _look(self) -> None:
        self._asked += 1
        asked, row_id, on = self._asked, self.household, self.access.clerk.on
        self.access.look(lambda session: queries.household_page(session, row_id, on),
                         lambda page: self._show(row_id, page) if asked == self._asked else None,
                         lambda error: self._gone(error) if asked == self._asked else None)  # fmt: skip

    def print(self) -> None:
        """Print the household's papers."""
        print_records(self.access, self.shell, "household", [self.shown])

    def edit(self) -> None:
        """Open the household's form."""
        self.shell.show_page("household", tab="household", id=self.shown)

    def work(self) -> None:
        """Go on to its agreements."""
        self.shell.show_page("agreement", tab="one", household=self.shown)

    def _gone(self, error: Exception) -> None:
        self.shown = ""
        self._title.setText("一户一档")
        self._state.hide()
        self._sentence.say()
        for one in (self._edit, self._draft, self._print):
            one.setEnabled(False)
        clear(self._body)
        self._body.addWidget(EmptyState("warning", str(error), ""))

    def _number(self, key: str) -> None:
        """A number of the sentence brings its table into sight."""
        found = self.findChild(Card, f"one_household.{key}")
        if found is not None:
            self._area.ensureWidgetVisible(found, 0, 200)

    def _show(self, row_id: str, page: Page) -> None:
        self.shown = row_id
        values = {f.name: page.household.shown[n] for n, f in enumerate(page.fields)}
        self._title.setText(f"{values.get('head_name', '')}　{values.get('number', '')}")
        step = values.get("step", "")
        self._state.setVisible(bool(step))
        self._state.set_text(step, chip_kind(step))
        for one in (self._edit, self._draft, self._print):
            one.setEnabled(True)
        land = page.land.total
        left = f"元（{capital(page.unpaid)}）" if page.unpaid > 0 else "元，已付清"
        self._sentence.say(f"{values.get('place', '')} · ", (f"{page.people}", "person"), " 人 · 征地 ", (f"{mu_text(land.surveyed)}", "parcel"),
                           " 亩 · 协议 ", (show_yuan(page.agreed), "agreement"), " 元 · 已付 ", (show_yuan(page.paid), "payment", "good"), " 元 · 未付 ",
                           (show_yuan(page.unpaid), "payment", "warn" if page.unpaid else ""), f" {left}")  # fmt: skip
        clear(self._body)
        self._body.addWidget(self._basics(page.fields, page.household))
        for name, title, columns in PARTS:
            section = page.section(name)
            if section.lines:
                names = [f.name for f in section.fields]
                self._body.addWidget(self._part(name, title, [(section.fields[names.index(one)], names.index(one)) for one in columns if one in names],
                                                section.lines))  # fmt: skip
        missing = [title for name, title, _ in PARTS[:4] if not page.section(name).lines]
        if missing:
            self._body.addWidget(label(f"还没有登记：{'、'.join(missing)}", "muted"))
        self._body.addStretch(1)

    def _basics(self, fields: Sequence[Field], line: Line) -> Card:
        card = Card()
        pairs = [(f, f.discreet(line.shown[n])) for n, f in enumerate(fields) if f.name in _HEAD or f.name == "head_idcard"]
        facts = FlowRow()
        facts.set_pieces([fact(f.label, text) for f, text in pairs if text])
        card.body.addWidget(facts)
        return card

    def _part(self, name: str, title: str, columns: Sequence[tuple[Field, int]], lines: Sequence[Line]) -> Card:
        card = Card(f"{title}（{len(lines)}）")
        card.setObjectName(f"one_household.{name}")
        table = TextTable([Column(f.title, min(f.width, 20), right=f.kind.right, chip=f.name in ("state", "status", "result", "step")) for f, _ in columns],
                          name=f"one_household.{name}.rows")  # fmt: skip
        table.set_rows([Row(one.id, tuple(f.discreet(one.shown[n]) for f, n in columns)) for one in lines])
        table.show_whole(8)
        table.opened.connect(partial(open_record, self.shell, name))
        card.body.addWidget(table)
        return card


def fact(name: str, text: str) -> QWidget:
    """A name and its value on one line, for a FlowRow."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(label(name, "muted"))
    row.addWidget(label(text), 1)
    return made


def household_section(access: Access, shell: Shell) -> Section:
    """移民户 with its tabs; going to 一户一档 takes the chosen household along."""
    def one(ids: list[str]) -> None:
        open_record(shell, "household", ids[0])

    table = register_tab(access, shell, "household", extra=(("一户一档", "household", one),))
    section = Section("household", [table, Tab("one", "一户一档", lambda: OneHousehold(access, shell)),
                                    register_tab(access, shell, "person"), register_tab(access, shell, "authorisation")])  # fmt: skip
    section.follow("household", "one")
    return section

"""一人一档: one recipient with the clock of the years, what changed, what arrived and what must come back; all changes begin here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from relocdesk.queries.household import Section as Rows
from relocdesk.queries.recipient import RecipientPage, recipient_page
from relocdesk.queries.rows import Ask
from relocdesk.records import register
from relocdesk.rules.days import chinese_month
from relocdesk.rules.identity import mask_idcard
from relocdesk.rules.money import show_yuan
from ui.access import Access, Session
from ui.flow import FlowRow
from ui.grid import chip_kind
from ui.pages.household import fact
from ui.pages.master_list import MasterList, MasterPage
from ui.pages.section import open_record
from ui.parts import Card, Chip, EmptyState, Gauge, StateSentence, button, clear, dress_search, label, row, stack
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

_FACTS = ("place", "reservoir", "household_no", "head_name", "relation", "cohort", "moved_on", "approval", "support", "account_name", "account", "bank",
          "payee_relation", "phone", "alive_on", "remark")  # fmt: skip
_PARTS = (("recipient_change", "人口动态"), ("recovery", "追缴"), ("support_payment", "直补发放"), ("attachment", "附件"))
_FIRST = (("reduce", "核减…"), ("restore", "恢复…"), ("change-account", "变更账户…"))
_MORE = (("correct", "更正信息…"), ("move", "辖内迁移…"), ("move-out", "迁出…"), ("move-in", "迁入…"), ("certify-alive", "生存认证…"),
         ("recompute", "核算多发"))  # fmt: skip
_HINTS = {
    "reduce": "从哪个月停发按政策参数算出；报晚了的，前几期多发的自动列入追缴。办错了可以撤销。",
    "restore": "停发期间的不补发，年限不顺延。已登记死亡的，只有法院撤销死亡宣告才能恢复。",
    "change-account": "从下一份名册起使用；已冻结的名册不变。",
    "correct": "更正前后都留底。身份证号会按校验位核对。",
    "move": "只用于本台账内的村组之间；迁到外县的办“迁出”。",
}


class OneRecipient(MasterPage):
    """People at the left, the chosen one's file at the right. A double click on a row opens that record."""

    def __init__(self, access: Access, shell: Shell, name: str = "one_recipient") -> None:
        super().__init__(access, shell, name)
        self.search = QLineEdit()
        self.search.setObjectName(f"{name}.search")
        self.search.setPlaceholderText("姓名、首字母、证号后四位")
        dress_search(self.search)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(200)
        self._timer.timeout.connect(self._find)
        self.search.textEdited.connect(lambda _text: self._timer.start())
        master = MasterList(access, Ask(register("recipient")), ("name", "place", "state"), name=f"{name}.list",
                            widths={"name": 72, "place": 150, "state": 64}, above=(self.search,), sizes=(320, 740))  # fmt: skip
        empty = EmptyState("people", "还没有直补对象", "把核定名册或直补花名册导入进来，每个人就有了自己的一页。",
                           ("导入花名册", lambda: shell.show_page("import", register="recipient")))  # fmt: skip
        self.begin(master, self._sheet(), empty, self._read, self._show)
        self.setFocusProxy(self.search)

    def act(self, name: str) -> None:
        """One of the changes, for the person shown."""
        if self.master.shown:
            self.acting.ask(name, "recipient", [self.master.shown], danger=name in ("reduce", "move-out"), hint=_HINTS.get(name, ""))

    def edit(self) -> None:
        """Open the form."""
        self.shell.show_page("recipient", tab="recipient", id=self.master.shown)

    # --- building ----------------------------------------------------------------------------------------------------

    def _sheet(self) -> QWidget:
        self._title = label("选一个人", "title")
        self._title.setObjectName(f"{self.name}.title")
        self._state = Chip("")
        head = row(self._title, self._state, 1, *self.tools(_FIRST, self.act, look="", first="reduce"), self._more())
        for name, made in self._buttons.items():
            if not self.acting.allowed(name, "recipient"):
                made.hide()
        self._sentence = StateSentence()
        self._sentence.chosen.connect(self._number)
        inside = QWidget()
        inside.setProperty("look", "page")
        self._body = QVBoxLayout(inside)
        self._body.setContentsMargins(0, 0, 8, 12)
        self._body.setSpacing(12)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(inside)
        return stack(head, self._sentence, (self._area, 1), gap=6)

    def _more(self) -> QPushButton:
        more = button("更多", look="menu", name=f"{self.name}.more")
        menu = QMenu(more)
        for name, words in _MORE:
            if self.acting.allowed(name, "recipient"):
                menu.addAction(words).triggered.connect(lambda _on=False, name=name: self.act(name))
        menu.addSeparator()
        menu.addAction("修改资料").triggered.connect(lambda: self.edit())
        menu.addAction("打印…").triggered.connect(lambda: self.print())
        more.setMenu(menu)
        return more

    # --- showing -----------------------------------------------------------------------------------------------------

    def _find(self) -> None:
        self.master.show_ask(Ask(register("recipient"), search=self.search.text().strip()))

    def _read(self, session: Session, row_id: str) -> RecipientPage:
        return recipient_page(session, row_id, self.access.clerk.on)

    def _number(self, key: str) -> None:
        found = self.findChild(Card, f"{self.name}.{key}")
        if found is not None:
            self._area.ensureWidgetVisible(found, 0, 200)

    def _show(self, page: RecipientPage | None) -> None:
        if page is None:
            return
        values = {f.name: page.line.shown[n] for n, f in enumerate(page.fields)}
        self._title.setText(f"{values['name']}　{mask_idcard(values['idcard'])}")
        self._state.set_text(values["state"], chip_kind(values["state"]))
        gone = values["state"] in ("核减", "迁出", "暂停")
        self._buttons["restore"].setEnabled(gone)
        self._buttons["restore"].setToolTip("" if gone else "没有核减，不用恢复")
        self._sentence.say(f"{values['place']} · {values['reservoir']} · 已发 ", (show_yuan(page.paid), "support_payment", "good"), " 元 · 待追回 ",
                           (show_yuan(page.owed), "recovery", "error" if page.owed else ""), " 元")  # fmt: skip
        clear(self._body)
        self._body.addWidget(self._clock(page))
        self._body.addWidget(self._basics(page, values))
        for name, title in _PARTS:
            if page.section(name).lines:
                self._body.addWidget(self._part(title, page.section(name)))
        missing = [title for name, title in _PARTS[:3] if not page.section(name).lines]
        if missing:
            self._body.addWidget(label(f"没有：{'、'.join(missing)}", "muted"))
        self._body.addStretch(1)

    def _clock(self, page: RecipientPage) -> Card:
        """The years as a bar: how many of their months are over."""
        one = page.entitled
        card = Card()
        gauge = Gauge(f"扶持期　{chinese_month(one.start)} 至 {chinese_month(one.end)}，共 {page.whole} 个月")
        on = self.access.clerk.on[:7]
        stopped = next((since for since, until in one.gaps if until is None), "")
        if stopped:
            told = f"从 {chinese_month(stopped)} 起停发"
        elif one.end < on:
            told = "已期满，按政策照发并提醒" if one.only_warn else "已期满"
        else:
            told = f"还有 {page.left} 个月"
        gauge.set_value(page.used, page.whole, f"已享受 {page.used} 个月 · {told}", "warn" if stopped or page.left <= 12 else "")
        card.body.addWidget(gauge)
        lost = [f"{chinese_month(since)} 至 {chinese_month(until)} 前停发" for since, until in one.gaps if until is not None]
        if lost:
            card.body.addWidget(label("；".join(lost) + "（不补发，不顺延）", "muted", wrap=True))
        return card

    def _basics(self, page: RecipientPage, values: dict[str, str]) -> Card:
        card = Card()
        facts = FlowRow()
        shown = {f.name: f.discreet(values[f.name]) for f in page.fields}
        facts.set_pieces([fact(f.label, shown[f.name]) for f in page.fields if f.name in _FACTS and shown[f.name]])
        card.body.addWidget(facts)
        return card

    def _part(self, title: str, found: Rows) -> Card:
        name = found.register.name
        card = Card(f"{title}（{len(found.lines)}）")
        card.setObjectName(f"{self.name}.{name}")
        columns = [Column(f.title, min(f.width, 20), right=f.kind.right, chip=f.name in ("result", "state")) for f in found.fields]
        table = TextTable(columns, name=f"{self.name}.{name}.rows")
        table.set_rows([Row(one.id, _cells(found, one.shown)) for one in reversed(found.lines)])  # the newest first
        table.show_whole(8)
        table.opened.connect(partial(open_record, self.shell, name))
        card.body.addWidget(table)
        return card


def _cells(found: Rows, shown: Sequence[str]) -> tuple[str, ...]:
    return tuple(_period(text) if f.to == "period" else f.discreet(text) for f, text in zip(found.fields, shown, strict=True))


def _period(key: str) -> str:
    """2026/2/530523102 as people say it; the township is the person's own."""
    year, _, rest = key.partition("/")
    return f"{year}年第{rest.partition('/')[0]}期"


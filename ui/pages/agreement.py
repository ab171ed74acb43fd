"""协议: one agreement with its paper in the middle and at the right what is missing before it may be printed or signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.queries import choices, rows
from relocdesk.queries.rows import Ask, Condition, Totals
from relocdesk.queries.saying import totals_text
from relocdesk.records import register
from relocdesk.records.agreement import AgreementState
from relocdesk.rules.money import capital, show_yuan
from ui import theme
from ui.access import Access, Session
from ui.acting import Acting
from ui.pages.section import Section, Tab, papers_tab, register_tab
from ui.paper import PaperView
from ui.parts import Card, Chip, ElidedLabel, TintedLabel, button, clear, dress_search, label
from ui.print_dialog import print_records
from ui.shell import Shell
from ui.tables import RowsTable
from ui.texts import Column, Row, TextTable

FORM = "agreement"
_FIELDS = ("number", "state", "household", "collective", "kind", "total", "paid", "signed_on", "supplements")


@dataclass(frozen=True, slots=True)
class Seen:
    """One agreement as the page shows it. `done` and `missing` are the steps behind and before it, in words."""

    id: str
    number: str
    state: str
    party: str
    household: str
    kind: str
    total: int
    paid: int
    pdf: bytes
    trouble: str  # why there is no paper
    done: tuple[str, ...]
    missing: tuple[str, ...]
    printable: bool
    waiting: tuple[tuple[str, str], ...]  # survey rows of the household in no agreement: what, why not or ""


def see(session: Session, clerk: Clerk, row_id: str) -> Seen | None:
    """Everything about an agreement for the page; None when it is gone."""
    from relocdesk.printing import find_form  # noqa: PLC0415 -- slow import
    from relocdesk.printing.press import plan_papers, preview  # noqa: PLC0415 -- slow import

    reg = register("agreement")
    fields = [reg[name] for name in _FIELDS]
    line = choices.record(session, reg, row_id, fields)
    if line is None:
        return None
    values = dict(zip(_FIELDS, line.values, strict=True))
    shown = dict(zip(_FIELDS, line.shown, strict=True))
    form = find_form(FORM)
    pdf, trouble, gaps, code, outdated = b"", "", "", "", ""
    try:
        sheet = plan_papers(session, clerk, form, [row_id])[0]
        gaps, code, outdated = sheet.refused, sheet.code, sheet.outdated
        pdf = preview(session, clerk, form, [row_id])
    except UserError as error:
        trouble = str(error)
    state = str(values["state"])
    done, missing = _steps(state, gaps or trouble, code, outdated, shown["signed_on"], int(values["total"] or 0), int(values["paid"] or 0))
    household = str(values["household"] or "")
    owner = "household" if household else "collective"
    party = rows.titles(session, register("household" if household else "collective_unit"), [str(values[owner])]) if values[owner] else {}
    return Seen(row_id, shown["number"], state, party.get(str(values[owner]), shown[owner]), household, shown["kind"], int(values["total"] or 0),
                int(values["paid"] or 0), pdf, trouble, done, missing, not (gaps or trouble), tuple(waiting_items(session, clerk, household)))  # fmt: skip


def _steps(state: str, gaps: str, code: str, outdated: str, signed_on: str, total: int, paid: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if state == AgreementState.VOID:
        return (), ("已作废，编号保留，不能再用",)
    done: list[str] = ["已起草"]
    missing: list[str] = []
    (missing if state == AgreementState.DRAFT else done).append("还没有审核" if state == AgreementState.DRAFT else "已审核")
    if state != AgreementState.SIGNED:
        if gaps:
            missing.append(f"打印前要补：{gaps}")
        if code:
            done.append(f"已打印（短码 {code[:4]}-{code[4:]}）")
        else:
            missing.append(f"打印后内容又改过（旧单 {outdated[:4]}-{outdated[4:]} 作废），要重新打印" if outdated else "还没有打印")
        missing.append("还没有签订")
    else:
        done.append(f"已签订（{signed_on}）")
        if paid >= total:
            done.append("已付清")
        else:
            missing.append(f"还有 {show_yuan(total - paid)} 元没有兑付")
    return tuple(done), tuple(missing)


def waiting_items(session: Session, clerk: Clerk, household: str) -> list[tuple[str, str]]:
    """Survey rows of a household that stand in no agreement yet: what they are, and what is in the way ("" = nothing)."""
    if not household:
        return []
    from relocdesk.actions.drafting import Planner  # noqa: PLC0415 -- slow import

    plans = Planner(session, clerk).plans(households=[household])
    found = [(f"{line.get('item', '')} {line.get('kind', '')} {show_yuan(line.get('amount', 0))} 元", "") for plan in plans for line in plan.lines]
    return found + [("", text) for plan in plans for text in dict.fromkeys(plan.troubles)]


class OneAgreement(QWidget):
    """One agreement: left which, middle the paper, right what is missing and what can be done."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.one_agreement")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self.agreement = ""
        self.seen: Seen | None = None
        self._asked = 0
        self._household = ""  # only this household's agreements
        self._waits = ""  # whose rows that stand in no agreement are in sight
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self._left())
        self.view = PaperView(name="one_agreement.paper")
        split.addWidget(self.view)
        split.addWidget(self._right())
        split.setSizes([round(300 * theme.current().scale), 480, round(270 * theme.current().scale)])
        split.setStretchFactor(1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 10, 16, 8)
        whole.addWidget(split)
        self.setFocusProxy(self.search)
        self._list()

    def _left(self) -> QWidget:
        side = QWidget()
        self.search = QLineEdit()
        self.search.setObjectName("one_agreement.search")
        self.search.setPlaceholderText("协议编号、户号、姓名")
        dress_search(self.search)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(200)
        self._timer.timeout.connect(self._list)
        self.search.textEdited.connect(lambda _text: self._timer.start())
        self.only = Chip("", "info", removable=True)
        self.only.hide()
        self.only.removed.connect(lambda: self.show_household(""))
        columns = ("number", "party", "state")
        self.list = RowsTable(self.access, register("agreement"), columns, name="one_agreement.list",
                              told={"number": lambda text: text.rpartition("〕")[2] or text},
                              widths={"number": 80, "party": 100, "state": 70})  # fmt: skip
        self.list.record_chosen.connect(lambda row_id: self.show_agreement(row_id) if row_id and row_id != self.agreement else None)
        self.list.counted.connect(self._counted)
        self.items = TextTable((Column("还没列入协议的实物", 30),), name="one_agreement.items")
        self.items.setMaximumHeight(150)
        self.items.hide()
        self._draft = button("起草这一户", "add", name="one_agreement.draft", on=self.draft)
        self._draft.hide()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for one in (self.search, self.only):
            column.addWidget(one)
        column.addWidget(self.list, 1)
        column.addWidget(self.items)
        column.addWidget(self._draft)
        return side

    def _right(self) -> QWidget:
        self._title = ElidedLabel("选一份协议", "heading")
        self._party = label("", "muted", wrap=True)
        self._amount = label("", wrap=True)
        self._state = Chip("")
        self._state.hide()
        self._steps = QVBoxLayout()
        self._steps.setSpacing(6)
        self._buttons: dict[str, QPushButton] = {}
        card = Card()
        card.body.addWidget(self._title)
        card.body.addWidget(self._state)
        card.body.addWidget(self._party)
        card.body.addWidget(self._amount)
        missing = Card("打印和签订前")
        missing.body.addLayout(self._steps)
        act = Card("办理")
        for name, words, icon in (("review", "审核", "check"), ("print", "打印…", "print"), ("sign", "登记签订…", "edit"), ("supplement", "签补充协议…", "add"),
                                  ("edit", "改甲方、经办人、份数…", "edit"), ("add-line", "加一行明细…", "add"), ("lines", "看明细和历史", "table"),
                                  ("void", "作废…", "stop")):  # fmt: skip
            made = button(words, icon, look="danger" if name == "void" else "", name=f"one_agreement.{name}", on=partial(self.act, name))
            made.setEnabled(False)
            self._buttons[name] = made
            act.body.addWidget(made)
        inside = QWidget()
        inside.setProperty("look", "page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(10)
        for one in (card, missing, act):
            column.addWidget(one)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setMinimumWidth(round(264 * theme.current().scale))
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def show_what(self, id: str = "", household: str = "") -> None:
        """Show an agreement, or the agreements of one household."""
        if household:
            self.show_household(household)
        if id:
            self.show_agreement(id)

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        self._list()
        if self.agreement:
            self._look()

    def show_household(self, household: str) -> None:
        """Only the agreements of this household, and its rows that wait for one; "" for all."""
        self._household = household
        self.only.setVisible(bool(household))
        if household:
            clerk = self.access.clerk
            title = self.access.read(lambda session: rows.titles(session, register("household"), [household]))
            self.only.set_text(title.get(household, ""), "info")
            self.agreement = ""
            self.list.mark("")
            self._asked += 1  # what was being read is of another household
            asked = self._asked
            self._show(None)
            self.access.look(lambda session: waiting_items(session, clerk, household),
                             lambda found: self._show_items(household, found) if asked == self._asked else None)  # fmt: skip
        self._list()

    def show_agreement(self, row_id: str) -> None:
        """Show one agreement, and mark it in the list when it is there."""
        self.agreement = row_id
        self.list.mark(row_id)
        self._look()

    def _look(self) -> None:
        self._asked += 1
        asked, row_id, clerk = self._asked, self.agreement, self.access.clerk
        self.access.look(lambda session: see(session, clerk, row_id), lambda seen: self._show(seen) if asked == self._asked else None)

    def draft(self) -> None:
        """Draft what waits of the household."""
        from ui.pages.agreement_work import draft_households  # noqa: PLC0415 -- slow import

        if self._waits:
            draft_households(self.access, self.shell, [self._waits])

    def act(self, name: str) -> None:
        """Do one of the buttons, to the agreement in sight."""
        if self.seen is None:
            return
        shown = self.seen.id
        if name == "print":
            print_records(self.access, self.shell, "agreement", [shown], FORM)
        elif name == "lines":
            self.shell.show_page("agreement", tab="agreement", id=shown)
        else:
            hints = {"sign": f"{self.seen.party}，{show_yuan(self.seen.total)} 元（{capital(self.seen.total)}）" if self.seen.total >= 0 else self.seen.party,
                     "void": "编号保留不再使用，实物可以重新起草。"}  # fmt: skip
            yes = {"sign": "签订", "void": "作废", "edit": "保存", "add-line": "加上", "supplement": "起草补充协议"}.get(name, "")
            self.acting.ask(name, "agreement", [shown], yes=yes, hint=hints.get(name, ""), danger=name == "void")

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _list(self) -> None:
        conditions = (Condition("household", "=", self._household),) if self._household else ()
        self.list.show_ask(Ask(register("agreement"), conditions, self.search.text().strip()))

    def _counted(self, totals: Totals) -> None:
        self.totals_changed.emit(totals_text(register("agreement"), totals), "")
        if not totals.count and not self.agreement:
            self._title.setText("没有找到" if self.search.text().strip() else "还没有协议")
            self._party.setText("换个编号或姓名再找。" if self.search.text().strip() else "在“批量办理”按村组起草，这里一份一份地看和办。")
        if self.agreement:
            self.list.mark(self.agreement)
        elif totals.count:
            self.list.choose_rowid(self.list.grid_model.rowids[0])

    def _show(self, seen: Seen | None) -> None:
        self.seen = seen
        clear(self._steps)
        state = seen.state if seen else ""
        self._state.setVisible(seen is not None)
        if seen is None:
            self._title.setText("还没有协议" if self._household else "选一份协议")
            self._party.setText("")
            self._amount.setText("")
            self._show_items("", ())
            self.view.clear()
        else:
            self._title.setText(seen.number)
            self._state.set_text(AgreementState(state).label, _kind(state))
            self._party.setText(f"{seen.party} · {seen.kind}")
            self._amount.setText(f"{show_yuan(seen.total)} 元\n{capital(seen.total) if seen.total >= 0 else '（红字）'}")
            for text in seen.done:
                self._steps.addWidget(_step("✓", text, "good"))
            for text in seen.missing:
                self._steps.addWidget(_step("○", text, "warn"))
            self._show_items(seen.household, seen.waiting)
            if seen.pdf:
                self.view.show_pdf(seen.pdf)
            else:
                self.view.clear()
        self._enable(seen)

    def _show_items(self, household: str, waiting: Sequence[tuple[str, str]]) -> None:
        self._waits = household
        self.items.set_rows([Row(str(n), (text or f"不能起草：{why}",)) for n, (text, why) in enumerate(waiting)])
        self.items.setVisible(bool(waiting))
        self._draft.setVisible(any(text for text, _ in waiting))

    def _enable(self, seen: Seen | None) -> None:
        state = seen.state if seen else ""
        unsigned = state in (AgreementState.DRAFT, AgreementState.REVIEWED)
        may = {"review": state == AgreementState.DRAFT, "print": bool(seen and seen.printable and state != AgreementState.VOID), "sign": unsigned,
               "supplement": state == AgreementState.SIGNED, "edit": unsigned, "add-line": unsigned, "lines": bool(seen),
               "void": bool(seen) and state != AgreementState.VOID}  # fmt: skip
        for name, made in self._buttons.items():
            allowed = name in ("print", "lines") or self.acting.allowed(name, "agreement")
            made.setEnabled(may[name] and allowed)
        if seen is not None:
            following = "review" if state == AgreementState.DRAFT else "print" if unsigned and "还没有打印" in seen.missing else "sign" if unsigned else ""
            for name, made in self._buttons.items():
                wanted = "primary" if name == following else "danger" if name == "void" else ""
                if made.property("look") != wanted:
                    made.setProperty("look", wanted)
                    made.style().unpolish(made)
                    made.style().polish(made)


def _step(sign: str, text: str, colour: str) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    mark = TintedLabel(f'<b style="color:@{colour}">{sign}</b>')
    mark.setFixedWidth(16)
    row.addWidget(mark)
    row.addWidget(label(text, wrap=True), 1)
    return made


def _kind(state: str) -> str:
    return {"draft": "warn", "reviewed": "info", "signed": "good"}.get(state, "plain")


def agreement_section(access: Access, shell: Shell) -> Section:
    """协议 with its tabs."""

    def work() -> QWidget:
        from ui.pages.agreement_work import AgreementWork  # noqa: PLC0415 -- slow import

        return AgreementWork(access, shell)

    section = Section("agreement", [Tab("work", "批量办理", work), Tab("one", "单份协议", lambda: OneAgreement(access, shell)),
                                    register_tab(access, shell, "agreement", "协议台账"), register_tab(access, shell, "agreement_line"),
                                    papers_tab(access, shell), register_tab(access, shell, "printout")])  # fmt: skip
    section.follow("agreement", "one")
    return section



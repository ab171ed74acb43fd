"""One support project on one page: every stage dated or 不适用, its funds and payments, contract, settlement, papers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QTabWidget, QWidget

from relocdesk.queries import choices, works
from relocdesk.queries.rows import Ask, Condition, page, rowids
from relocdesk.records import register
from relocdesk.records.works import Stage
from ui.access import Access, Session
from ui.click_card import ClickCard
from ui.flow import FlowRow, figure, money_sum, wrapped
from ui.pages.master_list import MasterList, MasterPage
from ui.parts import Card, Chip, ElidedLabel, EmptyState, TintedLabel, button, clear, label, row, stack
from ui.record import RecordDialog
from ui.shell import Shell
from ui.tables import RowsTable

_FIELDS = ("code", "name", "year", "category", "place", "contractor", "contract_amount", "change_amount", "submitted_amount", "audited_amount",
           "cut_amount", "keeper", "score", "grade", "progress", "planned_finish", "estimate", "persons", "migrants", "problems")  # fmt: skip
_STAGE = ("stage", "planned_on", "done_on", "document", "passed", "skipped", "late_reason", "remark")
# register → tab, columns
PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("fund_source", "资金来源", ("fund", "document", "year", "amount")),
    ("project_payment", "支付", ("number", "paid_on", "amount", "payee", "fund", "purpose", "voucher")),
    ("surplus_use", "结余转入", ("line", "fund", "year", "amount", "document", "approved_on")),
    ("training", "培训", ("name", "held_on", "attendances", "heads", "cost")),
    ("allocation", "指标文件", ("document", "source", "fund", "year", "issued_on", "amount")),
)
_LINK = {"allocation": "support_project"}
ACROSS = 5  # stages beside each other
ACTIONS = (("record-stage", "登记阶段…"), ("contract-project", "合同…"), ("change-contract", "变更…"), ("pay-project", "支付…"),
           ("accept-project", "验收…"), ("audit-project", "结算审计…"), ("hand-project", "移交管护…"), ("score-project", "绩效…"),
           ("turn-surplus", "结余转入…"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A project as the page shows it."""

    id: str
    shown: dict[str, str]
    card: works.Card
    stages: dict[str, dict[str, str]]  # code → field → text


def see(session: Session, row_id: str, on: str) -> Sheet | None:
    """Everything about a project; None when it is gone."""
    reg, stage = register("support_project"), register("project_stage")
    line = choices.record(session, reg, row_id, [reg[name] for name in _FIELDS])
    found = works.cards(session, on, ids=[row_id])
    if line is None or not found:
        return None
    rows = page(session, stage, rowids(session, Ask(stage, (Condition("project", "=", row_id),))), [stage[name] for name in _STAGE])
    stages = {str(one.values[0]): dict(zip(_STAGE, one.shown, strict=True)) for one in rows}
    return Sheet(row_id, dict(zip(_FIELDS, line.shown, strict=True)), found[0], stages)


class StepCard(ClickCard):
    """A stage of the line; choosing it registers it."""

    def __init__(self, head: str, below: str) -> None:
        super().__init__()
        self.outer.setContentsMargins(8, 2, 6, 2)
        self.body.setSpacing(0)
        self.body.addWidget(TintedLabel(head))
        self.body.addWidget(ElidedLabel(below, "small"))
        self.setMinimumWidth(60)


class ProjectPage(MasterPage):
    """Projects at the left, the chosen one as a sheet."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "project")
        self.seen: Sheet | None = None
        master = MasterList(access, Ask(register("support_project"), sort=(("year", True),)), ("name", "stage"), name="project.list",
                            widths={"name": 170, "stage": 84}, sizes=(290, 770))  # fmt: skip
        empty = EmptyState("flag", "还没有后扶项目", "从规划项目立项，或导入原来的项目台账。",
                           ("新增项目", lambda: self.shell.show_page("works", tab="support_project", new=True)))  # fmt: skip
        self.begin(master, self._sheet(), empty, lambda session, row_id: see(session, row_id, self.access.clerk.on), self._show, picked=self._picked)

    def _sheet(self) -> QWidget:
        self._title = ElidedLabel("选一个项目", "title")
        self._chip = Chip("")
        self._chip.hide()
        head = row((self._title, 1), self._chip, button("修改", "edit", name="project.edit", on=self.edit),
                   button("打印…", "print", look="primary", name="project.print", key="Ctrl+P", tip="项目卡、验收意见表", on=self.print))  # fmt: skip
        self._where = ElidedLabel("", "muted")
        self._late = label("", "error", wrap=True)
        self._line = QWidget()
        self._stages = QGridLayout(self._line)
        self._stages.setContentsMargins(0, 0, 0, 0)
        self._stages.setSpacing(4)
        self._sums = FlowRow()
        card = Card()
        card.outer.setContentsMargins(12, 6, 12, 6)
        card.body.addWidget(self._sums)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("project.parts")
        for name, words, columns in PARTS:
            made = RowsTable(self.access, register(name), columns, name=f"project.{name}")
            made.record_opened.connect(partial(self._open, name))
            self.tables[name] = made
            self.tabs.addTab(made, words)
        add = button("加一条", "add", look="small", name="project.add", tip="给这个项目加一条所看的内容", on=self.add)
        add.setEnabled(self.access.may_add("fund_source"))
        self.tabs.setCornerWidget(add, Qt.Corner.TopRightCorner)
        self.tabs.setMinimumHeight(180)
        return stack(head, self._where, self._late, self._line, card, wrapped(*self.tools(ACTIONS, self.act), gap=6), (self.tabs, 1))

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def edit(self) -> None:
        """Open the project's form."""
        if self.master.shown:
            RecordDialog.show_record(self.access, register("support_project"), self.shell, self.master.shown)

    def add(self) -> None:
        """A new row of what is looked at: payments and surplus by their actions, the others by their form."""
        name = PARTS[self.tabs.currentIndex()][0]
        by_action = {"project_payment": "pay-project", "surplus_use": "turn-surplus"}.get(name, "")
        if by_action:
            self.act(by_action)
        elif self.master.shown:
            RecordDialog.begin(self.access, register(name), self.shell, {_LINK.get(name, "project"): self.master.shown})

    def act(self, name: str, stage: str = "") -> None:
        """One of the buttons, or a click on a stage."""
        if self.master.shown:
            self.acting.ask(name, "support_project", [self.master.shown], hint=_HINTS.get(name, ""), preset={"stage": stage} if stage else None)

    def _open(self, name: str, row_id: str) -> None:
        if row_id:
            RecordDialog.show_record(self.access, register(name), self.shell, row_id)

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _picked(self, row_id: str) -> None:
        for name, made in self.tables.items():
            made.show_ask(Ask(register(name), (Condition(_LINK.get(name, "project"), "=", row_id),)))

    def _show(self, seen: Sheet | None) -> None:
        self.seen = seen
        self._chip.setVisible(seen is not None)
        wanted = _fitting(seen)
        for name, made in self._buttons.items():
            made.setVisible(name in wanted)
            made.setEnabled(self.acting.allowed(name, "support_project"))
        if seen is None:
            self._title.setText("选一个项目")
            return
        card = seen.card
        self._title.setText(seen.shown["name"])
        self._chip.set_text(card.stage_label, "warn" if card.late else "good" if card.column >= 5 else "info")
        people = f"受益 {seen.shown['persons']} 人" + (f"（移民 {seen.shown['migrants']} 人）" if seen.shown["migrants"] else "")
        facts = [seen.shown["code"], f"{seen.shown['year']} 年度", seen.shown["category"], seen.shown["place"], people if seen.shown["persons"] else "",
                 seen.shown["contractor"], f"管护：{seen.shown['keeper']}" if seen.shown["keeper"] else "",
                 f"绩效 {seen.shown['score']} {seen.shown['grade']}".rstrip() if seen.shown["score"] else ""]  # fmt: skip
        self._where.setText(" · ".join(one for one in facts if one))
        self._late.setText(f"晚 {card.days} 天 · {card.why}" if card.late else "")
        self._late.setVisible(bool(card.late))
        late = {one.stage for one in card.late}
        clear(self._stages)
        for n, stage in enumerate(Stage):
            step = self._step(stage, seen.stages.get(stage.value, {}), late=stage.value in late, now=stage.value == card.stage)
            self._stages.addWidget(step, n // ACROSS, n % ACROSS)
        for n in range(ACROSS):
            self._stages.setColumnStretch(n, 1)
        money = [("批复投资", card.estimate, ""), ("资金合计", card.total, "bad" if card.estimate and card.total and card.total != card.estimate else ""),
                 ("合同价款", card.contract, ""), ("已支付", card.paid, "good"), ("还可付", max(card.most - card.paid, 0), "")]  # fmt: skip
        pieces = [money_sum(words, fen, colour) for words, fen, colour in money]
        if seen.shown["submitted_amount"]:
            pieces += [figure("送审 / 审定", f"{seen.shown['submitted_amount']} / {seen.shown['audited_amount']}", ""),
                       figure("审减", f"{seen.shown['cut_amount']} 元", "")]  # fmt: skip
        self._sums.set_pieces([*pieces, figure("支付率", card.share, "")])

    def _step(self, stage: Stage, row: dict[str, str], *, late: bool, now: bool) -> QWidget:
        """One stage of the line: its day, or 不适用, or what is planned; a click registers it."""
        skipped, failed = row.get("skipped") == "是", row.get("passed") == "否"
        done = bool(row.get("done_on")) and not failed
        sign, colour = ("—", "faint") if skipped else ("✗", "bad") if failed else ("✓", "good") if done else ("!", "warn") if late else ("○", "faint")
        day = "不适用" if skipped else row.get("done_on") or (f"计划 {row['planned_on']}" if row.get("planned_on") else "　")
        made = StepCard(f'<b style="color:@{"accent" if now else colour}">{sign} {stage.label}</b>', f"{day} {row.get('document', '')}".rstrip())
        made.setObjectName(f"project.stage.{stage.value}")
        made.chosen.connect(partial(self.act, "record-stage", stage.value))
        reason = row.get("remark") if skipped else row.get("late_reason")
        made.setToolTip("\n".join(one for one in (stage.label, day, row.get("document", ""), reason or "") if one))
        return made


def _fitting(seen: Sheet | None) -> set[str]:
    """The actions that a project's standing calls for; the others would only be refused."""
    if seen is None:
        return set()

    def behind(stage: Stage) -> bool:
        row = seen.stages.get(stage.value, {})
        return row.get("skipped") == "是" or (bool(row.get("done_on")) and row.get("passed") != "否")

    found = {"record-stage", "turn-surplus"}
    found |= set() if behind(Stage.FINISHED) else {"contract-project"}
    found |= {"pay-project", "change-contract"} if behind(Stage.CONTRACTED) else set()
    found |= {"accept-project"} if behind(Stage.FINISHED) and not behind(Stage.ACCEPTED) else set()
    found |= {"audit-project", "hand-project", "score-project"} if behind(Stage.ACCEPTED) else set()
    return found


_HINTS = {
    "record-stage": "做过的填完成日期和文号；这个项目不用做的，选不适用并写理由。",
    "pay-project": "累计不能超过合同价款（含变更）或审定金额，也不能超过这种资金的来源。",
    "turn-surplus": "把某一年没有发完的资金转给这个项目，要有批准文号；金额不能超过那一年的结余。",
    "audit-project": "审定不能大于送审；多付的会提示追回。",
}

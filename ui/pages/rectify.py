"""整改: inspections with how their problems stand, the problems to work on, and one problem with all that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from relocdesk.queries import choices
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.rules.rectification import Tally
from ui import theme
from ui.access import Access, Session
from ui.acting import Acting
from ui.flow import wrapped
from ui.pages.child_tabs import ChildTabs
from ui.pages.master_list import MasterList, MasterPage
from ui.pages.section import Section, Tab, open_record, register_tab
from ui.parts import Card, Chip, EmptyState, StateSentence, button, label, line, row, stack
from ui.print_dialog import print_records
from ui.record import RecordDialog
from ui.shell import Shell
from ui.tables import RowsTable

_STATES = (("done", "已完成", "good"), ("nearly", "基本完成", "warn"), ("open", "未完成", "error"), ("lasting", "长期坚持", "good"))
_TOKENS = {"done": "accent", "nearly": "rail_mark", "open": "bad", "lasting": "info"}
_TABS = (("inspection", "全部批次"), ("rectification_item", "全部问题"), ("measure", "全部措施"), ("look_back", "全部回头看"), ("state_change", "全部变化"))
_ACTIONS = (("set-state", "登记状态…", "edit"), ("sign-off", "销号签字…", "check"), ("look-back", "回头看…", "search"), ("reopen", "重新整改…", "undo"),
            ("remind", "登记提醒…", "clock"))

_TOOLS = (*_ACTIONS, ("print-item", "打印…", "print"))


class StateBar(QWidget):
    """How many problems stand where, as one bar of four colours; the numbers stand in the sentence beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(10)
        self.tally = Tally(0, 0, 0, 0)

    def set_tally(self, tally: Tally) -> None:
        """Show these."""
        self.tally = tally
        self.setAccessibleName(tally.sentence())
        self.setToolTip(tally.sentence())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """One stretch a state, as long as its share."""
        look, painter, x = theme.current(), QPainter(self), 0.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("plain_soft"))
        painter.drawRoundedRect(QRectF(0, 0, self.width(), self.height()), 4, 4)
        for name, _, _ in _STATES:
            share = getattr(self.tally, name) / self.tally.total * self.width() if self.tally.total else 0.0
            painter.setBrush(look.colour(_TOKENS[name]))
            painter.drawRect(QRectF(x, 0, max(0.0, share - 1), self.height()))
            x += share
        painter.end()


class BatchesPage(MasterPage):
    """Inspections at the left; the chosen one with its problems at the right."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "rectify")
        new = button("新增检查批次", "add", look="primary", name="rectify.new", on=self.open_new)
        new.setEnabled(access.may_add("inspection"))
        master = MasterList(access, Ask(register("inspection"), sort=(("feedback_on", True),)), ("name", "total", "open"), name="rectify.batches",
                            widths={"name": 150}, above=(new,), sizes=(300, 780))  # fmt: skip
        empty = EmptyState("good", "还没有检查批次", "先登记一次巡察、审计或督查，再把反馈的问题清单导进来。", ("新增检查批次", self.open_new))
        self.begin(master, self._sheet(), empty, _read_batch, self._show, picked=self._picked)

    def _sheet(self) -> QWidget:
        self._title = label("", "title", wrap=True)
        self._facts = label("", "muted", wrap=True)
        self._bar = StateBar()
        self._sentence = StateSentence()
        self._sentence.setWordWrap(True)
        self._sentence.chosen.connect(self._filter)
        more = button("导入问题…", "import", name="rectify.import", on=self.open_import)
        more.setEnabled(self.access.may_add("rectification_item"))
        card = Card()
        card.body.addLayout(row((self._title, 1), button("清单和报告…", "print", name="rectify.print", on=self.print), more, gap=-1))
        card.body.addWidget(self._facts)
        card.body.addWidget(self._bar)
        card.body.addWidget(self._sentence)
        self.problems = self.tables["rectification_item"] = RowsTable(
            self.access, register("rectification_item"), ("number", "text", "leader", "section", "due_on", "days_left", "state", "step"),
            name="rectify.problems", widths={"number": 44, "text": 180, "leader": 76, "section": 76, "state": 84, "step": 92})  # fmt: skip
        self.problems.selection_moved.connect(self._enable)
        self.problems.record_opened.connect(lambda row_id: open_record(self.shell, "rectification_item", row_id))
        return stack(card, wrapped(label("问题", "heading"), *self.tools(_TOOLS, self.act)), (self.problems, 1))

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def open_new(self) -> None:
        """An empty form for an inspection in a window of its own; once saved it is shown."""
        RecordDialog.begin(self.access, register("inspection"), self.shell, {}, self.master.pick)

    def open_import(self) -> None:
        """The workbook with the list of problems."""
        batch = self._title.text() if self.master.shown else ""
        self.shell.show_page("import", register="rectification_item", defaults={"inspection": batch} if batch else {})

    def act(self, name: str) -> None:
        """One of the buttons, for the chosen problems."""
        act_on_items(self.access, self.shell, self.acting, name, self.problems.chosen_ids())

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _picked(self, row_id: str) -> None:
        self.problems.show_ask(Ask(register("rectification_item"), (Condition("inspection", "=", row_id),), sort=(("days_left", False),)))

    def _filter(self, state: str) -> None:
        conditions = (Condition("inspection", "=", self.master.current), *((Condition("state", "=", state),) if state != "total" else ()))
        self.problems.show_ask(Ask(register("rectification_item"), conditions, sort=(("days_left", False),)))

    def _show(self, found: tuple[dict[str, str], Tally] | None) -> None:
        if found is None:
            return
        shown, tally = found
        self._title.setText(shown["name"])
        days = (("反馈", "feedback_on"), ("方案报送期限", "plan_due"), ("方案已报", "plan_on"), ("集中整改截止", "concentrated_until"))
        self._facts.setText("　".join([shown["kind"], shown["team"], *(f"{words} {shown[day]}" for words, day in days if shown[day])])
                            + (f"　回头看反弹 {shown['relapsed']} 个" if shown["relapsed"] not in ("", "0") else ""))  # fmt: skip
        self._bar.set_tally(tally)
        pieces: list[str | tuple[str, str] | tuple[str, str, str]] = ["共 ", (str(tally.total), "total"), " 个问题"]
        for name, words, kind in _STATES:
            pieces += [f"，{words} ", (str(getattr(tally, name)), name, kind)]
        self._sentence.say(*pieces)
        self._enable()

    def _enable(self) -> None:
        for name, made in self._buttons.items():
            made.setEnabled(bool(self.problems.chosen_count) and (name == "print-item" or self.acting.allowed(name, "rectification_item")))


def act_on_items(access: Access, shell: Shell, acting: Acting, name: str, ids: Sequence[str]) -> None:
    """An action on problems, or their papers."""
    if name == "print-item":
        print_records(access, shell, "rectification_item", ids)
    elif ids:
        acting.ask(name, "rectification_item", ids, preset={"result": "firm"} if name == "look-back" else {})


def _read_batch(session: Session, row_id: str) -> tuple[dict[str, str], Tally] | None:
    reg = register("inspection")
    names = ("name", "kind", "team", "feedback_on", "plan_due", "plan_on", "concentrated_until", "relapsed", "done", "nearly", "open", "lasting")
    line = choices.record(session, reg, row_id, [reg[name] for name in names])
    if line is None:
        return None
    return dict(zip(names, line.shown, strict=True)), Tally(*(int(value or 0) for value in line.values[-4:]))


# --- one problem -----------------------------------------------------------------------------------------------------

_FIELDS = ("number", "text", "aspect", "detail", "leader", "section", "person", "due_on", "state", "step", "doubt", "progress", "evidence",
           "section_signed_by", "section_signed_on", "leader_signed_by", "leader_signed_on", "group_signed_by", "group_signed_on", "inspection")  # fmt: skip
_CHILDREN = (("measure", "整改措施", ("number", "text", "owner", "due_on", "done_on", "result")),
             ("look_back", "回头看", ("checked_on", "result", "by", "note")),
             ("state_change", "状态变化", ("changed_on", "before", "after", "reason", "by")))  # fmt: skip


class ProblemPage(MasterPage):
    """Problems at the left; the chosen one whole: who, by when, signatures, measures, look-backs, history."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "problem")
        master = MasterList(access, Ask(register("rectification_item"), sort=(("days_left", False),)), ("number", "text", "state"), name="problem.list",
                            widths={"number": 44, "text": 110, "state": 84}, sizes=(280, 800))  # fmt: skip
        empty = EmptyState("good", "还没有整改问题", "在“检查批次”里把反馈的问题清单导进来。")
        self.begin(master, self._sheet(), empty, _read_item, self._show, picked=self.hanging.show_of)

    def _sheet(self) -> QWidget:
        self._title = label("", "heading", wrap=True)
        self._chip = Chip("")
        self._facts = label("", "muted", wrap=True)
        self._doubt = label("", "error", wrap=True)
        self._more = label("", "", wrap=True)
        card = Card()
        card.body.addLayout(row((self._title, 1), (self._chip, 0, Qt.AlignmentFlag.AlignTop), gap=-1))
        for one in (self._facts, self._doubt, self._more, line()):
            card.body.addWidget(one)
        self._signs = [Chip("") for _ in range(3)]
        card.body.addLayout(wrapped(label("销号", "muted"), *self._signs))
        card.body.addLayout(wrapped(*self.tools(_TOOLS, self.act, look="", first="sign-off"),
                                    button("修改…", "edit", look="flat", name="problem.edit", on=self.edit)))  # fmt: skip
        self._done = button("措施完成…", "check", look="small", name="problem.finish-measure", on=self.finish)
        self._add = button("添加措施", "add", look="small", name="problem.add-measure", on=self.add_measure)
        self._add.setEnabled(self.access.may_add("measure"))
        self.hanging = ChildTabs(self.access, _CHILDREN, "item", name="problem", bar="problem.tabs", first_only=(self._add, self._done))
        self.tables = self.hanging.tables
        self.tables["measure"].selection_moved.connect(self._enable)
        self.tables["measure"].counted.connect(lambda _totals: self._enable())
        return stack(card, (self.hanging, 1))

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def act(self, name: str) -> None:
        """One of the buttons, for this problem."""
        act_on_items(self.access, self.shell, self.acting, name, [self.master.shown] if self.master.shown else [])

    def add_measure(self) -> None:
        """A further measure of this problem, in a window of its own."""
        if self.master.shown:
            RecordDialog.begin(self.access, register("measure"), self.shell, {"item": self.master.shown})

    def finish(self) -> None:
        """The chosen measures are carried out."""
        if ids := self.tables["measure"].chosen_ids():
            self.acting.ask("finish-measure", "measure", ids, yes="登记完成")

    def edit(self) -> None:
        """The form of this problem."""
        if self.master.shown:
            self.shell.show_page("rectify", tab="rectification_item", id=self.master.shown)

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _show(self, shown: dict[str, str] | None) -> None:
        if shown is None:
            return
        self._title.setText(f"{shown['number']}. {shown['text']}")
        self._chip.set_text(shown["state"], {"已完成": "good", "长期坚持": "good", "基本完成": "warn"}.get(shown["state"], "error"))
        self._facts.setText(f"{shown['inspection']}　{shown['aspect']}\n责任 {shown['leader']} · {shown['section']} · {shown['person'] or '责任人未定'}　"
                            f"时限 {shown['due_on']}　{shown['step']}")  # fmt: skip
        self._doubt.setText(f"要注意：{shown['doubt']}")
        self._doubt.setVisible(bool(shown["doubt"]))
        more = [f"{words}：{shown[name]}" for words, name in (("具体表现", "detail"), ("进展", "progress"), ("佐证", "evidence")) if shown[name]]
        self._more.setText("\n".join(more))
        self._more.setVisible(bool(more))
        for chip, (who, words) in zip(self._signs, (("section", "股室"), ("leader", "分管领导"), ("group", "党组")), strict=True):
            by, day = shown[f"{who}_signed_by"], shown[f"{who}_signed_on"]
            chip.set_text(f"{words} {by} {day[5:]}" if by else f"{words}未签", "good" if by else "plain")
        self._enable()

    def _enable(self) -> None:
        for name, made in self._buttons.items():
            made.setEnabled(bool(self.master.shown) and (name == "print-item" or self.acting.allowed(name, "rectification_item")))
        self._done.setEnabled(bool(self.tables["measure"].chosen_count) and self.acting.allowed("finish-measure", "measure"))


def _read_item(session: Session, row_id: str) -> dict[str, str] | None:
    reg = register("rectification_item")
    found = choices.record(session, reg, row_id, [reg[name] for name in _FIELDS])
    return dict(zip(_FIELDS, found.shown, strict=True)) if found is not None else None


def rectify_section(access: Access, shell: Shell) -> Section:
    """整改."""
    tabs = [register_tab(access, shell, name, words) for name, words in _TABS]
    made = [Tab("batches", "整改进度", lambda: BatchesPage(access, shell)), Tab("problem", "一个问题", lambda: ProblemPage(access, shell))]
    return Section("rectify", [*made, *tabs])

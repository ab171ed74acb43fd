"""红线调整: what each change of a boundary costs before it is carried out; carrying it out and taking it back."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from relocdesk.actions.boundary import Consequence, preview, summary
from relocdesk.queries import choices
from relocdesk.queries.rows import Ask, Condition, counts
from relocdesk.records import register
from relocdesk.records.project import Boundary, ChangeKind
from relocdesk.rules.area import show_mu
from relocdesk.rules.money import show_yuan
from ui import say
from ui.access import Access, Session
from ui.pages.master_list import MasterList, MasterPage
from ui.pages.section import Section, Tab, open_record, register_tab
from ui.parts import Card, Chip, EmptyState, button, label, row, stack
from ui.record import RecordDialog
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

Found = tuple[str, list[Consequence], str, int, int]


def read(session: Session, row_id: str) -> Found:
    """Title, consequences, their summary, and how many changes are carried out of how many."""
    reg = register("boundary")
    line = choices.record(session, reg, row_id, [reg["project"], reg["version"], reg["effective_on"], reg["reason"]])
    title = f"{line.shown[0]} 第 {line.shown[1]} 版（{line.shown[2]}）{line.shown[3]}" if line else ""
    found = counts(session, Ask(register("parcel_change"), (Condition("boundary", "=", row_id),)), "applied_on")
    done = sum(number for day, number in found.items() if day)
    consequences = preview(session, session.get(Boundary, row_id))
    return title, consequences, summary(consequences), done, sum(found.values())


class BoundaryPage(MasterPage):
    """Versions at the left; what the chosen one brings at the right."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "boundary")
        new = button("新增红线版本…", "add", look="primary", name="boundary.new", on=self.open_new)
        new.setEnabled(access.may_add("boundary"))
        master = MasterList(access, Ask(register("boundary"), sort=(("version", True),)), ("version", "project", "effective_on"),
                            name="boundary.list", widths={"version": 56, "project": 120}, above=(new,), sizes=(280, 780))  # fmt: skip
        empty = EmptyState("parcel", "还没有红线版本", "范围线调整时登记一个版本和每块变更，先看后果再执行。", ("新增红线版本…", self.open_new))
        self.begin(master, self._sheet(), empty, read, self._show, failed=self._failed)

    def _sheet(self) -> QWidget:
        self._title = label("选一个红线版本", "title", wrap=True)
        self._chip = Chip("")
        self._chip.hide()
        self._summary = label("", wrap=True)
        card = Card()
        card.body.addLayout(row((self._title, 1), self._chip))
        card.body.addWidget(self._summary)
        tools = (("change", "加一块变更…", "add"), ("apply", "执行调整", "check"), ("supplements", "起草补充协议", "agreement"),
                 ("reverse", "撤回调整", "undo"))  # fmt: skip
        made = self.tools(tools, self.act, look="", first="apply")
        for one in made:
            one.setEnabled(False)
        card.body.addLayout(row(*made, 1))
        self.table = TextTable((Column("地块", 14), Column("变更", 10), Column("原面积（亩）", 10, right=True), Column("新面积（亩）", 14, right=True),
                                Column("增补（元）", 12, right=True), Column("追回（元）", 12, right=True), Column("已付（元）", 12, right=True),
                                Column("涉及协议", 24), Column("说明", 30)), name="boundary.rows")  # fmt: skip
        self.table.opened.connect(lambda key: open_record(self.shell, "parcel", key.split("#")[0]))
        told = label("执行前先看后果：每块地面积怎么变、钱补多少、追回多少、哪些协议要签补充协议。", "muted", wrap=True)
        return stack(card, told, (self.table, 1))

    def open_new(self) -> None:
        """A new version."""
        RecordDialog.begin(self.access, register("boundary"), self.shell, {})

    def act(self, name: str) -> None:
        """One of the buttons."""
        shown = self.master.shown  # by the answer to a question there may be another
        if name == "change":
            RecordDialog.begin(self.access, register("parcel_change"), self.shell, {"boundary": shown})
            return
        if name == "reverse" and not say.ask("撤回这次红线调整吗？", yes="撤回调整", no="不撤回", hint="面积和未签的明细都恢复到执行前。", parent=self.shell):
            return
        hint = self._summary.text() if name == "apply" else ""
        self.acting.ask(name, "boundary", [shown], yes={"apply": "执行"}.get(name, ""), hint=hint)

    def _failed(self, error: Exception) -> None:
        self._title.setText("这个红线版本的后果算不出来")
        self._chip.hide()
        self._summary.setText(str(error))
        self.table.set_rows([])
        for name, made in self._buttons.items():
            made.setEnabled(name == "change")

    def _show(self, found: Found | None) -> None:
        if found is None:
            return
        title, consequences, told, done, whole = found
        self._title.setText(title)
        self._chip.show()
        state, kind = ("没有变更", "plain") if not whole else ("已执行", "good") if done == whole else ("部分执行", "warn") if done else ("未执行", "warn")
        self._chip.set_text(state, kind)
        self._summary.setText(told if whole else "还没有登记变更的地块。")
        self.table.set_rows([_row(one, n) for n, one in enumerate(consequences)])
        may = {"change": done == 0, "apply": bool(whole) and done < whole, "supplements": done > 0, "reverse": done > 0}
        for name, made in self._buttons.items():
            made.setEnabled(may[name] and (name == "change" or self.acting.allowed(name, "boundary")))


def _row(one: Consequence, number: int) -> Row:
    agreements = "、".join(f"{each.number}{'（要补充协议）' if each.number in one.supplements else ''}" for each in one.affected)
    kind = ChangeKind(one.kind).label if one.kind in list(ChangeKind) else one.kind
    new = f"转永久 {show_mu(one.permanent)}，余 {show_mu(one.new_area)}" if one.kind == ChangeKind.TO_PERMANENT else show_mu(one.new_area)
    return Row(f"{one.parcel}#{number}", (one.number, kind, show_mu(one.old_area), new, show_yuan(one.to_add), show_yuan(one.to_recover),
                                          show_yuan(sum(each.paid for each in one.affected)), agreements, one.trouble))  # fmt: skip


def parcel_section(access: Access, shell: Shell) -> Section:
    """地块 with the boundary's changes."""
    return Section("parcel", [register_tab(access, shell, "parcel"), Tab("lines", "红线调整", lambda: BoundaryPage(access, shell)),
                              register_tab(access, shell, "boundary"), register_tab(access, shell, "parcel_change")])  # fmt: skip

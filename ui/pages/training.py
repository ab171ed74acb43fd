"""培训: courses at the left; the roster of the chosen one with 人次 and 人 apart, enrolling, signing in, the sign-in sheet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from relocdesk.queries import choices
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from ui.access import Access, Session
from ui.pages.master_list import MasterList, MasterPage
from ui.parts import Card, ElidedLabel, EmptyState, StateSentence, button, row, stack
from ui.record import RecordDialog
from ui.shell import Shell
from ui.tables import RowsTable

_FIELDS = ("name", "held_on", "ended_on", "trade", "place", "organiser", "hours", "attendances", "heads", "counted", "cost")


@dataclass(frozen=True, slots=True)
class Course:
    """A course as the page shows it."""

    id: str
    shown: dict[str, str]


def see(session: Session, row_id: str) -> Course | None:
    """A course; None when it is gone."""
    reg = register("training")
    line = choices.record(session, reg, row_id, [reg[name] for name in _FIELDS])
    return Course(row_id, dict(zip(_FIELDS, line.shown, strict=True))) if line is not None else None


class TrainingPage(MasterPage):
    """One course and its roster."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "course")
        new = button("登记培训班…", "add", look="primary", name="course.new", on=self.open_new)
        new.setEnabled(access.may_add("training"))
        master = MasterList(access, Ask(register("training"), sort=(("held_on", True),)), ("name", "held_on", "attendances"), name="course.list",
                            widths={"name": 140}, above=(new,))  # fmt: skip
        empty = EmptyState("book", "还没有培训班", "登记一个班次，再导入或列入学员；签到后人次和人数自己算出来。", ("登记培训班…", self.open_new))
        self.begin(master, self._sheet(), empty, see, self._show, picked=self._picked)

    def _sheet(self) -> QWidget:
        self._title = ElidedLabel("选一个班次", "title")
        self._facts = ElidedLabel("", "muted")
        self._sentence = StateSentence()
        self._sentence.setWordWrap(True)
        head = row((self._title, 1), button("修改", "edit", name="course.edit", on=self.edit),
                   button("打印签到册…", "print", name="course.print", key="Ctrl+P", on=self.print))  # fmt: skip
        card = Card()
        card.body.addWidget(self._facts)
        card.body.addWidget(self._sentence)
        more = (button("加一名学员…", "add", look="small", name="course.add", on=self.add),
                button("导入名单", "import", look="small", name="course.import", on=lambda: self.shell.show_page("import", register="trainee")))
        for one in more:
            one.setEnabled(self.access.may_add("trainee"))
        tools = row(*self.tools((("enrol", "列入后扶人口…"), ("sign-in", "登记签到…")), self.act), *more, 1)
        self.table = self.tables["trainee"] = RowsTable(
            self.access, register("trainee"), ("name", "idcard", "place", "sessions", "signed", "registered", "certificate"), name="course.trainees")
        self.table.record_opened.connect(lambda row_id: RecordDialog.show_record(self.access, register("trainee"), self.shell, row_id) if row_id else None)
        return stack(head, card, tools, (self.table, 1))

    def open_new(self) -> None:
        """A new course."""
        RecordDialog.begin(self.access, register("training"), self.shell, {})

    def edit(self) -> None:
        """Open the course's form."""
        if self.master.shown:
            RecordDialog.show_record(self.access, register("training"), self.shell, self.master.shown)

    def add(self) -> None:
        """Somebody who is not of after-support, or is typed by hand."""
        if self.master.shown:
            RecordDialog.begin(self.access, register("trainee"), self.shell, {"training": self.master.shown})

    def act(self, name: str) -> None:
        """Enrol or sign in."""
        if self.master.shown:
            hint = {"enrol": "写姓名或身份证号，几个人用“、”隔开；同名的请写身份证号。", "sign-in": "空着就是名册上的人全部签到。"}[name]
            self.acting.ask(name, "training", [self.master.shown], hint=hint)

    def _picked(self, row_id: str) -> None:
        self.table.show_ask(Ask(register("trainee"), (Condition("training", "=", row_id),)))

    def _show(self, seen: Course | None) -> None:
        for name, made in self._buttons.items():
            made.setEnabled(seen is not None and self.acting.allowed(name, "training"))
        if seen is None:
            self._title.setText("选一个班次")
            return
        shown = seen.shown
        self._title.setText(shown["name"])
        day = f"{shown['held_on']} 至 {shown['ended_on']}" if shown["ended_on"] else shown["held_on"]
        facts = [day, shown["trade"], shown["place"], shown["organiser"], f"{shown['hours']} 学时" if shown["hours"] else "",
                 f"经费 {shown['cost']} 元" if shown["cost"] else ""]  # fmt: skip
        self._facts.setText(" · ".join(one for one in facts if one))
        odd = shown["counted"] and shown["attendances"] != shown["counted"]
        self._sentence.say("培训 ", f"{shown['attendances'] or '0'}", " 人次，名册 ", f"{shown['heads'] or '0'}", " 人（同一身份证只算一人）",
                           f"；名册合计 {shown['counted']} 人次，和填的不一致，请核对" if odd else "")  # fmt: skip

"""公示: the rounds with their days left, the notice to print, objections and what was decided about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtWidgets import QWidget

from relocdesk.actions import documents
from relocdesk.actions.action import Arg
from relocdesk.clerk import Clerk
from relocdesk.field import PLACE
from relocdesk.job import Tick
from relocdesk.queries import choices
from relocdesk.queries.posting_papers import Photos, photos_of
from relocdesk.queries.rows import Ask, Condition, Totals
from relocdesk.records import register
from relocdesk.records.survey import PostingSubject
from relocdesk.rules.posting import END, START
from ui import say
from ui.access import Access, Session
from ui.acting import find_action
from ui.flow import wrapped
from ui.pages.master_list import MasterList, MasterPage
from ui.pages.section import Section, Tab, open_record, register_tab
from ui.parts import Card, Chip, EmptyState, button, label, row, stack
from ui.print_dialog import print_records
from ui.record import RecordDialog
from ui.shell import Shell
from ui.tables import RowsTable

_FIELDS = ("subject", "place", "from_on", "until_on", "contact", "days", "project", "closed_on")
_ENDS = {"photo-start": START, "photo-end": END}


def days_left(on: str, until: str, closed: str = "") -> tuple[str, str]:
    """What a posting's end means today, and the kind of chip: 还有 3 天 / 今天到期 / 期满 5 天，未结束 / 已结束."""
    if closed:
        return "已结束", "good"
    left = (date.fromisoformat(until) - date.fromisoformat(on)).days
    if left > 0:
        return f"还有 {left} 天", "warn" if left <= 3 else "info"
    return ("今天到期", "warn") if left == 0 else (f"期满 {-left} 天，未结束", "warn")


class PostingPage(MasterPage):
    """Rounds at the left; the chosen one with its objections at the right."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(access, shell, "posting")
        self._of_roster = False
        new = button("张榜公示…", "add", look="primary", name="posting.new", tip="选村组和榜次，按今天的实物张榜", on=self.open_new)
        new.setEnabled(self.acting.allowed("open-posting", "place"))
        master = MasterList(access, Ask(register("posting"), sort=(("from_on", True),)), ("subject", "place", "from_on"),
                                 name="posting.list", widths={"subject": 90, "place": 130}, above=(new,), sizes=(360, 700))  # fmt: skip
        empty = EmptyState("posting", "还没有公示", "实物签字后依次张第一、二、三榜，有异议的复核后再出下一榜。", ("张榜公示…", self.open_new))
        self.begin(master, self._sheet(), empty, _read, self._show, picked=self._picked)

    def _sheet(self) -> QWidget:
        self._title = label("选一榜", "title", wrap=True)
        self._chip = Chip("")
        self._chip.hide()
        self._facts = label("", "muted", wrap=True)
        card = Card()
        card.body.addLayout(row((self._title, 1), self._chip))
        card.body.addWidget(self._facts)
        tools = (("print", "打印…", "print"), ("photo", "照片…", "attachment"), ("photo-start", "补张榜照片…", "attachment"),
                 ("photo-end", "补期满照片…", "attachment"), ("object", "登记异议…", "add"), ("close", "结束公示…", "check"))
        card.body.addLayout(wrapped(*self.tools(tools, self.act, look="", first="print")))
        self.objections = self.tables["objection"] = RowsTable(
            self.access, register("objection"), ("raised_by", "filed_on", "state", "claim", "about", "line"), name="posting.objections")  # fmt: skip
        self.objections.counted.connect(self._objections_counted)
        self.objections.selection_moved.connect(self._enable)
        self.objections.record_opened.connect(lambda row_id: open_record(self.shell, "objection", row_id))
        self.rechecks = RowsTable(self.access, register("recheck"), ("line", "parcel", "asset", "old_quantity", "new_quantity", "held_on", "result"),
                                  name="posting.rechecks")  # fmt: skip
        self._told = label("异议", "heading")
        self._decide = button("答复异议…", "check", look="small", name="posting.decide", tip="不改数量的答复；要改数量请复核地块或实物", on=self.decide)
        self._narrow = button("只涉及…", "people", look="small", name="posting.narrow", tip="只涉及几个人的，写明是谁，其余的人照发", on=self.narrow)
        self._petition = button("转为信访件…", "letter", look="small", name="posting.petition", tip="复核解决不了的，按信访程序办", on=self.to_petition)
        under = row(self._told, 1, self._narrow, self._petition, self._decide, gap=-1)
        return stack(card, under, (self.objections, 2), label("复核", "heading"), (self.rechecks, 1))

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def open_new(self) -> None:
        """Ask where and what, and post it."""
        place = Arg("place", "公示地点", PLACE, required=True, to="place", help="村或村民小组")
        self.acting.ask_about(place, "open-posting", "place", yes="张榜", hint="公示这个村组现在登记的实物；内容会留底，以后改动不影响这一榜。",
                              preset={"subject": "first", "from_on": self.access.clerk.on})  # fmt: skip

    def act(self, name: str) -> None:
        """One of the buttons."""
        if not self.master.shown:
            return
        if name == "photo":
            RecordDialog.show_record(self.access, register("posting"), self.shell, self.master.shown).panel.show_tab("附件")
        elif name in _ENDS:
            self._add_photo(_ENDS[name])
        elif name == "print":
            print_records(self.access, self.shell, "posting", [self.master.shown])
        elif name == "object":
            left_out = () if self._of_roster else ("people",)
            asked = [arg.name for arg in find_action(name, "posting").args if arg.name not in left_out]
            self.acting.ask(name, "posting", [self.master.shown], yes="登记", only=asked)
        else:
            self.acting.ask(name, "posting", [self.master.shown], yes="结束公示")

    def _add_photo(self, end: str) -> None:
        path = say.pick_open(f"选择{end}的照片", "照片 (*.jpg *.jpeg *.png *.bmp *.heic *.pdf);;所有文件 (*)", parent=self)
        if path is None:
            return
        book, row_id, file = self.access.book.path, self.master.shown, Path(path)

        def job(session: Session, clerk: Clerk, _tick: Tick) -> str:
            documents.attach(session, clerk, book, "posting", row_id, file, end)
            return f"已添加{end}的照片"

        self.access.do(self.shell, "添加附件", job)

    def decide(self) -> None:
        """Answer the chosen objections."""
        ids = self.objections.chosen_ids()
        if ids:
            self.acting.ask("decide", "objection", ids, yes="答复")

    def narrow(self) -> None:
        """Say whom the chosen objection is about."""
        if ids := self.objections.chosen_ids():
            self.acting.ask("narrow-objection", "objection", ids, yes="写明", hint="只有写明的人先不发，其余的人照发；说不清是谁的不要写。")

    def to_petition(self) -> None:
        """The chosen objections become petitions."""
        if ids := self.objections.chosen_ids():
            self.acting.ask("objection-to-petition", "objection", ids, yes="转为信访件")

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _picked(self, row_id: str) -> None:
        self.objections.show_ask(Ask(register("objection"), (Condition("posting", "=", row_id),)))

    def _show(self, found: tuple[dict[str, str], str, Photos] | None) -> None:
        if found is None:
            return
        shown, until, photos = found
        asked = [end for end in photos.unshown if end == START or self.access.clerk.on >= until]  # the last day's cannot be there before it
        for name, end in _ENDS.items():
            self._buttons[name].setVisible(end in asked)
        self._of_roster = shown["subject"] == PostingSubject.SUBSIDY.label
        self._narrow.setVisible(self._of_roster)
        self._title.setText(f"{shown['subject']} · {shown['place']}")
        self._chip.show()
        self._chip.set_text(*days_left(self.access.clerk.on, until, shown["closed_on"]))
        self._facts.setText(f"{shown['from_on']} 至 {shown['until_on']}（{shown['days']} 天）　受理电话 {shown['contact'] or '未填'}　"
                            f"照片 {photos.told}　{shown['project']}")  # fmt: skip
        self._enable()

    def _objections_counted(self, totals: Totals) -> None:
        self._told.setText(f"异议（{totals.count}）" if totals.count else "异议（没有）")
        ids = self.access.read(lambda session: _ids(session, self.master.current))
        self.rechecks.show_ask(Ask(register("recheck"), (Condition("objection", "在", tuple(ids) or ("",)),)))
        self._enable()

    def _enable(self) -> None:
        self._decide.setEnabled(bool(self.objections.chosen_count) and self.acting.allowed("decide", "objection"))
        self._narrow.setEnabled(bool(self.objections.chosen_count) and self.acting.allowed("narrow-objection", "objection"))
        self._petition.setEnabled(bool(self.objections.chosen_count) and self.acting.allowed("objection-to-petition", "objection"))
        files = self.access.clerk.role in documents.KEEPERS and not self.access.book.read_only
        for name, made in self._buttons.items():
            made.setEnabled(bool(self.master.shown) and (name in ("print", "photo") or (files if name in _ENDS else self.acting.allowed(name, "posting"))))


def _read(session: Session, row_id: str) -> tuple[dict[str, str], str, Photos] | None:
    reg = register("posting")
    line = choices.record(session, reg, row_id, [reg[name] for name in _FIELDS])
    if line is None:
        return None
    return dict(zip(_FIELDS, line.shown, strict=True)), str(line.values[_FIELDS.index("until_on")]), photos_of(session, row_id)


def _ids(session: Session, posting: str) -> list[str]:
    from relocdesk.queries.rows import ids  # noqa: PLC0415 -- only here

    return ids(session, Ask(register("objection"), (Condition("posting", "=", posting),)))


def posting_section(access: Access, shell: Shell) -> Section:
    """公示 with its registers."""
    return Section("posting", [Tab("rounds", "榜次", lambda: PostingPage(access, shell)), register_tab(access, shell, "posting", "公示台账"),
                               register_tab(access, shell, "objection"), register_tab(access, shell, "recheck")])  # fmt: skip

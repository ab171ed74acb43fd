"""矛盾纠纷: open disputes with their risk, patrols and the months without any, and the years without visits to a higher level."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from relocdesk.actions.action import Arg
from relocdesk.field import PLACE
from relocdesk.queries.dispute import DisputeYear, dispute_year
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from ui.access import Access
from ui.acting import Acting
from ui.flow import wrapped
from ui.pages.master_list import lay_out, page_look
from ui.pages.section import Section, Tab, open_record, open_rows, register_tab
from ui.parts import Card, StateSentence, button, label, row
from ui.record import RecordDialog
from ui.shell import Shell
from ui.tables import RowsTable
from ui.texts import Column, Row, TextTable

_STEPS = (("settle", "化解…", "check"), ("hold", "稳控…", "clock"), ("hand-on", "移交…", "export"), ("become-petition", "转为信访件…", "letter"),
          ("revisit", "回访…", "search"))  # fmt: skip
_NEEDED = {"zero-report": ("zero-report", "place"), "confirm-zero": ("confirm-zero", "")}  # which action's roles a button goes by
_OPEN = (Condition("result", "在", ("open", "held")), Condition("petition", "空"))  # what became a petition goes on there


class DisputesPage(QWidget):
    """The year in one sentence, the disputes with what may be done to them, and the patrols month by month."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "dispute")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self._condition: tuple[Condition, ...] = _OPEN
        self._sentence = StateSentence()
        self._sentence.chosen.connect(self._chosen)
        self._streak = label("", "muted", wrap=True)
        news = []
        for name, words, icon, look, on in (("new", "登记纠纷", "add", "primary", partial(self._new, "dispute")),
                                            ("patrol", "登记排查", "add", "", partial(self._new, "patrol")),
                                            ("zero-report", "零报告…", "check", "", self.zero_report),
                                            ("confirm-zero", "确认零上访…", "check", "", self.confirm_zero)):  # fmt: skip
            made = button(words, icon, look=look, name=f"dispute.{name}-now", key="Ctrl+N" if name == "new" else "", on=on)
            made.setEnabled(self.acting.allowed(*_NEEDED.get(name, ("settle", "dispute"))))
            news.append(made)
        card = Card()
        card.body.addLayout(row(label("矛盾纠纷", "title"), 1, *news))
        card.body.addWidget(self._sentence)
        card.body.addWidget(self._streak)
        self._told = label("纠纷", "heading")
        self._buttons = {name: button(words, icon, look="small", name=f"dispute.{name}", on=partial(self.act, name)) for name, words, icon in _STEPS}
        self.disputes = RowsTable(access, register("dispute"),
                                  ("number", "risk", "parties", "summary", "place", "owner", "person", "due_on", "days_left", "result"), name="dispute.open",
                                  widths={"number": 112, "parties": 120, "summary": 110, "place": 140, "owner": 72, "person": 72})  # fmt: skip
        self.disputes.let_scroll()
        self.disputes.selection_moved.connect(self._enable)
        self.disputes.counted.connect(lambda totals: self._told.setText(f"纠纷（{totals.count}）"))
        self.disputes.record_opened.connect(lambda row_id: open_record(shell, "dispute", row_id))
        self.months = TextTable([Column("月份", 8), Column("排查", 6, right=True), Column("走访户", 7, right=True), Column("发现", 6, right=True),
                                 Column("登记纠纷", 8, right=True), Column("情况", 10, chip=True)], name="dispute.months")  # fmt: skip
        self.months.opened.connect(self._open_month)
        lay_out(self, card, wrapped(self._told, *self._buttons.values()), (self.disputes, 3), label("逐月排查", "heading"), (self.months, 2))
        self.reload(None)

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        self.disputes.show_ask(Ask(register("dispute"), self._condition, sort=(("risk", False), ("due_on", False))))
        self.access.look(partial(dispute_year, on=self.access.clerk.on), self._show)
        self._enable()

    def act(self, name: str) -> None:
        """One of the steps, for the chosen disputes."""
        if ids := self.disputes.chosen_ids():
            self.acting.ask(name, "dispute", ids)

    def zero_report(self) -> None:
        """Ask where and who led."""
        place = Arg("place", "排查地点", PLACE, required=True, to="place", help="村或村民小组")
        self.acting.ask_about(place, "zero-report", "place", yes="登记", hint="本月排查没有发现纠纷的，也登记一条。", preset={"held_on": self.access.clerk.on})

    def confirm_zero(self) -> None:
        """Confirm the last year that is over."""
        self.acting.ask("confirm-zero", "", [], yes="确认", preset={"year": int(self.access.clerk.on[:4]) - 1},
                        hint="先核对“事件”和越级的信访件：有到市、赴省、进京或集体上访的年份不能确认。")  # fmt: skip

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _new(self, name: str) -> None:
        RecordDialog.begin(self.access, register(name), self.shell, {}, lambda _row_id: self.reload(None))

    def _chosen(self, key: str) -> None:
        year = self.access.clerk.on[:4]

        def within(name: str) -> tuple[Condition, ...]:
            return Condition(name, "≥", f"{year}-01-01"), Condition(name, "≤", f"{year}-12-31")

        if key == "patrols":
            open_rows(self.shell, Ask(register("patrol"), within("held_on")))
            return
        ways = {"red": (*_OPEN, Condition("risk", "=", "red")), "orange": (*_OPEN, Condition("risk", "=", "orange")),
                "yellow": (*_OPEN, Condition("risk", "=", "yellow")), "open": _OPEN, "all": within("found_on"),
                "settled": within("settled_on"), "late": (*_OPEN, Condition("days_left", "<", 0))}  # fmt: skip
        self._condition = ways[key]
        self.reload(None)

    def _show(self, year: DisputeYear) -> None:
        late: tuple[str | tuple[str, str, str], ...] = ("，超期 ", (str(year.late), "late", "error")) if year.late else ()
        self._sentence.say("要化解的 ", (str(year.open), "open"), " 起：红色 ", (str(year.red), "red", "error"),
                           "，橙色 ", (str(year.orange), "orange", "warn"), "，黄色 ", (str(year.yellow), "yellow"), *late,
                           "；今年登记 ", (str(year.found), "all"), " 起，化解 ", (str(year.settled), "settled", "good"),
                           " 起，排查 ", (str(year.patrols), "patrols"), " 次")  # fmt: skip
        self._streak.setText(year.streak_words)
        self.months.set_rows([Row(one.month, (one.month, str(one.patrols), str(one.households), str(one.found), str(one.disputes), one.words), one.kind)
                              for one in year.months])  # fmt: skip

    def _open_month(self, month: str) -> None:
        days = (Condition("held_on", "≥", f"{month}-01"), Condition("held_on", "≤", f"{month}-31"))
        open_rows(self.shell, Ask(register("patrol"), days))

    def _enable(self) -> None:
        chosen = bool(self.disputes.chosen_count)
        for name, made in self._buttons.items():
            made.setEnabled(chosen and self.acting.allowed(name, "dispute"))


def dispute_section(access: Access, shell: Shell) -> Section:
    """矛盾纠纷 with patrols, incidents and what is confirmed each year."""
    tabs = [Tab("work", "排查化解", lambda: DisputesPage(access, shell)),
            *(register_tab(access, shell, name) for name in ("dispute", "patrol", "incident", "year_confirmation"))]  # fmt: skip
    return Section("dispute", tabs)

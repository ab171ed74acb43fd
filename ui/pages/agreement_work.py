"""协议批量办理: households by step, how many in each on top, and the next step as the one big button."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from relocdesk.clerk import Clerk
from relocdesk.errors import Problem
from relocdesk.field import Field, Value
from relocdesk.job import Tick
from relocdesk.queries import rows
from relocdesk.queries.computed import STEPS
from relocdesk.queries.rows import Ask, Condition, Totals
from relocdesk.queries.saying import totals_text
from relocdesk.records import register
from relocdesk.records.agreement import AgreementState
from ui import say
from ui.access import Access, Session
from ui.acting import Acting
from ui.editors import PlaceEditor
from ui.pages.agreement import FORM
from ui.pages.section import open_record
from ui.parts import EmptyState, button, dress_search, label, set_look
from ui.print_dialog import print_records
from ui.shell import Shell
from ui.tables import RowsTable

ALL = "全部"
COLLECTIVE = "集体"
NEXT = {"未起草": "起草", "草拟": "审核", "审核": "打印", "已打印": "签订", "已签": "编制兑付批次"}
ADVICE = {
    ALL: "点一个进度，就只看这一步的户，并可以成批办下一步。",
    "未起草": "从已签字确认的实物起草协议；没有确认、没有标准、没有收款集体的会列出原因。",
    "草拟": "核对明细和金额后审核；审核过的才好打印。",
    "审核": "打印协议给农户签字，每份带短码，收回时扫码登记。",
    "已打印": "签字页收回后登记签订；打印后内容改过的会被拒绝，要重打。",
    "已签": "把已签订未付清的列入一个兑付批次。",
    "已兑付": "这些户的协议已经全部付清。",
}
_STATES = {"草拟": (AgreementState.DRAFT.value,), "审核": (AgreementState.REVIEWED.value,),
           "已打印": (AgreementState.DRAFT.value, AgreementState.REVIEWED.value), "已签": (AgreementState.SIGNED.value,)}  # fmt: skip


class AgreementWork(QWidget):
    """The table of households (or of collectives' agreements) by step."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.agreement_work")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self.step = ALL
        self.side = "household"
        self._shown = ""
        self._picked = 0  # counts the choices of rows, so that sums of an earlier one are not told
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(8)
        column.addLayout(self._filters())
        column.addLayout(self._step_row())
        self.advice = label(ADVICE[ALL], "muted")
        self.big = button("", look="primary", name="agreement_work.next", on=self.go_on)
        self.back = button("单据收回…", "scan", name="agreement_work.papers", on=lambda: self.shell.show_page("agreement", tab="papers"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.advice, 1)
        row.addWidget(self.back)
        row.addWidget(self.big)
        column.addLayout(row)
        household = RowsTable(access, register("household"), ("head_name", "number", "place", "people", "area", "agreed", "paid", "step"),
                              name="agreement_work.households")  # fmt: skip
        collective = RowsTable(access, register("agreement"), ("number", "collective", "kind", "total", "paid", "drafted_on", "signed_on", "step"),
                               name="agreement_work.collectives")  # fmt: skip
        self.tables = {"household": household, "agreement": collective}
        household.record_opened.connect(lambda row_id: self.shell.show_page("agreement", tab="one", household=row_id))
        collective.record_opened.connect(lambda row_id: open_record(self.shell, "agreement", row_id))
        for key, made in self.tables.items():
            made.counted.connect(partial(self._counted, key))
            made.selection_moved.connect(self._chosen)
            column.addWidget(made, 1)
        self.empty = EmptyState("agreement", "没有这一步的户", "换一个进度或村组看看。")
        column.addWidget(self.empty, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(200)
        self._timer.timeout.connect(lambda: self.reload(None))
        self.setFocusProxy(household)
        self.reload(None)

    def _filters(self) -> QHBoxLayout:
        self.search = QLineEdit()
        self.search.setObjectName("agreement_work.search")
        self.search.setPlaceholderText("户号、姓名、首字母、证号后四位")
        dress_search(self.search)
        self.search.textEdited.connect(self._narrowing)
        self.place = PlaceEditor(Field("村组", "place"), self.access)
        self.place.input.setObjectName("agreement_work.place")
        self.place.set_derived("全部村组")
        self.place.changed.connect(self._narrowing)
        self.place.left.connect(self._narrowing)
        self._sides: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        for key, words in (("household", "农户"), ("agreement", "集体和单位")):
            made = button(words, name=f"agreement_work.side.{key}", on=partial(self.show_side, key))
            made.setCheckable(True)
            group.addButton(made)
            self._sides[key] = made
            row.addWidget(made)
        self._sides["household"].setChecked(True)
        row.addWidget(self.search, 3)
        row.addWidget(self.place, 2)
        return row

    def _step_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._steps: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for number, words in enumerate((ALL, *STEPS)):
            if number > 1:
                row.addWidget(label("→", "muted"))
            made = button(words, name=f"agreement_work.step.{number}", on=partial(self.show_step, words))
            made.setCheckable(True)
            group.addButton(made)
            self._steps[words] = made
            row.addWidget(made, 1)
        self._steps[ALL].setChecked(True)
        return row

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def show_what(self, step: str = "") -> None:
        """Show one step."""
        if step in self._steps:
            self.show_step(step)

    def show_step(self, step: str) -> None:
        """Only the rows of this step."""
        self.step = step
        self._steps[step].setChecked(True)
        self.reload(None)

    def show_side(self, side: str) -> None:
        """Households, or the agreements of collectives and units."""
        if side != self.side:
            self._shown = ""  # sums of the other side are not those of the rows in sight
        self.side = side
        if side == "agreement" and self.step == STEPS[0]:
            self.step = ALL
            self._steps[ALL].setChecked(True)
        self._sides[side].setChecked(True)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Ask anew."""
        self.big.setEnabled(False)  # until its number is that of the rows in sight
        self.advice.setText(ADVICE[self.step])
        for key, made in self.tables.items():
            made.setVisible(key == self.side)
        self.table.show_ask(self._ask(self.step))
        whole = self._ask(ALL)
        self.access.look(lambda session: rows.counts(session, whole, "step"), self._show_counts)

    @property
    def table(self) -> RowsTable:
        """The table shown."""
        return self.tables[self.side]

    def _narrowing(self, *_what: object) -> None:
        if self._ask(self.step) != self.table.ask:
            self.big.setEnabled(False)
            self._timer.start()

    def _ask(self, step: str) -> Ask:
        conditions: list[Condition] = []
        if self.side == "household":
            conditions += [Condition("step", "=", step)] if step != ALL else []
        else:
            conditions.append(Condition("collective", "不空"))
            conditions.append(Condition("state", "≠", AgreementState.VOID.value))
            conditions += [Condition("step", "=", step)] if step != ALL else []
        where = self.place.value() if not self.place.check() else None
        return Ask(register(self.side), tuple(conditions), self.search.text().strip(), str(where or ""))

    def _show_counts(self, found: dict[Value, int]) -> None:
        counts = {str(key): count for key, count in found.items()}
        for words, made in self._steps.items():
            number = sum(found.values()) if words == ALL else counts.get(words, 0)
            made.setText(f"{words} {number:,}")
            made.setVisible(self.side == "household" or words != STEPS[0])  # an agreement is there once it is drafted

    def _counted(self, side: str, totals: Totals) -> None:
        if side != self.side:
            return
        self._shown = totals_text(self.table.reg, totals)
        self.totals_changed.emit(self._shown, "")
        self.big.setEnabled(not self._timer.isActive())
        self.empty.setVisible(not totals.count)
        self.table.setVisible(bool(totals.count))
        self._chosen()

    def _chosen(self) -> None:
        self._picked += 1
        picked = self._picked
        chosen = self.table.chosen_count
        whole = self.table.totals.count if self.table.totals else 0
        number = chosen if chosen > 1 else whole
        verb = NEXT.get(self.step, "")
        counter = "户" if self.side == "household" else "份"
        self.big.setVisible(bool(verb) and bool(whole))
        self.big.setText(f"{verb} {number:,} {counter}" if verb else "")
        self.back.setVisible(self.step == "已打印")
        if chosen > 1:
            ids = self.table.chosen_rowids()
            ask = self.table.ask or self._ask(self.step)

            def told(totals: Totals) -> None:
                if picked == self._picked:
                    self.totals_changed.emit(self._shown, f"已选 {totals_text(ask.register, totals)}")

            self.access.look(lambda session: rows.totals(session, ask, ids), told)
        else:
            self.totals_changed.emit(self._shown, "")
        set_look(self.big, look="primary")

    # ---- the next step ----------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """The next step for the chosen rows, or for all shown."""
        ask = self.table.ask or self._ask(self.step)
        chosen = self.table.chosen_ids() if self.table.chosen_count > 1 else []
        ids = chosen or self.access.read(lambda session: rows.ids(session, ask))
        if self.step == "未起草":
            draft_households(self.access, self.shell, ids)
            return
        agreements = ids if self.side == "agreement" else self._agreements(ids)
        if not agreements:
            self.shell.notice("没有可以办这一步的协议", "info")
        elif self.step == "草拟":
            many = f"{len(agreements)} 份"
            if say.ask(f"审核 {many}协议吗？", yes=f"审核 {many}", no="先不审核", hint="明细和金额都核对过了再审核。", parent=self.shell):
                self.acting.ask("review", "agreement", agreements)
        elif self.step == "审核":
            print_records(self.access, self.shell, "agreement", agreements, FORM, printed=lambda _printed: self.reload(None))
        elif self.step == "已打印":
            self.acting.ask("sign", "agreement", agreements, yes=f"签订 {len(agreements)} 份",
                            hint="同一天、同一种签字方式的一起登记；代签的请单份办。")  # fmt: skip
        elif self.step == "已签":
            self.acting.ask("open-batch", "", [], fixed={"agreements": agreements}, yes="编制批次",
                            hint=f"把 {len(agreements)} 份协议的未付金额列入一个新批次。",
                            only=("kind", "fund", "remark"), then=lambda _outcome: self.shell.show_page("payment", tab="batch"))  # fmt: skip

    def _agreements(self, households: Sequence[str]) -> list[str]:
        states = _STATES[self.step]
        conditions = (Condition("household", "在", tuple(households[:10_000])), Condition("state", "在", states))
        return self.access.read(lambda session: rows.ids(session, Ask(register("agreement"), conditions)))


def draft_households(access: Access, shell: Shell, households: Sequence[str]) -> None:
    """Draft agreements from the confirmed survey of these households, then say honestly what became of each."""
    from relocdesk.actions.drafting import Outcome, draft  # noqa: PLC0415 -- slow import

    def job(session: Session, clerk: Clerk, tick: Tick) -> Outcome:
        return draft(session, clerk, households=list(households), tick=tick)

    def tell(outcome: Outcome) -> None:
        problems = [*(Problem(key, text) for key, text in outcome.refused), *(Problem(key, "未开始（已停止）") for key in outcome.not_started)]
        if problems:
            say.problems(f"起草了 {len(outcome.done)} 份，{len(outcome.refused)} 户没有起草，{len(outcome.not_started)} 户未开始", problems, shell,
                         hint="双击户可以看到它的实物；补好后再起草一次，已起草的不会重复。")  # fmt: skip

    access.do(shell, f"起草协议（{len(households)} 户）", job, then=tell,
              said=lambda outcome: f"已起草协议 {len(outcome.done)} 份" if outcome.done else "")  # fmt: skip

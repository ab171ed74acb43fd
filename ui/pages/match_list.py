"""名单比对: another department's list is read, every row says whom it means, the clerk reduces the sure ones at once and the others one by one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from relocdesk.actions.matching import ListKind, Proposal, Verdict, carry_out, match
from relocdesk.clerk import Clerk
from relocdesk.errors import Problem, UserError
from relocdesk.field import read_day
from relocdesk.job import Tick
from relocdesk.rules.identity import mask_idcard
from ui import say
from ui.access import Access, Session
from ui.acting import Acting
from ui.pages.master_list import lay_out, page_look
from ui.pages.section import open_record
from ui.parts import EmptyState, StateSentence, button, label, row
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

_CHIPS = {Verdict.SURE: "good", Verdict.LIKELY: "warn", Verdict.PROBLEM: "error"}
_FILES = "表格文件 (*.xlsx *.xls *.csv *.et *.wps)"


class MatchPage(QWidget):
    """One list at a time; it is matched anew after every change."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        page_look(self, "match_list")
        self.access, self.shell = access, shell
        self._path: Path | None = None
        self._found: list[Proposal] = []
        self._matched = ""  # as which kind of list they were found
        self._asked = 0
        self._verdict = ""
        self.kind = QComboBox()
        self.kind.setObjectName("match_list.kind")
        for one in ListKind:
            self.kind.addItem(one.label, one.value)
        self.kind.currentIndexChanged.connect(lambda _n: self.reload(None))
        self.day = QLineEdit()
        self.day.setObjectName("match_list.day")
        self.day.setPlaceholderText("没写日期的按这天")
        self.day.setMaximumWidth(190)
        self.day.editingFinished.connect(lambda: self.reload(None))
        choose = button("选名单文件…", "import", name="match_list.choose", tip="什么格式都行，有姓名和身份证号就能比对", on=self.choose)
        self._sure = button("核减全部确定的", "check", look="primary", name="match_list.sure", on=self.take_sure)
        self._chosen = button("核减所选…", name="match_list.chosen", tip="核对过的待核行也可以核减", on=self.take_chosen)
        self._export = button("导出结果", "export", name="match_list.export", on=self.export)
        self.sentence = StateSentence()
        self.sentence.chosen.connect(self._choose_verdict)
        hidden = (self._export, self._chosen, self._sure)
        for made in hidden:
            made.hide()
        self.table = TextTable((Column("行", 5, right=True), Column("结论", 8, chip=True), Column("名单上的姓名", 12), Column("身份证号", 20),
                                Column("日期", 11), Column("对上的人", 26), Column("说明", 40)), name="match_list.rows")  # fmt: skip
        self.table.opened.connect(self._open)
        self.empty = EmptyState("people", "还没有选名单", "民政的死亡名单、财政的工资名单、司法的服刑名单、公安的转非名单，选进来就逐行比对；先按身份证号，"
                                "再按姓名、出生日期和村，只凭姓名不算。", ("选名单文件…", self.choose))  # fmt: skip
        lay_out(self, row(label("名单比对", "title"), 1, self.kind, self.day, choose), row((self.sentence, 1), *hidden), (self.table, 1), (self.empty, 1))
        self.table.hide()

    def reload(self, tables: set[str] | None) -> None:
        """Match the file anew."""
        if self._path is not None:
            self.read(self._path)

    def choose(self) -> None:
        """Choose a file and match it."""
        path = say.pick_open("选其他部门的名单", _FILES, parent=self.shell)
        if path is not None:
            self.read(path)

    def read(self, path: Path) -> None:
        """Match this file."""
        kind, clerk = str(self.kind.currentData()), self.access.clerk
        try:
            day = read_day(self.day.text()) if self.day.text().strip() else ""
        except UserError as error:
            say.trouble(error, self.shell)
            return

        def look(session: Session) -> list[Proposal]:
            from relocdesk.excel.other_lists import read_list  # noqa: PLC0415 -- slow import

            return match(session, clerk, kind, read_list(path, day=day))

        self._asked += 1
        asked = self._asked
        self.access.look(look, lambda found: self._show(path, kind, found) if asked == self._asked else None,
                         lambda error: self._failed(error) if asked == self._asked else None)  # fmt: skip

    def take_sure(self) -> None:
        """Reduce everybody who is meant for sure, after one question."""
        self._take([one for one in self._found if one.verdict is Verdict.SURE])

    def take_chosen(self) -> None:
        """Reduce the chosen rows."""
        keys = set(self.table.chosen_keys())
        self._take([one for one in self._found if str(one.entry.row) in keys and one.verdict in (Verdict.SURE, Verdict.LIKELY)])

    def export(self) -> None:
        """Write what every row means into a workbook."""
        path = say.pick_save("导出比对结果", "Excel 工作簿 (*.xlsx)", "名单比对结果.xlsx", self.shell)
        if path is None or self._path is None:
            return
        found, name, out = list(self._found), self._path.name, path

        def job(tick: Tick) -> str:
            from relocdesk.excel.other_lists import outcome_workbook  # noqa: PLC0415 -- slow import

            return f"已写出“{out.name}”，{outcome_workbook(found, name, out)} 行"

        self.shell.start_job("导出比对结果", job, lambda said: self.shell.notice(said, "good"))

    def _take(self, chosen: list[Proposal]) -> None:
        if not chosen:
            self.shell.notice("请先选“确定”或“待核”的行", "info")
            return
        kind, path = self._matched, self._path  # of the rows in sight, whatever is chosen above by now
        doubtful = sum(one.verdict is Verdict.LIKELY for one in chosen)
        hint = f"其中 {doubtful} 行身份证号或姓名对不上，请确认已经核对过。" if doubtful else "停发月份和多发金额按政策算出，可以整批撤销。"
        names = "、".join(one.who for one in chosen[:3]) + ("等" if len(chosen) > 3 else "")
        if not say.ask(f"核减 {len(chosen)} 人：{names}？", yes=f"核减 {len(chosen)} 人", no="不核减", danger=True, parent=self.shell, hint=hint):
            return
        source = f"{ListKind(kind).label}（{path.name if path else ''}）"

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            return carry_out(session, clerk, kind, chosen, source)

        self.access.do(self.shell, "名单比对核减", job, then=self._told)

    def _told(self, said: str) -> None:
        refused = getattr(said, "refused", ())
        if refused:
            say.problems(str(said), [Problem(key, text) for key, text in refused], self.shell)

    def _failed(self, error: Exception) -> None:
        say.trouble(error if isinstance(error, UserError) else UserError(str(error)), self.shell)

    def _show(self, path: Path, kind: str, found: list[Proposal]) -> None:
        self._path, self._matched, self._found = path, kind, found
        self.empty.hide()
        self.table.show()
        may = Acting(self.access, self.shell).allowed("reduce", "recipient")
        sure = sum(one.verdict is Verdict.SURE for one in found)
        self._export.show()
        for made in (self._chosen, self._sure):
            made.setVisible(may)
        self._sure.setEnabled(bool(sure))
        self._sure.setText(f"核减全部确定的（{sure}）" if sure else "没有确定要核减的")
        pieces: list[str | tuple[str, str] | tuple[str, str, str]] = [f"{path.name} 共 ", (f"{len(found):,}", "*"), " 行"]
        for verdict in Verdict:
            count = sum(one.verdict is verdict for one in found)
            if count:
                pieces += [f" · {verdict.label} ", (f"{count:,}", verdict.value, _CHIPS.get(verdict, ""))]
        self.sentence.say(*pieces)
        self._rows()

    def _choose_verdict(self, key: str) -> None:
        self._verdict = "" if key in ("*", self._verdict) else key
        self._rows()

    def _rows(self) -> None:
        shown = [one for one in self._found if self._verdict in ("", one.verdict.value)]
        self.table.set_rows([_row(one) for one in shown])
        self.totals_changed.emit(f"{len(shown):,} 行", "")

    def _open(self, key: str) -> None:
        one = next((one for one in self._found if str(one.entry.row) == key and one.recipient), None)
        if one is not None:
            open_record(self.shell, "recipient", one.recipient)


def _row(one: Proposal) -> Row:
    entry = one.entry
    return Row(str(entry.row), (str(entry.row), one.verdict.label, entry.name, mask_idcard(entry.idcard), entry.happened_on, one.who, one.text),
               _CHIPS.get(one.verdict, "plain"))  # fmt: skip

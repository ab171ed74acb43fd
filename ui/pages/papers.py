"""单据收回: type or scan the code of a sheet that came back signed; what is out, back but not scanned, or stale, by village."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from relocdesk.actions.documents import SheetLists, return_printout, sheet_lists
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.job import Tick
from relocdesk.queries.rows import Ask, Condition
from relocdesk.queries.saying import totals_text
from relocdesk.records import register
from relocdesk.records.agreement import SignedBy
from ui.access import Access, Session
from ui.acting import Acting
from ui.pages.section import open_record
from ui.parts import Card, button, label, set_look
from ui.shell import Shell
from ui.tables import RowsTable
from ui.texts import Column, Row, TextTable

LISTS = (("out", "已打印未收回"), ("unscanned", "已收回未扫描"), ("stale", "已过期（要重打）"))
_ANYWHERE = "*"


class PapersPage(QWidget):
    """A code line that takes a scanner's Enter, and the three lists."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.papers")
        self.setProperty("look", "page")
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self.lists = SheetLists({}, {}, {})
        self.which = "out"
        self._taking: set[str] = set()  # codes that are being registered
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 16, 8)
        column.setSpacing(10)
        column.addWidget(self._take_card())
        column.addLayout(self._which_row())
        self.villages = TextTable((Column("村", 22), Column("份数", 6, right=True)), name="papers.villages")
        self.villages.chosen.connect(lambda _key: self._show_rows())
        columns = ("subject", "form", "code", "place", "printed_at", "printed_by", "returned_on", "signer", "status")
        words = {"code": lambda code: f"{code[:4]}-{code[4:]}"}
        self.table = RowsTable(access, register("printout"), columns, told=words,
                               name="papers.rows")  # fmt: skip
        self.table.counted.connect(lambda totals: self.totals_changed.emit(totals_text(self.table.reg, totals), ""))
        self.table.record_opened.connect(partial(open_record, shell, "printout"))
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self.villages)
        split.addWidget(self.table)
        split.setSizes([260, 800])
        split.setStretchFactor(1, 1)
        column.addWidget(split, 1)
        self.setFocusProxy(self.code)
        self.reload(None)

    def _take_card(self) -> Card:
        card = Card()
        self.code = QLineEdit()
        self.code.setObjectName("papers.code")
        self.code.setPlaceholderText("扫描二维码，或输入 8 位短码后按回车")
        self.code.setMinimumWidth(260)
        self.code.returnPressed.connect(self.take)
        self.signer = QComboBox()
        self.signer.setObjectName("papers.signer")
        for one in SignedBy:
            self.signer.addItem(one.label, one.value)
        self.signer.currentIndexChanged.connect(lambda _index: self._asks())
        self.reason = QLineEdit()
        self.reason.setObjectName("papers.reason")
        self.day = QLineEdit()
        self.day.setObjectName("papers.day")
        self.day.setPlaceholderText("今天")
        self.day.setMaximumWidth(120)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label("收回单据", "heading"))
        row.addWidget(self.code, 2)
        row.addWidget(label("签字人"))
        row.addWidget(self.signer)
        row.addWidget(self.reason, 1)
        row.addWidget(label("收回日期"))
        row.addWidget(self.day)
        row.addWidget(button("登记收回", "check", look="primary", name="papers.take", on=self.take))
        card.body.addLayout(row)
        self.told = label("扫一张登记一张，签字人和日期保持不变，适合成批登记。", "muted", wrap=True)
        self.told.setObjectName("papers.told")
        card.body.addWidget(self.told)
        self._asks()
        return card

    def _which_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        group = QButtonGroup(self)
        self._which: dict[str, QPushButton] = {}
        for key, words in LISTS:
            made = button(words, name=f"papers.{key}", on=partial(self.show_list, key))
            made.setCheckable(True)
            group.addButton(made)
            self._which[key] = made
            row.addWidget(made)
        self._which["out"].setChecked(True)
        row.addStretch(1)
        row.addWidget(button("收回所选…", "check", name="papers.take_chosen", on=self.take_chosen))
        row.addWidget(button("扫描归档所选…", "scan", name="papers.scan", on=self.scan_chosen))
        return row

    # ---- what the window uses ---------------------------------------------------------------------------------------

    def show_what(self, which: str = "", id: str = "") -> None:
        """Show one of the lists."""
        if which in self._which:
            self.show_list(which)

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        self.access.look(sheet_lists, self._show)

    def show_list(self, which: str) -> None:
        """Show this list."""
        self.which = which
        self._which[which].setChecked(True)
        self._show(self.lists)

    def take(self) -> None:
        """Register the sheet whose code stands in the line as returned."""
        code, signer, reason, day = self.code.text().strip(), str(self.signer.currentData()), self.reason.text().strip(), self.day.text().strip()
        if not code or code in self._taking:  # Enter once more while it is being registered
            self.code.setFocus()
            return
        try:
            values = {"signer": signer, "returned_on": str(register("printout")["returned_on"].read(day) or "")}
        except UserError as error:
            self._say(str(error), wrong=True)
            return
        values["witness" if signer == SignedBy.FINGERPRINT else "reason"] = reason

        def job(session: Session, clerk: Clerk, _tick: Tick) -> tuple[bool, str]:
            try:
                return True, return_printout(session, clerk, code, **values)
            except UserError as error:
                return False, str(error)

        self._taking.add(code)
        work = self.access.do(self.shell, "单据收回", job, then=lambda told: self._taken(code, *told), said=lambda _told: "")
        work.ended.connect(lambda _outcome: self._taking.discard(code))

    def _taken(self, code: str, done: bool, text: str) -> None:
        self._say(text, wrong=not done)
        if self.code.text().strip() != code:  # the next sheet was scanned meanwhile
            return
        if done:
            self.code.clear()
        else:
            self.code.selectAll()
        self.code.setFocus()

    def _say(self, text: str, *, wrong: bool) -> None:
        self.told.setText(text)
        set_look(self.told, look="error" if wrong else "derived")
        set_look(self.code, wrong=wrong)
        QTimer.singleShot(0, self.code.setFocus)

    def take_chosen(self) -> None:
        """Register the chosen sheets as returned."""
        ids = self.table.chosen_ids()
        if ids:
            self.acting.ask("return", "printout", ids, yes=f"收回 {len(ids)} 份")

    def scan_chosen(self) -> None:
        """The scans of the chosen sheets are filed."""
        ids = self.table.chosen_ids()
        if ids:
            self.acting.ask("scan", "printout", ids, yes=f"归档 {len(ids)} 份")

    def _asks(self) -> None:
        signer = self.signer.currentData()
        words = {SignedBy.FAMILY: "代签原因（必填）", SignedBy.PROXY: "代签原因（必填）", SignedBy.FINGERPRINT: "见证人（必填）"}.get(signer, "")
        self.reason.setPlaceholderText(words)
        self.reason.setVisible(bool(words))

    # ---- showing ----------------------------------------------------------------------------------------------------

    def _show(self, found: SheetLists) -> None:
        self.lists = found
        for key, words in LISTS:
            number = sum(len(ids) for ids in getattr(found, key).values())
            self._which[key].setText(f"{words} {number:,}")
        mine: dict[str, list[str]] = getattr(found, self.which)
        whole = [Row(_ANYWHERE, ("全部", f"{sum(map(len, mine.values())):,}"))]
        self.villages.set_rows(whole + [Row(village, (village, f"{len(ids):,}")) for village, ids in sorted(mine.items())])
        if not self.villages.current_key():
            self.villages.choose(_ANYWHERE)
        self._show_rows()

    def _show_rows(self) -> None:
        mine: dict[str, list[str]] = getattr(self.lists, self.which)
        key = self.villages.current_key()
        ids = mine.get(key, []) if key not in ("", _ANYWHERE) else [one for some in mine.values() for one in some]
        conditions = {
            "out": (Condition("returned_on", "空"), Condition("stale", "≠", 1)),
            "unscanned": (Condition("returned_on", "不空"), Condition("scanned_on", "空")),
            "stale": (Condition("returned_on", "空"), Condition("stale", "=", 1)),
        }[self.which]
        place = self._place(ids) if key not in ("", _ANYWHERE) else ""
        self.table.show_ask(Ask(register("printout"), conditions, place=place))

    def _place(self, ids: list[str]) -> str:
        """The village of the list's heading."""
        wanted = self.villages.current_key()
        places = self.access.places()
        return next((node.id for node, _depth in self.access.tree() if places.full(node.id) == wanted), "")

"""打印: the papers of some records with their state, what will not print and why first; the paper itself; print or save."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QHBoxLayout, QSpinBox, QSplitter, QVBoxLayout, QWidget

from relocdesk.errors import Problem, UserError
from relocdesk.job import Tick
from relocdesk.printing import find_form, forms_of
from relocdesk.printing.form import Form
from relocdesk.printing.press import Printed, Sheet, plan_papers, preview, print_papers, save_word
from relocdesk.records import register
from ui import paper, say
from ui.access import Access, while_there
from ui.paper import PaperView
from ui.parts import button, label
from ui.shell import Shell
from ui.texts import Column, Row, TextTable

MANY = 500  # records from which the plain list is offered first


class PrintDialog(QDialog):
    """Left the papers, right the chosen one as it will print, below printer, copies and the two ways out.

    `printed` is called with what became of the papers.
    """

    def __init__(self, access: Access, shell: Shell, reg: str, ids: Sequence[str], *, form: str = "",
                 printed: Callable[[Printed], object] | None = None) -> None:  # fmt: skip
        super().__init__(shell)
        self.setObjectName("print")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.access, self.shell = access, shell
        self._ids = tuple(dict.fromkeys(ids))
        self._forms = (find_form(form),) if form else forms_of(reg)
        self._printed = printed
        self._sheets: list[Sheet] = []
        self._asked = self._answered = self._previewed = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.setWindowTitle(f"打印 · {register(reg).label}")
        self.resize(1120, 640)
        self._build()
        self.look()

    # ---- building ---------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.form = QComboBox()
        self.form.setObjectName("print.form")
        self.form.addItems([one.label for one in self._forms])
        self.form.setEnabled(len(self._forms) > 1)
        if len(self._ids) > MANY:  # so many papers are asked for on purpose only
            self.form.setCurrentIndex(len(self._forms) - 1)
        self.form.currentIndexChanged.connect(lambda _index: self.look())
        self.public = QCheckBox("公示版（不印身份证号和账号）")
        self.public.setObjectName("print.public")
        self.public.toggled.connect(lambda _on: self.look())
        self.gaps = QCheckBox("允许留空，打印后手填")
        self.gaps.setObjectName("print.gaps")
        self.gaps.toggled.connect(lambda _on: self.look())
        self.one = QCheckBox("只打选中的这一份")
        self.one.setObjectName("print.one")
        self.one.toggled.connect(lambda _on: self._count())
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(label("单据"))
        top.addWidget(self.form)
        top.addWidget(self.public)
        top.addWidget(self.one)
        top.addWidget(self.gaps)
        top.addStretch(1)
        self.state = label("正在准备…", "muted", wrap=True)
        self.state.setObjectName("print.state")
        self.list = TextTable((Column("状态", 10, chip=True), Column("单据", 20), Column("说明", 40)), name="print.list")
        self.list.chosen.connect(lambda _key: self._preview())
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        self.why = label("", "muted", wrap=True)
        column.addWidget(self.why)
        self.view = PaperView(name="print.paper")
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.view)
        split.setSizes([430, 670])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(self.state)
        whole.addWidget(split, 1)
        whole.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        self.printer = QComboBox()
        self.printer.setObjectName("print.printer")
        self.printer.setMinimumWidth(200)
        self.copies = QSpinBox()
        self.copies.setObjectName("print.copies")
        self.copies.setRange(1, 99)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(label("打印机"))
        foot.addWidget(self.printer)
        foot.addWidget(label("份数"))
        foot.addWidget(self.copies)
        foot.addStretch(1)
        foot.addWidget(button("先不打", name="print.no", on=self.reject))
        self.save = button("另存 PDF…", "save", name="print.save", on=self.save_pdf)
        self.word = button("另存 Word…", "save", name="print.word", tip="存成可以修改的 Word 文件，不登记为已打印", on=self.save_as_word)
        self.word.hide()
        self.go = button("打印", "print", look="primary", name="print.go", on=self.send)
        foot.addWidget(self.word)
        foot.addWidget(self.save)
        foot.addWidget(self.go)
        found = paper.queues()
        self.printer.addItems(found or ["没有找到打印机"])
        self.printer.setEnabled(bool(found))
        self._has_printer = bool(found)
        return foot

    @property
    def chosen(self) -> Form:
        """The form chosen now."""
        return self._forms[self.form.currentIndex()]

    # ---- what would print -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask anew what would print."""
        self._asked += 1
        asked, form = self._asked, self.chosen
        self.public.setVisible(form.public == "may")
        self.word.setVisible(form.word)
        self.copies.setValue(form.copies)
        self._count()
        clerk, public, gaps = self.access.clerk, self._public, self.gaps.isChecked()
        self.access.look(lambda session: plan_papers(session, clerk, form, self._ids, public=public, allow_gaps=gaps),
                         while_there(self, lambda found: self._show(asked, found)), while_there(self, lambda error: self._failed(asked, error)))  # fmt: skip

    @property
    def _public(self) -> bool:
        return self.chosen.public == "may" and self.public.isChecked()

    def _failed(self, asked: int, error: Exception) -> None:
        if asked == self._asked:
            self._show(asked, [])
            self.state.setText(str(error))

    def _show(self, asked: int, found: list[Sheet]) -> None:
        if asked != self._asked:
            return
        self._answered = asked
        self._sheets = sorted(found, key=lambda one: not one.refused)
        self.list.set_rows([_row(one) for one in self._sheets])
        ready = [one for one in found if not one.refused]
        refused, gaps = len(found) - len(ready), sum(1 for one in ready if one.gaps)
        pieces = [f"可以打印 {len(ready)} 份"]
        pieces += [f"{refused} 份还不能打印，请看说明"] if refused else []
        pieces += [f"{gaps} 份有空白要手填"] if gaps else []
        self.state.setText("；".join(pieces))
        self.gaps.setVisible(bool(refused or self.gaps.isChecked()))
        self.one.setVisible(len(found) > 1)
        self._count()
        if self._sheets:
            self.list.choose((ready or self._sheets)[0].key)
            self._preview()

    @property
    def _sheet(self) -> Sheet | None:
        """The paper chosen in the list."""
        return next((one for one in self._sheets if one.key == self.list.current_key()), None)

    def _wanted(self) -> list[Sheet]:
        """The papers that the ways out will print."""
        ready = [one for one in self._sheets if not one.refused]
        return [one for one in ready if one is self._sheet] if self._only else ready

    @property
    def _only(self) -> bool:
        return len(self._sheets) > 1 and self.one.isChecked()

    def _count(self) -> None:
        """How many papers the ways out print, none when the chosen one cannot be, nor before it is known what would print."""
        count = len(self._wanted()) if self._answered == self._asked else 0
        self.go.setText(f"打印 {count} 份")
        self.go.setEnabled(bool(count) and self._has_printer)
        self.save.setEnabled(bool(count))
        self.word.setEnabled(bool(count))

    def _preview(self) -> None:
        self._count()
        self._previewed += 1
        asked, sheet = self._previewed, self._sheet
        if sheet is None:
            self.view.clear()
            return
        self.why.setText(sheet.refused or "；".join(str(gap) for gap in sheet.gaps) or (f"内容与已打印的 {sheet.code} 相同" if sheet.code else ""))
        clerk, form, public = self.access.clerk, self.chosen, self._public
        wanted = sheet.ids or self._ids[:1]
        self.access.look(lambda session: preview(session, clerk, form, wanted, public=public),
                         while_there(self, lambda pdf: self.view.show_pdf(pdf) if asked == self._previewed else None),
                         while_there(self, lambda _error: self.view.clear() if asked == self._previewed else None))  # fmt: skip

    # ---- the ways out -----------------------------------------------------------------------------------------------

    def save_pdf(self) -> None:
        """Write all papers into one file; the sheets are registered as printed."""
        path = say.pick_save("另存 PDF", "PDF 文件 (*.pdf)", f"{self.chosen.label}.pdf", self)
        if path is not None:
            self._work(path if path.suffix else path.with_suffix(".pdf"), None)

    def save_as_word(self) -> None:
        """Write the papers as a Word document to be worked on."""
        path = say.pick_save("另存 Word", "Word 文件 (*.docx)", f"{self.chosen.label}.docx", self)
        if path is not None:
            self._work(path if path.suffix else path.with_suffix(".docx"), None)

    def send(self) -> None:
        """Print all papers on the chosen printer."""
        self._folder = tempfile.TemporaryDirectory(prefix="relocdesk-print-")
        self._work(Path(self._folder.name) / "paper.pdf", self.printer.currentText())

    def _work(self, out: Path, queue: str | None) -> None:
        access, clerk, form = self.access, self.access.clerk, self.chosen
        ids = self._wanted()[0].ids if self._only else self._ids
        public, gaps, copies = self._public, self.gaps.isChecked(), self.copies.value()

        def job(tick: Tick) -> Printed:
            if out.suffix.lower() == ".docx":
                return save_word(access.book, clerk, form, ids, out, public=public, allow_gaps=gaps, tick=tick)
            printed = print_papers(access.book, clerk, form, ids, out, public=public, allow_gaps=gaps, copies=copies, tick=tick)
            if queue is not None and printed.done:
                paper.send(out, queue, copies)
            return printed

        folder, shell, told = self._folder, self.shell, self._printed
        self._folder = None
        self.accept()

        def then(printed: Printed) -> None:
            if folder is not None:
                folder.cleanup()
            tell_printed(shell, form, printed, out if queue is None else None)
            shell.reload({"printout", form.register})
            if told is not None:
                told(printed)

        shell.start_job(f"打印{form.label}", job, then)


def tell_printed(shell: Shell, form: Form, printed: Printed, saved: Path | None = None) -> None:
    """The honest list after printing: done in the strip, everything else as problems."""
    where = f"，存在 {saved}" if saved is not None and printed.done else ""
    if printed.done:
        shell.notice(f"已打印{form.label} {len(printed.done)} 份，共 {printed.pages} 页{where}", "good")
    problems = [*(Problem(key, text) for key, text in printed.refused), *(Problem(key, "未开始（已停止）") for key in printed.not_started),
                *(Problem(key, f"有空白要手填：{text}") for key, text in printed.gaps)]  # fmt: skip
    if problems:
        kinds = ((printed.refused, "没有打"), (printed.not_started, "未开始"), (printed.gaps, "有空白要手填"))
        left = [f"{len(some)} 份{words}" for some, words in kinds if some]
        say.problems("，".join([f"打印了 {len(printed.done)} 份", *left]), problems, shell)


def print_records(access: Access, shell: Shell, reg: str, ids: Sequence[str], form: str = "", printed: Callable[[Printed], object] | None = None) -> None:
    """Open the print dialog for records, or say that none is chosen."""
    if not ids:
        shell.notice("请先选要打印的记录", "info")
        return
    try:
        PrintDialog(access, shell, reg, ids, form=form, printed=printed).open()
    except UserError as error:
        say.trouble(error, shell)


def _row(sheet: Sheet) -> Row:
    """State first, then which paper: the title alone where it begins with the number."""
    state, told = _state(sheet)
    number = sheet.key.partition("/")[0]
    return Row(sheet.key, (state, sheet.label if sheet.label.startswith(number) else f"{sheet.key} {sheet.label}", told), _kind(sheet))


def _state(sheet: Sheet) -> tuple[str, str]:
    if sheet.refused:
        return "不能打", sheet.refused
    if sheet.gaps:
        return "有空白", "；".join(str(gap) for gap in sheet.gaps)
    if sheet.code:
        return "打过", f"内容没变，短码 {sheet.code}"
    return ("可打", f"以前打的 {sheet.outdated} 将作废") if sheet.outdated else ("可打", "")


def _kind(sheet: Sheet) -> str:
    return "error" if sheet.refused else "warn" if sheet.gaps else "plain" if sheet.code else "good"

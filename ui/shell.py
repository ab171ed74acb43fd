"""The main window: rail, header, notice strip, pages, status line. It knows no register; pages are given to it.

A page is any QWidget. What it may have besides, each part optional:
`reload(tables: set[str] | None)` reads anew (None = everything), `show_what(**what)` opens at a record or filter,
`totals_changed = Signal(str, str)` tells the totals of what is shown and chosen,
`may_close() -> bool` asks before something would be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, MutableMapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from relocdesk.errors import UserError
from ui import icons, say, theme
from ui.frame import Hit, PageSpec, Rail, Search, SearchBox, StatusLine, WorkPanel
from ui.parts import Action, Chip, ElidedLabel, Strip, button, refit_tables
from ui.work import Desk, Work

__all__ = ["Hit", "Memory", "PageSpec", "Shell"]

NAME = "搬迁安置工作台"
Memory = MutableMapping[str, Any]  # what this machine remembers: texts, whole numbers and flags
NARROW = 1100  # pixels: below them the rail shows icons only


class Shell(QMainWindow):
    """The window. `memory` keeps geometry, theme and folding; whoever passes it writes it to disk."""

    help_wanted = Signal(str)  # key of the page shown
    undo_wanted = Signal()
    page_shown = Signal(str)
    book_wanted = Signal(str)  # path of another book, "" for the first screen
    operator_wanted = Signal()  # somebody else sits down
    painted = Signal()  # for the first time: what takes longer may begin
    left = Signal()  # the window has closed and no work runs any more

    def __init__(self, pages: Sequence[PageSpec], *, desk: Desk, memory: Memory, log_file: Path,
                 roles: Collection[str] = (), search: Search | None = None) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName("shell")
        self.setWindowTitle(NAME)
        self.setMinimumSize(960, 560)
        self.desk = desk
        self._memory = memory
        self._log_file = log_file
        allowed = [page for page in pages if not page.roles or page.roles & set(roles)]
        self._specs = {page.key: page for page in sorted(allowed, key=lambda page: page.foot)}
        self._pages: dict[str, QWidget] = {}
        self._stale: dict[str, set[str] | None] = {}
        self._totals: dict[str, tuple[str, str]] = {}
        self._slow: Work | None = None
        self.current = ""
        self._painted = False
        self._narrow = False
        self._build(search)
        self._keys()
        self._listen()
        self._restore()

    # ---- what pages and the program use ----------------------------------------------------------------------------

    def show_page(self, key: str, **what: object) -> QWidget:
        """Show a page, made when first needed; `what` goes to its show_what. KeyError when the role may not see it."""
        spec = self._specs[key]
        page = self._pages.get(key)
        if page is None:
            page = self._make(spec)
        elif key in self._stale:
            self._reload(key, self._stale.pop(key))
        self.current = key
        self.search.leave()
        self._stack.setCurrentWidget(page)
        page.setFocus()  # a page names the field to begin in with setFocusProxy
        self._rail.set_current(key)
        self.set_totals(*self._totals.get(key, ("", "")))
        if what:
            page.show_what(**what)  # type: ignore[attr-defined]  # a page that is opened with `what` has it
        self._memory["window.page"] = key
        self.page_shown.emit(key)
        return page

    def page(self, key: str) -> QWidget | None:
        """The page if it was shown already."""
        return self._pages.get(key)

    def notice(self, text: str, kind: str = "info", action: Action | None = None) -> None:
        """Say something that needs no answer: info and good go by themselves, warn and error stay."""
        self.strip.say(text, kind, action)

    def reload(self, tables: set[str] | None = None) -> None:
        """Tell pages what changed: the one shown reads anew now, the others when they are shown again."""
        for key in self._pages:
            if key == self.current:
                self._reload(key, tables)
            else:
                before = self._stale.get(key, set())
                self._stale[key] = None if tables is None or before is None else before | tables

    def set_totals(self, shown: str, selected: str) -> None:
        """Fill the left of the bottom line: totals of what is shown, and of what is chosen."""
        self.status.set_text("shown", shown)
        self.status.set_text("selected", selected)

    def set_book(self, name: str, office: str, note: str = "", kind: str = "info") -> None:
        """Name the open book and its office; `note` is a chip such as 只读副本."""
        self._book.setText(name)
        self._office.setText(office)
        self._note.setVisible(bool(note))
        self._note.set_text(note, kind)
        self.setWindowTitle(" · ".join(piece for piece in (name, NAME) if piece))

    def set_status(self, *, backup: str = "", operator: str = "", handover: str = "") -> None:
        """Fill the right of the bottom line."""
        for name, text in (("backup", backup), ("operator", operator), ("handover", handover)):
            self.status.set_text(name, text)

    def set_undo(self, what: str | None) -> None:
        """Say what 撤销 would take back; None switches it off."""
        self._undo.setEnabled(what is not None)
        self._undo.setToolTip(f"撤销：{what}（Ctrl+Z）" if what else "没有可以撤销的操作（Ctrl+Z）")

    def run(self, work: Work, then: Callable[[Any], object] | None = None) -> Work:
        """Start slow work. `then` gets the result; trouble is shown in a dialog, 停止 in the strip."""
        work.ended.connect(lambda outcome: self._work_ended(work, outcome, then))
        self.desk.start(work)
        return work

    def start_job(self, title: str, job: Callable[..., Any], then: Callable[[Any], object] | None = None) -> Work:
        """`run` for a job taking tick."""
        return self.run(Work(title, job), then)

    def set_theme(self, name: str, dense: bool = False) -> None:
        """Change the look at once and remember it."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, name, dense)
        icons.redress()
        refit_tables()
        self._rail.fit()
        self._memory["theme"] = name
        self._memory["dense"] = dense

    @property
    def keys(self) -> tuple[str, ...]:
        """The pages this role may see, in order."""
        return tuple(self._specs)

    # ---- building --------------------------------------------------------------------------------------------------

    def _build(self, search: Search | None) -> None:
        whole = QWidget()
        self.setCentralWidget(whole)
        self._rail = Rail(NAME, tuple(page for page in self._specs.values() if not page.hidden))
        self.strip = Strip()
        self._stack = QStackedWidget()
        self.status = StatusLine()
        below = QVBoxLayout()
        below.setSpacing(0)
        below.addWidget(self._header(search, whole))
        notice = QHBoxLayout()
        notice.setContentsMargins(16, 8, 16, 0)
        notice.addWidget(self.strip)
        self._notice_room = QWidget()
        self._notice_room.setLayout(notice)
        self._notice_room.hide()
        below.addWidget(self._notice_room)
        below.addWidget(self._stack, 1)
        below.addWidget(self.status)
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        row.addLayout(below, 1)
        self._panel = WorkPanel(whole)

    def _header(self, search: Search | None, whole: QWidget) -> QFrame:
        header = QFrame()
        header.setObjectName("header")
        self._book = ElidedLabel()
        self._book.setObjectName("book_name")
        self._office = ElidedLabel(look="muted")
        self._office.setObjectName("office_name")
        self._note = Chip("")
        self._note.hide()
        self.search = SearchBox(search, whole)
        self.search.setFixedWidth(theme.current().size("search"))
        self._undo = button("撤销", "undo", look="flat", name="shell.undo", on=self.undo_wanted.emit)
        self.set_undo(None)
        asked = button("帮助（F1）", "help", look="icon", name="shell.help", on=self._help)
        row = QHBoxLayout(header)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(12)
        for one in (self._book, self._office, self._note):
            row.addWidget(one)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addWidget(self._undo)
        row.addWidget(asked)
        return header

    def _make(self, spec: PageSpec) -> QWidget:
        page = spec.factory()
        if not page.property("look"):
            page.setProperty("look", "page")
        self._pages[spec.key] = page
        self._stack.addWidget(page)
        with suppress(AttributeError):  # a page without totals has no such signal
            page.totals_changed.connect(lambda shown, chosen: self._total(spec.key, shown, chosen))  # type: ignore[attr-defined]
        return page

    def _keys(self) -> None:
        seen = [key for key, page in self._specs.items() if not page.hidden]
        for number, key in enumerate(seen[:9], 1):
            self._key(f"Ctrl+{number}", partial(self.show_page, key))
        self._key("Ctrl+K", self._find)
        self._key("F1", self._help)
        self._key("F5", self.reload)
        self._key("Ctrl+L", self.operator_wanted.emit)
        self._key("Ctrl+Z", self._undo.click)  # a disabled button does not click

    def _key(self, keys: str, on: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(lambda: on())

    def _listen(self) -> None:
        self._rail.chosen.connect(lambda key: self.show_page(key))
        self._rail.folded.connect(self._keep_folding)
        self.search.hit_chosen.connect(lambda hit: self.show_page(hit.page, **hit.what))
        self.desk.started.connect(self._work_started)
        self.desk.slowed.connect(self._work_slow)
        self.desk.finished.connect(self._work_finished)
        self.status.stopped.connect(self._stop_work)
        self.status.operator_wanted.connect(self.operator_wanted)
        self._panel.stopped.connect(self._stop_work)
        self.strip.closed.connect(self._notice_room.hide)
        self.strip.opened.connect(self._notice_room.show)

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _reload(self, key: str, tables: set[str] | None) -> None:
        reload = getattr(self._pages[key], "reload", None)
        if reload is not None:
            reload(tables)

    def _total(self, key: str, shown: str, selected: str) -> None:
        self._totals[key] = (shown, selected)
        if key == self.current:
            self.set_totals(shown, selected)

    def _keep_folding(self, folded: bool) -> None:
        if not self._narrow:  # a narrow window folds by itself, which is nobody's choice
            self._memory["rail.folded"] = folded

    def _help(self) -> None:
        self.help_wanted.emit(self.current)

    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _work_started(self, work: Work) -> None:
        work.progressed.connect(lambda: self._show_work(work))

    def _work_slow(self, work: Work) -> None:
        self._slow = work
        self._panel.show()
        self._show_work(work)

    def _show_work(self, work: Work) -> None:
        if work is self._slow:
            self.status.show_work(work, len(self.desk.works) - 1)
            self._panel.show_work(work)
            self._place_panel()

    def _stop_work(self) -> None:
        if self._slow is not None:
            self._slow.stop()
            self._show_work(self._slow)

    def _work_finished(self, work: Work) -> None:
        if work is self._slow:
            self._slow = None
            self.status.show_work(None)
            self._panel.hide()

    def _work_ended(self, work: Work, outcome: object, then: Callable[[Any], object] | None) -> None:
        if work.state == "done" and then is not None:
            then(outcome)
        elif work.state == "stopped":
            self.notice(f"已停止：{work.title}", "warn")
        elif isinstance(outcome, UserError):
            say.trouble(outcome, self)
        elif isinstance(outcome, Exception):
            say.bug(outcome, self._log_file, self)

    def _place_panel(self) -> None:
        room = self.centralWidget().size()
        high = self._panel.sizeHint().height()
        self._panel.move(room.width() - self._panel.width() - 16, room.height() - high - self.status.height() - 16)
        self._panel.raise_()

    def _restore(self) -> None:
        self._rail.set_folded(bool(self._memory.get("rail.folded", False)))
        self.resize(1280, 680)
        kept = self._memory.get("window.geometry")
        if isinstance(kept, str):
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(kept.encode("ascii"))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel of running work keeps its corner; in a narrow window the rail gives its room to the page."""
        super().resizeEvent(event)
        self._place_panel()
        narrow = event.size().width() < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._rail.set_folded(narrow or bool(self._memory.get("rail.folded", False)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first picture is told once it is whole."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask the pages, then about running work; then stop it, wait, and remember the window."""
        if not all(self._may_close(page) for page in self._pages.values()) or not self._may_stop():
            event.ignore()
            return
        self.desk.close()
        self._memory["window.geometry"] = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        event.accept()
        self.left.emit()

    def _may_stop(self) -> bool:
        if not self.desk.works:
            return True
        doing = self.desk.works[0].title
        return say.ask(f"“{doing}”还没有做完，现在关闭吗？", yes="停止并关闭", no="继续做完",
                       hint="停止的操作不会只做一半，下次可以重新开始。", parent=self)  # fmt: skip

    @staticmethod
    def _may_close(page: QWidget) -> bool:
        may_close = getattr(page, "may_close", None)
        return True if may_close is None else bool(may_close())

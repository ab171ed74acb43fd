"""The program with a window: application, log, the first screen, one open book with its pages, and a clean end."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from relocdesk import machine, resource
from relocdesk.clerk import ROLES, Clerk
from relocdesk.errors import UserError
from relocdesk.job import Tick
from relocdesk.veil import conditions
from ui import say, theme
from ui.frame import Hit
from ui.pages import page_specs
from ui.shell import Shell
from ui.work import Desk

if TYPE_CHECKING:
    from relocdesk.book import Book
    from ui.access import Access, Session

SETTLED_MS = 3000
SOON_MS = 200  # a book that opens sooner needs no first screen
WINDOW_FILE = "window.json"
LOG_FILE = "relocdesk.log"
_log = logging.getLogger("ui.app")


def run(book: Path | None) -> int:
    """Shows the window until it is closed; `book` is opened at once. Exit code 1 where there is no screen."""
    if _no_screen():
        print("没有图形界面可用：请在桌面环境里运行；只用命令行请加子命令，见 main.py --help。", file=sys.stderr)
        return 1
    log_file = start_log()
    app = QApplication(["relocdesk"])
    app.setApplicationDisplayName("")
    app.setWindowIcon(QIcon(str(resource("icons") / "book.svg")))
    memory = machine.load(WINDOW_FILE)
    name = memory.get("theme", "light")
    theme.prepare(app, name if name in theme.THEMES else "light", bool(memory.get("dense", False)))
    program = Program(log_file, memory)
    sys.excepthook = program.bug
    app.setQuitOnLastWindowClosed(False)
    program.start(book)
    QTimer.singleShot(SETTLED_MS, collect_again)
    code = app.exec()
    program.forget()
    return code


def collect_again() -> None:
    """The search for rubbish, off since main.py began, goes on; what is there by now stays and is left out.

    Searching all of it again and again while an import makes new objects would stop the window for 0.2 s at a time.
    """
    gc.freeze()
    gc.enable()


def _no_screen() -> bool:
    named = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform.startswith("linux") and not any(os.environ.get(name) for name in named)


class Masked(logging.Formatter):
    """Log lines, tracebacks too, without people's numbers."""

    def format(self, record: logging.LogRecord) -> str:
        """The line with ID, account and mobile numbers masked."""
        from relocdesk.rules.identity import masked  # noqa: PLC0415 -- only when something is logged

        return masked(super().format(record))


def start_log() -> Path:
    """A small log of what went wrong, never of what people entered; returns its path."""
    path = machine.home_folder() / LOG_FILE
    handler = RotatingFileHandler(path, maxBytes=500_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(Masked("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path


class Program:
    """What is open: the first screen, or a book with its window. One at a time."""

    def __init__(self, log_file: Path, memory: dict[str, Any]) -> None:
        self.log_file = log_file
        self.memory = memory
        self.book: Book | None = None
        self.access: Access | None = None
        self.shell: Shell | None = None
        self._operator = ("", "reader", "")  # name, role, id
        self._first: Any = None
        self._follower: tuple[tuple[str, str, str], str, str] | None = None  # who goes on after this window, on which page and tab
        self._next: str | None = None  # what follows this window: a book's path, "" for the first screen, None for the end
        self._day = QTimer()
        self._day.setInterval(60_000)
        self._day.timeout.connect(self._say_status)

    # ---- the first screen -------------------------------------------------------------------------------------------

    def start(self, path: Path | None = None) -> None:
        """Open a book, or show the first screen."""
        if path is None:
            self.show_first()
            return
        first = self._first_screen()
        first.open(path)
        QTimer.singleShot(SOON_MS, first, lambda: first.show() if self.shell is None else None)

    def show_first(self) -> Any:
        """The first screen: new, open, demo, recent books."""
        first = self._first_screen()
        first.refresh()
        first.show()
        return first

    def _first_screen(self) -> Any:
        from ui.pages.first_run import FirstRun  # noqa: PLC0415 -- the window of a book comes without it, when it is offscreen

        if self._first is None:
            self._first = FirstRun(self)
        return self._first

    # ---- a book -----------------------------------------------------------------------------------------------------

    def today(self) -> str:
        """The real day at +08:00."""
        from relocdesk.book import today  # noqa: PLC0415 -- slow import

        return today()

    def clerk(self) -> Clerk:
        """Who works here, and today."""
        name, role, row_id = self._operator
        return Clerk(name, role, self.today(), row_id or None, machine.laptop_letter())

    def use(self, book: Book, operator: tuple[str, str, str], page: str = "home", tab: str = "") -> Shell:
        """Show the window of an open book for this operator (name, role, id), on a page when the role may see it."""
        from relocdesk.queries.door import office_name  # noqa: PLC0415 -- slow import
        from ui.access import Access  # noqa: PLC0415 -- slow import

        self.book, self._operator = book, operator
        desk = Desk()
        self.access = Access(book, self.clerk, memory=self.memory, wait=True)
        self.shell = shell = Shell(page_specs(self.access, self._the_shell), desk=desk, memory=self.memory, log_file=self.log_file,
                                   roles={operator[1]}, search=self.search)  # fmt: skip
        office = self.access.read(lambda session: office_name(session, book.home)) or book.path.stem
        note = "只读" if book.read_only else ""
        shell.set_book(book.path.stem, office, note, "warn")
        if book.read_only:
            shell.setWindowTitle(f"{shell.windowTitle()}（只读）")
        self.memory[f"operator.{book.uuid}"] = operator[0]
        shell.help_wanted.connect(self._help)
        shell.undo_wanted.connect(self.undo)
        desk.finished.connect(lambda _work: self._refresh_undo())
        shell.page_shown.connect(lambda _key: self._refresh_undo())
        shell.left.connect(self.closed)
        shell.book_wanted.connect(self.change_book)
        shell.operator_wanted.connect(self.offer_operators)
        shell.painted.connect(self.access.begin)
        shell.painted.connect(partial(self._remember_book, book.path, office))
        shell.show_page(page if page in shell.keys else "home", **({"tab": tab} if tab and page in shell.keys else {}))
        shell.show()
        self._day.start()
        shell.set_status(operator=f"{operator[0]}（{ROLES[operator[1]]}）")
        shell.painted.connect(self._say_status)
        if book.read_only or book.notice:
            shell.notice(book.notice or f"现在只能查看：{book.read_only}", "warn" if book.read_only else "info")
        if self._first is not None:
            self._first.hide()
        return shell

    @staticmethod
    def _remember_book(path: Path, office: str) -> None:
        """For the first screen next time; written once the window is there, for it waits for the disk."""
        machine.remember_book(path, office, datetime.now().astimezone().isoformat(timespec="seconds"))

    def _the_shell(self) -> Shell:
        assert self.shell is not None
        return self.shell

    def closed(self) -> None:
        """The window was closed: readings end, the book is closed, what this machine remembers is written."""
        from relocdesk.backup import after_work  # noqa: PLC0415 -- slow import

        self._day.stop()
        if self.access is not None:
            self.access.close()
        if self._go_on():
            return
        if self.book is not None:
            trouble = after_work(self.book)
            self.book.close()
            if trouble:
                say.trouble(UserError(trouble, hint="数据已经存好；请在下次打开后到“设置—备份和恢复”里另选位置备份"), None)
        shell, self.book, self.access, self.shell = self.shell, None, None, None
        self._remember()
        if shell is not None:
            shell.deleteLater()
        wanted, self._next = self._next, None
        if wanted is None:
            QApplication.quit()
            return
        first = self.show_first()
        if wanted:
            first.open(Path(wanted))

    def change_book(self, path: str = "") -> None:
        """Close this book and open another one, or go back to the first screen."""
        if self.shell is not None:
            self._next = path
            if not self.shell.close():
                self._next = None

    def offer_operators(self) -> None:
        """Everybody who may work with this book, to choose who goes on."""
        from ui.operator_menu import offer_operators  # noqa: PLC0415 -- only when asked
        from ui.pages.first_run import operators  # noqa: PLC0415 -- only when asked

        if self.shell is not None and self.book is not None:
            offer_operators(self.shell, self.shell.status.operator, operators(self.book), self._operator[2], self.switch, self.change_book)

    def switch(self, operator: tuple[str, str, str]) -> None:
        """Somebody else goes on with the open book, on the page that is shown; pages and running work are asked first."""
        shell = self.shell
        if shell is None:
            return
        tab = "" if shell.current == "settings" else str(getattr(shell.page(shell.current), "current", ""))  # of the settings roles see different ones
        self._follower = operator, shell.current, tab
        if not shell.close():
            self._follower = None

    def _go_on(self) -> bool:
        follower, self._follower = self._follower, None
        old, book = self.shell, self.book
        if follower is None or old is None or book is None:
            return False
        if conditions(follower[0][1]).keys() - conditions(self._operator[1]).keys():  # what was copied goes with who could see more
            QApplication.clipboard().clear()
        shell = self.use(book, *follower)
        old.deleteLater()
        shell.notice(f"现在由{self._operator[0]}（{ROLES[self._operator[1]]}）办理", "info")
        return True

    def forget(self) -> None:
        """At the very end."""
        if self._first is not None:
            self._first.close_desk()
        self._remember()

    def _remember(self) -> None:
        try:
            machine.save(WINDOW_FILE, self.memory)
        except OSError as refused:
            _log.warning("window state not saved: %s", refused.strerror)

    # ---- status, search, undo, help ---------------------------------------------------------------------------------

    def _say_status(self) -> None:
        from relocdesk.queries.door import last_hand_over  # noqa: PLC0415 -- slow import
        from relocdesk.rules.days import days_between  # noqa: PLC0415 -- slow import

        if self.shell is None or self.book is None or self.access is None:
            return
        handed = self.access.read(last_hand_over)
        self.shell.set_status(operator=f"{self._operator[0]}（{ROLES[self._operator[1]]}）", backup=self.backup_text(),
                              handover=f"距上次交接 {days_between(handed, self.today())} 天" if handed else "")  # fmt: skip

    def backup_text(self) -> str:
        """When this book was backed up last."""
        return last_backup_text(self.book.path) if self.book is not None else ""

    def search(self, words: str) -> Sequence[Hit]:
        """What the search box finds in the whole book."""
        from relocdesk.queries.search import search_all  # noqa: PLC0415 -- only when searching
        from ui.pages.section import way_to_record  # noqa: PLC0415 -- only when searching

        if self.access is None or self.shell is None:
            return ()
        hits = []
        for one in self.access.read(lambda session: search_all(session, words)):
            page, tab = way_to_record(one.register)
            if page in self.shell.keys:
                hits.append(Hit(one.label, one.title, one.place, page, {"tab": tab, "id": one.id}))
        return hits

    def _refresh_undo(self) -> None:
        if self.access is None or self.shell is None or self.book is None:
            return
        if self.book.read_only:
            self.shell.set_undo(None)
            return
        shell = self.shell

        def last(session: Session) -> Any:
            from relocdesk.undo import last_actions  # noqa: PLC0415 -- slow import, on the reader's thread

            return last_actions(session, 1)

        self.access.look(last, lambda found: shell.set_undo(found[0].why if found else None))

    def undo(self) -> None:
        """Take the last action back, after saying which."""
        from relocdesk.history import sentence  # noqa: PLC0415 -- slow import
        from relocdesk.undo import UNDONE, last_actions, undo  # noqa: PLC0415 -- slow import

        access, shell = self.access, self.shell
        if access is None or shell is None:
            return
        found = access.read(lambda session: last_actions(session, 1))
        if not found:
            shell.notice("没有可以撤销的操作", "info")
            return
        entry = found[0]
        taken = entry.why.removeprefix(UNDONE)
        if taken != entry.why:  # pressed once more: it comes back, and that is said
            wanted = say.ask(f"上一步撤销了“{taken}”。恢复它吗？", yes="恢复", no="不恢复", hint=sentence(entry), parent=shell)
        else:
            wanted = say.ask(f"撤销“{entry.why}”吗？", yes="撤销", no="不撤销", hint=sentence(entry), parent=shell)
        if not wanted:
            return

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            return undo(session, clerk, entry.action, tick)

        access.do(shell, f"{UNDONE}{entry.why}", job)

    def _help(self, key: str) -> None:
        from ui.help import HelpDialog  # noqa: PLC0415 -- only when asked

        HelpDialog(key, self.shell).open()

    def bug(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Nobody caught it: a refusal is shown as such, everything else is our defect and goes to the log."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
        elif isinstance(error, UserError):
            say.trouble(error, self.shell)
        else:
            say.bug(error.with_traceback(trace), self.log_file, self.shell)


def last_backup_text(path: Path) -> str:
    """备份：11-22 09:30 of the newest backup; 还没有备份 without one."""
    from relocdesk.backup import backups, folder_of  # noqa: PLC0415 -- slow import

    found = backups(folder_of(path), path)
    return f"备份：{found[-1][0]:%m-%d %H:%M}" if found else "还没有备份"


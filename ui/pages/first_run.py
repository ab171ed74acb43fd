"""The first screen: 新建台账, 打开, 看看示例 as large cards, recent books below; then who is at work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QProgressBar, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from relocdesk import machine
from relocdesk.clerk import ROLES
from relocdesk.errors import UserError
from relocdesk.job import Tick
from ui import icons, say
from ui.frame import show_progress
from ui.pages.new_book import KINDS, SUFFIX, NewBook, Wanted, documents, free, page_column
from ui.parts import Card, button, clear, label, line
from ui.texts import Column, Row, TextTable
from ui.work import Desk, Work

if TYPE_CHECKING:
    from relocdesk.book import Book
    from ui.app import Program

Operator = tuple[str, str, str]  # name, role, id


def operators(book: Book) -> list[Operator]:
    """Who may work with a book."""
    from relocdesk.queries import door  # noqa: PLC0415 -- slow import

    with book.read() as session:
        return door.operators(session)


class BigCard(QPushButton):
    """A large button: sign, title, one sentence."""

    def __init__(self, icon: str, title: str, text: str, name: str, on: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setProperty("look", "big")
        self.setAccessibleName(title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        sign = label("")
        sign.setPixmap(icons.icon(icon, "accent").pixmap(32, 32))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(6)
        column.addWidget(sign)
        column.addWidget(label(title, "heading"))
        column.addWidget(label(text, "muted", wrap=True))
        column.addStretch(1)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(lambda: on())


class FirstRun(QWidget):
    """A window of its own until a book is open. Its steps: start, new, letter, who, busy."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program
        self.desk = Desk()
        self._book: Book | None = None  # opened, but nobody has said who works
        self.setObjectName("first_run")
        self.setProperty("look", "page")
        self.setWindowTitle("搬迁安置工作台")
        self.setMinimumSize(880, 560)
        self.resize(1080, 640)
        self._steps = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._steps)
        self._letter = self._make_letter()
        self._who, self._who_room = self._make_who()
        self._busy = self._make_busy()
        for one in (self._letter, self._who, self._busy):
            self._steps.addWidget(one)

    @cached_property
    def _start(self) -> QWidget:
        made = self._make_start()
        self._steps.addWidget(made)
        return made

    @cached_property
    def new(self) -> NewBook:
        """The form of a new book, made when it is wanted."""
        made = NewBook()
        made.left.connect(self.refresh)
        made.wanted.connect(self.make)
        self._steps.addWidget(made)
        return made

    # ---- what the program uses --------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Back at the beginning, with the recent books as they are now."""
        start = self._start
        self.recent.set_rows([_recent_row(entry) for entry in machine.recent_books()])
        self.recent.setVisible(bool(self.recent.text_model.rows))
        self._none.setVisible(not self.recent.text_model.rows)
        self._steps.setCurrentWidget(start)

    def open(self, path: Path) -> None:
        """Open a book, in the background."""
        self._work("正在打开台账", lambda tick: _open(path), self._opened)

    def close_desk(self) -> None:
        """Wait for work under way."""
        self.desk.close()
        if self._book is not None:
            self._book.close()
            self._book = None

    def closeEvent(self, event: QCloseEvent) -> None:
        """Without a book this window is the program."""
        self.close_desk()
        event.accept()
        if self.program.shell is None:
            QApplication.quit()

    # ---- start ------------------------------------------------------------------------------------------------------

    def _make_start(self) -> QWidget:
        page = QWidget()
        cards = QHBoxLayout()
        cards.setSpacing(16)
        cards.addWidget(BigCard("book-new", "新建台账", "填单位、区划、姓名和存放位置四项，马上可以录入。", "first.new", self.show_new))
        cards.addWidget(BigCard("folder", "打开", "打开本机、U 盘或共享文件夹里已有的台账文件。", "first.open", self._pick))
        cards.addWidget(BigCard("demo", "看看示例", "生成一个虚构乡镇的示例台账，约 300 户，随便试，不影响真实数据。", "first.demo", self.demo))
        self.recent = TextTable((Column("最近打开的台账", 24), Column("单位", 30), Column("上次打开", 18), Column("大小", 10, right=True), Column("位置", 40)),
                                name="first.recent")  # fmt: skip
        self.recent.opened.connect(lambda key: self.open(Path(key)))
        self._none = label("还没有打开过台账。第一次使用可以先看看示例。", "muted")
        column = page_column(page)
        column.addWidget(label("搬迁安置工作台", "greeting"))
        column.addWidget(label("移民户、实物、公示、协议、兑付和资金，从登记到打印归档都在一个台账文件里。", "muted"))
        column.addSpacing(8)
        column.addLayout(cards)
        column.addSpacing(8)
        column.addWidget(self._none, 1, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.recent, 4)
        column.addWidget(label("双击或按回车打开。台账是一个文件，可以放在任何文件夹；关闭程序后可整个拷走。", "small"))
        return page

    def _pick(self) -> None:
        path = say.pick_open("打开台账", KINDS, str(documents()), self)
        if path is not None:
            self.open(path)

    # ---- new --------------------------------------------------------------------------------------------------------

    def show_new(self) -> None:
        """Ask what a new book needs."""
        self._steps.setCurrentWidget(self.new)
        self.new.begin()

    def make(self, wanted: Wanted) -> None:
        """Make the book and go on to it."""
        on = self.program.today()

        def job(_tick: Tick) -> Book:
            from relocdesk.founding import found_book  # noqa: PLC0415 -- only for a new book

            return found_book(wanted.path, office=wanted.office, place=wanted.code, by=wanted.by, on=on)

        self._work("正在建立台账", job, self._opened, back=self.new)

    # ---- demo -------------------------------------------------------------------------------------------------------

    def demo(self) -> None:
        """Make an invented township beside the user's documents and open it."""
        path = free(documents() / f"示例台账{SUFFIX}")

        def job(tick: Tick) -> Book:
            from relocdesk import demo  # noqa: PLC0415 -- slow import

            demo.make(path, scale="township", tick=tick)
            return _open(path)

        self._work("正在生成示例台账", job, self._opened)

    # ---- the laptop's letter ----------------------------------------------------------------------------------------

    def _make_letter(self) -> QWidget:
        page = QWidget()
        column = page_column(page)
        column.addWidget(label("这台电脑的代号", "greeting"))
        card = Card()
        card.body.addWidget(label("协议编号和批次编号里带一个字母，说明是哪台电脑编的。同一办公室有几台电脑时，各选一个不同的字母，编号就不会重。"
                                  "只问这一次，以后在“设置—单位和本机”里可以改。", wrap=True))  # fmt: skip
        self.letters = QComboBox()
        self.letters.setObjectName("letter.choice")
        self.letters.addItems([chr(code) for code in range(ord("A"), ord("Z") + 1)])
        self.letters.setFixedWidth(96)
        row = QHBoxLayout()
        row.addWidget(label("代号"))
        row.addWidget(self.letters)
        row.addWidget(label("只有一台电脑就用 A", "muted"))
        row.addStretch(1)
        card.body.addLayout(row)
        column.addWidget(card)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("就用这个代号", look="primary", name="letter.take", on=self._take_letter))
        column.addLayout(foot)
        column.addStretch(1)
        return page

    def _take_letter(self) -> None:
        machine.set_laptop_letter(self.letters.currentText())
        self._go_on()

    # ---- who --------------------------------------------------------------------------------------------------------

    def _make_who(self) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        column = page_column(page)
        column.addWidget(label("您是哪一位？", "greeting"))
        column.addWidget(label("历史记录会写上您的名字，能办的事按角色不同。", "muted"))
        room = QVBoxLayout()
        room.setSpacing(8)
        column.addLayout(room)
        foot = QHBoxLayout()
        foot.addWidget(button("返回", "back", name="who.back", on=self._leave))
        foot.addStretch(1)
        column.addLayout(foot)
        column.addStretch(1)
        return page, room

    def _ask_who(self, found: list[Operator]) -> None:
        clear(self._who_room)
        last = self.program.memory.get(f"operator.{self._book.uuid}", "") if self._book else ""
        for number, one in enumerate(found):
            made = button(f"{one[0]}　{ROLES[one[1]]}", "person", look="primary" if one[0] == last else "", name=f"who.{number}",
                          on=partial(self._chosen, one))  # fmt: skip
            made.setMinimumWidth(320)
            self._who_room.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
            if one[0] == last or not number:
                made.setFocus()
        self._steps.setCurrentWidget(self._who)
        self.show()

    def _leave(self) -> None:
        if self._book is not None:
            self._book.close()
            self._book = None
        self.refresh()

    def _opened(self, book: Book) -> None:
        self._book = book
        if not machine.load("machine.json").get("letter"):
            self._steps.setCurrentWidget(self._letter)
            self.show()
            return
        self._go_on()

    def _go_on(self) -> None:
        if self._book is None:
            return
        found = operators(self._book)
        if len(found) > 1:
            self._ask_who(found)
        else:
            self._chosen(found[0] if found else ("查看", "reader", ""))

    def _chosen(self, operator: Operator) -> None:
        book, self._book = self._book, None
        if book is not None:
            self.program.use(book, operator)

    # ---- work -------------------------------------------------------------------------------------------------------

    def _make_busy(self) -> QWidget:
        page = QWidget()
        column = page_column(page)
        column.addStretch(1)
        self._doing = label("", "heading")
        self._told = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._stop = button("停止", "stop", name="first.stop")
        for one in (self._doing, self._told, self._bar):
            column.addWidget(one)
        column.addWidget(line())
        column.addWidget(self._stop, 0, Qt.AlignmentFlag.AlignRight)
        column.addStretch(2)
        return page

    def _work(self, title: str, job: Callable[[Tick], Book], then: Callable[[Book], object], back: QWidget | None = None) -> None:
        work = Work(title, job)
        self._doing.setText(title)
        self._told.setText("")
        self._bar.setRange(0, 0)
        self._steps.setCurrentWidget(self._busy)
        self._stop.clicked.connect(work.stop)
        work.progressed.connect(lambda done, total, text: self._progress(work, text))
        work.ended.connect(lambda outcome: self._ended(work, outcome, then, back))
        self.desk.start(work)

    def _progress(self, work: Work, text: str) -> None:
        self._told.setText(text)
        show_progress(self._bar, work)

    def _ended(self, work: Work, outcome: object, then: Callable[[Book], object], back: QWidget | None) -> None:
        self._stop.clicked.disconnect()
        if work.state == "done":
            then(outcome)  # type: ignore[arg-type]  # the jobs of this screen give a book
            return
        if back is not None:
            self._steps.setCurrentWidget(back)
        else:
            self.refresh()
        self.show()  # a book that was given to the program comes without this screen until something is to be said
        if isinstance(outcome, UserError):
            say.trouble(outcome, self)
        elif isinstance(outcome, Exception):
            say.bug(outcome, self.program.log_file, self)


def _open(path: Path) -> Book:
    from relocdesk.book import Book  # noqa: PLC0415 -- slow import

    return Book.open(path, holder=_holder())


def _holder() -> str:
    import getpass  # noqa: PLC0415 -- only when opening

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _recent_row(entry: dict[str, str]) -> Row:
    path = Path(entry["path"])
    try:
        size = f"{path.stat().st_size / 1_048_576:.1f} MB"
    except OSError:
        size = "找不到了"
    opened = datetime.fromisoformat(entry["opened"]) if entry.get("opened") else None
    return Row(str(path), (path.stem, entry.get("office", ""), f"{opened:%Y-%m-%d %H:%M}" if opened else "", size, str(path.parent)))




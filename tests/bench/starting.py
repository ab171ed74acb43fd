"""From starting the program to its first picture, against a bare Qt window and SQLAlchemy, each in processes of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from relocdesk import demo, machine
from relocdesk.book import Book
from relocdesk.files import Lock
from tests.bench.measure import Figure, hand_over, timed

ROOT = Path(__file__).resolve().parent.parent.parent
TIMES = 5
PATIENCE_S = 20

# Each prints the moment (the clock is the machine's, the same in every process) at which the window's first paint event has been done.
PAINTED = """
import os, sys, time
def watch(window):
    from PySide6.QtCore import QEvent, QObject, QTimer
    class Painted(QObject):
        def eventFilter(self, _watched, event):
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, self.told)
            return False
        def told(self):
            print("PAINTED", time.monotonic(), flush=True)
            os._exit(0)
    window.painted_by = Painted()
    window.installEventFilter(window.painted_by)
"""
BARE = PAINTED + """
import sqlalchemy.orm
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 680)
watch(window)
window.show()
app.exec()
"""
# The first lines do what main.py does first, for it finds these modules loaded.
FIRST_SCREEN = PAINTED + """
import gc; gc.disable()
from ui import app
show_first = app.Program.show_first
def shown(program):
    screen = show_first(program)
    watch(screen)
    return screen
app.Program.show_first = shown
import main
main.main([])
"""
OURS = PAINTED + """
import gc; gc.disable()
from relocdesk import book
from ui import app
use = app.Program.use
def used(program, *given):
    shell = use(program, *given)
    watch(shell)
    return shell
app.Program.use = used
from ui.pages import first_run
ask_who = first_run.FirstRun._ask_who
def asked(screen, found):
    ask_who(screen, found)
    screen.findChild(first_run.QPushButton, "who.0").click()  # what a person does next
first_run.FirstRun._ask_who = asked
import main
main.main(sys.argv[1:])
"""

# From asking for a book's window, whose first page is 首页, to the paint after the figures have been read.
HOME = PAINTED + """
import gc; gc.disable()
from pathlib import Path
from ui.offstage import application
from relocdesk.book import Book
from ui.app import Program
from ui.pages.home import HomePage
app = application()
book = Book.open(Path(sys.argv[1]), write=False)
show = HomePage._show
def shown(page, figures):
    show(page, figures)
    watch(page)
    page.update()
HomePage._show = shown
print("BEGAN", time.monotonic())
Program(Path(os.devnull), {}).use(book, ("王建国", "admin", ""))
app.exec()
"""


def until_painted(code: str, *arguments: str) -> float:
    """Seconds from starting Python, or from what says BEGAN, to the picture; RuntimeError with what was said instead, TimeoutExpired after a while."""
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, timeout=PATIENCE_S, check=False)  # fmt: skip
    for book in arguments:
        Lock(Path(book)).path.unlink(missing_ok=True)  # the process ended at once: a lock left behind would make the next one check the whole book
    moments = dict(line.split() for line in done.stdout.splitlines() if line.startswith(("BEGAN ", "PAINTED ")))
    if "PAINTED" not in moments:
        raise RuntimeError(done.stdout + done.stderr)
    return float(moments["PAINTED"]) - float(moments.get("BEGAN", start))


def windows(book: Path) -> list[Figure]:
    """The first screen and a book's window, each against the bare window, by turns so that all meet the same load."""
    for code, *arguments in ((BARE,), (FIRST_SCREEN,), (OURS, str(book))):
        until_painted(code, *arguments)  # once unmeasured: compiled sources, files in memory
    turns = [(until_painted(BARE), until_painted(FIRST_SCREEN), until_painted(OURS, str(book))) for _ in range(TIMES)]
    bare, first, ours = (min(column) for column in zip(*turns, strict=True))
    return [
        Figure("first screen, first paint / bare window + ORM", first, "s", bare, 1.6),
        Figure("window on a township's book, first paint / bare window + ORM", ours, "s", bare, 1.6),
    ]


def opened(folder: Path) -> list[Figure]:
    """Making and opening the demo of a county."""
    path = folder / "county.reloc"
    made, _ = timed(lambda: demo.make(path, scale="county"))
    seconds, book = timed(lambda: Book.open(path))
    book.close()
    home = min(until_painted(HOME, str(path)) for _ in range(TIMES))
    return [Figure("demo of a county: made", made, "s", budget=300), Figure("demo of a county: opened", seconds, "s", budget=1),
            Figure("— from the open book to its home page with every number, painted", home, "s", budget=1)]  # fmt: skip


def main() -> None:
    """Measures everything about starting; with "windows" only what takes seconds."""
    folder = Path(tempfile.mkdtemp())
    try:
        book = folder / "township.reloc"
        demo.make(book)
        machine.set_laptop_letter("A")  # asked once, at the very first start
        figures = windows(book)
        if sys.argv[1:] != ["windows"]:
            figures += opened(folder)
    finally:
        shutil.rmtree(folder)
    hand_over(figures)


if __name__ == "__main__":
    main()

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
from tests.bench.measure import Figure, hand_over, timed

ROOT = Path(__file__).resolve().parent.parent.parent
TIMES = 5

# Both print the moment (the clock is the machine's, the same in every process) at which the window's first paint event has been done.
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
    window.painted = Painted()
    window.installEventFilter(window.painted)
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
OURS = PAINTED + """
import main
from ui import app
use = app.Program.use
def used(program, *given):
    shell = use(program, *given)
    watch(shell)
    return shell
app.Program.use = used
from ui.pages import first_run
first_run.FirstRun._ask_who = lambda screen, found: screen._chosen(found[0])  # what a person would click
main.main(sys.argv[1:])
"""


def until_painted(code: str, *arguments: str) -> float:
    """Seconds from starting Python to the first picture."""
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
                          text=True, timeout=20, check=False)  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith("PAINTED "):
            return float(line.split()[1]) - start
    raise RuntimeError(done.stdout + done.stderr)


def opened(folder: Path) -> list[Figure]:
    """Making and opening the demo of a county."""
    path = folder / "county.reloc"
    made, _ = timed(lambda: demo.make(path, scale="county"))
    seconds, book = timed(lambda: Book.open(path))
    book.close()
    return [Figure("demo of a county: made", made, "s", budget=300), Figure("demo of a county: opened", seconds, "s", budget=1)]


def main() -> None:
    """Measures everything about starting."""
    folder = Path(tempfile.mkdtemp())
    book = folder / "township.reloc"
    demo.make(book)
    machine.set_laptop_letter("A")  # asked once, at the very first start
    ours, bare = [], []
    for _ in range(TIMES):
        bare.append(until_painted(BARE))
        ours.append(until_painted(OURS, str(book)))
    figures = [Figure("window on a township's book, first paint / bare window + ORM", min(ours), "s", min(bare), 1.6), *opened(folder)]
    shutil.rmtree(folder)
    hand_over(figures)


if __name__ == "__main__":
    main()

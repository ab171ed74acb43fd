"""The pictures of the manual, drawn anew from the demo: `python -m tests.walks.pictures` fills docs/pictures."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
TODAY = "2026-11-22"
SIZE = (1280, 680)
PATIENCE_S = 20.0


def draw(work: Path, folder: Path) -> list[str]:
    """Every picture of the manual; `work` takes the books. Returns their names."""
    from PySide6.QtWidgets import QDialog, QPushButton, QWidget  # noqa: PLC0415 -- the platform is chosen first

    from relocdesk import demo, demo_sheets, machine  # noqa: PLC0415 -- slow import
    from relocdesk.book import Book  # noqa: PLC0415 -- slow import
    from ui import offstage, theme  # noqa: PLC0415 -- the platform is chosen first
    from ui.app import Program  # noqa: PLC0415 -- the platform is chosen first
    from ui.pages.first_run import operators  # noqa: PLC0415 -- the platform is chosen first

    application = offstage.application()
    application.setQuitOnLastWindowClosed(False)
    theme.apply(application, "light")
    machine.set_laptop_letter("A")
    Program.today = lambda _self: TODAY  # type: ignore[method-assign]  # the demo's day, so that nothing is overdue by chance
    program = Program(work / "log.txt", {})
    made: list[str] = []

    def settle() -> None:
        until, still = time.monotonic() + PATIENCE_S, 0
        while time.monotonic() < until and still < 8:
            offstage._pause(50)
            busy = program.shell is not None and program.access is not None and (program.shell.desk.works or program.access._reader.works)
            still = 0 if busy else still + 1

    def picture(name: str, widget: QWidget) -> None:
        settle()
        if not widget.grab().toImage().save(str(folder / f"{name}.png")):
            raise OSError(f"cannot write {name}.png")
        made.append(name)

    first = program.show_first()
    first.resize(*SIZE)
    picture("first", first)
    first.findChild(QPushButton, "first.new").click()
    for edit, text in (("office", "龙陵县三坝乡搬迁安置办公室"), ("code", "530523102"), ("by", "王建国"), ("file", r"D:\台账\三坝乡.reloc")):
        getattr(first.new, edit).setText(text)
        getattr(first.new, edit).textEdited.emit(text)
    picture("new", first)
    first.hide()

    path = work / "示例台账.reloc"
    demo.make(path, on=TODAY)
    book = Book.open(path)
    shell = program.use(book, next(one for one in operators(book) if one[1] == "review"))
    shell.resize(*SIZE)

    def page(name: str, key: str, tab: str = "", then: Callable[[QWidget], object] | None = None) -> None:
        shown = shell.show_page(key, **({"tab": tab} if tab else {}))
        settle()
        if then is not None:
            then(shown)
        picture(name, shell)

    page("home", "home")
    page("window", "household", "household")
    page("agreements", "agreement", "work", lambda section: section.findChild(QPushButton, "agreement_work.step.1").click())
    page("agreement", "agreement", "one")
    shell.show_page("agreement").tab("one").act("print")  # type: ignore[attr-defined]  # the page of one agreement
    settle()
    dialog = next(one for one in shell.findChildren(QDialog) if one.isVisible())
    picture("print", dialog)
    dialog.reject()
    page("papers", "agreement", "papers")
    page("batch", "payment", "batch")
    page("fund", "fund", "overview")
    page("fund-years", "fund", "years")
    page("recipient", "recipient", "one")
    page("heads", "recipient", "heads")
    page("changes", "change", "recipient_change")
    page("period", "subsidy", "work")
    shell.show_page("subsidy").tab("work").print()  # type: ignore[attr-defined]  # the page of one period
    settle()
    dialog = next(one for one in shell.findChildren(QDialog) if one.isVisible())
    dialog.form.setCurrentIndex(1)  # type: ignore[attr-defined]  # village by village
    picture("roster", dialog)
    dialog.reject()
    page("board", "works", "board")
    page("project", "works", "one")
    page("training", "training", "course")
    shell.show_page("home")
    settle()
    shell.search.setFocus()
    shell.search.setText("王")
    shell.search.look_up()
    picture("search", shell)
    shell.search.leave()
    shell.search.clear()

    truth = demo_sheets.invent(1)
    demo_sheets.write_workbooks(work, truth)
    page("import-result", "import", "", lambda imports: imports.show_what(register="household", path=truth.files[0].path))  # type: ignore[attr-defined]
    imports = shell.show_page("import")
    for name, step in (("import-head", 1), ("import-columns", 2)):
        imports._go(step)  # type: ignore[attr-defined]  # back to an earlier step, as a click does
        picture(name, shell)
    shell.close()
    program.forget()
    return made


def main() -> int:
    """Draw them all; says which."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RELOCDESK_HOME"] = str(Path(folder) / "machine")
        made = draw(Path(folder), FOLDER)
    sys.stdout.write("、".join(made) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

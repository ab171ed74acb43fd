"""The hands of a walk: they find what a person can see, click it and type; Chinese comes as from an input method."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QLabel, QLineEdit, QListWidget, QTabBar, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from ui import say
from ui.app import Program
from ui.pages.first_run import FirstRun
from ui.shell import Shell

W = TypeVar("W", bound=QWidget)
PATIENCE_MS = 30_000


class Hands(QObject):
    """One person at the desk. `files` are the answers to the next file dialogs, `answers` the buttons of the next questions.

    A dialog that nobody expected is closed and told at the end of the walk (`surprises`).
    """

    def __init__(self, qtbot: QtBot, program: Program, recorder: say.Recorder) -> None:
        super().__init__()
        self.qtbot, self.program = qtbot, program
        self.files = recorder.files
        self.answers: deque[str] = deque()
        self.told: list[str] = []
        self.surprises: list[str] = []
        self._pictures = os.environ.get("WALK_PICTURES", "")
        self._number = 0
        self._leaving = False
        self._watch = QTimer(self)
        self._watch.setInterval(20)
        self._watch.timeout.connect(self._answer)
        self._watch.start()
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # it is there

    def leave(self) -> None:
        """The day is over: the window is closed, whatever it asks."""
        surprises, self.surprises = self.surprises, []
        if self._pictures:
            self.window().grab().save(str(Path(self._pictures) / "end.png"))
        self._leaving = True
        if self.program.shell is not None:
            self.program.shell.close()
        self._watch.stop()
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
        assert not surprises, surprises

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A piece of a page that becomes a window of its own takes the keyboard away."""
        shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if shown and isinstance(watched, QWidget) and watched.windowType() == Qt.WindowType.Window and not isinstance(watched, Shell | FirstRun):
            self.surprises.append(f"a window of its own: {watched.metaObject().className()} {watched.objectName()} {_words(watched)}")
        return False

    # ---- seeing -----------------------------------------------------------------------------------------------------

    @property
    def shell(self) -> Shell:
        """The window of the open book."""
        assert self.program.shell is not None
        return self.program.shell

    def window(self) -> QWidget:
        """Where the person looks: the front dialog, the window, or the first screen."""
        for one in reversed(QApplication.topLevelWidgets()):
            if one.isVisible() and one.isModal():
                return one
        if self.program.shell is not None:
            return self.program.shell
        first = self.program._first
        assert isinstance(first, QWidget)
        return first

    def sees(self, kind: type[W], name: str = "", text: str = "") -> W | None:
        """What stands in sight under an object name, or with this text or beginning of it."""
        for one in self.window().findChildren(kind):
            if one.isVisible() and (not name or one.objectName() == name) and (not text or _words(one).startswith(text)):
                return one
        return None

    def find(self, kind: type[W], name: str = "", text: str = "") -> W:
        """The same, waiting until it comes."""
        self.until(lambda: self.sees(kind, name, text) is not None, f"{kind.__name__} {name} {text}")
        found = self.sees(kind, name, text)
        assert found is not None
        return found

    def see(self, name: str) -> QWidget:
        """What stands in sight under an object name, now."""
        found = self.sees(QWidget, name)
        assert found is not None, name
        return found

    def hits(self) -> list[str]:
        """What the search box found."""
        view = self.sees(QAbstractItemView, "search.hits")
        return [] if view is None else [str(view.model().index(row, 0).data() or "") for row in range(view.model().rowCount())]

    def until(self, holds: Callable[[], bool], what: str = "", patience_ms: int = PATIENCE_MS) -> None:
        """Wait until something holds, no work runs and all that was asked is read."""
        shell = self.program.shell

        def there() -> None:
            assert not (shell is not None and self.program.shell is shell and shell.desk.works), f"still working, waiting for {what}"
            assert self.program.access is None or not self.program.access._reader.works, f"still reading, waiting for {what}"
            assert holds(), f"{what} is not there; the window shows: {self.texts()[:60]}"

        self.qtbot.waitUntil(there, timeout=patience_ms)

    def texts(self) -> list[str]:
        """All words in sight."""
        return [_words(one) for kind in (QLabel, QAbstractButton) for one in self.window().findChildren(kind) if one.isVisible() and _words(one)]

    def reads(self, text: str) -> None:
        """Wait until these words stand somewhere in sight."""
        self.until(lambda: any(text in one for one in self.texts()), text)

    def total(self) -> str:
        """What the bottom line says of what is shown."""
        return self.shell.status.text("shown")

    def settle(self) -> None:
        """Wait until nothing runs and what was read is shown."""
        self.until(lambda: True)
        self.qtbot.wait(50)
        self.until(lambda: True)

    # ---- doing ------------------------------------------------------------------------------------------------------

    def click(self, name: str = "", text: str = "") -> None:
        """Click a button that can be clicked."""
        self.until(lambda: (one := self.sees(QAbstractButton, name, text)) is not None and one.isEnabled(), f"button {name} {text}")
        one = self.find(QAbstractButton, name, text)
        self.qtbot.mouseClick(one, Qt.MouseButton.LeftButton)

    def write(self, name: str, text: str) -> QLineEdit:
        """Click into a line, clear it, and type."""
        edit = self.find(QLineEdit, name)
        self.qtbot.mouseClick(edit, Qt.MouseButton.LeftButton)
        if edit.text():
            self.qtbot.keyClick(edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.type(edit, text)
        return edit

    def type(self, edit: QWidget, text: str) -> None:
        """ASCII by keys, everything else as an input method commits it."""
        if text.isascii():
            self.qtbot.keyClicks(edit, text)
            return
        event = QInputMethodEvent("", [])
        event.setCommitString(text)
        QApplication.sendEvent(edit, event)

    def fill(self, register: str, **texts: str) -> None:
        """Fill the form in sight, leaving each field with Enter, and save it with Ctrl+S."""
        for name, text in texts.items():
            edit = self.write(f"{register}.{name}", text)
            self.qtbot.wait(1)
            self.key(edit, Qt.Key.Key_Return)  # takes what is offered, or goes on
        self.settle()
        self.key(self.focus(), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        self.qtbot.wait(150)  # Qt shows the button pressed for a tenth of a second before it acts
        self.settle()

    def key(self, widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key; the window in front has the keyboard, as the desktop sees to."""
        if QApplication.activeWindow() is None:
            self.window().activateWindow()
            self.qtbot.waitUntil(lambda: QApplication.activeWindow() is not None, timeout=20_000)
        self.qtbot.keyClick(widget, key, modifier)

    def focus(self) -> QWidget:
        """What has the keyboard."""
        return QApplication.focusWidget() or self.window()

    def choose(self, name: str, text: str) -> None:
        """Open a box and click one of its lines."""
        box = self.find(QComboBox, name)
        self.qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
        row = box.findText(text)
        assert row >= 0, [box.itemText(n) for n in range(box.count())]
        view = box.view()
        self._click_cell(view, row, 0)
        if box.currentText() != text:  # the list was not up yet
            self.key(view, Qt.Key.Key_Return)
        assert box.currentText() == text

    def page(self, text: str) -> None:
        """Go to a page by the rail."""
        self.click(name=next(f"rail.{key}" for key in self.shell.keys if self.shell._specs[key].label == text))
        self.settle()

    def tab(self, text: str) -> None:
        """Click a tab in sight by its words or their beginning."""
        self.settle()
        for bar in self.window().findChildren(QTabBar):
            if bar.isVisible():
                for n in range(bar.count()):
                    if bar.tabText(n).startswith(text) and bar.isTabVisible(n):
                        self.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(n).center())
                        self.settle()
                        return
        raise AssertionError(f"no tab {text}")

    def setting(self, text: str) -> None:
        """Open one of the pages under 设置."""
        self.page("设置")
        found = self.find(QListWidget, "settings.list")
        item = next(found.item(n) for n in range(found.count()) if found.item(n).text().strip() == text)
        found.scrollToItem(item)
        self.qtbot.mouseClick(found.viewport(), Qt.MouseButton.LeftButton, pos=found.visualItemRect(item).center())
        self.settle()

    def row(self, view: QAbstractItemView, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Click a row of a table."""
        self._click_cell(view, row, 1, modifier)
        self.settle()

    def row_of(self, name: str, text: str, *, twice: bool = False) -> None:
        """Click (or double click) the row of a table that holds a text."""
        view = self.find(QAbstractItemView, name)
        self.until(lambda: _row_with(view, text) >= 0, f"row {text} in {name}")
        row = _row_with(view, text)
        self._click_cell(view, row, 1 if view.model().columnCount() > 1 else 0)
        if twice:
            spot = view.visualRect(view.model().index(row, 1)).center()
            self.qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        self.settle()

    def _click_cell(self, view: QAbstractItemView, row: int, column: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        index = view.model().index(row, column)
        view.scrollTo(index)
        spot: QPoint = view.visualRect(index).center()
        self.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, spot)

    # ---- dialogs ----------------------------------------------------------------------------------------------------

    def _answer(self) -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, say.Dialog) or not dialog.isVisible():
            return
        words = f"{dialog.saying.text} {dialog.saying.hint}"
        self.told.append(words)
        wanted = self.answers.popleft() if self.answers else ""
        if wanted:
            self.picture("dialog", dialog)
        found = next((one for one in dialog.findChildren(QAbstractButton) if wanted and one.text().startswith(wanted)), None)
        if self._leaving:
            found = dialog.findChild(QAbstractButton, "say.0")
        if found is None:
            self.surprises.append(f"{words} {[str(one) for one in dialog.saying.problems[:5]]} (wanted: {wanted or 'no dialog'})")
            dialog.reject()
            return
        self.qtbot.mouseClick(found, Qt.MouseButton.LeftButton)

    # ---- pictures ---------------------------------------------------------------------------------------------------

    def picture(self, name: str, widget: QWidget | None = None) -> None:
        """A picture of what is in sight, when WALK_PICTURES names a folder."""
        if not self._pictures:
            return
        if widget is None:
            self.settle()
        self._number += 1
        folder = Path(self._pictures)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{self._number:02d}-{name}.png"
        assert (widget or self.window()).grab().save(str(target))


def _words(one: QWidget) -> str:
    if isinstance(one, (QLabel, QAbstractButton, QLineEdit)):
        return one.text()
    if isinstance(one, QTabWidget):
        return one.tabText(one.currentIndex())
    return ""


def _row_with(view: QAbstractItemView, text: str) -> int:
    model = view.model()
    for row in range(model.rowCount()):
        if any(text in str(model.index(row, column).data() or "") for column in range(model.columnCount())):
            return row
    return -1


def column(view: QAbstractItemView, heading: str) -> list[str]:
    """All texts of a column of a table."""
    model = view.model()
    heads: Sequence[str] = [str(model.headerData(n, Qt.Orientation.Horizontal)) for n in range(model.columnCount())]
    at = next(n for n, head in enumerate(heads) if head.startswith(heading))
    return [str(model.index(row, at).data() or "") for row in range(model.rowCount())]


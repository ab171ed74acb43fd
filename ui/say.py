"""Everything the program says in a dialog: refusals, lists of problems, questions, our own defects; and file dialogs.

The only place that opens a modal dialog. Tests and pictures put a `Recorder` in the place of `shown` and `picked`.
Messages that need no answer belong in the window's notice strip.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from relocdesk.errors import Problem, UserError
from ui import icons, theme
from ui.parts import button, table_look

CLOSED = -1  # the dialog was left with Esc or the corner cross


@dataclass(frozen=True, slots=True)
class Saying:
    """One dialog: what it says and the buttons below, the first being the main one."""

    kind: str  # error, problems, question, bug
    text: str
    hint: str = ""
    buttons: tuple[str, ...] = ("知道了",)
    problems: tuple[Problem, ...] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Picking:
    """One file dialog. `kinds` like 'Excel 工作簿 (*.xlsx *.xls)'."""

    title: str
    kinds: str
    start: str = ""
    save: bool = False
    folder: bool = False


def trouble(error: UserError, parent: QWidget | None = None) -> None:
    """Show why an action stopped and what to do about it."""
    shown(Saying("error", error.text, error.hint), parent)


def problems(title: str, items: Sequence[Problem], parent: QWidget | None = None, *, hint: str = "") -> None:
    """Show a list of problems that can be copied or saved as a text file."""
    shown(Saying("problems", title, hint, problems=tuple(items)), parent)


def ask(question: str, *, yes: str, no: str = "取消", hint: str = "", danger: bool = False,
        parent: QWidget | None = None) -> bool:  # fmt: skip
    """True when the clerk chose `yes`. Both buttons are verbs that name the thing (打印 38 份 / 先不打)."""
    return shown(Saying("question", question, hint, (yes, no), danger=danger), parent) == 0


def choose(question: str, options: Sequence[str], *, hint: str = "", parent: QWidget | None = None) -> int:
    """The index of the chosen option, or CLOSED."""
    return shown(Saying("question", question, hint, tuple(options)), parent)


def bug(error: BaseException, log_file: Path, parent: QWidget | None = None) -> None:
    """Write the traceback into the log file and say that the program, not the clerk, made a mistake."""
    from relocdesk.rules.identity import masked  # noqa: PLC0415 -- only for a defect

    told = masked("".join(traceback.format_exception(error)))
    where = f"详细情况已记入 {log_file}"
    try:
        with log_file.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} 程序出错\n{told}\n")
    except OSError as refused:
        where = f"日志文件也写不进去（{refused.strerror or log_file}）"
    hint = f"刚才的操作没有完成，台账没有被改动一半。{where}，请把它发给维护人员。"
    shown(Saying("bug", "程序出错", hint), parent)


def pick_open(title: str, kinds: str, start: str = "", parent: QWidget | None = None) -> Path | None:
    """The file the clerk chose to read, or None."""
    return _path(picked(Picking(title, kinds, start), parent))


def pick_save(title: str, kinds: str, start: str = "", parent: QWidget | None = None) -> Path | None:
    """The file the clerk chose to write (Qt has asked before replacing one), or None."""
    return _path(picked(Picking(title, kinds, start, save=True), parent))


def pick_folder(title: str, start: str = "", parent: QWidget | None = None) -> Path | None:
    """The folder the clerk chose, or None."""
    return _path(picked(Picking(title, "", start, folder=True), parent))


def as_text(title: str, items: Sequence[Problem]) -> str:
    """Problems as plain text, one numbered line each."""
    return "\n".join([title, *(f"{n}. {problem}" for n, problem in enumerate(items, 1))]) + "\n"


class Recorder(list[str]):
    """Stands in for `shown` and `picked`: keeps each text and answers from `answers` and `files` (else CLOSED, "")."""

    def __init__(self) -> None:
        super().__init__()
        self.sayings: list[Saying] = []
        self.pickings: list[Picking] = []
        self.answers: deque[int] = deque()
        self.files: deque[str] = deque()

    def shown(self, saying: Saying, parent: QWidget | None) -> int:
        """In the place of the dialog."""
        self.append(saying.text)
        self.sayings.append(saying)
        return self.answers.popleft() if self.answers and saying.kind == "question" else CLOSED

    def picked(self, picking: Picking, parent: QWidget | None) -> str:
        """In the place of the file dialog."""
        self.pickings.append(picking)
        return self.files.popleft() if self.files else ""


class Dialog(QDialog):
    """The dialog of a Saying; `chosen` is the index of the button pressed or CLOSED."""

    def __init__(self, saying: Saying, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.saying = saying
        self.chosen = CLOSED
        self.setObjectName(f"say.{saying.kind}")
        self.setWindowTitle(_SIGNS[saying.kind][2])
        page = QVBoxLayout(self)
        page.setContentsMargins(20, 20, 20, 16)
        page.setSpacing(16)
        page.addLayout(self._head())
        if saying.problems:
            page.addWidget(self._table(), 1)
            self.resize(720, 440)
        else:
            self.setFixedWidth(theme.current().size("search") + 160)
        page.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        name, role, _title = _SIGNS[self.saying.kind]
        if self.saying.danger:
            name, role = "warning", "error"
        sign = QLabel()
        sign.setPixmap(icons.icon(name, role).pixmap(28, 28))
        text = _wrapped(self.saying.text, "heading")
        texts = QVBoxLayout()
        texts.setSpacing(6)
        texts.addWidget(text)
        if self.saying.hint:
            texts.addWidget(_wrapped(self.saying.hint, "muted"))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(texts, 1)
        return head

    def _table(self) -> QTableView:
        view = QTableView()
        view.setObjectName("say.list")
        view.setModel(ProblemModel(self.saying.problems, view))
        table_look(view)
        head = view.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        head.resizeSection(0, 220)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return view

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        if self.saying.problems:
            foot.addWidget(button("复制", "copy", name="say.copy", on=self._copy))
            foot.addWidget(button("存为文本…", "save", name="say.save", on=self._save))
        if self.saying.kind == "bug":
            foot.addWidget(button("复制说明", "copy", name="say.copy", on=self._copy))
        foot.addStretch(1)
        made = [self._answer(index) for index in range(len(self.saying.buttons))]
        for one in reversed(made):  # the main one stands at the right edge
            foot.addWidget(one)
        # What cannot be taken back must not happen by a stray Enter.
        first = made[-1] if self.saying.danger else made[0]
        first.setDefault(True)
        first.setFocus()
        return foot

    def _answer(self, index: int) -> QPushButton:
        look = "" if index else ("danger-primary" if self.saying.danger else "primary")
        return button(self.saying.buttons[index], look=look, name=f"say.{index}", on=lambda: self._choose(index))

    def _choose(self, index: int) -> None:
        self.chosen = index
        self.accept()

    def _text(self) -> str:
        if self.saying.problems:
            return as_text(self.saying.text, self.saying.problems)
        return f"{self.saying.text}\n{self.saying.hint}\n"

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text())

    def _save(self) -> None:
        path = pick_save("存为文本", "文本文件 (*.txt)", "问题清单.txt", self)
        if path is None:
            return
        try:
            path.write_text(self._text(), encoding="utf-8-sig")  # the mark lets old Notepad see UTF-8
        except OSError as refused:
            trouble(UserError(f"{path.name} 写不进去", hint=f"请换一个位置再存（{refused.strerror or ''}）"), self)


class ProblemModel(QAbstractTableModel):
    """Problems as two columns: where, and what is wrong with its cure."""

    def __init__(self, items: Sequence[Problem], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = tuple(items)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 2

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        problem = self._items[index.row()]
        return problem.text if index.column() else problem.where

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> str | None:  # fmt: skip
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return ("位置", "问题")[section] if orientation is Qt.Orientation.Horizontal else str(section + 1)


_SIGNS = {
    "error": ("warning", "warn", "没有做成"),
    "problems": ("warning", "warn", "需要处理的问题"),
    "question": ("help", "accent", "请确认"),
    "bug": ("error", "error", "程序出错"),
}


def _wrapped(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("look", look)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _show(saying: Saying, parent: QWidget | None) -> int:
    dialog = Dialog(saying, parent)
    dialog.exec()
    dialog.deleteLater()
    return dialog.chosen


def _pick(picking: Picking, parent: QWidget | None) -> str:
    if picking.folder:
        return QFileDialog.getExistingDirectory(parent, picking.title, picking.start)
    if picking.save:
        return QFileDialog.getSaveFileName(parent, picking.title, picking.start, picking.kinds)[0]
    return QFileDialog.getOpenFileName(parent, picking.title, picking.start, picking.kinds)[0]


shown: Callable[[Saying, QWidget | None], int] = _show
picked: Callable[[Picking, QWidget | None], str] = _pick

"""The form of a new book: four things, all visible; the area is named while its code is typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from relocdesk.words import regions
from ui import say
from ui.parts import Card, button, field_label, label

SUFFIX = ".reloc"
KINDS = f"搬迁安置台账 (*{SUFFIX});;所有文件 (*)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new book is made from."""

    office: str
    code: str
    by: str
    path: Path


def area_text(code: str) -> str:
    """What a typed region code means, or what is still missing: 云南省保山市龙陵县的一个乡镇."""
    plain = code.strip()
    if not plain:
        return "县填 6 位，乡镇填 9 位；代码印在统计用区划代码表上"
    if not plain.isdigit():
        return "只填数字"
    known = regions()
    names = [known[part]["name"] for part in dict.fromkeys((plain[:2] + "0000", plain[:4] + "00", plain[:6])) if part in known and len(plain) >= 6]
    if len(plain) < 6:
        return f"还差 {6 - len(plain)} 位（县）或 {9 - len(plain)} 位（乡镇）"
    if plain[:6] not in known:
        return f"区划表里没有 {plain[:6]}，请核对"
    if len(plain) == 6:
        return "".join(names) + "（县级台账）"
    return "".join(names) + "的乡镇（名称取自单位名称）" if len(plain) in (9, 12) else f"还差 {9 - len(plain)} 位"


class NewBook(QWidget):
    """`wanted` carries a Wanted, `left` goes back."""

    wanted = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._build()

    def _build(self) -> None:
        column = page_column(self)
        column.addWidget(label("新建台账", "greeting"))
        column.addWidget(label("只要填四项，以后都可以在“设置”里改。", "muted"))
        card = Card()
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(4)
        form.setColumnStretch(1, 1)
        self.office = _line("new.office", "例如：龙陵县三坝乡搬迁安置办公室")
        self.code = _line("new.code", "例如：530523102")
        self.by = _line("new.by", "经办台账的人，第一位操作员是系统管理")
        self.file = _line("new.file", "")
        self._area = label("", "derived")
        self._where = label("", "derived", wrap=True)
        change = button("更改…", "folder", name="new.pick", on=self._pick_file)
        rows_ = (("单位名称", self.office, label("印在协议、公示和报表上的全称", "small")), ("行政区划代码", self.code, self._area),
                 ("操作员姓名", self.by, label("历史记录里写的就是这个名字", "small")), ("存放位置", self.file, self._where))  # fmt: skip
        for n, (words, edit, below) in enumerate(rows_):
            form.addWidget(field_label(words, True), 2 * n, 0)
            form.addWidget(edit, 2 * n, 1)
            form.addWidget(below, 2 * n + 1, 1)
        form.addWidget(change, 6, 2)
        card.body.addLayout(form)
        self._trouble = label("", "error", wrap=True)
        card.body.addWidget(self._trouble)
        column.addWidget(card)
        foot = QHBoxLayout()
        foot.addWidget(button("返回", "back", name="new.back", on=self.left.emit))
        foot.addStretch(1)
        self.found = button("建立台账", look="primary", name="new.create", on=self.take)
        foot.addWidget(self.found)
        column.addLayout(foot)
        column.addStretch(1)
        self.office.textEdited.connect(lambda _text: self._propose())
        self.code.textEdited.connect(lambda _text: self._tell())
        self.by.textEdited.connect(lambda _text: self._tell())
        self.file.textEdited.connect(self._own_file)
        for edit in (self.office, self.code, self.by, self.file):
            edit.returnPressed.connect(self.focusNextChild)
        self._chosen_file = False

    def begin(self) -> None:
        """Propose a file and begin with the office's name."""
        self._propose()
        self.office.setFocus()

    def _own_file(self, _text: str) -> None:
        self._chosen_file = True
        self._tell()

    def _propose(self) -> None:
        if not self._chosen_file:
            self.file.setText(str(free(documents() / f"{self.office.text().strip() or '搬迁安置台账'}{SUFFIX}")))
        self._tell()

    def _pick_file(self) -> None:
        path = say.pick_save("台账存放位置", KINDS, self.file.text(), self)
        if path is not None:
            self._chosen_file = True
            self.file.setText(str(path if path.suffix else path.with_suffix(SUFFIX)))
            self._tell()

    def _tell(self) -> None:
        self._area.setText(area_text(self.code.text()))
        path = self._path()
        self._where.setText(f"“{path.name}”已经有了，请换一个文件名" if path.exists() else f"台账会存成一个文件：{path}")
        self._trouble.clear()

    def _path(self) -> Path:
        path = Path(self.file.text().strip() or "台账").expanduser()
        return path if path.suffix else path.with_suffix(SUFFIX)

    def take(self) -> None:
        """Say that all is given, or what is missing."""
        asked = (("单位名称", self.office), ("行政区划代码", self.code), ("操作员姓名", self.by))
        missing = [words for words, edit in asked if not edit.text().strip()]
        if missing:
            self._trouble.setText(f"还缺{'、'.join(missing)}")
        else:
            self.wanted.emit(Wanted(self.office.text().strip(), self.code.text().strip(), self.by.text().strip(), self._path()))


def page_column(page: QWidget) -> QVBoxLayout:
    """The column of a page of the first screen."""
    column = QVBoxLayout(page)
    column.setContentsMargins(48, 36, 48, 28)
    column.setSpacing(10)
    return column


def _line(name: str, hint: str) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setPlaceholderText(hint)
    return made


def documents() -> Path:
    """Where people keep their files."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found and Path(found).is_dir() else Path.home()


def free(path: Path) -> Path:
    """The path, or with a number behind it when there is such a file."""
    number, tried = 1, path
    while tried.exists():
        number += 1
        tried = path.with_stem(f"{path.stem} {number}")
    return tried

"""本单位: who and where we are, how agreements and batches are made, the wording of clauses, and the look of the window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QPlainTextEdit, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from relocdesk import machine, settings
from relocdesk.clerk import Clerk
from relocdesk.job import Tick
from relocdesk.records.reference import Role
from relocdesk.settings import SETTINGS, Spec
from ui import say, theme
from ui.access import Access, Session
from ui.editors import Editor, editor
from ui.pages.section import open_record
from ui.parts import Card, button, field_label, label
from ui.shell import Shell

NOT_HERE = ("条款", "界面")


def scrolled(inside: QWidget, page: QWidget) -> None:
    """Put a tall column into a page."""
    inside.setProperty("look", "page")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(inside)
    whole = QVBoxLayout(page)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addWidget(area)


class OfficePage(QWidget):
    """The office, the book's file, who sits here, and this laptop's letter."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.office")
        self.access, self.shell = access, shell
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 4, 16, 8)
        column.setSpacing(12)
        column.addWidget(label("单位和本机", "title"))
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnStretch(1, 1)
        office = Card("本单位")
        office.body.addLayout(self._facts)
        row = QHBoxLayout()
        row.addWidget(button("修改单位资料", "edit", name="office.edit", on=self._edit))
        row.addStretch(1)
        office.body.addLayout(row)
        column.addWidget(office)
        column.addWidget(self._person_card())
        column.addWidget(self._laptop_card())
        column.addStretch(1)
        scrolled(inside, self)
        self._id = ""
        self.reload(None)

    def _person_card(self) -> Card:
        card = Card("操作员")
        self._who = label("")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._who, 1)
        tip = "换另一位操作员接着办（Ctrl+L，或点右下角的姓名）"
        row.addWidget(button("换人操作…", "person", name="office.switch", tip=tip, on=self.shell.operator_wanted.emit))
        row.addWidget(button("打开别的台账…", "folder", name="office.leave", on=lambda: self.shell.book_wanted.emit("")))
        card.body.addLayout(row)
        return card

    def _laptop_card(self) -> Card:
        card = Card("这台电脑的代号")
        self.letter = QComboBox()
        self.letter.setObjectName("office.letter")
        self.letter.addItems([chr(code) for code in range(ord("A"), ord("Z") + 1)])
        self.letter.setFixedWidth(96)
        self.letter.setCurrentText(machine.laptop_letter())
        self.letter.activated.connect(lambda _index: self._take_letter())
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.letter)
        row.addWidget(label("编号里的字母。同一办公室每台电脑用不同的字母，编号就不会重；只影响以后编的号。", "muted", wrap=True), 1)
        card.body.addLayout(row)
        return card

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        home = self.access.book.home

        def read(session: Session) -> tuple[str, str, str, str, str, str]:
            found = settings.this_office(session, home)
            if found is None:
                return ("",) * 6
            place = self.access.places().full(found.place)
            return found.id, found.name, place, found.head or "", found.phone or "", settings.text(session, "office.party_a", home) or found.name

        self._id, *texts = self.access.read(read)
        while self._facts.count():
            item = self._facts.takeAt(0)
            item.widget().deleteLater()
        facts = zip(("单位名称", "行政区划", "负责人", "电话", "协议甲方", "台账文件"), (*texts, str(self.access.book.path)), strict=True)
        for n, (words, text) in enumerate(facts):
            self._facts.addWidget(label(words, "muted"), n, 0)
            told = label(text or "未填", "" if text else "muted", wrap=True)
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(told, n, 1)
        clerk = self.access.clerk
        self._who.setText(f"{clerk.name}（{Role(clerk.role).label}）")

    def _edit(self) -> None:
        open_record(self.shell, "office", self._id)

    def _take_letter(self) -> None:
        machine.set_laptop_letter(self.letter.currentText())
        self.shell.notice(f"这台电脑的代号改为 {self.letter.currentText()}，以后编的号用它", "good")


class ValuesPage(QWidget):
    """办理规定: every setting with its meaning; 保存 writes what was changed as one action."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.values")
        self.access, self.shell = access, shell
        self.editors: dict[str, Editor] = {}
        self._saved: dict[str, str] = {}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 4, 16, 8)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(label("办理规定", "title"))
        head.addWidget(label("改了立即生效，并记在历史里。", "muted"), 1)
        self.save = button("保存", "save", look="primary", name="values.save", key="Ctrl+S", on=self.write)
        head.addWidget(self.save)
        column.addLayout(head)
        for group in dict.fromkeys(one.group for one in SETTINGS if one.group not in NOT_HERE):
            column.addWidget(self._group(group, [one for one in SETTINGS if one.group == group]))
        column.addStretch(1)
        scrolled(inside, self)
        self.reload(None)

    def _group(self, title: str, specs: list[Spec]) -> Card:
        card = Card(title)
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.setColumnStretch(1, 1)
        form.setColumnMinimumWidth(0, round(250 * theme.current().scale))
        for n, one in enumerate(specs):
            made = editor(one.field, self.access)
            made.input.setObjectName(f"values.{one.key}")
            made.changed.connect(self._enable)
            self.editors[one.key] = made
            form.addWidget(field_label(one.label), 2 * n, 0)
            form.addWidget(made, 2 * n, 1)
            default = f"程序默认：{one.default}" if one.default else ""
            told = "。".join(text for text in (one.help, default) if text)
            if told:
                form.addWidget(label(told, "small", wrap=True), 2 * n + 1, 1)
        card.body.addLayout(form)
        return card

    def reload(self, tables: set[str] | None) -> None:
        """Show what holds now; what is being typed stays."""
        if tables is not None and "setting" not in tables:
            return
        home = self.access.book.home
        found = self.access.read(lambda session: {key: settings.get(session, key, home) for key in self.editors})
        for key, made in self.editors.items():
            made.set_value(found[key])
            self._saved[key] = made.text()
        self._enable()

    def changed(self) -> dict[str, str]:
        """Key → text of the settings that were changed."""
        return {key: made.text() for key, made in self.editors.items() if made.text() != self._saved.get(key, "")}

    def may_close(self) -> bool:
        """Asks when something would be lost."""
        return not self.changed() or say.ask("改了的规定还没有保存，不要了吗？", yes="不要了", no="回去保存", danger=True, parent=self)

    def write(self) -> None:
        """Save the changed ones."""
        changed, home = self.changed(), self.access.book.home
        if not changed:
            return

        def job(session: Session, clerk: Clerk, _tick: Tick) -> str:
            for key, text in changed.items():
                settings.put(session, clerk, key, text, home)
            return f"已保存 {len(changed)} 项规定"

        self.access.do(self.shell, "修改办理规定", job)

    def _enable(self) -> None:
        self.save.setEnabled(bool(self.changed()) and not self.access.book.read_only)


class ClausesPage(QWidget):
    """条款文字: the office's own wording of agreements and notices; empty uses the usual one."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.clauses")
        self.access, self.shell = access, shell
        self._specs = [one for one in SETTINGS if one.group == "条款"]
        self.boxes: dict[str, QPlainTextEdit] = {}
        tabs = QTabWidget()
        for one in self._specs:
            tabs.addTab(self._box(one.key), one.label)
        head = QHBoxLayout()
        head.addWidget(label("条款文字", "title"))
        head.addStretch(1)
        self.save = button("保存", "save", look="primary", name="clauses.save", key="Ctrl+S", on=self.write)
        head.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 4, 16, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(label("一条写一行，行首的【标题】是小标题；花括号里的词打印时换成这份协议的内容。空着就用通用条款。", "muted", wrap=True))
        column.addWidget(tabs, 1)
        self._told = label("", "error", wrap=True)
        column.addWidget(self._told)
        self.reload(None)

    def _box(self, key: str) -> QWidget:
        from relocdesk.printing.clauses import SLOTS, USUAL  # noqa: PLC0415 -- slow import

        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 8, 0, 0)
        box = QPlainTextEdit()
        box.setObjectName(f"clauses.{key}")
        usual = USUAL.get(key.rpartition(".")[2], "")
        box.setPlaceholderText(usual)
        box.setTabChangesFocus(True)
        self.boxes[key] = box
        box.textChanged.connect(self._check)
        row = QHBoxLayout()
        if usual:
            row.addWidget(button("填入通用条款，在上面改", "copy", look="small", on=partial(box.setPlainText, usual)))
            row.addWidget(button("清空，用通用条款", "undo", look="small", on=box.clear))
        row.addStretch(1)
        column.addWidget(box, 1)
        column.addWidget(label("可用的词：" + "　".join(f"{{{slot}}}" for slot in SLOTS), "small", wrap=True))
        column.addLayout(row)
        return made

    def reload(self, tables: set[str] | None) -> None:
        """Show what holds now."""
        if tables is not None and "setting" not in tables:
            return
        home = self.access.book.home
        found = self.access.read(lambda session: {one.key: settings.text(session, one.key, home) for one in self._specs})
        for key, text in found.items():
            self.boxes[key].setPlainText(text)
            self.boxes[key].document().setModified(False)

    def may_close(self) -> bool:
        """Asks when something would be lost."""
        changed = any(box.document().isModified() for box in self.boxes.values())
        return not changed or say.ask("改了的条款还没有保存，不要了吗？", yes="不要了", no="回去保存", danger=True, parent=self)

    def write(self) -> None:
        """Save the changed wordings."""
        texts = {key: box.toPlainText() for key, box in self.boxes.items() if box.document().isModified()}
        home = self.access.book.home

        def job(session: Session, clerk: Clerk, _tick: Tick) -> str:
            for key, text in texts.items():
                settings.put(session, clerk, key, text, home)
            return f"已保存 {len(texts)} 份条款"

        if texts and not self._check():
            self.access.do(self.shell, "修改条款文字", job)

    def _check(self) -> str:
        from relocdesk.printing.clauses import strange_slots  # noqa: PLC0415 -- slow import

        wrong = [str(one) for box in self.boxes.values() for one in strange_slots(box.toPlainText())]
        if hasattr(self, "_told"):
            self._told.setText("；".join(wrong))
        return "；".join(wrong)


class LookPage(QWidget):
    """浅色, 深色 or 大字, and the height of rows; of this machine only."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.look")
        self.shell = shell
        card = Card("颜色和字号")
        group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, (_, _, words) in theme.THEMES.items():
            made = button(words, name=f"look.{name}", on=partial(self._take, name))
            made.setCheckable(True)
            made.setChecked(name == theme.current().name)
            made.setMinimumWidth(120)
            group.addButton(made)
            row.addWidget(made)
        row.addStretch(1)
        card.body.addLayout(row)
        self.dense = QCheckBox("紧凑行距：一屏多看几行")
        self.dense.setObjectName("look.dense")
        self.dense.setChecked(theme.current().dense)
        self.dense.toggled.connect(lambda _on: self._take(theme.current().name))
        card.body.addWidget(self.dense)
        card.body.addWidget(label("只影响这台电脑。", "small"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 4, 16, 8)
        column.setSpacing(12)
        column.addWidget(label("界面", "title"))
        column.addWidget(card)
        column.addStretch(1)

    def _take(self, name: str) -> None:
        self.shell.set_theme(name, self.dense.isChecked())



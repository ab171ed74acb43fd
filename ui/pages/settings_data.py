"""数据: imports that can be withdrawn, the recycle bin, the history of everything, backups."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relocdesk import backup, history, machine, undo
from relocdesk.clerk import Clerk
from relocdesk.history import Entry
from relocdesk.job import Tick
from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Totals
from relocdesk.queries.saying import totals_text
from relocdesk.records import REGISTERS, register
from ui import say
from ui.access import Access, Session
from ui.pages.section import way_to_rows
from ui.parts import Card, EmptyState, button, label
from ui.shell import Shell
from ui.tables import RowsTable
from ui.texts import Column, Row, TextTable

PAGE = 100


class ImportsPage(QWidget):
    """导入批次: what was imported when, and taking a whole import back."""

    totals_changed = Signal(str, str)

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.imports")
        self.access, self.shell = access, shell
        columns = ("file", "register", "new", "changed", "same", "problems", "applied_at", "applied_by", "state")
        self.table = RowsTable(access, register("import_batch"), columns, name="imports.rows")
        self.table.counted.connect(self._counted)
        self.empty = EmptyState("import", "还没有导入过", "在各台账里点“导入”，从 Excel 导进来的每一批都列在这里，可以整批撤回。")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("导入批次", "title"))
        head.addStretch(1)
        head.addWidget(button("撤回整批…", "undo", look="danger", name="imports.withdraw", tip="新增的删去，改过的改回；已签已付的会拒绝", on=self.withdraw))
        column = _column(self)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Read anew."""
        self.table.show_ask(Ask(register("import_batch"), sort=(("applied_at", True),)))

    def withdraw(self) -> None:
        """Take the current import back."""
        line = self.table.current_line()
        if line is None:
            self.shell.notice("请先选一批", "info")
            return
        if not say.ask(f"撤回“{line.shown[0]}”这次导入吗？", yes="撤回整批", no="不撤回", danger=True, parent=self.shell,
                       hint=f"新增 {line.shown[2]} 条会删去，变更 {line.shown[3]} 条会改回；其中有已签、已付或后来又改过的，就一条也不撤。"):  # fmt: skip
            return
        row_id = line.id

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            from relocdesk.undo import withdraw  # noqa: PLC0415 -- slow import

            return withdraw(session, clerk, row_id, tick)

        self.access.do(self.shell, "撤回导入", job)

    def _counted(self, totals: Totals) -> None:
        self.totals_changed.emit(totals_text(self.table.reg, totals), "")
        self.table.setVisible(bool(totals.count))
        self.empty.setVisible(not totals.count)


class BinPage(QWidget):
    """已删除的记录 by register; each opens that register's own bin."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.bin")
        self.access, self.shell = access, shell
        self.table = TextTable((Column("台账", 18), Column("已删除", 10, right=True)), name="bin.rows")
        self.table.opened.connect(self.open_bin)
        self.empty = EmptyState("trash", "没有已删除的记录", "删除的记录都留在这里，可以恢复。")
        column = _column(self)
        column.addWidget(label("已删除的记录", "title"))
        column.addWidget(label("双击打开那个台账的已删除记录，选中后点“恢复”。", "muted"))
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Count anew."""
        self.access.look(_deleted, self._show)

    def open_bin(self, name: str) -> None:
        """Go to the deleted rows of a register."""
        page, tab = way_to_rows(name)
        section = self.shell.show_page(page, tab=tab)
        shown = section.tab(tab) if hasattr(section, "tab") else None
        if shown is not None and hasattr(shown, "show_bin"):
            shown.show_bin(True)

    def _show(self, found: list[tuple[str, int]]) -> None:
        self.table.set_rows([Row(name, (register(name).label, f"{count:,}")) for name, count in found])
        self.table.setVisible(bool(found))
        self.empty.setVisible(not found)


def _deleted(session: Session) -> list[tuple[str, int]]:
    counted = [(reg.name, len(rows.rowids(session, Ask(reg, deleted=True)))) for reg in REGISTERS]
    return [(name, count) for name, count in counted if count]


class HistoryPage(QWidget):
    """全部历史: what everybody did, newest first, as sentences; one action can be taken back."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.history")
        self.access, self.shell = access, shell
        self._entries: list[Entry] = []
        self._before = 0
        self._asked = 0
        self.table = TextTable((Column("时间", 16), Column("谁", 10), Column("办理", 10), Column("事由", 24),
                                Column("记录", 6, right=True), Column("改了什么", 60)),
                               name="history.rows")  # fmt: skip
        self.more = button("再往前看", "down", name="history.more", on=self._read_more)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("全部历史", "title"))
        head.addStretch(1)
        head.addWidget(button("撤销所选这一步…", "undo", name="history.undo", on=self.undo))
        head.addWidget(self.more)
        column = _column(self)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """From the newest again."""
        self._entries, self._before = [], 0
        self._read_more()

    def undo(self) -> None:
        """Take the chosen action back."""
        entry = next((one for one in self._entries if one.action == self.table.current_key()), None)
        if entry is None:
            self.shell.notice("请先选一步", "info")
            return
        if not say.ask(f"撤销“{entry.why}”吗？", yes="撤销", no="不撤销", hint=history.sentence(entry), parent=self.shell):
            return
        action = entry.action

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            return undo.undo(session, clerk, action, tick)

        self.access.do(self.shell, f"撤销：{entry.why}", job)

    def _read_more(self) -> None:
        self._asked += 1  # a second click, or reading from the newest again, must not bring the same steps twice
        asked, before = self._asked, self._before
        self.access.look(lambda session: history.everything(session, PAGE, before, changes=5), lambda found: self._show(asked, found))

    def _show(self, asked: int, found: list[Entry]) -> None:
        if asked != self._asked:
            return
        self._entries += found
        self._before = found[-1].number if found else self._before
        self.more.setEnabled(len(found) == PAGE)
        self.table.set_rows([Row(one.action, (one.at, one.name, one.source, one.why, f"{one.records:,}", _said(one))) for one in self._entries])


def _said(entry: Entry) -> str:
    told = []
    for change in entry.changes[:3]:
        named = f"{change.label} {change.title}".strip()
        told.append(f"{named}：{change.field} {change.old or '空'} → {change.new or '空'}" if change.field else f"{change.what}{named}")
    return "；".join(dict.fromkeys(told)) + ("…" if entry.records > 1 else "")


class BackupPage(QWidget):
    """备份和恢复: a verified copy now, where copies lie, and making a book from one."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__()
        self.setObjectName("page.backup")
        self.access, self.shell = access, shell
        self._where = label("", "muted", wrap=True)
        self.table = TextTable((Column("备份时间", 18), Column("文件", 40), Column("大小", 10, right=True)), name="backup.rows")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("备份和恢复", "title"))
        head.addStretch(1)
        head.addWidget(button("更改位置…", "folder", name="backup.folder", tip="最好放在另一块硬盘或 U 盘上", on=self.choose_folder))
        head.addWidget(button("从备份恢复…", "restore", name="backup.restore", on=self.restore))
        head.addWidget(button("马上备份", "backup", look="primary", name="backup.now", on=self.now))
        card = Card()
        card.body.addWidget(self._where)
        card.body.addWidget(label("每次关闭程序，有改动就自动备份一份：两天内的全留，两周内每天留一份，十周内每周一份，再往前每月一份。", "muted", wrap=True))
        column = _column(self)
        column.addLayout(head)
        column.addWidget(card)
        column.addWidget(self.table, 1)
        self.reload(None)

    def reload(self, tables: set[str] | None) -> None:
        """Look into the folder anew."""
        book = self.access.book.path
        folder = backup.folder_of(book)
        found = backup.backups(folder, book) if folder.is_dir() else []
        self._where.setText(f"备份放在：{folder}")
        self.table.set_rows([Row(str(file), (f"{moment:%Y-%m-%d %H:%M:%S}", file.name, f"{file.stat().st_size / 1_048_576:.1f} MB"))
                             for moment, file in reversed(found)])  # fmt: skip

    def now(self) -> None:
        """Make a copy, beside the window."""
        book = self.access.book.path

        def job(_tick: Tick) -> Path:
            return backup.backup(book)

        def then(copy: Path) -> None:
            self.reload(None)
            self.shell.status.set_text("backup", f"备份：{datetime.now().astimezone():%m-%d %H:%M}")
            self.shell.notice(f"已备份到 {copy}", "good")

        self.shell.start_job("备份", job, then)

    def choose_folder(self) -> None:
        """Keep copies somewhere else from now on."""
        folder = say.pick_folder("备份放在哪里", str(backup.folder_of(self.access.book.path)), self)
        if folder is not None:
            machine.save("machine.json", {**machine.load("machine.json"), "backup_folder": str(folder)})
            self.reload(None)

    def restore(self) -> None:
        """Make a book from a copy, never over this one, and offer to open it."""
        book = self.access.book.path
        start = self.table.current_key() or str(backup.folder_of(book))
        source = Path(start) if self.table.current_key() else say.pick_open("选择备份文件", f"台账 (*{book.suffix});;所有文件 (*)", start, self)
        if source is None:
            return
        target = say.pick_save("恢复成哪个文件", f"台账 (*{book.suffix})", str(book.with_stem(f"{book.stem}-恢复")), self)
        if target is None:
            return
        out = target if target.suffix else target.with_suffix(book.suffix)

        def job(_tick: Tick) -> Path:
            return backup.restore(source, out)

        def then(made: Path) -> None:
            if say.ask(f"已恢复成“{made.name}”，现在打开它吗？", yes="打开恢复的台账", no="留在这里", hint="现在的台账没有改动。", parent=self.shell):
                self.shell.book_wanted.emit(str(made))

        self.shell.start_job("从备份恢复", job, then)


def _column(page: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 4, 16, 0)
    column.setSpacing(8)
    return column



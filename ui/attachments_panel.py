"""The tab 附件: files hung on a record, added by button or by dropping them here, opened with the system's program."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relocdesk import entry
from relocdesk.actions import documents
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import Field, Register
from relocdesk.job import Tick
from relocdesk.queries import rows
from relocdesk.queries.rows import Ask, Condition, Line
from relocdesk.records import register
from ui import say
from ui.access import Access, Session
from ui.grid import Grid, GridModel
from ui.parts import button, label
from ui.shell import Shell


class AttachmentsPanel(QWidget):
    """The files of one record."""

    def __init__(self, access: Access, reg: Register, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"attachments.{reg.name}")
        self.setAcceptDrops(True)
        self.access, self.reg, self.shell = access, reg, shell
        self.row_id = ""
        self._files = register("attachment")
        self.model = GridModel([self._files[name] for name in ("name", "type", "size", "remark")], self._fetch, self)
        self.grid = Grid(self.model, name="grid.attachment", memory=access.memory)
        self.grid.opened.connect(lambda row: self._open(self.model.line(row)))
        self._none = label("还没有附件。点“添加附件”，或者把文件拖到这里。", "muted")
        head = QHBoxLayout()
        add = button("添加附件", "attachment", name="attachments.add", on=self.pick)
        head.addWidget(add)
        head.addWidget(button("打开", "open", name="attachments.open", on=lambda: self._open(self.grid.current_line())))
        remove = button("取下", "trash", name="attachments.remove", tip="从这条记录取下，文件保留", on=self.remove)
        head.addWidget(remove)
        self._may = not access.book.read_only and access.clerk.role in documents.KEEPERS
        for made in (add, remove):
            made.setEnabled(self._may)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(head)
        column.addWidget(self._none)
        column.addWidget(self.grid, 1)

    def set_record(self, row_id: str) -> None:
        """Another record, or the same one changed."""
        self.row_id = row_id

    def look(self) -> None:
        """Read the list of files."""
        ask = Ask(self._files, (Condition("register", "=", self.reg.name), Condition("record", "=", self.row_id)))
        self._show(self.access.read(lambda session: rows.rowids(session, ask)))

    def add(self, files: Sequence[Path]) -> None:
        """Hang files on the record, as one action."""
        reg, row_id, book = self.reg, self.row_id, self.access.book.path

        def job(session: Session, clerk: Clerk, tick: Tick) -> str:
            for n, file in enumerate(files):
                tick(n, len(files), file.name)
                documents.attach(session, clerk, book, reg.name, row_id, file)
            return f"已添加附件 {len(files)} 个"

        self.access.do(self.shell, "添加附件", job)

    def pick(self) -> None:
        """Choose a file and add it."""
        path = say.pick_open("选择附件", "所有文件 (*)", parent=self)
        if path is not None:
            self.add([path])

    def remove(self) -> None:
        """Take the chosen files off the record; the files stay beside the book."""
        ids = [line.id for line in self.grid.chosen_lines()]
        if not ids or not say.ask(f"取下选中的 {len(ids)} 个附件吗？", yes="取下附件", no="保留", hint="可以撤销。", parent=self):
            return

        def job(session: Session, clerk: Clerk, _tick: Tick) -> str:
            for row_id in ids:
                entry.remove(session, clerk, self._files, row_id)
            return f"已取下附件 {len(ids)} 个"

        self.access.do(self.shell, "取下附件", job)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped here."""
        if event.mimeData().hasUrls() and self.row_id and self._may:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Dropped files become attachments."""
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.add(files)

    def _show(self, found: array[int]) -> None:
        self.grid.show_rows(found)
        self._none.setVisible(not found)
        self.grid.setVisible(bool(found))

    def _fetch(self, wanted: Sequence[int], fields: Sequence[Field]) -> Sequence[Line]:
        return self.access.read(lambda session: rows.page(session, self._files, wanted, fields))

    def _open(self, line: Line | None) -> None:
        """A copy under its own name is opened: the kept file never changes and has no ending; the copy goes with the window."""
        if line is None:
            return
        sha256 = self.access.read(lambda session: session.get(self._files.cls, line.id).sha256)
        kept = documents.path_of(self.access.book.path, sha256)
        if not kept.is_file():
            say.trouble(UserError(f"附件“{line.shown[0]}”的文件不见了", hint="台账旁边的 .files 文件夹可能没有一起复制过来"), self)
            return
        copy = self.access.folder() / sha256 / (line.shown[0] or "附件")
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(kept, copy)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(copy)))

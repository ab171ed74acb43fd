"""One record whole: its form with the tabs 关联 · 附件 · 历史, as a panel of a register's page or a window of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from relocdesk.field import Register
from ui.access import Access
from ui.attachments_panel import AttachmentsPanel
from ui.form import RecordForm
from ui.history_panel import HistoryPanel
from ui.related import RelatedPanel
from ui.shell import Shell


class RecordPanel(QWidget):
    """A form with its tabs; each tab reads when it is first looked at. `saved(id)` and `closed` are the form's."""

    saved = Signal(str)
    closed = Signal()

    def __init__(self, access: Access, reg: Register, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"record.{reg.name}")
        self.form = RecordForm(access, reg, shell)
        self.related = RelatedPanel(access, reg, shell)
        self.attachments = AttachmentsPanel(access, reg, shell)
        self.history = HistoryPanel(access, reg)
        self._tabs: tuple[RelatedPanel | AttachmentsPanel | HistoryPanel, ...] = (self.related, self.attachments, self.history)
        for tab, name in zip(self._tabs, ("关联", "附件", "历史"), strict=True):
            self.form.tabs.addTab(tab, name)
        self.related.open_asked.connect(lambda other, row_id: RecordDialog.show_record(access, other, shell, row_id))
        self.related.add_asked.connect(lambda other, preset: RecordDialog.begin(access, other, shell, preset))
        self.form.tabs.currentChanged.connect(lambda _n: self._look())
        self.form.saved.connect(self.saved)
        self.form.saved.connect(lambda _id: self._moved())
        self.form.closed.connect(self.closed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        self._moved()

    @property
    def row_id(self) -> str:
        """The record shown, "" for a new one."""
        return self.form.row_id

    @property
    def dirty(self) -> bool:
        """Whether something typed would be lost."""
        return self.form.dirty

    def begin(self, preset: Mapping[str, str] | None = None) -> None:
        """An empty form for a new record."""
        self.form.begin(preset)
        self.form.tabs.setCurrentIndex(0)
        self._moved()

    def load(self, row_id: str) -> bool:
        """Show a record; False when it is gone."""
        found = self.form.load(row_id)
        if found:
            self._moved()
        return found

    def reload(self, tables: set[str] | None) -> None:
        """Read the record anew unless it is being edited, and the tabs in any case."""
        if not self.isVisible() or not self.row_id:
            return
        if not self.dirty and not self.form.load(self.row_id):
            self.closed.emit()
            return
        self._moved()

    def may_leave(self) -> bool:
        """Asks when something typed would be lost."""
        return not self.isVisible() or self.form.may_leave()

    def show_tab(self, name: str) -> None:
        """Bring a tab to the front by its name."""
        tabs = self.form.tabs
        for n in range(tabs.count()):
            if tabs.tabText(n) == name and tabs.isTabVisible(n):
                tabs.setCurrentIndex(n)

    def _moved(self) -> None:
        tabs = self.form.tabs
        for n in range(1, tabs.count()):
            tabs.setTabVisible(n, bool(self.row_id))
        for tab in self._tabs:
            tab.set_record(self.row_id)
        self._look()

    def _look(self) -> None:
        shown = self.form.tabs.currentWidget()
        if shown in self._tabs and self.row_id:
            shown.look()


class RecordDialog(QDialog):
    """A record in a window of its own: a related one that is looked at, or a child that is added."""

    def __init__(self, access: Access, reg: Register, shell: Shell) -> None:
        super().__init__(shell)
        self.setObjectName(f"dialog.{reg.name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(920, 520)
        self.panel = RecordPanel(access, reg, shell)
        self.panel.form.title_changed.connect(self.setWindowTitle)
        self.panel.closed.connect(self.accept)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 12, 16, 12)
        page.addWidget(self.panel)

    @classmethod
    def show_record(cls, access: Access, reg: Register, shell: Shell, row_id: str) -> RecordDialog:
        """Opens a window with a record."""
        made = cls(access, reg, shell)
        if made.panel.load(row_id):
            made.open()
        return made

    @classmethod
    def begin(cls, access: Access, reg: Register, shell: Shell, preset: Mapping[str, str], then: Callable[[str], object] | None = None) -> RecordDialog:
        """Opens a window for a new record with what is given. With `then` it closes once the record is saved, and `then` gets its id."""
        made = cls(access, reg, shell)
        if then is not None:
            made.panel.saved.connect(lambda row_id: QTimer.singleShot(0, made, lambda: made.close_saved(row_id, then)))
        made.panel.begin(preset)
        made.open()
        made.panel.form.focus_first()
        return made

    def close_saved(self, row_id: str, then: Callable[[str], object]) -> None:
        """Leave what was saved, unless the next one is being typed already (保存并新增)."""
        if self.panel.row_id == row_id:
            self.accept()
        then(row_id)

    def reject(self) -> None:
        """Esc and the corner cross ask when something would be lost."""
        self.panel.form.leave()

    def closeEvent(self, event: QCloseEvent) -> None:
        """As reject."""
        if self.panel.form.may_leave():
            event.accept()
        else:
            event.ignore()

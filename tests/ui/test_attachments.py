"""Files that hang on a record: opened as copies under their own names, which do not outlive the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from relocdesk.actions.documents import attach
from relocdesk.records import register
from tests import make
from ui.access import Access
from ui.attachments_panel import AttachmentsPanel
from ui.shell import Shell


class Viewer(QObject):
    """Stands where the desktop's own programs do."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Path] = []

    @Slot(QUrl)
    def see(self, url: QUrl) -> None:
        self.opened.append(Path(url.toLocalFile()))


def test_copies_that_were_opened_go_with_the_window(qtbot: QtBot, access: Access, window: Shell, tmp_path: Path) -> None:
    letter = tmp_path / "来信.txt"
    letter.write_text("少量了两亩", "utf-8")
    with access.book.change("登记", access.clerk) as (session, _):
        case = make.make_petition(session).id
        attach(session, access.clerk, access.book.path, "petition", case, letter)
    panel = AttachmentsPanel(access, register("petition"), window)
    qtbot.addWidget(panel)
    panel.set_record(case)
    panel.look()
    viewer = Viewer()
    QDesktopServices.setUrlHandler("file", viewer, "see")
    try:
        for _ in range(2):
            panel._open(panel.model.line(0))
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert [one.name for one in viewer.opened] == ["来信.txt", "来信.txt"]
    assert viewer.opened[0].read_text("utf-8") == "少量了两亩"
    access.close()
    assert not viewer.opened[0].parent.parent.exists()

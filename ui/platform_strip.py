"""The strip for typing into the province's platform: always on top, one key copies the field and goes on to the next.

It shows the next record's fields in the platform's order; the last one done, the record is ticked off and the next comes.
Records that changed after they were typed come first, as 需更正.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from relocdesk.errors import UserError
from relocdesk.queries.platform import Copying, copying, to_copy
from relocdesk.records.party import PlatformModule
from ui import say
from ui.access import Access, while_there
from ui.acting import Acting
from ui.parts import Chip, ElidedLabel, button, label
from ui.shell import Shell

_BESIDE = 3  # coming fields that are named
_OPEN: list[PlatformStrip] = []  # a window without a parent lives as long as somebody holds it


class PlatformStrip(QWidget):
    """A narrow window above all others. Space or Enter copies and moves on, Backspace goes back, F2 ticks the record off."""

    def __init__(self, access: Access, shell: Shell) -> None:
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.WindowStaysOnTopHint)
        self.setObjectName("strip")
        self.setProperty("look", "page")
        self.setWindowTitle("平台转录")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(470)
        self.access, self.shell = access, shell
        self.acting = Acting(access, shell)
        self.queue: list[str] = []
        self.now: Copying | None = None
        self.at = 0
        self.module = QComboBox()
        self.module.setObjectName("strip.module")
        for one in PlatformModule:
            self.module.addItem(one.label, one.value)
        self.module.currentIndexChanged.connect(lambda _index: self.look())
        self._left = label("", "muted")
        self._again = Chip("需更正", "error")
        self._title = ElidedLabel("", "muted")
        self._name = label("", "heading")
        self._value = ElidedLabel("", "title")
        self._value.setObjectName("strip.value")
        self._coming = ElidedLabel("", "small")
        self.copy = button("复制，下一项", "copy", look="primary", name="strip.copy", tip="空格或回车", on=self.copy_on)
        self.back = button("上一项", "back", look="icon", name="strip.back", tip="上一项（退格）", on=self.go_back)
        self.done = button("这条录完了", "check", name="strip.done", key="F2", on=self.tick_off)
        self.skip = button("跳过", "next", look="icon", name="strip.skip", tip="先录下一条", on=self.go_on)
        self._build()
        self.look()
        self._turn_to_work()

    def _build(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        for row in (head, foot):
            row.setSpacing(8)
        head.addWidget(self.module)
        head.addWidget(self._again)
        head.addWidget(self._title, 1)
        head.addWidget(self._left)
        foot.addWidget(self.back)
        foot.addWidget(self.copy)
        foot.addWidget(self.done)
        foot.addStretch(1)
        foot.addWidget(self.skip)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self._name)
        column.addWidget(self._value)
        column.addWidget(self._coming)
        column.addLayout(foot)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # ---- what the keys do -------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """One key for each step."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.copy_on()
        elif event.key() == Qt.Key.Key_Backspace:
            self.go_back()
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def copy_on(self) -> None:
        """Copy the field that is shown and show the next; after the last one the record may be ticked off."""
        if self.now is None or self.at >= len(self.now.fields):
            return
        QGuiApplication.clipboard().setText(self.now.fields[self.at][1])
        self.at += 1
        self._show()

    def go_back(self) -> None:
        """Show the field before."""
        self.at = max(0, self.at - 1)
        self._show()

    def go_on(self) -> None:
        """Leave this record for later."""
        if len(self.queue) > 1:
            self.queue.append(self.queue.pop(0))
            self._take()

    def tick_off(self) -> None:
        """The record stands in the platform: note it with today's date and take the next."""
        if self.now is not None and not self._changed(self.now):
            entry = self.now.entry
            self.acting.ask("platform-done", "platform_entry", [entry], fixed={"done_on": self.access.clerk.on},
                            then=while_there(self, lambda _outcome: self._ticked(entry)))  # fmt: skip

    def _ticked(self, entry: str) -> None:
        """The next record is taken, unless the clerk went on to another one meanwhile: that stays where it is."""
        if self.now is None or self.now.entry == entry:
            self.look()
            return
        now, module = self.now.entry, str(self.module.currentData())
        self.queue = [now, *(one for one in self.access.read(lambda session: to_copy(session, module)) if one != now)]
        self._show()

    def _changed(self, now: Copying) -> bool:
        """Whether the record was changed while it was being copied: then it is shown anew, so that nothing old counts as typed."""
        fresh = self.access.read(partial(copying, entry=now.entry))
        if fresh is None or fresh.fields == now.fields:
            return False
        changed = [name for (name, old), (_, new) in zip(now.fields, fresh.fields, strict=False) if old != new]
        self.now, self.at = fresh, next((n for n, (name, _) in enumerate(fresh.fields) if name in changed), 0)
        self._show()
        say.trouble(UserError(f"这条记录刚才改过：{'、'.join(changed) or '栏目'}", hint="请在平台上改过来，再登记录完"), self)
        return True

    def _turn_to_work(self) -> None:
        """Begin with the first module that has something left to type."""
        waiting = (n for n in range(self.module.count()) if self.access.read(partial(to_copy, module=str(self.module.itemData(n)))))
        self.module.setCurrentIndex(next(waiting, 0))

    # ---- showing ----------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what is left to type in this module."""
        module = str(self.module.currentData())
        self.queue = self.access.read(lambda session: to_copy(session, module))
        self._take()

    def _take(self) -> None:
        self.now, self.at = None, 0
        try:
            if self.queue:
                self.now = self.access.read(partial(copying, entry=self.queue[0]))
        except UserError as error:
            self._name.setText("设置有误")
            self._value.setText(str(error))
            return
        self._show()

    def _show(self) -> None:
        self._left.setText(f"还有 {len(self.queue)} 条" if self.queue else "")
        fields = self.now.fields if self.now is not None else ()
        self._again.setVisible(self.now is not None and self.now.again)
        self._title.setText(self.now.title if self.now is not None else "")
        over = self.at >= len(fields)
        if self.now is None:
            name, value = "这个模块没有要录的了", "到“党建廉政—年度一览”点“列入…”"
        elif over:
            name, value = "这条的栏目都复制过了", "按 F2 登记录完，接着录下一条"
        else:
            name, value = f"{self.at + 1}/{len(fields)}　{fields[self.at][0]}", fields[self.at][1] or "（空，跳过即可）"
        self._name.setText(name)
        self._value.setText(value)
        self._coming.setText("接着：" + " → ".join(words for words, _ in fields[self.at + 1 : self.at + 1 + _BESIDE]) if fields[self.at + 1 :] else "")
        self.copy.setEnabled(not over)
        self.back.setEnabled(self.at > 0)
        self.done.setEnabled(self.now is not None and self.acting.allowed("platform-done", "platform_entry"))
        self.skip.setEnabled(len(self.queue) > 1)
        self.setFocus()  # whatever was clicked, the keys belong to the strip

    def closeEvent(self, event: QCloseEvent) -> None:
        """It is forgotten."""
        if self in _OPEN:
            _OPEN.remove(self)
        super().closeEvent(event)


def open_strip(access: Access, shell: Shell) -> PlatformStrip:
    """The strip of this book, in front; there is only one. It goes with the window."""
    for one in list(_OPEN):
        one.close()
    made = PlatformStrip(access, shell)
    _OPEN.append(made)
    shell.left.connect(made.close)
    made.show()
    made.raise_()
    made.activateWindow()
    return made

"""F1: what to do on this page, and the keys of the whole window."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSplitter, QTextBrowser, QVBoxLayout, QWidget

from relocdesk import resource
from ui import theme
from ui.parts import button, label
from ui.texts import Column, Row, TextTable

KEYS: tuple[tuple[str, str], ...] = (
    ("Ctrl+1 … Ctrl+9", "切换左边的页面"), ("Ctrl+K", "搜索整本台账：姓名、首字母、编号、证号后四位"), ("F1", "这一页怎么用"), ("F5", "重新读取"),
    ("Ctrl+L", "换人操作（也可以点右下角的姓名）"),
    ("Ctrl+Z", "撤销上一步操作"), ("Ctrl+N", "新增一条"), ("Ctrl+F", "在这一页里查找"), ("Ctrl+P", "打印"), ("F2 或 回车", "打开选中的一条"),
    ("Ctrl+C", "带表头复制，可贴到 Excel"), ("Ctrl+V", "把 Excel 里复制的表块贴进来"), ("Ctrl+S", "保存"), ("Ctrl+回车", "保存并接着录下一条"),
    ("回车 / Shift+回车", "到下一栏 / 上一栏"), ("Ctrl+'", "照上一条填这一栏"), ("Esc", "关闭，内容没保存会问"), ("Ctrl+Delete", "删除（可以恢复）"),
    ("+ − [ ] t", "日期栏：加减一天、一月，今天"), ("Ctrl+= / Ctrl+-", "单据放大、缩小"),
)  # fmt: skip


@cache
def text_of(page: str) -> str:
    """The page's help as Markdown; the general one where a page has none of its own."""
    path = resource("help") / f"{page}.md"
    return (path if path.is_file() else resource("help") / "general.md").read_text(encoding="utf-8")


class HelpDialog(QDialog):
    """The page's help at the left, the keys at the right."""

    def __init__(self, page: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle("帮助")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(960, 560)
        self.text = QTextBrowser()
        self.text.setObjectName("help.text")
        self.text.setOpenExternalLinks(False)
        self.text.document().setDefaultFont(theme.current().font())
        self.text.setMarkdown(text_of(page))
        keys = TextTable((Column("按键", 18), Column("做什么", 40)), name="help.keys")
        keys.set_rows([Row(key, (key, what)) for key, what in KEYS])
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label("键盘", "heading"))
        column.addWidget(keys, 1)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self.text)
        split.addWidget(right)
        split.setSizes([450, 490])
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("知道了", look="primary", name="help.close", on=self.accept))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addWidget(split, 1)
        whole.addLayout(foot)

"""The window without a screen: pictures of widgets, and the window's part of the self-check of a built program."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QEventLoop, QLocale, QTimer
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics, QImage, QImageReader
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from relocdesk.book import Book
from relocdesk.records.reference import Role
from ui import theme

SETTLE_MS = 60
LOADING_MS = 900  # a page reads its rows off the window's thread
PICTURED = ("home", "household", "parcel", "asset", "agreement", "payment", "fund")
RARE = "移民户䶮㛃堃𬌗"  # the last ones come from the fallback face


def application() -> QApplication:
    """The running QApplication, or a new one without a screen, with our fonts, language and theme."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        return app
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication(["relocdesk"])
    theme.prepare(app)
    return app


def picture(widget: QWidget, path: Path, width: int = 1280, height: int = 680) -> QImage:
    """Draw a widget in the given size into a PNG file (more pixels under QT_SCALE_FACTOR) and return it."""
    widget.resize(width, height)
    widget.show()
    _pause(SETTLE_MS)
    image = widget.grab().toImage()
    if not image.save(str(path)):
        raise OSError(f"cannot write {path}")
    return image


def selfcheck() -> list[str]:
    """What would be wrong on the screen of this machine, in Chinese; an empty list is good. Leaves nothing behind."""
    from ui.frame import PageSpec  # noqa: PLC0415 -- slow import
    from ui.shell import Shell  # noqa: PLC0415 -- slow import
    from ui.work import Desk  # noqa: PLC0415 -- slow import

    application()
    wrong = [*_font_trouble(), *_qt_trouble()]
    desk = Desk()
    with tempfile.TemporaryDirectory() as folder:
        page = PageSpec("home", "首页", "", "home", _sample)
        shell = Shell([page], desk=desk, memory={}, log_file=Path(folder) / "log.txt")
        shell.set_book("自检", "移民办公室")
        shell.show_page("home")
        image = picture(shell, Path(folder) / "shell.png")
        if len(colours(image)) < 8:
            wrong.append("窗口画不出来，画面是空白的")
        shell.close()
        shell.deleteLater()
    desk.close()
    return wrong


def pictures(book: Path, folder: Path) -> list[Path]:
    """Pictures of a book's main pages as PNG files in a folder, opened for looking only; for showing without a screen."""
    from ui.app import Program  # noqa: PLC0415 -- slow import

    application()
    program = Program(folder / "window.log", {})
    shell = program.use(Book.open(book, write=False), ("", str(Role.ADMIN), ""))
    made = []
    try:
        for n, key in enumerate(PICTURED, 1):
            shell.show_page(key)
            _pause(LOADING_MS)
            made.append(folder / f"画面{n}-{key}.png")
            picture(shell, made[-1])
    finally:
        shell.close()
    return made


def _pause(ms: int) -> None:
    pause = QEventLoop()
    QTimer.singleShot(ms, pause.quit)
    pause.exec()


def colours(image: QImage) -> set[int]:
    """The different colours on a grid of points; a blank picture has one."""
    across = range(0, image.width(), 4)
    return {image.pixel(x, y) for y in range(0, image.height(), 4) for x in across}


def _font_trouble() -> list[str]:
    wrong = [f"字体文件读不出来：{name}" for name in theme.load_fonts()]
    family = QFontInfo(theme.current().font()).family()
    if family != theme.FAMILIES[0]:
        wrong.append(f"界面字体不是 {theme.FAMILIES[0]}，而是 {family}")
    metrics = [QFontMetrics(_face(name)) for name in theme.FAMILIES]
    wrong += [f"字体里没有“{one}”字" for one in RARE if not any(m.inFontUcs4(ord(one)) for m in metrics)]
    return wrong


def _face(family: str) -> QFont:
    font = theme.current().font()
    font.setFamilies([family])
    return font


def _qt_trouble() -> list[str]:
    wrong = []
    if b"svg" not in [bytes(kind.data()) for kind in QImageReader.supportedImageFormats()]:
        wrong.append("缺少 SVG 图标插件，图标显示不出来")
    if QApplication.translate("QPlatformTheme", "Cancel") != "取消":
        wrong.append("缺少 Qt 的中文翻译，日历和文件窗口会显示英文")
    if QLocale().language() is not QLocale.Language.Chinese:
        wrong.append("界面语言不是中文")
    return wrong


def _sample() -> QWidget:
    from ui.parts import Card, label  # noqa: PLC0415 -- slow import

    page = QWidget()
    card = Card("自检")
    card.body.addWidget(label("移民户 1,286 户 · 4,120 人 · 3,215.40 亩 · 12,345,678.90 元"))
    QVBoxLayout(page).addWidget(card)
    return page

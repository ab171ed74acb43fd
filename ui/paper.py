"""Paper on the screen and on its way to the printer: preview of a PDF with pages, zoom and search; printing; 另存.

The preview is the PDF itself, drawn by pypdfium2, so what is seen is what comes out.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
from collections import OrderedDict
from functools import cache, partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QKeySequence, QPainter, QPaintEvent, QShortcut, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from relocdesk.errors import UserError
from relocdesk.files import plain_error
from ui import theme
from ui.parts import button, dress_search, label

ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
GAP = 12
KEPT = 12  # drawn pages
_POINT = 96 / 72  # screen pixels of a point at 100 %


class PaperView(QWidget):
    """A PDF to look at. Ctrl+F searches, PageUp and PageDown turn, Ctrl and + − or the wheel zoom.

    `page_changed(number, of)` when another page comes into sight.
    """

    page_changed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None, *, name: str = "paper") -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._sheet = _Sheets()
        self._area = QScrollArea()
        self._area.setWidget(self._sheet)
        self._area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._area.setWidgetResizable(False)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # or its coming and going would change the fit
        self._area.verticalScrollBar().valueChanged.connect(lambda _value: self._moved())
        self._fit = True
        self._told = label("", "muted")
        self._words = QLineEdit()
        self._words.setObjectName(f"{name}.search")
        self._words.setPlaceholderText("在单据里查找")
        self._words.setMaximumWidth(180)
        dress_search(self._words)
        self._words.returnPressed.connect(self.find_next)
        self._words.textChanged.connect(lambda _text: self._search())
        self._hits: list[tuple[int, QRectF]] = []
        self._hit = -1
        bar = QHBoxLayout()
        bar.setSpacing(4)
        bar.addWidget(button("上一页", "up", look="icon", name=f"{name}.previous", on=lambda: self.turn(-1)))
        bar.addWidget(button("下一页", "down", look="icon", name=f"{name}.next", on=lambda: self.turn(1)))
        bar.addWidget(self._told)
        bar.addStretch(1)
        bar.addWidget(self._words)
        bar.addWidget(button("缩小", "minus", look="icon", name=f"{name}.smaller", tip="缩小（Ctrl+-）", on=lambda: self.step_zoom(-1)))
        bar.addWidget(button("放大", "add", look="icon", name=f"{name}.larger", tip="放大（Ctrl+=）", on=lambda: self.step_zoom(1)))
        bar.addWidget(button("整宽", look="small", name=f"{name}.fit", tip="按窗口宽度显示", on=self.fit))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addWidget(self._area, 1)
        self.setFocusProxy(self._area)
        for keys, on in (("Ctrl++", lambda: self.step_zoom(1)), ("Ctrl+=", lambda: self.step_zoom(1)), ("Ctrl+-", lambda: self.step_zoom(-1)),
                         ("Ctrl+F", self._words.setFocus)):  # fmt: skip
            made = QShortcut(QKeySequence(keys), self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.activated.connect(lambda on=on: on())

    # ---- what the owner uses ----------------------------------------------------------------------------------------

    def show_pdf(self, pdf: bytes) -> None:
        """Show this file, from its first page."""
        self._sheet.open(pdf)
        self._hits, self._hit = [], -1
        self._refit()
        self._area.verticalScrollBar().setValue(0)
        self._moved()

    def clear(self) -> None:
        """Show nothing."""
        self._sheet.open(b"")
        self._told.setText("")

    def hideEvent(self, event: QHideEvent) -> None:
        """Drawn pages are given back; the file stays."""
        self._sheet.forget()
        super().hideEvent(event)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._sheet.sizes)

    @property
    def page(self) -> int:
        """The page in sight, from 1; 0 without pages."""
        return self._sheet.at(self._area.verticalScrollBar().value() + 40) + 1 if self.pages else 0

    def go_to(self, page: int) -> None:
        """Bring a page (from 1) into sight."""
        if 1 <= page <= self.pages:
            self._area.verticalScrollBar().setValue(self._sheet.top(page - 1))

    def turn(self, step: int) -> None:
        """Pages on or back."""
        self.go_to(self.page + step)

    def step_zoom(self, step: int) -> None:
        """The next larger or smaller size."""
        now = self._sheet.zoom
        wanted = [one for one in ZOOMS if (one > now + 0.01 if step > 0 else one < now - 0.01)]
        if wanted:
            self._fit = False
            self._set_zoom(wanted[0] if step > 0 else wanted[-1])

    def fit(self) -> None:
        """As wide as there is room."""
        self._fit = True
        self._refit()

    def look_for(self, words: str) -> int:
        """Mark where a text stands and go to the first; how often it was found."""
        self._words.setText(words)
        return len(self._hits)

    def find_next(self) -> None:
        """Go to the next place found."""
        if self._hits:
            self._hit = (self._hit + 1) % len(self._hits)
            page, box = self._hits[self._hit]
            self._sheet.mark(self._hits, self._hit)
            self._area.verticalScrollBar().setValue(max(0, self._sheet.top(page) + int(box.top() * self._sheet.scale) - 80))

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _search(self) -> None:
        words = self._words.text().strip()
        self._hits = self._sheet.search(words) if words else []
        self._hit = -1
        self._sheet.mark(self._hits, -1)
        self.find_next()
        self._moved()

    def _set_zoom(self, zoom: float) -> None:
        page = self.page
        self._sheet.set_zoom(zoom)
        self.go_to(page)
        self._moved()

    def _refit(self) -> None:
        if self._fit and self._sheet.sizes:
            wide = max(width for width, _ in self._sheet.sizes) * _POINT
            self._set_zoom(max(0.3, min(2.0, (self._area.viewport().width() - 2 * GAP) / wide)))

    def _moved(self) -> None:
        found = f"，找到 {len(self._hits)} 处" if self._hits else ("，没有找到" if self._words.text().strip() else "")
        self._told.setText(f"第 {self.page} / {self.pages} 页 · {self._sheet.zoom * 100:.0f}%{found}" if self.pages else "")
        self.page_changed.emit(self.page, self.pages)

    def resizeEvent(self, event: Any) -> None:
        """The width of the window is the width of the page."""
        super().resizeEvent(event)
        self._refit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step_zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)


class _Sheets(QWidget):
    """The pages below each other, drawn when they come into sight."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[tuple[float, float]] = []  # points
        self.zoom = 1.0
        self._pdf: Any = None
        self._held: list[Any] = []  # the open file, for the moment this widget goes
        self.destroyed.connect(partial(_close_all, self._held))
        self._drawn: OrderedDict[tuple[int, float], QImage] = OrderedDict()
        self._marks: list[tuple[int, QRectF]] = []
        self._mark = -1

    @property
    def scale(self) -> float:
        """Pixels of a point."""
        return self.zoom * _POINT

    def open(self, pdf: bytes) -> None:
        """Take another file."""
        _close_all(self._held)
        self._pdf, self.sizes = None, []
        self._drawn.clear()
        self._marks = []
        if pdf:
            import pypdfium2  # noqa: PLC0415 -- slow import

            _close_at_exit()
            self._pdf = pypdfium2.PdfDocument(pdf)
            _OPEN.add(self._pdf)
            self._held.append(self._pdf)
            self.sizes = [self._pdf.get_page_size(number) for number in range(len(self._pdf))]
        self._place()

    def forget(self) -> None:
        """Drop what was drawn."""
        self._drawn.clear()

    def set_zoom(self, zoom: float) -> None:
        """Draw in another size."""
        self.zoom = zoom
        self._drawn.clear()
        self._place()

    def mark(self, marks: list[tuple[int, QRectF]], current: int) -> None:
        """Show these places."""
        self._marks, self._mark = marks, current
        self.update()

    def top(self, page: int) -> int:
        """Where a page begins."""
        return GAP + sum(round(high * self.scale) + GAP for _, high in self.sizes[:page]) - GAP // 2

    def at(self, y: int) -> int:
        """The page at a height."""
        for number in range(len(self.sizes)):
            if y < self.top(number + 1):
                return number
        return max(0, len(self.sizes) - 1)

    def search(self, words: str) -> list[tuple[int, QRectF]]:
        """Page and box (points from the top left) of every place of a text."""
        found = []
        for number in range(len(self.sizes)):
            page = self._pdf[number]
            text = page.get_textpage()
            finder = text.search(words)
            while (hit := finder.get_next()) is not None:
                for n in range(text.count_rects(*hit)):
                    left, bottom, right, top = text.get_rect(n)
                    found.append((number, QRectF(left, self.sizes[number][1] - top, right - left, top - bottom)))
            finder.close()
            text.close()
            page.close()
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Only the pages in sight."""
        painter = QPainter(self)
        look = theme.current()
        for number, (wide, high) in enumerate(self.sizes):
            box = QRectF((self.width() - wide * self.scale) / 2, self.top(number), wide * self.scale, high * self.scale)
            if not box.intersects(QRectF(event.rect())):
                continue
            painter.drawImage(box.topLeft(), self._image(number))
            painter.setPen(look.colour("line"))
            painter.drawRect(box)
            for index, (page, mark) in enumerate(self._marks):
                if page == number:
                    tint = QColor(look.colour("warn"))
                    tint.setAlpha(110 if index == self._mark else 55)
                    painter.fillRect(QRectF(box.left() + mark.left() * self.scale, box.top() + mark.top() * self.scale,
                                            mark.width() * self.scale, mark.height() * self.scale), tint)  # fmt: skip

    def _image(self, number: int) -> QImage:
        ratio = self.devicePixelRatioF()
        key = (number, ratio)
        if key not in self._drawn:
            image = draw_page(self._pdf, number, self.scale * ratio)
            image.setDevicePixelRatio(ratio)
            self._drawn[key] = image
            if len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
        return self._drawn[key]

    def _place(self) -> None:
        wide = max((width for width, _ in self.sizes), default=0) * self.scale + 2 * GAP
        self.resize(QSize(round(wide), self.top(len(self.sizes)) + GAP))
        self.update()


_OPEN: WeakSet[Any] = WeakSet()


@cache
def _close_at_exit() -> None:
    """Files still shown when the program ends are closed before the library goes; call it after its import."""
    atexit.register(lambda: _close_all(list(_OPEN)))


def _close_all(held: list[Any], *_gone: object) -> None:
    while held:
        held.pop().close()


def draw_page(pdf: Any, number: int, scale: float) -> QImage:
    """A page of an open PDF as a picture; `scale` in pixels of a point."""
    page = pdf[number]
    bitmap = page.render(scale=scale, rev_byteorder=True)
    image = QImage(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride,
                   {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBX8888}[bitmap.n_channels]).copy()  # fmt: skip
    bitmap.close()
    page.close()
    return image


# --- the printer -----------------------------------------------------------------------------------------------------


def _on_linux() -> bool:
    return sys.platform.startswith("linux")


def queues() -> list[str]:
    """The printers of this machine, the usual one first."""
    if _on_linux():
        return _queues_of_cups()
    from PySide6.QtPrintSupport import QPrinterInfo  # noqa: PLC0415 -- slow import

    usual = QPrinterInfo.defaultPrinterName()
    names = list(QPrinterInfo.availablePrinterNames())
    return sorted(names, key=lambda name: name != usual)


def _queues_of_cups() -> list[str]:
    if shutil.which("lpstat") is None:
        return []
    try:
        names = subprocess.run(["lpstat", "-e"], capture_output=True, text=True, timeout=10, check=False).stdout.split()
        told = subprocess.run(["lpstat", "-d"], capture_output=True, text=True, timeout=10, check=False, env=_plain_words()).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    usual = told.rpartition(":")[2].strip()
    return sorted(names, key=lambda name: name != usual)


def _plain_words() -> dict[str, str]:
    import os  # noqa: PLC0415 -- only here

    return {**os.environ, "LC_ALL": "C"}


def send(pdf: Path, queue: str, copies: int = 1) -> None:
    """Prints a file on a queue. Raises UserError saying what the printer's service answered."""
    if _on_linux():
        command = ["lp", "-d", queue, "-n", str(copies), "-o", "sides=one-sided", str(pdf)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UserError("打印服务没有响应", hint="请检查打印机是否开机，或先另存 PDF") from error
        if done.returncode:
            raise UserError(f"“{queue}”没有接收：{done.stderr.strip() or '打印服务拒绝'}", hint="请换一台打印机，或先另存 PDF")
        return
    _send_raster(pdf, queue, copies)


def _send_raster(pdf: Path, queue: str, copies: int) -> None:
    import pypdfium2  # noqa: PLC0415 -- slow import
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo  # noqa: PLC0415 -- slow import

    printer = QPrinter(QPrinterInfo.printerInfo(queue), QPrinter.PrinterMode.HighResolution)
    printer.setFullPage(True)
    printer.setCopyCount(copies)
    document = pypdfium2.PdfDocument(pdf)
    painter = QPainter()
    try:
        if not painter.begin(printer):
            raise UserError(f"“{queue}”打不开", hint="请检查打印机是否开机，或先另存 PDF")
        for number in range(len(document)):
            if number:
                printer.newPage()
            image = draw_page(document, number, min(printer.resolution(), 300) / 72)
            painter.drawImage(QRectF(painter.viewport()), image)
    finally:
        painter.end()
        document.close()


def save_copy(pdf: Path, target: Path) -> None:
    """另存: the file under another name. Raises UserError when it cannot be written."""
    try:
        shutil.copyfile(pdf, target)
    except OSError as error:
        raise plain_error(error, target) from error



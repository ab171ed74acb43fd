"""Writes text and lines on the pages of one PDF. The only place that touches the PDF library's canvas.

Coordinates are points from the lower left corner of the page. Every page is packed as soon as it is done, so that a
file of a thousand agreements stays small in memory.
"""

from __future__ import annotations

import itertools
import re
import threading
import zlib
from typing import IO, Any

from relocdesk.printing import fonts

HAIR = 0.5
_serials = itertools.count(1)
_embedding = threading.Lock()  # a face reads its file at one place at a time
_LONG_CODE = re.compile("<([0-9A-F]{5,6})>")


def _as_utf16(found: re.Match[str]) -> str:
    """A code point beyond 16 bits as the pair a reader expects: the library writes it plainly, and a name copied or
    searched in the paper would come out as another character."""
    return f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>"


class _Codes(dict[str, tuple[str, str]]):
    """Character → (font resource, hexadecimal code) of one face in one document."""

    def __init__(self, name: str, document: Any) -> None:
        super().__init__()
        self.font = fonts.face(name)
        self.document = document

    def __missing__(self, char: str) -> tuple[str, str]:
        subset, code = self.font.splitString(char, self.document)[0]
        found = (self.font.getSubsetInternalName(subset, self.document), code.hex())
        self[char] = found
        return found


class Pen:
    """Draws on the current page of a PDF written to `target` when `close` is called."""

    def __init__(self, target: IO[bytes], size: tuple[float, float], *, title: str = "", author: str = "") -> None:
        from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 -- slow import

        fonts.face(fonts.UNIVERSAL)
        self._canvas: Any = Canvas(
            target, pagesize=size, pageCompression=1, invariant=1, initialFontName=fonts.UNIVERSAL, lang="zh-CN"
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(title)
        self._canvas.setCreator("RelocDesk")
        self._canvas.setProducer("RelocDesk")
        self._document: Any = self._canvas._doc
        self._codes: dict[str, _Codes] = {}
        self._out: list[str] = []
        self.serial = next(_serials)
        self.pages = 0

    def encode(self, name: str, size: float, text: str) -> str:
        """Operators that show `text`, all of whose characters the face `name` draws, at the current point."""
        codes = self._codes.get(name)
        if codes is None:
            codes = self._codes[name] = _Codes(name, self._document)
        pairs = [codes[char] for char in text]
        resource = pairs[0][0]
        if all(pair[0] == resource for pair in pairs):
            return f"{resource} {size:g} Tf <{''.join([pair[1] for pair in pairs])}> Tj"
        return " ".join(
            f"{resource} {size:g} Tf <{''.join([pair[1] for pair in group])}> Tj"
            for resource, group in itertools.groupby(pairs, lambda pair: pair[0])
        )

    def add(self, code: str) -> None:
        """Puts ready operators on the page."""
        self._out.append(code)

    def text(self, x: float, y: float, text: str, role: str, size: float) -> float:
        """Draws one line with its base line at `y`, frames for missing characters; gives its width in points."""
        x0 = x
        parts = [f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm 0 Tc"]
        for name, piece in fonts.runs(text, role):
            wide = fonts.width(piece, role, size)
            if name:
                parts.append(self.encode(name, size, piece))
            else:
                parts.append(self.skip(len(piece) * fonts.FRAME, size))
                for n in range(len(piece)):
                    self.frame(x + n * size, y, size)
            x += wide
        parts.append("ET")
        self._out.append(" ".join(parts))
        return x - x0

    def centred(self, x: float, y: float, text: str, role: str, size: float) -> None:
        """Draws one line with its middle at `x`."""
        self.text(x - fonts.width(text, role, size) / 2, y, text, role, size)

    def right(self, x: float, y: float, text: str, role: str, size: float) -> None:
        """Draws one line that ends at `x`."""
        self.text(x - fonts.width(text, role, size), y, text, role, size)

    def skip(self, thousandths: float, size: float) -> str:
        """Operators that move on without drawing. Needs a face to be set, so it sets the universal one."""
        return f"{self.encode(fonts.UNIVERSAL, size, ' ').split(' Tf')[0]} Tf [{-thousandths:.1f}] TJ"

    def frame(self, x: float, y: float, size: float) -> None:
        """The empty frame, one character wide, that stands for a character no face can draw."""
        inset = size * 0.05
        self.box(x + inset, y - size * 0.12 + inset, size - 2 * inset, size - 2 * inset)

    def line(self, x1: float, y1: float, x2: float, y2: float, thick: float = HAIR) -> None:
        """A straight line, `thick` points."""
        self._out.append(f"{thick:g} w {x1:.2f} {y1:.2f} m {x2:.2f} {y2:.2f} l S")

    def box(self, x: float, y: float, wide: float, high: float, thick: float = HAIR) -> None:
        """An empty rectangle from its lower left corner."""
        self._out.append(f"{thick:g} w {x:.2f} {y:.2f} {wide:.2f} {high:.2f} re S")

    def grid(self, edges: list[float], top: float, bottom: float, thick: float = HAIR) -> None:
        """A row of cells: the frame from the first to the last edge and the upright lines between."""
        parts = [f"{thick:g} w {edges[0]:.2f} {bottom:.2f} {edges[-1] - edges[0]:.2f} {top - bottom:.2f} re"]
        parts += [f"{x:.2f} {top:.2f} m {x:.2f} {bottom:.2f} l" for x in edges[1:-1]]
        parts.append("S")
        self._out.append(" ".join(parts))

    def fill(self, rectangles: list[tuple[float, float, float, float]]) -> None:
        """Black rectangles (x, y, width, height) as one path."""
        self._out.append(" ".join([f"{x:.3f} {y:.3f} {w:.3f} {h:.3f} re" for x, y, w, h in rectangles]) + " f")

    def dashed(self, x: float, y: float, wide: float, high: float) -> None:
        """A dashed rectangle, for a seal or a fingerprint."""
        self._out.append(f"q {HAIR:g} w [2 2] 0 d {x:.2f} {y:.2f} {wide:.2f} {high:.2f} re S Q")

    def end_page(self, size: tuple[float, float]) -> None:
        """Finishes the page of `size` and packs it."""
        from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream  # noqa: PLC0415 -- slow import

        self._canvas.setPageSize(size)
        name = self._document.thisPageName()
        self._canvas.showPage()
        page = self._document.idToObject[name]
        page.stream = None
        packed = zlib.compress("\n".join(self._out).encode("ascii"), 6)
        page.Contents = PDFStream(PDFDictionary({"Filter": PDFName("FlateDecode")}), packed + b"\n")
        self._out = []
        self.pages += 1

    def close(self) -> None:
        """Embeds the faces and writes the file."""
        with _embedding:
            for font in self._document.delayedFonts:
                font.addObjects(self._document)
        self._document.delayedFonts = []
        for name, thing in self._document.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                thing.content = _LONG_CODE.sub(_as_utf16, thing.content)
        self._canvas._code = []
        self._document.SaveToFile(self._canvas._filename, self._canvas)

"""The text of one cell of a table or form: set in its room, in one line when it fits, and drawn in the cell's middle.

Kept apart from paragraphs because a roster has ten thousand of them and most are one short line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

from relocdesk.printing import fonts
from relocdesk.printing.paragraph import Line, Span, Style, Text, set_lines, whole
from relocdesk.printing.pen import HAIR, Pen

CellAlign = Literal["left", "center", "right"]
Pieces = tuple[tuple[str, str], ...]  # (face, text drawn with it)
PAD = 3.0  # white at either side of a cell
_NARROWEST = 0.68  # a figure or number that does not fit is set smaller, down to this share, before it is cut


@dataclass(frozen=True, slots=True)
class Look:
    """How cells of one kind are set: face, size and line distance in points, alignment."""

    role: str = "song"
    size: float = 10.5
    leading: float = 14.5
    align: CellAlign = "left"


@lru_cache(maxsize=8192)
def _measured(text: str, role: str) -> tuple[float, Pieces, bool]:
    """Width in thousandths, the pieces by face, and whether it may stand as one plain line (no break, no gap)."""
    text = fonts.clean(text)
    if "\n" in text:
        return 0.0, (), False
    wide = sum(map(fonts.widths(role).__getitem__, text))
    known = fonts.faces(role)
    pieces = tuple((name, "".join(group)) for name, group in groupby(text, known.__getitem__))
    return wide, pieces, all(name for name, _ in pieces)


class Cell:
    """Text set in `room` points: `height` without white above and below. `draw` centres it in a given height."""

    __slots__ = ("height", "lines", "look", "pieces", "room", "size", "stack", "wide")

    def __init__(self, text: Text, look: Look, room: float) -> None:
        self.look, self.room, self.size = look, room, look.size
        self.lines: Sequence[Line] = ()
        self.pieces: Pieces = ()
        self.stack: list[tuple[float, float, Pieces]] = []  # lines one under the other that fit: width, size, pieces
        self.wide = 0.0
        self.height = look.leading
        if not isinstance(text, str):
            self._wrap(tuple(text))
        elif "\n" in text:
            self._pile(text)
        elif text:
            self.wide, self.size, self.pieces = self._fitted(text)
            if not self.pieces:
                self._wrap((Span(text),))

    def _fitted(self, text: str) -> tuple[float, float, Pieces]:
        """Width, size and pieces of a text that fits in one line, a number or date that nearly does set smaller; no pieces: neither."""
        look, room = self.look, self.room
        wide, pieces, plain = _measured(text, look.role)
        wide *= look.size / 1000
        if plain and wide <= room:
            return wide, look.size, pieces
        if plain and wide * _NARROWEST <= room and len(whole(text)) == len(text) - 1:
            return room, look.size * room / wide * 0.999, pieces
        return wide, look.size, ()

    def _pile(self, text: str) -> None:
        """Lines given as such; set like a paragraph when one of them does not fit."""
        parts = text.split("\n")
        stack = [self._fitted(part) for part in parts]
        if all(pieces or not part for part, (_, _, pieces) in zip(parts, stack, strict=True)):
            self.stack, self.height = stack, self.look.leading * len(parts)
        else:
            self._wrap((Span(text),))

    def _wrap(self, spans: tuple[Span, ...]) -> None:
        look = self.look
        self.lines = set_lines(spans, Style(look.role, look.size, look.leading, 0.0, look.align), self.room)
        self.height = look.leading * len(self.lines)

    def draw(self, pen: Pen, x: float, top: float, high: float) -> None:
        """Draws the text between x and x + room, in the middle of `high` points below `top`."""
        look = self.look
        if self.pieces:
            self._draw_line(pen, x, top - high / 2 - (fonts.ASCENT - 0.5) * self.size, self.wide, self.size, self.pieces)
            return
        base = top - (high - self.height) / 2 - (look.leading - look.size) / 2 - fonts.ASCENT * look.size
        if self.stack:
            for wide, size, pieces in self.stack:
                if pieces:
                    self._draw_line(pen, x, base, wide, size, pieces)
                base -= look.leading
        elif self.lines:
            for line in self.lines:
                line.draw(pen, x, base)
                base -= look.leading

    def _draw_line(self, pen: Pen, x: float, base: float, wide: float, size: float, pieces: Pieces) -> None:
        spare, align = self.room - wide, self.look.align
        x += spare if align == "right" else spare / 2 if align == "center" else 0.0
        shown = " ".join([pen.encode(name, size, piece) for name, piece in pieces])
        pen.add(f"BT 0 Tc 1 0 0 1 {x:.2f} {base:.2f} Tm {shown} ET")

    def slices(self, lines: int) -> list[Sequence[Line]]:
        """The lines in portions of at most `lines`, for a row taller than a page."""
        if self.pieces or self.stack:
            given = [pieces for _, _, pieces in self.stack] or [self.pieces]
            self._wrap((Span("\n".join("".join(piece for _, piece in pieces) for pieces in given)),))
        return [self.lines[n : n + lines] for n in range(0, len(self.lines), lines)]

    def portion(self, lines: Sequence[Line]) -> Cell:
        """The same cell with some of its lines only."""
        part = Cell("", self.look, self.room)
        part.lines, part.height = lines, self.look.leading * len(lines)
        return part


def edges_of(shares: Sequence[float], width: float) -> list[float]:
    """Left edges of columns `width` points wide together, and the right edge of the last one."""
    edges, total, at = [0.0], sum(shares), 0.0
    for share in shares:
        at += share
        edges.append(width * at / total)
    return edges


def row_height(cells: Sequence[Cell | None], least: float) -> float:
    """The height of a row of cells with its white, `least` points at least."""
    return max(least, max((cell.height for cell in cells if cell), default=0.0) + 2 * PAD)


def draw_row(
    pen: Pen, left: float, top: float, high: float, edges: Sequence[float], cells: Sequence[Cell | None]
) -> None:
    """Draws the frame and the cells of one row; `edges` counted from `left`, one more than cells."""
    pen.grid([left + edge for edge in edges], top, top - high, HAIR)
    for edge, cell in zip(edges, cells, strict=False):
        if cell:
            cell.draw(pen, left + edge + PAD, top, high)

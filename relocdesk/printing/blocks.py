"""Ready blocks of official papers: title, headings, label and value boxes, clauses, notes, signatures, fingerprints.

Signature blocks never stand alone on a page: two lines of text or a row of a table go with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from relocdesk.printing import fonts
from relocdesk.printing.cell import PAD, Cell, CellAlign, Look, draw_row, row_height
from relocdesk.printing.flow import Box
from relocdesk.printing.paragraph import BODY, LineDrawer, Paragraph, Span, Style, Text, set_lines, spans_of
from relocdesk.printing.pen import HAIR, Pen
from relocdesk.rules.days import chinese_date

MM = 72 / 25.4
_DIGITS = "零一二三四五六七八九"


def ordinal(number: int) -> str:
    """A number from 1 to 99 as clauses are counted.

    >>> [ordinal(n) for n in (1, 10, 12, 20, 31)]
    ['一', '十', '十二', '二十', '三十一']
    """
    if not 1 <= number <= 99:
        raise ValueError(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")


@dataclass(frozen=True)
class Title:
    """The title, centred, its lines balanced; `sub` is a smaller line under it (year, place, number)."""

    text: str
    size: float = 22.0
    sub: str = ""
    after: float = 10.0

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        style = Style("title", self.size, self.size * 1.45, 0.0, "center")
        spans = (Span(self.text),)
        count = len(set_lines(spans, style, width))
        narrow, wide = width / count * 0.9, width
        while wide - narrow > self.size / 4:  # the narrowest column that needs no further line
            middle = (narrow + wide) / 2
            narrow, wide = (narrow, middle) if len(set_lines(spans, style, middle)) == count else (middle, wide)
        shift = (width - wide) / 2
        lines = set_lines(spans, style, wide)
        for n, line in enumerate(lines):
            last = n == len(lines) - 1 and not self.sub
            draw = partial(_shifted, LineDrawer(line, style), shift)
            yield Box(style.leading, draw, holds=True, weight=0, after=self.after if last else 0.0)
        if self.sub:
            small = Style("kai", 14.0, 22.0, 0.0, "center", after=self.after)
            yield from Heading(self.sub, small).boxes(width, height)


def _shifted(draw: LineDrawer, shift: float, pen: Pen, left: float, top: float) -> None:
    draw(pen, left + shift, top)


LEVEL_1 = Style("hei", before=4.0)
LEVEL_2 = Style("kai")


@dataclass(frozen=True)
class Heading:
    """A heading that stays with what follows: LEVEL_1 for 一、, LEVEL_2 for （一）."""

    text: str
    style: Style = LEVEL_1

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        for box in Paragraph(self.text, self.style, weight=0).boxes(width, height):
            box.holds = True
            yield box


@dataclass(frozen=True)
class Clauses:
    """第一条, 第二条 …: texts, or (heading, text) pairs; counted from `start`."""

    items: Sequence[Text | tuple[str, Text]]
    start: int = 1
    style: Style = BODY

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        for number, item in enumerate(self.items, self.start):
            heading, spans = _clause(item)
            lead = f"第{ordinal(number)}条\u3000" + (f"{heading}\u3000" if heading else "")
            yield from Paragraph([Span(lead, role="hei"), *spans], self.style).boxes(width, height)


def _clause(item: Text | tuple[str, Text]) -> tuple[str, tuple[Span, ...]]:
    """Heading ("": none) and spans of one clause."""
    if isinstance(item, str):
        return "", (Span(item),)
    first, *rest = item
    if isinstance(first, str):
        return first, tuple(span for text in rest for span in _spans(text))
    return "", tuple(span for part in item for span in _spans(part))


def _spans(text: Text | Span) -> tuple[Span, ...]:
    return (text,) if isinstance(text, Span) else spans_of(text)


def issued(office: str, day: str, style: Style, *, before: float = 0.0) -> list[Paragraph]:
    """Who issues a letter and when (ISO day, "" = written by hand), as GB/T 9704 sets them: never on a page without some of the text.

    The office stands centred above the date (GB/T 9704-2012, 7.3.5.1), so that a seal covers the middle of both.
    """
    written = chinese_date(day) if day else "　　　　年　　月　　日"
    over = (fonts.width(office, style.role, 1.0) - fonts.width(written, style.role, 1.0)) / 2  # characters on either side of the date
    return [Paragraph(office, replace(style, right=max(0.0, style.right - over), before=before), leans=True), Paragraph(written, style, leans=True)]


@dataclass(frozen=True)
class Notes:
    """Small print under a table: 说明：1. … 2. …; a single note is not numbered."""

    notes: Sequence[Text]
    label: str = "说明："
    size: float = 10.5
    before: float = 6.0

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        for n, note in enumerate(self.notes, 1):
            lead = self.label if n == 1 else "\u3000" * len(self.label)
            number = f"{n}. " if len(self.notes) > 1 else ""
            hang = fonts.width(lead + number, "song", 1.0)
            before = self.before if n == 1 else 0.0
            style = Style("song", self.size, self.size * 1.5, -hang, left=hang, before=before)
            yield from Paragraph([Span(lead + number), *spans_of(note)], style).boxes(width, height)


@dataclass(frozen=True)
class Facts:
    """Boxes of label and value, `across` pairs a row; a label beginning with "*" takes the rest of its row.

    `label` is the width of a label in characters.
    """

    pairs: Sequence[tuple[str, Text]]
    across: int = 2
    label: float = 5.0
    size: float = 10.5
    least: float = 22.0
    role: str = "song"
    align: CellAlign = "left"
    before: float = 0.0
    after: float = 0.0

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        rows = self._rows()
        for n, row in enumerate(rows):
            box = self._box(row, width)
            box.space = self.before if n == 0 else 0.0
            box.after = self.after if n == len(rows) - 1 else 0.0
            yield box

    def _rows(self) -> list[list[tuple[str, Text]]]:
        """The pairs by row."""
        rows: list[list[tuple[str, Text]]] = []
        for label, value in self.pairs:
            full = not rows or len(rows[-1]) == self.across or rows[-1][-1][0].startswith("*")
            if full:
                rows.append([])
            rows[-1].append((label, value))
        return rows

    def _box(self, row: list[tuple[str, Text]], width: float) -> Box:
        leading = self.size * 1.35
        name = Look("hei", self.size, leading, "center")
        look = Look(self.role, self.size, leading, self.align)
        label = self.label * self.size + 2 * PAD
        share = width / self.across
        edges, cells = [0.0], []
        for n, (title, value) in enumerate(row):
            last = n == len(row) - 1
            end = width if last else (n + 1) * share
            start = edges[-1]
            edges += [start + label, end]
            cells += [
                Cell(title.removeprefix("*"), name, label - 2 * PAD),
                Cell(value, look, end - start - label - 2 * PAD),
            ]
        high = row_height(cells, self.least)
        return Box(high, lambda pen, left, top: draw_row(pen, left, top, high, edges, cells))


@dataclass(frozen=True)
class Amount:
    """The amount in words and figures in one boxed row: `capitals` 人民币…元整, `figures` 12,345.67; stays under what it adds up."""

    capitals: str
    figures: str
    label: str = "合计（大写）"
    size: float = 12.0
    before: float = 0.0
    after: float = 0.0

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        look = Look("song", self.size, self.size * 1.35, "left")
        name = Look("hei", self.size, self.size * 1.35, "center")
        wide = [6 * self.size + 2 * PAD, 3 * self.size, 8 * self.size]
        edges = [0.0, wide[0], width - wide[1] - wide[2], width - wide[2], width]
        rooms = [b - a - 2 * PAD for a, b in pairwise(edges)]
        texts = [(self.label, name), (self.capitals, look), ("小写", name), (f"￥{self.figures}", look)]
        cells = [Cell(text, kind, room) for (text, kind), room in zip(texts, rooms, strict=True)]
        high = row_height(cells, 26.0)
        yield Box(
            high,
            lambda pen, left, top: draw_row(pen, left, top, high, edges, cells),
            glued=True,
            weight=0,
            space=self.before,
            after=self.after,
        )


@dataclass(frozen=True)
class Party:
    """One side that signs: its name, the lines to fill in, and whether a fingerprint and a date belong to it.

    A line is a label, or (label, value) when the value is known and printed on the line.
    """

    name: str
    lines: Sequence[str | tuple[str, str]] = ("签字",)
    fingerprint: bool = False
    date: str = "日期：　　　　年　　月　　日"


@dataclass(frozen=True)
class Signatures:
    """The parties side by side, `across` in a row, with lines to sign on; never alone on a page."""

    parties: Sequence[Party]
    across: int = 2
    size: float = 12.0
    before: float = 14.0
    framed: bool = False

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        for n in range(0, len(self.parties), self.across):
            row = self.parties[n : n + self.across]
            high = max(self._height(party) for party in row)
            yield Box(
                high, partial(self._draw, row, width, high), leans=True, space=0.0 if self.framed and n else self.before
            )

    @property
    def _step(self) -> float:
        return self.size * 2.1

    def _height(self, party: Party) -> float:
        lines = (1 + len(party.lines)) * self._step
        if party.fingerprint:
            lines = max(lines, FINGERPRINT + 16)
        return lines + (self._step if party.date else 0.0) + 8

    def _draw(self, row: Sequence[Party], width: float, high: float, pen: Pen, left: float, top: float) -> None:
        share = width / self.across
        inset = 5.0 if self.framed else 0.0
        for n, party in enumerate(row):
            x = left + n * share
            right = left + width if n == self.across - 1 else x + share
            if self.framed:
                pen.box(x, top - high, right - x, high, HAIR)
            self._draw_party(pen, party, x + inset, right - (inset or 10.0), top, top - high)

    def _draw_party(self, pen: Pen, party: Party, x: float, right: float, top: float, bottom: float) -> None:
        """One party; its date stands at the bottom so that the dates of a row are level."""
        base, end = top - self._step * 0.72, right
        if party.fingerprint:
            fingerprint(pen, right - FINGERPRINT, top - FINGERPRINT - 4, FINGERPRINT)
            end = right - FINGERPRINT - 8
        _fitted(pen, x, base, end - x, party.name, "hei", self.size)
        for line in party.lines:
            base -= self._step
            label, value = line if isinstance(line, tuple) else (line, "")
            start = x + _fitted(pen, x, base, (end - x) * 0.66, f"{label}：", "song", self.size)
            pen.line(start, base - 3, end, base - 3)
            if value:
                _fitted(pen, start + 2, base, end - start - 2, value, "song", self.size)
        if party.date:
            _fitted(pen, x, bottom + self._step * 0.45, right - x, party.date, "song", self.size)


def _fitted(pen: Pen, x: float, base: float, room: float, text: str, role: str, size: float) -> float:
    """Draws one line, smaller when it would not fit in `room`; its width."""
    wide = fonts.width(text, role, size)
    return pen.text(x, base, text, role, size * min(1.0, room / wide)) if wide else 0.0


FINGERPRINT = 20 * MM


def fingerprint(pen: Pen, x: float, y: float, side: float, caption: str = "右手食指手印") -> None:
    """A dashed square for a fingerprint, its caption under it."""
    pen.dashed(x, y, side, side)
    pen.centred(x + side / 2, y - 9, caption, "song", 7.5)


@dataclass(frozen=True)
class Fingerprint:
    """A fingerprint square by itself, `across` beside each other, each with its caption."""

    captions: Sequence[str] = ("右手食指手印",)
    side: float = FINGERPRINT

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        yield Box(self.side + 14, self._draw, leans=True, space=8.0)

    def _draw(self, pen: Pen, left: float, top: float) -> None:
        for n, caption in enumerate(self.captions):
            fingerprint(pen, left + n * (self.side + 24), top - self.side, self.side, caption)

"""Chinese paragraphs: where lines may end, both edges straight, bold, underlined and blank stretches in one text.

Lines never start with a closing mark nor end with an opening one (避头尾); Latin words, amounts and dates stay whole
while they fit on a line. The library's own CJK wrapping breaks these laws and does not justify.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Literal

from relocdesk.printing import fonts
from relocdesk.printing.flow import Box
from relocdesk.printing.pen import HAIR, Pen

Align = Literal["left", "center", "right", "justify"]
NO_START = frozenset("!%),.:;?]}¢°·›℃‰∶、。〃〆〕〗〞﹚﹜！＂％＇），．：；？］｝～〉》」』】’”…—–-／＞｠")
NO_END = frozenset("([{£¥‹〈《「『【〔〖〝﹙﹛＄（．［｛￡￥＜｟‘“№§")
BLANK = "\ufffc"  # stands for a stretch to be written in by hand
_PAIRS = frozenset("—…")
_DATE = re.compile(r"\d{1,4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月\d{1,2}日")
_WORDY = re.compile("[!-~\u00a1-\u024f\u0370-\u03ff\u0400-\u04ff]")
_JOINED = re.compile("[\u0300-\u036f\u3099\u309a\u20dd-\u20e0]")
_LOOSEST = 0.35  # a gap may grow by this many type sizes; a line needing more is left ragged
EPS = 0.005


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one manner. `blank` > 0: an underlined blank so many characters long, to be written in by
    hand; with text, the text stands in its middle and the blank grows with it, whole as long as it fits on a line.
    `role` changes the face of this stretch alone.
    """

    text: str = ""
    bold: bool = False
    underline: bool = False
    role: str = ""
    blank: float = 0.0


Text = str | Sequence[Span]


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph is set. Sizes in points; `indent` (first line), `left` and `right` in characters.

    The default is 3号 (15.75 points): 28 characters a line, 22 lines a page on official paper.
    """

    role: str = "fang"
    size: float = 15.75
    leading: float = 28.35
    indent: float = 2.0
    align: Align = "justify"
    left: float = 0.0
    right: float = 0.0
    before: float = 0.0
    after: float = 0.0


BODY = Style()
PLAIN = Style(indent=0.0)


def may_end(text: str, at: int) -> bool:
    """Whether a line may end before text[at], words and dates aside."""
    before = at - 1
    while before > 0 and text[before] == " ":
        before -= 1
    a, b = text[before], text[at]
    if b in NO_START or a in NO_END or b == " " or _JOINED.match(b):
        return False
    return not (a == b and a in _PAIRS)


def whole(text: str) -> set[int]:
    """The places inside words, numbers and dates, where a line ends only when the word is wider than the line."""
    inside = {n for n in range(1, len(text)) if _WORDY.match(text[n]) and _WORDY.match(text[n - 1])}
    if "年" in text or "月" in text:
        for found in _DATE.finditer(text):
            inside.update(range(found.start() + 1, found.end()))
    return inside


def break_lines(
    text: str, ends: Sequence[float], first: float, other: float, held: Set[int] = frozenset()
) -> list[tuple[int, int]]:
    """Line ranges (start, end) of `text` for a first line of `first` and other lines of `other` points.

    `ends[n]` is the width of text[: n + 1]; `held` are further places to be treated as inside a word. Spaces at a
    line end belong to that line and may hang over. When no lawful place fits, a word is cut; when that does not fit
    either, the line ends anywhere rather than overhang.
    """
    inside = whole(text) | held
    lines: list[tuple[int, int]] = []
    start, count, base, limit = 0, len(text), 0.0, first
    while start < count:
        fit = bisect_right(ends, base + limit + EPS, start)  # text[start:fit] fits
        end = _line_end(text, start, fit, count, inside)
        while end < count and text[end] == " ":
            end += 1
        lines.append((start, end))
        base = ends[end - 1]
        start, limit = end, other
    return lines


def _line_end(text: str, start: int, fit: int, count: int, inside: set[int]) -> int:
    if fit >= count:
        return count
    fit = max(fit, start + 1)
    hung = fit
    while hung < count and text[hung] == " ":
        hung += 1
    if hung == count or (hung > fit and may_end(text, hung)):
        return hung
    for end in range(fit, start, -1):
        if end not in inside and may_end(text, end):
            return end
    for end in range(fit, start, -1):
        if may_end(text, end):
            return end
    return fit


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text of one face and spacing; `face` "" draws frames, `wide` > 0 is a blank; `gap` after each character."""

    face: str
    text: str
    gap: float
    wide: float = 0.0


class Line:
    """One set line, ready to be drawn at any place. `width` is its drawn width in points."""

    __slots__ = ("_ready", "end", "frames", "offset", "pieces", "rules", "size", "start", "text", "width")

    def __init__(self, start: int, end: int, text: str, size: float) -> None:
        self.start, self.end, self.text, self.size = start, end, text, size
        self.offset = self.width = 0.0
        self.pieces: list[_Piece] = []
        self.rules: list[tuple[float, float]] = []
        self.frames: list[float] = []
        self._ready: tuple[int, str] | None = None

    def draw(self, pen: Pen, x: float, base: float) -> None:
        """Draws the line with its base line at `base`."""
        x += self.offset
        ready = self._ready
        if ready is None or ready[0] != pen.serial:
            ready = self._ready = (pen.serial, self._operators(pen))
        if ready[1]:
            pen.add(f"BT 1 0 0 1 {x:.2f} {base:.2f} Tm {ready[1]} ET")
        for x1, x2 in self.rules:
            pen.line(x + x1, base - self.size * 0.16, x + x2, base - self.size * 0.16, HAIR)
        for x1 in self.frames:
            pen.frame(x + x1, base, self.size)

    def _operators(self, pen: Pen) -> str:
        parts: list[str] = []
        gap = None
        for piece in self.pieces:
            if piece.gap != gap:
                gap = piece.gap
                parts.append(f"{gap:.3f} Tc")
            if piece.wide:
                parts.append(pen.skip(piece.wide / self.size * 1000, self.size))
            else:
                parts.append(pen.encode(piece.face, self.size, piece.text))
        return " ".join(parts)


@dataclass(slots=True)
class _Source:
    """A paragraph's characters with their faces and widths (points), the span each belongs to, and where no line
    ends."""

    text: str = ""
    wide: list[float] = field(default_factory=list)
    face: list[str] = field(default_factory=list)
    span: list[int] = field(default_factory=list)
    held: set[int] = field(default_factory=set)


def _source(spans: Sequence[Span], style: Style) -> _Source:
    source = _Source()
    texts: list[str] = []
    for n, span in enumerate(spans):
        role = span.role or style.role
        role = fonts.BOLD[role] if span.bold else role
        known, measure = fonts.faces(role), fonts.widths(role)
        text = fonts.clean(span.text)
        wide = [0.0 if char == "\n" else measure[char] * style.size / 1000 for char in text]
        face = ["" if char == "\n" else known[char] for char in text]
        if span.blank and not text:
            text, wide, face = BLANK, [span.blank * style.size], [BLANK]
        elif span.blank and (side := (span.blank * style.size - sum(wide)) / 2) > 0:
            text, wide, face = BLANK + text + BLANK, [side, *wide, side], [BLANK, *face, BLANK]
        if span.blank:
            at = len(source.wide)
            source.held.update(range(at + 1, at + len(text)))
        texts.append(text)
        source.wide += wide
        source.face += face
        source.span += [n] * len(text)
    source.text = "".join(texts)
    return source


@lru_cache(maxsize=2048)
def set_lines(spans: tuple[Span, ...], style: Style, width: float) -> tuple[Line, ...]:
    """The lines of a paragraph in a column of `width` points. Same text, style and width are set once."""
    source = _source(spans, style)
    left, right = style.left * style.size, style.right * style.size
    other = max(width - left - right, style.size)
    indent = min(style.indent * style.size, max(other - style.size, 0.0))
    for n, wide in enumerate(source.wide):
        if wide > other:
            source.wide[n] = other  # a blank longer than the line ends with the line
    lines: list[Line] = []
    at = 0
    for text in source.text.split("\n"):
        ends = list(accumulate(source.wide[at : at + len(text)]))
        held = {n - at for n in source.held} if source.held else source.held
        ranges = break_lines(text, ends, other - indent, other, held) or [(0, 0)]
        for n, (start, end) in enumerate(ranges):
            first, last = n == 0, n == len(ranges) - 1
            room = other - (indent if first else 0.0)
            line = _set_line(source, spans, style, at + start, at + end, None if last else room)
            line.offset = left + (indent if first else 0.0) + _shift(style.align, room - line.width)
            lines.append(line)
        at += len(text) + 1
    return tuple(lines)


def _shift(align: Align, spare: float) -> float:
    if align == "center":
        return spare / 2
    return spare if align == "right" else 0.0


def _set_line(source: _Source, spans: Sequence[Span], style: Style, start: int, end: int, room: float | None) -> Line:
    """One line; `room` is the width to fill when both edges are straight, None for a last line."""
    line = Line(start, end, source.text[start:end], style.size)
    if room is not None:
        while end > start and source.text[end - 1] == " " and not spans[source.span[end - 1]].underline:
            end -= 1  # spaces at a line end hang over
    line.width = sum(source.wide[start:end])
    gap = 0.0
    loose: Sequence[bool] = ()
    if room is not None and style.align == "justify":
        wordy = [bool(_WORDY.match(char)) for char in source.text[start:end]]
        loose = [not (a and b) for a, b in pairwise(wordy)]
        count = sum(loose)
        if count and 0 < (room - line.width) / count <= _LOOSEST * style.size:
            gap = (room - line.width) / count
            line.width = room
    _cut_pieces(line, source, spans, start, end, gap, loose)
    return line


def _cut_pieces(
    line: Line, source: _Source, spans: Sequence[Span], start: int, end: int, gap: float, loose: Sequence[bool]
) -> None:
    x = 0.0
    held: list[str] = []
    key: tuple[str, float] | None = None
    for n in range(start, end):
        after = gap if gap and n < end - 1 and loose[n - start] else 0.0
        face, wide = source.face[n], source.wide[n]
        span = spans[source.span[n]]
        if (face, after) != key or face in ("", BLANK):
            if key is not None and held:
                line.pieces.append(_Piece(key[0], "".join(held), key[1]))
            held, key = [], (face, after)
        if span.underline or span.blank:
            _rule(line.rules, x, x + wide + (after if n + 1 < end and source.span[n + 1] == source.span[n] else 0.0))
        if face == "" or face == BLANK:
            if face == "":
                line.frames.append(x)
            line.pieces.append(_Piece("", "", 0.0, wide + after))
            key = None
        else:
            held.append(source.text[n])
        x += wide + after
    if key is not None and held:
        line.pieces.append(_Piece(key[0], "".join(held), key[1]))


def _rule(rules: list[tuple[float, float]], x1: float, x2: float) -> None:
    """Adds an underline, joined to the one that ends where it starts."""
    if rules and abs(rules[-1][1] - x1) < EPS:
        rules[-1] = (rules[-1][0], x2)
    else:
        rules.append((x1, x2))


def spans_of(text: Text) -> tuple[Span, ...]:
    """Text in either form as spans."""
    return (Span(text),) if isinstance(text, str) else tuple(text)


@dataclass(frozen=True)
class Paragraph:
    """Running text. No page starts or ends with a single line of it. `weight` and `leans`: see flow.Box."""

    text: Text
    style: Style = BODY
    weight: int = 1
    leans: bool = False

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        lines = set_lines(spans_of(self.text), self.style, width)
        last = len(lines) - 1
        for n, line in enumerate(lines):
            yield Box(
                self.style.leading,
                LineDrawer(line, self.style),
                glued=n == 1 or (n == last and n > 0),
                leans=self.leans,
                weight=self.weight,
                space=self.style.before if n == 0 else 0.0,
                after=self.style.after if n == last else 0.0,
            )


class LineDrawer:
    """Draws one line so that its characters stand in the middle of the leading."""

    __slots__ = ("drop", "line")

    def __init__(self, line: Line, style: Style) -> None:
        self.line = line
        self.drop = (style.leading - style.size) / 2 + fonts.ASCENT * style.size

    def __call__(self, pen: Pen, left: float, top: float) -> None:
        self.line.draw(pen, left, top - self.drop)

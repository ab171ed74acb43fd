"""The shipped faces by role, which face draws a character, how wide it is, and what no face can draw.

Widths are in thousandths of the type size. A character its role's face lacks is taken from the universal face; one
that lacks there too is never dropped: it is listed by `missing` and drawn as an empty frame to be filled by hand.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any

from relocdesk import resource

UNIVERSAL = "NotoSerifSC-Regular"
ROLES = {
    "song": UNIVERSAL,
    "title": "NotoSerifSC-Bold",
    "hei": "NotoSansSC-Bold",
    "sans": "NotoSansSC-Regular",
    "fang": "FandolFang-Regular",
    "kai": "PrintKai-Regular",
}
BOLD = {"song": "title", "title": "title", "fang": "title", "kai": "title", "hei": "hei", "sans": "hei"}
ASCENT = 0.88  # of every shipped face, in type sizes above the base line
FRAME = 1000.0  # the empty frame for a missing character is one type size wide

# The 楷体 file has narrow Western quotation marks; Chinese text wants them a full character wide.
_NOT_FROM = {"PrintKai-Regular": frozenset("“”‘’")}
# Marks without a shape of their own: joiners, variation selectors, byte order mark, soft hyphen.
_INVISIBLE = re.compile(
    "[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064"
    "\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
_AS_SPACE = frozenset("\t\u00a0")
_AS_BREAK = frozenset("\u000b\u000c\u0085\u2028\u2029")
_BLANK = frozenset(" \u3000\u2002\u2003\u2009")
_loading = threading.Lock()


def clean(text: str) -> str:
    """`text` without marks that have no shape; tabs and hard spaces become spaces, all line ends become \\n.

    >>> clean("甲\\u200b方\\ufeff\\t1\\r\\n2")
    '甲方 1\\n2'
    """
    if not _INVISIBLE.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub(lambda m: " " if m[0] in _AS_SPACE else "\n" if m[0] in _AS_BREAK else "", text)


@cache
def face(name: str) -> Any:
    """The face `name`, loaded and registered once for all documents."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 -- slow import
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 -- slow import

    with _loading:
        if name not in pdfmetrics.getRegisteredFontNames():
            font = TTFont(name, str(resource(f"fonts/{name}.ttf")), asciiReadable=False, shapable=False)
            pdfmetrics.registerFont(font)
        return pdfmetrics.getFont(name)


def _draws(name: str, char: str) -> bool:
    """Whether the face has the character and a shape for it (an empty outline would print as nothing)."""
    if char in _NOT_FROM.get(name, ()):
        return False
    font = face(name).face
    glyph = font.charToGlyph.get(ord(char), 0)
    if not glyph:
        return False
    places = font.glyphPos
    return char in _BLANK or glyph + 1 >= len(places) or places[glyph + 1] > places[glyph]


class _Faces(dict[str, str]):
    """Character → name of the face that draws it, "" when none does; filled as characters come."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.chain = (name,) if name == UNIVERSAL else (name, UNIVERSAL)

    def __missing__(self, char: str) -> str:
        found = next((name for name in self.chain if _draws(name, char)), "")
        self[char] = found
        return found


class _Widths(dict[str, float]):
    """Character → width in thousandths of the type size, with the face that really draws it."""

    def __init__(self, faces: _Faces) -> None:
        super().__init__()
        self.faces = faces

    def __missing__(self, char: str) -> float:
        name = self.faces[char]
        wide = float(face(name).face.getCharWidth(ord(char))) if name else FRAME
        self[char] = wide
        return wide


@cache
def faces(role: str) -> dict[str, str]:
    """For `role`: character → face name ("" = no face draws it). Filled lazily; index it, do not list it."""
    return _Faces(ROLES[role])


@cache
def widths(role: str) -> dict[str, float]:
    """For `role`: character → width in thousandths of the type size. Filled lazily; index it, do not list it."""
    chosen = faces(role)
    assert isinstance(chosen, _Faces)
    return _Widths(chosen)


def width(text: str, role: str, size: float) -> float:
    """The width of `text` on one line, in points."""
    return sum(map(widths(role).__getitem__, text)) * size / 1000


def missing(text: str, role: str = "fang") -> list[str]:
    """The characters of `text` that no shipped face can draw, each once, in order of appearance.

    >>> missing("张堃喆䶮𬌗𫚈")
    ['𫚈']
    """
    chosen = faces(role)
    return [char for char in dict.fromkeys(clean(text)) if char != "\n" and not chosen[char]]


def runs(text: str, role: str) -> Iterator[tuple[str, str]]:
    """`text` in pieces that one face draws: (face name, piece); the name is "" for characters to be framed."""
    for name, piece in groupby(text, faces(role).__getitem__):
        yield name, "".join(piece)

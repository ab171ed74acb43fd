"""What a printable form is: which records it is for, how its content is read, what it needs, and how it is set.

A form is written once here and appears in the window's menu, on the command line and in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING
from relocdesk.errors import Problem
from relocdesk.printing import fonts
from relocdesk.printing.page import SMALL, Furniture, Group, PageInfo, Paper
from relocdesk.printing.paragraph import Span, Text
from relocdesk.printing.pen import Pen
from relocdesk.rules.code import content_digest
from relocdesk.rules.money import capital, fixed, show_yuan

MM = 72 / 25.4
Public = Literal["never", "may", "always"]

_AREAS = frozenset(("亩", "㎡", "m²", "平方米"))
# What happens to a record after its paper was printed; a paper does not become stale by it.
_PROCESS = frozenset((
    "state", "agent", "confirmed", "transferred_on", "checked_by", "approved_by", "outcome", "posted_from", "posted_until", "paid_back", "paid_back_on",
    "letter_on", "letter_due", "side_note", "telephone", "formerly"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What one paper says. `key` names it to people, `data` is a frozen dataclass of plain values.

    `ids` are the records it is about; a printed sheet is found again by them. `place` is an id, "" when there is none.
    `copies` is how many this one wants, 0 for the form's usual number.
    """

    key: str
    ids: tuple[str, ...]
    home: str
    place: str
    subject: str
    data: Any
    copies: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of what is said; the same as long as the paper would look the same."""
        return content_digest(_plain(asdict(self.data)))


def _plain(value: Any) -> Any:
    """The values that count for the digest."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if name not in _PROCESS}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


@dataclass(frozen=True, slots=True)
class Setting:
    """How a paper is to be set: its short code ("" in the preview), and whether strangers may read it."""

    code: str = ""
    public: bool = False


@dataclass(frozen=True)
class Form:
    """A printable form. `name` is the word for the command line, `label` the Chinese name, `register` what it is chosen from.

    `bundles` turns chosen ids into sheets (key, ids); `load` reads the contents of some sheets; `needs` says what is
    missing for a paper that may be handed out, with the cure; `group` sets it. `public`: whether there is a version
    without ID numbers and accounts, or no other. `signed` papers come back: they carry a code and are registered.
    """

    name: str
    label: str
    register: str
    bundles: Callable[[Session, Sequence[str]], list[tuple[str, tuple[str, ...]]]]
    load: Callable[[Session, Sequence[tuple[str, tuple[str, ...]]]], Iterable[Content]]
    needs: Callable[[Any], list[Problem]]
    group: Callable[[Any, Setting], Group]
    paper: Paper = field(default_factory=Paper.form)
    public: Public = "never"
    signed: bool = True
    word: bool = False  # may be saved as a Word document to be worked on
    copies: int = 1
    roles: tuple[str, ...] = WORKING
    help: str = ""


def one_each(_session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """One sheet a record; its key is found when it is read."""
    return [("", (one,)) for one in dict.fromkeys(ids)]


def first_ids(sheets: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    """The records of sheets that have one each."""
    return [ids[0] for _, ids in sheets]


# --- what may be missing ---------------------------------------------------------------------------------------------


class Gap(Problem):
    """Something missing that may be left on paper as a frame or a line and written in by hand, if the clerk allows it."""

    __slots__ = ()


class Blank(Gap):
    """Something missing that people often write in when they sign: printed as a line in any case, and listed."""

    __slots__ = ()


def glyphs(where: str, values: dict[str, str]) -> Iterator[Problem]:
    """A gap for each text with characters that no shipped face draws, named by person and field."""
    for label, text in values.items():
        strange = fonts.missing(text)
        if strange:
            codes = "、".join(f"“{char}”（U+{ord(char):04X}）" for char in strange)
            yield Gap(f"{where}的{label}", f"有字体里没有的字 {codes}；请核对是否录错，确实是这个字的，选“允许留空”打印后手写")


def lacking(where: str, values: dict[str, str | int], cure: str) -> Iterator[Problem]:
    """A problem for each required value that is empty."""
    for label, value in values.items():
        if not value:
            yield Problem(f"{where}的{label}", f"没有填；{cure}")


def open_gaps(where: str, values: dict[str, str | int], cure: str) -> Iterator[Problem]:
    """A gap for each value that is empty and may be written in by hand."""
    for label, value in values.items():
        if not value:
            yield Gap(f"{where}的{label}", f"没有填；{cure}，或选“允许留空”打印后手写")


# --- setting ---------------------------------------------------------------------------------------------------------


def furniture(setting: Setting, title: str, *, mark: bool = False, **words: Any) -> Furniture:
    """The margins of a form: its code, or 预览 where the code would stand; `mark` shows 公示版 or 存档版."""
    shown = ("公示版" if setting.public else "存档版") if mark else ""
    return Furniture(title=title, mark=shown, code=setting.code, draw=None if setting.code else _preview, **words)


def unregistered(title: str, *, mark: str = "", **words: Any) -> Furniture:
    """The margins of a list that nobody signs: no code."""
    return Furniture(title=title, mark=mark, **words)


def _preview(pen: Pen, page: PageInfo) -> None:
    paper, side = page.paper, 13 * MM
    x = paper.width - paper.right - side
    y = 6 * MM if paper.lying else paper.height - max(paper.top - 8 * MM - side, 5 * MM) - side
    pen.dashed(x, y, side, side)
    pen.centred(x + side / 2, y + side / 2 - 4, "预览", "hei", SMALL + 1)


def written(text: str, room: float) -> list[Span]:
    """A text, or an underlined blank of `room` characters when it is missing."""
    return [Span(text)] if text else [Span(blank=room)]


def cell(text: str) -> Text:
    """A cell's text; a missing one stays an empty cell, to be written in."""
    return text or ""


def money(fen: int) -> str:
    """分 with commas."""
    return show_yuan(fen)


def mu(hundredths: int) -> str:
    """0.01 亩 as text."""
    return fixed(hundredths, 2, grouped=True)


def unless_zero(show: Callable[[int], str]) -> Callable[[int], str]:
    """The same way to show a figure, but an empty cell for zero."""
    return lambda value: show(value) if value else ""


def square(m2: int) -> str:
    """0.01 m² as text."""
    return fixed(m2, 2, grouped=True)


def quantity(e6: int, unit: str = "") -> str:
    """10⁻⁶ units without useless zeros; two decimals when there are any, and always for areas.

    >>> quantity(12_000_000), quantity(1_500_000), quantity(1_234_567), quantity(2_000_000, "亩")
    ('12', '1.50', '1.234567', '2.00')
    """
    whole, part = divmod(abs(e6), 1_000_000)
    text = f"{whole:,}"
    if part or unit in _AREAS:
        text += "." + f"{part:06d}".rstrip("0").ljust(2, "0")
    return f"-{text}" if e6 < 0 else text


def in_words(fen: int, zheng: int = 0) -> str:
    """大写金额; capitals have no minus, so a sum to be taken off is written with 负."""
    text = capital(abs(fen), zheng_after_jiao=bool(zheng))
    return text.replace("人民币", "人民币负", 1) if fen < 0 else text

"""Raw cells and what is found about them: the values that go through the entry engine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from relocdesk.errors import Problem, UserError
from relocdesk.field import Field, Register, Value, half_width, rounded_text
from relocdesk.queries.places import Node

Cell = str | int | float | bool | date | datetime | None
OVERRULABLE = frozenset(("ID_CHECK", "ID_PROVINCE", "ID_DATE", "ID_LENGTH", "CARD_CHECK", "USCC_CHECK", "ID_DIFFERS", "R20", "BEFORE_START"))
_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet's calendar
_DASHES = re.compile(r"[-—–―/\\]{1,4}\Z")
_NONE = frozenset(("无", "暂无", "没有", "零报告", "不详"))  # how offices fill a cell that has nothing to say
_NOT_YET = re.compile(r"(未|尚未|暂未|还没|还未|没有|正在|等待|待)\S{0,8}\Z|\S{0,4}中\Z|在办\Z")  # 未办结, 办理中: there is no day yet


class Worked(float):
    """A number that a formula worked out: its extra decimals are rounded half up with a warning, not refused."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong (or doubtful) with one cell: the row as a person counts it, the field, the text met, the sentence."""

    row: int
    field: str
    label: str
    value: str
    text: str
    code: str = ""

    def problem(self) -> Problem:
        """The same as a plain problem for lists."""
        return Problem(f"第{self.row}行“{self.label}”" if self.row else self.label, self.text)


@dataclass(slots=True)
class New:
    """A row that would be added."""

    row: int
    id: str
    home: str
    values: dict[str, Value]


@dataclass(slots=True)
class Changed:
    """A row on disk that would change: field → (old, new)."""

    row: int
    id: str
    changes: dict[str, tuple[Value, Value]]


@dataclass
class Heads:
    """What applying a judgement means for the people behind its rows (a household's head)."""

    new: list[dict[str, Value]] = field(default_factory=list)  # whole person rows
    changed: list[tuple[str, dict[str, tuple[Value, Value]]]] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)  # (person, household) for people who had none


@dataclass
class Judgement:
    """What a set of rows would do to a register. Rows with problems do nothing."""

    register: Register
    fields: tuple[Field, ...]
    new: list[New] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    same: list[tuple[int, str]] = field(default_factory=list)  # (row, id)
    problems: list[Trouble] = field(default_factory=list)
    warnings: list[Trouble] = field(default_factory=list)
    overruled: list[tuple[int, Trouble, str]] = field(default_factory=list)  # (row, what, reason)
    places: list[Node] = field(default_factory=list)  # groups that would be created
    heads: Heads = field(default_factory=Heads)
    children: dict[str, list[dict[str, Value]]] = field(default_factory=dict)  # child register → whole rows
    stamp: int = 0  # the newest transaction when this was judged


class Refused(UserError):
    """A single row was refused; `problems` says field by field why."""

    def __init__(self, problems: Sequence[Trouble]) -> None:
        text = "；".join(f"{trouble.label}：{trouble.text}" for trouble in problems[:3])
        super().__init__(text, code=problems[0].code if problems else "")
        self.problems = tuple(problems)


def cell_text(cell: Cell, f: Field) -> tuple[str, str]:
    """A raw cell as the text a person would have typed into this field, and a warning or ""."""
    if isinstance(cell, str):
        return cell, ""
    if isinstance(cell, bool):
        return ("是" if cell else "否"), ""
    if isinstance(cell, datetime):
        return (cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ")), ""
    if isinstance(cell, date):
        return cell.isoformat(), ""
    if isinstance(cell, (int, float)):
        return _number_text(cell, f)
    return "", ""


def _number_text(number: int | float, f: Field) -> tuple[str, str]:
    if isinstance(number, float) and not math.isfinite(number):
        return str(number), ""
    if f.kind.name in ("date", "month") and 20_000 <= number < 80_000:
        return (_EPOCH + timedelta(days=int(number))).isoformat(), ""
    if isinstance(number, int) or number.is_integer():
        # Past 15 digits a spreadsheet has already lost the tail: leave it looking damaged, so that it is refused.
        return (str(int(number)) if abs(number) < 10**15 or isinstance(number, int) else f"{number:.14E}"), ""
    text = format(Decimal(f"{number:.15g}"), "f")
    scale = f.kind.scale
    if isinstance(number, Worked) and scale is not None:
        rounded = rounded_text(text, scale)
        if Decimal(rounded) != Decimal(text):
            return rounded, f"公式算出 {text}，四舍五入为 {rounded}"
    return text, ""


def kept_text(text: str) -> str:
    """A number that its rule refuses, as it is kept when the rule is overruled."""
    return half_width(text).replace(" ", "").upper()


def is_blank(f: Field, text: str) -> bool:
    """Whether a cell says nothing: empty, a dash or a stroke, 无 where no list knows that word, 未办结 instead of a day.

    Words in free texts are kept as they are written, and a word that can be read is never taken for nothing.
    """
    if text[:1].isdigit():  # most cells of large sheets
        return False
    plain = half_width(text)
    if not plain or _DASHES.match(plain):
        return True
    fixed = f.choices is None and not f.words and f.kind.name not in ("text", "note", "flag", "choice")
    return (fixed and plain in _NONE) or _awaited(f, plain)


def _awaited(f: Field, text: str) -> bool:
    return f.kind.name in ("date", "month") and bool(_NOT_YET.match(half_width(text)))


Got = tuple[Value, str, str, str]  # value, problem text, its code, warning


def read_cell(f: Field, cell: Cell, accept: Mapping[str, str] | None = None) -> Got:
    """The stored value of one raw cell, what is wrong with it and its code, and what is doubtful about it."""
    text, warning = cell_text(cell, f)
    if is_blank(f, text):
        return None, "", "", f"“{text}”不是日期，按还没有登记" if _awaited(f, text) else ""
    try:
        value = f.read(text)
    except UserError as error:
        if accept and error.code in accept and error.code in OVERRULABLE:
            return kept_text(text), "", error.code, f"{error.text}（已放行：{accept[error.code]}）"
        return None, str(error), error.code, ""
    return value, "", "", warning or (f.kind.doubt(text) if isinstance(cell, str) else "")



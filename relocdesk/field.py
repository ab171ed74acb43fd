"""The whole vocabulary of a register's declaration: kinds of cells, fields, registers. No Qt, no SQL statements.

One declaration drives grid, form, Excel, merge and history; none of them keeps its own list of columns.
What an attribute holds is exactly what is on disk: an integer, a text or None.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from typing import Annotated, Any, Self

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import MappedColumn, mapped_column

from relocdesk.errors import UserError
from relocdesk.rules import identity
from relocdesk.rules.deadline import last_day, lasts
from relocdesk.words import regions

Value = int | str | None
MAX_INT = 2**53  # beyond this a spreadsheet can no longer hold the figure


class Choice(StrEnum):
    """A closed list: the code is stored and may be tested by rules; the label is what people see.

    Declared as ``PERMANENT = "permanent", "永久征收", "永久"``: code, label, further words met in workbooks.
    """

    label: str
    also: tuple[str, ...]

    def __new__(cls, code: str, label: str = "", *also: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        member.also = also
        return member


# --- reading and showing one cell ------------------------------------------------------------------------------------

_FULL_WIDTH = {0x3000: " ", 0x00A0: " ", 0x2007: " ", 0x202F: " ", 0x200B: "", 0x200C: "", 0x200D: "", 0xFEFF: ""}
_FULL_WIDTH |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)\Z")
_SPACES = re.compile(r"\s+")
_ONES = {sign: str(n) for n, signs in enumerate(("零", "一", "二两", "三", "四", "五", "六", "七", "八", "九", "十")) for sign in signs}  # 一式两份
_BETWEEN_TAGS = re.compile(r"[、,，;；/／+＋\s()（）]|暨|兼")
_QUOTES = str.maketrans("", "", "“”\"‘’'《》 ")  # 《“第一议题”学习》 is 第一议题学习


def half_width(text: str) -> str:
    """The text with full-width digits, letters and signs made half width, zero-width marks dropped, ends stripped."""
    return text.translate(_FULL_WIDTH).strip()


def tidy(text: str) -> str:
    """The text as stored: zero-width marks dropped, line breaks and runs of blanks made one blank, ends stripped."""
    cleaned = text.translate({0x200B: "", 0x200C: "", 0x200D: "", 0xFEFF: "", 0x00A0: " ", 0x3000: " "})
    return _SPACES.sub(" ", cleaned).strip()


def number(text: str, *, units: tuple[str, ...] = ()) -> Decimal:
    """The number in a cell such as `１,２３４.５０`, `9.81亩` or `￥12`; words like 约5 or 若干 are refused."""
    plain = half_width(text).replace(",", "").replace(" ", "").lstrip("¥￥").removeprefix("一式")
    factor = Decimal(1)
    for unit in units:
        if plain.endswith(unit):
            plain = plain[: -len(unit)]
            if unit.startswith("万"):
                factor = Decimal(10000)
            break
    plain = _ONES.get(plain, plain)
    if not _NUMBER.match(plain):
        raise UserError(f"“{text}”不是数字", hint="请填阿拉伯数字，单位写在表头里", code="NUMBER")
    try:
        return Decimal(plain) * factor
    except InvalidOperation as error:
        raise UserError(f"“{text}”不是数字", code="NUMBER") from error


def _scaled(text: str, decimals: int, units: tuple[str, ...]) -> int:
    value = number(text, units=units).scaleb(decimals)
    whole = int(value)
    if value != whole:
        if not decimals:
            raise UserError(f"“{text}”不是整数", hint="请填整数", code="DECIMALS")
        raise UserError(f"“{text}”超过{_DIGITS[decimals]}位小数", hint=f"请四舍五入到{_DIGITS[decimals]}位小数", code="DECIMALS")
    if abs(whole) > MAX_INT:
        raise UserError(f"“{text}”太大", hint="请核对数字", code="NUMBER")
    return whole


_DIGITS = "零一两三四五六"


def rounded_text(text: str, decimals: int) -> str:
    """A spreadsheet number brought to `decimals` places, half up; for figures that a formula worked out."""
    return str(Decimal(text).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def _plain_decimal(value: Value, scale: int, least: int) -> str:
    """12.30 from 12300000 with scale 6 and at least 2 places shown; nothing is rounded away."""
    if value is None:
        return ""
    sign, digits = ("-", -int(value)) if int(value) < 0 else ("", int(value))
    whole, part = divmod(digits, 10**scale)
    tail = f"{part:0{scale}d}".rstrip("0").ljust(least, "0") if scale else ""
    return f"{sign}{whole}.{tail}" if tail else f"{sign}{whole}"


def _grouped(value: Value, scale: int, least: int) -> str:
    plain = _plain_decimal(value, scale, least)
    head, dot, tail = plain.partition(".")
    return (f"{int(head):,}" if head not in ("", "-0", "-") else head) + dot + tail if plain else ""


_DATE = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*(?:[-./月]\s*(\d{1,2})\s*日?)?\s*月?\Z")
_NO_YEAR = re.compile(r"(0?[1-9]|1[0-2])\s*[-./月]\s*(0?[1-9]|[12]\d|3[01])\s*日?\Z")
_NO_YEAR_TERM = re.compile(r"(0?[1-9]|1[0-2])月")  # 11月30日前
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_CLOCK = re.compile(r"[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\Z")  # a system's list writes the hour behind the day


def _date_parts(text: str) -> tuple[int, int, int | None]:
    plain = _CLOCK.sub("", half_width(text))
    found = _COMPACT.match(plain) or _DATE.match(plain)
    if not found and (short := _NO_YEAR.match(plain)):
        raise UserError(f"“{text}”没有写年份", hint=f"请写上是哪一年，如 2023-{int(short[1]):02d}-{int(short[2]):02d}", code="DATE")
    if not found:
        raise UserError(f"“{text}”不是日期", hint="请写成 2023-06-01", code="DATE")
    year, month, day = int(found[1]), int(found[2]), int(found[3]) if found[3] else None
    return year, month, day


@lru_cache(maxsize=4096)
def read_day(text: str) -> str:
    """ISO text of a day written as 2023-06-01, 2023.6.1, 20230601 or 2023年6月1日; 2023.6 is its first day."""
    from datetime import date  # noqa: PLC0415 -- keeps the module's namespace free for the kinds

    year, month, day = _date_parts(text)
    try:
        found = date(year, month, day or 1)
    except ValueError as error:
        raise UserError(f"“{text}”没有这一天", hint="请核对年月日", code="DATE") from error
    if not 1900 <= found.year <= 2200:
        raise UserError(f"“{text}”的年份不对", hint="年份应在 1900 到 2200 之间", code="DATE")
    return found.isoformat()


def _read_month(text: str) -> str:
    plain = half_width(text)
    if re.fullmatch(r"\d{6}", plain):
        plain = f"{plain[:4]}-{plain[4:]}"
    return read_day(plain)[:7]


def _read_year(text: str) -> int:
    plain = half_width(text).removesuffix("年").removesuffix("度").removesuffix("年")
    if not re.fullmatch(r"(19|20|21)\d\d", plain):
        raise UserError(f"“{text}”不是年份", hint="请写四位数字，如 2023", code="YEAR")
    return int(plain)


_YES = frozenset(("是", "有", "√", "✓", "✔", "☑", "1", "y", "yes", "true", "已", "对", "已签", "已确认", "完成", "已完成"))
_NO = frozenset(("否", "无", "×", "✗", "✘", "☐", "0", "n", "no", "false", "未", "不", "错", "未签", "未确认", "未完成"))


def _read_flag(text: str) -> int:
    word = half_width(text).lower()
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    raise UserError(f"“{text}”看不出是还是否", hint="请填“是”或“否”", code="FLAG")


def _read_text(text: str) -> str:
    return tidy(text)


def _read_name(text: str) -> str:
    return identity.closed_up(tidy(text))


def _read_number(text: str) -> str:
    return _SPACES.sub("", half_width(text))


def _read_note(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _read_idcard(text: str) -> str:
    return identity.idcard(text, regions()).number


def _doubt_idcard(text: str) -> str:
    try:
        card = identity.idcard(text, regions())
    except UserError:
        return ""
    return "；".join(card.warnings)


def _read_account(text: str) -> str:
    return identity.bank_account(text)[0]


def _read_credit(text: str) -> str:
    return identity.credit_code(text)


def _read_phone(text: str) -> str:
    return identity.phone(text)


def _doubt_day(text: str) -> str:
    year, month, day = _date_parts(text)
    return "" if day else f"“{text}”只有年月，按 {year}-{month:02d}-01 登记"


def _read_deadline(text: str) -> Value:
    """The last day that still counts; None for 立行立改 and 长期坚持, which name none."""
    plain = half_width(text)
    if _names_a_day(plain):
        return read_day(text)
    day = last_day(plain)
    if day is None and not lasts(plain) and _NO_YEAR_TERM.match(plain):
        raise UserError(f"“{text}”没有写年份", hint=f"请写上是哪一年，如 2024年{plain}", code="DATE")
    if day is None and not lasts(plain):
        raise UserError(f"“{text}”看不出是到哪一天", hint="请写成 2024-06-30，或 2024年6月底前", code="DATE")
    return day


def _doubt_deadline(text: str) -> str:
    plain = half_width(text)
    if _names_a_day(plain):
        return ""
    day = last_day(plain)
    return f"“{text}”按 {day} 登记" if day else f"“{text}”没有写到哪一天，原话记在备注里"


def _names_a_day(plain: str) -> bool:
    plain = _CLOCK.sub("", plain)
    found = _COMPACT.match(plain) or _DATE.match(plain)
    return bool(found and found[3])


def _no_doubt(text: str) -> str:
    return ""


def _as_text(value: Value) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one cell is read, shown and put into a spreadsheet.

    `read` takes what was typed and gives what is stored, or raises UserError; it never guesses. `show` is its inverse
    for the screen; `plain` is the same without thousands separators, for spreadsheets and the command line.
    `scale` is the number of decimals kept for figures (money 2: the stored integer is 分), None for everything else.
    `doubt` gives a warning about a text that can be read but should be looked at.
    """

    name: str
    read: Callable[[str], Value]
    show: Callable[[Value], str] = _as_text
    plain: Callable[[Value], str] = _as_text
    excel_format: str = "@"
    right: bool = False
    scale: int | None = None
    doubt: Callable[[str], str] = _no_doubt


def _figure(name: str, scale: int, least: int, units: tuple[str, ...], excel_format: str) -> Kind:
    return Kind(
        name,
        read=lambda text: _scaled(text, scale, units),
        show=lambda value: _grouped(value, scale, least),
        plain=lambda value: _plain_decimal(value, scale, least),
        excel_format=excel_format,
        right=True,
        scale=scale,
    )


_PIECES = ("座", "株", "丛", "口", "个", "户", "台", "套", "眼", "冢", "处", "部", "根", "头", "只", "人", "份", "次", "件", "栋", "间", "项", "本", "名", "天")
TEXT = Kind("text", _read_text)
NAME = Kind("text", _read_name)  # of a person: 李　明 is written as it is called
NUMBER = Kind("text", _read_number)  # a text by which records are found: Ｄ００１ and D001 are one
NOTE = Kind("note", _read_note)
DAY = Kind("date", read_day, doubt=_doubt_day, excel_format="yyyy-mm-dd")
DEADLINE = Kind("date", _read_deadline, doubt=_doubt_deadline, excel_format="yyyy-mm-dd")  # 2024年6月底前 is its last day
MONTH = Kind("month", _read_month)
YEAR = Kind("year", _read_year, excel_format="0", right=True)
COUNT = _figure("int", 0, 0, _PIECES, "#,##0")
MONEY = _figure("money", 2, 2, ("万元", "元", "万"), "#,##0.00")
SQUARE = _figure("m2", 2, 2, ("平方米", "㎡", "m²", "m2"), "#,##0.00")
MU = _figure("mu", 6, 2, ("亩",), "#,##0.00####")
QUANTITY = _figure("quantity", 6, 0, ("平方米", "立方米", "㎡", "m²", "m2", "m³", "m3", "亩", "公里", "km", "米", "m", *_PIECES), "#,##0.######")
RATE = _figure("rate", 6, 0, ("%",), "0.######")
FLAG = Kind("flag", _read_flag, show=lambda value: "" if value is None else ("是" if value else "否"),
            plain=lambda value: "" if value is None else ("是" if value else "否"))
IDCARD = Kind("idcard", _read_idcard, doubt=_doubt_idcard)
ACCOUNT = Kind("account", _read_account)
CREDIT = Kind("credit", _read_credit)
PHONE = Kind("phone", _read_phone)
CHOICE = Kind("choice", _read_text)  # the field knows the list
OPEN_CHOICE = Kind("choice+", _read_text)  # its words are Dictionary rows; rules never test them
TAGS = Kind("tags", _read_text)  # several of a closed list, their codes joined by commas in the list's order
REF = Kind("ref", _read_text)  # shown, imported and exported by the other record's key
PLACE = Kind("place", _read_text)
KINDS: tuple[Kind, ...] = (TEXT, NOTE, DAY, MONTH, YEAR, COUNT, MONEY, SQUARE, MU, QUANTITY, RATE, FLAG, IDCARD, ACCOUNT,
                           CREDIT, PHONE, CHOICE, OPEN_CHOICE, TAGS, REF, PLACE)  # fmt: skip

Text = Annotated[str, mapped_column(String), TEXT]
Name = Annotated[str, mapped_column(String), NAME]
Number = Annotated[str, mapped_column(String), NUMBER]
Note = Annotated[str, mapped_column(String), NOTE]
Day = Annotated[str, mapped_column(String(10)), DAY]
Deadline = Annotated[str, mapped_column(String(10)), DEADLINE]
Month = Annotated[str, mapped_column(String(7)), MONTH]
Year = Annotated[int, mapped_column(Integer), YEAR]
Count = Annotated[int, mapped_column(BigInteger), COUNT]
Fen = Annotated[int, mapped_column(BigInteger), MONEY]
SquareMetres = Annotated[int, mapped_column(BigInteger), SQUARE]
Mu = Annotated[int, mapped_column(BigInteger), MU]
Quantity = Annotated[int, mapped_column(BigInteger), QUANTITY]
Rate = Annotated[int, mapped_column(BigInteger), RATE]
Flag = Annotated[int, mapped_column(Integer), FLAG]
IdCard = Annotated[str, mapped_column(String(18)), IDCARD]
Account = Annotated[str, mapped_column(String(32)), ACCOUNT]
CreditCode = Annotated[str, mapped_column(String(18)), CREDIT]
Phone = Annotated[str, mapped_column(String), PHONE]
Code = Annotated[str, mapped_column(String), CHOICE]
Word = Annotated[str, mapped_column(String), OPEN_CHOICE]
Tags = Annotated[str, mapped_column(String), TAGS]
Ref = Annotated[str, mapped_column(String(32)), REF]
PlaceRef = Annotated[str, mapped_column(String(32)), PLACE]


# --- fields and registers --------------------------------------------------------------------------------------------


_MASKS = {"idcard": identity.mask_idcard, "account": identity.mask_account, "phone": identity.mask_phone, "text": identity.masked}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a register, with everything the surfaces need to know about it."""

    label: str
    name: str = ""
    kind: Kind = TEXT
    required: bool = False
    section: str = "基本"
    help: str = ""
    width: int = 12  # in characters
    grid: bool = True  # shown in the grid unless the user chooses otherwise
    unit: str = ""
    to: str = ""  # the register it points to
    choices: type[Choice] | None = None
    words: str = ""  # the dictionary list of an open choice
    also: tuple[str, ...] = ()  # titles met in workbooks
    together: str = ""  # fields that win or lose as one when histories are merged
    private: bool = False  # left out of public sheets, masked in the log
    computed: str = ""  # "=" never stored · "=f" frozen by an action · "=?" derived when its source is there
    part_of: bool = False  # points to the parent of this child register
    via: str = ""  # "head.name": this field shows and writes a field of the record that a reference points to

    @property
    def title(self) -> str:
        """The label with its unit, as heads of grids and workbooks show it."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    @property
    def stored(self) -> bool:
        """Whether the field is a column of this register on disk."""
        return self.computed != "=" and not self.via

    def read(self, text: str) -> Value:
        """What is stored for a typed text; empty is None. References are resolved elsewhere and come back as text."""
        if not text or not text.strip():
            return None
        if self.choices is not None:
            return self._read_tags(text) if self.kind is TAGS else self._read_choice(text)
        return self.kind.read(text)

    def _read_tags(self, text: str) -> str:
        found = {self._read_choice(piece) for piece in _BETWEEN_TAGS.split(text) if piece.strip()}
        return ",".join(choice.value for choice in self.choices or () if choice.value in found)

    def _read_choice(self, text: str) -> str:
        word = _choice_word(text)
        found = _choice_words(self.choices).get(word) if self.choices else None
        if found is None:
            names = "、".join(choice.label for choice in self.choices or ())
            raise UserError(f"“{text}”不在可选项里", hint=f"可填：{names}", code="CHOICE")
        return found

    def show(self, value: Value) -> str:
        """The value as people see it; a choice by its label."""
        return self._label(value) if self.choices else self.kind.show(value)

    def plain(self, value: Value) -> str:
        """The value as text that `read` takes back unchanged."""
        return self._label(value) if self.choices else self.kind.plain(value)

    def discreet(self, text: str) -> str:
        """The text for a screen that others may see: private numbers with their middle hidden, also where they are part of a key."""
        if self.to:
            return identity.hide_idcards(text)
        mask = _MASKS.get(self.kind.name) if self.private else None
        return mask(text) if mask and text else text

    def _label(self, value: Value) -> str:
        if value is None or self.choices is None:
            return ""
        labels = _choice_labels(self.choices)
        if self.kind is TAGS:
            return "、".join(labels.get(code, code) for code in str(value).split(","))
        return labels.get(str(value), str(value))


def _choice_word(text: str) -> str:
    return half_width(text).translate(_QUOTES)


@cache
def _choice_words(choices: type[Choice]) -> dict[str, str]:
    words: dict[str, str] = {}
    for member in choices:
        for word in (member.value, member.label, *member.also):
            words.setdefault(_choice_word(word), member.value)
    return words


@cache
def _choice_labels(choices: type[Choice]) -> dict[str, str]:
    return {member.value: member.label for member in choices}


def field(label: str, /, **words: Any) -> MappedColumn[Any]:
    """A column of a register. `words` are the attributes of Field; the kind comes from the annotated type.

    A field that is not a column (computed="=" or via=…) is declared beside the columns as ``name: ClassVar[Field] = Field(…)``.
    """
    default = words.pop("default", None)
    closes_cycle = words.pop("closes_cycle", False)  # two registers pointing to each other: this constraint comes second
    links = []
    if words.get("to"):
        links = [ForeignKey(f"{words['to']}.id", deferrable=True, initially="DEFERRED", use_alter=closes_cycle)]
    return mapped_column(*links, info={"field": Field(label, **words)}, default=default)


@dataclass(frozen=True)
class Register:
    """A register (台账): one mapped class seen through its declaration."""

    name: str  # the table's name
    label: str  # its Chinese name
    cls: type[Any]
    fields: tuple[Field, ...]
    keys: tuple[tuple[str, ...], ...]  # business keys in order; a part ending in "?" may be empty, one in "~" may be unknown
    title: tuple[str, ...]  # the fields that name a record to people
    home: tuple[str, ...]  # ("county",) or the fields whose home a new row takes, in order
    group: str  # the group of pages it belongs to; "" keeps it out of the sidebar
    frozen: tuple[str, frozenset[str]] | None  # (path to the state, states after which only actions may change a row)
    kept: bool  # rows are voided, never deleted (gapless numbers)
    reference: bool  # ids are derived from the key, the same on every laptop
    seen_by: tuple[str, ...] = ()  # the roles that may see its rows; empty = everybody
    secret: tuple[str, str, tuple[str, ...]] | None = None  # (field, value, roles): rows with this value are seen by these roles only
    made_by: str = ""  # the doing that alone makes rows, as people call it; "" where people enter them

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    def __getitem__(self, name: str) -> Field:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def find(self, name_or_label: str) -> Field | None:
        """The field with this name or label (with or without its unit), or None."""
        exact = self._by_name.get(name_or_label)
        return exact or next((f for f in self.fields if name_or_label in (f.label, f.title)), None)

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        """The fields that are columns on disk."""
        return tuple(f for f in self.fields if f.stored)

    @cached_property
    def parent(self) -> Field | None:
        """The field that points to the parent, of a child register."""
        return next((f for f in self.fields if f.part_of), None)

    @cached_property
    def key_fields(self) -> frozenset[str]:
        """Names of all fields that take part in a business key."""
        return frozenset(part.rstrip("?~") for key in self.keys for part in key)

    @cached_property
    def keys_on_disk(self) -> tuple[tuple[str, ...], ...]:
        """The business keys in columns: a part seen through a reference is the reference itself."""
        links = {f.name: f.via.split(".")[0] for f in self.fields if f.via}
        return tuple(tuple(links.get(part, part) for part in key) for key in self.keys)

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Merge groups: group → its fields, which win or lose as one."""
        found: dict[str, list[str]] = {}
        for f in self.fields:
            if f.together:
                found.setdefault(f.together, []).append(f.name)
        return {group: tuple(names) for group, names in found.items()}

    def first(self, kind: str) -> Field | None:
        """The first field of a kind: the area or the amount that totals add up, which prices per unit are not."""
        return next((f for f in self.fields if f.kind.name == kind and f.name != "unit_price" and "/" not in f.unit), None)


def register_of(cls: type[Any]) -> Register:
    """The register that a mapped class declares."""
    hints = typing.get_type_hints(cls, include_extras=True)
    hints["remark"] = hints.pop("remark")  # inherited, but people expect it last
    columns = cls.__mapper__.columns
    fields = []
    for name, annotation in hints.items():
        virtual = cls.__dict__.get(name)
        words = columns[name].info.get("field") if name in columns else None
        if isinstance(virtual, Field):
            fields.append(replace(virtual, name=name))
        elif words is not None:
            kind, optional = _kind_of(annotation)
            typed = not optional and columns[name].default is None and not words.computed
            fields.append(replace(words, name=name, kind=kind, required=typed))
    frozen = getattr(cls, "__frozen__", None)
    doc = (cls.__doc__ or "").strip().splitlines()[0]
    return Register(
        name=cls.__tablename__,
        label=doc.rstrip("。"),
        cls=cls,
        fields=tuple(fields),
        keys=cls.__keys__,
        title=cls.__title__,
        home=cls.__home__,
        group=cls.__group__,
        frozen=(frozen[0], frozenset(frozen[1:])) if frozen else None,
        kept=cls.__kept__,
        made_by=cls.__made_by__,
        reference=cls.__reference__,
        seen_by=cls.__seen_by__,
        secret=cls.__secret__,
    )


def _kind_of(annotation: Any) -> tuple[Kind, bool]:
    """The kind and whether the column may be empty, from Mapped[Fen] or Mapped[Fen | None]."""
    (inner,) = typing.get_args(annotation)
    optional = False
    parts = [inner]
    if typing.get_origin(inner) is not Annotated and type(None) in typing.get_args(inner):
        optional = True
        parts = [part for part in typing.get_args(inner) if part is not type(None)]
    kinds = [extra for extra in getattr(parts[0], "__metadata__", ()) if isinstance(extra, Kind)]
    if len(kinds) != 1:
        raise TypeError(f"{annotation} names no kind")
    return kinds[0], optional

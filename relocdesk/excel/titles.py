"""What one title of a sheet says: the fields its words may mean, its unit, and what is only a remark or a number before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from relocdesk.field import Field, Register, half_width

IGNORED = frozenset(("序号", "序", "行号", "顺序", "no", "no.", "问题", "在原表第几行"))
PROBLEM_TITLE, ORIGIN_TITLE = "问题", "在原表第几行"
PLACE_LEVELS: dict[str, int] = {
    word: level
    for level, words in enumerate((
        ("乡镇", "乡(镇)", "乡", "镇", "街道", "乡镇街道", "所属乡镇", "所在乡镇", "乡镇名称", "乡(镇、街道)"),
        ("村", "行政村", "村委会", "村(社区)", "村(居)委会", "村居", "社区", "所在村", "所属村", "村名", "村名称", "行政村名称", "村社区"),
        ("组", "小组", "村民小组", "组别", "社", "村组", "村民组", "所在组", "组名", "小组名称", "村组别", "自然村"),
        ("村组代码", "区划代码", "行政区划代码", "统计用区划代码", "地区代码"),
    ))
    for word in words
}  # fmt: skip
# How a unit in the head turns into the unit that is kept.
FACTORS: dict[str, dict[str, Decimal]] = {
    "money": {"元": Decimal(1), "万元": Decimal(10000), "万": Decimal(10000), "千元": Decimal(1000), "百万元": Decimal(10**6),
              "亿元": Decimal(10**8)},
    "mu": {"亩": Decimal(1), "公顷": Decimal(15), "ha": Decimal(15), "hm2": Decimal(15), "hm²": Decimal(15), "平方米": Decimal("0.0015"),
           "㎡": Decimal("0.0015"), "m2": Decimal("0.0015"), "m²": Decimal("0.0015"), "平方公里": Decimal(1500), "万亩": Decimal(10000)},
    "m2": {"平方米": Decimal(1), "㎡": Decimal(1), "m2": Decimal(1), "m²": Decimal(1), "公顷": Decimal(10000), "ha": Decimal(10000),
           "hm2": Decimal(10000), "hm²": Decimal(10000), "万平方米": Decimal(10000)},
}  # fmt: skip
UNITS = frozenset(unit for units in FACTORS.values() for unit in units) | {"人", "户", "个", "座", "天", "日", "年", "%", "份", "次", "项", "字节"}
_SAME_LETTERS = re.compile(r"（[A-Z]{1,3}列）\Z")  # what tells equal titles apart
_BRACKETED = re.compile(r"\(([^()]*)\)\Z")
_NUMBERED = re.compile(r"(\([一二三四五六七八九十\d]{1,3}\)|[一二三四五六七八九十\d]{1,3}[.、:)]|\d{1,2}(\.\d{1,2})+[.、]?|[①-⑳])(?=\D)")
_TWINS = {"日期": "时间", "时间": "日期"}
_DUTY = re.compile(r"\((必填|选填|必须填写|非必填|可不填)(项)?\)|^\*|\*\Z")
_UNIT_LEAD = re.compile(r"^(计量单位|单位|人民币)[:]?")
# What a reading of a title costs against reading it word for word.
_LEADLESS, _WHETHER, _UNREMARKED, _REMARK = 5, 2, 20, 40


def plain_title(title: str) -> str:
    """A title for comparing: width, blanks, line breaks, stars, colons and the shape of brackets made alike.

    >>> plain_title("面 积\\n（亩）*")
    '面积(亩)'
    """
    text = re.sub(r"\s+", "", half_width(title)).lower()
    text = re.sub(r"^[*:;,.。、]+|[*:;,.。、]+$", "", text)
    return text.translate(str.maketrans("〔〕【】[]", "()()()"))


def bare_title(title: str) -> str:
    """The plain title without a number before it and without （必填）.

    >>> bare_title("1.户主姓名（必填）"), bare_title("（一）户主："), bare_title("12月")
    ('户主姓名', '户主', '12月')
    """
    text = plain_title(_DUTY.sub("", plain_title(title)))
    return text[found.end() :] if (found := _NUMBERED.match(text)) else text


def split_unit(title: str) -> tuple[str, str]:
    """The plain title without its unit, and the unit.

    >>> split_unit("总投资（万元）"), split_unit("面积/亩"), split_unit("户主(代表)"), split_unit("面积（亩，保留两位）")
    (('总投资', '万元'), ('面积', '亩'), ('户主(代表)', ''), ('面积', '亩'))
    """
    text = plain_title(title)
    found = _BRACKETED.search(text)
    if found:
        inner = re.split(r"[,、;]", _UNIT_LEAD.sub("", found[1]))[0]
        return (text[: found.start()], inner) if inner in UNITS and found.start() else (text, "")
    slash = text.rpartition("/")
    if slash[1] and slash[2] in UNITS and slash[0]:
        return slash[0], slash[2]
    return text, ""


def own_columns(titles: Sequence[str]) -> frozenset[int]:
    """Positions of the two columns that a workbook of problems has at its end; a lone 问题 is what the sheet is about.

    >>> sorted(own_columns(("序号", "问题", "时限", "问题（D列）", "在原表第几行")))
    [3, 4]
    """
    plain = [plain_title(_SAME_LETTERS.sub("", title)) for title in titles]
    ends = [n for n in range(1, len(plain)) if (plain[n - 1], plain[n]) == (PROBLEM_TITLE, ORIGIN_TITLE)]
    return frozenset(at for n in ends for at in (n - 1, n))


def is_unit(text: str) -> bool:
    """Whether a cell of a head is nothing but a unit, in brackets or not."""
    return _UNIT_LEAD.sub("", plain_title(text).strip("()")) in UNITS


# --- which fields a title may mean -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a title: a field, how sure (100 is its own label), and the unit that its figures are in."""

    rank: int
    field: Field
    unit: str

    @property
    def factor(self) -> Decimal:
        """By what a figure is multiplied to be in the unit of the field."""
        return factor(self.field, self.unit)


def factor(f: Field, unit: str) -> Decimal:
    """By what a figure in a unit is multiplied to be in the unit of the field."""
    return FACTORS.get(f.kind.name, {}).get(unit, Decimal(1))


def readings(reg: Register, path: Sequence[str], units: Sequence[str] = ()) -> list[Reading]:
    """The fields that a title may mean, best first. `path`: its lines from top to bottom; `units`: what stands above the head.

    A unit of its own wins over one above the head; without any, 面积 is not guessed where 亩 and ㎡ are both kept.
    """
    found = _read(reg, path, "")
    for unit in units:
        if all(not one.unit for one in found):
            fitting = [one for one in _read(reg, path, unit) if unit in FACTORS.get(one.field.kind.name, ())]
            kept = {one.field.label for one in fitting}
            found = [*fitting, *(one for one in found if one.field.label not in kept)]
    ranked = sorted(found, key=lambda one: -one.rank)
    return [one for one in ranked if not _ambiguous(one, ranked)]


def candidates(reg: Register, path: Sequence[str]) -> list[tuple[int, Field, str]]:
    """The fields that a title may mean with rank and unit, best first."""
    return [(one.rank, one.field, one.unit) for one in readings(reg, path)]


def _read(reg: Register, path: Sequence[str], assumed: str) -> list[Reading]:
    words = _words(reg.name, reg.fields)
    found: dict[str, Reading] = {}
    for word, unit, cost in _tries(path, assumed):
        for rank, f in words.get(word, ()):
            for one, extra in _in_units(reg, f, unit):
                if one.name not in found or found[one.name].rank < rank - cost + extra:
                    found[one.name] = Reading(rank - cost + extra, one, unit)
    return list(found.values())


def _tries(path: Sequence[str], assumed: str) -> Iterator[tuple[str, str, int]]:
    """Words that a title may be looked up by, each with a unit and what it costs."""
    parts = [part for part in (bare_title(part) for part in path if part.strip()) if part]
    parts = [part for n, part in enumerate(parts) if n == 0 or part != parts[n - 1]]
    if not parts:
        return
    unit = ""
    if len(parts) > 1 and is_unit(parts[-1]):
        unit = _UNIT_LEAD.sub("", parts.pop().strip("()"))
    above = [split_unit(part) for part in parts[:-1]]
    unit = unit or next((one for _, one in reversed(above) if one), "")
    leads = [("".join(stem for stem, _ in above), 0)]
    if above:
        leads += [(above[-1][0], 3)] if len(above) > 1 else []
        leads.append(("", _LEADLESS))
    for lead, more in leads:
        for stem, own, cost in _stems(parts[-1]):
            yield lead + stem, own or unit or assumed, cost + more


def _stems(part: str) -> Iterator[tuple[str, str, int]]:
    """The last line of a title: without its unit, as it is, without 是否, without its remark, and the remark alone."""
    stem, unit = split_unit(part)
    yield stem, unit, 0
    if unit:
        yield part, unit, 1
    if part in UNITS:
        yield from ((one, part, 2) for units in FACTORS.values() for one in units if part in units and units[one] == units[part] and one != part)
    if stem.startswith("是否"):
        yield stem[2:], unit, _WHETHER
    remark = _BRACKETED.search(stem)
    if remark and remark.start():
        yield stem[: remark.start()], unit, _UNREMARKED
        yield remark[1], unit, _REMARK


def _in_units(reg: Register, f: Field, unit: str) -> Iterator[tuple[Field, int]]:
    """The field itself where the unit suits it, and the field of the same label that is kept in that very unit."""
    suiting = FACTORS.get(f.kind.name)
    if not unit or suiting is None:
        yield f, 0
        return
    if unit in suiting:
        yield f, 3 if factor(f, unit) == 1 else 0
    for other in reg.fields:
        if other is not f and other.label == f.label and factor(other, unit) == 1 and unit in FACTORS.get(other.kind.name, ()):
            yield other, 2


@lru_cache(maxsize=256)
def _words(reg_name: str, fields: tuple[Field, ...]) -> dict[str, list[tuple[int, Field]]]:
    """Plain word → the fields it may mean with a rank: label and title before synonyms, synonyms in their order."""
    found: dict[str, list[tuple[int, Field]]] = {}
    for f in fields:
        own = [(f.title, 100), (f.name, 99), (f.label, 98), *((word, 90 - n) for n, word in enumerate(f.also))]
        if f.kind.name == "date":  # 办结时间 and 办结日期 are one
            own += [(f"{word[:-2]}{_TWINS[word[-2:]]}", rank - 1) for word, rank in own if word.endswith(("日期", "时间"))]
        seen = set()
        for word, rank in own:
            plain = plain_title(word)
            for one in {plain, plain.split("(")[0] if split_unit(word)[1] else plain}:
                if one and one not in seen:
                    seen.add(one)
                    found.setdefault(one, []).append((rank, f))
    return found


def _ambiguous(one: Reading, ranked: list[Reading]) -> bool:
    """A bare 面积 where the register keeps one in 亩 and one in ㎡: only the unit could tell."""
    return not one.unit and any(
        other.field is not one.field and other.field.label == one.field.label and other.field.unit != one.field.unit for other in ranked
    )


def choice_in(path: Sequence[str], f: Field) -> tuple[str, list[str]] | None:
    """The choice of a field that a title names, by its label, and the title without it: 面积/永久（亩） is 永久征收 and 面积/亩."""
    for n, part in reversed(list(enumerate(path))):
        stem, unit = split_unit(bare_title(part))
        for word, label in _choices(f):
            if stem.startswith(word) or stem.endswith(word):
                rest = stem[len(word) :] if stem.startswith(word) else stem[: -len(word)]
                left = [*path[:n], rest.strip("/()"), *path[n + 1 :], unit]
                return label, [one for one in left if one.strip()]
    return None


@lru_cache(maxsize=64)
def _choices(f: Field) -> tuple[tuple[str, str], ...]:
    """The words of a choice with its label, longest first."""
    words = [(plain_title(word), one.label) for one in f.choices or () for word in (one.label, *one.also)]
    return tuple(sorted(words, key=lambda word: -len(word[0])))

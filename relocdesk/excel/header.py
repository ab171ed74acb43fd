"""Finding the head of a sheet and which of its columns is which field: labels, known synonyms, units, what was learned.

A head may stand below title rows, take up to three lines, be merged, and carry units. A column nobody can name for sure
stays unmapped and is listed; a field is never filled from two columns.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.excel.sheet import Raw, Sheet, column_letters
from relocdesk.field import Field, Register, half_width
from relocdesk.records.trail import LOCAL_MAPPING

DEEPEST = 40  # a head below this row is no head
LINES = 3
IGNORED = frozenset(("序号", "序", "行号", "顺序", "no", "no.", "问题", "在原表第几行"))
PROBLEM_TITLE, ORIGIN_TITLE = "问题", "在原表第几行"
_PLACE_LEVELS: dict[str, int] = {
    word: level
    for level, words in enumerate((
        ("乡镇", "乡(镇)", "乡", "镇", "街道", "乡镇街道", "所属乡镇", "所在乡镇", "乡镇名称", "乡(镇、街道)"),
        ("村", "行政村", "村委会", "村(社区)", "村(居)委会", "村居", "社区", "所在村", "所属村", "村名", "村名称", "行政村名称", "村社区"),
        ("组", "小组", "村民小组", "组别", "社", "村组", "村民组", "所在组", "组名", "小组名称", "村组别", "自然村"),
        ("村组代码", "区划代码", "行政区划代码", "统计用区划代码", "地区代码"),
    ))
    for word in words
}  # fmt: skip
_CODE_LEVEL = 3
# How a unit in the head turns into the unit that is kept.
_FACTORS: dict[str, dict[str, Decimal]] = {
    "money": {"元": Decimal(1), "万元": Decimal(10000), "万": Decimal(10000), "千元": Decimal(1000), "百万元": Decimal(10**6),
              "亿元": Decimal(10**8)},
    "mu": {"亩": Decimal(1), "公顷": Decimal(15), "ha": Decimal(15), "hm2": Decimal(15), "hm²": Decimal(15), "平方米": Decimal("0.0015"),
           "㎡": Decimal("0.0015"), "m2": Decimal("0.0015"), "m²": Decimal("0.0015"), "平方公里": Decimal(1500), "万亩": Decimal(10000)},
    "m2": {"平方米": Decimal(1), "㎡": Decimal(1), "m2": Decimal(1), "m²": Decimal(1), "公顷": Decimal(10000), "ha": Decimal(10000),
           "hm2": Decimal(10000), "hm²": Decimal(10000), "万平方米": Decimal(10000)},
}  # fmt: skip
_UNITS = frozenset(unit for units in _FACTORS.values() for unit in units) | {"人", "户", "个", "座", "天", "日", "年", "%", "份", "次", "项", "字节"}
_BRACKETED = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]\Z")


@dataclass(frozen=True, slots=True)
class Column:
    """One field of the sheet: where it comes from (several columns only for a place) and the factor of its unit."""

    field: Field
    columns: tuple[int, ...]
    factor: Decimal = Decimal(1)
    unit: str = ""


@dataclass
class Head:
    """The head of a sheet in terms of `Sheet.cells`: its lines, its titles by column, and what they mean."""

    first: int
    last: int
    titles: tuple[str, ...]  # "" where a column has none
    columns: tuple[Column, ...]
    unmapped: tuple[str, ...]  # titles nobody could place, as written
    learned: bool = False
    doubts: tuple[str, ...] = field(default=())

    @property
    def mapping(self) -> dict[str, str]:
        """Title → field name, "" for a column that is left out: what a person can correct."""
        found = {title: "" for title in self.titles if title}
        for column in self.columns:
            for position in column.columns:
                found[self.titles[position]] = column.field.name
        return found


def plain_title(title: str) -> str:
    """A title for comparing: width, blanks, line breaks, stars, colons and the shape of brackets made alike.

    >>> plain_title("面 积\\n（亩）*")
    '面积(亩)'
    """
    text = re.sub(r"\s+", "", half_width(title)).lower()
    text = re.sub(r"^[*:;,.。、]+|[*:;,.。、]+$", "", text)
    return text.translate(str.maketrans("〔〕【】[]", "()()()"))


def split_unit(title: str) -> tuple[str, str]:
    """The plain title without its unit, and the unit.

    >>> split_unit("总投资（万元）"), split_unit("面积/亩"), split_unit("户主(代表)")
    (('总投资', '万元'), ('面积', '亩'), ('户主(代表)', ''))
    """
    text = plain_title(title)
    found = _BRACKETED.search(text)
    if found:
        inner = re.sub(r"^单位[:]?", "", found[1])
        return (text[: found.start()], inner) if inner in _UNITS and found.start() else (text, "")
    slash = text.rpartition("/")
    if slash[1] and slash[2] in _UNITS and slash[0]:
        return slash[0], slash[2]
    return text, ""


@lru_cache(maxsize=256)
def _words(reg_name: str, fields: tuple[Field, ...]) -> dict[str, list[tuple[int, Field]]]:
    """Plain word → the fields it may mean with a rank: label and title before synonyms, synonyms in their order."""
    found: dict[str, list[tuple[int, Field]]] = {}
    for f in fields:
        own = [(f.title, 100), (f.name, 99), (f.label, 98), *((word, 90 - n) for n, word in enumerate(f.also))]
        seen = set()
        for word, rank in own:
            for plain in {plain_title(word), plain_title(word).split("(")[0] if _ends_with_unit(word) else plain_title(word)}:
                if plain and plain not in seen:
                    seen.add(plain)
                    found.setdefault(plain, []).append((rank, f))
    return found


def _ends_with_unit(word: str) -> bool:
    return bool(split_unit(word)[1])


def _fits_unit(f: Field, unit: str) -> bool:
    factors = _FACTORS.get(f.kind.name)
    if not unit or factors is None:
        return True
    return unit in factors


def candidates(reg: Register, path: Sequence[str]) -> list[tuple[int, Field, str]]:
    """The fields that a title may mean, best first, with the unit read from it. `path`: its lines from top to bottom."""
    words = _words(reg.name, reg.fields)
    parts = [plain_title(part) for part in path if part.strip()]
    parts = [part for n, part in enumerate(parts) if n == 0 or part != parts[n - 1]]
    if not parts:
        return []
    unit = ""
    if len(parts) > 1 and (parts[-1].strip("()") in _UNITS):
        unit = parts.pop().strip("()")
    last, unit_of_last = split_unit(parts[-1])
    unit = unit or unit_of_last
    tries = [("".join([*parts[:-1], last]), 0), ("".join(parts), 1), (last, 5), (parts[-1], 6)]
    if len(parts) > 2:
        tries.append(("".join([*parts[-2:-1], last]), 3))
    found: dict[str, tuple[int, Field, str]] = {}
    for word, cost in tries:
        for rank, f in words.get(word, ()):
            exact = 3 if unit and unit == f.unit else 0
            if _fits_unit(f, unit) and (f.name not in found or found[f.name][0] < rank - cost + exact):
                found[f.name] = (rank - cost + exact, f, unit)
    ranked = sorted(found.values(), key=lambda one: -one[0])
    return [one for one in ranked if not _ambiguous(one, ranked)]


def _ambiguous(one: tuple[int, Field, str], ranked: list[tuple[int, Field, str]]) -> bool:
    """A bare 面积 where the register keeps one in 亩 and one in ㎡: only the unit could tell."""
    return not one[2] and any(other[1] is not one[1] and other[1].label == one[1].label and other[1].unit != one[1].unit for other in ranked)


# --- columns ---------------------------------------------------------------------------------------------------------


def map_columns(reg: Register, paths: Sequence[Sequence[str]], mapping: Mapping[str, str] | None = None) -> tuple[list[Column], list[int]]:
    """Fields with their columns, and the columns left over. `mapping` (title → field name, "" = leave out) goes first."""
    titles = _unique([join_title(path) for path in paths])
    given = {plain_title(title): name for title, name in (mapping or {}).items()}
    taken: dict[str, Column] = {}
    used: set[int] = set()
    for position, title in enumerate(titles):
        if title and plain_title(title) in given:
            used.add(position)
            if name := given[plain_title(title)]:
                _take(reg, taken, name, position, title)
    _take_places(reg, paths, taken, used)
    wanted = sorted(
        ((rank, -position, f, unit) for position, path in enumerate(paths) if position not in used for rank, f, unit in candidates(reg, path)),
        key=lambda one: (-one[0], -one[1]),
    )
    for _, position, f, unit in wanted:
        if -position not in used and f.name not in taken:
            used.add(-position)
            taken[f.name] = Column(f, (-position,), _FACTORS.get(f.kind.name, {}).get(unit, Decimal(1)), unit)
    order = sorted(taken.values(), key=lambda column: column.columns)
    return order, [n for n, title in enumerate(titles) if title and n not in used and plain_title(title) not in IGNORED]


def _take(reg: Register, taken: dict[str, Column], name: str, position: int, title: str) -> None:
    f = reg[name] if name in reg else reg.find(name)
    if f is None:
        raise UserError(f"“{reg.label}”没有“{name}”这一栏", hint="可用：" + "、".join(f.label for f in reg.fields))
    unit = split_unit(title)[1]
    before = taken.get(f.name)
    if before is not None and f.kind.name != "place":
        raise UserError(f"“{f.label}”对应了不止一列（{title}）", hint="一栏只能取自一列，请改列对应")
    columns = (*before.columns, position) if before else (position,)
    taken[f.name] = Column(f, columns, _FACTORS.get(f.kind.name, {}).get(unit, Decimal(1)), unit)


def _take_places(reg: Register, paths: Sequence[Sequence[str]], taken: dict[str, Column], used: set[int]) -> None:
    """乡镇 · 村 · 组 in columns of their own, and the code: together one place."""
    if "place" not in reg or reg["place"].kind.name != "place" or "place" in taken:
        return
    levels: dict[int, int] = {}
    for position, path in enumerate(paths):
        words = [plain_title(part) for part in path if part.strip()]
        level = _PLACE_LEVELS.get("".join(words), _PLACE_LEVELS.get(words[-1])) if words else None
        if level is not None and position not in used:
            levels.setdefault(level, position)
    names = [levels[level] for level in (0, 1, 2) if level in levels]
    if len(names) + (_CODE_LEVEL in levels) < 2 and not (names and 2 not in levels) and _CODE_LEVEL not in levels:
        return  # a lone 村组 or 组 is the place's own title
    if _CODE_LEVEL in levels:
        names.insert(0, levels[_CODE_LEVEL])
    whole = next((n for n, path in enumerate(paths) if n not in used and n not in names
                  and any(f.name == "place" for _, f, _ in candidates(reg, path)[:1])), None)  # fmt: skip
    if whole is not None and 2 not in levels:
        names.append(whole)
    used.update(names)
    taken["place"] = Column(reg["place"], tuple(names), unit="code" if _CODE_LEVEL in levels else "")


def join_title(path: Sequence[str]) -> str:
    """A title of several lines as people read it: 面积/永久."""
    parts = [re.sub(r"\s+", "", half_width(part)) for part in path]
    kept = [part for n, part in enumerate(parts) if part and (n == 0 or part != parts[n - 1])]
    return "/".join(kept)


# --- the head --------------------------------------------------------------------------------------------------------


def find_head(sheet: Sheet, reg: Register, mapping: Mapping[str, str] | None = None) -> tuple[int, Head] | None:
    """The best head of a sheet with its score, or None when nothing there looks like one."""
    best: tuple[int, int, int] | None = None
    deepest = min(DEEPEST, len(sheet.cells))
    spread = _spread(sheet, deepest + LINES)
    for first in range(deepest):
        if sum(1 for cell in spread[first] if cell) < 1:
            continue
        for last in range(first, min(first + LINES, len(spread))):
            if last > first and not _continues(sheet, spread, first, last):
                break
            score = _score(reg, _paths(spread, first, last), mapping, spread[first : last + 1])
            if score and (best is None or score > best[0]):
                best = (score, first, last)
    if best is None:
        return None
    score, first, last = best
    return score, make_head(sheet, reg, first, last, mapping)


def make_head(sheet: Sheet, reg: Register, first: int, last: int, mapping: Mapping[str, str] | None = None) -> Head:
    """The head standing in these lines."""
    paths = _paths(_spread(sheet, last + 1), first, last)
    columns, left = map_columns(reg, paths, mapping)
    titles = _unique([join_title(path) for path in paths])
    doubts = [f"“{titles[n]}”没有写单位，认不出是哪一栏" for n in left if _bare(reg, paths[n])]
    return Head(first, last, titles, tuple(columns), tuple(titles[n] for n in left), mapping is not None, tuple(doubts))


def _unique(titles: Sequence[str]) -> tuple[str, ...]:
    """Equal titles told apart by their column, so that a mapping can name each."""
    return tuple(f"{title}（{column_letters(n)}列）" if title and title in titles[:n] else title for n, title in enumerate(titles))


def _bare(reg: Register, path: Sequence[str]) -> bool:
    word = plain_title(join_title(path))
    return len({f.unit for f in reg.fields if plain_title(f.label) == word}) > 1


def _spread(sheet: Sheet, rows: int) -> list[list[str]]:
    """The first rows as texts, each merged range filled with its value."""
    found = [[_text(cell) for cell in row] for row in sheet.cells[:rows]]
    for top, left, bottom, right in sheet.merges:
        if top >= rows or (right - left + 1 >= sheet.width and sheet.width > 2 and bottom == top):
            continue  # a title across the whole sheet heads no column
        for row in range(top, min(bottom + 1, rows, len(found))):
            for column in range(left, right + 1):
                found[row][column] = found[top][left]
    return found


def _text(cell: Raw) -> str:
    return cell.strip() if isinstance(cell, str) else str(cell)


def _paths(spread: list[list[str]], first: int, last: int) -> list[list[str]]:
    lines = [list(row) for row in spread[first : last + 1]]
    if len(lines) > 1:
        top, below = lines[0], lines[1]
        for n in range(1, len(top)):  # an unmerged heading stands over the first of its columns only
            if not top[n] and below[n] and below[n - 1] and top[n - 1] and top[n - 1] != below[n - 1]:
                top[n] = top[n - 1]
    return [[line[n] for line in lines] for n in range(len(lines[0]))]


def _continues(sheet: Sheet, spread: list[list[str]], first: int, last: int) -> bool:
    """Whether a further line can belong to the head: texts only, and something above it is merged or empty."""
    row = sheet.cells[last]
    if any(not isinstance(cell, str) for cell in row) or not any(spread[last]):
        return False
    above = spread[last - 1]
    return any(top <= last <= bottom and bottom > top and top <= last - 1 for top, _, bottom, _ in sheet.merges) or any(
        (above[n] and n and above[n] == above[n - 1]) or (not above[n] and spread[last][n]) for n in range(len(above))
    ) or all(not cell or cell.strip("()（）") in _UNITS for cell in spread[last])


def _score(reg: Register, paths: list[list[str]], mapping: Mapping[str, str] | None, lines: list[list[str]]) -> int:
    """How well titles fit: the ranks of the fields found, required and key ones counting double; 0 when it is no head."""
    columns, left = map_columns(reg, paths, mapping)
    filled = sum(1 for path in paths if any(path))
    if not columns or (len(columns) < 2 and filled > 2) or len(columns) * 4 < filled:
        return 0
    weighty = sum(1 for column in columns if column.field.required or column.field.name in reg.key_fields)
    return 100 * (len(columns) + weighty) - 10 * len(left) - 3 * len(lines)


# --- learned and given mappings --------------------------------------------------------------------------------------


def shape(titles: Sequence[str]) -> str:
    """The fingerprint of a head by which a correction is remembered."""
    return hashlib.sha256("\n".join(plain_title(title) for title in titles).encode()).hexdigest()[:32]


def recall(session: Session, reg: Register, titles: Sequence[str]) -> dict[str, str] | None:
    """The mapping that was corrected for a head of this shape, or None."""
    found = session.execute(
        select(LOCAL_MAPPING.c.mapping).where(LOCAL_MAPPING.c.register == reg.name, LOCAL_MAPPING.c.shape == shape(titles))
    ).scalar()
    return dict(json.loads(found)) if found else None


def remember(session: Session, reg: Register, titles: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Keeps a corrected mapping for heads of this shape; of this copy only, not history."""
    mark = shape(titles)
    session.execute(delete(LOCAL_MAPPING).where(LOCAL_MAPPING.c.register == reg.name, LOCAL_MAPPING.c.shape == mark))
    session.execute(insert(LOCAL_MAPPING).values(register=reg.name, shape=mark, mapping=json.dumps(dict(mapping), ensure_ascii=False)))


def read_mapping(text: str, reg: Register) -> dict[str, str]:
    """A mapping from its JSON file: {"title": "field name or label", …}; raises UserError saying what is wrong."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise UserError("列对应文件不是 JSON", hint='应为 {"表头": "栏目名"} 的形式') from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise UserError("列对应文件的格式不对", hint='应为 {"表头": "栏目名"} 的形式')
    found = {}
    for title, name in given.items():
        f = reg.find(name) if name else None
        if name and f is None:
            raise UserError(f"列对应文件里的“{name}”不是“{reg.label}”的栏目", hint="可用：" + "、".join(f.label for f in reg.fields))
        found[title] = f.name if f else ""
    return found


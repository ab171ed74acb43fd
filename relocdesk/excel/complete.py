"""What a table leaves to its surroundings: the project, and the village that stands above the head, in a section or on the tab."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.excel.body import Body
from relocdesk.excel.caption import read_caption
from relocdesk.excel.header import Head
from relocdesk.excel.sheet import Sheet
from relocdesk.excel.titles import plain_title
from relocdesk.field import TEXT, Field, Register, half_width
from relocdesk.queries.places import Places, chinese_number
from relocdesk.records.project import Project
from relocdesk.records.support import Period

_NUMBERED = re.compile(r"\s*[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．\s]+\s*")
_REMARKED = re.compile(r"[(（][^()（）]*[)）]\s*\Z")
_PERIOD = re.compile(r"(\d{4})\s*年度?\s*第?\s*([一二三四五六七八九十\d]{1,2})\s*(?:期|季)")
_GENERAL = ("date", "month", "year", "choice")  # kinds of fields that one line above the head may give to every row


def complete_defaults(session: Session, reg: Register, head: Head, defaults: dict[str, str]) -> list[str]:
    """What the lines above the head say of every row, and a township's only project, which sheets seldom name."""
    there = {column.field.name for column in head.columns} | set(defaults)
    notes = []
    for f in reg.fields:
        word = next((word for word in (f.label, *f.also) if plain_title(word) in head.caption.said), "")
        if not word or f.name in there or f.computed or f.via or not (f.kind.name in _GENERAL or f.choices or f.to == "project"):
            continue
        value = head.caption.said[plain_title(word)]
        if _readable(session, f, value):
            defaults[f.name] = value
            notes.append(f"表头上方写着“{word}：{value}”，各行的“{f.label}”按它登记")
    if "project" not in reg or not reg["project"].required or "project" in there | set(defaults):
        return notes
    names = session.execute(select(Project.name).where(Project.deleted == 0).limit(2)).scalars().all()
    if len(names) != 1:
        return notes
    defaults["project"] = names[0]
    return [*notes, f"表里没有“工程”一栏，按“{names[0]}”登记"]


def complete_period(session: Session, reg: Register, sheet: Sheet, head: Head, defaults: dict[str, str]) -> list[str]:
    """A roster of the subsidy names its period in the title alone: 三坝乡2025年第4期移民直补发放花名册."""
    if "period" not in reg or reg["period"].to != "period" or "period" in {column.field.name for column in head.columns} | set(defaults):
        return []
    title = " ".join(half_width(str(cell)) for cell in [*(cell for row in sheet.cells[: head.first] for cell in row), sheet.name] if cell != "")
    said = _PERIOD.search(title)
    if said is None:
        return []
    year, number = int(said[1]), chinese_number(said[2]) or 0
    places = Places.load(session)
    found = session.execute(select(Period.place).where(Period.deleted == 0, Period.year == year, Period.number == number)).scalars().all()
    named = [place for place in found if place and places.nodes[place].name in title] if len(found) > 1 else list(found)
    if len(named) != 1:
        return [f"标题上是 {year} 年第 {number} 期，" + ("台账里没有这个发放期，请先登记" if not found else "有几个乡镇的，标题上要写明是哪个乡镇")]
    defaults["period"] = "/".join([str(year), str(number), *([places.code(named[0])] if named[0] else [])])
    return [f"表里没有“发放期”一栏，按标题上的 {year} 年第 {number} 期登记"]


def _readable(session: Session, f: Field, value: str) -> bool:
    if f.to:
        return session.execute(select(Project.id).where(Project.deleted == 0, Project.name == value).limit(1)).scalar() is not None
    try:
        f.read(value)
    except UserError:
        return False
    return True


def complete_sections(reg: Register, body: Body) -> list[str]:
    """A required text whose label ends the headings within the table: rows below （一）资金管理使用方面 have this 方面."""
    there = {f.name for f in body.fields}
    for f in reg.fields:
        said = [(number, _REMARKED.sub("", _NUMBERED.sub("", text, count=1)).strip()) for number, text in body.sections]
        named = [(number, text) for number, text in said if text.endswith(f.label) and text != f.label]
        if not f.required or f.kind is not TEXT or f.name in there or not named or any(number < named[0][0] for number, _ in body.rows):
            continue
        starts = [number for number, _ in named]
        body.fields = (*body.fields, f)
        body.rows = [(number, (*cells, named[bisect_right(starts, number) - 1][1])) for number, cells in body.rows]
        return [f"表里没有“{f.label}”一栏，按分段标题（{'、'.join(f'“{text}”' for _, text in named[:3])}等 {len(named)} 段）登记"]
    return []


# --- places ----------------------------------------------------------------------------------------------------------


def complete_places(session: Session, reg: Register, sheet: Sheet, head: Head, body: Body, defaults: dict[str, str]) -> list[str]:
    """Rows that name only a group belong to the village of their section, of the line above the head, or of the tab.

    A place that is found as written stays; so does one that is found nowhere. The rows of `body` are completed in place.
    """
    if "place" not in reg or reg["place"].kind.name != "place":
        return []
    at = next((n for n, f in enumerate(body.fields) if f.name == "place"), None)
    above = [place for place in (head.caption.place(reg), sheet.name.strip()) if place]
    sections = [(number, text) for number, said in body.sections if (text := _section_place(said, reg))]
    places = Places.load(session)
    if at is None:
        found = next((place for place in above if _found(places, place)), "")
        if found and "place" not in defaults and reg["place"].required:
            defaults["place"] = found
            return [f"表里没有“村组”一栏，按“{places.full(places.resolve(found))}”登记"]
        return []
    column = next(column for column in head.columns if column.field.name == "place")
    written = column.columns[min(column.unit == "code", len(column.columns) - 1)]
    return _Completion(places, sections, above).rows(sheet, body, at, written)


class _Completion:
    def __init__(self, places: Places, sections: Sequence[tuple[int, str]], above: Sequence[str]) -> None:
        self.places, self.above = places, above
        self.sections = [(number, text) for number, text in sections if _found(places, text)]
        self.memo: dict[tuple[int, str], str] = {}

    def rows(self, sheet: Sheet, body: Body, at: int, written: int) -> list[str]:
        """Completes the rows, whose place is the cell `at` and begins in column `written` of the sheet; returns a note when any was."""
        starts = [number for number, _ in self.sections]
        used: dict[str, None] = {}
        for n, (number, cells) in enumerate(body.rows):
            text = str(cells[at]).strip()
            section = bisect_right(starts, number) - 1
            key = (section, text)
            if key not in self.memo:
                self.memo[key] = self._prefix(text, section)
            if prefix := self.memo[key]:
                used[prefix] = None
                index = number - sheet.first_row - 1
                body.filled[index, written] = f"{prefix} {sheet.cells[index][written]}".strip()
                body.rows[n] = (number, (*cells[:at], f"{prefix} {text}".strip(), *cells[at + 1 :]))
        return [f"表里的村组没有写全，前面加上了{'、'.join(f'“{one}”' for one in list(used)[:6])}"] if used else []

    def _prefix(self, text: str, section: int) -> str:
        """What to put before a place as written; "" when it is found without, or not at all."""
        prefixes = [*([self.sections[section][1]] if section >= 0 else []), *self.above]
        joined = " ".join(part for part in (self.above[0] if self.above else "", self.sections[section][1] if section >= 0 else "") if part)
        tries = [one for one in dict.fromkeys((*prefixes, joined)) if one and (found := _found(self.places, f"{one} {text}"))
                 and self._deeper(found, one, text)]  # fmt: skip
        return tries[0] if tries else ""

    def _deeper(self, found: str, prefix: str, text: str) -> bool:
        """Whether the prefix leads to another place than the text alone, or the text alone is not enough."""
        alone = _found(self.places, text)
        return alone != found and bool(text or _found(self.places, prefix))


def _found(places: Places, text: str) -> str:
    try:
        return places.resolve(text) if text else ""
    except UserError:
        return ""


def _section_place(said: str, reg: Register) -> str:
    """The place that a heading within the table names: 一、柳树村 or 村：柳树村."""
    return read_caption([[said]]).place(reg) or _NUMBERED.sub("", said, count=1).strip()

"""Rectification of what an inspection found: its terms, when an item is overdue, who signs next, measures in one cell.

The law leaves the terms to the inspecting party committee, so their lengths are settings that are passed in; days are
calendar days, the first one not counted (民法典 art. 201).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from relocdesk.rules.days import add_days, add_months, days_between
from relocdesk.rules.identity import comparison_name, names_of

Signature = Literal["section", "leader", "group"]
SIGNATURES: tuple[Signature, ...] = ("section", "leader", "group")
_CHINESE = "一二三四五六七八九十"
_MARKS = (  # ways of numbering, each with the number in its only group
    re.compile(r"(\d{1,2})\s*[.．、)）](?!\d)"),
    re.compile(r"[(（]\s*(\d{1,2})\s*[)）]"),
    re.compile(rf"[(（]([{_CHINESE}]{{1,3}})[)）]"),
    re.compile(rf"([{_CHINESE}]{{1,3}})[、是]"),
    re.compile(r"([①-⑳])"),
)
_EDGES = " \t\n\u3000；;。"


def plan_due(feedback_on: str, days: int) -> str:
    """The last day to hand in the rectification plan, `days` after the findings were told.

    >>> plan_due("2023-09-12", 30)
    '2023-10-12'
    """
    return add_days(feedback_on, days)


def months_after(day: str, months: int) -> str:
    """The same day so many months later; a month that is too short gives its last day (民法典 art. 202).

    >>> months_after("2023-09-12", 3), months_after("2023-11-30", 3)
    ('2023-12-12', '2024-02-29')
    """
    month = add_months(day[:7], months)
    last = monthrange(int(month[:4]), int(month[5:]))[1]
    return f"{month}-{min(int(day[8:]), last):02d}"


def overdue_days(due_on: str, settled: bool, on: str) -> int:
    """Whole days past the deadline on a day; 0 while there is time, and for what is settled (Z02).

    >>> overdue_days("2023-12-12", False, "2023-12-15"), overdue_days("2023-12-12", True, "2023-12-15")
    (3, 0)
    """
    return 0 if settled else max(0, days_between(due_on, on))


def same_person(one: str, other: str) -> bool:
    """Whether somebody stands in both signatures, however the name is spelt: blanks, width and separators count for nothing.

    >>> same_person("王 建国", "王建国"), same_person("王建国、李梅", "李　梅"), same_person("王建国", "孙明")
    (True, True, False)
    """
    return not _people(one).isdisjoint(_people(other))


def _people(text: str) -> set[str]:
    """Everybody a signature may mean: blanks stand between people, or between a surname and its name."""
    return {comparison_name(name) for name in (*names_of(text), *re.split(r"[、,，;；/]", text)) if name.strip()}


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has signed an item off so far; "" = nobody yet."""

    section: str = ""
    leader: str = ""
    group: str = ""

    def next(self) -> Signature | None:
        """The signature that is due: section, then the leader in charge, then the party group; None when all are there."""
        return next((one for one in SIGNATURES if not getattr(self, one)), None)

    def may_close(self) -> bool:
        """Whether two different people stand behind it."""
        return bool(self.section and self.leader) and not same_person(self.section, self.leader)


def refusal(signed: Signed, wanted: Signature, signer: str, *, evidence: bool, open_measures: int) -> str:
    """Why a signature cannot be taken now, "" when it can.

    Order: the section applies with evidence, the leader in charge examines, the party group strikes the item off; the one
    who applies never examines.

    >>> refusal(Signed(), "section", "王建国", evidence=False, open_measures=0)
    '还没有佐证材料'
    >>> refusal(Signed("王建国"), "leader", "王建国", evidence=True, open_measures=0)
    '股室签字和领导签字是同一个人（王建国）'
    """
    due = signed.next()
    if due is None:
        return "已经销号"
    if SIGNATURES.index(wanted) < SIGNATURES.index(due):
        return "这一步已经签过字"
    if wanted != due:
        return {"section": "股室还没有签字", "leader": "分管领导还没有签字"}[str(due)]
    if not evidence:
        return "还没有佐证材料"
    if open_measures:
        return f"还有 {open_measures} 条措施没有完成"
    if wanted == "leader" and same_person(signer, signed.section):
        return f"股室签字和领导签字是同一个人（{signer}）"
    if wanted == "group" and same_person(signer, signed.section):
        return f"股室签字和党组销号是同一个人（{signer}）"
    return ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many problems stand where; the four always make the total (Z01)."""

    done: int
    nearly: int
    open: int
    lasting: int

    @property
    def total(self) -> int:
        """All problems."""
        return self.done + self.nearly + self.open + self.lasting

    def sentence(self) -> str:
        """As reports say it.

        >>> Tally(31, 5, 2, 0).sentence(), Tally(31, 5, 2, 1).sentence()
        ('共 38 个问题，已完成整改 31 个，基本完成 5 个，未完成 2 个', '共 39 个问题，已完成整改 31 个，基本完成 5 个，未完成 2 个，长期坚持 1 个')
        """
        text = f"共 {self.total} 个问题，已完成整改 {self.done} 个，基本完成 {self.nearly} 个，未完成 {self.open} 个"
        return text + (f"，长期坚持 {self.lasting} 个" if self.lasting else "")


def measures_of(text: str) -> tuple[str, ...]:
    """The measures written into one cell, their numbers taken off; a text without numbers is one measure, or one a line.

    Only numbers that begin at the head with one and go on by one are marks, so that 2.5 万元 or 第2季度 cut nothing.

    >>> measures_of("1.建立台账；2.逐户核对。3、公开结果"), measures_of("（一）约谈（二）整改"), measures_of("按月核对")
    (('建立台账', '逐户核对', '公开结果'), ('约谈', '整改'), ('按月核对',))
    >>> measures_of("一是约谈。二是整改，统一是要求")
    ('约谈', '整改，统一是要求')
    """
    plain = text.replace("\r\n", "\n").strip()
    way = next((mark for mark in _MARKS if (found := mark.match(plain)) and _value(found[1]) == 1), None)
    pieces = plain.splitlines() if way is None else _cut(plain, way)
    return tuple(piece.strip(_EDGES) for piece in pieces if piece.strip(_EDGES))


def _cut(plain: str, way: re.Pattern[str]) -> list[str]:
    """The pieces between marks that count 1, 2, 3 …; 1. and 1、 may be mixed."""
    marks: list[re.Match[str]] = []
    for one in way.finditer(plain):
        if _value(one[1]) == len(marks) + 1:
            marks.append(one)
    ends = [one.start() for one in marks[1:]] + [len(plain)]
    return [plain[one.end() : end] for one, end in zip(marks, ends, strict=True)]


def _value(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    tens, sign, ones = text.rpartition("十")
    if not sign:
        return _CHINESE.index(text) + 1 if len(text) == 1 else 0
    return (_CHINESE.index(tens) + 1 if tens else 1) * 10 + (_CHINESE.index(ones) + 1 if ones else 0) if len(tens) < 2 and len(ones) < 2 else 0


def measures_text(measures: Sequence[str]) -> str:
    """The same in one cell, one a line, numbered.

    >>> measures_text(("建立台账", "逐户核对"))
    '1. 建立台账\\n2. 逐户核对'
    """
    return "\n".join(f"{n}. {text}" for n, text in enumerate(measures, 1))

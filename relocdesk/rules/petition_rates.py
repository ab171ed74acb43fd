"""The rates of an office's petition work in a period: what was counted, by which way, and the cases behind each number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from relocdesk.rules.calendar import Calendar
from relocdesk.rules.petition import Case, Clock, clocks


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with what it is made of: ids of the cases counted (`part`) and of those that could have been (`whole`)."""

    code: str
    label: str
    formula: str  # how this variant counts, for people
    part: tuple[str, ...]
    whole: tuple[str, ...]

    def percent(self) -> str:
        """One decimal, rounded half up; "—" when nothing was due, and never 100% while one is missing.

        >>> Rate("x", "", "", (), ()).percent(), Rate("x", "", "", ("a",), ("a",)).percent()
        ('—', '100%')
        """
        if not self.whole:
            return "—"
        if len(self.part) == len(self.whole):
            return "100%"
        tenths = min((len(self.part) * 2000 + len(self.whole)) // (2 * len(self.whole)), 999)
        return f"{tenths // 10}.{tenths % 10}%"


def rates(cases: Sequence[Case], since: str, until: str, on: str, calendar: Calendar, *, reply: str = "notice", finish: str = "due",
          calendars: Mapping[str, Calendar] | None = None) -> list[Rate]:  # fmt: skip
    """The rates of a period (both days included), as they stand on a day; cases sent back or joined to another are left out.

    A matter that 复查 or 复核 sent back counts once, as the case it was first (`matters`): 按期办结率 says whether the first answer came
    within the term of art. 34, which an opinion that was revoked met or missed all the same; the handling anew has a term of the office's
    own and its own clock, and is in no rate. Whether people are satisfied and let it rest is what they said last.

    calendars: home → the calendar of its office, where that is not the one given.
    reply: "notice" = written notice in time ÷ notices due, "final" = opinion delivered in time ÷ opinions due.
    finish: "due" = finished in time ÷ due, "accepted" = finished ÷ accepted in the period, whenever due.
    A case whose term has not ended on the day is not due yet, unless it has been met; a withdrawn one counts among the terms
    that it had met or missed before, and as received, nowhere else. [unsure: settings]
    """
    end = min(until, on)
    counted = matters(cases)

    def timely(code: str, met: Callable[[Case, Clock], str] = lambda _, one: one.done) -> tuple[tuple[str, ...], tuple[str, ...]]:
        terms = ((case, one) for case in counted for one in clocks(case, (calendars or {}).get(case.home, calendar)))
        due = [(case.id, one.due, met(case, one)) for case, one in terms if one.code == code and since <= one.due <= until]
        due = [(row, day, done) for row, day, done in due if day <= end or "" < done <= on]
        return tuple(row for row, day, done in due if "" < done <= day), tuple(row for row, _, _ in due)

    def share(whole: Callable[[Case], bool], part: Callable[[Case], bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found = [case for case in counted if whole(case)]
        return tuple(case.id for case in found if part(case)), tuple(case.id for case in found)

    def replied(case: Case, one: Clock) -> str:
        return one.done and (case.delivered_on or (one.done if case.unreachable else ""))

    def within(day: str) -> bool:
        return since <= day <= end

    def accepted(case: Case) -> bool:
        return within(case.accepted_on) and not case.ended_on

    def settled_by_now(case: Case) -> bool:
        return "" < case.settled_on <= on

    finished = timely("close") if finish == "due" else share(accepted, lambda case: bool(case.closed_on) and case.closed_on <= on)
    settled = share(accepted, settled_by_now)
    first = share(lambda case: accepted(case) and not case.repeat, lambda case: settled_by_now(case) and not case.reviews and not case.again)
    rated = share(lambda case: within(case.closed_on) and case.satisfaction in ("good", "fair", "bad"), lambda case: case.satisfaction != "bad")
    asked = share(lambda case: within(case.closed_on), lambda case: case.satisfaction in ("good", "fair", "bad"))
    again = share(lambda case: within(case.received_on), lambda case: case.repeat)
    timely_reply = "书面告知不晚于期限 ÷ 告知期限在本期内届满" if reply == "notice" else "最终答复送达不晚于办理期限 ÷ 办理期限在本期内届满"
    timely_end = "办结不晚于期限（含延期）÷ 办理期限在本期内届满" if finish == "due" else "已办结 ÷ 本期受理"
    return [
        Rate("reply", "回复率", timely_reply, *(timely("notice") if reply == "notice" else timely("close", replied))),
        Rate("finish", "按期办结率", timely_end, *finished),
        Rate("settle", "化解率", "已息诉 ÷ 本期受理", *settled),
        Rate("first", "初信初访一次化解率", "已息诉且没有复查复核、没有再来 ÷ 本期受理的初信初访", *first),
        Rate("satisfied", "满意率", "（满意＋基本满意）÷ 本期办结并已评价", *rated),
        Rate("rated", "参评率", "已评价 ÷ 本期办结", *asked),
        Rate("repeat", "重复信访占比", "重复件 ÷ 本期登记", *again),
    ]


def roots(cases: Sequence[Case]) -> dict[str, str]:
    """Each case's id → the id of the case that it was first: itself, or the one that it handles anew."""
    there = {case.id for case in cases}
    earlier = {case.id: case.redo_of for case in cases if case.redo and case.redo_of in there}
    found = {}
    for case in cases:
        root, passed = case.id, {case.id}
        while root in earlier and earlier[root] not in passed:
            root = earlier[root]
            passed.add(root)
        found[case.id] = root
    return found


def matters(cases: Sequence[Case]) -> list[Case]:
    """The cases that count: none that was sent back or joined, and one that was handled anew once, with what its petitioner said last."""
    first = roots(cases)
    anew: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda case: case.received_on):
        if first[case.id] != case.id:
            anew.setdefault(first[case.id], []).append(case)
    return [_whole(case, anew.get(case.id, ())) for case in cases if not case.void and first[case.id] == case.id]


def _whole(case: Case, anew: Sequence[Case]) -> Case:
    said = [one.satisfaction for one in (case, *anew) if one.satisfaction in ("good", "fair", "bad")]
    rests = min(filter(None, (one.settled_on for one in (case, *anew))), default="")
    return replace(case, satisfaction=said[-1] if said else case.satisfaction, settled_on=rests) if anew else case


def solved_on(case: Case) -> str:
    """The day on which a demand was solved (化解); "" when it was not: refused ones are answered, not solved (F46).

    By the answer that gives what was asked for or by the agreement (办结日), else once the petitioner lets it rest (息诉日); once.

    >>> solved_on(Case("a", "2026-03-02", closed_on="2026-04-20")), solved_on(Case("a", "2026-03-02", closed_on="2026-04-20", granted=True))
    ('', '2026-04-20')
    """
    if case.ended_on:
        return ""
    return min(filter(None, (case.settled_on, case.closed_on if case.granted else "")), default="")


def solved_days(cases: Sequence[Case]) -> dict[str, str]:
    """The id of each matter that was solved → the day, whichever of its cases solved it; each once."""
    first, found = roots(cases), dict[str, str]()
    for case in cases:
        if day := solved_on(case):
            root = first[case.id]
            found[root] = min(day, found.get(root, day))
    return found


def change_rate(now: int, before: int) -> str:
    """同比: how many per cent more (or fewer) than in the period before; "—" when there was none.

    >>> change_rate(8, 10), change_rate(3, 0), change_rate(5, 5)
    ('-20.0%', '—', '0.0%')
    """
    if not before:
        return "—"
    difference = (now - before) * 1000
    tenths = (abs(difference) * 2 + before) // (2 * before)
    return f"{'-' if difference < 0 else ''}{tenths // 10}.{tenths % 10}%"


def zero_years(confirmed: Sequence[int], eventful: Sequence[int], until: int) -> int:
    """连续零上访年数: how many years in a row up to `until` are confirmed and without any visit to a higher level.

    >>> zero_years([2021, 2022, 2023], [2021], 2023)
    2
    """
    years = 0
    while until - years in confirmed and until - years not in eventful:
        years += 1
    return years

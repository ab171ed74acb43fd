"""Postings (公示): how long they must hang, and whether what they say may be paid yet. Knows no today().

The office sets how many days; the law sets a floor for plans of compensation only. Days are counted without the first one, and the
last one belongs to the villagers until it ends (民法典 arts 201, 203).
"""

from __future__ import annotations

from dataclasses import dataclass

from relocdesk.rules.calendar import Calendar
from relocdesk.rules.days import add_days, days_between, due_on_workday, workdays_between

START, END = "张榜时", "期满时"
_SAYS = {START: ("张榜", "张贴", "上墙", "起始", "开始"), END: ("期满", "结束", "揭榜", "截止")}


def photo_end(*texts: str) -> str:
    """Of which end of a posting a photo is, by what is written about it (its remark, then its file's name); "" when nothing says so.

    >>> photo_end("", "柳树村期满.jpg"), photo_end("张榜时", "期满.jpg"), photo_end("", "张榜和期满.jpg"), photo_end("", "IMG_2211.jpg")
    ('期满时', '张榜时', '', '')
    """
    for text in texts:
        said = [end for end, words in _SAYS.items() if any(word in text for word in words)]
        if said:
            return said[0] if len(said) == 1 else ""
    return ""


def hangs(until_on: str, on: str) -> bool:
    """Whether a posting has not run out on a day: its last day counts to its end, and one that begins later has not run out either.

    >>> hangs("2026-11-17", "2026-11-17"), hangs("2026-11-17", "2026-11-18")
    (True, False)
    """
    return on <= until_on


@dataclass(frozen=True, slots=True)
class PostingTerm:
    """The least time a posting hangs: so many calendar days, or working days by a calendar."""

    days: int
    calendar: Calendar | None = None  # None: calendar days

    @property
    def unit(self) -> str:
        """The word for its days."""
        return "天" if self.calendar is None else "个工作日"

    def end(self, start: str) -> str:
        """The first day on which it may end.

        >>> PostingTerm(7).end("2026-11-20"), PostingTerm(7, Calendar()).end("2026-11-20")
        ('2026-11-27', '2026-12-01')
        """
        return add_days(start, self.days) if self.calendar is None else due_on_workday(start, self.days, self.calendar.days)

    def counted(self, start: str, end: str) -> int:
        """The days between, in its own unit."""
        return days_between(start, end) if self.calendar is None else workdays_between(start, end, self.calendar.days)

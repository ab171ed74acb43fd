"""Deadlines as offices write them: 2024年6月底前, 2026年9月至12月, 2026年上半年, 立行立改; the last day that still counts.

A deadline without a day means the end of what it names; a month with no word beside it is its first day, as any date is.
What could be read in two ways is not read.
"""

from __future__ import annotations

import re
from calendar import monthrange

_UNTIL = re.compile(r"(?:至|到|—+|–|~|～)(?=\d)")
_BREAK = re.compile(r"[,，;；、。(（)）]|并|且")
_BEFORE = r"(以前|之前|前|止|截止)?(完成|整改到位|整改完成|化解)?\Z"
_WHOLE = re.compile(r"(\d{4})(?:[-./年](\d{1,2})[-./月](\d{1,2})[日号]?|(\d{2})(\d{2}))" + _BEFORE)
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?份?(?P<end>[底末])?" + _BEFORE)
_BARE = re.compile(r"(\d{4})[-./年](\d{1,2})月?份?\Z")
_PART = re.compile(r"(\d{4})[-./年](\d{1,2})月?(上旬|中旬|下旬)" + _BEFORE)
_YEAR = re.compile(r"(\d{4})年?度?(年?[底末]|内)?" + _BEFORE)
_HALF = re.compile(r"(\d{4})年?度?(上半年|下半年|年中)[底末]?" + _BEFORE)
_QUARTER = re.compile(r"(\d{4})年?度?第?([一二三四1-4])季度?[底末]?" + _BEFORE)
_LASTS = re.compile(r"\D*(立行立改|立即|马上|即知即改|即行即改|边查边改|长期|持续|常态|经常|随时|贯穿|不断|始终)\D*\Z")
_TENTHS = {"上旬": 10, "中旬": 20}


def lasts(text: str) -> bool:
    """Whether a text names no day because the work is to be done at once or for ever: 立行立改, 长期坚持.

    >>> lasts("立行立改并长期坚持"), lasts("2026年长期"), lasts("待定")
    (True, False, False)
    """
    return bool(_LASTS.match(text.strip()))


def last_day(text: str) -> str | None:
    """The last day of a deadline, None for one that cannot be read with certainty; `text` in half width.

    >>> last_day("2024年6月底前"), last_day("2026.9-12月"), last_day("2026年12月31日前完成"), last_day("2026年年底")
    ('2024-06-30', None, '2026-12-31', '2026-12-31')
    >>> last_day("2026年9月至12月底"), last_day("2026年上半年"), last_day("2026年第三季度"), last_day("2026年6月前")
    ('2026-12-31', '2026-06-30', '2026-09-30', None)
    >>> last_day("2027年3月"), last_day("2027.3"), last_day("2027年3月完成")
    ('2027-03-01', '2027-03-01', '2027-03-31')
    """
    plain = re.sub(r"\s+", "", text)
    if bare := _BARE.match(plain):  # as every date without a day, and as a spreadsheet itself keeps 2024年6月
        return _day(int(bare[1]), int(bare[2]), 1)
    first, *rest = _UNTIL.split(plain)
    if rest:  # from … to …: the year may be said once
        year = re.match(r"\d{4}", first)
        until = rest[-1]
        plain = until if re.match(r"\d{4}", until) or year is None else f"{year[0]}年{until}"
    said = [piece for piece in _BREAK.split(plain) if piece and not lasts(piece)]
    return _read(said[0]) if len(said) == 1 else None


def _read(plain: str) -> str | None:
    if found := _WHOLE.match(plain):
        month, day = found[2] or found[4], found[3] or found[5]
        return _day(int(found[1]), int(month), int(day))
    if found := _PART.match(plain):
        return _day(int(found[1]), int(found[2]), _TENTHS.get(found[3], 0))
    if (found := _MONTH.match(plain)) and (found["end"] or "前" not in plain):  # 6月前 may be the end of May or of June
        return _day(int(found[1]), int(found[2]), 0)
    if found := _HALF.match(plain):
        return _day(int(found[1]), 12 if found[2] == "下半年" else 6, 0)
    if found := _QUARTER.match(plain):
        number = "一二三四".find(found[2]) + 1 or int(found[2])
        return _day(int(found[1]), number * 3, 0)
    if (found := _YEAR.match(plain)) and (found[2] or "前" not in plain):
        return _day(int(found[1]), 12, 0)
    return None


def _day(year: int, month: int, day: int) -> str | None:
    """ISO text; day 0 is the month's last. None for a day that does not exist."""
    if not (1900 <= year <= 2200 and 1 <= month <= 12):
        return None
    last = monthrange(year, month)[1]
    return f"{year:04d}-{month:02d}-{day or last:02d}" if day <= last else None

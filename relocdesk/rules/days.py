"""Dates as ISO text: how they are written, ages, months, lease years, working days and due days. Knows no today()."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from relocdesk.errors import UserError
from relocdesk.rules.money import half_up

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
YEAR_E6 = 1_000_000
Holidays = Mapping[str, bool]
"""ISO date → whether people work that day, for days that differ from Monday–Friday (State Council's yearly notice)."""


def date_capital(iso: str) -> str:
    """A date as vouchers want it: the year digit by digit, 零 before 壹–玖, 壹拾, 贰拾, 叁拾.

    Months 壹, 贰 and 壹拾 take the 零, the other months do not. Source: 支付结算办法 附一.

    >>> date_capital("2023-10-20"), date_capital("2020-03-10")
    ('贰零贰叁年零壹拾月零贰拾日', '贰零贰零年叁月零壹拾日')
    """
    day = date.fromisoformat(iso)
    year = "".join(_DIGITS[int(digit)] for digit in f"{day.year:04d}")
    month = ("零" if day.month in (1, 2, 10) else "") + _capital_number(day.month)
    in_month = ("零" if day.day < 10 or day.day % 10 == 0 else "") + _capital_number(day.day)
    return f"{year}年{month}月{in_month}日"


def _capital_number(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (f"{_DIGITS[tens]}拾" if tens else "") + (_DIGITS[ones] if ones else "")


def chinese_date(iso: str) -> str:
    """A date in Arabic figures without leading zeros, as official papers write it (GB/T 9704).

    >>> chinese_date("2023-04-03")
    '2023年4月3日'
    """
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_month(month: str) -> str:
    """A month YYYY-MM in Arabic figures.

    >>> chinese_month("2026-07")
    '2026年7月'
    """
    return f"{int(month[:4])}年{int(month[5:7])}月"


def add_days(iso: str, days: int) -> str:
    """The date `days` calendar days later (earlier when negative).

    >>> add_days("2024-02-28", 2)
    '2024-03-01'
    """
    return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()


def days_between(start: str, end: str) -> int:
    """Calendar days from start to end, the first day not counted; negative when end is earlier.

    >>> days_between("2026-01-01", "2026-03-02")
    60
    """
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def months_between(start: str, end: str) -> int:
    """How many months `end` lies after `start`, by the calendar; days are ignored. Add 1 to count both ends.

    Both are YYYY-MM or YYYY-MM-DD.

    >>> months_between("2006-07", "2026-06"), months_between("2026-03-31", "2026-02-01")
    (239, -1)
    """
    return _month_number(end) - _month_number(start)


def add_months(month: str, months: int) -> str:
    """The month YYYY-MM that many months later (earlier when negative).

    >>> add_months("2026-11", 3)
    '2027-02'
    """
    year, index = divmod(_month_number(month) + months, 12)
    return f"{year:04d}-{index + 1:02d}"


def last_day(month: str) -> str:
    """The last day of a month: the day on which policy rows decide for a period that ends with it.

    >>> last_day("2026-06"), last_day("2028-02")
    ('2026-06-30', '2028-02-29')
    """
    return add_days(f"{add_months(month, 1)}-01", -1)


def _month_number(text: str) -> int:
    month = int(text[5:7])
    if not 1 <= month <= 12:
        raise ValueError(f"no such month: {text}")
    return int(text[:4]) * 12 + month - 1


def age(born: str, on: str) -> int:
    """Full years (周岁) on that day; one born on 29 February is a year older on 1 March of a common year.

    >>> age("1965-03-15", "2026-03-14"), age("1965-03-15", "2026-03-15")
    (60, 61)
    """
    birth, day = date.fromisoformat(born), date.fromisoformat(on)
    if day < birth:
        raise ValueError(f"{on} is before the birth {born}")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def lease_years_e6(start: str, until: str) -> int:
    """Years of a temporary lease in 10^-6, both days included.

    Whole years are whole, whether the paper ends the lease on the day before the anniversary (2024-03-01 to
    2026-02-28) or on the anniversary itself (2024-03-01 to 2026-03-01; 民法典 arts 201, 202: the first day not
    counted). Any other term is its days, both ends included, ÷ 365, rounded half up to 10^-6. Refuses a term
    that ends before it starts (code TERM_ORDER). The legal limit of 2 or 4 years (土地管理法实施条例 art. 20)
    is a check, not a part of the price.

    >>> lease_years_e6("2024-01-01", "2025-12-31"), lease_years_e6("2024-01-01", "2024-07-01")
    (2000000, 501370)
    """
    first, last = date.fromisoformat(start), date.fromisoformat(until)
    if last < first:
        raise UserError(
            f"临时用地止期{chinese_date(until)}早于起期{chinese_date(start)}", hint="请核对起止日期", code="TERM_ORDER"
        )
    years = last.year - first.year
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return (years + 1) * YEAR_E6
    if years and last in _year_ends(first, years):
        return years * YEAR_E6
    return half_up(((last - first).days + 1) * YEAR_E6, 365)


def _year_ends(first: date, years: int) -> tuple[date, date]:
    """The two days on which a lease of so many whole years may end; 29 February gives both as 28 February."""
    try:
        same_day = first.replace(year=first.year + years)
    except ValueError:
        month_end = date(first.year + years, 2, 28)
        return month_end, month_end
    return same_day - timedelta(days=1), same_day


def is_workday(iso: str, holidays: Holidays) -> bool:
    """Whether people work that day: the table's word when it has one, otherwise Monday to Friday.

    >>> is_workday("2026-10-01", {"2026-10-01": False}), is_workday("2026-11-22", {}), is_workday("2026-11-23", {})
    (False, False, True)
    """
    return holidays.get(iso, date.fromisoformat(iso).weekday() < 5)


def workdays_between(start: str, end: str, holidays: Holidays) -> int:
    """Working days after `start` up to and including `end`; 0 when end is not later.

    >>> workdays_between("2026-11-20", "2026-11-27", {})
    5
    """
    first = date.fromisoformat(start)
    passed = (first + timedelta(days=n) for n in range(1, days_between(start, end) + 1))
    return sum(is_workday(day.isoformat(), holidays) for day in passed)


def due_on(start: str, days: int, *, roll_over: bool = True, holidays: Holidays | None = None) -> str:
    """The last day of a term of calendar days; the first day is not counted (民法典 art. 201).

    With roll_over a last day on which nobody works moves to the next working day (民法典 art. 203).
    [unsure: setting] whether it rolls over.

    >>> due_on("2026-01-01", 60), due_on("2026-11-07", 15, roll_over=False), due_on("2026-11-07", 15)
    ('2026-03-02', '2026-11-22', '2026-11-23')
    """
    due = add_days(start, days)
    table = holidays or {}
    while roll_over and not is_workday(due, table):
        due = add_days(due, 1)
    return due


def due_on_workday(start: str, workdays: int, holidays: Holidays) -> str:
    """The last day of a term of working days; the first day is not counted.

    >>> due_on_workday("2026-09-30", 5, {f"2026-10-0{n}": False for n in range(1, 8)})
    '2026-10-14'
    """
    if workdays < 1:
        raise ValueError("a term has at least one working day")
    day = start
    while workdays:
        day = add_days(day, 1)
        workdays -= is_workday(day, holidays)
    return day


def days_words(left: int) -> str:
    """How a clock stands, in words.

    >>> days_words(3), days_words(0), days_words(-2)
    ('还有 3 天', '今天到期', '超期 2 天')
    """
    return f"还有 {left} 天" if left > 0 else "今天到期" if left == 0 else f"超期 {-left} 天"


def local_moment(at: str) -> str:
    """A UTC moment of the log as people here read it: minutes at +08:00, whatever the laptop says.

    >>> local_moment("2026-11-22T17:05:09.123Z")
    '2026-11-23 01:05'
    """
    found = datetime.fromisoformat(at.replace("Z", "+00:00")) + timedelta(hours=8)
    return found.strftime("%Y-%m-%d %H:%M")

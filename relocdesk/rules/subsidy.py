"""Periods of the direct subsidy: which months they take, how their lines are named for the bank."""

from __future__ import annotations

import hashlib
import re

from relocdesk.rules.code import ALPHABET

_SIGNS = 10  # of a line's own part: 50 bits, so that no two lines of a period share one
_SERIAL = re.compile(rf"(?<![0-9A-Z-])\d{{6}}-[{ALPHABET}]{{{_SIGNS}}}(?![0-9A-Z-])")


def period_months(first_month: str, cycle: int) -> tuple[str, str]:
    """First and last month of a period that begins in a month: up to the end of the cycle it lies in (cycle: months, from January).

    >>> period_months("2026-04", 3), period_months("2026-05", 3), period_months("2026-01", 12)
    (('2026-04', '2026-06'), ('2026-05', '2026-06'), ('2026-01', '2026-12'))
    """
    month = int(first_month[5:7])
    last = (month - 1) // cycle * cycle + cycle
    return first_month, f"{first_month[:4]}-{last:02d}"


def next_number(before: tuple[int, int] | None, first_month: str, cycle: int) -> tuple[int, int]:
    """Year and number of a period: counted on within a year, from 1 in a new one; the first of all by its place in the year.

    >>> next_number((2026, 2), "2026-07", 3), next_number((2026, 4), "2027-01", 3), next_number(None, "2026-07", 3)
    ((2026, 3), (2027, 1), (2026, 3))
    """
    year = int(first_month[:4])
    if before is None:
        return year, (int(first_month[5:7]) - 1) // cycle + 1
    return (year, before[1] + 1) if before[0] == year else (year, 1)


def line_serial(year: int, number: int, row_id: str) -> str:
    """The running number (流水号) of a line in the bank's sheet: its period, then ten signs that belong to this line for ever.

    >>> line_serial(2026, 3, "0" * 32)
    '202603-GKGC1TQTN5'
    """
    value = int.from_bytes(hashlib.sha256(row_id.encode()).digest()[:8], "big") >> 14
    signs = [ALPHABET[value >> 5 * n & 31] for n in range(_SIGNS)]
    return f"{year}{number:02d}-{''.join(reversed(signs))}"


def serials_in(text: str) -> list[str]:
    """The running numbers of lines that a text names, each once.

    >>> serials_in("只涉及：杨树林（202603-GKGC1TQTN5）"), serials_in("2026-03 电话 0875-1234567")
    (['202603-GKGC1TQTN5'], [])
    """
    return list(dict.fromkeys(_SERIAL.findall(text)))

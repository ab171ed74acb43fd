"""The shipped word lists (resources/words/*.csv): region codes, relations, nations, land classes, 实物 items, units, holidays.

Line 1 of each file is a comment with source and date, line 2 the column names. A list seeds the office's own
dictionaries and prices; it is never the office's last word.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from relocdesk import resource

NAMES = ("assets", "holidays", "land_classes", "nations", "regions", "relations", "units")


@cache
def words(name: str) -> tuple[dict[str, str], ...]:
    """All rows of one list, column name → text, in the file's order. A name that is not in NAMES is a KeyError.

    The rows are shared: read them, never change them.
    """
    if name not in NAMES:
        raise KeyError(name)
    with resource(f"words/{name}.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        return tuple(csv.DictReader(file))


@cache
def source(name: str) -> str:
    """Where one list comes from and its date: the text of its first line. A name not in NAMES is a KeyError."""
    if name not in NAMES:
        raise KeyError(name)
    with resource(f"words/{name}.csv").open(encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()


@cache
def regions() -> Mapping[str, Mapping[str, str]]:
    """6-digit region code → its row (code, name, last_year, successor), every Yunnan code from 1981 to 2024.

    last_year is "" while the code is in force; successor may name several codes, separated by ";".
    """
    return MappingProxyType({row["code"]: row for row in words("regions")})


@cache
def unit(text: str) -> str:
    """The usual way to write a unit (㎡, 平方米 → m²); a unit the list does not know stays as it is."""
    plain = text.strip()
    return next((row["unit"] for row in words("units") if row["also"] == plain), plain)

"""Gapless number series: a number once given is never given again; and the numbers that the program gives to new rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute, Session

from relocdesk import settings
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import NUMBER, Register, Value
from relocdesk.veil import given

# register → (the setting of its pattern, the column whose year stands in the number)
PATTERNS = {"petition": ("petition.pattern", "received_on"), "dispute": ("dispute.pattern", "found_on")}

_SERIAL = re.compile(r"\{serial(?::[^{}]*)?\}")


@dataclass
class Series:
    """Numbers that differ only in their serial; counts on from the highest in the book, void and deleted rows included.

    Keep one for a piece of work that takes several numbers: it reads the book once for each series.
    """

    session: Session
    column: InstrumentedAttribute[Any]
    pattern: str
    _last: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, **parts: Any) -> str:
        """The next number with these parts ({office}, {year}, {kind}, {letter} …) filled into the pattern."""
        found = _SERIAL.search(self.pattern)
        if found is None:
            raise UserError(f"编号样式“{self.pattern}”里没有流水号", hint="请在设置中加上 {serial:04d}", code="PATTERN")
        try:
            head = str(NUMBER.read(self.pattern[: found.start()].format(**parts)))  # as numbers are kept: half width
            tail = str(NUMBER.read(self.pattern[found.end() :].format(**parts)))
            serial = self._last[head, tail] = self._highest(head, tail) + 1
            return head + found[0].format(serial=serial) + tail
        except (KeyError, IndexError, ValueError) as error:
            raise UserError(f"编号样式“{self.pattern}”写错了", hint="可用 {office}、{year}、{kind}、{letter}、{serial:04d}",
                            code="PATTERN") from error  # fmt: skip

    def _highest(self, head: str, tail: str) -> int:
        if (head, tail) not in self._last:
            self.session.flush()
            found = given(self.session.connection(), self.column.class_.__tablename__, self.column.key, head)  # whoever counts, hidden ones too
            self._last[head, tail] = max((serial_of(text, head, tail) for text in found), default=0)
        return self._last[head, tail]


def serial_of(number: str, head: str, tail: str) -> int:
    """The serial that stands between head and tail of a number; 0 when the number is of another series.

    >>> serial_of("搬安〔2026〕永A0012", "搬安〔2026〕永A", ""), serial_of("搬安〔2026〕永A0012-1", "搬安〔2026〕永A", "")
    (12, 0)
    """
    if not number.startswith(head) or not number.endswith(tail):
        return 0
    middle = number[len(head) : len(number) - len(tail)]
    return int(middle) if re.fullmatch(r"[0-9]{1,15}", middle) else 0


class Numbers:
    """Numbers for new rows of a register that is numbered by a pattern in the settings."""

    def __init__(self, session: Session, clerk: Clerk, reg: Register) -> None:
        self._session, self._clerk, self._column = session, clerk, reg.cls.number
        self._key, self._day = PATTERNS[reg.name]
        self._series: dict[str, Series] = {}

    def take(self, row: Mapping[str, Value], home: str) -> str:
        """The next number for a row that will live in a home."""
        series = self._series.get(home)
        if series is None:
            series = self._series[home] = Series(self._session, self._column, settings.text(self._session, self._key, home))
        mark = settings.text(self._session, "office.mark", home)
        return series.take(office=mark, year=str(row.get(self._day) or self._clerk.on)[:4], letter=self._clerk.laptop)

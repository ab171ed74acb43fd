"""The steps of a case as offices write them into one cell: 2023.5.8受理；5.20入户调查；6.1答复."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_FIGURES = str.maketrans("０１２３４５６７８９．", "0123456789.")
_HARD, _SOFT = "；;。\n", "；;。\n，,"
_EDGES = " \t\r\n　；;。，,、：:"
# A day at the head of a piece, a number of the piece before it: not 1.2亩, 3.5万元, 5.8-5.10, nor 3.4号地块.
_HEAD = re.compile(
    r"\s*(?:[(（]?\d{1,2}[)）.、]|[①-⑳])?\s*(?:((?:19|20)\d\d)\s*[.\-/年]\s*)?(\d{1,2})\s*(?:[.\-/]\s*(\d{1,2})日?|月\s*(\d{1,2})\s*[日号]?)"
    r"(?!\s*(?:[\d.\-/—~～至%％亩万元米吨倍公千百个号月]|人次|到\d))"
)


def steps_of(text: str, since: str, until: str) -> tuple[tuple[str, str], ...]:
    """What was done on which day; () when a day cannot be told with certainty.

    `since` is the day the case came ("" when nobody knows), `until` today: steps lie between. A day without a year is the first
    one that does not lie before the step above it; only at the turn of the year that is the next year's.

    >>> steps_of("2023.5.8受理；5.20入户调查，少1.2亩；6.1答复", "2023-05-06", "2026-01-01")
    (('2023-05-08', '受理'), ('2023-05-20', '入户调查，少1.2亩'), ('2023-06-01', '答复'))
    >>> steps_of("已答复", "2023-05-06", "2026-01-01"), steps_of("5.20入户；5.8受理", "2023-05-06", "2026-01-01")
    ((), ())
    """
    plain = text.translate(_FIGURES).replace("\r\n", "\n")
    soft = list(_pieces(plain, _SOFT))
    heads = [head for head, _ in soft] if all(head for head, _ in soft) else [head for head, _ in _pieces(plain, _HARD)]
    if not heads or heads[0] is None:
        return ()
    marks = [head for head in heads if head is not None]  # what has no day goes on with the step before it
    ends = [head.start() for head in marks[1:]] + [len(plain)]
    found: list[tuple[str, str]] = []
    before = since
    for head, end in zip(marks, ends, strict=True):
        day, done = _day(head, before), plain[head.end() : end].strip(_EDGES)
        if not day or not done or not since <= day <= until:
            return ()
        found.append((day, done))
        before = day
    return tuple(dict.fromkeys(found))


def _pieces(text: str, separators: str) -> Iterator[tuple[re.Match[str] | None, str]]:
    """The day at the head of each piece, and the piece."""
    at = 0
    for end in [*(n for n, letter in enumerate(text) if letter in separators), len(text)]:
        if text[at:end].strip(_EDGES):
            yield _HEAD.match(text, at, end), text[at:end]
        at = end + 1


def _day(head: re.Match[str], before: str) -> str:
    """The day of a head as ISO text; "" when there is none, or its year is not certain."""
    month, day = int(head[2]), int(head[3] or head[4])
    if not head[1] and not before:
        return ""
    year = int(head[1] or before[:4])
    try:
        found = date(year, month, day).isoformat()
        if not head[1] and found < before:
            turned = int(before[5:7]) >= 10 and month <= 3
            found = date(year + 1, month, day).isoformat() if turned else ""
    except ValueError:
        return ""
    return found

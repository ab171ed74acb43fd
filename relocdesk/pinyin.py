"""Initials of Chinese names for searching: 王建国 → wjg. Surnames that read otherwise than the common word come first."""

from __future__ import annotations

import os
from functools import lru_cache

SURNAMES = {"单": "s", "仇": "q", "区": "o", "解": "x", "曾": "z", "查": "z", "朴": "p", "盖": "g", "任": "r", "华": "h",
            "尉": "y", "万": "w", "员": "y", "缪": "m", "乐": "y", "翟": "z", "冼": "x", "覃": "q", "宓": "m", "秘": "b"}  # fmt: skip


@lru_cache(maxsize=65536)
def _letter(character: str) -> str:
    # Its list of phrases serves no single character, and loading it would hold up the window for 0.2 s.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "1")
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 -- slow import

    if character.isascii():
        return character.lower() if character.isalnum() else ""
    return "".join(lazy_pinyin(character, style=Style.FIRST_LETTER, errors="ignore"))[:1]


@lru_cache(maxsize=65536)
def initials(name: str) -> str:
    """The first letters of a name's syllables in lower case; characters without a reading leave nothing.

    >>> initials("曾国强"), initials("岩温·罕"), initials("第3组")
    ('zgq', 'ywh', 'd3z')
    """
    head = SURNAMES.get(name[:1], "") or _letter(name[:1]) if name else ""
    return head + "".join(_letter(character) for character in name[1:])

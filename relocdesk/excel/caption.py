"""What stands above a head: 单位：亩, 乡镇：三坝乡 村：柳树村, 调查日期：2023年6月."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from relocdesk.excel.sheet import Raw
from relocdesk.excel.titles import FACTORS, PLACE_LEVELS, plain_title
from relocdesk.field import Register, half_width

_SAID = re.compile(r"(?:^|(?<=[\s;,]))([^\s:;,]{1,12}(?:\s[^\s:;,]{1,2})?)\s*:\s*([^\s:]+)(?=[\s;,]|$)")
_FIGURES = frozenset(unit for units in FACTORS.values() for unit in units)


@dataclass(frozen=True)
class Caption:
    """Words with a colon and what stands behind it, as written; and the units of figures among them, in order."""

    said: dict[str, str] = field(default_factory=dict)
    units: tuple[str, ...] = ()

    def place(self, reg: Register) -> str:
        """The place named by 乡镇, 村 and 组, or by one word for the whole; "" when none is."""
        levels = {PLACE_LEVELS[word]: value for word, value in reversed(self.said.items()) if word in PLACE_LEVELS}
        named = " ".join(levels[level] for level in sorted(levels))
        if named or "place" not in reg:
            return named
        words = {plain_title(word) for word in (reg["place"].label, *reg["place"].also)}
        return next((value for word, value in self.said.items() if word in words), "")


def read_caption(rows: Iterable[Iterable[Raw]]) -> Caption:
    """What rows above a head say.

    >>> read_caption([["乡镇：三坝乡　村：柳树村", "", "单位：亩、万元"]]).units
    ('亩', '万元')
    """
    said: dict[str, str] = {}
    for row in rows:
        line = " ".join(half_width(str(cell)) for cell in row if cell != "")
        for found in _SAID.finditer(re.sub(r"\s+", " ", line)):
            said.setdefault(plain_title(found[1]), found[2].strip("()"))
    words = [unit for word, value in said.items() if word.endswith("单位") for unit in re.split(r"[、/;]", value)]
    return Caption(said, tuple(dict.fromkeys(unit for unit in words if unit in _FIGURES)))

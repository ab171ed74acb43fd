"""One engine for every ordinary write — form, command line, import: read all, judge all, apply once.

`judge` says what would happen to each row and changes nothing; `apply` does it inside the caller's change. The rules of
the declaration hold here and not in a screen: required fields, kinds, choices, references by key, business keys, frozen
and confirmed rows, roles, and rules overruled with a reason (放行).
"""

from __future__ import annotations

from relocdesk.entry.applying import apply, check, remove, restore, save, settled, used_by
from relocdesk.entry.cells import OVERRULABLE, Cell, Changed, Judgement, New, Refused, Trouble, Worked, cell_text, read_cell
from relocdesk.entry.homes import home_for, line_text, may_add, may_change, next_line, place_code, refuse_hidden, refuse_made, refuse_reader
from relocdesk.entry.judging import judge

__all__ = ["OVERRULABLE", "Cell", "Changed", "Judgement", "New", "Refused", "Trouble", "Worked", "apply", "cell_text", "check", "home_for", "judge",
           "line_text", "may_add", "may_change", "next_line", "place_code", "read_cell", "refuse_hidden", "refuse_made", "refuse_reader", "remove",
           "restore", "save", "settled", "used_by"]  # fmt: skip

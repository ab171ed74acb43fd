"""What a clerk does that touches more than one record; ACTIONS lists all of it for window, command line and tests."""

from __future__ import annotations

from relocdesk.actions import (
    agreement,
    approval,
    bank,
    boundary,
    calendar,
    dispute,
    documents,
    duty,
    household,
    payment,
    period,
    period_result,
    period_steps,
    petition,
    petition_after,
    plans,
    platform,
    population,
    posting,
    recovery,
    rectification,
    surplus,
    survey,
    training,
    works,
)
from relocdesk.actions.action import Action, actions_of
from relocdesk.errors import UserError

__all__ = ["ACTIONS", "Action", "find_actions"]

ACTIONS: tuple[Action, ...] = actions_of(
    survey,
    posting,
    boundary,
    household,
    agreement,
    documents,
    payment,
    approval,
    bank,
    population,
    recovery,
    period,
    period_steps,
    period_result,
    plans,
    works,
    surplus,
    training,
    rectification,
    duty,
    platform,
    petition,
    petition_after,
    dispute,
    calendar,
)


def find_actions(word: str) -> tuple[Action, ...]:
    """The actions of a name or Chinese label, one for each register it is done to; raises UserError with the list."""
    found = tuple(one for one in ACTIONS if word in (one.name, one.label))
    if not found:
        from difflib import get_close_matches  # noqa: PLC0415 -- only for a slip of the pen

        known = {written: f"{one.name} {one.label}" for one in ACTIONS for written in (one.name, one.label)}
        near = dict.fromkeys(known[one] for one in get_close_matches(word, known, 3))
        cure = f"是不是{'，或'.join(f'“{one}”' for one in near)}" if near else "可用：" + "、".join(dict.fromkeys(known.values()))
        raise UserError(f"没有“{word}”这项办理", hint=cure)
    return found

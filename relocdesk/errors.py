"""The two shapes of trouble: Problem is a value to collect, UserError stops an action. Everything else is a defect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with data: where it stands, what is wrong, and the cure, in plain Chinese."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}：{self.text}" if self.where else self.text


class UserError(Exception):
    """The action stops and the clerk can do something about it. `text` is whole Chinese; `hint` says what to do.

    `code` names the rule when an authorised person may overrule it with a reason (放行).
    """

    def __init__(self, text: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.text}。{self.hint}".replace("。。", "。") if self.hint else self.text


@contextmanager
def told_at(where: str) -> Iterator[None]:
    """A refusal inside says where what it refuses stands: 受理日期：“2026-13-01”没有这一天."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{where}：{error.text}", hint=error.hint, code=error.code) from error

"""Who acts and on which day: handed to everything that changes a book or applies a rule."""

from __future__ import annotations

from dataclasses import dataclass

# What a role is called, by its code; known before any register is loaded.
ROLES = {"entry": "录入", "review": "审核", "head": "负责人", "party": "党务", "reader": "只读", "admin": "系统管理"}


@dataclass(frozen=True, slots=True)
class Clerk:
    """A person at work. `on` is "today" for every rule (ISO date); `laptop` is the letter of this installation."""

    name: str
    role: str
    on: str
    id: str | None = None
    laptop: str = "A"

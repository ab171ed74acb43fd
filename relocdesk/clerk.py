"""Who acts and on which day: handed to everything that changes a book or applies a rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clerk:
    """A person at work. `on` is "today" for every rule (ISO date); `laptop` is the letter of this installation."""

    name: str
    role: str
    on: str
    id: str | None = None
    laptop: str = "A"

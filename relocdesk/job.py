"""What a slow function may expect from its caller: a tick to report progress, which raises Stopped after 停止."""

from __future__ import annotations

from typing import Protocol


class Stopped(Exception):
    """The clerk pressed 停止; nothing is shown, nothing was changed by halves."""


class Tick(Protocol):
    """Called with done, total and a short Chinese text; may raise Stopped. `total` 0 means unknown."""

    def __call__(self, done: int, total: int, text: str = "") -> None: ...


def no_tick(done: int, total: int, text: str = "") -> None:
    """For callers that do not show progress."""

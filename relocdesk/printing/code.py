"""The QR picture of a short code (rules/code.py), drawn as rectangles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=64)
def qr_squares(text: str) -> tuple[int, Sequence[tuple[int, int, int]]]:
    """The QR picture of `text`: modules a side, and dark stretches (column, row from the top, length)."""
    import segno  # noqa: PLC0415 -- slow import

    matrix = segno.make(text, error="m", micro=False).matrix
    stretches: list[tuple[int, int, int]] = []
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            length = 0
            while column + length < len(modules) and modules[column + length] & 1:
                length += 1
            if length:
                stretches.append((column, row, length))
            column += length + 1
    return len(matrix), tuple(stretches)


def qr_rectangles(text: str, x: float, y: float, side: float) -> list[tuple[float, float, float, float]]:
    """The dark rectangles (x, y, width, height) of the QR picture of `text`, `side` points, lower left at x, y."""
    count, stretches = qr_squares(text)
    unit = side / count
    return [(x + c * unit, y + (count - 1 - r) * unit, n * unit, unit) for c, r, n in stretches]

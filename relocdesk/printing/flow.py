"""How matter is stacked on pages: boxes one under the other, and where a page may end.

A flow (paragraph, table, signature block) turns itself into boxes. Page ends are sought first-fit: the last allowed
place before the page is full. A box that is `glued` stays with the box before it; one that `leans` takes along enough
matter never to stand alone on a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from relocdesk.printing.pen import Pen

Draw = Callable[[Pen, float, float], None]  # pen, left edge, top edge
SOLID = 2  # weight of what may stand above a signature block by itself; a line of text weighs 1
SLACK = 0.01


@dataclass(slots=True)
class Box:
    """One strip of a page: `height` points, drawn by `draw(pen, left, top)`.

    `space` and `after` are white above and below, dropped at the top of a page. `weight` is what the box counts as
    company for a signature block; `holds` keeps the next box with this one. `part` is the table it belongs to, `row`
    its row there (-1: head, foot, total). `reserves`: the part's foot must still fit under it; `closing`: replaced
    by the part's last foot; `breaks`: starts a new page.
    """

    height: float
    draw: Draw
    glued: bool = False
    leans: bool = False
    holds: bool = False
    weight: int = SOLID
    space: float = 0.0
    after: float = 0.0
    part: Part | None = None
    row: int = -1
    reserves: bool = False
    closing: bool = False
    breaks: bool = False


class Part(Protocol):
    """Matter with a running head and foot, as a long table has. `foot_height` is kept free under every row."""

    foot_height: float

    def head(self, row: int) -> Box | None:
        """What is repeated at the top when the part goes on with a row (-1: with something else)."""

    def foot(self, first: int, last: int, *, more: bool) -> Box | None:
        """What closes the rows first…last on one page; `more` when the part goes on overleaf."""


class Flow(Protocol):
    """Anything that can be put on paper."""

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        """The boxes for a column of `width` points on pages `height` points high."""


Page = list[tuple[float, Box]]  # distance from the top of the type area, box


def nothing(pen: Pen, left: float, top: float) -> None:
    """Draws nothing: for white space."""


@dataclass(frozen=True)
class Space:
    """White of `height` points; vanishes at the top of a page."""

    height: float

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        yield Box(0.0, nothing, glued=True, weight=0, space=self.height)


@dataclass(frozen=True)
class PageEnd:
    """Starts a new page."""

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        yield Box(0.0, nothing, weight=0, breaks=True)


@dataclass(frozen=True)
class Together:
    """Keeps the flows on one page when they fit on one."""

    flows: Sequence[Flow]

    def boxes(self, width: float, height: float) -> Iterable[Box]:
        for n, box in enumerate(stack(self.flows, width, height)):
            box.glued = box.glued or n > 0
            yield box


def stack(flows: Iterable[Flow], width: float, height: float) -> list[Box]:
    """The boxes of all flows in order."""
    return [box for flow in flows for box in flow.boxes(width, height)]


def bind(boxes: Sequence[Box]) -> None:
    """Glues to every leaning box at least two lines of text or one solid box (a table row) before it."""
    for at, box in enumerate(boxes):
        if box.holds and at + 1 < len(boxes) and not boxes[at + 1].breaks:
            boxes[at + 1].glued = True
        if not box.leans:
            continue
        box.glued = True
        weight = 0
        for before in range(at - 1, -1, -1):
            alone = boxes[before].leans or (boxes[before].part and boxes[before].row < 0)
            weight += 0 if alone else boxes[before].weight
            if weight >= SOLID:
                break
            boxes[before].glued = True


@dataclass(slots=True)
class _Filling:
    """One page being filled."""

    height: float
    boxes: list[tuple[float, Box]] = field(default_factory=list)
    y: float = 0.0
    after: float = 0.0

    def put(self, box: Box) -> None:
        top = self.y + (max(self.after, 0.0) + box.space if self.boxes else 0.0)
        self.boxes.append((top, box))
        self.y = top + box.height
        self.after = box.after

    def fits(self, box: Box) -> bool:
        gap = self.after + box.space if self.boxes else 0.0
        foot = box.part.foot_height if box.part and box.reserves else 0.0
        return self.y + gap + box.height + foot <= self.height + SLACK


def paginate(boxes: Sequence[Box], height: float) -> list[Page]:
    """The pages, each a list of (distance from the top, box); running heads and feet are put in."""
    boxes = list(boxes)
    while boxes and boxes[-1].breaks:
        boxes.pop()
    bind(boxes)
    pages: list[Page] = []
    start = 0
    while start < len(boxes):
        page, end = _fill(boxes, start, height)
        pages.append(page)
        start = end
    return pages or [[]]


def _fill(boxes: Sequence[Box], start: int, height: float) -> tuple[Page, int]:
    """One page from box `start` on, and the box the next page starts with."""
    page = _Filling(height)
    carried = boxes[start].part
    if start and carried and boxes[start - 1].part is carried and (head := carried.head(boxes[start].row)):
        page.put(head)
    end = cut = start
    filled: list[tuple[int, int, float, float]] = []  # state before each box, to go back to an earlier page end
    while end < len(boxes):
        box = boxes[end]
        if end > start and not box.glued:
            cut = end
        if end > start and (box.breaks or not _place(page, box)):
            break
        if end == start and not box.breaks:
            page.put(box)  # even when it is taller than the page
        filled.append((end, len(page.boxes), page.y, page.after))
        end += 1
    else:
        return page.boxes, end
    if not boxes[end].breaks:
        end = cut if cut > start else _forced(boxes, start, end)
    count, y, after = next((c, y, a) for n, c, y, a in reversed(filled) if n < end)
    del page.boxes[count:]
    page.y, page.after = y, after
    part = boxes[end].part
    if part and boxes[end - 1].part is part:
        _foot(page, part, more=True)
    return page.boxes, end


def _forced(boxes: Sequence[Box], start: int, end: int) -> int:
    """The page end where none is allowed: before `end`, yet a signature block takes along what is just above it."""
    at = end
    while boxes[at].leans or (at < end and not boxes[at].weight):
        at -= 1
        if at <= start:
            return end
    return at


def _place(page: _Filling, box: Box) -> bool:
    """Puts the box on the page; False when it does not fit. A closing box turns into its part's last foot."""
    if box.closing and box.part:
        _foot(page, box.part, more=False)  # its room was kept free under the last row
        return True
    if not page.fits(box):
        return False
    page.put(box)
    return True


def _foot(page: _Filling, part: Part, *, more: bool) -> None:
    rows = [box.row for _, box in page.boxes if box.part is part and box.row >= 0]
    if rows:
        foot = part.foot(rows[0], rows[-1], more=more)
        if foot is not None:
            page.put(foot)

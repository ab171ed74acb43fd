"""Documents: paper, what stands in the margins, and many records in one PDF, each with its own 第x页 共y页.

A record is a Group of flows; groups may come from a generator, each is set, drawn and forgotten before the next one is
asked for. A whole example::

    from pathlib import Path
    from relocdesk.printing.blocks import Clauses, Facts, Party, Signatures, Title
    from relocdesk.rules.code import content_digest, short_code
    from relocdesk.printing.fonts import missing
    from relocdesk.printing.page import Furniture, Group, Paper, build
    from relocdesk.printing.paragraph import Paragraph, Span
    from relocdesk.printing.table import Column, Table

    def money(fen: int) -> str:
        return f"{fen // 100:,}.{fen % 100:02d}"

    def agreement(row):                                      # row: plain values of one agreement
        assert not missing(row["name"])                      # otherwise refuse, or let a frame be drawn
        code = short_code("agreement", [row["id"]], content_digest(row))
        columns = [Column("序号", 1, "center"), Column("地类", 2), Column("面积（亩）", 2, "right", group="永久占地"),
                   Column("金额（元）", 3, "right", group="永久占地", total=True, show=money)]
        flows = [
            Title("移民安置补偿协议"),
            Paragraph([Span("乙方："), Span(row["name"], blank=12)]),
            Facts([("户主", row["name"]), ("协议编号", row["number"])], across=2),
            Clauses([("依据", "根据国家有关规定，双方订立本协议。"), "补偿明细见下表："]),
            Table(columns, row["lines"], subtotal="本页小计", total="合计"),
            Signatures([Party("甲方（盖章）", ["法定代表人或委托代理人（签字）", "经办人（签字）"]),
                        Party("乙方（签字、按手印）", ["签字"], fingerprint=True)]),
        ]
        return Group(flows, Furniture(title="移民安置补偿协议", unit="单位：亩、元", code=code), label=row["number"])

    built = build(Path("协议.pdf"), (agreement(row) for row in rows), paper=Paper.official(), title="补偿协议",
                  author="某县搬迁安置办公室", tick=tick, total=len(rows))
    built.pages                                              # [2, 2, 3, …]
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from relocdesk.errors import UserError
from relocdesk.job import Tick, no_tick
from relocdesk.printing import fonts
from relocdesk.printing.code import qr_rectangles
from relocdesk.printing.flow import Box, Flow, paginate
from relocdesk.printing.pen import Pen
from relocdesk.rules.code import shown_code

MM = 72 / 25.4
SMALL = 9.0
_BOXES_PER_TICK = 1000


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet and its margins in points. The binding edge is the left of an upright sheet, the top of a lying one."""

    width: float
    height: float
    top: float
    left: float
    bottom: float
    right: float

    @classmethod
    def official(cls) -> Paper:
        """A4 of official papers: margins 37, 28, 35, 26 mm, type area 156 × 225 mm (GB/T 9704-2012)."""
        return cls(210 * MM, 297 * MM, 37 * MM, 28 * MM, 35 * MM, 26 * MM)

    @classmethod
    def form(cls, *, lying: bool = False) -> Paper:
        """A4 for ledgers and forms, 25 mm at the binding edge; `lying` turns it with its head to that edge."""
        if lying:
            return cls(297 * MM, 210 * MM, 28 * MM, 15 * MM, 22 * MM, 15 * MM)
        return cls(210 * MM, 297 * MM, 27 * MM, 25 * MM, 22 * MM, 15 * MM)

    @property
    def lying(self) -> bool:
        return self.width > self.height

    @property
    def type_width(self) -> float:
        return self.width - self.left - self.right

    @property
    def type_height(self) -> float:
        return self.height - self.top - self.bottom


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Which page is being drawn: `number` of `count` in its record, `overall` in the file."""

    paper: Paper
    number: int
    count: int
    overall: int


Margin = Callable[[Pen, PageInfo], None]


@dataclass(frozen=True)
class Furniture:
    """What stands in the margins of every page of a record; empty texts leave nothing.

    `title` runs on from the second page; `office` left, `unit` (单位：亩、元) right above the type area; `mark` is
    公示版 or 存档版 in a frame; `code` the short code, drawn with its QR picture (`qr`: other text for the picture);
    `signers` labels along the foot (制表, 复核 …, or 制表：张三). `numbering`: "of" 第x页 共y页, "dash" — 1 — as official papers
    have it, "none". `overall` adds the page of the file. `draw` is called last, for anything else.
    """

    title: str = ""
    office: str = ""
    unit: str = ""
    mark: str = ""
    code: str = ""
    qr: str = ""
    signers: Sequence[str] = ()
    numbering: Literal["of", "dash", "none"] = "of"
    overall: bool = False
    draw: Margin | None = None

    def on_page(self, pen: Pen, page: PageInfo) -> None:
        """Draws the margins of one page."""
        self._head(pen, page)
        self._foot(pen, page)
        if self.code:
            self._code(pen, page)
        if self.draw:
            self.draw(pen, page)

    def _head(self, pen: Pen, page: PageInfo) -> None:
        paper = page.paper
        base = paper.height - paper.top + 7
        right = paper.width - paper.right
        x = paper.left
        if self.mark:
            wide = fonts.width(self.mark, "hei", SMALL + 1)
            pen.text(x + 4, base + 1, self.mark, "hei", SMALL + 1)
            pen.box(x, base - 2.5, wide + 8, SMALL + 6)
            x += wide + 16
        if self.office:
            pen.text(x, base, self.office, "song", SMALL + 1)
        self._running_title(pen, page, x + fonts.width(self.office, "song", SMALL + 1), base)
        if self.unit:
            pen.right(right, base, self.unit, "song", SMALL + 1)

    def _running_title(self, pen: Pen, page: PageInfo, taken: float, base: float) -> None:
        """The title in the middle of the head line, unless what stands at its left (up to `taken`) is too long."""
        middle = page.paper.left + page.paper.type_width / 2
        text = f"{self.title}（续）"
        if self.title and page.number > 1 and middle - fonts.width(text, "song", SMALL + 1) / 2 > taken + 6:
            pen.centred(middle, base, text, "song", SMALL + 1)

    def _foot(self, pen: Pen, page: PageInfo) -> None:
        paper = page.paper
        if self.signers:
            taken = 80.0 if self.code and paper.lying else 0.0  # the code stands in that corner
            share = (paper.type_width - taken) / len(self.signers)
            for n, label in enumerate(self.signers):
                text = label if "：" in label else f"{label}："
                pen.text(paper.left + n * share, paper.bottom - 5 * MM, text, "song", SMALL + 1.5)
        base = paper.bottom - (11 * MM if self.signers else 7 * MM) - SMALL / 2
        if self.numbering == "dash":
            text, size = f"— {page.number} —", 14.0
            if page.number % 2:
                pen.right(paper.width - paper.right - size, paper.bottom - 7 * MM - size / 2, text, "song", size)
            else:
                pen.text(paper.left + size, paper.bottom - 7 * MM - size / 2, text, "song", size)
        elif self.numbering == "of":
            text = f"第{page.number}页  共{page.count}页"
            if self.overall:
                text += f"（总第{page.overall}页）"
            pen.centred(paper.left + paper.type_width / 2, base, text, "song", SMALL + 1)

    def _code(self, pen: Pen, page: PageInfo) -> None:
        """The code and its picture in the corner away from the binding edge."""
        paper, side = page.paper, 13 * MM
        x = paper.width - paper.right - side
        y = 6 * MM if paper.lying else paper.height - max(paper.top - 8 * MM - side, 5 * MM) - side
        pen.fill(qr_rectangles(self.qr or self.code, x, y, side))
        pen.right(x - 4, y + 1.5, shown_code(self.code), "song", SMALL)


NO_FURNITURE = Furniture(numbering="none")


@dataclass(frozen=True)
class Group:
    """One record: its flows, what stands in its margins, its paper if it differs, and its name for the progress."""

    flows: Iterable[Flow]
    furniture: Furniture = NO_FURNITURE
    paper: Paper | None = None
    label: str = ""


@dataclass(frozen=True)
class Built:
    """What was written: pages of each group, in order."""

    pages: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.pages)


def build(
    out: Path,
    groups: Iterable[Group],
    *,
    paper: Paper | None = None,
    title: str = "",
    author: str = "",
    tick: Tick = no_tick,
    total: int = 0,
) -> Built:
    """Writes the groups to `out` and tells the pages of each. The same matter gives the same bytes.

    The file appears whole or not at all: it is written beside its place and then renamed. `tick` may raise Stopped.
    Raises UserError when the place cannot be written.
    """
    part = out.with_name(out.name + ".part")
    try:
        try:
            with part.open("wb") as target:
                built = write(target, groups, paper=paper, title=title, author=author, tick=tick, total=total)
                target.flush()
                os.fsync(target.fileno())
            os.replace(part, out)
        except PermissionError as trouble:
            raise UserError(
                f"文件“{out.name}”写不进去", hint="它可能正被别的程序打开，或者没有写入权限；请先关闭它，或另选一个位置"
            ) from trouble
        except (FileNotFoundError, NotADirectoryError) as trouble:
            raise UserError(f"文件夹“{out.parent}”不存在", hint="请另选一个保存位置") from trouble
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return built


def build_bytes(
    groups: Iterable[Group],
    *,
    paper: Paper | None = None,
    title: str = "",
    author: str = "",
    tick: Tick = no_tick,
    total: int = 0,
) -> tuple[bytes, Built]:
    """The same document in memory, for the preview."""
    target = io.BytesIO()
    built = write(target, groups, paper=paper, title=title, author=author, tick=tick, total=total)
    return target.getvalue(), built


def write(
    target: IO[bytes],
    groups: Iterable[Group],
    *,
    paper: Paper | None,
    title: str,
    author: str,
    tick: Tick,
    total: int,
) -> Built:
    """Sets the groups one after the other and writes the file to `target`."""
    paper = paper or Paper.official()
    pen = Pen(target, (paper.width, paper.height), title=title, author=author)
    built = Built()
    for done, group in enumerate(groups):
        report = _Report(tick, done, total, group.label or f"第{done + 1}份")
        built.pages.append(draw_group(pen, group, group.paper or paper, report))
    if not built.pages:
        raise UserError("没有可以打印的内容", hint="请先选中要打印的记录")
    tick(len(built.pages), total, "正在写入文件")
    pen.close()
    return built


@dataclass(frozen=True, slots=True)
class _Report:
    """Passes progress inside one group on to the caller."""

    tick: Tick
    done: int
    total: int
    text: str

    def __call__(self) -> None:
        self.tick(self.done, self.total, self.text)


def draw_group(pen: Pen, group: Group, paper: Paper, report: Callable[[], None]) -> int:
    """Sets one group, counts its pages, draws them; the number of pages."""
    report()
    boxes: list[Box] = []
    for flow in group.flows:
        for box in flow.boxes(paper.type_width, paper.type_height):
            boxes.append(box)
            if len(boxes) % _BOXES_PER_TICK == 0:
                report()
    pages = paginate(boxes, paper.type_height)
    for number, page in enumerate(pages, 1):
        if number % 20 == 0:
            report()
        group.furniture.on_page(pen, PageInfo(paper, number, len(pages), pen.pages + 1))
        for down, box in page:
            box.draw(pen, paper.left, paper.height - paper.top - down)
        pen.end_page((paper.width, paper.height))
    return len(pages)

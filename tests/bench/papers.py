"""1,000 agreements in one file, against the same pages drawn with bare canvas calls, and what each costs in memory.

The bare pages are our own: what the pen wrote is read back as strings, places, lines and rectangles, and drawn again by
the library's own calls. It is told every place; a second time it breaks the lines of the running text itself.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import select

from relocdesk.actions.drafting import draft
from relocdesk.book import Book
from relocdesk.printing import find_form, fonts, page
from relocdesk.printing.pen import Pen
from relocdesk.printing.press import Printed, print_papers
from relocdesk.records import new_id
from relocdesk.records.agreement import Agreement
from relocdesk.records.survey import Asset, AssetKind
from tests import make
from tests.bench.data import PROJECT, small_book
from tests.bench.measure import Figure, hand_over, memory_peak, timed

COUNT, FEW = 1_000, 200
THINGS = (("house", "主房", "砖混", "㎡", 98_500, 120_500_000), ("house", "附属房", "土木", "㎡", 38_800, 46_300_000),
          ("attached", "围墙", "砖", "㎡", 9_680, 38_250_000), ("attached", "水泥晒场", None, "㎡", 5_833, 60_000_000),
          ("attached", "水井", None, "口", 260_000, 1_000_000), ("tree", "核桃", "盛果", "株", 68_000, 12_000_000),
          ("tree", "果树", "初果", "株", 12_550, 7_000_000), ("grave", "土坟", "单棺", "座", 320_000, 1_000_000))  # fmt: skip
Op = tuple[Any, ...]
Page = list[Op]


def build(folder: Path) -> Book:
    """A book with 1,000 drafted agreements of eight lines each, every one with another family."""
    book = small_book(folder)
    with book.change("备", make.clerk()) as (session, _):
        project = make.make_project(session, name=PROJECT).id
        for kind, item, spec, unit, price, _quantity in THINGS:
            make.make_price(session, kind=AssetKind(kind).label, item=item, spec=spec, unit=unit, unit_price=price, payee_type="person", nature=None)
        families, given = "李张王杨赵段何周尹番", "福英才贵明兰芬强华庆"
        assets = []
        for n in range(COUNT):
            name = families[n % 10] + given[n // 10 % 10] + given[n // 100 % 10]
            household = make.make_household(session, number=f"Z{n:04}", head_name=name, head_idcard=make.idcard(sequence=n % 999 + 1), project=project,
                                            phone=f"1380875{n:04}", account_name=name, account=f"62284808{n:08}", bank="三坝农村信用社")  # fmt: skip
            assets += [
                {"id": new_id(), "home": household.home, "deleted": 0, "number": f"Z{n:04}-{i}", "project": project, "household": household.id, "kind": kind,
                 "item": item, "spec": spec, "unit": unit, "quantity": quantity + n % 9 * 1_000_000, "surveyed_on": "2026-03-01", "confirmed": 1}
                for i, (kind, item, spec, unit, _price, quantity) in enumerate(THINGS)
            ]  # fmt: skip
        session.execute(Asset.__table__.insert(), assets)
        outcome = draft(session, make.clerk(), project=project)
        assert not outcome.refused, outcome.refused[:3]
    return book


def agreements(book: Book, count: int) -> list[str]:
    """The ids of the first agreements."""
    with book.read() as session:
        return list(session.scalars(select(Agreement.id).order_by(Agreement.number).limit(count)))


def print_some(book: Book, ids: list[str], out: Path) -> Printed:
    """Prints them as a clerk does: checked, set, registered."""
    printed = print_papers(book, make.clerk(), find_form("agreement"), ids, out)
    assert len(printed.done) == len(ids), printed.refused[:3]
    return printed


# --- reading back what our pen wrote ---------------------------------------------------------------------------------

_SHOWN = re.compile(r"(\S+) (\S+) Tf (?:<([0-9A-F]+)> Tj|\[(\S+)\] TJ)", re.IGNORECASE)
_PLACE = re.compile(r"1 0 0 1 (\S+) (\S+) Tm")
_PATH = re.compile(r"(?:(\S+) (\S+) (\S+) (\S+) re)|(?:(\S+) (\S+) m (\S+) (\S+) l)")


class Recorder(Pen):
    """A pen that keeps the drawing of every page as calls of a bare canvas."""

    pages_drawn: ClassVar[list[Page]] = []

    def end_page(self, size: tuple[float, float]) -> None:
        self._known = {pair: (name, char) for name, codes in self._codes.items() for char, pair in codes.items()}
        self.pages_drawn.append([op for code in self._out for op in self._read(code)])
        super().end_page(size)

    def _read(self, code: str) -> Iterator[Op]:
        if "BT" not in code:
            yield from self._shapes(code)
            return
        place = _PLACE.search(code)
        assert place is not None
        x, y = float(place[1]), float(place[2])
        for resource, size, shown, skipped in _SHOWN.findall(code):
            if skipped:
                x -= float(skipped) * float(size) / 1000
                continue
            characters = [self._known[resource, shown[n : n + 2].lower()] for n in range(0, len(shown), 2)]
            name, text = characters[0][0], "".join(char for _, char in characters)
            yield "text", x, y, name, float(size), text
            x += fonts.face(name).stringWidth(text, float(size))

    def _shapes(self, code: str) -> Iterator[Op]:
        filled = code.endswith(" f")
        found = _PATH.findall(code)
        if filled:
            yield "fill", [tuple(map(float, one[:4])) for one in found]
            return
        for one in found:
            yield ("box", *map(float, one[:4])) if one[0] else ("line", *map(float, one[4:]))


def recorded(book: Book, ids: list[str], folder: Path) -> list[Page]:
    """The pages of our run as drawing calls."""
    Recorder.pages_drawn.clear()
    page.Pen = Recorder  # type: ignore[misc]
    try:
        print_some(book, ids, folder / "recorded.pdf")
    finally:
        page.Pen = Pen  # type: ignore[misc]
    return Recorder.pages_drawn


# --- the bare library ------------------------------------------------------------------------------------------------


def bare(pages: list[Page], out: Path, size: tuple[float, float]) -> None:
    """The same pages by setFont, drawString, rect, line and drawPath."""
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 -- slow import

    canvas = Canvas(str(out), pagesize=size, pageCompression=1, initialFontName=fonts.UNIVERSAL)
    for ops in pages:
        canvas.setLineWidth(0.5)
        font: tuple[str, float] | None = None
        for op in ops:
            if op[0] == "text":
                if font != op[3:5]:
                    font = op[3:5]
                    canvas.setFont(*font)
                canvas.drawString(op[1], op[2], op[5])
            elif op[0] == "line":
                canvas.line(*op[1:])
            elif op[0] == "box":
                canvas.rect(*op[1:])
            else:
                path = canvas.beginPath()
                for rectangle in op[1]:
                    path.rect(*rectangle)
                canvas.drawPath(path, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()


def by_paragraph(ops: Page) -> list[Page]:
    """Text that runs on in the type of the running text, piece by piece; everything else alone."""
    return [list(group) for _, group in groupby(ops, lambda op: op[4] == 14.0 if op[0] == "text" else id(op))]


def broken(pages: list[Page]) -> list[Page]:
    """The same pages, with the lines of running text found by measuring them one character more at a time."""
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 -- slow import

    made = []
    for ops in pages:
        out: Page = []
        for group in by_paragraph(ops):
            if len(group) == 1 or group[0][0] != "text":
                out += group
                continue
            for op in group:
                line, rest = "", []
                room = stringWidth(op[5], op[3], op[4]) + 0.01
                for char in op[5]:
                    if stringWidth(line + char, op[3], op[4]) > room:
                        rest.append(line)
                        line = ""
                    line += char
                out.append((*op[:5], "".join([*rest, line])))
        made.append(out)
    return made


# --- memory ----------------------------------------------------------------------------------------------------------


def peak(path: Path, count: int) -> float:
    """The largest memory in MB of a process that prints so many agreements."""
    with Book.open(path) as book:
        print_some(book, agreements(book, count), path.with_name(f"{count}.pdf"))
    return memory_peak()


def elsewhere(work: Callable[..., float], *given: Any) -> float:
    """What a function gives in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def main() -> None:
    """Measures everything about papers."""
    folder = Path(tempfile.mkdtemp())
    book = build(folder)
    ids = agreements(book, COUNT)
    assert len(ids) == COUNT, len(ids)
    print_some(book, ids[:10], folder / "warm.pdf")
    ours, printed = timed(lambda: print_some(book, ids, folder / "ours.pdf"), 2)
    paper = find_form("agreement").paper
    pages = recorded(book, ids, folder)
    assert len(pages) == printed.pages
    size = (paper.width, paper.height)
    drawn, _ = timed(lambda: bare(pages, folder / "bare.pdf", size), 2)
    measured, _ = timed(lambda: bare(broken(pages), folder / "broken.pdf", size))
    book.close()
    per = (elsewhere(peak, folder / "bench.reloc", COUNT) - elsewhere(peak, folder / "bench.reloc", FEW)) / (COUNT - FEW) * 1000
    shutil.rmtree(folder)
    many = f"{COUNT:,} agreements ({printed.pages:,} pages)"
    hand_over([
        Figure(f"{many}, checked and registered / drawn bare", ours, "s", drawn, 1.5),
        Figure(f"{many} / bare that breaks its own lines", ours, "s", measured, 1.5),
        Figure("memory per further agreement", per, "KB", budget=50),
    ])  # fmt: skip


if __name__ == "__main__":
    main()

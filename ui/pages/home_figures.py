"""What the home page counts; it loads the registers, so the page imports it only on the reader's thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from relocdesk.field import Value
from relocdesk.queries import rows
from relocdesk.queries.agreed import unlisted
from relocdesk.queries.dues import Standing, ask, standing
from relocdesk.queries.land import Extent, extent, land
from relocdesk.queries.rows import Totals
from relocdesk.queries.saying import mu_text
from relocdesk.records import register
from relocdesk.rules.money import percent, show_yuan
from ui.access import Session

_YUAN = {"元": 1, "": 1, "万元": 10_000, "亿元": 100_000_000}


@dataclass(frozen=True, slots=True)
class Goal:
    """A yearly target with what has been reached of it, both in the unit of `told` (10⁻⁶ 亩 or 分)."""

    words: str
    reached: int
    wanted: int
    told: str


@dataclass(frozen=True, slots=True)
class Stage:
    """How far the book has come, in records: what decides the next step."""

    projects: int
    prices: int
    survey: int  # parcels and things
    open_batches: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the home page shows, read at once."""

    dues: tuple[Standing, ...]  # the most urgent first
    unpaid: tuple[int, int]  # how many signed agreements without reason and batch, and their 分
    land: Extent
    signed: Totals
    agreed: int
    paid: int
    steps: dict[Value, int]
    handed: Totals
    stage: Stage
    goals: tuple[Goal, ...]


def read(session: Session, on: str) -> Figures:
    """Everything on the page, in one reading."""
    waiting = unlisted(session, on)
    signed = rows.totals(session, ask("agreement", ("state", "=", "signed")), people=False)
    paid = rows.totals(session, ask("payment", ("result", "=", "paid")), people=False)
    return Figures(
        dues=tuple(standing(session, on)), unpaid=(len({part.agreement for part in waiting}), sum(part.amount for part in waiting)), land=extent(session),
        signed=signed, agreed=signed.money or 0, paid=paid.money or 0,
        steps=rows.counts(session, ask("household"), "step"), handed=rows.totals(session, ask("hand_over")),
        stage=Stage(_count(session, "project"), _count(session, "price_item"), _count(session, "parcel") + _count(session, "asset"),
                    rows.count_and_least(session, ask("payment_batch", ("state", "在", ("open", "checked"))))[0]), goals=tuple(_goals(session, on)),
    )  # fmt: skip


def _count(session: Session, name: str) -> int:
    return rows.count_and_least(session, ask(name))[0]


def _goals(session: Session, on: str) -> Iterator[Goal]:
    """This year's targets that can be measured here: F018 land handed over, F041 funds won."""
    reg = register("target")
    year = int(on[:4])
    found = rows.rowids(session, ask("target", ("year", "=", year), ("figure", "在", ("F018", "F041"))))
    for line in rows.page(session, reg, found, [reg[name] for name in ("figure", "project", "quota", "unit")]):
        figure, project, quota, unit = line.values[0], str(line.values[1] or ""), int(line.values[2] or 0), str(line.values[3] or "")
        named = f"{year} 年{'土地移交' if figure == 'F018' else '争取资金'}" + (f" · {line.shown[1]}" if project else "")
        if figure == "F018" and unit in ("", "亩"):
            moved = land(session, on, project).total.handed - land(session, f"{year - 1}-12-31", project).total.handed
            yield Goal(named, moved, quota, f"{mu_text(moved)} / {mu_text(quota)} 亩 · {percent(moved, quota, 1)}")
        elif figure == "F041" and unit in _YUAN:
            of_project = [("project", "=", project)] if project else []
            won = rows.totals(session, ask("allocation", ("year", "=", year), *of_project)).money or 0
            wanted = quota * _YUAN[unit] // 10_000  # 10⁻⁶ of a unit → 分
            yield Goal(named, won, wanted, f"{show_yuan(won)} / {show_yuan(wanted)} 元 · {percent(won, wanted, 1)}")

"""Any register as a plain printable list, from its declaration: the columns of its grid, no code, nobody signs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import WORKING
from relocdesk.errors import Problem
from relocdesk.field import Field, Register
from relocdesk.ids import chunks
from relocdesk.printing.blocks import Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, glyphs, money, mu, square, unregistered
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.computed import expression, target
from relocdesk.queries.rows import Shower
from relocdesk.records.reference import Role
from relocdesk.rules.area import mu_2

PREFIX = "plain_list:"
_SHOWN: dict[str, Callable[[int], str]] = {"money": money, "m2": square, "mu": lambda value: mu(mu_2(value))}


@dataclass(frozen=True, slots=True)
class ListData:
    """Rows as shown, and their raw figures where the column is added up (parallel to the fields; None elsewhere)."""

    register: str
    office: str
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[tuple[int | None, ...], ...]


@cache
def list_form(reg: Register) -> Form:
    """The plain list of one register."""
    return Form(
        f"{PREFIX}{reg.name}", f"{reg.label}清单", reg.name, _all_together, partial(_load, reg), _needs, partial(_group, reg),
        paper=Paper.form(lying=sum(f.width for f in shown_fields(reg)) > 75), public="may", signed=False, roles=(*WORKING, Role.PARTY),
        help="按表格里的列打印，不编短码",
    )  # fmt: skip


def shown_fields(reg: Register, *, public: bool = False) -> list[Field]:
    """The columns of a list: those of the grid, without private ones in the public version."""
    return [f for f in reg.fields if f.grid and not (public and f.private)]


def _all_together(_session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    return [("清单", tuple(dict.fromkeys(ids)))]


def _load(reg: Register, session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    table = reg.cls.__table__
    fields = shown_fields(reg)
    shower = Shower(session)
    columns = [expression(reg, f, table).label(f"c{n}") for n, f in enumerate(fields)]
    for key, ids in sheets:
        found = {row[0]: row for part in chunks(ids) for row in session.execute(select(table.c.id, *columns).where(table.c.id.in_(part)))}
        rows = [found[one] for one in ids if one in found]
        if not rows:
            continue
        texts = list(shower.columns([target(reg, f)[1] for f in fields], [[row[n + 1] for row in rows] for n in range(len(fields))]))
        figures = tuple(tuple(row[n + 1] if _is_summed(f) else None for n, f in enumerate(fields)) for row in rows)
        shown = tuple(tuple(column[at] for column in texts) for at in range(len(rows)))
        yield Content(key, ids, "", "", reg.label, ListData(reg.name, settings.text(session, "paper.footer"), shown, figures))


def _needs(data: ListData) -> list[Problem]:
    return [problem for n, row in enumerate(data.rows, 1) for problem in glyphs(f"第{n}行", {"内容": "".join(row)})]


def _group(reg: Register, data: ListData, setting: Setting) -> Group:
    fields = shown_fields(reg)
    kept = [n for n, f in enumerate(fields) if not (setting.public and f.private) and any(row[n] for row in data.rows)]
    columns = [Column("序号", 5, "center")]
    columns += [Column(fields[n].title, max(fields[n].width, len(fields[n].title) * 1.6), "right" if fields[n].kind.right else "left",
                       total=_is_summed(fields[n]), show=_SHOWN.get(fields[n].kind.name, str)) for n in kept]  # fmt: skip
    rows: list[Row] = [[str(at), *(_cell(fields[n], data.rows[at - 1][n], data.figures[at - 1][n]) for n in kept)]
                       for at in range(1, len(data.rows) + 1)]  # fmt: skip
    summed = any(column.total for column in columns)
    subtotal, total = ("本页小计", "合计") if summed else ("", "")
    flows: list[Flow] = [Title(f"{reg.label}清单", size=18.0), Table(columns, rows, subtotal=subtotal, total=total, size=9.0)]
    mark = "公示版" if setting.public else ""
    return Group(flows, unregistered(f"{reg.label}清单", mark=mark, office=data.office), label=reg.label)


def _is_summed(f: Field) -> bool:
    """Whether adding a column up says something: money and areas, never a price."""
    return f.kind.name in _SHOWN and "单价" not in f.label


def _cell(f: Field, text: str, figure: int | None) -> str | int:
    return figure if figure is not None and _is_summed(f) else text

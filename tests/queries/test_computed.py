"""Every field that is not a column has its SQL, and the figures are right."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from relocdesk.book import Book
from relocdesk.field import Register
from relocdesk.queries.computed import COMPUTED, expression
from relocdesk.records import REGISTERS, register
from relocdesk.records.agreement import Agreement, Printout
from tests.queries.sample import CLERK, GROUP_1, PROJECT, add

Filled = tuple[Book, dict[str, str]]


def value(book: Book, name: str, field: str, row_id: str) -> object:
    reg = register(name)
    table = reg.cls.__table__
    with book.read() as s:
        return s.execute(select(expression(reg, reg[field], table)).where(table.c.id == row_id)).scalar_one()


def test_every_computed_field_has_its_sql_and_nothing_else_has() -> None:
    assert {(reg.name, f.name) for reg in REGISTERS for f in reg if f.computed == "="} == set(COMPUTED)


@pytest.mark.parametrize("reg", REGISTERS, ids=lambda reg: reg.label)
def test_every_field_of_every_register_can_be_read(reg: Register, filled: Filled) -> None:
    table = reg.cls.__table__
    with filled[0].read() as s:
        rows = s.execute(select(*(expression(reg, f, table).label(f.name) for f in reg))).all()
        count = s.execute(select(table.c.id)).all()
    assert len(rows) == len(count)


def test_a_household_adds_up_its_people_land_agreements_and_payments(filled: Filled) -> None:
    book, ids = filled
    found = {f: value(book, "household", f, ids["H1"]) for f in ("head_name", "people", "area", "agreed", "paid", "step")}
    assert found == {
        "head_name": "王建国",
        "people": 2,
        "area": 1_000_000,
        "agreed": 150_000,
        "paid": 100_000,
        "step": "已签",
    }
    assert value(book, "household", "people", ids["H3"]) == 1


def test_a_household_is_as_far_as_its_least_advanced_agreement(filled: Filled) -> None:
    book, ids = filled
    steps = [value(book, "household", "step", ids["H3"]), value(book, "household", "step", ids["H2"])]
    for change in ({"state": "reviewed"}, None, {"state": "signed"}):
        with book.change("推进", CLERK) as (s, _):
            agreement = s.get_one(Agreement, ids["X3"])
            if change:
                agreement.state = change["state"]
            else:
                add(
                    s,
                    Printout,
                    code="K1",
                    form="补偿协议",
                    register="agreement",
                    record=ids["X3"],
                    printed_at="2026-04-01",
                    digest="x",
                )
        steps.append(value(book, "household", "step", ids["H2"]))
    assert steps == ["未起草", "草拟", "审核", "已打印", "已签"]


def test_amounts_of_parcels_and_assets_leave_out_void_agreements(filled: Filled) -> None:
    book, ids = filled
    assert [value(book, "parcel", "amount", ids[p]) for p in ("P1", "P2", "P3")] == [5_000_000, 70_000, 0]
    assert value(book, "asset", "amount", ids["A1"]) == 120_000


def test_batches_and_agreements_add_up_their_lines(filled: Filled) -> None:
    book, ids = filled
    assert [value(book, "payment_batch", f, ids["B1"]) for f in ("lines", "total", "paid", "returned")] == [
        3,
        3_150_000,
        100_000,
        50_000,
    ]
    assert [value(book, "agreement", f, ids["X2"]) for f in ("total", "paid", "lines")] == [150_000, 100_000, 2]


def test_a_posting_lasts_the_days_after_its_first(filled: Filled) -> None:
    book, _ = filled
    posting = register("posting").cls
    with book.change("公示", CLERK) as (s, _done):
        row = add(s, posting, project=PROJECT, subject="first", place=GROUP_1, from_on="2026-02-26", until_on="2026-03-05").id
    assert value(book, "posting", "days", row) == 7


def test_a_paper_is_stale_when_its_lines_change_but_not_when_it_is_signed(filled: Filled) -> None:
    book, ids = filled
    with book.change("打印", CLERK) as (s, _):
        add(s, Printout, code="K0", form="补偿协议", register="agreement", record=ids["X1"], printed_at="2026-04-01", digest="x")
        paper = add(
            s,
            Printout,
            code="K1",
            form="补偿协议",
            register="agreement",
            record=ids["X2"],
            printed_at="2026-04-01",
            digest="x",
        ).id
    seen = [value(book, "printout", "stale", paper)]
    for name, row_id, field, new in (
        ("agreement", ids["X2"], "signed_on", "2026-04-09"),
        ("agreement_line", ids["line"], "amount", 130_000),
    ):
        with book.change("改", CLERK) as (s, _):
            setattr(s.get_one(register(name).cls, row_id), field, new)
        seen.append(value(book, "printout", "stale", paper))
    seen.append(value(book, "printout", "status", paper))
    with book.change("收回", CLERK) as (s, _):
        s.get_one(Printout, paper).returned_on = "2026-04-10"
    seen.append(value(book, "printout", "status", paper))
    assert seen == [0, 0, 1, "内容已变", "已收回未扫描"]

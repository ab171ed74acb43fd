"""Many rows in one operation of the log: whatever the mixture, the log folds to the rows, and an altered block is found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from relocdesk import bulk, packed
from relocdesk.book import Book, today
from relocdesk.database import connect
from relocdesk.history import as_of, everything, of_action, of_record, verify, verify_chain, verify_rows
from relocdesk.ids import new_id, row_ids
from relocdesk.records import register
from relocdesk.records.support import Period, Recipient, SupportPayment
from relocdesk.records.trail import OP
from relocdesk.undo import undo
from tests.queries.sample import CLERK, fill, make_book

LINE = register("support_payment")
GROUPS = {"result": ("paid_on", "result", "return_reason")}
_numbers = count(1)

value = st.one_of(st.none(), st.integers(-5, 5), st.text("甲乙'\"\\{", max_size=3))


@given(st.lists(st.tuples(value, value), min_size=1, max_size=8), st.integers(1, 3))
def test_rows_that_came_are_read_as_they_were_written(rows: list[tuple[Any, Any]], step: int) -> None:
    ids = row_ids(len(rows) * step)[::step]
    cells = packed.pack_rows(ids, {"a": [one[0] for one in rows], "b": [one[1] for one in rows]})
    assert list(packed.rows_of("b", cells)) == [
        (row_id, {name: one for name, one in zip("ab", row, strict=True) if one is not None}) for row_id, row in zip(ids, rows, strict=True)
    ]


@given(st.lists(st.tuples(value, value, value, value), min_size=1, max_size=8))
def test_changes_are_read_as_single_operations_would_say_them(rows: list[tuple[Any, Any, Any, Any]]) -> None:
    ids = row_ids(len(rows))
    columns = {"result": ([row[0] for row in rows], [row[1] for row in rows]), "paid_on": ([row[2] for row in rows], [row[3] for row in rows])}
    read = dict(packed.rows_of("B", packed.pack_changes(ids, columns), GROUPS))
    for row_id, (old, new, day, later) in zip(ids, rows, strict=True):
        assert read[row_id] == ({"result": [old, new], "paid_on": [day, later]} if old != new or day != later else {})


def test_a_block_whose_parts_do_not_fit_is_refused() -> None:
    cells = packed.pack_rows(row_ids(3), {"a": [1, 2, 3]})
    for broken in (cells.replace('"count":3', '"count":4'), cells.replace('"packed":"', '"packed":"0'), '{"#":{}}'):
        with pytest.raises(ValueError, match="block"):
            list(packed.rows_of("b", broken))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Book, str, list[str]]]:
    folder = tmp_path_factory.mktemp("blocks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELOCDESK_HOME", str(folder / "machine"))
        with make_book(folder / "乡.zjb") as book:
            ids = fill(book)
            with book.change("登记后扶人口", CLERK) as (s, _):
                place = s.scalars(select(register("place").cls.__table__.c.id)).first()
                people = [new_id() for _ in range(12)]
                s.add_all(Recipient(id=one, home=book.home, place=place, reservoir="龙川水库", cohort="present", support="direct", start_month="2006-07",
                                    person=ids["wife"]) for one in people)  # fmt: skip
            yield book, str(place), people


def new_period(book: Book) -> str:
    period = Period(id=new_id(), home=book.home, year=2026, number=next(_numbers), first_month="2026-01", last_month="2026-03", standard=60_000)
    with book.change("开期", CLERK) as (s, _):
        s.add(period)
        s.flush()
        return str(period.id)


def frozen(book: Book, period: str, people: list[str]) -> tuple[list[str], str]:
    """The lines of a roster, and the action that made them."""
    columns = {"recipient": people, "months": [3] * len(people), "due": [15_000] * len(people), "paid": [15_000] * len(people),
               "account": [None if n % 3 else f"62{n}" for n in range(len(people))]}  # fmt: skip
    with book.change("冻结", CLERK, "action") as (s, done):
        return bulk.insert(s, LINE, period, book.home, columns), done.action


def on_disk(book: Book, period: str) -> dict[str, dict[str, Any]]:
    with book.read() as s:
        table = SupportPayment.__table__
        return {row["id"]: dict(row) for row in s.execute(select(table).where(table.c.period == period)).mappings()}


def test_a_roster_is_one_operation_with_the_defaults_of_its_declaration(filled: tuple[Book, str, list[str]]) -> None:
    book, _, people = filled
    period = new_period(book)
    ids, action = frozen(book, period, people)
    rows = on_disk(book, period)
    assert sorted(rows) == ids
    assert {(row["kind"], row["result"], row["attempt"], row["back_pay"], row["deleted"]) for row in rows.values()} == {("n", "wait", 1, 0, 0)}
    with book.read() as s:
        assert s.scalar(select(func.count()).select_from(OP).where(OP.c.row == period, OP.c.tbl == LINE.name)) == 1
        entry = of_action(s, action)
        assert entry is not None
        assert entry.records == 12
        assert everything(s, limit=1)[0].records == 12
        mine = of_record(s, LINE, ids[4])
        assert [one.why for one in mine][:1] == ["冻结"]
        assert {change.record for change in mine[0].changes} == {ids[4]}
        assert len(of_record(s, register("period"), period)) == 2
        assert as_of(s, LINE, ids[4], today()) == {f.name: rows[ids[4]][f.name] for f in LINE.stored}
        assert as_of(s, LINE, ids[4], "2020-01-01") is None


OPERATION = st.tuples(st.sampled_from(("block", "single", "delete", "undo")), st.sets(st.integers(0, 11), min_size=1),
                      st.sampled_from(("paid", "returned", "wait")), st.sampled_from(("2026-04-01", "2026-04-02", None)))  # fmt: skip


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OPERATION, min_size=1, max_size=5))
def test_any_mixture_of_blocks_and_single_operations_folds_to_the_rows(filled: tuple[Book, str, list[str]], steps: list[Any]) -> None:
    book, _, people = filled
    period = new_period(book)
    ids, _ = frozen(book, period, people)
    expected = on_disk(book, period)
    for kind, chosen, result, day in steps:
        mine = [ids[n] for n in sorted(chosen)]
        values: dict[str, Any] = {"deleted": 1} if kind == "delete" else {"result": result, "paid_on": day}
        before = {row_id: dict(row) for row_id, row in expected.items()}
        with book.change("变", CLERK, "action") as (s, done):
            if kind == "single":
                for row_id in mine:
                    row = s.get_one(SupportPayment, row_id)
                    for name, new in values.items():
                        setattr(row, name, new)
            else:
                bulk.change(s, LINE, period, dict.fromkeys(mine, values))
        for row_id in mine:
            expected[row_id] |= values
        if kind == "undo" and expected != before:
            with book.change("撤销", CLERK, "action") as (s, _):
                undo(s, CLERK, done.action)
            expected = before
    assert on_disk(book, period) == expected
    with book.read() as s:
        assert verify(s) == []
        for row_id in ids[:3]:
            then = as_of(s, LINE, row_id, today())
            assert then == (None if expected[row_id]["deleted"] else {f.name: expected[row_id][f.name] for f in LINE.stored})


def test_taking_a_roster_back_is_again_one_operation(filled: tuple[Book, str, list[str]]) -> None:
    book, _, people = filled
    period = new_period(book)
    ids, action = frozen(book, period, people)
    with book.change("撤销", CLERK, "action") as (s, _):
        undo(s, CLERK, action)
    assert {row["deleted"] for row in on_disk(book, period).values()} == {1}
    with book.read() as s:
        assert s.scalar(select(func.count()).select_from(OP).where(OP.c.row == period, OP.c.tbl == LINE.name)) == 2
        assert s.scalar(select(func.count()).select_from(OP).where(OP.c.row.in_(ids))) == 0
        assert verify_rows(s) == []


def test_rows_of_another_record_are_no_block(filled: tuple[Book, str, list[str]]) -> None:
    book, _, people = filled
    period, other = new_period(book), new_period(book)
    ids, _ = frozen(book, period, people)
    with pytest.raises(ValueError, match="own record"), book.change("错", CLERK, "action") as (s, _):
        bulk.change(s, LINE, other, {ids[0]: {"result": "paid"}})
    with pytest.raises(ValueError, match="no blocks"), book.change("错", CLERK, "action") as (s, _):
        bulk.insert(s, register("recipient"), period, book.home, {"place": ["x"]})


def test_another_program_can_neither_add_nor_change_a_line(filled: tuple[Book, str, list[str]]) -> None:
    book, _, people = filled
    ids, _ = frozen(book, new_period(book), people)
    raw = connect(book.path)
    try:
        for statement in (f"UPDATE support_payment SET paid = 1 WHERE id = '{ids[0]}'", "INSERT INTO support_payment(id, home) VALUES ('a', 'b')",
                          f"DELETE FROM support_payment WHERE id = '{ids[0]}'"):  # fmt: skip
            with pytest.raises(Exception, match=r"no such function|never removed|NOT NULL"):
                raw.execute(statement)
    finally:
        raw.close()


def test_the_totals_of_a_period_follow_blocks_and_single_changes(filled: tuple[Book, str, list[str]]) -> None:
    book, _, people = filled
    period = new_period(book)
    ids, _ = frozen(book, period, people)

    def totals() -> tuple[Any, ...]:
        with book.read() as s:
            found = s.connection().exec_driver_sql("SELECT lines, heads, paid, succeeded, returned, waiting FROM local_period WHERE period = ?", (period,))
            return tuple(found.one())

    assert totals() == (12, 12, 180_000, 0, 0, 180_000)
    with book.change("结果", CLERK, "action") as (s, _):
        bulk.change(s, LINE, period, {row_id: {"result": "paid", "paid_on": "2026-04-01"} for row_id in ids[1:]})
    with book.change("结果", CLERK, "action") as (s, _):
        s.get_one(SupportPayment, ids[0]).result = "returned"
    assert totals() == (12, 12, 180_000, 165_000, 15_000, 0)
    with book.change("再发", CLERK, "action") as (s, _):
        s.add(SupportPayment(id=new_id(), home=book.home, period=period, recipient=people[0], months=3, due=15_000, paid=15_000, attempt=2))
    assert totals() == (12, 12, 180_000, 165_000, 0, 15_000)


def test_an_altered_block_is_found(filled: tuple[Book, str, list[str]], tmp_path: Path) -> None:
    book, _, people = filled
    period = new_period(book)
    ids, _ = frozen(book, period, people)
    copy = tmp_path / "改过.zjb"
    copy.write_bytes(book.path.read_bytes())
    raw = connect(copy)
    (cells,) = raw.execute("SELECT cells FROM op WHERE row = ? AND kind = 'b'", (period,)).fetchone()
    raw.execute("UPDATE op SET cells = ? WHERE row = ? AND kind = 'b'", (cells.replace('"paid":15000', '"paid":25000'), period))
    raw.close()
    with Book.open(copy, write=False) as altered, altered.read() as s:
        assert any("内容与校验值不符" in problem.text for problem in verify_chain(s))
        assert [problem.where for problem in verify_rows(s)] == [f"直补发放（{row_id[-6:]}）" for row_id in ids]
        assert all("实发" in problem.text for problem in verify_rows(s))

"""Filtering, searching, sorting, paging and adding up, in a real book."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from relocdesk.book import Book
from relocdesk.entry import save
from relocdesk.errors import UserError
from relocdesk.field import Register
from relocdesk.queries.rows import Ask, Condition, Totals, find, key_of, page, rowids, titles, totals
from relocdesk.records import REGISTERS, register
from relocdesk.records.agreement import AgreementLine
from relocdesk.records.survey import Objection, Posting
from tests import make
from tests.queries.sample import (
    CLERK,
    GROUP_1,
    GROUP_2,
    LIUSHU,
    PROJECT,
    SHIQIAO,
    TOWNSHIP,
    add_household,
    add_parcel,
)

Filled = tuple[Book, dict[str, str]]
HOUSEHOLD, PARCEL, PERSON, PAYMENT = (register(name) for name in ("household", "parcel", "person", "payment"))


def shown(book: Book, ask: Ask, *names: str) -> list[tuple[str, ...]]:
    with book.read() as s:
        return [line.shown for line in page(s, ask.register, rowids(s, ask), [ask.register[name] for name in names])]


def numbers(book: Book, reg: Register = HOUSEHOLD, field: str = "number", **words: object) -> list[str]:
    return [row[0] for row in shown(book, Ask(reg, **words), field)]  # type: ignore[arg-type]


@contextlib.contextmanager
def statements(s: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine = s.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_page_shows_places_choices_references_and_figures(filled: Filled) -> None:
    book, _ = filled
    ask = Ask(PARCEL)
    assert shown(book, ask, "number", "place", "nature", "household", "collective", "area", "amount", "confirmed") == [
        ("P1", "三坝乡 柳树村 一组", "永久征收", "H1", "", "1.00", "50,000.00", "是"),
        ("P2", "三坝乡 柳树村 二组", "临时占用", "H2", "", "2.50", "700.00", "否"),
        ("P3", "三坝乡 石桥村 一组", "永久征收", "", "柳树村一组", "3.25", "0.00", "否"),
    ]
    people = shown(book, Ask(PERSON, search="李秀英"), "name", "relation", "household")
    assert people == [("李秀英", "配偶", "H1")]


def test_values_are_what_is_on_disk_and_gone_rows_are_left_out(filled: Filled) -> None:
    book, ids = filled
    with book.read() as s:
        found = rowids(s, Ask(PARCEL))
        (line, other) = page(s, PARCEL, [found[1], 999, found[0]], [PARCEL["area"], PARCEL["household"]])
    assert (line.id, line.rowid, line.values, other.id) == (ids["P2"], found[1], (2_500_000, ids["H2"]), ids["P1"])


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("area", "≥", 2_500_000), ["P2", "P3"]),
        (Condition("area", "=", 1_000_000), ["P1"]),
        (Condition("area", "含", "2.5"), ["P2"]),
        (Condition("nature", "含", "临时"), ["P2"]),
        (Condition("nature", "≠", "temporary"), ["P1", "P3"]),
        (Condition("household", "空"), ["P3"]),
        (Condition("household", "含", "国强"), ["P2"]),
        (Condition("household", "含", "H1"), ["P1"]),
        (Condition("place", "含", "石桥"), ["P3"]),
        (Condition("place", "=", GROUP_1), ["P1"]),
        (Condition("place", "在", LIUSHU), ["P1", "P2"]),
        (Condition("number", "在", ("P1", "P3")), ["P1", "P3"]),
        (Condition("amount", ">", 0), ["P1", "P2"]),
        (Condition("transferred_on", "<", "2026-06-01"), ["P1"]),
        (Condition("site", "不空"), []),
        (Condition("number", "含", "_"), []),
        (Condition("site", "≠", None), []),
    ],
    ids=lambda value: f"{value.field}{value.op}{value.value}" if isinstance(value, Condition) else "",
)
def test_conditions(filled: Filled, condition: Condition, expected: list[str]) -> None:
    assert numbers(filled[0], PARCEL, conditions=(condition,)) == expected


def test_a_condition_on_a_field_seen_through_a_reference(filled: Filled) -> None:
    book, ids = filled
    assert numbers(book, conditions=(Condition("head_name", "=", "单国强"),)) == ["H2"]
    assert numbers(book, conditions=(Condition("step", "=", "未起草"), Condition("people", "=", 1))) == ["H3"]
    assert numbers(book, PARCEL, conditions=(Condition("household", "=", ids["H1"]),)) == ["P1"]


def test_an_unknown_column_or_condition_is_refused_in_words(filled: Filled) -> None:
    with pytest.raises(UserError, match="“移民户”里没有“面积大小”"):
        numbers(filled[0], conditions=(Condition("面积大小", "=", 1),))
    with pytest.raises(UserError, match="没有“像”这种条件"):
        numbers(filled[0], conditions=(Condition("number", "像", "x"),))


@pytest.mark.parametrize(
    ("place", "expected"),
    [(TOWNSHIP, ["H1", "H2", "H3"]), (LIUSHU, ["H1", "H2"]), (GROUP_2, ["H2"]), (SHIQIAO, ["H3"])],
    ids=("township", "village", "group", "other village"),
)
def test_a_place_takes_in_everything_below(filled: Filled, place: str, expected: list[str]) -> None:
    assert numbers(filled[0], place=place) == expected


def test_rows_without_a_place_of_their_own_lie_where_their_household_or_collective_lies(filled: Filled) -> None:
    book, _ = filled
    assert numbers(book, PERSON, "name", place=SHIQIAO) == ["岩温·罕"]
    assert numbers(book, register("agreement"), place=GROUP_1) == ["X1", "X2", "X4"]
    assert numbers(book, register("agreement_line"), "amount", place=GROUP_2) == ["700.00"]
    assert len(numbers(book, PAYMENT, "amount", place=GROUP_1)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("国强", ["H2"]), ("wjg", ["H1"]), ("sgq", ["H2"]), ("ywh", ["H3"]), ("1233", ["H1"]), ("7512345", ["H1"]), ("0128", ["H1"]),
     ("h3", ["H3"]), ("H1 建国", ["H1"]), ("%", []), ("H2 建国", [])],
)  # fmt: skip
def test_search_finds_names_numbers_and_initials(filled: Filled, text: str, expected: list[str]) -> None:
    assert numbers(filled[0], search=text) == expected


def test_search_reaches_former_names_and_what_a_row_belongs_to(filled: Filled) -> None:
    book, _ = filled
    assert numbers(book, PERSON, "name", search="李小妹") == ["李秀英"]
    assert numbers(book, PARCEL, search="王建国") == ["P1"]
    assert numbers(book, register("payment"), "amount", search="X1") == ["30,000.00"]


def test_sorting_puts_empty_cells_last_whichever_way(filled: Filled) -> None:
    book, _ = filled
    assert numbers(book, PARCEL, sort=(("household", False),)) == ["P1", "P2", "P3"]
    assert numbers(book, PARCEL, sort=(("household", True),)) == ["P2", "P1", "P3"]
    assert numbers(book, PARCEL, sort=(("transferred_on", True),)) == ["P1", "P2", "P3"]


def test_sorting_by_virtual_fields_choices_and_several_at_once(filled: Filled) -> None:
    book, _ = filled
    assert numbers(book, sort=(("agreed", True),)) == ["H1", "H2", "H3"]
    assert numbers(book, sort=(("head_name", False),)) == sorted(["H1", "H2", "H3"], key=lambda h: {"H1": "王", "H2": "单", "H3": "岩"}[h])
    assert numbers(book, PARCEL, sort=(("nature", True), ("area", True))) == ["P2", "P3", "P1"]
    assert numbers(book, PARCEL, sort=(("place", True),)) == ["P3", "P2", "P1"]
    assert numbers(book, PERSON, "name", sort=(("relation", False), ("name", False)))[0] == "李秀英"


@pytest.mark.parametrize("reg", REGISTERS, ids=lambda reg: reg.label)
def test_every_register_can_be_sorted_filtered_searched_and_added_up(reg: Register, filled: Filled) -> None:
    with filled[0].read() as s:
        everything = set(rowids(s, Ask(reg)))
        for f in reg:
            assert set(rowids(s, Ask(reg, sort=((f.name, True),)))) == everything
            empty, full = (set(rowids(s, Ask(reg, conditions=(Condition(f.name, op),)))) for op in ("空", "不空"))
            assert (empty | full, empty & full) == (everything, set())
            rowids(s, Ask(reg, conditions=(Condition(f.name, "含", "1"),)))
        assert set(rowids(s, Ask(reg, search="1"))) <= everything
        assert set(rowids(s, Ask(reg, place=GROUP_1))) <= everything
        whole = totals(s, Ask(reg))
        assert whole.count == len(everything)
        assert totals(s, Ask(reg), sorted(everything)) == whole


def test_totals_count_households_people_land_and_money(filled: Filled) -> None:
    book, _ = filled
    with book.read() as s:
        assert totals(s, Ask(PARCEL)) == Totals(3, 2, 3, 6_750_000, 5_070_000)
        assert totals(s, Ask(PARCEL, place=SHIQIAO)) == Totals(1, 0, 0, 3_250_000, 0)
        assert totals(s, Ask(HOUSEHOLD)) == Totals(3, 3, 4, 3_500_000, 220_000)
        assert totals(s, Ask(PERSON)).people == 5
        assert totals(s, Ask(PARCEL), people=False) == Totals(3, None, None, 6_750_000, 5_070_000)
        assert totals(s, Ask(register("project"))).households is None


def test_prices_per_unit_are_not_added_up(filled: Filled) -> None:
    book, _ = filled
    with book.read() as s:
        lines = s.execute(select(func.sum(AgreementLine.amount)).where(AgreementLine.deleted == 0)).scalar_one()
        assert totals(s, Ask(register("agreement_line"))).money == lines
        assert totals(s, Ask(register("price_item"))).money is None


def test_deleted_rows_are_apart(filled: Filled) -> None:
    book, ids = filled
    with book.change("删除", CLERK) as (s, _):
        s.get_one(PARCEL.cls, ids["P2"]).deleted = 1
    assert numbers(book, PARCEL) == ["P1", "P3"]
    assert numbers(book, PARCEL, deleted=True) == ["P2"]


def test_a_page_of_200_rows_takes_as_many_statements_as_one_of_3(sample_book: Book) -> None:
    with sample_book.change("登记", CLERK) as (s, _):
        for n in range(200):
            house = add_household(s, f"H{n:03}", "张三")
            add_parcel(s, f"P{n:03}", household=house.id)
    counts = []
    for size in (3, 200):
        with sample_book.read() as s:
            found = rowids(s, Ask(PARCEL))[:size]
            with statements(s) as seen:
                assert len(page(s, PARCEL, found, list(PARCEL))) == size
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_keys_titles_and_finding(filled: Filled) -> None:
    book, ids = filled
    with book.read() as s:
        assert key_of(s, PARCEL, [ids["P1"]]) == {ids["P1"]: "清水河水库/P1"}
        assert titles(s, HOUSEHOLD, [ids["H2"]]) == {ids["H2"]: "H2 单国强"}
        assert titles(s, register("posting"), []) == {}
        assert find(s, PARCEL, "清水河水库/P1") == find(s, PARCEL, "P1") == ids["P1"]
        with pytest.raises(UserError, match="P9"):
            find(s, PARCEL, "P9")


def test_the_projects_name_stands_in_keys_only_when_there_are_two(filled: Filled) -> None:
    book, ids = filled
    recheck = register("recheck")
    with book.change("复核", CLERK) as (s, _):
        s.add(recheck.cls(home=s.get_one(PARCEL.cls, ids["P1"]).home, line="1", parcel=ids["P1"], held_on="2026-05-01"))
    before = shown(book, Ask(recheck), "parcel")
    with book.change("二", CLERK) as (s, _):
        s.add(register("project").cls(home=s.get_one(register("project").cls, PROJECT).home, name="另一水库"))
    assert (before, shown(book, Ask(recheck), "parcel")) == ([("P1",)], [("清水河水库/P1",)])


def test_people_see_a_household_by_number_and_name(book: Book) -> None:
    reg = register("parcel")
    with book.change("备", make.clerk()) as (session, _):
        household = make.make_household(session, number="0071", head_name="尹大山")
        make.make_parcel(session, number="T1", household=household.id)
    with book.read() as session:
        wanted = rowids(session, Ask(reg, (Condition("number", "=", "T1"),)))
        by_key = page(session, reg, wanted, [reg["household"]])
        by_name = page(session, reg, wanted, [reg["household"]], named=True)
    assert (by_key[0].shown, by_name[0].shown) == (("0071",), ("0071 尹大山",))


def test_people_see_a_posting_by_what_names_it(book: Book) -> None:
    reg = register("objection")
    with book.change("备", make.clerk()) as (session, _):
        posting = make.add(session, Posting, subject="first", place=make.place(session, "530523102201"), from_on="2025-10-08", until_on="2025-10-16")
        make.add(session, Objection, line="A000001", posting=posting.id, raised_by="李家旺", filed_on="2025-10-12", claim="面积")
    with book.read() as session:
        by_name = page(session, reg, rowids(session, Ask(reg)), [reg["posting"]], named=True)
    assert by_name[0].shown == ("实物第一榜 三坝乡 柳树村 2025-10-08",)


def test_numbers_counted_by_hand_come_in_the_order_they_were_counted(filled: Filled) -> None:
    book, _ = filled
    with book.change("登记", CLERK) as (s, _done):
        save(s, CLERK, register("inspection"), {"name": "县委巡察", "kind": "巡察"})
        for number in ("10", "2", "1", "100"):
            save(s, CLERK, register("rectification_item"), {"inspection": "县委巡察", "aspect": "资金", "number": number, "text": "拨付慢", "leader": "尹世文",
                                                            "section": "后扶股", "due_on": "2026-12-31"})  # fmt: skip
    reg = register("rectification_item")
    assert numbers(book, reg) == ["1", "2", "10", "100"]
    assert numbers(book, reg, conditions=(Condition("leader", "=", "尹世文"),), sort=(("days_left", False),)) == ["1", "2", "10", "100"]
    assert numbers(book, reg, sort=(("number", True),)) == ["100", "10", "2", "1"]

"""The entry engine: what rows do to a register, on a real book."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from relocdesk import entry
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import Judgement, Refused, Worked
from relocdesk.errors import UserError
from relocdesk.queries.places import Places
from relocdesk.records import register
from relocdesk.records.document import Override
from relocdesk.records.household import Household, Person
from relocdesk.records.survey import Asset, Parcel
from tests import make

HOUSEHOLD, PARCEL, ASSET, PERSON = register("household"), register("parcel"), register("asset"), register("person")
WRONG_CHECK = make.idcard("19650315", 123)[:17] + ("1" if make.idcard("19650315", 123)[17] != "1" else "2")


def judge(book: Book, clerk: Clerk, name: str, titles: list[str], rows: list[list[Any]], **words: Any) -> Judgement:
    reg = register(name)
    with book.read() as session:
        return entry.judge(session, clerk, reg, [reg[t] for t in titles], [(n, row) for n, row in enumerate(rows, 2)], **words)


def put(book: Book, clerk: Clerk, judged: Judgement) -> list[str]:
    with book.change("试", clerk, source="import") as (session, _):
        return entry.apply(session, clerk, judged)


def counts(judged: Judgement) -> tuple[int, int, int, int]:
    return len(judged.new), len(judged.changed), len(judged.same), len(judged.problems)


def troubles(judged: Judgement) -> list[tuple[int, str, str]]:
    return [(t.row, t.field, t.code) for t in judged.problems]


HEADS = ["number", "head_name", "head_idcard", "place", "phone"]


def test_households_arrive_with_their_heads_and_a_second_time_change_nothing(book: Book, clerk: Clerk) -> None:
    card = make.idcard("19650315", 123)
    rows = [["001", "张桂兰", card, "柳树村 1组", "13987650001"], [2.0, "李国强", None, "三坝乡石桥村委会二社", None]]
    first = judge(book, clerk, "household", HEADS, rows)
    assert counts(first) == (2, 0, 0, 0)
    put(book, clerk, first)
    with book.read() as session:
        tree = Places.load(session)
        found = session.execute(select(Household.number, Household.place, Person.name, Person.idcard, Person.born_on, Person.sex)
                                .join(Person, Household.head == Person.id).order_by(Household.number)).all()  # fmt: skip
        assert [(n, tree.full(p), name, number, born, sex) for n, p, name, number, born, sex in found] == [
            ("001", "三坝乡 柳树村 一组", "张桂兰", card, "1965-03-15", "1"),
            ("2", "三坝乡 石桥村 二组", "李国强", None, None, None),
        ]
    assert counts(judge(book, clerk, "household", HEADS, rows)) == (0, 0, 2, 0)


def test_an_empty_cell_never_erases_unless_asked(book: Book, clerk: Clerk) -> None:
    put(book, clerk, judge(book, clerk, "household", HEADS, [["001", "张桂兰", None, "柳树村一组", "13987650001"]]))
    emptied = [["001", "张桂兰", None, "柳树村一组", None]]
    assert counts(judge(book, clerk, "household", HEADS, emptied)) == (0, 0, 1, 0)
    asked = judge(book, clerk, "household", HEADS, emptied, erase_empty=True)
    assert asked.changed[0].changes == {"phone": ("13987650001", None)}


def test_a_number_known_under_another_name_is_refused(book: Book, clerk: Clerk) -> None:
    card = make.idcard("19650315", 125)
    put(book, clerk, judge(book, clerk, "household", HEADS, [["001", "张桂兰", card, "柳树村一组", None]]))
    again = judge(book, clerk, "household", HEADS, [["002", "李四", card, "柳树村一组", None]])
    assert troubles(again) == [(2, "head_idcard", "ID_TAKEN")]


def test_a_corrected_name_goes_to_the_same_person_and_another_head_is_another_person(book: Book, clerk: Clerk) -> None:
    old = make.idcard("19400101", 128)
    put(book, clerk, judge(book, clerk, "household", HEADS, [["001", "张桂蓝", None, "柳树村一组", None]]))
    put(book, clerk, judge(book, clerk, "household", HEADS, [["001", "张桂兰", None, "柳树村一组", None]]))
    put(book, clerk, judge(book, clerk, "household", HEADS, [["001", "张桂兰", old, "柳树村一组", None]]))
    card = make.idcard("19900101", 127)
    put(book, clerk, judge(book, clerk, "household", HEADS, [["001", "张小军", card, "柳树村一组", None]]))
    with book.read() as session:
        assert sorted(session.execute(select(Person.name).where(Person.deleted == 0)).scalars()) == ["张小军", "张桂兰"]
        head = session.execute(select(Person.name).join(Household, Household.head == Person.id)).scalar_one()
        assert head == "张小军"


def test_head_imported_again_as_a_member_is_the_same_person(book: Book, clerk: Clerk) -> None:
    put(book, clerk, judge(book, clerk, "household", HEADS, [["001", "张桂兰", None, "柳树村一组", None]]))
    card = make.idcard("19650315", 122)
    judged = judge(book, clerk, "person", ["household", "name", "idcard", "relation"], [["001", "张桂兰", card, "户主"], ["001", "张强", None, "子"]])
    assert counts(judged) == (1, 1, 0, 0)
    put(book, clerk, judged)
    with book.read() as session:
        assert session.execute(select(Person.name, Person.sex).order_by(Person.name)).all() == [("张强", None), ("张桂兰", "2")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["001", "张三", WRONG_CHECK, "柳树村一组", None], (2, "head_idcard", "ID_CHECK")),
        (["001", "张三", 5.30523196503151e17, "柳树村一组", None], (2, "head_idcard", "ID_DAMAGED")),
        (["001", "张三", None, "杨树村一组", None], (2, "place", "PLACE")),
        (["001", "张三", None, "一组", None], (2, "place", "PLACE_TWICE")),
        (["001", None, None, "柳树村一组", None], (2, "head_name", "REQUIRED")),
        (["001", "张三", None, None, None], (2, "place", "REQUIRED")),
        (["001", "张三", None, "柳树村一组", "12345"], (2, "phone", "PHONE")),
    ],
)
def test_each_bad_cell_is_named(book: Book, clerk: Clerk, cells: list[Any], expected: tuple[int, str, str]) -> None:
    assert troubles(judge(book, clerk, "household", HEADS, [cells])) == [expected]


def test_two_rows_with_one_key_are_not_both_taken(book: Book, clerk: Clerk) -> None:
    row = ["001", "张三", None, "柳树村一组", None]
    judged = judge(book, clerk, "household", HEADS, [row, row])
    assert counts(judged) == (1, 0, 0, 1)
    assert troubles(judged) == [(3, "number", "TWICE")]


def test_an_overruled_number_is_kept_with_its_reason(book: Book, clerk: Clerk) -> None:
    judged = judge(book, clerk, "household", HEADS, [["001", "张三", WRONG_CHECK, "柳树村一组", None]], accept={"ID_CHECK": "身份证原件如此"})
    assert counts(judged) == (1, 0, 0, 0)
    put(book, clerk, judged)
    with book.read() as session:
        assert session.execute(select(Override.rule, Override.reason, Override.granted_by)).all() == [("ID_CHECK", "身份证原件如此", "王建国")]


PARCELS = ["number", "project", "household", "place", "land_class", "nature", "area_m2", "area"]


def with_household(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        make.make_project(session, name="三坝灌区一片区")
        make.make_household(session, number="001")


def test_area_is_worked_out_or_must_agree(book: Book, clerk: Clerk) -> None:
    with_household(book, clerk)
    base = ["三坝灌区一片区", "001", "柳树村一组", "旱地", "永久"]
    sizes = [(1000, None), (None, "1.5亩"), (1000, 1.5), (1000, 1.6), (None, None)]
    judged = judge(book, clerk, "parcel", PARCELS, [[str(n), *base, *size] for n, size in enumerate(sizes, 1)])
    assert [(n.values["area_m2"], n.values["area"]) for n in judged.new] == [(100_000, 1_500_000)] * 3
    assert troubles(judged) == [(5, "area", "AREA"), (6, "area", "REQUIRED")]
    assert judged.new[0].values["class_code"] == "0103"


def test_confirmed_land_changes_only_by_recheck(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        parcel = make.make_parcel(session, number="7", confirmed=1)
        assert parcel.area == 1_500_000
    judged = judge(book, clerk, "parcel", ["number", "project", "area"], [["7", "三坝灌区一片区", 2]])
    assert troubles(judged) == [(2, "area", "CONFIRMED")]


def test_equal_assets_pair_off_in_file_order(book: Book, clerk: Clerk) -> None:
    with_household(book, clerk)
    titles = ["project", "household", "kind", "item", "spec", "unit", "quantity"]
    row = ["三坝灌区一片区", "001", "零星林木", "核桃", "盛果", "株", "3株"]
    first = judge(book, clerk, "asset", titles, [row, row])
    assert counts(first) == (2, 0, 0, 0)
    put(book, clerk, first)
    assert counts(judge(book, clerk, "asset", titles, [row, row])) == (0, 0, 2, 0)
    assert counts(judge(book, clerk, "asset", titles, [row, row, row])) == (1, 0, 2, 0)
    with book.read() as session:
        assert session.execute(select(Asset.number, Asset.occurrence).order_by(Asset.number)).all() == [("A000001", 1), ("A000002", 2)]


def test_a_formulas_extra_decimals_are_rounded_and_typed_ones_refused(book: Book, clerk: Clerk) -> None:
    titles = ["document", "source", "fund", "year", "issued_on", "amount"]
    base = ["保搬〔2026〕1号", "省", "工程移民资金", 2026, "2026.6"]
    judged = judge(book, clerk, "allocation", titles, [[*base, Worked(100.005)], ["保搬〔2026〕2号", *base[1:], "100.005"]])
    assert [n.values["amount"] for n in judged.new] == [10001]
    assert troubles(judged) == [(3, "amount", "DECIMALS")]
    assert [w.field for w in judged.warnings] == ["issued_on", "issued_on", "amount"]


def test_rows_without_a_natural_key_pair_off(book: Book, clerk: Clerk) -> None:
    titles = ["paid_on", "payee", "purpose", "amount", "fund"]
    rows = [["2026-01-02", "何家村", "帮扶", 1000, "一般预算"]] * 2
    put(book, clerk, judge(book, clerk, "spending", titles, rows))
    assert counts(judge(book, clerk, "spending", titles, rows)) == (0, 0, 2, 0)


def test_groups_are_created_only_when_asked(book: Book, clerk: Clerk) -> None:
    row = ["001", "张三", None, "柳树村五组", None]
    assert troubles(judge(book, clerk, "household", HEADS, [row])) == [(2, "place", "PLACE")]
    judged = judge(book, clerk, "household", HEADS, [row], create_places=True)
    put(book, clerk, judged)
    with book.read() as session:
        assert Places.load(session).full(session.execute(select(Household.place)).scalar_one()) == "三坝乡 柳树村 五组"


def test_nothing_is_applied_when_the_book_has_moved(book: Book, clerk: Clerk) -> None:
    judged = judge(book, clerk, "household", HEADS, [["001", "张三", None, "柳树村一组", None]])
    with_household(book, clerk)
    with pytest.raises(UserError, match="重新核对"), book.change("试", clerk) as (session, _):
        entry.apply(session, clerk, judged)


def test_a_form_edits_one_record_and_may_erase(book: Book, clerk: Clerk) -> None:
    with book.change("新增", clerk) as (session, _):
        one = entry.save(session, clerk, HOUSEHOLD, {"number": "001", "head_name": "张三", "place": "柳树村一组", "phone": "13987650001"})
    with book.change("新增", clerk) as (session, _):
        entry.save(session, clerk, HOUSEHOLD, {"number": "002", "head_name": "李四", "place": "柳树村一组"})
    with book.change("改", clerk) as (session, _):
        entry.save(session, clerk, HOUSEHOLD, {"phone": "", "number": "003"}, one)
    with book.read() as session:
        assert session.execute(select(Household.number, Household.phone).order_by(Household.number)).all() == [("002", None), ("003", None)]
    with pytest.raises(Refused, match="换一个编号"), book.change("改", clerk) as (session, _):
        entry.save(session, clerk, HOUSEHOLD, {"number": "002"}, one)


def test_removed_records_come_back_unless_others_use_them(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        parcel = make.make_parcel(session)
        household, parcel_id = parcel.household, parcel.id
    with pytest.raises(UserError, match="1 条地块"), book.change("删", clerk) as (session, _):
        entry.remove(session, clerk, HOUSEHOLD, household)
    with book.change("删", clerk) as (session, _):
        entry.remove(session, clerk, PARCEL, parcel_id)
    with book.change("恢复", clerk) as (session, _):
        entry.restore(session, clerk, PARCEL, parcel_id)
    with book.read() as session:
        assert session.execute(select(Parcel.deleted)).scalar_one() == 0


def test_a_reader_may_not_enter_anything(book: Book) -> None:
    reader = make.clerk("老赵", "reader")
    with pytest.raises(UserError, match="老赵不能改"):
        judge(book, reader, "household", HEADS, [])

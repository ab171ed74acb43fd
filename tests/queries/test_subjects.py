"""Searching the whole book, and where land and money stand."""

from __future__ import annotations

import pytest

from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.history import of_rows
from relocdesk.queries import rows
from relocdesk.queries.household import household_page
from relocdesk.queries.land import Areas, Land, extent, land, land_by, rolled_up
from relocdesk.queries.money import Amounts, amounts, amounts_by, unpaid_by_reason
from relocdesk.queries.rows import Ask, Condition
from relocdesk.queries.search import search_all
from relocdesk.records import register
from relocdesk.records.agreement import Printout
from relocdesk.records.document import Attachment
from relocdesk.records.survey import Posting
from tests.queries.sample import CLERK, GROUP_1, GROUP_2, LIUSHU, PROJECT, SHIQIAO_1, TOWNSHIP, add, add_household

Filled = tuple[Book, dict[str, str]]
DAY = "2026-11-22"


def found(book: Book, text: str, limit: int = 40) -> list[tuple[str, str]]:
    with book.read() as s:
        return [(hit.label, hit.title) for hit in search_all(s, text, limit)]


def test_one_box_finds_households_people_land_papers_and_money(filled: Filled) -> None:
    book, ids = filled
    with book.change("打印", CLERK) as (s, _):
        add(s, Printout, code="K7QX2M9A", form="补偿协议", register="agreement", record=ids["X1"], printed_at="2026-04-01", digest="x")
    assert found(book, "H2")[0] == ("移民户", "H2 单国强")
    assert found(book, "sgq")[:2] == [("移民户", "H2 单国强"), ("家庭成员", "单国强")]
    assert found(book, "李小妹") == [("家庭成员", "李秀英")]
    assert found(book, "X1")[0] == ("补偿补助协议", "X1")
    assert ("集体和单位", "柳树村一组") in found(book, "柳树村")
    assert found(book, "K7QX2M9A") == [("用印单据", "K7QX2M9A 补偿协议")]
    assert found(book, "没有这个") == found(book, "  ") == []


def test_a_search_shows_where_and_hides_numbers(filled: Filled) -> None:
    book, ids = filled
    with book.read() as s:
        (hit, *others) = search_all(s, "533022196503151233")
    assert (hit.register, hit.id, hit.title, hit.place) == ("household", ids["H1"], "H1 王建国", "三坝乡 柳树村 一组")
    assert not any("5330" in one.title for one in (hit, *others))


def test_exact_numbers_come_first_and_parts_of_numbers_only_when_nothing_begins_so(filled: Filled) -> None:
    book, _ = filled
    with book.change("登记", CLERK) as (s, _):
        for number in ("AH1", "H11", "H10"):
            add_household(s, number, "张三")
    assert found(book, "H1")[0] == ("移民户", "H1 王建国")
    assert {title for label, title in found(book, "H1") if label == "移民户"} == {"H1 王建国", "H10 张三", "H11 张三"}
    assert found(book, "AH") == [("移民户", "AH1 张三")]
    assert found(book, "11")[0] == ("移民户", "H11 张三")
    assert len(found(book, "张三", limit=4)) == 4


def test_where_the_land_stands(filled: Filled) -> None:
    book, _ = filled
    with book.read() as s:
        whole = land(s, DAY)
        assert whole.permanent == Areas(surveyed=4_250_000, confirmed=1_000_000, agreed=1_000_000, signed=1_000_000,
                                        transferred=1_000_000, handed=1_000_000, parcels=2)  # fmt: skip
        assert whole.temporary == Areas(surveyed=2_500_000, agreed=2_500_000, parcels=1)
        assert whole.total.surveyed == 6_750_000
        assert land(s, "2026-04-15").permanent.signed == 1_000_000
        assert land(s, "2026-03-31").permanent.signed == land(s, "2026-04-15").permanent.handed == 0
        assert land(s, DAY, project="f" * 32) == Land()


@pytest.mark.parametrize("by", ["project", "place", "township", "village", "group", "land_class", "household"])
def test_every_way_of_grouping_land_and_money_adds_up_to_the_whole(filled: Filled, by: str) -> None:
    with filled[0].read() as s:
        assert sum(land_by(s, by, DAY).values(), Land()) == land(s, DAY)
        if by != "land_class":
            assert sum(amounts_by(s, by, DAY).values(), Amounts()) == amounts(s, DAY)


def test_land_by_place_and_rolled_up(filled: Filled) -> None:
    book, _ = filled
    with book.read() as s:
        groups = land_by(s, "place", DAY)
        assert {place: one.total.surveyed for place, one in groups.items()} == {
            GROUP_1: 1_000_000, GROUP_2: 2_500_000, SHIQIAO_1: 3_250_000}  # fmt: skip
        rolled = rolled_up(s, groups)
        assert (rolled[LIUSHU].total.surveyed, rolled[TOWNSHIP].total.surveyed) == (3_500_000, 6_750_000)
        assert land_by(s, "village", DAY)[LIUSHU] == rolled[LIUSHU] == land(s, DAY, place=LIUSHU)


def test_where_the_money_stands(filled: Filled) -> None:
    book, ids = filled
    with book.read() as s:
        whole = amounts(s, DAY)
        assert whole == Amounts(drafted=70_000, signed=5_150_000, due=3_000_000, paid=100_000, returned=50_000, agreements=2)
        assert whole.unpaid == 5_050_000
        assert amounts(s, "2026-04-01").signed == 5_000_000
        assert amounts(s, DAY, place=GROUP_2) == Amounts(drafted=70_000)
        assert amounts_by(s, "household", DAY)[ids["H1"]].paid == 100_000
        assert amounts_by(s, "kind", DAY)["permanent"].signed == 5_000_000
        assert amounts(s, DAY, project=PROJECT) == whole


def test_the_whole_land_in_one_look_is_what_its_rows_add_up_to(filled: Filled) -> None:
    permanent, temporary = Condition("nature", "=", "permanent"), Condition("nature", "=", "temporary")
    with filled[0].read() as s:
        seen = extent(s)

        def totals(name: str, *conditions: Condition) -> rows.Totals:
            return rows.totals(s, Ask(register(name), conditions))

        moved = totals("parcel", permanent, Condition("transferred_on", "不空"))
        assert (seen.permanent, seen.temporary) == (totals("parcel", permanent).mu, totals("parcel", temporary).mu or 0)
        assert seen.transferred == (moved.mu or 0)
        assert seen.confirmed == totals("parcel", Condition("confirmed", "=", 1)).count > 0
        households = totals("household")
        assert (seen.households, seen.people) == (households.count, households.people)


def test_the_reasons_add_up_to_what_is_unpaid(filled: Filled) -> None:
    with filled[0].read() as s:
        reasons = unpaid_by_reason(s, DAY)
        assert sum(money for _, money in reasons.values()) == amounts(s, DAY).unpaid
        assert reasons["在批次中"] == (1, 3_000_000)


def test_a_household_has_one_file(filled: Filled) -> None:
    book, ids = filled
    with book.change("公示、打印、附件", CLERK) as (s, _):
        add(s, Posting, project=PROJECT, subject="first", place=LIUSHU, from_on="2026-02-01", until_on="2026-02-08")
        add(s, Posting, project=PROJECT, subject="second", place=SHIQIAO_1, from_on="2026-02-01", until_on="2026-02-08")
        add(s, Printout, code="K1", form="补偿协议", register="agreement", record=ids["X2"], printed_at="2026-04-01", digest="x")
        add(s, Attachment, register="household", record=ids["H1"], name="户口簿.jpg", size=1, sha256="x")
    with book.read() as s:
        file = household_page(s, ids["H1"], DAY)
        counts = {one.register.name: len(one.lines) for one in file.sections if one.lines}
        history = of_rows(s, file.ids())
    assert counts == {"person": 3, "parcel": 1, "asset": 1, "agreement": 2, "agreement_line": 4, "payment": 2, "unpaid_reason": 1,
                      "posting": 1, "printout": 1, "attachment": 1}  # fmt: skip
    assert (file.land.total.surveyed, file.people, file.agreed, file.paid, file.unpaid) == (1_000_000, 2, 150_000, 100_000, 50_000)
    assert file.section("asset").ids == [ids["A1"]]
    assert [entry.why for entry in history] == ["公示、打印、附件", "登记"]


def test_no_file_without_a_household(filled: Filled) -> None:
    with filled[0].read() as s, pytest.raises(UserError, match="没有这一户"):
        household_page(s, "f" * 32, DAY)

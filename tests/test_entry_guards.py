"""What the entry engine must never do: guess a record, overwrite another one, go round an action."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from relocdesk import entry
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import Refused
from relocdesk.errors import UserError
from relocdesk.queries.overrides import standing
from relocdesk.records import register
from relocdesk.records.household import Household
from relocdesk.records.project import Project
from relocdesk.records.survey import Asset, Parcel, Posting
from tests import make
from tests.test_entry import HEADS, WRONG_CHECK, counts, judge, put, troubles

PROJECT = "三坝灌区一片区"


def edit(book: Book, clerk: Clerk, table: str, row_id: str, **texts: str) -> None:
    with book.change("改", clerk) as (session, _):
        entry.save(session, clerk, register(table), texts, row_id)


# --- keys ------------------------------------------------------------------------------------------------------------


def test_numbers_are_one_whatever_width_they_were_typed_in(book: Book, clerk: Clerk) -> None:
    put(book, clerk, judge(book, clerk, "household", HEADS, [["Ｄ００１", "张桂兰", None, "柳树村一组", None]]))
    assert counts(judge(book, clerk, "household", HEADS, [["D 001", "张桂兰", None, "柳树村一组", None]])) == (0, 0, 1, 0)
    with book.change("备", clerk) as (session, _):
        make.make_project(session, name=PROJECT)
    titles = ["number", "project", "household", "place", "land_class", "nature", "area"]
    land = ["柳树村一组", "旱地", "永久", 1]
    judged = judge(book, clerk, "parcel", titles, [["７", PROJECT, "Ｄ００１", *land], ["8", PROJECT, "D001", *land]])
    assert counts(judged) == (2, 0, 0, 0)
    assert [new.values["number"] for new in judged.new] == ["7", "8"]


def test_a_file_without_the_project_finds_the_household_of_that_number(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        project = make.make_project(session, name=PROJECT)
        make.make_household(session, number="001", project=project.id)
    judged = judge(book, clerk, "household", ["number", "phone", "head_name", "place"], [["001", "13987650001", "张桂兰", "柳树村一组"]])
    assert counts(judged) == (0, 1, 0, 0)
    with book.change("备", clerk) as (session, _):
        make.make_household(session, number="001", project=make.make_project(session, name="另一工程").id)
    again = judge(book, clerk, "household", ["number", "phone", "head_name", "place"], [["001", "13987650001", "张桂兰", "柳树村一组"]])
    assert troubles(again) == [(2, "number", "KEY_TWICE")]


def test_a_parcel_does_not_take_another_projects_household_of_that_number(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        make.make_project(session, name=PROJECT)
        make.make_household(session, number="001", project=make.make_project(session, name="另一工程").id)
    titles = ["number", "project", "household", "place", "land_class", "nature", "area"]
    judged = judge(book, clerk, "parcel", titles, [["7", PROJECT, "001", "柳树村一组", "旱地", "永久", 1]])
    assert troubles(judged) == [(2, "household", "REF")]
    whole = judge(book, clerk, "parcel", titles, [["7", PROJECT, "001/另一工程", "柳树村一组", "旱地", "永久", 1]])
    assert counts(whole) == (1, 0, 0, 0)


def test_both_keys_must_mean_the_same_person(book: Book, clerk: Clerk) -> None:
    card = make.idcard("19650315", 121)
    with book.change("备", clerk) as (session, _):
        first, second = make.make_household(session, number="001", head_name="李强"), make.make_household(session, number="002", head_name="李梅")
        make.make_person(session, household=first.id, name="张强", idcard=card)
        make.make_person(session, household=second.id, name="张强")
    judged = judge(book, clerk, "person", ["household", "name", "idcard"], [["002", "张强", card]])
    assert troubles(judged) == [(2, "idcard", "KEY_DIFFERS")]


def test_one_number_is_not_given_to_two_people_of_one_file(book: Book, clerk: Clerk) -> None:
    card = make.idcard("19650315", 121)
    with book.change("备", clerk) as (session, _):
        house = make.make_household(session, number="001")
        make.make_person(session, household=house.id, name="李四")
    judged = judge(book, clerk, "person", ["household", "name", "idcard"], [["001", "张三", card], ["001", "李四", card]])
    assert troubles(judged) == [(3, "idcard", "TWICE")]


def test_equal_assets_pair_off_with_those_that_are_left(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        make.make_project(session, name=PROJECT)
        make.make_household(session, number="001")
    titles = ["project", "household", "kind", "item", "spec", "unit", "quantity"]
    row = [PROJECT, "001", "零星林木", "核桃", "盛果", "株", "3株"]
    first, *_ = put(book, clerk, judge(book, clerk, "asset", titles, [row, row]))
    with book.change("删", clerk) as (session, _):
        entry.remove(session, clerk, register("asset"), first)
    assert counts(judge(book, clerk, "asset", titles, [row])) == (0, 0, 1, 0)
    put(book, clerk, judge(book, clerk, "asset", titles, [row, row]))
    with book.read() as session:
        assert sorted(session.execute(select(Asset.occurrence).where(Asset.deleted == 0)).scalars()) == [2, 3]
    assert counts(judge(book, clerk, "asset", titles, [row, row])) == (0, 0, 2, 0)


def test_a_row_added_to_an_exported_sheet_is_added_once(book: Book, clerk: Clerk) -> None:
    titles = ["line", "paid_on", "payee", "purpose", "amount", "fund"]
    put(book, clerk, judge(book, clerk, "spending", titles[1:], [["2026-01-02", "何家村", "帮扶", 1000, "一般预算"]]))
    rows = [["A000001", "2026-01-02", "何家村", "帮扶", 1000, "一般预算"], [None, "2026-01-03", "石桥村", "帮扶", 500, "一般预算"]]
    first = judge(book, clerk, "spending", titles, rows)
    assert counts(first) == (1, 0, 1, 0)
    put(book, clerk, first)
    assert counts(judge(book, clerk, "spending", titles, rows)) == (0, 0, 2, 0)


def test_a_typed_number_like_ours_does_not_start_the_series_again(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        house = make.make_household(session, number="001").id
        for number in ("A000001", "AB00001"):
            make.make_asset(session, number=number, household=house, item=number, project=make.make_project(session, name=PROJECT).id)
    titles = ["project", "household", "kind", "item", "unit", "quantity"]
    judged = judge(book, clerk, "asset", titles, [[PROJECT, "001", "零星林木", "核桃", "株", "3"]])
    assert [new.values["number"] for new in judged.new] == ["A000002"]


def test_a_new_record_never_overwrites_one_that_was_renamed(book: Book, clerk: Clerk) -> None:
    put(book, clerk, judge(book, clerk, "project", ["name", "owner"], [["老名", "建设公司"]]))
    with book.read() as session:
        old = session.execute(select(Project.id)).scalar_one()
    edit(book, clerk, "project", old, name="新名")
    put(book, clerk, judge(book, clerk, "project", ["name", "owner"], [["老名", "另一公司"]]))
    with book.read() as session:
        assert session.execute(select(Project.name, Project.owner).order_by(Project.owner)).all() == [("老名", "另一公司"), ("新名", "建设公司")]


def test_a_removed_reference_row_comes_back_whole(book: Book, clerk: Clerk) -> None:
    (one,) = put(book, clerk, judge(book, clerk, "project", ["name", "owner"], [["老名", "建设公司"]]))
    with book.change("删", clerk) as (session, _):
        entry.remove(session, clerk, register("project"), one)
    assert put(book, clerk, judge(book, clerk, "project", ["name"], [["老名"]])) == [one]
    with book.read() as session:
        assert session.execute(select(Project.owner, Project.deleted)).all() == [(None, 0)]


# --- heads -----------------------------------------------------------------------------------------------------------


def test_a_number_of_somebody_else_does_not_make_him_the_head(book: Book, clerk: Clerk) -> None:
    card = make.idcard("19650315", 121)
    with book.change("备", clerk) as (session, _):
        make.make_household(session, number="001", head_name="张三")
        make.make_household(session, number="002", head_name="李四", head_idcard=card)
    row = [["001", "张三", card, "柳树村一组", None]]
    assert troubles(judge(book, clerk, "household", HEADS, row)) == [(2, "head_idcard", "ID_TAKEN")]


def test_one_number_is_not_given_to_two_heads_of_one_file(book: Book, clerk: Clerk) -> None:
    card = make.idcard("19650315", 121)
    with book.change("备", clerk) as (session, _):
        make.make_household(session, number="001", head_name="张三")
        make.make_household(session, number="002", head_name="李四")
    rows = [["001", "张三", card, "柳树村一组", None], ["002", "李四", card, "柳树村一组", None]]
    assert troubles(judge(book, clerk, "household", HEADS, rows)) == [(3, "head_idcard", "ID_TAKEN")]


def test_a_foreigners_card_and_an_overruled_birthday_are_not_looked_into(book: Book, clerk: Clerk) -> None:
    rows = [["001", "岩温", "912345199913450012", "柳树村一组", None], ["002", "岩罕", "530523199913450012", "柳树村一组", None]]
    judged = judge(book, clerk, "household", HEADS, rows, accept={"ID_DATE": "证件如此"})
    assert counts(judged) == (2, 0, 0, 0)
    assert [person.get("born_on") for person in judged.heads.new] == [None, None]
    people = [["001", "岩温", "912345199913450012"], ["002", "岩罕", "530523199913450012"]]
    put(book, clerk, judged)
    assert counts(judge(book, clerk, "person", ["household", "name", "idcard"], people, accept={"ID_DATE": "证件如此"})) == (0, 0, 2, 0)


# --- values ----------------------------------------------------------------------------------------------------------


def with_parcel(book: Book, clerk: Clerk, **values: Any) -> str:
    with book.change("备", clerk) as (session, _):
        return str(make.make_parcel(session, number="7", **values).id)


def test_areas_given_both_must_agree_even_when_one_is_as_it_was(book: Book, clerk: Clerk) -> None:
    with_parcel(book, clerk)
    judged = judge(book, clerk, "parcel", ["number", "project", "area_m2", "area"], [["7", PROJECT, 1000, 2]])
    assert troubles(judged) == [(2, "area", "AREA")]


def test_a_unit_in_other_words_changes_nothing(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        make.make_project(session, name=PROJECT)
        make.make_household(session, number="001")
    titles = ["project", "household", "kind", "item", "unit", "quantity"]
    row = [PROJECT, "001", "房屋", "砖混房", "平方米", "100"]
    put(book, clerk, judge(book, clerk, "asset", titles, [row]))
    assert counts(judge(book, clerk, "asset", titles, [row])) == (0, 0, 1, 0)


def test_an_edit_elsewhere_leaves_the_land_class_code(book: Book, clerk: Clerk) -> None:
    one = with_parcel(book, clerk, class_code="0103", class_set="GB/T 21010-2017")
    edit(book, clerk, "parcel", one, site="坝子")
    with book.read() as session:
        assert session.execute(select(Parcel.class_code)).scalar_one() == "0103"


def test_a_birthday_must_agree_with_the_number_on_record(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        one = make.make_person(session, name="张强", idcard=make.idcard("19650315", 121), born_on="1965-03-15", sex="1").id
    with pytest.raises(Refused, match="身份证号不一致"):
        edit(book, clerk, "person", one, born_on="1966-03-15")


def test_erasing_leaves_alone_what_cannot_be_empty(book: Book, clerk: Clerk) -> None:
    with_parcel(book, clerk, site="坝子")
    judged = judge(book, clerk, "parcel", ["number", "project", "site", "confirmed"], [["7", PROJECT, None, None]], erase_empty=True)
    put(book, clerk, judged)
    with book.read() as session:
        assert session.execute(select(Parcel.site, Parcel.confirmed)).one() == (None, 0)


# --- what only an action may do --------------------------------------------------------------------------------------


def test_a_state_is_not_typed(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        one, batch = make.make_agreement(session, number="X1", state="draft").id, make.make_batch(session, number="B1", state="open").id
    for name, row_id, state in (("agreement", one, "已签订"), ("payment_batch", batch, "已批"), ("payment_batch", batch, "审核")):
        with pytest.raises(Refused, match="办理"):
            edit(book, clerk, name, row_id, state=state)
    judged = judge(book, clerk, "payment_batch", ["number", "state"], [["B1", "关闭"]])
    assert troubles(judged) == [(2, "state", "FROZEN")]


def test_a_settled_record_comes_by_import_not_by_a_form(book: Book, clerk: Clerk) -> None:
    texts = {"number": "B9", "kind": "征地补偿", "made_on": "2026-01-02", "state": "关闭"}
    assert counts(judge(book, clerk, "payment_batch", list(texts), [list(texts.values())])) == (1, 0, 0, 0)
    with pytest.raises(Refused, match="办理得来"), book.change("增", clerk) as (session, _):
        entry.save(session, clerk, register("payment_batch"), texts)


def test_lines_of_a_settled_record_come_only_with_an_old_ledger(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        make.make_agreement(session, number="OLD", state="signed")
        made = make.make_agreement(session, number="NEW", state="draft")
        session.flush()
        made.state = "signed"
    titles = ["agreement", "order", "kind", "item", "unit", "quantity", "unit_price", "payee_type"]
    line = [77, "其他补偿费", "水井", "口", 1, 100, "个人"]
    judged = judge(book, clerk, "agreement_line", titles, [["OLD", *line], ["NEW", *line]])
    assert (counts(judged), troubles(judged)) == ((1, 0, 0, 1), [(3, "agreement", "FROZEN")])


def test_lines_of_a_settled_record_are_not_removed(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        batch = make.make_batch(session, state="closed")
        one = make.make_payment(session, batch=batch.id, result="paid", paid_on="2026-01-02").id
    with pytest.raises(UserError, match="已经办结"), book.change("删", clerk) as (session, _):
        entry.remove(session, clerk, register("payment"), one)


def test_a_confirmation_is_taken_back_by_its_action_only(book: Book, clerk: Clerk) -> None:
    one = with_parcel(book, clerk, confirmed=1)
    with pytest.raises(Refused, match="取消确认"):
        edit(book, clerk, "parcel", one, confirmed="否")


def test_a_record_does_not_come_back_to_something_deleted(book: Book, clerk: Clerk) -> None:
    one = with_parcel(book, clerk)
    with book.read() as session:
        house = str(session.execute(select(Household.id)).scalar_one())
    for name, row_id in (("parcel", one), ("household", house)):
        with book.change("删", clerk) as (session, _):
            entry.remove(session, clerk, register(name), row_id)
    with pytest.raises(UserError, match="权属户已经删除"), book.change("恢复", clerk) as (session, _):
        entry.restore(session, clerk, register("parcel"), one)


def test_a_record_deleted_meanwhile_is_said_to_be_gone(book: Book, clerk: Clerk) -> None:
    one = with_parcel(book, clerk)
    with book.change("删", clerk) as (session, _):
        entry.remove(session, clerk, register("parcel"), one)
    with pytest.raises(UserError, match="已经不在了"):
        edit(book, clerk, "parcel", one, site="坝子")


# --- rules overruled -------------------------------------------------------------------------------------------------


def test_an_overruled_rule_counts_while_its_value_stands(book: Book, clerk: Clerk) -> None:
    row, phone = ["001", "张三", WRONG_CHECK, "柳树村一组", None], ["001", "张三", WRONG_CHECK, "柳树村一组", "13987650001"]
    (one,) = put(book, clerk, judge(book, clerk, "household", HEADS, [row], accept={"ID_CHECK": "身份证原件如此"}))
    assert counts(judge(book, clerk, "household", HEADS, [row])) == (0, 0, 1, 0)
    put(book, clerk, judge(book, clerk, "household", HEADS, [phone], accept={"ID_CHECK": "又说一遍"}))
    with book.read() as session:
        assert [(found.rule, found.value, found.reason) for found in standing(session, register("household"), one)] == [
            ("ID_CHECK", WRONG_CHECK, "身份证原件如此")
        ]
    other = ["002", "李四", WRONG_CHECK, "柳树村一组", None]
    assert troubles(judge(book, clerk, "household", HEADS, [other])) == [(2, "head_idcard", "ID_CHECK")]
    edit(book, clerk, "household", one, head_idcard=make.idcard("19650315", 123))
    with book.read() as session:
        assert standing(session, register("household"), one) == []
    assert troubles(judge(book, clerk, "household", HEADS, [row])) == [(2, "head_idcard", "ID_CHECK")]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("agreement", {"number": "搬安〔2026〕综A9999"}),
        ("payment", {"result": "成功"}),
        ("payment", {"paid_on": "2026-11-21"}),
        ("payment_batch", {"made_by": "别人"}),
        ("posting", {"until_on": "2026-11-01"}),
    ],
)
def test_what_an_action_registers_is_not_typed_over(book: Book, clerk: Clerk, name: str, texts: dict[str, str]) -> None:
    with book.change("备", clerk) as (session, _):
        made = {
            "agreement": lambda: make.make_agreement(session, state="draft", signed_on=None),
            "payment": lambda: make.make_payment(session),
            "payment_batch": lambda: make.make_batch(session),
            "posting": lambda: make.add(session, Posting, subject="first", place=make.place(session), from_on="2026-10-01", until_on="2026-10-10"),
        }[name]().id
    with pytest.raises(Refused) as caught, book.change("改", clerk) as (session, _):
        entry.save(session, clerk, register(name), texts, made)
    assert caught.value.code == "ACTED"
    if name == "posting":
        with pytest.raises(UserError, match="完整留底"), book.change("删", clerk) as (session, _):
            entry.remove(session, clerk, register(name), made)


def test_rows_that_only_an_action_makes_are_not_judged_new(book: Book, clerk: Clerk) -> None:
    judged = judge(book, clerk, "recheck", ["held_on", "team"], [["2026-5-1", "调查组"]])
    assert troubles(judged) == [(2, "", "MADE")]
    with pytest.raises(UserError, match="复核”在办理“复核改数、答复异议”时由程序登记"), book.change("加", clerk) as (session, _):
        entry.save(session, clerk, register("recheck"), {"held_on": "2026-5-1"})


def test_an_area_as_it_is_printed_is_the_area_in_the_book(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        household = make.make_household(session, number="H7").id
        make.make_parcel(session, household=household, area=3_000_150)
    assert counts(judge(book, clerk, "household", ["number", "area"], [["H7", "3.00"]])) == (0, 0, 1, 0)
    for other in ("3.01", "3.0002"):
        assert troubles(judge(book, clerk, "household", ["number", "area"], [["H7", other]])) == [(2, "area", "COMPUTED")]


def test_rosters_change_by_their_actions_alone(book: Book, clerk: Clerk) -> None:
    with book.change("备", clerk) as (session, _):
        made = make.make_support_payment(session)
        line, period, card = made.id, made.period, make.idcard()
        make.make_recipient(session, card=card)
        claim = make.make_recovery(session, recipient=made.recipient).id
    typed = (("support_payment", line, {"result": "成功"}), ("support_payment", line, {"back_pay": "100"}),
             ("support_payment", "", {"period": "2026/2", "recipient": card}), ("period", period, {"first_month": "2025-10"}),
             ("period", "", {"year": "2026", "number": "9", "first_month": "2026-02", "last_month": "2026-06", "standard": "600"}),
             ("recovery", claim, {"recovered": "100"}))  # fmt: skip
    for table, row_id, texts in typed:
        with pytest.raises(Refused, match="由办理登记"):
            edit(book, clerk, table, row_id, **texts)

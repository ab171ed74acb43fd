"""Entering after-support people and their changes: forms and ugly rosters, row by row, in plain Chinese."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from relocdesk import entry
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import Refused
from relocdesk.excel.plan import Plan, apply, plan
from relocdesk.records import register
from relocdesk.records.document import Override
from relocdesk.records.household import Household, Person
from relocdesk.records.reference import Place
from relocdesk.records.support import Recipient, RecipientChange
from tests import make
from tests.excel.ugly import grid

LI, WANG, YANG = make.idcard("19500315", 11), make.idcard("19620701", 22), make.idcard("19880229", 33)
TEXTS = {"name": "李桂芳", "idcard": LI, "ethnic": "傣族", "place": "柳树村一组", "reservoir": "红岩水库", "cohort": "现状", "support": "直补",
         "start_month": "2006-07"}  # fmt: skip


def _save(book: Book, name: str, texts: dict[str, str], row_id: str = "", accept: dict[str, str] | None = None) -> str:
    with book.change("登记", make.clerk()) as (s, _):
        return entry.save(s, make.clerk(), register(name), texts, row_id, accept)


def _refused(book: Book, name: str, texts: dict[str, str], row_id: str = "") -> list[tuple[str, str]]:
    with pytest.raises(Refused) as found:
        _save(book, name, texts, row_id)
    return [(one.field, one.code) for one in found.value.problems]


def _people(book: Book) -> list[Person]:
    with book.read() as s:
        return list(s.scalars(select(Person).where(Person.deleted == 0).order_by(Person.name)))


def test_a_recipient_is_a_person_without_a_household(book: Book) -> None:
    one = _save(book, "recipient", TEXTS)
    (person,) = _people(book)
    assert (person.name, person.idcard, person.ethnic, person.household, person.relation, person.sex) == ("李桂芳", LI, "傣族", None, None, "1")
    with book.read() as s:
        recipient = s.get_one(Recipient, one)
        assert (recipient.person, recipient.home) == (person.id, person.home)


def test_the_head_of_a_household_becomes_a_recipient_and_stays_its_head(book: Book) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        home = make.make_household(s, head_name="李桂芳", head_idcard=LI)
        household, head = home.id, home.head
    one = _save(book, "recipient", TEXTS)
    (person,) = _people(book)
    assert (person.household, person.relation, person.ethnic) == (household, "户主", "傣族")
    with book.read() as s:
        assert s.get_one(Recipient, one).person == head
        assert s.get_one(Household, household).head == head
    assert _refused(book, "recipient", TEXTS | {"name": "李贵芳"}) == [("name", "ACTED")]
    _save(book, "recipient", {"ethnic": "汉族", "phone": "13887512345"}, one)
    assert [p.ethnic for p in _people(book)] == ["汉族"]


@pytest.mark.parametrize(
    ("texts", "problems"),
    [
        ({"cohort": "原迁", "moved_on": "2006-06-30"}, [("cohort", "COHORT")]),
        ({"cohort": "现状", "moved_on": "2006-07-01"}, [("cohort", "COHORT")]),
        ({"start_month": "2006-06"}, [("start_month", "START")]),
        ({"cohort": "原迁", "moved_on": "2010-05-20", "start_month": "2010-04"}, [("start_month", "START")]),
        ({"alive_on": "2027-01-01"}, [("alive_on", "DAY")]),
        ({"end_month": "2026-07"}, [("end_month", "COMPUTED")]),
        ({"sex": "女"}, [("sex", "ID_DIFFERS")]),
        ({"state": "核减"}, [("state", "COMPUTED")]),
        ({"idcard": ""}, [("idcard", "REQUIRED")]),
    ],
)
def test_a_new_recipient_that_cannot_be(book: Book, texts: dict[str, str], problems: list[tuple[str, str]]) -> None:
    assert _refused(book, "recipient", TEXTS | texts) == problems
    assert _people(book) == []


def test_computed_columns_that_agree_are_fine(book: Book) -> None:
    _save(book, "recipient", TEXTS | {"end_month": "2026-06", "sex": "男", "born_on": "1950-03-01", "state": "正常"})
    assert len(_people(book)) == 1


def test_the_first_cohort_does_not_grow_without_a_paper(book: Book) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        make.make_approval(s, number="核定1号", base_count=1)
        make.make_approval(s, number="补核2号", base_count=0, document="保搬复〔2012〕3号")
    assert _refused(book, "recipient", TEXTS) == [("approval", "R20")]
    _save(book, "recipient", TEXTS | {"approval": "核定1号"})
    second = TEXTS | {"name": "王顺", "idcard": WANG}
    assert _refused(book, "recipient", second | {"approval": "核定1号"}) == [("approval", "R20")]
    _save(book, "recipient", second | {"approval": "补核2号"})
    _save(book, "recipient", TEXTS | {"name": "杨正华", "idcard": YANG}, accept={"R20": "县政府会议纪要〔2026〕4号"})
    with book.read() as s:
        assert [(one.rule, one.reason) for one in s.scalars(select(Override))] == [("R20", "县政府会议纪要〔2026〕4号")]


def _change(book: Book, clerk: Clerk, **texts: str) -> list[tuple[str, str]]:
    whole = {"recipient": LI, "kind": "核减", "reason": "死亡", "happened_on": "2026-05-10", "found_on": "2026-05-20", "proof": "死亡证明"} | texts
    with book.read() as s:
        found = entry.check(s, clerk, register("recipient_change"), whole)
        return [(one.field, one.code) for one in found.problems]


@pytest.mark.parametrize(
    ("texts", "problems"),
    [
        ({}, []),
        ({"happened_on": "1949-12-31"}, [("happened_on", "BIRTH")]),
        ({"happened_on": "2026-11-23"}, [("happened_on", "DAY"), ("found_on", "DAY")]),
        ({"happened_on": "2005-01-01"}, [("happened_on", "BEFORE_START")]),
        ({"found_on": "2026-05-09"}, [("found_on", "DAY")]),
        ({"reason": ""}, [("reason", "REQUIRED")]),
        ({"reason": "D5"}, [("detail", "REQUIRED")]),
        ({"reason": "D2", "detail": "农转城"}, [("reason", "KEEPS")]),
        ({"reason": "服刑", "detail": "判三缓刑三年"}, [("reason", "KEEPS")]),
        ({"reason": "服刑", "until_on": "2026-01-01"}, [("until_on", "TERM")]),
        ({"kind": "恢复", "reason": ""}, [("kind", "ORDER")]),
        ({"recipient": WANG}, [("recipient", "REF")]),
    ],
)
def test_a_change_is_held_against_the_person(book: Book, clerk: Clerk, texts: dict[str, str], problems: list[tuple[str, str]]) -> None:
    _save(book, "recipient", TEXTS)
    assert _change(book, clerk, **texts) == problems


def test_changes_follow_each_other(book: Book, clerk: Clerk) -> None:
    _save(book, "recipient", TEXTS)
    prison = {"recipient": LI, "kind": "核减", "reason": "D4", "happened_on": "2020-05-10", "proof": "判决书"}
    _save(book, "recipient_change", prison)
    assert _change(book, clerk, reason="D1") == [("kind", "ORDER")]
    assert _change(book, clerk) == []  # a prisoner may die
    _save(book, "recipient_change", {"recipient": LI, "kind": "恢复", "happened_on": "2023-05-10", "proof": "释放证明"})
    _save(book, "recipient_change", {"recipient": LI, "kind": "核减", "reason": "死亡", "happened_on": "2026-05-10", "proof": "死亡证明"})
    (person,) = _people(book)
    assert (person.state, person.died_on) == ("dead", "2026-05-10")
    assert _change(book, clerk, kind="恢复", reason="", happened_on="2026-08-01", found_on="") == [("kind", "ORDER")]
    assert _change(book, clerk, kind="迁入", reason="", happened_on="2026-08-01", found_on="") == [("kind", "ORDER")]  # the dead do not move in
    assert _change(book, clerk, kind="恢复", reason="", detail="法院撤销死亡宣告", happened_on="2026-08-01", found_on="") == []
    assert _refused(book, "recipient", TEXTS | {"name": "李桂芳", "idcard": WANG, "start_month": "2005-01"}) == [("start_month", "START")]


def _roster(path: Path, *lines: list[Any]) -> Path:
    """A roster as offices keep it: title, unit line, head of two lines, 户主 merged down, subtotals, signatures."""
    head = ["序号", "乡镇", "村委会", "小组", "水库（电站）", "户编号", "户主", "移民姓名", "性别", "民族", "身份证号", "人口类型", "搬迁时间"]
    head += ["扶持起止", None, "扶持方式", "一卡通信息", None, None, "备注"]
    second = [None] * 13 + ["扶持起始", "扶持截止", None, "户名", "账号", "开户行", None]
    merges = [f"{chr(65 + n)}3:{chr(65 + n)}4" for n in (*range(13), 15, 19)] + ["A1:T1", "N3:O3", "Q3:S3", "F5:F6", "G5:G6"]
    rows: list[list[Any]] = [["三坝乡大中型水库移民后期扶持直补人口花名册"], ["填报单位（章）：三坝乡人民政府", *[None] * 10, "2026年3月"], head, second]
    rows += [*lines, ["小计", *[None] * 6, "3人"], ["村委会负责人：", None, None, "乡镇审核：", None, None, None, "填表人："]]
    return grid(path, rows, merges=merges)


def _line(n: int, name: str, card: str, **other: Any) -> list[Any]:
    found = {"group": "一组", "number": f"Y00{n}", "head": name, "cohort": "现状人口", "moved": None, "start": "2006.7", "end": "2026.6"} | other
    return [n, "三坝乡", "柳树村委会", found["group"], "红岩水库", found["number"], found["head"], name, "", "汉", card, found["cohort"], found["moved"],
            found["start"], found["end"], "直补", name, f"5301000000{n:03d}", "三坝信用社", None]  # fmt: skip


def _plan(book: Book, path: Path, name: str = "recipient") -> Plan:
    with book.read() as s:
        return plan(s, make.clerk(), register(name), path)


def test_an_office_s_roster_comes_in_and_twice_changes_nothing(book: Book, tmp_path: Path) -> None:
    path = _roster(
        tmp_path / "直补花名册.xlsx",
        _line(1, "李桂芳", LI),
        _line(1, "李小宝", make.idcard("20010101", 44), number=None, head=None, cohort="现状"),
        _line(2, "杨正华", YANG, cohort="原迁人口", moved="2008年3月", start="2008-03", end="2028-02", group="2社"),
    )
    found = _plan(book, path)
    assert [(t.row, t.label, t.text) for t in found.problems] == []
    assert (len(found.new), found.unmapped) == (3, ())
    with book.change("导入", make.clerk(), source="import") as (s, _):
        apply(s, make.clerk(), plan(s, make.clerk(), register("recipient"), path))
    with book.read() as s:
        query = select(Person.name, Recipient.household_no, Recipient.head_name, Recipient.moved_on, Place.name).join(Person, Person.id == Recipient.person)
        rows = s.execute(query.join(Place, Place.id == Recipient.place).order_by(Person.name)).all()
        assert [tuple(row) for row in rows] == [
            ("李小宝", "Y001", "李桂芳", None, "一组"),
            ("李桂芳", "Y001", "李桂芳", None, "一组"),
            ("杨正华", "Y002", "杨正华", "2008-03-01", "二组"),
        ]
    again = _plan(book, path)
    assert (len(again.new), len(again.changed), len(again.same), [t.text for t in again.problems]) == (0, 0, 3, [])


def test_a_roster_calls_people_normal_and_writes_periods_where_months_stand(book: Book, tmp_path: Path) -> None:
    for card, name in ((LI, "李桂芳"), (YANG, "杨正华")):
        _save(book, "recipient", TEXTS | {"name": name, "idcard": card})
    with book.change("核减", make.clerk()) as (s, _):
        make.make_change(s, recipient=s.scalars(select(Recipient.id).join(Person).where(Person.idcard == YANG)).one())
    path = grid(tmp_path / "名册.xlsx", [["姓名", "身份证号", "状态", "起始月"], ["李桂芳", LI, "正常", "2006-07"], ["杨正华", YANG, "正常", "2006-07"]])
    assert [(t.row, t.code) for t in _plan(book, path).problems] == [(3, "COMPUTED")]
    head = ["身份证号", "变动类型", "核减原因", "发生日期", "证明材料", "停发期"]
    found = _plan(book, grid(tmp_path / "核减.xlsx", [head, [LI, "核减", "D3", "2026-05-10", "证明", "2026年三季度"]]), "recipient_change")
    assert (len(found.new), [t.text.split("；")[-1] for t in found.warnings]) == (1, ["这一栏由程序算出，没有用表里的"])


def test_an_ugly_roster_is_refused_row_by_row(book: Book, tmp_path: Path) -> None:
    with book.change("登记", make.clerk()) as (s, _):
        other = make.seeded_place("530523103", "龙新乡", make.reference_id(make.home_id("530523"), "place", "530523"), make.home_id("530523"))
        s.add(other)
        s.flush()
        make.make_recipient(s, name="段明", card=WANG, place=other.id)
        make.make_person(s, name="死者", idcard=YANG, state="dead", died_on="2020-01-01")
    path = _roster(
        tmp_path / "直补花名册.xlsx",
        _line(1, "李桂芳", LI),
        _line(2, "李桂芳", LI, number="Y002", head="李桂芳"),
        _line(3, "段明", WANG),
        _line(4, "死者", YANG),
        _line(5, "错号", LI[:-1] + ("0" if LI[-1] != "0" else "1")),
        _line(6, "早走", make.idcard("19700101", 66), cohort="原迁人口", moved="2006.6.30", end="2026.5"),
        _line(7, "错止", make.idcard("19700101", 77), end="2026.12"),
    )
    found = _plan(book, path)
    assert [(t.row, t.field, t.code) for t in found.problems] == [
        (6, "idcard", "TWICE"), (7, "place", "ELSEWHERE"), (8, "name", "DEAD"), (9, "idcard", "ID_CHECK"), (10, "cohort", "COHORT"),
        (11, "end_month", "COMPUTED"),
    ]  # fmt: skip
    assert found.problems[1].text == "这个身份证号已在龙新乡登记为后扶人口，不能又登记到三坝乡 柳树村 一组；请办理迁入迁出"
    assert found.problems[5].text.startswith("按政策算出截止到 2026-06，表里是 2026-12")
    assert len(found.new) == 1


def test_a_list_of_changes_comes_in(book: Book, tmp_path: Path) -> None:
    for card, name in ((LI, "李桂芳"), (YANG, "杨正华")):
        _save(book, "recipient", TEXTS | {"name": name, "idcard": card})
    head = ["序号", "姓名", "身份证号码", "变动类型", "核减原因代码", "发生日期", "证明材料及编号", "停发期", "备注"]
    rows = [["2026年二季度人口核减表"], head, [1, "李桂芳", LI, "核减", "D3", "2026.5.10", "死亡证明12号", None, None],
            [2, "杨正华", YANG, "核减", "死亡", "1980-05-10", "火化证", None, None], [3, "无名", WANG, "核减", "D3", "2026-05-10", "", None, None]]  # fmt: skip
    path = grid(tmp_path / "核减表.xlsx", rows, merges=["A1:I1"])
    found = _plan(book, path, "recipient_change")
    assert [(t.row, t.code) for t in found.problems] == [(4, "BIRTH"), (5, "REF")]
    with book.change("导入", make.clerk(), source="import") as (s, _):
        apply(s, make.clerk(), plan(s, make.clerk(), register("recipient_change"), path))
    with book.read() as s:
        assert [one.happened_on for one in s.scalars(select(RecipientChange))] == ["2026-05-10"]
        assert [p.state for p in _people(book)] == ["dead", "present"]


@pytest.mark.parametrize(
    ("subject", "value", "code"),
    [("核减从何时停发", "次月起", ""), ("subsidy.cycle", "半年", ""), ("subsidy.cycle", "每旬", "VALUE"), ("现状人口扶持截止日", "待定", "VALUE"),
     ("自编", "1", "")],
)
def test_a_policy_row_nobody_could_read_is_refused(book: Book, subject: str, value: str, code: str) -> None:
    with book.read() as s:
        found = entry.check(s, make.clerk(), register("policy_row"), {"subject": subject, "scope": "全部", "valid_from": "2026-01-01", "value": value})
        assert [one.code for one in found.problems] == ([code] if code else [])

"""Plan versions, surplus turned into projects, funds by year and their age; training rosters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from relocdesk.actions import plans, surplus, training, works
from relocdesk.actions.action import Partly
from relocdesk.errors import UserError
from relocdesk.queries.funds import balance, balances, fund_sheets, surplus_lines
from relocdesk.queries.works import cards, plan_lines, totals_by, totals_by_fund, works_identities
from relocdesk.records.household import Person
from relocdesk.records.support import Period, Recipient, SupportPayment
from relocdesk.records.works import FundSource, PlanItem, SurplusUse, Trainee, Training
from relocdesk.rules.funds import SurplusLine
from tests.actions.money import HEAD, MAKER, TODAY
from tests.actions.scene import TOWNSHIP, Scene, idcard
from tests.actions.test_works import Works


@pytest.fixture
def at(scene: Scene) -> Iterator[Works]:
    with scene.change() as (session, _):
        yield Works(scene, session)


def recipient(at: Works, serial: int, name: str = "张桂兰") -> Recipient:
    person = at.scene.add(at.session, Person, at.scene.home, name=name, idcard=idcard(serial))
    made: Recipient = at.scene.add(at.session, Recipient, at.scene.home, person=person.id, place=at.scene.ids[f"{TOWNSHIP}20101"], reservoir="龙川水库",
                                   cohort="present", support="subsidy", start_month="2006-07")  # fmt: skip
    return made


def paid_out(at: Works, year: int, *amounts: int, result: str = "paid") -> None:
    period = at.scene.add(at.session, Period, at.scene.home, year=year, number=1, first_month=f"{year}-01", last_month=f"{year}-12", standard=60_000,
                          fund="subsidy", state="paid", paid_on=f"{year}-12-20")  # fmt: skip
    for n, amount in enumerate(amounts):
        at.scene.add(at.session, SupportPayment, at.scene.home, period=period.id, recipient=recipient(at, year % 100 * 10 + n).id, kind="n", months=12,
                     due=amount, paid=amount, paid_on=f"{year}-12-20", result=result, attempt=1)  # fmt: skip


# --- the plan --------------------------------------------------------------------------------------------------------


def item(at: Works, number: str, **values: Any) -> PlanItem:
    made: PlanItem = at.scene.add(at.session, PlanItem, at.scene.home, **{"plan": "14", "version": "original", "number": number, "name": f"项目{number}",
                                  "category": "industry", "place": at.scene.ids[f"{TOWNSHIP}201"], "year": 2024, "investment": 500_000, **values})  # fmt: skip
    return made


def test_a_version_goes_on_as_rows_of_its_own(at: Works) -> None:
    first, second = item(at, "01"), item(at, "02")
    assert plans.copy_version(at.session, HEAD, None, plan="14", target="midterm", document="龙发〔2023〕8号").startswith("十四五“中期评估”已生成 2 项")
    copies = plans.items_of(at.session, "14", "midterm")
    assert [(one.number, one.previous, one.document) for one in copies] == [("01", first.id, "龙发〔2023〕8号"), ("02", second.id, "龙发〔2023〕8号")]
    copies[0].investment, copies[1].deleted = 700_000, 1
    item(at, "09", version="midterm", year=2025)
    with pytest.raises(UserError, match="已经有“中期评估”"):
        plans.copy_version(at.session, HEAD, None, plan="14", target="midterm")
    with pytest.raises(UserError, match="不能由“中期评估”生成“原规划”"):
        plans.copy_version(at.session, HEAD, None, plan="14", source="midterm", target="original")
    with pytest.raises(UserError, match="没有“原规划”的项目"):
        plans.copy_version(at.session, HEAD, None, plan="15", target="revised")
    plans.copy_version(at.session, HEAD, None, plan="14", source="midterm", target="revised")
    versions, lines = plan_lines(at.session, "14")
    assert versions == ["original", "midterm", "revised"]
    assert [(line.number, line.moved, [one[0] for one in line.versions]) for line in lines] == [
        ("01", "投资增 2,000.00 元", ["original", "midterm", "revised"]), ("02", "调出", ["original"]), ("09", "新增", ["midterm", "revised"])]  # fmt: skip
    assert first.investment == 500_000


def test_a_planned_item_becomes_one_project(at: Works) -> None:
    first = item(at, "01")
    plans.copy_version(at.session, HEAD, None, plan="14", target="midterm")
    (later,) = plans.items_of(at.session, "14", "midterm")
    assert plans.start_project(at.session, MAKER, first, code="HF2024-01", listed_on="2024-01-15") == "已立项 HF2024-01 项目01"
    (card,) = cards(at.session, TODAY)
    assert (card.code, card.stage_label, card.estimate, card.year) == ("HF2024-01", "规划入库", 500_000, 2024)
    with pytest.raises(UserError, match="已经立项为 HF2024-01"):
        plans.start_project(at.session, MAKER, later, code="HF2024-02")
    with pytest.raises(UserError, match="已经用过"):
        plans.start_project(at.session, MAKER, item(at, "05"), code="HF2024-01")
    with pytest.raises(UserError, match="没有建设地点"):
        plans.start_project(at.session, MAKER, item(at, "06", place=None), code="HF2024-06")
    _, lines = plan_lines(at.session, "14")
    assert {line.number: line.project_code for line in lines}["01"] == "HF2024-01"


# --- surplus and funds -----------------------------------------------------------------------------------------------


def test_surplus_of_a_year_becomes_a_projects_money_and_never_more(at: Works) -> None:
    at.funded("subsidy", 336_000, 2024)
    at.funded("subsidy", 100_000, 2025)
    paid_out(at, 2024, 200_000, 87_000)
    project = at.project()
    assert surplus_lines(at.session, TODAY, "subsidy", 2024) == [SurplusLine("subsidy", 2024, 336_000, 287_000, 0)]
    with pytest.raises(UserError, match=r"2024 年度结余 490\.00 元，账上可用 1,490\.00 元，不能转 490\.01 元"):
        surplus.turn_surplus(at.session, HEAD, project, year=2024, amount=49_001, document="龙政复〔2026〕2号", approved_on="2026-05-01")
    said = surplus.turn_surplus(at.session, HEAD, project, year=2024, amount=40_000, document="龙政复〔2026〕2号", approved_on="2026-05-01")
    assert said == "“后扶直补”2024 年度结余 400.00 元转入 HF2026-001（龙政复〔2026〕2号），该年度还剩 90.00 元"
    (line,) = surplus_lines(at.session, TODAY, "subsidy", 2024)
    assert (line.turned, line.balance) == (40_000, 9_000)
    assert line.received == line.paid + line.turned + line.balance
    source = at.session.scalars(select(FundSource)).one()
    assert (source.fund, source.amount, source.year, source.document) == ("surplus", 40_000, 2024, "龙政复〔2026〕2号")
    assert (balance(at.session, "subsidy", TODAY).balance, balance(at.session, "surplus", TODAY).balance) == (109_000, 40_000)
    assert works_identities(at.session) == []
    with pytest.raises(UserError, match="不能再转"):
        surplus.turn_surplus(at.session, HEAD, project, year=2026, amount=1, document="x", approved_on="2026-05-01", fund="surplus")


def test_money_on_its_way_to_people_is_no_surplus(at: Works) -> None:
    at.funded("subsidy", 336_000, 2024)
    at.funded("subsidy", 500_000, 2025)
    paid_out(at, 2024, 200_000, result="paid")
    paid_out(at, 2024, 87_000, result="wait")
    for period in at.session.scalars(select(Period)):
        period.state = "sent"
    project = at.project()
    with pytest.raises(UserError, match=r"2024 年度结余 490\.00 元"):
        surplus.turn_surplus(at.session, HEAD, project, year=2024, amount=49_001, document="龙政复〔2026〕2号", approved_on="2026-05-01")


def test_surplus_written_by_halves_is_found(at: Works) -> None:
    project = at.project()
    at.scene.add(at.session, SurplusUse, at.scene.home, line="A000001", fund="subsidy", year=2023, project=project.id, amount=5_000, document="复〔2025〕1号",
                 approved_on="2025-06-01")  # fmt: skip
    found = [str(one) for one in works_identities(at.session)]
    assert found == [
        "后扶项目 HF2026-001：结余转入 50.00 元，资金来源“结余盘活”0.00 元，两边不一致；请用“结余转项目”办理",
        "“后扶直补”2023 年度：到位 0.00 元 ＝ 支出 0.00 元 ＋ 转项目 50.00 元 ＋ 结余，结余成了 -50.00 元，转多了",
    ]


def test_more_shared_out_than_a_paper_allocates_is_found(at: Works) -> None:
    at.funded("support", 500_000)
    first, second = at.project(), at.project(code="HF2026-002", name="沟渠")
    at.source(first, 300_000, document="云财农〔2026〕500000号")
    at.source(second, 200_000, document="云财农〔2026〕500000号")
    assert works_identities(at.session) == []
    at.source(second, 1, "support", document="云财农〔2026〕500000号")
    assert [one.text for one in works_identities(at.session)] == ["“后扶项目”下达 5,000.00 元，各项目资金来源合计 5,000.01 元，多分了 0.01 元"]


def test_returned_and_waiting_subsidies_are_not_spent(at: Works) -> None:
    at.funded("subsidy", 100_000, 2025)
    paid_out(at, 2025, 30_000, result="returned")
    assert balance(at.session, "subsidy", TODAY).balance == 100_000
    assert surplus_lines(at.session, TODAY, "subsidy") == [SurplusLine("subsidy", 2025, 100_000, 0, 0)]


def test_kept_totals_of_periods_say_what_the_lines_say(scene: Scene) -> None:
    with scene.change() as (session, _):
        at = Works(scene, session)
        at.funded("subsidy", 500_000, 2025)
        paid_out(at, 2025, 30_000, 45_000)
        paid_out(at, 2024, 10_000, result="returned")
        inside = balance(session, "subsidy", TODAY)
    with scene.book.read() as session:
        assert balance(session, "subsidy", "9999-12-31") == inside
        assert (inside.subsidy, inside.balance) == (75_000, 425_000)
        assert balance(session, "subsidy", "2025-12-19").subsidy == 0
        assert surplus_lines(session, "9999-12-31", "subsidy", 2025) == [SurplusLine("subsidy", 2025, 500_000, 75_000, 0)]


def test_one_fund_alone_is_what_it_is_among_all(scene: Scene) -> None:
    with scene.change() as (session, _):
        at = Works(scene, session)
        at.funded("subsidy", 336_000, 2024)
        paid_out(at, 2024, 200_000, 60_000)
        paid_out(at, 2025, 40_000, result="wait")
        session.scalars(select(Period).where(Period.year == 2025)).one().state = "sent"
        project = at.under_contract()
        works.pay(session, MAKER, project, amount=600_000)
        surplus.turn_surplus(session, HEAD, at.project(code="HF2026-009"), year=2024, amount=4_000, document="龙政复〔2026〕2号", approved_on="2026-05-01")
    with scene.book.read() as session:
        for on in ("2024-12-19", "2025-06-30", TODAY, "9999-12-31"):
            whole = balances(session, on)
            assert {fund: balance(session, fund, on) for fund in whole} == whole
        assert whole["subsidy"].committed == 40_000
        assert set(whole) == {"subsidy", "support", "surplus"}


def test_rates_held_share_and_age_of_a_fund(at: Works) -> None:
    project = at.under_contract()
    at.funded("support", 400_000, 2024)
    works.pay(at.session, MAKER, project, amount=600_000)
    (sheet,) = [one for one in fund_sheets(at.session, TODAY) if one.fund == "support"]
    assert [(line.year, line.allocated, line.received, line.spent, line.rate) for line in sheet.years] == [
        (2026, 5_000_000, 5_000_000, 600_000, "12.0%"), (2024, 400_000, 400_000, 0, "0.0%")]  # fmt: skip
    assert [(one.lot.year, one.spent, one.left, one.kind) for one in sheet.aged] == [(2024, 400_000, 0, ""), (2026, 200_000, 4_800_000, "当年")]
    assert sheet.unspent == {"当年": 4_800_000, "结转": 0, "结余": 0}
    assert (sheet.held, sheet.whole) == ("88.9%", 5_400_000)
    at.setting("fund.held_by", "当年下达")
    (again,) = [one for one in fund_sheets(at.session, TODAY) if one.fund == "support"]
    assert (again.held, again.whole) == ("96.0%", 5_000_000)
    (late,) = [one for one in fund_sheets(at.session, "2027-12-31") if one.fund == "support"]
    assert (late.unspent["结余"], late.held) == (4_800_000, "—")


def test_totals_by_category_and_by_fund(at: Works) -> None:
    project = at.under_contract(category="industry")
    at.source(project, 200_000, "self")
    works.record_stage(at.session, MAKER, project, stage="started", done_on="2026-05-01")
    works.pay(at.session, MAKER, project, amount=90_000, fund="support")
    at.project(code="HF2025-009", year=2025)
    found = totals_by(cards(at.session, TODAY), lambda card: card.category)
    one = found["industry"]
    assert (one.count, one.started, one.finished, one.total, one.paid) == (1, 1, 0, 1_200_000, 90_000)
    assert found["infrastructure"].count == 1
    assert totals_by_fund(at.session, TODAY) == {"support": (1, 1_000_000, 90_000), "self": (1, 200_000, 0)}
    assert [card.code for card in cards(at.session, TODAY, year=2025)] == ["HF2025-009"]
    assert cards(at.session, "2026-04-30", year=2026)[0].stage_label == "合同"


def test_what_is_late_says_why(at: Works) -> None:
    project = at.under_contract(planned_finish="2026-09-30", problems="雨季停工")
    works.record_stage(at.session, MAKER, project, stage="started", done_on="2026-05-01")
    (card,) = cards(at.session, TODAY)
    assert (card.days, card.why) == (53, "完工：过了计划完工日期（2026-09-30），雨季停工")
    works.record_stage(at.session, MAKER, project, stage="finished", planned_on="2026-10-31", late_reason="水泥涨价重新议价")
    assert cards(at.session, TODAY)[0].why == "完工：过了计划日期（2026-10-31），水泥涨价重新议价"


# --- training --------------------------------------------------------------------------------------------------------


def test_people_sign_in_and_heads_and_attendances_are_counted_apart(at: Works) -> None:
    course: Training = at.scene.add(at.session, Training, at.scene.home, name="核桃嫁接", held_on="2026-05-06")
    with pytest.raises(UserError, match="还没有学员名册"):
        training.sign_in(at.session, MAKER, course)
    people = [recipient(at, n, name).id for n, name in ((501, "张桂兰"), (502, "李国强"), (503, "杨秀英"), (504, "杨秀英"))]
    assert training.enrol(at.session, MAKER, course, people=people, sessions=2) == "“核桃嫁接”列入 4 人，名册共 4 人、8 人次"
    with pytest.raises(UserError, match="张桂兰：已经在名册里"):
        training.enrol(at.session, MAKER, course, people=people[:1])
    with pytest.raises(UserError, match="没有编号或名称是“王小二”的后扶人口"):
        training.enrol(at.session, MAKER, course, people=["王小二"])
    said = training.sign_in(at.session, MAKER, course, people=["李国强", "杨秀英", idcard(503), "王小二"], sessions=3)
    assert said == "“核桃嫁接”签到 2 人；名册 4 人、10 人次；2 人没有对上"
    assert isinstance(said, Partly)
    assert said.refused == (("杨秀英", "同名的不止一人，请写身份证号"), ("王小二", "不在名册里"))
    assert course.attendances == 10
    signed = at.session.scalars(select(Trainee.name).where(Trainee.signed == 1).order_by(Trainee.name)).all()
    assert sorted(signed) == ["李国强", "杨秀英"]
    training.sign_in(at.session, MAKER, course)
    assert len(at.session.scalars(select(Trainee).where(Trainee.signed == 1)).all()) == 4



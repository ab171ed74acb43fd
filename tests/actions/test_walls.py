"""Money that waits for the wall: until the last day is over, for objections and their petitions, on every way money takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from relocdesk.actions import approval, bank, payment, posting, survey, works
from relocdesk.actions.period_result import reissue_line
from relocdesk.actions.period_steps import approve_period, check_period, post_period, reopen_period, to_bank
from relocdesk.actions.population import approve_change
from relocdesk.entry import Refused, judge, remove, save
from relocdesk.errors import UserError
from relocdesk.excel.bank import bank_list
from relocdesk.queries.objections import open_objections
from relocdesk.queries.rows import Ask, Condition, ids
from relocdesk.queries.work_postings import posted_works
from relocdesk.records import register
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.household import CollectiveUnit
from relocdesk.records.petition import Petition
from relocdesk.records.project import Project
from relocdesk.records.reference import Holiday, Place
from relocdesk.records.support import SupportPayment
from relocdesk.records.survey import Objection, Posting
from relocdesk.records.works import ProjectPayment
from tests.actions import subsidy as people
from tests.actions.money import CHECKER, HEAD, MAKER, TODAY, Money
from tests.actions.money import row as bank_row
from tests.actions.scene import CLERK, TOWNSHIP, Scene
from tests.actions.subsidy import Subsidy, on
from tests.actions.test_works import Works
from tests.queries.test_rows import statements

GROUP, VILLAGE = f"{TOWNSHIP}20101", f"{TOWNSHIP}201"


@pytest.fixture
def at(scene: Scene) -> Iterator[Works]:
    with scene.change() as (session, _):
        yield Works(scene, session)


@pytest.fixture
def subsidy(scene: Scene) -> Iterator[Subsidy]:
    with scene.change() as (session, _):
        yield Subsidy(scene, session)


def hung(money: Money, place: str = GROUP, **values: str) -> Posting:
    made: Posting = money.scene.add(money.session, Posting, money.scene.home, **{
        "subject": "first", "place": money.scene.ids[place], "from_on": "2026-11-15", "until_on": TODAY, **values})
    return made


def collective_land(money: Money) -> Agreement:
    """The village's agreement about the land of a family of its first group."""
    village = money.session.get_one(CollectiveUnit, money.scene.ids["柳树村委会"])
    village.account_name, village.account, village.bank = village.name, "99998888", "信用社"
    land = money.agreement(village)
    money.session.scalars(select(AgreementLine).where(AgreementLine.agreement == land.id)).one().household = money.household().id
    money.session.flush()
    return land


# --- land ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dates", "waits"), [
    ({"until_on": "2026-11-21"}, False), ({"until_on": TODAY}, True), ({"from_on": "2026-11-23", "until_on": "2026-11-30"}, True),
])  # fmt: skip
def test_the_last_day_counts_and_what_begins_tomorrow_has_not_hung(at: Works, dates: dict[str, str], waits: bool) -> None:
    agreement = at.agreement()
    hung(at, **dates)
    if waits:
        with pytest.raises(UserError, match="还没有结束"):
            at.open(agreement)
    else:
        assert len(at.open(agreement).done) == 1


def test_the_wall_of_a_group_holds_the_money_of_the_village_for_its_land(at: Works) -> None:
    land = collective_land(at)
    wall = hung(at)
    with pytest.raises(UserError, match="还没有结束"):
        at.open(land)
    wall.until_on = "2026-11-20"
    at.scene.add(at.session, Objection, at.scene.home, line="A000001", posting=wall.id, raised_by="李四", filed_on="2026-11-16", claim="面积不对")
    with pytest.raises(UserError, match="本村组的公示有没办结的异议"):
        at.open(land)


@pytest.mark.parametrize(("subject", "project", "waits"), [("first", "", True), ("first", "here", True), ("first", "elsewhere", False), ("subsidy", "", False)])
def test_an_objection_about_a_household_holds_what_it_is_about_and_nobody_else(at: Works, subject: str, project: str, waits: bool) -> None:
    house = at.household()
    mine, neighbour = at.agreement(house), at.agreement()
    other = at.scene.add(at.session, Project, at.scene.county, name="石桥水库").id
    about = {"here": at.scene.ids["project"], "elsewhere": other}.get(project)
    wall = hung(at, subject=subject, until_on="2026-11-20", **({"project": about} if about else {}))
    at.scene.add(at.session, Objection, at.scene.home, line="A000001", posting=wall.id, household=house.id, raised_by="李四", filed_on="2026-11-16")
    opened = at.open(mine, neighbour)
    assert [no.number for no in opened.refused] == ([mine.number] if waits else [])
    assert neighbour.id in {line.agreement for line in opened.done}


@pytest.mark.parametrize("stage", ["open", "checked", "approved"])
def test_approval_does_not_outlive_the_wall(at: Works, tmp_path: Path, stage: str) -> None:
    opened = at.open(at.agreement())
    batch = opened.batch
    if stage != "open":
        approval.check_batch(at.session, CHECKER, batch)
    if stage == "approved":
        approval.approve_batch(at.session, HEAD, batch)
    hung(at)
    ways = {
        "open": lambda: approval.check_batch(at.session, CHECKER, batch), "checked": lambda: approval.approve_batch(at.session, HEAD, batch),
        "approved": lambda: approval.send_batch(at.session, MAKER, batch),
    }  # fmt: skip
    with pytest.raises(UserError, match="公示到 2026-11-22，还没有结束"):
        ways[stage]()
    if stage == "approved":
        with pytest.raises(UserError, match=r"不能列入代发清单.*还没有结束"):
            bank_list(at.session, batch, tmp_path / "代发.xlsx")
        (line,) = opened.done
        with pytest.raises(UserError, match=r"不能兑付.*还没有结束"):
            bank.set_result(at.session, MAKER, line, result="paid", proof="收据 1 号")
        assert bank.set_result(at.session, MAKER, line, result="returned", reason="公示有异议", proof="公示 1 号").endswith("批次已对账")


def test_what_the_bank_has_is_registered_whatever_hangs(at: Works) -> None:
    sent = at.sent(at.agreement(), at.agreement(), at.agreement())
    wall = hung(at)
    one, two, _ = sent.done
    said = bank.set_result(at.session, MAKER, one, result="paid", proof="回单 1 号")
    assert said.endswith(f"；请注意：{one.payee_name}的公示没完或有异议，银行已经付了，备注里写明“登记到账时……”")
    assert (one.result, one.remark) == ("paid", "登记到账时“实物第一榜”公示到 2026-11-22，还没有结束；凭据：回单 1 号")
    answer = bank.bank_result(at.session, MAKER, sent.batch, [bank_row(two)])
    assert f"请注意：{two.payee_name}的公示没完" in answer.sentence(sent.batch)
    wall.until_on = "2026-11-21"
    at.session.flush()
    late = bank.bank_result(at.session, MAKER, sent.batch, [bank_row(line, n) for n, line in enumerate(sent.done, 2)])
    assert "请注意" not in late.sentence(sent.batch)
    marked = ids(at.session, Ask(register("payment"), (Condition("remark", "含", bank.OBJECTED),)))
    assert set(marked) == {one.id, two.id}


def test_cash_waits_after_the_rest_was_sent(at: Works) -> None:
    batch = at.open(at.agreement()).batch
    payment.add_line(at.session, MAKER, batch, agreement=at.agreement(at.household(account=None)).number, cash=1)
    approval.send_batch(at.session, MAKER, at.approved(batch))
    cash = next(line for line in at.lines(batch) if line.bank == payment.CASH)
    hung(at)
    with pytest.raises(UserError, match="不能兑付"):
        bank.set_result(at.session, MAKER, cash, result="paid", proof="收据 1 号")


# --- what never hung ------------------------------------------------------------------------------------------------


def surveyed(at: Works, agreement: Agreement, place: str = GROUP) -> Agreement:
    """The agreement pays for a parcel of a group."""
    line = at.session.scalars(select(AgreementLine).where(AgreementLine.agreement == agreement.id)).first()
    assert line is not None
    line.parcel = at.scene.parcel(at.session, at.household(), place=at.scene.ids[place]).id
    at.session.flush()
    return agreement


@pytest.mark.parametrize("collective", [False, True])
def test_land_that_never_hung_is_told_or_refused(at: Works, collective: bool) -> None:
    land = surveyed(at, collective_land(at) if collective else at.agreement(at.household()))
    opened = at.open(land)
    assert [text.startswith(f"实物没有张榜公示过：{land.number}") for text in opened.warnings] == [True]
    approval.check_batch(at.session, CHECKER, opened.batch)
    at.setting("posting.required", "不准办")
    with pytest.raises(UserError, match="的实物没有张榜公示过"):
        approval.approve_batch(at.session, HEAD, opened.batch)
    with pytest.raises(UserError, match="的实物没有张榜公示过"):
        at.open(surveyed(at, at.agreement()))
    hung(at, VILLAGE, from_on="2026-10-01", until_on="2026-10-10")
    assert "没有张榜" not in approval.approve_batch(at.session, HEAD, opened.batch)


def test_what_was_never_surveyed_needs_no_wall(at: Works) -> None:
    at.setting("posting.required", "不准办")
    assert at.open(at.agreement()).warnings == []


def test_a_project_that_never_hung_is_told_or_refused(at: Works) -> None:
    s, project = at.session, at.under_contract()
    typed = {"project": project.code, "number": "9", "paid_on": TODAY, "amount": "10", "payee": "甲", "fund": "后扶项目"}
    assert works.pay(s, MAKER, project, amount=100_000).endswith(f"请注意：{project.code} 没有公示过")
    at.setting("posting.required", "不准办")
    with pytest.raises(UserError, match="没有公示过，不能支付"):
        works.pay(s, MAKER, project, amount=100_000)
    with pytest.raises(Refused, match="没有公示过，不能支付"):
        save(s, MAKER, register("project_payment"), typed)
    at.scene.add(s, Posting, at.scene.home, subject="project", place=at.scene.ids[VILLAGE], from_on="2026-10-01", until_on="2026-10-10")
    assert "没有公示过" not in works.pay(s, MAKER, project, amount=100_000)


# --- objections and their petitions ----------------------------------------------------------------------------------


def turned(at: Works) -> tuple[Posting, Objection, Petition]:
    """An objection to a posting that ran out, become a petition."""
    wall = hung(at, until_on="2026-11-21")
    posting.file_objection(at.session, CLERK, wall, raised_by="李家旺", claim="少量了", filed_on="2026-11-16")
    (raised,) = open_objections(at.session, wall.id)
    posting.objection_to_petition(at.session, CLERK, raised)
    return wall, raised, at.session.get_one(Petition, raised.petition)


def test_an_answer_does_not_pass_by_the_petition(at: Works) -> None:
    wall, raised, petition = turned(at)
    with pytest.raises(UserError, match=f"已经转为信访件 {petition.number}"):
        posting.decide(at.session, CLERK, raised, result="没有问题", team="杨测")
    assert open_objections(at.session, wall.id) == [raised]
    with pytest.raises(UserError, match="李家旺提出的异议"):
        at.open(at.agreement())


@pytest.mark.parametrize(("end", "over"), [
    ({"closed_on": "2026-11-20"}, True), ({"withdrawn_on": "2026-11-20"}, True), ({"settled_on": "2026-11-20"}, True), ({"archive_no": "1"}, True),
    ({"jurisdiction": "refuse", "noticed_on": "2026-11-20"}, True), ({"jurisdiction": "refuse"}, False),
    ({"jurisdiction": "guide", "noticed_on": "2026-11-20"}, False), ({"jurisdiction": "transfer", "noticed_on": "2026-11-20"}, False),
])  # fmt: skip
def test_which_ends_of_a_petition_free_the_money(at: Works, end: dict[str, str], over: bool) -> None:
    wall, _, petition = turned(at)
    for name, value in end.items():
        setattr(petition, name, value)
    at.session.flush()
    assert (open_objections(at.session, wall.id) == []) is over


def test_a_joined_petition_is_over_with_the_one_it_was_joined_to(at: Works) -> None:
    wall, _, petition = turned(at)
    whole = at.scene.add(at.session, Petition, at.scene.home, number="XF1", received_on="2026-11-01", channel="visit", purpose="claim", petitioner="李某",
                         persons=1, category="面积", summary="同一件事")  # fmt: skip
    petition.joined_to = whole.id
    at.session.flush()
    assert len(open_objections(at.session, wall.id)) == 1
    whole.closed_on = "2026-11-20"
    at.session.flush()
    assert open_objections(at.session, wall.id) == []


def test_an_objection_is_answered_and_never_deleted(at: Works) -> None:
    wall = hung(at)
    posting.file_objection(at.session, CLERK, wall, raised_by="李家旺", claim="少量了")
    (raised,) = open_objections(at.session, wall.id)
    with pytest.raises(UserError, match="不能删除") as caught:
        remove(at.session, CLERK, register("objection"), raised.id)
    assert "答复" in (caught.value.hint or "")


# --- how long --------------------------------------------------------------------------------------------------------


def test_closing_late_does_not_lengthen_the_posting(at: Works) -> None:
    wall = hung(at, from_on="2026-11-01", until_on="2026-11-10")
    assert posting.close(at.session, CLERK, wall) == "“实物第一榜”已于2026年11月10日结束公示，共 9 天"
    with pytest.raises(UserError, match="已在2026年11月22日办过结束公示"):
        posting.close(at.session, CLERK, wall, until_on="2026-11-20")


def test_plans_hang_thirty_days_and_the_office_may_count_working_days(at: Works) -> None:
    place = at.session.get_one(Place, at.scene.ids[VILLAGE])
    with pytest.raises(UserError, match="公示只有 7 天，不足 30 天"):
        posting.open_posting(at.session, CLERK, place, subject="plan", until_on="2026-11-29")
    at.scene.parcel(at.session, at.household())
    at.setting("posting.working_days", "是")
    at.scene.add(at.session, Holiday, at.scene.county, day="2026-11-25", kind="off", name="试验")
    with pytest.raises(UserError, match="公示只有 4 个工作日，不足 7 个工作日") as caught:
        posting.post(at.session, CLERK, place.id, subject="first", until_on="2026-11-29")
    assert "2026年12月2日" in (caught.value.hint or "")
    assert posting.post(at.session, CLERK, place.id, subject="first").until_on == "2026-12-02"


def test_the_next_round_waits_for_the_last_day_to_end(at: Works) -> None:
    at.scene.parcel(at.session, at.household())
    wall = hung(at, VILLAGE, project=at.scene.ids["project"])
    given = {"subject": "second", "project": at.scene.ids["project"]}
    with pytest.raises(UserError, match="上一榜“实物第一榜”到2026年11月22日才结束"):
        posting.post(at.session, CLERK, at.scene.ids[VILLAGE], **given)
    posting.close(at.session, CLERK, wall)
    assert posting.post(at.session, CLERK, at.scene.ids[VILLAGE], **given).from_on == TODAY


def test_what_hung_on_the_wall_changes_by_recheck_alone(at: Works) -> None:
    parcel = at.scene.parcel(at.session, at.household(), number="P1")
    asset = at.scene.asset(at.session, at.household(), number="S1")
    survey.unconfirm_parcel(at.session, CLERK, parcel)
    survey.confirm_parcel(at.session, CLERK, parcel)
    hung(at, VILLAGE, project=at.scene.ids["project"], from_on="2026-10-01", until_on="2026-10-10")
    for act, row in ((survey.unconfirm_parcel, parcel), (survey.unconfirm_asset, asset)):
        with pytest.raises(UserError, match="已经张榜公示（实物第一榜），不能取消确认") as caught:
            act(at.session, CLERK, row)
        assert "复核" in (caught.value.hint or "")


# --- the subsidy -----------------------------------------------------------------------------------------------------


def test_a_roster_waits_for_its_last_day_and_for_objections_to_the_very_end(subsidy: Subsidy) -> None:
    s = subsidy.session
    subsidy.recipient("杨树林")
    period = subsidy.frozen()
    post_period(s, people.MAKER, period)
    check_period(s, people.CHECKER, period)
    with pytest.raises(UserError, match="公示到2026年3月12日才结束"):
        approve_period(s, on(people.HEAD, "2026-03-12"), period)
    approve_period(s, on(people.HEAD, "2026-03-13"), period)
    posting.file_objection(s, people.HEAD, s.get_one(Posting, period.posted), raised_by="段秋生", claim="已外嫁", filed_on="2026-03-14")
    with pytest.raises(UserError, match="1 条异议没有答复（段秋生）"):
        to_bank(s, period)


def test_hanging_a_roster_anew_does_not_pass_by_an_objection(subsidy: Subsidy) -> None:
    s = subsidy.session
    subsidy.recipient("杨树林")
    period = subsidy.frozen()
    post_period(s, people.MAKER, period)
    (wall,) = s.scalars(select(Posting)).all()
    posting.file_objection(s, on(people.MAKER, "2026-03-06"), wall, raised_by="段秋生", claim="已外嫁")
    reopen_period(s, on(people.MAKER, "2026-03-06"), period, reason="重来")
    with pytest.raises(UserError, match="1 条异议没有答复（段秋生）"):
        post_period(s, on(people.MAKER, "2026-03-06"), period)
    posting.decide(s, on(people.MAKER, "2026-03-06"), open_objections(s, wall.id)[0], result="经查户口未迁出", team="村委会")
    assert "公示，共" in post_period(s, on(people.MAKER, "2026-03-06"), period)


def test_an_objection_stays_with_its_posting_and_may_be_narrowed_to_a_household(at: Works) -> None:
    wall, other, house = hung(at), hung(at, from_on="2026-10-01", until_on="2026-10-10"), at.household()
    posting.file_objection(at.session, CLERK, wall, raised_by="李家旺", claim="少量了")
    (raised,) = open_objections(at.session, wall.id)
    reg = register("objection")
    with pytest.raises(Refused, match="不能改到别的榜"):
        save(at.session, CLERK, reg, {"posting": f"/实物第一榜/{GROUP}/{other.from_on}"}, raised.id)
    save(at.session, CLERK, reg, {"household": house.number}, raised.id)
    assert len(at.session.scalars(select(Objection).where(Objection.household == house.id)).all()) == 1


def test_a_returned_line_is_not_paid_again_over_an_objection(subsidy: Subsidy) -> None:
    s = subsidy.session
    subsidy.recipient("杨树林")
    period = subsidy.frozen()
    subsidy.sent(period)
    (line,) = subsidy.lines(period)
    row = subsidy.row(line)
    row.result, row.return_reason, period.state = "returned", "户名不符", "paid"
    posting.file_objection(s, on(people.HEAD, "2026-03-20"), s.get_one(Posting, period.posted), raised_by="段秋生", claim="已外嫁")
    with pytest.raises(UserError, match="1 条异议没有答复"):
        reissue_line(s, on(people.MAKER, "2026-03-20"), row)
    assert s.scalars(select(SupportPayment)).all() == [row]


def test_a_reduction_is_not_approved_while_somebody_objects_to_it(subsidy: Subsidy) -> None:
    s = subsidy.session
    person = subsidy.recipient("杨树林")
    change = subsidy.change(person, "reduce", "2026-02-20", "D1")
    place = s.get_one(Place, subsidy.scene.ids[GROUP])
    posting.open_posting(s, on(people.MAKER, "2026-03-02"), place, subject="reduction")
    (wall,) = s.scalars(select(Posting)).all()
    assert wall.until_on == "2026-03-09"
    with pytest.raises(UserError, match="还没有公示期满"):
        approve_change(s, on(people.CHECKER, "2026-03-09"), change)
    posting.file_objection(s, on(people.MAKER, "2026-03-05"), wall, raised_by="杨树林", claim="没有录用")
    with pytest.raises(UserError, match="核减名单还有 1 条异议没有答复（杨树林）"):
        approve_change(s, on(people.CHECKER, "2026-03-10"), change)
    posting.decide(s, on(people.MAKER, "2026-03-10"), open_objections(s, wall.id)[0], result="经人社局核实已录用", team="乡政府")
    assert approve_change(s, on(people.CHECKER, "2026-03-10"), change).startswith("已核准杨树林的核减")


# --- projects --------------------------------------------------------------------------------------------------------


def test_a_posted_project_is_not_paid_and_the_one_beside_it_is(at: Works) -> None:
    s, place = at.session, at.session.get_one(Place, at.scene.ids[VILLAGE])
    project, other = at.under_contract(), at.project(code="HF2026-002", name="石桥灌溉")
    said = posting.open_posting(s, MAKER, place, subject="project", work=project.id)
    assert said == "“项目”自2026年11月22日至2026年11月29日在柳树村公示，共 1 个项目"
    (wall,) = s.scalars(select(Posting)).all()
    assert [(one.code, one.contract) for one in posted_works(wall)] == [("HF2026-001", 90_000_000 // 100)]
    with pytest.raises(UserError, match="HF2026-001 的公示到2026年11月29日为止，2026年11月22日不能支付"):
        works.pay(s, MAKER, project, amount=100_000)
    typed = {"project": project.code, "number": "9", "paid_on": TODAY, "amount": "10", "payee": "甲", "fund": "后扶项目"}
    with pytest.raises(Refused, match="公示到2026年11月29日为止"):
        save(s, MAKER, register("project_payment"), typed)
    works.pay(s, MAKER, project, amount=100_000, paid_on="2026-06-01")  # long before anything hung
    reg = register("project_payment")
    early = s.scalars(select(ProjectPayment)).one()
    for change in ({"paid_on": TODAY}, {"paid_on": "2026-11-25"}):  # nor does one that was registered come to be paid meanwhile
        with pytest.raises(Refused, match="公示到2026年11月29日为止"):
            save(s, replace(MAKER, on="2026-11-26"), reg, change, early.id)
    save(s, MAKER, reg, {"voucher": "记-077"}, early.id)
    later = replace(MAKER, on="2026-11-30")
    posting.file_objection(s, later, wall, raised_by="段秋生", claim="路宽不够")
    with pytest.raises(UserError, match="1 条异议没有办结（段秋生）"):
        works.pay(s, later, project, amount=100_000)
    posting.decide(s, later, open_objections(s, wall.id)[0], result="按图施工", team="乡政府")
    assert "累计 2,000.00 元" in works.pay(s, later, project, amount=100_000)
    assert posting.open_posting(s, later, place, subject="project", work=other.id).endswith("共 1 个项目")
    with pytest.raises(UserError, match="2026年11月30日这里已经公示了项目"):
        posting.open_posting(s, later, place, subject="project", work=project.id)


def test_a_sheet_of_payments_is_held_against_the_walls_at_once(at: Works) -> None:
    """A long sheet of payments of projects that hang, hung, or never hung asks no more than a short one."""
    s, place, reg = at.session, at.session.get_one(Place, at.scene.ids[VILLAGE]), register("project_payment")
    held = [at.project(code=f"HF2026-1{n:02d}") for n in range(15)]
    free = [at.project(code=f"HF2026-2{n:02d}") for n in range(15)]
    wall = posting.post(s, MAKER, place.id, subject="project", works=[one.id for one in held])
    posting.file_objection(s, MAKER, wall, raised_by="段秋生", claim="路宽不够")
    fields = [reg[name] for name in ("project", "number", "paid_on", "amount", "payee", "fund")]
    counted = {}
    for most in (1, 15):
        mixed = [one for pair in zip(held[:most], free, strict=False) for one in pair]
        rows = [(n, [one.code, "9", day, "10", "甲", "后扶项目"]) for n, (one, day) in enumerate((one, day) for one in mixed for day in (TODAY, "2026-06-01"))]
        s.expire_all()
        with statements(s) as seen:
            judged = judge(s, MAKER, reg, fields, rows)
        counted[most] = len(seen)
        assert [(one.row, one.code) for one in judged.problems if one.code == "J12"] == [(4 * n, "J12") for n in range(most)]
    assert counted[15] == counted[1], "\n".join(seen)


def test_projects_are_posted_where_they_are_built(at: Works) -> None:
    project = at.under_contract()
    elsewhere = at.session.get_one(Place, at.scene.ids[f"{TOWNSHIP}202"])
    with pytest.raises(UserError, match="HF2026-001 不在"):
        posting.open_posting(at.session, MAKER, elsewhere, subject="project", work=project.id)
    with pytest.raises(UserError, match="没有要公示的后扶项目"):
        posting.open_posting(at.session, MAKER, elsewhere, subject="project")
    with pytest.raises(UserError, match="不公示后扶项目"):
        posting.open_posting(at.session, MAKER, elsewhere, subject="first", work=project.id)

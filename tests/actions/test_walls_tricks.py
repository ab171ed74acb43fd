"""Ways round a wall that do not lead round it: moving, splitting, merging, renaming, answering something else, taking back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from relocdesk.actions import household, payment, posting, survey, works
from relocdesk.actions.period_steps import to_bank
from relocdesk.entry import Refused, save
from relocdesk.errors import UserError
from relocdesk.queries.objections import open_objections
from relocdesk.records import register
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.household import CollectiveUnit, Household, Person
from relocdesk.records.payment import Payment
from relocdesk.records.reference import Place
from relocdesk.records.support import Period
from relocdesk.records.survey import Objection, Posting
from tests.actions.money import GROUP_TWO, MAKER, TODAY
from tests.actions.scene import CLERK, Scene
from tests.actions.subsidy import Subsidy
from tests.actions.test_walls import GROUP, VILLAGE, hung
from tests.actions.test_works import Works


@pytest.fixture
def at(scene: Scene) -> Iterator[Works]:
    with scene.change() as (session, _):
        yield Works(scene, session)


def objection(at: Works, wall: Posting, house: Household | None = None) -> Objection:
    posting.file_objection(at.session, CLERK, wall, raised_by="李家旺", claim="少量了", household=house.id if house else "")
    return open_objections(at.session, wall.id)[-1]


def over(at: Works, place: str = GROUP) -> Posting:
    """A posting whose days are over."""
    return hung(at, place, from_on="2026-11-01", until_on="2026-11-10")


def pays_for(at: Works, agreement: Agreement, place: str) -> Agreement:
    """The agreement pays for a parcel that stands at a place."""
    line = at.session.scalars(select(AgreementLine).where(AgreementLine.agreement == agreement.id)).one()
    line.parcel = at.scene.parcel(at.session, at.household(), place=at.scene.ids[place]).id
    at.session.flush()
    return agreement


# --- moving ----------------------------------------------------------------------------------------------------------


def test_moving_away_does_not_lead_round_the_wall(at: Works) -> None:
    house = at.household()
    parcel = at.scene.parcel(at.session, house, number="P9")
    hung(at)
    for reg, row_id in (("household", house.id), ("parcel", parcel.id)):
        with pytest.raises(Refused, match="正在公示，或有没办结的异议") as caught:
            save(at.session, CLERK, register(reg), {"place": GROUP_TWO}, row_id)
        assert "公示期满、异议办结以后再改" in str(caught.value)


def test_a_move_within_what_the_wall_covers_is_free(at: Works) -> None:
    house = at.household()
    hung(at, VILLAGE)
    save(at.session, CLERK, register("household"), {"place": GROUP_TWO}, house.id)
    assert at.session.get_one(Household, house.id).place == at.scene.ids[GROUP_TWO]


@pytest.mark.parametrize("collective", [False, True])
def test_land_waits_for_the_wall_of_where_it_lies(at: Works, collective: bool) -> None:
    if collective:
        payee: Household | CollectiveUnit = at.session.get_one(CollectiveUnit, at.scene.ids["柳树村委会"])
        payee.account_name, payee.account, payee.bank = "柳树村委会", "99998888", "信用社"
    else:
        payee = at.household()
    land = pays_for(at, at.agreement(payee), GROUP_TWO)
    hung(at, GROUP_TWO)
    with pytest.raises(UserError, match="还没有结束"):
        at.open(land)


def test_a_project_that_moved_away_still_hangs(at: Works) -> None:
    s, project = at.session, at.under_contract()
    posting.open_posting(s, MAKER, s.get_one(Place, at.scene.ids[VILLAGE]), subject="project", work=project.id)
    project.place = at.scene.ids[VILLAGE[:-3] + "202"]
    s.flush()
    with pytest.raises(UserError, match="不能支付"):
        works.pay(s, MAKER, project, amount=100_000)


# --- splitting and merging -------------------------------------------------------------------------------------------


def test_the_part_of_a_household_that_split_off_waits_too(at: Works) -> None:
    house = at.household()
    son = at.scene.add(at.session, Person, at.scene.home, household=house.id, name="李小明", idcard="", relation="子", state="present")
    parcel = at.scene.parcel(at.session, house, number="P9")
    wall = over(at)
    raised = objection(at, wall, house)
    household.split(at.session, CLERK, house, number="H999", people=[son.id], parcels=[parcel.id])
    new = at.session.scalars(select(Household).where(Household.number == "H999")).one()
    new.account_name, new.account, new.bank = "李小明", "88887777", "信用社"
    mine = at.agreement(new)
    with pytest.raises(UserError, match="李家旺提出的异议"):
        at.open(mine)
    posting.decide(at.session, CLERK, raised, result="没有少量", team="杨测")
    assert len(at.open(mine).done) == 1


def test_a_household_with_an_open_objection_does_not_end_in_another(at: Works) -> None:
    house, other = at.household(), at.household()
    raised = objection(at, over(at), house)
    with pytest.raises(UserError, match="还有没办结的异议"):
        household.merge(at.session, CLERK, house, into=other.id)
    posting.decide(at.session, CLERK, raised, result="没有少量", team="杨测")
    assert "已并入" in household.merge(at.session, CLERK, house, into=other.id)


# --- whom and what an objection is about -----------------------------------------------------------------------------


def test_a_household_that_does_not_stand_on_the_wall_narrows_nothing(at: Works) -> None:
    stranger = at.household()
    stranger.place = at.scene.ids[VILLAGE[:-3] + "202"]
    objection(at, over(at), stranger)
    with pytest.raises(UserError, match="本村组的公示有没办结的异议"):
        at.open(at.agreement())


def test_an_objection_is_not_turned_against_somebody_else(at: Works) -> None:
    house, other = at.household(), at.household()
    raised = objection(at, over(at), house)
    with pytest.raises(Refused, match="不能改成别的户"):
        save(at.session, CLERK, register("objection"), {"household": other.number}, raised.id)


def test_a_recheck_of_something_else_answers_nothing(at: Works) -> None:
    house = at.household()
    raised = objection(at, over(at), house)
    strange = at.scene.parcel(at.session, house, number="P8", place=at.scene.ids[GROUP_TWO])
    own = at.scene.parcel(at.session, house, number="P9")
    given = {"quantity": own.area, "team": "杨测", "result": "面积无误", "objection": raised.id}
    with pytest.raises(UserError, match="不在异议所对的公示的村组"):
        survey.recheck_parcel(at.session, CLERK, strange, **given)
    survey.recheck_parcel(at.session, CLERK, own, **given)
    assert open_objections(at.session, raised.posting or "") == []


def test_a_recheck_of_land_does_not_answer_an_objection_to_a_roster(at: Works) -> None:
    raised = objection(at, hung(at, subject="subsidy", from_on="2026-11-01", until_on="2026-11-10"))
    with pytest.raises(UserError, match="不是对实物公示提的"):
        survey.recheck_parcel(at.session, CLERK, at.scene.parcel(at.session, at.household()), quantity=1, team="杨测", result="无误", objection=raised.id)


# --- other ways money takes ------------------------------------------------------------------------------------------


def test_a_payment_typed_in_as_paid_does_not_lead_round_the_wall(at: Works) -> None:
    mine, other = at.agreement(), at.agreement()
    batch = at.open(other).batch
    hung(at)
    typed = {"batch": batch.number, "agreement": mine.number, "amount": "10", "result": "成功", "paid_on": TODAY}
    with pytest.raises(Refused):
        save(at.session, MAKER, register("payment"), typed)
    assert [line.agreement for line in at.session.scalars(select(Payment)).all()] == [other.id]


def test_amounts_and_accounts_of_open_batches_do_not_lead_round_the_wall(at: Works) -> None:
    mine, other = at.agreement(), at.agreement()
    batch = at.open(other).batch
    hung(at)
    with pytest.raises(UserError, match="还没有结束"):
        payment.add_line(at.session, MAKER, batch, agreement=mine.number)


def test_a_roster_of_an_old_ledger_that_never_hung_is_not_sent(scene: Scene) -> None:
    with scene.change() as (session, _):
        at = Subsidy(scene, session)
        at.recipient("杨树林")
        period = at.frozen()
        period.state = "approved"
        session.flush()
        with pytest.raises(UserError, match="没有公示"):
            to_bank(session, session.get_one(Period, period.id))


def test_what_is_backdated_before_the_wall_is_told(at: Works) -> None:
    s, project = at.session, at.under_contract()
    posting.open_posting(s, replace(MAKER, on="2026-11-20"), s.get_one(Place, at.scene.ids[VILLAGE]), subject="project", work=project.id)
    said = works.pay(s, MAKER, project, amount=100_000, paid_on="2026-11-19")
    assert "2026年11月22日不能支付；支付日期 2026-11-19 写在这以前，请核对凭证" in said

"""Agreements: who may sign, when and on which paper; voiding, supplements, numbers, and pricing anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from relocdesk.actions import agreement as act
from relocdesk.actions import documents
from relocdesk.errors import UserError
from relocdesk.records.agreement import Agreement
from relocdesk.records.household import Authorisation, Household, Person
from relocdesk.records.reference import PriceItem
from tests.actions.scene import MU, Scene


def drafted(scene: Scene, s: Session, **head: str) -> tuple[Household, Agreement]:
    house = scene.household(s)
    if head:
        person = s.get_one(Person, house.head)
        for name, value in head.items():
            setattr(person, name, value)
    scene.asset(s, house)
    (number,) = scene.draft(s, households=[house.id]).done
    return house, scene.agreement(s, number)


def printed(scene: Scene, s: Session, agreement: Agreement, code: str = "ABCD1234", copies: int = 4) -> documents.Printout:
    return documents.register_printout(s, scene.clerk, form="agreement", register="agreement", record=agreement.id, code=code,
                                       digest=code * 8, copies=copies, subject=agreement.number)  # fmt: skip


def empowered(scene: Scene, s: Session, house: Household, **values: object) -> Authorisation:
    return scene.add(s, Authorisation, scene.home, **{"principal": house.id, "agent_name": "李二山", "agent_idcard": "530523198001010011",
                     "matter": "签订补偿协议", "signed": 1, "kind": "proxy", "valid_from": "2026-01-01", "valid_to": "2026-12-31", **values})  # fmt: skip


def test_signing_wants_a_printout_that_still_says_the_same(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        with pytest.raises(UserError, match="还没有打印"):
            act.sign(s, scene.clerk, agreement)
        printed(scene, s, agreement)
        its_id = agreement.id
    with scene.change() as (s, _):
        agreement = s.get_one(Agreement, its_id)
        act.add_line(s, scene.clerk, agreement, kind="奖励", item="按期签约", unit="户", quantity=MU, unit_price=100_000)
        with pytest.raises(UserError, match="打印以后内容又改过"):
            act.sign(s, scene.clerk, agreement)
    with scene.change() as (s, _):
        agreement = s.get_one(Agreement, its_id)
        printed(scene, s, agreement, "EFGH5678")
        assert act.sign(s, scene.clerk, agreement) == f"已签订协议 {agreement.number}，共 99,000.00 元"
        assert (agreement.state, agreement.signed_on, agreement.signed_by) == ("signed", "2026-11-22", "self")


def test_review_and_signing_do_not_make_the_paper_stale(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        paper, its_id = printed(scene, s, agreement).id, agreement.id
    with scene.change() as (s, _):
        agreement = s.get_one(Agreement, its_id)
        act.review(s, scene.clerk, agreement)
        act.sign(s, scene.clerk, agreement)
    with scene.change() as (s, _):
        assert not documents.is_stale(s, s.get_one(documents.Printout, paper))


def test_paper_reason_replaces_the_printout(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        act.sign(s, scene.clerk, agreement, paper="县里统一印制的纸质协议")
        assert (agreement.state, agreement.paper) == ("signed", "县里统一印制的纸质协议")


@pytest.mark.parametrize(("day", "text"), [("2026-11-21", "早于起草日期"), ("2026-11-23", "还没有到")])
def test_impossible_signing_days_are_refused(scene: Scene, day: str, text: str) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        with pytest.raises(UserError, match=text):
            act.sign(s, scene.clerk, agreement, signed_on=day, paper="试验")
        assert agreement.state == "draft"


def test_a_dead_head_cannot_sign_but_his_heir_can(scene: Scene) -> None:
    with scene.change() as (s, _):
        house, agreement = drafted(scene, s, died_on="2026-11-01", state="dead")
        with pytest.raises(UserError, match="户主李大山已于2026年11月1日去世") as refusal:
            act.sign(s, scene.clerk, agreement, paper="试验")
        assert refusal.value.code == "P07"
        power = empowered(scene, s, house)
        with pytest.raises(UserError, match="去世"):
            act.sign(s, scene.clerk, agreement, signed_by="proxy", paper="试验")
        power.kind = "heir"
        act.sign(s, scene.clerk, agreement, signed_by="proxy", paper="试验")
        assert agreement.authorisation == power.id


@pytest.mark.parametrize(
    ("values", "text"),
    [({"signed": 0}, "没有有效的授权委托"), ({"valid_to": "2026-11-21"}, "没有有效的授权委托"), ({"valid_from": "2026-11-23"}, "没有有效的授权委托")],
)
def test_a_proxy_needs_an_authorisation_that_holds_on_the_day(scene: Scene, values: dict[str, object], text: str) -> None:
    with scene.change() as (s, _):
        house, agreement = drafted(scene, s)
        given = empowered(scene, s, house, **values)
        with pytest.raises(UserError, match=text):
            act.sign(s, scene.clerk, agreement, signed_by="proxy", paper="试验")
        with pytest.raises(UserError, match="李二山的授权委托"):
            act.sign(s, scene.clerk, agreement, signed_by="proxy", authorisation=given.id, paper="试验")
        other = empowered(scene, s, scene.household(s))
        with pytest.raises(UserError, match="不是乙方这一户出具的"):
            act.sign(s, scene.clerk, agreement, signed_by="proxy", authorisation=other.id, paper="试验")


def test_one_agent_for_more_households_than_the_limit_is_told(scene: Scene) -> None:
    with scene.change() as (s, _):
        said = []
        for _ in range(4):
            house, agreement = drafted(scene, s)
            empowered(scene, s, house)
            said.append(act.sign(s, scene.clerk, agreement, signed_by="proxy", paper="试验"))
        assert [text.partition("请注意：")[2] for text in said] == ["", "", "", "李二山已代 4 户签字，超过 3 户"]


def test_fingerprint_wants_a_witness(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        with pytest.raises(UserError, match="见证人"):
            act.sign(s, scene.clerk, agreement, signed_by="fingerprint", paper="试验")
        act.sign(s, scene.clerk, agreement, signed_by="fingerprint", witness="杨组长", paper="试验")
        assert agreement.sign_witness == "杨组长"


def test_collective_money_is_never_signed_by_a_household(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        scene.lines(s, agreement)[0].payee_type = "collective"
        with pytest.raises(UserError, match="收款对象不是乙方") as refusal:
            act.sign(s, scene.clerk, agreement, paper="试验")
        assert refusal.value.code == "P08"


@pytest.mark.parametrize(("result", "text"), [("due", "已列入兑付批次 98,000.00 元"), ("paid", "已经兑付 98,000.00 元"), ("returned", "")])
def test_voiding_waits_for_the_money(scene: Scene, result: str, text: str) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        act.sign(s, scene.clerk, agreement, paper="试验")
        scene.payment(s, agreement, 9_800_000, result)
        if text:
            with pytest.raises(UserError, match=text):
                act.void(s, scene.clerk, agreement, reason="户主弄错")
            assert agreement.state == "signed"
        else:
            act.void(s, scene.clerk, agreement, reason="户主弄错")
            assert (agreement.state, agreement.void_reason) == ("void", "户主弄错")


def test_supplement_takes_new_rows_or_a_negative_line(scene: Scene) -> None:
    with scene.change() as (s, _):
        house, agreement = drafted(scene, s)
        with pytest.raises(UserError, match="不能签补充协议"):
            act.supplement(s, scene.clerk, agreement)
        act.sign(s, scene.clerk, agreement, paper="试验")
        with pytest.raises(UserError, match="没有新确认"):
            act.supplement(s, scene.clerk, agreement, from_survey=1)
        scene.asset(s, house, kind="grave", item="土坟", spec=None, unit="座", quantity=2 * MU)
        assert act.supplement(s, scene.clerk, agreement, from_survey=1) == f"已起草补充协议 搬安〔2026〕坟A0001，补充 {agreement.number}，共 6,000.00 元"
        said = act.supplement(s, scene.clerk, agreement, kind="房屋", item="主房核减", unit="㎡", quantity=-MU, unit_price=98_000)
        assert said == f"已起草补充协议 搬安〔2026〕房A0002，补充 {agreement.number}，共 -980.00 元"
        with pytest.raises(UserError, match="没有填全"):
            act.supplement(s, scene.clerk, agreement, kind="房屋", item="少一样")
        assert s.query(Agreement).count() == 3
        with pytest.raises(UserError, match="请先作废补充协议"):
            act.void(s, scene.clerk, agreement, reason="重签")


def test_negative_lines_only_in_supplements_and_rows_only_once(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        with pytest.raises(UserError, match="只有补充协议"):
            act.add_line(s, scene.clerk, agreement, kind="奖励", item="扣回", unit="户", quantity=-MU, unit_price=100)
        asset = scene.lines(s, agreement)[0].asset
        with pytest.raises(UserError, match="已经列在协议"):
            act.add_line(s, scene.clerk, agreement, kind="房屋", item="主房", unit="㎡", quantity=MU, unit_price=100, asset=asset)


def test_renumbering_only_before_printing(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        old = agreement.number
        assert act.renumber(s, scene.clerk, agreement) == f"协议 {old} 已改编号为 搬安〔2026〕房A0002"
        _, other = drafted(scene, s)
        with pytest.raises(UserError, match="已经用过"):
            act.renumber(s, scene.clerk, agreement, number=other.number)
        printed(scene, s, agreement)
        with pytest.raises(UserError, match="已经打印"):
            act.renumber(s, scene.clerk, agreement)


def test_a_reviewed_agreement_that_gets_a_line_is_a_draft_again(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        act.review(s, scene.clerk, agreement)
        act.add_line(s, scene.clerk, agreement, kind="奖励", item="按期签约", unit="户", quantity=MU, unit_price=100)
        assert (agreement.state, agreement.reviewed_on) == ("draft", None)


def test_after_signing_nothing_but_voiding_and_supplements(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        act.sign(s, scene.clerk, agreement, paper="试验")
        for attempt in (
            lambda: act.edit(s, scene.clerk, agreement, handler="别人"),
            lambda: act.renumber(s, scene.clerk, agreement),
            lambda: act.review(s, scene.clerk, agreement),
            lambda: act.sign(s, scene.clerk, agreement, paper="再签"),
            lambda: act.add_line(s, scene.clerk, agreement, kind="奖励", item="签约", unit="户", quantity=MU, unit_price=1),
        ):
            with pytest.raises(UserError, match="是“已签订”状态"):
                attempt()


def test_pricing_anew_by_the_same_standard_changes_nothing(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        scene.parcel(s, house, 2_345_678)
        scene.parcel(s, house, 1_111_111, nature="temporary", lease_from="2026-01-01", lease_until="2026-07-01")
        scene.asset(s, house)
        for number in scene.draft(s).done:
            agreement = scene.agreement(s, number)
            assert {line.difference for line in act.what_if(s, agreement, "2026-03-01")} == {0}
        house_line = act.what_if(s, agreement, "2019-01-01")[-1]
        assert (house_line.new, house_line.why[:9]) == (None, "房屋“主房（砖混）")


def test_a_better_price_shows_what_it_would_bring(scene: Scene) -> None:
    with scene.change() as (s, _):
        _, agreement = drafted(scene, s)
        price = s.get_one(PriceItem, scene.lines(s, agreement)[0].price)
        price.valid_to = "2026-12-31"
        scene.price(s, "房屋", "主房", "m²", 100_000, "person", spec="砖混", valid_from="2027-01-01")
        assert [line.difference for line in act.what_if(s, agreement, "2027-05-01")] == [200_000]
        assert scene.lines(s, agreement)[0].amount == 9_800_000


def test_numbers_belong_to_year_and_laptop(scene: Scene) -> None:
    with scene.change() as (s, _):
        drafted(scene, s)
        scene.clerk = replace(scene.clerk, laptop="B", on="2027-01-02")
        _, second = drafted(scene, s)
        assert second.number == "搬安〔2027〕房B0001"

"""Drafting: who gets which lines, what is refused by name, and that nothing is drafted twice."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relocdesk import settings as office
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.job import Stopped
from relocdesk.records.agreement import Agreement, AgreementLine
from relocdesk.records.project import Project
from tests.actions.scene import MU, TOWNSHIP, Scene


def told(scene: Scene, s: object, number: str) -> list[tuple[str, int, int]]:
    return [(line.kind, line.quantity, line.amount) for line in scene.lines(s, scene.agreement(s, number))]  # type: ignore[arg-type]


def test_land_money_goes_to_the_group_and_personal_money_to_the_household(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        scene.parcel(s, house, 2_345_678)
        scene.asset(s, house)
        outcome = scene.draft(s)
        assert outcome.refused == []
        assert outcome.done == ["搬安〔2026〕永A0001", "搬安〔2026〕综A0001"]
        assert told(scene, s, "搬安〔2026〕永A0001") == [("土地补偿费", 2_350_000, 4_700_000), ("安置补助费", 2_350_000, 7_050_000)]
        assert told(scene, s, "搬安〔2026〕综A0001") == [("青苗补偿费", 2_350_000, 352_502), ("房屋", 100 * MU, 9_800_000)]
        land = scene.agreement(s, "搬安〔2026〕永A0001")
        assert (land.collective, land.household) == (scene.ids["柳树村一组"], None)
        assert {line.household for line in scene.lines(s, land)} == {house.id}
        assert (land.party_a, land.handler, land.drafted_on, land.copies, land.state) == ("三坝乡人民政府", "王建国", "2026-11-22", 4, "draft")


def test_drafting_again_drafts_nothing(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s))
        first = scene.draft(s)
        again = scene.draft(s)
        assert (len(first.done), again.done, again.refused, again.not_started) == (2, [], [], [])


def test_a_void_agreement_frees_its_rows_and_keeps_its_number(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.asset(s, scene.household(s))
        (number,) = scene.draft(s).done
        scene.agreement(s, number).state = "void"
        s.flush()
        assert scene.draft(s).done == [number.replace("0001", "0002")]


def test_a_group_without_collective_takes_that_of_its_village(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s, place=f"{TOWNSHIP}20102"))
        (land, _) = scene.draft(s).done
        assert scene.agreement(s, land).collective == scene.ids["柳树村委会"]


def test_no_collective_at_all_refuses_the_household_by_row(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s, place=f"{TOWNSHIP}20201")
        parcel = scene.parcel(s, house)
        outcome = scene.draft(s)
        assert outcome.done == []
        assert outcome.refused == [
            (house.number, f"地块“{parcel.number}”水田：三坝乡 石桥村 一组没有登记收款的集体。请先在“集体和单位”中登记村民小组或村委会")
        ]


def test_one_bad_row_refuses_its_household_wholly_and_others_go_on(scene: Scene) -> None:
    with scene.change() as (s, _):
        bad, good = scene.household(s), scene.household(s, "杨二妹")
        scene.asset(s, bad)
        scene.asset(s, bad, kind="grave", item="石坟", spec=None, unit="座", quantity=MU, number="S9")
        scene.asset(s, good)
        outcome = scene.draft(s)
        assert [scene.agreement(s, number).household for number in outcome.done] == [good.id]
        ((key, text),) = outcome.refused
        assert key == bad.number
        assert text.startswith("坟墓“石坟”S9：补偿标准中没有2026-03-01有效的“坟墓·石坟”单价")


def test_two_equal_prices_are_a_refusal_that_names_the_row(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        scene.price(s, "房屋", "主房", "㎡", 99_000, "person", price_zone="一片区")
        scene.asset(s, house, number="S7", price_zone="一片区")
        ((key, text),) = scene.draft(s).refused
        assert key == house.number
        assert "房屋“主房（砖混）”S7" in text
        assert "2条同样合适的单价" in text


def test_temporary_land_is_paid_by_the_year(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s), 2 * MU, nature="temporary", lease_from="2026-01-01", lease_until="2027-12-31")
        (temporary, _) = scene.draft(s).done
        (line,) = scene.lines(s, scene.agreement(s, temporary))
        assert (temporary, line.years, line.amount) == ("搬安〔2026〕临A0001", 2 * MU, 800_000)


def test_temporary_land_without_dates_is_refused(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s), nature="temporary")
        outcome = scene.draft(s)
        assert outcome.done == []
        assert [text.split("：")[1] for _, text in outcome.refused] == ["没有占用起止日期，算不出年限。请先填占用起始和占用截止"] * 2


def test_social_security_needs_its_own_account(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.price(s, "社会保障费", "水田", "亩", 1_000_000, "social", nature="permanent")
        scene.parcel(s, scene.household(s))
        assert "没有登记社保专户" in scene.draft(s).refused[0][1]
        account = scene.unit(s, "龙陵县社保专户", "530523", "social")
        outcome = scene.draft(s)
        parties = {scene.agreement(s, number).collective for number in outcome.done}
        assert (len(outcome.done), outcome.refused) == (3, [])
        assert account.id in parties


def test_the_freeze_notice_decides_the_price_when_there_is_one(scene: Scene) -> None:
    with scene.change() as (s, _):
        s.get_one(Project, scene.ids["project"]).freeze_on = "2019-05-01"
        scene.asset(s, scene.household(s))
        assert "没有2019-05-01有效的“房屋·主房·砖混”单价" in scene.draft(s).refused[0][1]


def test_unconfirmed_rows_are_not_drafted_and_the_named_household_hears_why(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        scene.asset(s, house, confirmed=0)
        outcome = scene.draft(s, households=[house.id])
        assert (outcome.done, outcome.refused) == ([], [(house.number, "还有 1 项实物没有签字确认")])


def test_a_thing_nobody_owns_is_refused_by_its_number(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.asset(s, None, number="S5")
        assert scene.draft(s).refused == [("S5", "房屋“主房（砖混）”S5：“房屋”应付给个人，但没有权属户。请填上实际种植户的户号")]


def test_the_lines_of_a_collective_stand_household_by_household(scene: Scene) -> None:
    with scene.change() as (s, _):
        second, first = scene.household(s, number="002"), scene.household(s, number="001")
        for house, number in ((second, "P1"), (first, "P2"), (second, "P3")):
            scene.parcel(s, house, number=number)
        (land, *_) = scene.draft(s).done
        assert [line.household for line in scene.lines(s, scene.agreement(s, land))] == [first.id] * 2 + [second.id] * 4


def test_exact_area_is_paid_when_the_office_says_so(scene: Scene) -> None:
    with scene.change() as (s, _):
        office.put(s, scene.clerk, "price.pay_by_printed", "否", scene.home)
        scene.parcel(s, scene.household(s), 1_234_567)
        (land, _) = scene.draft(s).done
        assert told(scene, s, land) == [("土地补偿费", 1_234_567, 2_469_134), ("安置补助费", 1_234_567, 3_703_701)]


def test_land_may_be_priced_by_the_square_metre(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.price(s, "土地补偿费", "建设用地", "元/㎡", 5_000, "collective")
        scene.parcel(s, scene.household(s), 150_000, land_class="建设用地")
        (land,) = scene.draft(s).done
        assert [(line.unit, line.quantity, line.amount) for line in scene.lines(s, scene.agreement(s, land))] == [("㎡", 100 * MU, 500_000)]


@pytest.mark.parametrize(
    ("pattern", "number"),
    [("{office}[{year}]{kind}-{serial}", "搬安[2026]房-1"), ("{year}/{letter}{serial:03d}号", "2026/A001号")],
)
def test_the_office_chooses_its_own_numbers(scene: Scene, pattern: str, number: str) -> None:
    with scene.change() as (s, _):
        office.put(s, scene.clerk, "agreement.pattern", pattern, scene.home)
        scene.asset(s, scene.household(s))
        scene.asset(s, scene.household(s))
        assert scene.draft(s).done == [number, number.replace("1", "2") if "A" not in number else "2026/A002号"]


@pytest.mark.parametrize("pattern", ["{office}{year}", "{unknown}{serial}", "{office{serial}"])
def test_a_pattern_that_cannot_work_is_refused(scene: Scene, pattern: str) -> None:
    with pytest.raises(UserError, match="编号样式"), scene.change() as (s, _):
        office.put(s, scene.clerk, "agreement.pattern", pattern, scene.home)


def test_stopping_keeps_what_is_drafted_and_names_the_rest(scene: Scene) -> None:
    def stop_at_second(done: int, total: int, text: str = "") -> None:
        if done == 1:
            raise Stopped

    with scene.change() as (s, _):
        first, second = scene.household(s, number="1"), scene.household(s, number="2")
        scene.asset(s, first)
        scene.asset(s, second)
        outcome = scene.draft(s, tick=stop_at_second)
        assert (len(outcome.done), outcome.not_started) == (1, ["2"])


def test_a_reader_may_not_draft(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.clerk = Clerk("赵看看", "reader", "2026-11-22")
        with pytest.raises(UserError, match="不能办“起草协议”"):
            scene.draft(s)


def test_a_collectives_own_things_are_paid_to_it(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.asset(s, None, collective=scene.ids["柳树村委会"])
        (number,) = scene.draft(s).done
        (line,) = scene.lines(s, scene.agreement(s, number))
        assert (scene.agreement(s, number).collective, line.payee_type) == (scene.ids["柳树村委会"], "collective")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(areas=st.lists(st.integers(1, 40_000_000), min_size=1, max_size=5), quantities=st.lists(st.integers(1, 10**9), max_size=3))
def test_every_row_is_drafted_once_and_amounts_are_those_of_the_rounded_area(scene: Scene, areas: list[int], quantities: list[int]) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        parcels = {scene.parcel(s, house, mu).id: mu for mu in areas}
        assets = {scene.asset(s, house, quantity=quantity).id: quantity for quantity in quantities}
        drafted = scene.draft(s, households=[house.id])
        assert drafted.refused == []
        lines = [line for number in drafted.done for line in scene.lines(s, scene.agreement(s, number))]
        seen = sorted((line.parcel or line.asset, line.kind) for line in lines)
        assert len(seen) == len(set(seen)) == 3 * len(parcels) + len(assets)
        for line in lines:
            if line.parcel:
                hundredths = (parcels[line.parcel] + 5_000) // 10_000
                assert line.quantity == hundredths * 10_000
                assert line.amount == (2 * hundredths * line.unit_price + 100) // 200
            else:
                assert line.amount == (2 * assets[line.asset] * line.unit_price + MU) // (2 * MU)
        assert scene.draft(s, households=[house.id]).done == []
        for row in s.query(AgreementLine).all() + s.query(Agreement).all():
            assert row.home == scene.home

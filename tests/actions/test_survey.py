"""The survey: what may be confirmed, how quantities change afterwards, and land handed over."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from relocdesk.actions import agreement as act
from relocdesk.actions import survey
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.job import Stopped
from relocdesk.records.reference import Place
from relocdesk.records.survey import Recheck
from tests.actions.scene import MU, TOWNSHIP, Scene


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"household": None}, "没有权属人"),
        ({"area": 0, "area_m2": 0}, "没有面积"),
        ({"land_class": " "}, "没有地类"),
        ({"nature": "temporary"}, "没有起止日期"),
        ({"confirmed": 1}, "已经确认过"),
        ({"deleted": 1}, "已删除"),
    ],
)
def test_a_parcel_that_lacks_something_is_not_confirmed(scene: Scene, values: dict[str, object], text: str) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), confirmed=0)
        for name, value in values.items():
            setattr(parcel, name, value)
        with pytest.raises(UserError, match=text):
            survey.confirm_parcel(s, scene.clerk, parcel)
        assert parcel.confirmed == values.get("confirmed", 0)


def test_an_asset_without_quantity_is_not_confirmed(scene: Scene) -> None:
    with scene.change() as (s, _):
        asset = scene.asset(s, scene.household(s), confirmed=0, quantity=0, number="S1")
        with pytest.raises(UserError, match="房屋“主房（砖混）”S1没有数量或单位"):
            survey.confirm_asset(s, scene.clerk, asset)


def test_confirming_a_place_takes_all_below_and_names_what_it_left(scene: Scene) -> None:
    with scene.change() as (s, _):
        here, below, elsewhere = scene.household(s), scene.household(s, place=f"{TOWNSHIP}20102"), scene.household(s, place=f"{TOWNSHIP}20201")
        good = scene.parcel(s, here, confirmed=0, number="P1")
        thing = scene.asset(s, below, confirmed=0, number="S2")
        bad = scene.parcel(s, here, confirmed=0, number="P3", nature="temporary")
        other = scene.parcel(s, elsewhere, confirmed=0, number="P4")
        village = s.get_one(Place, scene.ids[f"{TOWNSHIP}201"])
        assert survey.confirm_here(s, scene.clerk, village) == (
            "柳树村确认了 2 项实物，1 项没有确认：地块“P3”水田是临时占用，没有起止日期。请先填占用起始和占用截止"
        )
        assert [row.confirmed for row in (good, thing, bad, other)] == [1, 1, 0, 0]


def test_a_reader_confirms_nothing(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), confirmed=0)
        with pytest.raises(UserError, match="不能办“签字确认”"):
            survey.confirm_rows(s, Clerk("赵看看", "reader", "2026-11-22"), [parcel])


def test_stopping_names_the_rows_that_are_left(scene: Scene) -> None:
    def stop(done: int, total: int, text: str = "") -> None:
        if done == 1:
            raise Stopped

    with scene.change() as (s, _):
        rows = [scene.parcel(s, scene.household(s), confirmed=0, number=str(n)) for n in range(3)]
        outcome = survey.confirm_rows(s, scene.clerk, rows, stop)
        assert (outcome.done, outcome.not_started) == (["0"], ["1", "2"])


def test_a_confirmation_is_taken_back_only_while_no_agreement_uses_it(scene: Scene) -> None:
    with scene.change() as (s, _):
        asset = scene.asset(s, scene.household(s))
        (number,) = scene.draft(s).done
        with pytest.raises(UserError, match=f"已列入协议 {number}"):
            survey.unconfirm_asset(s, scene.clerk, asset)
        act.void(s, scene.clerk, scene.agreement(s, number), reason="重来")
        survey.unconfirm_asset(s, scene.clerk, asset)
        assert asset.confirmed == 0


def test_a_recheck_changes_the_quantity_and_unsigned_agreements_with_it(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU, number="P9")
        numbers = scene.draft(s).done
        agreement = scene.agreement(s, numbers[0])
        act.review(s, scene.clerk, agreement)
        said = survey.recheck_parcel(s, scene.clerk, parcel, quantity=1_500_000, team="杨测、李量", result="田坎多算")
        assert said == "地块“P9”水田复核后由 2.0000 亩改为 1.5000 亩"
        assert (parcel.area, parcel.area_m2) == (1_500_000, 100_000)
        assert [line.amount for line in scene.lines(s, agreement)] == [3_000_000, 4_500_000]
        assert agreement.state == "draft"
        (made,) = s.scalars(select(Recheck)).all()
        assert (made.line, made.old_quantity, made.new_quantity, made.held_on) == ("A000001", 2 * MU, 1_500_000, "2026-11-22")


def test_a_signed_agreement_stays_when_the_quantity_changes(scene: Scene) -> None:
    with scene.change() as (s, _):
        asset = scene.asset(s, scene.household(s), number="S1")
        (number,) = scene.draft(s).done
        act.sign(s, scene.clerk, scene.agreement(s, number), paper="试验")
        said = survey.recheck_asset(s, scene.clerk, asset, quantity=90 * MU, team="杨测", result="多量了阳台")
        assert said == f"房屋“主房（砖混）”S1复核后由 100 改为 90 ㎡。已签协议 {number} 不会变，请签补充协议"
        assert [line.amount for line in scene.lines(s, scene.agreement(s, number))] == [9_800_000]


@pytest.mark.parametrize(
    ("values", "text"),
    [({"team": " "}, "复核人员"), ({"result": ""}, "复核人员和结论"), ({"quantity": -1}, "不能是负数"), ({"held_on": "2026-11-23"}, "还没有到")],
)
def test_a_recheck_says_who_and_why(scene: Scene, values: dict[str, object], text: str) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU)
        given = {"quantity": MU, "team": "杨测", "result": "误", **values}
        with pytest.raises(UserError, match=text):
            survey.recheck(s, scene.clerk, parcel, **given)  # type: ignore[arg-type]
        assert parcel.area == 2 * MU


def test_land_is_handed_over_only_after_signing(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s), 2 * MU, number="P1")
        with pytest.raises(UserError, match="还没有签订协议"):
            survey.transfer(s, scene.clerk, parcel)
        land, crops = (scene.agreement(s, number) for number in scene.draft(s).done)
        act.sign(s, scene.clerk, land, paper="试验")
        with pytest.raises(UserError, match=f"还有协议 {crops.number} 没有签订"):
            survey.transfer(s, scene.clerk, parcel)
        with pytest.raises(UserError, match="还没有签订，土地不能移交"):
            survey.transfer_all(s, scene.clerk, crops)
        act.sign(s, scene.clerk, crops, paper="试验")
        with pytest.raises(UserError, match="早于协议签订"):
            survey.transfer(s, scene.clerk, parcel, transferred_on="2026-11-21")
        assert survey.transfer_all(s, scene.clerk, land) == f"协议 {land.number} 的 1 块地共 2.00 亩已移交"
        assert parcel.transferred_on == "2026-11-22"
        with pytest.raises(UserError, match="没有还未移交的地块"):
            survey.transfer_all(s, scene.clerk, land)


def test_reclaiming_and_breaking_down(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        parcel = scene.parcel(s, house)
        with pytest.raises(UserError, match="永久征收"):
            survey.reclaim(s, scene.clerk, parcel)
        lent = scene.parcel(s, house, nature="temporary", lease_from="2026-01-01", lease_until="2026-10-31")
        with pytest.raises(UserError, match="早于占用起始"):
            survey.reclaim(s, scene.clerk, lent, reclaimed_on="2025-12-31")
        survey.reclaim(s, scene.clerk, lent, reclaimed_on="2026-11-20")
        survey.detail(s, scene.clerk, parcel, detailed_on="2026-05-01")
        assert (lent.reclaimed_on, parcel.detailed_on) == ("2026-11-20", "2026-05-01")
        with pytest.raises(UserError, match="没有权属人"):
            survey.detail(s, scene.clerk, scene.parcel(s, None))

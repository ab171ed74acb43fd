"""Posting rounds: days, order, objections, and a picture that never changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions import posting, survey
from relocdesk.errors import UserError
from relocdesk.queries import choices
from relocdesk.queries.objections import open_objections
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.posting_papers import PostingRow, survey_posting
from relocdesk.records import register
from relocdesk.records.petition import Petition
from relocdesk.records.reference import Place
from relocdesk.records.survey import Objection, Posting
from tests import make
from tests.actions.scene import MU, TOWNSHIP, Scene

GROUP, VILLAGE = f"{TOWNSHIP}20101", f"{TOWNSHIP}201"


def posted(scene: Scene, s: object, **values: str) -> Posting:
    given = {"subject": "first", "project": scene.ids["project"], "from_on": "2026-11-10", **values}
    return posting.post(s, scene.clerk, scene.ids[VILLAGE], **given)  # type: ignore[arg-type]


def test_the_picture_stays_when_the_survey_changes(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s, "李大山", number="0012", phone="13800000000")
        parcel = scene.parcel(s, house, 2 * MU)
        scene.parcel(s, house, MU, nature="temporary", land_class="旱地")
        scene.asset(s, house)
        scene.asset(s, None, collective=scene.ids["柳树村委会"], kind="attached", item="水池", spec=None, unit="m³", quantity=20 * MU)
        scene.parcel(s, scene.household(s, place=f"{TOWNSHIP}20201"))
        made = posted(scene, s)
        before = posting.posting_rows(s, made)
        survey.recheck(s, scene.clerk, parcel, quantity=MU, team="杨测", result="误")
        assert posting.posting_rows(s, made) == before
        assert before == [
            PostingRow("柳树村", "柳树村委会", (), (("attached", "水池", "", "m³", 20 * MU),)),
            PostingRow("柳树村一组", "李大山", (("旱地", "temporary", 100), ("水田", "permanent", 200)), (("house", "主房", "砖混", "㎡", 100 * MU),)),
        ]
        assert survey_posting(PaperReader(s), made).rows == tuple(before)
        assert "13800000000" not in (made.snapshot or "")
        assert "530523" not in (made.snapshot or "")


def test_days_come_from_the_setting_and_fewer_are_refused(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s))
        place = s.get_one(Place, scene.ids[GROUP])
        assert posting.open_posting(s, scene.clerk, place, subject="first") == "“实物第一榜”自2026年11月22日至2026年11月29日在一组公示，共 1 行"
        with pytest.raises(UserError, match="公示只有 6 天，不足 7 天"):
            posted(scene, s, until_on="2026-11-16")


def test_an_empty_place_has_nothing_to_post(scene: Scene) -> None:
    with scene.change() as (s, _), pytest.raises(UserError, match="没有可公示的内容"):
        posted(scene, s)


def test_rounds_follow_one_another(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s))
        first = posted(scene, s)
        with pytest.raises(UserError, match="正在公示"):
            posted(scene, s, from_on="2026-11-12")
        with pytest.raises(UserError, match="上一榜“实物第一榜”到2026年11月17日才结束"):
            posted(scene, s, subject="second", from_on="2026-11-16")
        posting.file_objection(s, scene.clerk, first, raised_by="杨二妹", claim="水田少量了")
        with pytest.raises(UserError, match="还有 1 条异议没有答复（杨二妹）"):
            posted(scene, s, subject="second", from_on="2026-11-22")
        posting.decide(s, scene.clerk, s.scalars(select(Objection)).one(), result="复量无误", team="杨测")
        assert posted(scene, s, subject="second", from_on="2026-11-22").until_on == "2026-11-29"


def test_closing_waits_for_days_and_answers(scene: Scene) -> None:
    with scene.change() as (s, _):
        parcel = scene.parcel(s, scene.household(s))
        made = posted(scene, s, from_on="2026-11-10", until_on="2026-11-30")
        early = replace(scene.clerk, on="2026-11-15")
        with pytest.raises(UserError, match="公示只有 5 天"):
            posting.close(s, early, made)
        posting.file_objection(s, scene.clerk, made, raised_by="杨二妹", claim="水田少量了", filed_on="2026-11-12")
        with pytest.raises(UserError, match="没有答复（杨二妹）"):
            posting.close(s, scene.clerk, made)
        objection = s.scalars(select(Objection)).one()
        survey.recheck(s, scene.clerk, parcel, quantity=3 * MU, team="杨测", result="少量 1 亩", objection=objection.id)
        assert posting.close(s, scene.clerk, made) == "“实物第一榜”已于2026年11月22日结束公示，共 12 天"


def test_late_objections_are_taken_and_marked(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s))
        made = posted(scene, s)
        assert posting.file_objection(s, scene.clerk, made, raised_by="杨二妹", claim="漏登") == "已登记杨二妹的异议 A000001（公示期满以后提出）"
        with pytest.raises(UserError, match="提出日期2026年11月1日不对"):
            posting.file_objection(s, scene.clerk, made, raised_by="杨二妹", claim="漏登", filed_on="2026-11-01")


def test_an_objection_that_becomes_a_petition_holds_until_the_petition_is_closed(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s))
        made = posted(scene, s)
        posting.file_objection(s, scene.clerk, made, raised_by="李家旺", claim="认为面积少量了", filed_on="2026-11-12")
        (raised,) = open_objections(s, made.id)
        assert shown(s, raised) == "待答复"
        said = posting.objection_to_petition(s, scene.clerk, raised)
        petition = s.get_one(Petition, raised.petition)
        assert said == f"李家旺的异议已转为信访件 {petition.number}；办结以前，有关资金仍不能兑付"
        assert (petition.petitioner, petition.channel, petition.purpose, petition.summary, petition.place, petition.project) == (
            "李家旺", "found", "claim", "认为面积少量了", scene.ids[VILLAGE], scene.ids["project"])  # fmt: skip
        assert shown(s, raised) == "转信访办理中"
        assert [one.id for one in open_objections(s, made.id)] == [raised.id]
        with pytest.raises(UserError, match="还有 1 条异议转为信访件还没有办结（李家旺）。转为信访件的，等信访件办结"):
            posting.close(s, replace(scene.clerk, on="2026-11-22"), made)
        with pytest.raises(UserError, match="已经转为信访件"):
            posting.objection_to_petition(s, scene.clerk, raised)
        petition.closed_on = "2026-11-20"
        s.flush()
        assert (open_objections(s, made.id), shown(s, raised)) == ([], "信访已办结")
        anew = make.make_petition(s, channel="reopened", repeat_of=petition.id, received_on="2026-11-21", jurisdiction="accept", accepted_on="2026-11-21")
        assert (len(open_objections(s, made.id)), shown(s, raised)) == (1, "转信访办理中"), "an opinion that was revoked answers nothing"
        anew.closed_on = "2026-11-22"
        s.flush()
        assert (open_objections(s, made.id), shown(s, raised)) == ([], "信访已办结")
        assert "结束公示" in posting.close(s, scene.clerk, made)


def test_an_answered_objection_does_not_become_a_petition(scene: Scene) -> None:
    with scene.change() as (s, _):
        scene.parcel(s, scene.household(s))
        made = posted(scene, s)
        posting.file_objection(s, scene.clerk, made, raised_by="李家旺", claim="少量了")
        (raised,) = open_objections(s, made.id)
        posting.decide(s, scene.clerk, raised, result="无误", team="杨测")
        assert shown(s, raised) == "已答复"
        with pytest.raises(UserError, match="已经答复"):
            posting.objection_to_petition(s, scene.clerk, raised)


def shown(session: Session, row: Objection) -> str:
    reg = register("objection")
    session.flush()
    line = choices.record(session, reg, row.id, [reg["state"]])
    return line.shown[0] if line is not None else ""

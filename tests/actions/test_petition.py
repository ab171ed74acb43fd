"""Petitions from the register to the archive: what each step writes, refuses and warns of; disputes and the streak of years."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import entry, settings
from relocdesk.actions import calendar, dispute, find_actions, petition, petition_after
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import Refused, save
from relocdesk.errors import UserError
from relocdesk.queries.petition import case, cases, terms, year_work, zero_streak
from relocdesk.queries.rows import Ask, Condition, ids, page, rowids
from relocdesk.records import new_id, register
from relocdesk.records.petition import Dispute, Patrol, Petition, PetitionReview, PetitionStep
from relocdesk.records.reference import Holiday, Incident, Place, YearConfirmation
from relocdesk.rules.petition import STATES
from tests import make

PETITION = register("petition")
ANSWER: dict[str, Any] = {"text": "经复测少量 1.2 亩，补登并补偿", "basis": "大中型水利水电工程建设征地补偿和移民安置条例第二十二条", "remedy": 1}


def on(day: str, name: str = "李小红", role: str = "entry") -> Clerk:
    return make.clerk(name, role, day)


@contextmanager
def working(book: Book, day: str = "2026-03-05") -> Iterator[tuple[Session, Clerk]]:
    who = on(day)
    with book.change("办理", who) as (session, _):
        yield session, who


def accepted(session: Session, **values: Any) -> Petition:
    row = make.make_petition(session, **values)
    petition.accept(session, on("2026-03-05"), row, handler="赵国强", noticed_on="2026-03-05")
    return row


def closed(session: Session, day: str = "2026-04-20", **values: Any) -> Petition:
    row = accepted(session, **values)
    petition.close(session, on(day), row, opinion="support", **ANSWER)
    return row


def shown(session: Session, row: Petition, *names: str) -> tuple[str, ...]:
    session.flush()
    found = rowids(session, Ask(PETITION, (Condition("number", "=", row.number),)))
    return page(session, PETITION, found, [PETITION[name] for name in names])[0].shown


def our_office(session: Session) -> str:
    return session.scalars(select(register("office").cls)).one().name


def test_accepting_starts_the_clock_and_tells(book: Book) -> None:
    with working(book) as (session, who):
        row = make.make_petition(session)
        said = petition.accept(session, who, row, first_handler="李小红", noticed_on="2026-03-05")
        assert said == f"已受理张明的信访件 {row.number}，办理期限到2026年5月6日；已登记2026年3月5日书面告知，三坝搬安信告〔2026〕A1号"
        assert (row.jurisdiction, row.judged_on, row.accepted_on, row.noticed_on, row.notice_no) == (
            "accept", "2026-03-05", "2026-03-05", "2026-03-05", "三坝搬安信告〔2026〕A1号")  # fmt: skip
        with pytest.raises(UserError, match="已经是“受理”"):
            petition.refuse(session, who, row, reason="不属职权")


def test_the_grid_and_the_rules_count_alike(book: Book) -> None:
    """The computed columns (SQL) and the clocks (Python) are two hands on one watch."""
    book.viewer = lambda: on("2026-05-20")
    with working(book, "2026-05-20") as (session, _):
        session.add(Holiday(id="0" * 32, home=book.county, day="2026-05-08", kind="off"))
        rows = [make.make_petition(session), accepted(session), closed(session), accepted(session, received_on="2026-03-04")]
        rows[3].extension_days = 30
        petition.deliver(session, on("2026-04-24"), rows[2], delivery="signed", receiver="张明")
        petition_after.review(session, on("2026-05-12"), rows[2], level="review", organ=our_office(session))
        for row in rows:
            clocks = {one.code: one for one in terms(session, row)}
            due = [one for one in clocks.values() if one.ours and not one.done]
            first = min((one.due for one in due), default="")
            left = str(min((one.days_left("2026-05-20") for one in due), default=""))
            handling = clocks["close"].due if "close" in clocks else ""
            assert shown(session, row, "notice_due", "due_on", "next_due", "days_left") == (clocks["notice"].due, handling, first, left)
            assert shown(session, row, "state")[0] in STATES
        assert [shown(session, row, "state")[0] for row in rows] == ["待审查", "办理中", "复查中", "延期办理"]
        review = session.scalars(select(PetitionReview)).one()
        reg = register("petition_review")
        assert page(session, reg, rowids(session, Ask(reg)), [reg["due_on"]])[0].shown == ("2026-06-11",)
        assert review.asked_on == "2026-05-12"


def test_the_setting_and_the_offices_holidays_move_the_grid(book: Book) -> None:
    with working(book) as (session, _):
        row = make.make_petition(session, received_on="2026-09-16")  # 15 days later is 1 October
        assert shown(session, row, "notice_due") == ("2026-10-08",)
        session.add(Holiday(id="1" * 32, home=book.county, day="2026-10-08", kind="off"))
        assert shown(session, row, "notice_due") == ("2026-10-09",)
        settings.put(session, make.clerk(), "calendar.roll_over", "否", book.home)
        assert shown(session, row, "notice_due") == ("2026-10-01",)
        settings.put(session, make.clerk(), "petition.collective", "3", book.home)
        row.persons = 4
        assert shown(session, row, "collective") == ("是",)


def test_an_extension_is_approved_told_and_at_most_thirty_days(book: Book) -> None:
    with working(book, "2026-04-20") as (session, who):
        row = accepted(session)
        session.scalars(select(register("office").cls)).one().head = "陈志远"
        session.flush()
        asked: dict[str, Any] = {"days": 20, "approver": "陈志远", "reason": "需要复测", "told_on": "2026-04-20"}
        for wrong, text in (
            ({"days": 31}, "累计不得超过 30 天"), ({"days": 0}, "至少是 1"), ({"approver": "李小红"}, "不是负责人"), ({"told_on": "2026-04-21"}, "还没有到"),
            ({"told_on": "2026-03-01"}, "早于受理日期"),
        ):  # fmt: skip
            with pytest.raises(UserError, match=text):
                petition.extend(session, who, row, **{**asked, **wrong})
        assert row.extension_days is None
        assert petition.extend(session, who, row, **asked) == f"张明的信访件 {row.number}延期 20 天，办理期限到2026年5月25日，三坝搬安信延〔2026〕A1号"
        with pytest.raises(UserError, match="延期 31 天超出规定"):
            petition.extend(session, who, row, **{**asked, "days": 11})
        petition.extend(session, who, row, **{**asked, "days": 10})
        assert (row.extension_days, shown(session, row, "due_on", "state")) == (30, ("2026-06-03", "延期办理"))
        late = accepted(session)
        with pytest.raises(UserError, match="已过，过期以后告知的延期不算"):
            petition.extend(session, on("2026-05-08"), late, **{**asked, "told_on": "2026-05-08"})


def test_the_answer_needs_its_basis_and_the_way_to_review(book: Book) -> None:
    with working(book, "2026-04-20") as (session, who):
        row = accepted(session)
        for wrong, code in (({"basis": ""}, "X04"), ({"remedy": 0}, "X05")):
            with pytest.raises(UserError) as refused:
                petition.close(session, who, row, opinion="reject", **{**ANSWER, **wrong})
            assert refused.value.code == code
        with pytest.raises(UserError, match="没有可送达的"):
            petition.deliver(session, who, row, delivery="signed", receiver="张明")
        said = petition.close(session, who, row, opinion="explain", **ANSWER)
        assert said == f"张明的信访件 {row.number}已于2026年4月20日办结：解释说明，三坝搬安信意〔2026〕A1号；请送达"
        assert (row.opinion, row.remedy_told, shown(session, row, "state")) == ("explain", 1, ("待送达",))
        for wrong in ({"delivery": "signed"}, {"delivery": "post"}):
            with pytest.raises(UserError, match="送达没有凭据"):
                petition.deliver(session, who, row, **wrong)
        petition.deliver(session, who, row, delivery="left", proof="村委会 王芳、李军见证")
        with pytest.raises(UserError, match="已于2026年4月20日办结"):
            petition.close(session, who, row, opinion="support", **ANSWER)
        mediated = accepted(session)
        assert "调解" in petition.close(session, who, mediated, opinion="mediate", text="双方和解", opinion_no="调解协议 2026-3")
        assert mediated.opinion_no == "调解协议 2026-3"


def test_what_an_inspector_would_ask_is_said_at_once(book: Book) -> None:
    with working(book, "2026-05-20") as (session, who):
        first = closed(session)
        row = make.make_petition(session, received_on="2026-03-03", persons=6, avoid="赵国强、钱远", channel="transferred")
        said = petition.accept(session, who, row, handler="赵国强", accepted_on="2026-03-09")
        for text in ("6 人集体访没有登记代表", f"同类的件 {first.number}", "赵国强与本件有利害关系，应当回避"):
            assert text in said
        assert "超过十五日，告知期限是2026年3月18日" in petition.notify(session, who, row, noticed_on="2026-03-19")
        said = petition.close(session, who, row, opinion="support", **ANSWER)
        assert "超期 12 天，期限是2026年5月8日" in said
        other = make.make_petition(session, channel="transferred")
        assert "期限是2026年3月9日" in petition.send_back(session, who, other, reason="属国土部门", returned_on="2026-03-10")
        timely = make.make_petition(session, channel="assigned")
        assert "注意" not in petition.send_back(session, who, timely, reason="属国土部门", returned_on="2026-03-09")
        with pytest.raises(UserError, match="不是别的单位转来的"):
            petition.send_back(session, who, make.make_petition(session), reason="x")


@pytest.mark.parametrize(("name", "given", "said"), [
    ("transfer", {"to": "县自然资源局"}, "已登记转送张明的信访件 {number}到县自然资源局，三坝搬安信转〔2026〕A1号"),
    ("assign", {"to": "三坝乡人民政府"}, "已登记交办张明的信访件 {number}到三坝乡人民政府，三坝搬安信转〔2026〕A1号"),
    ("guide", {"to": "人民法院"}, "已引导张明的信访件 {number}通过人民法院解决；请书面告知"),
    ("refuse", {"reason": "法院已经受理"}, "已登记不予受理张明的信访件 {number}；请书面告知，期限2026年3月17日"),
])  # fmt: skip
def test_cases_that_are_not_taken_up_are_told_too(book: Book, name: str, given: dict[str, str], said: str) -> None:
    with working(book) as (session, who):
        row = make.make_petition(session)
        (action,) = (one for one in find_actions(name) if one.register == "petition")
        assert action(session, who, row, given) == said.format(number=row.number)
        assert shown(session, row, "state") == ("待告知",)
        petition.notify(session, who, row)
        assert shown(session, row, "state", "next_due") == ("已答复去向", "")


def test_review_and_recheck_end_the_matter(book: Book) -> None:
    with working(book, "2026-08-20") as (session, who):
        row = closed(session)
        with pytest.raises(UserError, match="以后才能申请复查"):
            petition_after.review(session, who, row, level="review")
        petition.deliver(session, who, row, delivery="signed", receiver="张明", delivered_on="2026-04-24")
        with pytest.raises(UserError, match="届满"):
            petition_after.review(session, who, row, level="review", asked_on="2026-05-26")
        assert "意见期限2026年6月22日" in petition_after.review(session, who, row, level="review", asked_on="2026-05-22")
        with pytest.raises(UserError, match="只有复核听证"):
            petition_after.decide(session, who, row, result="upheld", opinion_no="1", done_on="2026-06-10", hearing_days=2)
        petition_after.decide(session, who, row, result="upheld", opinion_no="县复查〔2026〕3号", done_on="2026-06-10", told_on="2026-06-20")
        with pytest.raises(UserError, match="2026年7月20日届满"):
            petition_after.review(session, who, row, level="recheck", asked_on="2026-07-21")  # thirty days from the day it was received
        petition_after.review(session, who, row, level="recheck", asked_on="2026-07-01")
        assert "注意" not in petition_after.decide(session, who, row, result="upheld", opinion_no="市复核〔2026〕9号", done_on="2026-08-05", hearing_days=5)
        assert shown(session, row, "state") == ("已终结",)
        again = make.make_petition(session, received_on="2026-08-10")
        petition_after.link(session, who, again, first=row.id)
        with pytest.raises(UserError, match="同一事实和理由不再受理"):
            petition.accept(session, who, again)


def test_repeats_joined_withdrawn_and_filed(book: Book) -> None:
    with working(book, "2026-05-20") as (session, who):
        first, second, third = (make.make_petition(session, received_on=f"2026-03-0{n}") for n in (2, 3, 4))
        petition_after.link(session, who, second, first=first.id)
        petition_after.link(session, who, third, first=second.id)
        assert third.repeat_of == first.id, "a repeat points to the first case"
        with pytest.raises(UserError, match="登记在后"):
            petition_after.link(session, who, first, first=make.make_petition(session, received_on="2026-03-05").id)
        petition_after.join(session, who, third, into=first.id)
        assert shown(session, third, "state", "next_due") == ("已并案", "")
        with pytest.raises(UserError, match="已经并案"):
            petition.accept(session, who, third)
        petition_after.withdraw(session, who, second, reason="已自行解决")
        assert shown(session, second, "state") == ("已撤回",)
        assert session.scalars(select(PetitionStep.progress)).all() == ["信访人撤回：已自行解决"]
        done = closed(session)
        with pytest.raises(UserError, match="还有没办完的：送达意见书"):
            petition_after.file_away(session, who, done, archive_no="2026-信-01")
        petition.deliver(session, who, done, delivery="signed", receiver="张明", delivered_on="2026-04-24")
        petition_after.rate(session, who, done, satisfaction="good", visited_on="2026-05-10")
        petition_after.settle(session, who, done, settled_on="2026-05-12")
        petition_after.file_away(session, who, done, archive_no="2026-信-01")
        assert shown(session, done, "state", "satisfaction") == ("已归档", "满意")


def test_numbers_come_from_the_pattern_and_a_ledger_without_them_comes_in_once(book: Book) -> None:
    with working(book) as (session, who):
        texts = {"received_on": "2026-03-02", "channel": "来访", "purpose": "求决", "petitioner": "王二", "category": "面积", "summary": "少两亩"}
        made = [session.get_one(Petition, entry.save(session, who, PETITION, {**texts, "petitioner": name})).number for name in ("王二", "王三")]
        assert made == ["XF2026-A001", "XF2026-A002"]
        older = session.get_one(Petition, entry.save(session, who, PETITION, {**texts, "received_on": "2025-03-02"}))
        assert older.number == "XF2025-A001"
        rows = [(n, [*{**texts, "petitioner": name}.values()]) for n, name in enumerate(("王二", "王三", "王四"), 2)]
        again = entry.judge(session, who, PETITION, [PETITION[name] for name in texts], rows)
        assert (len(again.same), len(again.new), again.problems) == (2, 1, [])


@pytest.mark.parametrize(("texts", "problem"), [
    ({"accepted_on": "2026-03-01"}, "受理日期（2026-03-01）早于登记日期"),
    ({"accepted_on": "2026-03-05", "extension_days": "45"}, "延期 45 天超出规定"),
    ({"accepted_on": "2026-03-05", "closed_on": "2026-03-04"}, "办结日期（2026-03-04）早于受理日期"),
])  # fmt: skip
def test_impossible_days_are_not_entered(book: Book, texts: dict[str, str], problem: str) -> None:
    with working(book) as (session, who), pytest.raises(UserError, match=problem):
        entry.save(session, who, PETITION, {"received_on": "2026-03-02", "channel": "来访", "purpose": "求决", "petitioner": "王二", "category": "面积",
                                            "summary": "少两亩", **texts})  # fmt: skip


# --- rates -----------------------------------------------------------------------------------------------------------


def test_the_year_is_counted_from_the_register(book: Book) -> None:
    with working(book, "2026-11-22") as (session, who):
        good, late = closed(session), closed(session, day="2026-05-20")
        petition.deliver(session, on("2026-04-24"), good, delivery="signed", receiver="张明")
        petition_after.rate(session, who, good, satisfaction="good")
        make.make_petition(session, received_on="2025-12-20", noticed_on="2026-01-10")
        joined = make.make_petition(session)
        petition_after.join(session, who, joined, into=good.id)
        work = year_work(session, 2026, "2026-11-22")
        found = {one.code: (one.part, one.whole, one.percent()) for one in work.rates}
        assert found["finish"] == ((good.id,), (good.id, late.id), "50.0%")
        assert found["satisfied"] == ((good.id,), (good.id,), "100%")
        assert len(found["reply"][1]) == 3, "the notice of the December case fell due in this year"
        assert (len(work.received), work.before, work.change, len(work.closed)) == (2, 1, "100.0%", 2)
        assert {one.percent() for one in year_work(session, 2024, "2026-11-22").rates} == {"—"}
        settings.put(session, make.clerk(), "petition.finish_rate", "按本期受理", book.home)
        settings.put(session, make.clerk(), "petition.reply_rate", "按最终答复", book.home)
        again = {one.code: one for one in year_work(session, 2026, "2026-11-22").rates}
        assert (again["finish"].percent(), again["reply"].percent(), again["reply"].formula[:4]) == ("100%", "50.0%", "最终答复")
        assert len(cases(session)) == 4
        assert case(session, joined).ended_on


# --- disputes --------------------------------------------------------------------------------------------------------


def test_a_dispute_is_settled_held_handed_on_or_becomes_a_petition_counted_once(book: Book) -> None:
    with working(book, "2026-11-22") as (session, who):
        settled, held, moved, turned = (make.make_dispute(session) for _ in range(4))
        dispute.settle(session, who, settled, measures="现场指界", settled_on="2026-03-20")
        assert (settled.result, settled.settled_on) == ("settled", "2026-03-20")
        dispute.hold(session, who, held, person="李小红", progress="每周走访", due_on="2026-12-31")
        dispute.hand_on(session, who, moved, to="县林草局")
        said = dispute.become_petition(session, who, turned, petitioner="张明", received_on="2026-03-05")
        made = session.get_one(Petition, turned.petition)
        assert said.endswith("已转为信访件 XF2026-A001")
        assert (made.channel, made.place, made.summary) == ("found", turned.place, "张明、李大山：权属")
        with pytest.raises(UserError, match="已经转为信访件"):
            dispute.settle(session, who, turned, measures="x")
        petition.accept(session, who, made, accepted_on="2026-03-05", noticed_on="2026-03-05")
        petition.close(session, who, made, opinion="support", closed_on="2026-04-01", **ANSWER)
        turned.result, turned.settled_on = "settled", "2026-04-02"
        session.flush()
        assert year_work(session, 2026, "2026-11-22").solved == 2, "one dispute, and one matter that is both"
        turned.settled_on = "2025-12-31"
        session.flush()
        assert [year_work(session, year, "2026-11-22").solved for year in (2025, 2026)] == [0, 2], "it counts where its petition ends"
        dispute.revisit(session, who, settled, relapsed=1)
        assert (settled.result, settled.settled_on) == ("open", None)


def test_a_month_without_findings_has_its_row_and_a_month_with_them_has_no_zero_report(book: Book) -> None:
    with working(book, "2026-11-22") as (session, who):
        group = session.get_one(Place, make.place(session))
        assert dispute.zero_report(session, who, group, leader="陈志远", held_on="2026-10-31") == "已登记一组2026年10月31日排查零报告"
        with pytest.raises(UserError, match="已经登记过排查"):
            dispute.zero_report(session, who, group, leader="陈志远", held_on="2026-10-31")
        make.make_dispute(session, found_on="2026-11-03")
        village = session.get_one(Place, group.parent)
        for place in (group, village):
            with pytest.raises(UserError, match="当月登记了 1 起纠纷"):
                dispute.zero_report(session, who, place, leader="陈志远")
        session.add(Patrol(id=new_id(), home=group.home, held_on="2026-09-03", place=group.id, leader="陈志远", found=2))
        session.flush()
        with pytest.raises(UserError, match="2026年9月3日的排查发现了问题，当月不是零报告"):
            dispute.zero_report(session, who, village, leader="陈志远", held_on="2026-09-20")
        assert [(one.found, one.remark) for one in session.scalars(select(Patrol))] == [(0, "零报告"), (2, None)]


def test_zero_visits_are_confirmed_by_hand_and_make_a_streak(book: Book) -> None:
    head = on("2026-11-22", "陈志远", "head")
    with book.change("确认", head) as (session, _):
        for year in (2023, 2024, 2025):
            dispute.confirm_zero(session, head, None, year=year)
        assert zero_streak(session, 2025) == 3
        with pytest.raises(UserError, match="还没有过完"):
            dispute.confirm_zero(session, head, None, year=2026)
        make.add(session, Incident, kind="province", happened_on="2022-05-06", line="A000001")
        with pytest.raises(UserError, match="登记了 1 起上访"):
            dispute.confirm_zero(session, head, None, year=2022)
        make.make_petition(session, received_on="2024-06-01", bypass="beijing")
        assert zero_streak(session, 2025) == 1, "a visit found afterwards breaks the streak whatever was confirmed"


def test_a_year_without_visits_is_not_typed(book: Book) -> None:
    head, reg = on("2026-11-22", "陈志远", "head"), register("year_confirmation")
    with book.change("确认", head) as (session, _):
        with pytest.raises(Refused, match="请办理“确认零上访”"):
            save(session, head, reg, {"year": "2026", "subject": "零上访", "confirmed": "是"})
        row = save(session, head, reg, {"year": "2026", "subject": "零上访"})
        with pytest.raises(Refused, match="请办理“确认零上访”"):
            save(session, head, reg, {"confirmed": "是"}, row)
        assert save(session, head, reg, {"year": "2025", "subject": "无较大治安案件", "confirmed": "是"})
        dispute.confirm_zero(session, head, None, year=2025)
        assert zero_streak(session, 2025) == 1
        (done,) = [one.id for one in session.scalars(select(YearConfirmation)) if one.confirmed and one.subject == "零上访"]
        save(session, head, reg, {"confirmed": "否"}, done)
        session.expire_all()
        assert zero_streak(session, 2025) == 0


def test_readers_do_nothing(book: Book) -> None:
    with book.change("试", on("2026-11-22", "何平", "reader")) as (session, _):
        row = make.make_petition(session)
        quarrel = make.make_dispute(session)
        for action in (*find_actions("accept"), *find_actions("settle")):
            if action.register in ("petition", "dispute"):
                with pytest.raises(UserError, match="不能办"):
                    action(session, on("2026-11-22", "何平", "reader"), row if action.register == "petition" else quarrel, {})
        assert session.get_one(Dispute, quarrel.id).result == "open"
        assert len(ids(session, Ask(PETITION))) == 1


def test_the_holidays_of_a_known_year_come_into_the_table_to_be_corrected(book: Book) -> None:
    head = on("2026-11-22", "陈志远", "head")
    with book.change("载入", head) as (session, _):
        assert calendar.fill_holidays(session, head, None, year=2026).startswith("已载入 2026 年放假安排 39 天")
        assert calendar.fill_holidays(session, head, None, year=2026) == "2026 年的放假安排已经都在台账里"
        row = session.scalars(select(Holiday).where(Holiday.day == "2026-10-01")).one()
        row.kind = "work"
        late = make.make_petition(session, received_on="2026-09-16")
        assert shown(session, late, "notice_due") == ("2026-10-01",), "the office's word wins"
        with pytest.raises(UserError, match="没有 2027 年的放假安排"):
            calendar.fill_holidays(session, head, None, year=2027)

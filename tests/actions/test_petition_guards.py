"""Petitions as an inspector and the petitioner's lawyer look at them: what would move a term unseen, hide a case or cut a right short."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import entry, settings, undo
from relocdesk.actions import dispute, find_actions, petition, petition_after
from relocdesk.actions.documents import register_printout
from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.dues import held, standing
from relocdesk.queries.petition import case, cases, sheet, visits, year_work
from relocdesk.queries.rows import Ask, ids, page, rowids
from relocdesk.records import register
from relocdesk.records.agreement import Printout
from relocdesk.records.petition import Petition, PetitionReview, PetitionStep
from relocdesk.rules.days import chinese_date
from relocdesk.rules.petition import clocks, next_steps
from tests import make
from tests.actions.test_petition import ANSWER, PETITION, accepted, closed, on, our_office, shown, working

TEXTS = {"received_on": "2026-03-02", "channel": "来访", "purpose": "求决", "petitioner": "王二", "category": "面积", "summary": "少两亩"}


# --- days that are registered once -----------------------------------------------------------------------------------


def test_what_terms_run_from_is_not_registered_twice(book: Book) -> None:
    with working(book, "2026-05-20") as (session, who):
        row = closed(session)
        with pytest.raises(UserError, match="已于2026年3月5日书面告知"):
            petition.notify(session, who, row, noticed_on="2026-03-04")
        petition.deliver(session, who, row, delivery="signed", receiver="张明", delivered_on="2026-04-24")
        with pytest.raises(UserError, match="已于2026年4月24日送达"):
            petition.deliver(session, who, row, delivery="post", proof="1", delivered_on="2026-05-20")
        petition_after.settle(session, who, row, settled_on="2026-05-10")
        with pytest.raises(UserError, match="已于2026年5月10日息诉"):
            petition_after.settle(session, who, row)
        assert (row.noticed_on, row.delivered_on, row.settled_on) == ("2026-03-05", "2026-04-24", "2026-05-10")


def test_nobody_is_told_before_the_petition_came(book: Book) -> None:
    with working(book, "2026-03-10") as (session, who):
        row = make.make_petition(session, jurisdiction="accept", accepted_on="2026-03-05")  # as a ledger brings it, without 审查日期
        with pytest.raises(UserError, match="早于登记日期"):
            petition.notify(session, who, row, noticed_on="2026-03-01")


def test_the_letter_has_its_number_before_it_is_handed_over(book: Book) -> None:
    with working(book) as (session, who):
        row = make.make_petition(session)
        petition.accept(session, who, row)
        assert (row.notice_no, row.noticed_on) == ("三坝搬安信告〔2026〕A1号", None)
        assert petition.notify(session, who, row) == "已登记2026年3月5日书面告知，三坝搬安信告〔2026〕A1号"
        passed_on, refused, nobody = (make.make_petition(session, unreachable=n // 2) for n in range(3))
        petition.transfer(session, who, passed_on, to="县林草局")
        petition.refuse(session, who, refused, reason="法院已经立案")
        petition.accept(session, who, nobody)
        assert (passed_on.notice_no, refused.notice_no, nobody.notice_no) == ("三坝搬安信告〔2026〕A2号", "三坝搬安信不〔2026〕A1号", None)


def test_judging_late_is_said(book: Book) -> None:
    with working(book, "2026-03-20") as (session, who):
        for name, given in (("accept", {}), ("refuse", {"reason": "x"}), ("transfer", {"to": "县林草局"}), ("guide", {"to": "人民法院"})):
            (action,) = (one for one in find_actions(name) if one.register == "petition")
            said = action(session, who, make.make_petition(session), given)
            assert f"超过十五日才{action.label}，告知期限是2026年3月17日（条例第二十三条）" in said


def test_the_year_in_which_a_term_ends_is_the_one_that_must_be_known(book: Book) -> None:
    with working(book, "2026-12-10") as (session, who):
        row = make.make_petition(session, received_on="2026-12-08")
        assert "2027 年的放假安排还没有登记" in petition.accept(session, who, row)


# --- people ----------------------------------------------------------------------------------------------------------


def test_at_most_five_speak_for_many(book: Book) -> None:
    with working(book) as (session, who):
        row = make.make_petition(session, persons=9, representative="甲一、乙二、丙三、丁四、戊五、己六")
        assert "登记了 6 名代表，代表不得超过五人" in petition.accept(session, who, row)
        found = sheet(session, row.id, who.on)
        assert found is not None
        assert "登记了 6 名代表，代表不得超过五人（条例第二十条）" in found.doubts
        told = entry.check(session, who, PETITION, {**TEXTS, "persons": "9", "representative": row.representative}).warnings
        assert [one.field for one in told] == ["representative"]


@pytest.mark.parametrize(("to", "avoid", "refused"), [
    ("柳树村委会主任赵国强", "赵国强、钱远", True),
    ("柳树村委会", "柳树村委会主任", True), ("赵国强", "赵国强", True), ("县纪委监委", "赵国强、柳树村委会", False),
])  # fmt: skip
def test_a_denunciation_does_not_go_to_those_it_is_about(book: Book, to: str, avoid: str, refused: bool) -> None:
    head = on("2026-03-05", "陈志远", "head")
    with book.change("转送", head) as (session, _):
        row = make.make_petition(session, purpose="report", avoid=avoid)
        if not refused:
            assert "已登记转送" in petition.transfer(session, head, row, to=to)
            return
        with pytest.raises(UserError, match="不得转给被检举"):
            petition.transfer(session, head, row, to=to)
        assert row.jurisdiction is None


def test_a_hidden_case_is_not_told_by_another_one_of_the_same_person(book: Book) -> None:
    with working(book) as (session, who):
        secret = make.make_petition(session, purpose="report", received_on="2026-03-01")
        row = make.make_petition(session)
        assert secret.number not in petition.accept(session, who, row)
        assert secret.number in petition.accept(session, on("2026-03-05", "陈志远", "head"), make.make_petition(session))
        for name, arg in (("link", "first"), ("join", "into")):
            (action,) = (one for one in find_actions(name) if one.register == "petition")
            with pytest.raises(UserError, match="没有这条信访件"):
                action(session, who, row, {arg: secret.id})
        assert (row.repeat_of, row.joined_to) == (None, None)
        linked = make.make_petition(session, repeat_of=secret.id)
        secret.accepted_on = "2026-03-02"
        assert secret.number not in petition.accept(session, who, linked)


# --- cases that end or come again ------------------------------------------------------------------------------------


def test_the_archive_does_not_end_the_right_to_review(book: Book) -> None:
    book.viewer = lambda: on("2026-05-20")
    with working(book, "2026-05-20") as (session, who):
        row = closed(session)
        petition.deliver(session, who, row, delivery="signed", receiver="张明", delivered_on="2026-04-24")
        petition_after.file_away(session, who, row, archive_no="2026-信-01")
        assert next_steps(case(session, row), office_calendar(session), who.on) == ["review"]
        petition_after.review(session, who, row, level="review", asked_on="2026-05-20", organ=our_office(session))
        assert shown(session, row, "state", "next_due") == ("复查中", "2026-06-22")
        assert next_steps(case(session, row), office_calendar(session), who.on) == ["decide"]
        petition_after.decide(session, who, row, result="upheld", opinion_no="县复查1号")
        assert shown(session, row, "state", "next_due") == ("已归档", "")
        with pytest.raises(UserError, match="已经归档，不能延期"):
            petition.extend(session, who, row, days=1, approver="陈志远", reason="x", told_on="2026-05-20")


def test_what_comes_after_the_answer_is_a_repeat_and_not_joined_away(book: Book) -> None:
    with working(book, "2026-05-20") as (session, who):
        first = closed(session)
        again = make.make_petition(session, received_on="2026-05-06")
        with pytest.raises(UserError, match="以后再来的不能并案"):
            petition_after.join(session, who, again, into=first.id)
        same = make.make_petition(session, received_on="2026-04-20")
        petition_after.join(session, who, same, into=first.id)
        petition_after.link(session, who, again, first=first.id)
        assert "并案" not in petition.accept(session, who, again)
        running = accepted(session, petitioner="李大山")
        twice = make.make_petition(session, petitioner="李大山", received_on="2026-03-04")
        petition_after.link(session, who, twice, first=running.id)
        assert f"首件 {running.number} 还在办理，期限按首件算；同一事项请办“并案”" in petition.accept(session, on("2026-03-10"), twice)


def test_a_case_that_is_not_ours_to_answer_is_not_withdrawn_away(book: Book) -> None:
    with working(book, "2026-04-20") as (session, who):
        row = make.make_petition(session)
        petition.refuse(session, on("2026-03-05"), row, reason="法院已经立案")
        with pytest.raises(UserError, match="已经不予受理，不用撤回"):
            petition_after.withdraw(session, who, row, reason="x")


def test_a_withdrawal_does_not_wash_a_missed_term_away(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = make.make_petition(session, jurisdiction="accept", judged_on="2026-03-05", accepted_on="2026-03-05")
        petition_after.withdraw(session, who, row, reason="等不及了")
        assert [(one.code, one.stopped) for one in clocks(case(session, row), office_calendar(session))] == [
            ("notice", True), ("close", True)]  # fmt: skip
        found = sheet(session, row.id, "2026-06-25")
        assert found is not None
        assert ([one.words for one in found.terms], found.days, found.steps) == (["没有办", "没有办"], "", ())
        work = year_work(session, 2026, "2026-06-25")
        rates = {one.code: (one.part, one.whole) for one in work.rates}
        assert (rates["reply"], rates["finish"], rates["settle"]) == (((), (row.id,)), ((), (row.id,)), ((), ()))
        assert work.received == (row.id,)


def test_an_anonymous_case_can_be_closed_and_filed(book: Book) -> None:
    book.viewer = lambda: on("2026-04-25")
    with working(book, "2026-04-25") as (session, who):
        row = make.make_petition(session, unreachable=1)
        petition.accept(session, on("2026-03-05"), row)
        petition.close(session, on("2026-04-20"), row, opinion="explain", **ANSWER)
        assert shown(session, row, "state", "next_due") == ("已终结", "")
        assert [one.code for one in clocks(case(session, row), office_calendar(session))] == ["close"]
        assert next_steps(case(session, row), office_calendar(session), who.on)[0] == "file"
        petition_after.file_away(session, who, row, archive_no="2026-信-02")
        assert shown(session, row, "state") == ("已归档",)


def test_letting_it_rest_does_not_hide_that_no_answer_was_given(book: Book) -> None:
    book.viewer = lambda: on("2026-04-25")
    with working(book, "2026-04-25") as (session, who):
        row = accepted(session)
        petition_after.settle(session, who, row, settled_on="2026-04-01")
        assert shown(session, row, "state", "next_due") == ("办理中", "2026-05-06")
        petition.close(session, who, row, opinion="support", **ANSWER)
        assert shown(session, row, "state") == ("待送达",)
        petition.deliver(session, who, row, delivery="signed", receiver="张明")
        assert shown(session, row, "state") == ("已息诉",)


def test_what_came_later_goes_back_first(book: Book) -> None:
    head = on("2026-05-20", "陈志远", "head")

    def act(day: str, name: str, **given: Any) -> str:
        (action,) = (one for one in find_actions(name) if one.register == "petition")
        with book.change(action.label, on(day), "action") as (session, _):
            action(session, on(day), session.scalars(select(Petition)).one(), given)
        with book.read() as session:
            return undo.last_actions(session)[0].action

    def back(action: str) -> str:
        with book.change("撤销", head) as (session, _):
            return undo.undo(session, head, action)

    with book.change("登记", on("2026-03-02")) as (session, _):
        make.make_petition(session)
    done = [act("2026-03-05", "accept"), act("2026-03-06", "notify"), act("2026-04-20", "close", opinion="support", **ANSWER),
            act("2026-04-21", "deliver", delivery="signed", receiver="张明"), act("2026-05-02", "review", level="review")]  # fmt: skip
    for earlier, why in zip(done, ("告知日期、办结日期", "", "送达日期", "复查复核", ""), strict=True):
        if why:
            with pytest.raises(UserError, match=f"后来登记了{why}，要先撤销后来的办理"):
                back(earlier)
    for action in reversed(done):
        assert back(action).startswith("已撤销")
    with book.read() as session:
        row = session.scalars(select(Petition)).one()
        assert (row.jurisdiction, row.accepted_on, row.noticed_on, row.closed_on, row.delivered_on) == (None, None, None, None, None)


def test_what_a_ledger_told_before_is_no_obstacle_to_undo(book: Book) -> None:
    """An old case came in closed, without a day of acceptance; the acceptance added since, by mistake, can go back."""
    who = on("2026-06-20")
    with book.change("登记", who) as (session, _):
        row_id = saved(session, closed_on="2026-04-20", opinion="支持").id
    with book.change("受理", who, "action") as (session, done):
        row = session.get_one(Petition, row_id)
        with pytest.raises(UserError, match="已于2026年4月20日办结，受理日期不能是后来的2026年6月20日"):
            petition.accept(session, who, row)
        petition.accept(session, who, row, accepted_on="2026-03-05")
    with book.change("撤销", who) as (session, _):
        assert undo.undo(session, who, done.action).startswith("已撤销")
    with book.read() as session:
        row = session.get_one(Petition, row_id)
        assert (row.accepted_on, row.jurisdiction, row.closed_on) == (None, None, "2026-04-20")


def test_a_case_registered_by_mistake_is_withdrawn_not_deleted(book: Book) -> None:
    who = on("2026-03-05", "陈志远", "head")
    with book.change("登记", who) as (session, made):
        row = make.make_petition(session).id
    with book.change("撤销", who) as (session, _):
        with pytest.raises(UserError, match="要完整留底，登记错的请办“撤回”，写明登记有误"):
            undo.undo(session, who, made.action)
        with pytest.raises(UserError, match="信访件要完整留底，不能删除。登记错的请办“撤回”"):
            entry.remove(session, who, register("petition"), row)
        assert "已于2026年3月5日撤回" in petition_after.withdraw(session, who, session.get_one(Petition, row), reason="登记有误")


# --- ledgers ---------------------------------------------------------------------------------------------------------


def saved(session: Session, **texts: str) -> Petition:
    return session.get_one(Petition, entry.save(session, on("2026-06-20"), PETITION, {**TEXTS, **texts}))


def test_a_day_of_acceptance_says_that_it_was_accepted(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = saved(session, accepted_on="2026-03-05")
        assert row.jurisdiction == "accept"
        again = entry.judge(session, who, PETITION, [PETITION[name] for name in (*TEXTS, "accepted_on")], [(2, [*TEXTS.values(), "2026-03-05"])])
        assert (len(again.same), again.new, again.changed, again.problems) == (1, [], [], [])
        with pytest.raises(UserError, match="管辖是“不予受理”，却有受理日期"):
            saved(session, jurisdiction="不予受理", accepted_on="2026-03-05")


def test_a_ledger_that_says_accepted_without_the_day_is_no_dead_end(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        told = entry.check(session, who, PETITION, {**TEXTS, "jurisdiction": "受理"}).warnings
        assert [one.text for one in told] == ["受理了却没有受理日期，办理期限算不出来；请补填，或办“受理”"]
        row = saved(session, jurisdiction="受理")
        assert (shown(session, row, "state"), next_steps(case(session, row), office_calendar(session), who.on)[0]) == (("待审查",), "accept")
        petition.accept(session, who, row, accepted_on="2026-03-05")
        assert row.accepted_on == "2026-03-05"
        with pytest.raises(UserError, match="已经是“受理”"):
            petition.accept(session, who, row)


@pytest.mark.parametrize(("texts", "problem"), [
    ({"persons": "0"}, "人数至少是 1"), ({"persons": "-3"}, "人数至少是 1"), ({"accepted_on": "2026-03-05", "extension_days": "-5"}, "延期 -5 天超出规定"),
    ({"judged_on": "2026-03-01"}, "审查日期（2026-03-01）早于登记日期"), ({"withdrawn_on": "2026-03-01"}, "撤回日期（2026-03-01）早于登记日期"),
    ({"accepted_on": "2026-03-05", "settled_on": "2026-03-04"}, "息诉日期（2026-03-04）早于受理日期"),
    ({"received_on": "2062-03-02"}, "登记日期（2062-03-02）还没有到"), ({"accepted_on": "2026-06-21"}, "受理日期（2026-06-21）还没有到"),
])  # fmt: skip
def test_what_cannot_be_is_not_entered(book: Book, texts: dict[str, str], problem: str) -> None:
    with working(book, "2026-06-20") as (session, _), pytest.raises(UserError, match=problem):
        saved(session, **texts)


def test_an_extension_is_not_written_in_without_its_approval(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = saved(session, accepted_on="2026-03-05")
        for texts in ({"extension_days": "30"}, {"extension_days": "30", "extension_approver": "陈志远", "extension_reason": "复测"}):
            with pytest.raises(UserError, match="请办理“延期”"):
                entry.save(session, who, PETITION, texts, row.id)
        old = saved(session, petitioner="王三", accepted_on="2026-03-05", extension_days="30")
        assert old.extension_days == 30, "an old ledger is taken as it stands, with a warning"


def test_a_filed_case_of_an_old_ledger_is_not_overdue_for_ever(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        old = saved(session, accepted_on="2026-03-05", closed_on="2026-04-20", opinion="支持", archive_no="2026-信-7")
        assert shown(session, old, "state", "next_due") == ("已归档", "")
        found = sheet(session, old.id, who.on)
        assert found is not None
        assert [(one.label, one.words) for one in found.terms] == [("书面告知", "没有办"), ("办结", "按期"), ("送达意见书", "没有办")]
        reply = year_work(session, 2026, "2026-06-20").rates[0]
        assert (reply.part, reply.whole) == ((), (old.id,)), "but it was not told in time"
        running = saved(session, petitioner="王三", accepted_on="2026-03-05")
        with pytest.raises(UserError, match="请办理“归档”"):
            entry.save(session, who, PETITION, {"archive_no": "2026-信-8"}, running.id)


def test_an_old_case_whose_days_nobody_knows_is_filed_with_the_reason(book: Book) -> None:
    book.viewer = lambda: on("2026-06-20")
    with working(book, "2026-06-20") as (session, who):
        old = saved(session, accepted_on="2026-03-05", closed_on="2026-04-20", opinion="支持")
        with pytest.raises(UserError, match="还有没办完的：书面告知、送达意见书"):
            petition_after.file_away(session, who, old, archive_no="2026-信-7")
        petition_after.file_away(session, who, old, archive_no="2026-信-7", reason="2026年以前没有登记簿")
        assert shown(session, old, "state", "next_due") == ("已归档", "")
        assert session.scalars(select(PetitionStep.progress)).all() == ["归档时书面告知、送达意见书没有登记：2026年以前没有登记簿"]
        for running in (saved(session, petitioner="王三", accepted_on="2026-03-05"), saved(session, petitioner="王四", received_on="2026-06-18",
                                                                                          jurisdiction="引导")):  # fmt: skip
            with pytest.raises(UserError, match="还有没办完的"):
                petition_after.file_away(session, who, running, archive_no="1", reason="x")


def test_a_case_is_no_repeat_of_itself(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = saved(session)
        for name in ("repeat_of", "joined_to"):
            with pytest.raises(UserError, match="不能是这一件自己"):
                entry.save(session, who, PETITION, {name: row.number or ""}, row.id)


@pytest.mark.parametrize(("texts", "problem"), [
    ({"level": "复查", "asked_on": "2026-05-02", "done_on": "2026-05-01"}, "意见日期（2026-05-01）早于申请日期"),
    ({"level": "复查", "asked_on": "2026-05-02", "hearing_days": "3"}, "只有复核听证的天数不算期限"),
    ({"level": "复核", "asked_on": "2026-05-02", "hearing_days": "-3"}, "只有复核听证的天数不算期限"),
])  # fmt: skip
def test_reviews_of_ledgers_keep_their_order(book: Book, texts: dict[str, str], problem: str) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = closed(session)
        session.flush()
        with pytest.raises(UserError, match=problem):
            entry.save(session, who, register("petition_review"), {"petition": row.number or "", **texts})
        assert session.scalars(select(PetitionReview)).all() == []


# --- rates, disputes, sheets -----------------------------------------------------------------------------------------


def test_who_came_again_was_not_satisfied_at_once(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        for row in (closed(session), closed(session)):
            petition.deliver(session, who, row, delivery="signed", receiver="张明", delivered_on="2026-04-24")
            petition_after.settle(session, who, row, settled_on="2026-05-01")
        again = make.make_petition(session, received_on="2026-06-01")
        petition_after.link(session, who, again, first=row.id)
        assert [one.again for one in cases(session)].count(True) == 1
        first = next(one for one in year_work(session, 2026, "2026-06-20").rates if one.code == "first")
        assert (len(first.part), len(first.whole), row.id in first.part) == (1, 2, False)


def test_a_final_reply_has_reached_the_petitioner(book: Book) -> None:

    with working(book, "2026-06-20") as (session, who):
        delivered, not_yet, late = closed(session), closed(session), closed(session)
        petition.deliver(session, who, delivered, delivery="signed", receiver="张明", delivered_on="2026-05-06")
        petition.deliver(session, who, late, delivery="signed", receiver="张明", delivered_on="2026-05-07")
        settings.put(session, make.clerk(), "petition.reply_rate", "按最终答复", book.home)
        reply = year_work(session, 2026, "2026-06-20").rates[0]
        assert (reply.part, set(reply.whole)) == ((delivered.id,), {delivered.id, not_yet.id, late.id})


def test_each_offices_cases_are_rated_by_its_own_calendar(book: Book) -> None:
    with working(book, "2026-12-20") as (session, _):
        told = {"received_on": "2026-09-16", "noticed_on": "2026-10-05"}  # due on 1 October, or after the holidays on the 8th
        here, there = make.make_petition(session, **told), make.make_petition(session, home=book.county, **told)
        settings.put(session, make.clerk(), "calendar.roll_over", "否", book.home)
        reply = year_work(session, 2026, "2026-12-20").rates[0]
        assert [shown(session, row, "notice_due")[0] for row in (here, there)] == ["2026-10-01", "2026-10-08"]
        assert (reply.part, set(reply.whole)) == ((there.id,), {here.id, there.id})


def test_a_matter_is_one_in_every_year(book: Book) -> None:
    with working(book, "2027-02-20") as (session, who):
        turned = make.make_dispute(session, found_on="2026-03-01", due_on="2026-04-01")
        dispute.become_petition(session, who, turned, petitioner="张明", received_on="2026-03-05")
        assert not [one for one in standing(session, who.on) if one.due.key.startswith("dispute") and one.count], "it waits as a petition"
        quarrel = next(one for one in held() if one.ask.register.name == "dispute")
        assert ids(session, Ask(quarrel.ask.register, quarrel.ask.conditions)) == []
        reg = register("dispute")
        assert page(session, reg, rowids(session, Ask(reg)), [reg["days_left"]])[0].shown == ("",)
        made = session.get_one(Petition, turned.petition)
        petition.accept(session, on("2026-03-06"), made)
        petition.close(session, on("2026-04-01"), made, opinion="support", **ANSWER)
        turned.result, turned.settled_on = "settled", "2027-01-10"
        session.flush()
        assert [year_work(session, year, "2027-02-20").solved for year in (2026, 2027)] == [1, 0]


def test_what_went_back_is_no_visit_of_ours(book: Book) -> None:
    with working(book, "2027-01-05") as (session, _):
        make.make_petition(session, bypass="province", channel="transferred", returned_on="2026-03-05")
        assert visits(session, 2026) == []
        make.make_petition(session, bypass="province")
        assert len(visits(session, 2026)) == 1


def test_a_year_that_nobody_confirmed_is_not_a_year_with_visits(book: Book) -> None:
    with working(book, "2027-01-05") as (session, _):
        assert year_work(session, 2027, "2027-01-05").streak_words == "2026 年还没有确认零上访"


def test_a_slip_of_delivery_stays_good_while_the_case_goes_on(book: Book) -> None:
    reg = register("printout")

    def stale(session: Session) -> str:
        session.flush()
        (line,) = page(session, reg, rowids(session, Ask(reg)), [reg["stale"]])
        return line.shown[0]

    who = on("2026-03-05")
    with book.change("受理", who) as (session, _):
        row = make.make_petition(session)
        petition.accept(session, who, row)
        record = row.id
    with book.change("打印", who) as (session, _):
        register_printout(session, who, form="petition_delivery", register="petition", record=record, code="ABCDEFG1", digest="1", subject="张明")
    with book.change("办理", who) as (session, _):
        row = session.scalars(select(Petition)).one()
        petition.notify(session, who, row)
        said = petition.step(session, who, row, progress="到现场复测")
        assert said == f"已登记张明的信访件 {row.number}在{chinese_date(who.on)}的办理情况", "a number does not run into a day"
        row.handler, row.leader, row.first_handler = "李小红", "陈志远", "王建国"
        assert session.scalars(select(Printout)).one().code == "ABCDEFG1"
    with book.read() as session:
        assert stale(session) == "否"
    with book.change("改地址", who) as (session, _):
        session.scalars(select(Petition)).one().address = "柳树坝13号"
    with book.read() as session:
        assert stale(session) == "是"

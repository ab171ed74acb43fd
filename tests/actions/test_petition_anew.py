"""复查 and 复核 that change or revoke an opinion: the matter is handled anew, in sight and by a clock, and counts once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import entry, settings, undo
from relocdesk.actions import find_actions, petition, petition_after
from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.petition import anew_of, case, sheet, visits, year_work
from relocdesk.queries.rows import Ask, ids
from relocdesk.records import register
from relocdesk.records.petition import Petition, PetitionReview
from relocdesk.rules.petition import next_steps
from tests import make
from tests.actions.test_petition import ANSWER, PETITION, closed, on, shown, working
from tests.actions.test_petition_terms import due


def revoked(session: Session, **values: Any) -> Petition:
    """A case closed in time whose opinion the county changed on 20 May 2026; 复查 was asked for on 2 May."""
    row = closed(session, **values)
    petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="张明")
    petition_after.review(session, on("2026-05-02"), row, level="review", organ="龙陵县人民政府")
    said = petition_after.decide(session, on("2026-05-20"), row, result="changed", opinion_no="龙政复查〔2026〕4号")
    assert said.endswith("变更或撤销，龙政复查〔2026〕4号。注意：请办“重新办理”，另出处理意见")
    return row


def anew(session: Session, row: Petition, day: str = "2026-05-25", **given: Any) -> Petition:
    petition_after.reopen(session, on(day), row, **given)
    return anew_of(session, row.id)[-1]


def test_an_opinion_that_was_changed_waits_to_be_written_anew(book: Book) -> None:
    book.viewer = lambda: on("2026-07-25")
    with working(book, "2026-07-25") as (session, who):
        row = revoked(session)
        assert shown(session, row, "state", "next_due", "days_left") == ("待重新办理", "2026-07-20", "-5"), "sixty days, the 19th is a Sunday"
        assert due(session, "petition_late", who.on) == [row.id]
        found = sheet(session, row.id, who.on)
        assert found is not None
        assert (found.steps[0], found.terms[-1].label) == ("reopen", "重新办理")
        assert found.doubts[0] == "复查、复核变更或撤销了处理意见，请办“重新办理”，另出处理意见"
        with pytest.raises(UserError, match="还有没办完的：重新办理"):
            petition_after.file_away(session, who, row, archive_no="1")
        settings.put(session, make.clerk(), "petition.redo_days", "30", book.home)
        assert shown(session, row, "next_due") == ("2026-06-22",)
        settings.put(session, make.clerk(), "petition.redo_days", "", book.home)
        assert shown(session, row, "state", "next_due") == ("待重新办理", "")
        assert due(session, "petition_open", who.on) == [row.id], "without a term it still waits in sight"


def test_it_is_handled_anew_beside_the_first_case_which_stays_as_it_is(book: Book) -> None:
    book.viewer = lambda: on("2026-06-20")
    with working(book, "2026-06-20") as (session, who):
        row = revoked(session, number="XF2026-A004", bypass="province", avoid="钱远")
        before = {f.name: getattr(row, f.name) for f in PETITION.stored}
        said = petition_after.reopen(session, on("2026-05-25"), row, received_on="2026-05-22", handler="赵国强")
        assert said == "张明的信访件 XF2026-A004重新办理，登记为 XF2026-A004-1，期限到2026年7月21日；原件和原意见不变"
        assert {f.name: getattr(row, f.name) for f in PETITION.stored} == before
        (made,) = anew_of(session, row.id)
        assert (made.source, made.handler, made.avoid, made.bypass) == ("龙陵县人民政府 龙政复查〔2026〕4号", "赵国强", "钱远", "none")
        assert shown(session, row, "state", "next_due") == ("已重新办理", "")
        assert shown(session, made, "state", "next_due", "notice_due", "channel") == ("办理中", "2026-07-21", "", "复查复核发回")
        assert next_steps(case(session, made), office_calendar(session), who.on) == ["close", "step", "settle", "withdraw"]
        assert next_steps(case(session, row), office_calendar(session), who.on)[:2] == ["review", "file"], "what people say is asked after the last answer"
        assert len(visits(session, 2026)) == 1, "nobody went to the province twice"
        for refused, why in ((lambda: petition_after.reopen(session, who, row), "已经重新办理"),
                             (lambda: petition.notify(session, who, made), "不用再告知受理"),
                             (lambda: petition_after.link(session, who, made, first=row.id), "跟着原件走")):  # fmt: skip
            with pytest.raises(UserError, match=why):
                refused()
        with pytest.raises(UserError, match="是重新办理的件，没有六十日的法定期限，不能延期"):
            petition.extend(session, who, made, days=5, approver="陈志远", reason="x", told_on=who.on)
        said = petition.close(session, who, made, opinion="support", **ANSWER)
        assert "注意" not in said
        petition.deliver(session, who, made, delivery="signed", receiver="张明")
        assert shown(session, made, "state") == ("可申请复查",), "a new opinion can be reviewed anew"
        assert made.opinion_no != row.opinion_no


def test_what_was_not_changed_is_not_handled_anew(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = closed(session)
        petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="张明")
        for level, result, day in (("review", "upheld", "2026-05-20"), ("recheck", "refused", "2026-05-21")):
            with pytest.raises(UserError, match="没有变更或撤销处理意见"):
                petition_after.reopen(session, who, row)
            petition_after.review(session, on(day), row, level=level)
            petition_after.decide(session, on(day), row, result=result, opinion_no="1")
        other = revoked(session)
        with pytest.raises(UserError, match="收到日期2026年5月19日早于意见日期"):
            petition_after.reopen(session, who, other, received_on="2026-05-19")
        petition_after.settle(session, who, other, settled_on="2026-06-01")
        assert shown(session, other, "state", "next_due") == ("已息诉", "")
        with pytest.raises(UserError, match="已经重新办理，或者已经息诉"):
            petition_after.reopen(session, who, other)


def test_a_recheck_decides_over_the_review_before_it(book: Book) -> None:
    book.viewer = lambda: on("2026-07-20")
    with working(book, "2026-07-20") as (session, who):
        row = revoked(session)
        petition_after.review(session, on("2026-06-01"), row, level="recheck", organ="保山市人民政府")
        assert shown(session, row, "state", "next_due") == ("复核中", "")
        petition_after.decide(session, on("2026-06-20"), row, result="upheld", opinion_no="1")
        assert shown(session, row, "state", "next_due") == ("已终结", "")
        other = closed(session, petitioner="王二")
        petition.deliver(session, on("2026-04-24"), other, delivery="signed", receiver="王二")
        for level, day, result in (("review", "2026-05-02", "upheld"), ("recheck", "2026-06-01", "changed")):
            petition_after.review(session, on(day), other, level=level)
            petition_after.decide(session, on(day), other, result=result, opinion_no="1")
        assert shown(session, other, "state", "next_due") == ("待重新办理", "2026-07-31")
        later = make.make_petition(session, petitioner="王二", received_on="2026-07-01", repeat_of=other.id)
        assert "已受理" in petition.accept(session, who, later), "the matter is not at its end while the recheck wants a new opinion"


def test_a_filed_case_is_opened_again_too(book: Book) -> None:
    book.viewer = lambda: on("2026-06-01")
    with working(book, "2026-06-01") as (session, who):
        row = closed(session)
        petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="张明")
        petition_after.file_away(session, on("2026-04-25"), row, archive_no="2026-信-01")
        petition_after.review(session, on("2026-05-02"), row, level="review")
        petition_after.decide(session, on("2026-05-20"), row, result="changed", opinion_no="1")
        assert shown(session, row, "state", "next_due") == ("待重新办理", "2026-07-20")
        assert next_steps(case(session, row), office_calendar(session), who.on) == ["reopen", "review"]
        made = anew(session, row)
        assert shown(session, row, "state", "next_due") == ("已归档", "")
        petition.close(session, who, made, opinion="reject", **ANSWER)
        petition.deliver(session, who, made, delivery="signed", receiver="张明")
        petition_after.review(session, who, made, level="review")
        petition_after.decide(session, who, made, result="changed", opinion_no="2")
        second = anew(session, made, "2026-06-01")
        assert (second.number, second.repeat_of) == (f"{row.number}-1-1", made.id)


def test_a_matter_counts_once_in_every_rate(book: Book) -> None:
    with working(book, "2026-11-22") as (session, who):
        row = revoked(session)
        petition_after.rate(session, on("2026-05-01"), row, satisfaction="bad", visited_on="2026-05-01")
        made = anew(session, row)
        late = on("2026-09-01")  # the handling anew is late by its own clock
        petition.close(session, late, made, opinion="reject", **ANSWER)
        petition.deliver(session, late, made, delivery="signed", receiver="张明")

        def work() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
            session.flush()
            found = year_work(session, 2026, who.on)
            assert (found.received, found.closed) == ((row.id,), (row.id,))
            return {one.code: (one.part, one.whole) for one in found.rates}

        once = ((row.id,), (row.id,))
        missed = ((), (row.id,))
        found = work()
        assert (found["reply"], found["finish"], found["satisfied"], found["settle"], found["first"]) == (once, once, missed, missed, missed)
        petition_after.rate(session, who, made, satisfaction="fair", visited_on="2026-09-02")
        petition_after.settle(session, who, made, settled_on="2026-09-03")
        found = work()
        assert (found["satisfied"], found["settle"], found["first"], found["repeat"]) == (once, once, missed, missed)
        assert year_work(session, 2026, who.on).solved == 1
        settings.put(session, make.clerk(), "petition.finish_rate", "按本期受理", book.home)
        assert work()["finish"] == once


def test_handling_anew_is_taken_back_whole_and_before_what_it_came_of(book: Book) -> None:
    head = on("2026-06-20", "陈志远", "head")

    def act(day: str, name: str, record: str, **given: Any) -> str:
        (action,) = (one for one in find_actions(name) if one.register == "petition")
        with book.change(action.label, on(day), "action") as (session, _):
            action(session, on(day), session.get_one(Petition, record), given)
        with book.read() as session:
            return undo.last_actions(session)[0].action

    def back(action: str) -> None:
        with book.change("撤销", head) as (session, _):
            undo.undo(session, head, action)

    with book.change("登记", on("2026-03-02")) as (session, _):
        row = closed(session)
        petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="张明")
        record = row.id
    act("2026-05-02", "review", record, level="review")
    decided = act("2026-05-20", "decide", record, result="changed", opinion_no="1")
    reopened = act("2026-05-25", "reopen", record)
    with book.read() as session:
        (made,) = [one.id for one in anew_of(session, record)]
    answered = act("2026-06-01", "close", made, opinion="support", **ANSWER)
    for earlier in (decided, reopened):
        with pytest.raises(UserError):
            back(earlier)
    back(answered)
    with pytest.raises(UserError, match="后来登记了重新办理，要先撤销后来的办理"):
        back(decided)
    back(reopened)
    with book.read() as session:
        assert anew_of(session, record) == []
    back(decided)
    again = act("2026-05-20", "decide", record, result="changed", opinion_no="1")
    assert again
    act("2026-05-25", "reopen", record)
    with book.read() as session:
        assert [one.number.rpartition("-")[2] for one in anew_of(session, record) if one.number] == ["2"], "a number is not given twice"
        assert [one.result for one in session.scalars(select(PetitionReview))] == ["changed"]


def test_a_ledger_row_that_names_no_first_case_is_pointed_out(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        told = entry.check(session, who, PETITION, {"received_on": "2026-03-02", "channel": "复查发回", "purpose": "求决", "petitioner": "王二",
                                                    "category": "面积", "summary": "少两亩"}).warnings  # fmt: skip
        assert [(one.field, one.text.split("；")[0]) for one in told] == [("repeat_of", "复查复核发回的件没有写原件")]


def test_a_denunciation_handled_anew_stays_hidden(book: Book) -> None:
    head = on("2026-06-20", "陈志远", "head")
    with book.change("办理", head) as (session, _):
        row = make.make_petition(session, purpose="report", jurisdiction="accept", accepted_on="2026-03-05", noticed_on="2026-03-05", closed_on="2026-04-01",
                                 opinion="reject", remedy_told=1, delivered_on="2026-04-02")  # fmt: skip
        petition_after.review(session, head, row, level="review", asked_on="2026-04-20")
        petition_after.decide(session, head, row, result="changed", opinion_no="1", done_on="2026-05-10")
        petition_after.reopen(session, head, row)
    book.viewer = lambda: on("2026-06-20")
    with book.read() as session:
        reg = register("petition")
        assert ids(session, Ask(reg)) == []


def test_a_case_is_not_hidden_from_the_rates_by_its_channel(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = revoked(session)
        made = anew(session, row)
        late = make.make_petition(session, jurisdiction="accept", accepted_on="2026-03-05", repeat_of=row.id)
        session.flush()
        for one, texts, why in ((late, {"channel": "复查复核发回"}, "由“重新办理”登记"), (made, {"channel": "来访"}, "由“重新办理”登记"),
                                (made, {"repeat_of": late.number or ""}, "不能改到别的件")):  # fmt: skip
            with pytest.raises(UserError, match=why):
                entry.save(session, who, PETITION, texts, one.id)
        typed = {"received_on": "2026-06-01", "channel": "复查复核发回", "purpose": "求决", "petitioner": "王二", "category": "面积", "summary": "x"}
        with pytest.raises(UserError, match="请在原件上办“重新办理”"):
            entry.save(session, who, PETITION, {**typed, "repeat_of": row.number or ""})
        entry.save(session, who, PETITION, {"leader": "陈志远"}, made.id)
        assert made.leader == "陈志远"

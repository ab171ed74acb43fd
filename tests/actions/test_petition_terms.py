"""Whose term it is: what the sixty days are for, what 复查 can be asked against, and what lies with the office above."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from relocdesk import entry, settings
from relocdesk.actions import dispute, petition, petition_after
from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.dues import held, standing
from relocdesk.queries.petition import anew_of, case, sheet, year_work
from relocdesk.queries.rows import ids
from relocdesk.records import register
from relocdesk.records.petition import Petition
from relocdesk.rules.petition import Clock, clocks, next_steps
from tests import make
from tests.actions.test_petition import ANSWER, accepted, closed, on, our_office, shown, working


def due(session: Session, key: str, day: str) -> list[str]:
    session.flush()
    return [one for found in standing(session, day) if found.due.key == key for one in ids(session, found.due.ask)]


# --- article 34 is for 申诉求决 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("purpose", "label"), [("question", "咨询"), ("advice", "建议意见"), ("report", "检举控告")])
def test_only_a_claim_has_the_sixty_days(book: Book, purpose: str, label: str) -> None:
    head = on("2026-03-05", "陈志远", "head")
    with book.change("受理", head) as (session, _):
        row = make.make_petition(session, purpose=purpose)
        assert f"{label}没有法定办理期限" in petition.accept(session, head, row, noticed_on="2026-03-05")
        assert shown(session, row, "due_on", "next_due", "days_left", "state") == ("", "", "", "办理中")
        assert [one.code for one in _clocks(session, row)] == ["notice"]
        with pytest.raises(UserError, match="不是申诉求决，没有六十日的法定期限，不能延期"):
            petition.extend(session, head, row, days=5, approver="陈志远", reason="x", told_on="2026-03-05")
        settings.put(session, make.clerk(), "petition.other_days", "15", book.home)
        assert shown(session, row, "due_on", "next_due") == ("2026-03-20", "2026-03-20")
        assert [(one.code, one.due) for one in _clocks(session, row)][1:] == [("close", "2026-03-20")]
        assert "extend" not in next_steps(case(session, row), office_calendar(session, row.home), "2026-03-06")
        late = on("2026-03-27", "陈志远", "head")
        assert "超期 7 天，期限是2026年3月20日（本单位规定）" in petition.close(session, late, row, opinion="explain", text="已答复")


def _clocks(session: Session, row: Petition) -> list[Clock]:
    return clocks(case(session, row), office_calendar(session, row.home))


def test_a_case_without_a_term_waits_in_sight(book: Book) -> None:
    with working(book) as (session, _):
        row = accepted(session, purpose="question", handler="赵国强")
        assert due(session, "petition_open", "2026-03-06") == [row.id]
        found = sheet(session, row.id, "2026-03-06")
        assert found is not None
        assert found.days == "没有期限"
        (open_,) = [one for one in held() if one.words == "没有期限的信访件"]
        assert ids(session, open_.ask) == [row.id]
        petition.close(session, on("2026-03-05"), row, opinion="explain", text="已答复")
        assert shown(session, row, "state", "next_due") == ("待送达", "2026-03-05")
        petition.deliver(session, on("2026-03-05"), row, delivery="net", proof="1")
        assert shown(session, row, "state", "next_due") == ("已终结", "")
        assert due(session, "petition_open", "2026-03-06") == []


def test_a_question_is_answered_and_not_reviewed(book: Book) -> None:
    with working(book, "2026-05-20") as (session, who):
        plain, told = (accepted(session, purpose="question") for _ in range(2))
        petition.close(session, on("2026-03-05"), plain, opinion="explain", text="已答复")
        petition.close(session, on("2026-03-05"), told, opinion="explain", text="已答复", remedy=1)
        assert "的答复（" in petition.deliver(session, on("2026-05-06"), plain, delivery="net", proof="1")
        assert "的意见书（" in petition.deliver(session, on("2026-05-06"), told, delivery="net", proof="1")
        with pytest.raises(UserError, match="这一件不是申诉求决，答复里也没有写复查途径"):
            petition_after.review(session, who, plain, level="review")
        assert "已登记" in petition_after.review(session, who, told, level="review"), "what was promised in writing holds"


def test_what_was_mediated_has_no_opinion_to_be_reviewed(book: Book) -> None:
    book.viewer = lambda: on("2026-04-22")
    with working(book, "2026-04-22") as (session, who):
        row = accepted(session)
        petition.close(session, on("2026-04-20"), row, opinion="mediate", text="双方和解")
        found = sheet(session, row.id, who.on)
        assert found is not None
        assert found.terms[-1].label == "送达协议书"
        assert "的协议书（" in petition.deliver(session, on("2026-04-21"), row, delivery="signed", receiver="张明")
        assert shown(session, row, "state", "next_due") == ("已终结", "")
        assert "review" not in next_steps(case(session, row), office_calendar(session), who.on)
        with pytest.raises(UserError, match="没有可以复查的处理意见：这一件是调解、和解办结的"):
            petition_after.review(session, who, row, level="review")


# --- 复查 lies with the office above ---------------------------------------------------------------------------------


def test_a_review_of_the_office_above_is_waited_for_and_never_our_being_late(book: Book) -> None:
    book.viewer = lambda: on("2026-07-01")
    with working(book, "2026-07-01") as (session, who):
        row = closed(session, petitioner="王二")
        petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="王二")
        said = petition_after.review(session, on("2026-05-20"), row, level="review", organ="龙陵县人民政府", asked_on="2026-05-20")
        assert said.endswith("意见期限2026年6月22日；由上级作出，结果到了办“复查复核意见”")
        assert shown(session, row, "state", "next_due", "days_left") == ("复查中", "", "")
        found = sheet(session, row.id, who.on)
        assert found is not None
        assert (found.days, found.terms[-1].label, found.terms[-1].words, found.terms[-1].kind) == ("等上级", "等上级复查结果", "已过 9 天", "warn")
        assert (due(session, "petition_late", who.on), due(session, "petition_upper", who.on)) == ([], [row.id])
        assert "file" not in next_steps(case(session, row), office_calendar(session), who.on)
        with pytest.raises(UserError, match="还有没办完的：等上级复查结果"):
            petition_after.file_away(session, who, row, archive_no="1", reason="x")
        petition_after.decide(session, who, row, result="upheld", opinion_no="县复查1号", done_on="2026-06-30")
        assert due(session, "petition_upper", who.on) == []


def test_a_review_that_this_office_gives_is_its_own_duty(book: Book) -> None:
    book.viewer = lambda: on("2026-07-01")
    with working(book, "2026-07-01") as (session, who):
        row = closed(session)
        petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="张明")
        said = petition_after.review(session, on("2026-05-20"), row, level="review", organ=our_office(session), asked_on="2026-05-20")
        assert said.endswith("意见期限2026年6月22日")
        assert shown(session, row, "next_due", "days_left") == ("2026-06-22", "-9")
        assert (due(session, "petition_late", who.on), due(session, "petition_upper", who.on)) == ([row.id], [])


# --- what counts as solved (F46) ------------------------------------------------------------------------------------


def test_a_demand_that_was_refused_is_answered_and_not_solved(book: Book) -> None:
    with working(book, "2027-02-20") as (session, who):
        rows = {}
        for opinion in ("support", "mediate", "reject", "explain"):
            rows[opinion] = accepted(session)
            petition.close(session, on("2026-04-20"), rows[opinion], opinion=opinion, **ANSWER)
        entry.save(session, who, register("petition"), {"received_on": "2026-03-02", "channel": "来访", "purpose": "求决", "petitioner": "王二", "category":
                   "面积", "summary": "x", "jurisdiction": "不予受理", "judged_on": "2026-03-03", "closed_on": "2026-03-03"})  # fmt: skip
        assert len(year_work(session, 2026, who.on).closed) == 5
        assert [year_work(session, year, who.on).solved for year in (2026, 2027)] == [2, 0]
        petition_after.settle(session, who, rows["reject"], settled_on="2027-01-10")
        petition_after.settle(session, who, rows["support"], settled_on="2027-01-10")
        assert [year_work(session, year, who.on).solved for year in (2026, 2027)] == [2, 1], "each once"


def test_a_dispute_settled_by_hand_counts_though_its_petition_was_refused(book: Book) -> None:
    with working(book, "2026-11-22") as (session, who):
        turned = make.make_dispute(session)
        dispute.become_petition(session, who, turned, petitioner="张明", received_on="2026-03-05")
        made = session.get_one(Petition, turned.petition)
        petition.accept(session, on("2026-03-06"), made)
        petition.close(session, on("2026-04-01"), made, opinion="reject", **ANSWER)
        assert year_work(session, 2026, who.on).solved == 0
        turned.result, turned.settled_on = "settled", "2026-05-02"
        session.flush()
        assert year_work(session, 2026, who.on).solved == 1


@pytest.mark.parametrize(("day", "words"), [("2026-03-09", "按期"), ("2026-03-10", "晚了")])
def test_an_objection_to_a_transfer_was_in_time_or_not(book: Book, day: str, words: str) -> None:
    with working(book, "2026-03-20") as (session, who):
        row = make.make_petition(session, channel="transferred")
        petition.send_back(session, who, row, reason="属国土部门", returned_on=day)
        found = sheet(session, row.id, who.on)
        assert found is not None
        assert [one.words for one in found.terms] == [words]


def test_a_ledger_that_tells_of_the_recheck_alone_keeps_its_clock(book: Book) -> None:
    book.viewer = lambda: on("2026-07-10")
    with working(book, "2026-07-10") as (session, who):
        row = closed(session)
        petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="张明")
        entry.save(session, who, register("petition_review"), {"petition": row.number or "", "level": "复核", "asked_on": "2026-07-01",
                                                               "organ": our_office(session)})  # fmt: skip
        found = sheet(session, row.id, who.on)
        assert found is not None
        assert (found.terms[-1].label, found.terms[-1].due, found.days) == ("作出复核意见", "2026-07-31", "还有 21 天")
        assert shown(session, row, "state", "next_due", "days_left") == ("复核中", "2026-07-31", "21")


@pytest.mark.parametrize(
    ("roll_over", "told", "due_on"),
    [
        ("是", "2026-05-01", "2026-05-14"),  # the sixtieth day, a day off
        ("是", "2026-05-04", "2026-05-14"),  # within the holidays that the term moved over
        ("是", "2026-05-06", "2026-05-14"),  # the last day itself
        ("是", "2026-05-07", ""),
        ("否", "2026-05-04", "2026-05-14"),  # accepted on 5 March: the sixtieth day is 4 May
        ("否", "2026-05-05", ""),
    ],
)
def test_an_extension_is_told_before_the_term_is_over(book: Book, roll_over: str, told: str, due_on: str) -> None:
    with working(book, "2026-05-10") as (session, who):
        settings.put(session, make.clerk(), "calendar.roll_over", roll_over, book.home)
        row = accepted(session)
        asked = {"days": 10, "approver": "陈志远", "reason": "复测", "told_on": told}
        if due_on:
            petition.extend(session, who, row, **asked)
            assert shown(session, row, "due_on", "state") == (due_on, "延期办理")
            with pytest.raises(UserError, match="延期 31 天超出规定"):
                petition.extend(session, who, row, **{**asked, "days": 21})
            return
        with pytest.raises(UserError, match="过期以后告知的延期不算"):
            petition.extend(session, who, row, **asked)
        assert row.extension_days is None


def test_the_offices_own_days_make_no_claim_longer(book: Book) -> None:
    book.viewer = lambda: on("2026-06-01")
    with working(book, "2026-06-01") as (session, who):
        row = accepted(session)
        assert shown(session, row, "days_left") == ("-26",)
        settings.put(session, make.clerk(), "petition.other_days", "90", book.home)
        assert shown(session, row, "days_left") == ("-26",)
        assert next(one for one in year_work(session, 2026, who.on).rates if one.code == "finish").whole == (row.id,)


def test_a_case_joined_or_withdrawn_after_it_was_reopened_leaves_the_first_as_it_was(book: Book) -> None:
    with working(book, "2026-06-20") as (session, who):
        row = closed(session)
        petition.deliver(session, on("2026-04-24"), row, delivery="signed", receiver="张明")
        petition_after.review(session, on("2026-05-02"), row, level="review")
        petition_after.decide(session, on("2026-05-20"), row, result="changed", opinion_no="1")
        petition_after.reopen(session, on("2026-05-25"), row)
        made = anew_of(session, row.id)[0]
        with pytest.raises(UserError, match="跟着原件走，不能并案"):
            petition_after.join(session, who, made, into=row.id)
        petition_after.withdraw(session, who, made, reason="不再要求")
        assert (shown(session, row, "state"), shown(session, made, "state", "next_due")) == (("已重新办理",), ("已撤回", ""))
        work = year_work(session, 2026, who.on)
        assert (work.received, work.closed) == ((row.id,), (row.id,))

"""What the papers of after-support read: a frozen roster stays as it was, notices show what hung on the wall, letters say why."""

from __future__ import annotations

import doctest

from relocdesk.actions.posting import post
from relocdesk.book import Book
from relocdesk.queries import migrants
from relocdesk.queries.people_postings import NoticeReader
from relocdesk.queries.roster_paper import RosterReader
from relocdesk.queries.support_papers import SupportReader
from relocdesk.records.household import Person
from relocdesk.records.support import Period, Recipient, RecipientChange
from tests import make

SECOND = "53052310220102"


def test_people_stay_on_a_frozen_roster_where_they_were(book: Book) -> None:
    with book.change("后扶", make.clerk()) as (session, _):
        who = make.make_recipient(session, name="李大山")
        line = make.make_support_payment(session, recipient=who.id)
        make.make_change(session, recipient=who.id, kind="move", from_place=who.place, to_place=make.place(session, SECOND))
        later = make.make_support_payment(session, recipient=who.id, period=make.make_period(session, number=3).id)
        session.get_one(Recipient, who.id).place = make.place(session, SECOND)
        session.flush()
        reader = RosterReader(session)
        rosters = [reader.roster(line.period), reader.roster(later.period)]
        assert [(one.who.village, one.who.group) for data in rosters if data for one in data.lines] == [("柳树村", "一组"), ("柳树村", "二组")]


def test_an_approved_roster_keeps_its_people_as_they_were_approved(book: Book) -> None:
    """Put right before approval it says so; put right afterwards it prints what was signed."""
    with book.change("登记", make.clerk()) as (session, _):
        who = make.make_recipient(session, name="李小三", cohort="original", moved_on="2010-03-01", start_month="2010-03",
                                  household_no="Y0001").id  # fmt: skip
        period = make.make_period(session, state="open", frozen_on=None).id
    with book.change("冻结", make.clerk()) as (session, _):
        make.make_support_payment(session, recipient=who, period=period)
        session.get_one(Period, period).frozen_on = "2026-05-01"
    number = _corrected(book, who, "更正姓名", name="李小山")

    def seen() -> list[tuple[str, str, str, str, str, str]]:
        with book.read() as session:
            data = RosterReader(session).roster(period)
            assert data is not None
            return [(one.who.name, one.who.idcard, one.who.household_no, one.who.end, one.account_name, one.formerly) for one in data.lines]

    before = seen()
    assert before == [("李小山", number, "Y0001", "2030-02", "李小三", "原名李小三")]
    with book.change("审批", make.clerk()) as (session, _):
        session.get_one(Period, period).state = "approved"
    assert seen() == before
    _corrected(book, who, "更正证号", name="李晓山", idcard=make.idcard("19700315"))
    with book.change("更正", make.clerk()) as (session, _):
        one = session.get_one(Recipient, who)
        one.household_no, one.moved_on, one.start_month = "Y0009", "2011-03-01", "2011-03"
    for state in ("sent", "paid", "sent", "closed"):
        with book.change("办理", make.clerk()) as (session, _):
            session.get_one(Period, period).state = state
        assert seen() == before


def test_an_old_ledgers_roster_keeps_its_people_as_they_came_in(book: Book) -> None:
    with book.change("期", make.clerk()) as (session, _):
        who = make.make_recipient(session, name="李小三").id
        period = make.make_period(session, state="closed").id
    _corrected(book, who, "更正", name="李小山")
    with book.change("明细", make.clerk()) as (session, _):
        make.make_support_payment(session, recipient=who, period=period, result="paid")
    _corrected(book, who, "再更正", name="李晓山")
    with book.read() as session:
        data = RosterReader(session).roster(period)
        assert [one.who.name for one in data.lines if data] == ["李小山"]  # type: ignore[union-attr]


def _corrected(book: Book, recipient: str, why: str, **values: str) -> str:
    """Puts a recipient's person right in a change of its own; returns the ID number."""
    with book.change(why, make.clerk()) as (session, _):
        person = session.get_one(Person, session.get_one(Recipient, recipient).person)
        for name, value in values.items():
            setattr(person, name, value)
        return str(person.idcard)


def test_a_line_paid_again_stands_once_with_the_last_word_of_the_bank(book: Book) -> None:
    with book.change("后扶", make.clerk()) as (session, _):
        line = make.make_support_payment(session, result="returned", return_reason="账号不符")
        reader = RosterReader(session)
        first = reader.roster(line.period)
        make.make_support_payment(session, period=line.period, recipient=line.recipient, attempt=2, result="paid", account="6223100000000001")
        second = reader.roster(line.period)
        assert [(one.outcome, one.account == line.account, one.paid) for data in (first, second) if data for one in data.lines] == [
            ("退回：账号不符", True, 15_000), ("成功", True, 15_000)]  # fmt: skip


def test_a_notice_of_reductions_keeps_what_hung_on_the_wall(book: Book) -> None:
    with book.change("后扶", make.clerk()) as (session, _):
        who = make.make_recipient(session, name="李大山", place=make.place(session))
        make.make_change(session, recipient=who.id)
        prison = make.make_change(session, reason="D4", recipient=make.make_recipient(session, name="王一", place=make.place(session)).id)
        made = post(session, make.clerk(), make.place(session, "530523102201"), subject="reduction", from_on="2026-06-01", until_on="2026-06-08")
        prison.deleted = 1
        make.make_change(session, recipient=make.make_recipient(session, name="后来的").id)
        session.flush()
        notice = NoticeReader(session).notice(made, "")
        assert sorted((one.name, one.why, one.stops_from) for one in notice.reductions) == [
            ("李大山", "D3 死亡", "2026-07"), ("王一", "不符合领取条件（D4）", "2026-07")]  # fmt: skip
        assert "533024" not in (made.snapshot or "")


def test_a_claim_names_the_stop_it_comes_from_and_its_periods_in_words(book: Book) -> None:
    with book.change("后扶", make.clerk()) as (session, _):
        change: RecipientChange = make.make_change(session)
        claim = make.make_recovery(session, recipient=change.recipient, periods="2026/3、2026/4", told_on=None, due_on=None)
        bare = make.make_recovery(session)
        told, unknown = SupportReader(session).recoveries([claim.id, bare.id])
        assert (told.reason, told.stops_from, told.periods, told.days) == ("D3 死亡", "2026-07", "2026年第3期、2026年第4期", 90)
        assert (unknown.kind, unknown.stops_from) == ("", "")


def test_check_lists_leave_out_who_was_taken_off_or_moved_away(book: Book) -> None:
    with book.change("后扶", make.clerk()) as (session, _):
        people = [make.make_recipient(session, name=f"人{n}", household_no=f"Y{n}") for n in range(4)]
        make.make_change(session, recipient=people[1].id)
        make.make_change(session, recipient=people[2].id, reason="D4")
        make.make_change(session, recipient=people[3].id, kind="move_out")
        ((place, ids),) = SupportReader(session).check_sets([one.id for one in people])
        assert (place, ids) == ("三坝乡柳树村一组", (people[0].id, people[2].id))


def test_examples_hold() -> None:
    assert doctest.testmod(migrants).failed == 0


def test_reductions_of_old_ledgers_are_not_posted_again(book: Book) -> None:
    with book.change("后扶", make.clerk()) as (session, _):
        for name, found_on in (("旧账", "2025-11-30"), ("刚满半年", "2025-12-03"), ("新来", "2026-05-30"), ("以后", "2026-06-02")):
            make.make_change(session, recipient=make.make_recipient(session, name=name).id, happened_on="2025-11-20", found_on=found_on)
        pending = NoticeReader(session).pending_reductions(make.place(session), "2026-06-01")
        assert sorted(one.name for one in pending) == ["刚满半年", "新来"]

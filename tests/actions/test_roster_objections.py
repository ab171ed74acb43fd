"""One objection to a roster: the money of whom it is about waits, everybody else is paid, and every sum stays exact."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from relocdesk.actions import posting
from relocdesk.actions.bank import OBJECTED, BankRow
from relocdesk.actions.period import freeze_period, open_period
from relocdesk.actions.period_result import bank_result, pay_cash, pay_line, reissue_line
from relocdesk.actions.period_steps import approve_period, check_period, close_period, post_period, reopen_period, send_period, to_bank
from relocdesk.entry import Refused, save
from relocdesk.errors import UserError
from relocdesk.queries.roster import sums
from relocdesk.queries.roster_objections import hold
from relocdesk.queries.rows import Ask, Condition, ids
from relocdesk.records import register
from relocdesk.records.household import Household, Person
from relocdesk.records.reference import Setting
from relocdesk.records.support import Period, Recipient, SupportPayment
from relocdesk.records.survey import Objection, Posting
from relocdesk.verify import verify
from tests.actions.scene import Scene
from tests.actions.subsidy import CHECKER, HEAD, MAKER, Subsidy, on, rows

LATER = on(MAKER, "2026-03-20")


@pytest.fixture
def at(scene: Scene) -> Iterator[Subsidy]:
    with scene.change() as (session, _):
        yield Subsidy(scene, session)


def posted(at: Subsidy, *names: str, **values: str | None) -> tuple[Period, list[Recipient]]:
    people = [at.recipient(name, **values) for name in names]
    period = at.frozen()
    post_period(at.session, MAKER, period)
    return period, people


def wall(at: Subsidy, period: Period) -> Posting:
    return at.session.get_one(Posting, period.posted)


def objected(at: Subsidy, period: Period, *people: Recipient, day: str = "2026-03-06", household: str = "") -> tuple[str, Objection]:
    said = posting.file_objection(at.session, on(MAKER, max(day, "2026-03-06")), wall(at, period), raised_by="段秋生", claim="已外嫁", filed_on=day,
                                  household=household, people=[one.id for one in people])  # fmt: skip
    return said, at.session.scalars(select(Objection).order_by(Objection.line.desc())).first()  # type: ignore[return-value]


def approved(at: Subsidy, period: Period) -> str:
    check_period(at.session, CHECKER, period)
    return approve_period(at.session, on(HEAD, "2026-03-13"), period)


def row(at: Subsidy, period: Period, who: Recipient, attempt: int = 1) -> SupportPayment:
    return at.row(next(line for line in at.lines(period) if line.recipient == who.id and line.attempt == attempt))


def test_what_was_remarked_on_a_line_stays_when_it_is_kept_from_the_bank(at: Subsidy) -> None:
    period, (who, _) = posted(at, "杨树林", "李家旺")
    objected(at, period, who)
    approved(at, period)
    row(at, period, who).remark = "户名已核对"
    at.session.flush()
    send_period(at.session, on(MAKER, "2026-03-14"), period)
    assert row(at, period, who).remark == "户名已核对；没有送银行：2026-03-06 段秋生提出的异议没有办结"


def test_the_disputed_line_waits_and_the_rest_is_paid_to_the_fen(at: Subsidy) -> None:
    s = at.session
    period, (who, *_) = posted(at, "杨树林", "李家旺", "段秋生")
    said, raised = objected(at, period, who)
    assert said.endswith("的钱办结以前不发，其余的人照发")
    assert "异议：杨树林有没办结的异议，150.00 元在名册里，办结以前不发，其余的照发" in approved(at, period)
    assert [line.name for line in to_bank(s, period)] == ["李家旺", "段秋生"]
    told = send_period(s, on(MAKER, "2026-03-14"), period)
    assert told.endswith("已登记送银行：2 笔，300.00 元；杨树林有异议，150.00 元没有送，异议办结以后请“更正账户后再发”")
    line = row(at, period, who)
    assert (line.result, line.return_reason, line.remark) == ("returned", "公示有异议", "没有送银行：2026-03-06 段秋生提出的异议没有办结")
    bank_result(s, LATER, period, file=rows([one for one in at.lines(period) if one.recipient != who.id]))
    kept = sums(s, period.id)
    assert (kept.paid, kept.succeeded, kept.returned, kept.waiting, kept.difference, period.state) == (45_000, 30_000, 15_000, 0, 0, "paid")
    with pytest.raises(UserError, match="杨树林有没办结的异议"):
        reissue_line(s, LATER, line)
    posting.decide(s, LATER, raised, result="户口没有迁出", team="村委会")
    reissue_line(s, LATER, line)
    again = to_bank(s, period)
    assert [(one.name, one.attempt, one.amount) for one in again] == [("杨树林", 2, 15_000)]
    bank_result(s, LATER, period, file=rows(again, day="2026-03-20"))
    kept = sums(s, period.id)
    assert (kept.paid, kept.succeeded, kept.returned, kept.waiting, kept.heads) == (45_000, 45_000, 0, 0, 3)
    assert close_period(s, LATER, period).endswith("3 人，成功 450.00 元")


def test_verify_finds_nothing_while_a_line_waits(scene: Scene) -> None:
    with scene.change() as (session, _):
        at = Subsidy(scene, session)
        period, (who, *_) = posted(at, "杨树林", "李家旺")
        objected(at, period, who)
        approved(at, period)
        send_period(session, on(MAKER, "2026-03-14"), period)
        bank_result(session, LATER, period, file=rows([one for one in at.lines(period) if one.recipient != who.id]))
    assert [problem for part in verify(scene.book) for problem in part.problems] == []


def test_an_objection_that_names_nobody_holds_all_until_it_is_narrowed(at: Subsidy) -> None:
    s = at.session
    period, (who, other) = posted(at, "杨树林", "杨树林")
    said, raised = objected(at, period)
    assert said.endswith("没有写明涉及谁，答复以前整份名册都不发；只涉及几个人的，请办“异议只涉及”")
    raised.about = "杨树林"  # a name that two people have says nothing
    s.flush()
    check_period(s, CHECKER, period)
    with pytest.raises(UserError, match="1 条异议没有答复（段秋生）") as caught:
        approve_period(s, on(HEAD, "2026-03-13"), period)
    assert "异议只涉及" in (caught.value.hint or "")
    with pytest.raises(UserError, match="同名的不止一人，请写身份证号或流水号"):
        posting.narrow_objection(s, MAKER, raised, people=["杨树林"])
    posting.narrow_objection(s, MAKER, raised, people=[str(s.get_one(Person, other.person).idcard)])
    assert (raised.about or "").startswith("杨树林；只涉及：杨树林（202601-")
    approve_period(s, on(HEAD, "2026-03-13"), period)
    assert [line.recipient for line in to_bank(s, period)] == [who.id]


def test_a_household_named_is_its_people_on_the_roster(at: Subsidy) -> None:
    s = at.session
    period, (who, wife, other) = posted(at, "杨树林", "李桂英", "段秋生")
    house, empty = at.scene.household(s, "杨树青"), at.scene.household(s, "王家福")
    for one in (who, wife):
        s.get_one(Person, one.person).household = house.id
    s.flush()
    said, raised = objected(at, period, household=empty.id)
    assert "整份名册都不发" in said
    posting.decide(s, on(MAKER, "2026-03-06"), raised, result="不在名册上", team="村委会")
    objected(at, period, household=house.id)
    s.get_one(Person, wife.person).household = s.get_one(Household, empty.id).id  # who leaves the household does not leave the objection
    approved(at, period)
    assert [line.recipient for line in to_bank(s, period)] == [other.id]


def test_who_is_not_on_the_roster_cannot_be_named(at: Subsidy) -> None:
    period, _ = posted(at, "杨树林")
    stranger = at.recipient("赵六")
    with pytest.raises(UserError, match="不在公示的这份名册上"):
        objected(at, period, stranger)
    hung = at.scene.add(at.session, Posting, at.scene.home, subject="first", place=stranger.place, from_on="2026-03-01", until_on="2026-03-09")
    with pytest.raises(UserError, match="不是直补名单"):
        posting.file_objection(at.session, on(MAKER, "2026-03-06"), hung, raised_by="李四", claim="少量", people=[stranger.id])


def test_whom_it_is_about_is_not_typed_over(at: Subsidy) -> None:
    s = at.session
    period, (who, other) = posted(at, "杨树林", "李家旺")
    _, raised = objected(at, period, who)
    serial = next(line.serial for line in at.lines(period) if line.recipient == other.id)
    for typed in (f"只涉及：李家旺（{serial}）", "不涉及谁", f"{raised.about}、李家旺（{serial}）"):
        with pytest.raises(Refused, match="请办“异议只涉及”"):
            save(s, MAKER, register("objection"), {"about": typed}, raised.id)
    save(s, MAKER, register("objection"), {"about": f"户口：{raised.about}"}, raised.id)
    assert list(hold(s, period).people) == [who.id]


def test_a_number_of_no_line_holds_all(at: Subsidy) -> None:
    period, (who,) = posted(at, "杨树林")
    _, raised = objected(at, period, who)
    raised.about = f"{raised.about}、某人（202601-0000000000）"
    at.session.flush()
    assert ([one.id for one in hold(at.session, period).whole], hold(at.session, period).people) == ([raised.id], {})


def test_a_named_person_waits_on_the_next_roster_too_and_nobody_else_does(at: Subsidy) -> None:
    s = at.session
    period, (who, _) = posted(at, "杨树林", "李家旺")
    objected(at, period, who)
    approved(at, period)
    send_period(s, on(MAKER, "2026-03-14"), period)
    open_period(s, on(MAKER, "2026-04-01"), None)
    following = s.scalars(select(Period).where(Period.first_month == "2026-04")).one()
    freeze_period(s, on(MAKER, "2026-04-01"), following)
    post_period(s, on(MAKER, "2026-04-01"), following)
    check_period(s, on(CHECKER, "2026-04-05"), following)
    approve_period(s, on(HEAD, "2026-04-10"), following)
    assert [line.name for line in to_bank(s, following)] == ["李家旺"]


def test_hanging_the_roster_anew_does_not_pass_by_the_person(at: Subsidy) -> None:
    s = at.session
    period, (who, _) = posted(at, "杨树林", "李家旺")
    objected(at, period, who)
    reopen_period(s, on(MAKER, "2026-03-06"), period, reason="重来")
    post_period(s, on(MAKER, "2026-03-06"), period)
    check_period(s, CHECKER, period)
    approve_period(s, on(HEAD, "2026-03-14"), period)
    assert [line.name for line in to_bank(s, period)] == ["李家旺"]


def test_cash_and_single_results_wait_for_the_person(at: Subsidy) -> None:
    s = at.session
    at.scene.add(s, Setting, at.scene.county, key="subsidy.cash", value="是")
    period, (who, _) = posted(at, "杨树林", "李家旺", account=None)
    _, raised = objected(at, period, who)
    approved(at, period)
    line = row(at, period, who)
    with pytest.raises(UserError, match="杨树林有没办结的异议"):
        pay_line(s, LATER, line, result="paid", proof="签字表 1")
    told = pay_cash(s, LATER, period, proof="签字表 1")
    assert "登记现金领取 1 人 150.00 元；杨树林有没办结的异议，没有登记" in told
    with pytest.raises(UserError, match="没有等着现金领取的人") as caught:
        pay_cash(s, LATER, period, proof="签字表 2")
    assert "杨树林的异议办结以后再领" in (caught.value.hint or "")
    posting.decide(s, LATER, raised, result="户口没有迁出", team="村委会")
    assert "本期已全部有结果" in pay_cash(s, LATER, period, proof="签字表 2")


# --- what the bank says all the same ---------------------------------------------------------------------------------


def test_what_arrived_over_an_objection_is_registered_marked_and_found(at: Subsidy) -> None:
    s = at.session
    period, (who, other) = posted(at, "杨树林", "李家旺")
    at_bank = at.sent_after_posting(period)
    objected(at, period, who, day="2026-03-15")
    told = bank_result(s, LATER, period, file=rows(at_bank, day="2026-03-16"))
    assert told.endswith("；请注意：杨树林的公示没完或有异议，银行已经付了，备注里写明“登记到账时……”")
    line = row(at, period, who)
    assert (line.remark, row(at, period, other).remark) == ("登记到账时有没办结的异议（2026-03-15 段秋生提出的异议）", None)
    assert ids(s, Ask(register("support_payment"), (Condition("remark", "含", OBJECTED),))) == [line.id]


def test_a_line_held_back_that_the_bank_paid_is_paid(at: Subsidy) -> None:
    s = at.session
    period, (who, _) = posted(at, "杨树林", "李家旺")
    approved(at, period)
    taken = to_bank(s, period)  # the list is at the bank before somebody objects and the sending is written down
    objected(at, period, who, day="2026-03-14")
    send_period(s, on(MAKER, "2026-03-14"), period)
    assert "请注意：杨树林" in bank_result(s, LATER, period, file=rows(taken))
    kept = sums(s, period.id)
    assert (kept.succeeded, kept.returned, kept.waiting, kept.difference) == (30_000, 0, 0, 0)
    line = row(at, period, who)
    assert (line.result, line.return_reason) == ("paid", None)
    assert "没有新的结果" in bank_result(s, LATER, period, file=rows(taken))


def test_a_result_by_hand_of_what_the_bank_has_is_marked(at: Subsidy) -> None:
    period, (who, _) = posted(at, "杨树林", "李家旺")
    at.sent_after_posting(period)
    objected(at, period, who, day="2026-03-15")
    assert "银行已经付了" in pay_line(at.session, LATER, row(at, period, who), result="paid", proof="回单 7")
    assert (row(at, period, who).remark or "").startswith("登记到账时有没办结的异议")


def test_again_and_again_the_first_list_does_not_reach_the_bank_twice(at: Subsidy) -> None:
    """While a line that is paid again is held, the first lines still without result are not listed anew."""
    s = at.session
    period, (who, other) = posted(at, "杨树林", "李家旺")
    taken = at.sent_after_posting(period)
    bank_result(s, LATER, period, file=[BankRow(2, one.serial, one.payee_name, one.account, one.amount, False, "户名不符", "")
                                        for one in taken if one.recipient == who.id])  # fmt: skip
    reissue_line(s, LATER, row(at, period, who))
    assert [line.recipient for line in to_bank(s, period)] == [who.id]
    objected(at, period, who, day="2026-03-20")
    assert to_bank(s, period) == []
    assert other.id in {line.recipient for line in at.lines(period) if line.result == "wait"}

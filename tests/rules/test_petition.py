"""The clocks of a petition: dated cases by hand, and what may be asked when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.errors import UserError
from relocdesk.rules.calendar import Calendar, calendar, calendar_of_text
from relocdesk.rules.petition import (
    Case,
    Clock,
    Review,
    ask_until,
    before_filing,
    clocks,
    handling_due,
    next_clock,
    next_steps,
    notice_due,
    refuse_review,
    review_due,
    send_back_due,
)

REAL = calendar([])  # the State Council's holidays of 2020 to 2026
PLAIN = Calendar(REAL.days, roll_over=False)
OWN = calendar([(day, "off", "") for day in ("2026-03-17", "2026-03-18", "2026-10-08", "2026-10-10")])


@pytest.mark.parametrize(
    ("received", "plain", "rolled"),
    [
        ("2026-03-02", "2026-03-17", "2026-03-17"),  # a Monday, all within the month
        ("2026-01-31", "2026-02-15", "2026-02-24"),  # month end, the last day is the first of 春节; 24 February people work
        ("2026-02-13", "2026-02-28", "2026-02-28"),  # ends on a Saturday that is worked
        ("2026-02-14", "2026-03-01", "2026-03-02"),  # a common year has no 29 February; 1 March is a Sunday
        ("2024-02-14", "2024-02-29", "2024-02-29"),  # a leap day ends the term
        ("2024-02-29", "2024-03-15", "2024-03-15"),  # a leap day begins the term
        ("2020-02-15", "2020-03-01", "2020-03-02"),  # through the leap day; 1 March 2020 is a Sunday
        ("2023-02-15", "2023-03-02", "2023-03-02"),  # the same in a common year
        ("2025-12-17", "2026-01-01", "2026-01-04"),  # year change: 元旦 to 3 January off, Sunday 4 January worked
        ("2025-12-31", "2026-01-15", "2026-01-15"),  # the last day of the year begins the term
        ("2026-09-16", "2026-10-01", "2026-10-08"),  # 国庆: seven days off
        ("2026-09-22", "2026-10-07", "2026-10-08"),  # its last day
        ("2026-09-23", "2026-10-08", "2026-10-08"),  # the day after
        ("2026-09-25", "2026-10-10", "2026-10-10"),  # a worked Saturday is a working day
        ("2026-09-26", "2026-10-11", "2026-10-12"),  # an ordinary Sunday
        ("2026-04-16", "2026-05-01", "2026-05-06"),  # 劳动节
        ("2026-04-24", "2026-05-09", "2026-05-09"),  # worked Saturday after it
        ("2026-06-04", "2026-06-19", "2026-06-22"),  # 端午 Friday to Sunday
        ("2026-09-10", "2026-09-25", "2026-09-28"),  # 中秋 Friday to Sunday
        ("2026-03-20", "2026-04-04", "2026-04-07"),  # 清明 Saturday to Monday
        ("2023-09-14", "2023-09-29", "2023-10-07"),  # 中秋 and 国庆 2023: 29 September to 6 October, Saturday 7 worked
        ("2027-03-05", "2027-03-20", "2027-03-22"),  # a year without a notice: weekends alone
        ("2026-11-07", "2026-11-22", "2026-11-23"),  # an ordinary Sunday
        ("2026-11-29", "2026-12-14", "2026-12-14"),  # received on a Sunday: the day is not counted anyway
        ("2025-09-16", "2025-10-01", "2025-10-09"),  # 国庆 and 中秋 2025 together: eight days
        ("2025-09-13", "2025-09-28", "2025-09-28"),  # a worked Sunday before them
        ("2025-09-26", "2025-10-11", "2025-10-11"),  # and the worked Saturday after
        ("2024-02-03", "2024-02-18", "2024-02-18"),  # 春节 2024: Sunday 18 February is worked
        ("2024-02-02", "2024-02-17", "2024-02-18"),  # its last day off rolls onto that Sunday
        ("2020-01-18", "2020-02-02", "2020-02-03"),  # 春节 2020, made longer by a second notice
        ("2024-12-31", "2025-01-15", "2025-01-15"),  # the last day of a leap year begins the term
        ("2028-02-14", "2028-02-29", "2028-02-29"),  # a leap day of an unknown year
        ("2026-01-01", "2026-01-16", "2026-01-16"),  # received on a day off
    ],
)
def test_notice_is_due_fifteen_days_after_receipt(received: str, plain: str, rolled: str) -> None:
    assert (notice_due(received, PLAIN), notice_due(received, REAL)) == (plain, rolled)


@pytest.mark.parametrize(
    ("accepted", "extension", "plain", "rolled"),
    [
        ("2026-03-02", 0, "2026-05-01", "2026-05-06"),  # ends in 劳动节
        ("2026-03-02", 30, "2026-05-31", "2026-06-01"),  # extended: one term, it rolls over once, at its end
        ("2026-03-02", 10, "2026-05-11", "2026-05-11"),
        ("2026-01-01", 0, "2026-03-02", "2026-03-02"),
        ("2026-01-01", 30, "2026-04-01", "2026-04-01"),
        ("2025-12-31", 0, "2026-03-01", "2026-03-02"),  # year change, common February
        ("2023-12-31", 0, "2024-02-29", "2024-02-29"),  # year change, leap day is the last
        ("2024-01-01", 0, "2024-03-01", "2024-03-01"),
        ("2023-01-01", 0, "2023-03-02", "2023-03-02"),
        ("2024-02-29", 0, "2024-04-29", "2024-04-29"),
        ("2024-02-29", 30, "2024-05-29", "2024-05-29"),
        ("2026-08-02", 0, "2026-10-01", "2026-10-08"),  # ends on the first day of 国庆
        ("2026-08-31", 0, "2026-10-30", "2026-10-30"),
        ("2026-07-31", 1, "2026-09-30", "2026-09-30"),  # one day more, still before 国庆
        ("2026-07-31", 2, "2026-10-01", "2026-10-08"),  # two days more, into it
        ("2026-07-22", 0, "2026-09-20", "2026-09-20"),  # a worked Sunday
        ("2025-12-17", 0, "2026-02-15", "2026-02-24"),  # 春节
        ("2026-12-01", 0, "2027-01-30", "2027-02-01"),  # into a year without a notice
        ("2026-10-31", 0, "2026-12-30", "2026-12-30"),
        ("2026-10-31", 30, "2027-01-29", "2027-01-29"),
        ("2025-11-02", 0, "2026-01-01", "2026-01-04"),  # ends on the first day of the next year
        ("2026-03-02", 3, "2026-05-04", "2026-05-06"),  # three days more end in the same holidays and win nothing
        ("2026-03-02", 5, "2026-05-06", "2026-05-06"),
        ("2026-03-02", 6, "2026-05-07", "2026-05-07"),
        ("2023-12-31", 1, "2024-03-01", "2024-03-01"),  # one day past the leap day
        ("2027-12-31", 0, "2028-02-29", "2028-02-29"),
        ("2025-11-17", 30, "2026-02-15", "2026-02-24"),  # extended into 春节
        ("2025-11-16", 30, "2026-02-14", "2026-02-14"),  # the worked Saturday before it
        ("2025-11-30", 30, "2026-02-28", "2026-02-28"),  # the worked Saturday after it, a month's end
        ("2025-12-30", 0, "2026-02-28", "2026-02-28"),
        ("2025-12-01", 30, "2026-03-01", "2026-03-02"),
    ],
)
def test_handling_ends_sixty_days_after_acceptance_and_the_extension(accepted: str, extension: int, plain: str, rolled: str) -> None:
    assert (handling_due(accepted, PLAIN, extension), handling_due(accepted, REAL, extension)) == (plain, rolled)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-02", "2026-03-09"),  # Monday to Monday
        ("2026-03-06", "2026-03-13"),  # Friday
        ("2026-03-07", "2026-03-13"),  # Saturday: counting begins on Monday all the same
        ("2026-03-08", "2026-03-13"),  # Sunday
        ("2026-09-30", "2026-10-13"),  # over 国庆: 8, 9, 10 (worked Saturday), 12, 13
        ("2026-02-12", "2026-02-26"),  # 13, 14 (worked Saturday), then 24, 25, 26
        ("2025-12-30", "2026-01-07"),  # year change: 31, 4 (worked Sunday), 5, 6, 7
        ("2024-02-28", "2024-03-06"),  # leap day counts: 29, 1, 4, 5, 6
        ("2023-02-27", "2023-03-06"),  # common year: 28, 1, 2, 3, 6
        ("2027-10-01", "2027-10-08"),  # unknown year: 4, 5, 6, 7, 8
        ("2025-09-26", "2025-10-10"),  # 28 (worked Sunday), 29, 30, then 9, 10
        ("2025-09-30", "2025-10-14"),  # 9, 10, 11 (worked Saturday), 13, 14
        ("2025-10-03", "2025-10-14"),  # received within the holidays
        ("2024-02-08", "2024-02-21"),  # 9, then 18 (worked Sunday), 19, 20, 21
        ("2024-02-10", "2024-02-22"),  # received on the first day of 春节
        ("2026-02-13", "2026-02-27"),  # 14 (worked Saturday), 24, 25, 26, 27
        ("2026-02-24", "2026-03-02"),  # 25, 26, 27, 28 (worked Saturday), then Monday
        ("2025-12-31", "2026-01-08"),  # 4 (worked Sunday), 5, 6, 7, 8
        ("2020-01-22", "2020-02-06"),  # 23, then 3, 4, 5, 6 after the longer 春节
    ],
)
def test_a_petition_that_is_not_ours_goes_back_within_five_working_days(received: str, due: str) -> None:
    assert send_back_due(received, REAL) == send_back_due(received, PLAIN) == due


@pytest.mark.parametrize(
    ("told", "plain", "rolled"),
    [
        ("2026-03-02", "2026-04-01", "2026-04-01"),
        ("2026-01-31", "2026-03-02", "2026-03-02"),  # over the whole of a common February
        ("2024-01-31", "2024-03-01", "2024-03-01"),  # over the whole of a leap February
        ("2025-12-02", "2026-01-01", "2026-01-04"),
        ("2026-09-01", "2026-10-01", "2026-10-08"),
        ("2026-03-05", "2026-04-04", "2026-04-07"),
        ("2024-02-01", "2024-03-02", "2024-03-04"),  # over a leap day, onto a Saturday
        ("2026-01-14", "2026-02-13", "2026-02-13"),  # the last working Friday before 春节
        ("2026-01-17", "2026-02-16", "2026-02-24"),  # within it
        ("2025-12-31", "2026-01-30", "2026-01-30"),
        ("2026-12-03", "2027-01-02", "2027-01-04"),  # into a year without a notice: a Saturday
    ],
)
def test_review_may_be_asked_for_within_thirty_days_of_the_reply(told: str, plain: str, rolled: str) -> None:
    assert (ask_until(told, PLAIN), ask_until(told, REAL)) == (plain, rolled)


@pytest.mark.parametrize(
    ("asked", "hearing", "plain", "rolled"),
    [
        ("2026-03-02", 0, "2026-04-01", "2026-04-01"),
        ("2026-03-02", 3, "2026-04-04", "2026-04-07"),  # three days of hearing reach into 清明
        ("2026-03-02", 12, "2026-04-13", "2026-04-13"),
        ("2026-12-02", 0, "2027-01-01", "2027-01-01"),  # an unknown year: a Friday is a working day
        ("2024-01-30", 0, "2024-02-29", "2024-02-29"),
    ],
)
def test_review_is_decided_within_thirty_days_without_the_hearing(asked: str, hearing: int, plain: str, rolled: str) -> None:
    assert (review_due(asked, PLAIN, hearing), review_due(asked, REAL, hearing)) == (plain, rolled)


@pytest.mark.parametrize(("received", "due"), [("2026-03-02", "2026-03-19"), ("2026-09-22", "2026-10-09"), ("2026-09-25", "2026-10-12")])
def test_the_offices_own_holidays_win(received: str, due: str) -> None:
    assert notice_due(received, OWN) == due


def test_a_calendar_written_as_text_is_the_same_one() -> None:
    assert calendar_of_text("2026-03-17 off,2026-03-18 off,2026-10-08 off,2026-10-10 off", True) == OWN
    assert calendar_of_text("", False) == PLAIN


def test_an_unknown_year_says_so() -> None:
    assert REAL.doubt("2026-05-01", None, "2027-01-04", "2028-01-01") == "2027、2028 年的放假安排还没有登记，只按周六、周日休息推算"
    assert REAL.doubt("2020-01-01", "2026-12-31", "") == ""
    begun = calendar([("2027-01-01", "off", "元旦")])
    assert begun.doubt("2027-03-01").startswith("2027 年的放假安排没有登记全，缺春节、清明"), "one day off does not make a year known"


@pytest.mark.parametrize("days", [31, 60, -1])
def test_an_extension_over_thirty_days_is_refused(days: int) -> None:
    with pytest.raises(UserError, match="累计不得超过 30 天") as refused:
        handling_due("2026-03-02", REAL, days)
    assert refused.value.code == "X03"


@given(st.dates(date(2020, 1, 1), date(2026, 11, 30)), st.integers(0, 30))
def test_a_term_never_ends_early_nor_on_a_day_off(day: date, extension: int) -> None:
    due = date.fromisoformat(handling_due(day.isoformat(), REAL, extension))
    assert timedelta(60 + extension) <= due - day <= timedelta(60 + extension + 9)
    assert REAL.days.get(due.isoformat(), due.weekday() < 5)


# --- the clocks of a case --------------------------------------------------------------------------------------------


def times(case: Case) -> list[tuple[str, str, str]]:
    return [(one.code, one.due, one.done) for one in clocks(case, REAL)]


def test_a_new_case_has_its_notice_and_may_be_sent_back() -> None:
    assert times(Case("a", "2026-03-02")) == [("notice", "2026-03-17", "")]
    assert times(Case("a", "2026-03-02", transferred=True)) == [("send_back", "2026-03-09", ""), ("notice", "2026-03-17", "")]
    assert times(Case("a", "2026-03-02", transferred=True, returned_on="2026-03-06")) == [("send_back", "2026-03-09", "2026-03-06")]
    assert times(Case("a", "2026-03-02", unreachable=True)) == []


FINISHED = Case("a", "2026-03-02", jurisdiction="accept", noticed_on="2026-03-10", accepted_on="2026-03-10", closed_on="2026-04-20", delivered_on="2026-04-24")


def test_a_finished_case_leaves_the_right_to_ask_for_review() -> None:
    assert times(FINISHED) == [
        ("notice", "2026-03-17", "2026-03-10"), ("close", "2026-05-09", "2026-04-20"), ("deliver", "2026-05-09", "2026-04-24"),
        ("ask_review", "2026-05-25", ""),
    ]  # fmt: skip
    assert next_clock(FINISHED, REAL, "2026-04-25") is None, "the petitioner's right is no duty of ours"


def test_an_undelivered_opinion_keeps_its_clock() -> None:
    case = Case("a", "2026-03-02", jurisdiction="accept", noticed_on="2026-03-10", accepted_on="2026-03-10", closed_on="2026-05-20")
    assert times(case)[1:] == [("close", "2026-05-09", "2026-05-20"), ("deliver", "2026-05-20", "")]
    first = next_clock(case, REAL, "2026-05-25")
    assert first is not None
    assert (first.code, first.days_left("2026-05-25"), first.late("2026-05-25")) == ("deliver", -5, True)


def test_review_and_recheck_follow_each_other() -> None:
    reviews = (Review("review", "2026-05-20", "2026-06-10"), Review("recheck", "2026-07-01", hearing_days=5))
    case = Case("a", "2026-03-02", accepted_on="2026-03-10", closed_on="2026-04-20", delivered_on="2026-04-24", reviews=reviews)
    assert times(case)[3:] == [
        ("ask_review", "2026-05-25", "2026-05-20"), ("review", "2026-06-22", "2026-06-10"),
        ("ask_recheck", "2026-07-10", "2026-07-01"), ("recheck", "2026-08-05", ""),
    ]  # fmt: skip


def test_recheck_runs_from_the_day_the_opinion_was_received() -> None:
    case = Case("a", "2026-03-02", delivered_on="2026-04-24", reviews=(Review("review", "2026-05-20", "2026-06-10", told_on="2026-06-18"),))
    assert times(case)[-1] == ("ask_recheck", "2026-07-20", ""), "18 July is a Saturday"
    refuse_review(case, "recheck", "2026-07-20", REAL)


def test_a_recheck_stands_without_a_review_that_nobody_wrote_down() -> None:
    case = Case("a", "2026-03-02", accepted_on="2026-03-10", noticed_on="2026-03-10", closed_on="2026-04-20", delivered_on="2026-04-24",
                reviews=(Review("recheck", "2026-07-01", ours=True),))  # fmt: skip
    assert times(case)[3:] == [("ask_review", "2026-05-25", ""), ("recheck", "2026-07-31", "")]
    first = next_clock(case, REAL, "2026-07-02")
    assert first is not None
    assert first.code == "recheck"


def test_a_review_of_the_office_above_is_nobodys_duty_here() -> None:
    case = Case("a", "2026-03-02", accepted_on="2026-03-10", closed_on="2026-04-20", delivered_on="2026-04-24", noticed_on="2026-03-10",
                reviews=(Review("review", "2026-05-20"),))  # fmt: skip
    clock = clocks(case, REAL)[-1]
    assert (clock.code, clock.due, clock.ours, clock.upper) == ("review", "2026-06-22", False, True)
    assert [(clock.running(day), clock.late(day)) for day in ("2026-06-22", "2026-06-23")] == [(True, False), (True, False)], "it waits on, late or not"
    assert next_clock(case, REAL, "2026-06-23") is None
    assert before_filing(case, REAL, "2026-06-23") == ([clock], False)


@pytest.mark.parametrize(
    ("case", "codes"),
    [
        (Case("a", "2026-03-02", accepted_on="2026-03-05", claim=False, days=0), ["notice"]),
        (Case("a", "2026-03-02", accepted_on="2026-03-05", claim=False, days=15), ["notice", "close"]),
        (Case("a", "2026-03-02", accepted_on="2026-03-05", claim=False, days=0, closed_on="2026-03-06"), ["notice", "deliver"]),
        (Case("a", "2026-03-02", accepted_on="2026-03-05", claim=False, days=0, closed_on="2026-03-06", delivered_on="2026-03-06"), ["notice", "deliver"]),
        (Case("a", "2026-03-02", accepted_on="2026-03-05", mediated=True, closed_on="2026-03-06", delivered_on="2026-03-06"), ["notice", "close", "deliver"]),
        (Case("a", "2026-03-02", accepted_on="2026-03-02", redo=True, days=60), ["close"]),
        (Case("a", "2026-03-02", accepted_on="2026-03-02", redo=True, days=0), []),
    ],
)
def test_which_terms_a_case_has(case: Case, codes: list[str]) -> None:
    assert [one.code for one in clocks(case, REAL)] == codes


@pytest.mark.parametrize(
    ("reviews", "redone", "settled", "due"),
    [
        ((Review("review", "2026-05-20", "2026-06-10", changed=True),), "", "", "2026-08-10"),  # sixty days are 9 August, a Sunday
        ((Review("review", "2026-05-20", "2026-06-10", changed=True),), "2026-06-10", "", ""),  # taken up the same day
        ((Review("review", "2026-05-20", "2026-06-10", changed=True),), "", "2026-06-12", ""),  # the petitioner let it rest
        ((Review("review", "2026-05-20", "2026-06-10", changed=True),), "", "2026-06-09", "2026-08-10"),  # but not before
        ((Review("review", "2026-05-20", "2026-06-10", changed=True), Review("recheck", "2026-06-20")), "", "", ""),  # 复核 decides now
        ((Review("review", "2026-05-20", "2026-06-10", changed=True), Review("recheck", "2026-06-20", "2026-07-10")), "", "", ""),
        ((Review("review", "2026-05-20", "2026-06-10"), Review("recheck", "2026-06-20", "2026-07-10", changed=True)), "", "", "2026-09-08"),
        ((Review("review", "2026-05-20", "2026-06-10", changed=True), Review("recheck", "2026-06-20", "2026-07-10", changed=True)), "2026-06-15", "",
         "2026-09-08"),  # handled anew once, and once more by the recheck
        ((Review("review", "2026-05-20", changed=True),), "", "", ""),  # not decided yet
    ],
)
def test_what_was_changed_is_to_be_handled_anew(reviews: tuple[Review, ...], redone: str, settled: str, due: str) -> None:
    case = Case("a", "2026-03-02", accepted_on="2026-03-10", closed_on="2026-04-20", delivered_on="2026-04-24", reviews=reviews, redo_days=60,
                redone_on=redone, settled_on=settled, filed=True)  # fmt: skip
    assert [one.due for one in clocks(case, REAL) if one.code == "redo"] == ([due] if due else [])
    assert ("reopen" in next_steps(case, REAL, "2026-07-11")) is bool(due)


@pytest.mark.parametrize(
    ("ended", "codes"),
    [
        ("2026-03-17", []),  # withdrawn on the last day of the notice: nothing missed
        ("2026-03-18", ["notice"]),
        ("2026-05-11", ["notice"]),  # the sixty days end on this day
        ("2026-05-12", ["notice", "close"]),
    ],
)
def test_what_was_missed_when_it_was_withdrawn(ended: str, codes: list[str]) -> None:
    case = Case("a", "2026-03-02", accepted_on="2026-03-12", ended_on=ended)
    found = clocks(case, REAL)
    assert [one.code for one in found] == codes
    assert all(one.stopped and one.late("2027-01-01") for one in found)


def test_a_withdrawn_case_has_nothing_running() -> None:
    case = Case("a", "2026-03-02", accepted_on="2026-03-10", noticed_on="2026-03-10", ended_on="2026-03-20")
    assert times(case) == [("notice", "2026-03-17", "2026-03-10")]


def test_a_term_that_was_missed_before_the_case_ended_stays_missed() -> None:
    case = Case("a", "2026-03-02", accepted_on="2026-03-10", ended_on="2026-04-20")
    (notice,) = clocks(case, REAL)
    assert (notice.code, notice.stopped, notice.running("2026-05-01"), notice.late("2026-05-01")) == ("notice", True, False, True)
    assert next_clock(case, REAL, "2026-05-01") is None


def test_the_last_day_itself_is_in_time() -> None:
    clock = Clock("notice", "书面告知", "2026-03-02", "2026-03-17", "", "")
    assert [(clock.days_left(day), clock.late(day)) for day in ("2026-03-16", "2026-03-17", "2026-03-18")] == [(1, False), (0, False), (-1, True)]


@pytest.mark.parametrize(
    ("level", "asked", "case", "text"),
    [
        ("review", "2026-05-25", FINISHED, ""),  # the last day
        ("review", "2026-05-26", FINISHED, "期限已于2026年5月25日届满"),
        ("review", "2026-04-23", FINISHED, "早于"),
        ("review", "2026-04-23", Case("a", "2026-03-02"), "以后才能申请复查"),
        ("recheck", "2026-05-01", FINISHED, "以后才能申请复核"),
        ("review", "2026-05-01", Case("a", "2026-03-02", delivered_on="2026-04-24", reviews=(Review("review", "2026-04-30"),)), "已经申请过复查"),
        ("recheck", "2026-07-10", Case("a", "2026-03-02", delivered_on="2026-04-24", reviews=(Review("review", "2026-05-20", "2026-06-10"),)), ""),
        ("recheck", "2026-07-11", Case("a", "2026-03-02", delivered_on="2026-04-24", reviews=(Review("review", "2026-05-20", "2026-06-10"),)), "届满"),
    ],
)
def test_review_after_closing(level: str, asked: str, case: Case, text: str) -> None:
    if not text:
        refuse_review(case, level, asked, REAL)
        return
    with pytest.raises(UserError, match=text):
        refuse_review(case, level, asked, REAL)

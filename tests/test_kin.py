"""What a row makes odd together with others: stages out of order, sources that do not add up, attendances, the same ID twice."""

from __future__ import annotations

from typing import Any

import pytest

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import Judgement
from relocdesk.records.works import FundSource, ProjectStage, SupportProject, Trainee, Training
from tests import make
from tests.test_entry import counts, judge, put


@pytest.fixture
def project(book: Book, clerk: Clerk) -> str:
    with book.change("试", clerk, source="typed") as (session, _):
        made = make.add(session, SupportProject, code="HF001", name="柳树村道路", year=2026, category="infrastructure", place=make.place(session),
                        estimate=100_000_00)  # fmt: skip
        return str(made.id)


def add(book: Book, clerk: Clerk, cls: type[Any], **values: Any) -> str:
    with book.change("试", clerk, source="typed") as (session, _):
        return str(make.add(session, cls, **values).id)


def warned(judged: Judgement) -> list[tuple[int, str, str]]:
    return [(one.row, one.field, one.code) for one in judged.warnings]


STAGE = ["project", "stage", "done_on"]


def test_stages_in_order_say_nothing(book: Book, clerk: Clerk, project: str) -> None:
    judged = judge(book, clerk, "project_stage", STAGE, [["HF001", "批复", "2026-01-05"], ["HF001", "合同", "2026-02-01"], ["HF001", "开工", "2026-02-01"]])
    assert counts(judged) == (3, 0, 0, 0)
    assert warned(judged) == []


def test_a_stage_before_the_one_it_follows_is_told_with_both_dates(book: Book, clerk: Clerk, project: str) -> None:
    add(book, clerk, ProjectStage, project=project, stage="approved", done_on="2026-03-01", skipped=0)
    judged = judge(book, clerk, "project_stage", STAGE, [["HF001", "开工", "2026-02-01"]])
    assert warned(judged) == [(2, "done_on", "J07")]
    assert judged.warnings[0].text == "“开工”2026-02-01 早于“审批”2026-03-01，请核对日期"
    put(book, clerk, judged)
    moved = judge(book, clerk, "project_stage", STAGE, [["HF001", "审批", "2026-01-01"]])
    assert warned(moved) == []


def test_a_stage_that_is_not_for_it_has_no_date(book: Book, clerk: Clerk, project: str) -> None:
    judged = judge(book, clerk, "project_stage", [*STAGE, "skipped"], [["HF001", "招投标", "2026-02-01", "是"]])
    assert [(one.field, one.code) for one in judged.problems] == [("skipped", "SKIPPED")]


def test_sources_that_do_not_add_up_to_the_approved_investment(book: Book, clerk: Clerk, project: str) -> None:
    rows = [["HF001", "后扶项目", "80000"], ["HF001", "自筹", "20000"]]
    assert warned(judge(book, clerk, "fund_source", ["project", "fund", "amount"], rows)) == []
    short = judge(book, clerk, "fund_source", ["project", "fund", "amount"], rows[:1])
    assert warned(short) == [(2, "amount", "J14")]
    assert "相差 20,000.00 元" in short.warnings[0].text
    add(book, clerk, FundSource, project=project, fund="support", amount=100_000_00)
    assert warned(judge(book, clerk, "support_project", ["code", "estimate"], [["HF001", "120000"]])) == [(2, "estimate", "J14")]


def test_payments_of_an_old_ledger_beyond_the_contract_are_told(book: Book, clerk: Clerk) -> None:
    with book.change("试", clerk, source="typed") as (session, _):
        make.add(session, SupportProject, code="HF002", name="沟渠", year=2026, category="industry", place=make.place(session), contract_amount=90_000_00)
    fields = ["project", "number", "paid_on", "amount", "payee", "fund"]
    rows = [["HF002", "1", "2026-03-01", "50000", "某公司", "后扶项目"], ["HF002", "2", "2026-06-01", "40000", "某公司", "后扶项目"]]
    assert warned(judge(book, clerk, "project_payment", fields, rows)) == []
    put(book, clerk, judge(book, clerk, "project_payment", fields, rows))
    more = judge(book, clerk, "project_payment", fields, [["HF002", "3", "2026-07-01", "0.01", "某公司", "后扶项目"]])
    assert warned(more) == [(2, "amount", "J01")]
    assert "多 0.01 元" in more.warnings[0].text


def test_audited_beyond_submitted_is_refused(book: Book, clerk: Clerk, project: str) -> None:
    fields = ["code", "submitted_amount", "audited_amount"]
    judged = judge(book, clerk, "support_project", fields, [["HF001", "95000", "95000.01"]])
    assert [(one.field, one.code) for one in judged.problems] == [("audited_amount", "AUDITED")]
    assert counts(judge(book, clerk, "support_project", fields, [["HF001", "95000", "95000"]])) == (0, 1, 0, 0)


def test_attendances_against_the_roster_and_nobody_twice(book: Book, clerk: Clerk) -> None:
    course = add(book, clerk, Training, name="核桃嫁接", held_on="2026-05-06", attendances=5)
    card = make.idcard()
    fields = ["training", "name", "idcard", "sessions"]
    rows = [["核桃嫁接/2026-05-06", "张桂兰", card, "2"], ["核桃嫁接/2026-05-06", "李国强", make.idcard(), "3"]]
    assert warned(judge(book, clerk, "trainee", fields, rows)) == []
    again = judge(book, clerk, "trainee", fields, [*rows, ["核桃嫁接/2026-05-06", "张桂兰", card, "1"]])
    assert [(one.row, one.code) for one in again.problems] == [(4, "TWICE")]
    assert warned(judge(book, clerk, "trainee", fields, rows[:1])) == [(2, "sessions", "J16")]
    add(book, clerk, Trainee, training=course, name="张桂兰", idcard=card, sessions=2, signed=1)
    judged = judge(book, clerk, "training", ["name", "held_on", "attendances"], [["核桃嫁接", "2026-05-06", "9"]])
    assert warned(judged) == [(2, "attendances", "J16")]


def test_a_course_is_found_by_its_key_however_its_brackets_were_typed(book: Book, clerk: Clerk) -> None:
    add(book, clerk, Training, name="核桃嫁接（第一期）", held_on="2026-05-06")
    rows = [["核桃嫁接（第一期）/2026-05-06", "张桂兰"], ["核桃嫁接(第一期)/2026-05-06", "李国强"]]
    assert counts(judge(book, clerk, "trainee", ["training", "name"], rows)) == (2, 0, 0, 0)


def test_two_of_one_name_in_a_class_are_told_apart_by_their_numbers(book: Book, clerk: Clerk) -> None:
    add(book, clerk, Training, name="核桃嫁接", held_on="2026-05-06")
    fields, cards = ["training", "name", "idcard", "sessions"], [make.idcard(), make.idcard(), make.idcard()]
    rows = [["核桃嫁接/2026-05-06", "张桂兰", card, "1"] for card in cards[:2]]
    put(book, clerk, judge(book, clerk, "trainee", fields, rows))
    assert counts(judge(book, clerk, "trainee", fields, rows)) == (0, 0, 2, 0)
    assert counts(judge(book, clerk, "trainee", fields, [["核桃嫁接/2026-05-06", "张桂兰", cards[2], "1"]])) == (1, 0, 0, 0)
    nameless = judge(book, clerk, "trainee", fields[:2], [["核桃嫁接/2026-05-06", "张桂兰"]])
    assert [one.code for one in nameless.problems] == ["KEY_TWICE"]

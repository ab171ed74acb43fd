"""Petitions led through their states at random: what is offered is never refused, and the grid counts as the rules do."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions import find_actions
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.petition import anew_of, case, sheet
from relocdesk.records.petition import Petition, PetitionReview
from relocdesk.rules.petition import STATES, next_clock, next_steps
from tests import make
from tests.actions.test_petition import ANSWER, on, our_office, shown

GIVEN: dict[str, dict[str, Any]] = {
    "refuse": {"reason": "法院已经立案"},
    "transfer": {"to": "县林草局"}, "assign": {"to": "乡政府"}, "guide": {"to": "人民法院"}, "send-back": {"reason": "不属"},
    "step": {"progress": "入户"},
    "withdraw": {"reason": "已解决"}, "deliver": {"delivery": "signed", "receiver": "张明"},
    "rate": {"satisfaction": "good"}, "file": {"archive_no": "1", "reason": "没有登记簿"},
}  # fmt: skip
OVER = ("已归档", "已退回", "已撤回", "已重新办理")


def do(session: Session, who: Clerk, row: Petition, step: str, chance: random.Random) -> None:
    given = GIVEN.get(step, {})
    if step == "extend":
        given = {"days": min(7, 30 - (row.extension_days or 0)), "approver": "陈志远", "reason": "复测", "told_on": who.on}
    elif step == "review":
        given = {"level": "recheck" if case(session, row).reviews else "review", "organ": chance.choice(("", "县人民政府", our_office(session)))}
    elif step == "decide":
        given = {"result": chance.choice(("upheld", "changed", "changed")), "opinion_no": "1"}
    elif step == "close":
        given = {"opinion": chance.choice(("support", "reject", "mediate")), **ANSWER, "remedy": int(row.purpose == "claim" or chance.random() < 0.5)}
    (action,) = (one for one in find_actions(step) if one.register == "petition")
    action(session, who, row, given)


def _one_step(session: Session, who: Clerk, row: Petition, chance: random.Random) -> str:
    """Takes one of the steps that are offered and compares the rules with the grid; the state it comes to."""
    calendar = office_calendar(session)
    if steps := [one for one in next_steps(case(session, row), calendar, who.on) if one not in ("link", "join")]:
        do(session, who, row, chance.choice(steps), chance)
    first = next_clock(case(session, row), calendar, who.on)
    expected = (first.due, str(first.days_left(who.on))) if first else ("", "")
    *counted, state = shown(session, row, "next_due", "days_left", "state")
    assert tuple(counted) == expected
    assert state in STATES
    assert sheet(session, row.id, who.on) is not None
    return state


@pytest.mark.parametrize("seed", range(4))
def test_what_is_offered_is_never_refused_and_the_grid_counts_as_the_rules(book: Book, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(4):
        day = date(2026, 1, 5) + timedelta(chance.randrange(200))
        with book.change("登记", on(day.isoformat())) as (session, _):
            channel, nobody = chance.choice(("visit", "transferred")), int(chance.random() < 0.3)
            purpose = chance.choice(("claim", "claim", "question", "advice"))
            row = make.make_petition(session, received_on=day.isoformat(), channel=channel, unreachable=nobody, purpose=purpose)
            settings.put(session, make.clerk(), "petition.other_days", chance.choice(("", "20")), book.home)
            settings.put(session, make.clerk(), "petition.redo_days", chance.choice(("", "60")), book.home)
            record = row.id
        for _ in range(9):
            day += timedelta(chance.choice((0, 1, 3, 10, 29)))
            who = on(day.isoformat())
            book.viewer = lambda who=who: who
            with book.change("办理", who) as (session, _):
                row = session.get_one(Petition, record)
                state = _one_step(session, who, row, chance)
                left = next_steps(case(session, row), office_calendar(session), who.on)
                assert left or state in OVER, "nobody is left without a way on"


@pytest.mark.parametrize("seed", range(3))
def test_what_is_handled_anew_goes_through_its_states_like_any_other(book: Book, seed: int) -> None:
    chance = random.Random(seed)
    day = date(2026, 6, 8)
    with book.change("登记", on(day.isoformat())) as (session, _):
        first = make.make_petition(session, jurisdiction="accept", accepted_on="2026-03-02", noticed_on="2026-03-02", closed_on="2026-04-01", opinion="reject",
                                   delivered_on="2026-04-02", archive_no=chance.choice((None, "1")))  # fmt: skip
        for level, asked, done in (("review", "2026-04-20", "2026-05-10"), ("recheck", "2026-05-20", "2026-06-05"))[: chance.choice((1, 2))]:
            make.add(session, PetitionReview, petition=first.id, level=level, asked_on=asked, done_on=done, result="changed")
        do(session, on(day.isoformat()), first, "reopen", chance)
        record = anew_of(session, first.id)[0].id
    for _ in range(12):
        day += timedelta(chance.choice((0, 1, 3, 10)))
        who = on(day.isoformat())
        book.viewer = lambda who=who: who
        with book.change("办理", who) as (session, _):
            row = session.get_one(Petition, record)
            _one_step(session, who, row, chance)
            assert next_steps(case(session, row), office_calendar(session), who.on) or shown(session, row, "state")[0] in OVER

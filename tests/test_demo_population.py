"""The after-support people of the demo go through the entry engine without a single refusal."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sqlalchemy import func, select

from relocdesk import demo_population, entry
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.demo_people import People
from relocdesk.entry import Cell
from relocdesk.queries.people import head_counts
from relocdesk.records import register
from relocdesk.records.support import Recipient
from tests import make


def test_recipients_and_changes(book: Book) -> None:
    def enter(why: str, by: Clerk, name: str, fields: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
        reg = register(name)
        with book.change(why, by, source="import") as (s, _):
            judged = entry.judge(s, by, reg, [reg[f] for f in fields], list(enumerate(rows, 1)))
            assert [(one.row, one.label, one.text) for one in judged.problems] == []
            return entry.apply(s, by, judged)

    clerk, random = make.clerk(on="2026-10-31"), Random(1)
    demo_population.policy(enter, clerk)
    groups = ["53052310220101", "53052310220102", "53052310220201"]
    made = demo_population.recipients(enter, clerk, People(random), random, "530523102", groups, 400)
    rows = demo_population.changes(enter, clerk, random, made, "2026-10-31")
    assert (len(made), rows >= 48) == (400, True)
    with book.read() as s:
        assert s.scalar(select(func.count()).select_from(Recipient)) == 400
        found = head_counts(s, "2026-10-31")
        assert found.registered == 400
        assert found.present == 400 - found.reduced - found.paused - found.moved
        assert 30 < found.reduced < 60
        assert found.base > 400

"""Which years' holidays the office knows: those shipped, and those it has entered whole."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from relocdesk.book import Book
from relocdesk.queries.calendar import office_calendar
from relocdesk.records.reference import Holiday
from tests import make
from tests.actions.test_petition import working

SEVEN = (("01-01", "元旦"), ("02-06", "春节"), ("04-05", "清明节"), ("05-01", "劳动节"), ("06-09", "端午节"), ("09-15", "中秋节"), ("10-01", "国庆节"))


def holidays(session: Session, book: Book, rows: Sequence[tuple[str, str]]) -> None:
    for n, (day, name) in enumerate(rows):
        make.add(session, Holiday, id=f"{n:032x}", home=book.county, day=f"2027-{day}", kind="off", name=name)
    session.flush()


def test_one_day_off_does_not_make_a_year_known(book: Book) -> None:
    with working(book) as (session, _):
        holidays(session, book, SEVEN[:2])
        said = office_calendar(session).doubt("2027-03-01", "2028-01-01")
        assert said == ("2028 年的放假安排还没有登记，只按周六、周日休息推算；"
                        "2027 年的放假安排没有登记全，缺清明、劳动节、端午、中秋、国庆，这几个节日只按周六、周日休息推算")
        assert office_calendar(session).known == "2020—2026"


def test_a_year_with_its_seven_holidays_is_known(book: Book) -> None:
    with working(book) as (session, _):
        holidays(session, book, [*SEVEN[:5], ("10-01", "国庆节、中秋节")])
        assert office_calendar(session).doubt("2027-03-01") == ""
        assert office_calendar(session).known == "2020—2027"

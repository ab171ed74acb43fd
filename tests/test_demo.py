"""The demo: the same seed makes the same content, everything in it holds, and it shows every stage of the work."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from relocdesk import demo
from relocdesk.book import Book
from relocdesk.demo_people import People, luhn_digit
from relocdesk.errors import UserError
from relocdesk.founding import found_book, operator
from relocdesk.job import Stopped, no_tick
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers
from relocdesk.queries.rows import Ask, ids
from relocdesk.records import home_id, register
from relocdesk.rules.identity import bank_account, idcard
from relocdesk.verify import verify
from relocdesk.words import regions


@pytest.fixture(scope="module")
def township(tmp_path_factory: pytest.TempPathFactory, own_home: Path) -> Path:
    path = tmp_path_factory.mktemp("demo") / "演示.reloc"
    demo.make(path, seed=7)
    return path


def test_a_township_holds_and_shows_every_stage(township: Path) -> None:
    with Book.open(township, write=False) as book, book.read() as session:
        assert [part.name for part in verify(book) if part.problems] == []

        def states(name: str, column: str) -> set[str]:
            table = register(name).cls.__table__
            return set(session.scalars(select(table.c[column]).where(table.c.deleted == 0).distinct()))

        assert states("agreement", "state") == {"draft", "signed", "void"}
        assert states("payment_batch", "state") == {"open", "sent", "reconciled"}
        assert states("payment", "result") == {"due", "paid", "returned"}
        assert states("parcel", "nature") == {"permanent", "temporary"}
        assert states("period", "state") == {"closed", "paid", "posted"}
        assert states("support_payment", "result") == {"wait", "paid", "returned"}
        assert states("recipient_change", "reason") >= {"D1", "D2", "D3"}
        for name, least in {"period": 12, "recipient": 420, "support_payment": 4_000, "household": 300, "person": 900, "parcel": 600, "asset": 300,
                            "printout": 50, "unpaid_reason": 1, "override": 1,
                            "posting": 4, "objection": 1, "receipt": 2, "interest": 1, "spending": 2, "plan_item": 20,
                            "support_project": 10, "project_stage": 60, "fund_source": 15, "project_payment": 15, "surplus_use": 1, "training": 3,
                            "trainee": 20, "petition": 16, "petition_step": 5,
                            "petition_review": 2, "dispute": 6, "patrol": 9, "year_confirmation": 4}.items():  # fmt: skip
            table = register(name).cls.__table__
            assert session.scalar(select(func.count()).where(table.c.deleted == 0)) >= least, name
        people = register("person").cls
        cards = session.scalars(select(people.idcard).where(people.deleted == 0)).all()
        assert {"533024", "530523"} <= {card[:6] for card in cards}
        assert sum(1 for name in session.scalars(select(people.name)) if len(name) > 4) >= 3
        operators = session.scalars(select(register("payment_batch").cls.approved_by).distinct()).all()
        assert set(operators) == {None, "孙明"}


def test_the_same_seed_makes_the_same_content(township: Path, tmp_path: Path) -> None:
    def content(path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        with Book.open(path, write=False) as book, book.read() as session:
            for name, columns in {"agreement": ("number", "state", "signed_on"), "parcel": ("number", "area", "land_class"), "person": ("name", "idcard"),
                                  "payment": ("serial", "amount", "result", "account")}.items():  # fmt: skip
                table = register(name).cls.__table__
                found[name] = sorted(map(repr, session.execute(select(*(table.c[one] for one in columns)))))
        return found

    demo.make(tmp_path / "又.reloc", seed=7)
    demo.make(tmp_path / "另.reloc", seed=8)
    same, other = content(tmp_path / "又.reloc"), content(tmp_path / "另.reloc")
    assert content(township) == same
    assert other != same


def test_it_is_never_made_over_a_file(township: Path) -> None:
    before = township.read_bytes()
    with pytest.raises(UserError, match="已经存在"):
        demo.make(township)
    assert township.read_bytes() == before


def test_a_demo_that_fails_leaves_no_half_book(tmp_path: Path) -> None:
    def stop(done: int, total: int, text: str = "") -> None:
        raise Stopped

    with pytest.raises(Stopped):
        demo.make(tmp_path / "半.reloc", tick=stop)
    assert list(tmp_path.iterdir()) == []


def test_bulk_parcels_are_rows_like_any_other(township: Path, tmp_path: Path) -> None:
    path = tmp_path / "大.reloc"
    path.write_bytes(township.read_bytes())
    with Book.open(path) as book:
        work = demo._Demo(book, Random(1), demo.DAY, no_tick)
        work.parcels_in_bulk(2_500, block=1_000)
        assert [part.name for part in verify(book) if part.problems] == []
        with book.read() as session:
            table = register("parcel").cls.__table__
            assert session.scalar(select(func.count()).where(table.c.number.like("M%"))) == 2_500


def test_invented_numbers_check_and_are_never_used_twice() -> None:
    people = People(Random(3))
    families = [people.family() for _ in range(200)]
    cards = [one.idcard for family in families for one in family]
    assert len(set(cards)) == len(cards)
    assert all(idcard(card, regions()).number == card for card in cards)
    accounts = [people.account() for _ in range(200)]
    assert len(set(accounts)) == 200
    assert all(bank_account(account) == (account, ()) for account in accounts)
    assert all(family[0].relation == "户主" and len({one.name for one in family}) == len(family) for family in families)
    assert luhn_digit("7992739871") == "3"


def test_a_county_is_several_townships_each_in_its_own_home(tmp_path: Path) -> None:
    with found_book(tmp_path / "县.reloc", office=demo.OFFICE, place=demo.COUNTY, by="王建国", on=demo.DAY) as book:
        work = demo._Demo(book, Random(2), demo.DAY, no_tick)
        work.ground()
        for n in (0, 1):
            work.support(work.township(f"{demo.COUNTY}{102 + n}", demo.TOWNSHIPS[n], households=60, printed=False), recipients=120, quarters=2)
        work.overpaid()
        work.funds()
        assert [part.name for part in verify(book) if part.problems] == []
        with book.read() as session:
            table = register("household").cls.__table__
            homes = dict(session.execute(select(table.c.home, func.count()).group_by(table.c.home)).all())
            assert homes == {home_id("530523102"): 60, home_id("530523103"): 60}
            batches = register("payment_batch").cls.__table__
            assert set(session.scalars(select(batches.c.home).distinct())) == set(homes)


def test_its_papers_can_be_printed(township: Path, tmp_path: Path) -> None:
    path = tmp_path / "印.reloc"
    path.write_bytes(township.read_bytes())
    with Book.open(path) as book:
        with book.read() as session:
            clerk = operator(session, "赵小兰", demo.DAY)
            wanted = {name: ids(session, Ask(register(name))) for name in ("posting", "payment_batch")}
        for form in ("posting_notice", "payment_list", "payment_summary"):
            reg = find_form(form).register
            printed = print_papers(book, clerk, find_form(form), wanted[reg], tmp_path / f"{form}.pdf")
            assert printed.refused == []
            assert len(printed.done) >= len(wanted[reg])  # a roster on the wall is a sheet for each village

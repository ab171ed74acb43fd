"""The trail read back: entries, masks, how a record stood, and every way of tampering found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from relocdesk.book import Book, today
from relocdesk.clerk import Clerk
from relocdesk.database import connect
from relocdesk.history import as_of, everything, of_action, of_day, of_record, sentence, verify, verify_chain, verify_rows
from relocdesk.records import register
from relocdesk.records.household import Household, Person
from relocdesk.records.survey import Parcel
from tests.queries.sample import CLERK, PROJECT, fill, make_book

Filled = tuple[Book, dict[str, str]]
OTHER = Clerk("李秀英", "entry", "2026-11-22")


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path / "machine"))
    with make_book(tmp_path / "乡.zjb") as book:
        yield book, fill(book)


def change(book: Book, cls: type, row_id: str, why: str = "复核 F-012", by: Clerk = CLERK, **values: object) -> str:
    with book.change(why, by) as (s, done):
        row = s.get_one(cls, row_id)
        for name, value in values.items():
            setattr(row, name, value)
    return done.action


def test_an_entry_says_who_changed_what_and_why(filled: Filled) -> None:
    book, ids = filled
    change(book, Parcel, ids["P3"], area=3_400_000, area_m2=226_667)
    with book.read() as s:
        entry = of_record(s, register("parcel"), ids["P3"])[0]
    assert (entry.name, entry.office, entry.source, entry.why, entry.records) == (
        "王建国", "三坝乡搬迁安置办公室", "手工登记", "复核 F-012", 1)  # fmt: skip
    assert [(one.label, one.title, one.what, one.field, one.old, one.new) for one in entry.changes] == [
        ("地块", "P3", "修改", "面积（㎡）", "2,166.67", "2,266.67"),
        ("地块", "P3", "修改", "面积（亩）", "3.25", "3.40"),
    ]
    month, day = (int(part) for part in entry.at[5:10].split("-"))
    told = f"{month}月{day}日 {entry.at[11:]} 王建国把地块“P3”的 面积（㎡） 2,166.67 改为 2,266.67 等 2 处，原因：复核 F-012"
    assert sentence(entry) == told


def test_references_places_and_choices_are_shown_as_people_read_them(filled: Filled) -> None:
    book, ids = filled
    change(book, Parcel, ids["P1"], household=ids["H2"], nature="temporary")
    with book.read() as s:
        changes = of_record(s, register("parcel"), ids["P1"])[0].changes
    assert {(one.field, one.old, one.new) for one in changes} == {("权属户", "H1", "H2"), ("征用性质", "永久征收", "临时占用")}


def test_private_numbers_are_masked(filled: Filled) -> None:
    book, ids = filled
    change(book, Household, ids["H1"], account="6217001234567890123", account_name="王建国", phone="13900001111")
    with book.read() as s:
        seen = {one.field: (one.old, one.new) for one in of_record(s, register("household"), ids["H1"])[0].changes}
    assert seen == {"银行账号": ("****0128", "****0123"), "户名": ("", "王**"), "联系电话": ("138****2345", "139****1111")}


def test_a_record_shows_what_happened_to_its_lines_and_its_head(filled: Filled) -> None:
    book, ids = filled
    with book.read() as s:
        head = s.get_one(Household, ids["H1"]).head
    change(book, Person, str(head), name="王建邦")
    change(book, Person, ids["wife"], name="李秀丽")
    change(book, register("agreement_line").cls, ids["line"], spec="盛果期")
    with book.read() as s:
        household = of_record(s, register("household"), ids["H1"])
        agreement = of_record(s, register("agreement"), ids["X2"])
    assert household[0].changes[0].new == "王建邦"
    assert agreement[0].changes[0].new == "盛果期"
    assert {one.register for one in agreement[-1].changes} == {"agreement", "agreement_line"}


def test_deletion_and_restoration_are_named(filled: Filled) -> None:
    book, ids = filled
    change(book, Parcel, ids["P3"], deleted=1)
    change(book, Parcel, ids["P3"], deleted=0)
    with book.read() as s:
        entries = of_record(s, register("parcel"), ids["P3"])
    assert [entry.changes[0].what for entry in entries] == ["恢复", "删除", "新增"]
    assert "删除地块“P3”" in sentence(entries[1])


def test_entries_come_in_pages_and_by_day(filled: Filled) -> None:
    book, ids = filled
    actions = [change(book, Parcel, ids["P1"], site=f"地{n}") for n in range(5)]
    with book.read() as s:
        first = everything(s, limit=3)
        second = everything(s, limit=3, before=first[-1].number)
        assert [one.action for one in first] == actions[:1:-1]
        assert [one.action for one in second][:2] == actions[1::-1]
        assert len(of_day(s, today())) == 7
        assert of_day(s, "2020-01-01") == []
        assert of_action(s, "f" * 32) is None
        whole = of_action(s, actions[0])
        assert whole is not None
        assert whole.changes[0].new == "地0"


def test_one_action_in_two_homes_is_one_entry(filled: Filled) -> None:
    book, ids = filled
    with book.change("两处", CLERK) as (s, done):
        s.get_one(Parcel, ids["P1"]).site = "坝子"
        s.get_one(register("project").cls, PROJECT).code = "Q1"
    with book.read() as s:
        first, _, made = everything(s)
    assert (first.action, first.records, first.office) == (done.action, 2, "三坝乡搬迁安置办公室、龙陵县")
    assert {one.register for one in first.changes} == {"parcel", "project"}
    assert (made.why, made.records, made.office) == ("建台账", 11, "龙陵县")


def test_a_record_as_it_stood(filled: Filled) -> None:
    book, ids = filled
    change(book, Parcel, ids["P1"], area=2_000_000)
    with book.read() as s:
        now = as_of(s, register("parcel"), ids["P1"], today())
        assert now is not None
        row = s.get_one(Parcel, ids["P1"])
        assert now == {f.name: getattr(row, f.name) for f in register("parcel").stored}
        assert as_of(s, register("parcel"), ids["P1"], "2020-01-01") is None
    change(book, Parcel, ids["P1"], deleted=1)
    with book.read() as s:
        assert as_of(s, register("parcel"), ids["P1"], today()) is None


def test_a_sound_book_has_nothing_to_report(filled: Filled) -> None:
    book, ids = filled
    change(book, Parcel, ids["P1"], area=2_000_000, by=OTHER)
    change(book, Parcel, ids["P2"], deleted=1)
    ticks: list[tuple[int, int]] = []
    with book.read() as s:
        assert verify(s, lambda done, total, text="": ticks.append((done, total))) == []
    assert all(done <= total for done, total in ticks)
    assert ticks[-1][0] == ticks[-1][1]


def tamper(book: Book, *statements: str) -> None:
    """Changes the file as a clever outsider would: with the triggers out of the way."""
    raw = connect(book.path)
    raw.execute("PRAGMA foreign_keys=OFF")
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        raw.execute(statement)
    raw.close()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE op SET cells = replace(cells, '4000000', '4000001') WHERE tbl = 'receipt'", "内容与校验值不符"),
        ("UPDATE txn SET why = '别的原因' WHERE id = 2", "内容与校验值不符"),
        ("DELETE FROM op WHERE txn = 2 AND n = 5", "应有"),
        ("DELETE FROM txn WHERE id = (SELECT max(id) FROM txn)", "末尾"),
        ("UPDATE txn SET prev = hash WHERE id = (SELECT max(id) FROM txn)", "接不上"),
        ("DELETE FROM epoch", "缺少"),
    ],
    ids=("cell", "reason", "operation", "last", "link", "epoch"),
)
def test_a_changed_trail_is_found(filled: Filled, statement: str, found: str) -> None:
    book, ids = filled
    change(book, Parcel, ids["P1"], site="别处")
    tamper(book, statement)
    with book.read() as s:
        problems = [str(one) for one in verify_chain(s)]
    assert any(found in one for one in problems), problems


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE receipt SET amount = 1 WHERE line = '1'", "资金到位.*金额（元）|资金到位.*金额"),
        ("DELETE FROM receipt WHERE line = '1'", "变更记录里有，台账里没有"),
        ("INSERT INTO receipt(id, home, allocation, received_on, amount) SELECT 'ff', home, allocation, received_on, 5 FROM receipt LIMIT 1",
         "台账里有，变更记录里没有"),
        ("UPDATE parcel SET deleted = 1 WHERE number = 'P1'", "地块.*deleted"),
    ],
    ids=("value", "removed", "slipped in", "deleted"),
)  # fmt: skip
def test_rows_that_do_not_follow_from_the_trail_are_found(filled: Filled, statement: str, found: str) -> None:
    book, _ = filled
    tamper(book, statement)
    with book.read() as s:
        problems = [str(one) for one in verify_rows(s)]
        assert verify_chain(s) == []
    assert len(problems) == 1
    assert re.search(found, problems[0]), problems


def test_a_person_named_by_number_is_masked(filled: Filled) -> None:
    book, ids = filled
    with book.read() as s:
        told = [text for entry in of_record(s, register("household"), ids["H1"]) for one in entry.changes for text in (one.title, one.old, one.new)]
        everybody = [text for entry in everything(s) for one in entry.changes for text in (one.title, one.old, one.new)]
    assert any("533022********1233" in text for text in told)
    assert not [text for text in (*told, *everybody) if re.search(r"[0-9]{17}[0-9X]", text)]

"""Taking actions back: everything returns as it was, or nothing changes and the reasons are named."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from relocdesk.actions.documents import register_printout
from relocdesk.actions.posting import decide, file_objection
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.founding import found_book
from relocdesk.history import everything, verify
from relocdesk.queries.objections import open_objections
from relocdesk.records import REGISTERS
from relocdesk.records.agreement import Agreement, Printout
from relocdesk.records.household import Household, Person
from relocdesk.records.reference import Role
from relocdesk.records.survey import Objection, Parcel, Posting
from relocdesk.undo import last_actions, take_back, undo, why_of
from tests.queries.sample import CLERK, GROUP_1, GROUP_2, PROJECT, add, add_household, add_parcel, fill, make_book
from tests.queries.test_rows import statements

Filled = tuple[Book, dict[str, str]]
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path / "machine"))
    with make_book(tmp_path / "乡.zjb") as book:
        yield book, fill(book)


def living(book: Book) -> Rows:
    with book.read() as s:
        tables = [reg.cls.__table__ for reg in REGISTERS]
        return {t.name: [tuple(row) for row in s.execute(select(t).where(t.c.deleted == 0).order_by(t.c.id))] for t in tables}


def change(book: Book, cls: type, row_id: str, **values: object) -> str:
    with book.change("改", CLERK) as (s, done):
        for name, value in values.items():
            setattr(s.get_one(cls, row_id), name, value)
    return done.action


def go_back(book: Book, action: str, clerk: Clerk = CLERK) -> str:
    with book.read() as s:
        why = why_of(s, action)
    with book.change(why, clerk, "action") as (s, _):
        return undo(s, clerk, action)


def refused(book: Book, action: str, clerk: Clerk = CLERK) -> str:
    before = living(book)
    with pytest.raises(UserError) as error:
        go_back(book, action, clerk)
    assert living(book) == before
    return error.value.text


def test_a_changed_value_returns_and_the_history_says_so(filled: Filled) -> None:
    book, ids = filled
    before = living(book)
    action = change(book, Parcel, ids["P3"], area=3_400_000, area_m2=226_667)
    told = go_back(book, action)
    assert living(book) == before
    assert told.startswith("已撤销王建国 20")
    assert told.endswith("的“改”：改回 1 条")
    with book.read() as s:
        entry = everything(s)[0]
        assert verify(s) == []
    assert (entry.why, entry.source, [one.new for one in entry.changes]) == ("撤销：改", "办理", ["2,166.67", "3.25"])


def test_added_rows_go_and_an_undo_can_itself_be_taken_back(filled: Filled) -> None:
    book, _ = filled
    before = living(book)
    with book.change("新户", CLERK) as (s, done):
        add_household(s, "H9", "赵小明")
    after = living(book)
    assert go_back(book, done.action).endswith("删去 2 条")
    assert living(book) == before
    with book.read() as s:
        latest = last_actions(s, 1)[0]
    go_back(book, latest.action)
    assert living(book) == after


def test_what_was_printed_meanwhile_does_not_stand_in_the_way(filled: Filled) -> None:
    book, ids = filled
    action = change(book, Parcel, ids["P3"], site="坝子")
    with book.change("打印单据", CLERK) as (s, _):
        add(s, Printout, code="AAAAAAA1", form="agreement", register="agreement", record=ids["X1"], digest="AAAAAAA1",
            printed_at="2026-11-22T00:00:00.000Z", printed_by="王建国")  # fmt: skip
    with book.read() as s:
        assert last_actions(s, 1)[0].action == action
    paper = {"form": "agreement", "register": "agreement", "record": ids["X1"], "code": "BBBBBBB1", "digest": "BBBBBBB1"}
    for copies in (1, 2):  # printed, and printed once more
        with book.change("打印单据", CLERK) as (s, _):
            assert register_printout(s, CLERK, **paper).copies == copies
    with book.read() as s:
        assert last_actions(s, 1)[0].action == action
        printed = s.scalars(select(Printout).where(Printout.code == "BBBBBBB1")).one().id
    back = change(book, Printout, printed, returned_on="2026-11-22")
    with book.read() as s:
        assert last_actions(s, 1)[0].action == back, "a sheet that came back is no printing"


def test_a_deleted_row_comes_back(filled: Filled) -> None:
    book, ids = filled
    before = living(book)
    go_back(book, change(book, Parcel, ids["P3"], deleted=1))
    assert living(book) == before


def test_an_action_is_taken_back_once(filled: Filled) -> None:
    book, ids = filled
    with book.change("新户", CLERK) as (s, done):
        add_household(s, "H9", "赵小明")
    go_back(book, done.action)
    assert "已经不在" in refused(book, done.action)
    action = change(book, Parcel, ids["P3"], site="坝子")
    go_back(book, action)
    assert refused(book, action) == "不能撤销：地块“P3”的小地名后来又改过"


def test_a_value_changed_since_stops_the_whole_undo(filled: Filled) -> None:
    book, ids = filled
    with book.change("两处", CLERK) as (s, done):
        s.get_one(Parcel, ids["P1"]).site = "坝子"
        s.get_one(Parcel, ids["P2"]).site = "河边"
    change(book, Parcel, ids["P2"], site="河尾")
    assert refused(book, done.action) == "不能撤销：地块“P2 河尾”的小地名后来又改过"


def test_another_field_of_the_same_row_does_not_stop_it(filled: Filled) -> None:
    book, ids = filled
    action = change(book, Parcel, ids["P1"], site="坝子")
    change(book, Parcel, ids["P1"], user="李四")
    go_back(book, action)
    with book.read() as s:
        row = s.get_one(Parcel, ids["P1"])
        assert (row.site, row.user) == (None, "李四")


def test_rows_others_rely_on_stay(filled: Filled) -> None:
    book, _ = filled
    with book.change("新户", CLERK) as (s, done):
        house = add_household(s, "H9", "赵小明").id
    with book.change("新地", CLERK) as (s, later):
        add_parcel(s, "P9", household=house)
    assert refused(book, done.action) == "不能撤销：还有 1 条地块用着这次新增的移民户"
    before = living(book)
    with book.change("撤回", CLERK, "action") as (s, _):
        assert take_back(s, CLERK, [done.action, later.action]) == (3, 0)
    assert len(living(book)["parcel"]) == len(before["parcel"]) - 1


def test_a_row_does_not_return_to_something_deleted(filled: Filled) -> None:
    book, ids = filled
    action = change(book, Parcel, ids["P2"], household=None)
    for cls, row_id in ((Agreement, ids["X3"]), (Household, ids["H2"])):
        change(book, cls, row_id, deleted=1)
    assert refused(book, action) == "不能撤销：地块“P2”的权属户已经删除"


def test_a_number_taken_meanwhile_stops_it(filled: Filled) -> None:
    book, ids = filled
    action = change(book, Parcel, ids["P3"], number="P30")
    with book.change("新地", CLERK) as (s, _):
        add_parcel(s, "P3")
    assert refused(book, action) == "不能撤销：地块“P3”的编号已经用上"


def test_settled_numbered_and_confirmed_rows_stay(filled: Filled) -> None:
    book, ids = filled
    with book.change("起草", CLERK) as (s, drafted):
        add(s, Agreement, number="X9", project=PROJECT, household=ids["H1"], kind="crop", state="draft")
    assert refused(book, drafted.action) == "不能撤销：补偿补助协议“X9”要完整留底，请办理作废或结束"
    signed = change(book, Agreement, ids["X3"], state="signed")
    assert refused(book, signed) == "不能撤销：补偿补助协议“X3”已经办结"
    line = change(book, REGISTERS[[reg.name for reg in REGISTERS].index("agreement_line")].cls, ids["line"], spec="大")
    assert "已经办结" in refused(book, line)
    resized = change(book, Parcel, ids["P2"], area=2_000_000)
    change(book, Parcel, ids["P2"], confirmed=1)
    assert refused(book, resized) == "不能撤销：地块“P2”已签字确认"


def test_a_printed_record_stays(filled: Filled) -> None:
    book, _ = filled
    with book.change("新户", CLERK) as (s, done):
        house = add_household(s, "H9", "赵小明").id
    with book.change("打印", CLERK) as (s, _):
        add(s, Printout, code="K1", form="户表", register="household", record=house, printed_at="2026-04-01", digest="x")
    assert "用印单据" in refused(book, done.action)


def test_only_the_one_who_did_it_or_a_senior_takes_it_back(filled: Filled) -> None:
    book, ids = filled
    action = change(book, Parcel, ids["P1"], site="坝子")
    assert refused(book, action, Clerk("李秀英", Role.ENTRY, "2026-11-22")) == "李秀英不能撤销王建国办的事"
    assert "不能撤销" in refused(book, action, Clerk("王建国", Role.READER, "2026-11-22"))
    go_back(book, action, Clerk("李秀英", Role.HEAD, "2026-11-22"))


def test_imports_and_migrations_have_their_own_way(filled: Filled) -> None:
    book, _ = filled
    with book.change("导入 户.xlsx", CLERK, "import") as (s, done):
        add_household(s, "H9", "赵小明")
    assert refused(book, done.action) == "变更记录里没有这次导入的批次，不能撤销"
    with book.read() as s:
        first = everything(s)[-1].action
        assert first not in [entry.action for entry in last_actions(s, 50)]
    with pytest.raises(UserError, match="不能撤销"):
        go_back(book, first)


def test_an_imports_own_entry_stays_when_it_is_withdrawn(filled: Filled) -> None:
    book, _ = filled
    with book.change("导入", CLERK, "import") as (s, done):
        add_household(s, "H9", "赵小明")
        batch = add(s, next(reg.cls for reg in REGISTERS if reg.name == "import_batch"), register="household", file="户.xlsx")
        row_id, cls = batch.id, type(batch)
    with book.change("撤回导入", CLERK, "action") as (s, _):
        assert take_back(s, CLERK, [done.action], leave=("import_batch",)) == (2, 0)
        assert s.get_one(cls, row_id).deleted == 0


STEP = st.tuples(st.sampled_from(["site", "area", "number", "household", "delete", "add", "name"]), st.integers(0, 5), st.integers(0, 3))


@given(st.lists(STEP, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_was_done_undoing_all_of_it_backwards_restores_the_book(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELOCDESK_HOME", f"{folder}/machine")
        with make_book(Path(folder) / "乡.zjb") as book:
            with book.change("登记", CLERK) as (s, _):
                houses = [add_household(s, f"H{n}", "张三").id for n in range(3)]
                parcels = [add_parcel(s, f"P{n}", household=houses[n % 3]).id for n in range(3)]
            before = living(book)
            done = [one for n, step in enumerate(steps) if (one := do(book, houses, parcels, n, *step))]
            for action in reversed(done):
                go_back(book, action)
            assert living(book) == before
            with book.read() as s:
                assert verify(s) == []


def do(book: Book, houses: list[str], parcels: list[str], n: int, what: str, which: int, value: int) -> str:
    with book.change(what, CLERK) as (s, done):
        row = s.get_one(Parcel, parcels[which % len(parcels)])
        if what == "add":
            parcels.append(add_parcel(s, f"N{n}", household=houses[value % 3], place=[GROUP_1, GROUP_2][value % 2]).id)
        elif what == "delete":
            row.deleted = 1 - row.deleted
        elif what == "name":
            s.get_one(Person, s.get_one(Household, houses[value % 3]).head).name = f"李{value}"
        elif what == "number":
            row.number = f"M{n}"
        elif what == "area":
            row.area, row.area_m2 = 1_000_000 * value, 66_667 * value
        else:
            setattr(row, what, houses[value % 3] if what == "household" else f"地{value}")
    return done.action if done.tables else ""


def test_the_founding_of_a_book_is_never_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "新.reloc"
    with found_book(path, office="三坝乡搬迁办", place="530523102", by="王建国", on="2026-11-22") as made, made.read() as session:
        assert last_actions(session) == []


def test_the_latest_action_is_found_without_reading_the_history(filled: Filled) -> None:
    """However long the history, it costs as many statements as a short one; actions that cannot be taken back are passed over."""
    book, ids = filled

    def asked() -> int:
        with book.read() as s, statements(s) as seen:
            assert [entry.why for entry in last_actions(s, 1)] == ["改"]
        return len(seen)

    for n in range(4):
        change(book, Parcel, ids["P3"], area=3_400_000 + n * 15, area_m2=226_667 + n)
    few = asked()
    for n in range(20):
        change(book, Parcel, ids["P3"], area=3_500_000 + n * 15, area_m2=233_334 + n)
    assert asked() == few
    for n in range(6):
        with book.change("升级", CLERK, source="migration") as (s, _):
            s.get_one(Parcel, ids["P3"]).site = f"第{n}处"
    with book.read() as s:
        assert [entry.why for entry in last_actions(s, 1)] == ["改"]


def test_an_objection_is_answered_and_not_taken_back(filled: Filled) -> None:
    book, _ = filled
    with book.change("张榜", CLERK) as (s, _):
        wall = add(s, Posting, subject="first", place=GROUP_1, from_on="2026-03-01", until_on="2026-03-08")
        wall_id = wall.id
    with book.change("登记异议", CLERK) as (s, done):
        file_objection(s, CLERK, s.get_one(Posting, wall_id), raised_by="李四", claim="少量了", filed_on="2026-03-02")
    with pytest.raises(UserError, match="要完整留底，登记错的请“答复异议”"):
        go_back(book, done.action)
    with book.read() as s:
        (raised,) = open_objections(s, wall_id)
    with book.change("答复", CLERK) as (s, done):
        decide(s, CLERK, s.get_one(Objection, raised.id), result="登记有误", team="杨测")
    assert go_back(book, done.action)
    with book.read() as s:  # without its answer it holds money again
        assert len(open_objections(s, wall_id)) == 1

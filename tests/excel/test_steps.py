"""A petition ledger with 办理情况 in one cell: steps where the days are certain, text and a warning where not; twice is once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.excel import write
from relocdesk.excel.plan import Plan, apply, plan
from relocdesk.records import new_id, register
from relocdesk.records.petition import Petition, PetitionStep
from relocdesk.undo import withdraw
from tests.excel.ugly import grid

PETITION = register("petition")
HEAD = ["序号", "登记日期", "渠道", "目的", "信访人", "类别", "诉求摘要", "受理日期", "办理情况", "备注"]
READ = [1, "2023.5.6", "来访", "求决", "张明", "面积", "少两亩", "2023.5.8", "2023.5.8受理；5.20入户调查，少1.2亩；6.1答复", None]
TEXT = [2, "2023.6.6", "来信", "求决", "李四", "标准", "标准低", "2023.6.8", "已多次上门做工作", "困难户"]
BARE = [3, "2023.7.6", "来信", "求决", "王五", "标准", "标准低", None, "—", None]


def look(book: Book, clerk: Clerk, path: Path) -> Plan:
    with book.read() as session:
        return plan(session, clerk, PETITION, path)


def take(book: Book, clerk: Clerk, path: Path) -> str:
    with book.change("导入", clerk, "import") as (session, _):
        return apply(session, clerk, plan(session, clerk, PETITION, path))


def kept(book: Book) -> tuple[list[tuple[Any, ...]], dict[str, str | None]]:
    with book.read() as session:
        steps = session.execute(select(Petition.petitioner, PetitionStep.done_on, PetitionStep.progress).join(Petition, PetitionStep.petition == Petition.id)
                                .where(PetitionStep.deleted == 0).order_by(PetitionStep.line))  # fmt: skip
        remarks = session.execute(select(Petition.petitioner, Petition.remark).where(Petition.deleted == 0))
        return [tuple(row) for row in steps], {row[0]: row[1] for row in remarks}


def counts(found: Plan) -> list[tuple[str, int, int, int]]:
    return [(one.register.name, len(one.new), len(one.changed), len(one.same)) for one in (found.judgement, *found.sides.parts)]


def test_what_was_done_becomes_steps_and_what_is_not_certain_stays_text(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = grid(tmp_path / "台账.xlsx", [HEAD, READ, TEXT, BARE])
    found = look(book, clerk, path)
    assert (counts(found), found.problems, found.unmapped) == ([("petition", 3, 0, 0), ("petition_step", 3, 0, 0)], [], ())
    assert "“办理情况”登记为“办理过程”：新增 3，变更 0，相同 0" in found.notes
    (warning,) = [one for one in found.warnings if one.code == "STEPS"]
    assert (found.where(warning), warning.text[:10]) == ("第3行（I3）“办理情况”", "看不出每一步是哪一天")
    take(book, clerk, path)
    steps, remarks = kept(book)
    assert steps == [("张明", "2023-05-08", "受理"), ("张明", "2023-05-20", "入户调查，少1.2亩"), ("张明", "2023-06-01", "答复")]
    assert remarks == {"张明": None, "李四": "困难户；办理情况：已多次上门做工作", "王五": None}
    again = look(book, clerk, path)
    assert (counts(again), again.count) == ([("petition", 0, 0, 3), ("petition_step", 0, 0, 3)], 0)



def test_a_ledger_taken_in_by_mistake_goes_out_again_while_nothing_was_done_with_it(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    def back(batch: str) -> str:
        with book.change("撤回", clerk) as (session, _):
            return withdraw(session, clerk, batch)

    batch = take(book, clerk, grid(tmp_path / "一.xlsx", [HEAD, READ, TEXT]))
    assert "删去 5 条" in back(batch)
    assert kept(book) == ([], {})
    batch = take(book, clerk, tmp_path / "一.xlsx")
    with book.change("送达", clerk) as (session, _):
        session.scalars(select(Petition).where(Petition.deleted == 0)).all()[0].handler = "李小红"
    with book.change("登记办理情况", clerk) as (session, _):
        row = session.scalars(select(Petition).where(Petition.deleted == 0)).all()[1]
        session.add(PetitionStep(id=new_id(), home=row.home, petition=row.id, line="A000099", done_on="2023-08-01", progress="回访"))
    with pytest.raises(UserError, match="还有 1 条办理过程用着这次新增的信访件"):
        back(batch)


def test_a_ledger_that_goes_on_adds_what_is_new(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    take(book, clerk, grid(tmp_path / "一.xlsx", [HEAD, READ]))
    longer = [*READ[:8], "2023.5.8受理；5.20入户调查，少1.2亩；6.1答复；6.20回访", None]
    found = look(book, clerk, grid(tmp_path / "二.xlsx", [HEAD, longer]))
    assert counts(found) == [("petition", 0, 0, 1), ("petition_step", 1, 0, 3)]
    take(book, clerk, tmp_path / "二.xlsx")
    assert kept(book)[0][-1] == ("张明", "2023-06-20", "回访")


@pytest.mark.parametrize("typed", [None, "低保户", "低保户；办理情况：已多次上门做工作"])
def test_a_remark_of_the_book_is_not_lost_to_a_ledger_without_one(book: Book, clerk: Clerk, tmp_path: Path, typed: str | None) -> None:
    bare = [row[:-1] for row in (HEAD, READ, TEXT)]
    take(book, clerk, grid(tmp_path / "一.xlsx", [row[:-2] for row in (HEAD, READ, TEXT)]))
    with book.change("备注", clerk) as (session, _):
        for row in session.scalars(select(Petition)):
            row.remark = typed
    path = grid(tmp_path / "二.xlsx", bare)
    for _ in range(2):
        found = look(book, clerk, path)
        assert len(found.new) == 0, "known by what else they say"
        take(book, clerk, path)
        remarks = kept(book)[1]
        assert remarks["张明"] == typed
        assert remarks["李四"] == (typed if typed and "办理情况" in typed else "；".join(filter(None, (typed, "办理情况：已多次上门做工作"))))
    assert look(book, clerk, path).count == 0


def test_rows_that_differ_in_their_remarks_are_two(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    one, other = [*READ[:8], None, "第一次"], [*READ[:8], None, "第二次"]
    take(book, clerk, grid(tmp_path / "一.xlsx", [HEAD, one]))
    found = look(book, clerk, grid(tmp_path / "二.xlsx", [HEAD, other]))
    assert counts(found)[0] == ("petition", 1, 0, 0)
    assert counts(look(book, clerk, grid(tmp_path / "三.xlsx", [HEAD, other, one])))[0] == ("petition", 1, 0, 1)


def test_a_wrong_row_brings_no_steps_and_the_export_comes_back_unchanged(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    wrong = [*READ[:7], "2023.5.1", *READ[8:]]
    found = look(book, clerk, grid(tmp_path / "一.xlsx", [HEAD, wrong, TEXT]))
    assert (counts(found), [one.row for one in found.problems]) == ([("petition", 1, 0, 0)], [2])
    take(book, clerk, grid(tmp_path / "二.xlsx", [HEAD, READ, TEXT]))
    for name in ("petition", "petition_step"):
        with book.read() as session:
            write.export(session, register(name), None, tmp_path / "出.xlsx")
            back = plan(session, clerk, register(name), tmp_path / "出.xlsx")
            assert (back.count, back.problems) == (0, [])

"""What must not be seen: every door is tried by people who may not, and by those who may."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from relocdesk import entry, history, undo, veil
from relocdesk.actions.documents import attach, register_printout
from relocdesk.book import Book
from relocdesk.clerk import ROLES, Clerk
from relocdesk.errors import UserError
from relocdesk.excel.plan import apply as apply_plan
from relocdesk.excel.plan import plan
from relocdesk.excel.sheet import read_workbook
from relocdesk.excel.write import export, template
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers
from relocdesk.queries import choices
from relocdesk.queries.petition import earlier_of
from relocdesk.queries.rows import Ask, counts, find, ids, page, rowids, titles, totals
from relocdesk.queries.search import search_all
from relocdesk.records import REGISTERS, children_of, new_id, register
from relocdesk.records.petition import Dispute, Petition, PetitionStep
from relocdesk.verify import verify
from tests import make
from tests.commands.conftest import Bare  # noqa: F401 -- the fixture below runs the command line with it
from tests.commands.conftest import run as run
from tests.queries.test_rows import statements

HEAD, PARTY, CLERK = make.clerk("陈志远", "head"), make.clerk("周文静", "party"), make.clerk("李小红", "entry")
SEE_NOTHING = (CLERK, make.clerk("赵国强", "review"), make.clerk("王建国", "admin"), make.clerk("何平", "reader"), None)
PETITION = register("petition")
CLAIM = {"number": "XF1", "received_on": "2026-03-02", "channel": "来信", "purpose": "申诉求决", "petitioner": "张明", "category": "面积",
         "summary": "少量了两亩", "amount": "100"}  # fmt: skip
SECRET = {**CLAIM, "number": "XF2", "purpose": "检举控告", "petitioner": "钱秘", "summary": "虚报地块", "amount": "200"}


@pytest.fixture
def filled(book: Book) -> tuple[Book, str]:
    """A book with a claim and a denunciation, its step, its file, its printed sheet and a dispute that led to it; and its id."""
    with book.change("登记操作员", make.clerk()) as (session, _):
        for one in (HEAD, PARTY, CLERK):
            entry.save(session, make.clerk(), register("operator"), {"name": one.name, "role": ROLES[one.role], "active": "是"})
    with book.change("登记信访件", CLERK) as (session, _):
        entry.save(session, CLERK, PETITION, CLAIM)
    with book.change("登记检举件 钱秘", HEAD) as (session, _):
        row = entry.save(session, HEAD, PETITION, SECRET)
        session.add(PetitionStep(id=new_id(), home=book.home, petition=row, line="A000001", done_on="2026-03-05", progress="已核对红线"))
        session.add(Dispute(id=new_id(), home=book.home, number="JF1", found_on="2026-03-01", parties="甲乙", type="权属", risk="red", petition=row))
        register_printout(session, HEAD, form="petition-accept", register="petition", record=row, code="ABCDEFG1", digest="1", subject="钱秘的告知书")
        entry.save(session, PARTY, register("pledge"), {"number": "1", "cadre": "孙干部", "relative": "孙妻", "relation": "配偶", "signed_on": "2026-03-01"})
    note = book.path.parent / "举报信.txt"
    note.write_text("密")
    with book.change("添加附件", PARTY) as (session, _):
        attach(session, PARTY, book.path, "petition", row, note)
    return book, row


def look(book: Book, who: Clerk | None) -> None:
    if who is None:
        book.viewer = None
    else:
        book.viewer = lambda: who


blind = pytest.mark.parametrize("who", SEE_NOTHING, ids=lambda who: who.role if who else "nobody")


def test_the_veil_covers_what_the_registers_declare() -> None:
    declared = {}
    for reg in REGISTERS:
        if reg.seen_by:
            declared[reg.name] = ("1", reg.seen_by)
        if reg.secret is not None:
            name, value, roles = reg.secret
            declared[reg.name] = (f"{name} = '{value}'", roles)
            for child in children_of(reg):
                assert child.parent is not None
                declared[child.name] = (f"{child.parent.name} IN (SELECT id FROM main.{reg.name} WHERE {name} = '{value}')", roles)
    assert {one.table: (one.where, set(one.roles)) for one in veil.SECRETS} == {name: (where, set(roles)) for name, (where, roles) in declared.items()}
    hanging = {reg.name for reg in REGISTERS if "register" in reg and "record" in reg}
    assert hanging <= {*veil._HANGING, "platform_entry"}


@blind
def test_lists_totals_counts_and_searches_do_not_show_it(filled: tuple[Book, str], who: Clerk | None) -> None:
    book, row = filled
    look(book, who)
    with book.read() as session:
        ask = Ask(PETITION)
        assert [line.shown for line in page(session, PETITION, rowids(session, ask), [PETITION["number"]])] == [("XF1",)]
        assert [line.shown for line in page(session, PETITION, range(1, 50), [PETITION["number"]])] == [("XF1",)], "by its handle neither"
        assert len(ids(session, ask)) == 1
        assert (totals(session, ask).count, totals(session, ask).money) == (1, 10_000)
        assert counts(session, ask, "purpose") == {"claim": 1}
        assert [hit.register for word in ("钱秘", "XF2", "qm", "虚报") for hit in search_all(session, word)] == []
        assert [one.key for one in choices.offers(session, PETITION, "")] == ["XF1"]
        assert choices.record(session, PETITION, row, [PETITION["summary"]]) is None
        assert not choices.living(session, PETITION, row)
        assert titles(session, PETITION, [row]) == {}
        for name in ("petition_step", "attachment", "printout", "pledge", "petition_review"):
            assert ids(session, Ask(register(name))) == [], name
        dispute = register("dispute")
        assert page(session, dispute, rowids(session, Ask(dispute)), [dispute["petition"]])[0].shown == ("",)
        with pytest.raises(UserError, match="XF2"):
            find(session, PETITION, "XF2")


@blind
def test_the_history_does_not_show_it(filled: tuple[Book, str], who: Clerk | None) -> None:
    book, row = filled
    look(book, who)
    with book.read() as session:
        told = [*history.everything(session), *undo.last_actions(session), *history.of_record(session, PETITION, row)]
        assert told
        text = json.dumps([history.sentence(one) + str(one) for one in told], ensure_ascii=False)
        for word in ("钱秘", "虚报", "XF2", "举报信", "红线", "孙干部"):
            assert word not in text
        assert history.as_of(session, PETITION, row, "2027-01-01") is None
        assert "JF1" in text, "what stands beside it in the same action is still told"


@blind
def test_workbooks_and_papers_leave_it_out(filled: tuple[Book, str], who: Clerk | None, tmp_path: Path) -> None:
    book, row = filled
    look(book, who)
    with book.read() as session:
        for reg in (PETITION, register("attachment"), register("printout")):
            export(session, reg, None, tmp_path / "x.xlsx")
            assert "钱秘" not in str([sheet.cells for sheet in read_workbook(tmp_path / "x.xlsx").sheets])
    if who is not None and who.role != "reader":
        printed = print_papers(book, who, find_form("plain_list:petition"), [row], tmp_path / "x.pdf")
        assert printed.done == []


def test_those_who_may_see_it(filled: tuple[Book, str], tmp_path: Path) -> None:
    book, row = filled
    for who in (HEAD, PARTY, CLERK, HEAD):  # the connection is the same: what it shows changes with who looks
        look(book, who)
        with book.read() as session:
            assert len(ids(session, Ask(PETITION))) == (1 if who is CLERK else 2)
    with book.read() as session:
        assert search_all(session, "钱秘")[0].id == row
        assert export(session, PETITION, None, tmp_path / "x.xlsx") == 2
        assert any("钱秘" in str(one) for one in history.everything(session))


def test_a_clerk_cannot_do_anything_to_it_by_its_id_or_number(filled: tuple[Book, str], tmp_path: Path) -> None:
    book, row = filled
    file = tmp_path / "a.txt"
    file.write_text("x")
    with book.change("试", CLERK) as (session, _):
        assert session.get(Petition, row) is not None, "changes see everything, so that numbers stay without gaps"
        for attempt in (
            lambda: entry.save(session, CLERK, PETITION, {"summary": "没有的事"}, row),
            lambda: entry.remove(session, CLERK, PETITION, row),
            lambda: entry.restore(session, CLERK, PETITION, row),
            lambda: attach(session, CLERK, book.path, "petition", row, file),
            lambda: entry.save(session, CLERK, register("petition_step"), {"petition": "XF2", "done_on": "2026-03-06", "progress": "看看"}),
            lambda: entry.save(session, CLERK, register("pledge"), {"number": "9", "cadre": "甲", "relative": "乙", "relation": "子"}),
        ):
            with pytest.raises(UserError):
                attempt()
    with book.read(whole=True) as session:
        assert session.get_one(Petition, row).summary == "虚报地块"
        assert len(ids(session, Ask(register("petition_step")))) == 1


def test_its_number_is_not_given_again_and_a_clerk_registers_none(filled: tuple[Book, str], tmp_path: Path) -> None:
    book, _ = filled
    look(book, HEAD)
    out = tmp_path / "信访.xlsx"
    with book.read() as session:
        export(session, PETITION, None, out)
    look(book, CLERK)
    with book.read() as session:  # the head's workbook in the hands of a clerk
        found = plan(session, CLERK, PETITION, out)
        assert (len(found.new), len(found.same)) == (0, 1)
        assert [problem.text for problem in found.problem_list()] == ["已经有同样编号的信访件；请换一个编号"]
    with book.change("登记", CLERK) as (session, _):
        with pytest.raises(UserError, match="只能由负责人、党务登记"):
            entry.save(session, CLERK, PETITION, {**SECRET, "number": "XF3"})
        with pytest.raises(UserError, match="只能由负责人、党务登记"):
            entry.save(session, CLERK, PETITION, {"purpose": "检举控告"}, find(session, PETITION, "XF1"))


def test_a_file_that_brought_one_is_not_named(filled: tuple[Book, str], tmp_path: Path) -> None:
    book, _ = filled
    out = tmp_path / "钱秘的举报.xlsx"
    template(PETITION, out)
    sheet = load_workbook(out)
    titles_of = {cell.value: cell.column for row in sheet.active.iter_rows() for cell in row if cell.value}
    at = sheet.active.max_row + 1
    for name, text in SECRET.items():
        column = next(titles_of[one] for one in titles_of if str(one).startswith(PETITION[name].title))
        sheet.active.cell(row=at, column=column, value="XF9" if name == "number" else text)
    sheet.save(out)
    with book.change(f"导入信访件：{out.name}", HEAD, source="import") as (session, _):
        found = plan(session, HEAD, PETITION, out)
        assert [str(one) for one in found.problem_list()] == []
        assert apply_plan(session, HEAD, found)
    for who, seen in ((CLERK, 0), (HEAD, 1)):
        look(book, who)
        with book.read() as session:
            assert len(ids(session, Ask(register("import_batch")))) == seen
            assert ("的举报" in str(history.everything(session))) is bool(seen)


def test_a_number_given_while_only_looking_counts_it(filled: tuple[Book, str]) -> None:
    """The window plans an import in a look and writes it later: the number of something hidden is not given twice."""
    book, _ = filled
    with book.change("登记", HEAD) as (session, _):
        texts = {**SECRET, "number": "", "summary": "另一件"}
        hidden = session.get_one(Petition, entry.save(session, HEAD, PETITION, texts)).number
    look(book, CLERK)
    fields = [PETITION[name] for name in CLAIM if name not in ("number", "summary")] + [PETITION["summary"]]
    with book.read() as session:
        judged = entry.judge(session, CLERK, PETITION, fields, [(1, [*(CLAIM[f.name] for f in fields[:-1]), "又一件"])])
    with book.change("导入", CLERK) as (session, _):
        entry.apply(session, CLERK, judged)
        assert session.query(Petition).filter_by(number=hidden).count() == 1


def test_a_clerk_cannot_take_back_what_touched_it(filled: tuple[Book, str]) -> None:
    book, row = filled
    look(book, HEAD)
    with book.change("改摘要", HEAD) as (session, done):
        entry.save(session, HEAD, PETITION, {"summary": "虚报两块"}, row)
    with book.change("撤销", make.clerk("赵国强", "review")) as (session, _), pytest.raises(UserError, match="不能看的内容"):
        undo.undo(session, make.clerk("赵国强", "review"), done.action)
    with book.change("撤销", HEAD) as (session, _):
        undo.undo(session, HEAD, done.action)


def test_a_refused_undo_does_not_name_it(filled: tuple[Book, str]) -> None:
    book, _ = filled
    with book.change("改编号", CLERK) as (session, done):
        entry.save(session, CLERK, PETITION, {"number": "XF5"}, find(session, PETITION, "XF1"))
    with book.change("登记", HEAD) as (session, _):
        entry.save(session, HEAD, PETITION, {**SECRET, "number": "XF1", "summary": "另一件"})
    with book.change("撤销", CLERK) as (session, _), pytest.raises(UserError, match="信访件的编号已经用上") as refused:
        undo.undo(session, CLERK, done.action)
    assert "钱秘" not in str(refused.value)


def test_whoever_looks_after_the_book_finds_it_whole(filled: tuple[Book, str]) -> None:
    book, _ = filled
    look(book, CLERK)
    assert [problem for part in verify(book) for problem in part.problems] == []


def test_the_command_line_shows_it_to_those_who_say_who_they_are(filled: tuple[Book, str], run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    book, _ = filled
    path = book.path
    book.close()
    numbers = {}
    for by in ("", "李小红", "王建国", "陈志远", "周文静"):
        answer = run("list", path, "petition", "--json", *(["--by", by] if by else []))
        numbers[by] = ([row["number"] for row in answer.json["rows"]], answer.json["totals"]["count"], answer.json["totals"]["money"])
    few, all_of_them = (["XF1"], 1, "100.00"), (["XF1", "XF2"], 2, "300.00")
    assert numbers == {"": few, "李小红": few, "王建国": few, "陈志远": all_of_them, "周文静": all_of_them}
    for words in (("history", path), ("history", path, "--by", "李小红"), ("list", path, "petition", "--search", "钱秘"),
                  ("export", path, "petition", tmp_path / "o.xlsx")):  # fmt: skip
        answer = run(*words)
        assert "钱秘" not in answer.out
    refused = [run("set", path, "petition", "XF2", "summary=x", "--by", "李小红"), run("history", path, "petition", "XF2", "--by", "李小红"),
               run("delete", path, "petition", "XF2", "--by", "李小红")]  # fmt: skip
    assert [one.code for one in refused] == [1, 1, 1]
    assert not any("钱秘" in one.out + one.err for one in refused)


def test_the_party_secretary_keeps_the_records_of_cases(book: Book) -> None:
    with book.change("登记", PARTY) as (session, _):
        entry.save(session, PARTY, PETITION, CLAIM)
        entry.save(session, PARTY, register("dispute"), {"found_on": "2026-03-01", "parties": "甲乙", "type": "权属", "risk": "红"})
        with pytest.raises(UserError, match="不能改"):
            entry.save(session, PARTY, register("household"), {"number": "1"})
        with pytest.raises(UserError, match="不能改"):
            entry.save(session, replace(CLERK, role="reader"), PETITION, CLAIM)


def test_many_rows_are_asked_for_at_once(filled: tuple[Book, str]) -> None:
    """However many rows a change, a repeated petition or a list speaks of, what is hidden among them costs one question."""
    book, _ = filled
    with book.change("登记", HEAD) as (session, _):
        secret = {entry.save(session, HEAD, PETITION, {**SECRET, "number": f"XF9{n}", "received_on": f"2026-03-{n:02d}"}) for n in range(10, 20)}
        open_ = [entry.save(session, HEAD, PETITION, {**SECRET, "purpose": "申诉求决", "number": f"XF8{n}", "received_on": f"2026-03-{n:02d}"})
                 for n in range(10, 20)]  # fmt: skip
        last = session.get_one(Petition, entry.save(session, HEAD, PETITION, {**SECRET, "number": "XF99", "received_on": "2026-04-01"}))
        with statements(session) as seen:
            assert veil.hidden_among(session.connection(), CLERK.role, "petition", iter([*secret, *open_])) == secret
            assert veil.hidden_among(session.connection(), HEAD.role, "petition", [*secret, *open_]) == set()
            assert veil.hidden_among(session.connection(), CLERK.role, "petition", []) == set()
        assert len(seen) <= 2, seen
        with statements(session) as seen:
            assert [one.id for one in earlier_of(session, last, CLERK.role)] == open_
            assert len(earlier_of(session, last, HEAD.role)) == 1 + len(secret) + len(open_)
        assert len(seen) <= 4, seen


def test_references_of_a_sheet_are_held_against_the_veil_at_once(filled: tuple[Book, str]) -> None:
    """A ledger whose lines name many petitions: what must not be seen is said not to exist, by as many statements as for two."""
    book, _ = filled
    with book.change("登记", HEAD) as (session, _):
        for n in range(10, 30):
            entry.save(session, HEAD, PETITION, {**(SECRET if n < 20 else CLAIM), "number": f"XF2026-A0{n}"})
    fields = [register("dispute")[name] for name in ("number", "found_on", "parties", "type", "risk", "petition")]
    counted = {}
    for most in (2, 20):
        rows = [(n, [f"JF2026-{n}", "2026-03-05", "甲乙", "权属", "红", f"XF2026-A0{29 - n}"]) for n in range(most)]
        with book.read(whole=True) as session, statements(session) as seen:
            judged = entry.judge(session, CLERK, register("dispute"), fields, rows)
        counted[most] = len(seen)
        assert [one.row for one in judged.problems] == [n for n in range(most) if 29 - n < 20]
    assert counted[20] <= counted[2] + 1, "\n".join(seen)

"""What must not be seen, by the side doors: what hangs on it, what refusals and checks say, numbers, lists made for others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from relocdesk import entry, history, settings, undo
from relocdesk.actions.documents import attach, folder_of, register_printout, return_printout
from relocdesk.actions.petition import accept, step
from relocdesk.actions.platform import platform_list
from relocdesk.actions.posting import decide
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.excel.plan import plan
from relocdesk.excel.write import export
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers
from relocdesk.printing.todo import load_hand
from relocdesk.queries import views
from relocdesk.queries.dues import items
from relocdesk.queries.objections import open_objections
from relocdesk.queries.petition import earlier_of
from relocdesk.queries.rows import Ask, find, ids, page, rowids
from relocdesk.records import REGISTERS, new_id, register
from relocdesk.records.agreement import Printout
from relocdesk.records.document import ImportBatch
from relocdesk.records.party import PlatformEntry
from relocdesk.records.petition import Petition
from relocdesk.records.reference import Operator
from relocdesk.records.survey import Objection, Posting
from relocdesk.verify import verify
from tests import make
from tests.commands.conftest import Bare  # noqa: F401 -- the fixture below runs the command line with it
from tests.commands.conftest import run as run
from tests.test_veil import CLAIM, CLERK, HEAD, PARTY, PETITION, SECRET, blind, look
from tests.test_veil import filled as filled


@blind
def test_no_register_holds_a_trace_of_it(filled: tuple[Book, str], who: Clerk | None) -> None:
    """Every field of every row of every register, as a grid, an export or JSON would show it, and whatever a search finds there."""
    book, _ = filled
    look(book, who)
    with book.read() as session:
        for reg in REGISTERS:
            shown = [line.shown for line in page(session, reg, rowids(session, Ask(reg)), list(reg))]
            shown += [line.values for line in page(session, reg, rowids(session, Ask(reg, deleted=True)), list(reg))]
            assert not any(word in str(shown) for word in ("钱秘", "虚报", "XF2", "举报信", "孙妻", "孙干部")), reg.name
            for word in ("钱秘", "qm", "XF2", "孙妻"):
                assert ids(session, Ask(reg, search=word)) == [], (reg.name, word)


@blind
def test_what_hangs_on_it_at_second_hand_is_hidden_too(filled: tuple[Book, str], who: Clerk | None, tmp_path: Path) -> None:
    """The scan of its sheet, the file it was imported from, its line of the platform: each hangs on it through another row."""
    book, row = filled
    scan = tmp_path / "钱秘送达回证.pdf"
    scan.write_text("扫描")
    with book.change("扫描", HEAD) as (session, _):
        sheet = session.scalars(select(Printout)).one()
        attach(session, HEAD, book.path, "printout", sheet.id, scan)
        session.add(ImportBatch(id=new_id(), home=book.home, line="A000001", register="pledge", file="承诺书名单（孙妻）.xlsx"))
        session.add(PlatformEntry(id=new_id(), home=book.home, module="people", data_year=2026, item="XF2 钱秘", register="petition", record=row))
    look(book, who)
    with book.read() as session:
        for name in ("attachment", "import_batch", "platform_entry"):
            assert ids(session, Ask(register(name))) == [], name
        told = json.dumps([str(one) for one in history.everything(session)], ensure_ascii=False)
        assert not any(word in told for word in ("送达回证", "孙妻", "钱秘"))
    look(book, HEAD)
    with book.read() as session:
        assert [len(ids(session, Ask(register(name)))) for name in ("attachment", "import_batch", "platform_entry")] == [2, 1, 1]


def test_a_claim_that_turns_out_to_be_a_denunciation_is_hidden_with_all_it_left_behind(filled: tuple[Book, str], tmp_path: Path) -> None:
    book, _ = filled
    look(book, CLERK)
    with book.read() as session:
        row = find(session, PETITION, "XF1")
    with book.change("受理：XF1", CLERK, source="action") as (session, _):
        step(session, CLERK, session.get_one(Petition, row), progress="问过张明")
        register_printout(session, CLERK, form="petition_delivery", register="petition", record=row, code="ABCDEFG2", digest="2", subject="张明")
    with book.change("改目的", HEAD) as (session, _):
        entry.save(session, HEAD, PETITION, {"purpose": "检举控告"}, row)
    with book.read() as session:
        told = json.dumps([str(one) for one in (*history.everything(session), *history.of_record(session, PETITION, row))], ensure_ascii=False)
        assert not any(word in told for word in ("张明", "少量了两亩", "XF1"))
        assert [ids(session, Ask(register(name))) for name in ("petition", "petition_step", "printout")] == [[], [], []]
        assert history.as_of(session, PETITION, row, "2027-01-01") is None
    with book.change("改目的", HEAD) as (session, _):
        judged = entry.check(session, HEAD, PETITION, {"purpose": "申诉求决"}, row)
        assert ["变更记录所有岗位都看得见" in one.text for one in judged.warnings] == [True], "who opens it is told what that means"


def test_no_answer_tells_that_there_is_one(filled: tuple[Book, str], run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A key of something hidden is refused in the very words of a key that names nothing."""
    book, _ = filled
    path = book.path
    book.close()
    note = tmp_path / "a.txt"
    note.write_text("x")
    for name, key, values in (("petition", "XF2", ("summary=x",)), ("pledge", "1", ("relative=x",)), ("petition_step", "XF2/A000001", ("progress=x",)),
                              ("printout", "ABCDEFG1", ("remark=x",))):  # fmt: skip
        for words in (("set", path, name, "{}", *values), ("delete", path, name, "{}"), ("undelete", path, name, "{}"), ("attach", path, name, "{}", note)):
            said = [run(*(word.format(one) if word == "{}" else word for word in map(str, words)), "--by", "李小红") for one in (key, "ZZ9")]
            assert [one.code for one in said] == [1, 1]
            assert said[0].err.replace(key, "ZZ9") == said[1].err, (words[0], name)
    said = [run("add", path, "petition_step", f"petition={one}", "done_on=2026-03-06", "progress=x", "--by", "李小红") for one in ("XF2", "ZZ9")]
    assert said[0].err.replace("XF2", "ZZ9") == said[1].err


def test_a_refusal_counts_only_what_may_be_seen(filled: tuple[Book, str]) -> None:
    """A village with one claim and two denunciations: who deletes it, or takes its entry back, learns of the claim alone."""
    book, row = filled
    admin = make.clerk("王建国", "admin")
    with book.change("登记村组", admin) as (session, made):
        village, empty = (entry.save(session, admin, register("place"), {"code": f"53052310220{n}", "name": f"新村{n}", "parent": "530523102"}) for n in (6, 7))
    with book.change("登记", HEAD) as (session, _):
        entry.save(session, HEAD, PETITION, {"place": "530523102206"}, row)
        for number, purpose, place in (("XF3", "检举控告", "530523102206"), ("XF4", "申诉求决", "530523102206"), ("XF5", "检举控告", "530523102207")):
            entry.save(session, HEAD, PETITION, {**CLAIM, "number": number, "purpose": purpose, "place": place})
    for who, several, hidden in ((admin, "1 条信访件", "别的记录"), (HEAD, "3 条信访件", "1 条信访件")):
        for place, said in ((village, several), (empty, hidden)):
            with book.change("查", who) as (session, _):
                assert entry.used_by(session, register("place"), place) == [said]
    with book.change("删除", admin) as (session, _), pytest.raises(UserError, match=r"^还有别的记录用着这条行政区划，不能删除"):
        entry.remove(session, admin, register("place"), empty)
    with book.change("撤销", admin) as (session, _), pytest.raises(UserError, match="还有 1 条信访件用着这次新增的行政区划"):
        undo.undo(session, admin, made.action)
    with book.change("撤回", HEAD) as (session, _):
        session.get_one(Petition, find(session, PETITION, "XF4")).deleted = 1
    with book.change("撤销", admin) as (session, _), pytest.raises(UserError, match="不能撤销：还有别的记录用着这次新增的行政区划"):
        undo.undo(session, admin, made.action)


def test_what_is_filtered_by_is_as_secret_as_the_rows(filled: tuple[Book, str]) -> None:
    """A saved view may be called after whoever denounced, or look for them."""
    book, _ = filled

    def kept() -> list[tuple[str, str]]:
        with book.read() as session:
            return [(one.name, one.search) for one in views.list_views(session, "petition")]

    for who, view in ((HEAD, views.View("钱秘的件", "钱秘")), (CLERK, views.View("我的", "面积"))):
        with book.change("保存视图", who) as (session, _):
            views.save_view(session, "petition", view)
            views.save_view(session, "parcel", view)
    for who, seen in ((CLERK, [("我的", "面积")]), (None, [("我的", "面积")]), (PARTY, [("我的", "面积"), ("钱秘的件", "钱秘")])):
        look(book, who)
        assert kept() == seen
    with book.change("保存视图", CLERK) as (session, _):
        views.save_view(session, "petition", views.View("钱秘的件", "别的"))
        views.drop_view(session, "petition", "钱秘的件")
    assert kept() == [("我的", "面积"), ("钱秘的件", "钱秘")], "whoever does not see it neither replaces nor deletes it"
    with book.read() as session:
        assert len(views.list_views(session, "parcel")) == 2, "where everybody sees everything views are everybody's"
    with book.change("删除视图", PARTY) as (session, _):
        views.drop_view(session, "petition", "钱秘的件")
    assert kept() == [("我的", "面积")]


def test_an_action_does_not_name_an_earlier_denunciation_of_the_same_person(filled: tuple[Book, str]) -> None:
    book, row = filled
    texts = {**CLAIM, "number": "XF3", "received_on": "2026-03-09", "petitioner": SECRET["petitioner"]}
    with book.change("登记", CLERK) as (session, _):
        again = entry.save(session, CLERK, PETITION, texts)
        assert "XF2" not in accept(session, replace(CLERK, on="2026-03-10"), session.get_one(Petition, again))
    with book.change("登记", HEAD) as (session, _):
        assert [one.id for one in earlier_of(session, session.get_one(Petition, again))] == [row]


def test_importing_a_row_with_its_number_says_nothing_of_what_it_holds(filled: tuple[Book, str], tmp_path: Path) -> None:
    book, _ = filled
    look(book, HEAD)
    out = tmp_path / "信访.xlsx"
    with book.read() as session:
        export(session, PETITION, None, out)
    with book.change("导入", CLERK, source="import") as (session, _):  # as it is applied: everything is seen
        found = plan(session, CLERK, PETITION, out)
        assert [problem.text for problem in found.problem_list()] == ["已经有同样编号的信访件；请换一个编号"]
        assert (found.warnings, found.changed) == ([], [])


def test_checking_the_book_names_nothing_hidden_to_who_must_not_see_it(filled: tuple[Book, str]) -> None:
    book, row = filled
    for file in folder_of(book.path).rglob("*"):
        if file.is_file():
            file.unlink()
    with book.change("删去", HEAD) as (session, _):
        session.get_one(Petition, row).deleted = 1  # nobody can, but an older program might have
    for who in (CLERK, None, HEAD):
        look(book, who)
        told = " ".join(str(problem) for part in verify(book) for problem in part.problems)
        assert "附件" in told
        assert "已经删除" in told
        assert any(word in told for word in ("举报信", "XF2")) is (who is HEAD)


def test_a_code_of_its_sheet_is_unknown_to_who_must_not_see_it(filled: tuple[Book, str]) -> None:
    book, _ = filled
    with book.change("收回", CLERK) as (session, _):
        row = find(session, PETITION, "XF1")
        register_printout(session, CLERK, form="petition_delivery", register="petition", record=row, code="ABCDEFG2", digest="2", subject="张明")
        with pytest.raises(UserError, match="没有登记过短码"):
            return_printout(session, CLERK, "ABCDEFG1")
        with pytest.raises(UserError, match="不能办“单据收回”"):
            return_printout(session, replace(CLERK, role="reader"), "ABCDEFG2")
    with book.change("收回", PARTY) as (session, _):
        assert return_printout(session, PARTY, "ABCDEFG1").startswith("已收回单据")


def test_the_platform_never_takes_in_what_not_everybody_may_see(book: Book) -> None:
    admin = make.clerk()
    with book.change("设置", admin) as (session, _):
        settings.put(session, admin, "platform.people", "信访件：编号、信访人", book.home)
        with pytest.raises(UserError, match="不能公开"):
            platform_list(session, admin, None, module="people", data_year=2026)


def test_a_list_of_what_to_do_shows_only_what_its_owner_may_see(filled: tuple[Book, str]) -> None:
    """The head prints everybody's list and hands it out."""
    book, row = filled
    look(book, HEAD)
    with book.change("指派", HEAD) as (session, _):
        session.get_one(Petition, row).handler = CLERK.name
    with book.read() as session:
        for role, sees in (("entry", False), ("review", False), ("party", True), ("", False)):
            assert any("钱秘" in one.title for one in items(session, "2026-11-22", CLERK.name, role)) is sees, role
        (content,) = load_hand(session, [("", (session.scalars(select(Operator.id).where(Operator.name == CLERK.name)).one(),))])
    assert "钱秘" not in str(content.data), "three people sign it"
    assert "不宜公开" in str(content.data)


def test_the_party_secretary_takes_back_her_own_slips_and_prints_her_lists(book: Book, tmp_path: Path) -> None:
    with book.change("登记", PARTY) as (session, _):
        row = entry.save(session, PARTY, PETITION, {name: text for name, text in CLAIM.items() if name != "number"})
    look(book, PARTY)
    assert len(print_papers(book, PARTY, find_form("plain_list:petition"), [row], tmp_path / "x.pdf").done) == 1
    with book.change("改", CLERK) as (session, other):
        entry.save(session, CLERK, PETITION, {"summary": "少量了三亩"}, row)
    with book.change("撤销", PARTY) as (session, _), pytest.raises(UserError, match="周文静不能撤销李小红办的事"):
        undo.undo(session, PARTY, other.action)
    with book.change("改", PARTY) as (session, own):
        entry.save(session, PARTY, PETITION, {"summary": "少量了四亩"}, row)
    with book.change("撤销", PARTY) as (session, _):
        undo.undo(session, PARTY, own.action)
        assert session.get_one(Petition, row).summary == "少量了三亩"


def test_days_off_are_not_for_everybody_to_set(book: Book) -> None:
    """Every term of a petition runs by them."""
    for who, may in ((CLERK, False), (PARTY, False), (HEAD, True)):
        assert entry.may_change(who, register("holiday")) is may


def test_whether_an_objection_holds_money_does_not_depend_on_who_looks(filled: tuple[Book, str]) -> None:
    """Its petition may have turned out to be a denunciation."""
    book, row = filled
    reg = register("objection")
    with book.change("公示", HEAD) as (session, _):
        posting = Posting(id=new_id(), home=book.home, subject="first", place=make.place(session), from_on="2026-03-01", until_on="2026-03-08")
        session.add(posting)
        session.flush()
        session.add(Objection(id=new_id(), home=book.home, line="A000001", posting=posting.id, raised_by="钱秘", filed_on="2026-03-02", claim="少量",
                              petition=row))  # fmt: skip
        about = posting.id
    for closed, state in ((None, "转信访办理中"), ("2026-03-20", "信访已办结")):
        with book.change("办结", HEAD) as (session, _):
            session.get_one(Petition, row).closed_on = closed
        for who in (CLERK, HEAD):
            look(book, who)
            with book.read() as session:
                (line,) = page(session, reg, rowids(session, Ask(reg)), [reg["state"], reg["petition"]])
                assert line.shown == (state, "XF2" if who is HEAD else "")
                assert len(open_objections(session, about)) == (0 if closed else 1)
    for who in (CLERK, HEAD):
        with book.change("答复", who) as (session, _), pytest.raises(UserError, match="已经转为信访件") as refused:
            decide(session, who, session.scalars(select(Objection)).one(), result="维持", team="甲、乙")
        assert ("XF2" in str(refused.value)) is (who is HEAD)

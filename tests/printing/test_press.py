"""Printing as a clerk meets it: sheets are registered with their file or not at all; what is missing is said beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from relocdesk.actions.posting import post
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.job import Stopped
from relocdesk.printing import find_form, press
from relocdesk.printing.press import digests_now, is_stale, plan_papers, preview, print_papers
from relocdesk.records.agreement import AgreementLine, Printout
from relocdesk.records.document import Attachment
from relocdesk.records.household import Household, Person
from relocdesk.records.reference import Setting
from relocdesk.records.survey import Parcel, Posting
from relocdesk.rules.code import short_code, valid_code
from tests.printing.township import CLERK

Papers = tuple[Book, dict[str, str]]
AGREEMENT = find_form("agreement")
HOUSE = "搬安〔2026〕房A0001"


def printouts(book: Book) -> list[Printout]:
    with book.read() as session:
        return list(session.scalars(select(Printout).order_by(Printout.id)))


def change(book: Book, cls: Any, row_id: str, **values: Any) -> None:
    with book.change("改", by=CLERK) as (session, _):
        row = session.get_one(cls, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_registers_the_sheet_with_its_file(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    printed = print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf", copies=4)
    (row,) = printouts(book)
    assert printed.done == [(HOUSE, row.code, 3)]
    assert valid_code(row.code) == row.code
    assert (row.form, row.register, row.record, row.subject, row.copies, row.pages, row.public, row.printed_by) == (
        "agreement", "agreement", ids[HOUSE], "李大山", 4, 3, 0, "王建国")  # fmt: skip
    assert row.place == ids["53052310220101"]
    assert [path.name for path in tmp_path.glob("*.pdf*")] == ["协议.pdf"]


def test_same_content_again_is_the_same_sheet(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    for _ in range(2):
        print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf", copies=2)
    assert [row.copies for row in printouts(book)] == [4]


def test_changed_content_makes_the_sheet_stale_and_gives_a_new_code(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf")
    (old,) = printouts(book)
    change(book, AgreementLine, ids[f"{HOUSE}/1"], amount=11_809_100)
    with book.read() as session:
        assert is_stale(session, old)
        (sheet,) = plan_papers(session, CLERK, AGREEMENT, [ids[HOUSE]])
    assert (sheet.code, sheet.outdated) == ("", old.code)
    printed = print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf")
    assert printed.done[0][1] != old.code


def test_what_happens_after_signing_does_not_make_it_stale(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    word = "搬安〔2026〕永A0001"
    print_papers(book, CLERK, AGREEMENT, [ids[word]], tmp_path / "协议.pdf")
    change(book, Parcel, ids["P001"], transferred_on="2026-11-20")
    (row,) = printouts(book)
    with book.read() as session:
        assert not is_stale(session, row)
        assert digests_now(session, row) == [row.digest]


def test_a_deleted_record_leaves_its_sheet_stale(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    print_papers(book, CLERK, find_form("transfer"), [ids["P001"]], tmp_path / "移交.pdf")
    change(book, Parcel, ids["P001"], deleted=1)
    (row,) = printouts(book)
    with book.read() as session:
        assert is_stale(session, row)


def test_stopping_leaves_no_file_and_registers_nothing(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    words = ["搬安〔2026〕综A0001", HOUSE, "搬安〔2026〕青A0001"]

    def tick(done: int, total: int, text: str = "") -> None:
        if done == 1:
            raise Stopped

    printed = print_papers(book, CLERK, AGREEMENT, [ids[word] for word in words], tmp_path / "协议.pdf", tick=tick)
    assert printed.done == []
    assert [key for key, _ in printed.refused] == words[:1]
    assert printed.not_started == words[1:]
    assert list(tmp_path.glob("*.pdf*")) == []
    assert printouts(book) == []


def test_others_can_save_while_papers_are_being_set(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    saved = []

    def tick(done: int, total: int, text: str = "") -> None:
        change(book, Household, ids["H004"], remark=f"记一笔{len(saved)}")
        saved.append(text)

    printed = print_papers(book, CLERK, AGREEMENT, [ids[HOUSE], ids["搬安〔2026〕青A0001"]], tmp_path / "协议.pdf", tick=tick)
    assert len(printed.done) == 2
    assert len(saved) >= 3


def test_a_paper_that_changed_while_it_was_set_is_not_handed_out(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers

    def tick(done: int, total: int, text: str = "") -> None:
        change(book, AgreementLine, ids[f"{HOUSE}/1"], amount=1)

    with pytest.raises(UserError, match=f"打印期间“{HOUSE}”的内容改了"):
        print_papers(book, CLERK, AGREEMENT, [ids[HOUSE], ids["搬安〔2026〕青A0001"]], tmp_path / "协议.pdf", tick=tick)
    assert printouts(book) == []
    assert list(tmp_path.glob("*.pdf*")) == []


def test_a_place_that_cannot_be_written_registers_nothing(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with pytest.raises(UserError, match="不存在"):
        print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "没有" / "协议.pdf")
    (tmp_path / "协议.pdf").mkdir()
    with pytest.raises(UserError, match="协议"):
        print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf")
    assert printouts(book) == []
    assert list(tmp_path.glob("*.new")) == []


def test_one_refused_paper_does_not_keep_the_others_back(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    printed = print_papers(book, CLERK, AGREEMENT, [ids["搬安〔2026〕综A0001"], ids[HOUSE]], tmp_path / "协议.pdf")
    assert [key for key, _, _ in printed.done] == [HOUSE]
    assert printed.refused == [("搬安〔2026〕综A0001", "协议搬安〔2026〕综A0001：没有明细，打印出来是空的；请先起草明细或在“协议明细”里补填")]


def test_missing_id_number_is_refused_and_may_be_left_to_the_pen(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    change(book, Person, ids["H001户主"], idcard=None)
    with book.read() as session:
        (sheet,) = plan_papers(session, CLERK, AGREEMENT, [ids[HOUSE]])
    assert sheet.refused == "李大山的身份证号：没有填；请在“移民户”里补填，或选“允许留空”打印后手写"
    printed = print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf", allow_gaps=True)
    assert [key for key, _, _ in printed.done] == [HOUSE]
    assert printed.gaps == [(HOUSE, sheet.refused)]


def test_a_missing_account_is_a_line_to_write_on_and_is_listed(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    change(book, Household, ids["H001"], account=None)
    printed = print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf")
    assert [key for key, _, _ in printed.done] == [HOUSE]
    assert printed.gaps == [(HOUSE, "李大山的银行账号：没有填，打印成空白线；签字时手写，并在资料里补登")]


def test_a_character_without_a_shape_is_named_by_person_and_field(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    change(book, Person, ids["H001户主"], name="李\U0002b6da")  # 𫛚 is in none of the shipped faces
    printed = print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf")
    assert "李\U0002b6da的姓名：有字体里没有的字 “\U0002b6da”（U+2B6DA）" in printed.refused[0][1]
    assert print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf", allow_gaps=True).done


def test_the_offices_own_clauses_are_used_and_strange_words_refused(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("条款", by=CLERK) as (session, _):
        home = session.get_one(Household, ids["H001"]).home
        session.add(Setting(id="f" * 32, home=home, key="clauses.agreement.personal", value="【总则】合计{金额}元。\n双方{不认识}。"))
    with book.read() as session:
        (sheet,) = plan_papers(session, CLERK, AGREEMENT, [ids[HOUSE]], allow_gaps=True)
    assert sheet.refused.startswith("协议条款：“{不认识}”不认识")


def test_a_chance_clash_of_codes_gives_another_code(papers: Papers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book, ids = papers

    def narrow(form: str, records: tuple[str, ...], digest: str) -> str:
        return short_code("x", [], digest.partition("#")[2])

    monkeypatch.setattr(press, "short_code", narrow)
    printed = print_papers(book, CLERK, AGREEMENT, [ids[HOUSE], ids["搬安〔2026〕青A0001"]], tmp_path / "一.pdf")
    later = print_papers(book, CLERK, AGREEMENT, [ids["搬安〔2026〕永A0001"]], tmp_path / "二.pdf")
    codes = [code for _, code, _ in (*printed.done, *later.done)]
    assert codes == [short_code("x", [], n) for n in ("", "1", "2")]


def test_a_reader_may_not_print_and_an_agreement_has_no_public_version(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with pytest.raises(UserError, match="不能办"):
        print_papers(book, Clerk("只读人", "reader", "2026-11-22"), AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf")
    with pytest.raises(UserError, match="没有公示版"):
        print_papers(book, CLERK, AGREEMENT, [ids[HOUSE]], tmp_path / "协议.pdf", public=True)
    with pytest.raises(UserError, match="没有可以打印的内容"):
        print_papers(book, CLERK, AGREEMENT, [], tmp_path / "协议.pdf")


def test_a_preview_of_nothing_printable_says_why(papers: Papers) -> None:
    book, ids = papers
    with book.read() as session, pytest.raises(UserError, match="没有明细"):
        preview(session, CLERK, AGREEMENT, [ids["搬安〔2026〕综A0001"]])


def test_what_hung_on_the_wall_is_printed_as_it_hung(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    form = find_form("posting_notice")
    with book.change("张榜", by=CLERK) as (session, _):
        posted = post(session, CLERK, ids["530523102201"], subject="second", project=ids["灌区"], contact="0875-6121234").id
    first = print_papers(book, CLERK, form, [posted], tmp_path / "一.pdf")
    change(book, Parcel, ids["P001"], area_m2=66_667, area=1_000_005)
    assert print_papers(book, CLERK, form, [posted], tmp_path / "二.pdf").done == first.done
    assert (tmp_path / "二.pdf").read_bytes() == (tmp_path / "一.pdf").read_bytes()


def test_only_postings_of_the_survey_have_a_notice(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    change(book, Posting, ids["公示"], subject="plan")
    printed = print_papers(book, CLERK, find_form("posting_notice"), [ids["公示"]], tmp_path / "公示.pdf", allow_gaps=True)
    assert [key for key, _ in printed.refused] == ["龙川灌区工程/补偿方案/530523102201/2026-04-01"]


def test_the_proof_of_a_posting_says_which_end_has_no_photo(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    form = find_form("posting_result")
    change(book, Attachment, ids["公示照片1"], remark="张榜时")
    change(book, Attachment, ids["公示照片2"], name="张榜第二张.jpg")
    refused = print_papers(book, CLERK, form, [ids["公示完"]], tmp_path / "证明.pdf").refused
    assert ["没有期满时的照片" in text for _, text in refused] == [True]
    change(book, Attachment, ids["公示照片2"], name="期满.jpg")
    printed = print_papers(book, CLERK, form, [ids["公示完"]], tmp_path / "证明.pdf")
    assert (len(printed.done), printed.refused) == (1, [])
    assert "2 张，张榜时 1 张、期满时 1 张（附后）" in pypdfium2.PdfDocument(tmp_path / "证明.pdf")[0].get_textpage().get_text_range()


def test_a_form_is_found_by_name_label_or_part_of_one_label() -> None:
    assert [find_form(word).name for word in ("card", "移民补偿资金明白卡", "明白卡", "户表")] == ["card", "card", "card", "survey_sheet"]
    for word in ("补偿", "", "合同"):
        with pytest.raises(UserError, match="没有"):
            find_form(word)

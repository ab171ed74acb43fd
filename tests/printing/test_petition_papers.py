"""Letters about petitions: the office's own wording, and what keeps a denunciation's letter from those who may not see it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from relocdesk import settings
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.printing import find_form
from relocdesk.printing.press import print_papers, save_word
from relocdesk.records.petition import Petition
from tests.printing.test_forms import pages_of
from tests.printing.township import CLERK

Papers = tuple[Book, dict[str, str]]


def said(book: Book, word: str, ids: dict[str, str], form: str, out: Path, clerk: Clerk = CLERK) -> str:
    printed = print_papers(book, clerk, find_form(form), [ids[word]], out)
    return "".join("".join(pages_of(out)).split()) if printed.done else "；".join(why for _, why in printed.refused)


def test_the_offices_own_wording_is_printed_and_a_strange_word_in_it_is_refused(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("设置", CLERK) as (session, _):
        settings.put(session, CLERK, "clauses.petition.extend", "{信访人}同志：你的事要缓到{办理期限}，因为{延期理由}。", book.home)
        settings.put(session, CLERK, "clauses.petition.accept", "{信访者}：收到。", book.home)
    assert "张大明等6人同志：你的事要缓到2026年6月3日，因为需要重新测绘" in said(book, "延期件", ids, "petition_extend", tmp_path / "a.pdf")
    assert "“{信访者}”不认识" in said(book, "受理件", ids, "petition_accept", tmp_path / "b.pdf")


def test_the_answer_tells_the_way_to_review(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    text = said(book, "办结件", ids, "petition_opinion", tmp_path / "a.pdf")
    for part in ("一、信访人的请求", "三、法律政策依据", "予以支持", "收到本意见书之日起三十日内", "搬安信意〔2026〕A1号", "2026年4月20日"):
        assert part in text
    assert "调解协议书" in said(book, "调解件", ids, "petition_opinion", tmp_path / "b.pdf")


def test_a_denunciations_letter_is_for_those_who_may_see_it(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("改目的", CLERK) as (session, _):
        session.get_one(Petition, ids["受理件"]).purpose = "report"
    book.viewer = lambda: CLERK
    assert "张大明" not in said(book, "受理件", ids, "petition_accept", tmp_path / "a.pdf")
    head = Clerk("尹世文", "head", CLERK.on)
    book.viewer = lambda: head
    assert "张大明" in said(book, "受理件", ids, "petition_accept", tmp_path / "a.pdf", head)


def test_letters_may_be_worked_on_in_word(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    out = tmp_path / "意见书.docx"
    assert save_word(book, CLERK, find_form("petition_opinion"), [ids["办结件"]], out).refused == []
    text = zipfile.ZipFile(out).read("word/document.xml").decode()
    assert "补登" in text
    assert "收到本意见书之日起三十日内" in text

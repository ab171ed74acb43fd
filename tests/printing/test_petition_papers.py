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


def changed(book: Book, row: str, **values: object) -> None:
    with book.change("改", CLERK) as (session, _):
        found = session.get_one(Petition, row)
        for name, value in values.items():
            setattr(found, name, value)


def missing(book: Book, row: str, form: str) -> set[str]:
    with book.read() as session:
        (content,) = find_form(form).load(session, [("", (row,))])
        return {problem.where.split("的")[-1] for problem in find_form(form).needs(content.data)}


def test_this_office_passes_on_and_guides_by_the_article_for_offices_like_it(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    for word, form in (("转送件", "petition_transfer"), ("转送件", "petition_accept")):
        text = said(book, word, ids, form, tmp_path / "a.pdf")
        assert "第二十三条" in text
        assert "第二十二条" not in text, "article 22 is for the offices of 信访 themselves"
    assert "第二十三条、第三十一条" in said(book, "引导件", ids, "petition_accept", tmp_path / "b.pdf")


def test_the_letter_says_how_the_matter_reached_the_office(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    changed(book, ids["受理件"], channel="transferred", source="县信访局 龙信转〔2026〕21号")
    assert "2026年3月2日县信访局龙信转〔2026〕21号转来您反映“大沟边的旱地" in said(book, "受理件", ids, "petition_accept", tmp_path / "a.pdf")
    changed(book, ids["受理件"], channel="assigned", source=None)
    assert "2026年3月2日上级交办您反映“大沟边的旱地" in said(book, "受理件", ids, "petition_accept", tmp_path / "b.pdf")
    changed(book, ids["转送件"], channel="found")
    assert "本单位2026年3月2日排查时您反映“大沟边的旱地" in said(book, "转送件", ids, "petition_accept", tmp_path / "c.pdf")
    assert "2026年3月2日，张大明向本单位反映" in said(book, "转送件", ids, "petition_transfer", tmp_path / "d.pdf")
    changed(book, ids["办结件"], channel="transferred")
    assert "2026年3月2日有关单位转来您提出的信访事项：大沟边的旱地" in said(book, "办结件", ids, "petition_opinion", tmp_path / "e.pdf")


def test_nothing_that_a_letter_needs_is_left_blank_unsaid(papers: Papers) -> None:
    book, ids = papers
    for word in ("受理件", "转送件", "不受理件", "延期件", "办结件"):
        changed(book, ids[word], handler=None, judged_on=None, extension_told_on=None, extension_no=None)
    assert missing(book, ids["受理件"], "petition_accept") == {"经办人"}, "the day is that of acceptance"
    changed(book, ids["转送件"], notice_no=None)
    assert missing(book, ids["转送件"], "petition_accept") == {"审查日期", "告知书号", "经办人"}
    assert missing(book, ids["转送件"], "petition_transfer") == {"审查日期", "经办人"}
    assert missing(book, ids["不受理件"], "petition_refuse") == {"审查日期", "经办人"}
    assert missing(book, ids["延期件"], "petition_extend") == {"延期告知日期", "延期告知书号", "经办人"}
    assert missing(book, ids["办结件"], "petition_opinion") == {"经办人"}
    changed(book, ids["受理件"], address=None, place=None)
    assert missing(book, ids["受理件"], "petition_delivery") == {"送达地点"}


def test_a_slip_keeps_its_code_while_what_it_says_stays(papers: Papers) -> None:
    book, ids = papers

    def code() -> str:
        with book.read() as session:
            (content,) = find_form("petition_delivery").load(session, [("", (ids["受理件"],))])
            return content.digest

    before = code()
    changed(book, ids["受理件"], handler="王建国", phone="13808750002", judged_reason="x", receiver="张大明")
    with book.change("设置", CLERK) as (session, _):
        settings.put(session, CLERK, "clauses.petition.accept", "您反映的{事项}已受理。", book.home)
    assert code() == before
    changed(book, ids["受理件"], summary="另一件事")
    assert code() != before


def test_a_question_is_taken_up_and_answered_without_what_is_for_claims(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("设置", CLERK) as (session, _):
        settings.put(session, CLERK, "clauses.petition.accept", "{信访人}：六十日内办结，即{办理期限}前。", book.home)
    changed(book, ids["受理件"], purpose="question")
    text = said(book, "受理件", ids, "petition_accept", tmp_path / "a.pdf")
    assert "本单位将认真研究办理，及时答复您" in text
    assert "六十日" not in text
    with book.change("设置", CLERK) as (session, _):
        settings.put(session, CLERK, "petition.other_days", "15", book.home)
    assert "2026年3月20日前答复您" in said(book, "受理件", ids, "petition_accept", tmp_path / "b.pdf")
    changed(book, ids["办结件"], purpose="advice", remedy_told=0, basis=None)
    answer = said(book, "办结件", ids, "petition_opinion", tmp_path / "c.pdf")
    assert "信访事项答复书" in answer
    assert "现答复如下" in answer
    assert not any(word in answer for word in ("复查", "处理意见书", "予以支持"))
    assert "信访事项答复书" in said(book, "办结件", ids, "petition_delivery", tmp_path / "d.pdf")
    changed(book, ids["办结件"], remedy_told=1, basis="实施办法第三条")
    assert "三十日内" in said(book, "办结件", ids, "petition_opinion", tmp_path / "e.pdf"), "what was promised stays"


def test_the_opinion_written_anew_says_by_what_it_came_back(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    changed(book, ids["办结件"], channel="reopened", source="龙陵县人民政府 龙政复查〔2026〕4号", repeat_of=ids["受理件"])
    text = said(book, "办结件", ids, "petition_opinion", tmp_path / "a.pdf")
    assert "2026年3月2日龙陵县人民政府龙政复查〔2026〕4号发回您提出的信访事项：大沟边的旱地" in text
    assert "本单位重新办理，现已办结。处理意见如下" in text
    changed(book, ids["延期件"], channel="reopened", extension_days=None)
    assert "不另发受理告知书" in said(book, "延期件", ids, "petition_accept", tmp_path / "b.pdf")
    assert "还没有可送达的文书" in said(book, "延期件", ids, "petition_delivery", tmp_path / "c.pdf")

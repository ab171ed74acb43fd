"""Papers of after-support as an office uses them: by village, before and after the steps that follow, at all lengths."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relocdesk.actions.documents import is_stale
from relocdesk.actions.recovery import tell_recovery
from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.printing import find_form
from relocdesk.printing.press import plan_papers, preview, print_papers, sheets_named
from relocdesk.records.agreement import Printout
from relocdesk.records.household import Person
from relocdesk.records.support import Period, RecipientChange, Recovery
from relocdesk.rules.money import capital, show_yuan
from tests.printing.migrants import FIRST, line, recipient
from tests.printing.test_forms import pages_of
from tests.printing.township import CLERK, TOWNSHIP, Sample

Papers = tuple[Book, dict[str, str]]


def _printed(papers: Papers, form: str, *words: str, out: Path) -> list[str]:
    book, ids = papers
    printed = print_papers(book, CLERK, find_form(form), [ids[word] for word in words], out)
    assert (printed.refused, printed.gaps) == ([], [])
    return pages_of(out)


def _papers_of(book: Book, form: str) -> list[bool]:
    """Whether the papers of a form no longer say what their records say."""
    with book.read() as session:
        return [is_stale(session, row) for row in session.query(Printout).where(Printout.form == form, Printout.deleted == 0)]


def test_one_village_of_a_period_is_printed_alone(papers: Papers, tmp_path: Path) -> None:
    pages = _printed(papers, "village_roster", "第2期", "530523102202", out=tmp_path / "石桥村.pdf")
    text = "".join("".join(pages).split())
    assert "三坝乡石桥村" in text
    assert "柳树村" not in text
    assert f"{capital(600_000)}小写￥{show_yuan(600_000)}" in text


def test_sheets_are_chosen_by_a_word_of_their_name(papers: Papers) -> None:
    book, ids = papers
    with book.read() as session:
        form = find_form("village_roster")
        assert sheets_named(session, form, [ids["第2期"], ids["现金期"]], "石桥") == [ids["第2期"], ids["530523102202"]]
        with pytest.raises(UserError, match="没有名称带“大坝村”的。有：2026年第2期 三坝乡柳树村、2026年第2期 三坝乡石桥村"):
            sheets_named(session, form, [ids["第2期"]], "大坝村")
        assert sheets_named(session, find_form("check_list"), [ids["M01"], ids["M06"]], "石桥村") == [ids["M06"]]


def test_the_sheets_offered_can_each_be_looked_at(papers: Papers) -> None:
    book, ids = papers
    for form, word in (("village_roster", "第2期"), ("posting_notice", "直补公示"), ("reduction_list", "死亡"), ("check_list", "M06")):
        with book.read() as session:
            for sheet in plan_papers(session, CLERK, find_form(form), [ids[word]]):
                assert len(pages_of(preview(session, CLERK, find_form(form), sheet.ids))) >= 1
                assert [one.ids for one in plan_papers(session, CLERK, find_form(form), sheet.ids)] == [sheet.ids]


@pytest.mark.parametrize("count", [1, 12, 13, 14, 60])
def test_every_page_of_a_roster_is_added_up_at_any_length(papers: Papers, count: int, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("名册", by=CLERK) as (session, _):
        sample = Sample(session, ids)
        period = sample.add(Period, "长期", year=2025, number=1, place=ids[TOWNSHIP], first_month="2025-01", last_month="2025-03", standard=60_000,
                            fund="subsidy", state="open")  # fmt: skip
        for n in range(count):
            line(sample, f"长期/{n}", period, recipient(sample, 100 + n, f"孙{n:03d}", "孙000", FIRST), account=f"62284808681{n:05d}")
    pages = _printed(papers, "subsidy_roster", "长期", out=tmp_path / "长.pdf")
    shown = [int(found.replace(",", "").replace(".", "")) for page in pages for found in re.findall(r"本页小计 ([\d,.]+)", page)]
    assert sum(shown) == (count * 15_000 if len(pages) > 1 else 0)
    running = [int(found.replace(",", "").replace(".", "")) for page in pages for found in re.findall(r"累计 ([\d,.]+)", page)]
    assert running == [sum(shown[: n + 1]) for n in range(len(running))]
    assert f"{capital(count * 15_000)}小写￥{show_yuan(count * 15_000)}" in "".join(pages[-1].split())
    assert all("孙" in page for page in pages)


def test_a_roster_stays_good_when_the_bank_has_answered(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    _printed(papers, "village_roster", "第2期", out=tmp_path / "一.pdf")
    with book.change("结果", by=CLERK) as (session, _):
        session.get_one(Period, ids["第2期"]).paid_on = "2026-06-01"
        session.execute(Period.__table__.update().values(posted=None))
    assert _papers_of(book, "village_roster") == [False, False]
    before = [one for page in pages_of(tmp_path / "一.pdf") for one in re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page)]
    with book.change("结果", by=CLERK) as (session, _):
        session.execute(Period.metadata.tables["support_payment"].update().values(result="paid"))
    after = _printed(papers, "village_roster", "第2期", out=tmp_path / "二.pdf")
    assert [one for page in after for one in re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page)] == before
    assert _papers_of(book, "village_roster") == [False, False]


def test_a_roster_that_was_signed_prints_the_same_when_a_name_is_put_right(papers: Papers, tmp_path: Path) -> None:
    """Put right before approval it is written under the table; afterwards it is another paper's matter."""
    book, ids = papers
    with book.change("退回编制", by=CLERK) as (session, _):
        session.get_one(Period, ids["第2期"]).state = "checked"
    with book.change("更正", by=CLERK) as (session, _):
        session.get_one(Person, ids["M05人"]).name = "李晓花"
    with book.change("审批", by=CLERK) as (session, _):
        session.get_one(Period, ids["第2期"]).state = "approved"
    first = _printed(papers, "village_roster", "第2期", out=tmp_path / "一.pdf")
    assert sum("更正过：李晓花（原名李小花）" in "".join(page.split()) for page in first) == 1
    with book.change("又更正", by=CLERK) as (session, _):
        session.get_one(Person, ids["M05人"]).name = "李筱花"
    assert _printed(papers, "village_roster", "第2期", out=tmp_path / "二.pdf") == first
    assert _papers_of(book, "village_roster") == [False, False]
    wall = tmp_path / "三.pdf"
    assert print_papers(book, CLERK, find_form("village_roster"), [ids["第2期"]], wall, public=True).refused == []
    assert "原名" not in "".join(pages_of(wall))


def test_a_list_stays_good_when_its_changes_are_approved(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    _printed(papers, "reduction_list", "死亡", out=tmp_path / "一.pdf")
    with book.change("核准", by=CLERK) as (session, _):
        row = session.get_one(RecipientChange, ids["死亡"])
        row.approved_on, row.approved_by, row.document, row.remark = "2026-06-10", "段秋生", "龙搬安〔2026〕9号", "同人经办：人少"
    assert _papers_of(book, "reduction_list") == [False]
    with book.change("改", by=CLERK) as (session, _):
        session.get_one(RecipientChange, ids["死亡"]).happened_on = "2025-11-04"
    assert _papers_of(book, "reduction_list") == [True]


def test_a_letter_tells_its_term_before_it_is_handed_over_and_stays_good_afterwards(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("没有通知", by=CLERK) as (session, _):
        row = session.get_one(Recovery, ids["追缴"])
        row.told_on = row.due_on = None
    text = "".join("".join(_printed(papers, "recovery_notice", "追缴", out=tmp_path / "信.pdf")).split())
    assert "请于收到本通知之日起90日内退回200.00元（人民币贰佰元整）" in text
    with book.change("通知", by=CLERK) as (session, _):
        tell_recovery(session, CLERK, session.get_one(Recovery, ids["追缴"]))
    assert _papers_of(book, "recovery_notice") == [False]


def test_a_claim_without_a_cause_is_left_to_be_written_in(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("没有原因", by=CLERK) as (session, _):
        session.get_one(Recovery, ids["追缴"]).change = None
        session.get_one(RecipientChange, ids["死亡"]).deleted = 1
    printed = print_papers(book, CLERK, find_form("recovery_notice"), [ids["追缴"]], tmp_path / "信.pdf")
    assert "没有填，写不出多发的原因；请在“追缴”里选依据动态" in printed.refused[0][1]
    printed = print_papers(book, CLERK, find_form("recovery_notice"), [ids["追缴"]], tmp_path / "信.pdf", allow_gaps=True)
    assert len(printed.done) == 1


@pytest.mark.parametrize("form", ["subsidy_roster", "village_roster", "posting_notice", "check_list", "recovery_notice", "reduction_list"])
def test_a_name_no_font_can_draw_is_told_and_left_to_be_written_in(papers: Papers, form: str, tmp_path: Path) -> None:
    book, ids = papers
    word, person = {"posting_notice": ("直补公示", "M10人"), "check_list": ("M06", "M06人"), "recovery_notice": ("追缴", "M10人"),
                    "reduction_list": ("死亡", "M10人")}.get(form, ("第2期", "M10人"))  # fmt: skip
    with book.change("生僻字", by=CLERK) as (session, _):
        session.get_one(Person, ids[person]).name = "赵𫚈"
        session.get_one(Period, ids["第2期"]).state = "checked"  # approved, it would keep the name it was approved with
    printed = print_papers(book, CLERK, find_form(form), [ids[word]], tmp_path / "一.pdf")
    assert len(printed.refused) == 1
    assert "有字体里没有的字 “𫚈”（U+2B688）" in printed.refused[0][1]
    whole = print_papers(book, CLERK, find_form(form), [ids[word]], tmp_path / "二.pdf", allow_gaps=True)
    assert whole.refused == []
    assert any("𫚈" in text for _, text in whole.gaps)

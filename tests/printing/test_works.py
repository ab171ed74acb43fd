"""Papers of support projects: the card keeps to one sheet, the ledger adds up, opinion forms and rosters outlive what follows them."""

from __future__ import annotations

from pathlib import Path

from relocdesk.actions import training, works
from relocdesk.actions.documents import is_stale
from relocdesk.book import Book
from relocdesk.printing import find_form
from relocdesk.printing.press import digests_now, print_papers
from relocdesk.records.agreement import Printout
from relocdesk.records.works import ProjectPayment, SupportProject, Training
from tests.printing.test_forms import pages_of
from tests.printing.township import CLERK, Sample

Papers = tuple[Book, dict[str, str]]


def test_a_card_keeps_to_one_sheet_however_many_payments(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("支付", by=CLERK) as (session, _):
        sample = Sample(session, ids)
        for n in range(4, 34):
            sample.add(ProjectPayment, f"多/{n}", project=ids["项目1"], number=str(n), paid_on=f"2026-01-{n - 3:02d}", amount=10_000, payee="某公司",
                       fund="support")  # fmt: skip
    print_papers(book, CLERK, find_form("project_card"), [ids["项目1"]], tmp_path / "卡.pdf")
    (page,) = pages_of(tmp_path / "卡.pdf")
    assert "前 30 笔合并" in page
    assert "733,000.00" in page


def test_the_ledger_has_every_project_and_adds_up(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    printed = print_papers(book, CLERK, find_form("project_ledger"), [ids[word] for word in ("项目3", "项目1", "项目2")], tmp_path / "台账.pdf")
    assert (len(printed.done), printed.refused) == (1, [])
    text = "".join("".join(pages_of(tmp_path / "台账.pdf")).split())
    assert text.index("HF2025-001") < text.index("HF2026-002") < text.index("HF2026-003")
    assert "合计2,310,000.00700,000.00100,000.0060,000.00860,000.00" in text
    assert "—2026-10-31" in text  # 计划完工 without 开工


def test_an_opinion_form_is_good_until_what_it_says_changes(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    print_papers(book, CLERK, find_form("acceptance_opinion"), [ids["项目1"]], tmp_path / "验收.pdf")
    with book.change("评分", by=CLERK) as (session, _):
        row_id = session.query(Printout).filter_by(form="acceptance_opinion").one().id
        project = session.get_one(SupportProject, ids["项目1"])
        works.record_stage(session, CLERK, project, stage="accepted", done_on="2025-11-06", passed="1")
    with book.read() as session:
        paper = session.get_one(Printout, row_id)
        assert not is_stale(session, paper)
        assert paper.digest in digests_now(session, paper)
    with book.change("改内容", by=CLERK) as (session, _):
        session.get_one(SupportProject, ids["项目1"]).content = "改了"
    with book.read() as session:
        paper = session.get_one(Printout, row_id)
        assert is_stale(session, paper)
        assert paper.digest not in digests_now(session, paper)


def test_signing_in_does_not_make_the_roster_stale(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    print_papers(book, CLERK, find_form("training_sign_in"), [ids["班次1"]], tmp_path / "签到.pdf")
    text = "".join(pages_of(tmp_path / "签到.pdf"))
    assert "以下由名册外参训人员填写" in text
    with book.change("签到", by=CLERK) as (session, _):
        training.sign_in(session, CLERK, session.get_one(Training, ids["班次1"]), sessions=2)
        paper = session.query(Printout).filter_by(form="training_sign_in").one()
        assert not is_stale(session, paper)

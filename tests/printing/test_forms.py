"""What every form owes: it prints, says what it said before, twice the same bytes, nobody's ID number in public."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from types import ModuleType

import pypdfium2
import pytest
from sqlalchemy import select

from relocdesk.book import Book
from relocdesk.printing import FORMS, agreement, find_form, forms_of
from relocdesk.printing import form as form_module
from relocdesk.printing.form import Form
from relocdesk.printing.press import plan_papers, preview, print_papers
from relocdesk.records import REGISTERS
from relocdesk.records.agreement import AgreementLine
from relocdesk.records.household import Household
from relocdesk.rules.money import capital, show_yuan
from tests.printing.township import ACCOUNT, CLERK, LONG_NAME, RARE_NAME, Sample, land_lines

Papers = tuple[Book, dict[str, str]]
GOLDEN = Path(__file__).parent.parent / "golden"
CHOSEN = {
    "agreement": ("搬安〔2026〕房A0001", "搬安〔2026〕青A0001", "搬安〔2026〕临A0001", "搬安〔2026〕永A0001"),
    "survey_sheet": ("H001", "H002", "H003"),
    "posting_notice": ("公示", "直补公示", "核减公示", "项目公示"),
    "payment_list": ("批次",),
    "payment_summary": ("批次",),
    "card": ("H001", "H002"),
    "transfer": ("P001", "P002", "P003"),
    "subsidy_roster": ("第2期", "现金期"),
    "village_roster": ("第2期", "现金期"),
    "reduction_list": ("死亡", "服刑", "录用", "恢复"),
    "restoration_list": ("死亡", "恢复"),
    "account_list": ("换账户",),
    "correction_list": ("更正",),
    "recovery_notice": ("追缴",),
    "check_list": ("M01", "M02", "M03", "M04", "M05", "M06", "M07", "M12"),
    **dict.fromkeys(("rectify_problems", "rectify_tasks", "rectify_duties", "rectify_report"), ("巡察",)),
    "rectify_reminder": ("问题2", "问题3"),
    "sign_off_request": ("问题1", "问题2"),
    "posting_result": ("公示完",),
    "home_visit_sheet": ("家访",),
    "pledge_paper": ("承诺",),
    "petition_accept": ("受理件", "转送件", "引导件"),
    "petition_refuse": ("不受理件",),
    "petition_extend": ("延期件",),
    "petition_opinion": ("办结件",),
    "petition_transfer": ("转送件", "交办件"),
    "petition_delivery": ("受理件", "延期件", "办结件", "调解件"),
    "project_card": ("项目1", "项目2"),
    "project_ledger": ("项目1", "项目2", "项目3"),
    "acceptance_opinion": ("项目1",),
    "training_sign_in": ("班次1", "班次2"),
    "todo": ("王建国", "空闲人"),
    "post_handover": ("王建国", "空闲人"),
}
EMPTY = {"agreement": "搬安〔2026〕综A0001", "survey_sheet": "H004", "payment_list": "空批次", "payment_summary": "空批次", "card": "H004",
         "subsidy_roster": "空期", "reduction_list": "恢复", "restoration_list": "死亡", "account_list": "更正", "correction_list": "换账户",
         "recovery_notice": "追清了",
         "petition_accept": "不受理件", "petition_refuse": "受理件", "petition_extend": "受理件", "petition_opinion": "调解件",
         "petition_transfer": "引导件", "petition_delivery": "未审查件",
         "rectify_tasks": "空巡察", "rectify_report": "空巡察", "rectify_reminder": "问题10", "posting_result": "公示", "sign_off_request": "问题3",
         "acceptance_opinion": "项目2"}  # fmt: skip
LIST = find_form("plain_list:household")
ALL = [*FORMS, LIST]
CHOSEN[LIST.name] = ("H001", "H002", "H003", "H004")
BOTH = [(form, public) for form in ALL for public in (False, True) if form.public == "may" or public == (form.public == "always")]


def pages_of(pdf: bytes | Path) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for page in document:
            part = page.get_textpage()
            found.append(part.get_text_range().replace("\r\n", "\n"))
            part.close()
            page.close()
        return found
    finally:
        document.close()


def print_form(papers: Papers, form: Form, out: Path, *, public: bool) -> Path:
    book, ids = papers
    printed = print_papers(book, CLERK, form, [ids[word] for word in CHOSEN[form.name]], out, public=public)
    assert (printed.refused, printed.not_started, printed.gaps) == ([], [], [])
    assert printed.pages == len(pages_of(out))
    return out


@pytest.mark.parametrize(("form", "public"), BOTH, ids=lambda one: getattr(one, "name", one))
def test_says_what_it_said_before(papers: Papers, form: Form, public: bool, tmp_path: Path, refresh: bool) -> None:
    pages = pages_of(print_form(papers, form, tmp_path / "单据.pdf", public=public))
    text = "\n".join(f"=== 第{n}页，共{len(pages)}页 ===\n{page.strip()}" for n, page in enumerate(pages, 1)) + "\n"
    file = GOLDEN / f"{form.name.replace(':', '_')}{'_public' if public and form.public == 'may' else ''}.txt"
    if refresh:
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.name)
def test_prints_the_same_bytes_again(papers: Papers, form: Form, tmp_path: Path) -> None:
    public = form.public == "always"
    first = print_form(papers, form, tmp_path / "一.pdf", public=public)
    assert print_form(papers, form, tmp_path / "二.pdf", public=public).read_bytes() == first.read_bytes()


@pytest.mark.parametrize("form", [form for form in ALL if form.public != "never"], ids=lambda form: form.name)
def test_nobody_is_laid_open_in_public(papers: Papers, form: Form, tmp_path: Path) -> None:
    text = "".join(pages_of(print_form(papers, form, tmp_path / "公示.pdf", public=True)))
    assert "公示版" in text
    assert re.findall(r"\d{17}[\dX]|\d{6}\*+", text) == []
    assert ACCOUNT not in text
    assert "13808750001" not in text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_page_is_empty_and_no_signature_stands_alone(papers: Papers, form: Form, tmp_path: Path) -> None:
    for page in pages_of(print_form(papers, form, tmp_path / "单据.pdf", public=form.public == "always")):
        said = [line for line in page.splitlines() if not re.search(r"第\d+页|（续）|^[0-9A-Z]{4}-[0-9A-Z]{4}$|^单位：", line)]
        signing = [line for line in said if re.search("签字|盖章|日期|手印", line)]
        assert len(said) - len(signing) >= 2, page


@pytest.mark.parametrize("name", EMPTY)
def test_refuses_an_empty_paper_with_the_cure(papers: Papers, name: str, tmp_path: Path) -> None:
    book, ids = papers
    out = tmp_path / "空.pdf"
    printed = print_papers(book, CLERK, find_form(name), [ids[EMPTY[name]]], out, allow_gaps=True)
    assert printed.done == []
    assert len(printed.refused) == 1
    assert "请" in printed.refused[0][1]
    assert not out.exists()


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.name)
def test_preview_shows_the_pages_without_a_code(papers: Papers, form: Form, tmp_path: Path) -> None:
    book, ids = papers
    chosen = [ids[word] for word in CHOSEN[form.name]]
    with book.read() as session:
        pages = pages_of(preview(session, CLERK, form, chosen))
        assert [one.code for one in plan_papers(session, CLERK, form, chosen) if one.code] == []
    printed = pages_of(print_form(papers, form, tmp_path / "单据.pdf", public=form.public == "always"))
    assert len(pages) == len(printed)
    assert all("预览" in page for page in pages) or not form.signed


def test_long_and_rare_names_are_printed_whole(papers: Papers, tmp_path: Path) -> None:
    text = "".join(pages_of(print_form(papers, find_form("survey_sheet"), tmp_path / "户表.pdf", public=False)))
    assert LONG_NAME in text.replace("\n", "")
    assert RARE_NAME in text


def test_figures_and_capitals_agree(papers: Papers, tmp_path: Path) -> None:
    pages = pages_of(print_form(papers, find_form("agreement"), tmp_path / "协议.pdf", public=False))
    first = "".join(pages[0].split())
    assert "121,990.00元（人民币壹拾贰万壹仟玖佰玖拾元整）" in first
    assert "￥121,990.00" in "".join(pages[2].split())


def test_every_register_has_a_plain_list() -> None:
    assert {form.name for reg in REGISTERS for form in forms_of(reg.name)} == {form.name for form in FORMS} | {
        f"plain_list:{reg.name}" for reg in REGISTERS
    }


def test_a_supplement_names_its_agreement_and_takes_off_in_capitals(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("补充", by=CLERK) as (session, _):
        township = Sample(session, ids)
        made = township.agreement("搬安〔2026〕房A0009", "house", household=session.get_one(Household, ids["H001"]),
                                  supplements=ids["搬安〔2026〕房A0001"], state="draft", signed_on=None)  # fmt: skip
        township.line(made, 1, "房屋补偿费", "主房", "㎡", -2_500_000, 98_000, spec="砖混")
    printed = print_papers(book, CLERK, find_form("agreement"), [ids["搬安〔2026〕房A0009"]], tmp_path / "补充.pdf")
    assert printed.refused == []
    text = "".join("".join(pages_of(tmp_path / "补充.pdf")).split())
    assert "本协议是编号为搬安〔2026〕房A0001的协议的补充协议" in text
    assert "-2,450.00元（人民币负贰仟肆佰伍拾元整）" in text
    assert "本次减少补偿款2,450.00元" in text


def test_a_long_collective_agreement_adds_up_page_by_page(papers: Papers, tmp_path: Path) -> None:
    book, ids = papers
    with book.change("土地", by=CLERK) as (session, _):
        township = Sample(session, ids)
        household = session.get_one(Household, ids["H002"])
        parcels = [township.parcel(f"Q{n:03d}", "53052310220101", 10_000 + 777 * n, household=household.id) for n in range(60)]
        made = township.agreement("搬安〔2026〕永A0009", "permanent", collective="柳树一组")
        land_lines(township, made, parcels)
        total = sum(session.scalars(select(AgreementLine.amount).where(AgreementLine.agreement == made.id)))
    print_papers(book, CLERK, find_form("agreement"), [ids["搬安〔2026〕永A0009"]], tmp_path / "永久.pdf")
    pages = pages_of(tmp_path / "永久.pdf")
    lines = [page for page in pages if "土地补偿费" in page and "序号" in page]
    parts = [int(found.replace(",", "").replace(".", "")) for page in lines for found in re.findall(r"本页小计 ([\d,.]+)", page)]
    assert len(parts) == len(lines) > 3
    assert sum(parts) == total
    assert f"{show_yuan(total)}元（{capital(total)}）" in "".join(pages[0].split())


@pytest.mark.parametrize("module", [form_module, agreement], ids=lambda module: module.__name__)
def test_examples_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0

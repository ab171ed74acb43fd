"""Papers saved as Word: whole packages, the same words as the PDF, tables and totals, refused where papers are signed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from relocdesk.book import Book
from relocdesk.errors import UserError
from relocdesk.printing import FORMS, find_form
from relocdesk.printing.blocks import Facts
from relocdesk.printing.form import Form
from relocdesk.printing.page import Furniture, Group, Paper
from relocdesk.printing.press import save_word
from relocdesk.printing.word import document
from relocdesk.queries.rows import Ask, ids
from relocdesk.records import register
from tests.printing.test_forms import CHOSEN
from tests.printing.township import CLERK

Papers = tuple[Book, dict[str, str]]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WORD = [form for form in FORMS if form.word]


def saved(papers: Papers, form: Form, out: Path) -> ElementTree.Element:
    book, known = papers
    printed = save_word(book, CLERK, form, [known[word] for word in CHOSEN[form.name]], out)
    assert (len(printed.done), printed.refused) == (len(CHOSEN[form.name]), [])
    with zipfile.ZipFile(out) as package:
        assert package.testzip() is None
        for name in package.namelist():
            ElementTree.fromstring(package.read(name))  # every part is well formed
        return ElementTree.fromstring(package.read("word/document.xml"))


def texts(part: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in part.iter(f"{W}t"))


@pytest.mark.parametrize("form", WORD, ids=lambda form: form.name)
def test_every_form_that_may_is_saved_the_same_each_time(papers: Papers, form: Form, tmp_path: Path) -> None:
    found = saved(papers, form, tmp_path / "一.docx")
    assert ("张大明" if form.register == "petition" else "县委第八轮巡察反馈问题") in texts(found)
    for table in found.iter(f"{W}tbl"):
        for row in table.iter(f"{W}tr"):  # each row is as wide as the grid
            spans = [int(span.get(f"{W}val") or 1) for cell in row.iter(f"{W}tc") for span in cell.iter(f"{W}gridSpan")]
            assert sum(spans) + len(list(row.iter(f"{W}tc"))) - len(spans) == len(list(table.iter(f"{W}gridCol")))
    saved(papers, form, tmp_path / "二.docx")
    assert (tmp_path / "一.docx").read_bytes() == (tmp_path / "二.docx").read_bytes()
    with papers[0].read() as session:
        assert ids(session, Ask(register("printout"))) == []


def test_the_report_has_its_table_with_totals_and_landscape_lists_lie(papers: Papers, tmp_path: Path) -> None:
    found = saved(papers, find_form("rectify_report"), tmp_path / "报告.docx")
    rows = [[texts(cell) for cell in row.iter(f"{W}tc")] for row in next(found.iter(f"{W}tbl")).iter(f"{W}tr")]
    assert rows == [["方面", "问题数", "已完成", "基本完成", "未完成", "长期坚持"], ["落实上级决策部署方面", "3", "1", "1", "1", "0"],
                    ["资金管理使用方面", "2", "0", "0", "1", "1"], ["合计", "5", "1", "1", "2", "1"]]  # fmt: skip
    lying = saved(papers, find_form("rectify_tasks"), tmp_path / "清单.docx")
    assert [one.get(f"{W}orient") for one in lying.iter(f"{W}pgSz")] == ["landscape"]
    assert "1. 建立月调度台账2. 补发迟发资金" in texts(lying)


def test_signed_papers_are_not_saved_as_word(papers: Papers, tmp_path: Path) -> None:
    book, known = papers
    with pytest.raises(UserError, match="不能存为 Word"):
        save_word(book, CLERK, find_form("rectify_reminder"), [known["问题2"]], tmp_path / "提醒书.docx")
    assert list(tmp_path.glob("*.docx")) == []


def test_a_file_in_a_folder_that_is_not_there_is_said_plainly(papers: Papers, tmp_path: Path) -> None:
    book, known = papers
    with pytest.raises(UserError):
        save_word(book, CLERK, find_form("rectify_report"), [known["巡察"]], tmp_path / "没有" / "报告.docx")


def test_a_block_that_word_papers_do_not_have_is_a_defect() -> None:
    with pytest.raises(TypeError, match="Facts"):
        document([Group([Facts([("甲", "乙")])], Furniture())], Paper.form())

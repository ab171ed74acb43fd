"""Real PDF files read back: pages of each record, repeated heads, sums of a page, signatures in company, stopping."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from relocdesk.errors import UserError
from relocdesk.job import Stopped
from relocdesk.printing.blocks import Amount, Clauses, Facts, Fingerprint, Heading, Notes, Party, Signatures, Title, issued
from relocdesk.printing.cell import Cell, CellAlign, Look
from relocdesk.printing.flow import Flow, PageEnd, Space, Together, paginate, stack
from relocdesk.printing.page import Furniture, Group, Paper, build, build_bytes
from relocdesk.printing.paragraph import PLAIN, Paragraph, Span, Style, Text
from relocdesk.printing.table import Column, Row, Table

SMALL = Paper(400, 300, 40, 40, 40, 40)


def texts(pdf: bytes | Path) -> list[str]:
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


def money(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


COLUMNS = [Column("序号", 1, "center"), Column("户主", 3), Column("金额（元）", 3, "right", total=True, show=money)]


def rows(count: int) -> list[Row]:
    return [[f"N{n}", "张堃喆", n * n * 7 + 1] for n in range(1, count + 1)]


def group(count: int, **more: str) -> Group:
    return Group([Table(COLUMNS, rows(count), **more)], Furniture(title="兑付表"), SMALL)  # type: ignore[arg-type]


def test_every_record_counts_its_own_pages() -> None:
    pdf, built = build_bytes([group(count) for count in (1, 30, 3, 60)], title="兑付表")
    expected = [f"第{n}页 共{count}页" for count in built.pages for n in range(1, count + 1)]
    printed = [re.search(r"第\d+页 +共\d+页", text) for text in texts(pdf)]
    assert [re.sub(" +", " ", found[0]) for found in printed if found] == expected
    assert built.pages[0] == built.pages[2] == 1
    assert built.pages[3] > built.pages[1] > 1


def test_the_page_of_the_file_runs_on() -> None:
    furniture = Furniture(overall=True)
    pdf, built = build_bytes([Group([Paragraph("甲"), PageEnd(), Paragraph("乙")], furniture) for _ in range(2)])
    assert built.pages == [2, 2]
    assert [re.search(r"总第(\d+)页", text)[1] for text in texts(pdf)] == ["1", "2", "3", "4"]  # type: ignore[index]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 57, 200])
def test_heads_are_repeated_and_sums_are_those_of_the_rows_on_the_page(count: int) -> None:
    pdf, _ = build_bytes([group(count, subtotal="本页小计", running="累计", total="合计")])
    pages = texts(pdf)
    seen = 0
    for at, text in enumerate(pages):
        last = at == len(pages) - 1
        assert text.count("户主") == 1
        here = [int(number) for number in re.findall(r"N(\d+)", text)]
        sums = sum(n * n * 7 + 1 for n in here)
        seen += sums
        if len(pages) > 1:
            assert here, "no page without rows"
            assert f"本页小计 {money(sums)}" in text.replace("\n", " ")
        assert (f"累计 {money(seen)}" in text.replace("\n", " ")) == (not last)
        assert (f"合计 {money(seen)}" in text.replace("\n", " ")) == last
    assert "".join(pages).count("N") == count
    assert ("（无）" in pages[0]) == (count == 0)


def test_a_table_on_one_page_has_no_subtotal() -> None:
    pdf, _ = build_bytes([group(3, subtotal="本页小计", running="累计", total="合计")])
    assert ["本页小计" in text or "累计" in text for text in texts(pdf)] == [False]


def test_a_row_taller_than_the_page_is_continued_and_counted_once() -> None:
    long = "".join(f"岩{n}。" for n in range(600))
    table = Table(COLUMNS, [["N1", long, 100], ["N2", "", 200]], subtotal="本页小计", total="合计")
    pdf, built = build_bytes([Group([table], Furniture(), SMALL)])
    whole = "".join(texts(pdf)).replace("\n", "")
    assert all(f"岩{n}。" in re.sub(r"\s|序号|户主|金额（元）", "", whole) for n in range(0, 600, 37))
    assert built.pages[0] > 2
    assert "合计 3.00" in texts(pdf)[-1].replace("\n", " ")


def test_two_level_heads_stand_over_their_columns() -> None:
    columns = [
        Column("序号", 1),
        Column("永久", 1, group="面积（亩）"),
        Column("临时", 1, group="面积（亩）"),
        Column("备注", 1),
    ]
    pdf, _ = build_bytes([Group([Table(columns, [["1", "2", "3", "4"]])], paper=SMALL)])
    (text,) = texts(pdf)
    assert text.count("面积（亩）") == 1
    assert [text.count(word) for word in ("永久", "临时", "序号", "备注")] == [1, 1, 1, 1]


def test_section_heads_stand_over_their_rows_and_add_nothing() -> None:
    for count in range(3, 14):
        table = Table(COLUMNS, [*rows(count), "曼掌村", *rows(2)], total="合计", subtotal="本页小计")
        pdf, _ = build_bytes([Group([table], paper=SMALL)])
        page, *later = [text for text in texts(pdf) if "曼掌村" in text]
        assert all(re.search(r"曼掌村（续）\s+N2\b", text) for text in later)
        assert re.search(r"曼掌村\s+N1\b", page)
        total = sum(n * n * 7 + 1 for n in [*range(1, count + 1), 1, 2])
        assert f"合计 {money(total)}" in texts(pdf)[-1].replace("\n", " ")


def test_every_page_says_which_section_goes_on() -> None:
    table = Table(COLUMNS, ["曼掌村一组\u300040人", *rows(40), "曼掌村二组\u300030人", *rows(30)], total="合计", subtotal="本页小计", running="累计")
    pages = texts(build_bytes([Group([table], paper=SMALL)])[0])
    assert len(pages) > 5
    assert all("曼掌村" in page for page in pages)
    assert "".join(pages).count("人") == 2
    shown = [int(found) for page in pages for found in re.findall(r"^(?:\S+ )?N(\d+)\b", page, re.MULTILINE)]
    assert shown == [*range(1, 41), *range(1, 31)]


def test_sums_need_a_label() -> None:
    with pytest.raises(ValueError, match="first column"):
        Table([Column("金额", 1, total=True)], [])


def test_official_paper_has_22_lines_of_28_characters() -> None:
    for characters, pages in ((28 * 22, 1), (28 * 22 + 1, 2)):
        _, built = build_bytes([Group([Paragraph("搬" * characters, PLAIN)], paper=Paper.official())])
        assert built.pages == [pages]


def test_a_page_end_at_the_end_makes_no_empty_page() -> None:
    assert len(paginate(stack([PageEnd(), Paragraph("甲"), PageEnd()], 300, 300), 300)) == 1


def test_nothing_to_print_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="没有可以打印的内容"):
        build(tmp_path / "1.pdf", [])
    assert list(tmp_path.iterdir()) == []


def _company(flows: Sequence[Flow], height: float = 320.0, least: int = 2) -> None:
    """Asserts that the signature block's page also holds two lines of text or a table row."""
    width = SMALL.type_width
    for page in paginate(stack(flows, width, height), height):
        boxes = [box for _, box in page]
        if any(box.leans for box in boxes):
            rows_only = least > 1  # on a page too low for that, a total or a note must do
            weights = [box.weight for box in boxes if not box.leans and (not box.part or box.row >= 0 or not rows_only)]
            assert sum(weights) >= least


SIGNED = Signatures(
    [Party("甲方（盖章）"), Party("乙方", ["签字", ("身份证号", "530000199001010011")], fingerprint=True)]
)


@given(lines=st.lists(st.integers(1, 120), min_size=1, max_size=8), contact=st.booleans())
@settings(max_examples=150, deadline=None)
def test_who_issued_a_letter_never_stands_apart_from_its_text(lines: list[int], contact: bool) -> None:
    flows: list[Flow] = [Paragraph("字" * count) for count in lines]
    flows += issued("龙陵县三坝乡搬迁安置办公室", "2026-11-22", Style("fang", 15.75, 28.35, 0.0, "right", right=4.0), before=24.0)
    flows += [Paragraph("（联系人：王建国）", Style("fang", 14.0, 24.0, 2.0, before=8.0), leans=True)] if contact else []
    pages = paginate(stack(flows, SMALL.type_width, 320.0), 320.0)
    assert sum(box.leans for _, box in pages[-1]) == 2 + contact, "office, date and contact stand together"
    whole = len(list(stack(flows, SMALL.type_width, 320.0))) - 2 - contact
    _company(flows, least=min(2, whole))


def _ends(pdf: bytes, text: str) -> tuple[float, float]:
    """Where a line of the first page begins and ends, in points from the left."""
    document = pypdfium2.PdfDocument(pdf)
    part = document[0].get_textpage()
    first = part.get_text_range().index(text)
    left, right = part.get_charbox(first, loose=True)[0], part.get_charbox(first + len(text) - 1, loose=True)[2]
    part.close()
    document.close()
    return left, right


@pytest.mark.parametrize("office", ["安置办", "龙陵县搬迁安置办公室", "龙陵县三坝乡搬迁安置办公室", "龙陵县三坝灌区工程建设征地移民搬迁安置办公室"])
def test_the_office_stands_centred_above_the_date_where_the_seal_goes(office: str) -> None:
    """GB/T 9704-2012, 7.3.5.1: the date four characters from the right; a name too long for that ends at the right edge."""
    paper, style = Paper.official(), Style("fang", 15.75, 28.35, 0.0, "right", right=4.0)
    pdf, _ = build_bytes([Group(issued(office, "2026-11-22", style), Furniture(), paper)])
    (left, right), (begins, ends) = _ends(pdf, office), _ends(pdf, "2026年11月22日")
    edge = paper.width - paper.right
    assert ends == pytest.approx(edge - 4 * 15.75, abs=1)
    assert right == pytest.approx(edge, abs=1) if len(office) > 15 else (left + right) / 2 == pytest.approx((begins + ends) / 2, abs=1)


@given(count=st.integers(1, 60), notes=st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_signatures_never_stand_alone_after_a_table(count: int, notes: int) -> None:
    flows: list[Flow] = [Table(COLUMNS, rows(count), subtotal="本页小计", total="合计")]
    flows += [Notes([f"说明{n}" for n in range(notes)])] if notes else []
    _company([*flows, Space(8), SIGNED])
    _company([*flows, Space(8), SIGNED], height=190.0, least=1)


@given(lengths=st.lists(st.integers(1, 200), min_size=1, max_size=14))
@settings(max_examples=150, deadline=None)
def test_signatures_never_stand_alone_after_text_and_no_page_has_a_single_line(lengths: list[int]) -> None:
    paragraphs: list[Flow] = [Paragraph("搬" * length) for length in lengths]
    _company([Paragraph("首段"), *paragraphs, SIGNED])
    width, height = SMALL.type_width, SMALL.type_height
    boxes = stack(paragraphs, width, height)
    starts = {id(box) for flow_start, box in zip(_starts(paragraphs), boxes, strict=True) if flow_start}
    pages = paginate(boxes, height)
    for page in pages[1:]:
        if id(page[0][1]) not in starts:
            assert len(page) > 1
            assert id(page[1][1]) not in starts, "the last line of a paragraph does not go over alone"


def _starts(flows: Sequence[Flow]) -> list[bool]:
    return [n == 0 for flow in flows for n, _ in enumerate(flow.boxes(SMALL.type_width, SMALL.type_height))]


@given(lengths=st.lists(st.integers(1, 120), min_size=1, max_size=30), heights=st.floats(60, 400))
@settings(max_examples=150, deadline=None)
def test_pages_keep_every_box_in_order_and_inside(lengths: list[int], heights: float) -> None:
    boxes = stack([Paragraph("搬" * length) for length in lengths], 300.0, heights)
    pages = paginate(boxes, heights)
    assert [id(box) for page in pages for _, box in page] == [id(box) for box in boxes]
    for page in pages:
        assert page[-1][0] + page[-1][1].height <= heights + 0.02
        for (top, box), (below, _) in pairwise(page):
            assert below >= top + box.height - 0.01


@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_short_lines_of_a_cell_stand_where_a_paragraph_would_set_them(align: CellAlign) -> None:
    def page(text: Text) -> Image.Image:
        pdf, _ = build_bytes([Group([Table([Column("甲", 1), Column("乙", 2, align)], [["1", text], ["2", "张䶮𬌗\n乙，丙丁"]])])], paper=SMALL)
        document = pypdfium2.PdfDocument(pdf)
        picture = document[0].render(scale=3).to_pil()
        document.close()
        return picture

    assert ImageChops.difference(page("户主\n李大山 530524"), page([Span("户主\n李大山 530524")])).getbbox() is None
    assert page("户主\n李大山").tobytes() != page("户主\n李小山").tobytes()


def test_a_number_over_another_line_is_set_smaller_rather_than_cut() -> None:
    look = Look("song", 8.0, 10.0)
    assert Cell("530523197003157124\n子", look, 60.0).height == 20.0
    assert Cell("530523197003157124\n子", look, 40.0).height > 20.0
    assert Cell("530523197003157124\n很长的与户主关系写在这里放不下", look, 60.0).height > 20.0


def test_the_sum_in_words_stays_under_its_table() -> None:
    for count in range(1, 12):
        flows = [Table([Column("甲", 1), Column("乙", 2, total=True)], [[str(n), n] for n in range(count)], total="合计"), Amount("人民币壹元整", "1.00")]
        assert all("合计（大写）" not in page or "甲" in page for page in texts(build_bytes([Group(flows)], paper=SMALL)[0]))


def test_together_moves_whole_to_the_next_page() -> None:
    flows = [Paragraph("搬" * 60), Together([Paragraph("一"), Paragraph("二"), Paragraph("三")])]
    sizes = [len(page) for page in paginate(stack(flows, 320.0, 140.0), 140.0)]
    assert sizes == [4, 3]


def test_a_heading_stays_with_what_follows() -> None:
    for length in range(1, 160, 9):
        pages = paginate(
            stack([Paragraph("搬" * length), Heading("一、土地"), Paragraph("安" * 50)], 320.0, 160.0), 160.0
        )
        assert all(not page[-1][1].holds for page in pages)


def test_all_blocks_are_on_paper_as_text() -> None:
    flows: list[Flow] = [
        Title("移民安置补偿补助协议", sub="〔2023〕1号"),
        Facts([("户主", "张堃喆𬌗"), ("*住址", "某某县"), ("电话", "139")]),
        Clauses(["第一款", ("交地", [Span("期限"), Span("三十日", underline=True)])], start=10),
        Amount("人民币壹元整", "1.00"),
        Notes(["只此一条"]),
        SIGNED,
        Fingerprint(["左手食指手印"]),
    ]
    furniture = Furniture(office="某镇", unit="单位：元", mark="公示版", code="AB12CD34", signers=("制表", "复核"))
    pdf, built = build_bytes([Group(flows, furniture)], title="协议", author="某办")
    assert built.total == 1
    (text,) = texts(pdf)
    flat = re.sub(r"\s", "", text)
    for word in [
        *[
            "移民安置补偿补助协议",
            "〔2023〕1号",
            "张堃喆𬌗",
            "第十条",
            "第十一条",
            "交地",
            "期限三十日",
            "人民币壹元整",
        ],
        *["￥1.00", "说明：只此一条", "甲方（盖章）", "530000199001010011", "右手食指手印", "左手食指手印", "某镇"],
        *["单位：元", "公示版", "AB12-CD34", "制表：", "第1页共1页"],
    ]:
        assert word in flat
    document = pypdfium2.PdfDocument(pdf)
    assert (document.get_metadata_value("Title"), document.get_metadata_value("Author")) == ("协议", "某办")
    document.close()
    assert b"Helvetica" not in pdf


def _ink(text: str) -> int:
    """Dark pixels of a page that shows `text` alone."""
    pdf, _ = build_bytes([Group([Paragraph(text)], paper=SMALL)])
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    picture = page.render(scale=2, grayscale=True).to_pil()
    page.close()
    document.close()
    return sum(count for shade, count in enumerate(picture.histogram()) if shade < 128)


def test_rare_characters_leave_ink_and_a_missing_one_its_frame() -> None:
    assert _ink("") == 0
    assert all(_ink(char) > 60 for char in "堃喆䶮𬌗￥")
    assert _ink("𫚈") == _ink("\ue000") > 60


@pytest.mark.parametrize("paper", [Paper.official(), Paper.form(), Paper.form(lying=True)])
def test_a_scanner_reads_the_code_from_the_paper(paper: Paper) -> None:
    pdf, _ = build_bytes([Group([Paragraph("甲方")], Furniture(code="AB12CD34", signers=("制表", "复核")), paper)])
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    picture = page.render(scale=150 / 72, grayscale=True).to_pil()
    page.close()
    document.close()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == ["AB12CD34"]


def test_the_same_matter_gives_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / "1.pdf", tmp_path / "2.pdf"]
    for file in files:
        build(file, [group(40), group(2)], title="兑付表", author="某办")
    assert files[0].read_bytes() == files[1].read_bytes()


def test_stopping_leaves_nothing_and_keeps_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "协议.pdf"
    out.write_bytes(b"old")

    def tick(done: int, total: int, text: str = "") -> None:
        if done == 3:
            raise Stopped

    with pytest.raises(Stopped):
        build(out, (group(2) for _ in range(10)), tick=tick, total=10)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("协议.pdf", b"old")]


def test_progress_names_each_record(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    build(
        tmp_path / "1.pdf",
        [Group([Paragraph("甲")], label="永〔2023〕0001"), Group([Paragraph("乙")])],
        tick=lambda done, total, text="": told.append((done, total, text)),
        total=2,
    )
    assert told == [(0, 2, "永〔2023〕0001"), (1, 2, "第2份"), (2, 2, "正在写入文件")]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="不存在"):
        build(tmp_path / "none" / "1.pdf", [group(1)])


def test_pages_are_packed() -> None:
    pdf, _ = build_bytes([group(100)])
    streams = re.findall(rb"/Filter /FlateDecode /Length \d+\s*>>\s*stream\n(.*?)endstream", pdf, re.S)
    assert any(b" Tj" in zlib.decompress(stream) for stream in streams if stream[:1] == b"x")

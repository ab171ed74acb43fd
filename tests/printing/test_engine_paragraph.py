"""The line-breaking law over random texts and widths, and what is drawn of a paragraph."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relocdesk.printing import fonts
from relocdesk.printing.paragraph import BLANK, NO_END, NO_START, Span, Style, may_end, set_lines, whole

CLOSING = "，。、；：？！）】》”’」』〉〕"
OPENING = "（【《“‘「『〈〔"
PIECES = st.one_of(
    st.sampled_from(list("甲乙方因工程建设需要征收土地补偿安置张堃喆䶮𬌗")),
    st.sampled_from(list(CLOSING + OPENING)),
    st.sampled_from(["12,345.67", "2023年4月3日", "2026-11-22", "km", "IV", "——", "……", " ", "85%", "￥", "471"]),
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)


def _cluster(text: str, at: int) -> tuple[int, int]:
    """The stretch around place `at` inside which no line may lawfully end (words and dates kept whole)."""
    inside = whole(text)

    def lawful(n: int) -> bool:
        return n not in inside and may_end(text, n)

    start = next((n for n in range(at - 1, 0, -1) if lawful(n)), 0)
    end = next((n for n in range(at + 1, len(text)) if lawful(n)), len(text))
    return start, end


@settings(max_examples=2500, deadline=None)
@given(text=TEXTS, width=st.floats(20, 500), size=st.sampled_from([9.0, 10.5, 16.0]), justify=st.booleans())
def test_lines_obey_the_law(text: str, width: float, size: float, justify: bool) -> None:
    style = Style("song", size, size * 1.5, 0.0, "justify" if justify else "left")
    lines = set_lines((Span(text),), style, width)
    assert "".join(line.text for line in lines) == text, "nothing is lost or doubled"
    for line in lines[:-1]:
        shown = line.text.rstrip(" ")
        assert line.width <= width + 0.02 or len(shown) == 1, "nothing hangs over the edge"
        if line.end in whole(text) or not may_end(text, line.end):
            start, end = _cluster(text, line.end)
            tight = text[start:end].rstrip(" ")
            assert fonts.width(tight, "song", size) > width - 0.02, "only what fits on no line is cut"
        else:
            assert shown[-1:] not in set(OPENING)
            assert text[line.end] not in set(CLOSING)


def test_the_marks_of_the_law_are_all_known() -> None:
    assert set(CLOSING) <= NO_START
    assert set(OPENING) <= NO_END


@given(words=st.lists(st.sampled_from(["征地", "补偿，", "（款）", "安置。", "第9号"]), min_size=15, max_size=40))
@settings(max_examples=300, deadline=None)
def test_justified_lines_end_at_the_edge(words: list[str]) -> None:
    for line in set_lines((Span("".join(words)),), Style("song", 10.0, 15.0, 2.0), 160.0)[:-1]:
        assert line.offset + line.width == pytest.approx(160.0, abs=0.02)


@pytest.mark.parametrize(("align", "offset"), [("left", 0.0), ("center", 45.0), ("right", 90.0), ("justify", 0.0)])
def test_alignment_of_a_short_line(align: str, offset: float) -> None:
    style = Style("song", 10.0, 15.0, 0.0, align)  # type: ignore[arg-type]
    (line,) = set_lines((Span("甲"),), style, 100.0)
    assert (line.offset, line.width) == (offset, 10.0)


def test_first_line_is_indented_by_two_characters() -> None:
    first, second, *_ = set_lines((Span("搬" * 40),), Style("song", 10.0, 15.0, 2.0), 100.0)
    assert (first.offset, first.text, second.offset, second.text) == (20.0, "搬" * 8, 0.0, "搬" * 10)


def test_line_ends_in_the_text_start_a_new_line() -> None:
    lines = set_lines((Span("甲方\n\n乙方"),), Style("song", 10.0, 15.0, 0.0), 100.0)
    assert [line.text for line in lines] == ["甲方", "", "乙方"]


@pytest.mark.parametrize("word", ["12,345,678.90", "2026-11-22", "2023年10月20日", "relocation"])
def test_words_amounts_and_dates_stay_whole(word: str) -> None:
    for before in range(12):
        lines = set_lines((Span("搬" * before + word + "迁安置"),), Style("song", 10.0, 15.0, 0.0), 110.0)
        assert any(word in line.text for line in lines)


def test_spans_underline_and_blank_make_rules() -> None:
    style = Style("song", 10.0, 15.0, 0.0)
    (line,) = set_lines((Span("甲方："), Span("张三", underline=True), Span(blank=4.0)), style, 200.0)
    assert line.rules == [(30.0, 90.0)]
    (line,) = set_lines((Span("甲方："), Span("张三", blank=6.0)), style, 200.0)
    assert line.rules == [(30.0, 90.0)]
    assert line.text == f"甲方：{BLANK}张三{BLANK}"


def test_a_filled_blank_is_not_torn() -> None:
    lines = set_lines((Span("搬" * 7), Span("张三", blank=6.0)), Style("song", 10.0, 15.0, 0.0), 100.0)
    assert [line.text for line in lines] == ["搬" * 7, f"{BLANK}张三{BLANK}"]


def test_a_blank_longer_than_the_line_ends_with_the_line() -> None:
    lines = set_lines((Span("甲"), Span(blank=40.0)), Style("song", 10.0, 15.0, 0.0), 100.0)
    assert [line.width for line in lines] == [10.0, 100.0]


def test_bold_takes_the_bold_face() -> None:
    (line,) = set_lines((Span("甲"), Span("乙", bold=True)), Style("fang", 10.0, 15.0, 0.0), 100.0)
    assert [piece.face for piece in line.pieces] == ["FandolFang-Regular", "NotoSerifSC-Bold"]


def test_an_undrawable_character_becomes_a_frame() -> None:
    (line,) = set_lines((Span("王𫚈"),), Style("song", 10.0, 15.0, 0.0), 100.0)
    assert (line.frames, line.width) == ([10.0], 20.0)

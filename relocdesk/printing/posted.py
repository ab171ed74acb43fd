"""What every paper on a wall has around what it says: where it hangs, from when until when, who takes objections, who put it up."""

from __future__ import annotations

from collections.abc import Sequence

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Notes, Title, issued
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import lacking
from relocdesk.printing.paragraph import Paragraph, Span, Style
from relocdesk.queries.posting_papers import PostingHead
from relocdesk.rules.days import chinese_date

LINE = Style("song", 11.0, 18.0, 0.0, after=4.0)
_SIGNED = Style("song", 12.0, 22.0, 0.0, "right", right=2.0)


def needs_head(where: str, data: PostingHead) -> list[Problem]:
    """Whoever reads it must know whom to ask."""
    return [*lacking(where, {"受理电话": data.contact}, "请在公示里填写，或在“设置—办理规定”里填写“公示受理电话”"),
            *lacking(where, {"公示单位": data.office}, "请在“单位”里登记本单位")]  # fmt: skip


def posted(data: PostingHead, title: str, said: Sequence[Flow], notes: Sequence[str]) -> list[Flow]:
    """The whole paper around what it says."""
    return [
        Title(title, size=20.0, sub=f"公示范围：{data.place}"),
        Paragraph([Span("公示期限：", role="hei"), Span(f"{chinese_date(data.from_on)}至{chinese_date(data.until_on)}"),
                   Span("　　受理异议单位：", role="hei"), Span(data.office), Span("　　电话：", role="hei"), Span(data.contact)], LINE),
        *said, Notes(notes), *issued(data.office, data.from_on, _SIGNED, before=8.0),
    ]  # fmt: skip


def note_lines(text: str) -> list[str]:
    """The notes of a clause, one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]

"""项目公示: support projects as they hang in a village: what is built where, for how much money of which source, by whom.

Part of the form 公示表. The money of after-support and what it is used for are published (471号令 art. 53).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import Problem
from relocdesk.printing.blocks import Notes, Title, issued
from relocdesk.printing.clauses import POSTING_WORKS
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Setting, furniture, glyphs, lacking, money
from relocdesk.printing.page import Group
from relocdesk.printing.paragraph import Paragraph, Span, Style
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.work_postings import PostedWork, posted_works
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.rules.days import chinese_date


@dataclass(frozen=True, slots=True)
class WorkNoticeData:
    """A posting of support projects in one village."""

    id: str
    home: str
    subject: str
    place: str
    place_id: str
    from_on: str
    until_on: str
    contact: str
    office: str
    works: tuple[PostedWork, ...]


def read(session: Session, reader: PaperReader, posting: Posting) -> WorkNoticeData:
    """A posting of projects as its notice shows it."""
    return WorkNoticeData(
        posting.id, posting.home, PostingSubject(posting.subject).label, reader.full(posting.place), posting.place, posting.from_on, posting.until_on,
        posting.contact or settings.text(session, "posting.contact", posting.home), reader.office(posting.home), tuple(posted_works(posting)))  # fmt: skip


def needs(data: WorkNoticeData) -> list[Problem]:
    """A notice says about what, until when, and where to object."""
    where = f"{data.place}项目公示"
    found = [] if data.works else [Problem(where, "没有留下公示时的项目，没有可以公示的内容；请重新张榜公示“项目”")]
    found += lacking(where, {"受理电话": data.contact}, "请在公示里或“设置—公示受理电话”里填写")
    found += lacking(where, {"公示单位": data.office}, "请在“单位”里登记本单位")
    for one in data.works:
        found += glyphs(f"项目 {one.code}", {"名称": one.name, "建设内容": one.content, "施工单位": one.contractor})
    return found


def group(data: WorkNoticeData, setting: Setting) -> Group:
    title = "大中型水库移民后期扶持项目公示表"
    line, signed = Style("song", 11.0, 18.0, 0.0, after=4.0), Style("song", 12.0, 22.0, 0.0, "right", right=2.0)
    flows: list[Flow] = [
        Title(title, size=20.0, sub=f"公示范围：{data.place}"),
        Paragraph([Span("公示期限：", role="hei"), Span(f"{chinese_date(data.from_on)}至{chinese_date(data.until_on)}"),
                   Span("　　受理异议单位：", role="hei"), Span(data.office), Span("　　电话：", role="hei"), Span(data.contact)], line),
        _table(data.works), Notes([one.strip() for one in POSTING_WORKS.splitlines() if one.strip()]),
        *issued(data.office, data.from_on, signed, before=8.0),
    ]  # fmt: skip
    return Group(flows, furniture(setting, title, mark=True, unit="单位：元、人"), label=data.place)


def _table(works: tuple[PostedWork, ...]) -> Table:
    def yuan(fen: int | None) -> str:
        return "" if fen is None else money(fen)

    columns = [Column("序号", 2.6, "center"), Column("项目名称", 11), Column("建设地点", 9), Column("建设内容及规模", 13), Column("资金来源", 6),
               Column("资金合计", 7, "right", total=True, show=money), Column("实施单位\n施工单位", 9), Column("合同价\n审定金额", 7, "right"),
               Column("受益人数", 4.5, "right"), Column("所处阶段", 5, "center")]  # fmt: skip
    rows: list[Row] = [
        [str(n), one.name, one.place, one.content, one.funds, one.total or one.estimate or 0, _two(one.unit, one.contractor),
         _two(yuan(one.contract), yuan(one.audited)), str(one.persons or ""), one.stage] for n, one in enumerate(works, 1)]  # fmt: skip
    return Table(columns, rows, total="合计" if len(rows) > 1 else "", size=9.5)


def _two(first: str, second: str) -> str:
    return f"{first or '—'}\n{second}" if second else first

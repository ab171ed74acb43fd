"""项目公示: support projects as they hang in a village: what is built where, for how much money of which source, by whom.

Part of the form 公示表. The money of after-support and what it is used for are published (471号令 art. 53).
"""

from __future__ import annotations

from dataclasses import dataclass

from relocdesk.errors import Problem
from relocdesk.printing.clauses import POSTING_WORKS
from relocdesk.printing.form import Setting, furniture, glyphs, money
from relocdesk.printing.page import Group
from relocdesk.printing.posted import needs_head, note_lines, posted
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.posting_papers import PostingHead, posting_head
from relocdesk.queries.work_postings import PostedWork, posted_works
from relocdesk.records.survey import Posting


@dataclass(frozen=True, slots=True)
class WorkNoticeData(PostingHead):
    """A posting of support projects in one village."""

    works: tuple[PostedWork, ...]


def read(reader: PaperReader, posting: Posting) -> WorkNoticeData:
    """A posting of projects as its notice shows it."""
    return WorkNoticeData(**posting_head(reader, posting), works=tuple(posted_works(posting)))


def needs(data: WorkNoticeData) -> list[Problem]:
    """A notice says about what, until when, and where to object."""
    where = f"{data.place}项目公示"
    found = [] if data.works else [Problem(where, "没有留下公示时的项目，没有可以公示的内容；请重新张榜公示“项目”")]
    found += needs_head(where, data)
    for one in data.works:
        found += glyphs(f"项目 {one.code}", {"名称": one.name, "建设内容": one.content, "施工单位": one.contractor})
    return found


def group(data: WorkNoticeData, setting: Setting) -> Group:
    title = "大中型水库移民后期扶持项目公示表"
    flows = posted(data, title, [_table(data.works)], note_lines(POSTING_WORKS))
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

"""直补公示 and 核减公示: a subsidy roster or reductions as they hang in a village, without ID numbers, accounts and telephones.

Part of the form 公示表. Names stay in full but for children under 14; why money was added or taken off is not said, and of
a sentence only that payment stops (政府信息公开条例 art. 15, 个人信息保护法 art. 28).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from relocdesk.errors import Problem
from relocdesk.printing.clauses import POSTING_PEOPLE
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Setting, furniture, glyphs, lacking, money, unless_zero
from relocdesk.printing.page import Group
from relocdesk.printing.paragraph import Paragraph, Span
from relocdesk.printing.posted import LINE, needs_head, note_lines, posted
from relocdesk.printing.subsidy_roster import span
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.people_postings import NoticeData, Reduction
from relocdesk.queries.roster_paper import RosterData
from relocdesk.records.support import LineKind


def needs(data: NoticeData) -> list[Problem]:
    """A notice says about whom, until when, and where to object."""
    where = f"{data.place}{data.subject}公示"
    found: list[Problem] = []
    if not data.reductions and not (data.roster and data.roster.lines):
        cure = "请先在“直补发放”里把本期名册张榜公示" if data.subject.startswith("直补") else "请先登记核减，再张榜公示“核减名单”"
        found.append(Problem(where, f"没有和这次公示对应的人员，没有可以公示的内容；{cure}"))
    found += needs_head(where, data)
    for group_name, name, head in _people(data):
        found += lacking(f"{group_name}的一个直补对象", {"姓名": name}, "请在“人员”里补填")
        found += glyphs(group_name, {f"“{name}”的姓名": name, "户主": head})
    return found


def _people(data: NoticeData) -> Iterator[tuple[str, str, str]]:
    """Group, name as it is posted, and head of everybody named."""
    yield from ((one.group, one.name, one.head) for one in data.reductions)
    yield from ((line.who.village + line.who.group, line.who.public, line.who.head) for line in (data.roster.lines if data.roster else ()))


def group(data: NoticeData, setting: Setting) -> Group:
    about = f"{data.roster.name}直补资金发放名单" if data.roster else "人口核减名单"
    title = f"大中型水库移民后期扶持{about}公示表"
    said: list[Flow] = _roster(data.roster) if data.roster else [_reductions(data.reductions)]
    flows = posted(data, title, said, note_lines(data.notice or POSTING_PEOPLE))
    return Group(flows, furniture(setting, title, mark=True, unit="单位：元" if data.roster else ""), label=data.place)


def _roster(data: RosterData) -> list[Flow]:
    facts = f"{span(data)}，{money(data.standard)}元/人·年，{data.heads}人，{money(sum(line.paid for line in data.lines))}元"
    columns = [Column("序号", 2.8, "center"), Column("户主", 7), Column("移民姓名", 8), Column("人口类型", 5, "center"), Column("所属水库", 7),
               Column("月数", 3, "center")]  # fmt: skip
    shown = {"应发": money, "补发": unless_zero(money), "扣回": unless_zero(money), "实发": money}
    columns += [Column(name, 6, "right", total=True, show=show) for name, show in shown.items()]
    columns.append(Column("备注", 5))
    rows: list[Row] = []
    n = 0
    for place, some in groupby(data.lines, lambda line: line.who.village + line.who.group):
        rows.append(place or "未写村组")
        for line in some:
            n += 1
            rows.append([str(n), line.who.head, line.who.public, line.who.cohort, line.who.reservoir, str(line.months), line.due, line.back_pay,
                         line.deducted, line.paid, "" if line.kind == LineKind.NORMAL else LineKind(line.kind).label])  # fmt: skip
    return [Paragraph([Span("本期发放：", role="hei"), Span(facts)], LINE), Table(columns, rows, subtotal="本页小计", total="合计", size=9.5)]


def _reductions(found: tuple[Reduction, ...]) -> Table:
    columns = [Column("序号", 2.8, "center"), Column("村民小组", 9), Column("户主", 7), Column("姓名", 8), Column("性别", 3, "center"),
               Column("人口类型", 5, "center"), Column("核减原因", 9), Column("停发起始月", 6, "center"), Column("备注", 7)]  # fmt: skip
    rows = [[str(n), one.group, one.head, one.name, one.sex, one.cohort, one.why, one.stops_from, ""] for n, one in enumerate(found, 1)]
    return Table(columns, rows, size=9.5)

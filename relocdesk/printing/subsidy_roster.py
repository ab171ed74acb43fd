"""直补发放花名册: the people of a period with what each gets, village by village; handed out in cash it is signed for.

Every village has its own part, which it seals; several villages are added up on a last page. What is the same for
everybody stands above the table. A cell of two lines holds two columns of the ledger, so that all of them fit on A4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Amount, Facts, Heading, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow, PageEnd
from relocdesk.printing.form import Content, Form, Setting, first_ids, furniture, glyphs, in_words, lacking, money, one_each, open_gaps, unless_zero
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.paragraph import Style
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.roster_paper import RosterData, RosterLine, RosterReader
from relocdesk.records.support import LineKind
from relocdesk.rules.days import chinese_month

TITLE = "大中型水库移民后期扶持直补资金发放花名册"
_PART = Style("hei", 10.5, 16.0, 0.0, before=4.0, after=2.0)
_DATE = "日期：　　年　月　日"
Cell = str | int


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = RosterReader(session)
    for period in first_ids(sheets):
        data = reader.roster(period)
        if data:
            yield Content(f"{data.name} {data.place}", (data.id,), data.home, data.place_id, f"{data.name} {data.place}", data)


def village_sheets(session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """One sheet for each village of the chosen periods; a village among the ids asks for its own sheet only."""
    reader = RosterReader(session)
    wanted = {one for one in ids if one in reader.places.nodes}
    found: list[tuple[str, tuple[str, ...]]] = []
    for period in (one for one in dict.fromkeys(ids) if one not in wanted):
        for village in reader.villages_of(period):
            if not wanted or village in wanted:
                found.append((f"{reader.period_name(period)} {reader.papers.full(village)}", (period, village)))
    return found


def load_villages(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = RosterReader(session)
    for key, ids in sheets:
        data = reader.roster(*ids) if len(ids) == 2 else None
        if data and data.lines:
            yield Content(key, ids, data.home, data.place_id, f"{data.name} {data.place}", data)


def needs(data: RosterData) -> list[Problem]:
    """A roster needs people, a name for each, and an account where the others have one."""
    if not data.lines:
        return [Problem(f"{data.place}{data.name}", "花名册里没有人，打印出来是空表；请先在“直补发放”里生成本期名册")]
    found: list[Problem] = []
    signing = set(data.cash)
    for n, line in enumerate(data.lines, 1):
        who = f"{line.who.village}{line.who.group}{line.who.name}".strip() or f"第{n}行"
        found += lacking(who, {"姓名": line.who.name}, "请在“人员”里补填")
        found += open_gaps(who, {"身份证号": line.who.idcard}, "请在“直补对象”里补填")
        if line not in signing:
            found += open_gaps(who, {"账号": line.account}, "请在“直补对象”里变更账户，再更新本期名册的账户")
        found += glyphs(who, {"姓名": line.who.name, "户主": line.who.head, "户名": line.account_name, "开户行": line.bank, "补扣原因": line.reason})
    return found


def group(data: RosterData, setting: Setting) -> Group:
    """The villages one after the other, each from a new page, then what they come to together."""
    flows: list[Flow] = []
    parts = [(village, list(lines)) for village, lines in groupby(data.lines, lambda line: line.who.village)]
    start = 1
    for n, (village, lines) in enumerate(parts):
        flows += [PageEnd()] if n else [Title(TITLE, size=18.0, after=6.0)]  # the title runs on over the later pages
        flows += _village(data, village, lines, start, public=setting.public)
        start += len(lines)
    if len(parts) > 1:
        flows += [PageEnd(), *_together(data, parts)]
    signers = (f"制表：{data.made_by}", f"复核：{data.checked_by}", f"审批：{data.approved_by}", "日期：")
    return Group(flows, furniture(setting, TITLE, mark=True, unit="单位：元", office=data.office, signers=signers), label=f"{data.place} {data.name}")


def _village(data: RosterData, village: str, lines: list[RosterLine], start: int, *, public: bool) -> Iterator[Flow]:
    """Those paid by the bank, then those who sign for cash; one sum under both."""
    signing = set() if public else set(data.cash)
    banked, by_hand = [line for line in lines if line not in signing], [line for line in lines if line in signing]
    paid = sum(line.paid for line in lines)
    yield _facts(data, village, lines)
    if banked:
        yield from [Heading("一、银行代发", _PART)] if by_hand else []
        columns = _public_columns(data) if public else _bank_columns(data)
        yield _table(columns, banked, start, size=9.0 if public else 8.0)
    if by_hand:
        yield from [Heading("二、现金发放", _PART)] if banked else []
        yield _table(_cash_columns(data), by_hand, start + len(banked), size=8.0, least=34.0)
    yield Amount(in_words(paid, data.zheng), money(paid), size=10.5)
    corrected = [f"{line.who.name}（{line.formerly}）" for line in lines if line.formerly]
    if corrected and not public:
        yield Notes([f"名册冻结以后、审批以前更正过：{'、'.join(corrected)}；更正材料见错误更正表。"])
    if by_hand:
        yield Notes(["本人签字并按右手食指手印；委托他人领取的，凭签字的授权委托书，由代领人签字并在备注里注明与本人的关系。"])
    if not public:
        yield Signatures([
            Party("村民小组（签字）", ("组长（签字）",), date=_DATE), Party("村民委员会（盖章）", ("负责人（签字）",), date=_DATE),
            Party("乡镇审核（盖章）", ("经办人（签字）", "负责人（签字）"), date=_DATE),
            Party("县搬迁安置机构（盖章）", ("经办（签字）", "复核（签字）", "负责人（签字）"), date=_DATE),
        ], across=4, size=9.0, framed=True, before=4.0)  # fmt: skip


def _table(columns: list[_Column], lines: Sequence[RosterLine], start: int, *, size: float, least: float = 0.0) -> Table:
    return Table([Column("序号", 2.6, "center"), *(one.column for one in columns)], _rows(lines, columns, start),
                 subtotal="本页小计", running="累计", total="合计", size=size, least=least)  # fmt: skip


def _facts(data: RosterData, village: str, lines: Sequence[RosterLine]) -> Facts:
    place = data.place if data.village or not village else f"{data.place}{village}"
    return Facts([
        ("发放范围", place), ("发放期", f"{data.name}（{span(data)}）"), ("标准", f"{money(data.standard)}元/人·年"),
        ("所属水库", _listed(line.who.reservoir for line in lines)), ("扶持方式", _listed(line.who.support for line in lines)),
        ("发放方式", _ways(data, lines)),
    ], across=3, label=4.5, size=9.5, least=18.0, after=4.0)  # fmt: skip


def _ways(data: RosterData, lines: Sequence[RosterLine]) -> str:
    """银行代发 38人、现金 2人."""
    signing = set(data.cash)
    ways = {"银行代发": {line.who.id for line in lines if line not in signing}, "现金": {line.who.id for line in lines if line in signing}}
    return "、".join(f"{way}{len(some)}人" for way, some in ways.items() if some)


def span(data: RosterData) -> str:
    """The months of the period: 2026年4月至6月."""
    if data.first_month == data.last_month:
        return chinese_month(data.first_month)
    last = chinese_month(data.last_month)
    return f"{chinese_month(data.first_month)}至{last.removeprefix(f'{data.first_month[:4]}年')}"


def _listed(values: Iterator[str]) -> str:
    return "、".join(sorted({value for value in values if value}))


# --- columns ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    column: Column
    value: Callable[[RosterLine], Cell]


_SUMS = [
    _Column(Column("月数", 2.4, "center"), lambda line: str(line.months)),
    _Column(Column("应发", 4.6, "right", total=True, show=money), lambda line: line.due),
    _Column(Column("补发", 3.8, "right", total=True, show=unless_zero(money)), lambda line: line.back_pay),
    _Column(Column("扣回", 3.8, "right", total=True, show=unless_zero(money)), lambda line: line.deducted),
    _Column(Column("实发", 4.8, "right", total=True, show=money), lambda line: line.paid),
]
_PHONE = _Column(Column("电话", 6.6, "center"), lambda line: line.who.telephone)


def _bank_columns(data: RosterData) -> list[_Column]:
    return [
        *_people(data), *_SUMS, _Column(Column("账号\n户名（与本人关系）", 10.6, "center"), lambda line: _two(line.account, _holder(line))),
        _Column(Column("开户行", 7.4), lambda line: line.bank), _PHONE, _Column(Column("银行\n回执", 4), lambda line: line.outcome),
        _Column(Column("备注", 4.8), _note)]  # fmt: skip


def _cash_columns(data: RosterData) -> list[_Column]:
    return [*_people(data), *_SUMS, _PHONE, _Column(Column("领款人签字", 8), _blank), _Column(Column("手印", 5.4), _blank), _Column(Column("备注", 5.4), _note)]


def _public_columns(data: RosterData) -> list[_Column]:
    return [
        _Column(Column("户主", 7), lambda line: line.who.head), _Column(Column("移民姓名", 8), lambda line: line.who.public),
        _Column(Column("人口类型", 5, "center"), lambda line: line.who.cohort),
        *([_Column(Column("所属水库", 7), lambda line: line.who.reservoir)] if _several(data) else []),
        *_SUMS, _Column(Column("备注", 5), _kind)]  # fmt: skip


def _people(data: RosterData) -> list[_Column]:
    found = [
        _Column(Column("户编号\n户主", 5.4), lambda line: _two(line.who.household_no, line.who.head)),
        _Column(Column("移民姓名\n性别 民族", 5.8), lambda line: _two(line.who.name, f"{line.who.sex} {line.who.ethnic}".strip())),
        _Column(Column("身份证号\n与户主关系", 10.2, "center"), lambda line: _two(line.who.idcard, line.who.relation)),
        _Column(Column("人口类型\n搬迁时间", 5.2, "center"), lambda line: _two(line.who.cohort, line.who.moved_on)),
        _Column(Column("扶持起\n扶持止", 4.2, "center"), lambda line: _two(line.who.start, line.who.end)),
    ]
    if _several(data):
        found.append(_Column(Column("所属水库\n扶持方式", 5.4), lambda line: _two(line.who.reservoir, line.who.support)))
    return found


def _several(data: RosterData) -> bool:
    """Whether reservoir and way differ from person to person, so that they cannot stand above the table."""
    return len({(line.who.reservoir, line.who.support) for line in data.lines}) > 1


def _two(upper: str, lower: str) -> str:
    """Two columns of the ledger in one cell, the second under the first."""
    return f"{upper}\n{lower}" if lower else upper


def _holder(line: RosterLine) -> str:
    return f"{line.account_name}（{line.payee_relation}）" if line.payee_relation else line.account_name


def _kind(line: RosterLine) -> str:
    return "" if line.kind == LineKind.NORMAL else LineKind(line.kind).label


def _note(line: RosterLine) -> str:
    return "：".join(filter(None, (_kind(line), line.reason)))


def _blank(_line: RosterLine) -> str:
    return ""


def _rows(lines: Sequence[RosterLine], columns: Sequence[_Column], start: int) -> list[Row]:
    """Lines under the heads of their groups, which say how many people and how much."""
    rows: list[Row] = []
    n = start
    for name, some in groupby(lines, lambda line: line.who.village + line.who.group):
        found = list(some)
        rows.append(f"{name or '未写村组'}　{len({line.who.id for line in found})}人，实发{money(sum(line.paid for line in found))}元")
        for line in found:
            rows.append([str(n), *(one.value(line) for one in columns)])
            n += 1
    return rows


# --- several villages ------------------------------------------------------------------------------------------------


def _together(data: RosterData, parts: Sequence[tuple[str, list[RosterLine]]]) -> Iterator[Flow]:
    columns = [Column("序号", 2.8, "center"), Column("村委会", 14), Column("人数", 5, "right", total=True)]
    columns += [Column(name, 8, "right", total=True, show=money) for name in ("应发（元）", "补发（元）", "扣回（元）", "实发（元）")]
    rows: list[Row] = [[str(n), village or "未写村组", len({line.who.id for line in lines}), sum(line.due for line in lines),
             sum(line.back_pay for line in lines), sum(line.deducted for line in lines), sum(line.paid for line in lines)]
            for n, (village, lines) in enumerate(parts, 1)]  # fmt: skip
    paid = sum(line.paid for line in data.lines)
    base, present, heads = data.counts
    yield Heading("各村汇总", Style("hei", 14.0, 22.0, 0.0, "center", after=4.0))
    yield Facts([("发放范围", data.place), ("发放期", f"{data.name}（{span(data)}）"), ("标准", f"{money(data.standard)}元/人·年"),
                 ("核定人数", f"{base}人" if base else ""), ("现有人数", f"{present}人" if present else ""), ("发放人数", f"{heads}人")],
                across=3, label=4.5, size=9.5, least=18.0, after=4.0)  # fmt: skip
    yield Table(columns, rows, subtotal="本页小计", total="合计", size=10.0)
    yield Amount(in_words(paid, data.zheng), money(paid))
    yield Signatures([
        Party("乡镇审核（盖章）", ("经办人（签字）", "负责人（签字）"), date=_DATE),
        Party("县搬迁安置机构（盖章）", ("经办（签字）", "复核（签字）", "负责人（签字）"), date=_DATE),
    ], across=2, size=10.0, framed=True, before=8.0)  # fmt: skip


ROSTER = Form("subsidy_roster", "直补发放花名册", "period", one_each, load, needs, group, paper=Paper.form(lying=True), public="may", copies=2,
              help="一期一份，各村另起一页，末页汇总；没有账号的一期带签字和手印栏")  # fmt: skip
VILLAGE = Form("village_roster", "直补发放花名册（分村）", "period", village_sheets, load_villages, needs, group, paper=Paper.form(lying=True),
               public="may", copies=3, help="每村一份，各有短码，分别签章收回")  # fmt: skip

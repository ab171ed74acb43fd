"""《家访情况登记表》 and 《家庭助廉承诺书》: signed in the family's home, seen by 党务 and 负责人 only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, first_ids, furniture, glyphs, lacking, one_each, open_gaps
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.paragraph import Paragraph, Span, Style
from relocdesk.printing.table import Column, Table
from relocdesk.queries.rectification import office_name
from relocdesk.queries.rows import Shower
from relocdesk.records import register
from relocdesk.records.party import HomeVisit, Pledge, VisitFamily
from relocdesk.records.reference import Role
from relocdesk.rules.days import chinese_date

ROLES = (Role.PARTY, Role.HEAD, Role.ADMIN)
_DATE = "　　年　月　日"
_SEEN = (("家庭基本情况", "home_state"), ("八小时外表现", "cadre_conduct"), ("困难与诉求", "difficulties"), ("意见建议", "opinions"),
         ("廉政提醒", "reminders"), ("苗头问题及处理", "trouble"), ("跟踪回访", "follow_up"))  # fmt: skip
PLEDGE = """经常提醒家人守纪律、讲规矩，当好家庭的廉洁守门人。
支持家人的工作，多吹廉洁风，不拖后腿、不说情。
不打听、不插手家人分管的工作，不替别人打招呼、递材料。
不收与家人工作有关的礼品、礼金、有价证券和吃请。
不借家人的职务经商办企业、承揽项目或者谋取好处。
教育好子女，管好身边的人，不搞特殊。
勤俭持家，婚丧喜庆事宜简办、按规定报告，不借机敛财。
健康生活、正派交往，远离赌博、毒品和不良嗜好。
发现家人有苗头性的问题，及时劝阻，并向单位反映。
自觉接受组织和群众的监督。"""


@dataclass(frozen=True, slots=True)
class Relative:
    """A member of the visited family."""

    name: str
    relation: str
    work: str
    phone: str


@dataclass(frozen=True, slots=True)
class VisitData:
    """A home visit; `seen` are the parts of what was seen and talked about."""

    id: str
    number: str
    office: str
    visited_on: str
    cadre: str
    post: str
    section: str
    address: str
    visitors: str
    family: tuple[Relative, ...]
    seen: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PledgeData:
    """A pledge; `points` are the office's own wording or the usual one."""

    id: str
    number: str
    office: str
    cadre: str
    relative: str
    relation: str
    signed_on: str
    copies: int
    points: tuple[str, ...]


def _word(session: Session, name: str, field: str, values: Sequence[str]) -> list[str]:
    return Shower(session).column(register(name)[field], values)


def load_visits(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    ids = first_ids(sheets)
    family: dict[str, list[Relative]] = {}
    members = list(session.scalars(select(VisitFamily).where(VisitFamily.visit.in_(ids), VisitFamily.deleted == 0).order_by(VisitFamily.id)))
    for one, relation in zip(members, _word(session, "visit_family", "relation", [one.relation for one in members]), strict=True):
        family.setdefault(one.visit, []).append(Relative(one.name, relation, one.work or "", one.phone or ""))
    rows = {row.id: row for row in session.scalars(select(HomeVisit).where(HomeVisit.id.in_(ids), HomeVisit.deleted == 0))}
    for row in (rows[one] for one in ids if one in rows):
        seen = tuple((label, getattr(row, name) or "") for label, name in _SEEN)
        data = VisitData(row.id, row.number or "", office_name(session, row.home), row.visited_on, row.cadre, row.post or "", row.section or "",
                         row.address or "", row.visitors, tuple(family.get(row.id, ())), seen)  # fmt: skip
        yield Content(data.number, (row.id,), row.home, "", f"{data.number} {data.cadre}", data)


def needs_visit(data: VisitData) -> list[Problem]:
    where = f"{data.cadre}的家访"
    found = [] if data.family else [Problem(where, "没有登记受访家属；请在家访里添加")]
    found += open_gaps(where, {"家庭住址": data.address}, "请补填")
    found += glyphs(where, {"受访干部": data.cadre, "内容": "".join(text for _, text in data.seen)})
    for one in data.family:
        found += glyphs(where, {"家属姓名": one.name})
    return found


def group_visit(data: VisitData, setting: Setting) -> Group:
    facts = [
        ("编号", data.number), ("家访日期", chinese_date(data.visited_on)), ("受访干部", data.cadre), ("职务", data.post), ("股室", data.section),
        ("家访人", data.visitors), ("*家庭住址", data.address),
    ]  # fmt: skip
    columns = [Column("家属姓名", 6), Column("与干部关系", 6, "center"), Column("工作单位", 14), Column("联系电话", 8)]
    flows: list[Flow] = [
        Title("家访情况登记表", size=20.0), Facts(facts, label=5.5, after=0.0),
        Table(columns, [[one.name, one.relation, one.work, one.phone] for one in data.family], size=10.0, after=0.0),
        Facts([(f"*{label}", text or "\n") for label, text in data.seen], across=1, label=7.0, least=40.0),
        Signatures([Party("家属", ("签字",), date=f"日期：{_DATE}"), Party("受访干部", ("签字",), date=f"日期：{_DATE}"),
                    Party("家访人", ("签字", "签字"), date=f"日期：{_DATE}")], across=3, size=10.5, framed=True, before=0.0),
        Notes(["家访要看居住环境、家庭气氛，问收支、交往和八小时以外的情况，听家属对单位和干部的意见；登记内容只供党务和负责人查看。"]),
    ]  # fmt: skip
    return Group(flows, furniture(setting, "家访情况登记表"), label=data.cadre)


def load_pledges(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    ids = first_ids(sheets)
    rows = {row.id: row for row in session.scalars(select(Pledge).where(Pledge.id.in_(ids), Pledge.deleted == 0))}
    for row in (rows[one] for one in ids if one in rows):
        wording = settings.text(session, "clauses.pledge", row.home) or PLEDGE
        (relation,) = _word(session, "pledge", "relation", [row.relation])
        data = PledgeData(row.id, row.number or "", office_name(session, row.home), row.cadre, row.relative, relation, row.signed_on or "", row.copies,
                          tuple(line.strip() for line in wording.splitlines() if line.strip()))  # fmt: skip
        yield Content(data.number, (row.id,), row.home, "", f"{data.number} {data.relative}", data, copies=row.copies)


def needs_pledge(data: PledgeData) -> list[Problem]:
    where = f"{data.cadre}家属的承诺书"
    return [*lacking(where, {"承诺人": data.relative, "干部姓名": data.cadre}, "请补填"), *glyphs(where, {"承诺人": data.relative, "干部姓名": data.cadre})]


def group_pledge(data: PledgeData, setting: Setting) -> Group:
    body = Style(size=14.0, leading=25.0)
    flows: list[Flow] = [
        Title("家庭助廉承诺书"),
        Paragraph(f"我是{data.office}{data.cadre}同志的家属（{data.relation}），为营造清清白白的家风，支持家人廉洁干事，现作如下承诺：", body),
        *(Paragraph([Span(f"{n}. "), Span(point)], body) for n, point in enumerate(data.points, 1)),
        Paragraph("以上承诺，请组织和群众监督。", body),
        Signatures([Party("承诺人（家属）", ("签字",), date=f"日期：{_DATE}"), Party("干部本人", ("签字",), date=f"日期：{_DATE}"),
                    Party("所在支部（盖章）", ("经办人",), date=f"日期：{_DATE}")], across=3, size=11.0, framed=True),
        Notes([f"本承诺书一式 {data.copies} 份，家庭和单位各存。"]),
    ]  # fmt: skip
    return Group(flows, furniture(setting, "家庭助廉承诺书"), label=data.relative)


VISIT = Form("home_visit_sheet", "家访情况登记表", "home_visit", one_each, load_visits, needs_visit, group_visit, roles=ROLES,
             help="一户一份，家属和家访人签字")  # fmt: skip
PLEDGE_PAPER = Form("pledge_paper", "家庭助廉承诺书", "pledge", one_each, load_pledges, needs_pledge, group_pledge, paper=Paper.form(), roles=ROLES, copies=2,
                    help="家属、干部、支部签字，一式两份")  # fmt: skip
FORMS = (VISIT, PLEDGE_PAPER)

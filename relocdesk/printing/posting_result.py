"""公示结果证明: what hung where and how long, what was objected and how it was answered; signed by the village and the office.

Land, results and standards are published by village (471号令 art. 53); without this paper nobody can tell later that they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Gap, Setting, first_ids, furniture, glyphs, one_each
from relocdesk.printing.page import Group
from relocdesk.printing.paragraph import Paragraph, Style
from relocdesk.printing.table import Column, Table
from relocdesk.queries.computed import expression
from relocdesk.queries.objections import OPEN_STATES
from relocdesk.queries.places import Places
from relocdesk.queries.posting_papers import Photos, photos_of
from relocdesk.queries.rectification import office_name
from relocdesk.records import register
from relocdesk.records.project import Project
from relocdesk.records.survey import Objection, Posting, PostingSubject, Recheck
from relocdesk.rules.days import chinese_date, days_between

_DATE = "　　年　月　日"


@dataclass(frozen=True, slots=True)
class Raised:
    """One objection: who, when, what, how far it is, and the answer."""

    who: str
    filed_on: str
    claim: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class ResultData:
    """A posting with what came of it."""

    id: str
    subject: str
    project: str
    place: str
    place_id: str
    office: str
    from_on: str
    until_on: str
    closed_on: str
    photos: Photos | int  # a bare count while of none is written what it shows, so that papers printed before photos said so stay the same
    raised: tuple[Raised, ...]

    @property
    def days(self) -> int:
        """Calendar days, the first one not counted (民法典 art. 201)."""
        return days_between(self.from_on, self.until_on)

    @property
    def shown(self) -> Photos:
        """The photos and what they show."""
        return self.photos if isinstance(self.photos, Photos) else Photos(unsaid=self.photos)


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    ids, places = first_ids(sheets), Places.load(session)
    rows = {row.id: row for row in session.scalars(select(Posting).where(Posting.id.in_(ids), Posting.deleted == 0))}
    for row in (rows[one] for one in ids if one in rows):
        subject, place = PostingSubject(row.subject).label, places.full(row.place).replace(" ", "")
        project = session.get(Project, row.project) if row.project else None
        photos = photos_of(session, row.id)
        data = ResultData(row.id, subject, project.name if project else "", place, row.place, office_name(session, row.home), row.from_on, row.until_on,
                          row.closed_on or "", photos if photos.start or photos.end else photos.total, tuple(_raised(session, row.id)))  # fmt: skip
        yield Content(f"{subject} {place}", (row.id,), row.home, row.place, f"{place} {subject}", data)


def _raised(session: Session, posting: str) -> Iterator[Raised]:
    t, reg = Objection.__table__, register("objection")
    answer = select(Recheck.result).where(Recheck.objection == t.c.id, Recheck.deleted == 0, Recheck.result.is_not(None))
    newest = answer.order_by(Recheck.held_on.desc()).limit(1).scalar_subquery()
    query = select(t.c.raised_by, t.c.filed_on, t.c.claim, t.c.about, expression(reg, reg["state"], t), newest)
    for row in session.execute(query.where(t.c.posting == posting, t.c.deleted == 0).order_by(t.c.filed_on, t.c.line)):
        yield Raised(row[0], row[1], row[2] or row[3] or "", row[4], row[5] or "")


def needs(data: ResultData) -> list[Problem]:
    """The time must be over and closed, every objection settled, and pictures should show both ends."""
    where = f"{data.place}{data.subject}"
    found: list[Problem] = []
    if not data.closed_on:
        found.append(Problem(where, "还没有办结束公示；请期满后办理“结束公示”"))
    still = [one.who for one in data.raised if one.state in OPEN_STATES]
    if still:
        found.append(Problem(where, f"{'、'.join(still)}的异议还没有办结；请先答复，转信访的等办结"))
    if data.shown.missing:
        found.append(Gap(where, f"{data.shown.missing}；请在“公示”页补上，或选“允许留空”打印后粘贴"))
    return found + [problem for one in data.raised for problem in glyphs(where, {"异议": one.who + one.claim})]


def group(data: ResultData, setting: Setting) -> Group:
    result = f"公示期间收到异议 {len(data.raised)} 条，已全部复核答复。" if data.raised else "公示期间没有收到异议。"
    columns = [Column("序号", 2.8, "center"), Column("提出人", 6), Column("提出日期", 6.5, "center"), Column("异议内容", 14), Column("办理结果", 14)]
    rows = [[str(n), one.who, chinese_date(one.filed_on), one.claim, one.answer or one.state] for n, one in enumerate(data.raised, 1)]
    table: list[Flow] = [Table(columns, rows, size=10.0, after=6.0)] if rows else []
    body = Style(size=14.0, leading=25.0)
    flows: list[Flow] = [
        Title("公示结果证明"),
        Facts([("工程", data.project), ("公示内容", data.subject), ("公示地点", data.place), ("公示天数", f"{data.days} 天"),
               ("起始日期", chinese_date(data.from_on)), ("截止日期", chinese_date(data.until_on)),
               ("*现场照片", f"{data.shown.told}（附后）" if data.shown.total else "\n")], label=5.0, after=6.0),
        Paragraph(f"兹证明：{data.project}“{data.subject}”自{chinese_date(data.from_on)}至{chinese_date(data.until_on)}在{data.place}张榜公示，{result}", body),
        *table,
        Signatures([Party("村民小组", ("签字",), date=f"日期：{_DATE}"), Party("村（居）民委员会（盖章）", ("签字",), date=f"日期：{_DATE}"),
                    Party("搬迁安置办公室（盖章）", ("签字",), date=f"日期：{_DATE}")], across=3, size=10.5, framed=True),
        Notes(["公示期满且异议全部办结后出具；附张榜时、期满时的现场照片。"]),
    ]  # fmt: skip
    return Group(flows, furniture(setting, "公示结果证明"), label=data.place)


FORM = Form("posting_result", "公示结果证明", "posting", one_each, load, needs, group, copies=3, help="公示期满、异议办结后出具，村组和本单位签章")

"""Support projects on the wall (公示内容“项目”, audit rule J12): what hung there, and whose money waits for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.errors import UserError
from relocdesk.queries.objections import open_objections
from relocdesk.queries.places import Places
from relocdesk.queries.work_papers import ProjectData, WorkPapers
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.records.works import Stage, SupportProject
from relocdesk.rules.days import chinese_date
from relocdesk.rules.posting import hangs


@dataclass(frozen=True, slots=True)
class PostedWork:
    """A project as it hangs on a wall; money in 分, None where nothing is known. Nobody's numbers or accounts are in it."""

    id: str
    code: str
    name: str
    place: str
    category: str
    content: str
    unit: str
    persons: int
    estimate: int | None
    funds: str
    total: int
    contractor: str
    contract: int | None
    stage: str
    audited: int | None


def pick_works(session: Session, place: str, wanted: Sequence[str] = ()) -> list[PostedWork]:
    """The projects to be put up at a place: those that were chosen, else all there and below that were not handed over yet."""
    below = Places.load(session).below(place)
    query = select(SupportProject.id).where(SupportProject.place.in_(below), SupportProject.deleted == 0).order_by(SupportProject.code)
    here = list(session.scalars(query))
    strange = [one for one in wanted if one not in here]
    if strange:
        codes = "、".join(session.scalars(select(SupportProject.code).where(SupportProject.id.in_(strange)).order_by(SupportProject.code)))
        raise UserError(f"后扶项目 {codes} 不在{Places.load(session).full(place)}", hint="请选建设地点所在的村组张榜")
    found = [one for one in WorkPapers(session).projects(list(dict.fromkeys(wanted)) or here) if wanted or not one.day(Stage.HANDED)]
    if not found:
        raise UserError(f"{Places.load(session).full(place)}没有要公示的后扶项目", hint="请核对地点；已经移交的项目要公示的，请选出来")
    return [_posted(one) for one in found]


def _posted(one: ProjectData) -> PostedWork:
    s = one.shown
    funds = "、".join(dict.fromkeys(line.fund for line in one.funds))
    return PostedWork(one.id, s["code"], s["name"], one.place, s["category"], s["content"], s["unit"], one.persons, one.estimate, funds, one.total,
                      s["contractor"], one.contract, one.last, one.audited)  # fmt: skip


def picture(works: Sequence[PostedWork]) -> str:
    """What hung on the wall, kept with the posting."""
    return json.dumps({"works": [astuple(one) for one in works]}, ensure_ascii=False, separators=(",", ":"))


def posted_works(posting: Posting) -> list[PostedWork]:
    """What a posting of projects showed; nothing for one from an old ledger, of which no picture was kept."""
    return [PostedWork(*one) for one in json.loads(posting.snapshot)["works"]] if posting.snapshot else []


def held_work(session: Session, project: SupportProject, day: str, on: str) -> str:
    """Why a project must not be paid on a day, as seen today, in a sentence; "" when nothing hangs and every objection is settled.

    471号令 art. 53, audit rule J12. What was paid before anything hung is a fact that may still be registered.
    """
    around = {node.id for node in Places.load(session).ancestors(project.place)}
    postings = session.scalars(select(Posting).where(Posting.subject == PostingSubject.PROJECT, Posting.place.in_(around), Posting.deleted == 0)
                               .order_by(Posting.until_on))  # fmt: skip
    for one in postings:
        if one.snapshot and all(work.id != project.id for work in posted_works(one)):
            continue
        if min(one.from_on, on) <= day and hangs(one.until_on, day):
            return f"{project.code} 的公示到{chinese_date(one.until_on)}为止，{chinese_date(day)}不能支付"
        undecided = open_objections(session, one.id) if one.from_on <= day else []
        if undecided:
            return f"{project.code} 的公示还有 {len(undecided)} 条异议没有办结（{undecided[0].raised_by}），不能支付"
    return ""


def was_posted(session: Session, project: SupportProject, day: str) -> bool:
    """Whether a project had been put up by a day; one from an old ledger, of which no picture was kept, showed all of its place."""
    around = {node.id for node in Places.load(session).ancestors(project.place)}
    postings = session.scalars(select(Posting).where(Posting.subject == PostingSubject.PROJECT, Posting.place.in_(around), Posting.deleted == 0,
                                                     Posting.from_on <= day))  # fmt: skip
    return any(not one.snapshot or any(work.id == project.id for work in posted_works(one)) for one in postings)


def unposted_work(session: Session, project: SupportProject, day: str) -> tuple[str, bool]:
    """That a project to be paid on a day was never put up, in a sentence ("" when it was), and whether that is refused (a setting; J12)."""
    if was_posted(session, project, day):
        return "", False
    return f"{project.code} 没有公示过", settings.get(session, "posting.required", project.home) == settings.Strictness.BLOCK

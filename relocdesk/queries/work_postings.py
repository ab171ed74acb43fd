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
from relocdesk.records.survey import Objection, Posting, PostingSubject
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


class WorkWalls:
    """The walls on which projects hang (471号令 art. 53, audit rule J12), read once for one piece of work and as seen on a day."""

    def __init__(self, session: Session, on: str) -> None:
        self.session, self.on = session, on
        query = select(Posting).where(Posting.subject == PostingSubject.PROJECT, Posting.deleted == 0).order_by(Posting.until_on)
        self._shown = [(one, {work.id for work in posted_works(one)} if one.snapshot else None) for one in session.scalars(query)]
        self._places = Places.load(session) if self._shown else Places([])
        self._open: dict[str, list[Objection]] = {}
        self._strict: dict[str, bool] = {}

    def waits(self, project: SupportProject, day: str) -> str:
        """Why a project must not be paid on a day, in a sentence; "" when nothing hangs and every objection is settled.

        What was paid before anything hung is a fact that may still be registered.
        """
        for one in self._of(project):
            if min(one.from_on, self.on) <= day and hangs(one.until_on, day):
                return f"{project.code} 的公示到{chinese_date(one.until_on)}为止，{chinese_date(day)}不能支付"
            undecided = self._undecided(one) if one.from_on <= day else []
            if undecided:
                return f"{project.code} 的公示还有 {len(undecided)} 条异议没有办结（{undecided[0].raised_by}），不能支付"
        return ""

    def unposted(self, project: SupportProject, day: str) -> tuple[str, bool]:
        """That a project to be paid on a day was never put up, in a sentence ("" when it was), and whether that is refused (a setting)."""
        if any(one.from_on <= day for one in self._of(project)):
            return "", False
        home = project.home
        if home not in self._strict:
            self._strict[home] = settings.get(self.session, "posting.required", home) == settings.Strictness.BLOCK
        return f"{project.code} 没有公示过", self._strict[home]

    def _of(self, project: SupportProject) -> list[Posting]:
        """The postings that showed it, wherever it has moved since; one from an old ledger, without a picture, showed all of its place."""
        around = {node.id for node in self._places.ancestors(project.place)}
        return [one for one, works in self._shown if (one.place in around if works is None else project.id in works)]

    def _undecided(self, posting: Posting) -> list[Objection]:
        if posting.id not in self._open:
            self._open[posting.id] = open_objections(self.session, posting.id)
        return self._open[posting.id]

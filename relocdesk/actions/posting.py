"""Posting rounds (公示): an immutable picture of what hung on the wall, the objections to it and their answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import Arg, action
from relocdesk.clerk import Clerk
from relocdesk.entry import line_text, next_line, save
from relocdesk.errors import UserError
from relocdesk.field import DAY, NOTE, OPEN_CHOICE, PHONE
from relocdesk.queries import roster_objections as rosters
from relocdesk.queries.calendar import office_calendar
from relocdesk.queries.keys import Keys
from relocdesk.queries.objections import open_objections, why_open
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.people_postings import NoticeReader
from relocdesk.queries.places import Places
from relocdesk.queries.posting_papers import PostingRow, pictured_survey, survey_picture, survey_rows
from relocdesk.queries.work_postings import pick_works, picture, posted_works
from relocdesk.records import new_id, register
from relocdesk.records.petition import Channel, Petition, Purpose
from relocdesk.records.reference import Place
from relocdesk.records.survey import ROUNDS, Objection, Posting, PostingSubject, Recheck
from relocdesk.rules.days import chinese_date, days_between
from relocdesk.rules.posting import PostingTerm, hangs
from relocdesk.veil import hidden

_DAYS = {PostingSubject.PLAN: "posting.days_plan", PostingSubject.SUBSIDY: "posting.days_people", PostingSubject.REDUCTION: "posting.days_people"}


@action(
    "open-posting", "张榜公示", "place",
    Arg("subject", "公示内容", required=True, choices=PostingSubject), Arg("project", "工程", to="project"),
    Arg("from_on", "起始日期", DAY, help="空着为今天"), Arg("until_on", "截止日期", DAY, help="空着按设置的天数"),
    Arg("contact", "受理电话", PHONE),
    Arg("work", "后扶项目", to="support_project", help="公示“项目”时选一个；空着为这个地点还没有移交的全部"),
)  # fmt: skip
def open_posting(
    session: Session, clerk: Clerk, record: Place, *, subject: str, project: str = "", from_on: str = "", until_on: str = "", contact: str = "",
    work: str = "",
) -> str:  # fmt: skip
    """Opens a round for a place and below with what the survey says today; see `post`."""
    if work and subject != PostingSubject.PROJECT:
        raise UserError(f"“{PostingSubject(subject).label}”不公示后扶项目", hint="公示内容请选“项目”，或不选后扶项目")
    made = post(session, clerk, record.id, subject=subject, project=project or None, from_on=from_on, until_on=until_on, contact=contact,
                works=[work] if work else ())  # fmt: skip
    label = PostingSubject(subject).label
    return f"“{label}”自{chinese_date(made.from_on)}至{chinese_date(made.until_on)}在{record.name}公示{_size(session, made)}"


def _size(session: Session, made: Posting) -> str:
    if made.subject == PostingSubject.REDUCTION:
        return f"，共 {len(NoticeReader(session).posted_reductions(made))} 人"
    if made.subject == PostingSubject.PROJECT:
        return f"，共 {len(posted_works(made))} 个项目"
    return f"，共 {len(posting_rows(session, made))} 行" if made.subject in ROUNDS else ""


def post(
    session: Session, clerk: Clerk, place: str, *, subject: str, project: str | None = None, from_on: str = "", until_on: str = "", contact: str = "",
    works: Sequence[str] = (),
) -> Posting:  # fmt: skip
    """A posting with its immutable picture.

    Refuses fewer days than the setting, an empty survey, the second round before the first has ended, and a round of
    the same kind while one is running.
    """
    start, places = from_on or clerk.on, Places.load(session)
    least = term(session, subject, places.home(place))
    end = until_on or least.end(start)
    _refuse_short(start, end, least)
    _refuse_order(session, place, subject, project, start)
    snapshot = picture(pick_works(session, place, works)) if subject == PostingSubject.PROJECT else _snapshot(session, place, subject, project, start)
    made = Posting(
        id=new_id(), home=places.home(place), project=project, subject=PostingSubject(subject).value, place=place, from_on=start, until_on=end,
        contact=contact or settings.text(session, "posting.contact") or None,
        snapshot=snapshot,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _snapshot(session: Session, place: str, subject: str, project: str | None, start: str) -> str | None:
    """The picture of what is put up; None for what is kept elsewhere (a plan on paper, a roster frozen by itself)."""
    name = Places.load(session).full(place)
    if subject in ROUNDS:
        rows = survey_rows(PaperReader(session), place, project)
        if not rows:
            raise UserError(f"{name}没有登记实物，没有可公示的内容", hint="请核对村组和工程")
        return survey_picture(rows)
    if subject == PostingSubject.REDUCTION:
        reductions = NoticeReader(session).pending_reductions(place, start)
        if not reductions:
            raise UserError(f"{name}没有等待核准的核减，没有可公示的内容", hint="请先在“直补对象”里登记核减；公示起始日期不能早于发现日期")
        return json.dumps({"reductions": [astuple(one) for one in reductions]}, ensure_ascii=False, separators=(",", ":"))
    return None


def term(session: Session, subject: str, home: str) -> PostingTerm:
    """How long a posting hangs at least, by the settings: plans of compensation have their own floor (土地管理法实施条例 art. 28)."""
    days = settings.number(session, _DAYS.get(PostingSubject(subject), "posting.days"), home)
    return PostingTerm(days, office_calendar(session, home) if settings.flag(session, "posting.working_days", home) else None)


def _refuse_short(start: str, end: str, least: PostingTerm) -> None:
    if end < least.end(start):
        raise UserError(f"公示只有 {max(0, least.counted(start, end))} {least.unit}，不足 {least.days} {least.unit}",
                        hint=f"截止日期应不早于{chinese_date(least.end(start))}", code="L15")  # fmt: skip


def _refuse_order(session: Session, place: str, subject: str, project: str | None, start: str) -> None:
    earlier = session.scalars(select(Posting).where(Posting.place == place, Posting.project == project if project else Posting.project.is_(None),
                                                    Posting.deleted == 0)).all()  # fmt: skip
    for one in earlier:
        label = PostingSubject(one.subject).label
        running = hangs(one.until_on, start) and not (one.closed_on and one.closed_on <= start)  # one that was taken down makes room the same day
        if subject == PostingSubject.PROJECT:  # several projects of a place may hang beside each other, known by their first day
            if one.subject == subject and one.from_on == start:
                raise UserError(f"{chinese_date(start)}这里已经公示了项目", hint="几个项目请一起公示（后扶项目空着），或换一天张榜")
            continue
        if one.subject == subject and running:
            raise UserError(f"“{label}”正在公示，到{chinese_date(one.until_on)}为止", hint="请等它结束，或把它提前结束")
        before = one.subject in ROUNDS and subject in ROUNDS and ROUNDS.index(PostingSubject(one.subject)) < ROUNDS.index(PostingSubject(subject))
        if before and running:
            raise UserError(f"上一榜“{label}”到{chinese_date(one.until_on)}才结束", hint="请在上一榜结束以后再公示下一榜")
        # Hanging the same once more does not pass by what was said against it the first time.
        asked = rosters.unnamed if subject == PostingSubject.SUBSIDY else open_objections  # who is named waits on every roster
        undecided = asked(session, one.id) if before or one.subject == subject else []
        if undecided:
            told, cure = why_open(undecided)
            raise UserError(f"上一榜“{label}”还有 {told}", hint=cure, code="L15")


@action("close", "结束公示", "posting", Arg("until_on", "截止日期", DAY, help="空着为张榜时定的；没到的为今天"))
def close(session: Session, clerk: Clerk, record: Posting, *, until_on: str = "") -> str:
    """Sets the day a posting really ended: not before the least number of days, not while objections are unanswered."""
    label = PostingSubject(record.subject).label
    if record.closed_on:
        raise UserError(f"“{label}”已在{chinese_date(record.closed_on)}办过结束公示", hint="要再公示的请另张一榜", code="STATE")
    end = until_on or min(record.until_on, clerk.on)
    if end > clerk.on:
        raise UserError(f"截止日期{chinese_date(end)}还没有到", hint="请在结束当天或以后办理", code="DAY")
    _refuse_short(record.from_on, end, term(session, record.subject, record.home))
    undecided = open_objections(session, record.id)
    if undecided:
        told, cure = why_open(undecided)
        raise UserError(f"还有 {told}", hint=cure, code="L15")
    record.until_on, record.closed_on = end, clerk.on
    session.flush()
    return f"“{label}”已于{chinese_date(end)}结束公示，共 {days_between(record.from_on, end)} 天"


# --- objections ------------------------------------------------------------------------------------------------------


@action(
    "object", "登记异议", "posting",
    Arg("raised_by", "提出人", required=True), Arg("claim", "异议内容", NOTE, required=True), Arg("about", "涉及事项"),
    Arg("filed_on", "提出日期", DAY, help="空着为今天"), Arg("household", "移民户", to="household"),
    Arg("people", "只涉及的人", many=True, help="直补名单：名册上的姓名、身份证号或流水号，只有写明的人先不发；空着整份名册都不发"),
)  # fmt: skip
def file_objection(
    session: Session, clerk: Clerk, record: Posting, *, raised_by: str, claim: str, about: str = "", filed_on: str = "", household: str = "",
    people: Sequence[str] = (),
) -> str:  # fmt: skip
    """An objection to a posting; refuses one from before the posting, and one about people who are not on the posted roster."""
    day = filed_on or clerk.on
    if not record.from_on <= day <= clerk.on:
        raise UserError(f"提出日期{chinese_date(day)}不对，公示从{chinese_date(record.from_on)}开始", hint="请核对提出日期", code="DAY")
    made = Objection(id=new_id(), home=record.home, line=line_text(clerk, next_line(session, register("objection"), clerk)), posting=record.id,
                     household=household or None, raised_by=raised_by, about=about or None, filed_on=day, claim=claim)  # fmt: skip
    session.add(made)
    session.flush()
    late = "（公示期满以后提出）" if day > record.until_on else ""
    return f"已登记{raised_by}的异议 {made.line}{late}{_waits(session, record, made, people)}"


def _waits(session: Session, posted: Posting, made: Objection, people: Sequence[str]) -> str:
    """Writes down whom an objection to a roster is about, and says whose money waits for it."""
    if posted.subject != PostingSubject.SUBSIDY:
        if people:
            raise UserError(f"“{PostingSubject(posted.subject).label}”不是直补名单，不能写后扶人口", hint="涉及哪一户的，请填“移民户”")
        return ""
    period = rosters.period_of(session, posted.id)
    if period is None:
        return ""
    mine = rosters.find_people(session, period, people) or (rosters.of_household(session, made.household, period) if made.household else [])
    if mine:
        made.about = rosters.about(session, period, mine, made.about or "")
        session.flush()
    if not rosters.named(session, made):
        return "；没有写明涉及谁，答复以前整份名册都不发；只涉及几个人的，请办“异议只涉及”"
    return f"；{(made.about or '').partition(rosters.ONLY)[2]}的钱办结以前不发，其余的人照发"


@action("narrow-objection", "异议只涉及", "objection",
        Arg("people", "涉及的人", required=True, many=True, help="公示的名册上的姓名、身份证号或流水号，可以写多个"))  # fmt: skip
def narrow_objection(session: Session, clerk: Clerk, record: Objection, *, people: Sequence[str]) -> str:
    """Says whom an objection to a roster is about: their money alone waits for it from now on, here and on later rosters."""
    posted = session.get(Posting, record.posting) if record.posting else None
    if posted is None or posted.subject != PostingSubject.SUBSIDY or rosters.period_of(session, posted.id) is None:
        raise UserError(f"{record.raised_by}的异议不是对正在办的直补名册提的", hint="涉及哪一户的，请在异议里填“移民户”")
    if not any(one.id == record.id for one in open_objections(session, posted.id)):
        raise UserError(f"{record.raised_by}的异议已经答复", hint="已经答复的不影响发放，不用再写涉及谁")
    return f"{record.raised_by}的异议 {record.line}{_waits(session, posted, record, people)}"


@action("decide", "答复异议", "objection", Arg("result", "复核结论", NOTE, required=True), Arg("team", "复核人员", required=True),
        Arg("held_on", "复核日期", DAY, help="空着为今天"))  # fmt: skip
def decide(session: Session, clerk: Clerk, record: Objection, *, result: str, team: str, held_on: str = "") -> str:
    """Answers an objection without changing a quantity; to change one, recheck the parcel or asset with this objection."""
    day = held_on or clerk.on
    if not record.filed_on <= day <= clerk.on:
        raise UserError(f"复核日期{chinese_date(day)}不对，异议是{chinese_date(record.filed_on)}提出的", hint="请核对复核日期", code="DAY")
    petition = session.get(Petition, record.petition) if record.petition else None
    if petition is not None and not petition.deleted:
        number = "" if hidden(session.connection(), clerk.role, "petition", [petition.id]) else f" {petition.number or ''}"
        raise UserError(f"{record.raised_by}的异议已经转为信访件{number}，不能在这里答复", hint="请在信访件上办结", code="STATE")
    session.add(Recheck(id=new_id(), home=record.home, line=line_text(clerk, next_line(session, register("recheck"), clerk)),
                        objection=record.id, held_on=day, team=team, result=result))  # fmt: skip
    session.flush()
    return f"已答复{record.raised_by}的异议：{result}"


@action(
    "objection-to-petition", "转为信访件", "objection",
    Arg("category", "类别", OPEN_CHOICE, words="petition_category", help="空着为“其他”"), Arg("received_on", "登记日期", DAY, help="空着为今天"),
)  # fmt: skip
def objection_to_petition(session: Session, clerk: Clerk, record: Objection, *, category: str = "", received_on: str = "") -> str:
    """An objection that cannot be settled by a recheck becomes a petition with its own clocks; the money stays held until that is closed."""
    if record.petition:
        raise UserError(f"{record.raised_by}的异议已经转为信访件", hint="请到“信访”里办理")
    if not any(one.id == record.id for one in open_objections(session, record.posting or "")):
        raise UserError(f"{record.raised_by}的异议已经答复", hint="不服答复的，请直接登记信访件")
    day = received_on or clerk.on
    if not record.filed_on <= day <= clerk.on:
        raise UserError(f"登记日期{chinese_date(day)}不对，异议是{chinese_date(record.filed_on)}提出的", hint="请核对登记日期", code="DAY")
    posted = session.get_one(Posting, record.posting)
    places, keys = Places.load(session), Keys(session)
    texts = {
        "received_on": day, "channel": Channel.FOUND.label, "purpose": Purpose.CLAIM.label, "petitioner": record.raised_by, "category": category or "其他",
        "place": places.code(posted.place), "summary": record.claim or record.about or "对公示有异议",
        "project": keys.texts(register("project"), [posted.project]).get(posted.project, "") if posted.project else "",
    }  # fmt: skip
    record.petition = save(session, clerk, register("petition"), {name: text for name, text in texts.items() if text})
    session.flush()
    number = keys.texts(register("petition"), [record.petition]).get(record.petition, "")
    return f"{record.raised_by}的异议已转为信访件 {number}；办结以前，有关资金仍不能兑付"


# --- the picture -----------------------------------------------------------------------------------------------------


def posting_rows(session: Session, posting: Posting) -> list[PostingRow]:
    """What was posted of a survey, read from the picture taken then and never from the survey of today; no ID numbers, no accounts."""
    return pictured_survey(posting.snapshot or "[]") if posting.subject in ROUNDS else []

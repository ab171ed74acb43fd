"""What hangs on a wall: what every posting says of itself, and the rows of a posting about the survey with the picture kept of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.queries.papers import PaperReader
from relocdesk.records.document import Attachment
from relocdesk.records.household import CollectiveUnit, Household
from relocdesk.records.survey import Asset, Parcel, Posting, PostingSubject
from relocdesk.rules.area import mu_2
from relocdesk.rules.posting import END, START, photo_end


@dataclass(frozen=True, slots=True)
class PostingHead:
    """About what, where, from when until when, and who takes objections."""

    id: str
    home: str
    subject: str
    place: str
    place_id: str
    from_on: str
    until_on: str
    contact: str
    office: str


def posting_head(papers: PaperReader, posting: Posting, place: str = "") -> dict[str, str]:
    """The values of a PostingHead; `place` when only a part of its own is meant."""
    where = place or posting.place
    return {
        "id": posting.id, "home": posting.home, "subject": PostingSubject(posting.subject).label, "place": papers.full(where), "place_id": where,
        "from_on": posting.from_on, "until_on": posting.until_on,
        "contact": posting.contact or settings.text(papers.session, "posting.contact", posting.home), "office": papers.office(posting.home),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One right holder in a posting: printed 亩 by (class, nature), quantities by (kind, item, spec, unit)."""

    group: str
    name: str
    land: tuple[tuple[str, str, int], ...]
    things: tuple[tuple[str, str, str, str, int], ...]


@dataclass(frozen=True, slots=True)
class PostingData(PostingHead):
    """A posting about the survey of a place; rows by group, then by household number."""

    project: str
    notice: str
    rows: tuple[PostingRow, ...]


def survey_posting(papers: PaperReader, posting: Posting) -> PostingData:
    """A posting about the survey: the picture taken when the round was opened; without one, the survey as it is."""
    rows = pictured_survey(posting.snapshot) if posting.snapshot else survey_rows(papers, posting.place, posting.project)
    return PostingData(**posting_head(papers, posting), project=papers.project(posting.project),
                       notice=settings.text(papers.session, "clauses.posting", posting.home), rows=tuple(rows))  # fmt: skip


def survey_picture(rows: Sequence[PostingRow]) -> str:
    """The rows as they are kept with a posting."""
    return json.dumps([astuple(row) for row in rows], ensure_ascii=False, separators=(",", ":"))


def pictured_survey(kept: str) -> list[PostingRow]:
    """The rows that were kept."""
    return [PostingRow(group, name, tuple(tuple(one) for one in land), tuple(tuple(one) for one in things))
            for group, name, land, things in json.loads(kept)]  # fmt: skip


def survey_rows(papers: PaperReader, place: str, project: str | None) -> list[PostingRow]:
    """The survey of a place and all below, one row for each right holder; no ID numbers, no accounts."""
    below = sorted(papers.places.below(place))
    households = papers.fetch(Household.id, Household.place, below, Household.deleted == 0)
    units = papers.fetch(CollectiveUnit.id, CollectiveUnit.place, below, CollectiveUnit.deleted == 0)
    land: dict[str, dict[tuple[str, str], int]] = {}
    for p in _owned(papers, Parcel, households, units, project):
        sums = land.setdefault(p.household or p.collective or "", {})
        key = (p.land_class, p.nature)
        sums[key] = sums.get(key, 0) + mu_2(p.area)
    counts: dict[str, dict[tuple[str, str, str, str], int]] = {}
    for a in _owned(papers, Asset, households, units, project):
        many = counts.setdefault(a.household or a.collective or "", {})
        what = (a.kind, a.item, a.spec or "", a.unit)
        many[what] = many.get(what, 0) + a.quantity
    rows = [(side.place_id, side.number, PostingRow(
                papers.group(side.place_id), side.name,
                tuple((*key, value) for key, value in sorted(land.get(one, {}).items())),
                tuple((*what, value) for what, value in sorted(counts.get(one, {}).items()))))
            for one, side in papers.sides(households, units).items() if one in land or one in counts]  # fmt: skip
    return papers.in_order(rows)


def _owned(papers: PaperReader, cls: type[Parcel | Asset], households: Sequence[str], units: Sequence[str], project: str | None) -> list[Any]:
    """What households have, then what collectives have for themselves."""
    only = [cls.deleted == 0, *([cls.project == project] if project else [])]
    return [*papers.fetch(cls, cls.household, households, *only), *papers.fetch(cls, cls.collective, units, cls.household.is_(None), *only)]


@dataclass(frozen=True, slots=True)
class Photos:
    """How many photos hang on a posting, and of how many it is written that they show its first or its last day."""

    start: int = 0
    end: int = 0
    unsaid: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.start + self.end + self.unsaid

    @property
    def unshown(self) -> tuple[str, ...]:
        """The ends of which no photo says that it shows them."""
        return tuple(end for end, count in ((START, self.start), (END, self.end)) if not count)

    @property
    def missing(self) -> str:
        """Which photos there cannot be, in words; "" when those of which nothing is written may be what is missing."""
        ends = self.unshown
        if len(ends) <= self.unsaid:
            return ""
        return f"只有 {self.total} 张照片，张榜时、期满时各要一张" if self.unsaid else f"没有{'、'.join(ends)}的照片"

    @property
    def told(self) -> str:
        """How many, and of what as far as it is written: 3 张，张榜时 1 张、期满时 2 张."""
        said = "、".join(f"{end} {count} 张" for end, count in ((START, self.start), (END, self.end)) if count)
        return f"{self.total} 张" + (f"，{said}" if said else "")


def photos_of(session: Session, posting: str) -> Photos:
    """The photos of a posting, told apart by the remark of the attachment or the name of the file."""
    rows = session.execute(select(Attachment.remark, Attachment.name).where(Attachment.record == posting, Attachment.deleted == 0)).all()
    ends = [photo_end(remark or "", name) for remark, name in rows]
    return Photos(ends.count(START), ends.count(END), ends.count(""))

"""公示表: what was surveyed, by group and right holder, to be put up in the village; lists of people and of projects are set beside.

The county publishes by village land, results and standards (471号令 art. 53). ID numbers and accounts are left out, for
they would harm people (政府信息公开条例 art. 15); names and quantities stay, for nobody could object otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing import people_notice, work_notice
from relocdesk.printing.clauses import POSTING
from relocdesk.printing.form import Content, Form, Setting, furniture, glyphs, mu, quantity, unless_zero
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.paragraph import Style
from relocdesk.printing.posted import needs_head, note_lines, posted
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.people_postings import NoticeData, NoticeReader
from relocdesk.queries.posting_papers import PostingData, PostingRow, survey_posting
from relocdesk.records.reference import Nature
from relocdesk.records.survey import AssetKind, Posting, PostingSubject
from relocdesk.words import words

_MOST_CLASSES = 9  # more columns of land classes than fit are brought together: 耕地, 园地, 林地 …
_MOST_HOUSES = 5
_TEXT = Style("song", 11.0, 18.0, 2.0)
_PEOPLE = (PostingSubject.SUBSIDY, PostingSubject.REDUCTION)
Notice = PostingData | NoticeData | work_notice.WorkNoticeData
_Thing = tuple[str, str, str, str, int]  # kind, item, spec, unit, quantity


def bundles(session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """One sheet a posting; of people one for each village, which a village among the ids narrows down."""
    reader = NoticeReader(session)
    wanted = {one for one in ids if one in reader.places.nodes}
    found: list[tuple[str, tuple[str, ...]]] = []
    for one in dict.fromkeys(ids):
        posting = session.get(Posting, one)
        villages = reader.villages(posting) if posting is not None and posting.subject in _PEOPLE else []
        if one not in wanted and not villages:
            found.append(("", (one,)))
        found += [(f"{PostingSubject(posting.subject).label} {reader.papers.full(village)}", (one, village))
                  for village in villages if posting is not None and (not wanted or village in wanted)]  # fmt: skip
    return found


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    surveys, people = PaperReader(session), NoticeReader(session)
    for _, ids in sheets:
        posting = session.get(Posting, ids[0])
        if posting is None or posting.deleted:
            continue
        if posting.subject in _PEOPLE:
            about: Notice = people.notice(posting, ids[1] if len(ids) > 1 else "")
        elif posting.subject == PostingSubject.PROJECT:
            about = work_notice.read(surveys, posting)
        else:
            about = survey_posting(surveys, posting)
        name = f"{about.subject} {about.place}"
        yield Content(name, ids, about.home, about.place_id, name if posting.subject in _PEOPLE else f"{about.place} {about.subject}", about)


def needs(data: Notice) -> list[Problem]:
    """A notice must say what, where, until when, and where to object."""
    if isinstance(data, NoticeData):
        return people_notice.needs(data)
    if isinstance(data, work_notice.WorkNoticeData):
        return work_notice.needs(data)
    where = f"{data.place}{data.subject}公示"
    found: list[Problem] = []
    if not data.subject.startswith("实物"):
        found.append(Problem(where, "不是实物公示，没有这种公示表；公布补偿标准请打印“补偿标准”的普通清单"))
    elif not data.rows:
        found.append(Problem(where, "这个地方没有调查过的地块和实物，没有可以公示的内容；请核对公示地点和工程"))
    found += needs_head(where, data)
    for row in data.rows:
        found += glyphs(row.group, {f"“{row.name}”的姓名": row.name})
        if not row.name:
            found.append(Problem(row.group, "有一户没有户主姓名；请在“移民户”里补填"))
    return found


def group(data: Notice, setting: Setting) -> Group:
    if isinstance(data, NoticeData):
        return people_notice.group(data, setting)
    if isinstance(data, work_notice.WorkNoticeData):
        return work_notice.group(data, setting)
    title = f"{data.project}建设征地{data.subject}公示表"
    flows = posted(data, title, [_table(data)], [*note_lines(data.notice or POSTING), "亩数四舍五入到两位小数，合计为各户亩数之和。"])
    return Group(flows, furniture(setting, title, mark=True, unit="单位：亩、㎡、株、座"), label=data.place)


def _table(data: PostingData) -> Table:
    classes = _classes(data.rows)
    houses = _houses(data.rows)
    kinds = [kind for kind in (AssetKind.ATTACHED, AssetKind.SIDELINE, AssetKind.CROP, AssetKind.OTHER)
             if any(thing[0] == kind for row in data.rows for thing in row.things)]  # fmt: skip
    trees, graves = (any(thing[0] == kind for row in data.rows for thing in row.things) for kind in (AssetKind.TREE, AssetKind.GRAVE))
    columns = [Column("序号", 2.8, "center"), Column("户主（权属人）", 6.5)]
    columns += [Column(name, 4.2, "right", group=f"{Nature(nature).label}（亩）", total=True, show=unless_zero(mu)) for name, nature in classes]
    columns += [Column("合计（亩）", 4.6, "right", total=True, show=unless_zero(mu))] if classes else []
    columns += [Column(name, 4.6, "right", group="房屋（㎡）", total=True, show=unless_zero(quantity)) for name in houses]
    columns += [Column(kind.label, 9 if kind == AssetKind.ATTACHED else 7) for kind in kinds]
    columns += [Column("零星林木（株）", 4.6, "right", total=True, show=unless_zero(quantity))] if trees else []
    columns += [Column("坟墓（座）", 4.4, "right", total=True, show=unless_zero(quantity))] if graves else []
    columns.append(Column("备注", 4))
    rows: list[Row] = []
    n = 0
    for place, some in groupby(data.rows, lambda row: row.group):
        rows.append(place)
        for row in some:
            n += 1
            rows.append([str(n), row.name, *_land(row, classes), *(_house(row, name, houses) for name in houses),
                         *(_listed(row, kind) for kind in kinds), *([_count(row, AssetKind.TREE)] if trees else []),
                         *([_count(row, AssetKind.GRAVE)] if graves else []), ""])  # fmt: skip
    return Table(columns, rows, subtotal="本页小计", total="合计", size=8.5 if len(columns) > 12 else 9.5)


# --- land ------------------------------------------------------------------------------------------------------------


def _classes(rows: Sequence[PostingRow]) -> list[tuple[str, str]]:
    """Columns (class, nature), permanent land first; brought together under 耕地, 园地 … when there are too many."""
    found = list(dict.fromkeys((name, nature) for row in rows for name, nature, _ in row.land))
    if len(found) > _MOST_CLASSES:
        found = list(dict.fromkeys((_first_level(name), nature) for name, nature in found))
    order = {row["name"]: n for n, row in enumerate(words("land_classes"))} | {row["class"]: n for n, row in enumerate(words("land_classes"))}
    return sorted(found, key=lambda one: (one[1] != Nature.PERMANENT, order.get(one[0], 999), one[0]))


def _first_level(name: str) -> str:
    """耕地, 园地 … for a land class; an old name that no list has goes by the word in it (有林地 → 林地)."""
    known = (row["class"] for row in words("land_classes") if name in (row["name"], row["class"], *row["also"].split(";")))
    guessed = (first for first in ("林地", "园地", "草地") if first[0] in name)
    return next(known, None) or next(guessed, "其他土地")


def _land(row: PostingRow, classes: Sequence[tuple[str, str]]) -> list[int | None]:
    if not classes:
        return []
    sums: dict[tuple[str, str], int] = {}
    for name, nature, area in row.land:
        key = (name, nature) if (name, nature) in classes else (_first_level(name), nature)
        sums[key] = sums.get(key, 0) + area
    return [*(sums.get(one) for one in classes), sum(sums.values()) or None]


# --- houses and things -----------------------------------------------------------------------------------------------


def _houses(rows: Sequence[PostingRow]) -> list[str]:
    """Columns of houses by structure; the rarer ones together when there are too many."""
    sums: dict[str, int] = {}
    for row in rows:
        for thing in row.things:
            if thing[0] == AssetKind.HOUSE:
                sums[_structure(thing)] = sums.get(_structure(thing), 0) + thing[4]
    names = sorted(sums, key=lambda name: (-sums[name], name))
    return names if len(names) <= _MOST_HOUSES else [*names[: _MOST_HOUSES - 1], "其他结构"]


def _structure(thing: _Thing) -> str:
    return thing[2] or thing[1]


def _house(row: PostingRow, name: str, houses: Sequence[str]) -> int | None:
    def column(thing: _Thing) -> str:
        return _structure(thing) if _structure(thing) in houses else "其他结构"

    return sum(thing[4] for thing in row.things if thing[0] == AssetKind.HOUSE and column(thing) == name) or None


def _count(row: PostingRow, kind: AssetKind) -> int | None:
    return sum(thing[4] for thing in row.things if thing[0] == kind) or None


def _listed(row: PostingRow, kind: AssetKind) -> str:
    return "、".join(f"{item}{spec and f'（{spec}）'}{quantity(amount)}{unit}" for what, item, spec, unit, amount in row.things if what == kind)


FORM = Form("posting_notice", "公示表", "posting", bundles, load, needs, group, paper=Paper.form(lying=True), public="always",
            help="按村组公示实物调查结果、直补名单、核减名单和项目，不印身份证号和账号")  # fmt: skip

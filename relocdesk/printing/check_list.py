"""村组核对表: the living recipients of a village group with boxes to tick, for the group and the village to sign.

Deaths are reported late though the household register wants them within a month (户口登记条例 art. 8); the list is carried
from house to house before each period.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, furniture, glyphs, lacking
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.migrants import Migrant
from relocdesk.queries.support_papers import CheckData, SupportReader

TITLE = "大中型水库移民后期扶持人口村组核对表"
TICKS = ("在", "亡", "外出", "户口\n变动", "其他")
_BOX, _EMPTY_LINES = "□", 5
_DATE = "日期：　　年　月　日"


def bundles(session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """One list for each village group among the chosen recipients."""
    return [(f"{place}（{len(some)}人）", some) for place, some in SupportReader(session).check_sets(ids)]


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = SupportReader(session)
    for key, ids in sheets:
        data = reader.check_list(ids)
        if data:
            yield Content(key, ids, data.home, data.place_id, f"{data.place}（{len(data.people)}人）", data)


def needs(data: CheckData) -> list[Problem]:
    """Everybody on the list has a name that can be written."""
    found: list[Problem] = []
    for who in data.people:
        found += lacking(f"{data.place}的一个直补对象", {"姓名": who.name}, "请在“人员”里补填")
        found += glyphs(f"{data.place}{who.name}", {"姓名": who.name, "户主": who.head})
    return found


def group(data: CheckData, setting: Setting) -> Group:
    columns = [Column("序号", 2.6, "center"), Column("户编号", 5.4), Column("户主", 5), Column("姓名", 5), Column("性别", 2.4, "center"),
               Column("身份证号", 10.2, "center"), Column("与户主\n关系", 3.6, "center"), Column("人口\n类型", 4.6, "center"),
               Column("扶持\n截止月", 4.2, "center")]  # fmt: skip
    columns += [Column(tick, 3.6, "center", group="核对情况（打√）") for tick in TICKS]
    columns += [Column("发生日期", 5.6), Column("说明", 9)]
    rows: list[Row] = [[str(n), *_known(who), *[_BOX] * len(TICKS), "", ""] for n, who in enumerate(data.people, 1)]
    rows += [[str(len(data.people) + n), *[""] * 8, *[_BOX] * len(TICKS), "", ""] for n in range(1, _EMPTY_LINES + 1)]
    facts = [("村组", data.place), ("人数", f"{len(data.people)}人"), ("核对到", "　　　　年　　月　　日")]
    flows: list[Flow] = [
        Title(TITLE, size=20.0, after=6.0), Facts(facts, across=3, label=4.5, size=10.5, least=20.0, after=4.0),
        Table(columns, rows, size=9.0, least=24.0),
        Notes(["逐户逐人核对，每人只打一个√。“亡”填死亡日期；“户口变动”写明迁往哪里、是否转非；“其他”写明录用、服刑等情况和日期。",
               "漏登、新增和表上没有的情况写在后面的空行里。隐瞒不报造成多发的，依法追回。"], size=9.5),
        Signatures([Party("核对人", ("村民小组组长（签字）", "移民代表（签字）"), date=_DATE), Party("村民委员会（盖章）", ("负责人（签字）",), date=_DATE),
                    Party("乡镇（盖章）", ("驻村干部（签字）", "经办人（签字）"), date=_DATE)], across=3, size=10.5, framed=True, before=8.0),
    ]  # fmt: skip
    return Group(flows, furniture(setting, TITLE, office=data.office), label=data.place)


def _known(who: Migrant) -> list[str]:
    return [who.household_no, who.head, who.name, who.sex, who.idcard, who.relation, who.cohort, who.end]


FORM = Form("check_list", "村组核对表", "recipient", bundles, load, needs, group, paper=Paper.form(lying=True), copies=2,
            help="选中直补对象，按村组各一份（核减和迁出的不列），入户核对后签章")  # fmt: skip

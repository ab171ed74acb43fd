"""实物调查登记表（户表）: one household's people, land, houses and things, to be signed by all who took part.

Survey results are signed by the surveyed and the surveyors before they are posted (471号令 art. 7).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Heading, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import (
    Content,
    Form,
    Setting,
    first_ids,
    furniture,
    glyphs,
    lacking,
    mu,
    one_each,
    open_gaps,
    quantity,
    square,
)
from relocdesk.printing.page import Group
from relocdesk.printing.paragraph import Style
from relocdesk.printing.table import Column, Table
from relocdesk.queries.papers import PaperReader, SurveyData, Thing
from relocdesk.records.survey import AssetKind
from relocdesk.rules.days import chinese_date

TITLE = "建设征地实物调查登记表（户表）"
PART = Style("hei", 11.0, 18.0, 0.0, before=8.0)
_DATE = "日期：　　年　月　日"
_SIGNERS = ("户主（或委托人）", "村民小组长", "村委会（社区）", "乡镇人民政府", "项目法人", "设计单位", "监督评估（监理）单位", "县搬迁安置办公室")


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = PaperReader(session)
    ids = first_ids(sheets)
    for start in range(0, len(ids), 200):
        for data in reader.survey("household", ids[start : start + 200]):
            yield Content(data.side.number, (data.side.id,), data.home, data.side.place_id, f"{data.side.number} {data.side.name}", data)


def needs(data: SurveyData) -> list[Problem]:
    """A sheet needs a head of household with an ID number, and something that was surveyed."""
    who = f"{data.side.number}户{data.side.name}"
    found: list[Problem] = []
    if not data.land and not data.things:
        found.append(Problem(who, "没有地块也没有实物，打印出来是空表；请先录入调查结果"))
    found += lacking(who, {"户主": data.side.name}, "请在“移民户”里补填")
    found += open_gaps(who, {"身份证号": data.side.idcard, "调查日期": data.surveyed_on}, "请补填")
    found += glyphs(who, {"户主": data.side.name, "住址": data.side.place})
    for person in data.members:
        found += glyphs(f"{who}的成员", {"姓名": person.name, "备注": person.note})
    for land in data.land:
        found += glyphs(f"地块{land.number}", {"小地名": land.site, "四至": land.bounds, "地类": land.land_class})
    for thing in data.things:
        found += glyphs(f"实物“{thing.item}”", {"名称": thing.item, "规格": thing.spec})
    return found


def group(data: SurveyData, setting: Setting) -> Group:
    side = data.side
    facts = [
        ("工程名称", data.project), ("户编号", side.number),
        ("户主", side.name), ("身份证号", side.idcard),
        ("民族", side.ethnic), ("联系电话", side.phone),
        ("县（区）", data.county), ("乡镇村组", side.place),
        ("调查日期", _day(data.surveyed_on)), ("停建通告", _day(data.freeze_on)),
    ]  # fmt: skip
    flows: list[Flow] = [Title(TITLE, size=20.0), Facts(facts, label=4.5)]
    if data.members:
        flows += [Heading("一、家庭人口", PART), _members(data)]
    if data.land:
        flows += [Heading(f"{_number(data, 1)}、土地", PART), _land(data)]
    if data.things:
        flows += [Heading(f"{_number(data, 2)}、房屋、附属设施、林木和坟墓等", PART), _things(data.things)]
    notes = ["本表数量以现场调查为准，经户主（或委托人）核对无误后签字并按手印；涂改处须由户主按手印确认。"]
    if any(land.printed for land in data.land):
        notes.append("亩数由平方米换算并四舍五入到两位小数，合计为各行亩数之和。")
    flows += [  # the signatures right under the rows, so that they never stand on a page without any
        Signatures([Party(_SIGNERS[0], ("签字", "日期"), fingerprint=True, date=""), Party(_SIGNERS[1], ("签字", "日期"), date="")],
                   size=10.5, before=8.0, framed=True),
        Signatures([Party(name, ("签字",), date=_DATE) for name in _SIGNERS[2:]], across=3, size=10.5, before=0.0, framed=True),
        Notes(notes),
    ]  # fmt: skip
    return Group(flows, furniture(setting, TITLE, unit="单位：㎡、亩"), label=f"{side.number} {side.name}")


def _number(data: SurveyData, part: int) -> str:
    """The number of a part when the ones before it may be missing: 1 land, 2 things."""
    return "一二三"[bool(data.members) + (part == 2 and bool(data.land))]


def _day(iso: str) -> str:
    return chinese_date(iso) if iso else ""


def _members(data: SurveyData) -> Table:
    columns = [Column("序号", 2.8, "center"), Column("姓名", 5), Column("与户主关系", 5.6, "center"), Column("性别", 2.9, "center"),
               Column("民族", 4.2, "center"), Column("出生日期", 5.2, "center"), Column("身份证号", 9.2, "center"),
               Column("户口性质", 4.6, "center"), Column("核定移民", 4.4, "center"), Column("备注", 4)]  # fmt: skip
    rows = [[str(n), one.name, one.relation, one.sex, one.ethnic, one.born_on, one.idcard, one.hukou, one.resettler, one.note]
            for n, one in enumerate(data.members, 1)]  # fmt: skip
    return Table(columns, rows, size=9.0)


def _land(data: SurveyData) -> Table:
    contract = any(land.contract for land in data.land)
    columns = [Column("序号", 2.8, "center"), Column("地块编号", 5), Column("小地名", 4.5), Column("地类", 3.8, "center"), Column("性质", 2.8, "center"),
               Column("面积（㎡）", 5.6, "right", total=True, show=square), Column("面积（亩）", 4.6, "right", total=True, show=mu)]  # fmt: skip
    columns += [Column("承包证（亩）", 4.6, "right", total=True, show=mu)] if contract else []
    columns += [Column("四至", 10)]
    rows = []
    for n, land in enumerate(data.land, 1):
        nature = {"permanent": "永久", "temporary": "临时"}[land.nature]
        row: list[str | int] = [str(n), land.number, land.site, land.land_class, nature, land.area_m2, land.printed]
        rows.append([*row, *([land.contract] if contract else []), land.bounds])
    return Table(columns, rows, subtotal="本页小计", total="合计", size=9.0)


def _things(things: Sequence[Thing]) -> Table:
    columns = [Column("序号", 2.8, "center"), Column("名称", 7), Column("规格/结构", 7), Column("单位", 3, "center"), Column("数量", 6, "right"),
               Column("建（栽）成日期", 6, "center"), Column("备注", 6)]  # fmt: skip
    rows: list[list[str] | str] = []
    kind = ""
    for n, thing in enumerate(things, 1):
        if thing.kind != kind:
            kind = thing.kind
            rows.append(AssetKind(kind).label)
        rows.append([str(n), thing.item, thing.spec, thing.unit, quantity(thing.quantity, thing.unit), thing.built_on, thing.number])
    return Table(columns, rows, size=9.0)


FORM = Form("survey_sheet", "实物调查登记表（户表）", "household", one_each, load, needs, group, help="每户一份，户主和参加调查的各方签字")

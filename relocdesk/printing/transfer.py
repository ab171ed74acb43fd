"""土地移交单: parcels of one project and one village group, handed to the project owner and witnessed by the office."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, furniture, glyphs, lacking, mu, open_gaps, square
from relocdesk.printing.page import Group
from relocdesk.printing.table import Column, Table
from relocdesk.queries.papers import PaperReader, TransferData
from relocdesk.rules.code import shown_code
from relocdesk.rules.days import chinese_date

TITLE = "建设征地土地移交单"
_DATE = "日期：　　年　月　日"


def bundles(session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """One sheet for each project and village group among the chosen parcels."""
    reader = PaperReader(session)
    found = []
    for some in reader.transfer_sets(ids):
        data = reader.transfer(some)
        found.append((f"{data.project} {data.place}（{len(some)}块）" if data else "", some))
    return found


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = PaperReader(session)
    for key, ids in sheets:
        data = reader.transfer(ids)
        if data:
            yield Content(key, ids, data.home, data.place_id, f"{data.project} {data.place}", data)


def needs(data: TransferData) -> list[Problem]:
    """A hand-over names the project and who takes the land."""
    found = [*lacking("土地移交单", {"工程名称": data.project}, "请在地块里选工程")]
    found += open_gaps(f"工程{data.project}", {"项目法人": data.owner}, "请在“工程项目”里补填")
    for land in data.land:
        found += glyphs(f"地块{land.number}", {"权属人": land.owner, "小地名": land.site, "四至": land.bounds})
    return found


def group(data: TransferData, setting: Setting) -> Group:
    number = f"移交-{shown_code(setting.code)}" if setting.code else "预览"
    permanent = sum(land.printed for land in data.land if land.nature == "permanent")
    temporary = sum(land.printed for land in data.land if land.nature == "temporary")
    days = sorted({land.transferred_on for land in data.land if land.transferred_on})
    facts = [
        ("编号", number), ("工程名称", data.project),
        ("*移交方", f"{data.place}"), ("*接收方", data.owner), ("*监交方", data.office), ("*坐落", data.place),
        ("永久征收", f"{mu(permanent)}亩"), ("临时占用", f"{mu(temporary)}亩"),
        ("合计", f"{mu(permanent + temporary)}亩（{len(data.land)}块）"), ("移交日期", chinese_date(days[-1]) if days else ""),
    ]  # fmt: skip
    columns = [
        Column("序号", 2.8, "center"), Column("地块编号", 5.5), Column("权属人", 5.5), Column("小地名", 4.6), Column("地类", 4, "center"),
        Column("性质", 2.8, "center"), Column("面积（㎡）", 5.8, "right", total=True, show=square),
        Column("面积（亩）", 5.4, "right", total=True, show=mu), Column("四至", 10),
    ]  # fmt: skip
    rows = [[str(n), land.number, land.owner, land.site, land.land_class, {"permanent": "永久", "temporary": "临时"}[land.nature],
             land.area_m2, land.printed, land.bounds] for n, land in enumerate(data.land, 1)]  # fmt: skip
    state = [("*界桩、坐标", "\n"), ("*附着物清理", "\n"), ("*青苗处理", "\n"), ("*遗留问题", "\n"), ("*附图页", "　　　　页")]
    flows: list[Flow] = [
        Title(TITLE, size=20.0), Facts(facts, label=4.5, after=6.0), Table(columns, rows, subtotal="本页小计", total="合计", size=9.0),
        Facts(state, across=1, label=6.0, before=6.0),
        Notes(["亩数由平方米换算并四舍五入到两位小数，合计为各地块亩数之和。", "移交各方现场指认边界，签字盖章后生效。"]),
        Signatures([Party(f"{side}（盖章）", ("负责人（签字）", "经办人（签字）"), date=_DATE) for side in ("移交方", "接收方", "监交方")],
                   across=3, size=10.5, framed=True, before=8.0),
    ]  # fmt: skip
    return Group(flows, furniture(setting, TITLE, unit="单位：㎡、亩"), label=data.place)


FORM = Form("transfer", "土地移交单", "parcel", bundles, load, needs, group, copies=3, help="选中地块，每个村组一份，三方签字盖章")

"""移民补偿资金明白卡: on one sheet what a household was promised, has received, and what is still to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Heading, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, first_ids, furniture, glyphs, lacking, money, one_each, open_gaps, quantity
from relocdesk.printing.page import Group
from relocdesk.printing.paragraph import Style
from relocdesk.printing.table import Column, Table
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.payment_papers import CardData, cards
from relocdesk.rules.days import chinese_date
from relocdesk.rules.identity import mask_account

TITLE = "移民补偿资金明白卡"
PART = Style("hei", 11.0, 18.0, 0.0, before=6.0)
_DATE = "日期：　　年　月　日"


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = PaperReader(session)
    ids = first_ids(sheets)
    for start in range(0, len(ids), 200):
        for data in cards(reader, ids[start : start + 200]):
            yield Content(data.side.number, (data.side.id,), data.home, data.side.place_id, f"{data.side.number} {data.side.name}", data)


def needs(data: CardData) -> list[Problem]:
    """A card needs a signed agreement; before that there is nothing a household could be told."""
    who = f"{data.side.number}户{data.side.name}"
    found: list[Problem] = []
    if not data.lines:
        found.append(Problem(who, "还没有签订的协议，没有可以写进明白卡的内容；请在签订协议后再打印"))
    found += lacking(who, {"户主": data.side.name}, "请在“移民户”里补填")
    found += open_gaps(who, {"身份证号": data.side.idcard}, "请在“移民户”里补填")
    found += glyphs(who, {"户主": data.side.name, "住址": data.side.place, "户名": data.side.account_name, "开户行": data.side.bank})
    for person in data.members:
        found += glyphs(f"{who}的成员", {"姓名": person.name})
    for _, line in data.lines:
        found += glyphs(f"明细“{line.item}”", {"名称": line.item + line.spec})
    return found


def group(data: CardData, setting: Setting) -> Group:
    side = data.side
    agreed = sum(total for *_, total in data.agreements)
    paid = sum(one.amount for one in data.paid)
    facts = [
        ("工程名称", data.project), ("户号", side.number), ("户主", side.name), ("身份证号", side.idcard),
        ("住址", side.place), ("联系电话", side.phone), ("安置方式", side.relocation), ("家庭人口", f"{len(data.members)}人" if data.members else ""),
        ("户名", side.account_name), ("银行账号", mask_account(side.account) if side.account else ""),
        ("*家庭成员", "、".join(f"{one.name}（{one.relation}）" if one.relation else one.name for one in data.members)),
    ]  # fmt: skip
    flows: list[Flow] = [
        Title(TITLE, size=20.0), Facts(facts, label=4.5),
        Heading("一、协议", PART), _agreements(data), Heading("二、补偿项目、标准和金额", PART), _lines(data),
        Heading("三、已兑付", PART), _paid(data),
        Facts([("协议合计", f"{money(agreed)}元"), ("已兑付", f"{money(paid)}元"),
               ("未兑付" if agreed >= paid else "多付", f"{money(abs(agreed - paid))}元")], across=3, label=4.5, before=8.0),
        Notes(["本卡一式两份，户主和办公室各存一份；对金额有疑问的，请凭本卡向办公室查询。"]),
        Signatures([Party("户主（签字）", (), date=_DATE), Party("经办人（签字）", (), date=_DATE), Party("乡镇（盖章）", (), date=_DATE)],
                   across=3, size=10.5, before=8.0),
    ]  # fmt: skip
    return Group(flows, furniture(setting, TITLE, unit="单位：元", office=data.office), label=f"{side.number} {side.name}")


def _agreements(data: CardData) -> Table:
    columns = [Column("序号", 2.8, "center"), Column("协议编号", 11), Column("类别", 7), Column("签订日期", 7, "center"),
               Column("金额（元）", 8, "right", total=True, show=money)]  # fmt: skip
    rows = [[str(n), number, kind, _day(on), total] for n, (number, kind, on, total) in enumerate(data.agreements, 1)]
    return Table(columns, rows, total="合计" if len(rows) > 1 else "", size=9.0)


def _lines(data: CardData) -> Table:
    years = any(line.years for _, line in data.lines)
    columns = [Column("序号", 2.8, "center"), Column("补偿类别", 7), Column("名称", 6), Column("规格/结构", 6), Column("单位", 3, "center"),
               Column("数量", 5, "right")]  # fmt: skip
    columns += [Column("年限", 3.4, "right")] if years else []
    columns += [Column("标准（元）", 6, "right"), Column("金额（元）", 7.4, "right", total=True, show=money)]
    rows = [[str(n), line.kind, line.item, line.spec, line.unit, quantity(line.quantity, line.unit),
             *([quantity(line.years) if line.years else ""] if years else []), money(line.unit_price), line.amount]
            for n, (_, line) in enumerate(data.lines, 1)]  # fmt: skip
    return Table(columns, rows, subtotal="本页小计", total="合计", size=9.0)


def _paid(data: CardData) -> Table:
    columns = [Column("序号", 2.8, "center"), Column("兑付日期", 7, "center"), Column("协议编号", 11), Column("兑付批次", 8),
               Column("金额（元）", 8, "right", total=True, show=money)]  # fmt: skip
    rows = [[str(n), _day(one.paid_on), one.agreement, one.batch, one.amount] for n, one in enumerate(data.paid, 1)]
    return Table(columns, rows, total="合计" if len(rows) > 1 else "", size=9.0, empty="（尚未兑付）")


def _day(iso: str) -> str:
    return chinese_date(iso) if iso else ""


FORM = Form("card", TITLE, "household", one_each, load, needs, group, copies=2, help="每户一式两份：项目、标准、金额、兑付和余额")

"""补偿补助协议 with its annexes 补偿补助明细表 and 土地一览表.

The law asks for both owner and user to sign (土地管理法 art. 47), land money to collectives and personal money to persons
(471号令 arts 30, 32), amounts in capitals and figures that agree; both are made from the one sum here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Amount, Clauses, Facts, Notes, Party, Signatures, Title
from relocdesk.printing.clauses import USUAL, filled, strange_slots
from relocdesk.printing.flow import Flow, PageEnd
from relocdesk.printing.form import (
    Blank,
    Content,
    Form,
    Setting,
    first_ids,
    furniture,
    glyphs,
    in_words,
    lacking,
    money,
    mu,
    one_each,
    open_gaps,
    quantity,
    square,
    written,
)
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.paragraph import Paragraph, Span, Style
from relocdesk.printing.table import Column, Table
from relocdesk.queries.papers import AgreementData, Line, PaperReader, Side
from relocdesk.records.reference import PayeeType
from relocdesk.rules.days import chinese_date

TITLES = {
    "permanent": "建设征地永久征收土地补偿补助协议",
    "temporary": "建设征地临时占用土地补偿协议",
    "house": "房屋及附属设施补偿补助协议",
    "crop": "青苗及零星林木补偿协议",
    "grave": "坟墓迁移补偿协议",
    "special": "专项设施迁改补偿协议",
    "mixed": "建设征地补偿补助协议",
}
TEXT = Style("fang", 14.0, 23.0)  # 4号: an agreement of the usual length takes two pages and its annexes
PLAIN = Style("fang", 14.0, 23.0, 0.0)
_SHORT = 18  # rows of both annexes that go on one page
_AREA_NOTE = "亩数由平方米换算并四舍五入到两位小数，合计为各地块亩数之和；1亩=10000/15平方米。"
_COPIES = "零壹贰叁肆伍陆柒捌玖"


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = PaperReader(session)
    ids = first_ids(sheets)
    for start in range(0, len(ids), 200):
        for data in reader.agreements(ids[start : start + 200]):
            yield Content(data.number, (data.id,), data.home, data.party_b.place_id, data.party_b.name, data, data.copies)


def needs(data: AgreementData) -> list[Problem]:
    """What an agreement cannot do without: parties, identity, lines, and shapes for every name in it."""
    found: list[Problem] = []
    if data.state == "void":
        found.append(Problem(f"协议{data.number}", "已经作废，不能再打印；请另起草一份"))
    if not data.lines:
        found.append(Problem(f"协议{data.number}", "没有明细，打印出来是空的；请先起草明细或在“协议明细”里补填"))
    b = data.party_b
    who = b.name or f"协议{data.number}的乙方"
    found += lacking(f"协议{data.number}", {"甲方": data.party_a}, "请在“设置—办理规定”里填写“协议甲方”")
    found += lacking(f"协议{data.number}", {"工程名称": data.project}, "请在协议里选工程")
    found += lacking(f"协议{data.number}", {"乙方": b.name}, "请在“移民户”里补填户主")
    if not b.collective:
        found += open_gaps(who, {"身份证号": b.idcard}, "请在“移民户”里补填")
    if not b.account:
        found.append(Blank(f"{who}的银行账号", "没有填，打印成空白线；签字时手写，并在资料里补登"))
    if data.kind in ("permanent", "temporary") and not data.land:
        found.append(Problem(f"协议{data.number}的地块", "明细没有对应的地块，写不出面积和四至；请在“协议明细”里选地块"))
    found += [*glyphs(who, {"姓名": b.name, "住址": b.place, "户名": b.account_name, "开户行": b.bank, "代理人": data.agent})]
    found += [*glyphs(f"协议{data.number}", {"甲方": data.party_a, "见证方": data.witness, "经办人": data.handler, "条款": data.clauses})]
    for line in data.lines:
        found += glyphs(f"明细“{line.item}”", {"所属户": line.owner, "名称": line.item + line.spec, "小地名": line.site})
    for land in data.land:
        found += glyphs(f"地块{land.number}", {"四至": land.bounds})
    found += strange_slots(data.clauses)
    return list(dict.fromkeys(found))


def group(data: AgreementData, setting: Setting) -> Group:
    title = TITLES[data.kind] + ("（补充协议）" if data.supplements else "")
    flows: list[Flow] = [Title(title, sub=f"协议编号：{data.number}"), *_parties(data)]
    clauses = filled(data.clauses or USUAL[wording(data)], _values(data))
    if data.supplements:
        opening = f"本协议是编号为{data.supplements}的协议的补充协议，与该协议具有同等效力；两者不一致的，以本协议为准。"
        if data.total < 0:
            opening += f"本次减少补偿款{money(-data.total)}元，从该协议尚未支付的款项中扣减；已经支付的，由乙方退回。"
        clauses.insert(0, ("补充关系", [Span(opening)]))
    flows += [Clauses(clauses, style=TEXT), *_signatures(data)]
    flows += [PageEnd(), *_annexes(data)]
    return Group(flows, furniture(setting, title), label=data.number)


def wording(data: AgreementData) -> str:
    """Which usual wording fits: what the agreement is about decides, for a mixed one its land."""
    if data.kind == "temporary" or (data.kind == "mixed" and data.land and all(land.nature == "temporary" for land in data.land)):
        return "temporary"
    return "permanent" if data.kind == "permanent" or (data.kind == "mixed" and data.land) else "personal"


def _parties(data: AgreementData) -> Iterator[Flow]:
    b = data.party_b
    yield Paragraph([Span("甲方：", role="hei"), *written(data.party_a, 16)], PLAIN)
    yield Paragraph([Span("乙方：", role="hei"), *written(b.name, 10)], PLAIN)
    label = "统一社会信用代码：" if b.collective else "身份证号："
    if b.collective:
        yield Paragraph([Span(label), *written(b.idcard, 11), Span("　负责人："), *written(b.representative, 5)], PLAIN)
    else:
        yield Paragraph([Span(label), *written(b.idcard, 14), Span("　户号："), *written(b.number, 6)], PLAIN)
    yield Paragraph([Span("住址：" if not b.collective else "地址："), *written(b.place, 12), Span("　电话："), *written(b.phone, 8)], PLAIN)


def _values(data: AgreementData) -> dict[str, list[Span]]:
    """What stands for each word in braces; a missing value is an underlined blank."""
    classes: dict[str, int] = {}
    for land in data.land:
        classes[land.land_class] = classes.get(land.land_class, 0) + land.printed
    b = data.party_b
    starts, ends = sorted({one.lease_from for one in data.land if one.lease_from}), sorted({one.lease_until for one in data.land if one.lease_until})
    places = "、".join(dict.fromkeys(one.place for one in data.land)) or b.place
    return {
        "工程": written(data.project, 12),
        "项目法人": written(data.owner, 12),
        "村组": written(places, 10),
        "性质": written("、".join(dict.fromkeys({"permanent": "永久征收", "temporary": "临时占用"}[one.nature] for one in data.land)), 6),
        "面积": written(mu(sum(classes.values())) if classes else "", 6),
        "地类面积": written("、".join(f"{name}{mu(area)}亩" for name, area in classes.items()), 14),
        "四至": written(data.land[0].bounds if len(data.land) == 1 else "见附件" if data.land else "", 10),
        "金额": [Span(money(data.total), bold=True)],
        "大写": [Span(in_words(data.total, data.zheng), bold=True)],
        "交地期限": [Span(chinese_date(data.delivery))] if data.delivery else [Span(blank=4), Span("年"), Span(blank=2), Span("月"), Span(blank=2), Span("日")],
        "户名": written(b.account_name, 8),
        "账号": written(b.account, 13),
        "开户行": written(b.bank, 10),
        "起": written(chinese_date(starts[0]) if starts else "", 8),
        "止": written(chinese_date(ends[-1]) if ends else "", 8),
        "份数": [Span(copies_word(data.copies))],
    }


def copies_word(copies: int) -> str:
    """The number of copies in capitals, as in 一式肆份.

    >>> copies_word(4), copies_word(12)
    ('肆', '壹拾贰')
    """
    tens, ones = divmod(max(copies, 1), 10)
    return (f"{_COPIES[tens]}拾" if tens else "") + (_COPIES[ones] if ones else "")


def _signatures(data: AgreementData) -> Iterator[Flow]:
    b = data.party_b
    yield Paragraph("（以下无正文，为签字盖章处）", PLAIN)
    party_a = Party("甲方（盖章）", (("名称", data.party_a), "法定代表人或代理人（签字）", "经办人（签字）"), date=_DATE)
    yield Signatures([party_a, _party_b(b, data.agent)], size=11.0)
    witness = ("名称", data.witness) if data.witness else "名称"
    yield Signatures([Party("见证方（盖章）", (witness, "见证人（签字）"), date=_DATE)], across=2, size=11.0)


_DATE = "日期：　　　　年　　月　　日"


def _party_b(b: Side, agent: str) -> Party:
    account = ("收款账号", b.account) if b.account else "收款账号"
    phone = ("电话", b.phone) if b.phone else "电话"
    if b.collective:
        return Party("乙方（盖章）", (("名称", b.name), "负责人（签字）", "经办人（签字）", phone, account), date=_DATE)
    identity = ("身份证号", b.idcard) if b.idcard else "身份证号"
    proxy = (("委托代理人", agent),) if agent else ()
    return Party("乙方（签字、按手印）", ("签字", *proxy, identity, phone, account), fingerprint=True, date=_DATE)


# --- annexes ---------------------------------------------------------------------------------------------------------


def _annexes(data: AgreementData) -> Iterator[Flow]:
    """Both tables to be signed for together when they are short, else each from a new page."""
    together = len(data.lines) + len(data.land) <= _SHORT
    yield Title("补偿补助明细表" + ("和土地一览表" if together and data.land else ""), size=18.0)
    yield _facts(data)
    yield _lines(data)
    yield Amount(in_words(data.total, data.zheng), money(data.total))
    if together and data.land:
        yield _land(data, before=8.0)
    party_b = "乙方（盖章）" if data.party_b.collective else "乙方（签字、按手印）"
    yield Signatures([Party("甲方经办人（签字）", (), date=_DATE), Party(party_b, (), date=_DATE)], before=10.0, size=10.5)
    yield Notes(_notes(data))
    if data.land and not together:
        yield from (PageEnd(), Title("土地一览表", size=18.0), _facts(data), _land(data), Notes([_AREA_NOTE]))


def _facts(data: AgreementData) -> Facts:
    return Facts([("协议编号", data.number), ("乙方", data.party_b.name), ("*工程名称", data.project)], label=4.5, after=6.0)


def _lines(data: AgreementData) -> Table:
    """The detailed lines; columns that would say nothing are left out."""
    lines = data.lines
    owners = bool(data.party_b.collective) and any(line.owner for line in lines)
    parcels = any(line.parcel for line in lines)
    specs = any(line.spec for line in lines if not line.parcel)
    years = any(line.years for line in lines)
    columns = [Column("序号", 2.8, "center")]
    columns += [Column("所属户", 5.5)] if owners else []
    columns += [Column("地块编号", 5.5)] if parcels else []
    columns += [Column("补偿类别", 6), Column("名称", 5.2)]
    columns += [Column("规格/结构", 5)] if specs else []
    columns += [Column("单位", 2.8, "center"), Column("数量", 4.8, "right")]
    columns += [Column("年限", 3, "right")] if years else []
    columns += [Column("单价（元）", 5.6, "right"), Column("金额（元）", 7, "right", total=True, show=money)]
    rows = [_row(n, line, owners=owners, parcels=parcels, specs=specs, years=years) for n, line in enumerate(lines, 1)]
    return Table(columns, rows, subtotal="本页小计", running="累计", total="合计", size=9.0)


def _row(n: int, line: Line, *, owners: bool, parcels: bool, specs: bool, years: bool) -> list[str | int]:
    cells: list[str | int] = [str(n)]
    cells += [line.owner] if owners else []
    cells += [line.parcel] if parcels else []
    cells += [line.kind, line.item]
    cells += [line.spec if not line.parcel else ""] if specs else []
    cells += [line.unit, quantity(line.quantity, line.unit)]
    cells += [quantity(line.years) if line.years else ""] if years else []
    return [*cells, money(line.unit_price), line.amount]


def _notes(data: AgreementData) -> list[str]:
    found = ["每行金额按数量乘以单价四舍五入到分，合计为各行金额之和。"]
    if any(line.years for line in data.lines):
        found[0] = "每行金额按数量乘以年限和单价四舍五入到分，合计为各行金额之和。"
    kinds = {line.payee_type for line in data.lines}
    if PayeeType.COLLECTIVE in kinds:
        found.append("支付给集体的款项，分配和使用须经村民会议或者村民代表会议讨论决定并张榜公布。")
    if PayeeType.SOCIAL in kinds:
        found.append("社会保障费用单独列支，转入社会保障专户。")
    if data.land:
        found.append(_AREA_NOTE)
    return found


def _land(data: AgreementData, before: float = 0.0) -> Table:
    owners = bool(data.party_b.collective) and any(land.owner for land in data.land)
    natures = len({land.nature for land in data.land}) > 1
    columns = [Column("序号", 2.8, "center")]
    columns += [Column("所属户", 5.5)] if owners else []
    columns += [Column("地块编号", 5.5), Column("小地名", 5), Column("地类", 4)]
    columns += [Column("性质", 4, "center")] if natures else []
    columns += [Column("面积（㎡）", 5.6, "right", total=True, show=square), Column("面积（亩）", 4.6, "right", total=True, show=mu), Column("四至", 11)]
    rows = []
    for n, land in enumerate(data.land, 1):
        row: list[str | int] = [str(n)]
        row += [land.owner] if owners else []
        row += [land.number, land.site, land.land_class]
        row += [{"permanent": "永久", "temporary": "临时"}[land.nature]] if natures else []
        rows.append([*row, land.area_m2, land.printed, land.bounds])
    return Table(columns, rows, subtotal="本页小计", total="合计", size=9.0, before=before)


FORM = Form(
    "agreement", "补偿补助协议", "agreement", one_each, load, needs, group, paper=Paper.form(), copies=4,
    help="每份协议一式数份，附补偿补助明细表和土地一览表",
)  # fmt: skip

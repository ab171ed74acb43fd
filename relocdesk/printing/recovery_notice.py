"""追缴通知书: to one household what was over-paid, why, until when and where to pay it back, with a slip that it was received.

What somebody got without legal ground is to be given back (民法典 art. 985); the heirs answer for the dead up to what they
inherited (art. 1161).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Party, Signatures, Title, issued
from relocdesk.printing.clauses import RECOVERY
from relocdesk.printing.flow import Flow, Space, Together
from relocdesk.printing.form import (
    Blank,
    Content,
    Form,
    Gap,
    Setting,
    first_ids,
    furniture,
    glyphs,
    in_words,
    lacking,
    money,
    one_each,
    written,
)
from relocdesk.printing.page import Group
from relocdesk.printing.paragraph import Paragraph, Span, Style
from relocdesk.queries.support_papers import RecoveryData, SupportReader
from relocdesk.records.support import ReduceReason
from relocdesk.rules.days import chinese_date, chinese_month

TITLE = "大中型水库移民后期扶持资金追缴通知书"
TEXT = Style("fang", 13.0, 22.5)
_PLAIN = Style("fang", 13.0, 22.5, 0.0)
_RIGHT = Style("fang", 13.0, 22.5, 0.0, "right", right=2.0)
_DATE = "日期：　　年　月　日"
_CAUSES: dict[str, str] = {
    ReduceReason.HIRED: "被录（聘）用", ReduceReason.HUKOU: "转为非农业户口", ReduceReason.DEAD: "死亡", ReduceReason.PRISON: "被判处有期徒刑服刑",
}  # fmt: skip


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for data in SupportReader(session).recoveries(first_ids(sheets)):
        yield Content(f"{data.number} {data.who.name}".strip(), (data.id,), data.home, data.who.place_id, f"{data.who.name} {money(data.over_paid)}元", data)


def needs(data: RecoveryData) -> list[Problem]:
    """A letter that asks for money says from whom, how much, for which periods, why and until when."""
    where = f"追缴{data.number}" if data.number else "这笔追缴"
    found = [*lacking(where, {"姓名": data.who.name, "多发期次": data.periods}, "请在“追缴”里补填")]
    if left(data) <= 0:
        found.append(Problem(where, f"多发{money(data.over_paid)}元，已追回{money(data.recovered)}元，没有要追缴的；请核对多发金额和已追回"))
    if not data.kind:
        found.append(Gap(f"{where}的依据动态", "没有填，写不出多发的原因；请在“追缴”里选依据动态，或选“允许留空”打印后手写"))
    found += lacking(where, {"追缴单位": data.office}, "请在“单位”里登记本单位")
    if not data.contact:
        found.append(Blank("联系电话", "没有填，打印成空白线；请在“设置—办理规定”里填写“公示受理电话”"))
    if not data.pay_to:
        found.append(Blank("追缴款缴到哪里", "没有填，打印成空白线；请在“设置—办理规定”的“追缴款缴到”里填写收款户名、开户行和账号"))
    found += glyphs(where, {"姓名": data.who.name, "户主": data.who.head, "住址": data.place, "依据": data.rules, "收款账户": data.pay_to})
    return found


def left(data: RecoveryData) -> int:
    """分 still to be paid back."""
    return data.over_paid - data.recovered


def group(data: RecoveryData, setting: Setting) -> Group:
    amount = left(data)
    flows: list[Flow] = [
        Title(TITLE, sub=f"编号：{data.number}" if data.number else ""),
        Paragraph(f"{_addressed(data)}：", _PLAIN),
        Paragraph(_what_happened(data), TEXT),
        Facts([("姓名", data.who.name), ("身份证号", data.who.idcard), ("多发期次", data.periods), ("多发金额", f"{money(data.over_paid)}元")],
              label=4.5, size=11.0, before=3.0, after=5.0),
        Paragraph([Span(f"依据{data.rules or RECOVERY}，多发的资金应当退回。请于"), *_until(data), Span("退回"), Span(f"{money(amount)}元", bold=True),
                   Span(f"（{in_words(amount, data.zheng)}）"), Span("，缴到以下账户：")], TEXT),
        *_account(data.pay_to),
        Paragraph([Span("缴款时请注明姓名和本通知书编号，缴款后凭回单到本单位换取收据。逾期不退回的，将依法追缴。对本通知有异议的，"
                        "可以在收到之日起十五日内带证明材料到本单位申请复核。联系电话："), *written(data.contact, 10)], TEXT),
        *issued(f"{data.office}（盖章）", data.letter_on, _RIGHT),
        _slip(data, amount),
    ]  # fmt: skip
    return Group(flows, furniture(setting, TITLE), label=f"{data.number} {data.who.name}")


def _addressed(data: RecoveryData) -> str:
    """Who gets the letter: the recipient; for one who has died those who inherit."""
    return f"{data.who.name}的家属（继承人）" if _cause(data) == ReduceReason.DEAD else data.who.name


def _cause(data: RecoveryData) -> str:
    return next((reason.value for reason in ReduceReason if reason.label == data.reason), "")


def _what_happened(data: RecoveryData) -> list[Span]:
    """Who, what happened when, from when nothing was due, and what was paid all the same."""
    cause = _CAUSES.get(_cause(data)) or "不再符合领取条件"
    spans = [Span(f"经核查，{data.place}后期扶持人口{data.who.name}")]
    spans += [Span(f"于{chinese_date(data.happened_on)}{cause}")] if data.happened_on else [Span("因"), Span(blank=12)]
    spans += [Span(f"，按规定从{chinese_month(data.stops_from)}起停发直补资金")] if data.stops_from else []
    spans += [Span(f"，但{data.periods}仍发放了直补资金，共多发"), Span(f"{money(data.over_paid)}元", bold=True)]
    spans += [Span(f"（{in_words(data.over_paid, data.zheng)}）")]
    spans += [Span(f"，已退回{money(data.recovered)}元，还应退回{money(left(data))}元")] if data.recovered else []
    return [*spans, Span("。")]


def _until(data: RecoveryData) -> list[Span]:
    """The term: so many days after the letter came; a day where one was set already."""
    if data.letter_due:
        return [Span(f"{chinese_date(data.letter_due)}前")]
    return [Span("收到本通知之日起"), *written(str(data.days) if data.days else "", 3), Span("日内")]


def _account(pay_to: str) -> list[Flow]:
    """Where the money goes, or lines to write it on."""
    style = replace(TEXT, align="left")
    if pay_to:
        return [Paragraph(pay_to, style)]
    return [Paragraph([Span("户名："), Span(blank=22)], style), Paragraph([Span("账号："), Span(blank=13), Span("　开户行："), Span(blank=10)], style)]


def _slip(data: RecoveryData, amount: int) -> Flow:
    """The slip that stays with the office: what was handed to whom, when and how."""
    facts = [("通知书编号", data.number), ("追缴金额", f"{money(amount)}元"), ("*受送达人", _addressed(data)),
             ("*送达方式", "□直接送达　□留置送达　□委托村委会转交　□邮寄")]  # fmt: skip
    return Together([
        Space(10.0), Paragraph("…" * 60, Style("song", 8.0, 10.0, 0.0, "center", after=2.0)),
        Paragraph("追缴通知书送达回执", Style("hei", 14.0, 22.0, 0.0, "center", after=4.0)),
        Facts(facts, label=5.0, size=10.5, least=20.0),
        Signatures([Party("收件人", ("签字（手印）", "与受送达人关系"), date=_DATE), Party("送达人", ("签字", "签字"), date=_DATE),
                    Party("见证人", ("签字",), date=_DATE)], across=3, size=10.5, framed=True, before=0.0),
    ])  # fmt: skip


FORM = Form("recovery_notice", "追缴通知书", "recovery", one_each, load, needs, group, copies=2, help="每笔追缴一份，写明多发期次、金额和缴款期限，附送达回执")

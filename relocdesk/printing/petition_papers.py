"""Letters about petitions (信访工作条例 2022 arts 22, 23, 32–35): taken up or not, extended, answered, passed on, delivered.

Set as official letters are (GB/T 9704): title, number, addressee, text, office and date in Arabic figures. They carry the
office's own number and seal, and no code; the slip of delivery comes back signed and does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from relocdesk.actions.petition import KEEPERS
from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Heading, Party, Signatures, Title, issued
from relocdesk.printing.clauses import filled
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Blank, Content, Form, Setting, first_ids, furniture, glyphs, lacking, one_each, unregistered, written
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.paragraph import BODY, PLAIN, Paragraph, Span, Style
from relocdesk.queries.petition_papers import LetterData, LetterReader
from relocdesk.records.petition import Channel, Jurisdiction, Opinion
from relocdesk.rules.days import chinese_date

_SLOT = re.compile(r"\{([^{}]*)\}")
_SIGNED = Style("fang", align="right", indent=0.0, right=4.0)
_SMALL = Style("fang", 14.0, 24.0, 2.0, before=8.0)

ACCEPT = """\
{来件}反映“{事项}”的信访事项（登记编号{编号}）收悉。经审查，属于本单位职权范围，决定予以受理，受理日期为{受理日期}。
根据《信访工作条例》第三十四条的规定，本单位将自受理之日起六十日内办结，即{办理期限}前办结；情况复杂的，经本单位负责人批准可以适当延长办理期限，延长期限不超过三十日，并告知您延期理由。
在上述期限内，您可以凭本告知书向本单位查询办理情况；就同一事项向本单位或者上级机关、单位再次提出的，不予受理。"""
ACCEPT_OTHER = """\
{来件}提出的“{事项}”（登记编号{编号}）收悉。经审查，属于本单位职权范围，决定予以受理，受理日期为{受理日期}。
本单位将认真研究办理，{何时}答复您。在此期间，您可以凭本告知书向本单位查询办理情况。"""
GUIDE = """\
{来件}反映“{事项}”的信访事项（登记编号{编号}）收悉。
经审查，该事项应当通过{去向}依照法律规定的程序处理。根据《信访工作条例》第二十三条、第三十一条的规定，请您向{去向}提出。"""
PASSED_ON = """\
{来件}反映“{事项}”的信访事项（登记编号{编号}）收悉。
经审查，该事项应当由{去向}处理，本单位已于{审查日期}转去。根据《信访工作条例》第二十三条的规定，特此告知。请您等候{去向}的答复，也可以直接向其查询。"""
REFUSE = """\
{来件}反映“{事项}”的信访事项（登记编号{编号}）收悉。经审查，{理由}。
根据《信访工作条例》的有关规定，本单位决定不予受理。请您依法向有权处理的机关、单位提出，或者通过诉讼、仲裁、行政复议等法定途径解决。"""
EXTEND = """\
您反映“{事项}”的信访事项（登记编号{编号}），本单位已于{受理日期}受理。
因{延期理由}，不能在六十日内办结。根据《信访工作条例》第三十四条的规定，经本单位负责人{批准人}批准，办理期限延长{延期天数}日，延长至{办理期限}。
特此告知。"""
REMEDY = """\
如不服本处理意见，根据《信访工作条例》第三十五条的规定，您可以自收到本意见书之日起三十日内，请求本单位的上一级机关、单位复查。"""
TRANSFER = """\
{登记日期}，{信访人}{途径}向本单位反映“{事项}”（登记编号{编号}）。经审查，该事项属于你单位职权范围。
根据《信访工作条例》第二十三条的规定，现将有关材料{方式}你单位。请自收到之日起十五日内决定是否受理并书面告知信访人；不属于你单位职权范围的，请自收到之日起五个工作日内提出异议，详细说明理由，并退回材料。"""
ASSIGNED = """\
请在规定期限内办结，并将办理结果书面报送本单位。"""
_TITLES = {
    Jurisdiction.ACCEPT: ("信访事项受理告知书", ACCEPT),
    Jurisdiction.TRANSFER: ("信访事项转送告知书", PASSED_ON),
    Jurisdiction.ASSIGN: ("信访事项交办告知书", PASSED_ON),
    Jurisdiction.GUIDE: ("信访事项引导告知书", GUIDE),
}
_OUTCOMES: dict[str, str] = {
    Opinion.SUPPORT: "请求事实清楚，符合法律、法规、规章或者其他有关规定，予以支持。",
    Opinion.EXPLAIN: "请求事由合理但缺乏法律依据，本单位向您作出解释说明。",
    Opinion.REJECT: "请求缺乏事实根据，或者不符合法律、法规、规章或者其他有关规定，不予支持。",
}


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for data in LetterReader(session).letters(first_ids(sheets)):
        yield Content(f"{data.number} {data.petitioner}", (data.id,), data.home, data.place_id, f"{data.number} {data.petitioner}", data)


def _named(where: str, number: str, office: str) -> list[Problem]:
    return [*lacking(where, {"登记编号": number}, "请在“信访”里补填"), *lacking(where, {"发文单位": office}, "请在“单位”里登记本单位")]


def _common(data: LetterData) -> list[Problem]:
    """What every letter needs, and who to ask about it."""
    where = f"信访件 {data.number}"
    texts = {"信访人": data.petitioner, "住址": data.address, "诉求摘要": data.summary, "处理意见": data.opinion_text}
    return [*_named(where, data.number, data.office), *glyphs(where, texts), *_open(where, {"经办人": data.handler}), *_contact(data)]


def _open(where: str, values: dict[str, str]) -> list[Problem]:
    """What is empty is a line to be written on, and said."""
    return [Blank(f"{where}的{label}", "没有填，印成空白线，用时手写") for label, value in values.items() if not value]


def _strange(data: LetterData, letter: str) -> list[Problem]:
    """Words in braces of the office's own wording that nothing can be put in for."""
    known = _spans(data)
    found = dict.fromkeys(word for word in _SLOT.findall(data.own(letter)) if word not in known)
    return [Problem("信访文书正文", f"“{{{word}}}”不认识；可用：{'、'.join(f'{{{one}}}' for one in known)}，请在“设置—条款文字”里改正") for word in found]


def _contact(data: LetterData) -> list[Problem]:
    return [] if data.contact else [Blank("联系电话", "没有填，打印成空白线；请在“设置—办理规定”里填写“公示受理电话”，或在“单位”里填写")]


def _spans(data: LetterData) -> dict[str, list[Span]]:
    """What stands for each word in braces."""
    texts = {
        "信访人": data.petitioner, "编号": data.number, "渠道": data.channel, "事项": data.summary, "理由": data.reason.rstrip("。"), "去向": data.reason,
        "延期理由": data.extension_reason.rstrip("。"), "批准人": data.extension_approver, "延期天数": str(data.extension_days or ""),
        "方式": "交办" if data.jurisdiction == Jurisdiction.ASSIGN else "转送", "单位": data.office, "电话": data.contact, "经办人": data.handler,
    }  # fmt: skip
    days = {"登记日期": data.received_on, "受理日期": data.accepted_on, "办理期限": data.due_on, "审查日期": data.judged_on, "办结日期": data.closed_on}
    spans = {word: written(text, 8) for word, text in (texts | {word: chinese_date(day) if day else "" for word, day in days.items()}).items()}
    spans["何时"] = [*spans["办理期限"], Span("前")] if data.due_on else [Span("及时")]
    return spans | {"来件": [Span(_came(data))], "途径": [] if data.channel_code in _NOT_THEIRS else [Span(f"通过{data.channel}")]}


_NOT_THEIRS = (Channel.ASSIGNED, Channel.TRANSFERRED, Channel.FOUND, Channel.REOPENED)  # ways that the petitioner did not choose


def _came(data: LetterData) -> str:
    """How the matter reached the office, as the beginning of a sentence to the petitioner."""
    day = chinese_date(data.received_on)
    if data.channel_code == Channel.FOUND:
        return f"本单位{day}排查时您"
    if data.channel_code == Channel.REOPENED:
        return f"{day}{data.source or '上级'}发回您"
    if data.channel_code == Channel.ASSIGNED:
        return f"{day}{data.source or '上级'}交办您"
    return f"{day}{data.source or '有关单位'}转来您" if data.channel_code == Channel.TRANSFERRED else f"您于{day}通过{data.channel}"


def _letter(data: LetterData, title: str, number: str, to: str, body: Sequence[Flow], day: str, *, contact: bool = True) -> Group:
    flows: list[Flow] = [Title(title, sub=number), Paragraph(f"{to}：", PLAIN), *body]
    flows += issued(data.office, day, _SIGNED, before=24.0)
    if contact:
        said = [Span("（联系人："), *written(data.handler, 5), Span("　联系电话："), *written(data.contact, 8), Span("）")]
        flows.append(Paragraph(said, _SMALL, leans=True))
    return Group(flows, unregistered(title, numbering="dash"), label=data.number)


def _paragraphs(data: LetterData, text: str) -> list[Flow]:
    values = _spans(data)
    return [Paragraph([Span(heading, role="hei"), *spans] if heading else spans, BODY) for heading, spans in filled(text, values)]


# --- the letters -----------------------------------------------------------------------------------------------------


def _accept_needs(data: LetterData) -> list[Problem]:
    where = f"信访件 {data.number}"
    if data.channel_code == Channel.REOPENED:
        return [Problem(where, "是复查、复核发回重新办理的件，不另发受理告知书；办结以后请打印《处理意见书》")]
    if not data.jurisdiction or data.jurisdiction == Jurisdiction.REFUSE:
        return [Problem(where, "还没有受理；请先办“受理”" if not data.jurisdiction else "是不予受理的件；请打印《不予受理告知书》")]
    if data.jurisdiction != Jurisdiction.ACCEPT:
        return [*_common(data), *lacking(where, {"去向": data.reason}, "请补填“理由或去向”"),
                *_open(where, {"审查日期": data.judged_on, "告知书号": data.notice_no})]  # fmt: skip
    return [*_common(data), *lacking(where, {"受理日期": data.accepted_on}, "请先办“受理”"), *_open(where, {"告知书号": data.notice_no}),
            *_strange(data, "accept")]  # fmt: skip


def _number(text: str) -> str:
    return text or "　　　　　　　〔　　　　〕　　号"


def _accept(data: LetterData, setting: Setting) -> Group:
    title, usual = _TITLES[Jurisdiction(data.jurisdiction)]
    own = data.own("accept") if data.jurisdiction == Jurisdiction.ACCEPT else ""
    if data.jurisdiction == Jurisdiction.ACCEPT and not data.claim:  # article 34 and an office's own words about it are for claims
        own, usual = "", ACCEPT_OTHER
    return _letter(data, title, _number(data.notice_no), data.petitioner, _paragraphs(data, own or usual), data.judged_on)


def _refuse_needs(data: LetterData) -> list[Problem]:
    where = f"信访件 {data.number}"
    if data.jurisdiction != Jurisdiction.REFUSE:
        return [Problem(where, "没有登记不予受理；请先办“不予受理”")]
    return [*_common(data), *lacking(where, {"理由": data.reason}, "请补填“理由或去向”"), *_strange(data, "refuse"),
            *_open(where, {"审查日期": data.judged_on, "告知书号": data.notice_no})]  # fmt: skip


def _refuse(data: LetterData, setting: Setting) -> Group:
    return _letter(data, "信访事项不予受理告知书", _number(data.notice_no), data.petitioner, _paragraphs(data, data.own("refuse") or REFUSE), data.judged_on)


def _extend_needs(data: LetterData) -> list[Problem]:
    where = f"信访件 {data.number}"
    if not data.extension_days:
        return [Problem(where, "没有延期；请先办“延期”")]
    said: dict[str, str | int] = {"延期理由": data.extension_reason, "批准人": data.extension_approver, "受理日期": data.accepted_on}
    return [*_common(data), *lacking(where, said, "请办“延期”补全"), *_strange(data, "extend"),
            *_open(where, {"延期告知日期": data.extension_told_on, "延期告知书号": data.extension_no})]  # fmt: skip


def _extend(data: LetterData, setting: Setting) -> Group:
    body = _paragraphs(data, data.own("extend") or EXTEND)
    return _letter(data, "信访事项延期办理告知书", _number(data.extension_no), data.petitioner, body, data.extension_told_on)


def _opinion_needs(data: LetterData) -> list[Problem]:
    where = f"信访件 {data.number}"
    if not data.closed_on or not data.opinion:
        return [Problem(where, "还没有处理意见；请先办“办结”")]
    if data.opinion == Opinion.MEDIATE:
        return [Problem(where, "是调解办结的；请用调解协议书或者和解协议书（条例第三十三条），不出处理意见书")]
    said: dict[str, str | int] = {"处理意见": data.opinion_text, "意见书号": data.opinion_no}
    said |= {"法律政策依据": data.basis} if data.reviewable else {}
    return [*_common(data), *lacking(where, said, "请补填"), *_strange(data, "remedy")]


def _opinion(data: LetterData, setting: Setting) -> Group:
    """Request, facts and reasons, basis, outcome, and the way to 复查 (arts 32, 35); what is no 申诉求决 is simply answered."""
    received = f"{_came(data)}提出{'' if data.channel_code not in _NOT_THEIRS else '的信访事项'}：{data.summary}。"
    told = f"本单位于{chinese_date(data.accepted_on)}受理，现已办结。" if data.accepted_on else ""
    told = "本单位重新办理，现已办结。" if data.channel_code == Channel.REOPENED else told
    if not data.reviewable:
        said = data.opinion_text + (f"\n依据：{data.basis}" if data.basis else "")
        return _letter(data, "信访事项答复书", data.opinion_no, data.petitioner, [Paragraph(received + told + "现答复如下："), *_lines(said)], data.closed_on)
    body: list[Flow] = [Paragraph(received + told + "处理意见如下：")]
    parts = (("一、信访人的请求", data.summary + "。"), ("二、事实、理由和处理意见", data.opinion_text), ("三、法律政策依据", data.basis),
             ("四、处理结论", _OUTCOMES[data.opinion]))  # fmt: skip
    for heading, text in parts:
        body += [Heading(heading, Style("hei", before=4.0)), *_lines(text)]
    body += [Heading("五、复查权利", Style("hei", before=4.0)), *_paragraphs(data, data.own("remedy") or REMEDY)]
    return _letter(data, "信访事项处理意见书", data.opinion_no, data.petitioner, body, data.closed_on)


def _lines(text: str) -> list[Flow]:
    return [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]


def _transfer_needs(data: LetterData) -> list[Problem]:
    where = f"信访件 {data.number}"
    if data.jurisdiction not in (Jurisdiction.TRANSFER, Jurisdiction.ASSIGN):
        return [Problem(where, "没有登记转送或交办；请先办“转送”或“交办”")]
    return [*_common(data), *lacking(where, {"去向": data.reason, "转送函号": data.transfer_no}, "请补填"), *_strange(data, "transfer"),
            *_open(where, {"审查日期": data.judged_on})]  # fmt: skip


def _transfer(data: LetterData, setting: Setting) -> Group:
    assigned = data.jurisdiction == Jurisdiction.ASSIGN
    body = _paragraphs(data, data.own("transfer") or TRANSFER + ("\n" + ASSIGNED if assigned else ""))
    body.append(Paragraph("附件：信访材料　　份", replace(BODY, before=14.0)))
    return _letter(data, "关于交办信访事项的函" if assigned else "关于转送信访事项的函", data.transfer_no, data.reason, body, data.judged_on)


# --- the slip of delivery --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SlipData:
    """What a slip of delivery says, and no more: it stays the same paper while the case goes on."""

    number: str
    petitioner: str
    address: str
    summary: str
    office: str
    letter: str
    letter_no: str


def load_slips(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for data in LetterReader(session).letters(first_ids(sheets)):
        said = SlipData(data.number, data.petitioner, data.address, data.summary, data.office, *_sent(data))
        yield Content(f"{data.number} {data.petitioner}", (data.id,), data.home, data.place_id, f"{data.number} {data.petitioner}", said)


def _sent(data: LetterData) -> tuple[str, str]:
    """The newest letter of a case and its number: what a slip of delivery is for."""
    if data.closed_on and data.opinion:
        return ("调解协议书" if data.opinion == Opinion.MEDIATE else "信访事项处理意见书" if data.reviewable else "信访事项答复书"), data.opinion_no
    if data.extension_days:
        return "信访事项延期办理告知书", data.extension_no
    if data.jurisdiction == Jurisdiction.REFUSE:
        return "信访事项不予受理告知书", data.notice_no
    if data.channel_code == Channel.REOPENED:
        return "", ""
    return (_TITLES[Jurisdiction(data.jurisdiction)][0], data.notice_no) if data.jurisdiction else ("", "")


def _slip_needs(data: SlipData) -> list[Problem]:
    where = f"信访件 {data.number}"
    if not data.letter:
        return [Problem(where, "还没有可送达的文书；请先办受理、延期或办结")]
    texts = {"信访人": data.petitioner, "住址": data.address, "诉求摘要": data.summary}
    return [*_named(where, data.number, data.office), *glyphs(where, texts), *_open(where, {"文书号": data.letter_no, "送达地点": data.address})]


def _slip(data: SlipData, setting: Setting) -> Group:
    title = "信访文书送达回证"
    line = "日期：　　　年　　月　　日"
    flows: list[Flow] = [
        Title(title, sub=data.office),
        Facts([("*送达文书", data.letter), ("*文书号", written(data.letter_no, 14)), ("*信访件编号", data.number), ("*受送达人", data.petitioner),
               ("*送达地点", data.address), ("*送达方式", "□本人签收　□成年家属代收　□留置送达　□邮寄（挂号）　□网上答复"),
               ("*事项", data.summary)], label=6.0, size=12.0, least=34.0, after=10.0),
        Signatures([Party("受送达人", ("签字（手印）",), date=line), Party("代收人", ("签字", "与受送达人关系"), date=line)], size=12.0, framed=True),
        Signatures([Party("送达人（二人）", ("签字", "签字"), date=line), Party("见证人（留置送达时）", ("签字", "签字"), date=line)], size=12.0, framed=True,
                   before=0.0),
        Facts([("*备注", "受送达人拒绝签收的，送达人记明拒收的事由和日期，由见证人签字，把文书留在受送达人的住所；邮寄的，附挂号回执。")],
              label=6.0, size=11.0, least=40.0, before=10.0),
    ]  # fmt: skip
    return Group(flows, furniture(setting, title), label=data.number)


def _form(name: str, label: str, needs: Callable[[LetterData], list[Problem]], group: Callable[[LetterData, Setting], Group], help_: str) -> Form:
    return Form(name, label, "petition", one_each, load, needs, group, paper=Paper.official(), signed=False, word=True, copies=2, roles=KEEPERS, help=help_)


FORMS = (
    _form("petition_accept", "受理告知书", _accept_needs, _accept, "受理的告知信访人；转送、交办、引导的告知去向"),
    _form("petition_refuse", "不予受理告知书", _refuse_needs, _refuse, "写明理由和法定途径"),
    _form("petition_extend", "延期告知书", _extend_needs, _extend, "写明延期理由、批准人和新的期限"),
    _form("petition_opinion", "处理意见书", _opinion_needs, _opinion, "请求、事实和理由、依据、结论，告知三十日内可以申请复查"),
    _form("petition_transfer", "转送函", _transfer_needs, _transfer, "转送、交办给有权处理的单位"),
    Form("petition_delivery", "送达回证", "petition", one_each, load_slips, _slip_needs, _slip, roles=KEEPERS, help="随最近一份文书送达，签收后收回归档"),
)

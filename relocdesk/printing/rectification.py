"""Papers of rectification: 问题、任务、责任三清单, 进展情况报告, 整改提醒书, 销号申请表.

The lists and the report belong to an inspection and may be saved as Word to be worked on; reminders and requests are signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk.actions.rectification import KEEPERS
from relocdesk.errors import Problem
from relocdesk.printing.blocks import LEVEL_1, Facts, Heading, Notes, Party, Signatures, Title, issued, ordinal
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, first_ids, furniture, glyphs, money, one_each, unregistered
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.paragraph import Paragraph, Span, Style
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.rectification import InspectionData, ItemData, inspections, office_name, problems, tally
from relocdesk.rules.days import chinese_date
from relocdesk.rules.rectification import measures_text

RIGHT = Style("fang", 15.75, 28.35, 0.0, "right", right=4.0)
_DATE = "　　年　月　日"


def _on(session: Session) -> str:
    return str(session.scalar(select(func.on_day())))


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for data in inspections(session, first_ids(sheets), _on(session)):
        yield Content(data.name, (data.id,), data.home, "", data.name, data)


def needs(data: InspectionData) -> list[Problem]:
    """There must be problems to list, and every character must be drawable."""
    found = [] if data.items else [Problem(data.name, "还没有登记整改问题；请先导入或登记问题")]
    for item in data.items:
        found += glyphs(f"第 {item.number} 号问题", {"内容": "".join((item.text, item.detail, item.cause, item.progress, *(m.text for m in item.measures)))})
    return found


# --- the three lists -------------------------------------------------------------------------------------------------


def _listing(title: str, columns: list[Column], row: Callable[[ItemData], list[str]]) -> Callable[[InspectionData, Setting], Group]:
    """A list by aspect, one row a problem."""

    def group(data: InspectionData, setting: Setting) -> Group:
        rows: list[Row] = []
        for aspect, some in groupby(sorted(data.items, key=lambda item: data.aspects.index(item.aspect)), lambda item: item.aspect):
            rows += [aspect, *(row(item) for item in some)]
        whole = f"{data.name}反馈问题整改{title}"
        flows: list[Flow] = [
            Title(whole, size=20.0, sub=f"{data.office}　{chinese_date(data.on)}"), Table(columns, rows, size=9.5),
            Notes([f"共 {len(data.aspects)} 个方面、{len(data.items)} 个问题。"]),
        ]  # fmt: skip
        return Group(flows, unregistered(whole, office=data.office), label=data.name)

    return group


def _day(iso: str) -> str:
    return chinese_date(iso) if iso else ""


def _measures(item: ItemData) -> str:
    return measures_text([measure.text for measure in item.measures])


problem_list = _listing("问题清单", [
    Column("序号", 2.8, "center"), Column("问题（反馈原文）", 14), Column("具体表现", 12), Column("原因分析", 10), Column("责任领导", 4.5, "center"),
    Column("责任股室", 5, "center"), Column("整改时限", 6, "center"),
], lambda item: [item.number, item.text, item.detail, item.cause, item.leader, item.section, _day(item.due_on)])  # fmt: skip
task_list = _listing("任务清单", [
    Column("序号", 2.8, "center"), Column("问题", 11), Column("整改目标", 8), Column("整改措施", 16), Column("整改时限", 6, "center"),
    Column("整改状态", 4.6, "center"), Column("完成日期", 6, "center"), Column("佐证材料", 8),
], lambda item: [item.number, item.text, item.goal, _measures(item), _day(item.due_on), item.state_label, _day(item.done_on),
                 item.evidence or (f"附件 {item.files} 份" if item.files else "")])  # fmt: skip
duty_list = _listing("责任清单", [
    Column("序号", 2.8, "center"), Column("问题", 14), Column("责任领导", 5, "center"), Column("责任股室", 6, "center"), Column("责任人", 5, "center"),
    Column("配合单位", 7), Column("整改时限", 6, "center"), Column("进展情况", 13),
], lambda item: [item.number, item.text, item.leader, item.section, item.person, item.partner, _day(item.due_on), item.progress])  # fmt: skip


# --- the report ------------------------------------------------------------------------------------------------------


def report(data: InspectionData, setting: Setting) -> Group:
    """集中整改进展情况报告: how many stand where, aspect by aspect what was done, and what is still open."""
    title = f"关于{data.name}反馈问题整改进展情况的报告"
    told = f"{_day(data.feedback_on)}，" if data.feedback_on else ""
    flows: list[Flow] = [
        Title(title),
        Paragraph(f"{told}{data.team or data.name}反馈了 {len(data.aspects)} 个方面、{len(data.items)} 个问题。截至{chinese_date(data.on)}，"
                  f"{data.tally.sentence()}。{_again(data)}现将整改进展情况报告如下："),
        Heading("一、总体情况", LEVEL_1), _by_aspect(data),
        Paragraph(f"“基本完成”指{data.near_words}。", Style("fang", 12.0, 20.0, 2.0)) if data.tally.nearly and data.near_words else Paragraph(""),
        Heading("二、逐项整改情况", LEVEL_1),
    ]  # fmt: skip
    for n, aspect in enumerate(data.aspects, 1):
        flows.append(Heading(f"（{ordinal(n)}）{aspect}", Style("kai")))
        flows += [flow for item in data.items if item.aspect == aspect for flow in _told(item)]
    flows += [Heading("三、未完成的问题和下一步打算", LEVEL_1), *_unfinished(data)]
    flows += issued(data.office, data.on, RIGHT)
    return Group([flow for flow in flows if flow != Paragraph("")], unregistered(title, numbering="dash"), label=data.name)


def _again(data: InspectionData) -> str:
    """What had been struck off and was found again is reported (Z04)."""
    numbers = [item.number for item in data.items if item.relapsed]
    return f"“回头看”发现反弹 {len(numbers)} 个（第 {'、'.join(numbers)} 号），已重新列入整改。" if numbers else ""


def _by_aspect(data: InspectionData) -> Table:
    columns = [Column("方面", 14), *(Column(name, 5, "right", total=True) for name in ("问题数", "已完成", "基本完成", "未完成", "长期坚持"))]
    rows: list[Row] = []
    for aspect in data.aspects:
        one = tally(item for item in data.items if item.aspect == aspect)
        rows.append([aspect, one.total, one.done, one.nearly, one.open, one.lasting])
    return Table(columns, rows, total="合计", size=10.5, after=6.0)


def _told(item: ItemData) -> Iterator[Flow]:
    when = f"于{_day(item.done_on)}" if item.done_on else ""
    stands = {"done": f"已{when}完成整改", "lasting": f"已{when}完成并长期坚持"}.get(item.state, item.state_label)
    more = "".join(filter(None, (f"建章立制：{item.rules_made}。" if item.rules_made else "", f"问责处理 {item.held} 人次。" if item.held else "",
                                 f"退款 {money(item.refunded)} 元。" if item.refunded else "")))  # fmt: skip
    carried = "；".join(measure.text + (f"（{measure.result}）" if measure.result else "") for measure in item.measures)
    said = (item.progress or carried or "整改措施正在落实").rstrip("。；") + "。"
    yield Paragraph([Span(f"{item.number}. {item.text.rstrip('。')}。", role="hei"), Span(f"整改情况：{said}{more}{'' if item.settled else '目前'}{stands}。")])


def _unfinished(data: InspectionData) -> Iterator[Flow]:
    left = [item for item in data.items if not item.settled]
    if not left:
        yield Paragraph("反馈问题已全部完成整改，将继续巩固成果，适时开展“回头看”。")
        return
    columns = [Column("序号", 3, "center"), Column("问题", 16), Column("责任领导", 5, "center"), Column("责任股室", 6, "center"), Column("时限", 6.5, "center"),
               Column("状态", 6, "center")]  # fmt: skip
    rows = [[item.number, item.text, item.leader, item.section, _day(item.due_on), _state(item, data.on)] for item in left]
    yield Table(columns, rows, size=10.0, after=6.0)
    yield Paragraph("对以上问题，逐项压实责任、明确时限，完成一项、销号一项，并适时开展“回头看”，防止反弹。")


def _state(item: ItemData, on: str) -> str:
    late = item.late(on)
    return item.state_label + (f"（超期 {late} 天）" if late else "")


# --- reminders and requests ------------------------------------------------------------------------------------------


def bundles_reminder(session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """One reminder for each leader and section of an inspection; what is not overdue stands alone, so that it keeps no letter back."""
    found: dict[tuple[str, str, str], list[str]] = {}
    early: list[tuple[str, tuple[str, ...]]] = []
    on = _on(session)
    for item in problems(session, ids, on):
        if item.late(on):
            found.setdefault((item.batch, item.leader, item.section), []).append(item.id)
        else:
            early.append((f"{item.batch}/{item.number}", (item.id,)))
    return [*((f"{leader} {section}（{len(some)}个问题）", tuple(some)) for (_, leader, section), some in found.items()), *early]


def load_items(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    on = _on(session)
    for key, ids in sheets:
        items = tuple(problems(session, ids, on))
        if items:
            first = items[0]
            data = InspectionData(first.inspection, first.home, first.batch, "", "", "", "", "", "", "", office_name(session, first.home), on, "", items)
            yield Content(key or f"{first.batch}/{first.number}", ids, first.home, "", f"{first.batch} {first.number}", data)


def needs_reminder(data: InspectionData) -> list[Problem]:
    early = [item.number for item in data.items if not item.late(data.on)]
    wrong = [Problem(f"第 {'、'.join(early)} 号问题", "没有超期，不用发提醒书；请只选超期的")] if early else []
    return [*wrong, *needs(data)]


def reminder(data: InspectionData, setting: Setting) -> Group:
    """整改提醒书 to the leader and section whose problems are past their deadline."""
    leader, section = data.items[0].leader, data.items[0].section
    columns = [Column("序号", 3, "center"), Column("问题", 17), Column("整改时限", 7, "center"), Column("超期（天）", 5.5, "right"),
               Column("目前状态", 5.5, "center")]  # fmt: skip
    rows = [[item.number, item.text, _day(item.due_on), str(item.late(data.on)), item.state_label] for item in data.items]
    flows: list[Flow] = [
        Title("整改提醒书"), Paragraph(f"{section}、{leader}：", Style(indent=0.0)),
        Paragraph(f"{data.name}反馈的下列 {len(data.items)} 个问题由你们负责整改，截至{chinese_date(data.on)}已超过整改时限："),
        Table(columns, rows, size=10.5, after=6.0),
        Paragraph("请收到本提醒书后逐项说明没有按期完成的原因，提出新的措施和完成日期，五个工作日内书面报领导小组办公室，并抓紧整改、收集佐证材料。"),
        *issued(data.office, data.on, RIGHT),
        Signatures([Party("签收股室（盖章）", ("签收人",), date=f"签收日期：{_DATE}"), Party("责任领导", ("签字",), date=f"日期：{_DATE}")],
                   size=12.0, framed=True),
    ]  # fmt: skip
    return Group(flows, furniture(setting, "整改提醒书"), label=f"{section} {leader}")


def needs_request(data: InspectionData) -> list[Problem]:
    item = data.items[0]
    where, found = f"第 {item.number} 号问题", needs(data)
    if not item.evidence and not item.files:
        found.append(Problem(where, "没有佐证材料，不能申请销号；请写明佐证材料或挂附件"))
    undone = [measure.number for measure in item.measures if not measure.done_on]
    if undone:
        found.append(Problem(where, f"措施 {'、'.join(undone)} 还没有完成；请先登记措施完成"))
    return found


def request(data: InspectionData, setting: Setting) -> Group:
    """销号申请表: one problem, what was done, its evidence, and the signatures in their order."""
    item = data.items[0]
    proof = "；".join(filter(None, (item.evidence, f"附件 {item.files} 份" if item.files else "")))
    results = "\n".join(f"{m.number}. {m.text}（{_day(m.done_on) or '未完成'}{'，' + m.result if m.result else ''}）" for m in item.measures)
    facts = [
        ("检查批次", data.name), ("问题序号", item.number), ("*方面", item.aspect), ("*问题", item.text), ("*具体表现", item.detail),
        ("责任领导", item.leader), ("责任股室", item.section), ("责任人", item.person), ("整改时限", _day(item.due_on)),
        ("*整改措施及落实", results or item.progress), ("*整改成效", item.progress), ("*佐证材料", proof), ("*建章立制", item.rules_made),
    ]  # fmt: skip
    flows: list[Flow] = [
        Title("巡察反馈问题整改销号申请表" if "巡察" in data.name else "反馈问题整改销号申请表", size=20.0), Facts(facts, label=7.2, least=26.0),
        Signatures([Party(name, ("意见", "签字"), date=f"日期：{_DATE}") for name in ("责任股室", "分管领导", "党组（主要领导）", "巡察办（交办单位）")],
                   size=11.0, framed=True, before=0.0),
        Notes(["责任股室申请、分管领导审核、党组审议依次签字，申请人和审核人不得为同一人；没有佐证材料的不予销号。"]),
    ]  # fmt: skip
    return Group(flows, furniture(setting, "整改销号申请表"), label=f"{data.name} {item.number}")


_LYING = Paper.form(lying=True)
PROBLEMS, TASKS, DUTIES = (
    Form(name, label, "inspection", one_each, load, needs, group, paper=_LYING, signed=False, word=True, roles=KEEPERS, help=told)
    for name, label, group, told in (
        ("rectify_problems", "整改问题清单", problem_list, "反馈原文、表现和原因"), ("rectify_tasks", "整改任务清单", task_list, "目标、措施、时限和状态"),
        ("rectify_duties", "整改责任清单", duty_list, "领导、股室和责任人"),
    )
)  # fmt: skip
REPORT = Form("rectify_report", "整改进展情况报告", "inspection", one_each, load, needs, report, paper=Paper.official(), signed=False, word=True, roles=KEEPERS,
              help="总体情况、逐项情况和未完成的问题")  # fmt: skip
REMINDER = Form("rectify_reminder", "整改提醒书", "rectification_item", bundles_reminder, load_items, needs_reminder, reminder, paper=Paper.official(),
                copies=2, roles=KEEPERS, help="选中超期的问题，每个责任领导和股室一份")  # fmt: skip
REQUEST = Form("sign_off_request", "整改销号申请表", "rectification_item", one_each, load_items, needs_request, request, roles=KEEPERS,
               help="每个问题一份，三级签字")  # fmt: skip
FORMS = (PROBLEMS, TASKS, DUTIES, REPORT, REMINDER, REQUEST)

"""Papers of support projects: 项目卡 on one sheet, 项目台账 with every column, 验收意见表; and 培训签到册 of a course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Heading, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, first_ids, furniture, glyphs, lacking, money, one_each, open_gaps, unless_zero, unregistered
from relocdesk.printing.page import MM, Group, Paper
from relocdesk.printing.paragraph import Style
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.work_papers import AcceptanceData, CourseData, LedgerData, ProjectData, WorkPapers
from relocdesk.records.fund import Fund
from relocdesk.records.works import Stage
from relocdesk.rules.days import chinese_date
from relocdesk.rules.money import percent

CARD, LEDGER, ACCEPTANCE, SIGN_IN = "后扶项目卡", "后扶项目台账", "后扶项目验收意见表", "移民培训签到册"
PART = Style("hei", 9.5, 13.0, 0.0, before=3.0)
PAYMENTS = 4  # lines of payments on the card; earlier ones become one line, so that it stays one sheet
BLANKS = 10  # lines for people who come without being on the roster
A3 = Paper(420 * MM, 297 * MM, 28 * MM, 15 * MM, 20 * MM, 15 * MM)
_DATE = "日期：　　　　年　　月　　日"


def _day(iso: str) -> str:
    return chinese_date(iso) if iso else ""


def _money(fen: int | None) -> str:
    return "" if fen is None else money(fen)


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{money(fen)}元"


def _two(first: str, second: str) -> str:
    """Two columns of the ledger in one cell; a dash keeps the place of an empty upper one, so that nobody takes the lower for it."""
    return f"{first or '—'}\n{second}" if second else first


# --- 项目卡 ------------------------------------------------------------------------------------------------------------


def card_load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for data in WorkPapers(session).projects(first_ids(sheets)):
        yield Content(data.shown["code"], (data.id,), data.home, data.place_id, f"{data.shown['code']} {data.shown['name']}", data)


def card_needs(data: ProjectData) -> list[Problem]:
    """A card can be made of any project; only characters must be drawable."""
    s = data.shown
    texts = {"名称": s["name"], "建设内容": s["content"], "地点": data.place, "施工单位": s["contractor"], "管护责任人": s["keeper"], "存在问题": s["problems"]}
    return list(glyphs(f"项目 {s['code']}", texts))


def card_group(data: ProjectData, setting: Setting) -> Group:
    """Everything about one project on one sheet."""
    s = data.shown
    counts = ((data.villages, "村"), (data.groups, "组"), (data.households, "户"), (data.persons, "人"))
    people = "、".join(f"{number}{unit}" for number, unit in counts if number)
    people += f"（其中移民{data.migrants}人）" if data.migrants else ""
    facts = [("项目代码", s["code"]), ("计划年度", s["year"]), ("*项目名称", s["name"]), ("类型", s["category"]), ("规划项目", data.plan),
             ("建设地点", data.place), ("所属水库", s["reservoir"]), ("*建设内容", s["content"]), ("*受益范围", people),
             ("实施单位", s["unit"]), ("施工单位", s["contractor"]), ("设计单位", s["designer"]), ("监理单位", s["supervisor"]),
             ("招标方式", s["tender"]), ("合同编号", s["contract_no"])]  # fmt: skip
    cut = None if data.submitted is None or data.audited is None else data.submitted - data.audited
    sums = [("批复投资", _yuan(data.estimate)), ("资金合计", _yuan(data.total)), ("合同价", _yuan(data.contract)), ("变更", _yuan(data.change)),
            ("已支付", _yuan(data.paid)), ("支付率", percent(data.paid, data.total)), ("送审", _yuan(data.submitted)), ("审定", _yuan(data.audited)),
            ("审减", _yuan(cut))]  # fmt: skip
    flows: list[Flow] = [
        Title(CARD, size=16.0, after=4.0), Facts(facts, label=4.5, size=8.5, least=14.0),
        Heading("一、阶段", PART), _stages(data), Heading("二、资金来源", PART), _funds(data),
        Heading("三、投资和结算", PART), Facts(sums, across=3, label=4.5, size=8.5, least=14.0), Heading("四、支付", PART), _payments(data),
        Heading("五、移交管护和绩效", PART),
        Facts([("管护责任人", s["keeper"]), ("绩效", f"{s['score']} {s['grade']}".strip()), ("*存在问题", s["problems"])], label=5.0, size=8.5, least=14.0),
    ]  # fmt: skip
    return Group(flows, unregistered(CARD, office=data.office), label=s["code"])


def _stages(data: ProjectData) -> Table:
    """All stages, two beside each other, so that the card keeps to one sheet."""
    head = (Column("阶段", 4.6), Column("日期", 5.6, "center"), Column("文号、结论", 10))
    lines = []
    for stage in Stage:
        one = data.stage(stage)
        day = "" if one is None else "不适用" if one.skipped else one.done_on or (f"计划{one.planned_on}" if one.planned_on else "")
        lines.append((stage.label, day, "" if one is None else " ".join(part for part in (one.document, one.passed, one.reason) if part)))
    half = -(-len(lines) // 2)
    rows = [[*lines[n], *(lines[half + n] if half + n < len(lines) else ("", "", ""))] for n in range(half)]
    return Table((*head, *head), rows, size=8.0)


def _funds(data: ProjectData) -> Table:
    columns = [Column("资金类别", 8), Column("下达文号", 14), Column("年度", 4, "center"), Column("金额（元）", 8, "right", total=True, show=money)]
    return Table(columns, [[one.fund, one.document, one.year, one.amount] for one in data.funds], total="合计" if len(data.funds) > 1 else "", size=8.0,
                 empty="（还没有落实）")  # fmt: skip


def _payments(data: ProjectData) -> Table:
    columns = [Column("编号", 3, "center"), Column("日期", 6, "center"), Column("收款单位", 12), Column("资金", 6), Column("款项", 6), Column("凭证号", 5),
               Column("金额（元）", 7.5, "right", total=True, show=money)]  # fmt: skip
    rows: list[Row] = [[one.number, one.paid_on, one.payee, one.fund, one.purpose, one.voucher, one.amount] for one in data.payments]
    if len(rows) > PAYMENTS:
        early = data.payments[: len(rows) - PAYMENTS + 1]
        told = ["", f"{early[-1].paid_on}前", f"前 {len(early)} 笔合并", "", "", "", sum(one.amount for one in early)]
        rows = [told, *rows[len(early) :]]
    return Table(columns, rows, total="合计" if len(rows) > 1 else "", size=8.0, empty="（还没有支付）")


# --- 项目台账 ----------------------------------------------------------------------------------------------------------


def all_on_one(_session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """All chosen records on one sheet."""
    return [(LEDGER, tuple(dict.fromkeys(ids)))]


def ledger_load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for key, ids in sheets:
        data = WorkPapers(session).ledger(ids)
        if data is not None:
            yield Content(key or LEDGER, ids, data.home, "", f"{LEDGER}（{len(data.projects)} 个项目）", data)


def ledger_needs(data: LedgerData) -> list[Problem]:
    """Every character of every project must be drawable."""
    return [problem for one in data.projects for problem in card_needs(one)]


def ledger_group(data: LedgerData, setting: Setting) -> Group:
    """One row a project; a cell of two lines holds two columns of the ledger, so that all of them fit on A3."""
    funds = [fund.label for fund in Fund if any(line.fund == fund.label for one in data.projects for line in one.funds)]
    cash = unless_zero(money)
    columns = [
        Column("序号", 1.6, "center"), Column("项目代码\n名称", 7), Column("类型\n年度", 3.4, "center"), Column("规划项目\n所属水库", 4.6),
        Column("建设地点", 4.4), Column("建设内容", 7), Column("受益村/组/户", 3.6, "center"), Column("受益人\n其中移民", 3, "center"),
        Column("批复投资", 5.2, "right", total=True, show=cash, group="投资（元）"),
        *(Column(fund, 5, "right", total=True, show=cash, group="投资（元）") for fund in funds),
        Column("资金合计", 5.2, "right", total=True, show=cash, group="投资（元）"),
        Column("批复文号\n日期", 5), Column("下达文号\n日期", 5), Column("实施单位\n施工单位", 5.4), Column("设计\n监理", 4.4), Column("招标方式\n中标价", 5),
        Column("合同价\n变更", 5, "right"), Column("开工\n计划完工", 5, "center"), Column("完工\n形象进度", 5, "center"), Column("完成投资", 4.6, "right"),
        Column("已支付", 5, "right", total=True, show=cash), Column("支付率", 2.8, "right"), Column("验收\n结论", 5, "center"),
        Column("送审\n审定", 5, "right"), Column("审减\n决算", 5, "right"), Column("移交日期\n管护责任人", 5),
        Column("绩效\n所处阶段", 3.4, "center"), Column("存在问题", 4.4),
    ]  # fmt: skip
    rows: list[Row] = [_ledger_row(n, one, funds) for n, one in enumerate(data.projects, 1)]
    flows: list[Flow] = [Title(LEDGER, size=18.0, after=6.0), Table(columns, rows, total="合计", size=6.2)]
    return Group(flows, unregistered(LEDGER, unit="单位：元", office=data.office), label=LEDGER)


def _ledger_row(n: int, one: ProjectData, funds: Sequence[str]) -> list[str | int | None]:
    s = one.shown
    amounts = [sum(line.amount for line in one.funds if line.fund == fund) or None for fund in funds]
    cut = None if one.submitted is None or one.audited is None else one.submitted - one.audited
    papers = [_two(found.document, found.done_on or ("不适用" if found.skipped else "")) if (found := one.stage(stage)) else ""
              for stage in (Stage.APPROVED, Stage.PLANNED)]  # fmt: skip
    accepted = one.stage(Stage.ACCEPTED)
    reach = "/".join(str(number) if number else "—" for number in (one.villages, one.groups, one.households))
    return [
        str(n), _two(s["code"], s["name"]), _two(s["category"], s["year"]), _two(one.plan, s["reservoir"]), one.place, s["content"],
        reach if reach != "—/—/—" else "", _two(str(one.persons or ""), str(one.migrants or "")), one.estimate, *amounts, one.total or None, *papers,
        _two(s["unit"], s["contractor"]), _two(s["designer"], s["supervisor"]), _two(s["tender"], _money(one.bid)),
        _two(_money(one.contract), _money(one.change)), _two(one.day(Stage.STARTED), s["planned_finish"]),
        _two(one.day(Stage.FINISHED), f"{s['progress']}%" if s["progress"] else ""), _money(one.done), one.paid or None, percent(one.paid, one.total),
        _two(accepted.done_on, accepted.passed) if accepted else "", _two(_money(one.submitted), _money(one.audited)),
        _two(_money(cut), one.day(Stage.ACCOUNTED)), _two(one.day(Stage.HANDED), s["keeper"]), _two(s["score"], one.last), s["problems"],
    ]  # fmt: skip


# --- 验收意见表 --------------------------------------------------------------------------------------------------------


def acceptance_load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for data in WorkPapers(session).acceptances(first_ids(sheets)):
        yield Content(data.code, (data.id,), data.home, data.place_id, f"{data.code} {data.name}", data)


def acceptance_needs(data: AcceptanceData) -> list[Problem]:
    """What is accepted must be finished and have a content."""
    who = f"项目 {data.code}"
    found = list(lacking(who, {"完工日期": data.finished_on}, "请先登记“完工”阶段"))
    found += open_gaps(who, {"建设内容": data.content, "施工单位": data.contractor}, "请在项目里补填")
    return found + list(glyphs(who, {"名称": data.name, "建设内容": data.content, "施工单位": data.contractor}))


def acceptance_group(data: AcceptanceData, setting: Setting) -> Group:
    """The facts, room for the opinion, and lines for those who accept."""
    facts = [("项目代码", data.code), ("计划年度", data.year), ("*项目名称", data.name), ("类型", data.category), ("建设地点", data.place),
             ("*批复文号", data.approved), ("*建设内容", data.content), ("批复投资", _yuan(data.estimate)), ("资金合计", _yuan(data.total)),
             ("合同价款", _yuan(data.contract)), ("受益人口", f"{data.persons}人，其中移民{data.migrants}人" if data.persons else ""),
             ("实施单位", data.unit), ("施工单位", data.contractor), ("设计单位", data.designer), ("监理单位", data.supervisor),
             ("开工日期", _day(data.started_on)), ("完工日期", _day(data.finished_on)), ("*初验", data.pre_accepted)]  # fmt: skip
    rows: list[Row] = [["", "", "", "", ""] for _ in range(5)]
    columns = [Column("姓名", 6), Column("单位", 12), Column("职务、职称", 8), Column("是否同意", 6), Column("签字", 8)]
    people = Table(columns, rows, least=20.0, size=9.5)
    flows: list[Flow] = [
        Title(ACCEPTANCE, size=18.0, after=4.0), Facts(facts, label=4.5, size=9.5, least=18.0),
        Facts([("*完成情况", "\n\n"), ("*质量评价", "\n"), ("*资金使用", "\n"), ("*存在问题", "\n"), ("*验收结论", "　□ 合格　　□ 不合格，整改后复验")],
              label=4.5, size=9.5, least=20.0, before=4.0),
        Heading("验收组成员", PART), people,
        Signatures([Party("实施单位（盖章）", ("负责人",), date=_DATE), Party("验收组组长", ("签字",), date=_DATE), Party("移民代表", ("签字",), date=_DATE),
                    Party(f"{data.office or '搬迁安置办公室'}（盖章）", ("负责人",), date=_DATE)], size=9.5, before=4.0),
    ]  # fmt: skip
    return Group(flows, furniture(setting, ACCEPTANCE, office=data.office), label=data.code)


# --- 培训签到册 --------------------------------------------------------------------------------------------------------


def sign_in_load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    for data in WorkPapers(session).courses(first_ids(sheets)):
        yield Content(data.name, (data.id,), data.home, data.place_id, f"{data.name} {data.held_on}", data)


def sign_in_needs(data: CourseData) -> list[Problem]:
    """The roster may be empty: people write themselves in. Names must be drawable."""
    return [problem for one in data.trainees for problem in glyphs(f"学员{one.name}", {"姓名": one.name, "村组": one.place})]


def sign_in_group(data: CourseData, setting: Setting) -> Group:
    """The roster with room to sign, and empty lines for others."""
    columns = [Column("序号", 2.8, "center"), Column("姓名", 6), Column("身份证号", 10, "center"), Column("村组", 10), Column("到课次数", 3.2, "center"),
               Column("签字", 7), Column("联系电话", 7), Column("备注", 4)]  # fmt: skip
    rows: list[Row] = [[str(n), one.name, one.idcard, one.place, "", "", "", ""] for n, one in enumerate(data.trainees, 1)]
    first = len(rows) + 1
    rows += ["以下由名册外参训人员填写" if data.trainees else "由参训人员填写", *([str(n), *[""] * 7] for n in range(first, first + BLANKS))]
    day = _day(data.held_on) + (f"至{_day(data.ended_on)}" if data.ended_on else "")
    facts = [("班次", data.name), ("时间", day), ("工种", data.trade), ("地点", data.place), ("培训机构", data.organiser),
             ("学时", data.hours)]  # fmt: skip
    flows: list[Flow] = [
        Title(SIGN_IN, size=20.0), Facts(facts, across=3, label=4.5, after=4.0), Table(columns, rows, size=9.5, least=22.0),
        Notes([f"名册 {len(data.trainees)} 人；本人签字，多次到课的在“到课次数”里填次数，一人只填一行。"]),
        Signatures([Party("授课人", ("签字",), date=_DATE), Party("组织人", ("签字",), date=_DATE)], size=10.5, before=6.0),
    ]  # fmt: skip
    return Group(flows, furniture(setting, SIGN_IN, office=data.office), label=data.name)


FORMS: tuple[Form, ...] = (
    Form("project_card", CARD, "support_project", one_each, card_load, card_needs, card_group, signed=False, help="一个项目一张：阶段、资金、支付、结算、管护"),
    Form("project_ledger", LEDGER, "support_project", all_on_one, ledger_load, ledger_needs, ledger_group, paper=A3, signed=False,
         help="所选项目一张表（A3横放），台账要求的栏目都在，按资金类别分列"),
    Form("acceptance_opinion", ACCEPTANCE, "support_project", one_each, acceptance_load, acceptance_needs, acceptance_group,
         help="完工以后打印，验收组填写意见并签字"),
    Form("training_sign_in", SIGN_IN, "training", one_each, sign_in_load, sign_in_needs, sign_in_group, paper=Paper.form(lying=True),
         help="名册上的人各一行，另留空行给名册外的人"),
)  # fmt: skip

"""Support projects on their way: stages with date and paper, the contract, payments, acceptance, audit, hand-over, score.

Nothing is paid before approval and contract, or beyond contract and changes (政府投资条例 arts 20, 23); a stage is dated or
said not to apply, never read from a text.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.actions.action import WORKING, Arg, action, refuse_role
from relocdesk.actions.fund import shortage
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import DAY, FLAG, MONEY, QUANTITY
from relocdesk.queries.work_postings import WorkWalls
from relocdesk.queries.works import steps_of
from relocdesk.records import new_id
from relocdesk.records.fund import OUTSIDE, Fund
from relocdesk.records.reference import Role
from relocdesk.records.works import FundSource, Outcome, ProjectPayment, ProjectStage, Stage, SupportProject
from relocdesk.rules.money import show_yuan
from relocdesk.rules.works import early_share, out_of_order, payable

CHECKING = (Role.REVIEW, Role.HEAD)
RESULTS = (Stage.PREACCEPTED, Stage.ACCEPTED)  # stages that can fail


def living(project: SupportProject) -> SupportProject:
    """The project itself; raises UserError when it was deleted."""
    if project.deleted:
        raise UserError(f"后扶项目 {project.code} 已经删除", hint="请刷新后再办")
    return project


def refuse_future(clerk: Clerk, label: str, day: str) -> str:
    """The day, today when empty; raises UserError for one that has not come yet."""
    if day > clerk.on:
        raise UserError(f"{label} {day} 还没有到", hint="请核对日期")
    return day or clerk.on


# --- stages ----------------------------------------------------------------------------------------------------------


def stages_of(session: Session, project: str) -> dict[str, ProjectStage]:
    """The living stages of a project by code."""
    rows = session.scalars(select(ProjectStage).where(ProjectStage.project == project, ProjectStage.deleted == 0))
    return {row.stage: row for row in rows}


def _stage(session: Session, project: SupportProject, stage: str) -> ProjectStage:
    """The row of a stage, made when there is none."""
    found = stages_of(session, project.id).get(stage)
    if found is None:
        found = ProjectStage(id=new_id(), home=project.home, project=project.id, stage=stage, skipped=0)
        session.add(found)
    return found


def date_stage(session: Session, project: SupportProject, stage: Stage, day: str, document: str = "", *, passed: int | None = None) -> str:
    """Dates a stage; the sentence of what it does not fit, "" when all is in order."""
    row = _stage(session, project, stage.value)
    row.done_on, row.skipped = day, 0
    row.document = document.strip() or row.document
    if passed is not None:
        row.passed = passed
    session.flush()
    return _order_warning(session, project.id)


def _order_warning(session: Session, project: str) -> str:
    rows = stages_of(session, project)
    pairs = out_of_order(steps_of({"stage": one.stage, "done_on": one.done_on, "skipped": one.skipped} for one in rows.values()))
    return "；".join(f"“{Stage(late).label}”{rows[late].done_on} 早于“{Stage(early).label}”{rows[early].done_on}" for late, early in pairs)


def noting(sentence: str, *warnings: str) -> str:
    """A sentence with what should be looked at."""
    told = "；".join(one for one in warnings if one)
    return f"{sentence}；请注意：{told}" if told else sentence


@action(
    "record-stage", "登记阶段", "support_project",
    Arg("stage", "阶段", required=True, choices=Stage), Arg("done_on", "完成日期", DAY), Arg("document", "文号"),
    Arg("passed", "结论", choices=Outcome, help="只有初验和竣工验收要填"), Arg("planned_on", "计划日期", DAY), Arg("late_reason", "滞后原因"),
    Arg("skipped", "不适用", FLAG), Arg("reason", "不适用的理由"),
)  # fmt: skip
def record_stage(
    session: Session, clerk: Clerk, project: SupportProject, *, stage: str, done_on: str = "", document: str = "", passed: str = "",
    planned_on: str = "", late_reason: str = "", skipped: int = 0, reason: str = "",
) -> str:  # fmt: skip
    """Dates a stage, plans it, or says with the reason that it does not apply; what was written before stays unless replaced."""
    refuse_role(clerk, "登记阶段", WORKING)
    which = Stage(stage)
    _refuse_stage(clerk, which, done_on, skipped, reason, passed)
    if not (done_on or skipped or planned_on or late_reason or document):
        raise UserError(f"“{which.label}”没有填日期，也没有选不适用", hint="请填完成日期、计划日期，或选不适用并写理由")
    row = _stage(session, living(project), which.value)
    if skipped:
        row.skipped, row.done_on, row.passed, row.remark = 1, None, None, reason.strip()
    elif done_on:
        row.skipped, row.done_on = 0, done_on
    row.planned_on, row.late_reason = planned_on or row.planned_on, late_reason.strip() or row.late_reason
    row.document = document.strip() or row.document
    row.passed = int(passed) if passed else row.passed
    session.flush()
    said = "不适用" if skipped else done_on or (f"计划 {planned_on}" if planned_on else "已补登")
    return noting(f"{project.code} {which.label}：{said}", _order_warning(session, project.id))


def _refuse_stage(clerk: Clerk, which: Stage, done_on: str, skipped: int, reason: str, passed: str) -> None:
    refuse_future(clerk, f"“{which.label}”的完成日期", done_on)
    if skipped and done_on:
        raise UserError(f"“{which.label}”既填了完成日期，又选了不适用", hint="请去掉一个")
    if skipped and not reason.strip():
        raise UserError(f"“{which.label}”不适用没有写理由", hint="请写明理由，审计时要看")
    if passed and which not in RESULTS:
        raise UserError(f"“{which.label}”没有合格不合格", hint="只有初验和竣工验收要填结论")
    if which in RESULTS and done_on and not passed:
        raise UserError(f"“{which.label}”没有填是否合格", hint="请填结论：合格或不合格")


@action(
    "accept-project", "登记验收", "support_project",
    Arg("held_on", "验收日期", DAY, required=True), Arg("passed", "验收结论", required=True, choices=Outcome), Arg("document", "文号"),
    Arg("first", "是初验", FLAG, help="空着为竣工验收"), Arg("problems", "存在问题"), roles=CHECKING,
)  # fmt: skip
def accept(session: Session, clerk: Clerk, project: SupportProject, *, held_on: str, passed: str, document: str = "", first: int = 0,
           problems: str = "") -> str:  # fmt: skip
    """The result of 初验 or 竣工验收; refuses works that are not finished. A failed one leaves the stage open."""
    refuse_role(clerk, "登记验收", CHECKING)
    refuse_future(clerk, "验收日期", held_on)
    finished = stages_of(session, living(project).id).get(Stage.FINISHED.value)
    if finished is None or not (finished.done_on or finished.skipped):
        raise UserError(f"{project.code} 还没有完工日期，不能验收", hint="请先登记“完工”阶段")
    if finished.done_on and held_on < finished.done_on:
        raise UserError(f"验收日期 {held_on} 早于完工日期 {finished.done_on}", hint="请核对日期")
    stage = Stage.PREACCEPTED if first else Stage.ACCEPTED
    project.problems = problems.strip() or project.problems
    warning = date_stage(session, project, stage, held_on, document, passed=int(passed))
    return noting(f"{project.code} {stage.label}{Outcome(passed).label}（{held_on}）", warning)


# --- contract --------------------------------------------------------------------------------------------------------


@action(
    "contract-project", "登记合同", "support_project",
    Arg("signed_on", "签订日期", DAY, required=True), Arg("contractor", "施工单位", required=True), Arg("amount", "合同价", MONEY, required=True),
    Arg("number", "合同编号"), Arg("tender", "招标方式", words="tender_mode"), Arg("bid", "中标价", MONEY),
)  # fmt: skip
def contract(session: Session, clerk: Clerk, project: SupportProject, *, signed_on: str, contractor: str, amount: int, number: str = "",
             tender: str = "", bid: int = 0) -> str:  # fmt: skip
    """The contract with its day. Warns of one beyond the approved investment (J02) and of works over the limit without tender (J04)."""
    refuse_role(clerk, "登记合同", WORKING)
    refuse_future(clerk, "签订日期", signed_on)
    if amount <= 0:
        raise UserError("合同价应大于 0", hint="请核对金额")
    if project.contract_amount and paid_sum(session, living(project).id) > amount:
        raise UserError(f"{project.code} 已支付 {show_yuan(paid_sum(session, project.id))} 元，合同价不能改成 {show_yuan(amount)} 元", hint="请核对金额")
    project.contractor, project.contract_amount = contractor.strip(), amount
    project.contract_no, project.tender, project.bid_amount = number.strip() or project.contract_no, tender or project.tender, bid or project.bid_amount
    warning = date_stage(session, project, Stage.CONTRACTED, signed_on, number)
    return noting(f"{project.code} 合同价 {show_yuan(amount)} 元，{project.contractor}", warning, *_contract_warnings(session, project, signed_on))


def _contract_warnings(session: Session, project: SupportProject, on: str) -> list[str]:
    found = []
    amount, estimate = project.contract_amount or 0, project.estimate
    if estimate is not None and amount > estimate:
        found.append(f"合同价超过批复投资 {show_yuan(amount - estimate)} 元")
    tendered = stages_of(session, project.id).get(Stage.TENDERED.value)
    limit = int(settings.policy(session, "works.tender_limit", on, project.place) or 0)
    if limit and amount >= limit and (tendered is None or tendered.skipped or not tendered.done_on):
        found.append(f"合同价达到必须招标的限额 {show_yuan(limit)} 元，没有招投标日期")
    return found


@action(
    "change-contract", "登记合同变更", "support_project",
    Arg("amount", "增减金额", MONEY, required=True, help="减少填负数"), Arg("document", "批准文号", required=True), Arg("reason", "变更原因"),
)  # fmt: skip
def change_contract(session: Session, clerk: Clerk, project: SupportProject, *, amount: int, document: str, reason: str = "") -> str:
    """Adds to (or takes off) the changes of a contract; never below what has been paid."""
    refuse_role(clerk, "登记合同变更", WORKING)
    if not living(project).contract_amount:
        raise UserError(f"{project.code} 还没有登记合同", hint="请先登记合同")
    whole = (project.contract_amount or 0) + (project.change_amount or 0) + amount
    paid = paid_sum(session, project.id)
    if whole < paid:
        raise UserError(f"变更后合同价款 {show_yuan(whole)} 元，少于已支付 {show_yuan(paid)} 元", hint="请核对金额")
    project.change_amount = (project.change_amount or 0) + amount
    session.flush()
    said = f"{project.code} 合同变更 {show_yuan(amount)} 元（{document}{'，' + reason if reason else ''}），合同价款共 {show_yuan(whole)} 元"
    beyond = whole - project.estimate if project.estimate is not None else 0
    return noting(said, f"超过批复投资 {show_yuan(beyond)} 元，要报原审批机关" if beyond > 0 else "")


# --- payments --------------------------------------------------------------------------------------------------------


def paid_sum(session: Session, project: str, fund: str = "") -> int:
    """分 paid for a project, of one fund when given."""
    query = select(func.sum(ProjectPayment.amount)).where(ProjectPayment.project == project, ProjectPayment.deleted == 0)
    return int(session.scalar(query.where(ProjectPayment.fund == fund) if fund else query) or 0)


def funds_of(session: Session, project: str) -> dict[str, int]:
    """分 of each fund that a project has."""
    query = select(FundSource.fund, func.sum(FundSource.amount)).where(FundSource.project == project, FundSource.deleted == 0)
    return {fund: int(amount) for fund, amount in session.execute(query.group_by(FundSource.fund))}


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be paid for a project, in 分: by contract (or audit), and of the fund."""

    most: int
    paid: int
    fund_most: int
    fund_paid: int

    @property
    def left(self) -> int:
        """What is left of both."""
        return min(self.most - self.paid, self.fund_most - self.fund_paid)


def room(session: Session, project: SupportProject, fund: str) -> Room:
    """How much may still be paid for a project out of a fund."""
    funds = funds_of(session, project.id)
    most = payable(project.contract_amount or 0, project.change_amount or 0, project.audited_amount, sum(funds.values()))
    return Room(most, paid_sum(session, project.id), funds.get(fund, 0), paid_sum(session, project.id, fund))


@action(
    "pay-project", "登记项目支付", "support_project",
    Arg("amount", "金额", MONEY, required=True), Arg("paid_on", "支付日期", DAY, help="空着为今天"),
    Arg("fund", "资金类别", choices=Fund, help="项目只有一种资金时可以空着"), Arg("payee", "收款单位", help="空着为施工单位"),
    Arg("purpose", "款项", help="如：预付款、进度款、质保金"), Arg("voucher", "凭证号"),
)  # fmt: skip
def pay(session: Session, clerk: Clerk, project: SupportProject, *, amount: int, paid_on: str = "", fund: str = "", payee: str = "", purpose: str = "",
        voucher: str = "") -> str:  # fmt: skip
    """One payment. Refuses before approval or contract (J03), while the project hangs on the wall or an objection is open (J12),
    beyond contract and changes or the audited sum (J01), beyond the project's own fund; warns of too much before acceptance (J10),
    of a fund that is short (refuses when fund.block says so) and of what never hung (refuses when posting.required says so).
    """
    refuse_role(clerk, "登记项目支付", WORKING)
    day = refuse_future(clerk, "支付日期", paid_on)
    if amount <= 0:
        raise UserError("支付金额应大于 0", hint="退回的款请改原来的支付，并写明凭证号")
    _refuse_early(session, living(project), day)
    walls = WorkWalls(session, clerk.on)
    waits = walls.waits(project, day)
    if waits:
        raise UserError(waits, hint="请等公示期满、异议办结以后再付", code="J12")
    now = walls.waits(project, clerk.on)
    backdated = f"{now}；支付日期 {day} 写在这以前，请核对凭证" if now else ""
    unposted, refused = walls.unposted(project, day)
    if refused:
        raise UserError(f"{unposted}，不能支付", hint="请先在“公示”里张榜（公示内容选“项目”），期满再付；设置可以改成只提醒", code="J12")
    fund = _fund_for(session, project, fund)
    space = room(session, project, fund)
    _refuse_beyond(project, fund, space, amount)
    to = payee.strip() or project.contractor or ""
    if not to:
        raise UserError("没有收款单位", hint="请填收款单位，或先登记合同")
    short = "" if fund in OUTSIDE else shortage(session, fund, clerk.on, amount, project.home, "这一笔")
    session.add(ProjectPayment(id=new_id(), home=project.home, project=project.id, number=_next_number(session, project.id), paid_on=day,
                               amount=amount, payee=to, fund=fund, purpose=purpose.strip() or None, voucher=voucher.strip() or None))  # fmt: skip
    session.flush()
    paid = space.paid + amount
    said = f"{project.code} 支付 {show_yuan(amount)} 元，累计 {show_yuan(paid)} 元，还可付 {show_yuan(space.left - amount)} 元"
    return noting(said, _early_warning(session, project, paid, space.most), short, unposted, backdated)


def _refuse_early(session: Session, project: SupportProject, day: str) -> None:
    """Approval and contract come first; each may be said not to apply."""
    rows = stages_of(session, project.id)
    for stage, cure in ((Stage.APPROVED, "请先登记“审批”阶段和文号"), (Stage.CONTRACTED, "请先登记合同；不签合同的，把“合同”登记为不适用并写理由")):
        row = rows.get(stage.value)
        if row is None or not (row.done_on or row.skipped):
            raise UserError(f"{project.code} 还没有“{stage.label}”日期，不能支付", hint=cure)
        if row.done_on and row.done_on > day:
            raise UserError(f"支付日期 {day} 早于“{stage.label}”日期 {row.done_on}", hint="请核对日期")


def _fund_for(session: Session, project: SupportProject, fund: str) -> str:
    funds = funds_of(session, project.id)
    if not funds:
        raise UserError(f"{project.code} 没有登记资金来源", hint="请先登记资金来源和金额")
    if fund:
        if fund not in funds:
            have = "、".join(Fund(one).label for one in funds)
            raise UserError(f"{project.code} 的资金来源里没有“{Fund(fund).label}”", hint=f"可用：{have}")
        return fund
    if len(funds) > 1:
        raise UserError(f"{project.code} 有 {len(funds)} 种资金，没有说用哪一种", hint="请选资金类别：" + "、".join(Fund(one).label for one in funds))
    return next(iter(funds))


def _refuse_beyond(project: SupportProject, fund: str, space: Room, amount: int) -> None:
    if space.paid + amount > space.most:
        base = "审定金额" if project.audited_amount is not None else "合同价款（含变更）" if project.contract_amount else "资金合计"
        raise UserError(f"{project.code} {base} {show_yuan(space.most)} 元，已付 {show_yuan(space.paid)} 元，不能再付 {show_yuan(amount)} 元",
                        hint="请改小金额，或先登记合同变更")  # fmt: skip
    if space.fund_paid + amount > space.fund_most:
        raise UserError(f"{project.code} 的“{Fund(fund).label}”共 {show_yuan(space.fund_most)} 元，已付 {show_yuan(space.fund_paid)} 元，"
                        f"不能再付 {show_yuan(amount)} 元", hint="请改小金额，或换一种资金")  # fmt: skip


def _early_warning(session: Session, project: SupportProject, paid: int, whole: int) -> str:
    accepted = stages_of(session, project.id).get(Stage.ACCEPTED.value)
    if accepted is not None and (accepted.skipped or (accepted.done_on and accepted.passed != 0)):
        return ""
    percent = settings.number(session, "works.early_percent", project.home)
    return f"还没有竣工验收，已付超过 {percent}%" if early_share(paid, whole, percent) else ""


def _next_number(session: Session, project: str) -> str:
    numbers = session.scalars(select(ProjectPayment.number).where(ProjectPayment.project == project))
    return str(max((int(number) for number in numbers if number.isdecimal()), default=0) + 1)


# --- after the works -------------------------------------------------------------------------------------------------


@action(
    "audit-project", "登记结算审计", "support_project",
    Arg("audited_on", "审计日期", DAY, required=True), Arg("submitted", "送审金额", MONEY, required=True),
    Arg("audited", "审定金额", MONEY, required=True), Arg("document", "审计报告文号"), roles=CHECKING,
)  # fmt: skip
def audit(session: Session, clerk: Clerk, project: SupportProject, *, audited_on: str, submitted: int, audited: int, document: str = "") -> str:
    """送审, 审定 and what was cut (J09: never audited beyond submitted); tells what was paid too much."""
    refuse_role(clerk, "登记结算审计", CHECKING)
    refuse_future(clerk, "审计日期", audited_on)
    if submitted <= 0 or audited < 0:
        raise UserError("送审金额应大于 0，审定金额不能是负数", hint="请核对两个金额")
    if audited > submitted:
        raise UserError(f"审定金额 {show_yuan(audited)} 元大于送审金额 {show_yuan(submitted)} 元", hint="请核对两个金额")
    living(project).submitted_amount, project.audited_amount = submitted, audited
    warning = date_stage(session, project, Stage.AUDITED, audited_on, document)
    paid = paid_sum(session, project.id)
    over = f"已付 {show_yuan(paid)} 元，比审定多 {show_yuan(paid - audited)} 元，请追回" if paid > audited else ""
    beyond = f"审定金额超过批复投资 {show_yuan(audited - project.estimate)} 元" if project.estimate is not None and audited > project.estimate else ""
    said = f"{project.code} 送审 {show_yuan(submitted)} 元，审定 {show_yuan(audited)} 元，审减 {show_yuan(submitted - audited)} 元"
    return noting(said, warning, over, beyond)


@action(
    "hand-project", "移交管护", "support_project",
    Arg("handed_on", "移交日期", DAY, required=True), Arg("keeper", "管护责任人", required=True), Arg("document", "移交文号"),
)  # fmt: skip
def hand_over(session: Session, clerk: Clerk, project: SupportProject, *, handed_on: str, keeper: str, document: str = "") -> str:
    """The works go to whoever keeps them; refuses before they passed acceptance."""
    refuse_role(clerk, "移交管护", WORKING)
    refuse_future(clerk, "移交日期", handed_on)
    accepted = stages_of(session, living(project).id).get(Stage.ACCEPTED.value)
    if accepted is None or not (accepted.skipped or (accepted.done_on and accepted.passed != 0)):
        raise UserError(f"{project.code} 还没有验收合格，不能移交", hint="请先登记竣工验收")
    project.keeper = keeper.strip()
    warning = date_stage(session, project, Stage.HANDED, handed_on, document)
    return noting(f"{project.code} 已移交{project.keeper}管护（{handed_on}）", warning)


@action(
    "score-project", "登记绩效评价", "support_project",
    Arg("scored_on", "评价日期", DAY, required=True), Arg("score", "绩效得分", QUANTITY, required=True), Arg("grade", "绩效等次"), Arg("document", "文号"),
)  # fmt: skip
def score(session: Session, clerk: Clerk, project: SupportProject, *, scored_on: str, score: int, grade: str = "", document: str = "") -> str:
    """The score (0 to 100, 10⁻⁶ points) and grade of the evaluation (中央水库移民扶持基金绩效管理暂行办法)."""
    refuse_role(clerk, "登记绩效评价", WORKING)
    refuse_future(clerk, "评价日期", scored_on)
    if not 0 <= score <= 100_000_000:
        raise UserError(f"绩效得分 {QUANTITY.show(score)} 不在 0 到 100 之间", hint="请核对得分")
    living(project).score, project.grade = score, grade.strip() or project.grade
    warning = date_stage(session, project, Stage.SCORED, scored_on, document)
    return noting(f"{project.code} 绩效得分 {QUANTITY.show(score)}{' ' + grade if grade else ''}", warning)

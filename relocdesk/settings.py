"""Every setting and dated policy subject once: what it means, its default, and how to read it.

A Setting is undated and kept in the county's home; a township may override it. A PolicyRow is dated law and money: a rule
takes the row valid on its date, never a constant.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import COUNT, DAY, FLAG, MONEY, NOTE, TEXT, Choice, Field, Kind, Value
from relocdesk.records import home_id, reference_id
from relocdesk.records.reference import Office, Place, PolicyRow, Role, Setting
from relocdesk.records.trail import LOCAL_STATE


class PriceDate(Choice):
    FREEZE = "freeze", "停建通告日期"
    SURVEY = "survey", "调查日期"


class Strictness(Choice):
    WARN = "warn", "提醒"
    BLOCK = "block", "不准办"


class StopRule(Choice):
    """From when payment stops after a change; the codes are those of rules.support.stop_month."""

    CYCLE = "next_cycle", "下一期起", "下期起", "下一周期", "下一周期起", "下期", "次期起"
    MONTH = "next_month", "次月起", "下月起", "次月", "下月", "下个月起"
    SAME = "same_month", "当月起", "本月起", "当月", "本月"


class Cycle(Choice):
    """How often the subsidy is paid; the code is the number of months."""

    MONTH = "1", "月", "按月", "每月"
    QUARTER = "3", "季", "按季", "每季", "季度"
    HALF = "6", "半年", "按半年", "每半年"
    YEAR = "12", "年", "按年", "每年"


class AfterEnd(Choice):
    """What becomes of people whose years are over: nothing more, or paid on with a warning (an extension being expected)."""

    BLOCK = "block", "停发", "不再发放", "不准办", "不发"
    WARN = "warn", "提醒后照发", "照发", "提醒", "延续", "继续发放"
class ReplyRate(Choice):
    NOTICE = "notice", "按书面告知"
    FINAL = "final", "按最终答复"


class FinishRate(Choice):
    DUE = "due", "按期限届满"
    ACCEPTED = "accepted", "按本期受理"


class CountBy(Choice):
    RECEIVED = "received", "登记日期"
    CLOSED = "closed", "办结日期"


class HeldBy(Choice):
    """What the balance is measured against."""

    ALL = "all", "累计下达"
    YEAR = "year", "当年下达"


@dataclass(frozen=True, slots=True)
class Spec:
    """One setting: its key, how it is called and read, its default as typed text, and the group it is shown in."""

    key: str
    label: str
    group: str
    default: str = ""
    kind: Kind = TEXT
    choices: type[Choice] | None = None
    help: str = ""

    @property
    def field(self) -> Field:
        """The setting as a field, so that editors and readers serve both."""
        return Field(self.label, self.key, self.kind, choices=self.choices, help=self.help)


SETTINGS: tuple[Spec, ...] = (
    Spec("office.mark", "机关代字", "单位", "搬安", help="协议编号和文号开头的字"),
    Spec("office.party_a", "协议甲方", "单位", "", help="空着用本单位名称"),
    Spec("office.small", "人少的办公室允许同人经办两岗", "单位", "否", FLAG, help="制表、复核、审批应由三人分别办理；放开后要写明原因"),
    Spec("agreement.pattern", "协议编号样式", "协议", "{office}〔{year}〕{kind}{letter}{serial:04d}",
         help="可用 {office} 机关代字、{year} 年、{kind} 类别、{letter} 电脑代号、{serial:04d} 流水号"),
    Spec("agreement.copies", "协议份数", "协议", "4", COUNT),
    Spec("agreement.proxy_limit", "一人代签多少户以上提醒", "协议", "3", COUNT),
    Spec("price.date", "按哪一天的标准计价", "协议", "停建通告日期", choices=PriceDate, help="没有停建通告的按调查日期"),
    Spec("price.pay_by_printed", "按签字表上打印的亩数（两位小数）计价", "协议", "是", FLAG),
    Spec("batch.pattern", "兑付批次编号样式", "兑付", "DF{year}-{letter}{serial:03d}"),
    Spec("payment.name_mismatch", "户名与收款人不一致", "兑付", "提醒", choices=Strictness),
    Spec("subsidy.cash", "直补允许现金发放（签字领取）", "兑付", "否", FLAG, help="没有银行账号的人，放开后由本人签字领取"),
    Spec("subsidy.back_pay_periods", "直补补发超过几期提醒", "兑付", "4", COUNT, help="一次补发超过这么多期的标准时提醒核对，不是不准办"),
    Spec("subsidy.remark", "直补代发附言", "兑付", "移民直补"),
    Spec("fund.block", "资金余额不足", "兑付", "提醒", choices=Strictness),
    Spec("fund.held_by", "结存比例按什么算", "资金", "累计下达", choices=HeldBy, help="结存 ÷ 累计下达，或结存 ÷ 当年下达（可能超过 100%）"),
    Spec("works.early_percent", "验收前支付到合同价百分之几以上提醒", "后扶项目", "80", COUNT),
    Spec("works.months", "完工、验收后几个月没有办下一步算滞后", "后扶项目", "6", COUNT),
    Spec("bank.remark", "代发附言", "兑付", "移民补偿"),
    Spec("posting.days", "公示天数下限", "公示", "7", COUNT, help="实物各榜和项目"),
    Spec("posting.days_plan", "补偿方案公示天数下限", "公示", "30", COUNT, help="土地管理法实施条例第二十八条：不少于三十日"),
    Spec("posting.days_people", "直补、核减名单公示天数下限", "公示", "7", COUNT),
    Spec("posting.working_days", "公示天数按工作日算", "公示", "否", FLAG, help="放假和调休在“节假日”里"),
    Spec("posting.required", "没有张榜公示过的付款", "公示", "提醒", choices=Strictness, help="实物没有张过榜的补偿协议，没有公示过的后扶项目"),
    Spec("posting.contact", "公示受理电话", "公示", ""),
    Spec("rectify.plan_days", "整改方案报送期限（天）", "整改", "30", COUNT, help="自反馈之日起"),
    Spec("rectify.months", "集中整改期（月）", "整改", "3", COUNT, help="自反馈之日起；县级巡察一般三个月，中央和省级六个月"),
    Spec("rectify.look_back_months", "销号后几个月回头看", "整改", "6", COUNT),
    Spec("rectify.near_words", "“基本完成”的标准", "整改", "措施已经落实，成效或制度还要再看一段时间", NOTE),
    Spec("calendar.roll_over", "期限最后一天逢放假顺延", "信访", "是", FLAG, help="民法典第二百零三条；放假安排在“节假日”台账里"),
    Spec("petition.collective", "集体访从几人算起", "信访", "5", COUNT),
    Spec("petition.other_days", "建议意见、咨询、检举控告受理后几天办结", "信访", "", COUNT,
         help="条例第三十四条的六十日只管申诉求决；空着没有期限，本单位另有规定的填天数"),
    Spec("petition.redo_days", "复查、复核变更或撤销后几天重新办理", "信访", "60", COUNT,
         help="条例没有规定，先照六十日算；当地办法或复查复核意见另有规定的照改，空着没有期限"),
    Spec("petition.reply_rate", "信访回复率怎样算", "信访", "按书面告知", choices=ReplyRate),
    Spec("petition.finish_rate", "办结率怎样算", "信访", "按期限届满", choices=FinishRate),
    Spec("petition.count_by", "信访件数按哪一天归年", "信访", "登记日期", choices=CountBy),
    Spec("petition.pattern", "信访件编号样式", "信访", "XF{year}-{letter}{serial:03d}"),
    Spec("petition.letter.pattern", "信访文书文号样式", "信访", "{office}信{kind}〔{year}〕{letter}{serial}号", help="{kind} 为告、不、延、意、转"),
    Spec("dispute.pattern", "矛盾纠纷编号样式", "信访", "JF{year}-{letter}{serial:03d}"),
    Spec("platform.works", "工程建设模块的栏目", "平台",
         "工程项目：工程名称、类型、片区、项目法人、启动日期、总投资、移民安置概算、设计永久征地、设计临时用地、阶段",
         NOTE, help="一行一个台账：台账名称，冒号，再按平台网页的顺序写栏目，用“、”隔开"),
    Spec("platform.land", "征地安置模块的栏目", "平台", "补偿补助协议：协议编号、乙方（户）、乙方（集体）、协议类别、签订日期、协议金额", NOTE),
    Spec("platform.people", "人口模块的栏目", "平台", "核定名册：名册编号、所属水库、核定日期、文号、核定基准人数、在册登记", NOTE),
    Spec("platform.projects", "项目模块的栏目", "平台", "后扶项目：项目代码、项目名称、计划年度、类型、建设地点、资金合计、已支付、所处阶段、阶段日期", NOTE),
    Spec("platform.funds", "资金模块的栏目", "平台", "资金下达：文号、资金来源、资金类别、资金年度、下达日期、金额", NOTE),
    Spec("capital.zheng_after_jiao", "大写金额到角时加“整”", "单据", "否", FLAG),
    Spec("paper.footer", "单据页脚", "单据", "", help="空着用本单位名称"),
    Spec("clauses.agreement.permanent", "永久征地协议条款", "条款", "", NOTE),
    Spec("clauses.agreement.temporary", "临时用地协议条款", "条款", "", NOTE),
    Spec("clauses.agreement.personal", "房屋附属和林木协议条款", "条款", "", NOTE),
    Spec("clauses.posting", "公示说明", "条款", "", NOTE),
    Spec("clauses.posting_people", "直补和核减公示说明", "条款", "", NOTE),
    Spec("clauses.recovery", "追缴依据", "条款", "", NOTE, help="追缴通知书里“依据……”的内容；空着用通用的写法"),
    Spec("recovery.pay_to", "追缴款缴到", "单据", "", help="追缴通知书上的收款户名、开户行和账号；空着打印成空白线"),
    Spec("clauses.petition.accept", "信访受理告知书正文", "条款", "", NOTE),
    Spec("clauses.petition.refuse", "信访不予受理告知书正文", "条款", "", NOTE),
    Spec("clauses.petition.extend", "信访延期告知书正文", "条款", "", NOTE),
    Spec("clauses.petition.remedy", "信访处理意见书复查权利告知", "条款", "", NOTE),
    Spec("clauses.petition.transfer", "信访转送函正文", "条款", "", NOTE),
    Spec("clauses.pledge", "家庭助廉承诺内容", "条款", "", NOTE, help="一行一条，空着用通用的十条"),
    Spec("theme", "界面", "界面", "浅色"),
)  # fmt: skip
_SPECS = {spec.key: spec for spec in SETTINGS}


@dataclass(frozen=True, slots=True)
class Subject:
    """A dated policy subject: how its value is read, and what holds when no row says otherwise ("" = must be entered)."""

    key: str
    label: str
    kind: Kind
    default: str
    source: str
    choices: type[Choice] | None = None

    @property
    def field(self) -> Field:
        """The value as a field, so that editors and readers serve both."""
        return Field(self.label, self.key, self.kind, choices=self.choices)


POLICIES: tuple[Subject, ...] = (
    Subject("temporary.years", "临时用地最长年限", COUNT, "4", "土地管理法实施条例第二十条：水利等基础设施不超过四年"),
    Subject("subsidy.standard", "后扶直补标准（元/人·年）", MONEY, "600", "国发〔2006〕17号"),
    Subject("subsidy.cohort_end", "现状人口扶持截止日", DAY, "2026-06-30", "国发〔2006〕17号；延续的，另加一行写新的截止日"),
    Subject("subsidy.years", "原迁人口扶持年限", COUNT, "20", "国发〔2006〕17号：从各人搬迁完成之月起算"),
    Subject("subsidy.after_end", "扶持期满后", TEXT, "停发", "国发〔2006〕17号；上级明确延续前要照发的，另加一行写“提醒后照发”", AfterEnd),
    Subject("subsidy.stop_rule", "核减从何时停发", TEXT, "下一期起", "云搬发〔2022〕174号：在下一周期内停止发放", StopRule),
    Subject("subsidy.cycle", "直补发放周期", TEXT, "季", "云南按季发放；也有按月、半年、年的", Cycle),
    Subject("subsidy.certify_age", "满多少岁每年生存认证", COUNT, "90", "各地动态管理办法"),
    Subject("subsidy.certify_months", "生存认证几个月内有效", COUNT, "12", "各地动态管理办法"),
    Subject("subsidy.recover_days", "多发款多少天内追回", COUNT, "90", "各地动态管理办法（三个月）"),
    Subject("works.tender_limit", "工程必须招标的限额（元）", MONEY, "4000000", "必须招标的工程项目规定（发改委令16号）：施工单项合同 400 万元以上"),
)
_SUBJECTS = {subject.key: subject for subject in POLICIES}


def spec(key: str) -> Spec:
    """The setting of a key; raises UserError for an unknown one."""
    found = _SPECS.get(key) or next((one for one in SETTINGS if one.label == key), None)
    if found is None:
        raise UserError(f"没有“{key}”这个设置", hint="可用：" + "、".join(one.key for one in SETTINGS))
    return found


def get(session: Session, key: str, home: str = "") -> Value:
    """A setting's value: the township's own, else the county's, else the default; typed by the setting's kind.

    Without a home it is this book's own.
    """
    one = spec(key)
    rows = session.execute(select(Setting.home, Setting.value).where(Setting.key == one.key, Setting.deleted == 0)).all()
    wishes: dict[str, str | None] = {row.home: row.value for row in rows}
    text = None
    if wishes:
        here = str(session.execute(select(LOCAL_STATE.c.value).where(LOCAL_STATE.c.key == "place_code")).scalar_one())
        text = wishes.get(home or home_id(here), wishes.get(home_id(here[:6])))
    return one.field.read(text if text is not None else one.default)


def text(session: Session, key: str, home: str = "") -> str:
    """A setting as text; "" when it is empty."""
    value = get(session, key, home)
    return "" if value is None else str(value)


def flag(session: Session, key: str, home: str = "") -> bool:
    """A setting that is yes or no."""
    return bool(get(session, key, home))


def number(session: Session, key: str, home: str = "") -> int:
    """A setting that is a whole number; 0 when it is empty."""
    return int(get(session, key, home) or 0)


def put(session: Session, clerk: Clerk, key: str, typed: str, home: str) -> None:
    """Sets a setting in a home (the county's, or a township's own); refuses what its kind cannot read."""
    if clerk.role not in (Role.ADMIN, Role.HEAD):
        raise UserError(f"{clerk.name}不能改设置", hint="请由系统管理或负责人办理", code="ROLE")
    one = spec(key)
    _refuse_useless(one, one.field.read(typed))
    row_id = reference_id(home, "setting", one.key)
    row = session.get(Setting, row_id)
    if row is None:
        session.add(Setting(id=row_id, home=home, key=one.key, value=typed))
    else:
        row.value, row.deleted = typed, 0


def _refuse_useless(one: Spec, value: Value) -> None:
    """Raises UserError for a value with which nobody could work: no copies, a number pattern without a serial."""
    if one.kind is COUNT and isinstance(value, int) and value < 1:
        raise UserError(f"“{one.label}”至少是 1", hint="请填大于 0 的整数")
    if not one.key.endswith(".pattern") or value is None:
        return
    parts = ("office", "year", "kind", "letter") if "{kind}" in one.default else ("office", "year", "letter")
    known = "、".join(f"{{{part}}}" for part in (*parts, "serial"))
    if "{serial" not in str(value):
        raise UserError(f"“{one.label}”里没有流水号 {{serial}}", hint=f"可用 {known}")
    try:
        str(value).format(serial=1, **dict.fromkeys(parts, "甲"))
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise UserError(f"“{one.label}”写错了：{value}", hint=f"可用 {known}") from error


@dataclass(frozen=True, slots=True)
class Policies:
    """All policy rows of a book, read once: for rules that ask for thousands of people and days."""

    rows: dict[str, list[tuple[str, str, str, str]]]  # subject → (scope, valid from, valid to, value), newest first

    def value(self, subject: str, on: str, *scopes: str | None) -> Value:
        """What holds for a subject on a day: the latest row valid then for one of the scopes (in order), else for 全部, else the default."""
        one = _SUBJECTS[subject]
        valid = [row for row in self.rows.get(one.key, ()) if row[1] <= on <= row[2]]
        for scope in (*scopes, ALL):
            for row in valid:
                if row[0] == scope:
                    return one.field.read(row[3])
        return one.field.read(one.default)


ALL = "全部"  # the scope of a policy row that holds for everybody


def policies(session: Session) -> Policies:
    """The policy rows of the book, whether they name their subject by its key or by its label."""
    keys = {word: one.key for one in POLICIES for word in (one.key, one.label)}
    rows = select(PolicyRow.subject, PolicyRow.scope, PolicyRow.valid_from, PolicyRow.valid_to, PolicyRow.value)
    rows = rows.where(PolicyRow.deleted == 0, PolicyRow.subject.in_(keys)).order_by(PolicyRow.valid_from.desc())
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for row in session.execute(rows):
        found.setdefault(keys[row.subject], []).append((row.scope, row.valid_from, row.valid_to or "9999-12-31", row.value))
    return Policies(found)


def policy(session: Session, subject: str, on: str, scope: str = ALL) -> Value:
    """What holds for a policy subject on a day: the latest row valid then for the scope, else for 全部, else the default."""
    return policies(session).value(subject, on, scope)


def subject(word: str) -> Subject | None:
    """The policy subject of a key or label, or None."""
    return next((one for one in POLICIES if word in (one.key, one.label)), None)


def this_office(session: Session, home: str) -> Office | None:
    """The office whose home this is: the row that stands for "this office" in a book."""
    rows = session.execute(select(Office, Place.code).join(Place, Office.place == Place.id).where(Office.deleted == 0))
    return next((office for office, code in rows if home_id(code) == home), None)

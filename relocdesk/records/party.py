"""Party and integrity records (党建廉政), task lists, good works, and what was typed into the province's platform."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import (
    COUNT,
    FLAG,
    Choice,
    Code,
    Count,
    Day,
    Deadline,
    Fen,
    Field,
    Flag,
    Note,
    Number,
    Phone,
    Quantity,
    Ref,
    Tags,
    Text,
    Word,
    Year,
    field,
)
from relocdesk.records.record import Moment, Record

PARTY_ROLES = ("party", "head")


class MeetingTag(Choice):
    """The first four are 三会一课 (支部工作条例 arts 11–15)."""

    MEMBERS = "party_meeting", "党员大会", "支部党员大会", "支部大会", "支部党员会"
    COMMITTEE = "party_committee", "支委会", "支部委员会", "支部委员会会议", "支委会会议", "支委扩大会"
    GROUP = "party_group", "党小组会", "党小组会议"
    LECTURE = "party_lecture", "党课", "上党课", "讲党课", "专题党课", "支部党课", "书记讲党课"
    THEME_DAY = "theme_day", "主题党日", "主题党日活动", "支部主题党日", "党日活动"
    REPORTING = "reporting", "双报到", "双报到双服务双报告", "双报到活动"
    DEMOCRATIC = "democratic", "民主生活会", "专题民主生活会"
    ORGANISATION = "organisation", "组织生活会", "专题组织生活会"
    STUDY = "study", "中心组学习", "理论学习中心组", "理论学习中心组学习", "理论中心组学习", "中心组", "中心组学习会"
    FIRST_TOPIC = "first_topic", "第一议题", "第一议题学习"
    STRICT = "strict", "专题研究从严治党", "专题研究全面从严治党"
    ECOLOGY = "ecology", "政治生态研判", "政治生态分析研判", "政治生态分析研判会"
    IDEOLOGY = "ideology", "意识形态研判", "意识形态分析研判", "意识形态工作研判", "意识形态分析研判会"
    WARNING = "warning", "警示教育", "案例通报", "警示教育片", "廉政警示教育", "警示教育会", "警示教育大会"
    VOLUNTEER = "volunteer", "志愿服务", "志愿服务活动"
    PUBLICITY = "publicity", "政策宣传", "政策宣讲", "宣传活动"
    SYSTEM = "system", "系统培训", "业务培训"
    OTHER = "other", "其他"


class TalkKind(Choice):
    POST = "post", "任前", "任前谈话", "任前廉政谈话"
    HOLIDAY = "holiday", "节前", "节前谈话", "节前提醒", "节前廉政提醒", "节前提醒谈话"
    DAILY = "daily", "日常", "日常谈话", "提醒谈话", "廉政提醒谈话", "日常提醒", "日常廉政谈话"


class ServiceList(Choice):
    PEOPLE = "people", "我为群众办实事", "办实事"
    REPORTING = "reporting", "双报到"
    CARE = "care", "包保"
    UNITY = "unity", "民族团结"
    OTHER = "other", "其他"


class PlatformModule(Choice):
    """一网三平台: what a county had to enter."""

    WORKS = "works", "工程建设"
    LAND = "land", "征地安置"
    PEOPLE = "people", "人口"
    PROJECTS = "projects", "项目"
    FUNDS = "funds", "资金"


class Meeting(Record):
    """会议活动。"""

    __tablename__ = "meeting"
    __keys__ = (("held_on", "topic"),)
    __title__ = ("held_on", "topic")
    __home__ = ("office",)
    __group__ = "事项"

    held_on: Mapped[Day] = field("日期", also=("时间", "会议日期", "活动日期", "召开日期"))
    tags: Mapped[Tags] = field("类型", choices=MeetingTag, width=18,
                               also=("会议类型", "活动类型", "类别", "会议活动类型", "会议（活动）类型", "会议类别", "活动类别", "会议名称"),
                               help="一次会可以有几种，用“、”隔开")  # fmt: skip
    topic: Mapped[Text] = field("议题", width=30,
                                also=("主题", "会议议题", "内容", "学习内容", "会议主题", "活动主题", "会议内容", "主要内容", "会议主题及主要内容",
                                      "主题及内容", "学习主题"))  # fmt: skip
    group: Mapped[Word | None] = field("学习组", words="study_group", width=14, grid=False, also=("中心组",))
    inspection: Mapped[Ref | None] = field("检查批次", to="inspection", grid=False, help="巡察整改专题民主生活会等，写明针对哪一批")
    site: Mapped[Text | None] = field("地点", width=14, also=("会议地点", "活动地点", "学习地点"))
    host: Mapped[Text | None] = field("主持人", width=9, also=("主持", "会议主持人", "召集人"))
    speaker: Mapped[Text | None] = field("主讲人", grid=False)
    recorder: Mapped[Text | None] = field("记录人", grid=False, also=("记录",))
    expected: Mapped[Count | None] = field("应到", unit="人", width=6, also=("应到人数", "应参加人数", "参会人数应到"))
    present: Mapped[Count | None] = field("实到", unit="人", width=6, computed="=?", also=("实到人数", "参加人数", "参会人数", "实际参加人数", "参会人数实到"))
    counted: ClassVar[Field] = Field("签到人数", kind=COUNT, unit="人", computed="=", width=8, grid=False, help="“参加人员”里到会的人数")
    leading: ClassVar[Field] = Field("班子成员到会", kind=COUNT, unit="人", computed="=", width=10, grid=False)
    leader_present: Mapped[Flag] = field("主要领导参加", default=0, width=9)
    decision: Mapped[Note | None] = field("决议", grid=False, also=("讨论决定", "会议决定"))
    minutes: Mapped[Note | None] = field("会议记录", grid=False, also=("纪要",))


class Attendance(Record):
    """参加人员。"""

    __tablename__ = "attendance"
    __keys__ = (("meeting", "name"),)
    __title__ = ("name",)
    __home__ = ("meeting",)
    __group__ = "事项"

    meeting: Mapped[Ref] = field("会议活动", to="meeting", part_of=True, width=22)
    name: Mapped[Text] = field("姓名", width=10)
    post: Mapped[Text | None] = field("职务", width=14)
    leading: Mapped[Flag] = field("班子成员", default=0, width=8)
    present: Mapped[Flag] = field("到会", default=1, width=6, also=("参加", "签到"))
    absent_reason: Mapped[Text | None] = field("缺席原因", width=14, also=("请假原因",))


class Talk(Record):
    """廉政谈话。"""

    __tablename__ = "talk"
    __keys__ = (("line",),)
    __title__ = ("line", "persons")
    __home__ = ("office",)
    __group__ = "事项"
    __seen_by__ = PARTY_ROLES

    line: Mapped[Number | None] = field("流水号", computed="=f")
    held_on: Mapped[Day] = field("谈话日期", also=("日期", "时间"))
    kind: Mapped[Code] = field("类别", choices=TalkKind, width=8, also=("谈话类型", "谈话类别"))
    by: Mapped[Text] = field("谈话人", width=9)
    persons: Mapped[Text] = field("谈话对象", width=24, also=("对象", "被谈话人", "被谈话对象", "谈话人员"), help="几个人用“、”隔开")
    count: Mapped[Count] = field("人次", unit="人次", computed="=?", width=7)
    site: Mapped[Text | None] = field("地点", grid=False)
    content: Mapped[Note | None] = field("内容要点", width=28, also=("谈话内容",))
    signed: Mapped[Flag] = field("已签字", default=0, width=7)


class HomeVisit(Record):
    """廉政家访。"""

    __tablename__ = "home_visit"
    __keys__ = (("number",),)
    __title__ = ("number", "cadre")
    __home__ = ("office",)
    __group__ = "事项"
    __seen_by__ = PARTY_ROLES

    number: Mapped[Number | None] = field("编号", computed="=?", width=12, help="空着由程序编号")
    visited_on: Mapped[Day] = field("家访日期", also=("家访时间", "日期", "走访日期"))
    cadre: Mapped[Text] = field("受访干部", width=9, also=("干部姓名", "姓名", "家访对象", "被家访干部", "被访干部", "受访对象"))
    post: Mapped[Text | None] = field("职务", width=12)
    section: Mapped[Text | None] = field("股室", width=10)
    address: Mapped[Text | None] = field("家庭住址", grid=False, private=True, also=("住址", "地点"))
    visitors: Mapped[Text] = field("家访人", width=18, also=("家访人员", "走访人员", "家访干部", "参加家访人员"), help="至少两人，用“、”隔开")
    home_state: Mapped[Note | None] = field("家庭基本情况", section="情况", grid=False, also=("家访情况", "家庭情况"))
    cadre_conduct: Mapped[Note | None] = field("干部八小时外表现", section="情况", grid=False)
    difficulties: Mapped[Note | None] = field("困难与诉求", section="情况", grid=False)
    opinions: Mapped[Note | None] = field("意见建议", section="情况", grid=False, also=("家属意见建议", "意见和建议", "家属意见"))
    reminders: Mapped[Note | None] = field("廉政提醒", section="情况", grid=False)
    trouble: Mapped[Note | None] = field("苗头问题及处理", section="情况", grid=False)
    follow_up: Mapped[Note | None] = field("跟踪回访", section="情况", grid=False)
    follow_on: Mapped[Day | None] = field("回访日期", section="情况", grid=False)
    signed: Mapped[Flag] = field("已签字", default=0, width=7, also=("是否签字", "签字"))


class VisitFamily(Record):
    """受访家属。"""

    __tablename__ = "visit_family"
    __keys__ = (("visit", "name"),)
    __title__ = ("name",)
    __home__ = ("visit",)
    __group__ = "事项"
    __seen_by__ = PARTY_ROLES

    visit: Mapped[Ref] = field("廉政家访", to="home_visit", part_of=True, width=14)
    name: Mapped[Text] = field("姓名", width=10, also=("家属姓名",))
    relation: Mapped[Word] = field("与干部关系", words="relation", width=10, also=("关系",))
    work: Mapped[Text | None] = field("工作单位", width=20)
    phone: Mapped[Phone | None] = field("联系电话", private=True, width=13, also=("电话",))


class Pledge(Record):
    """家庭助廉承诺书。"""

    __tablename__ = "pledge"
    __keys__ = (("number",),)
    __title__ = ("number", "cadre")
    __home__ = ("office",)
    __group__ = "事项"
    __seen_by__ = PARTY_ROLES

    number: Mapped[Number | None] = field("编号", computed="=?", width=12, help="空着由程序编号")
    cadre: Mapped[Text] = field("干部姓名", width=9, also=("干部",))
    relative: Mapped[Text] = field("承诺人（家属）", width=10, also=("承诺人", "家属姓名"))
    relation: Mapped[Word] = field("与干部关系", words="relation", width=10, also=("关系",))
    visit: Mapped[Ref | None] = field("廉政家访", to="home_visit", grid=False)
    signed_on: Mapped[Day | None] = field("签订日期", also=("承诺日期", "签字日期"))
    copies: Mapped[Count] = field("份数", default=2, width=6)


class ServiceItem(Record):
    """实事清单。"""

    __tablename__ = "service_item"
    __keys__ = (("year", "list", "item"),)
    __title__ = ("year", "item")
    __home__ = ("office",)
    __group__ = "事项"

    year: Mapped[Year] = field("年度", width=6)
    list: Mapped[Code] = field("清单", choices=ServiceList, width=14, also=("清单名称",))
    item: Mapped[Text] = field("事项", width=30, also=("任务", "服务事项", "实事内容"))
    owner: Mapped[Text | None] = field("责任人", width=9)
    site: Mapped[Text | None] = field("地点", width=16, also=("服务对象", "社区"))
    planned: Mapped[Flag] = field("列入计划", default=1, width=8, grid=False)
    due_on: Mapped[Deadline | None] = field("计划完成", also=("完成时限",))
    done: Mapped[Flag] = field("已完成", default=0, width=7, also=("完成情况",))
    done_on: Mapped[Day | None] = field("完成日期")
    beneficiaries: Mapped[Count | None] = field("受益人数", unit="人", width=9)
    amount: Mapped[Fen | None] = field("资金", unit="元", width=12, also=("划拨资金",))


class Task(Record):
    """任务清单。"""

    __tablename__ = "task"
    __keys__ = (("list", "item"),)
    __title__ = ("list", "item")
    __home__ = ("office",)
    __group__ = "事项"

    list: Mapped[Text] = field("清单", width=20, also=("清单名称", "方案"))
    item: Mapped[Text] = field("任务", width=34, also=("事项", "工作任务", "工作要点"))
    owner: Mapped[Text | None] = field("责任人", width=9, also=("责任领导",))
    section: Mapped[Text | None] = field("责任股室", width=10)
    due_on: Mapped[Deadline | None] = field("完成时限", also=("时限",))
    done_on: Mapped[Day | None] = field("完成日期")
    evidence: Mapped[Note | None] = field("佐证材料", width=20, grid=False)


class WorkStep(Record):
    """任务进展。"""

    __tablename__ = "work_step"
    __keys__ = (("task", "done_on"),)
    __title__ = ("task", "done_on")
    __home__ = ("task",)
    __group__ = "事项"

    task: Mapped[Ref] = field("任务清单", to="task", part_of=True, width=24)
    done_on: Mapped[Day] = field("日期")
    progress: Mapped[Note] = field("进展", width=34)
    by: Mapped[Text | None] = field("办理人", width=9)


class Advert(Record):
    """公益广告。"""

    __tablename__ = "advert"
    __keys__ = (("line",),)
    __title__ = ("line", "site")
    __home__ = ("office",)
    __group__ = "事项"

    line: Mapped[Number | None] = field("流水号", computed="=f")
    held_on: Mapped[Day] = field("更新日期", also=("日期",))
    site: Mapped[Text] = field("地点", width=20)
    content: Mapped[Text | None] = field("内容", width=26, also=("主题",))
    count: Mapped[Count] = field("条数", unit="条", default=1, width=6)


class PlatformEntry(Record):
    """平台录入。"""

    __tablename__ = "platform_entry"
    __keys__ = (("module", "data_year", "item"),)
    __title__ = ("module", "item")
    __home__ = ("office",)
    __group__ = "事项"

    module: Mapped[Code] = field("模块", choices=PlatformModule, width=10)
    data_year: Mapped[Year] = field("数据年度", width=8, also=("年度",))
    item: Mapped[Text] = field("录入事项", width=26, also=("事项", "记录"))
    register: Mapped[Text | None] = field("台账", computed="=f", grid=False)
    record: Mapped[Text | None] = field("关联记录", computed="=f", grid=False)
    person: Mapped[Text | None] = field("录入人", width=9)
    started_on: Mapped[Day | None] = field("开始日期")
    done_on: Mapped[Day | None] = field("完成日期", also=("录入日期",))
    done_at: Mapped[Moment | None] = field("录入时刻", computed="=f", grid=False)
    needs_update: ClassVar[Field] = Field("需更正", kind=FLAG, computed="=", width=7)
    hours: Mapped[Quantity | None] = field("用时", unit="天", grid=False)

"""Petitions and disputes (信访、矛盾纠纷): what people asked for, by which clock it runs, and what came of it.

Due days follow from the dates (信访工作条例 2022) and are never typed. Denunciations (检举控告) are seen by few roles only.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.orm import Mapped

from relocdesk.field import (
    COUNT,
    DAY,
    FLAG,
    TEXT,
    Choice,
    Code,
    Count,
    Day,
    Deadline,
    Fen,
    Field,
    Flag,
    IdCard,
    Name,
    Note,
    Number,
    Phone,
    PlaceRef,
    Ref,
    Text,
    Word,
    field,
)
from relocdesk.records.record import Record
from relocdesk.veil import SEEING


class Channel(Choice):
    LETTER = "letter", "来信", "信件", "群众来信", "来函"
    VISIT = "visit", "来访", "走访", "上访", "群众来访", "接访", "个人访", "集体访", "领导接访"
    NET = "net", "网上", "网上信访", "网信", "网络", "网上投诉", "领导信箱", "书记信箱", "领导留言板", "人民网留言", "网络留言"
    PHONE = "phone", "电话", "来电", "12345", "12345热线", "12345政务服务热线", "政务热线", "热线", "热线电话"
    ASSIGNED = "assigned", "上级交办", "交办", "领导交办", "县级交办", "上级督办"
    TRANSFERRED = "transferred", "部门转办", "转办", "转送件", "部门转送", "上级转办"
    FOUND = "found", "排查发现", "下访", "排查", "干部下访", "走访发现"
    REOPENED = "reopened", "复查复核发回", "发回重办", "复查发回", "复核发回"


class Purpose(Choice):
    CLAIM = "claim", "申诉求决", "求决", "申诉", "求助", "投诉", "诉求", "投诉请求", "申诉求决类"
    ADVICE = "advice", "建议意见", "意见建议", "建议", "意见", "意见建议类"
    REPORT = "report", "检举控告", "检举", "控告", "举报", "检举控告类", "检举揭发", "揭发控告"
    QUESTION = "question", "咨询", "政策咨询", "咨询类"


class Bypass(Choice):
    NONE = "none", "无", "否"
    CITY = "city", "到市"
    PROVINCE = "province", "赴省"
    BEIJING = "beijing", "进京"


class Jurisdiction(Choice):
    """信访工作条例 arts 22, 23, 31."""

    ACCEPT = "accept", "受理", "已受理", "予以受理", "是"
    REFUSE = "refuse", "不予受理", "不受理"
    TRANSFER = "transfer", "转送", "已转送", "转办"
    ASSIGN = "assign", "交办", "已交办"
    GUIDE = "guide", "引导", "依法引导"


class Opinion(Choice):
    """信访工作条例 art. 32; mediated cases art. 33."""

    SUPPORT = "support", "支持", "予以支持", "诉求合理"
    EXPLAIN = "explain", "解释说明", "解释", "解释疏导", "政策解释", "已解释说明"
    REJECT = "reject", "不支持", "不予支持"
    MEDIATE = "mediate", "调解", "和解", "调解和解", "达成调解", "达成和解"


class Satisfaction(Choice):
    GOOD = "good", "满意", "非常满意", "很满意"
    FAIR = "fair", "基本满意", "较满意"
    BAD = "bad", "不满意"
    NONE = "none", "未评价", "未评", "未参评", "未回访", "未测评"


class Delivery(Choice):
    SIGNED = "signed", "本人签收", "直接送达", "当面送达", "当面签收", "直接"
    PROXY = "proxy", "代收", "成年家属代收", "家属代收", "家属签收"
    LEFT = "left", "留置送达", "留置"
    POST = "post", "邮寄", "挂号邮寄", "邮寄送达", "EMS", "挂号信"
    NET = "net", "网上答复", "网上送达"


class ReviewLevel(Choice):
    REVIEW = "review", "复查"
    RECHECK = "recheck", "复核"


class ReviewResult(Choice):
    UPHELD = "upheld", "维持"
    CHANGED = "changed", "变更或撤销", "变更", "撤销"
    REFUSED = "refused", "不予受理"


class Risk(Choice):
    RED = "red", "红", "红色", "红色预警", "高", "高风险", "重大"
    ORANGE = "orange", "橙", "橙色", "橙色预警", "中", "中风险", "较大"
    YELLOW = "yellow", "黄", "黄色", "黄色预警", "低", "低风险", "一般"


class DisputeResult(Choice):
    SETTLED = "settled", "化解", "已化解", "化解成功", "调解成功", "已调解", "办结", "已办结"
    HELD = "held", "稳控", "已稳控", "稳控中", "持续稳控"
    MOVED = "moved", "移交", "已移交", "转交"
    OPEN = "open", "未化解", "正在化解", "化解中", "待化解", "尚未化解", "调处中", "正在调处", "正在调解", "正在办理", "办理中", "未办结"


class Petition(Record):
    """信访件。"""

    __tablename__ = "petition"
    __counted__ = True
    __keys__ = (("number",),)
    __title__ = ("number", "petitioner")
    __home__ = ("place", "office")
    __group__ = "事项"
    __kept__ = True
    __secret__ = ("purpose", "report", SEEING)

    number: Mapped[Number | None] = field("编号", width=14, computed="=?",
                                          also=("信访编号", "件号", "信访件编号", "登记编号", "工单编号", "工单号"), help="空着由程序编号")  # fmt: skip
    received_on: Mapped[Day] = field("登记日期",
                                     also=("收到日期", "来信来访日期", "受信日期", "来访日期", "来信日期", "来电日期", "收件日期", "来访(来信)日期",
                                                "来信(来访)日期", "来访(信)日期", "来信(访)日期", "信访日期", "接访日期", "日期"))  # fmt: skip
    channel: Mapped[Code] = field("渠道", choices=Channel, width=9, also=("来源渠道", "来源", "信访形式", "信访渠道", "来访形式", "信访方式", "信访来源"))
    source: Mapped[Text | None] = field("来件单位和文号", grid=False, width=22,
                                        also=("转办单位", "来件单位", "交办单位", "来文单位", "来件文号", "来源"))  # fmt: skip
    purpose: Mapped[Code] = field("目的", choices=Purpose, width=9, also=("信访目的", "诉求类型", "信访类型"))
    petitioner: Mapped[Name] = field("信访人", width=10,
                                     also=("姓名", "信访人姓名", "来访人", "来访人姓名", "来信人", "来电人", "反映人", "投诉人", "代表人姓名"))  # fmt: skip
    idcard: Mapped[IdCard | None] = field("身份证号", width=20, private=True, grid=False, also=("身份证", "身份证号码", "公民身份号码"))
    phone: Mapped[Phone | None] = field("联系电话", private=True, grid=False, width=13, also=("电话", "联系方式", "来电号码", "手机号"))
    place: Mapped[PlaceRef | None] = field("村组", to="place", width=18, also=("住址", "地址", "家庭住址", "家庭地址", "所属区域"))
    address: Mapped[Text | None] = field("详细住址", grid=False)
    unreachable: Mapped[Flag] = field("姓名住址不清", default=0, grid=False, width=9, help="姓名、住址不清，无法书面告知的（条例第二十三条）")
    persons: Mapped[Count] = field("人数", unit="人", default=1, width=6, also=("来访人数", "信访人数", "涉及人数"))
    representative: Mapped[Text | None] = field("代表", grid=False, help="多人来访推选代表，不超过五人（条例第二十条）")
    collective: ClassVar[Field] = Field("集体访", kind=FLAG, computed="=", width=7)
    repeat_of: Mapped[Ref | None] = field("重复件的首件", to="petition", grid=False, also=("重复件",))
    bypass: Mapped[Code] = field("越级", choices=Bypass, default="none", width=6, grid=False, also=("越级访",))
    category: Mapped[Word] = field("类别", words="petition_category", width=10, also=("诉求类别", "问题类别", "问题类型", "事项类别"))
    project: Mapped[Ref | None] = field("工程", to="project", grid=False)
    summary: Mapped[Note] = field("诉求摘要", width=30,
                                  also=("诉求", "主要诉求", "反映问题", "信访事项", "反映的主要问题", "主要问题", "诉求内容", "信访内容", "反映内容",
                                        "反映事项", "来访事由", "内容摘要", "简要内容", "主要内容", "反映的主要内容", "反映主要问题", "反映的问题",
                                        "问题摘要", "信访诉求", "信访事由", "主要事由", "简要情况", "来信内容", "来访内容"))  # fmt: skip
    amount: Mapped[Fen | None] = field("涉及金额", unit="元", grid=False)
    jurisdiction: Mapped[Code | None] = field("管辖", section="受理", choices=Jurisdiction, width=9, also=("受理情况", "是否受理", "受理"))
    judged_on: Mapped[Day | None] = field("审查日期", section="受理", grid=False)
    judged_reason: Mapped[Text | None] = field("理由或去向", section="受理", grid=False, help="不予受理的理由，转送、交办的去向")
    transfer_no: Mapped[Number | None] = field("转送函号", section="受理", grid=False)
    notice_due: ClassVar[Field] = Field("告知期限", kind=DAY, section="受理", computed="=")
    noticed_on: Mapped[Day | None] = field("告知日期", section="受理", also=("书面告知日期", "受理告知日期", "告知书送达日期"))
    notice_no: Mapped[Number | None] = field("告知书号", section="受理", grid=False)
    accepted_on: Mapped[Day | None] = field("受理日期", section="受理")
    returned_on: Mapped[Day | None] = field("退回转送日期", section="受理", grid=False, help="不属本单位管辖的转送件，五个工作日内提出异议")
    due_on: ClassVar[Field] = Field("办理期限", kind=DAY, section="办理", computed="=", also=("应办结日期",))
    extension_days: Mapped[Count | None] = field("延期天数", section="办理", together="extension", grid=False)
    extension_approver: Mapped[Text | None] = field("延期批准人", section="办理", together="extension", grid=False)
    extension_reason: Mapped[Text | None] = field("延期理由", section="办理", together="extension", grid=False)
    extension_no: Mapped[Number | None] = field("延期告知书号", section="办理", together="extension", grid=False)
    extension_told_on: Mapped[Day | None] = field("延期告知日期", section="办理", together="extension", grid=False)
    first_handler: Mapped[Text | None] = field("首办人", section="办理", width=8)
    leader: Mapped[Text | None] = field("包案领导", section="办理", width=8)
    handler: Mapped[Text | None] = field("经办人", section="办理", width=8, grid=False, also=("承办人", "接待人", "接访人", "责任人"))
    avoid: Mapped[Text | None] = field("应当回避的人", section="办理", grid=False, help="与信访事项或信访人有利害关系的人（条例第二十八条），几个人用顿号隔开")
    opinion: Mapped[Code | None] = field("处理结论", section="办结", choices=Opinion, together="opinion", width=9,
                                         also=("处理意见", "结论", "办理结论", "答复意见"))  # fmt: skip
    opinion_no: Mapped[Number | None] = field("意见书号", section="办结", together="opinion", grid=False)
    opinion_text: Mapped[Note | None] = field("处理意见内容", section="办结", together="opinion", grid=False, also=("办理结果", "处理结果"))
    basis: Mapped[Note | None] = field("法律政策依据", section="办结", together="opinion", grid=False)
    remedy_told: Mapped[Flag] = field("已写明复查途径", section="办结", default=0, together="opinion", grid=False, help="意见书要写明三十日内可以申请复查")
    closed_on: Mapped[Day | None] = field("办结日期", section="办结", together="opinion", also=("办理完成日期", "答复日期"))
    delivered_on: Mapped[Day | None] = field("送达日期", section="办结", together="delivery", grid=False)
    delivery: Mapped[Code | None] = field("送达方式", section="办结", choices=Delivery, together="delivery", grid=False)
    receiver: Mapped[Text | None] = field("签收人", section="办结", together="delivery", grid=False)
    proof: Mapped[Text | None] = field("送达凭证", section="办结", together="delivery", grid=False, help="留置的见证人，邮寄的挂号号码，网上答复的编号")
    joined_to: Mapped[Ref | None] = field("并入的件", section="办结", to="petition", grid=False, also=("并案",))
    withdrawn_on: Mapped[Day | None] = field("撤回日期", section="办结", grid=False)
    settled_on: Mapped[Day | None] = field("息诉日期", section="办结", grid=False, also=("化解日期", "息诉罢访日期"))
    satisfaction: Mapped[Code | None] = field("满意度", section="办结", choices=Satisfaction, width=9, also=("回访结果", "回访满意度", "是否满意", "满意情况"))
    visited_on: Mapped[Day | None] = field("回访日期", section="办结", grid=False)
    archive_no: Mapped[Number | None] = field("归档号", section="办结", grid=False)
    next_due: ClassVar[Field] = Field("最近期限", kind=DAY, section="办结", computed="=")
    days_left: ClassVar[Field] = Field("剩余天数", kind=COUNT, section="办结", computed="=", width=9)
    state: ClassVar[Field] = Field("状态", kind=TEXT, section="办结", computed="=", width=10)


class PetitionStep(Record):
    """办理过程。"""

    __tablename__ = "petition_step"
    __keys__ = (("petition", "line"),)
    __title__ = ("petition", "done_on")
    __home__ = ("petition",)
    __group__ = "事项"

    petition: Mapped[Ref] = field("信访件", to="petition", part_of=True, width=14, also=("编号", "信访编号"))
    line: Mapped[Number | None] = field("流水号", computed="=f", grid=False)
    done_on: Mapped[Day] = field("日期", also=("办理日期",))
    progress: Mapped[Note] = field("办理情况", width=40, also=("进展", "办理过程", "办理经过", "办理进展", "处理过程", "处理情况"))
    by: Mapped[Text | None] = field("办理人", width=8)


class PetitionReview(Record):
    """复查复核。"""

    __tablename__ = "petition_review"
    __keys__ = (("petition", "level"),)
    __title__ = ("petition", "level")
    __home__ = ("petition",)
    __group__ = "事项"

    petition: Mapped[Ref] = field("信访件", to="petition", part_of=True, width=14, also=("编号", "信访编号"))
    level: Mapped[Code] = field("级别", choices=ReviewLevel, width=6)
    asked_on: Mapped[Day] = field("申请日期")
    organ: Mapped[Text | None] = field("复查复核机关", width=18)
    hearing_days: Mapped[Count | None] = field("听证天数", grid=False, help="复核听证所用时间不算在三十日内（条例第三十六条）")
    due_on: ClassVar[Field] = Field("期限", kind=DAY, computed="=")
    done_on: Mapped[Day | None] = field("意见日期", together="opinion")
    told_on: Mapped[Day | None] = field("意见送达日期", grid=False, help="申请复核的三十日从收到复查意见起算（条例第三十六条）")
    result: Mapped[Code | None] = field("结论", choices=ReviewResult, together="opinion", width=8)
    opinion_no: Mapped[Number | None] = field("意见书号", together="opinion")


class Patrol(Record):
    """矛盾纠纷排查。"""

    __tablename__ = "patrol"
    __keys__ = (("held_on", "place"),)
    __title__ = ("held_on", "place")
    __home__ = ("place",)
    __group__ = "事项"

    held_on: Mapped[Day] = field("排查日期", also=("日期",))
    place: Mapped[PlaceRef] = field("地点", to="place", width=18, also=("村组", "排查地点", "排查范围", "排查村组", "排查区域"))
    leader: Mapped[Text | None] = field("带队", width=8, also=("带队领导", "带队人", "排查负责人"))
    people: Mapped[Text | None] = field("参加人员", width=20, also=("参加人", "排查人员", "排查人"))
    households_visited: Mapped[Count | None] = field("走访户数", unit="户", width=9, also=("户数", "走访情况户数"))
    people_visited: Mapped[Count | None] = field("走访人数", unit="人", width=9, grid=False, also=("人数", "走访情况人数"))
    found: Mapped[Count] = field("发现问题", unit="个", default=0, width=9,
                                 also=("发现问题数", "排查问题数", "排查出矛盾纠纷数", "发现矛盾纠纷数", "排查纠纷数", "矛盾纠纷数"),
                                 help="没有发现的也登记一条（零报告）")  # fmt: skip


class Dispute(Record):
    """矛盾纠纷。"""

    __tablename__ = "dispute"
    __keys__ = (("number",),)
    __title__ = ("number", "parties")
    __home__ = ("place", "patrol", "office")
    __group__ = "事项"

    number: Mapped[Number | None] = field("编号", width=12, computed="=?", help="空着由程序编号")
    found_on: Mapped[Day] = field("排查日期", also=("发现日期", "登记日期", "日期"))
    patrol: Mapped[Ref | None] = field("排查行动", to="patrol", grid=False)
    source: Mapped[Text | None] = field("来源", grid=False, also=("排查来源", "线索来源"))
    parties: Mapped[Text] = field("当事人", width=18, also=("当事人双方", "双方当事人", "当事人姓名", "纠纷双方"))
    phone: Mapped[Phone | None] = field("联系电话", private=True, grid=False)
    place: Mapped[PlaceRef | None] = field("地点", to="place", width=18, also=("村组", "涉及村组", "纠纷地点", "发生地点"))
    type: Mapped[Word] = field("类型", words="dispute_type", width=10, also=("纠纷类型", "类别", "矛盾纠纷类型", "纠纷类别", "矛盾类型"))
    persons: Mapped[Count | None] = field("涉及人数", unit="人", grid=False)
    amount: Mapped[Fen | None] = field("涉及金额", unit="元", grid=False)
    summary: Mapped[Note | None] = field("简要情况", width=30, also=("情况", "主要情况", "矛盾纠纷简要情况", "纠纷简要情况", "纠纷情况", "基本情况"))
    risk: Mapped[Code] = field("风险等级", choices=Risk, width=8, also=("风险", "预警等级", "风险级别"))
    unit: Mapped[Text | None] = field("责任单位", grid=False, width=16)
    owner: Mapped[Text | None] = field("包保领导", width=8, also=("包案领导",))
    person: Mapped[Text | None] = field("专人", width=8, also=("责任人", "稳控责任人", "化解责任人"))
    due_on: Mapped[Deadline | None] = field("化解时限", also=("时限", "限办日期", "办理时限"))
    days_left: ClassVar[Field] = Field("剩余天数", kind=COUNT, computed="=", width=9)
    measures: Mapped[Note | None] = field("化解措施", width=26, grid=False)
    progress: Mapped[Note | None] = field("进展", width=24, grid=False)
    settled_on: Mapped[Day | None] = field("化解日期")
    result: Mapped[Code] = field("结果", choices=DisputeResult, default="open", width=8, also=("化解结果", "处理结果", "化解情况", "化解状态"))
    turned: ClassVar[Field] = Field("是否转信访", kind=FLAG, computed="=", grid=False, also=("转信访",))
    petition: Mapped[Ref | None] = field("转为信访件", to="petition", computed="=f", grid=False)
    visited_on: Mapped[Day | None] = field("回访日期", grid=False)

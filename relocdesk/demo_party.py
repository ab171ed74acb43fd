"""Rectification, party and integrity work of the demo: an inspection with its problems at every step, a year of meetings and visits.

Everything goes through the entry engine and the actions that clerks use. Nobody here exists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from relocdesk.actions.rectification import finish_measure, look_back, remind, set_state, sign_off
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import Cell
from relocdesk.records.rectification import Inspection, Measure, RectificationItem
from relocdesk.rules.days import add_days

Enter = Callable[[str, Clerk, str, Sequence[str], Sequence[Sequence[Cell]]], list[str]]
PATROL, IDEOLOGY = "县委第八轮巡察", "县委第八轮巡察意识形态专项检查"
LEADERS, SECTIONS = ("孙明", "钱建军"), ("后扶股", "规划安置股", "办公室")
ASPECTS = (
    ("落实党中央决策部署和上级要求方面", ("直补资金发放不及时", "移民户“一户一档”资料不完整", "后扶项目前期工作滞后", "实物调查公示资料归档不及时")),
    ("资金管理使用方面", ("专户利息没有及时入账", "项目结算审计超过六个月没有办结", "培训费支出凭证附件不齐")),
    ("全面从严治党方面", ("支委会会议记录不规范", "谈心谈话走过场", "廉政风险点排查不细", "节前廉政提醒覆盖不全")),
    ("干部队伍和作风方面", ("业务培训少", "深入村组调研不够", "信访回访没有记录")),
)
MEASURES = ("1.召开专题会议研究，明确责任人；2.逐项核对台账，限期补齐；3.每月调度一次", "（1）修订制度；（2）开展自查自纠", "建立登记台账，按月核对")
MEETINGS = (  # month, day, tags, topic, group, expected, present, leader
    (1, 12, "党员大会、党课、主题党日", "学习全会精神", "", 23, 21, "是"), (1, 20, "支委会", "研究全年党建计划", "", 5, 5, "是"),
    (2, 8, "民主生活会", "年度民主生活会", "", 7, 7, "是"), (2, 16, "组织生活会", "组织生活会和民主评议党员", "", 23, 22, "是"),
    (3, 10, "支委会、第一议题", "研究发展党员", "", 5, 5, "否"), (3, 22, "主题党日、志愿服务", "植树护林", "", 23, 19, "否"),
    (4, 18, "中心组学习", "学习移民安置条例", "第三联合中心组", 7, 7, "是"), (4, 25, "党小组会", "学习讨论", "", 8, 8, "否"),
    (5, 14, "警示教育", "典型案例通报会", "", 30, 28, "是"), (6, 12, "专题研究从严治党、政治生态研判", "上半年从严治党专题研究", "", 7, 7, "是"),
    (6, 28, "意识形态研判", "上半年意识形态分析研判", "", 7, 6, "是"), (7, 1, "党课、主题党日", "书记讲党课", "", 23, 23, "是"),
    (8, 20, "双报到", "到社区报到开展服务", "", 12, 12, "否"), (9, 15, "中心组学习", "学习资金管理规定", "县委中心组", 1, 1, "是"),
    (10, 16, "政策宣传", "村组宣讲移民政策", "", 9, 9, "否"), (10, 24, "系统培训", "平台录入培训", "", 11, 10, "否"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """What this part of the demo needs of the rest: the book, the way in, clerks by name and day, and the demo's own day."""

    book: Book
    enter: Enter
    clerk: Callable[[str, str], Clerk]
    on: str


def fill(work: Work) -> None:
    """All of it."""
    _inspections(work)
    _steps(work)
    _meetings(work)
    _integrity(work)
    _lists(work)


# --- rectification ---------------------------------------------------------------------------------------------------


def _inspections(work: Work) -> None:
    party = work.clerk("李梅", work.on)
    work.enter("登记检查批次", party, "inspection", ("name", "kind", "round", "team", "started_on", "ended_on", "feedback_on", "plan_on"), [
        (PATROL, "巡察", "第八轮", "县委第四巡察组", add_days(work.on, -240), add_days(work.on, -180), add_days(work.on, -100), add_days(work.on, -75)),
        (IDEOLOGY, "意识形态专项", "第八轮", "县委第四巡察组", add_days(work.on, -200), add_days(work.on, -180), add_days(work.on, -24), None)])  # fmt: skip
    rows: list[Sequence[Cell]] = []
    for aspect, texts in ASPECTS:
        for text in texts:
            n = len(rows) + 1
            due = add_days(work.on, (-6, -2, 8, 20, 45)[n % 5])
            rows.append((PATROL, aspect, str(n), text, f"{text}，检查抽查发现{n % 4 + 1}处", MEASURES[n % 3], LEADERS[n % 2], SECTIONS[n % 3],
                         ("赵小兰", "王建国", None)[n % 3], due))  # fmt: skip
    fields = ("inspection", "aspect", "number", "text", "detail", "measures", "leader", "section", "person", "due_on")
    work.enter("导入整改问题：巡察反馈问题清单.xlsx", party, "rectification_item", fields, rows)
    special = [(IDEOLOGY, "阵地管理方面", str(n), text, "", "建立台账，专人管理", "孙明", "办公室", "赵小兰", add_days(work.on, 60))
               for n, text in enumerate(("微信工作群管理不规范", "宣传内容审核没有记录"), 1)]  # fmt: skip
    work.enter("导入整改问题：专项检查问题清单.xlsx", party, "rectification_item", fields, special)


def _steps(work: Work) -> None:
    """Five problems struck off, one of them relapsed; three nearly done; one applied for; one overdue and reminded of."""
    with work.book.read() as session:
        ask = select(RectificationItem).join(Inspection, RectificationItem.inspection == Inspection.id).where(Inspection.name == PATROL)
        items = {one.number: one.id for one in session.scalars(ask)}
    for number in ("1", "5", "6", "8", "12"):
        _close(work, items[number], number)
    day = add_days(work.on, -12)
    for number in ("2", "3", "9"):
        _act(work, "赵小兰", day, f"登记整改状态：{number}", items[number], "nearly")
    _act(work, "李梅", add_days(work.on, -3), "回头看：12", items["12"], "relapsed")
    _act(work, "李梅", work.on, "登记提醒：10", items["10"], "remind")


def _close(work: Work, item: str, number: str) -> None:
    day = add_days(work.on, -30)
    steps = (("赵小兰", day), ("钱建军", add_days(day, 2)), ("孙明", add_days(day, 4)))
    for n, (who, when) in enumerate(steps):
        clerk = work.clerk(who, when)
        with work.book.change(f"销号签字：{number}", by=clerk, source="action") as (session, _):
            row = session.get_one(RectificationItem, item)
            if n == 0:
                for measure in session.scalars(select(Measure).where(Measure.item == item)):
                    finish_measure(session, clerk, measure, result="已落实")
            sign_off(session, clerk, row, evidence=f"龙搬办〔2026〕{int(number) + 10}号及会议纪要" if n == 0 else "")


def _act(work: Work, who: str, day: str, why: str, item: str, what: str) -> None:
    clerk = work.clerk(who, day)
    with work.book.change(why, by=clerk, source="action") as (session, _):
        row = session.get_one(RectificationItem, item)
        if what == "nearly":
            set_state(session, clerk, row, state="nearly", reason="措施已经落实，成效还要再看两个月")
        elif what == "remind":
            remind(session, clerk, row) if row.due_on < day else set_state(session, clerk, row, state="nearly", reason="正在收尾")
        else:
            look_back(session, clerk, row, result="relapsed", note="抽查发现又有两次没有覆盖", due_on=add_days(work.on, 40))


# --- party and integrity ---------------------------------------------------------------------------------------------


def _meetings(work: Work) -> None:
    party, year = work.clerk("李梅", work.on), work.on[:4]
    rows = [(f"{year}-{month:02d}-{day:02d}", tags, topic, group or None, "会议室", "孙明" if leader == "是" else "钱建军", expected, present, leader)
            for month, day, tags, topic, group, expected, present, leader in MEETINGS if f"{year}-{month:02d}-{day:02d}" <= work.on]  # fmt: skip
    work.enter("导入会议活动：组织生活台账.xlsx", party, "meeting",
               ("held_on", "tags", "topic", "group", "site", "host", "expected", "present", "leader_present"), rows)  # fmt: skip
    studies = [row for row in rows if "中心组学习" in str(row[1]) and row[3] == "第三联合中心组"]
    people = (("孙明", "主任", "是", "是", None), ("钱建军", "副主任", "是", "是", None), ("王建国", "科员", "否", "是", None),
              ("赵小兰", "科员", "否", "否", "下乡"))  # fmt: skip
    work.enter("登记参加人员", party, "attendance", ("meeting", "name", "post", "leading", "present", "absent_reason"),
               [(f"{row[0]}/{row[2]}", *one) for row in studies for one in people])  # fmt: skip


def _integrity(work: Work) -> None:
    party = work.clerk("李梅", work.on)
    work.enter("登记廉政谈话", party, "talk", ("held_on", "kind", "by", "persons", "content", "signed"), [
        (add_days(work.on, -200), "节前", "孙明", "王建国、赵小兰、钱建军、周晓燕", "节日期间不收不送", "是"),
        (add_days(work.on, -90), "任前", "孙明", "段秋生", "任前廉政谈话", "是"),
        (add_days(work.on, -30), "日常", "钱建军", "赵小兰、王建国", "发放资金要当面核对", "是")])  # fmt: skip
    visits = [(add_days(work.on, -50), "赵小兰", "科员", "后扶股", "三坝乡柳树村一组", "孙明、李梅", "三口之家，住房一套，收入稳定", "按时回家，爱好跑步",
               "不收受礼品礼金", "是", None),
              (add_days(work.on, -20), "王建国", "科员", "办公室", "县城龙山路12号", "孙明、李梅", "四口之家，老人多病", "下班照顾老人", "管好朋友圈", "是",
               add_days(work.on, 5)),
              (add_days(work.on, -3), "钱建军", "副主任", "班子", "县城白塔小区3栋", "孙明、李梅", "两口之家", "生活正派", "带头遵守规定", "否",
               None)]  # fmt: skip
    fields = ("visited_on", "cadre", "post", "section", "address", "visitors", "home_state", "cadre_conduct", "reminders", "signed", "follow_on")
    work.enter("登记廉政家访", party, "home_visit", fields, visits)
    families = (("段国强", "夫", "县第一中学"), ("李琴", "妻", "个体"), ("杨桂芝", "妻", "县医院"))
    work.enter("登记受访家属", party, "visit_family", ("visit", "name", "relation", "work"),
               [(f"A{n:06d}", *one) for n, one in enumerate(families, 1)])  # fmt: skip
    work.enter("登记助廉承诺书", party, "pledge", ("cadre", "relative", "relation", "signed_on"),
               [(str(visit[1]), name, relation, visit[0]) for visit, (name, relation, _) in zip(visits, families, strict=True)])  # fmt: skip


def _lists(work: Work) -> None:
    party, year = work.clerk("李梅", work.on), work.on[:4]
    work.enter("登记实事清单", party, "service_item", ("year", "list", "item", "owner", "site", "due_on", "done", "done_on", "beneficiaries"), [
        (year, "我为群众办实事", "安装村组路灯30盏", "王建国", "柳树村", add_days(work.on, -60), "是", add_days(work.on, -70), 420),
        (year, "双报到", "社区义诊", "赵小兰", "城关社区", add_days(work.on, -10), "否", None, None),
        (year, "包保", "联系户走访", "钱建军", "石桥村", f"{year}-12-20", "否", None, 18)])  # fmt: skip
    work.enter("登记任务清单", party, "task", ("list", "item", "owner", "section", "due_on", "done_on"), [
        (f"{year}年党建工作要点", "制定党建工作责任清单", "李梅", "办公室", f"{year}-03-01", f"{year}-02-26"),
        (f"{year}年党建工作要点", "开展廉政家访12户", "李梅", "办公室", add_days(work.on, 10), None),
        (f"{year}年党风廉政建设任务分工", "半年廉政风险排查", "赵小兰", "后扶股", add_days(work.on, -40), None),
        ("“廉政家访”工作计划", "建立家访台账", "李梅", "办公室", add_days(work.on, -100), add_days(work.on, -110))])  # fmt: skip
    work.enter("登记公益广告", party, "advert", ("held_on", "site", "content", "count"), [(add_days(work.on, -120), "乡镇文化广场", "移民政策", 4)])
    clerk = work.clerk("赵小兰", work.on)
    work.enter("登记平台录入", clerk, "platform_entry", ("module", "data_year", "item", "person", "started_on", "done_on"), [
        (module, year, item, person, add_days(work.on, -30), add_days(work.on, -20) if done else None)
        for module, item, person, done in (("工程建设", "三坝灌区工程概况", "王建国", True), ("征地安置", "征收土地面积", "赵小兰", True),
                                           ("人口", "后扶人口年报", "赵小兰", False), ("项目", "年度项目进度", "王建国", False),
                                           ("资金", "资金下达拨付", "王建国", True))])  # fmt: skip

"""The demo's petitions and disputes: one in every state, with clocks that run out soon, today and lately; all by the office's actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from relocdesk.actions import dispute, petition, petition_after
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.demo_people import Being, People
from relocdesk.entry import Cell
from relocdesk.queries.keys import Keys
from relocdesk.records import register
from relocdesk.records.petition import Dispute, Petition
from relocdesk.records.reference import Place
from relocdesk.rules.days import add_days

Step = tuple[int, Callable[..., str], dict[str, Any]]  # days before today, action, what it is told

HEAD, DESK, CASES = "孙明", "赵小兰", "钱建军"
FIELDS = ("received_on", "channel", "purpose", "petitioner", "idcard", "phone", "place", "persons", "category", "summary", "amount", "source",
          "representative")  # fmt: skip
ANSWER = {"basis": "《大中型水利水电工程建设征地补偿和移民安置条例》第二十二条；龙政发〔2024〕2号", "remedy": 1}


class Work(Protocol):
    """What the demo hands on: the book, its people, and how rows are entered."""

    book: Book
    people: People
    on: str

    def clerk(self, name: str, on: str) -> Clerk:
        """Somebody of the office, at work on a day."""
        ...

    def enter(self, why: str, by: Clerk, name: str, fields: Sequence[str], rows: Sequence[Sequence[Cell]], *, source: str = "import") -> list[str]:
        """Rows through the same engine as an import."""
        ...


def _taken(day: int, **more: Any) -> Step:
    return day, petition.accept, {"handler": CASES, "first_handler": DESK, "leader": HEAD, "noticed_on": -day, **more}


def _closed(day: int, opinion: str, text: str) -> Step:
    return day, petition.close, {"opinion": opinion, "text": text, **ANSWER}


def _delivered(day: int) -> Step:
    return day, petition.deliver, {"delivery": "signed", "receiver": "本人"}


# received so many days ago, channel, category, what is asked, persons, source, the steps
_CASES: tuple[tuple[int, str, str, str, int, str, tuple[Step, ...]], ...] = (
    (430, "来访", "面积", "大田坝旱地少量了1.2亩，要求复测", 1, "", (
        _taken(425), (420, petition.step, {"progress": "会同自然资源所到现场复测，少登记1.20亩，农户和邻户已签字"}),
        _closed(385, "support", "复测为4.40亩，补登1.20亩，补签协议、补付补偿费。"), _delivered(383), (360, petition_after.rate, {"satisfaction": "good"}),
        (360, petition_after.settle, {}), (340, petition_after.file_away, {"archive_no": "信访-2025-01"}))),
    (210, "来信", "标准", "核桃树按初果计价，要求按盛果补偿", 1, "", (
        _taken(205), _closed(160, "explain", "现场核实树龄六年、未达盛果，按初果计价符合补偿标准，予以解释。"), _delivered(158),
        (140, petition_after.rate, {"satisfaction": "fair"}))),
    (170, "来访", "兑付", "外出务工，补偿款退汇后一直没有到账", 1, "", (
        _taken(170), _closed(150, "support", "账号已核对更正，退汇款已于当日重新支付。"), _delivered(149), (120, petition_after.rate, {"satisfaction": "good"}),
        (120, petition_after.settle, {}))),
    (150, "部门转办", "安置", "要求增加一块宅基地", 1, "县信访局 龙信转〔2026〕21号", (
        _taken(146), _closed(100, "reject", "该户已按规划安置一块宅基地，要求再增加一块没有政策依据，不予支持。"), _delivered(95),
        (80, petition_after.review, {"level": "review", "organ": "龙陵县人民政府"}),
        (55, petition_after.decide, {"result": "upheld", "opinion_no": "龙政复查〔2026〕4号"}),
        (30, petition_after.review, {"level": "recheck", "organ": "保山市人民政府"}))),
    (118, "网上", "后扶资格", "出嫁后户口未迁出，要求登记为后扶人口", 1, "", (
        _taken(110), _closed(60, "mediate", "经村委会和乡司法所调解，双方达成协议。"), _delivered(58), (40, petition_after.rate, {"satisfaction": "good"}),
        (40, petition_after.settle, {}))),
    (84, "来访", "面积", "与邻户地界不清，两家都报了同一块地", 2, "", (
        _taken(80), (50, petition.extend, {"days": 30, "approver": HEAD, "reason": "需要测绘单位重新指界，须待秋收后进场", "told_on": -50}),
        (35, petition.step, {"progress": "测绘单位答应收获后进场，已告知双方"}))),
    (70, "来访", "权属", "集体林地补偿费分配不公，要求公开账目", 7, "", (_taken(64), (30, petition.step, {"progress": "村委会已公示账目，部分村民仍有意见"}))),
    (62, "电话", "直补", "母亲去世后直补停发，要求按次月停发", 1, "", (_taken(57), (20, petition.step, {"progress": "已核对死亡日期和停发规则"}))),
    (45, "来信", "项目质量", "移民新村排水沟垮塌，要求修复", 1, "", (_taken(41), _closed(6, "support", "施工单位已按合同返修，现场验收合格。"))),
    (40, "来访", "历史遗留", "2003年老渠占地没有补偿", 1, "", (
        (36, petition.refuse, {"reason": "该事项已由龙陵县人民法院立案审理，属于不予受理的情形"}), (35, petition.notify, {}))),
    (33, "来信", "其他", "邻村采石场放炮影响房屋", 3, "", ((29, petition.transfer, {"to": "龙陵县应急管理局"}), (28, petition.notify, {}))),
    (22, "来访", "标准", "要求提高果园补偿标准", 1, "", ((12, petition.accept, {"handler": CASES, "first_handler": DESK}),)),
    (12, "来访", "账户", "一折通注销，要求改发到儿子账户", 1, "", ()),
    (9, "部门转办", "权属", "国有林场与村集体林地权属争议", 1, "县林草局 便函", ()),
    (5, "网上", "兑付", "青苗费什么时候发", 1, "", ((2, petition_after.withdraw, {"reason": "电话解释后撤回"}),)),
    (3, "来访", "面积", "大田坝旱地还少两分，再次要求复测", 1, "", ()),
)  # fmt: skip
# found so many days ago, parties, type, risk, what it is about, the steps
_DISPUTES: tuple[tuple[int, str, str, str, str, tuple[Step, ...]], ...] = (
    (190, "段家与余家", "地界", "黄", "田埂占用", ((170, dispute.settle, {"measures": "村组到场指界，双方签字"}), (140, dispute.revisit, {}))),
    (120, "三组村民与施工队", "施工影响", "橙", "运渣车压坏机耕路", ((95, dispute.settle, {"measures": "施工队修复路面并补偿误工"}),)),
    (75, "杨家兄弟", "分户", "橙", "老宅补偿款怎样分", ((40, dispute.hold, {"person": DESK, "progress": "每周上门一次，等小儿子返乡"}),)),
    (50, "清水沟村民小组与林场", "权属", "红", "林地权属不清，争执三次", ((30, dispute.hold, {"person": CASES, "progress": "已请县林草局确权"}),)),
    (35, "李家与村委会", "分配", "黄", "青苗费扣了管理费", ((20, dispute.hand_on, {"to": "乡纪委"}),)),
    (14, "坡头村二组十一户", "用水", "红", "渠道改线后灌水不到田", ()),
)  # fmt: skip


def cases(work: Work, groups: Sequence[str]) -> None:
    """Petitions, one of them a denunciation, disputes, patrols and the years without visits, in the places of these codes."""
    made: list[tuple[str, Being]] = []
    for n, (days, channel, category, summary, persons, source, steps) in enumerate(_CASES):
        who = work.people.family()[0]
        if n == len(_CASES) - 1:  # the first petitioner comes again
            who = made[0][1]
        day = add_days(work.on, -days)
        row = (day, channel, "申诉求决", who.name, who.idcard, "13987650001", groups[n * 7 % len(groups)], persons, category, summary, "12000", source or None,
               f"{who.name}、段正明" if persons >= 5 else None)  # fmt: skip
        (made_id,) = work.enter("登记信访件", work.clerk(DESK, day), "petition", FIELDS, [row], source="typed")
        made.append((made_id, who))
        _go(work, Petition, made_id, steps)
    _go(work, Petition, made[-1][0], ((2, petition_after.link, {"first": made[0][0]}),))
    day = add_days(work.on, -26)
    who = work.people.family()[0]
    secret = (day, "来信", "检举控告", who.name, None, None, groups[0], 1, "其他", "反映村干部虚报地上附着物", None, None, None)
    (made_id,) = work.enter("登记信访件", work.clerk(HEAD, day), "petition", FIELDS, [secret], source="typed")
    _go(work, Petition, made_id, ((24, petition.transfer, {"to": "县纪委监委"}), (20, petition.notify, {})), by=HEAD)
    _disputes(work, groups)


def _disputes(work: Work, groups: Sequence[str]) -> None:
    fields = ("found_on", "parties", "place", "type", "risk", "summary", "owner", "person", "due_on")
    for n, (days, parties, kind, risk, summary, steps) in enumerate(_DISPUTES):
        day = add_days(work.on, -days)
        row = (day, parties, groups[n * 5 % len(groups)], kind, risk, summary, HEAD, DESK, add_days(day, 60))
        (made_id,) = work.enter("登记矛盾纠纷", work.clerk(DESK, day), "dispute", fields, [row], source="typed")
        _go(work, Dispute, made_id, steps)
    patrolled = ("held_on", "place", "leader", "people", "households_visited", "people_visited", "found")
    rows = [(add_days(work.on, -days), groups[n * 3 % len(groups)], HEAD, f"{DESK}、{CASES}", 20 + n, 60 + 2 * n, found)
            for n, (days, found) in enumerate(((190, 1), (120, 1), (75, 1), (50, 2), (35, 1), (14, 1)))]  # fmt: skip
    work.enter("登记矛盾纠纷排查", work.clerk(DESK, work.on), "patrol", patrolled, rows, source="typed")
    restless = {*(groups[n * 5 % len(groups)] for n in range(len(_DISPUTES))), *(row[1] for row in rows)}
    quiet = next(code for code in reversed(groups) if code not in restless)
    clerk = work.clerk(DESK, work.on)
    with work.book.change("零报告", by=clerk, source="action") as (session, _):
        place = session.get_one(Place, Keys(session).resolve(register("place"), quiet))
        for days in (160, 90, 4):
            dispute.zero_report(session, clerk, place, leader=HEAD, people=DESK, held_on=add_days(work.on, -days), households_visited=18)
    head = work.clerk(HEAD, work.on)
    with work.book.change("确认零上访", by=head, source="action") as (session, _):
        for year in range(int(work.on[:4]) - 4, int(work.on[:4])):
            dispute.confirm_zero(session, head, None, year=year)


def _go(work: Work, cls: type[Petition] | type[Dispute], row: str, steps: Sequence[Step], by: str = DESK) -> None:
    """Each step on its day, by the clerk at the desk."""
    for days, action, given in steps:
        day = add_days(work.on, -days)
        clerk = work.clerk(by, day)
        told = {name: add_days(work.on, value) if name.endswith("_on") and isinstance(value, int) else value for name, value in given.items()}
        label = action.action.label  # type: ignore[attr-defined]  # every step is a declared action
        with work.book.change(label, by=clerk, source="action") as (session, _):
            action.action(session, clerk, session.get_one(cls, row), told)  # type: ignore[attr-defined]

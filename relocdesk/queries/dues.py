"""What is due, overdue or waits for somebody, from every register: each said once, counted for 首页 and listed for a person.

A due is an Ask with the words for it; `day` is the field that says by when, `person` the fields that name who is to act, the doer first.
Where a row names no doer it waits for the roles. Held work (HELD) is all that is open in a person's hands, due or not:
what a hand-over of the post passes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.field import Register, Value
from relocdesk.queries import rows
from relocdesk.queries.agreed import unanswered_returns
from relocdesk.queries.computed import OUT, STALE
from relocdesk.queries.rows import Ask, Condition
from relocdesk.records import register
from relocdesk.records.reference import Operator, Role
from relocdesk.records.works import Stage
from relocdesk.rules.days import add_days, add_months, days_between
from relocdesk.rules.identity import comparison_name, names_in
from relocdesk.rules.petition import UNDATED, WITH_UPPER
from relocdesk.rules.support import PENDING_DAYS
from relocdesk.settings import policies
from relocdesk.veil import hidden_among

Condition3 = tuple[str, str, Value | tuple[Value, ...]]
LISTED = 200  # rows of one due in a list, the most urgent; how many more there are is said
_WORK, _CHECK, _LEAD, _CASES = ("entry", "review"), ("review", "head"), ("head",), ("entry", "review", "party")

# An open dispute; one that became a petition goes on there, by the petition's clocks.
_QUARREL: tuple[Condition3, ...] = (("result", "在", ("open", "held")), ("petition", "空", None))
_UNFINISHED = tuple(stage.label for stage in Stage)[: list(Stage).index(Stage.FINISHED)]
_ALSO = {"printout": ("subject",)}  # what a list says beside the title: whose paper it is
_OUT: Condition3 = ("returned_on", "空", None)


@dataclass(frozen=True, slots=True)
class Due:
    """Something that waits: its words, the rows, how many of what, warn (soon) or error (late), and what to do."""

    key: str
    words: str
    ask: Ask
    counter: str
    kind: str
    advice: str
    day: str = ""  # the field that says by when; "" = it just waits
    person: tuple[str, ...] = ()  # the fields that name who is to act, the doer first
    roles: tuple[str, ...] = _WORK  # whose it is when no row says so


@dataclass(frozen=True, slots=True)
class Standing:
    """A due as it stands: how many rows, and the days left of the most urgent (negative = late, None = no date)."""

    due: Due
    count: int
    left: int | None

    @property
    def kind(self) -> str:
        """warn or error: where there is a day it decides, whatever the kind of due says."""
        return self.due.kind if self.left is None else "error" if self.left < 0 else "warn"

    @property
    def order(self) -> tuple[bool, int]:
        """The most urgent first: what is late, by days; then what waits; then what is soon."""
        return (self.kind != "error", self.left if self.left is not None else 0)


def ask(name: str, *conditions: Condition3) -> Ask:
    """The rows of a register that meet all conditions."""
    return Ask(register(name), tuple(Condition(*one) for one in conditions))


def dues(session: Session, on: str) -> list[Due]:
    """Everything that can fall due, by subject."""
    return [*_land(on), *_money(session), *_support(session, on), *_cases(on), *_rectification(on), *_party(on)]


def _land(on: str) -> Iterator[Due]:
    soon, month, week_ago = add_days(on, 3), add_days(on, 60), add_days(on, -7)
    leased: tuple[Condition3, ...] = (("nature", "=", "temporary"), ("reclaimed_on", "空", None))
    yield Due("lease_over", "临时用地已到期未复垦", ask("parcel", *leased, ("lease_until", "<", on)), "块", "error", "续签、复垦或恢复", "lease_until")
    yield Due("lease", "临时用地 60 天内到期", ask("parcel", *leased, ("lease_until", "≥", on), ("lease_until", "≤", month)), "块", "warn",
              "提前联系施工单位", "lease_until")  # fmt: skip
    yield Due("posting", "公示三天内到期", ask("posting", ("until_on", "≥", on), ("until_on", "≤", soon), ("closed_on", "空", None)), "榜", "warn",
              "到期后结束公示，处理异议", "until_on")  # fmt: skip
    yield Due("posting_over", "公示期满未办结束", ask("posting", ("until_on", "<", on), ("closed_on", "空", None)), "榜", "warn",
              "没有异议的办理结束公示，打印结果证明", "until_on")  # fmt: skip
    yield Due("objection", "公示异议没有答复", ask("objection", ("state", "=", "待答复")), "条", "warn", "复核后答复，或转为信访件")
    yield Due("stale", "打印后内容又改过的单据", ask("printout", _OUT, ("status", "=", STALE)), "份", "error", "重新打印签字",
              person=("printed_by",))  # fmt: skip
    yield Due("out", "打印超过一周未收回", ask("printout", _OUT, ("printed_at", "<", week_ago), ("status", "=", OUT)), "份", "warn",
              "向村组催收签字页", person=("printed_by",))  # fmt: skip
    yield Due("drafted", "已起草未签订的协议", ask("agreement", ("state", "在", ("draft", "reviewed"))), "份", "warn", "审核、打印、签字", person=("handler",))


def _money(session: Session) -> Iterator[Due]:
    returned = tuple(line.serial or "" for lines in unanswered_returns(session).values() for line in lines)
    yield Due("returned", "银行退回未重付", ask("payment", ("serial", "在", returned)), "笔", "error", "核对户名账号后重付")
    for key, words, state, kind, advice, roles in (
        ("open", "待复核的批次", "open", "warn", "请复核人核对", _CHECK), ("checked", "待审批的批次", "checked", "warn", "请负责人审批", _LEAD),
        ("approved", "已批未送银行的批次", "approved", "warn", "导出代发表送银行", _WORK), ("sent", "已送银行未收回盘的批次", "sent", "warn",
        "取回单登记结果", _WORK),
    ):  # fmt: skip
        yield Due(key, words, ask("payment_batch", ("state", "=", state)), "批", kind, advice, roles=roles)


def _support(session: Session, on: str) -> Iterator[Due]:
    found = policies(session)
    years, months = int(found.value("subsidy.certify_age", on) or 0), int(found.value("subsidy.certify_months", on) or 0)
    old, stale = f"{int(on[:4]) - years}{on[4:]}".replace("-02-29", "-02-28"), f"{add_months(on[:7], -months)}-{min(int(on[8:]), 28):02d}"
    for key, words, state, advice, roles in (
        ("period_open", "编制中的发放期", "open", "核对名册后冻结、公示", _WORK), ("period_posted", "公示中的发放期", "posted", "期满无异议后复核", _CHECK),
        ("period_checked", "待审批的发放期", "checked", "请负责人审批", _LEAD),
        ("period_approved", "已批未送银行的发放期", "approved", "导出代发表送银行", _WORK), ("period_sent", "已送银行未收回盘的发放期", "sent",
        "取回单登记结果", _WORK),
    ):  # fmt: skip
        yield Due(key, words, ask("period", ("state", "=", state)), "期", "warn", advice, roles=roles)
    yield Due("period_returned", "直补退回没有再发的发放期", ask("period", ("returned", ">", 0), ("state", "在", ("sent", "paid"))), "期", "error",
              "更正账户后再发")  # fmt: skip
    old_people: Condition3 = ("born_on", "≤", old)
    there: Condition3 = ("state", "=", "在册")  # last: it is the dearest to work out
    yield Due("certify", f"{years} 岁以上从未做生存认证", ask("recipient", ("alive_on", "空", None), old_people, there), "人", "warn",
              "上门或视频核实后登记认证日期")  # fmt: skip
    yield Due("certify_again", f"{years} 岁以上认证已过 {months} 个月", ask("recipient", ("alive_on", "<", stale), old_people, there), "人", "warn",
              "重新做生存认证")  # fmt: skip
    fresh: Condition3 = ("found_on", "≥", add_days(on, -PENDING_DAYS))  # those of old ledgers were approved on paper
    yield Due("change", "没有核准的人口动态", ask("recipient_change", ("approved_on", "空", None), fresh), "条", "warn", "核对证明和公示后核准", roles=_CHECK)
    yield Due("recovery_untold", "多发资金没有通知追缴", ask("recovery", ("left", ">", 0), ("told_on", "空", None)), "笔", "warn", "打印追缴通知书，送达后登记")
    yield Due("recovery", "多发资金没有追回", ask("recovery", ("left", ">", 0), ("told_on", "不空", None)), "笔", "error", "催收并登记追回", "due_on")
    yield Due("leaving", "半年内扶持期满的人", ask("recipient", ("end_month", "≥", on[:7]), ("end_month", "≤", add_months(on[:7], 6)), there),
              "人", "warn", "提前告知，核对搬迁日期")  # fmt: skip
    yield Due("plan_item", "规划项目到年没有立项", ask("plan_item", ("current", "=", 1), ("started", "=", 0), ("year", "≤", int(on[:4]))), "项", "warn",
              "编制年度计划，登记后扶项目")  # fmt: skip
    yield Due("works_late", "后扶项目超过计划完工日期", ask("support_project", ("planned_finish", "<", on), ("stage", "在", (*_UNFINISHED, None))),
              "个", "error",
              "催促施工，办理验收", "planned_finish")  # fmt: skip


def _cases(on: str) -> Iterator[Due]:
    handlers = ("handler", "first_handler", "leader")
    soon = add_days(on, 7)
    yield Due("petition_late", "信访件已超期", ask("petition", ("next_due", "<", on)), "件", "error", "马上告知、办结或送达", "next_due", handlers, _CASES)
    yield Due("petition", "信访件七天内到期", ask("petition", ("next_due", "≥", on), ("next_due", "≤", soon)), "件", "warn", "按期告知、办结、送达",
              "next_due", handlers, _CASES)  # fmt: skip
    yield Due("petition_open", "没有期限、还没办结的信访件", ask("petition", ("next_due", "空", None), ("state", "在", UNDATED)), "件", "warn",
              "及时办理、答复", person=handlers, roles=_CASES)  # fmt: skip
    yield Due("petition_upper", "等上级复查、复核结果的信访件", ask("petition", ("next_due", "空", None), ("state", "在", WITH_UPPER)), "件", "warn",
              "过了期限的向上级询问，结果到了登记", person=handlers, roles=_CASES)  # fmt: skip
    yield Due("dispute_late", "矛盾纠纷超期未化解", ask("dispute", *_QUARREL, ("due_on", "<", on)), "件", "error", "包保领导上门调处", "due_on",
              ("person", "owner"), _CASES)  # fmt: skip
    yield Due("dispute", "矛盾纠纷七天内到期", ask("dispute", *_QUARREL, ("due_on", "≥", on), ("due_on", "≤", soon)), "件", "warn", "抓紧调处", "due_on",
              ("person", "owner"), _CASES)  # fmt: skip


def _rectification(on: str) -> Iterator[Due]:
    people, month = ("person", "leader"), add_days(on, 30)
    unsettled: Condition3 = ("state", "在", ("open", "nearly"))
    yield Due("rectify_late", "整改问题超期", ask("rectification_item", unsettled, ("due_on", "<", on)), "个", "error", "打印提醒书，催办整改", "due_on",
              people, _CASES)  # fmt: skip
    yield Due("rectify", "整改问题 30 天内到期", ask("rectification_item", unsettled, ("due_on", "≥", on), ("due_on", "≤", month)), "个", "warn",
              "落实措施，收集佐证", "due_on", people, _CASES)  # fmt: skip
    for step, words, roles in (("待领导签字", "整改待分管领导审核", _CHECK), ("待党组销号", "整改待党组销号", _LEAD)):
        yield Due("rectify_leader" if roles is _CHECK else "rectify_group", words, ask("rectification_item", ("step", "=", step)), "个", "warn",
                  "审核佐证后签字", "due_on", ("leader",) if roles is _CHECK else (), roles)  # fmt: skip
    yield Due("look_back", "销号后该回头看", ask("rectification_item", ("look_due", "≤", add_days(on, 14))), "个", "warn", "现场核查有没有反弹", "look_due",
              people, _CASES)  # fmt: skip
    yield Due("plan", "整改方案没有报送", ask("inspection", ("plan_due", "不空", None), ("plan_on", "空", None)), "批", "warn", "报送后登记报送日期",
              "plan_due",
              roles=_CASES)  # fmt: skip


def _party(on: str) -> Iterator[Due]:
    yield Due("task", "任务清单超期", ask("task", ("done_on", "空", None), ("due_on", "<", on)), "项", "error", "完成后登记日期和佐证", "due_on",
              ("owner",), _CASES)
    yield Due("task_soon", "任务清单 14 天内到期", ask("task", ("done_on", "空", None), ("due_on", "≥", on), ("due_on", "≤", add_days(on, 14))), "项", "warn",
              "抓紧办理", "due_on", ("owner",), _CASES)  # fmt: skip
    yield Due("service", "实事清单超期", ask("service_item", ("done", "=", 0), ("due_on", "<", on)), "件", "error", "办完后登记", "due_on", ("owner",), _CASES)
    yield Due("visit", "家访该回访", ask("home_visit", ("follow_on", "≤", add_days(on, 7)), ("follow_on", "≥", add_days(on, -60)), ("follow_up", "空", None)),
              "户", "warn", "回访后写跟踪情况", "follow_on", roles=("party", "head"))  # fmt: skip
    yield Due("platform", "平台录入后又改过", ask("platform_entry", ("needs_update", "=", 1)), "条", "warn", "到平台更正后再登记完成", person=("person",))


# --- counted ---------------------------------------------------------------------------------------------------------


def standing(session: Session, on: str) -> list[Standing]:
    """Every due with its count, the most urgent first; those without rows last."""
    found = [_stands(session, due, on) for due in dues(session, on)]
    return sorted(found, key=lambda one: (not one.count, *one.order))


def _stands(session: Session, due: Due, on: str) -> Standing:
    count, first = rows.count_and_least(session, due.ask, due.day)
    return Standing(due, count, days_between(on, str(first)[:10]) if first else None)


def left_words(left: int | None) -> str:
    """Days left as people say them.

    >>> left_words(-3), left_words(0), left_words(5), left_words(None)
    ('超期 3 天', '今天到期', '还有 5 天', '')
    """
    if left is None:
        return ""
    return f"超期 {-left} 天" if left < 0 else "今天到期" if left == 0 else f"还有 {left} 天"


# --- one person's ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: the register and record, what it is called, by when, who is named for it, and what to do."""

    register: str
    record: str  # "" for what is only counted
    words: str
    title: str
    day: str
    left: int | None
    person: str
    advice: str


def items(session: Session, on: str, person: str, role: str = "") -> list[Item]:
    """What waits for a person, the most urgent first, each record once: rows that name them, and for their role rows that name nobody at work.

    What waits for roles that nobody has waits for who administers. What their role must not see is left out, whoever looks: the list is theirs.
    """
    there = session.execute(select(Operator.name, Operator.role).where(Operator.active == 1, Operator.deleted == 0)).all()
    staff = _Staff({comparison_name(one.name): one.role for one in there})
    found: dict[tuple[str, str], Item] = {}
    for one in standing(session, on):
        if one.count:
            for item in _waiting(session, one.due, on, person, role, staff):
                found.setdefault((item.register, item.record or one.due.key), item)
    return sorted(found.values(), key=lambda item: (item.left is None, item.left or 0, item.register, item.title))


@dataclass(frozen=True, slots=True)
class _Staff:
    """Who works here: names, as they are compared, with their roles."""

    roles: dict[str, str]

    def looks_after(self, role: str, due: Due) -> bool:
        """Whether what names nobody waits for this role."""
        return role in due.roles or (role == Role.ADMIN and set(self.roles.values()).isdisjoint(due.roles))

    def unnamed(self, session: Session, due: Due, role: str) -> Iterator[Ask]:
        """What waits for a role: rows that name nobody at work; of what few may see, those that name none of the few."""
        first, secret = due.person[0] if due.person else "", due.ask.register.secret
        if self.looks_after(role, due):
            yield _naming(session, due.ask, first, set(self.roles), without=True) if first else due.ask
        if first and secret is not None and role in secret[2]:
            hidden = replace(due.ask, conditions=(*due.ask.conditions, Condition(secret[0], "=", secret[1])))
            yield _naming(session, hidden, first, {name for name, one in self.roles.items() if one in secret[2]}, without=True)


def _waiting(session: Session, due: Due, on: str, person: str, role: str, staff: _Staff) -> Iterator[Item]:
    first = due.person[0] if due.person else ""
    wishes = [_naming(session, due.ask, name, {comparison_name(person)}) for name in due.person]
    wishes += staff.unnamed(session, due, role)
    sort = ((due.day, False),) if due.day else ()
    wanted = list(dict.fromkeys(one for wish in wishes for one in rows.rowids(session, replace(wish, sort=sort))))
    listed = list(_lines(session, due.ask.register, wanted[:LISTED], due.words, due.day, first, on, due.advice))
    unseen = hidden_among(session.connection(), role, due.ask.register.name, [item.record for item in listed])
    yield from (item for item in listed if item.record not in unseen)
    if len(wanted) > LISTED:
        yield Item(due.ask.register.name, "", due.words, f"另有 {len(wanted) - LISTED} {due.counter}，请在程序里看", "", None, "", due.advice)


def _naming(session: Session, ask: Ask, name: str, people: set[str], *, without: bool = False) -> Ask:
    """The rows in whose field one of these people stands, alone or beside others, however it is spaced; or `without`: none of them."""
    cells = tuple(cell for cell in rows.counts(session, ask, name) if people.isdisjoint(names_in(str(cell or ""))) is without)
    return Ask(ask.register, (*ask.conditions, Condition(name, "在", cells)))


def _lines(session: Session, reg: Register, wanted: Sequence[int], words: str, day: str, person: str, on: str, advice: str) -> Iterator[Item]:
    """Rows by their handles as things to do; `day` and `person` are fields, "" for none."""
    titled = (*reg.title, *_ALSO.get(reg.name, ()))
    fields = [reg[name] for name in dict.fromkeys([*titled, *filter(None, (day, person))])]
    places = {f.name: n for n, f in enumerate(fields)}
    for start in range(0, len(wanted), rows.PAGE):
        for line in rows.page(session, reg, wanted[start : start + rows.PAGE], fields, named=True):
            when = str(line.values[places[day]] or "")[:10] if day else ""
            title = " ".join(text for text in line.shown[: len(titled)] if text)
            yield Item(reg.name, line.id, words, title, when, days_between(on, when) if when else None, line.shown[places[person]] if person else "", advice)


@dataclass(frozen=True, slots=True)
class Held:
    """Open work that is in somebody's hands: the rows, the fields that name the person, the day it is due.

    `moves`: a hand-over gives it to the successor; what only records who did something stays as it is and is listed.
    """

    words: str
    ask: Ask
    person: tuple[str, ...]
    day: str = ""
    moves: bool = True

    def named(self, session: Session, field: str, person: str) -> Ask:
        """Those of its rows in whose field a person stands."""
        return _naming(session, self.ask, field, {comparison_name(person)})


def held() -> list[Held]:
    """Every kind of open work that names a person."""
    empty: Condition3 = ("done_on", "空", None)
    handlers, running = ("handler", "first_handler", "leader"), ("open", "posted", "checked", "approved", "sent")
    return [
        Held("信访件", ask("petition", ("next_due", "不空", None)), handlers, "next_due"),
        Held("没有期限的信访件", ask("petition", ("next_due", "空", None), ("state", "在", UNDATED)), handlers, "received_on"),
        Held("等上级复查、复核结果的信访件", ask("petition", ("next_due", "空", None), ("state", "在", WITH_UPPER)), handlers, "received_on"),
        Held("矛盾纠纷", ask("dispute", *_QUARREL), ("person", "owner"), "due_on"),
        Held("整改问题", ask("rectification_item", ("state", "在", ("open", "nearly"))), ("person", "leader"), "due_on"),
        Held("整改措施", ask("measure", empty), ("owner",), "due_on"),
        Held("销号后的回头看", ask("rectification_item", ("state", "在", ("done", "lasting")), ("look_due", "不空", None)),
             ("person", "leader"), "look_due"),
        Held("任务清单", ask("task", empty), ("owner",), "due_on"),
        Held("实事清单", ask("service_item", ("done", "=", 0)), ("owner",), "due_on"),
        Held("平台录入", ask("platform_entry", empty), ("person",)),
        Held("平台更正", ask("platform_entry", ("needs_update", "=", 1)), ("person",)),
        Held("未付原因", ask("unpaid_reason", ("waiting", "=", 1)), ("owner",), "since"),
        Held("未签协议", ask("agreement", ("state", "在", ("draft", "reviewed"))), ("handler",), "drafted_on"),
        Held("在外单据", ask("printout", _OUT, ("status", "在", (OUT, STALE)), ("form", "≠", "post_handover")),
             ("printed_by",), "printed_at", moves=False),
        Held("在办批次", ask("payment_batch", ("state", "在", running)), ("made_by",), "made_on", moves=False),
        Held("在办发放期", ask("period", ("state", "在", running)), ("made_by",), "frozen_on", moves=False),
    ]


def held_by(session: Session, on: str, person: str) -> list[tuple[Held, list[Item]]]:
    """Everything open in a person's hands, by kind; each record once however many of its fields name them."""
    found = []
    for one in held():
        seen: dict[str, Item] = {}
        for name in one.person:
            wanted = rows.rowids(session, one.named(session, name, person))
            for item in _lines(session, one.ask.register, wanted, one.words, one.day, name, on, one.ask.register[name].label):
                seen.setdefault(item.record, item)
        if seen:
            found.append((one, sorted(seen.values(), key=lambda item: (item.day or "9999", item.title))))
    return found


def running_notices(session: Session, on: str) -> list[Item]:
    """What the office has put up and not closed: nobody is named for it, so that every hand-over tells of it."""
    wanted = ask("posting", ("closed_on", "空", None), ("from_on", "≤", on))
    return list(_lines(session, wanted.register, rows.rowids(session, replace(wanted, sort=(("until_on", False),))), "正在公示", "until_on", "", on, ""))

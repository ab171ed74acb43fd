"""What must agree when after-support people and their changes are entered: with the register of people, the approval lists and each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.clerk import Clerk
from relocdesk.derive import told_by_idcard
from relocdesk.entry.cells import OVERRULABLE, Changed, Judgement, New, Trouble
from relocdesk.errors import UserError
from relocdesk.field import Value
from relocdesk.ids import chunks
from relocdesk.queries.computed_support import RETURNING, STOPPING
from relocdesk.queries.entitlement import end_month
from relocdesk.queries.places import Places
from relocdesk.records.household import Person, PersonState
from relocdesk.records.reference import PolicyRow
from relocdesk.records.support import ApprovalList, ChangeKind, Cohort, Recipient, RecipientChange, ReduceReason
from relocdesk.rules.days import chinese_date, chinese_month
from relocdesk.rules.identity import comparison_name
from relocdesk.rules.support import belongs_to_first_cohort

FIRST_MONTH = "2006-07"  # 国发〔2006〕17号: nobody is supported before
STANDING = ("在册", "正常", "期满", "享受", "在享受")  # what a list may call somebody who is not reduced
Row = Mapping[str, Value]


def review(session: Session, clerk: Clerk, out: Judgement, accept: Mapping[str, str], claimed: Mapping[int, Row]) -> None:
    """Adds what speaks against new and changed rows of after-support, and what follows for the people behind them.

    Rows with problems are taken out of the judgement. `claimed` are the values files give for computed columns of new rows.
    """
    kind = {"recipient": _Recipients, "recipient_change": _Changes, "policy_row": _Policies}.get(out.register.name)
    if kind is not None and (out.new or out.changed):
        kind(session, clerk, out, accept, claimed).run()


def says_the_same(register: str, name: str, ours: Value, theirs: Value) -> bool:
    """Whether a list and the program mean the same by different words: lists call everybody 正常 who is not reduced."""
    return (register, name) == ("recipient", "state") and ours in STANDING and theirs in STANDING


@dataclass
class _Review:
    session: Session
    clerk: Clerk
    out: Judgement
    accept: Mapping[str, str]
    claimed: Mapping[int, Row]
    bad: set[int] = field(default_factory=set)

    def run(self) -> None:
        self.load()
        for new in self.out.new:
            self.new(new)
        for change in self.out.changed:
            self.changed(change)
        self.out.new[:] = [new for new in self.out.new if new.row not in self.bad]
        self.out.changed[:] = [change for change in self.out.changed if change.row not in self.bad]

    def load(self) -> None:
        """Reads what the rows are compared with."""

    def new(self, new: New) -> None:
        """Judges one new row."""

    def changed(self, change: Changed) -> None:
        """Judges one changed row."""

    def refuse(self, row: int, name: str, text: str, code: str, value: Value = None) -> None:
        """A problem of one row, or a rule overruled with its reason."""
        f = self.out.register[name]
        trouble = Trouble(row, name, f.label, "" if f.to else f.show(value), text, code)
        if code in OVERRULABLE and code in self.accept:
            self.out.overruled.append((row, Trouble(row, name, f.label, str(value or ""), text, code), self.accept[code]))
            self.out.warnings.append(Trouble(row, name, f.label, trouble.value, f"{text}（已放行：{self.accept[code]}）", code))
            return
        self.bad.add(row)
        self.out.problems.append(trouble)

    def warn(self, row: int, name: str, text: str, code: str) -> None:
        """Something to look at."""
        self.out.warnings.append(Trouble(row, name, self.out.register[name].label, "", text, code))

    def rows_of(self, cls: type[Any], ids: set[str], *names: str) -> dict[str, Any]:
        """id → the named columns of living rows."""
        found: dict[str, Any] = {}
        table = cls.__table__
        for some in chunks(one for one in ids if one):
            query = select(table.c.id, *(table.c[name] for name in names)).where(table.c.id.in_(some), table.c.deleted == 0)
            found |= {row.id: row for row in self.session.execute(query)}
        return found


class _Recipients(_Review):
    def load(self) -> None:
        self.places = Places.load(self.session)
        self.policies = settings.policies(self.session)
        self.now = self.rows_of(Recipient, {change.id for change in self.out.changed}, "place", "cohort", "moved_on", "start_month", "approval")
        cards = {str(new.values.get("idcard") or "") for new in self.out.new}
        self.people: dict[str, Any] = {}
        for some in chunks(cards):
            query = select(Person.idcard, Person.state, Person.died_on).where(Person.idcard.in_(some), Person.deleted == 0)
            self.people |= {row.idcard: row for row in self.session.execute(query)}
        lists = self.session.execute(select(ApprovalList).where(ApprovalList.deleted == 0)).scalars().all()
        self.lists = {one.id: one for one in lists}
        self.approved = {one.reservoir for one in lists}
        count = select(Recipient.approval, func.count()).where(Recipient.deleted == 0, Recipient.approval.is_not(None)).group_by(Recipient.approval)
        self.listed = {str(row[0]): int(row[1]) for row in self.session.execute(count)}

    def new(self, new: New) -> None:
        values = new.values
        person = self.people.get(str(values.get("idcard") or ""))
        if person is not None and (person.state == PersonState.DEAD or person.died_on):
            day = f"于{chinese_date(person.died_on)}" if person.died_on else ""
            self.refuse(new.row, "name", f"这个人已登记{day}死亡，不能列为后扶人口；请核对", "DEAD", values.get("name"))
        self._dates(new.row, values)
        self._approved(new.row, values)
        self._compared(new.row, values)

    def _dates(self, row: int, values: Row) -> None:
        moved, start, cohort = str(values.get("moved_on") or ""), str(values.get("start_month") or ""), values.get("cohort")
        for name in ("moved_on", "alive_on"):
            day = str(values.get(name) or "")
            if day > self.clerk.on:
                self.refuse(row, name, f"{chinese_date(day)}还没有到；请核对日期", "DAY", day)
        if moved and cohort == Cohort.PRESENT and not belongs_to_first_cohort(moved):
            self.refuse(row, "cohort", f"{chinese_date(moved)}搬迁的不是现状人口（到2006年6月30日为止）；请核对人口类型和搬迁日期", "COHORT", cohort)
        elif moved and cohort == Cohort.ORIGINAL and belongs_to_first_cohort(moved):
            self.refuse(row, "cohort", f"{chinese_date(moved)}搬迁的是现状人口（2006年7月1日起才是原迁人口）；请核对人口类型和搬迁日期", "COHORT", cohort)
        if start and start < FIRST_MONTH:
            self.refuse(row, "start_month", f"后期扶持从{chinese_month(FIRST_MONTH)}开始；请核对起始月", "START", start)
        elif start and moved and cohort == Cohort.ORIGINAL and start < moved[:7]:
            self.refuse(row, "start_month", f"起始月早于{chinese_date(moved)}搬迁；请核对", "START", start)
        if cohort == Cohort.ORIGINAL and not moved:
            self.warn(row, "moved_on", "没有搬迁日期，二十年从起始月起算", "MOVED")

    def _approved(self, row: int, values: Row) -> None:
        """R20: 现状人口 was approved once and never grows (国发〔2006〕17号); whoever comes later has an approval paper."""
        one = str(values.get("approval") or "")
        listed = self.lists.get(one)
        if listed is not None:
            self.listed[one] = self.listed.get(one, 0) + 1
        if values.get("cohort") != Cohort.PRESENT:
            return
        if listed is None:
            if values.get("reservoir") in self.approved:
                text = f"{values.get('reservoir')}的现状人口已经核定，不再增加；确有批准的，请填核定名册（带文号），或注明原因放行"
                self.refuse(row, "approval", text, "R20")
        elif self.listed[one] > listed.base_count and not listed.document:
            text = f"名册“{listed.number}”核定 {listed.base_count} 人，这是第 {self.listed[one]} 人，又没有文号；请核对，或注明原因放行"
            self.refuse(row, "approval", text, "R20", one)

    def _compared(self, row: int, values: Row) -> None:
        """Computed columns of a file are compared with what the program works out; they are never taken over."""
        claimed = self.claimed.get(row, {})
        if claimed.get("end_month") and values.get("start_month") and values.get("cohort"):
            moved = str(values["moved_on"]) if values.get("moved_on") else None
            ours = end_month(str(values["cohort"]), moved, str(values["start_month"]), str(values.get("reservoir") or ""), self.clerk.on, self.policies)
            if ours != claimed["end_month"]:
                theirs = str(claimed["end_month"])
                self.refuse(row, "end_month", f"按政策算出截止到 {ours}，表里是 {theirs}；请核对搬迁日期、人口类型和政策参数，不要改这一栏", "COMPUTED", theirs)
        told = told_by_idcard(str(values.get("idcard") or ""))
        for name, label in (("sex", "性别"), ("born_on", "出生日期")):
            theirs = str(claimed.get(name) or "")
            whole = theirs[:7] == str(told.get(name))[:7] if name == "born_on" and theirs.endswith("-01") else theirs == str(told.get(name))
            if theirs and told.get(name) and not whole:
                self.refuse(row, name, f"{label}与身份证号不一致；请核对身份证", "ID_DIFFERS", claimed.get(name))
        state = str(claimed.get("state") or "")
        if state and state not in STANDING:
            self.refuse(row, "state", f"表里是“{state}”；请先登记这个人，再在“人口动态”里办理", "COMPUTED", state)

    def changed(self, change: Changed) -> None:
        for name in ("name", "idcard"):
            old, new = change.changes.get(name, (None, None))
            if new is None and old is None:
                continue
            if name == "name" and comparison_name(str(old or "")) == comparison_name(str(new or "")):
                del change.changes[name]
                continue
            shown = f"台账里是“{old}”，这里是“{new}”；" if name == "name" else ""
            self.refuse(change.row, name, f"{shown}请核对，确需改正的请办理“更正信息”", "ACTED", new)
        if change.row in self.bad:
            return
        now = self.now[change.id]
        if "place" in change.changes:
            self._moved(change.row, str(now.place), str(change.changes["place"][1]))
        if {"moved_on", "cohort", "start_month", "alive_on"} & change.changes.keys():
            merged = {name: getattr(now, name) for name in ("cohort", "moved_on", "start_month")}
            self._dates(change.row, merged | {name: new for name, (_, new) in change.changes.items()})

    def _moved(self, row: int, old: str, new: str) -> None:
        """An ID in two townships: people move by a change, not by a list."""
        planned = {node.id: node.code for node in self.out.places}
        if self.places.code(old)[:9] != (planned.get(new) or self.places.code(new))[:9]:
            text = f"这个身份证号已在{self.places.full(old)}登记为后扶人口，不能又登记到{self.places.full(new)}；请办理迁入迁出"
            self.refuse(row, "place", text, "ELSEWHERE")


@dataclass(frozen=True, slots=True)
class _Step:
    """One event of a person's support: on disk, or a row being entered."""

    on: str
    kind: str
    reason: str | None
    detail: str = ""
    row: int | None = None


class _Changes(_Review):
    def load(self) -> None:
        ids = {str(new.values.get("recipient") or "") for new in self.out.new}
        self.old = self.rows_of(RecipientChange, {change.id for change in self.out.changed}, *_CHANGE_FIELDS)
        ids |= {row.recipient for row in self.old.values()}
        self.recipients = self.rows_of(Recipient, ids, "person", "start_month", "place")
        self.people = self.rows_of(Person, {row.person for row in self.recipients.values()}, "name", "born_on", "state", "died_on")
        self.steps: dict[str, list[_Step]] = {}
        edited = {change.id for change in self.out.changed}
        table = RecipientChange.__table__
        for some in chunks(one for one in ids if one):
            query = select(table.c.id, table.c.recipient, table.c.kind, table.c.reason, table.c.detail, table.c.happened_on)
            for one in self.session.execute(query.where(table.c.recipient.in_(some), table.c.deleted == 0, table.c.kind.in_((*STOPPING, *RETURNING)))):
                if one.id not in edited:
                    self.steps.setdefault(one.recipient, []).append(_Step(one.happened_on, one.kind, one.reason, one.detail or ""))

    def run(self) -> None:
        super().run()
        self._in_order()
        self.out.new[:] = [new for new in self.out.new if new.row not in self.bad]
        self.out.changed[:] = [change for change in self.out.changed if change.row not in self.bad]
        for new in self.out.new:
            self._died(new.values)

    def new(self, new: New) -> None:
        self._judge(new.row, new.values)

    def changed(self, change: Changed) -> None:
        old = self.old[change.id]
        if old.approved_on:
            self.refuse(change.row, next(iter(change.changes)), f"这条动态已于{chinese_date(old.approved_on)}核准，不能直接改；有误的请撤销后重办", "FROZEN")
            return
        self._judge(change.row, {name: getattr(old, name) for name in _CHANGE_FIELDS} | {name: new for name, (_, new) in change.changes.items()})

    def _judge(self, row: int, values: Row) -> None:
        recipient = self.recipients.get(str(values.get("recipient") or ""))
        day, kind = str(values.get("happened_on") or ""), values.get("kind")
        if recipient is None or not day:
            return
        person = self.people.get(recipient.person)
        found = str(values.get("found_on") or "")
        if day > self.clerk.on:
            self.refuse(row, "happened_on", f"{chinese_date(day)}还没有到；请核对发生日期", "DAY", day)
        elif person is not None and person.born_on and day < person.born_on:
            self.refuse(row, "happened_on", f"{chinese_date(day)}早于{person.name}的出生日期{chinese_date(person.born_on)}；请核对", "BIRTH", day)
        elif kind in STOPPING and day[:7] < recipient.start_month:
            self.refuse(row, "happened_on", f"{chinese_date(day)}早于扶持起始月 {recipient.start_month}；请核对日期，属实的注明原因放行", "BEFORE_START", day)
        if found and found > self.clerk.on:
            self.refuse(row, "found_on", f"{chinese_date(found)}还没有到；请核对发现日期", "DAY", found)
        elif found and found < day:
            self.refuse(row, "found_on", f"发现日期{chinese_date(found)}早于发生日期{chinese_date(day)}；请核对", "DAY", found)
        if kind == ChangeKind.REDUCE:
            self._reduce(row, values, day)
        if row not in self.bad and kind in (*STOPPING, *RETURNING):
            reason = str(values["reason"]) if values.get("reason") else None
            self.steps.setdefault(str(values["recipient"]), []).append(_Step(day, str(kind), reason, str(values.get("detail") or ""), row))
        if kind in (*STOPPING, *RETURNING) and not values.get("proof"):
            self.warn(row, "proof", "没有写证明材料，核准前要补", "PROOF")

    def _reduce(self, row: int, values: Row, day: str) -> None:
        """云搬发〔2022〕174号: the reasons D1–D5, 农转城 and 缓刑 excepted."""
        reason, detail = values.get("reason"), str(values.get("detail") or "")
        if not reason:
            self.refuse(row, "reason", "核减要写原因；请填 D1 录用、D2 转非、D3 死亡、D4 服刑 或 D5 其他", "REQUIRED")
        elif reason == ReduceReason.OTHER and not detail:
            self.refuse(row, "detail", "D5 其他要写明具体原因；请补填", "REQUIRED")
        elif reason == ReduceReason.HUKOU and "农转城" in detail:
            self.refuse(row, "reason", "“农转城”人员保留移民身份，不核减；请核对户口性质", "KEEPS", reason)
        elif reason == ReduceReason.PRISON and "缓刑" in detail:
            self.refuse(row, "reason", "判处缓刑的不核减；请核对判决书", "KEEPS", reason)
        until = str(values.get("until_on") or "")
        if until and until < day:
            self.refuse(row, "until_on", "刑期截止早于发生日期；请核对判决书", "TERM", until)

    def _in_order(self) -> None:
        """Nobody is reduced twice or comes back without having left; a prisoner may die."""
        for steps in self.steps.values():
            last: _Step | None = None
            for step in sorted(steps, key=lambda one: (one.on, one.kind in RETURNING)):
                text = _out_of_order(last, step)
                if text and step.row is not None:
                    self.refuse(step.row, "kind", text, "ORDER", step.kind)
                    continue
                last = step

    def _died(self, values: Row) -> None:
        """A death is kept once, in the register of people."""
        recipient = self.recipients.get(str(values.get("recipient") or ""))
        person = self.people.get(recipient.person) if recipient is not None else None
        if recipient is None or person is None or values.get("kind") != ChangeKind.REDUCE or values.get("reason") != ReduceReason.DEAD:
            return
        changes = {"state": (person.state, PersonState.DEAD.value), "died_on": (person.died_on, values["happened_on"])}
        self.out.heads.changed.append((recipient.person, {name: pair for name, pair in changes.items() if pair[0] != pair[1]}))


_CHANGE_FIELDS = ("recipient", "kind", "reason", "detail", "happened_on", "found_on", "until_on", "proof", "approved_on")


def _out_of_order(last: _Step | None, step: _Step) -> str:
    """Why a step cannot follow the last one, or ""."""
    gone = last is not None and last.kind in STOPPING
    if step.kind in RETURNING and not gone and step.kind == ChangeKind.RESTORE:
        return "这个人没有核减或迁出，不用恢复；请核对"
    if step.kind == ChangeKind.MOVE_IN and last is not None and last.kind == ChangeKind.REDUCE:
        return f"已于{chinese_date(last.on)}核减，不能迁入；应当恢复的请办“恢复发放”"
    if step.kind in STOPPING and gone and last is not None:
        dies = step.reason == ReduceReason.DEAD and last.reason != ReduceReason.DEAD
        if not dies:
            what = "迁出" if last.kind == ChangeKind.MOVE_OUT else "核减"
            return f"已于{chinese_date(last.on)}{what}，不能再次办理；请核对是不是重复登记"
    if step.kind == ChangeKind.RESTORE and last is not None and last.reason == ReduceReason.DEAD and "撤销" not in step.detail:
        return "已登记死亡的，只有法院撤销死亡宣告才能恢复（民法典第五十条）；属实的，具体原因写“撤销死亡宣告”"
    return ""


class _Policies(_Review):
    def new(self, new: New) -> None:
        self._judge(new.row, new.values)

    def changed(self, change: Changed) -> None:
        row = self.session.get_one(PolicyRow, change.id)
        self._judge(change.row, {name: getattr(row, name) for name in ("subject", "value", "valid_from", "valid_to")}
                    | {name: new for name, (_, new) in change.changes.items()})  # fmt: skip

    def _judge(self, row: int, values: Row) -> None:
        if values.get("valid_to") and str(values["valid_to"]) < str(values.get("valid_from") or ""):
            self.refuse(row, "valid_to", "停用日期早于起用日期；请核对", "TERM", values["valid_to"])
        one = settings.subject(str(values.get("subject") or ""))
        if one is None:
            self.warn(row, "subject", f"不是程序会用到的事项；会用到的有：{'、'.join(s.label for s in settings.POLICIES)}", "SUBJECT")
            return
        try:
            one.field.read(str(values.get("value") or ""))
        except UserError as error:
            self.refuse(row, "value", f"“{one.label}”读不懂：{error}", "VALUE", values.get("value"))


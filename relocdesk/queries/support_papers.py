"""What the papers of after-support say, read in bulk: rosters, lists of changes, letters of recovery, check lists.

Like `papers`, nothing here depends on today or on who is at work.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.queries.agreed import chunks
from relocdesk.queries.computed import expression
from relocdesk.queries.papers import PaperReader
from relocdesk.queries.rows import Shower
from relocdesk.records import register
from relocdesk.records.household import Person
from relocdesk.records.payment import PayResult
from relocdesk.records.support import ChangeKind, LineKind, Period, Recipient, RecipientChange, Recovery, ReduceReason, SupportPayment
from relocdesk.records.survey import Posting, PostingSubject
from relocdesk.rules.days import add_days, add_months
from relocdesk.rules.identity import name_in_public


@dataclass(frozen=True, slots=True)
class Migrant:
    """A recipient as papers name one, choices and words as shown; empty texts are missing data. `public` is the name on a notice."""

    id: str
    place_id: str
    village: str
    group: str
    reservoir: str
    household_no: str
    head: str
    name: str
    public: str
    sex: str
    ethnic: str
    idcard: str
    relation: str
    cohort: str
    moved_on: str
    start: str
    end: str
    support: str
    phone: str


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One line of a roster, money in 分. `outcome` is what the bank said: 成功, 退回 with its reason, or nothing yet."""

    who: Migrant
    kind: str
    months: int
    due: int
    back_pay: int
    deducted: int
    paid: int
    reason: str
    account_name: str
    account: str
    bank: str
    payee_relation: str
    outcome: str


@dataclass(frozen=True, slots=True)
class RosterData:
    """The roster of a period, or of one village of it (`village`: its name). `counts`: approved, present and paid heads."""

    id: str
    home: str
    year: int
    number: int
    place: str
    place_id: str
    village: str
    first_month: str
    last_month: str
    standard: int
    office: str
    frozen_on: str
    made_by: str
    checked_by: str
    approved_by: str
    zheng: int
    counts: tuple[int, int, int]
    lines: tuple[RosterLine, ...]

    @property
    def name(self) -> str:
        """2026年第2期."""
        return f"{self.year}年第{self.number}期"

    @property
    def cash(self) -> bool:
        """Whether the money is handed out: no line has an account."""
        return not any(line.account for line in self.lines)

    @property
    def heads(self) -> int:
        """People on the roster, each once."""
        return len({line.who.id for line in self.lines})


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change of a recipient. `stops_from` is the month from which payment stops or is taken up again; money in 分."""

    id: str
    who: Migrant
    kind: str
    reason: str
    detail: str
    happened_on: str
    stops_from: str
    item: str
    old_value: str
    new_value: str
    proof: str
    periods: str
    over_paid: int
    paid_back: int
    paid_back_on: str
    posted_from: str
    posted_until: str
    side_note: str


@dataclass(frozen=True, slots=True)
class ChangesData:
    """Changes of one kind in one township, by place; `kind` is its code."""

    home: str
    kind: str
    place: str
    place_id: str
    office: str
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class RecoveryData:
    """A claim for over-paid money, due in `days` after it is told. `rules`, `pay_to` and `contact` are the office's own words."""

    id: str
    home: str
    number: str
    who: Migrant
    place: str
    kind: str
    reason: str
    happened_on: str
    stops_from: str
    periods: str
    over_paid: int
    recovered: int
    letter_on: str
    letter_due: str
    days: int
    office: str
    rules: str
    pay_to: str
    contact: str
    zheng: int


@dataclass(frozen=True, slots=True)
class CheckData:
    """The recipients of one village group who are to be looked up."""

    home: str
    place: str
    place_id: str
    office: str
    people: tuple[Migrant, ...]


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction as it hangs on a wall: no numbers of people, and of a sentence only that payment stops."""

    place_id: str
    group: str
    head: str
    name: str
    sex: str
    cohort: str
    why: str
    stops_from: str


@dataclass(frozen=True, slots=True)
class NoticeData:
    """A posting of a subsidy roster (`roster`) or of reductions in one village."""

    id: str
    home: str
    subject: str
    place: str
    place_id: str
    from_on: str
    until_on: str
    contact: str
    office: str
    notice: str
    roster: RosterData | None
    reductions: tuple[Reduction, ...]


class SupportReader:
    """Reads for one piece of work; places and words are looked up once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.papers = PaperReader(session)
        self.places = self.papers.places
        self._shower = Shower(session)

    # --- people ------------------------------------------------------------------------------------------------------

    def migrants(self, ids: Iterable[str], on: str = "") -> dict[str, Migrant]:
        """Recipients by id; a deleted one is still named where a change or a line is about it. `on`: the day of a notice."""
        r = Recipient.__table__.alias()
        return {one: self._migrant(row, on) for part in chunks(one for one in ids if one)
                for row in self._rows(_people(r).where(r.c.id.in_(part))) for one in [row["id"]]}  # fmt: skip

    def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in self.session.execute(query).mappings()]

    def _migrant(self, row: dict[str, Any], on: str) -> Migrant:
        _, village, group = self.places.parts(row["place"])
        reg, name, head = register("recipient"), row["name"] or "", row["head_name"] or ""
        people = register("person")
        return Migrant(
            row["id"], row["place"], village, group, self._word("recipient", "reservoir", row["reservoir"]), row["household_no"] or "", head, name,
            name_in_public(name, row["born_on"] or "", on, head, row["sex"] or ""), people["sex"].show(row["sex"]) if row["sex"] else "",
            self._word("person", "ethnic", row["ethnic"]), row["idcard"] or "", self._word("recipient", "relation", row["relation"]),
            reg["cohort"].show(row["cohort"]), row["moved_on"] or "", row["start_month"] or "", row["end_month"] or "",
            reg["support"].show(row["support"]), row["phone"] or "")  # fmt: skip

    def _word(self, name: str, field: str, value: str | None) -> str:
        return self._shower.column(register(name)[field], [value])[0] if value else ""

    def _order(self, who: Migrant) -> tuple[str, str, str, bool, str, str]:
        """By place and household, its head first."""
        code = self.places.code(who.place_id) if who.place_id in self.places.nodes else ""
        return code, who.household_no, who.head, who.name != who.head, who.name, who.id

    def township(self, place: str) -> str:
        """The township that a place lies in; the place itself where there is none."""
        return next((node.id for node in self.places.ancestors(place) if node.level == 9), place)

    def village(self, place: str) -> str:
        """The village that a place lies in; the place itself where there is none."""
        return next((node.id for node in self.places.ancestors(place) if node.level == 12), place)

    # --- rosters -----------------------------------------------------------------------------------------------------

    def period_name(self, period: str) -> str:
        """2026年第2期; "" for one that is gone."""
        row = self.session.get(Period, period)
        return f"{row.year}年第{row.number}期" if row else ""

    def villages_of(self, period: str) -> list[str]:
        """The villages whose people stand on the roster of a period, by code."""
        line, r = SupportPayment.__table__, Recipient.__table__
        where = (line.c.period == period, line.c.deleted == 0)
        places = self.session.scalars(select(r.c.place).join(line, line.c.recipient == r.c.id).where(*where).distinct())
        return sorted({self.village(place) for place in places}, key=lambda one: self.places.code(one) if one in self.places.nodes else one)

    def roster(self, period: str, village: str = "") -> RosterData | None:
        """The roster of a period, of one village only where one is named; None when the period is gone."""
        row = self.session.get(Period, period)
        if row is None or row.deleted:
            return None
        below = self.places.below(village) if village else set()
        lines = [one for one in self._roster_lines(row) if not village or one.who.place_id in below]
        place = village or row.place or self.papers.common_place({one.who.place_id for one in lines})
        counts = (row.base_count or 0, row.present or 0, len({one.who.id for one in lines}))
        return RosterData(
            row.id, row.home, row.year, row.number, self.papers.full(place), place, self.places.nodes[village].name if village else "",
            row.first_month, row.last_month, row.standard, self.papers.office(row.home), row.frozen_on or "", row.made_by or "", row.checked_by or "",
            row.approved_by or "", int(settings.flag(self.session, "capital.zheng_after_jiao", row.home)), counts if not village else (0, 0, counts[2]),
            tuple(lines))  # fmt: skip

    def _roster_lines(self, period: Period) -> list[RosterLine]:
        """The lines as they were frozen: one that came back and is paid again stands once, with the last word of the bank."""
        line, r = SupportPayment.__table__, Recipient.__table__.alias()
        columns = [line.c[name].label(f"line_{name}") for name in (
            "id", "kind", "months", "due", "back_pay", "deducted", "paid", "reason", "account_name", "account", "bank", "attempt", "result", "return_reason")]
        query = _people(r).join(line, line.c.recipient == r.c.id).add_columns(*columns, r.c.payee_relation)
        first: dict[tuple[str, str], dict[str, Any]] = {}
        last: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self._rows(query.where(line.c.period == period.id, line.c.deleted == 0)):
            key = (row["id"], row["line_kind"])
            first[key] = min(row, first.get(key, row), key=_attempt)
            last[key] = max(row, last.get(key, row), key=_attempt)
        on = period.frozen_on or add_days(f"{add_months(period.last_month, 1)}-01", -1)
        moved = self._moved_since(period.id)
        for row in first.values():
            row["place"] = next((place for change, place in moved.get(row["id"], ()) if change > row["line_id"]), row["place"])
        lines = [self._roster_line(row, last[key], on) for key, row in first.items()]
        return sorted(lines, key=lambda one: (*self._order(one.who), one.kind != LineKind.NORMAL))

    def _moved_since(self, period: str) -> dict[str, list[tuple[str, str]]]:
        """Recipient → (change, place left) of those on a roster who moved, in the order in which it was entered.

        Ids tell which came first, the line or the move: a frozen roster keeps people where they were.
        """
        change, line = RecipientChange.__table__, SupportPayment.__table__
        there = select(line.c.recipient).where(line.c.period == period, line.c.deleted == 0)
        query = select(change.c.recipient, change.c.id, change.c.from_place).where(
            change.c.kind == ChangeKind.MOVE, change.c.deleted == 0, change.c.from_place.is_not(None), change.c.recipient.in_(there))  # fmt: skip
        found: dict[str, list[tuple[str, str]]] = {}
        for recipient, row_id, place in self.session.execute(query.order_by(change.c.id)):
            found.setdefault(recipient, []).append((row_id, place))
        return found

    def _roster_line(self, row: dict[str, Any], last: dict[str, Any], on: str) -> RosterLine:
        outcome = "" if last["line_result"] == PayResult.DUE else register("support_payment")["result"].show(last["line_result"])
        if last["line_result"] == PayResult.RETURNED and last["line_return_reason"]:
            outcome += f"：{self._word('support_payment', 'return_reason', last['line_return_reason'])}"
        return RosterLine(
            self._migrant(row, on), row["line_kind"], row["line_months"] or 0, row["line_due"] or 0, row["line_back_pay"], row["line_deducted"],
            row["line_paid"] or 0, row["line_reason"] or "", row["line_account_name"] or "", row["line_account"] or "", row["line_bank"] or "",
            self._word("recipient", "payee_relation", row["payee_relation"]), outcome)  # fmt: skip

    # --- changes -----------------------------------------------------------------------------------------------------

    def change_sets(self, ids: Sequence[str], kind: str) -> list[tuple[str, tuple[str, ...]]]:
        """The chosen changes of one kind that go on one sheet together: (township, ids by place)."""
        sets: dict[str, list[ChangeLine]] = {}
        for line in self.changes(ids):
            if line.kind == kind:
                sets.setdefault(self.township(line.who.place_id), []).append(line)
        return [(self.papers.full(place), tuple(line.id for line in some)) for place, some in sets.items()]

    def sheet_of_changes(self, ids: Sequence[str]) -> ChangesData | None:
        """The changes of one sheet, None when they are all gone."""
        lines = self.changes(ids)
        if not lines:
            return None
        home = self.session.get_one(RecipientChange, lines[0].id).home
        place = self.township(lines[0].who.place_id)
        return ChangesData(home, lines[0].kind, self.papers.full(place), place, self.papers.office(home), tuple(lines))

    def changes(self, ids: Iterable[str], on: str = "") -> list[ChangeLine]:
        """Living changes by place and household."""
        reg, table = register("recipient_change"), RecipientChange.__table__
        names = ("id", "recipient", "kind", "reason", "detail", "happened_on", "item", "old_value", "new_value", "proof", "posted", "remark")
        columns = [*(table.c[name] for name in names), expression(reg, reg["stops_from"], table).label("stops_from")]
        rows = [row for part in chunks(ids) for row in self._rows(select(*columns).where(table.c.id.in_(part), table.c.deleted == 0))]
        people = self.migrants((row["recipient"] for row in rows), on)
        claims = self._claims(row["id"] for row in rows)
        postings = {one.id: one for part in chunks(row["posted"] or "" for row in rows)
                    for one in self.session.scalars(select(Posting).where(Posting.id.in_(part)))}  # fmt: skip
        lines = [self._change(row, people[row["recipient"]], claims.get(row["id"], []), postings.get(row["posted"] or "")) for row in rows]
        return sorted(lines, key=lambda one: (*self._order(one.who), one.happened_on, one.id))

    def _claims(self, changes: Iterable[str]) -> dict[str, list[Recovery]]:
        found: dict[str, list[Recovery]] = {}
        for part in chunks(changes):
            for row in self.session.scalars(select(Recovery).where(Recovery.change.in_(part), Recovery.deleted == 0).order_by(Recovery.line)):
                found.setdefault(str(row.change), []).append(row)
        return found

    def _change(self, row: dict[str, Any], who: Migrant, claims: list[Recovery], posting: Posting | None) -> ChangeLine:
        reg = register("recipient_change")
        return ChangeLine(
            row["id"], who, row["kind"], reg["reason"].show(row["reason"]) if row["reason"] else "", self._word("recipient_change", "detail", row["detail"]),
            row["happened_on"] or "", row["stops_from"] or "", row["item"] or "", row["old_value"] or "", row["new_value"] or "",
            row["proof"] or "", "、".join(dict.fromkeys(period_names(one.periods) for one in claims if one.periods)),
            sum(one.over_paid for one in claims), sum(one.recovered for one in claims),
            max((one.recovered_on or "" for one in claims), default=""), posting.from_on if posting else "", posting.until_on if posting else "",
            row["remark"] or "")  # fmt: skip

    # --- letters and check lists -------------------------------------------------------------------------------------

    def recoveries(self, ids: Sequence[str]) -> list[RecoveryData]:
        """Claims in the order of `ids`; deleted ones are left out."""
        rows = {row.id: row for part in chunks(ids) for row in
                self.session.scalars(select(Recovery).where(Recovery.id.in_(part), Recovery.deleted == 0))}  # fmt: skip
        people = self.migrants(row.recipient for row in rows.values())
        causes = {row.id: row.change or self._last_stop(row.recipient) for row in rows.values()}
        changes = {one.id: one for one in self.changes(one for one in causes.values() if one)}
        return [self._recovery(rows[one], people[rows[one].recipient], changes.get(causes[one])) for one in ids if one in rows]

    def _last_stop(self, recipient: str) -> str:
        """The newest change that stopped payment, for a claim that names none; "" when there is none."""
        query = select(RecipientChange.id).where(RecipientChange.recipient == recipient, RecipientChange.deleted == 0,
                                                 RecipientChange.kind.in_((ChangeKind.REDUCE, ChangeKind.MOVE_OUT)))  # fmt: skip
        return self.session.scalars(query.order_by(RecipientChange.happened_on.desc(), RecipientChange.id.desc()).limit(1)).first() or ""

    def _recovery(self, row: Recovery, who: Migrant, change: ChangeLine | None) -> RecoveryData:
        def words(key: str) -> str:
            return settings.text(self.session, key, row.home)

        return RecoveryData(
            row.id, row.home, row.line or "", who, self.papers.full(who.place_id), change.kind if change else "", change.reason if change else "",
            change.happened_on if change else "", change.stops_from if change else "", period_names(row.periods), row.over_paid, row.recovered,
            row.told_on or "", row.due_on or "", self._days(row, who), self.papers.office(row.home), words("clauses.recovery"),
            words("recovery.pay_to"), words("posting.contact"),
            int(settings.flag(self.session, "capital.zheng_after_jiao", row.home)))  # fmt: skip

    def _days(self, row: Recovery, who: Migrant) -> int:
        """The days of the policy row valid when it is told, of the newest one before."""
        return int(settings.policies(self.session).value("subsidy.recover_days", row.told_on or "9999-12-31", who.reservoir) or 0)

    def check_sets(self, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
        """Recipients that go on one check list together, those of one village group: (place, ids by household)."""
        sets: dict[str, list[str]] = {}
        for who in sorted(self.migrants(self._living(ids)).values(), key=self._order):
            sets.setdefault(who.place_id, []).append(who.id)
        return [(self.papers.full(place), tuple(some)) for place, some in sets.items()]

    def check_list(self, ids: Sequence[str]) -> CheckData | None:
        """The people of one check list, None when they are all gone."""
        people = sorted(self.migrants(self._living(ids)).values(), key=self._order)
        if not people:
            return None
        home = self.places.home(people[0].place_id)
        return CheckData(home, self.papers.full(people[0].place_id), people[0].place_id, self.papers.office(home), tuple(people))

    def _living(self, ids: Iterable[str]) -> list[str]:
        """Those who have not been taken off and not moved away; whose years are over is still looked up, they may be extended."""
        reg, table = register("recipient"), Recipient.__table__
        state = expression(reg, reg["state"], table)
        return [one for part in chunks(ids) for one in
                self.session.scalars(select(table.c.id).where(table.c.id.in_(part), table.c.deleted == 0, state.not_in(("核减", "迁出"))))]  # fmt: skip

    # --- notices -----------------------------------------------------------------------------------------------------

    def notice_sets(self, posting: Posting) -> list[str]:
        """The villages in which a posting about people is put up."""
        if posting.subject == PostingSubject.SUBSIDY:
            found = {one for period in self._periods(posting) for one in self.villages_of(period)}
        else:
            found = {self.village(one.place_id) for one in self.posted_reductions(posting)}
        below = self.places.below(posting.place)
        return sorted((one for one in found if one in below or posting.place in self.places.below(one)), key=self.places.code)

    def notice(self, posting: Posting, village: str) -> NoticeData:
        """What a posting says about the people of one village."""
        where = village or posting.place
        subsidy = posting.subject == PostingSubject.SUBSIDY
        rosters = [self.roster(period, village) for period in self._periods(posting)] if subsidy else []
        below = self.places.below(where)
        reductions = [] if subsidy else [one for one in self.posted_reductions(posting) if one.place_id in below]
        return NoticeData(
            posting.id, posting.home, PostingSubject(posting.subject).label, self.papers.full(where), where, posting.from_on, posting.until_on,
            posting.contact or settings.text(self.session, "posting.contact", posting.home), self.papers.office(posting.home),
            settings.text(self.session, "clauses.posting_people", posting.home), rosters[0] if rosters else None, tuple(reductions))  # fmt: skip

    def _periods(self, posting: Posting) -> list[str]:
        query = select(Period.id).where(Period.posted == posting.id, Period.deleted == 0)
        return list(self.session.scalars(query.order_by(Period.year, Period.number)))

    def posted_reductions(self, posting: Posting) -> list[Reduction]:
        """What hung on the wall: the picture taken when it was put up; without one, the reductions that name the posting."""
        if posting.snapshot:
            return [Reduction(*one) for one in json.loads(posting.snapshot)["reductions"]]
        return self._reductions(RecipientChange.posted == posting.id, on=posting.from_on)

    def pending_reductions(self, place: str, on: str) -> list[Reduction]:
        """The reductions at a place and below, known by a day, that nobody has approved yet."""
        recipients = select(Recipient.id).where(Recipient.place.in_(self.places.below(place)))
        return self._reductions(RecipientChange.recipient.in_(recipients), RecipientChange.approved_on.is_(None),
                                func.coalesce(RecipientChange.found_on, RecipientChange.happened_on) <= on, on=on)  # fmt: skip

    def _reductions(self, *where: ColumnElement[bool], on: str) -> list[Reduction]:
        query = select(RecipientChange.id).where(RecipientChange.deleted == 0, RecipientChange.kind == ChangeKind.REDUCE, *where)
        found = []
        for line in self.changes(list(self.session.scalars(query)), on):
            who, prison = line.who, line.reason == ReduceReason.PRISON.label
            found.append(Reduction(who.place_id, who.village + who.group, who.head, who.public, who.sex, who.cohort,
                                   "不符合领取条件（D4）" if prison else line.reason, line.stops_from))  # fmt: skip
        return found


def period_names(text: str) -> str:
    """Periods as letters name them.

    >>> period_names("2026/1、2026/2")
    '2026年第1期、2026年第2期'
    """
    return re.sub(r"(\d{4})/(\d{1,2})", r"\1年第\2期", text)


def _people(r: FromClause) -> Select[Any]:
    """Recipients with the facts of their persons."""
    reg, p = register("recipient"), Person.__table__.alias()
    names = ("id", "place", "reservoir", "household_no", "head_name", "relation", "cohort", "moved_on", "start_month", "support", "phone")
    person = [p.c[name] for name in ("name", "sex", "born_on", "ethnic", "idcard")]
    return select(*(r.c[name] for name in names), *person, expression(reg, reg["end_month"], r).label("end_month")).select_from(
        r.outerjoin(p, r.c.person == p.c.id))  # fmt: skip


def _attempt(row: dict[str, Any]) -> int:
    return int(row["line_attempt"])

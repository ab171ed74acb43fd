"""The roster of a subsidy period as it is printed: line by line, whole or of one village, with its people as they were approved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.queries.entitlement import end_month
from relocdesk.queries.migrants import OF_PERSON, Migrant, MigrantReader, people_of
from relocdesk.queries.roster_past import approved_in, frozen_in, since
from relocdesk.records import register
from relocdesk.records.support import ChangeKind, LineKind, LineResult, Period, Recipient, RecipientChange, SupportPayment
from relocdesk.rules.days import last_day
from relocdesk.settings import policies


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
    formerly: str = ""  # 原名… or 原证号… when it was put right between freezing and approval


@dataclass(frozen=True, slots=True)
class RosterData:
    """The roster of a period, or of one village of it (`village`: its name). `counts`: approved, present and paid heads.

    `by_hand`: whether people without an account may be paid in cash beside the others.
    """

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
    by_hand: int
    counts: tuple[int, int, int]
    lines: tuple[RosterLine, ...]

    @property
    def name(self) -> str:
        """2026年第2期."""
        return f"{self.year}年第{self.number}期"

    @property
    def cash(self) -> tuple[RosterLine, ...]:
        """The lines that are signed for: those without an account where that is allowed, all where nobody has one."""
        bare = tuple(line for line in self.lines if not line.account)
        return bare if self.by_hand or len(bare) == len(self.lines) else ()

    @property
    def heads(self) -> int:
        """People on the roster, each once."""
        return len({line.who.id for line in self.lines})


class RosterReader:
    """Reads rosters for one piece of work."""

    def __init__(self, session: Session, people: MigrantReader | None = None) -> None:
        self.session = session
        self.people = people or MigrantReader(session)
        self.papers, self.places = self.people.papers, self.people.places

    def period_name(self, period: str) -> str:
        """2026年第2期; "" for one that is gone."""
        row = self.session.get(Period, period)
        return f"{row.year}年第{row.number}期" if row else ""

    def villages_of(self, period: str) -> list[str]:
        """The villages whose people stand on the roster of a period, by code."""
        line, r = SupportPayment.__table__, Recipient.__table__
        query = select(r.c.place).join(line, line.c.recipient == r.c.id).where(line.c.period == period, line.c.deleted == 0).distinct()
        moved = self._moved_since(period)
        places = {place for (place,) in self.session.execute(query.where(r.c.id.not_in(moved)))} | {place for some in moved.values() for place in some.values()}
        return sorted({self.people.village(place) for place in places}, key=lambda one: self.places.code(one) if one in self.places.nodes else one)

    def roster(self, period: str, village: str = "") -> RosterData | None:
        """The roster of a period, of one village only where one is named; None when the period is gone."""
        row = self.session.get(Period, period)
        if row is None or row.deleted:
            return None
        lines = self._roster_lines(row, village)
        place = village or row.place or self.papers.common_place({one.who.place_id for one in lines})
        counts = (row.base_count or 0, row.present or 0, len({one.who.id for one in lines}))
        return RosterData(
            row.id, row.home, row.year, row.number, self.papers.full(place), place, self.places.nodes[village].name if village else "",
            row.first_month, row.last_month, row.standard, self.papers.office(row.home), row.frozen_on or "", row.made_by or "", row.checked_by or "",
            row.approved_by or "", int(settings.flag(self.session, "capital.zheng_after_jiao", row.home)),
            int(settings.flag(self.session, "subsidy.cash", row.home)), counts if not village else (0, 0, counts[2]),
            tuple(lines))  # fmt: skip

    def _roster_lines(self, period: Period, village: str) -> list[RosterLine]:
        """The lines as they were frozen: one that came back and is paid again stands once, with the last word of the bank."""
        line, r = SupportPayment.__table__, Recipient.__table__.alias()
        columns = [line.c[name].label(f"line_{name}") for name in (
            "id", "kind", "months", "due", "back_pay", "deducted", "paid", "reason", "account_name", "account", "bank", "attempt", "result", "return_reason")]
        query = people_of(r).join(line, line.c.recipient == r.c.id).add_columns(*columns, r.c.payee_relation, r.c.person)
        first: dict[tuple[str, str], dict[str, Any]] = {}
        last: dict[tuple[str, str], dict[str, Any]] = {}
        moved, below = self._moved_since(period.id), self.places.below(village) if village else set()
        where: list[ColumnElement[bool]] = [or_(r.c.place.in_(below), r.c.id.in_(moved))] if village else []
        rows = self.people.rows(query.where(line.c.period == period.id, line.c.deleted == 0, *where))
        for row in self._as_approved(period, rows):
            row["place"] = moved.get(row["id"], {}).get(row["line_id"], row["place"])
            if village and row["place"] not in below:
                continue
            key = (row["id"], row["line_kind"])
            first[key] = min(row, first.get(key, row), key=_attempt)
            last[key] = max(row, last.get(key, row), key=_attempt)
        on = period.frozen_on or last_day(period.last_month)
        lines = [self._roster_line(row, last[key], on) for key, row in first.items()]
        return sorted(lines, key=lambda one: (*self.people.order(one.who), one.kind != LineKind.NORMAL))

    def _as_approved(self, period: Period, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows with everything about their people as it was when the roster was approved, and what was put right since it was frozen."""
        ids = {row[name] for row in rows for name in ("id", "person")}
        approved, frozen = approved_in(self.session, period), frozen_in(self.session, period)
        later = since(self.session, ids, approved) if approved is not None else {}
        between = since(self.session, ids, frozen, approved) if frozen is not None else {}
        found = policies(self.session) if approved is not None else None
        for row in rows:
            person, own = later.get(row["person"], {}), later.get(row["id"], {})
            row.update({name: person[name] for name in OF_PERSON if name in person})
            row.update({name: old for name, old in own.items() if name in row and name != "place"})  # where they lived is told by their moves
            row["formerly"] = _formerly(between.get(row["person"], {}), row)
            if found is not None and period.frozen_on:
                row["end_month"] = end_month(row["cohort"], row["moved_on"], row["start_month"], row["reservoir"], period.frozen_on, found)
        return rows

    def _moved_since(self, period: str) -> dict[str, dict[str, str]]:
        """Recipient → line → the place in which the line was frozen, for those on a roster who moved afterwards.

        Ids tell which came first, the line or the move: a frozen roster keeps people where they were.
        """
        change, line = RecipientChange.__table__, SupportPayment.__table__
        query = select(line.c.recipient, line.c.id, change.c.from_place).join(change, change.c.recipient == line.c.recipient)
        query = query.where(line.c.period == period, line.c.deleted == 0, change.c.kind == ChangeKind.MOVE, change.c.deleted == 0,
                            change.c.from_place.is_not(None), change.c.id > line.c.id).order_by(change.c.id.desc())  # fmt: skip
        found: dict[str, dict[str, str]] = {}
        for recipient, row_id, place in self.session.execute(query):  # the first move after the line comes last and stays
            found.setdefault(recipient, {})[row_id] = place
        return found

    def _roster_line(self, row: dict[str, Any], last: dict[str, Any], on: str) -> RosterLine:
        outcome = "" if last["line_result"] == LineResult.DUE else register("support_payment")["result"].show(last["line_result"])
        if last["line_result"] == LineResult.RETURNED and last["line_return_reason"]:
            outcome += f"：{self.people.word('support_payment', 'return_reason', last['line_return_reason'])}"
        return RosterLine(
            self.people.migrant(row, on), row["line_kind"], row["line_months"] or 0, row["line_due"] or 0, row["line_back_pay"], row["line_deducted"],
            row["line_paid"] or 0, row["line_reason"] or "", row["line_account_name"] or "", row["line_account"] or "",
            (row["line_bank"] or "") if row["line_account"] else "",
            self._relation(row), outcome, row["formerly"])  # fmt: skip

    def _relation(self, row: dict[str, Any]) -> str:
        """What the holder of the account is to the person; somebody's own account says so even where nobody entered it."""
        holder = row["line_account_name"]
        if not holder or not row["line_account"]:
            return ""
        return "本人" if holder == row["name"] else self.people.word("recipient", "payee_relation", row["payee_relation"])


def _formerly(old: dict[str, Any], row: dict[str, Any]) -> str:
    """What somebody was called, or which number they had, on a roster frozen before it was put right."""
    told = [f"原名{old['name']}"] if old.get("name") and old["name"] != row["name"] else []
    told += [f"原证号{old['idcard']}"] if old.get("idcard") and old["idcard"] != row["idcard"] else []
    return "，".join(told)


def _attempt(row: dict[str, Any]) -> int:
    return int(row["line_attempt"])

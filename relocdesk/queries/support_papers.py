"""What lists of changes, letters of recovery and check lists of after-support say, read in bulk.

Like `papers`, nothing here depends on today or on who is at work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.ids import chunks
from relocdesk.queries.computed import expression
from relocdesk.queries.migrants import Migrant, MigrantReader, period_names
from relocdesk.records import register
from relocdesk.records.support import ChangeKind, Recipient, RecipientChange, Recovery
from relocdesk.records.survey import Posting


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


class SupportReader:
    """Reads for one piece of work."""

    def __init__(self, session: Session, people: MigrantReader | None = None) -> None:
        self.session = session
        self.people = people or MigrantReader(session)
        self.papers, self.places = self.people.papers, self.people.places

    # --- changes -----------------------------------------------------------------------------------------------------

    def change_sets(self, ids: Sequence[str], kind: str) -> list[tuple[str, tuple[str, ...]]]:
        """The chosen changes of one kind that go on one sheet together: (township, ids by place)."""
        sets: dict[str, list[ChangeLine]] = {}
        for line in self.changes(ids):
            if line.kind == kind:
                sets.setdefault(self.people.township(line.who.place_id), []).append(line)
        return [(self.papers.full(place), tuple(line.id for line in some)) for place, some in sets.items()]

    def sheet_of_changes(self, ids: Sequence[str]) -> ChangesData | None:
        """The changes of one sheet, None when they are all gone."""
        lines = self.changes(ids)
        if not lines:
            return None
        home = self.session.get_one(RecipientChange, lines[0].id).home
        place = self.people.township(lines[0].who.place_id)
        return ChangesData(home, lines[0].kind, self.papers.full(place), place, self.papers.office(home), tuple(lines))

    def changes(self, ids: Iterable[str], on: str = "") -> list[ChangeLine]:
        """Living changes by place and household."""
        reg, table = register("recipient_change"), RecipientChange.__table__
        names = ("id", "recipient", "kind", "reason", "detail", "happened_on", "item", "old_value", "new_value", "proof", "posted", "remark")
        columns = [*(table.c[name] for name in names), expression(reg, reg["stops_from"], table).label("stops_from")]
        rows = [row for part in chunks(ids) for row in self.people.rows(select(*columns).where(table.c.id.in_(part), table.c.deleted == 0))]
        people = self.people.migrants((row["recipient"] for row in rows), on)
        claims = self._claims(row["id"] for row in rows)
        postings = {one.id: one for part in chunks(row["posted"] or "" for row in rows)
                    for one in self.session.scalars(select(Posting).where(Posting.id.in_(part)))}  # fmt: skip
        lines = [self._change(row, people[row["recipient"]], claims.get(row["id"], []), postings.get(row["posted"] or "")) for row in rows]
        return sorted(lines, key=lambda one: (*self.people.order(one.who), one.happened_on, one.id))

    def _claims(self, changes: Iterable[str]) -> dict[str, list[Recovery]]:
        found: dict[str, list[Recovery]] = {}
        for part in chunks(changes):
            for row in self.session.scalars(select(Recovery).where(Recovery.change.in_(part), Recovery.deleted == 0).order_by(Recovery.line)):
                found.setdefault(str(row.change), []).append(row)
        return found

    def _change(self, row: dict[str, Any], who: Migrant, claims: list[Recovery], posting: Posting | None) -> ChangeLine:
        reg = register("recipient_change")
        return ChangeLine(
            row["id"], who, row["kind"], reg["reason"].show(row["reason"]) if row["reason"] else "",
            self.people.word("recipient_change", "detail", row["detail"]),
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
        people = self.people.migrants(row.recipient for row in rows.values())
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
        for who in sorted(self.people.migrants(self._living(ids)).values(), key=self.people.order):
            sets.setdefault(who.place_id, []).append(who.id)
        return [(self.papers.full(place), tuple(some)) for place, some in sets.items()]

    def check_list(self, ids: Sequence[str]) -> CheckData | None:
        """The people of one check list, None when they are all gone."""
        people = sorted(self.people.migrants(self._living(ids)).values(), key=self.people.order)
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

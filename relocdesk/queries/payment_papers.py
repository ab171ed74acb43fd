"""What the papers about payments say: a batch with its lines, and the card of a household with what it agreed and got."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relocdesk import settings
from relocdesk.queries.papers import Line, Member, PaperReader, Side
from relocdesk.records.agreement import Agreement, AgreementKind, AgreementLine, AgreementState
from relocdesk.records.payment import BatchKind, Payment, PaymentBatch, PayResult


@dataclass(frozen=True, slots=True)
class PayLine:
    """A line of a payment batch, in 分."""

    serial: str
    agreement: str
    kind: str
    group: str
    village: str
    name: str
    idcard: str
    items: str
    amount: int
    account_name: str
    account: str
    bank: str


@dataclass(frozen=True, slots=True)
class BatchData:
    """A payment batch and its lines, by place."""

    id: str
    home: str
    number: str
    project: str
    kind: str
    made_on: str
    made_by: str
    checked_by: str
    approved_by: str
    office: str
    place_id: str
    lines: tuple[PayLine, ...]
    zheng: int


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that arrived."""

    paid_on: str
    agreement: str
    batch: str
    amount: int
    account: str


@dataclass(frozen=True, slots=True)
class CardData:
    """What a household was promised and has received."""

    side: Side
    home: str
    project: str
    office: str
    members: tuple[Member, ...]
    agreements: tuple[tuple[str, str, str, int], ...]  # number, kind, signed on, total
    lines: tuple[tuple[str, Line], ...]  # agreement number, line
    paid: tuple[Paid, ...]


def batches(papers: PaperReader, ids: Sequence[str]) -> list[BatchData]:
    """Payment batches with their living lines, by place and payee."""
    rows = {row.id: row for row in papers.fetch(PaymentBatch, PaymentBatch.id, ids, PaymentBatch.deleted == 0)}
    lines: dict[str, list[Payment]] = {}
    for line in papers.fetch(Payment, Payment.batch, rows, Payment.deleted == 0):
        lines.setdefault(line.batch, []).append(line)
    return [_batch(papers, rows[one], lines.get(one, [])) for one in ids if one in rows]


def _batch(papers: PaperReader, row: PaymentBatch, lines: list[Payment]) -> BatchData:
    sides = papers.sides((line.household or "" for line in lines), (line.collective or "" for line in lines))
    agreements = {a.id: a for a in papers.fetch(Agreement, Agreement.id, (line.agreement for line in lines))}
    kinds = _kinds_of(papers, agreements)
    made = [(sides[line.household or line.collective or ""], line) for line in lines if (line.household or line.collective or "") in sides]
    ordered = papers.in_order((side.place_id, line.serial or side.number, (side, line)) for side, line in made)
    places = {side.place_id for side, _ in made}
    return BatchData(
        row.id, row.home, row.number, papers.project(row.project), BatchKind(row.kind).label, row.made_on, row.made_by or "",
        row.checked_by or "", row.approved_by or "", papers.office(row.home), papers.common_place(places),
        tuple(_pay_line(papers, side, line, agreements, kinds) for side, line in ordered),
        int(settings.flag(papers.session, "capital.zheng_after_jiao", row.home)))  # fmt: skip


def _pay_line(papers: PaperReader, side: Side, line: Payment, agreements: dict[str, Agreement], kinds: dict[str, str]) -> PayLine:
    agreement = agreements.get(line.agreement)
    _, village, group = papers.places.parts(side.place_id)
    return PayLine(
        line.serial or "", agreement.number if agreement else "", AgreementKind(agreement.kind).label if agreement else "",
        group, village, side.name, "" if side.collective else side.idcard, kinds.get(line.agreement, ""), line.amount,
        line.payee_name or side.account_name or side.name, line.account or "", line.bank or "")  # fmt: skip


def _kinds_of(papers: PaperReader, agreements: Iterable[str]) -> dict[str, str]:
    """Agreement → the names of its price kinds, in their order."""
    found: dict[str, dict[str, None]] = {}
    for line in papers.fetch(AgreementLine, AgreementLine.agreement, agreements, AgreementLine.deleted == 0):
        found.setdefault(line.agreement, {})[papers.word("agreement_line", "kind", line.kind)] = None
    return {one: "、".join(names) for one, names in found.items()}


def cards(papers: PaperReader, ids: Sequence[str]) -> list[CardData]:
    """Households with their signed agreements and the payments that arrived, in the order of `ids`."""
    sides, members = papers.sides(ids), papers.members(ids)
    rows = papers.fetch(Agreement, Agreement.household, ids, Agreement.deleted == 0, Agreement.state == AgreementState.SIGNED)
    data = {one.id: one for one in papers.agreements([row.id for row in sorted(rows, key=lambda row: row.number)])}
    signed = {row.id: row for row in rows}
    paid = papers.fetch(Payment, Payment.household, ids, Payment.deleted == 0, Payment.result == PayResult.PAID)
    batch_numbers = {b.id: b.number for b in papers.fetch(PaymentBatch, PaymentBatch.id, (p.batch for p in paid))}
    numbers = {a.id: a.number for a in papers.fetch(Agreement, Agreement.id, (p.agreement for p in paid))}
    found = []
    for one in ids:
        if one not in sides:
            continue
        mine = [data[row] for row in data if signed[row].household == one]
        got = [Paid(p.paid_on or "", numbers.get(p.agreement, ""), batch_numbers.get(p.batch, ""), p.amount, p.account or "")
               for p in paid if p.household == one]  # fmt: skip
        home = papers.places.home(sides[one].place_id)
        found.append(CardData(
            sides[one], home, "、".join(dict.fromkeys(a.project for a in mine)), papers.office(home), members.get(one, ()),
            tuple((a.number, AgreementKind(a.kind).label, signed[a.id].signed_on or "", a.total) for a in mine),
            tuple((a.number, line) for a in mine for line in a.lines),
            tuple(sorted(got, key=lambda p: (p.paid_on, p.agreement, p.batch)))))  # fmt: skip
    return found

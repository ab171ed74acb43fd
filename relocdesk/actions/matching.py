"""Lists of other departments (deaths, payrolls, prisons, hukou) held against after-support people: what each row proposes.

A row means somebody for sure by ID number and name; it may mean somebody by ID number with another name, or by name, birth and village
together; never by the name alone. The clerk decides, one by one or all sure ones at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING, Partly, refuse_role
from relocdesk.actions.population import reduce
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import Choice
from relocdesk.ids import chunks
from relocdesk.queries.computed_support import RETURNING, STOPPING
from relocdesk.queries.places import Places, name_key
from relocdesk.records.household import Person
from relocdesk.records.support import ChangeKind, Recipient, RecipientChange, ReduceReason
from relocdesk.rules.days import chinese_date
from relocdesk.rules.identity import comparison_name

_EXCEPT = {ReduceReason.PRISON: ("缓刑", "判处缓刑的不核减"), ReduceReason.HUKOU: ("农转城", "“农转城”人员保留移民身份，不核减")}


class ListKind(Choice):
    """Whose list it is; each reduces for one reason."""

    DEATHS = "deaths", "死亡名单", "死亡", "殡葬", "注销户口"
    PAYROLL = "payroll", "财政供养名单", "工资", "财政供养", "编制", "录用"
    PRISON = "prison", "服刑名单", "服刑", "判刑"
    HUKOU = "hukou", "户口转非名单", "转非", "户口", "非农"

    @property
    def reason(self) -> ReduceReason:
        """The reason of 云搬发〔2022〕174号 that it proposes."""
        return {"deaths": ReduceReason.DEAD, "payroll": ReduceReason.HIRED, "prison": ReduceReason.PRISON, "hukou": ReduceReason.HUKOU}[self.value]


class Verdict(Choice):
    SURE = "sure", "确定"
    LIKELY = "likely", "待核"
    DONE = "done", "已核减"
    KEEP = "keep", "不核减"
    OTHER = "other", "不是直补对象"
    PROBLEM = "problem", "有问题"


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of another department's list as read; `flaw` says what could not be read."""

    row: int
    name: str
    idcard: str = ""
    born: str = ""
    place: str = ""
    happened_on: str = ""
    until_on: str = ""
    detail: str = ""
    flaw: str = ""
    card_flaw: str = ""  # what is wrong with the ID number, which then says nothing


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a row of a list means for the register."""

    entry: ListRow
    verdict: Verdict
    text: str
    recipient: str = ""
    who: str = ""  # name and place of the one it means


@dataclass(frozen=True, slots=True)
class _Known:
    id: str
    name: str
    card: str
    born: str
    place: str


def match(session: Session, clerk: Clerk, kind: str, rows: Sequence[ListRow]) -> list[Proposal]:
    """What each row of a list proposes, in the order of the rows; changes nothing."""
    return _Match(session, clerk, ListKind(kind), rows).run()


class _Match:
    def __init__(self, session: Session, clerk: Clerk, kind: ListKind, rows: Sequence[ListRow]) -> None:
        self.session, self.clerk, self.kind, self.rows = session, clerk, kind, rows
        self.places = Places.load(session)

    def run(self) -> list[Proposal]:
        self.by_card = {one.card: one for one in self._people(Person.idcard, {row.idcard for row in self.rows if row.idcard})}
        self.by_name: dict[str, list[_Known]] = {}
        unknown = {row.name for row in self.rows if row.idcard not in self.by_card and row.name}
        for one in self._people(Person.name, unknown | {comparison_name(name) for name in unknown}):
            self.by_name.setdefault(comparison_name(one.name), []).append(one)
        found = [self._judge(row) for row in self.rows]
        self._settled(found)
        return self._once(found)

    def _people(self, column: object, values: Iterable[str]) -> list[_Known]:
        found = []
        for some in chunks(values):
            query = select(Recipient.id, Person.name, Person.idcard, Person.born_on, Recipient.place).join(Person, Recipient.person == Person.id)
            query = query.where(Recipient.deleted == 0, column.in_(some))  # type: ignore[attr-defined]
            found += [_Known(one, name, card or "", born or "", place) for one, name, card, born, place in self.session.execute(query)]
        return found

    def _judge(self, row: ListRow) -> Proposal:
        one, verdict, text = self._meant(row)
        if one is None:
            return Proposal(row, verdict, text)
        who = f"{one.name}（{self.places.full(one.place)}）"
        word, why = _EXCEPT.get(self.kind.reason, ("", ""))
        if word and word in row.detail:
            verdict, text = Verdict.KEEP, why
        elif row.flaw:
            verdict, text = Verdict.PROBLEM, row.flaw
        elif not row.happened_on:
            verdict, text = Verdict.PROBLEM, "没有日期；请补填日期，或写明整张表的日期"
        elif row.happened_on > self.clerk.on:
            verdict, text = Verdict.PROBLEM, f"{chinese_date(row.happened_on)}还没有到；请核对日期"
        elif one.born and row.happened_on < one.born:
            verdict, text = Verdict.PROBLEM, f"{chinese_date(row.happened_on)}早于出生日期{chinese_date(one.born)}；请核对日期"
        return Proposal(row, verdict, text, one.id, who)

    def _meant(self, row: ListRow) -> tuple[_Known | None, Verdict, str]:
        one = self.by_card.get(row.idcard) if row.idcard else None
        if one is not None:
            if comparison_name(one.name) == comparison_name(row.name):
                return one, Verdict.SURE, "身份证号和姓名都相同"
            return one, Verdict.LIKELY, f"身份证号相同，名单上写作“{row.name}”；请核对是不是同一个人"
        alike = [known for known in self.by_name.get(comparison_name(row.name), ()) if row.born and known.born == row.born]
        alike = [known for known in alike if self._same_village(known.place, row.place)]
        if len(alike) == 1:
            return alike[0], Verdict.LIKELY, "姓名、出生日期和村都相同，身份证号对不上；请核对是不是同一个人"
        if alike:
            return None, Verdict.PROBLEM, f"同村有 {len(alike)} 个同名同生日的人；请核对身份证号"
        if not row.name:
            return None, Verdict.PROBLEM, row.flaw or "没有姓名"
        return None, Verdict.PROBLEM if row.card_flaw else Verdict.OTHER, row.card_flaw or "名册里没有这个人"

    def _same_village(self, place: str, text: str) -> bool:
        """Whether an address as others write it names the person's village."""
        village = next((node.name for node in self.places.ancestors(place) if node.level == 12), "")
        return bool(village) and name_key(village, 12) in "".join(text.split())

    def _settled(self, found: list[Proposal]) -> None:
        """Rows about people who are reduced or gone already."""
        ids = {one.recipient for one in found if one.recipient}
        last: dict[str, RecipientChange] = {}
        for some in chunks(ids):
            query = select(RecipientChange).where(RecipientChange.recipient.in_(some), RecipientChange.deleted == 0)
            for change in self.session.scalars(query.where(RecipientChange.kind.in_((*STOPPING, *RETURNING))).order_by(RecipientChange.happened_on)):
                last[change.recipient] = change
        for n, one in enumerate(found):
            if one.recipient not in last:
                continue
            change = last[one.recipient]
            if change.kind not in STOPPING or one.verdict not in (Verdict.SURE, Verdict.LIKELY):
                continue
            if self.kind is ListKind.DEATHS and change.reason != ReduceReason.DEAD:
                continue  # somebody in prison or gone may die
            what = ChangeKind(change.kind).label + (f"（{ReduceReason(change.reason).label}）" if change.reason else "")
            late = f"，名单上是{chinese_date(one.entry.happened_on)}" if one.entry.happened_on and change.happened_on != one.entry.happened_on else ""
            found[n] = replace(one, verdict=Verdict.DONE, text=f"已于{chinese_date(change.happened_on)}{what}{late}")

    @staticmethod
    def _once(found: list[Proposal]) -> list[Proposal]:
        """A person twice on one list is proposed once, by the surest row."""
        best: dict[str, Proposal] = {}
        for one in found:
            if one.verdict in (Verdict.SURE, Verdict.LIKELY):
                before = best.get(one.recipient)
                best[one.recipient] = one if before is None or (before.verdict is Verdict.LIKELY and one.verdict is Verdict.SURE) else before
        return [one if one.verdict not in (Verdict.SURE, Verdict.LIKELY) or best[one.recipient] is one
                else replace(one, verdict=Verdict.PROBLEM, text=f"与第{best[one.recipient].entry.row}行是同一个人") for one in found]  # fmt: skip


def carry_out(session: Session, clerk: Clerk, kind: str, chosen: Sequence[Proposal], source: str) -> str:
    """Reduces the people of the chosen proposals, all in the caller's one action; `source` names the list in the proof.

    Says how many, and which were refused with the reason (Partly). Raises UserError for the clerk's role and when none was chosen.
    """
    refuse_role(clerk, "核减", WORKING)
    todo = [one for one in chosen if one.verdict in (Verdict.SURE, Verdict.LIKELY)]
    if not todo:
        raise UserError("没有可以核减的行", hint="请选“确定”或“待核”的行")
    refused: list[tuple[str, str]] = []
    overpaid = 0
    for one in todo:
        try:
            said = _carry_out(session, clerk, ListKind(kind), one, source)
            overpaid += "列入追缴" in said
        except UserError as error:
            refused.append((f"第{one.entry.row}行 {one.who}", str(error)))
    done = len(todo) - len(refused)
    told = f"按{ListKind(kind).label}核减 {done} 人" + (f"，其中 {overpaid} 人有多发，已列入追缴" if overpaid else "")
    return Partly(told + (f"；{len(refused)} 人没有办成" if refused else ""), refused)


def _carry_out(session: Session, clerk: Clerk, kind: ListKind, one: Proposal, source: str) -> str:
    row = one.entry
    record = session.get_one(Recipient, one.recipient)
    return reduce(session, clerk, record, reason=kind.reason.value, happened_on=row.happened_on, proof=f"{source}第{row.row}行", found_on=clerk.on,
                  detail=row.detail[:40], until_on=row.until_on)  # fmt: skip

"""The subsidy of the demo: years of periods paid before the book was kept, and the latest ones on their way through every step.

Old periods come in as an office's old ledgers do (期初, already closed); the last ones go through the actions that clerks use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import bulk, entry
from relocdesk.actions import period as periods
from relocdesk.actions import period_result, period_steps
from relocdesk.actions.bank import BankRow
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.demo_people import People
from relocdesk.demo_population import Enter
from relocdesk.entry import Judgement, New
from relocdesk.entry.judging import newest_transaction
from relocdesk.job import Tick, no_tick
from relocdesk.queries.entitlement import entitlements
from relocdesk.queries.roster import Line, base_count, lines, months_of, people
from relocdesk.records import new_id, register
from relocdesk.records.reference import Place
from relocdesk.records.support import ApprovalList, LineResult, Period, PeriodState, Recipient, SupportPayment
from relocdesk.rules.days import add_days, add_months, last_day

QUARTER = 3
REASONS = ("账户已销户", "户名不符", "账户冻结", "账号不存在")
BANK = "农村信用合作社三坝分社"
ClerkOn = Callable[[str, str], Clerk]
"""(name, day) → the clerk on that day."""


def quarter_of(day: str) -> str:
    """The first month of the quarter of a day.

    >>> quarter_of("2026-10-31"), quarter_of("2026-03-01")
    ('2026-10', '2026-01')
    """
    return f"{day[:4]}-{(int(day[5:7]) - 1) // QUARTER * QUARTER + 1:02d}"


@dataclass
class Subsidy:
    """The periods of one township of the demo."""

    book: Book
    clerk: ClerkOn
    random: Random
    on: str
    place: str  # the township's code
    tick: Tick = no_tick

    def paid_long_ago(self, count: int, before: str) -> None:
        """So many quarters before a month, paid and closed: entered as an old ledger is."""
        first = add_months(before, -QUARTER * count)
        for n in range(count):
            self.tick(n, count, "直补历年名册")
            month = add_months(first, QUARTER * n)
            by = self.clerk("赵小兰", add_days(f"{month}-01", 100))
            with self.book.change(f"导入 {month[:4]} 年第 {(int(month[5:]) + 2) // QUARTER} 期已发名册", by=by, source="import") as (session, _):
                self._old(session, by, month)

    def _old(self, session: Session, by: Clerk, month: str) -> None:
        period = self._open(session, by, month)
        entitled = entitlements(session, last_day(period.last_month), *people(session, period))
        wanted = periods.payable(period, entitled)
        paid_on = add_days(f"{add_months(month, 2)}-01", 13)
        period.frozen_on, period.sent_on, period.paid_on = add_days(paid_on, -13), add_days(paid_on, -3), paid_on
        period.made_by, period.checked_by, period.approved_by, period.state = "赵小兰", "钱建军", "孙明", PeriodState.CLOSED.value
        period.base_count = base_count(session, period)
        period.present = sum(months_of(entitled.values(), period.last_month, period.last_month).values())
        session.flush()
        bulk.insert(session, register("support_payment"), period.id, period.home,
                    {**periods.columns(session, period, wanted), "result": [LineResult.PAID.value] * len(wanted)})  # fmt: skip

    def _open(self, session: Session, by: Clerk, month: str) -> Period:
        place = session.scalars(select(Place.id).where(Place.code == self.place)).one()
        periods.open_period(session, by, None, place=place, first_month=month)
        return session.scalars(select(Period).where(Period.place == place, Period.deleted == 0).order_by(Period.first_month.desc())).first()  # type: ignore[return-value]

    # --- the last ones -----------------------------------------------------------------------------------------------

    def through(self, month: str, *, stage: PeriodState, returned: int) -> None:
        """A quarter by the actions, up to a stage; so many lines come back from the bank, the first of them is paid again before closing."""
        start = add_days(f"{add_months(month, 2)}-01", 0) if stage != PeriodState.POSTED else f"{month}-20"
        if start > self.on:
            return
        with self.book.change("冻结并公示直补名册", by=self.clerk("赵小兰", start), source="action") as (session, _):
            by = self.clerk("赵小兰", start)
            period = self._open(session, by, month)
            periods.freeze(session, by, period, self.tick)
            period_steps.post_period(session, by, period)
            row_id = str(period.id)
        if stage == PeriodState.POSTED:
            return
        for name, day, why, step in (("钱建军", 5, "审核直补名册", period_steps.check_period), ("孙明", 9, "审批直补名册", period_steps.approve_period),
                                     ("赵小兰", 10, "登记直补送银行", period_steps.send_period)):  # fmt: skip
            by = self.clerk(name, add_days(start, day))
            self.book.viewer = lambda by=by: by  # on that day the kept totals of periods hold, and no line need be read for a balance
            with self.book.change(why, by=by, source="action") as (session, _):
                step(session, by, session.get_one(Period, row_id))
        self.book.viewer = None
        self._answered(row_id, add_days(start, 13), returned)
        if stage == PeriodState.CLOSED:
            self._again(row_id, add_days(start, 16))
            by = self.clerk("赵小兰", add_days(start, 25))
            with self.book.change("关闭直补发放期", by=by, source="action") as (session, _):
                period_steps.close_period(session, by, session.get_one(Period, row_id))

    def _answered(self, row_id: str, day: str, returned: int) -> None:
        by = self.clerk("赵小兰", day)
        with self.book.change("登记直补银行结果", by=by, source="action") as (session, _):
            period = session.get_one(Period, row_id)
            waiting = [line for line in lines(session, period) if line.result == LineResult.DUE]
            back = set(self.random.sample(range(len(waiting)), min(returned, len(waiting))))
            period_result.bank_result(session, by, period, file=list(_answers(waiting, day, back, self.random)))

    def _again(self, row_id: str, day: str) -> None:
        by = self.clerk("赵小兰", day)
        with self.book.change("退回的直补更正账户后再发", by=by, source="action") as (session, _):
            line = session.scalars(select(SupportPayment).where(SupportPayment.period == row_id, SupportPayment.result == LineResult.RETURNED)
                                   .order_by(SupportPayment.id)).first()  # fmt: skip
            if line is None:
                return
            period_result.reissue_line(session, by, line, account=People(Random(row_id)).account())
        self._answered(row_id, add_days(day, 3), 0)


def _answers(waiting: Sequence[Line], day: str, back: set[int], random: Random) -> Iterator[BankRow]:
    for n, line in enumerate(waiting):
        ok = n not in back
        yield BankRow(n + 1, line.serial, line.payee_name, line.account, line.amount, ok, "" if ok else random.choice(REASONS), day if ok else "")


def money(enter: Enter, by: Clerk, book: Book) -> None:
    """What the province allocates every year by the approved numbers, received in full in spring: it is more than is paid."""
    with book.read() as session:
        base = session.scalar(select(func.sum(ApprovalList.base_count)).where(ApprovalList.deleted == 0)) or 0
        base = base or session.scalar(select(func.count()).select_from(Recipient)) or 0
        years = session.scalars(select(Period.year).where(Period.deleted == 0).distinct().order_by(Period.year)).all()
    enter("登记直补资金下达", by, "allocation", ("document", "source", "fund", "year", "issued_on", "amount"), [
        (f"云财农〔{year}〕36号", "省级", "后扶直补", year, f"{year}-02-05", f"{base * 600}.00") for year in years])  # fmt: skip
    enter("登记直补资金到位", by, "receipt", ("allocation", "received_on", "amount", "voucher"), [
        (f"云财农〔{year}〕36号", f"{year}-02-12", f"{base * 600}.00", f"记-{year % 100:02d}036") for year in years])  # fmt: skip


# --- for measuring ---------------------------------------------------------------------------------------------------


def recipients_in_bulk(book: Book, by: Clerk, groups: Sequence[str], count: int, tick: Tick = no_tick, block: int = 50_000) -> None:
    """People of the first cohort for measuring, straight through the engine's second half; rows as the first half would make them."""
    people = People(Random(count))
    person, recipient = register("person"), register("recipient")
    with book.read() as session:
        places = list(session.scalars(select(Place.id).where(Place.code.in_(groups)).order_by(Place.code)))
    for start in range(0, count, block):
        tick(start, count, "后扶人口")
        some = range(start, min(start + block, count))
        beings = [people.being(1930 + n % 75, man=n % 2 == 0, relation="户主") for n in some]
        heads = [New(n, new_id(), book.home, {"name": one.name, "idcard": one.idcard, "state": "present"}) for n, one in zip(some, beings, strict=True)]
        rows = [New(n, new_id(), book.home, {
            "person": head.id, "place": places[n % len(places)], "reservoir": "红岩水库", "household_no": f"M{n // 3:06d}", "head_name": one.name,
            "cohort": "present", "support": "direct", "start_month": "2006-07", "account_name": one.name, "account": people.account(), "bank": BANK,
            "payee_relation": "本人"}) for n, one, head in zip(some, beings, heads, strict=True)]  # fmt: skip
        for reg, new in ((person, heads), (recipient, rows)):
            with book.change(f"导入{reg.label} {start + 1} 起", by=by, source="import") as (session, _):
                entry.apply(session, by, Judgement(reg, tuple(reg), new=new, stamp=newest_transaction(session)))

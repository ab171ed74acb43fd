"""After-support of the invented township: recipients of two villages, periods paid by bank and in cash, changes, postings, claims."""

from __future__ import annotations

from relocdesk.records.household import Person
from relocdesk.records.reference import Setting
from relocdesk.records.support import Period, Recipient, RecipientChange, Recovery, SupportPayment
from relocdesk.records.survey import Posting
from tests.printing.township import ACCOUNT, LONG_NAME, RARE_NAME, TOWNSHIP, Sample, idcard

FIRST, SECOND, THIRD = "53052310220101", "53052310220102", "53052310220201"


def furnish_migrants(sample: Sample) -> None:
    """Fills in after-support; words: M01 … recipients, 第2期 paid by bank, 现金期 in cash, 空期 without lines."""
    people = [("李大山", "李大山", FIRST), ("李小山", "李大山", FIRST), (LONG_NAME, LONG_NAME, SECOND), (RARE_NAME, RARE_NAME, SECOND),
              ("李小花", "李大山", FIRST), *((f"赵家{n:02d}", "赵家01", THIRD) for n in range(1, 41))]  # fmt: skip
    made = [recipient(sample, n, *one) for n, one in enumerate(people, 1)]
    _periods(sample, made)
    _changes(sample, made)
    sample.add(Setting, "缴到", key="recovery.pay_to", value="龙陵县搬迁安置办公室，龙陵县农村信用合作联社营业部，账号2700010001230")
    sample.add(Setting, "电话", key="posting.contact", value="0875-6121234")


def recipient(sample: Sample, n: int, name: str, head: str, group: str) -> Recipient:
    """The n-th recipient; the second belongs to 原迁人口, the fifth is a child."""
    number = idcard(500 + n)
    born = "2016-05-01" if n == 5 else "1970-03-15"
    person = sample.add(Person, f"M{n:02d}人", name=name, idcard=number, sex=str(2 - n % 2), born_on=born, ethnic="汉族", state="present")
    later = n == 2
    made: Recipient = sample.add(
        Recipient, f"M{n:02d}", person=person.id, place=sample.ids[group], reservoir="红岩水库", household_no=f"Y{group[-3:]}{n if name == head else 1:02d}",
        head_name=head, relation="户主" if name == head else "子", cohort="original" if later else "present", moved_on="2010-08-20" if later else None,
        support="direct", start_month="2010-09" if later else "2006-07", account_name=head, account=ACCOUNT, bank="三坝农村信用社",
        payee_relation="本人" if name == head else "父亲", phone="13808750001")  # fmt: skip
    return made


def _periods(sample: Sample, people: list[Recipient]) -> None:
    posting = sample.add(Posting, "直补公示", subject="subsidy", place=sample.ids[TOWNSHIP], from_on="2026-05-06", until_on="2026-05-13")
    common = {"year": 2026, "place": sample.ids[TOWNSHIP], "standard": 60_000, "fund": "subsidy", "state": "approved", "made_by": "王建国"}
    bank = sample.add(Period, "第2期", **common, number=2, first_month="2026-04", last_month="2026-06", frozen_on="2026-05-01", base_count=60, present=46,
                      posted=posting.id, checked_by="段秋生", approved_by="尹世文")  # fmt: skip
    cash = sample.add(Period, "现金期", **common, number=1, first_month="2026-01", last_month="2026-03")
    sample.add(Period, "空期", **common | {"state": "open"}, number=3, first_month="2026-07", last_month="2026-09")
    for n, one in enumerate(people, 1):
        account = {"account_name": one.account_name, "account": ACCOUNT, "bank": "三坝农村信用社"}
        more = {"back_pay": 5_000, "reason": "补发2026年第1期1个月"} if n == 2 else {"deducted": 15_000, "reason": "扣回2026年第1期多发"} if n == 3 else {}
        line(sample, f"第2期/{n}", bank, one, **account, **more, result="returned" if n == 1 else "wait", return_reason="账号不符" if n == 1 else None)
        if n == 1:
            line(sample, "第2期/1/2", bank, one, **account | {"account": "6228480868999990"}, attempt=2, result="paid", paid_on="2026-05-30")
        if n < 5:
            line(sample, f"现金期/{n}", cash, one)


def line(sample: Sample, word: str, period: Period, who: Recipient, **values: object) -> None:
    """Three months, 150 元, for one person."""
    amounts = {"due": 15_000, "back_pay": 0, "deducted": 0} | {name: values.pop(name) for name in ("due", "back_pay", "deducted") if name in values}
    sample.add(SupportPayment, word, period=period.id, recipient=who.id, months=3, **amounts,
               paid=amounts["due"] + amounts["back_pay"] - amounts["deducted"], **{"kind": "n", "attempt": 1, "result": "wait", **values})  # type: ignore[operator]


def _changes(sample: Sample, people: list[Recipient]) -> None:
    posting = sample.add(Posting, "核减公示", subject="reduction", place=sample.ids[TOWNSHIP], from_on="2026-06-01", until_on="2026-06-08")
    reduced = {"kind": "reduce", "posted": posting.id, "found_on": "2026-05-20"}
    dead = sample.add(RecipientChange, "死亡", recipient=people[9].id, **reduced, reason="D3", happened_on="2025-11-03", proof="死亡证明",
                      document="龙医死〔2025〕12号")  # fmt: skip
    sample.add(RecipientChange, "服刑", recipient=people[3].id, **reduced, reason="D4", happened_on="2026-04-10", until_on="2027-04-09", proof="刑事判决书")
    sample.add(RecipientChange, "录用", recipient=people[2].id, **reduced, reason="D1", happened_on="2026-05-04", proof="录用文件")
    sample.add(RecipientChange, "恢复", recipient=people[11].id, kind="restore", happened_on="2026-03-01", detail="刑满释放", proof="释放证明书")
    sample.add(RecipientChange, "换账户", recipient=people[0].id, kind="account", happened_on="2026-05-25", item="账号",
               old_value=f"李大山 {ACCOUNT} 三坝农村信用社", new_value="李大山 6228480868999990 三坝农村信用社", proof="存折复印件")  # fmt: skip
    sample.add(RecipientChange, "更正", recipient=people[1].id, kind="correct", happened_on="2026-05-26", item="姓名", old_value="李小三", new_value="李小山",
               proof="户口簿")  # fmt: skip
    sample.add(Recovery, "追缴", line="A0001", recipient=people[9].id, change=dead.id, periods="2026年第1期、第2期", over_paid=30_000, recovered=10_000,
               recovered_on="2026-06-20", told_on="2026-06-02", due_on="2026-09-02")  # fmt: skip
    sample.add(Recovery, "追清了", line="A0002", recipient=people[2].id, periods="2026年第1期", over_paid=15_000, recovered=15_000)

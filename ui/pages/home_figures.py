"""What the home page counts; it loads the registers, so the page imports it only on the reader's thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from relocdesk.field import Value
from relocdesk.queries import rows
from relocdesk.queries.agreed import UNLISTED, unpaid
from relocdesk.queries.rows import Ask, Condition, Totals
from relocdesk.records import register
from ui.access import Session


@dataclass(frozen=True, slots=True)
class Due:
    """A line of the home page: its words, the rows it counts, how it is said when there are some."""

    key: str
    words: str
    ask: Ask
    counter: str
    kind: str  # warn: soon; error: late
    advice: str


def ask(name: str, *conditions: tuple[str, str, Value | tuple[Value, ...]]) -> Ask:
    """The rows of a register that meet all conditions."""
    return Ask(register(name), tuple(Condition(*one) for one in conditions))


def dues(on: str) -> list[Due]:
    """What falls due or waits too long, the most urgent first."""
    soon = (date.fromisoformat(on) + timedelta(days=3)).isoformat()
    month = (date.fromisoformat(on) + timedelta(days=60)).isoformat()
    week_ago = (date.fromisoformat(on) - timedelta(days=7)).isoformat()
    return [
        Due("returned", "银行退回未重付", ask("payment", ("result", "=", "returned")), "笔", "error", "核对户名账号后重付"),
        Due("lease_over", "临时用地已到期未复垦", ask("parcel", ("nature", "=", "temporary"), ("lease_until", "<", on), ("reclaimed_on", "空", None)), "块",
            "error", "续签、复垦或恢复"),
        Due("stale", "打印后内容又改过的单据", ask("printout", ("stale", "=", 1), ("returned_on", "空", None)), "份", "error", "重新打印签字"),
        Due("posting", "公示三天内到期", ask("posting", ("until_on", "≥", on), ("until_on", "≤", soon)), "榜", "warn", "到期后结束公示，处理异议"),
        Due("lease", "临时用地 60 天内到期", ask("parcel", ("nature", "=", "temporary"), ("lease_until", "≥", on), ("lease_until", "≤", month),
                                          ("reclaimed_on", "空", None)), "块", "warn", "提前联系施工单位"),
        Due("out", "打印超过一周未收回", ask("printout", ("returned_on", "空", None), ("printed_at", "<", week_ago)), "份", "warn", "向村组催收签字页"),
        Due("drafted", "已起草未签订的协议", ask("agreement", ("state", "在", ("draft", "reviewed"))), "份", "warn", "审核、打印、签字"),
        Due("approved", "已批未送银行的批次", ask("payment_batch", ("state", "=", "approved")), "批", "warn", "导出代发表送银行"),
        Due("sent", "已送银行未收回盘的批次", ask("payment_batch", ("state", "=", "sent")), "批", "warn", "取回单登记结果"),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """What the home page shows, read at once."""

    dues: tuple[tuple[Due, Totals], ...]
    unpaid: tuple[int, int]  # how many signed agreements without reason and batch, and their 分
    land: dict[str, Totals]
    households: Totals
    signed: Totals
    agreed: int
    paid: int
    steps: dict[Value, int]
    handed: Totals


def read(session: Session, on: str) -> Figures:
    """Everything on the page, in one reading."""
    found = [(due, rows.totals(session, due.ask)) for due in dues(on)]
    waiting = [part for part in unpaid(session, on) if part.reason == UNLISTED]
    parcels = {
        "whole": rows.totals(session, ask("parcel", ("nature", "=", "permanent"))),
        "transferred": rows.totals(session, ask("parcel", ("nature", "=", "permanent"), ("transferred_on", "不空", None))),
        "temporary": rows.totals(session, ask("parcel", ("nature", "=", "temporary"))),
        "confirmed": rows.totals(session, ask("parcel", ("confirmed", "=", 1))),
    }
    signed = rows.totals(session, ask("agreement", ("state", "=", "signed")))
    paid = rows.totals(session, ask("payment", ("result", "=", "paid")))
    return Figures(
        dues=tuple(found), unpaid=(len({part.agreement for part in waiting}), sum(part.amount for part in waiting)), land=parcels,
        households=rows.totals(session, ask("household")), signed=signed, agreed=signed.money or 0, paid=paid.money or 0,
        steps=rows.counts(session, ask("household"), "step"), handed=rows.totals(session, ask("hand_over")),
    )  # fmt: skip

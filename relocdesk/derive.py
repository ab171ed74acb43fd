"""Values that follow from others when a row is entered, and what must agree between the columns of one row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache

from relocdesk.errors import UserError
from relocdesk.field import MU, SQUARE, Value
from relocdesk.records import register as register_named
from relocdesk.records.petition import Channel, Jurisdiction, ReviewLevel
from relocdesk.records.rectification import SETTLED
from relocdesk.records.reference import Nature
from relocdesk.rules import area, identity, money
from relocdesk.rules.petition import MOST_EXTENSION, MOST_REPRESENTATIVES
from relocdesk.words import unit, words

Values = dict[str, Value]
# Fills what follows and returns (field, sentence, code) for what does not agree. `old` is the row on disk, {} for a new one.
Derive = Callable[[Values, Mapping[str, Value]], list[tuple[str, str, str]]]


def _parcel(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    troubles = _sizes(row, old)
    if row.get("land_class") != old.get("land_class"):
        _land_class(row)
    if not old:
        if row.get("household") is None and row.get("collective") is None:
            troubles.append(("household", "没有权属户，也没有权属集体；请填其中一个", "OWNER"))
        if row.get("area") is None and row.get("area_m2") is None:
            troubles.append(("area", "缺面积；请填亩数或平方米", "REQUIRED"))
    start, until = row.get("lease_from", old.get("lease_from")), row.get("lease_until", old.get("lease_until"))
    if start and until and str(until) < str(start):
        troubles.append(("lease_until", "占用截止早于占用起始；请核对两个日期", "TERM"))
    return troubles


def _sizes(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """亩 and ㎡ of one parcel: given both they agree to 0.005 亩, given one the other is worked out (土地: 1 ㎡ = 0.0015 亩)."""
    m2, mu = row.get("area_m2"), row.get("area")
    if m2 is not None and mu is not None:
        if not area.agree(int(m2), int(mu)):
            return [("area", f"面积 {MU.show(mu)} 亩与 {SQUARE.show(m2)} ㎡（合 {MU.show(area.mu_of_m2(int(m2)))} 亩）对不上；请核对后改其中一个", "AREA")]
    elif m2 is not None and m2 != old.get("area_m2"):
        row["area"] = area.mu_of_m2(int(m2))
    elif mu is not None and mu != old.get("area"):
        row["area_m2"] = area.m2_of_mu(int(mu))
    return []


@cache
def _classes() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for entry in words("land_classes"):
        for name in filter(None, (entry["name"], *entry["also"].split(";"))):
            found.setdefault(name.strip(), entry)
    return found


def _land_class(row: Values) -> None:
    entry = _classes().get(str(row.get("land_class") or ""))
    if entry and entry["code"] and row.get("class_code") is None:
        row["class_code"], row["class_set"] = entry["code"], entry["set"]


def _asset(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    if row.get("unit"):
        row["unit"] = unit(str(row["unit"]))
    if not old and row.get("household") is None and row.get("collective") is None:
        return [("household", "没有权属户，也没有权属集体；请填其中一个", "OWNER")]
    return []


def told_by_idcard(number: str) -> dict[str, Value]:
    """born_on and sex as an ID number tells them; nothing for foreigners' cards and numbers kept in spite of a wrong date."""
    if len(number) != 18 or number[0] == "9" or not number[:17].isdecimal():
        return {}
    try:
        return {"born_on": identity.born_of(number), "sex": identity.sex_of(number)}
    except ValueError:
        return {}


def _person(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    number = str(row.get("idcard") or old.get("idcard") or "")
    troubles = []
    for name, value in told_by_idcard(number).items():
        label = "出生日期" if name == "born_on" else "性别"
        if row.get(name) is None:
            if number != old.get("idcard"):
                row[name] = value
        elif row[name] != value and (number != old.get("idcard") or row[name] != old.get(name)):
            troubles.append((name, f"{label}与身份证号不一致；请核对身份证", "ID_DIFFERS"))
    return troubles


def _price(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    if row.get("unit"):
        row["unit"] = "·".join(unit(part) for part in str(row["unit"]).split("·"))
    return []


def _line(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    merged = {**old, **row}
    if merged.get("quantity") is None or merged.get("unit_price") is None:
        return []
    years = int(merged.get("years") or 1_000_000)
    due = money.half_up(int(merged["quantity"] or 0) * years * int(merged["unit_price"] or 0), 10**12)
    if row.get("amount") is None:
        row["amount"] = due
    elif row["amount"] != due:
        return [("amount", f"金额 {money.show_yuan(int(row['amount'] or 0))} 与数量×单价 {money.show_yuan(due)} 不一致；请核对", "AMOUNT")]
    return []


def _owner(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    if not old and row.get("household") is None and row.get("collective") is None:
        return [("household", "没有户，也没有集体；请填其中一个", "OWNER")]
    if row.get("household") and row.get("collective"):
        return [("collective", "户和集体只能填一个", "OWNER")]
    return []



def _talk(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    if row.get("count") is None and row.get("persons") and row.get("persons") != old.get("persons"):
        row["count"] = len(identity.names_of(row["persons"]))
    return []


def _visit(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    if row.get("visitors") is not None and len(identity.names_of(row["visitors"])) < 2:
        return [("visitors", "家访要两人以上同去；请把家访人写全，用“、”隔开", "VISITORS")]
    return []


def _support_project(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """审定 > 送审 cannot be (audit rule J09); a project of a ledger without codes is called by year and name."""
    if not old and row.get("code") is None and row.get("name") and row.get("year"):
        row["code"] = f"{row['year']}-{row['name']}"
    merged = {**old, **row}
    submitted, audited = merged.get("submitted_amount"), merged.get("audited_amount")
    if submitted is not None and audited is not None and int(audited) > int(submitted):
        told = f"审定金额 {money.show_yuan(int(audited))} 大于送审金额 {money.show_yuan(int(submitted))}"
        return [("audited_amount", f"{told}；请核对两个金额", "AUDITED")]
    return []


def _project_stage(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    merged = {**old, **row}
    if merged.get("skipped") and merged.get("done_on"):
        return [("skipped", "既填了完成日期，又选了不适用；请去掉一个", "SKIPPED")]
    return []


_ORDER = {
    "petition": (("received_on", "accepted_on"), ("received_on", "noticed_on"), ("received_on", "judged_on"), ("received_on", "returned_on"),
                 ("received_on", "withdrawn_on"), ("accepted_on", "settled_on"), ("accepted_on", "closed_on"), ("closed_on", "delivered_on"),
                 ("accepted_on", "extension_told_on"), ("closed_on", "visited_on")),
    "petition_review": (("asked_on", "done_on"), ("done_on", "told_on")),
}  # fmt: skip


HAPPENED = {
    "petition": ("received_on", "judged_on", "accepted_on", "noticed_on", "returned_on", "extension_told_on", "closed_on", "delivered_on", "withdrawn_on",
                 "settled_on", "visited_on"),
    "petition_step": ("done_on",),
    "petition_review": ("asked_on", "done_on", "told_on"),
    "dispute": ("found_on", "settled_on", "visited_on"),
    "patrol": ("held_on",),
    "incident": ("happened_on",),
}  # fmt: skip
"""Days on which something has happened: one still to come is a slip of the pen, and would keep its clock from ever running."""


def not_yet(register: str, row: Mapping[str, Value], old: Mapping[str, Value], on: str) -> list[tuple[str, str, str]]:
    """Days that lie after today though they say what has happened: (field, sentence, code)."""
    labels = register_named(register) if register in HAPPENED else None
    return [(name, f"{labels[name].label}（{day}）还没有到；请核对日期", "DAY") for name in HAPPENED.get(register, ())
            if labels is not None and (day := row.get(name)) and str(day) > on and day != old.get(name)]  # fmt: skip


def _out_of_order(register: str, row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """Days that come before what must have happened first."""
    merged, labels = {**old, **row}, register_named(register)
    return [(then, f"{labels[then].label}（{end}）早于{labels[first].label}（{start}）；请核对两个日期", "DAY")
            for first, then in _ORDER[register] if (first in row or then in row) and (start := merged.get(first)) and (end := merged.get(then))
            and str(end) < str(start)]  # fmt: skip


def _petition(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """Days in their order, somebody who asks, an extension as the regulation knows it (信访工作条例 art. 34); who was taken up is 受理."""
    merged = {**old, **row}
    troubles = _out_of_order("petition", row, old)
    if row.get("accepted_on") and merged.get("jurisdiction") is None:
        row["jurisdiction"] = Jurisdiction.ACCEPT.value
    elif row.get("accepted_on") and merged["jurisdiction"] != Jurisdiction.ACCEPT:
        label = register_named("petition")["jurisdiction"].show(merged["jurisdiction"])
        troubles.append(("accepted_on", f"管辖是“{label}”，却有受理日期；请核对，改其中一栏", "JURISDICTION"))
    if row.get("persons") is not None and int(row["persons"] or 0) < 1:
        troubles.append(("persons", "人数至少是 1；请核对", "COUNT"))
    for name, told in (("repeat_of", "重复件的首件"), ("joined_to", "并入的件")):
        if row.get(name) and row[name] == old.get("id"):
            troubles.append((name, f"{told}不能是这一件自己；请选另一件", "KEY"))
    return troubles + _extension(row, old)


def _extension(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """Old ledgers bring theirs as they stand; afterwards nobody writes one in that was not approved and told (X03)."""
    days, merged = row.get("extension_days"), {**old, **row}
    if days is None or days == old.get("extension_days"):
        return []
    if not 0 <= int(days) <= MOST_EXTENSION:
        return [("extension_days", f"延期 {days} 天超出规定，累计不得超过 {MOST_EXTENSION} 天；请核对", "X03")]
    if old and int(days) and not all(merged.get(name) for name in _APPROVED):
        return [("extension_days", "延期没有写全批准人、理由和告知日期（条例第三十四条）；请办理“延期”", "X03")]
    return []


_APPROVED = ("extension_approver", "extension_reason", "extension_told_on")


def _petition_doubts(row: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """What an inspector would ask of a case (X02 to X04)."""
    found = []
    petitioner, persons = str(row.get("petitioner") or ""), row.get("persons") or 1
    if re.search(r"\d{7,}", petitioner):
        found.append(("petitioner", "信访人里像是有电话或证号，会印在告知书上；请移到“联系电话”“身份证号”", "NAME"))
    if (said := re.search(r"(?<!\d)(\d{1,4})[余多]?[人名户]", petitioner)) and int(said[1]) > int(persons):
        found.append(("persons", f"信访人写的是“{said[0]}”，人数登记的是 {persons}；五人以上是集体访，请核对人数", "PERSONS"))
    if row.get("extension_days") and not all(row.get(name) for name in _APPROVED):
        found.append(("extension_days", "延期没有写全批准人、理由和告知日期（条例第三十四条）", "X03"))
    if row.get("closed_on") and not row.get("opinion_no"):
        found.append(("closed_on", "办结了却没有意见书号（条例第三十二条）", "X04"))
    if row.get("closed_on") and row.get("opinion_no") and not row.get("delivered_on") and not row.get("unreachable"):
        found.append(("closed_on", "办结了还没有登记送达", "X04"))
    if row.get("closed_on") and not row.get("accepted_on"):
        found.append(("closed_on", "办结了却没有受理日期，期限算不出来", "X02"))
    if row.get("channel") == Channel.REOPENED and not row.get("repeat_of"):
        found.append(("repeat_of", "复查复核发回的件没有写原件；请在原件上办“重新办理”，或把原件填在“重复件的首件”", "X07"))
    if row.get("delivered_on") and not row.get("closed_on"):
        found.append(("delivered_on", "送达了却没有办结日期", "X04"))
    if row.get("jurisdiction") == Jurisdiction.ACCEPT and not row.get("accepted_on") and not row.get("closed_on"):
        found.append(("jurisdiction", "受理了却没有受理日期，办理期限算不出来；请补填，或办“受理”", "X02"))
    if len(identity.names_of(row.get("representative"))) > MOST_REPRESENTATIVES:
        found.append(("representative", "代表超过五人（条例第二十条）", "REPRESENTATIVES"))
    return found


def _review(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """Days in their order; only the days of a hearing in 复核 are not counted (信访工作条例 art. 36)."""
    merged = {**old, **row}
    troubles = _out_of_order("petition_review", row, old)
    hearing = row.get("hearing_days")
    if hearing is not None and int(hearing) and (merged.get("level") != ReviewLevel.RECHECK or int(hearing) < 0):
        troubles.append(("hearing_days", "只有复核听证的天数不算期限（条例第三十六条）；请核对", "X10"))
    return troubles


def _item(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """整改情况 of a ledger that says nothing but a state (已完成、基本完成) is the state."""
    if not old and row.get("state") is None and row.get("progress"):
        with suppress(UserError):
            row["state"] = register_named("rectification_item")["state"].read(str(row["progress"]))
    return []


def _item_doubts(row: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """A state and a day of completion that do not go together (Z03)."""
    settled = row.get("state") in SETTLED
    if settled and not row.get("done_on"):
        return [("state", "写的是已完成，没有完成日期", "Z03")]
    if row.get("done_on") and not settled:
        return [("done_on", "填了完成日期，状态却没有完成；按没有完成登记", "Z03")]
    return []


def _meeting_doubts(row: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    expected, present = row.get("expected"), row.get("present")
    return [("present", f"实到 {present} 人比应到 {expected} 人多，请核对", "PRESENT")] if expected and present and int(present) > int(expected) else []


def _talk_doubts(row: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """人次 is how many people were talked to (F073): as many as are named, unless the cell says 等 or 全体."""
    names, count, text = identity.names_of(row.get("persons")), row.get("count"), str(row.get("persons") or "")
    more = any(word in text for word in ("等", "全体", "班子"))  # whoever is not named one by one
    if count is None or int(count) == len(names) or (more and int(count) > len(names)):
        return []
    return [("count", f"写了 {len(names)} 个谈话对象，人次填的是 {count}，请核对", "COUNT")]


def _service(row: Values, old: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """A day of completion says that a good work is done."""
    if row.get("done_on") and row.get("done") is None and not old.get("done"):
        row["done"] = 1
    return []


def _service_doubts(row: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    if row.get("done") and not row.get("done_on"):
        return [("done", "写的是已完成，没有完成日期", "DONE")]
    return [("done_on", "填了完成日期，却写着没有完成", "DONE")] if row.get("done_on") and not row.get("done") else []


_DOUBTS: dict[str, Callable[[Mapping[str, Value]], list[tuple[str, str, str]]]] = {
    "rectification_item": _item_doubts, "meeting": _meeting_doubts, "talk": _talk_doubts, "service_item": _service_doubts,
}

DERIVE: dict[str, Derive] = {
    "rectification_item": _item,
    "petition": _petition,
    "petition_review": _review,
    "support_project": _support_project,
    "project_stage": _project_stage,
    "parcel": _parcel,
    "asset": _asset,
    "person": _person,
    "price_item": _price,
    "agreement_line": _line,
    "agreement": _owner,
    "payment": _owner,
    "talk": _talk,
    "service_item": _service,
    "home_visit": _visit,
}


def doubts(register: str, row: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """What can be entered but should be looked at: (field, sentence, code)."""
    found: list[tuple[str, str, str]] = []
    if register == "parcel" and row.get("nature") == Nature.TEMPORARY and not (row.get("lease_from") and row.get("lease_until")):
        found.append(("lease_from", "临时占用没有起止日期，起草协议前要补", "TERM"))
    if register == "petition":
        found += _petition_doubts(row)
    if register in _DOUBTS:
        found += _DOUBTS[register](row)
    for name in ("name", "head_name", "payee_name", "account_name", "agent_name"):
        strange = identity.suspicious_characters(str(row[name])) if row.get(name) else []
        if strange:
            found.append((name, f"姓名里有不认得的字（{'、'.join(strange)}），请对照身份证改正", "NAME"))
    return found

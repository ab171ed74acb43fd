"""What people write on the command line about records: registers, keys, conditions and actions' fields become ids and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.command.call import pairs
from relocdesk.entry import OVERRULABLE
from relocdesk.errors import UserError, told_at
from relocdesk.field import Field, Register
from relocdesk.queries.computed import target
from relocdesk.queries.keys import Keys
from relocdesk.queries.rows import Ask, Condition, find, ids, key_of
from relocdesk.records import register
from relocdesk.records.document import RULES
from relocdesk.records.reference import Dictionary


def field_of(reg: Register, word: str) -> Field:
    """The field of a name or label; raises UserError with what there is."""
    found = reg.find(word)
    if found is None:
        raise UserError(f"“{reg.label}”里没有“{word}”这一栏", hint="可用：" + "、".join(f.title for f in reg))
    return found


def texts_of(reg: Register, words: Sequence[str]) -> dict[str, str]:
    """Field name → typed text from FIELD=VALUE words; raises UserError for an unknown or doubled field."""
    found: dict[str, str] = {}
    for name, text in pairs(words):
        f = field_of(reg, name)
        if f.name in found:
            raise UserError(f"“{f.title}”写了两次", hint="请只留一个")
        found[f.name] = text
    if not found:
        raise UserError("没有写要填的内容", hint="请写成 栏目=取值，如 remark=已核对")
    return found


def accepted(words: Sequence[str]) -> dict[str, str]:
    """CODE=reason words, the code also by its Chinese name; raises UserError for a rule that nobody may overrule or a missing reason."""
    found = {}
    codes = {label: code for code, label in RULES.items()}
    for word, reason in pairs(words, "CODE"):
        code = codes.get(word, word)
        if code not in OVERRULABLE:
            may = "、".join(f"{one}（{RULES.get(one, one)}）" for one in sorted(OVERRULABLE))
            raise UserError(f"“{word}”不是可以放行的规则", hint=f"可以放行的：{may}")
        if not reason.strip():
            raise UserError(f"放行 {code} 要写理由", hint=f"请写成 {code}=理由")
        found[code] = reason.strip()
    return found


def ask_for(session: Session, reg: Register, where: Sequence[str], search: str = "") -> Ask:
    """What --where and --search mean; a place takes in everything below, an empty value means not filled in."""
    keys = Keys(session)
    return Ask(reg, tuple(_condition(session, keys, reg, name, text) for name, text in pairs(where)), search)


def _condition(session: Session, keys: Keys, reg: Register, name: str, text: str) -> Condition:
    f = field_of(reg, name)
    _, real = target(reg, f)
    if not text.strip():
        return Condition(f.name, "空")
    with told_at(f.label):
        if real.to:
            return Condition(f.name, "在" if real.to == "place" else "=", keys.resolve(register(real.to), text.strip()))
        value = real.read(text)
    if real.words:  # a word may be stored as it was typed or by its code
        query = select(Dictionary.code).where(Dictionary.list == real.words, Dictionary.label == value, Dictionary.deleted == 0)
        return Condition(f.name, "在", (value, *session.execute(query).scalars()))
    return Condition(f.name, "=", value)


def row_of(session: Session, reg: Register, key: str) -> Any:
    """The mapped record that a key names; raises UserError."""
    return session.get(reg.cls, find(session, reg, key))


def deleted_row(session: Session, reg: Register, key: str) -> str:
    """The id of the deleted record that a key names; raises UserError when none or several fit."""
    known = key_of(session, reg, ids(session, Ask(reg, deleted=True)))
    hits = [one for one, text in known.items() if text == key or f"/{key}/" in f"/{text}/"]
    if len(hits) != 1:
        said = f"删除的{reg.label}里没有“{key}”" if not hits else f"删除的{reg.label}里有 {len(hits)} 条“{key}”"
        twice = len({known[one] for one in hits}) == 1  # the whole key does not tell them apart
        raise UserError(said, hint="请在窗口里“更多—已删除的记录”挑一条恢复" if twice else "请核对编号，写全各部分；没有删除的不用恢复")
    return hits[0]

"""Corrected mappings: kept by the shape of a head, found again for the next file of that shape, read from a file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.excel.titles import own_columns, plain_title
from relocdesk.field import Register
from relocdesk.records.trail import LOCAL_MAPPING

_PERIOD = re.compile(r"(19|20)\d\d(年|[-./])?(\d{1,2}月?(份|\d{1,2}日)?)?|(?<!\d)\d{1,2}月(份)?")
Learned = Callable[[Sequence[str]], dict[str, str] | None]


def _lasting(titles: Sequence[str]) -> dict[str, str]:
    """Title → what of it stays from month to month: 2025年8月金额 and 2025年9月金额 are the same unless both stand in the head."""
    own = own_columns(titles)
    kept = [title for n, title in enumerate(titles) if title and n not in own]
    found = {title: _PERIOD.sub("#", plain_title(title)) for title in kept}
    return found if len(set(found.values())) == len(found) else {title: plain_title(title) for title in kept}


def shape(titles: Sequence[str]) -> str:
    """The fingerprint of a head by which a correction is remembered: its titles in any order, without blanks and months."""
    return hashlib.sha256("\n".join(sorted(_lasting(titles).values())).encode()).hexdigest()[:32]


def learned(session: Session, reg: Register) -> Learned:
    """A function from the titles of a head to the mapping that was corrected for its shape, or None."""
    rows = session.execute(select(LOCAL_MAPPING.c.shape, LOCAL_MAPPING.c.mapping).where(LOCAL_MAPPING.c.register == reg.name))
    known = {mark: dict(json.loads(mapping)) for mark, mapping in rows}

    def recall(titles: Sequence[str]) -> dict[str, str] | None:
        if not known or (kept := known.get(shape(titles))) is None:
            return None
        before = {lasting: kept[title] for title, lasting in _lasting(list(kept)).items()}
        return {title: before.get(lasting, "") for title, lasting in _lasting(titles).items()}

    return recall


def remember(session: Session, reg: Register, titles: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Keeps a corrected mapping for heads of this shape; of this copy only, not history."""
    mark = shape(titles)
    session.execute(delete(LOCAL_MAPPING).where(LOCAL_MAPPING.c.register == reg.name, LOCAL_MAPPING.c.shape == mark))
    session.execute(insert(LOCAL_MAPPING).values(register=reg.name, shape=mark, mapping=json.dumps(dict(mapping), ensure_ascii=False)))


def read_mapping(text: str, reg: Register) -> dict[str, str]:
    """A mapping from its JSON file: {"title": "field name or label", …}; raises UserError saying what is wrong."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise UserError("列对应文件不是 JSON", hint='应为 {"表头": "栏目名"} 的形式') from error
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise UserError("列对应文件的格式不对", hint='应为 {"表头": "栏目名"} 的形式')
    found = {}
    for title, name in given.items():
        f = reg.find(name) if name else None
        if name and f is None:
            raise UserError(f"列对应文件里的“{name}”不是“{reg.label}”的栏目", hint="可用：" + "、".join(f.label for f in reg.fields))
        found[title] = f.name if f else ""
    return found

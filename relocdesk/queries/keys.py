"""Business keys: what a person writes to name a record, and which record that is. In bulk, from the declarations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.errors import UserError
from relocdesk.field import Field, Register, Value, half_width
from relocdesk.ids import chunks
from relocdesk.queries.computed import among, expression
from relocdesk.queries.places import Places
from relocdesk.records import register
from relocdesk.records.household import Household, Person
from relocdesk.records.support import LineKind, Recipient, SupportPayment
from relocdesk.records.trail import LOCAL_STATE
from relocdesk.rules.identity import comparison_name, hide_idcards


@cache
def parts_of(key: tuple[str, ...]) -> tuple[str, ...]:
    """The field names of a key without the marks for optional (?) and unknown (~) parts."""
    return tuple(part.rstrip("?~") for part in key)


@dataclass
class Keys:
    """Key texts of records, and records of key texts, remembered for one piece of work."""

    session: Session
    places: Places | None = None
    _texts: dict[str, dict[str, str]] = field(default_factory=dict)  # register → id → key text
    _homes: dict[str, str] = field(default_factory=dict)  # id → home
    _found: dict[tuple[str, str, str], str | UserError] = field(default_factory=dict)

    def tree(self) -> Places:
        """The places, loaded once."""
        if self.places is None:
            self.places = Places.load(self.session)
        return self.places

    @cached_property
    def area(self) -> str:
        """The code of the area this book is for."""
        return str(self.session.execute(select(LOCAL_STATE.c.value).where(LOCAL_STATE.c.key == "place_code")).scalar_one())

    # --- id → text ---------------------------------------------------------------------------------------------------

    def texts(self, reg: Register, ids: Iterable[str]) -> dict[str, str]:
        """id → key text, such as 某灌区/0012; a reference inside a key is written by its own key."""
        known = self._texts.setdefault(reg.name, {})
        missing = {one for one in ids if one and one not in known}
        if missing:
            names = parts_of(reg.keys[0])
            table = reg.cls.__table__
            for some in chunks(missing):
                parts = [expression(reg, reg[n], table) for n in names]
                rows = self.session.execute(select(table.c.id, table.c.home, *parts).where(table.c.id.in_(some))).all()
                shown = [self._part_texts(reg, name, [row[i + 2] for row in rows]) for i, name in enumerate(names)]
                for n, row in enumerate(rows):
                    known[row[0]] = "/".join(column[n] for column in shown).rstrip("/")
                    self._homes[row[0]] = row[1]
        return {one: known.get(one, "") for one in ids if one}

    def _part_texts(self, reg: Register, name: str, values: Sequence[Value]) -> list[str]:
        f = reg[name]
        if not f.to:
            return [f.plain(value) for value in values]
        if f.to == "place":
            tree = self.tree()
            return [tree.code(str(value)) if value in tree.nodes else "" for value in values]
        keys = self.texts(register(f.to), [str(value) for value in values if value])
        return [keys.get(str(value), "") if value else "" for value in values]

    def home(self, row_id: str, reg: Register) -> str:
        """The home of a record."""
        if row_id not in self._homes:
            table = reg.cls.__table__
            found = self.session.execute(select(table.c.home).where(table.c.id == row_id)).scalar_one()
            self._homes[row_id] = found
        return self._homes[row_id]

    # --- text → id ---------------------------------------------------------------------------------------------------

    def resolve(self, reg: Register, text: str, context: Mapping[str, Value] | None = None) -> str:
        """The id of the living record that a text names; raises UserError when none or several fit.

        `context` holds values of the row the text stands in (project, place): they decide between records of one number.
        """
        if reg.name == "place":
            return self.tree().resolve(text)
        project = str((context or {}).get("project") or "")
        known = (reg.name, text, project)
        found = self._found.get(known)
        if found is None:
            self.preload(reg, [text], context)
            found = self._found[known]
        if isinstance(found, UserError):
            raise UserError(found.text, hint=found.hint, code=found.code)
        return found

    def foretell(self, name: str, ids: Mapping[str, str]) -> None:
        """Records of a register that are known by their ids: id → home, "" for one whose home is on disk."""
        for row_id, home in ids.items():
            self._found[name, row_id, ""] = row_id
            if home:
                self._homes[row_id] = home

    def preload(self, reg: Register, texts: Iterable[str], context: Mapping[str, Value] | None = None) -> None:
        """Resolves many texts of one register at once; failures are remembered and raised by `resolve`."""
        project = str((context or {}).get("project") or "")
        wanted = {text for text in texts if (reg.name, text, project) not in self._found}
        if not wanted or reg.name == "place":
            return
        candidates = self._candidates(reg, wanted)
        for text in wanted:
            hits = candidates.get(text, [])
            if project and "project" in reg:
                if reg.name != "project" and "project" in parts_of(reg.keys[0]):
                    hits = [hit for hit in hits if hit[1] in ("", project)]
                hits = [hit for hit in hits if hit[1] == project] or hits
            outcome: str | UserError
            ids = {hit[0] for hit in hits}
            if len(ids) == 1:
                outcome = ids.pop()
            elif ids:
                outcome = UserError(f"“{hide_idcards(text)}”对得上不止一个{reg.label}", hint=_hint_for(reg), code="REF_TWICE")
            else:
                outcome = nothing(reg, text)
            self._found[(reg.name, text, project)] = outcome

    def _candidates(self, reg: Register, texts: set[str]) -> dict[str, list[tuple[str, str]]]:
        """text → [(id, project)] by any key whose last typed parts fit, else by a household's head or an ID number."""
        found: dict[str, list[tuple[str, str]]] = {}
        if reg.name == "support_payment":  # millions of them: never by a part that all of them share
            return {text: [(one, "") for one in self._support_lines(text)] for text in texts}
        for key in reg.keys:
            names = parts_of(key)
            own = next((n for n, part in zip(reversed(names), reversed(key), strict=True) if not reg[n].to and not part.endswith("?")), None)
            if own is None:  # a part that may be empty names nothing
                continue
            self._by_part(reg, names, own, {t for t in texts if t not in found}, found)
            if len(reg.title) == 1 and reg.title[0] in names[:-1]:  # 下达文号 alone, while only one allocation has it
                self._by_part(reg, names, reg.title[0], {t for t in texts if t not in found}, found)
        if "serial" in reg:  # the number on the bank's list and in its answer names a payment better than its key
            self._by_part(reg, ("serial",), "serial", {t for t in texts if t not in found}, found)
        if reg.name in ("household", "person", "recipient"):
            self._by_person(reg, {t for t in texts if t not in found}, found)
        return found

    def _by_part(self, reg: Register, names: tuple[str, ...], own: str, texts: set[str], found: dict[str, list[tuple[str, str]]]) -> None:
        """Looks up the key's last own part, then checks the other typed parts against each hit's full key."""
        pieces: dict[str, set[str]] = {}
        coded = {text: self._with_codes(text) if any(reg[name].to == "place" for name in names) else half_width(text) for text in texts}
        for text, plain in coded.items():
            for piece in {text, plain, *plain.split("/")}:
                pieces.setdefault(piece, set()).add(text)
        table = reg.cls.__table__
        project_column = table.c.project if "project" in reg else table.c.remark
        hits: list[tuple[str, str, str]] = []
        written = _stored(reg[own], pieces)
        for some in chunks(written):  # numbers where the part is one
            query = select(table.c.id, expression(reg, reg[own], table), table.c.home, project_column)
            query = query.where(among(reg, reg[own], table, some), table.c.deleted == 0)
            for row_id, value, home, project in self.session.execute(query):
                self._homes[row_id] = home
                hits += [(row_id, piece, str(project or "") if "project" in reg else "") for piece in written[value]]
        full = self.texts(reg, [hit[0] for hit in hits]) if any("/" in text for text in texts) else {}
        for row_id, value, project in hits:
            for text in pieces.get(value, ()):
                plain = coded[text]
                whole = value in (plain, text)
                if whole or _fits(plain, half_width(full.get(row_id, "")), half_width(value)):
                    # A number that each project gives anew means this project's, unless the text names another one.
                    found.setdefault(text, []).append((row_id, project if whole else ""))

    def _with_codes(self, text: str) -> str:
        """A key with places named in it as it is written: 2026/3/三坝乡 is 2026/3/530523102."""
        plain = half_width(text)
        if "/" not in plain:
            return plain
        parts = []
        for part in plain.split("/"):
            code = part
            if not part.isdecimal():
                with contextlib.suppress(UserError):
                    code = self.tree().code(self.tree().resolve(part))
            parts.append(code)
        return "/".join(parts)

    def _support_lines(self, text: str) -> list[str]:
        """Lines of the subsidy by PERIOD/PERSON, with kind and attempt behind it where somebody has several."""
        parts = half_width(text).split("/")
        kinds = {word: kind.value for kind in LineKind for word in (kind.value, kind.label)}
        attempt = int(parts.pop()) if len(parts) > 3 and parts[-2] in kinds and parts[-1].isdecimal() else None
        kind = kinds[parts.pop()] if len(parts) > 2 and parts[-1] in kinds else None
        if len(parts) < 2:
            return []
        table = SupportPayment.__table__
        with contextlib.suppress(UserError):
            period, person = self.resolve(register("period"), "/".join(parts[:-1])), self.resolve(register("recipient"), parts[-1])
            query = select(table.c.id).where(table.c.period == period, table.c.recipient == person, table.c.deleted == 0)
            query = query.where(*([table.c.kind == kind] if kind else []), *([table.c.attempt == attempt] if attempt else []))
            return list(self.session.execute(query).scalars())
        return []

    def _by_person(self, reg: Register, texts: set[str], found: dict[str, list[tuple[str, str]]]) -> None:
        """A household or recipient by the person's name or ID number, a person by name: accepted when only one fits."""
        names: dict[str, list[str]] = {}
        for one in texts:
            names.setdefault(comparison_name(one), []).append(one)
        for some in chunks({*texts, *names}):
            query = select(Person.id, Person.name, Person.idcard).where(Person.name.in_(some) | Person.idcard.in_(some), Person.deleted == 0)
            people = {row[0]: row[1:] for row in self.session.execute(query)}
            owners = [(one, one, "") for one in people]
            if reg.name == "household":
                heads = select(Household.id, Household.head, Household.project).where(Household.head.in_(people), Household.deleted == 0)
                owners = [(row[0], str(row[1]), str(row[2] or "")) for row in self.session.execute(heads)]
            if reg.name == "recipient":
                found_as = select(Recipient.id, Recipient.person).where(Recipient.person.in_(people), Recipient.deleted == 0)
                owners = [(row[0], str(row[1]), "") for row in self.session.execute(found_as)]
            for row_id, person, project in owners:
                for text in {text for word in people[person] if word for text in names.get(comparison_name(word), ())}:
                    found.setdefault(text, []).append((row_id, project))


def _stored(f: Field, pieces: Iterable[str]) -> dict[Value, list[str]]:
    """What is on disk → the typed pieces that mean it; pieces that cannot be this part of a key are left out."""
    found: dict[Value, list[str]] = {}
    for piece in pieces:
        with contextlib.suppress(UserError):  # an ID number kept in spite of its check digit cannot be read again
            value = piece if f.kind.name == "idcard" else f.read(piece)
            if value is not None:
                found.setdefault(value, []).append(piece)
    return found


def _fits(typed: str, full: str, value: str) -> bool:
    """Whether a typed key such as 2/某灌区 or 某灌区/2 is a run of parts of the full key that holds the value."""
    return bool(full) and value in typed.split("/") and f"/{typed}/" in f"/{full}/"


def nothing(reg: Register, text: str) -> UserError:
    """The refusal of a text that names no record, or none that may be seen."""
    return UserError(f"没有编号或名称是“{hide_idcards(text)}”的{reg.label}", hint=f"请核对，或先登记这个{reg.label}", code="REF")


def _hint_for(reg: Register) -> str:
    labels = "/".join(reg[name].label for name in parts_of(reg.keys[0]))
    return f"请写全：{labels}"

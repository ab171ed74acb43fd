"""Fields that reach into another record (a household's head, a recipient's person): which person is meant, and what is written to them.

One register of people serves both populations: a household or a recipient does not keep a copy of the name and number, it
points to the person. A household's head belongs to the household; a recipient's person may belong to none.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.derive import told_by_idcard
from relocdesk.entry.cells import Changed, Heads, Judgement, New, Trouble
from relocdesk.field import Register, Value
from relocdesk.ids import chunks
from relocdesk.records import new_id, register
from relocdesk.records.household import Person
from relocdesk.rules import identity

HEAD_RELATION = "户主"


def paths(reg: Register) -> dict[str, dict[str, str]]:
    """Reference field → {field of this register: field of the reached one}: {"head": {"head_name": "name", …}}."""
    found: dict[str, dict[str, str]] = {}
    for f in reg:
        if f.via:
            link, name = f.via.split(".")
            found.setdefault(link, {})[f.name] = name
    return found


def reach(session: Session, out: Judgement) -> None:
    """Finds or plans the person behind each new and changed row; moves the reached values out of the rows.

    A known ID number means that person, whose name must be the same; otherwise a new household gets a new person. Rows that
    contradict the register of people become problems. The outcome is kept in `out.heads`.
    """
    for link, names in paths(out.register).items():
        if register(out.register[link].to).name != "person":
            raise TypeError(f"{out.register.name}.{link} reaches a register that cannot be made on the way")
        _Reach(session, out, link, names, out.heads).run()


class _Reach:
    def __init__(self, session: Session, out: Judgement, link: str, names: dict[str, str], heads: Heads) -> None:
        self.session, self.out, self.link, self.heads = session, out, link, heads
        self.name_field = next(mine for mine, theirs in names.items() if theirs == "name")
        self.card_field = next(mine for mine, theirs in names.items() if theirs == "idcard")
        self.other = {mine: theirs for mine, theirs in names.items() if theirs not in ("name", "idcard")}  # told about the person besides
        self.owns = register("person")["household"].to == out.register.name  # the person becomes a member of the row itself
        self.planned: dict[str, dict[str, Value]] = {}  # ID number → person row to be made

    def run(self) -> None:
        cards = {str(new.values[self.card_field]) for new in self.out.new if new.values.get(self.card_field)}
        cards |= {str(c.changes[self.card_field][1]) for c in self.out.changed if self.card_field in c.changes and c.changes[self.card_field][1]}
        self.people: dict[str, tuple[str, str, str | None]] = {}
        self.told: dict[str, dict[str, Value]] = {}  # person → what is known besides name and number
        for some in chunks(cards):
            others = [getattr(Person, theirs) for theirs in self.other.values()]
            query = select(Person.idcard, Person.id, Person.name, Person.household, *others).where(Person.idcard.in_(some), Person.deleted == 0)
            for row in self.session.execute(query):
                self.people[str(row[0])] = (row[1], row[2], row[3])
                self.told[row[1]] = dict(zip(self.other.values(), row[4:], strict=True))
        self.out.new[:] = [new for new in self.out.new if self._new(new)]
        self._existing()

    def _refuse(self, row: int, text: str, code: str) -> bool:
        f = self.out.register[self.card_field]
        self.out.problems.append(Trouble(row, f.name, f.label, "", text, code))
        return False

    def _new(self, new: New) -> bool:
        name, card = str(new.values.pop(self.name_field, None) or ""), str(new.values.pop(self.card_field, None) or "")
        besides = {theirs: new.values.pop(mine, None) for mine, theirs in self.other.items()}
        known = self.people.get(card) if card else None
        if known is not None:
            if identity.comparison_name(known[1]) != identity.comparison_name(name):
                return self._refuse(new.row, f"这个身份证号已登记为“{known[1]}”，与“{name}”不符；请核对姓名和证件", "ID_TAKEN")
            new.values[self.link] = known[0]
            if known[2] is None and self.owns:
                self.heads.moved.append((known[0], new.id))
            self._tell(known[0], besides)
            return True
        planned = self.planned.get(card) if card else None
        if planned is not None:
            if identity.comparison_name(str(planned["name"])) != identity.comparison_name(name):
                return self._refuse(new.row, f"同一身份证号在本表里又写作“{planned['name']}”；请核对姓名和证件", "ID_TAKEN")
            new.values[self.link] = planned["id"]
            return True
        person = self._person(new.id, new.home, name, card) | {theirs: value for theirs, value in besides.items() if value is not None}
        self.heads.new.append(person)
        if card:
            self.planned[card] = person
        new.values[self.link] = person["id"]
        return True

    def _person(self, row_id: str, home: str, name: str, card: str) -> dict[str, Value]:
        """A new row of the register of people; the head of a household belongs to it."""
        made: dict[str, Value] = {"id": new_id(), "home": home, "name": name, "idcard": card or None, "state": "present"}
        if self.owns:
            made |= {"household": row_id, "relation": HEAD_RELATION}
        return made | told_by_idcard(card)

    def _tell(self, person: str, besides: dict[str, Value]) -> None:
        """What a row says besides name and number goes to a person already known."""
        known = self.told.get(person, {})
        changes = {theirs: (known.get(theirs), value) for theirs, value in besides.items() if value not in (None, known.get(theirs))}
        if changes:
            self.heads.changed.append((person, dict(changes)))

    def _existing(self) -> None:
        reached = {self.name_field, self.card_field, *self.other}
        touched = [c for c in self.out.changed if reached & c.changes.keys()]
        if not touched:
            return
        table = self.out.register.cls.__table__
        now: dict[str, tuple[str | None, str, str]] = {}
        for some in chunks(c.id for c in touched):
            query = select(table.c.id, table.c[self.link], table.c.home, Person.name).outerjoin(Person, Person.id == table.c[self.link])
            now |= {row[0]: (row[1], row[2], row[3] or "") for row in self.session.execute(query.where(table.c.id.in_(some)))}
        refused: set[int] = set()
        for change in touched:
            if not self._changed(change, *now[change.id]):
                refused.add(change.row)
        self.out.changed[:] = [c for c in self.out.changed if c.row not in refused]

    def _warn(self, change: Changed, text: str) -> None:
        f = self.out.register[self.name_field]
        self.out.warnings.append(Trouble(change.row, f.name, f.label, "", text, "HEAD"))

    def _changed(self, change: Changed, person: str | None, home: str, now_called: str) -> bool:
        """A corrected name or number goes to the head; another known person becomes the head."""
        besides = {theirs: change.changes[mine] for mine, theirs in self.other.items() if mine in change.changes}
        if besides and person is not None:
            self.heads.changed.append((person, besides))
        if not {self.name_field, self.card_field} & change.changes.keys():
            return True
        written = {theirs: change.changes[mine] for mine, theirs in ((self.name_field, "name"), (self.card_field, "idcard")) if mine in change.changes}
        card = str(written["idcard"][1] or "") if "idcard" in written else ""
        known = self.people.get(card) if card else None
        name = str(written["name"][1] or "") if "name" in written else now_called
        if known is not None and known[0] != person:
            if identity.comparison_name(name) != identity.comparison_name(known[1]):
                return self._refuse(change.row, f"这个身份证号已登记为“{known[1]}”；请核对姓名和证件", "ID_TAKEN")
            change.changes[self.link] = (person, known[0])
            if known[2] is None and self.owns:
                self.heads.moved.append((known[0], change.id))
            if person is not None:
                self._warn(change, "户主换了人，原户主仍在家庭成员里；请核对各人与户主的关系")
            return True
        planned = self.planned.get(card) if card else None
        if planned is not None and planned["id"] != person:
            return self._refuse(change.row, f"同一身份证号在本表里又写给“{planned['name']}”；请核对姓名和证件", "ID_TAKEN")
        if person is None or ("name" in written and "idcard" in written and written["idcard"][0] and written["name"][0]):
            return self._other_head(change, person, home, written, card)
        if "name" in written and card:
            self._warn(change, f"户主由“{written['name'][0]}”改为“{written['name'][1]}”；原来没有证件号，按改正姓名登记")
        values = written | {name: (None, told) for name, told in told_by_idcard(card).items()}
        if card:
            self.planned[card] = {"id": person, "name": name}
        self.heads.changed.append((person, values))
        return True

    def _other_head(self, change: Changed, person: str | None, home: str, written: dict[str, tuple[Value, Value]], card: str) -> bool:
        """Name and number both differ: the household has another head now; the old one stays a member."""
        name = written.get("name", (None, None))[1]
        made = self._person(change.id, home, str(name or ""), card)
        if not made["name"]:
            return self._refuse(change.row, f"没有{self.out.register[self.name_field].label}；请补填", "REQUIRED")
        self.heads.new.append(made)
        if card:
            self.planned[card] = made
        if person is not None:
            self._warn(change, "户主换了人，原户主仍在家庭成员里；请核对各人与户主的关系")
        change.changes[self.link] = (person, made["id"])
        return True

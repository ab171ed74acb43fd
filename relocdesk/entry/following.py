"""What follows from an entered row with the help of settings or of the child rows written into one of its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk import settings
from relocdesk.field import Value
from relocdesk.records import new_id, register
from relocdesk.records.rectification import Inspection
from relocdesk.rules.rectification import measures_of, months_after, plan_due

Row = dict[str, Value]


def _inspection(session: Session, row: Row, old: Mapping[str, Value]) -> None:
    """The terms that run from the day the findings were told, where nobody gave others."""
    told = row.get("feedback_on")
    if not told or told == old.get("feedback_on"):
        return
    if row.get("plan_due") is None:
        row["plan_due"] = plan_due(str(told), settings.number(session, "rectify.plan_days"))
    if row.get("concentrated_until") is None:
        row["concentrated_until"] = months_after(str(told), settings.number(session, "rectify.months"))


def _item(session: Session, row: Row, old: Mapping[str, Value]) -> None:
    """A problem without a day of its own (立行立改, 长期坚持) is due when the concentrated rectification ends."""
    said = register("rectification_item")["due_on"].label + "：" in str(row.get("remark") or "")
    if not old and row.get("due_on") is None and said:
        row["due_on"] = session.scalar(select(Inspection.concentrated_until).where(Inspection.id == row.get("inspection")))


FOLLOWS: dict[str, Callable[[Session, Row, Mapping[str, Value]], None]] = {"inspection": _inspection, "rectification_item": _item}


@dataclass(frozen=True, slots=True)
class Listed:
    """Children that workbooks write into one cell of their parent: their register, the column that points up, how they are cut."""

    register: str
    parent: str
    cut: Callable[[str], tuple[str, ...]]
    carried: tuple[tuple[str, str], ...]  # (child's column, parent's column it takes over)

    def rows(self, home: str, parent: str, text: str, values: Mapping[str, Value]) -> list[Row]:
        """The child rows of one cell."""
        carried = {name: values.get(source) for name, source in self.carried}
        return [{"id": new_id(), "home": home, self.parent: parent, "number": str(n), "text": piece, **carried}
                for n, piece in enumerate(self.cut(text), 1)]  # fmt: skip

    def same(self, ours: Value, theirs: Value) -> bool:
        """Whether two cells mean the same children, however they are numbered."""
        return self.cut(str(ours or "")) == self.cut(str(theirs or ""))


LISTED: dict[tuple[str, str], Listed] = {
    ("rectification_item", "measures"): Listed("measure", "item", measures_of, (("owner", "person"), ("due_on", "due_on"))),
}

"""When a cadre moves on: every open item in their hands goes to the successor, once, and the account is closed."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from relocdesk.actions.action import Arg, action
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import FLAG
from relocdesk.queries.dues import Held, held
from relocdesk.queries.rows import ids
from relocdesk.records.reference import Operator, Role
from relocdesk.rules.identity import in_place_of
from relocdesk.veil import conditions, hidden_among


@action(
    "hand-post", "岗位交接", "operator",
    Arg("to", "接交人", required=True, to="operator"), Arg("leave", "离岗停用", FLAG, help="是：移交人以后不能再登录"),
    roles=(Role.HEAD, Role.ADMIN),
)  # fmt: skip
def hand_post(session: Session, clerk: Clerk, record: Operator, *, to: str, leave: int = 0) -> str:
    """Gives all open work that names one person to another; what only records who did something stays as it is.

    What the successor must not see stays with its leaver and is told; what the clerk must not see is left to somebody who may.
    Refuses the same person, a successor who no longer works, and to close the last account that can administer.
    """
    successor = session.get(Operator, to)
    if successor is None or not successor.active or successor.deleted:
        raise UserError("接交人不是在用的操作员", hint="请先在设置里登记或启用接交人")
    if successor.id == record.id:
        raise UserError("移交人和接交人是同一个人", hint="请另选接交人")
    if leave and record.role == Role.ADMIN and not _another_admin(session, record):
        raise UserError(f"{record.name}是最后一个系统管理，不能停用", hint="请先给接交人系统管理岗位")
    done = _move(session, clerk, record, successor)
    if leave:
        record.active = 0
    session.flush()
    told = "、".join(f"{words} {count} 项" for words, count in done.moved.items())
    said = f"{record.name}的未了事项已交给{successor.name}：{told or '没有未了事项'}" + ("，账号已停用" if leave else "")
    if done.kept:
        said += f"；{successor.name}的岗位不能看的 {done.kept} 项没有转，请另交给负责人或党务"
    if conditions(clerk.role) and not conditions(record.role):
        said += "；检举控告件您看不到，不在其中，请负责人再办一次岗位交接"
    return said


@dataclass
class _Handed:
    """Kind of work → how many records went over; how many the successor must not see."""

    moved: dict[str, int] = field(default_factory=dict)
    kept: int = 0


def _move(session: Session, clerk: Clerk, leaver: Operator, successor: Operator) -> _Handed:
    done = _Handed()
    for one in (one for one in held() if one.moves):
        found = _named(session, one, leaver.name)
        name = one.ask.register.name
        theirs, mine = (hidden_among(session.connection(), who.role, name, found) for who in (successor, clerk))
        done.kept += len(theirs - mine)
        secret = theirs | mine
        for row_id in [row_id for row_id in found if row_id not in secret]:
            row = session.get_one(one.ask.register.cls, row_id)
            for column in found[row_id]:
                setattr(row, column, in_place_of(getattr(row, column), leaver.name, successor.name))
        if len(found) > len(secret):
            done.moved[one.words] = len(found) - len(secret)
    session.flush()
    return done


def _named(session: Session, one: Held, person: str) -> dict[str, list[str]]:
    """Row → the fields in which the person stands."""
    found: dict[str, list[str]] = {}
    for column in one.person:
        for row_id in ids(session, one.named(session, column, person)):
            found.setdefault(row_id, []).append(column)
    return found


def _another_admin(session: Session, record: Operator) -> bool:
    found = session.query(Operator.id).filter(Operator.role == Role.ADMIN, Operator.active == 1, Operator.deleted == 0, Operator.id != record.id)
    return found.first() is not None

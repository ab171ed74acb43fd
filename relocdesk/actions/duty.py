"""When a cadre moves on: every open item in their hands goes to the successor, once, and the account is closed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from relocdesk.actions.action import Arg, action
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import FLAG
from relocdesk.queries.dues import held
from relocdesk.queries.rows import Ask, Condition, ids
from relocdesk.records.reference import Operator, Role
from relocdesk.rules.identity import names_of


@action(
    "hand-post", "岗位交接", "operator",
    Arg("to", "接交人", required=True, to="operator"), Arg("leave", "离岗停用", FLAG, help="是：移交人以后不能再登录"),
    roles=(Role.HEAD, Role.ADMIN),
)  # fmt: skip
def hand_post(session: Session, clerk: Clerk, record: Operator, *, to: str, leave: int = 0) -> str:
    """Gives all open work that names one person to another; what only records who did something stays as it is.

    Refuses the same person, a successor who no longer works, and to close the last account that can administer.
    """
    successor = session.get(Operator, to)
    if successor is None or not successor.active or successor.deleted:
        raise UserError("接交人不是在用的操作员", hint="请先在设置里登记或启用接交人")
    if successor.id == record.id:
        raise UserError("移交人和接交人是同一个人", hint="请另选接交人")
    if leave and record.role == Role.ADMIN and not _another_admin(session, record):
        raise UserError(f"{record.name}是最后一个系统管理，不能停用", hint="请先给接交人系统管理岗位")
    moved = _move(session, record.name, successor.name)
    if leave:
        record.active = 0
    session.flush()
    told = "、".join(f"{words} {count} 项" for words, count in moved.items())
    return f"{record.name}的未了事项已交给{successor.name}：{told or '没有未了事项'}" + ("，账号已停用" if leave else "")


def _move(session: Session, old: str, new: str) -> dict[str, int]:
    """Kind of work → how many records went over."""
    moved: dict[str, int] = {}
    for one in held():
        if not one.moves:
            continue
        changed: set[str] = set()
        for name in one.person:
            reg = one.ask.register
            for row_id in ids(session, Ask(reg, (*one.ask.conditions, Condition(name, "有", old)))):
                row = session.get_one(reg.cls, row_id)
                setattr(row, name, _instead(str(getattr(row, name)), old, new))
                changed.add(row_id)
        if changed:
            moved[one.words] = len(changed)
    return moved


def _instead(named: str, old: str, new: str) -> str:
    """The people named in a cell with one in the place of another: 李小红、王建国; nobody twice."""
    return "、".join(dict.fromkeys(new if name == old else name for name in names_of(named)))


def _another_admin(session: Session, record: Operator) -> bool:
    found = session.query(Operator.id).filter(Operator.role == Role.ADMIN, Operator.active == 1, Operator.deleted == 0, Operator.id != record.id)
    return found.first() is not None

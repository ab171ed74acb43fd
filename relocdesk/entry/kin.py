"""What can be entered but does not fit what stands beside it: a stage before the one it follows, sources that do not add up.

Looked at once for all rows that were judged; only warnings come from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk.entry.cells import Judgement, Trouble
from relocdesk.field import Value
from relocdesk.ids import chunks
from relocdesk.queries.works import steps_of
from relocdesk.records.party import Attendance, Meeting
from relocdesk.records.rectification import RectificationItem
from relocdesk.records.works import FundSource, ProjectPayment, ProjectStage, Stage, SupportProject, Trainee, Training
from relocdesk.rules.money import show_yuan
from relocdesk.rules.works import out_of_order, payable

Rows = dict[str, dict[str, Value]]  # id → fields, as they would be
Look = Callable[[Session, Judgement], Iterator[Trouble]]


def warn_of_kin(session: Session, out: Judgement) -> None:
    """Adds to a judgement's warnings what its rows would make odd together with others."""
    look = KIN.get(out.register.name)
    if look is not None and (out.new or out.changed):
        out.warnings += look(session, out)


def _rows(session: Session, out: Judgement, parents: Iterable[str], link: str) -> dict[str, Rows]:
    """parent → the living children as they would be after these rows."""
    table = out.register.cls.__table__
    names = ["id", *(f.name for f in out.register.stored)]
    changed = {one.id: {name: new for name, (_, new) in one.changes.items()} for one in out.changed}
    found: dict[str, Rows] = {}
    for some in chunks(parents):
        query = select(*(table.c[name] for name in names)).where(table.c[link].in_(some), table.c.deleted == 0)
        for values in session.execute(query):
            row = dict(zip(names, values, strict=True)) | changed.get(values[0], {})
            found.setdefault(str(row[link]), {})[values[0]] = row
    for one in out.new:
        found.setdefault(str(one.values[link]), {})[one.id] = one.values
    return found


def _touched(session: Session, out: Judgement, link: str) -> dict[str, int]:
    """parent → the row that speaks of it last."""
    table = out.register.cls.__table__
    found: dict[str, int] = {str(one.values[link]): one.row for one in out.new}
    rows = {one.id: one.row for one in out.changed}
    for some in chunks(rows):
        found |= {parent: rows[row_id] for row_id, parent in session.execute(select(table.c.id, table.c[link]).where(table.c.id.in_(some)))}
    return found


def _named(session: Session, cls: type[Any], column: Any, ids: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for some in chunks(ids):
        found |= {row[0]: row[1] for row in session.execute(select(cls.id, column).where(cls.id.in_(some)))}
    return found


def _trouble(out: Judgement, row: int, name: str, value: Value, text: str, code: str) -> Trouble:
    f = out.register[name]
    return Trouble(row, name, f.label, f.show(value), text, code)


def _stages(session: Session, out: Judgement) -> Iterator[Trouble]:
    """Dates out of order (audit rules J03, J07)."""
    mine = {one.id: one.row for one in out.new} | {one.id: one.row for one in out.changed}
    for rows in _rows(session, out, _touched(session, out, "project"), "project").values():
        lines = {str(row["stage"]): (mine.get(row_id), row) for row_id, row in rows.items()}
        for late, early in out_of_order(steps_of(rows.values())):
            number = lines[late][0] or lines[early][0]
            if number is not None:
                told = f"“{Stage(late).label}”{lines[late][1]['done_on']} 早于“{Stage(early).label}”{lines[early][1]['done_on']}，请核对日期"
                yield _trouble(out, number, "done_on", lines[late][1]["done_on"], told, "J07")


def _sources(session: Session, out: Judgement) -> Iterator[Trouble]:
    """Sources that do not add up to the approved investment (audit rule J14)."""
    touched = _touched(session, out, "project")
    estimates = _named(session, SupportProject, SupportProject.estimate, touched)
    for parent, rows in _rows(session, out, touched, "project").items():
        total, estimate = sum(int(row.get("amount") or 0) for row in rows.values()), estimates.get(parent)
        if estimate and total != estimate:
            yield _trouble(out, touched[parent], "amount", None, _sum_told(total, int(estimate)), "J14")


def _sum_told(total: int, estimate: int) -> str:
    return f"资金来源合计 {show_yuan(total)} 元，批复投资 {show_yuan(estimate)} 元，相差 {show_yuan(abs(total - estimate))} 元"


def _project(session: Session, out: Judgement) -> Iterator[Trouble]:
    asked = {one.id: (one.row, one.changes["estimate"][1]) for one in out.changed if "estimate" in one.changes}
    total = func.sum(FundSource.amount)
    for some in chunks(asked):
        query = select(FundSource.project, total).where(FundSource.project.in_(some), FundSource.deleted == 0).group_by(FundSource.project)
        for parent, found in session.execute(query):
            row, estimate = asked[parent]
            if estimate and found != estimate:
                yield _trouble(out, row, "estimate", estimate, _sum_told(int(found), int(estimate)), "J14")


def _payments(session: Session, out: Judgement) -> Iterator[Trouble]:
    """More paid than contract and changes, or what the audit settled (audit rule J01)."""
    touched = _touched(session, out, "project")
    known: dict[str, tuple[str, int, int, int | None]] = {}
    columns = (SupportProject.id, SupportProject.code, SupportProject.contract_amount, SupportProject.change_amount, SupportProject.audited_amount)
    for some in chunks(touched):
        for row in session.execute(select(*columns).where(SupportProject.id.in_(some))):
            known[row[0]] = (row[1], row[2] or 0, row[3] or 0, row[4])
    for parent, rows in _rows(session, out, touched, "project").items():
        code, contract, changes, audited = known[parent]
        paid, most = sum(int(row.get("amount") or 0) for row in rows.values()), payable(contract, changes, audited, 0)
        if (contract or audited is not None) and paid > most:
            told = f"{code} 累计支付 {show_yuan(paid)} 元，比合同价款（或审定）{show_yuan(most)} 元多 {show_yuan(paid - most)} 元，请核对"
            yield _trouble(out, touched[parent], "amount", None, told, "J01")


def _training(session: Session, out: Judgement) -> Iterator[Trouble]:
    """人次 as typed against the roster of trainees."""
    asked = {one.id: (one.row, one.changes["attendances"][1]) for one in out.changed if "attendances" in one.changes}
    for parent, found in _sessions(session, asked).items():
        row, typed = asked[parent]
        if typed is not None and typed != found:
            yield _trouble(out, row, "attendances", typed, f"填的是 {typed} 人次，学员名册合计 {found} 人次，请核对", "J16")


def _trainees(session: Session, out: Judgement) -> Iterator[Trouble]:
    touched = _touched(session, out, "training")
    typed = _named(session, Training, Training.attendances, touched)
    for parent, rows in _rows(session, out, touched, "training").items():
        total = sum(int(row.get("sessions") or 0) for row in rows.values())
        if typed.get(parent) is not None and typed[parent] != total:
            yield _trouble(out, touched[parent], "sessions", None, f"名册合计 {total} 人次，培训班填的是 {typed[parent]} 人次，请核对", "J16")


def _sessions(session: Session, parents: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in chunks(parents):
        query = select(Trainee.training, func.sum(Trainee.sessions)).where(Trainee.training.in_(some), Trainee.deleted == 0).group_by(Trainee.training)
        found |= {parent: int(total) for parent, total in session.execute(query)}
    return found


def _attendance(session: Session, out: Judgement) -> Iterator[Trouble]:
    """More people signed in than the meeting is said to have had."""
    touched = _touched(session, out, "meeting")
    typed = _named(session, Meeting, Meeting.present, touched)
    for parent, rows in _rows(session, out, touched, "meeting").items():
        came = sum(1 for row in rows.values() if row.get("present"))
        if typed.get(parent) is not None and came > typed[parent]:
            yield _trouble(out, touched[parent], "present", None, f"到会的有 {came} 个名字，会议填的实到是 {typed[parent]} 人，请核对", "PRESENT")


def _terms(session: Session, out: Judgement) -> Iterator[Trouble]:
    """A term of rectification that is put off (Z02): the history keeps it, and somebody has to stand for it."""
    for one in out.changed:
        old, new = one.changes.get("due_on", (None, None))
        if old and new and str(new) > str(old):
            yield _trouble(out, one.row, "due_on", new, f"整改时限由 {old} 延到 {new}；延期要经批准，请在“进展情况”里写明谁批的、为什么", "Z02")


KIN: dict[str, Look] = {
    ProjectStage.__tablename__: _stages,
    FundSource.__tablename__: _sources,
    ProjectPayment.__tablename__: _payments,
    SupportProject.__tablename__: _project,
    Training.__tablename__: _training,
    Trainee.__tablename__: _trainees,
    Attendance.__tablename__: _attendance,
    RectificationItem.__tablename__: _terms,
}

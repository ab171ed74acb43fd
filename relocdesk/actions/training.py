"""Training: who is on the list of a course, and who signed in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk.actions.action import WORKING, Arg, Partly, action, refuse_role
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.field import COUNT
from relocdesk.queries.keys import Keys
from relocdesk.records import new_id, register
from relocdesk.records.household import Person
from relocdesk.records.support import Recipient
from relocdesk.records.works import Trainee, Training
from relocdesk.rules.identity import comparison_name


def trainees_of(session: Session, training: str) -> list[Trainee]:
    """The living trainees of a course, in the order they were entered."""
    return list(session.scalars(select(Trainee).where(Trainee.training == training, Trainee.deleted == 0).order_by(Trainee.id)))


def _living(training: Training) -> Training:
    if training.deleted:
        raise UserError(f"培训班“{training.name}”已经删除", hint="请刷新后再办")
    return training


def count_up(session: Session, training: Training) -> tuple[int, int]:
    """人次 and 人 of the roster; 人次 is written to the course."""
    session.flush()
    query = select(func.sum(Trainee.sessions), func.count(Trainee.id)).where(Trainee.training == training.id, Trainee.deleted == 0)
    times, heads = session.execute(query).one()
    training.attendances = int(times or 0)
    session.flush()
    return int(times or 0), int(heads)


@action(
    "enrol", "列入学员", "training",
    Arg("people", "后扶人口", required=True, to="recipient", many=True, help="姓名或身份证号，可以写多个"), Arg("sessions", "到课次数", COUNT),
)  # fmt: skip
def enrol(session: Session, clerk: Clerk, training: Training, *, people: Sequence[str], sessions: int = 1) -> str:
    """Puts people of after-support (id, ID number or name) on the roster; somebody who is on it already is refused by name."""
    refuse_role(clerk, "列入学员", WORKING)
    known: set[str | None] = {one.idcard for one in trainees_of(session, _living(training).id)} - {None}
    done, refused = 0, []
    keys, reg = Keys(session), register("recipient")
    for word in dict.fromkeys(people):
        try:
            recipient = session.get(Recipient, word) or session.get_one(Recipient, keys.resolve(reg, word))
        except UserError as error:
            refused.append((word, error.text))
            continue
        person = session.get_one(Person, recipient.person)
        if person.idcard in known:
            refused.append((person.name, "已经在名册里"))
        else:
            known.add(person.idcard)
            session.add(Trainee(id=new_id(), home=training.home, training=training.id, name=person.name, idcard=person.idcard, place=recipient.place,
                                sessions=max(sessions, 1), signed=0))  # fmt: skip
            done += 1
    if not done:
        raise UserError(f"“{training.name}”没有列入学员：" + "；".join(f"{name}：{why}" for name, why in refused), hint="请核对名单")
    times, heads = count_up(session, training)
    said = f"“{training.name}”列入 {done} 人，名册共 {heads} 人、{times} 人次"
    return Partly(said + (f"；没有列入 {len(refused)} 人" if refused else ""), refused)


@action(
    "sign-in", "登记签到", "training",
    Arg("people", "签到人", many=True, help="姓名或身份证号；空着为全部学员"), Arg("sessions", "到课次数", COUNT, help="空着不改名册上的次数"),
)  # fmt: skip
def sign_in(session: Session, clerk: Clerk, training: Training, *, people: Sequence[str] = (), sessions: int = 0) -> str:
    """Marks trainees as signed in, with the sessions they came to; names nobody knows are told. 人次 of the course follows."""
    refuse_role(clerk, "登记签到", WORKING)
    roster = trainees_of(session, _living(training).id)
    if not roster:
        raise UserError(f"“{training.name}”还没有学员名册", hint="请先列入学员，或导入学员名单")
    if sessions < 0:
        raise UserError("到课次数不能是负数", hint="请核对次数")
    wanted, refused = _named(roster, people) if people else (roster, [])
    if not wanted:
        raise UserError("名册里没有：" + "；".join(f"{name}（{why}）" for name, why in refused), hint="请核对姓名，或先列入学员")
    for one in wanted:
        one.signed = 1
        one.sessions = sessions or one.sessions
    times, heads = count_up(session, training)
    said = f"“{training.name}”签到 {len(wanted)} 人；名册 {heads} 人、{times} 人次"
    return Partly(said + (f"；{len(refused)} 人没有对上" if refused else ""), refused)


def _named(roster: Sequence[Trainee], people: Sequence[str]) -> tuple[list[Trainee], list[tuple[str, str]]]:
    found: list[Trainee] = []
    refused = []
    for word in dict.fromkeys(one.strip() for one in people if one.strip()):
        hits = [one for one in roster if word.upper() == one.idcard or comparison_name(word) == comparison_name(one.name)]
        if len(hits) == 1:
            found += [one for one in hits if one not in found]
        else:
            refused.append((word, "同名的不止一人，请写身份证号" if hits else "不在名册里"))
    return found, refused

"""Support projects: whether dated stages follow each other, what is late, how much may be paid. Knows no today()."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relocdesk.rules.days import add_months, days_between


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of one project; dates as ISO text, "" when there is none. Steps come in the order projects go through them."""

    stage: str
    done_on: str = ""
    planned_on: str = ""
    skipped: bool = False
    passed: bool = True

    @property
    def done(self) -> bool:
        """Whether the stage is behind: dated, and not with a failed result."""
        return bool(self.done_on) and self.passed and not self.skipped

    @property
    def behind(self) -> bool:
        """Whether nothing is to be waited for: done, or 不适用."""
        return self.done or self.skipped


@dataclass(frozen=True, slots=True)
class Late:
    """What a project is late with: the stage that is missing, by how many days, and why (kind)."""

    stage: str
    kind: str  # planned · finish · acceptance · audit · handing
    since: str
    days: int


def last_stage(steps: Sequence[Step]) -> Step | None:
    """The stage a project stands at: the last dated one in the order of stages, never one read from a text.

    >>> last_stage([Step("approved", "2026-01-05"), Step("started", "2026-03-01"), Step("finished")]).stage
    'started'
    """
    return next((step for step in reversed(steps) if step.done), None)


def out_of_order(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Pairs (stage, earlier stage) where a stage is dated before one that comes first; each stage with its worst predecessor.

    Start before approval, allocation or contract is one of them (政府投资条例 art. 20: no start before conditions are met).

    >>> out_of_order([Step("approved", "2026-02-01"), Step("contracted", "2026-03-01"), Step("started", "2026-01-15")])
    [('started', 'contracted')]
    """
    found = []
    latest: Step | None = None
    for step in steps:
        if step.skipped or not step.done_on:
            continue
        if latest is not None and step.done_on < latest.done_on:
            found.append((step.stage, latest.stage))
        else:
            latest = step
    return found


def months_later(iso: str, months: int) -> str:
    """The same day so many months later, or the last day of a shorter month (民法典 art. 202).

    >>> months_later("2026-08-31", 6), months_later("2026-01-15", 6)
    ('2027-02-28', '2026-07-15')
    """
    month = add_months(iso[:7], months)
    return f"{month}-{min(int(iso[8:]), monthrange(int(month[:4]), int(month[5:]))[1]):02d}"


def lateness(steps: Sequence[Step], planned_finish: str, on: str, months: int, order: Mapping[str, str]) -> list[Late]:
    """What is late on a day, the worst first.

    `order` names the stages that the waiting times are about: finished, accepted, audited, handed. A stage is late when its
    planned day has passed; the works when `planned_finish` has; acceptance, settlement audit and hand-over when more than
    `months` have gone since the step before (audit rule J08). What is 不适用 is never waited for.
    """
    at = {step.stage: step for step in steps}
    found = [Late(step.stage, "planned", step.planned_on, days_between(step.planned_on, on))
             for step in steps if not step.behind and step.planned_on and step.planned_on < on]  # fmt: skip
    finished = at.get(order["finished"], Step(order["finished"]))
    if planned_finish and planned_finish < on and not finished.behind and all(one.stage != finished.stage for one in found):
        found.append(Late(finished.stage, "finish", planned_finish, days_between(planned_finish, on)))
    for before, after in (("finished", "accepted"), ("accepted", "audited"), ("accepted", "handed")):
        done, missing = at.get(order[before]), at.get(order[after], Step(order[after]))
        if done is None or not done.done or missing.behind or any(one.stage == missing.stage for one in found):
            continue
        due = months_later(done.done_on, months)
        if due < on:
            found.append(Late(missing.stage, after, due, days_between(due, on)))
    return sorted(found, key=lambda late: -late.days)


def payable(contract: int, changes: int, audited: int | None, funds: int) -> int:
    """The most that may be paid for a project in 分: what the audit settled, else contract and changes, else its funds.

    Sources: audit rule J01; 政府投资条例 art. 23 (investment must not exceed the approved estimate).

    >>> payable(1_000_000, 50_000, None, 0), payable(1_000_000, 0, 960_000, 0), payable(0, 0, None, 300_000)
    (1050000, 960000, 300000)
    """
    if audited is not None:
        return audited
    return contract + changes if contract else funds


def early_share(paid: int, whole: int, percent: int) -> bool:
    """Whether more than `percent` of the whole would be paid before acceptance (audit rule J10).

    >>> early_share(80, 100, 80), early_share(81, 100, 80)
    (False, True)
    """
    return whole > 0 and paid * 100 > whole * percent

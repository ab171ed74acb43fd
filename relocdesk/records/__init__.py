"""All registers (台账), imported explicitly so that a frozen program and a reader both find them."""

from __future__ import annotations

from relocdesk.errors import UserError
from relocdesk.field import Register, register_of
from relocdesk.ids import home_id, new_id, reference_id
from relocdesk.records import (
    agreement,
    document,
    fund,
    household,
    party,
    payment,
    petition,
    project,
    rectification,
    reference,
    support,
    survey,
    trail,
    works,
)
from relocdesk.records.record import Record

__all__ = ["REGISTERS", "Record", "children_of", "find_register", "home_id", "new_id", "reference_id", "register"]

# In the order people meet them: sidebar, command line and backups follow it.
CLASSES: tuple[type[Record], ...] = (
    reference.Office,
    reference.Place,
    reference.Operator,
    reference.PolicyRow,
    reference.Setting,
    reference.Dictionary,
    reference.Holiday,
    project.Project,
    reference.PriceItem,
    household.CollectiveUnit,
    household.Household,
    household.Person,
    household.Authorisation,
    survey.Parcel,
    survey.Asset,
    project.Boundary,
    project.ParcelChange,
    survey.Posting,
    survey.Objection,
    survey.Recheck,
    agreement.Agreement,
    agreement.AgreementLine,
    agreement.Printout,
    payment.PaymentBatch,
    payment.Payment,
    payment.UnpaidReason,
    fund.Allocation,
    fund.Receipt,
    fund.Interest,
    fund.Spending,
    support.ApprovalList,
    support.Recipient,
    support.RecipientChange,
    support.Period,
    support.SupportPayment,
    support.Recovery,
    works.PlanItem,
    works.SupportProject,
    works.FundSource,
    works.ProjectStage,
    works.ProjectPayment,
    works.SurplusUse,
    works.Training,
    works.Trainee,
    petition.Petition,
    petition.PetitionStep,
    petition.PetitionReview,
    petition.Patrol,
    petition.Dispute,
    rectification.Inspection,
    rectification.RectificationItem,
    rectification.Measure,
    rectification.StateChange,
    rectification.LookBack,
    party.Meeting,
    party.Attendance,
    party.Talk,
    party.HomeVisit,
    party.VisitFamily,
    party.Pledge,
    party.ServiceItem,
    party.Task,
    party.WorkStep,
    party.Advert,
    party.PlatformEntry,
    project.Acceptance,
    project.Relocation,
    project.UpperAgreement,
    project.AnnualPlan,
    reference.Target,
    reference.Incident,
    reference.YearConfirmation,
    document.Attachment,
    document.ImportBatch,
    document.Override,
    document.HandOver,
    document.ReportSnapshot,
)
REGISTERS: tuple[Register, ...] = tuple(register_of(cls) for cls in CLASSES)
_BY_NAME = {reg.name: reg for reg in REGISTERS}
TRAIL = trail.TABLES


def register(name: str) -> Register:
    """The register of a table name; KeyError is a defect."""
    return _BY_NAME[name]


def find_register(word: str) -> Register:
    """The register that a person names by table name or Chinese name, or by a part that no other has; else UserError with the list."""
    found = _BY_NAME.get(word) or next((reg for reg in REGISTERS if reg.label == word), None)
    near = [reg for reg in REGISTERS if word and word in reg.label]
    if found is None and len(near) != 1:
        raise UserError(f"没有“{word}”这个台账", hint=f"{'是不是' if near else '可用'}：{'、'.join(reg.label for reg in near or REGISTERS)}")
    return found or near[0]


def children_of(reg: Register) -> tuple[Register, ...]:
    """The child registers shown inside a record of `reg`."""
    return tuple(child for child in REGISTERS if child.parent is not None and child.parent.to == reg.name)

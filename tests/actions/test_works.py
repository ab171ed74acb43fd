"""Support projects: stages, contract, payments, acceptance, audit, hand-over; what is refused and what is only told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from relocdesk.actions import works
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.queries.funds import balance
from relocdesk.queries.works import cards, works_identities
from relocdesk.records.fund import Allocation, Receipt
from relocdesk.records.works import FundSource, ProjectPayment, ProjectStage, SupportProject
from relocdesk.undo import undo
from tests.actions.money import HEAD, MAKER, TODAY, Money
from tests.actions.scene import TOWNSHIP, Scene


class Works(Money):
    """One transaction in which a support project goes its way."""

    def project(self, **values: Any) -> SupportProject:
        made: SupportProject = self.scene.add(self.session, SupportProject, self.scene.home, **{
            "code": "HF2026-001", "name": "柳树村道路硬化", "year": 2026, "category": "infrastructure", "place": self.scene.ids[f"{TOWNSHIP}201"],
            "estimate": 1_000_000, **values})  # fmt: skip
        return made

    def source(self, project: SupportProject, amount: int, fund: str = "support", **values: Any) -> None:
        self.scene.add(self.session, FundSource, self.scene.home, project=project.id, fund=fund, amount=amount, **values)

    def funded(self, fund: str, amount: int, year: int = 2026) -> None:
        paper = self.scene.add(self.session, Allocation, self.scene.county, document=f"云财农〔{year}〕{amount}号", source="province", fund=fund, year=year,
                               issued_on=f"{year}-02-01", amount=amount)  # fmt: skip
        self.scene.add(self.session, Receipt, self.scene.county, allocation=paper.id, received_on=f"{year}-03-01", amount=amount)

    def under_contract(self, **values: Any) -> SupportProject:
        project = self.project(**values)
        self.source(project, 1_000_000)
        self.funded("support", 5_000_000)
        works.record_stage(self.session, MAKER, project, stage="approved", done_on="2026-03-01", document="龙移〔2026〕3号")
        works.contract(self.session, MAKER, project, signed_on="2026-04-01", contractor="龙陵某建筑公司", amount=900_000, number="HT-01")
        return project


@pytest.fixture
def at(scene: Scene) -> Iterator[Works]:
    with scene.change() as (session, _):
        yield Works(scene, session)


def stage(at: Works, project: SupportProject, name: str) -> ProjectStage:
    return works.stages_of(at.session, project.id)[name]


def test_a_stage_is_dated_planned_or_said_not_to_apply(at: Works) -> None:
    project = at.project()
    assert works.record_stage(at.session, MAKER, project, stage="listed", planned_on="2026-01-10") == "HF2026-001 规划入库：计划 2026-01-10"
    assert works.record_stage(at.session, MAKER, project, stage="listed", done_on="2026-01-12", document="龙移〔2026〕1号") == "HF2026-001 规划入库：2026-01-12"
    row = stage(at, project, "listed")
    assert (row.planned_on, row.done_on, row.document, row.skipped) == ("2026-01-10", "2026-01-12", "龙移〔2026〕1号", 0)
    works.record_stage(at.session, MAKER, project, stage="tendered", skipped=1, reason="限额以下，村民自建")
    assert (stage(at, project, "tendered").skipped, stage(at, project, "tendered").remark) == (1, "限额以下，村民自建")
    said = works.record_stage(at.session, MAKER, project, stage="approved", done_on="2026-01-02")
    assert said == "HF2026-001 审批：2026-01-02；请注意：“审批”2026-01-02 早于“规划入库”2026-01-12"


@pytest.mark.parametrize(
    ("values", "match"),
    [({"stage": "started"}, "没有填日期"), ({"stage": "started", "done_on": "2026-11-23"}, "还没有到"),
     ({"stage": "tendered", "skipped": 1}, "没有写理由"), ({"stage": "tendered", "skipped": 1, "reason": "自建", "done_on": "2026-01-01"}, "既填了完成日期"),
     ({"stage": "started", "done_on": "2026-01-01", "passed": "1"}, "没有合格不合格"), ({"stage": "accepted", "done_on": "2026-01-01"}, "没有填是否合格")],
)  # fmt: skip
def test_a_stage_that_says_nothing_true_is_refused(at: Works, values: dict[str, Any], match: str) -> None:
    project = at.project()
    with pytest.raises(UserError, match=match):
        works.record_stage(at.session, MAKER, project, **values)
    assert works.stages_of(at.session, project.id) == {}


def test_nothing_is_paid_before_approval_contract_and_funds(at: Works) -> None:
    project = at.project()
    with pytest.raises(UserError, match="还没有“审批”日期"):
        works.pay(at.session, MAKER, project, amount=1)
    works.record_stage(at.session, MAKER, project, stage="approved", done_on="2026-03-01")
    with pytest.raises(UserError, match="还没有“合同”日期"):
        works.pay(at.session, MAKER, project, amount=1)
    works.contract(at.session, MAKER, project, signed_on="2026-04-01", contractor="某公司", amount=900_000)
    with pytest.raises(UserError, match="没有登记资金来源"):
        works.pay(at.session, MAKER, project, amount=1)
    at.source(project, 1_000_000)
    with pytest.raises(UserError, match="早于“合同”日期"):
        works.pay(at.session, MAKER, project, amount=1, paid_on="2026-03-31")
    with pytest.raises(UserError, match="资金来源里没有“库区基金”"):
        works.pay(at.session, MAKER, project, amount=1, fund="reservoir")


def test_payments_stop_at_contract_and_changes(at: Works) -> None:
    project = at.under_contract()
    said = works.pay(at.session, MAKER, project, amount=300_000, purpose="预付款")
    assert said == "HF2026-001 支付 3,000.00 元，累计 3,000.00 元，还可付 6,000.00 元；请注意：HF2026-001 没有公示过"
    with pytest.raises(UserError, match=r"合同价款（含变更） 9,000\.00 元，已付 3,000\.00 元，不能再付 6,000\.01 元"):
        works.pay(at.session, MAKER, project, amount=600_001)
    works.change_contract(at.session, MAKER, project, amount=50_000, document="龙移〔2026〕9号")
    assert "还没有竣工验收，已付超过 80%" in works.pay(at.session, MAKER, project, amount=650_000)
    with pytest.raises(UserError, match="少于已支付"):
        works.change_contract(at.session, MAKER, project, amount=-50_001, document="龙移〔2026〕10号")
    numbers = at.session.scalars(select(ProjectPayment.number).order_by(ProjectPayment.number)).all()
    assert list(numbers) == ["1", "2"]
    assert balance(at.session, "support", TODAY).works == 950_000
    assert balance(at.session, "support", TODAY).balance == 5_000_000 - 950_000
    assert works_identities(at.session) == []


def test_a_fund_of_the_project_pays_no_more_than_it_has(at: Works) -> None:
    project = at.under_contract()
    at.source(project, 100_000, "self")
    with pytest.raises(UserError, match="有 2 种资金"):
        works.pay(at.session, MAKER, project, amount=1)
    assert "可用余额" not in works.pay(at.session, MAKER, project, amount=100_000, fund="self")
    with pytest.raises(UserError, match=r"“自筹”共 1,000\.00 元，已付 1,000\.00 元"):
        works.pay(at.session, MAKER, project, amount=1, fund="self")


def test_a_short_account_warns_or_blocks_by_setting(at: Works) -> None:
    project = at.under_contract()
    at.source(project, 500_000, "reservoir")
    assert "“库区基金”可用余额 0.00 元，不够这一笔 10.00 元" in works.pay(at.session, MAKER, project, amount=1_000, fund="reservoir")
    at.setting("fund.block", "不准办")
    with pytest.raises(UserError, match="不够这一笔"):
        works.pay(at.session, MAKER, project, amount=1_000, fund="reservoir")


def test_a_contract_may_be_said_not_to_apply(at: Works) -> None:
    project = at.project()
    at.source(project, 200_000)
    at.funded("support", 1_000_000)
    works.record_stage(at.session, MAKER, project, stage="approved", done_on="2026-03-01")
    works.record_stage(at.session, MAKER, project, stage="contracted", skipped=1, reason="直接补助到户")
    works.pay(at.session, MAKER, project, amount=200_000, payee="柳树村委会")
    with pytest.raises(UserError, match=r"资金合计 2,000\.00 元"):
        works.pay(at.session, MAKER, project, amount=1, payee="柳树村委会")


def test_a_contract_over_the_estimate_and_over_the_tender_limit_is_told(at: Works) -> None:
    project = at.project(estimate=390_000_000)
    said = works.contract(at.session, MAKER, project, signed_on="2026-04-01", contractor="某公司", amount=400_000_000)
    assert "合同价超过批复投资 100,000.00 元" in said
    assert "达到必须招标的限额 4,000,000.00 元" in said
    works.record_stage(at.session, MAKER, project, stage="tendered", done_on="2026-03-20")
    assert "限额" not in works.contract(at.session, MAKER, project, signed_on="2026-04-01", contractor="某公司", amount=400_000_000)


def test_from_acceptance_to_the_keeper(at: Works) -> None:
    project = at.under_contract()
    with pytest.raises(UserError, match="还没有完工日期"):
        works.accept(at.session, HEAD, project, held_on="2026-09-01", passed="1")
    works.record_stage(at.session, MAKER, project, stage="started", done_on="2026-04-10")
    works.record_stage(at.session, MAKER, project, stage="finished", done_on="2026-08-01")
    with pytest.raises(UserError, match="早于完工日期"):
        works.accept(at.session, HEAD, project, held_on="2026-07-01", passed="1")
    assert works.accept(at.session, HEAD, project, held_on="2026-09-01", passed="0", problems="边沟没有做完") == "HF2026-001 竣工验收不合格（2026-09-01）"
    with pytest.raises(UserError, match="还没有验收合格"):
        works.hand_over(at.session, MAKER, project, handed_on="2026-10-01", keeper="柳树村委会")
    works.accept(at.session, HEAD, project, held_on="2026-09-20", passed="1")
    works.pay(at.session, MAKER, project, amount=900_000)
    with pytest.raises(UserError, match="大于送审金额"):
        works.audit(at.session, HEAD, project, audited_on="2026-10-05", submitted=900_000, audited=900_001)
    said = works.audit(at.session, HEAD, project, audited_on="2026-10-05", submitted=900_000, audited=880_000, document="审〔2026〕7号")
    assert said == "HF2026-001 送审 9,000.00 元，审定 8,800.00 元，审减 200.00 元；请注意：已付 9,000.00 元，比审定多 200.00 元，请追回"
    (found,) = works_identities(at.session)
    assert str(found) == "后扶项目 HF2026-001：已支付 9,000.00 元，比合同价款（或审定）8,800.00 元多 200.00 元，请核对或追回"
    works.hand_over(at.session, MAKER, project, handed_on="2026-10-20", keeper="柳树村委会")
    works.score(at.session, MAKER, project, scored_on="2026-11-01", score=92_500_000, grade="优")
    (card,) = cards(at.session, TODAY)
    assert (card.stage_label, card.stage_on, card.column, card.late) == ("绩效评价", "2026-11-01", 6, ())
    with pytest.raises(UserError, match="不在 0 到 100"):
        works.score(at.session, MAKER, project, scored_on="2026-11-01", score=100_000_001)


def test_who_enters_does_not_accept_or_audit(at: Works) -> None:
    project = at.under_contract()
    for name, values in (("accept", {"held_on": "2026-09-01", "passed": "1"}), ("audit", {"audited_on": "2026-09-01", "submitted": 1, "audited": 1})):
        with pytest.raises(UserError) as refused:
            getattr(works, name)(at.session, MAKER, project, **values)
        assert refused.value.code == "ROLE"
    with pytest.raises(UserError):
        works.pay(at.session, Clerk("周晓燕", "reader", TODAY), project, amount=1)


def test_a_payment_is_taken_back_whole(scene: Scene) -> None:
    with scene.change() as (session, _):
        at = Works(scene, session)
        row_id = at.under_contract().id
    with scene.change() as (session, done):
        works.pay(session, MAKER, session.get_one(SupportProject, row_id), amount=1_000)
    with scene.change() as (session, _):
        undo(session, scene.clerk, done.action)
        assert works.paid_sum(session, row_id) == 0
        assert works.pay(session, MAKER, session.get_one(SupportProject, row_id), amount=2_000).startswith("HF2026-001 支付 20.00 元，累计 20.00 元")

"""Support projects by commands alone: the plan, its versions, a project from start to keeper, funds, surplus, a ledger, papers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.commands.running import Answer, Run
from tests.excel.ugly import grid

ENTRY, CHECK, HEAD = "赵小兰", "钱建军", "孙明"
ON = ("--on", "2026-11-22")


@pytest.fixture
def desk(run: Run, path: Path) -> Path:
    """A book with people of all roles and the money of after-support."""
    for name, role in ((ENTRY, "录入"), (CHECK, "审核"), (HEAD, "负责人")):
        assert run("add", path, "operator", f"name={name}", f"role={role}", "--by", "王建国").code == 0
    for document, fund, year, amount in (("云财农〔2023〕112号", "后扶直补", 2023, "336000"), ("云财农〔2026〕71号", "后扶项目", 2026, "900000")):
        assert run("add", path, "allocation", f"document={document}", "source=省", f"fund={fund}", f"year={year}", f"issued_on={year}-03-01",
                   f"amount={amount}", "--by", ENTRY, *ON).code == 0  # fmt: skip
        assert run("add", path, "receipt", f"allocation={document}", f"received_on={year}-04-01", f"amount={amount}", "--by", ENTRY, *ON).code == 0
    spent = ("paid_on=2023-12-20", "payee=信用社", "purpose=2023年直补", "amount=287865", "fund=后扶直补")
    assert run("add", path, "spending", *spent, "--by", ENTRY, *ON).code == 0
    return path


def do(run: Run, book: Path, by: str, *words: object) -> Answer:
    return run("do", book, *words, "--by", by, *ON)


def plan_rows(run: Run, book: Path, folder: Path) -> None:
    rows: list[list[Any]] = [["规划期", "版次", "编号", "项目名称", "类型", "建设地点", "年度", "总投资（万元）", "移民专项资金（万元）"],
                             ["十四五", "原规划", "01", "柳树村道路硬化", "基础设施建设", "柳树村", 2026, 86, 70],
                             ["十四五", "原规划", "02", "石桥村冷库", "产业扶持", "石桥村", 2026, 60, 60]]  # fmt: skip
    assert run("import", book, "规划项目", grid(folder / "规划.xlsx", rows), "--apply", "--by", ENTRY, *ON).code == 0
    assert "已生成 2 项" in do(run, book, HEAD, "copy-version", "plan=十四五", "target=中期评估").out
    assert "已经有“中期评估”" in do(run, book, HEAD, "copy-version", "plan=十四五", "target=中期评估").err


def test_a_project_from_plan_to_keeper(run: Run, desk: Path, tmp_path: Path) -> None:
    plan_rows(run, desk, tmp_path)
    assert do(run, desk, ENTRY, "start-project", "十四五/中期评估/01", "code=HF2026-01", "listed_on=2026-01-10").code == 0
    refused = do(run, desk, ENTRY, "start-project", "十四五/原规划/01", "code=HF2026-09")
    assert refused.code == 1
    assert "已经立项为 HF2026-01" in refused.err
    assert run("add", desk, "fund_source", "project=HF2026-01", "fund=后扶项目", "amount=700000", "--by", ENTRY, *ON).code == 0
    early = do(run, desk, ENTRY, "pay-project", "HF2026-01", "amount=1000")
    assert (early.code, "还没有“审批”日期" in early.err) == (1, True)
    steps: tuple[tuple[str, tuple[str, ...]], ...] = (
        (ENTRY, ("record-stage", "HF2026-01", "stage=审批", "done_on=2026-02-10", "document=龙移〔2026〕3号")),
        (ENTRY, ("record-stage", "HF2026-01", "stage=招投标", "skipped=是", "reason=限额以下比选")),
        (ENTRY, ("contract-project", "HF2026-01", "signed_on=2026-03-01", "contractor=某建筑公司", "amount=650000")),
        (ENTRY, ("record-stage", "HF2026-01", "stage=开工", "done_on=2026-03-10")),
        (ENTRY, ("pay-project", "HF2026-01", "amount=195000", "purpose=预付款", "paid_on=2026-03-12")),
        (ENTRY, ("record-stage", "HF2026-01", "stage=完工", "done_on=2026-08-01")),
        (HEAD, ("accept-project", "HF2026-01", "held_on=2026-08-20", "passed=是", "document=龙移验〔2026〕1号")),
        (HEAD, ("audit-project", "HF2026-01", "audited_on=2026-09-10", "submitted=650000", "audited=640000")),
        (ENTRY, ("pay-project", "HF2026-01", "amount=445000", "paid_on=2026-09-20", "purpose=结算款")),
        (ENTRY, ("hand-project", "HF2026-01", "handed_on=2026-10-08", "keeper=柳树村村委会")),
        (ENTRY, ("score-project", "HF2026-01", "scored_on=2026-11-01", "score=92.5", "grade=优")),
    )  # fmt: skip
    for by, words in steps:
        answer = do(run, desk, by, *words)
        assert answer.code == 0, (words, answer.err)
    over = do(run, desk, ENTRY, "pay-project", "HF2026-01", "amount=0.01")
    assert (over.code, "审定金额 640,000.00 元" in over.err) == (1, True)
    assert do(run, desk, ENTRY, "accept-project", "HF2026-01", "held_on=2026-08-20", "passed=是").code == 1
    shown = run("list", desk, "support_project", "--json").json["rows"][0]
    assert (shown["stage"], shown["paid"], shown["raw"]["cut_amount"]) == ("绩效评价", "640,000.00", 1_000_000)
    assert run("print", desk, "project_card", tmp_path / "卡.pdf", "--key", "HF2026-01", "--by", ENTRY, *ON).code == 0
    assert "没有填" in run("print", desk, "acceptance_opinion", tmp_path / "验收.pdf", "--key", "HF2026-01", "--by", ENTRY, *ON).err
    assert run("set", desk, "support_project", "HF2026-01", "content=硬化道路 2.4 公里", "--by", ENTRY, *ON).code == 0
    assert run("print", desk, "acceptance_opinion", tmp_path / "验收.pdf", "--key", "HF2026-01", "--by", ENTRY, *ON).code == 0
    assert run("verify", desk).code == 0


def test_surplus_turned_over_and_taken_back(run: Run, desk: Path) -> None:
    assert run("add", desk, "support_project", "code=HF2026-02", "name=路灯", "year=2026", "category=美丽家园", "place=柳树村", "--by", ENTRY, *ON).code == 0
    words = ("turn-surplus", "HF2026-02", "year=2023", "document=龙政复〔2026〕9号", "approved_on=2026-04-12")
    too_much = do(run, desk, HEAD, *words, "amount=48135.01")
    assert (too_much.code, "结余 48,135.00 元" in too_much.err) == (1, True)
    assert do(run, desk, ENTRY, *words, "amount=48000").code == 1
    assert "还剩 135.00 元" in do(run, desk, HEAD, *words, "amount=48000").out
    sources = run("list", desk, "fund_source", "--json").json["rows"]
    assert [(row["fund"], row["amount"]) for row in sources] == [("结余盘活", "48,000.00")]
    assert run("undo", desk, "--by", HEAD, *ON).code == 0
    assert run("list", desk, "fund_source", "--json").json["rows"] == []
    assert run("list", desk, "surplus_use", "--json").json["rows"] == []
    assert run("verify", desk).code == 0


def test_a_messy_ledger_comes_in_and_goes_out(run: Run, desk: Path, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["三坝乡2025年后扶项目台账"],
        ["序号", "项目代码", "项目名称", "项目类型", "年度", "建设地点", "总投资（万元）", "后扶基金（万元）", "自筹（万元）", "开工时间", "完工时间",
         "验收时间", "验收结论"],
        [1, "HF2025-11", "柳树村沟渠", "基础设施", 2025, "柳树村", 50, 40, 10, "2025.5.6", "2025年9月1日", "2025-10-20", "合格"],
        [2, "HF2025-12", "石桥村道路", "基础设施", 2025, "石桥村", 30, 30, None, "五月份", None, None, None],
        [None, "合计", None, None, None, None, 80, 70, 10, None, None, None, None],
    ]  # fmt: skip
    book = grid(tmp_path / "台账.xlsx", rows)
    planned = run("import", desk, "support_project", book, "--by", ENTRY, *ON, "--json")
    assert (planned.json["new"], planned.json["parts"]) == (1, {"project_stage": {"new": 3, "changed": 0, "same": 0},
                                                                "fund_source": {"new": 2, "changed": 0, "same": 0}})  # fmt: skip
    assert [(row["row"], row["field"]) for row in planned.json["problems"]] == [(4, "开工时间")]
    applied = run("import", desk, "support_project", book, "--apply", "--problems", tmp_path / "问题.xlsx", "--by", ENTRY, *ON)
    assert applied.code == 3
    assert "登记为“项目阶段”：新增 3" in applied.out
    assert [row["stage"] for row in run("list", desk, "support_project", "--json").json["rows"]] == ["竣工验收"]
    out = tmp_path / "导出.xlsx"
    assert run("export", desk, "support_project", out).code == 0
    back = run("import", desk, "support_project", out, "--by", ENTRY, *ON, "--json").json
    assert (back["new"], back["changed"], back["same"], back["problems"]) == (0, 0, 1, [])
    assert run("print", desk, "project_ledger", tmp_path / "台账.pdf", "--all", "--by", ENTRY, *ON).code == 0


def test_a_course_by_commands(run: Run, desk: Path, tmp_path: Path) -> None:
    assert run("add", desk, "training", "name=核桃嫁接", "held_on=2026-05-06", "--by", ENTRY, *ON).code == 0
    rows = [["培训班", "姓名", "到课次数"], *(["核桃嫁接/2026-05-06", name, 2] for name in ("张桂兰", "李国强", "杨秀英"))]
    assert run("import", desk, "trainee", grid(tmp_path / "签到.xlsx", rows), "--apply", "--by", ENTRY, *ON).code == 0
    partly = do(run, desk, ENTRY, "sign-in", "核桃嫁接/2026-05-06", "people=张桂兰、王小二")
    assert partly.code == 3
    assert "签到 1 人；名册 3 人、6 人次" in partly.out
    assert "不在名册里" in partly.out + partly.err
    assert run("print", desk, "training_sign_in", tmp_path / "签到.pdf", "--all", "--by", ENTRY, *ON).code == 0

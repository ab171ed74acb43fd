"""The main job by commands alone: messy workbooks in, drafts, papers, signatures, batch, bank, and totals to the 分."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import openpyxl
import pytest

from relocdesk import demo_sheets
from relocdesk.demo_people import People
from relocdesk.demo_sheets import GROUPS, PROJECT, VILLAGES, Truth
from tests.commands.running import Run


def ground(run: Run, book: Path) -> None:
    assert run("new", book, "--office", "龙陵县三坝乡搬迁安置办公室", "--place", "530523102", "--by", "王建国").code == 0
    for name, role in (("赵小兰", "录入"), ("钱建军", "审核"), ("孙明", "负责人")):
        assert run("add", book, "operator", f"name={name}", f"role={role}", "--by", "王建国").code == 0
    assert run("add", book, "project", f"name={PROJECT}", "freeze_on=2025-06-01", "--by", "王建国").code == 0
    for code, village in VILLAGES.items():
        assert run("add", book, "place", f"code={code}", f"name={village}", "parent=530523102", "--by", "王建国").code == 0
        for n, group in enumerate(GROUPS, 1):
            assert run("add", book, "place", f"code={code}{n:02d}", f"name={group}", f"parent={code}", "--by", "王建国").code == 0
            unit = f"{village}{group}村民小组"
            assert run("add", book, "collective_unit", f"name={unit}", f"place={code}{n:02d}", "kind=村民小组", f"account_name={unit}",
                       f"account=5300{code[9:]}{n}00018", "bank=农信社", "--by", "王建国").code == 0  # fmt: skip


def take_in(run: Run, book: Path, truth: Truth, folder: Path) -> None:
    demo_sheets.write_workbooks(folder, truth)
    assert len(truth.files) >= 8
    for file in truth.files:
        words = ("import", book, file.register, file.path, "--by", "赵小兰", "--on", "2026-03-02", "--json")
        planned = run(*words)
        assert planned.code == 0
        plan = planned.json
        assert set(plan) == {"sheet", "header_row", "mapping", "unmapped", "new", "changed", "same", "problems", "batch", "warnings", "hidden_rows"}
        assert (plan["new"], plan["changed"], plan["same"], plan["batch"]) == (file.good, 0, 0, None)
        assert len({row["row"] for row in plan["problems"]}) == file.refused
        assert all({"row", "field", "value", "text"} <= set(row) for row in plan["problems"])
        back = folder / f"退回 {file.path.stem}.xlsx"
        applied = run(*words, "--apply", "--problems", back)
        assert (applied.code, applied.json["new"], applied.json["hidden_rows"]) == (3, file.good, file.hidden)
        assert applied.json["batch"]
        assert back.is_file()
        again = run(*words, "--apply")
        assert (again.json["new"], again.json["changed"], again.json["same"], again.json["batch"]) == (0, 0, file.good, None)


def test_the_main_job(run: Run, tmp_path: Path) -> None:
    book, truth = tmp_path / "三坝乡.reloc", demo_sheets.invent(11)
    ground(run, book)
    take_in(run, book, truth, tmp_path)
    prices = demo_sheets.write_prices(tmp_path / "补偿标准.xlsx")
    assert run("import", book, "补偿标准", prices, "--apply", "--by", "钱建军").code == 0
    totals = run("list", book, "parcel", "--json").json["totals"]
    assert Fraction(totals["raw"]["mu"], 1_000_000) == truth.mu()
    assert Decimal(totals["mu"]) == (Decimal(totals["raw"]["mu"]) / 1_000_000).quantize(Decimal("0.01"), "ROUND_HALF_UP")

    assert run("do", book, "confirm", "530523102", "--by", "钱建军", "--on", "2026-03-02").code == 0
    drafted = run("draft", book, "--by", "赵小兰", "--on", "2026-03-02", "--json").json
    expected = len(truth.personal()) + len(truth.collective())
    assert (len(drafted["done"]), drafted["refused"], drafted["not_started"]) == (expected, [], [])
    assert sum(one["raw"]["total"] for one in drafted["done"]) == truth.total()
    numbers = [one["key"] for one in drafted["done"]]
    assert run("draft", book, "--by", "赵小兰", "--json").json["done"] == []

    unprinted = run("do", book, "sign", numbers[0], "signed_on=2026-03-10", "--by", "钱建军", "--on", "2026-03-10")
    assert unprinted.code == 1
    printed = run("print", book, "agreement", tmp_path / "协议.pdf", "--all", "--by", "赵小兰", "--on", "2026-03-02", "--json")
    assert printed.code == 0
    assert [len(printed.json[name]) for name in ("done", "refused", "not_started")] == [expected, 0, 0]
    assert (tmp_path / "协议.pdf").read_bytes().startswith(b"%PDF")
    signed = run("do", book, "签订协议", *numbers, "没有的", "signed_on=2026-03-10", "--by", "钱建军", "--on", "2026-03-10", "--json")
    assert signed.code == 3
    assert ([one["key"] for one in signed.json["done"]], [one["key"] for one in signed.json["refused"]]) == (numbers, ["没有的"])

    on = ("--on", "2026-03-20")
    assert run("do", book, "open-batch", "kind=征地补偿", f"project={PROJECT}", "--by", "赵小兰", *on).code == 0
    (batch,) = run("list", book, "payment_batch", "--json").json["rows"]
    assert run("do", book, "approve", batch["key"], "--by", "孙明", *on).code == 1  # nobody has checked it
    assert run("do", book, "check-batch", batch["key"], "--by", "赵小兰", *on).code == 1  # drew it up herself
    assert run("do", book, "check-batch", batch["key"], "--by", "钱建军", *on).code == 0
    assert run("do", book, "approve", batch["key"], "--by", "孙明", *on).code == 0
    assert run("do", book, "send-batch", batch["key"], "--by", "赵小兰", *on).code == 0
    sent = run("bank-list", book, batch["key"], tmp_path / "代发.xlsx", "--json").json
    assert (sent["count"], sent["raw"]["total"]) == (expected, truth.total())

    returned = answer(run, book, batch["key"], tmp_path / "回单.xlsx")
    words = ("do", book, "bank-result", batch["key"], f"file={tmp_path / '回单.xlsx'}", "--by", "赵小兰", *on)
    assert run(*words).code == 0
    assert run(*words).code == 0  # taken in twice: nothing new
    paid = run("list", book, "payment", "--where", "result=成功", "--json").json["totals"]
    back = run("list", book, "payment", "--where", "result=退回", "--json").json
    assert paid["raw"]["money"] + back["totals"]["raw"]["money"] == truth.total()
    assert back["totals"]["raw"]["money"] == returned
    for n, row in enumerate(back["rows"]):
        fresh = f"account={People(Random(n)).account()}"
        assert run("do", book, "pay-again", row["serial"], fresh, f"account_name={row['payee_name']}", "bank=农信社", "--by", "赵小兰", *on).code == 0
    agreements = run("list", book, "agreement", "--where", "state=已签订", "--json").json
    assert agreements["totals"]["raw"]["money"] == truth.total()
    assert agreements["totals"]["money"] == f"{truth.total() // 100}.{truth.total() % 100:02d}"
    personal = {row["household"].split("/")[0]: row["raw"]["total"] for row in agreements["rows"] if row["household"]}
    assert personal == truth.personal()
    assert run("verify", book, "--json").json["ok"] is True


def answer(run: Run, book: Path, batch: str, path: Path) -> int:
    """The bank's own workbook; two payments came back. Returns their 分."""
    rows = run("list", book, "payment", "--where", f"batch={batch}", "--json").json["rows"]
    sheet = openpyxl.Workbook()
    sheet.active.append(["客户流水号", "收款人户名", "卡号", "交易金额", "处理状态", "错误信息", "交易日期"])
    for n, row in enumerate(rows):
        sheet.active.append([row["serial"], row["payee_name"], row["account"], row["raw"]["amount"] / 100, "交易失败" if n < 2 else "交易成功",
                             "账户冻结" if n < 2 else None, None if n < 2 else "2026-03-20"])  # fmt: skip
    sheet.save(path)
    return sum(row["raw"]["amount"] for row in rows[:2])


# --- one import at a time --------------------------------------------------------------------------------------------


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    target = tmp_path / "户.xlsx"
    made = openpyxl.Workbook()
    for row in (["户号", "户主", "村组", "我的备注"], ["001", "李大山", "柳树村一组", "好"], ["002", "王小", "柳树村九组", ""],
                ["003", "赵三", "石桥村二组", ""]):  # fmt: skip
        made.active.append(row)
    made.save(target)
    return target


def test_an_import_can_be_mapped_and_withdrawn(run: Run, path: Path, workbook: Path, tmp_path: Path) -> None:
    plan = run("import", path, "household", workbook, "--json").json
    assert plan["unmapped"] == ["我的备注"]
    assert plan["mapping"]["户主"] == "head_name"
    assert [(one["row"], one["field"], one["value"]) for one in plan["problems"]] == [(3, "村组", "柳树村九组")]
    mapping = tmp_path / "对应.json"
    mapping.write_text(json.dumps({"户号": "number", "户主": "head_name", "村组": "place", "我的备注": "备注"}, ensure_ascii=False), "utf-8")
    words = ("import", path, "household", workbook, "--mapping", mapping, "--create-places", "--apply", "--json")
    done = run(*words)
    assert (done.code, done.json["new"], done.json["unmapped"]) == (0, 3, [])
    assert run("list", path, "household", "--where", "备注=好", "--json").json["totals"]["count"] == 1
    assert run("withdraw", path, done.json["batch"]).code == 0
    assert run("list", path, "household", "--json").json["totals"]["count"] == 0
    assert run("withdraw", path, done.json["batch"]).code == 1
    assert run("verify", path).code == 0


def test_what_is_exported_comes_back_the_same(run: Run, path: Path, workbook: Path, tmp_path: Path) -> None:
    assert run("import", path, "household", workbook, "--apply").code == 3
    out = tmp_path / "导出.xlsx"
    assert run("export", path, "household", out, "--json").json["count"] == 2
    again = run("import", path, "household", out, "--json").json
    assert (again["new"], again["changed"], again["same"], again["problems"]) == (0, 0, 2, [])
    some = tmp_path / "部分.xlsx"
    assert run("export", path, "移民户", some, "--where", "村组=石桥村", "--public", "--json").json["count"] == 1
    assert run("template", "地块", tmp_path / "模板.xlsx").code == 0
    assert run("import", path, "parcel", tmp_path / "模板.xlsx").code == 1  # nothing is filled in
    assert run("export", path, "household", tmp_path).code == 1
    assert run("export", path, "household", tmp_path / "a.pdf").code == 1
    assert run("export", path, "household", tmp_path / "没有的夹子" / "a.xlsx").code == 1


@pytest.mark.parametrize("kind", ["missing", "directory", "text", "password", "truncated", "empty"])
def test_an_ugly_workbook_is_refused_in_one_sentence(run: Run, path: Path, workbook: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"{kind}.xlsx"
    if kind == "directory":
        target.mkdir()
    elif kind == "text":
        target.write_text("这不是工作簿", "utf-8")
    elif kind == "password":  # Excel wraps an encrypted workbook in an OLE file
        target.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 2048)
    elif kind == "truncated":
        target.write_bytes(workbook.read_bytes()[:3000])
    elif kind == "empty":
        target.touch()
    before = path.read_bytes()
    for apply in ((), ("--apply",)):
        answer = run("import", path, "household", target, *apply)
        assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
        assert "Error" not in answer.err
    assert path.read_bytes()[100:] == before[100:]


def test_a_rule_is_overruled_only_with_a_reason(run: Run, path: Path, tmp_path: Path) -> None:
    words = ("add", path, "household", "number=9", "head_name=李四", "place=柳树村一组", "head_idcard=533024196503150010")
    assert run(*words).code == 1
    assert run(*words, "--accept", "ID_CHECK=").code == 1
    assert run(*words, "--accept", "WHATEVER=好").code == 1
    assert run(*words, "--accept", "ID_CHECK=证件原件如此").code == 0
    (row,) = run("list", path, "override", "--json").json["rows"]
    assert (row["rule"], row["raw"]["rule"], row["reason"]) == ("身份证号校验位", "ID_CHECK", "证件原件如此")
    assert run("add", path, "household", "number=10", "head_name=王五", "place=柳树村一组", "head_idcard=533024196503150029",
               "--accept", "身份证号校验位=证件原件如此").code == 0  # fmt: skip


def test_printing_says_what_is_missing_and_writes_no_empty_file(run: Run, path: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    assert run("print", path, "agreement", out, "--all").code == 1
    assert run("print", path, "agreement", out, "--key", "没有").code == 1
    assert run("print", path, "agreement", out).code == 1
    assert run("print", path, "没有的单据", out, "--all").code == 1
    assert not out.exists()
    forms = run("forms", "--json").json["forms"]
    assert {"agreement", "card", "payment_list"} <= {form["name"] for form in forms}


def test_actions_are_listed_with_their_fields(run: Run) -> None:
    listed = run("do", "--list", "--json").json["actions"]
    sign = next(one for one in listed if one["name"] == "sign")
    assert (sign["label"], sign["register"]) == ("签订协议", "agreement")
    assert [f["name"] for f in sign["fields"]] == ["signed_on", "signed_by", "authorisation", "witness", "paper"]
    assert {"open-batch", "approve", "bank-result", "void", "supplement"} <= {one["name"] for one in listed}

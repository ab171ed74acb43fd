"""After-support people by commands alone: reduced, matched with ugly lists of other departments, recovered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from relocdesk.book import Book
from tests import make
from tests.commands.running import Run
from tests.excel.ugly import grid

CARDS = {name: make.idcard(born, n) for n, (name, born) in enumerate(
    {"李桂芳": "19500315", "杨正华": "19880229", "段明": "19620701", "赵四": "19700101", "钱七": "19710101", "孙八": "19720101"}.items(), 11)}  # fmt: skip


@pytest.fixture
def people(path: Path) -> Path:
    """A book with six recipients of 柳树村一组, paid for the four quarters of 2025."""
    with Book.open(path) as book, book.change("登记", make.clerk()) as (s, _):
        periods = [make.make_period(s, year=2025, number=n, state="closed") for n in (1, 2, 3, 4)]
        for name, card in CARDS.items():
            one = make.make_recipient(s, name=name, card=card)
            for period in periods:
                make.make_support_payment(s, period=period.id, recipient=one.id, result="paid")
    return path


def _do(run: Run, book: Path, *words: str) -> Any:
    return run("do", book, *words, "--by", "王建国", "--on", "2026-11-22", "--json")


def test_changes_by_commands(run: Run, people: Path) -> None:
    done = _do(run, people, "reduce", CARDS["李桂芳"], "reason=D3", "happened_on=2025-03-10", "proof=死亡证明12号")
    assert done.code == 0
    assert "已多发 3 期 450.00 元" in done.json["done"][0]["text"]
    again = _do(run, people, "核减", CARDS["李桂芳"], "reason=D3", "happened_on=2025-03-11", "proof=死亡证明12号")
    assert (again.code, "不能再次办理" in again.json["refused"][0]["text"]) == (1, True)
    assert _do(run, people, "reduce", CARDS["赵四"], "reason=D3", "happened_on=2025-03-11").code == 1  # no proof
    (owed,) = run("list", people, "recovery", "--json").json["rows"]
    assert (owed["over_paid"], owed["raw"]["left"]) == ("450.00", 45_000)
    assert _do(run, people, "tell-recovery", owed["line"]).code == 0
    assert _do(run, people, "recover", owed["line"], "amount=450", "voucher=收01").code == 0
    assert run("list", people, "recovery", "--json").json["rows"][0]["left"] == "0.00"
    (change,) = run("list", people, "recipient_change", "--json").json["rows"]
    assert (change["stops_from"], change["over_paid"], change["person_name"]) == ("2025-04", "450.00", "李桂芳")
    for name, role in (("钱建军", "审核"),):
        assert run("add", people, "operator", f"name={name}", f"role={role}", "--by", "王建国").code == 0
    key = f"{CARDS['李桂芳']}/核减/2025-03-10"
    assert change["key"] == key
    assert "还没有公示期满" in run("do", people, "approve-change", key, "--by", "钱建军", "--json").json["refused"][0]["text"]
    assert run("do", people, "approve-change", key, "unposted=单户公示", "--by", "钱建军", "--on", "2026-11-22").code == 0
    states = {row["name"]: row["state"] for row in run("list", people, "recipient", "--json", "--on", "2026-06-30").json["rows"]}
    assert (states["李桂芳"], states["杨正华"]) == ("核减", "在册")
    assert run("set", people, "recipient", CARDS["杨正华"], "name=杨正花", "--by", "王建国").code == 1
    assert _do(run, people, "correct", CARDS["杨正华"], "item=姓名", "value=杨正花", "proof=户口簿").code == 0
    assert _do(run, people, "correct", CARDS["杨正华"], "item=民族", "value=傣族", "proof=户口簿").code == 0
    named = f"{CARDS['杨正华']}/更正/2026-11-22/民族"
    assert run("do", people, "approve-change", named, "--by", "钱建军", "--on", "2026-11-22").code == 0


def _deaths(folder: Path) -> Path:
    slip = CARDS["段明"][:-1] + ("0" if CARDS["段明"][-1] != "0" else "1")
    rows = [
        ["三坝乡2026年1—9月死亡人员名单"],
        ["填报单位：民政办", None, None, None, "2026年10月"],
        ["序号", "死者姓名", "身份证号码", "死亡日期", "家庭住址", "死亡原因"],
        [1, "李桂芳", CARDS["李桂芳"].lower(), "2025.3.10", "三坝乡柳树村委会一组", "病故"],
        [2, "杨正花", CARDS["杨正华"], "2026-01-05", "柳树村", "病故"],
        [3, "段 明", slip, 46030, "龙陵县三坝乡柳树村一组", "意外"],
        [4, "赵四", CARDS["赵四"], "1960-01-01", "柳树村", ""],
        [5, "钱七", CARDS["钱七"], "去年", "柳树村", ""],
        [6, "外乡人", make.idcard("19400101", 44), "2026-02-02", "昆明市", ""],
        [7, "孙八", "", "2026-02-02", "石桥村", ""],
        [8, "李桂芳", CARDS["李桂芳"], "2025-03-10", "柳树村", "重复"],
        ["合计", 8],
    ]
    return grid(folder / "死亡名单.xlsx", rows, merges=["A1:F1"])


def test_an_ugly_list_of_deaths(run: Run, people: Path, tmp_path: Path) -> None:
    path, out = _deaths(tmp_path), tmp_path / "比对.xlsx"
    words = ("match", people, path, "--kind", "死亡", "--by", "王建国", "--on", "2026-11-22")
    found = run(*words, "--json", "--problems", out)
    assert found.code == 0
    rows = {kind: [one["row"] for one in found.json[kind]] for kind in ("sure", "likely", "done", "keep", "other", "problem")}
    assert rows == {"sure": [4], "likely": [5, 6], "done": [], "keep": [], "other": [9, 10], "problem": [7, 8, 11]}
    assert found.json["applied"] == 0
    assert [row[4].value for row in openpyxl.load_workbook(out).worksheets[0].iter_rows(min_row=4)][:3] == ["确定", "待核", "待核"]
    assert run("list", people, "recipient_change", "--json").json["rows"] == []

    applied = run(*words, "--json", "--apply-sure")
    assert (applied.code, applied.json["applied"], applied.json["refused"]) == (3, 1, [])
    assert run(*words, "--rows", "9").code == 1
    assert run(*words, "--rows", "六").code == 1
    more = run(*words, "--json", "--rows", "6")
    assert more.json["applied"] == 1
    assert [one["row"] for one in more.json["done"]] == [4, 11]
    changes = run("list", people, "recipient_change", "--json").json["rows"]
    assert {(one["person_name"], one["happened_on"]) for one in changes} == {("李桂芳", "2025-03-10"), ("段明", "2026-01-08")}
    assert all("死亡名单.xlsx" in one["proof"] for one in changes)
    assert run(*words, "--json", "--apply-sure").json["applied"] == 0
    assert run("undo", people, "--by", "王建国").code == 0
    assert len(run("list", people, "recipient_change", "--json").json["rows"]) == 1


def test_other_lists(run: Run, people: Path, tmp_path: Path) -> None:
    common = ("--by", "王建国", "--on", "2026-11-22", "--json")
    payroll = grid(tmp_path / "工资.xlsx", [["姓名", "身份证号", "工作单位"], ["杨正华", CARDS["杨正华"], "三坝中学"]])
    without = run("match", people, payroll, "--kind", "payroll", *common).json
    assert without["problem"][0]["text"].startswith("没有日期")
    assert run("match", people, payroll, "--kind", "payroll", "--date", "2026-09-01", "--apply-sure", *common).json["applied"] == 1
    prison = grid(tmp_path / "服刑.xlsx", [["服刑人员姓名", "证件号码", "判决日期", "刑期截止", "判决结果"],
                                        ["段明", CARDS["段明"], "2025-05-10", "2028-05-09", "有期徒刑三年"],
                                        ["赵四", CARDS["赵四"], "2025-05-10", "", "有期徒刑三年，缓刑四年"]])  # fmt: skip
    found = run("match", people, prison, "--kind", "prison", "--apply-sure", *common).json
    assert (len(found["sure"]), [one["text"] for one in found["keep"]], found["applied"]) == (1, ["判处缓刑的不核减"], 1)
    hukou = grid(tmp_path / "转非.xlsx", [["姓名", "公民身份号码", "转非日期", "备注"], ["钱七", CARDS["钱七"], "2026-05-10", "农转城"],
                                        ["孙八", CARDS["孙八"], "2026-05-10", "录取后转非"]])  # fmt: skip
    found = run("match", people, hukou, "--kind", "hukou", "--apply-sure", *common).json
    assert ([one["name"] for one in found["keep"]], found["applied"]) == (["钱七"], 1)
    reasons = {row["person_name"]: row["reason"] for row in run("list", people, "recipient_change", "--json").json["rows"]}
    assert reasons == {"杨正华": "D1 录用", "段明": "D4 服刑", "孙八": "D2 转非"}


@pytest.mark.parametrize(
    ("kind", "content"), [("deaths", [["甲", "乙"], [1, 2]]), ("deaths", [["姓名", "身份证号", "死亡日期"]]), ("births", [["姓名"], ["李"]])]
)
def test_a_list_nobody_could_use_is_refused(run: Run, people: Path, tmp_path: Path, kind: str, content: list[list[Any]]) -> None:
    answer = run("match", people, grid(tmp_path / "名单.xlsx", content), "--kind", kind)
    assert answer.code == 1
    assert answer.err.strip()

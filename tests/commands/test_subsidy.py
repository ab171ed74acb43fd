"""The subsidy on the command line: import, reduce, freeze, post, pay, result, close, next period; heads and money agree."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from openpyxl import Workbook, load_workbook

from relocdesk.demo_people import Being, People
from tests.commands.running import Run

TOWNS = {"530523102": "三坝乡", "530523103": "石桥镇"}
PEOPLE = 6  # in each township
DAYS = {"open": "2026-06-01", "check-period": "2026-06-03", "approve-period": "2026-06-09", "send-period": "2026-06-10", "result": "2026-06-14"}


@pytest.fixture
def county(run: Run, tmp_path: Path) -> Path:
    """A county's book with two townships and the people of its office."""
    book = tmp_path / "龙陵县.reloc"
    assert run("new", book, "--office", "龙陵县搬迁安置办公室", "--place", "530523", "--by", "王建国").code == 0
    for name, role in (("赵小兰", "录入"), ("钱建军", "审核"), ("孙明", "负责人")):
        assert run("add", book, "operator", f"name={name}", f"role={role}", "--by", "王建国").code == 0
    for code, name in TOWNS.items():
        for row in (f"code={code} name={name} parent=530523", f"code={code}201 name=柳树村 parent={code}", f"code={code}20101 name=一组 parent={code}201"):
            assert run("add", book, "place", *row.split(), "--by", "王建国").code == 0
    return book


def roster(path: Path, people: dict[str, list[Being]], accounts: People, *, support: bool = True) -> None:
    """A workbook of recipients as offices keep it: a title over it, two lines of heads, households merged, subtotals."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["龙陵县大中型水库移民后期扶持人口花名册"])
    sheet.append(["填报单位：龙陵县搬迁安置办公室", None, None, None, None, "填报日期：2026年1月5日"])
    sheet.append(["序号", "乡镇", "村组", "户编号", "户主", "移民信息", None, "人口类型", "所属水库", "扶持方式", "扶持起始", "银行信息", None, None])
    sheet.append([None, None, None, None, None, "姓名", "身份证号", None, None, None, None, "户名", "账号", "开户行"])
    number = 0
    for code, some in people.items():
        first = sheet.max_row + 1
        for one in some:
            number += 1
            sheet.append([number, TOWNS[code], "柳树村一组", f"Y{code[6:]}001", some[0].name, one.name, one.idcard, "现状人口", "红岩水库", "直补", "2006年7月",
                          one.name, accounts.account(), "农村信用社"])  # fmt: skip
        for column in ("D", "E"):
            sheet.merge_cells(f"{column}{first}:{column}{sheet.max_row}")
        sheet.append(["小计", None, None, None, None, f"{len(some)}人"])
    sheet.append(["合计", None, None, None, None, f"{number}人"])
    book.save(path)


@pytest.fixture
def filled(run: Run, county: Path, tmp_path: Path) -> tuple[Path, dict[str, list[Being]]]:
    """The recipients of both townships, imported."""
    made = People(Random(5))
    people = {code: [made.being(1950 + n, man=bool(n % 2), relation="户主", surname="杨") for n in range(PEOPLE)] for code in TOWNS}
    roster(tmp_path / "花名册.xlsx", people, made)
    answer = run("import", county, "后扶人口", tmp_path / "花名册.xlsx", "--apply", "--by", "赵小兰", "--on", "2026-01-05", "--json")
    assert (answer.json["new"], answer.json["problems"]) == (2 * PEOPLE, []), answer.json["problems"]
    return county, people


def bank_answer(sheet: Path, out: Path, *, back: int = -1, day: str = DAYS["result"]) -> None:
    """What the bank makes of the list: all paid but one."""
    lines = [[cell.value for cell in row] for row in load_workbook(sheet).worksheets[0].iter_rows() if "-" in str(row[0].value or "")]
    book = Workbook()
    target = book.active
    assert target is not None
    target.append(["流水号", "收款人", "卡号", "发放金额", "处理状态", "失败原因", "入账日期"])
    for n, (serial, name, account, _, amount, _) in enumerate(lines):
        target.append([serial, name, account, amount, "失败" if n == back else "成功", "户名不符" if n == back else None, None if n == back else day])
    book.save(out)


def periods(run: Run, book: Path) -> dict[str, dict[str, str]]:
    found = run("list", book, "period", "--json").json["rows"]
    return {f"{row['year']}/{row['number']}/{row['place']}": row for row in found}


def test_two_townships_from_the_roster_to_the_next_period(run: Run, filled: tuple[Path, dict[str, list[Being]]], tmp_path: Path) -> None:
    book, people = filled
    dead = people["530523102"][0]
    told = ("reason=D3", "happened_on=2026-03-20", "proof=死亡证明 1 号")
    assert run("do", book, "reduce", dead.idcard, *told, "--by", "赵小兰", "--on", "2026-05-02").code == 0

    def do(action: str, *words: str, by: str = "赵小兰", on: str = DAYS["open"], code: int = 0) -> str:
        answer = run("do", book, action, *words, "--by", by, "--on", on)
        assert answer.code == code, (answer.out, answer.err)
        return answer.out + answer.err

    assert "已开 2 个发放期：2026-04 至 2026-06，标准 600.00" in do("open-period", "first_month=2026-04")
    keys = [f"2026/2/{name}" for name in TOWNS.values()]
    assert "本期发放 5 人，750.00 元" in do("freeze-period", keys[0])
    assert "本期发放 6 人，900.00 元" in do("冻结名册", keys[1])
    do("post-period", *keys)
    assert "不能做银行代发清单" in run("bank-list", book, keys[0], tmp_path / "早.xlsx").err
    for action, by in (("check-period", "钱建军"), ("approve-period", "孙明")):
        do(action, *keys, by=by, on=DAYS[action])
    do("send-period", *keys, on=DAYS["send-period"])
    for n, key in enumerate(keys):
        sheet, answer = tmp_path / f"代发{n}.xlsx", tmp_path / f"回盘{n}.xlsx"
        sent = run("bank-list", book, key, sheet, "--json")
        assert (sent.json["count"], sent.json["raw"]["total"]) == (5 + n, 75_000 + 15_000 * n)
        bank_answer(sheet, answer, back=1 if n == 0 else -1)
    assert "没有登记" in do("bank-result", keys[0], f"file={tmp_path / '回盘1.xlsx'}", on=DAYS["result"], code=1)
    assert "登记成功 4 笔 600.00 元，退回 1 笔 150.00 元" in do("bank-result", keys[0], f"file={tmp_path / '回盘0.xlsx'}", on=DAYS["result"])
    assert "没有新的结果（5 笔早已登记）" in do("bank-result", keys[0], f"file={tmp_path / '回盘0.xlsx'}", on=DAYS["result"])
    assert "登记成功 6 笔 900.00 元" in do("bank-result", keys[1], f"file={tmp_path / '回盘1.xlsx'}", on=DAYS["result"])
    returned = run("list", book, "support_payment", "--where", "result=退回", "--json").json["rows"]
    assert [(row["paid"], row["return_reason"]) for row in returned] == [("150.00", "户名不符")]
    line = f"{keys[0]}/{returned[0]['recipient']}/正常/1"
    assert "已列入再发（第 2 次）" in do("reissue-line", line, "account=12345678", on="2026-06-16")
    assert run("bank-list", book, keys[0], tmp_path / "再发.xlsx", "--json").json["raw"]["total"] == 15_000
    bank_answer(tmp_path / "再发.xlsx", tmp_path / "再回.xlsx", day="2026-06-18")
    do("bank-result", keys[0], f"file={tmp_path / '再回.xlsx'}", on="2026-06-18")
    do("close-period", *keys, on="2026-06-20")
    rows = periods(run, book)
    assert {key: (row["heads"], row["due"], row["succeeded"], row["returned"], row["state"]) for key, row in rows.items()} == {
        keys[0]: ("5", "750.00", "750.00", "0.00", "关闭"), keys[1]: ("6", "900.00", "900.00", "0.00", "关闭")}  # fmt: skip
    assert {(row["settled_on"], row["result"]) for row in run("list", book, "support_payment", "--where", "result=成功", "--json").json["rows"]} == {
        ("2026-06-14", "成功"), ("2026-06-18", "成功")}  # fmt: skip
    late = f"{keys[1]}/{people['530523103'][0].idcard}"
    said = do("late-return", late, "reason=账户已销户", "proof=退汇通知 7 号", "returned_on=2026-06-25", on="2026-06-26")
    assert "150.00 元已登记退汇（2026-06-25，账户已销户），现在算退回" in said
    assert (periods(run, book)[keys[1]]["returned"], periods(run, book)[keys[1]]["state"]) == ("150.00", "已发")
    assert "不是“成功”的" in do("到账后退汇", late, "reason=账户已销户", "proof=退汇通知 7 号", on="2026-06-26", code=1)
    assert "已列入再发（第 2 次）" in do("reissue-line", late, "account=12345678", on="2026-06-27")
    assert "对得上不止一个" in do("late-return", late, "reason=账户已销户", "proof=8 号", on="2026-06-27", code=1)
    assert run("verify", book).code == 0
    assert "已开 2 个发放期：2026-07 至 2026-09" in do("open-period", on="2026-09-01")
    assert "没有应发的人" in do("freeze-period", "2026/3/三坝乡", on="2026-09-01", code=1)  # the first cohort's twenty years are over
    assert run("verify", book).code == 0


def test_an_old_ledger_comes_in_as_it_was_kept(run: Run, filled: tuple[Path, dict[str, list[Being]]], tmp_path: Path) -> None:
    book, people = filled
    some = people["530523102"]
    heads = Workbook()
    assert heads.active is not None
    heads.active.append(["年度", "期次", "乡镇", "起始月", "截止月", "标准（元/人·年）", "发放日期", "状态"])
    heads.active.append([2025, 4, "三坝乡", "2025-10", "2025-12", 600, "2025-12-20", "关闭"])
    heads.save(tmp_path / "发放期.xlsx")
    taken = run("import", book, "直补发放期", tmp_path / "发放期.xlsx", "--apply", "--by", "赵小兰", "--on", "2026-01-05", "--json").json
    assert (taken["new"], taken["problems"]) == (1, []), taken["problems"]
    ledger = Workbook()
    sheet = ledger.active
    assert sheet is not None
    sheet.append(["三坝乡 2025年第四期大中型水库移民直补发放花名册"])
    sheet.append(["序号", "乡镇", "户主", "姓名", "身份证号", "月数", "发放金额（元）", None, None, None, "户名", "账号", "结果"])
    sheet.append([None, None, None, None, None, None, "应发", "补发", "扣回", "实发", None, None, None])
    for n, one in enumerate(some):
        back = 50 if n == 2 else 0
        sheet.append([n + 1, "三坝乡", some[0].name if n == 0 else None, one.name, one.idcard, 3, 150, 0, back, 150 - back, one.name, "", "成功"])
        if n == 2:
            sheet.append(["本页小计", None, None, None, None, None, 450, 0, 50, 400])
    sheet.append(["合计", None, None, None, None, None, 900, 0, 50, 850])
    ledger.save(tmp_path / "老账.xlsx")
    words = ("import", book, "直补发放", tmp_path / "老账.xlsx", "--by", "赵小兰", "--on", "2026-01-05", "--json")
    answer = run(*words, "--apply").json
    assert (answer["new"], answer["problems"]) == (PEOPLE, []), answer["problems"]
    again = run(*words).json
    assert (again["same"], again["new"], again["changed"], again["problems"]) == (PEOPLE, 0, 0, [])
    (row,) = periods(run, book).values()
    assert (row["heads"], row["due"], row["succeeded"]) == ("6", "850.00", "850.00")
    assert {line["settled_on"] for line in run("list", book, "support_payment", "--json").json["rows"]} == {"2025-12-20"}
    assert "2026-01 至 2026-03" in run("do", book, "open-period", "place=530523102", "--by", "赵小兰", "--on", "2026-02-01").out
    assert run("verify", book).code == 0


def test_a_screen_hides_the_numbers_that_are_keys_and_scripts_read_them(run: Run, filled: tuple[Path, dict[str, list[Being]]]) -> None:
    book, people = filled
    who = people["530523102"][0].idcard
    short = f"{who[:6]}********{who[-4:]}"
    said = run("do", book, "reduce", who, "reason=D3", "happened_on=2026-03-20", "proof=死亡证明 1 号", "--by", "赵小兰", "--on", "2026-05-02")
    assert said.code == 0, said.err
    for words in (("recipient_change",), ("recipient",)):
        shown = run("list", book, *words).out
        assert who not in shown
    assert run("list", book, "recipient").out.splitlines()[-1] == f"共 {2 * PEOPLE} 人"
    row = run("list", book, "recipient_change", "--json").json["rows"][0]
    assert (row["key"].split("/")[0], row["recipient"]) == (who, who)
    told = run("history", book, "recipient_change", row["key"])
    assert told.code == 0
    assert f"原因：核减：{short}" in told.out
    assert who not in told.out + run("history", book, "--json").out
    again = run("do", book, "reduce", who, "nobody", "reason=D3", "happened_on=2026-03-20", "proof=1 号", "--by", "赵小兰", "--on", "2026-05-02")
    assert again.code == 1
    assert (who in again.err, short in again.err) == (False, True)
    unknown = run("do", book, "reduce", people["530523103"][0].idcard[:-1] + "x", "reason=D3", "happened_on=2026-03-20", "proof=1 号", "--json")
    assert people["530523103"][0].idcard[:-1] not in unknown.json["error"]["text"]

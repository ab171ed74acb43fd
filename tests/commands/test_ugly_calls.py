"""The command line in the hands of people: options anywhere, a stop in the middle, secrets in a defect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from relocdesk.actions.documents import register_printout
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.command import doing, registers
from tests import make
from tests.commands.running import Run


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "list", "BOOK", "operator", "--where", "name=王建国"),
        ("--by", "王建国", "--on", "2026-11-22", "--json", "list", "BOOK", "operator", "--where", "name=王建国"),
        ("list", "--where", "name=王建国", "BOOK", "operator", "--json"),
        ("list", "BOOK", "--json", "--where", "name=王建国", "role=系统管理", "操作员"),
        ("list", "BOOK", "--where=name=王建国", "--where", "role=系统管理", "--", "操作员", "--json"),
    ],
)
def test_options_may_stand_anywhere(run: Run, path: Path, words: tuple[str, ...]) -> None:
    if words[-2:] == ("操作员", "--json"):
        words = (*words[:1], "--json", *words[1:-1])
    answer = run(*(path if word == "BOOK" else word for word in words))
    assert (answer.code, answer.err) == (0, "")
    assert [row["name"] for row in answer.json["rows"]] == ["王建国"]


def test_a_condition_without_its_value_is_told(run: Run, path: Path) -> None:
    answer = run("list", path, "operator", "--where", "name")
    assert (answer.code, "“name”看不懂" in answer.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("accept", "XF1", "accepted_on=2026-13-01", "noticed_on=2026-03-05"), "受理日期：“2026-13-01”没有这一天。请核对年月日"),
        (("accept", "XF1", "accepted_on=2026-03-05", "noticed_on=2026-13-01"), "告知日期：“2026-13-01”没有这一天。请核对年月日"),
        (("close", "XF1", "opinion=随便", "text=好"), "处理结论：“随便”不在可选项里。可填：支持、解释说明、不支持、调解"),
        (("link", "XF1", "first=XF9"), "首件：没有编号或名称是“XF9”的信访件。请核对，或先登记这个信访件"),
        (("extend", "XF1", "days=1.5", "approver=孙明", "reason=复杂", "told_on=2026-03-05"), "延期天数：“1.5”不是整数。请填整数"),
        (("transfer", "to=县信访局"), "“土地移交”或“转送”没有写是哪一条。请在后面写编号；多个编号之间空一格或用逗号隔开"),
    ],
)
def test_what_is_wrong_in_an_action_says_where(run: Run, path: Path, words: tuple[str, ...], said: str) -> None:
    """Of several days and choices on one line people must know which one is meant."""
    case = ("number=XF1", "received_on=2026-03-02", "channel=来信", "purpose=申诉求决", "petitioner=张明", "category=面积", "summary=少量了")
    assert run("add", path, "petition", *case, "--by", "王建国").code == 0
    answer = run("do", path, *words, "--by", "王建国", "--on", "2026-03-06")
    assert (answer.code, answer.err.strip()) == (1, said)
    answer = run("list", path, "petition", "--where", "received_on=2026-3-2", "closed_on=2026-2-30")
    assert (answer.code, answer.err.strip()) == (1, "办结日期：“2026-2-30”没有这一天。请核对年月日")


def test_only_an_option_is_no_command(run: Run) -> None:
    for words in (("--json",), ("--by",), ("--by", "王建国")):
        answer = run(*words)
        assert answer.code == 2
        assert "没有写命令" in answer.err + answer.out


def test_a_stop_in_the_middle_tells_what_is_done(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("赵小兰", "钱建军", "孙明"):
        assert run("add", path, "operator", f"name={name}", "role=录入", "--by", "王建国").code == 0
        assert run("add", path, "household", f"number={name}", f"head_name={name}", "place=柳树村一组", "--by", "王建国").code == 0
    whole = doing._do_one

    def stopped(book: Any, clerk: Any, chosen: Any, key: str, typed: Any) -> str:
        if key == "钱建军":
            raise KeyboardInterrupt
        return whole(book, clerk, chosen, key, typed)

    monkeypatch.setattr(doing, "_do_one", stopped)
    answer = run("do", path, "close", "没有的", "钱建军", "孙明", "--by", "王建国", "--json")
    assert answer.code == 1
    assert [one["key"] for one in answer.json["refused"]] == ["没有的"]
    assert (answer.json["done"], answer.json["not_started"]) == ([], ["钱建军", "孙明"])


def test_a_defect_keeps_numbers_of_people_out_of_the_log(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    def broken(call: object) -> int:
        raise RuntimeError("parameters: ('530523196503151216', '6217003860012345678', '13988887777', 'a' * 3, 20261122)")

    monkeypatch.setattr(registers, "list_command", broken)
    assert run("list", path, "household").code == 70
    log = (own_home / "relocdesk.log").read_text("utf-8")
    assert "530523********1216" in log
    assert "****5678" in log
    for secret in ("530523196503151216", "6217003860012345678", "13988887777"):
        assert secret not in log
    assert "20261122" in log


def test_a_sheet_is_named_by_its_code_as_it_is_printed_and_a_slip_is_told(run: Run, path: Path) -> None:
    with Book.open(path) as book, book.change("打印", by=(clerk := Clerk("王建国", "admin", "2026-11-22"))) as (session, _):
        house = make.make_household(session, number="001").id
        register_printout(session, clerk, form="survey_sheet", register="household", record=house, code="WTR01MA1", digest="d" * 64)
    slip = run("do", path, "return", "wtr0-1ma2", "--by", "王建国")
    assert (slip.code, "短码 WTR0-1MA2 打错了" in slip.err) == (1, True)
    assert run("do", path, "return", "wtr0-1ma1", "--by", "王建国").code == 0


def test_how_many_entries_is_a_sensible_number(run: Run, path: Path) -> None:
    for limit in ("-1", "0", "99999999999999999999999"):
        answer = run("history", path, "--limit", limit)
        assert (answer.code, "--limit" in answer.err) == (1, True)


@pytest.mark.parametrize(
    ("setting", "said"),
    [("posting.days=-5", "至少是 1"), ("agreement.copies=0", "至少是 1"), ("batch.pattern=DF", "{serial}"), ("agreement.pattern={serial}{wrong}", "{wrong}"),
     ("batch.pattern={serial", "写错了")],
)  # fmt: skip
def test_a_setting_that_would_stop_all_work_is_refused(run: Run, path: Path, setting: str, said: str) -> None:
    answer = run("setting", path, setting, "--by", "王建国")
    assert (answer.code, said in answer.err) == (1, True)


def test_a_household_that_is_not_there_does_not_stop_the_others_drafts(run: Run, path: Path) -> None:
    assert run("add", path, "household", "number=001", "head_name=李大山", "place=柳树村一组", "--by", "王建国").code == 0
    answer = run("draft", path, "--household", "001", "没有", "--by", "王建国", "--json")
    assert answer.code == 1
    assert [one["key"] for one in answer.json["refused"]] == ["没有", "001"]
    assert run("draft", path, "--household", "没有", "--by", "王建国", "--json").json["done"] == []


def test_work_done_in_part_names_everything_that_is_left(run: Run, path: Path) -> None:
    with Book.open(path) as book, book.change("备", by=Clerk("王建国", "admin", "2026-11-22")) as (session, _):
        project = make.make_project(session)
        for n, account in enumerate(("12345678", None, None), 1):
            house = make.make_household(session, number=f"00{n}", head_name="李大山", account_name="李大山", account=account)
            make.make_agreement(session, number=f"协{n}", project=project.id, household=house.id, state="signed", signed_on="2026-11-01")
    answer = run("do", path, "open-batch", "kind=房屋补偿", "--by", "王建国", "--on", "2026-11-22", "--json")
    assert answer.code == 3
    assert ([one["key"] for one in answer.json["refused"]], len(answer.json["done"])) == (["协2", "协3"], 1)
    assert all("没有银行账号" in one["text"] for one in answer.json["refused"])
    assert "无卡 2 份" in run("do", path, "note-reasons", "--by", "王建国", "--on", "2026-11-22").out
    assert run("list", path, "未付原因", "--json").json["totals"]["count"] == 2


def test_a_slip_in_the_name_of_an_action_is_answered_with_the_nearest(run: Run, path: Path) -> None:
    answer = run("do", path, "acept", "XF2026-A001")
    assert answer.code == 1
    assert "没有“acept”这项办理。是不是“accept 受理”" in answer.err
    assert "可用：" in run("do", path, "办一下", "XF2026-A001").err


def test_an_import_says_how_a_number_is_let_pass(run: Run, path: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("登记日期", "渠道", "目的", "信访人", "身份证号", "类别", "诉求摘要"),
                ("2026-03-05", "来访", "求决", "李明", "533024196503150010", "面积", "少两亩")):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "信访.xlsx")
    words = ("import", path, "petition", tmp_path / "信访.xlsx", "--apply", "--on", "2026-11-22")
    assert "原件上就是这样的，写明理由可以放行：--accept ID_CHECK=理由" in run(*words).out
    assert "新增 1，" in run(*words, "--accept", "ID_CHECK=老证").out

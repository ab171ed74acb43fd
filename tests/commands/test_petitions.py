"""A petition without a window: from an office's ledger to the answer, its letters and the review; what is refused says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.commands.running import Run

HEADS = ("序号", "来信来访日期", "信访形式", "信访目的", "姓名", "身份证号码", "住址", "联系电话", "来访人数", "反映问题", "问题类别", "受理情况", "受理日期",
         "办结日期", "处理意见", "满意度", "备注")  # fmt: skip
ROWS: tuple[tuple[object, ...], ...] = (
    (1, "2026.3.2", "走访", "求决", "王大有", None, "柳树村一组", "13987654321", "1人", "田少量了两亩", "面积", "受理", "2026年3月5日", "2026.4.20", "支持",
     "满意", None),
    (2, "2026-04-07", "信件", "申诉", "李秀珍", None, "石桥村二组", None, "3", "补偿标准偏低", "标准", "受理", "2026-04-10", None, None, None, None),
    (3, "2026/5/6", "12345", "求决", "张三妹", None, "柳树村二组", None, "1", "青苗费没发", "兑付", "受理", "2026/5/8", "2026/5/1", "支持", None, None),
    (4, "2026.6.31", "走访", "咨询", "钱五", None, "柳树村", None, "1", "咨询政策", "其他", None, None, None, None, None, None),
    (5, "2026.7.1", "网信", "举报", "孙六", None, "柳树村", None, "1", "虚报", "其他", "转送", None, None, None, None, None),
    ("合计", None, None, None, None, None, None, None, "7", None, None, None, None, None, None, None, None),
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger as offices keep it: title, who filled it in, odd dates, a sum, one that is secret, one that cannot be."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["龙陵县三坝乡搬迁安置办公室2026年信访工作台账"])
    sheet.merge_cells("A1:Q1")
    sheet.append(["填报单位：三坝乡搬安办", None, None, "填报日期：2026年10月"])
    sheet.append(HEADS)
    for row in ROWS:
        sheet.append(row)
    sheet.append(["填表人：李小红"])
    out = tmp_path / "信访台账.xlsx"
    book.save(out)
    return out


@pytest.fixture
def people(run: Run, path: Path) -> Path:
    """The book with a head, a clerk and a party secretary."""
    for name, role in (("陈志远", "负责人"), ("李小红", "录入"), ("周文静", "党务")):
        assert run("add", path, "operator", f"name={name}", f"role={role}", "--by", "王建国").code == 0
    return path


def test_an_offices_ledger_comes_in_once_and_says_what_is_wrong_with_it(run: Run, people: Path, ledger: Path, tmp_path: Path) -> None:
    plan = run("import", people, "信访件", ledger, "--json", "--by", "李小红", "--problems", tmp_path / "问题.xlsx").json
    assert (plan["new"], plan["unmapped"]) == (2, [])
    assert [(one["row"], one["field"], one["text"].split("；")[0]) for one in plan["problems"]] == [
        (6, "办结日期", "办结日期（2026-05-01）早于受理日期（2026-05-08）"), (7, "登记日期", "“2026.6.31”没有这一天。请核对年月日"),
        (8, "目的", "检举控告件只能由负责人、党务登记")]  # fmt: skip
    returned = load_workbook(tmp_path / "问题.xlsx").active
    assert returned is not None
    assert "钱五" in str([cell.value for row in returned.iter_rows() for cell in row])
    assert run("import", people, "信访件", ledger, "--apply", "--by", "李小红").code == 3
    again = run("import", people, "信访件", ledger, "--json", "--by", "李小红").json
    assert (again["new"], again["same"]) == (0, 2)
    assert run("import", people, "信访件", ledger, "--json", "--by", "陈志远").json["new"] == 1, "the head may take in the denunciation"
    out = tmp_path / "导出.xlsx"
    assert run("export", people, "petition", out, "--by", "李小红").code == 0
    back = run("import", people, "petition", out, "--json", "--by", "李小红").json
    assert (back["new"], back["changed"], back["same"], back["problems"]) == (0, 0, 2, [])
    rows = run("list", people, "petition", "--json", "--by", "李小红", "--on", "2026-11-22").json["rows"]
    assert [(row["number"], row["petitioner"], row["state"], row["due_on"]) for row in rows] == [
        ("XF2026-A001", "王大有", "待送达", "2026-05-06"), ("XF2026-A002", "李秀珍", "待告知", "2026-06-09")]  # fmt: skip


def test_from_the_register_to_the_answer_and_the_review(run: Run, people: Path, tmp_path: Path) -> None:
    def do(day: str, name: str, *words: str, key: str = "XF2026-A001") -> str:
        answer = run("do", people, name, key, *words, "--by", "李小红", "--on", day)
        assert answer.code == 0, answer.err
        return answer.out.strip()

    assert run("add", people, "petition", "received_on=2026-03-02", "channel=来访", "purpose=求决", "petitioner=张明", "category=面积", "summary=少两亩",
               "--by", "李小红", "--on", "2026-03-02").code == 0  # fmt: skip
    assert do("2026-03-05", "accept", "handler=李小红", "noticed_on=2026-03-05").startswith("已受理张明的信访件 XF2026-A001，办理期限到2026年5月6日")
    for days, approver, why in ((31, "陈志远", "累计不得超过 30 天"), (10, "李小红", "李小红不是负责人")):
        refused = run("do", people, "extend", "XF2026-A001", f"days={days}", f"approver={approver}", "reason=复测", "told_on=2026-04-01",
                      "--by", "李小红", "--on", "2026-04-01")  # fmt: skip
        assert (refused.code, why in refused.err) == (1, True)
    assert "2026年5月14日" in do("2026-04-01", "extend", "days=10", "approver=陈志远", "reason=复测", "told_on=2026-04-01")
    do("2026-04-02", "step", "progress=到现场复测")
    refused = run("do", people, "close", "XF2026-A001", "opinion=支持", "text=补登", "basis=条例", "--by", "李小红", "--on", "2026-04-20")
    assert "三十日内可以申请复查" in refused.err
    do("2026-04-20", "close", "opinion=支持", "text=补登两亩", "basis=条例第二十二条", "remedy=是")
    do("2026-04-22", "deliver", "delivery=本人签收", "receiver=张明")
    printed = run("print", people, "petition_opinion", tmp_path / "意见书.pdf", "--key", "XF2026-A001", "--by", "李小红")
    assert printed.code == 0, printed.err
    assert run("print", people, "送达回证", tmp_path / "回证.pdf", "--key", "XF2026-A001", "--by", "李小红").code == 0
    assert "意见期限2026年6月1日" in do("2026-05-02", "review", "level=复查", "organ=县人民政府", "asked_on=2026-05-02")
    do("2026-05-20", "decide", "result=维持", "opinion_no=县复查1号")
    row = run("list", people, "petition", "--json", "--on", "2026-05-21").json["rows"][0]
    assert (row["state"], row["extension_days"], row["next_due"]) == ("可申请复核", "10", "")
    steps = run("list", people, "petition_step", "--json").json["rows"]
    assert [one["progress"] for one in steps] == ["到现场复测"]


def test_an_opinion_that_was_revoked_is_written_anew(run: Run, people: Path, tmp_path: Path) -> None:
    def do(day: str, name: str, *words: str, key: str = "XF2026-A001") -> str:
        answer = run("do", people, name, key, *words, "--by", "李小红", "--on", day)
        assert answer.code == 0, answer.err
        return answer.out.strip()

    assert run("add", people, "petition", "received_on=2026-03-02", "channel=来访", "purpose=求决", "petitioner=张明", "category=面积", "summary=少两亩",
               "place=530523102202", "handler=李小红", "--by", "李小红", "--on", "2026-03-02").code == 0  # fmt: skip
    do("2026-03-05", "accept", "noticed_on=2026-03-05")
    refused = run("do", people, "reopen", "XF2026-A001", "--by", "李小红", "--on", "2026-03-06")
    assert (refused.code, "没有变更或撤销处理意见的复查、复核意见" in refused.err) == (1, True)
    do("2026-04-20", "close", "opinion=不支持", "text=面积无误", "basis=条例第二十二条", "remedy=是")
    do("2026-04-22", "deliver", "delivery=本人签收", "receiver=张明")
    do("2026-05-02", "review", "level=复查", "organ=龙陵县人民政府")
    assert "请办“重新办理”" in do("2026-05-20", "decide", "result=撤销", "opinion_no=龙政复查〔2026〕4号")
    assert do("2026-05-25", "reopen").startswith("张明的信访件 XF2026-A001重新办理，登记为 XF2026-A001-1，期限到2026年7月20日")
    rows = run("list", people, "petition", "--json", "--on", "2026-07-25").json["rows"]
    assert [(row["number"], row["state"], row["days_left"]) for row in rows] == [("XF2026-A001", "已重新办理", ""), ("XF2026-A001-1", "办理中", "-5")]
    out = tmp_path / "信访.xlsx"
    assert run("export", people, "petition", out, "--on", "2026-07-25").code == 0
    again = run("import", people, "petition", out, "--json", "--by", "李小红", "--on", "2026-07-25").json
    assert (again["new"], again["changed"], again["same"], again["problems"]) == (0, 0, 2, [])
    do("2026-06-20", "close", "opinion=支持", "text=补登两亩", "basis=条例第二十二条", "remedy=是", key="XF2026-A001-1")
    printed = run("print", people, "petition_opinion", tmp_path / "意见书.pdf", "--key", "XF2026-A001-1", "--by", "李小红", "--allow-gaps")
    assert printed.code == 0, printed.err


def test_disputes_and_years_without_a_window(run: Run, people: Path) -> None:
    assert run("add", people, "dispute", "found_on=2026-03-01", "parties=甲、乙", "type=地界", "risk=黄", "place=柳树村一组", "--by", "李小红").code == 0
    assert run("do", people, "become-petition", "JF2026-A001", "petitioner=甲", "received_on=2026-03-05", "--by", "李小红", "--on", "2026-03-05").code == 0
    assert [row["number"] for row in run("list", people, "petition", "--json").json["rows"]] == ["XF2026-A001"]
    assert run("do", people, "zero-report", "530523102202", "leader=陈志远", "--by", "李小红", "--on", "2026-04-30").code == 0
    said = run("do", people, "confirm-zero", "year=2025", "--by", "陈志远", "--on", "2026-01-10")
    assert (said.code, said.out.strip()) == (0, "已确认 2025 年零上访，到 2025 年连续 1 年")


def test_an_offices_ledger_of_disputes_comes_in(run: Run, people: Path, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["三坝乡搬安办矛盾纠纷排查化解台账（2026年）"])
    sheet.append(["序号", "排查日期", "排查来源", "当事人（双方）", "地点", "纠纷类型", "涉及人数", "涉及金额（元）", "简要情况", "风险等级", "包案领导",
                  "稳控责任人", "化解措施", "化解时限", "化解日期", "化解结果", "是否转信访"])  # fmt: skip
    sheet.append([1, "2026.3.5", "走访", "张大与李二", "柳树村一组", "地界", 2, None, "田埂之争", "低", "陈志远", "李小红", "指界", "2026.4.30", "2026.4.2",
                  "已化解", "否"])  # fmt: skip
    sheet.append([2, "2026.4.8", "来访", "王三与施工队", "石桥村二组", "施工影响", "5人", "1.2万元", "压路", "中风险", "陈志远", "李小红", "协调", "2026.6.30",
                  None, "稳控", "否"])  # fmt: skip
    sheet.append([3, "2026.5.8", None, "赵四", "不知道村", "权属", None, None, None, "红", *[None] * 7])
    book.save(tmp_path / "纠纷.xlsx")
    plan = run("import", people, "矛盾纠纷", tmp_path / "纠纷.xlsx", "--json", "--by", "李小红").json
    assert (plan["new"], plan["unmapped"], [(one["row"], one["field"]) for one in plan["problems"]]) == (2, [], [(5, "地点")])
    assert run("import", people, "矛盾纠纷", tmp_path / "纠纷.xlsx", "--apply", "--by", "李小红").code == 3
    rows = run("list", people, "矛盾纠纷", "--json", "--on", "2026-06-28").json["rows"]
    assert [(row["number"], row["risk"], row["amount"], row["result"], row["days_left"]) for row in rows] == [
        ("JF2026-A001", "黄", "", "化解", ""), ("JF2026-A002", "橙", "12,000.00", "稳控", "2")]  # fmt: skip
    again = run("import", people, "矛盾纠纷", tmp_path / "纠纷.xlsx", "--json", "--by", "李小红").json
    assert (again["new"], again["same"]) == (0, 2)

"""How offices spell what is not a value: strokes, 未办结, 立行立改, 2026年6月底前, several tags or people in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.entry import save
from relocdesk.errors import UserError
from relocdesk.excel.plan import Plan, apply, plan
from relocdesk.queries.search import search_all
from relocdesk.records import register
from relocdesk.records.party import Meeting
from relocdesk.records.petition import Patrol, Petition
from relocdesk.records.rectification import Measure, RectificationItem

BATCH = "县委第八轮巡察"


def sheet(path: Path, *lines: Sequence[object]) -> Path:
    book = Workbook()
    assert book.active is not None
    for line in lines:
        book.active.append(list(line))
    book.save(path)
    return path


def taken(book: Book, clerk: Clerk, name: str, path: Path, **defaults: str) -> Plan:
    """The plan of a workbook, applied."""
    with book.change("导入", clerk, source="import") as (session, _):
        made = plan(session, clerk, register(name), path, defaults=defaults)
        apply(session, clerk, made)
    with book.read() as session:
        again = plan(session, clerk, register(name), path, defaults=defaults)
    assert (len(again.new), len(again.changed)) == (0, 0), "the same file twice changes nothing"
    return made


def troubles(found: Plan) -> list[tuple[int, str, str]]:
    return [(one.row, one.label, one.text) for one in found.problems]


def test_strokes_and_words_for_nothing_are_empty_cells(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = sheet(tmp_path / "信访.xlsx",
                 ("登记时间", "信访形式", "信访目的", "来访人姓名", "联系电话", "身份证号码", "家庭住址", "问题类别", "反映的主要问题", "办结时间", "满意度"),
                 ("2026-03-02 09:15:33", "12345热线", "求助", "王大有", "/", "无", "柳树村一组", "面积", "少两亩", "正在办理", "—"),
                 ("2026.3.5", "领导信箱", "投诉", "李秀珍", "——", "不详", "/", "标准", "太低", "未办结", "未回访"),
                 ("2026.3.6", "来访", "投诉", "—", "", "", "", "标准", "/", "", ""))  # fmt: skip
    found = taken(book, clerk, "petition", path)
    assert (len(found.new), troubles(found)) == (2, [(4, "信访人", "缺信访人；请补填"), (4, "诉求摘要", "缺诉求摘要；请补填")])
    assert [(one.row, one.text) for one in found.warnings if one.label == "办结日期"] == [
        (2, "“正在办理”不是日期，按还没有登记"), (3, "“未办结”不是日期，按还没有登记")]  # fmt: skip
    with book.read() as session:
        rows = session.execute(select(Petition.received_on, Petition.channel, Petition.phone, Petition.idcard, Petition.closed_on, Petition.satisfaction)
                               .order_by(Petition.received_on)).all()  # fmt: skip
    assert [tuple(row) for row in rows] == [("2026-03-02", "phone", None, None, None, None), ("2026-03-05", "net", None, None, None, "none")]


def test_a_visitors_book_as_offices_keep_it(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    """Its titles, names set apart, addresses that are no place of ours, a crowd in the name, days without a year."""
    path = sheet(tmp_path / "信访.xlsx", ("来访（来信）时间", "姓  名", "住址", "问题类别", "简要内容", "来源"),
                 ("2026.3.5", "李　明", "县城文化路3号", "面积", "少量1.2亩", "来访"),
                 ("2026/11/3", "杨兰芝、杨兰英等5人", "大石村", "面积", "漏了5人", "电话"),
                 ("2026-11-5", "张 秀英 13887654321", "", "面积", "算错", "来访"),
                 ("3月5日", "赵国 强", "", "面积", "再量", "来访"))  # fmt: skip
    found = taken(book, clerk, "petition", path, purpose="申诉求决")
    assert troubles(found) == [(5, "登记日期", "“3月5日”没有写年份。请写上是哪一年，如 2023-03-05")]
    assert [(one.row, one.text) for one in found.warnings] == [
        (2, "“县城文化路3号”不是行政区划里的村组，登记在“详细住址”"), (3, "“大石村”不是行政区划里的村组，登记在“详细住址”"),
        (3, "信访人写的是“5人”，人数登记的是 1；五人以上是集体访，请核对人数"),
        (4, "信访人里像是有电话或证号，会印在告知书上；请移到“联系电话”“身份证号”")]  # fmt: skip
    assert not any("渠道" in note for note in found.notes)
    with book.read() as session:
        rows = session.execute(select(Petition.petitioner, Petition.address, Petition.channel).order_by(Petition.received_on)).all()
        assert [hit.title for hit in search_all(session, "李明")] == [hit.title for hit in search_all(session, "lm")] != []
    assert [tuple(row) for row in rows] == [("李明", "县城文化路3号", "visit"), ("杨兰芝、杨兰英等5人", "大石村", "phone"),
                                            ("张 秀英 13887654321", None, "visit")]  # fmt: skip


def test_a_ledger_brought_again_knows_the_cases_that_were_handled_since(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    """What was filled in meanwhile, and a name that an older book holds set apart, make no second case."""
    head = ("登记日期", "渠道", "目的", "信访人", "类别", "诉求摘要", "承办人", "办结日期")
    first = ("2026-03-05", "来访", "求决", "李　明", "面积", "少两亩", "", "")
    path = sheet(tmp_path / "信访.xlsx", head, first, ("2026-03-05", "来访", "求决", "周永福", "面积", "少两亩", "王建国", "2026-04-20"))
    taken(book, clerk, "petition", path)
    with book.change("办理", clerk) as (session, _):
        row = session.scalars(select(Petition).where(Petition.petitioner == "李明")).one()
        row.petitioner, row.handler, row.closed_on = "李 明", "王建国", "2026-05-06"
    more = sheet(tmp_path / "再导.xlsx", head, first, ("2026-03-05", "来访", "求决", "李明", "面积", "另一块也少了", "", ""))
    with book.read() as session:
        found = plan(session, clerk, register("petition"), more, defaults={})
    assert ([one.row for one in found.new], [one.row for one in found.changed]) == ([3], [2])
    assert [one.changes for one in found.changed] == [{"petitioner": ("李 明", "李明")}]


def test_a_word_for_nothing_in_a_required_cell_is_still_missing(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = sheet(tmp_path / "信访.xlsx", ("登记日期", "渠道", "目的", "信访人", "类别", "诉求摘要"), ("待定", "来访", "求决", "王大有", "面积", "少两亩"))
    assert troubles(taken(book, clerk, "petition", path)) == [(2, "登记日期", "缺登记日期；请补填")]


def test_a_month_without_findings_is_written_in_many_words(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = sheet(tmp_path / "排查.xlsx", ("排查时间", "排查范围", "带队领导", "走访户数", "排查出矛盾纠纷数（件）"),
                 ("2026年3月10日", "柳树村", "陈志远", "12户", "零报告"), ("2026/4/10", "石桥村", "陈志远", "/", "无"),
                 ("2026.5.10", "石桥村", "陈志远", 9, 2))  # fmt: skip
    assert troubles(taken(book, clerk, "patrol", path)) == []
    with book.read() as session:
        rows = session.execute(select(Patrol.held_on, Patrol.households_visited, Patrol.found).order_by(Patrol.held_on)).all()
    assert [tuple(row) for row in rows] == [("2026-03-10", 12, 0), ("2026-04-10", None, 0), ("2026-05-10", 9, 2)]


def test_deadlines_as_rectification_lists_write_them(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    with book.change("登记", clerk) as (session, _):
        save(session, clerk, register("inspection"), {"name": BATCH, "kind": "巡察", "feedback_on": "2026-09-12"})
    written = ("2026年12月底前", "2026年6月30日前", "2027年3月", "2026.12.31", "2026年年底", "立行立改", "长期坚持，2026年12月底前", "2026年9月至12月",
               "6月底前", "")  # fmt: skip
    states = ("已完成整改", "正在整改", "整改中", "已销号", "完成整改并长期坚持", "", "持续整改", "基本完成整改", "", "")
    path = sheet(tmp_path / "整改.xlsx", ("序号", "问题类别", "反馈意见指出的问题", "牵头领导", "责任部门", "责任人", "整改时限", "完成情况"),
                 *((n + 1, "资金方面", f"问题{n}", "尹世文", "后扶股", "李小红、王建国", due, state)
                   for n, (due, state) in enumerate(zip(written, states, strict=True))))  # fmt: skip
    found = taken(book, clerk, "rectification_item", path, inspection=BATCH)
    assert troubles(found) == [(10, "整改时限", "“6月底前”没有写年份。请写上是哪一年，如 2024年6月底前"), (11, "整改时限", "缺整改时限；请补填")]
    assert [one.text for one in found.warnings if one.label == "整改时限"] == [
        "“2026年12月底前”按 2026-12-31 登记", "“2026年6月30日前”按 2026-06-30 登记", "“2027年3月”按 2027-03-01 登记", "“2026年年底”按 2026-12-31 登记",
        "“立行立改”没有写到哪一天，原话记在备注里", "“长期坚持，2026年12月底前”按 2026-12-31 登记", "“2026年9月至12月”按 2026-12-31 登记"]  # fmt: skip
    with book.read() as session:
        item = RectificationItem
        rows = session.execute(select(item.due_on, item.state, item.remark).order_by(item.number)).all()
    assert [tuple(row) for row in rows] == [
        ("2026-12-31", "done", None), ("2026-06-30", "open", None), ("2027-03-01", "open", None), ("2026-12-31", "done", None), ("2026-12-31", "lasting", None),
        ("2026-12-12", "open", "整改时限：立行立改"), ("2026-12-31", "lasting", None), ("2026-12-31", "nearly", None)]  # fmt: skip


def test_how_it_stands_may_be_told_in_the_column_of_progress(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    with book.change("登记", clerk) as (session, _):
        save(session, clerk, register("inspection"), {"name": BATCH, "kind": "巡察", "feedback_on": "2026-09-12"})
    path = sheet(tmp_path / "整改.xlsx", ("序号", "方面", "具体问题", "责任领导", "责任科室", "完成时限", "整改情况"),
                 *((n, "资金方面", f"问题{n}", "尹世文", "后扶股", "2026-12-31", said)
                   for n, said in enumerate(("已完成", "基本完成", "已开会两次，正在补档案", ""), 1)))  # fmt: skip
    assert troubles(taken(book, clerk, "rectification_item", path, inspection=BATCH)) == []
    with book.read() as session:
        assert list(session.scalars(select(RectificationItem.state).order_by(RectificationItem.number))) == ["done", "nearly", "open", "open"]


def test_several_tags_however_they_are_divided(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    written = ("主题党日、党课", "主题党日暨党课", "党员大会 党课", "党员大会（主题党日）", "“第一议题”学习", "理论学习中心组学习；警示教育大会")
    path = sheet(tmp_path / "会议.xlsx", ("时间", "会议（活动）类型", "会议主题及主要内容"),
                 *((f"2026.3.{n + 1}", tags, f"学习{n}") for n, tags in enumerate(written)))  # fmt: skip
    assert troubles(taken(book, clerk, "meeting", path)) == []
    with book.read() as session:
        rows = list(session.scalars(select(Meeting.tags).order_by(Meeting.held_on)))
    assert rows == ["party_lecture,theme_day", "party_lecture,theme_day", "party_meeting,party_lecture", "party_meeting,theme_day", "first_topic",
                    "study,warning"]  # fmt: skip


@pytest.mark.parametrize("text", ["2026年6月前", "6月底", "2026年13月底", "2026.2.30", "尽快", "2026-06-30至2026-02-31"])
def test_a_deadline_that_could_be_read_in_two_ways_is_not_read(text: str) -> None:
    with pytest.raises(UserError):
        register("rectification_item")["due_on"].read(text)


def test_headings_within_the_table_are_the_aspect_of_the_rows_below(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    with book.change("登记", clerk) as (session, _):
        save(session, clerk, register("inspection"), {"name": BATCH, "kind": "审计", "feedback_on": "2026-09-12"})
    heads = ("序号", "存在问题", "整改措施", "责任领导", "责任单位", "完成时限")
    rest = ("一是清理账目。二是限期拨付。", "尹世文", "计财股", "2026年12月底前")
    path = sheet(tmp_path / "审计.xlsx", heads, ("（一）资金管理使用方面（2个）",), (1, "拨付慢", *rest), (2, "结余大", *rest), ("（二）项目管理方面",),
                 (3, "没验收", *rest))  # fmt: skip
    found = taken(book, clerk, "rectification_item", path, inspection=BATCH)
    assert (troubles(found), found.notes[0]) == ([], "表里没有“方面”一栏，按分段标题（“资金管理使用方面”、“项目管理方面”等 2 段）登记")
    with book.read() as session:
        assert list(session.scalars(select(RectificationItem.aspect).order_by(RectificationItem.number))) == ["资金管理使用方面"] * 2 + ["项目管理方面"]
        assert list(session.scalars(select(Measure.text).order_by(Measure.id).limit(2))) == ["清理账目", "限期拨付"]


def test_required_columns_that_are_missing_are_told_once(book: Book, clerk: Clerk, tmp_path: Path) -> None:
    path = sheet(tmp_path / "来访.xlsx", ("来访时间", "来访人姓名", "反映的主要问题"), ("2026.3.2", "王大有", "少两亩"), ("2026.3.3", "李秀珍", "太低"))
    with book.read() as session:
        found = plan(session, clerk, register("petition"), path)
    assert [f.label for f in found.lacking] == ["渠道", "目的", "类别"]
    assert found.notes[0].startswith("表里没有必填的“渠道”“目的”“类别”一栏")
    assert taken(book, clerk, "petition", path, channel="来访", purpose="求决", category="面积").lacking == []


@pytest.mark.parametrize(("text", "count"), [("一式两份", 2), ("3份", 3), ("十人", 10), ("４户", 4)])
def test_small_numbers_in_words(text: str, count: int) -> None:
    assert register("pledge")["copies"].read(text) == count

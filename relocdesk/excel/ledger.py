"""Ledgers that keep lines of a record in columns of its row: 开工时间 and 验收结论 of a project, its 库区基金 and 自筹, 办理情况 of a petition.

Such columns become rows of the child registers, judged like all others; a row with a wrong cell anywhere does nothing at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relocdesk import entry
from relocdesk.clerk import Clerk
from relocdesk.entry import Judgement, Trouble
from relocdesk.excel.body import scaled
from relocdesk.excel.header import Head, make_head
from relocdesk.excel.sheet import Raw, Sheet, column_letters
from relocdesk.excel.sides import Side, Sides
from relocdesk.excel.steps import Steps, judge_steps, step_side
from relocdesk.excel.titles import factor, plain_title, split_unit
from relocdesk.field import Register
from relocdesk.records import register
from relocdesk.records.fund import Fund
from relocdesk.records.works import FundSource, Stage
from relocdesk.rules.money import show_yuan

STAGES, FUNDS = "project_stage", "fund_source"
# Words that ledgers use for a stage beyond its own label and synonyms; the longest that fits wins.
_STAGE_WORDS: dict[Stage, tuple[str, ...]] = {
    Stage.LISTED: ("入库",), Stage.APPLIED: ("项目申报",), Stage.STUDIED: ("可研批复", "实施方案批复", "评审"),
    Stage.APPROVED: ("立项", "立项批复", "项目批复"),
    Stage.PLANNED: ("计划下达", "下达", "指标文件"), Stage.TENDERED: ("招标", "开标", "中标"), Stage.CONTRACTED: ("合同签订",),
    Stage.STARTED: ("开工建设", "动工"), Stage.FINISHED: ("竣工", "完成建设"), Stage.PREACCEPTED: ("初步验收", "县级初验"), Stage.ACCEPTED: ("终验",),
    Stage.AUDITED: ("审计", "结算", "竣工结算审计"), Stage.ACCOUNTED: ("竣工决算",), Stage.HANDED: ("移交", "管护移交"), Stage.SCORED: ("绩效", "绩效自评"),
}  # fmt: skip
_FUND_WORDS: dict[Fund, tuple[str, ...]] = {
    Fund.SUPPORT: ("后扶基金", "后期扶持基金", "后扶资金", "后期扶持资金", "移民后期扶持资金", "中央后扶资金"), Fund.RESERVOIR: ("库区资金", "省级库区基金"),
    Fund.SMALL: ("小型水库扶助基金", "小型水库"), Fund.BUDGET: ("一般预算资金",), Fund.SURPLUS: ("结余资金", "直补结余", "结余"),
    Fund.LOCAL: ("县配套", "县级", "县级资金", "市级配套", "地方财政"), Fund.MERGED: ("其他整合资金", "行业资金"), Fund.SELF: ("群众投劳", "村集体自筹"),
    Fund.OTHER: ("其他资金",),
}  # fmt: skip
_DAYS, _PAPERS = ("完成时间", "完成日期", "时间", "日期", "年月", "年月日", "日"), ("批复文号", "文件号", "文号", "文件")
_RESULTS = ("结论", "结果", "情况", "是否合格", "合格")
_PLANNED = ("计划", "拟", "预计")
_NOTHING = frozenset(("", "/", "-", "—", "——", "无", "未"))
_NOT_YET = re.compile(r"(未|尚未|还没|没有|正在|拟|待|准备).*")
_NOT_FOR_IT = ("不适用", "不需要", "不涉及", "无需")
_GOOD, _BAD = ("合格", "通过", "已验收", "优良", "优", "良", "是"), ("不合格", "未通过", "不通过", "否")



# --- which columns ---------------------------------------------------------------------------------------------------


@cache
def _words() -> tuple[tuple[str, Stage], ...]:
    found = [(plain_title(word), stage) for stage in Stage for word in (stage.label, *stage.also, *_STAGE_WORDS.get(stage, ()))]
    return tuple(sorted(found, key=lambda one: -len(one[0])))


@cache
def _funds() -> dict[str, Fund]:
    return {plain_title(word): fund for fund in Fund for word in (fund.label, *fund.also, *_FUND_WORDS.get(fund, ()))}


def side_of(title: str, units: Sequence[str] = ()) -> tuple[str, str, str, str] | None:
    """What a title says of a child: (register, choice, field, unit).

    >>> side_of("实际开工时间")[:3], side_of("竣工验收/结论")[:3], side_of("资金来源/其中：库区基金（万元）")
    (('project_stage', 'started', 'done_on'), ('project_stage', 'accepted', 'passed'), ('fund_source', 'reservoir', 'amount', '万元'))
    """
    parts = [re.sub(r"^(其中|实际|已)[:：]?", "", plain_title(part)) for part in title.split("/") if part]
    stem, unit = split_unit(parts[-1])
    fund = _funds().get(stem)
    heading = "".join(parts[:-1])
    if fund is not None and (fund is not Fund.OTHER or re.search("资金|投资|来源", heading)) and not (fund is Fund.LOCAL and stem == "县级" and not heading):
        return FUNDS, fund.value, "amount", unit or next((one for one in units if one in ("万元", "元")), "")
    for text in dict.fromkeys(("".join(parts), parts[-1])):
        found = _stage_of(text)
        if found is not None:
            return STAGES, *found, ""
    return None


def _stage_of(text: str) -> tuple[str, str] | None:
    """Stage and field that a text names; 计划完工 is a field of the project itself."""
    planned = next((word for word in _PLANNED if text.startswith(word) and not text.startswith("计划下达")), "")
    rest = text.removeprefix(planned)
    for word, stage in _words():
        if not rest.startswith(word) or (planned and stage is Stage.FINISHED):
            continue
        tail = rest[len(word) :]
        name = "done_on" if tail in ("", *_DAYS) else "document" if tail in _PAPERS else "passed" if tail in _RESULTS and "accepted" in stage.value else ""
        if name:
            return stage.value, "planned_on" if planned and name == "done_on" else name
    return None


_READERS = {"support_project": side_of, "petition": lambda title, _units: step_side(title)}


def find_sides(reg: Register, sheet: Sheet, head: Head, mapping: Mapping[str, str] | None) -> tuple[tuple[Side, ...], Head]:
    """The columns of a ledger that belong to stages and sources of its projects, or steps of its petitions, and the head without
    its complaints about them.
    """
    reader = _READERS.get(reg.name)
    if reader is None:
        return (), head
    taken = {position for column in head.columns for position in column.columns}
    given = {plain_title(title) for title, name in (mapping or {}).items() if name}
    found: dict[tuple[str, str, str], Side] = {}
    for position, title in enumerate(head.titles):
        said = reader(title, head.caption.units) if title and position not in taken and plain_title(title) not in given else None
        if said is not None:
            found.setdefault(said[:3], Side(position, title, *said[:3], factor(register(said[0])[said[2]], said[3])))
    if not found:
        return (), head
    known = dict(head.mapping) if head.learned else dict(mapping or {})
    plain = make_head(sheet, reg, head.first, head.last, known | {side.title: "" for side in found.values()})
    return tuple(sorted(found.values(), key=lambda side: side.column)), replace(plain, learned=head.learned)


# --- what their cells say --------------------------------------------------------------------------------------------


def judge_sides(session: Session, clerk: Clerk, sheet: Sheet, sides: tuple[Side, ...], parent: Judgement, steps: Steps) -> Sides:
    """Judges the children of every row that has no problem yet; rows with a wrong cell are taken out of `parent` as well."""
    out = Sides(sides)
    if not sides:
        return out
    ids = {one.row: one.id for one in parent.new} | {one.row: one.id for one in parent.changed} | dict(parent.same)
    homes = {one.id: one.home for one in parent.new}
    out.letters = {f"{side.register}.{side.choice}.{side.name}": column_letters(sheet.first_column + side.column) for side in sides}
    for name in (STAGES, FUNDS):
        mine = [side for side in sides if side.register == name]
        if mine:
            _judge(session, clerk, sheet, mine, ids, homes, out)
    judge_steps(session, clerk, steps, parent, out)
    bad = {trouble.row for trouble in out.problems}
    _warn_of_sums(parent, out)
    for judged in (parent, *out.parts):
        judged.new = [one for one in judged.new if one.row not in bad]
        judged.changed = [one for one in judged.changed if one.row not in bad]
        judged.same = [one for one in judged.same if one[0] not in bad]
    return out


def _warn_of_sums(parent: Judgement, out: Sides) -> None:
    """Sources of a new project that do not add up to its approved investment (J14); those of a known one are compared as they are entered."""
    sums: dict[str, int] = defaultdict(int)
    for part in out.parts:
        if part.register.name == FUNDS:
            for one in part.new:
                sums[str(one.values["project"])] += int(one.values["amount"] or 0)
            for new in parent.new:
                estimate, total = new.values.get("estimate"), sums.get(new.id)
                if estimate and total and total != estimate:
                    text = f"资金来源合计 {show_yuan(total)} 元，批复投资 {show_yuan(int(estimate))} 元，请核对"
                    part.warnings.append(Trouble(new.row, "estimate", parent.register["estimate"].label, "", text, "J14"))


def _judge(session: Session, clerk: Clerk, sheet: Sheet, sides: Sequence[Side], ids: Mapping[int, str], homes: Mapping[str, str], out: Sides) -> None:
    reg = register(sides[0].register)
    choice = "stage" if reg.name == STAGES else "fund"
    names = ("project", choice, *dict.fromkeys(side.name for side in sides), *(("skipped", "remark") if reg.name == STAGES else ()))
    merged = _several(session, ids.values()) if reg.name == FUNDS else {}
    rows: list[tuple[int, list[Any]]] = []
    where: list[tuple[int, str]] = []  # the workbook's row and the choice of each child row
    for number, parent in ids.items():
        for code, cells in _cells(sheet, sheet.cells[number - sheet.first_row - 1], sides, number, out).items():
            if (parent, code) in merged and merged[parent, code] == _fen(cells.get("amount")):
                continue  # the ledger adds up what the book keeps by document
            label = Stage(code).label if reg.name == STAGES else Fund(code).label
            rows.append((len(rows) + 1, [{"project": parent, choice: label}.get(name, cells.get(name)) for name in names]))
            where.append((number, code))
    judged = entry.judge(session, clerk, reg, [reg[name] for name in names], rows, coming={parent: homes.get(parent, "") for parent in ids.values()})
    told = {(side.choice, side.name): side.title for side in sides}

    def located(trouble: Trouble) -> Trouble:
        number, code = where[trouble.row - 1]
        name = trouble.field if (code, trouble.field) in told else sides[0].name
        title = told.get((code, name), "")
        return replace(trouble, row=number, field=f"{reg.name}.{code}.{name}", label=title or trouble.label)

    out.problems += [located(one) for one in judged.problems]
    judged.warnings = [located(one) for one in judged.warnings]
    for new in judged.new:
        new.row = where[new.row - 1][0]
    for changed in judged.changed:
        changed.row = where[changed.row - 1][0]
    judged.same = [(where[row - 1][0], row_id) for row, row_id in judged.same]
    judged.problems = []
    out.parts.append(judged)


def _cells(sheet: Sheet, cells: Sequence[Raw], sides: Sequence[Side], number: int, out: Sides) -> dict[str, dict[str, Any]]:
    """choice → field → cell, of the cells that say something."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for side in sides:
        cell = cells[side.column] if side.column < len(cells) else ""
        text = str(cell).strip()
        if text in _NOTHING or (side.name == "amount" and cell in (0, "0")):
            continue
        if side.name == "amount":
            found[side.choice][side.name] = scaled(cell, side.factor)
        elif side.name == "passed":
            verdict = _verdict(text)
            if verdict:
                found[side.choice][side.name] = verdict
            elif not _NOT_YET.fullmatch(text):
                place = f"{side.register}.{side.choice}.passed"
                out.problems.append(Trouble(number, place, side.title, text, f"“{text}”看不出是否合格；请填合格或不合格", "FLAG"))
        elif side.name.endswith("_on") and any(word in text for word in _NOT_FOR_IT):
            found[side.choice] |= {"skipped": "是", "remark": f"原台账写的是“{text}”"}
        elif not (isinstance(cell, str) and side.name.endswith("_on") and _NOT_YET.fullmatch(text)):
            found[side.choice][side.name] = cell
    return {code: said for code, said in found.items() if set(said) - {"passed"}}  # a verdict alone has no day


def _verdict(text: str) -> str:
    if any(word in text for word in _BAD):
        return "否"
    return "是" if any(word in text for word in _GOOD) and not _NOT_YET.fullmatch(text) else ""


def _fen(cell: Any) -> int | None:
    try:
        return int(Decimal(str(cell)) * 100)
    except ArithmeticError:
        return None


def _several(session: Session, projects: Iterable[str]) -> dict[tuple[str, str], int]:
    """(project, fund) → 分, where a project has several sources of one fund."""
    query = select(FundSource.project, FundSource.fund, func.sum(FundSource.amount)).where(FundSource.deleted == 0)
    wanted = set(projects)
    rows = session.execute(query.group_by(FundSource.project, FundSource.fund).having(func.count() > 1))
    return {(project, fund): int(amount) for project, fund, amount in rows if project in wanted}


def told(sides: Sides) -> list[str]:
    """Sentences about the columns that were read as lines of their own."""
    found = []
    for judged in sides.parts:
        titles = [f"“{side.title}”" for side in sides.columns if side.register == judged.register.name]
        shown = "、".join(titles[:6]) + (f"等 {len(titles)} 列" if len(titles) > 6 else "")
        counts = f"新增 {len(judged.new)}，变更 {len(judged.changed)}，相同 {len(judged.same)}"
        found.append(f"{shown}登记为“{judged.register.label}”：{counts}")
    return found

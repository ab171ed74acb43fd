"""人口核减表, 恢复表, 账户变更表 and 错误更正表: changes of recipients in one township, for village, township and county to sign.

After 云搬发〔2022〕174号: the village checks first, the township again, the county decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from sqlalchemy.orm import Session

from relocdesk.errors import Problem
from relocdesk.printing.blocks import Facts, Notes, Party, Signatures, Title
from relocdesk.printing.flow import Flow
from relocdesk.printing.form import Content, Form, Setting, furniture, glyphs, lacking, money, open_gaps, unless_zero
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.table import Column, Row, Table
from relocdesk.queries.support_papers import ChangeLine, ChangesData, SupportReader
from relocdesk.records.support import ChangeKind

_DATE = "日期：　　年　月　日"
TITLES = {
    ChangeKind.REDUCE: "大中型水库移民后期扶持人口核减表",
    ChangeKind.RESTORE: "大中型水库移民后期扶持人口恢复表",
    ChangeKind.ACCOUNT: "大中型水库移民后期扶持资金账户变更表",
    ChangeKind.CORRECT: "大中型水库移民后期扶持人口信息错误更正表",
}
_NOTES = {
    ChangeKind.REDUCE: [
        "核减原因：D1 被国家机关、事业单位、国有企业录（聘）用或者现役军人提干；D2 转为非农业户口（农转城保留身份的除外）；"
        "D3 死亡或者宣告死亡；D4 判处有期徒刑正在服刑（缓刑除外）；D5 其他。",
        "多发的资金另发追缴通知书追回。",
    ],
    ChangeKind.RESTORE: ["服刑期满恢复发放的，服刑期间停发的资金不补发，扶持期不延长。"],
    ChangeKind.ACCOUNT: ["账户应为本人账户；用同户家庭成员或者监护人账户代收的，附关系证明和授权委托书。"],
    ChangeKind.CORRECT: ["只更正登记错误，不改变核定人数；附户口簿、身份证等证明材料。"],
}


def bundles(kind: ChangeKind, session: Session, ids: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """One sheet for each township among the chosen changes of this kind; changes of other kinds are left to their own lists.

    Without any the chosen ones stay one sheet, so that it can be said why nothing is printed.
    """
    sets = SupportReader(session).change_sets(ids, kind)
    return [(f"{place}（{len(some)}条）", some) for place, some in sets] or [(kind.label, tuple(dict.fromkeys(ids)))]


def load(session: Session, sheets: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Content]:
    reader = SupportReader(session)
    for key, ids in sheets:
        data = reader.sheet_of_changes(ids)
        if data:
            yield Content(key, ids, data.home, data.place_id, f"{data.place}（{len(data.lines)}条）", data)


def needs(kind: ChangeKind, data: ChangesData) -> list[Problem]:
    """Changes of the list's own kind, each with a name and the papers that prove it."""
    if data.kind != kind:
        return [Problem("所选人口动态", f"里面没有“{kind.label}”，没有可以列进这张表的；请先按“动态”筛选再打印")]
    found: list[Problem] = []
    for line in data.lines:
        who = f"{line.who.village}{line.who.group}{line.who.name}"
        found += lacking(who, {"姓名": line.who.name}, "请在“人员”里补填")
        found += lacking(who, {"核减原因": line.reason} if kind == ChangeKind.REDUCE else {}, "请在“人口动态”里补填")
        found += open_gaps(who, {"身份证号": line.who.idcard, "证明材料": line.proof}, "请补填")
        found += open_gaps(who, {"变更后的内容": line.new_value} if kind in (ChangeKind.ACCOUNT, ChangeKind.CORRECT) else {}, "请在“人口动态”里补填")
        found += glyphs(who, {"姓名": line.who.name, "户主": line.who.head, "证明材料": line.proof, "内容": line.old_value + line.new_value + line.side_note})
    return found


def group(kind: ChangeKind, data: ChangesData, setting: Setting) -> Group:
    title, lines = TITLES[kind], data.lines
    found = [Column("序号", 2.6, "center"), *(column for column, _ in _COLUMNS[kind])]
    summed = any(column.total for column in found) and any(line.over_paid for line in lines)
    flows: list[Flow] = [
        Title(title, size=20.0, after=6.0), _facts(kind, data),
        Table(found, _rows(lines, [value for _, value in _COLUMNS[kind]]), subtotal="本页小计" if summed else "", total="合计" if summed else "", size=8.5,
              least=24.0),
        Notes(_NOTES[kind], size=9.5),
        Signatures([
            Party("村民小组", ("意见", "组长（签字）"), date=_DATE), Party("村民委员会（盖章）", ("初审意见", "负责人（签字）"), date=_DATE),
            Party("乡镇（盖章）", ("复审意见", "经办人（签字）", "负责人（签字）"), date=_DATE),
            Party("县搬迁安置机构（盖章）", ("审批意见", "经办人（签字）", "负责人（签字）"), date=_DATE)],
            across=4, size=10.0, framed=True, before=8.0),
    ]  # fmt: skip
    unit = "单位：元" if summed else ""
    return Group(flows, furniture(setting, title, unit=unit, office=data.office, signers=("填表：", "复核：", "填表日期：")), label=data.place)


def _facts(kind: ChangeKind, data: ChangesData) -> Facts:
    pairs = [("乡镇", data.place), ("人数", f"{len({line.who.id for line in data.lines})}人")]
    if kind == ChangeKind.REDUCE:
        counts = [(name, len(list(some))) for name, some in groupby(sorted(line.reason for line in data.lines))]
        pairs.append(("*核减原因", "、".join(f"{name} {count}人" for name, count in counts)))
    return Facts(pairs, across=2, label=4.5, size=10.0, least=18.0, after=4.0)


def _rows(lines: Iterable[ChangeLine], values: Sequence[Callable[[ChangeLine], str | int]]) -> list[Row]:
    return [[str(n), *(value(line) for value in values)] for n, line in enumerate(lines, 1)]


# --- columns ---------------------------------------------------------------------------------------------------------

_Value = Callable[[ChangeLine], str | int]
_MONEY = unless_zero(money)


def _why(line: ChangeLine) -> str:
    return f"{line.reason}（{line.detail}）" if line.reason and line.detail else line.reason or line.detail


def _posted(line: ChangeLine) -> str:
    return f"{line.posted_from}\n{line.posted_until}" if line.posted_from else ""


_PLACE: list[tuple[Column, _Value]] = [(Column("村\n村民小组", 6), lambda line: "\n".join(filter(None, (line.who.village, line.who.group))))]
_WATER: list[tuple[Column, _Value]] = [(Column("所属水库", 5.4), lambda line: line.who.reservoir)]
_WHO: list[tuple[Column, _Value]] = [
    (Column("户主", 4.8), lambda line: line.who.head), (Column("姓名", 4.8), lambda line: line.who.name),
    (Column("性别", 2.4, "center"), lambda line: line.who.sex), (Column("身份证号", 10.2, "center"), lambda line: line.who.idcard)]  # fmt: skip
_PROOF: list[tuple[Column, _Value]] = [(Column("证明材料及编号", 8), lambda line: line.proof)]
_NOTE: list[tuple[Column, _Value]] = [(Column("备注", 5), lambda line: line.side_note)]
_COLUMNS: dict[ChangeKind, list[tuple[Column, _Value]]] = {
    ChangeKind.REDUCE: [
        *_PLACE, *_WATER, *_WHO, (Column("核减原因", 5), _why), (Column("发生日期", 5.4, "center"), lambda line: line.happened_on), *_PROOF,
        (Column("停发\n起始月", 4, "center"), lambda line: line.stops_from), (Column("多发期次", 5.4), lambda line: line.periods),
        (Column("多发\n金额", 4.8, "right", total=True, show=_MONEY), lambda line: line.over_paid),
        (Column("追回\n金额", 4.8, "right", total=True, show=_MONEY), lambda line: line.paid_back),
        (Column("追回日期", 5.4, "center"), lambda line: line.paid_back_on), (Column("公示起\n公示止", 5.6, "center"), _posted), *_NOTE],
    ChangeKind.RESTORE: [
        *_PLACE, *_WATER, *_WHO, (Column("恢复事由", 8), _why), (Column("发生日期", 5.4, "center"), lambda line: line.happened_on), *_PROOF,
        (Column("恢复发放\n起始月", 5.4, "center"), lambda line: line.stops_from), (Column("扶持\n截止月", 4.4, "center"), lambda line: line.who.end),
        (Column("公示起\n公示止", 5.6, "center"), _posted), *_NOTE],
    ChangeKind.ACCOUNT: [
        *_PLACE, *_WHO, (Column("变更栏目", 5), lambda line: line.item), (Column("原账户", 11), lambda line: line.old_value),
        (Column("新账户", 11), lambda line: line.new_value), (Column("变更日期", 5.4, "center"), lambda line: line.happened_on), *_PROOF,
        (Column("本人签字", 6), lambda _line: ""), *_NOTE],
    ChangeKind.CORRECT: [
        *_PLACE, *_WHO, (Column("更正栏目", 5), lambda line: line.item), (Column("更正前", 10), lambda line: line.old_value),
        (Column("更正后", 10), lambda line: line.new_value), (Column("更正日期", 5.4, "center"), lambda line: line.happened_on), *_PROOF,
        (Column("本人签字", 6), lambda _line: ""), *_NOTE],
}  # fmt: skip


def _form(name: str, label: str, kind: ChangeKind, help_text: str) -> Form:
    return Form(name, label, "recipient_change", partial(bundles, kind), load, partial(needs, kind), partial(group, kind),
                paper=Paper.form(lying=True), copies=3, help=help_text)  # fmt: skip


REDUCTION = _form("reduction_list", "人口核减表", ChangeKind.REDUCE, "选中人口动态，其中的核减按乡镇各一份，村组、乡镇、县逐级签章")
RESTORATION = _form("restoration_list", "人口恢复表", ChangeKind.RESTORE, "选中人口动态，其中的恢复按乡镇各一份")
ACCOUNTS = _form("account_list", "账户变更表", ChangeKind.ACCOUNT, "选中人口动态，其中的账户变更按乡镇各一份，本人签字")
CORRECTIONS = _form("correction_list", "错误更正表", ChangeKind.CORRECT, "选中人口动态，其中的更正按乡镇各一份，本人签字")

"""Starting a book: its area, its office, its first operator, and the word lists an office begins with."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.errors import UserError
from relocdesk.machine import laptop_letter
from relocdesk.records import home_id, reference_id
from relocdesk.records.reference import Dictionary, Level, Office, Operator, Place, Role, Setting
from relocdesk.words import regions, words

PRICE_KINDS = ("土地补偿费", "安置补助费", "青苗补偿费", "社会保障费", "房屋补偿费", "附属设施补偿费", "零星林木补偿费", "坟墓迁移费", "农副业设施补偿费",
               "搬迁补助费", "过渡期补助费", "奖励", "临时用地补偿费", "复垦费", "专项设施补偿费", "其他补偿费")  # fmt: skip
UNPAID_REASONS = ("无卡", "户名不符", "纠纷", "外出", "继承未定", "红线变更", "财政未到账", "其他")
RETURN_REASONS = ("户名不符", "账号错误", "账户已销户", "账户冻结", "长期未用", "账户类型不符", "限额不足", "其他")
OBJECTIONS = ("漏登", "面积", "地类", "权属", "数量", "规格", "标准", "其他")
REDUCE_DETAILS = ("户口迁出省外", "出嫁到非移民户", "婚出", "在读研究生", "公职人员子女", "宣告死亡", "撤销死亡宣告", "刑满释放", "其他")
_COUNTY_ENDS = ("县", "区", "市", "旗")


def found_book(path: Path, *, office: str, place: str, by: str, on: str, level: str = "", place_name: str = "") -> Book:
    """A new book for an office, with its place, its first 系统管理 and the seeded word lists. Raises UserError.

    `place` takes 6, 9 or 12 digits; a county's name comes from the shipped list, a township's is `place_name` or is read
    from the office's name.
    """
    code = place.strip()
    if not code.isdigit() or len(code) not in (6, 9, 12):
        raise UserError(f"“{place}”不是行政区划代码", hint="县填 6 位，乡镇填 9 位")
    code = code[:9] if len(code) == 12 else code
    if not office.strip():
        raise UserError("单位名称不能空着", hint="请填全称，如：三坝乡搬迁安置办公室")
    if not by.strip():
        raise UserError("要有一位操作员", hint="请填办理人的姓名")
    chosen = level or (Level.COUNTY if len(code) == 6 else Level.TOWNSHIP)
    if (chosen == Level.COUNTY) != (len(code) == 6):
        raise UserError("层级与行政区划代码不符", hint="县级用 6 位代码，乡镇用 9 位代码")
    book = Book.create(path, code, holder=by)
    try:
        clerk = Clerk(by.strip(), Role.ADMIN, on, reference_id(book.county, "operator", by.strip()), laptop_letter())
        # A book without its office and first operator cannot be worked with: this is the program's own doing, never to be taken back.
        with book.change("建立台账", clerk, source="migration") as (session, _):
            _places(session, book.county, code, place_name or _township_name(office))
            _office(session, book.county, code, office.strip(), chosen)
            session.add(Operator(id=clerk.id, home=book.county, name=clerk.name, role=Role.ADMIN, active=1))
            _dictionaries(session, book.county)
            _mark(session, book.home, place_name or _township_name(office) if len(code) > 6 else _county_name(code))
    except BaseException:
        book.close()
        path.unlink(missing_ok=True)
        raise
    return book


def _township_name(office: str) -> str:
    """三坝乡 from 三坝乡搬迁安置办公室; the whole text when it names no township."""
    for end in ("街道", "乡", "镇"):
        head, found, _ = office.partition(end)
        if found:
            for county_end in _COUNTY_ENDS:
                before, cut, after = head.rpartition(county_end)
                if cut and before and after:
                    head = after
            return head + end
    return office


def _places(session: Session, county: str, code: str, township: str) -> None:
    county_id = reference_id(county, "place", code[:6])
    session.add(Place(id=county_id, home=county, code=code[:6], name=_county_name(code[:6])))
    if len(code) > 6:
        session.flush()
        session.add(Place(id=reference_id(county, "place", code), home=county, code=code, name=township, parent=county_id))


def _office(session: Session, county: str, code: str, name: str, level: str) -> None:
    session.flush()
    place = reference_id(county, "place", code)
    session.add(Office(id=reference_id(county, "office", name), home=county, name=name, level=level, place=place))


def _county_name(code: str) -> str:
    known = regions().get(code)
    return known["name"] if known else code


def _mark(session: Session, home: str, area: str) -> None:
    """The 机关代字 of this office (三坝搬安), so that two townships' numbers never meet in the county's book."""
    short = area[:-2] if area.endswith("街道") else area[:-1] if area[-1:] in "乡镇县区市旗" and len(area) > 2 else area
    session.add(Setting(id=reference_id(home, "setting", "office.mark"), home=home, key="office.mark", value=f"{short}搬安"))


def _dictionaries(session: Session, county: str) -> None:
    lists = {"price_kind": PRICE_KINDS, "unpaid_reason": UNPAID_REASONS, "return_reason": RETURN_REASONS, "objection": OBJECTIONS,
             "reduce_detail": REDUCE_DETAILS,
             "relation": [row["name"] for row in words("relations")], "nation": [row["name"] for row in words("nations")]}  # fmt: skip
    for name, labels in lists.items():
        for number, label in enumerate(labels, 1):
            code = f"{number:02d}"
            row_id = reference_id(county, "dictionary", f"{name}/{code}")
            session.add(Dictionary(id=row_id, home=county, list=name, code=code, label=label, active=1))


def operator(session: Session, name: str, on: str) -> Clerk:
    """The clerk of this name; without a name the only operator there is. Raises UserError listing who may work here."""
    rows = session.execute(select(Operator).where(Operator.deleted == 0, Operator.active == 1).order_by(Operator.name)).scalars().all()
    if not name and len(rows) == 1:
        return Clerk(rows[0].name, rows[0].role, on, rows[0].id, laptop_letter())
    found = next((row for row in rows if row.name == name), None)
    if found is None:
        names = "、".join(f"{row.name}（{Role(row.role).label}）" for row in rows)
        said = f"没有操作员“{name}”" if name else "请说明是谁在办理"
        raise UserError(said, hint=f"可用：{names}；新操作员由系统管理登记")
    return Clerk(found.name, found.role, on, found.id, laptop_letter())


def seeded_place(code: str, name: str, parent: str | None, home: str) -> Place:
    """A place row with the id every laptop gives it."""
    return Place(id=reference_id(home, "place", code), home=home_id(code[:6]), code=code, name=name, parent=parent)


"""Messy workbooks as townships send them, with what they truly say: for the main job shown headless, and its tests.

Nine files in nine shapes: titles over the head, two-line heads, merged cells, section rows, 小计 and 合计, notes at the
bottom, hidden rows, other units, full-width digits, dates as people write them, a GBK text file, sheets beside the point.
Each holds some rows that must be refused. Truth is added up here with fractions, apart from the program's own rules.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from relocdesk.demo_people import People

PROJECT = "三坝灌区工程"
VILLAGES = {"530523102201": "柳树村", "530523102202": "石桥村", "530523102203": "大坝村"}
GROUPS = ("一组", "二组", "三组")
BANK = "农村信用合作社"
# 地类 → 土地补偿费, 安置补助费 (集体) and 青苗补偿费 (个人), 元 a 亩
LAND = {"水田": ("26000.00", "39000.00", "1800.50"), "旱地": ("21000.00", "31500.00", "1200.00"), "果园": ("24000.00", "36000.00", "5666.66")}
LEASE = "1333.33"  # 临时用地, 元 a 亩 and year
THINGS = (("房屋", "主房", "砖混", "㎡", "985.00"), ("房屋", "附属房", "土木", "㎡", "388.80"), ("附属设施", "围墙", "砖", "㎡", "96.80"),
          ("附属设施", "水井", "", "口", "2600.00"), ("零星林木", "核桃", "盛果", "株", "680.00"), ("坟墓", "土坟", "单棺", "座", "3200.00"))  # fmt: skip


@dataclass(frozen=True)
class Home:
    """A household as it truly is."""

    number: str
    name: str
    idcard: str
    village: str  # code
    group: int  # 1, 2, 3
    phone: str
    account: str


@dataclass(frozen=True)
class Land:
    """A parcel: `m2` in 0.01 m² as measured."""

    number: str
    home: Home
    land: str
    temporary: bool
    m2: int

    @property
    def mu(self) -> Fraction:
        """Its exact area: a 亩 is 10000/15 m²."""
        return Fraction(self.m2, 100) * 15 / 10000


@dataclass(frozen=True)
class Thing:
    """Something built or planted: `hundredths` of its unit."""

    number: str
    home: Home
    what: tuple[str, str, str, str, str]
    hundredths: int


@dataclass(frozen=True)
class File:
    """One workbook: for which register, its shape in words, and how many rows are good, refused and hidden."""

    path: Path
    register: str
    shape: str
    good: int
    refused: int
    hidden: int = 0


@dataclass
class Truth:
    """What the workbooks say, added up independently."""

    homes: list[Home]
    lands: list[Land]
    things: list[Thing]
    files: list[File] = field(default_factory=list)

    def mu(self) -> Fraction:
        """All land, exact."""
        return sum((one.mu for one in self.lands), Fraction(0))

    def personal(self) -> dict[str, int]:
        """Household number → 分 for crops and things."""
        found = {home.number: 0 for home in self.homes}
        for land in self.lands:
            found[land.home.number] += 0 if land.temporary else _line(_printed(land), LAND[land.land][2])
        for thing in self.things:
            found[thing.home.number] += _line(Fraction(thing.hundredths, 100), thing.what[4])
        return {number: fen for number, fen in found.items() if fen}

    def collective(self) -> dict[tuple[str, int], int]:
        """(village, group) → 分 for land."""
        found: dict[tuple[str, int], int] = {}
        for land in self.lands:
            prices = (LEASE,) if land.temporary else LAND[land.land][:2]
            years = 2 if land.temporary else 1
            fen = sum(_line(_printed(land) * years, price) for price in prices)
            key = (land.home.village, land.home.group)
            found[key] = found.get(key, 0) + fen
        return found

    def total(self) -> int:
        """Everything agreed, in 分."""
        return sum(self.personal().values()) + sum(self.collective().values())


def _half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def _printed(land: Land) -> Fraction:
    """The 亩 on the sheet that people sign: two decimals."""
    return Fraction(_half_up(land.mu * 100), 100)


def _line(quantity: Fraction, price: str) -> int:
    return _half_up(quantity * Fraction(Decimal(price)) * 100)


def invent(seed: int = 1) -> Truth:
    """Twenty-seven households of three villages with their land and things."""
    random = Random(seed)
    people = People(random)
    homes: list[Home] = []
    for village in VILLAGES:
        for group in (1, 2, 3):
            for _ in range(3):
                head = people.being(random.randint(1950, 1990), man=True, relation="户主")
                homes.append(Home(f"{village[9:]}{group}{len(homes) + 1:03d}", head.name, head.idcard, village, group,
                                  f"138{random.randint(10_000_000, 99_999_999)}", people.account()))  # fmt: skip
    lands: list[Land] = []
    things: list[Thing] = []
    for home in homes:
        for _ in range(random.choice((1, 2, 3))):
            # Multiples of 20 m² are whole 0.03 亩; of 2 m², whole 0.0002 公顷: each file can say its areas exactly.
            m2 = random.randint(2, 400) * 2_000 if home.village.endswith("201") else random.randint(40, 4_000) * 200
            lands.append(Land(f"D{len(lands) + 1:04d}", home, random.choice(tuple(LAND)), random.random() < 0.2, m2))
        for _ in range(random.choice((0, 1, 2, 3))):
            what = random.choice(THINGS)
            count = random.randint(1, 60) * 100 if what[3] in ("口", "株", "座") else random.randint(500, 30_000)
            if what[3] == "口":
                count = 100
            things.append(Thing(f"W{len(things) + 1:04d}", home, what, count))
    return Truth(homes, lands, things)


# --- writing ---------------------------------------------------------------------------------------------------------


def write_prices(path: Path) -> Path:
    """The price paper as a plain workbook."""
    rows: list[Sequence[Any]] = [["类别", "名称", "规格/结构", "征用性质", "单位", "单价（元）", "收款对象", "依据文号", "起用日期"]]
    paper = ("龙政发〔2024〕2号", "2024-01-01")
    for land, (soil, labour, crop) in LAND.items():
        rows += [["土地补偿费", land, None, "永久征收", "亩", soil, "集体", *paper],
                 ["安置补助费", land, None, "永久征收", "亩", labour, "集体", *paper],
                 ["青苗补偿费", land, None, "永久征收", "亩", crop, "个人", *paper],
                 ["临时用地补偿", land, None, "临时占用", "亩·年", LEASE, "集体", *paper]]  # fmt: skip
    rows += [[kind, item, spec or None, None, unit, price, "个人", *paper] for kind, item, spec, unit, price in THINGS]
    return save_rows(path, rows, name="补偿标准")


def write_workbooks(folder: Path, truth: Truth) -> None:
    """Writes the nine files and lists them in `truth.files`, in the order they must be imported."""
    villages = list(VILLAGES)
    of = {code: [home for home in truth.homes if home.village == code] for code in villages}
    lands = {code: [land for land in truth.lands if land.home.village == code] for code in villages}
    things = {code: [thing for thing in truth.things if thing.home.village == code] for code in villages}
    truth.files += [
        _homes_merged(folder / "柳树村 户主花名册（定稿2）.xlsx", of[villages[0]]),
        _homes_text(folder / "石桥村户表.csv", of[villages[1]]),
        _homes_beside(folder / "大坝村.xlsx", of[villages[2]]),
        _lands_two_lines(folder / "柳树村征地面积表.xlsx", lands[villages[0]]),
        _lands_square(folder / "石桥村 土地（测绘公司）.xlsx", lands[villages[1]]),
        _lands_hectares(folder / "大坝村地块.xlsx", lands[villages[2]]),
        _things_merged(folder / "柳树村实物.xlsx", things[villages[0]]),
        _things_sections(folder / "石桥村附着物清单.xlsx", things[villages[1]]),
        _things_hidden(folder / "大坝村实物指标.xlsx", things[villages[2]]),
    ]


def _wide(text: str) -> str:
    """ASCII signs in full width, as some input methods leave them."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def save_rows(path: Path, rows: Sequence[Sequence[Any]], *, merges: Sequence[str] = (), hidden: Sequence[int] = (), name: str = "Sheet1",
          before: Sequence[tuple[str, Sequence[Sequence[Any]]]] = ()) -> Path:  # fmt: skip
    """An ordinary workbook of plain cells; `before` are sheets in front of it."""
    from openpyxl import Workbook  # noqa: PLC0415 -- slow import

    book: Any = Workbook()
    book.remove(book.active)
    for title, cells in (*before, (name, rows)):
        sheet = book.create_sheet(title)
        for line in cells:
            sheet.append(list(line))
    for area in merges:
        sheet.merge_cells(area)
    for row in hidden:
        sheet.row_dimensions[row].hidden = True
    book.save(path)
    return path


def _homes_merged(path: Path, homes: Sequence[Home]) -> File:
    """A title, a unit line, village and group merged downwards, a wrong ID number, a total and a signature line."""
    rows: list[list[Any]] = [["三坝乡柳树村移民户主花名册"], ["填报单位：柳树村委会", None, None, None, None, "2025年9月", None], [],
                             ["序号", "村", "组", "户 编 号", "户主\n姓名", "身 份 证 号", "联系电话", "一卡通账号", "开户行"]]  # fmt: skip
    merges = ["A1:I1"]
    first = len(rows) + 1
    for n, home in enumerate(homes, 1):
        starts = n == 1 or homes[n - 2].group != home.group
        rows.append([n, VILLAGES[home.village] if n == 1 else None, GROUPS[home.group - 1] if starts else None, home.number, home.name,
                     home.idcard.lower(), int(home.phone), home.account, BANK])  # fmt: skip
    merges.append(f"B{first}:B{first + len(homes) - 1}")
    merges += [f"C{first + 3 * n}:C{first + 3 * n + 2}" for n in range(len(homes) // 3)]
    bad = homes[0].idcard
    wrong = bad[:-1] + ("0" if bad[-1] != "0" else "1")
    rows.append([len(homes) + 1, "柳树村", "一组", "2019001", "李来有", wrong, 13800000001, None, None])
    rows += [["合计", None, None, f"{len(homes) + 1}户"], ["填表人：李会计", None, None, None, None, "审核人："]]
    save_rows(path, rows, merges=merges, name="花名册")
    return File(path, "household", "有大标题和填报行，村组竖向合并，最后有合计和填表人，电话是数字", len(homes), 1)


def _homes_text(path: Path, homes: Sequence[Home]) -> File:
    """A GBK text file with other titles, full-width digits and the place in one piece; one group that does not exist."""
    with path.open("w", encoding="gb18030", newline="") as out:
        write = csv.writer(out)
        write.writerow(["编号", "被征地农户", "证件号码", "家庭住址", "手机号", "银行卡号", "户名", "开户银行"])
        for home in homes:
            write.writerow([home.number, home.name, _wide(home.idcard), f"三坝乡石桥村委会{home.group}社", home.phone, f"\t{home.account}", home.name, BANK])
        write.writerow(["2029001", "王不在", "", "石桥村九组", "", "", "", ""])
    return File(path, "household", "国标编码的文字文件，栏目叫法不同，数字是全角，村组写成一串", len(homes), 1)


def _homes_beside(path: Path, homes: Sequence[Home]) -> File:
    """Begins at C4 of the second sheet, blank lines between the rows, spaces in names and numbers; one row without a name."""
    blank: list[Any] = [None, None]
    rows: list[list[Any]] = [[], [], [], [*blank, "户号", "户主", "公民身份号码", "村民小组", "电话", "账号", "银行"]]
    for home in homes:
        card = f"{home.idcard[:6]} {home.idcard[6:14]} {home.idcard[14:]}"
        account = " ".join(home.account[n : n + 4] for n in range(0, len(home.account), 4))
        place = f"大坝村 第{GROUPS[home.group - 1][0]}村民小组"
        rows += [[*blank, home.number, f" {home.name}　", card, place, home.phone, account, BANK], []]
    rows.append([*blank, "2039001", None, None, "大坝村一组"])
    save_rows(path, rows, name="户", before=[("填表说明", [["一、请如实填写"], ["二、户号由村编"]])])
    return File(path, "household", "第二张工作表，从 C4 开始，行间有空行，姓名和号码里夹空格", len(homes), 1)


def _lands_two_lines(path: Path, lands: Sequence[Land]) -> File:
    """A two-line head with 面积 over 亩 and ㎡ and four sides; days as 2025.9.12; a row with 约5."""
    rows: list[list[Any]] = [
        ["序号", "地块编号", "户主", "村组", "地类", "征用性质", "面积", None, "四至", None, None, None, "调查日期", "占用起", "占用止"],
        [None, None, None, None, None, None, "亩", "㎡", "东", "南", "西", "北", None, None, None]]  # fmt: skip
    merges = [f"{letter}1:{letter}2" for letter in "ABCDEFMNO"] + ["G1:H1", "I1:L1"]
    for n, land in enumerate(lands, 1):
        lease = ["2026.1.1", "2027年12月31日"] if land.temporary else [None, None]
        rows.append([n, land.number, land.home.number, f"柳树村{land.home.group}组", land.land, "临时占地" if land.temporary else "永久占地",
                     float(land.mu), land.m2 / 100, "沟", "路", "河", "荒坡", "2025.9.12", *lease])  # fmt: skip
    rows.append([len(lands) + 1, "D9001", lands[0].home.number, "柳树村1组", "旱地", "永久占地", "约5", None, "沟", "路", "河", "荒坡",
                 "2025.9.12"])  # fmt: skip
    rows.append(["合计", None, None, None, None, None, float(sum(land.mu for land in lands)), sum(land.m2 for land in lands) / 100])
    save_rows(path, rows, merges=merges)
    return File(path, "parcel", "两行表头，面积下分亩和平方米，四至分四栏，日期写法不一，有合计", len(lands), 1)


def _lands_square(path: Path, lands: Sequence[Land]) -> File:
    """Only ㎡, text figures with commas, the owner by his ID number; a parcel of somebody unknown."""
    rows: list[list[Any]] = [["图斑号", "权利人", "坐落", "地类名称", "性质", "实测面积（平方米）", "占用起始", "占用截止", "小地名", "测绘编码"]]
    for n, land in enumerate(lands):
        lease = [date(2026, 1, 1), date(2027, 12, 31)] if land.temporary else [None, None]
        rows.append([land.number, land.home.idcard, f"石桥村{GROUPS[land.home.group - 1]}", land.land, "临时用地" if land.temporary else "永久征地",
                     f"{land.m2 / 100:,.2f}", *lease, "老鹰岩", f"TB-{n:05d}"])  # fmt: skip
    rows.append(["D9002", "王不在", "石桥村一组", "水田", "永久征地", "120.00", None, None, "老鹰岩", "TB-9"])
    save_rows(path, rows, name="成果")
    return File(path, "parcel", "只有平方米，数字是带逗号的文字，权利人写身份证号，多出一栏", len(lands), 1)


def _lands_hectares(path: Path, lands: Sequence[Land]) -> File:
    """公顷, the owner merged over his parcels, 小计 after each group; a parcel number used twice."""
    rows: list[list[Any]] = [["大坝村征收土地汇总表（单位：公顷）"], ["地块编号", "户编号", "组别", "土地类型", "征地性质", "面积（公顷）", "占用起", "占用止"]]
    merges = ["A1:H1"]
    for group in (1, 2, 3):
        here = [land for land in lands if land.home.group == group]
        for n, land in enumerate(here):
            start = n == 0 or here[n - 1].home != land.home
            last = max((m for m in range(n, len(here)) if here[m].home == land.home), default=n)
            if start and last > n:
                merges.append(f"B{len(rows) + 1}:B{len(rows) + 1 + last - n}")
            rows.append([land.number, land.home.number if start else None, f"大坝村{group}组", land.land, "临时" if land.temporary else "永久",
                         land.m2 / 1_000_000, "20260101" if land.temporary else None, "20271231" if land.temporary else None])  # fmt: skip
        rows.append(["小计", None, None, None, None, sum(land.m2 for land in here) / 1_000_000])
    rows.append([lands[0].number, lands[0].home.number, "大坝村1组", "水田", "永久", 0.05, None, None])
    save_rows(path, rows, merges=merges)
    return File(path, "parcel", "面积是公顷，户编号竖向合并，每组有小计，有一个编号重复", len(lands), 1)


def _things_merged(path: Path, things: Sequence[Thing]) -> File:
    """The household merged over its things, figures with their unit in the cell; 若干 is no figure."""
    rows: list[list[Any]] = [["户号", "实物编号", "实物类别", "实物名称", "规格型号", "计量单位", "工程量"]]
    merges = []
    for n, thing in enumerate(things):
        start = n == 0 or things[n - 1].home != thing.home
        last = max(m for m in range(n, len(things)) if things[m].home == thing.home)
        if start and last > n:
            merges.append(f"A{len(rows) + 1}:A{len(rows) + 1 + last - n}")
        rows.append([thing.home.number if start else None, thing.number, *thing.what[:3], thing.what[3], _quantity(thing) + thing.what[3]])
    rows.append([things[0].home.number, "W9001", "附属设施", "水井", None, "口", "若干"])
    save_rows(path, rows, merges=merges)
    return File(path, "asset", "户号竖向合并，数量和单位写在一格里", len(things), 1)


def _quantity(thing: Thing) -> str:
    return f"{thing.hundredths / 100:.2f}".rstrip("0").rstrip(".")


def _things_sections(path: Path, things: Sequence[Thing]) -> File:
    """A row for each group between the records, full-width figures, the unit written otherwise; one kind nobody knows."""
    units = {"㎡": "㎡", "口": "口", "株": "株", "座": "座"}
    rows: list[list[Any]] = [["石桥村地上附着物清单"], [], ["编号", "权属人户号", "类别", "名称", "结构", "单位", "数量"]]
    for group in (1, 2, 3):
        rows.append([f"（{'一二三'[group - 1]}）{GROUPS[group - 1]}"])
        rows += [[thing.number, thing.home.number, *thing.what[:3], units[thing.what[3]], _wide(_quantity(thing))]
                 for thing in things if thing.home.group == group]  # fmt: skip
    rows.append(["W9002", things[0].home.number, "天上飞的", "风筝", None, "座", "1"])
    save_rows(path, rows, merges=["A1:G1"])
    return File(path, "asset", "各组之间有分段标题行，数字是全角", len(things), 1)


def _things_hidden(path: Path, things: Sequence[Thing]) -> File:
    """Hidden rows that count all the same, the head repeated in the middle, a formula's broken cell."""
    head = ["实物编号", "户号", "类别", "名称", "规格/结构", "单位", "数量"]
    rows: list[list[Any]] = [head]
    half = len(things) // 2
    for n, thing in enumerate(things):
        if n == half:
            rows.append(head)
        rows.append([thing.number, thing.home.number, *thing.what[:3], thing.what[3], thing.hundredths / 100])
    rows.append(["W9003", things[0].home.number, "附属设施", "水井", None, "口", "#DIV/0!"])
    hidden = [2, 3]
    save_rows(path, rows, hidden=hidden)
    return File(path, "asset", "有隐藏的行，中间又有一次表头，有一格公式出错", len(things), 1, len(hidden))

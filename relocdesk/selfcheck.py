"""Is the installed program whole? Database, fonts, PDF, Excel and the window, each tried for real in a temporary folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from relocdesk.database import connect
from relocdesk.founding import found_book

RARE = "移民户䶮㛃堃𬌗"
Result = tuple[str, list[str]]


def selfcheck(window_check: Callable[[], list[str]]) -> list[Result]:
    """(what was tried, what is wrong) in order; nothing wrong is good. Leaves nothing behind and never raises."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, trial in (
            ("数据库：建账、记账、关闭", lambda: _database(folder)),
            ("词表：行政区划、民族、地类", _words),
            ("字体：常用字和生僻字", _fonts),
            ("单据：写出 PDF", lambda: _pdf(folder)),
            ("工作簿：写出再读回", lambda: _workbook(folder)),
            ("窗口：画面和字体", window_check),
        ):
            results.append((label, _tried(trial)))
    return results


def _tried(trial: Callable[[], list[str]]) -> list[str]:
    try:
        return trial()
    except Exception as error:  # noqa: BLE001 -- whatever is missing is exactly what is looked for
        return [f"{type(error).__name__}：{error}"]


def _database(folder: Path) -> list[str]:
    path = folder / "自检.reloc"
    found_book(path, office="三坝乡自检办公室", place="530523102", by="自检", on="2026-01-01").close()
    raw = connect(path, read_only=True)
    try:
        found = raw.execute("PRAGMA integrity_check").fetchone()[0]
        tokens = {row[0] for row in raw.execute("PRAGMA compile_options")}
    finally:
        raw.close()
    wrong = [] if found == "ok" else [f"新建的台账不完整：{found}"]
    return wrong if any(one.startswith("HAS_CODEC") for one in tokens) else [*wrong, "数据库组件不带加密"]


def _words() -> list[str]:
    from relocdesk.words import NAMES, words  # noqa: PLC0415 -- only here

    return [f"词表 {name} 是空的" for name in NAMES if not words(name)]


def _fonts() -> list[str]:
    from relocdesk.printing import fonts  # noqa: PLC0415 -- slow import

    strange = fonts.missing(RARE)
    return [f"字体里没有：{''.join(strange)}"] if strange else []


def _pdf(folder: Path) -> list[str]:
    import pypdfium2  # noqa: PLC0415 -- slow import

    from relocdesk.printing.blocks import Title  # noqa: PLC0415 -- slow import
    from relocdesk.printing.page import Furniture, Group, build  # noqa: PLC0415 -- slow import
    from relocdesk.printing.paragraph import Paragraph, Span  # noqa: PLC0415 -- slow import

    path = folder / "自检.pdf"
    code = "7K3M9XQ2"
    build(path, [Group([Title("自检"), Paragraph([Span(RARE)])], Furniture(title="自检", code=code))], title="自检", author="自检")
    document = pypdfium2.PdfDocument(path)
    try:
        page = document[0]
        part = page.get_textpage()
        text = part.get_text_range()
        part.close()
        page.close()
    finally:
        document.close()
    lost = [one for one in RARE if one not in text]
    return [f"PDF 里丢了字：{''.join(lost)}"] if lost else []


def _workbook(folder: Path) -> list[str]:
    from relocdesk.excel.sheet import read_workbook  # noqa: PLC0415 -- slow import
    from relocdesk.excel.write import template  # noqa: PLC0415 -- slow import
    from relocdesk.records import register  # noqa: PLC0415 -- only here

    path = folder / "自检.xlsx"
    template(register("household"), path)
    sheets = read_workbook(path).sheets
    return [] if any("户号" in str(cell) for sheet in sheets for row in sheet.cells for cell in row) else ["写出的工作簿读不回来"]

"""A paper as a Word document to be worked on: the same titles, headings, paragraphs, tables and notes as the PDF has.

Only what such papers are made of is written (Office Open XML, ISO/IEC 29500); a form says with `word` that it may be saved so.
Fonts are named as offices have them; nothing is embedded. The same content gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from itertools import groupby, zip_longest
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from relocdesk.printing.blocks import Heading, Notes, Title
from relocdesk.printing.page import Group, Paper
from relocdesk.printing.paragraph import Paragraph, Span, Style, Text, spans_of
from relocdesk.printing.table import Table

_FACES = {"fang": "仿宋", "hei": "黑体", "kai": "楷体", "song": "宋体", "title": "方正小标宋简体"}
_ALIGN = {"left": "left", "center": "center", "right": "right", "justify": "both"}
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WHEN = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>""",  # noqa: E501 -- one part of the package
    "_rels/.rels": f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>""",  # noqa: E501 -- one part of the package
    "word/_rels/document.xml.rels": f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/footer" Target="footer1.xml"/></Relationships>""",  # noqa: E501 -- one part of the package
    "word/footer1.xml": f"""{_HEAD}<w:ftr xmlns:w="{_MAIN}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t xml:space="preserve">— </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple><w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p></w:ftr>""",  # noqa: E501 -- one part of the package
}  # fmt: skip


def document(groups: Iterable[Group], paper: Paper) -> bytes:
    """The papers of one form in one document, each on a page of its own. TypeError for a block that Word papers do not have."""
    pieces: list[str] = []
    for n, group in enumerate(groups):
        if n:
            pieces.append('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')
        flows = list(group.flows)
        for flow, following in zip_longest(flows, flows[1:]):
            pieces.append(_flow(flow, paper, keep=isinstance(following, Paragraph) and following.leans))
    body = f'{_HEAD}<w:document xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}"><w:body>{"".join(pieces)}{_section(paper)}</w:body></w:document>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in {**_PARTS, "word/document.xml": body}.items():
            package.writestr(zipfile.ZipInfo(name, _WHEN), text.encode(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _flow(flow: Any, paper: Paper, *, keep: bool = False) -> str:
    """`keep`: on one page with what follows."""
    if isinstance(flow, Title):
        text = _paragraph(flow.text, Style("title", flow.size, flow.size * 1.5, 0.0, "center", after=4.0))
        return text + (_paragraph(flow.sub, Style("kai", 14.0, 22.0, 0.0, "center", after=flow.after)) if flow.sub else "")
    if isinstance(flow, Heading | Paragraph):
        return _paragraph(flow.text, flow.style, keep=keep)
    if isinstance(flow, Notes):
        lead = [f"{n}. " if len(flow.notes) > 1 else "" for n in range(1, len(flow.notes) + 1)]
        return "".join(_paragraph([Span((flow.label if n == 0 else "") + lead[n]), *spans_of(note)], Style("song", flow.size, flow.size * 1.5, 0.0))
                       for n, note in enumerate(flow.notes))  # fmt: skip
    if isinstance(flow, Table):
        return _table(flow, paper)
    raise TypeError(type(flow).__name__)


# --- text ------------------------------------------------------------------------------------------------------------


def _twips(points: float) -> int:
    return round(points * 20)


def _paragraph(text: Text, style: Style, *, keep: bool = False) -> str:
    spacing = f'<w:spacing w:before="{_twips(style.before)}" w:after="{_twips(style.after)}" w:line="{_twips(style.leading)}" w:lineRule="atLeast"/>'
    first = f' w:firstLineChars="{round(style.indent * 100)}" w:firstLine="{_twips(style.indent * style.size)}"' if style.indent > 0 else ""
    right = f' w:right="{_twips(style.right * style.size)}"' if style.right else ""
    indent = f"<w:ind{first}{right}/>" if first or right else ""
    runs = "".join(_run(span, style) for span in spans_of(text))
    return f'<w:p><w:pPr>{"<w:keepNext/>" if keep else ""}{spacing}{indent}<w:jc w:val="{_ALIGN[style.align]}"/></w:pPr>{runs}</w:p>'


def _run(span: Span, style: Style) -> str:
    face = quoteattr(_FACES[span.role or style.role])
    size = round(style.size * 2)
    bold = "<w:b/>" if span.bold else ""
    line = '<w:u w:val="single"/>' if span.underline or span.blank else ""
    fonts = f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia={face}/>'
    look = f'<w:rPr>{fonts}{bold}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>{line}</w:rPr>'
    words = span.text or "　" * round(span.blank)
    texts = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(piece)}</w:t>' for piece in words.split("\n"))
    return f"<w:r>{look}{texts}</w:r>"


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(table: Table, paper: Paper) -> str:
    whole = sum(column.share for column in table.columns)
    wide = [_twips(paper.type_width * column.share / whole) for column in table.columns]
    edges = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in wide)
    look = f'<w:tblPr><w:tblW w:w="{sum(wide)}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
    rows = [*_heads(table, wide), *(_row(table, wide, row) for row in table.rows)]
    if not table.rows:
        rows.append(_section_row(table, wide, table.empty))
    if table.total:
        rows.append(_total(table, wide))
    after = _paragraph("", Style("song", 6.0, 6.0, 0.0))  # two tables that touch would be one
    return f"<w:tbl>{look}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>{after}"


def _heads(table: Table, wide: Sequence[int]) -> list[str]:
    """The head, in two rows where columns have an upper head; repeated on every page."""
    style = Style("hei", table.size, table.size * 1.3, 0.0, "center")
    rows = []
    if any(column.group for column in table.columns):
        cells, at = [], 0
        for group, some in groupby(table.columns, lambda column: column.group):
            count = len(list(some))
            cells.append(_cell(_paragraph(group, style), sum(wide[at : at + count]), f'<w:gridSpan w:val="{count}"/>' if count > 1 else ""))
            at += count
        rows.append("".join(cells))
    rows.append("".join(_cell(_paragraph(column.title, style), one) for column, one in zip(table.columns, wide, strict=True)))
    return [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{row}</w:tr>" for row in rows]


def _row(table: Table, wide: Sequence[int], row: Sequence[Any] | str) -> str:
    if isinstance(row, str):
        return _section_row(table, wide, row)
    cells = []
    for column, one, value in zip(table.columns, wide, row, strict=True):
        text = "" if value is None else column.show(value) if isinstance(value, int) else value
        cells.append(_cell(_paragraph(text, Style(table.role, table.size, table.size * 1.3, 0.0, column.align)), one))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _section_row(table: Table, wide: Sequence[int], text: str) -> str:
    style = Style("hei", table.size, table.size * 1.3, 0.0, "left")
    return f'<w:tr>{_cell(_paragraph(text, style, keep=True), sum(wide), f"""<w:gridSpan w:val="{len(wide)}"/>""")}</w:tr>'


def _total(table: Table, wide: Sequence[int]) -> str:
    values: list[Any] = [table.total]
    for n, column in enumerate(table.columns[1:], 1):
        figures = [row[n] for row in table.rows if not isinstance(row, str) and isinstance(row[n], int)]
        values.append(sum(figures) if column.total else "")
    return _row(table, wide, values)


def _cell(content: str, wide: int, more: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{more}<w:vAlign w:val="center"/></w:tcPr>{content}</w:tc>'


def _section(paper: Paper) -> str:
    turned = ' w:orient="landscape"' if paper.lying else ""
    sides = " ".join(f'w:{name}="{_twips(size)}"' for name, size in
                     (("top", paper.top), ("right", paper.right), ("bottom", paper.bottom), ("left", paper.left)))  # fmt: skip
    return (f'<w:sectPr><w:footerReference w:type="default" r:id="rId1"/><w:pgSz w:w="{_twips(paper.width)}" w:h="{_twips(paper.height)}"{turned}/>'
            f'<w:pgMar {sides} w:header="720" w:footer="720" w:gutter="0"/></w:sectPr>')  # fmt: skip

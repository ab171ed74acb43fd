"""Sheets that come back signed, and files that hang on records."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from relocdesk.actions import documents
from relocdesk.errors import UserError
from relocdesk.records.agreement import Printout
from relocdesk.records.document import Attachment
from relocdesk.records.household import Household
from tests.actions.scene import Scene


def sheet(scene: Scene, s: Session, house: Household, code: str = "ABCD1234", copies: int = 1) -> Printout:
    return documents.register_printout(s, scene.clerk, form="survey-sheet", register="household", record=house.id, code=code, digest="d" * 64,
                                       copies=copies, subject=house.number, place=house.place)  # fmt: skip


def test_the_same_content_printed_again_adds_copies(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        first = sheet(scene, s, house, copies=2)
        again = sheet(scene, s, house, copies=3)
        other = sheet(scene, s, house, "WXYZ5678")
        assert (first.id, again.copies, other.id == first.id, first.home) == (again.id, 5, False, scene.home)


def test_a_record_changed_and_changed_back_keeps_one_row_for_its_code(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s, number="0012")
        sheet(scene, s, house, copies=2)
        its_id = house.id
    for number in ("0099", "0012"):
        with scene.change() as (s, _):
            s.get_one(Household, its_id).number = number
    with scene.change() as (s, _):
        again = sheet(scene, s, s.get_one(Household, its_id), copies=1)
        assert [(row.id, row.copies) for row in s.query(Printout).where(Printout.deleted == 0)] == [(again.id, 3)]
        documents.return_printout(s, scene.clerk, again.code)


def test_a_sheet_comes_back_by_its_code_however_it_is_typed(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        made = sheet(scene, s, house, "AB0D1234")
        assert documents.return_printout(s, scene.clerk, " abod-i234 ") == f"已收回单据 AB0D-1234（{house.number}）"
        assert (made.returned_on, made.signer) == ("2026-11-22", "self")


@pytest.mark.parametrize(("code", "text"), [("ABC", "不是单据短码"), ("ZZZZ9999", "短码 ZZZZ-9999 打错了")])
def test_unknown_codes_are_refused(scene: Scene, code: str, text: str) -> None:
    with scene.change() as (s, _), pytest.raises(UserError, match=text):
        documents.return_printout(s, scene.clerk, code)


def test_a_stale_sheet_is_refused_with_the_reason(scene: Scene) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        sheet(scene, s, house)
        its_id = house.id
    with scene.change() as (s, _):
        s.get_one(Household, its_id).number = "改号"
    with scene.change() as (s, _):
        with pytest.raises(UserError, match="打印以后内容又改过") as refusal:
            documents.return_printout(s, scene.clerk, "ABCD1234")
        assert refusal.value.code == "STALE"
        # Printed again with other content: the new sheet takes the old one's place.
        sheet(scene, s, s.get_one(Household, its_id), "NEWS1234")
        documents.return_printout(s, scene.clerk, "NEWS1234")


@pytest.mark.parametrize(
    ("values", "text"),
    [({"returned_on": "2027-01-01"}, "收回日期"), ({"signer": "proxy"}, "代签原因"), ({"signer": "fingerprint"}, "见证人")],
)
def test_who_signed_must_be_said(scene: Scene, values: dict[str, str], text: str) -> None:
    with scene.change() as (s, _):
        sheet(scene, s, scene.household(s))
        with pytest.raises(UserError, match=text):
            documents.return_printout(s, scene.clerk, "ABCD1234", **values)


def test_lists_follow_a_sheet_by_village(scene: Scene, tmp_path: Path) -> None:
    scan = tmp_path / "扫描.pdf"
    scan.write_bytes(b"%PDF-1.4 invented")
    village = "三坝乡 柳树村"
    with scene.change() as (s, _):
        house = scene.household(s)
        made = sheet(scene, s, house)
        assert documents.sheet_lists(s) == documents.SheetLists({village: [made.id]}, {}, {})
        with pytest.raises(UserError, match="还没有登记收回"):
            documents.scan(s, scene.clerk, made)
        documents.return_printout(s, scene.clerk, made.code)
        assert documents.sheet_lists(s) == documents.SheetLists({}, {village: [made.id]}, {})
        with pytest.raises(UserError, match="还没有扫描件"):
            documents.scan(s, scene.clerk, made)
        documents.attach(s, scene.clerk, scene.book.path, "printout", made.id, scan)
        documents.scan(s, scene.clerk, made)
        assert documents.sheet_lists(s) == documents.SheetLists({}, {}, {})
        late = sheet(scene, s, house, "LATE1234")
        its_id, house_id = late.id, house.id
    with scene.change() as (s, _):
        s.get_one(Household, house_id).phone = "13800000000"
    with scene.book.read() as s:
        assert documents.sheet_lists(s) == documents.SheetLists({}, {}, {village: [its_id]})


def test_a_file_is_kept_once_under_its_hash(scene: Scene, tmp_path: Path) -> None:
    photo = tmp_path / "公示照片.jpg"
    photo.write_bytes(b"\xff\xd8invented")
    with scene.change() as (s, _):
        house = scene.household(s)
        first = documents.attach(s, scene.clerk, scene.book.path, "household", house.id, photo)
        again = documents.attach(s, scene.clerk, scene.book.path, "household", house.id, photo, "张榜时")
        assert (again.id, again.remark) == (first.id, "张榜时")
        assert (again.id, first.size, first.type, first.name, first.home) == (first.id, 10, "image/jpeg", "公示照片.jpg", scene.home)
        kept = documents.path_of(scene.book.path, first.sha256)
        assert kept.read_bytes() == photo.read_bytes()
        assert kept.parent.name == first.sha256[:2]
        assert [path for path in documents.folder_of(scene.book.path).rglob("*") if path.is_file()] == [kept]


def test_missing_and_changed_files_are_shown_and_never_fatal(scene: Scene, tmp_path: Path) -> None:
    with scene.change() as (s, _):
        house = scene.household(s)
        for name in ("甲.txt", "乙.txt", "丙.txt"):
            (tmp_path / name).write_text(name, "utf-8")
            documents.attach(s, scene.clerk, scene.book.path, "household", house.id, tmp_path / name)
        rows = {row.name: row.sha256 for row in s.query(Attachment)}
        assert documents.check_attachments(s, scene.book.path) == []
        documents.path_of(scene.book.path, rows["甲.txt"]).unlink()
        documents.path_of(scene.book.path, rows["乙.txt"]).write_text("改过", "utf-8")
        assert {one.name: one.text for one in documents.check_attachments(s, scene.book.path)} == {"乙.txt": "内容被改动过", "甲.txt": "文件不在了"}


def test_an_empty_or_missing_file_is_refused(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "空.pdf").touch()
    with scene.change() as (s, _):
        house = scene.household(s)
        with pytest.raises(UserError, match="空文件"):
            documents.attach(s, scene.clerk, scene.book.path, "household", house.id, tmp_path / "空.pdf")
        with pytest.raises(UserError, match="找不到"):
            documents.attach(s, scene.clerk, scene.book.path, "household", house.id, tmp_path / "没有.pdf")
        assert s.query(Attachment).count() == 0

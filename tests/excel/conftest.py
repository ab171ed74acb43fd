"""A founded township book with villages and a project, for workbooks to come into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.founding import found_book
from relocdesk.records import home_id, new_id, reference_id
from relocdesk.records.project import Project
from relocdesk.records.reference import Place

COUNTY, TOWN = home_id("530523"), home_id("530523102")
VILLAGES = (("530523102201", "柳树村", 2), ("530523102202", "石桥村", 2))


@pytest.fixture
def clerk() -> Clerk:
    return Clerk("王建国", "admin", "2026-11-22", reference_id(COUNTY, "operator", "王建国"))


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clerk: Clerk) -> Iterator[Book]:
    monkeypatch.setenv("RELOCDESK_HOME", str(tmp_path / "machine"))
    made = found_book(tmp_path / "三坝乡.ledger", office="三坝乡搬迁安置办公室", place="530523102", by="王建国", on="2026-11-22")
    with made, made.change("登记村组和工程", clerk) as (session, _):
        township = reference_id(COUNTY, "place", "530523102")
        for code, name, groups in VILLAGES:
            village = reference_id(COUNTY, "place", code)
            session.add(Place(id=village, home=COUNTY, code=code, name=name, parent=township))
            session.flush()
            for n in range(1, groups + 1):
                session.add(Place(id=reference_id(COUNTY, "place", f"{code}{n:02d}"), home=COUNTY, code=f"{code}{n:02d}",
                                  name=f"{'一二'[n - 1]}组", parent=village))  # fmt: skip
        session.add(Project(id=new_id(), home=COUNTY, name="清水河水库", kind="reservoir"))
    with Book.open(tmp_path / "三坝乡.ledger") as again:
        yield again

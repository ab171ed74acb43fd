"""Photos of a posting: which end they show, and which photo there cannot be."""

from __future__ import annotations

import pytest

from relocdesk.queries.posting_papers import Photos


@pytest.mark.parametrize(("photos", "missing"), [
    (Photos(), "没有张榜时、期满时的照片"), (Photos(start=2), "没有期满时的照片"), (Photos(end=1), "没有张榜时的照片"), (Photos(1, 1), ""),
    (Photos(unsaid=1), "只有 1 张照片，张榜时、期满时各要一张"), (Photos(unsaid=2), ""), (Photos(start=1, unsaid=1), ""),
])  # fmt: skip
def test_what_nobody_wrote_may_be_what_is_missing(photos: Photos, missing: str) -> None:
    assert photos.missing == missing


def test_they_are_told_with_their_ends() -> None:
    assert [Photos(1, 2, 1).told, Photos(unsaid=2).told] == ["4 张，张榜时 1 张、期满时 2 张", "2 张"]

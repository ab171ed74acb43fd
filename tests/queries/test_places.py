"""Finding places: old names, ended places, and thousands of texts without looking through the tree for each."""

from __future__ import annotations

from relocdesk import settings
from relocdesk.book import Book
from relocdesk.clerk import Clerk
from relocdesk.queries.places import Node, Places
from relocdesk.records import home_id, reference_id
from relocdesk.records.reference import Setting
from tests.effort import steps


def tree(groups: int, *extra: Node) -> Places:
    nodes = [Node("t", "530523102", "三坝乡", None, None, True)]
    for v in range(groups // 10):
        nodes.append(Node(f"v{v}", f"530523102{v:03}", f"第{v}号村", "t", None, True))
        nodes += [Node(f"v{v}g{g}", f"530523102{v:03}{g:02}", f"{g}组", f"v{v}", None, True) for g in range(1, 11)]
    return Places([*nodes, *extra])


def test_a_living_place_goes_before_an_ended_one_of_the_same_name() -> None:
    places = tree(10, Node("old", "530523102900", "柳树村", "t", None, False), Node("new", "530523102901", "柳树村", "t", None, True))
    assert places.resolve("柳树村") == "new"


def test_an_old_name_leads_on_through_every_merger() -> None:
    places = tree(10, Node("a", "530523102900", "柳树村", "t", None, False), Node("b", "530523102901", "杨树村", "t", "a", False),
                  Node("c", "530523102902", "大树村", "t", "b", True))  # fmt: skip
    assert places.resolve("三坝乡柳树村委会") == "c"


def test_a_text_is_found_without_looking_through_the_tree() -> None:
    small, large = tree(100), tree(3000)
    assert [places.resolve("三坝乡第7号村3组") for places in (small, large)] == ["v7g3", "v7g3"]
    effort = [steps(lambda places=places: places.resolve("三坝乡第8号村")) for places in (small, large)]  # type: ignore[misc]
    assert effort[1] < 2 * effort[0]


def test_a_setting_of_one_township_is_not_anothers(book: Book, clerk: Clerk) -> None:
    county, other = home_id("530523"), home_id("530523103")
    with book.change("设置", clerk) as (session, _):
        session.add(Setting(id=reference_id(other, "setting", "posting.days"), home=other, key="posting.days", value="15"))
    with book.read() as session:
        assert settings.number(session, "posting.days", book.home) == 7
        assert settings.number(session, "posting.days", other) == 15
        assert settings.number(session, "posting.days") == 7
    with book.change("设置", clerk) as (session, _):
        settings.put(session, clerk, "posting.days", "10", county)
    with book.read() as session:
        assert [settings.number(session, "posting.days", home) for home in ("", book.home, other)] == [10, 10, 15]

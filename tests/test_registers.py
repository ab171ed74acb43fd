"""Inherited tests: what holds for every register, kind and declaration; a new one gets them for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relocdesk.entry import OVERRULABLE
from relocdesk.errors import UserError
from relocdesk.field import KINDS, Field, Kind, Register, Value
from relocdesk.printing import FORMS
from relocdesk.records import CLASSES, REGISTERS, children_of, find_register, register
from relocdesk.records.agreement import PaperForm
from relocdesk.records.document import RULES
from relocdesk.records.reference import WordList
from relocdesk.rules.identity import check_digit

WORDS = set(Field.__dataclass_fields__) - {"name", "kind"}
reg_param = pytest.mark.parametrize("reg", REGISTERS, ids=lambda reg: reg.name)


def test_the_vocabulary_stays_small() -> None:
    assert len(WORDS) <= 18, sorted(WORDS)


@reg_param
def test_titles_are_unique_and_keys_exist(reg: Register) -> None:
    titles = [f.title for f in reg]
    assert len(titles) == len(set(titles))
    assert reg.label
    assert reg.keys
    assert reg.title
    assert reg.home
    for part in (*(part.rstrip("?~") for key in reg.keys for part in key), *reg.title):
        assert part in reg, part
    for name in reg.home:
        assert name in ("county", "office") or reg[name].to


@reg_param
def test_references_lead_to_registers(reg: Register) -> None:
    for f in reg:
        if f.to:
            assert register(f.to)
            assert f.kind.name in ("ref", "place")
        if f.via:
            link, name = f.via.split(".")
            assert name in register(reg[link].to)
        if f.kind.name == "choice":
            assert f.choices is not None
        if f.kind.name == "choice+":
            assert f.words in list(WordList)


@reg_param
def test_synonyms_do_not_shadow_labels(reg: Register) -> None:
    labels = {f.label for f in reg}
    for f in reg:
        assert not (set(f.also) & (labels - {f.label})), f.name


@reg_param
def test_it_is_found_by_both_its_names(reg: Register) -> None:
    assert find_register(reg.name) is reg
    assert find_register(reg.label) is reg


def test_a_register_is_found_by_a_part_of_its_name_that_no_other_has() -> None:
    assert find_register("工程").name == "project"
    with pytest.raises(UserError, match="是不是：补偿补助协议、协议明细、上级协议"):
        find_register("协议")
    with pytest.raises(UserError, match="没有“谷物”这个台账。可用：单位、"):
        find_register("谷物")


def test_frozen_states_are_states() -> None:
    for reg in REGISTERS:
        if reg.frozen:
            path = reg.frozen[0].split(".")
            owner = reg if len(path) == 1 else register(reg[path[0]].to)
            choices = owner[path[-1]].choices
            assert choices is not None
            assert reg.frozen[1] <= {choice.value for choice in choices}


def test_children_hang_on_their_parents() -> None:
    assert [child.name for child in children_of(register("agreement"))] == ["agreement_line"]
    assert [child.name for child in children_of(register("payment_batch"))] == ["payment"]
    assert len(CLASSES) == len({reg.label for reg in REGISTERS})


def ids() -> st.SearchStrategy[str]:
    first = st.builds(lambda day, serial: f"530523{day:%Y%m%d}{serial:03d}", st.dates(min_value=__import__("datetime").date(1900, 1, 1),
                      max_value=__import__("datetime").date(2026, 1, 1)), st.integers(1, 999))  # fmt: skip
    return first.map(lambda digits: digits + check_digit(digits))


VALUES: dict[str, st.SearchStrategy[Value]] = {
    "text": st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1),
    "note": st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1),
    "date": st.dates(min_value=__import__("datetime").date(1900, 1, 1), max_value=__import__("datetime").date(2200, 12, 31)).map(str),
    "month": st.builds(lambda y, m: f"{y}-{m:02d}", st.integers(1900, 2200), st.integers(1, 12)),
    "year": st.integers(1900, 2199),
    "int": st.integers(-(10**12), 10**12),
    "money": st.integers(-(10**14), 10**14),
    "m2": st.integers(-(10**14), 10**14),
    "mu": st.integers(-(10**14), 10**14),
    "quantity": st.integers(-(10**14), 10**14),
    "rate": st.integers(-(10**14), 10**14),
    "flag": st.integers(0, 1),
    "idcard": ids(),
    "account": st.text("0123456789", min_size=8, max_size=15).filter(lambda text: not text.startswith("62")),
    "credit": st.just("91350100M000100Y43"),
    "phone": st.from_regex(r"1[3-9]\d{9}", fullmatch=True).filter(str.isascii),
    "choice": st.sampled_from(["甲", "乙"]),
    "choice+": st.sampled_from(["土地补偿费", "奖励"]),
    "tags": st.just("party_meeting,party_lecture"),
    "ref": st.just("某灌区"),
    "place": st.just("柳树村 一组"),
}


def test_every_kind_has_its_values() -> None:
    assert [kind.name for kind in KINDS] == list(VALUES)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_reads_what_it_shows(kind: Kind) -> None:
    @given(VALUES[kind.name])
    def check(value: Value) -> None:
        assert kind.read(kind.plain(value)) == value
        assert kind.read(kind.show(value)) == value

    check()


def test_registered_papers_are_called_as_they_are_printed() -> None:
    printed = {form.name: form.label for form in FORMS if form.signed}
    assert {one.value: one.label for one in PaperForm} == printed


def test_names_of_the_program_are_shown_as_people_know_them() -> None:
    override = register("override")
    shown = [override[name].show(value) for name, value in (("register", "household"), ("rule", "ID_CHECK"), ("field_name", "head_idcard"))]
    assert shown == ["移民户", "身份证号校验位", "身份证号"]
    assert override["register"].plain("household") == "household"
    assert set(RULES) >= OVERRULABLE
    assert register("dictionary")["list"].show("nation") == "民族"


def test_moments_are_shown_as_minutes_here_and_kept_exactly_for_workbooks() -> None:
    f = register("printout")["printed_at"]
    assert f.show("2026-11-22T17:05:09.123Z") == "2026-11-23 01:05"
    assert f.show("很久以前") == "很久以前"
    assert f.plain("2026-11-22T17:05:09.123Z") == "2026-11-22T17:05:09.123Z"
    assert register("import_batch")["applied_at"].kind is f.kind

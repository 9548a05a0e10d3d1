"""Hostile values become the wanted type or nothing."""

from __future__ import annotations

import pytest

from kontext_integration.untrusted import canonical_uuid, flag, number, text

UUID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"


@pytest.mark.parametrize("given", [UUID, UUID.upper()])
def test_2_2_a_canonical_uuid_of_any_case_becomes_lower_case(given):
    assert canonical_uuid(given) == UUID


@pytest.mark.parametrize(
    "given",
    [f"{{{UUID}}}", f"urn:uuid:{UUID}", UUID.replace("-", ""), f" {UUID}", f"{UUID}\n", UUID.replace("a", "g"),
     UUID.replace("a", "\uff11"), "", None, 7, [UUID]],
)  # fmt: skip
def test_2_4_other_spellings_of_a_uuid_are_none(given):
    assert canonical_uuid(given) is None


@pytest.mark.parametrize("given", [True, False, "1", None, [], float("nan"), float("inf"), -float("inf"), 10**400])
def test_only_a_finite_number_is_a_number(given):
    assert number(given) is None


def test_integers_and_floats_are_numbers():
    assert (number(0), number(-2), number(0.5)) == (0.0, -2.0, 0.5)


@pytest.mark.parametrize("given", [1, 0, "yes", "no", None, [], {}])
def test_2_3_only_a_real_boolean_flips_a_flag(given):
    assert flag(given, default=True) is True
    assert flag(given, default=False) is False


@pytest.mark.parametrize("given", [True, False])
def test_2_3_a_real_boolean_counts_whatever_the_default_is(given):
    assert flag(given, default=not given) is given


def test_a_text_is_cut_at_its_limit():
    assert text("abcdef", 3) == "abc"


def test_a_text_can_be_stored_in_every_database():
    assert text("a\0b\ud800c", 10) == "ab?c"


@pytest.mark.parametrize("given", [None, 1, b"bytes", ["a"], {}])
def test_only_text_is_text(given):
    assert text(given, 10) is None

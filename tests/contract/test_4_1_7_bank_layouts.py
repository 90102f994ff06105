"""4.1.7: files of banks in layouts post as our own blank does: once, whole or not at all, to the tiyn."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.bank_files import PAID, SAMPLES, Paid, as_dbf, moments, operations, printed, total
from tests.support.fixtures import copies_of
from tests.support.office import Answer, TownOffice, customer, line, payment


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"))
    office.load_directory(*(line("A", one.account, "maintenance", base="кв.", tariff="9000") for one in PAID))


office = copies_of(town)


def load(office: TownOffice, data: bytes) -> Answer:
    return office.hand_in_bytes(data, received="2026-09-06", mailbox="load")


def posted(office: TownOffice) -> D:
    return sum((D(str(fact["amount"])) for fact in office.facts("bank_register")), D(0))


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize("layout", SAMPLES)
def test_a_file_in_a_layout_is_posted(layout: str, office: TownOffice) -> None:
    answer = load(office, SAMPLES[layout][1])
    assert (answer.outcome, posted(office)) == ("accepted", total(PAID))
    assert answer.codes == (["register.no_control"] if layout == "register_dbf" else [])


def test_the_same_payments_in_another_format_are_not_posted_again(office: TownOffice) -> None:
    """Print, DBF, workbook, our own blank: bank, day, number, account and sum are what a payment is known by."""
    load(office, printed())
    for again in (as_dbf(), operations()):
        assert "row.unchanged" in load(office, again).codes
    office.load("bank_register", [payment(p.account, str(p.amount), number=p.number, day="05.09.2026") for p in PAID])
    assert posted(office) == total(PAID)


def test_an_overlapping_file_posts_what_is_new(office: TownOffice) -> None:
    load(office, printed(PAID[:2]))
    assert load(office, operations(PAID[1:])).outcome == "accepted"
    assert posted(office) == total(PAID)


def test_a_payment_with_another_sum_is_refused(office: TownOffice) -> None:
    load(office, printed())
    changed = [*PAID[:2], Paid(PAID[2].number, PAID[2].account, D("8.05"))]
    answer = load(office, operations(changed))
    assert answer.outcome == "rejected" and "row.conflict" in answer.codes
    assert posted(office) == total(PAID)


def test_a_wrong_control_sum_refuses_the_whole_file_with_the_difference(office: TownOffice) -> None:
    answer = load(office, printed().replace(b"6257.55", b"6258.55"))
    finding = answer.finding("register.sum_differs")
    assert answer.outcome == "rejected" and "6258,55" in finding["message"] and "6257,55" in finding["message"]
    assert posted(office) == 0


def test_a_file_cut_short_is_refused(office: TownOffice) -> None:
    """The control row went with the end of the file."""
    cut = b"\r\n".join(printed().split(b"\r\n")[:7])
    answer = load(office, cut)
    assert (answer.outcome, posted(office)) == ("rejected", 0)
    assert "layout.not_stated" in answer.codes


def test_payments_without_a_number_are_known_by_their_moment(office: TownOffice) -> None:
    """A second payment of the day with the same sum is another one, in the same file and in the next."""
    assert load(office, moments((*PAID, PAID[0]))).outcome == "accepted"
    later = moments(PAID[:1]).replace(b" 12:00:00;", b" 15:00:00;")
    assert load(office, later).outcome == "accepted"
    assert posted(office) == total(PAID) + 2 * PAID[0].amount
    assert "row.unchanged" in load(office, later + b"\r\n").codes
    assert posted(office) == total(PAID) + 2 * PAID[0].amount


def test_two_payments_of_one_moment_refuse_the_file(office: TownOffice) -> None:
    alike = moments((*PAID, PAID[0])).replace(f" 12:00:{len(PAID):02d};".encode(), b" 12:00:00;")
    answer = load(office, alike)
    assert (answer.outcome, answer.codes) == ("rejected", ["row.repeated"])


def test_a_text_that_nobody_knows_is_refused_and_not_passed_over(office: TownOffice) -> None:
    assert load(office, "Платежи за сентябрь\r\n10020030 5000.00\r\n".encode("cp866")).outcome == "rejected"


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mangled_file_posts_the_true_total_or_is_told(data: st.DataObject, office: TownOffice) -> None:
    """A flipped or lost byte, a lost or doubled line: what would be posted is all of it, or the file is refused, or
    staff are told."""
    layout = data.draw(st.sampled_from(sorted(SAMPLES)))
    decision = office.decide_bytes(mangled(data, SAMPLES[layout][1]), "2026-09-06")
    rows = decision.rows.column("amount").to_pylist() if decision.rows is not None else None
    assert rows is None or sum(rows) == total(PAID) or decision.findings, layout


def mangled(data: st.DataObject, raw: bytes) -> bytes:
    at = data.draw(st.integers(0, len(raw) - 1))
    how = data.draw(st.sampled_from(["flip", "lose", "lose a line", "double a line"]))
    if how == "flip":
        return raw[:at] + bytes([raw[at] ^ (1 << data.draw(st.integers(0, 7)))]) + raw[at + 1 :]
    if how == "lose":
        return raw[:at] + raw[at + 1 :]
    lines = raw.split(b"\r\n")
    place = at % len(lines)
    return b"\r\n".join([*lines[:place], *([lines[place]] * 2 if how == "double a line" else []), *lines[place + 1 :]])

"""Money by money.md: its worked examples, and splitting proved on arbitrary sums."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_worker.core.money import in_words_kk, in_words_ru, round_money, show_ru, split, vat_inside

sums = st.decimals(min_value=-(10**10), max_value=10**10, places=2)
weights = st.lists(st.decimals(min_value=0, max_value=10**8, places=4), min_size=1, max_size=12).filter(sum)


def test_example_1_charge_by_area() -> None:
    assert round_money(Decimal("65.30") * Decimal("31.4155")) == Decimal("2051.43")


def test_example_2_undelivered_days() -> None:
    charge = round_money(Decimal("48.00") * Decimal("137.5000"))
    assert charge == Decimal("6600.00")
    assert round_money(-charge * 5 / 31) == Decimal("-1064.52")


def test_example_4_split_of_a_payment() -> None:
    assert split(Decimal("100.00"), [Decimal("50.00")] * 3) == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]


@pytest.mark.parametrize(("vat_percent", "vat"), [("12", "12.86"), ("16", "16.55")])
def test_example_5_fee_and_vat_inside(vat_percent: str, vat: str) -> None:
    fee = round_money(Decimal("10000.00") * Decimal("1.2") / 100)
    assert fee == Decimal("120.00")
    assert vat_inside(fee, Decimal(vat_percent)) == Decimal(vat)


@pytest.mark.parametrize(("raw", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("-0.004", "0.00")])
def test_half_goes_away_from_zero(raw: str, rounded: str) -> None:
    assert str(round_money(Decimal(raw))) == rounded


@given(sums, weights)
def test_parts_add_up_and_stay_near_their_share(amount: Decimal, shares: list[Decimal]) -> None:
    parts = split(amount, shares)
    assert sum(parts) == amount
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - amount * share / sum(shares)) < Decimal("0.0100001")
        assert share or part == 0


@given(sums, weights)
def test_a_negative_amount_splits_as_its_opposite(amount: Decimal, shares: list[Decimal]) -> None:
    assert split(-amount, shares) == [-part for part in split(amount, shares)]


@given(st.integers(min_value=0, max_value=10**6), st.integers(min_value=1, max_value=30))
def test_ties_go_to_the_earlier_position(tiyn: int, count: int) -> None:
    parts = split(Decimal(tiyn) / 100, [Decimal(1)] * count)
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= Decimal("0.01")


def test_what_cannot_be_split_says_why() -> None:
    with pytest.raises(ValueError, match="weights add up to zero"):
        split(Decimal("10.00"), [Decimal(0), Decimal(0)])
    with pytest.raises(ValueError, match="parts of a tiyn"):
        split(Decimal("10.001"), [Decimal(1)])


@pytest.mark.parametrize(
    ("amount", "ru", "kk"),
    [
        ("0", "Ноль тенге 00 тиын", "Нөл теңге 00 тиын"),
        (
            "1234.56",
            "Одна тысяча двести тридцать четыре тенге 56 тиын",
            "Бір мың екі жүз отыз төрт теңге 56 тиын",
        ),
        (
            "-2021.05",
            "Минус две тысячи двадцать один тенге 05 тиын",
            "Минус екі мың жиырма бір теңге 05 тиын",
        ),
        (
            "40150060.70",
            "Сорок миллионов сто пятьдесят тысяч шестьдесят тенге 70 тиын",
            "Қырық миллион жүз елу мың алпыс теңге 70 тиын",
        ),
        (
            "999999999999.99",
            "Девятьсот девяносто девять миллиардов девятьсот девяносто девять миллионов "
            "девятьсот девяносто девять тысяч девятьсот девяносто девять тенге 99 тиын",
            "Тоғыз жүз тоқсан тоғыз миллиард тоғыз жүз тоқсан тоғыз миллион "
            "тоғыз жүз тоқсан тоғыз мың тоғыз жүз тоқсан тоғыз теңге 99 тиын",
        ),
    ],
)
def test_sum_in_words(amount: str, ru: str, kk: str) -> None:
    assert in_words_ru(Decimal(amount)) == ru
    assert in_words_kk(Decimal(amount)) == kk


def test_kazakh_words_of_every_number_below_a_thousand_are_built_of_its_digits() -> None:
    ones = ["", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"]
    tens = ["", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан"]
    for number in range(1, 1000):
        hundred, rest = divmod(number, 100)
        words = [
            ones[hundred] if hundred > 1 else "",
            "жүз" if hundred else "",
            tens[rest // 10],
            ones[rest % 10],
        ]
        spelled = " ".join(word for word in words if word)
        assert in_words_kk(Decimal(number)).lower() == f"{spelled} теңге 00 тиын"


def test_too_large_for_words_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        in_words_ru(Decimal("1000000000000.00"))


def test_shown_with_unbreakable_blanks() -> None:
    assert show_ru(Decimal("-1234567.895")) == "-1\u00a0234\u00a0567,90"

"""Equal findings of a column are said once, in sentences that end once."""

from __future__ import annotations

import pytest

from inbox_worker.core.joined_findings import join_equal
from inbox_worker.core.model import Severity, WordedFinding


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["1001", "1002"], "Нет счёта: 1001, 1002."), (["1001", "М.П."], "Нет счёта: 1001, М.П."),
        (["М.П."], "Нет счёта: М.П."),
    ],
)  # fmt: skip
def test_a_value_that_ends_with_a_dot_ends_the_sentence(values: list[str], said: str) -> None:
    texts = ("Шот жоқ: {}.", "Проверьте.", "Тексеріңіз.")
    found = [
        WordedFinding("account.unknown", Severity.ERROR, "Лист1", f"A{row}", one, f"Нет счёта: {one}.",
                      *(text.format(one) for text in texts), "4.3.1")
        for row, one in enumerate(values)
    ]  # fmt: skip
    assert [one.finding.message for one in join_equal(found)] == [said]

"""Well-meant forms as ordinary companies send them: what a patient clerk takes is taken, what he would ask is asked."""

from __future__ import annotations

import pytest
from form_books import told, xlsx

OWN = ["БИН", "971240003619"]


@pytest.mark.parametrize("kind", ["Справочник лицевых счетов", "Дербес шоттар анықтамалығы"])
def test_a_value_that_is_a_title_of_another_form_names_no_form(read, kind: str) -> None:
    """A request that says nothing but what is asked for; the directory is a register of the operator."""
    table = read(xlsx([OWN, [], ["Вид запроса", "Параметр", "С даты"], [kind]]))
    assert (table.form, told(table), table.rows["kind"].to_pylist()) == ("request", [], ["Справочник лицевых счетов"])


def test_a_title_over_its_table_names_the_form(read) -> None:
    """The header fits two forms; the title over it says which."""
    table = read(xlsx([["Справочник лицевых счетов"], OWN, [], ["Лицевой счёт", "Услуга", "Тариф"], ["1", "Лифт", 5]]))
    assert table.form == "directory"

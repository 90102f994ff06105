"""`bank layouts`: how a file of a bank would be read, and the way to a new layout."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.centre import Centre
from tests.support.bank_files import PAID, SAMPLES, as_dbf, moments, printed
from tests.support.bank_statements import IBAN, mt940, of_kaspi

STRANGE = "Реестр;05.09.2026\nДата;Лицевой счёт;Сумма\n05.09.2026;10020030;5,00\nВсего;1;5,00\n".encode("cp1251")


@pytest.mark.parametrize("layout", SAMPLES)
def test_a_trial_shows_layout_rows_and_figures_and_keeps_nothing(layout: str, centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "от банка"
    file.write_bytes(SAMPLES[layout][1])
    before = sorted(path for path in centre.home.rglob("*") if path.is_file())
    told = json.loads(centre.run("bank", "layouts", "try", file, "--json").out)
    assert (told["chosen"], told["rows"], told["findings"]) == (layout, len(PAID), [])
    assert told["counted"] == {"count": 3, "sum": "6257.55"}
    assert told["first"][0]["account"] == "10020030"
    assert sorted(path for path in centre.home.rglob("*") if path.is_file()) == before


def test_a_trial_says_which_lines_do_not_fit_and_why_other_layouts_are_not_it(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(printed().replace(b"1250.50", b"125O.50", 1))
    told = centre.run("bank", "layouts", "try", file, "--lang", "en").out
    assert "No layout of rules/banks fits it wholly" in told
    assert "register_print (Печатный реестр (строки фиксированной ширины)): A7" in told
    assert "register_moments (Реестр без заголовка: дата и время, счёт, сумма): is not like it" in told


def test_layouts_and_rows_are_told_by_names_and_in_the_readers_language(centre: Centre, tmp_path: Path) -> None:
    """`book`, `opening`, `bank_register`, `paid_on=2026-09-05  amount=5000.00` are names of programs."""
    listed = centre.run("bank", "layouts", "list").out
    assert (
        "книга Excel, форма Выписка по счёту, обязательно подтверждает: остаток на начало, остаток на конец" in listed
    )
    assert not {"bank_register", "opening", "fixed", "book"} & set(re.findall(r"[a-z_]+", listed))
    file = tmp_path / "a.txt"
    file.write_bytes(printed())
    told = centre.run("bank", "layouts", "try", file, "--lang", "kk").out
    assert (
        "6-жол: Банк (БСК) CASPKZKA; Қабылданған күні 05.09.2026; Төлем № 70011; Дербес шот 10020030; Сома 5 000,00"
        in told
    )
    assert "сомасы 6 257,55; оқылған: 3, сомасы 6 257,55" in told


def test_a_file_in_an_encoding_that_its_layout_has_not_needs_no_other_layout(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(printed().decode("cp866").replace("№", "N").encode("koi8-r"))
    told = json.loads(centre.run("bank", "layouts", "try", file, "--json").out)
    assert ([one["code"] for one in told["findings"]], told["draft"]) == (["layout.encoding"], "")


def test_a_file_that_its_layout_refuses_is_not_said_to_be_read_without_one(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "a.dbf"
    file.write_bytes(as_dbf().replace(b" CASPKZKA", b"*CASPKZKA", 1))
    told = centre.run("bank", "layouts", "try", file, "--lang", "en").out
    assert "Without a layout" not in told and told.replace("(Реестр DBF)", "").count("DBF") == 1


def test_one_layout_is_tried_by_its_name(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(moments())
    told = json.loads(centre.run("bank", "layouts", "try", file, "--layout", "register_moments", "--json").out)
    assert [one["layout"] for one in told["layouts"]] == ["register_moments"]
    ran = centre.run("bank", "layouts", "try", file, "--layout", "register_moment")
    assert ran.code == 2 and "did you mean 'register_moments'?" in ran.err


def test_the_draft_of_a_new_layout_reads_the_file_once_its_questions_are_answered(
    centre: Centre, tmp_path: Path
) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(STRANGE)
    draft = json.loads(centre.run("bank", "layouts", "try", file, "--json").out)["draft"]
    answered = (
        draft.replace("layout: ?", "layout: mine")
        .replace("bank: {head: ?}", "bank: {value: CASPKZKA}")
        .replace("number: {head: ?}", "number: {joined: [paid_on, account, amount]}")
        .replace(r"'?(?P<count>\d+)?(?P<sum>[\d .,]+)?'", r"'Всего;(?P<count>\d+);(?P<sum>[\d .,]+)'")
    )
    assert "?}" not in answered and "{head: ?" not in answered
    (centre.home / "rules" / "banks").mkdir(exist_ok=True)
    (centre.home / "rules" / "banks" / "mine.yaml").write_text(answered, "utf-8")
    told = json.loads(centre.run("bank", "layouts", "try", file, "--json").out)
    assert (told["chosen"], told["counted"]) == ("mine", {"count": 1, "sum": "5.00"})


def test_layouts_are_listed(centre: Centre) -> None:
    told = json.loads(centre.run("bank", "layouts", "list", "--json").out)["layouts"]
    assert set(SAMPLES) <= {one["layout"] for one in told}
    assert {one["layout"]: one["control"] for one in told}["register_dbf"] == []


def test_registers_and_statements_are_compared(centre: Centre, tmp_path: Path) -> None:
    register, statement = tmp_path / "a.txt", tmp_path / "kl_to_1c.txt"
    register.write_bytes(printed())
    statement.write_bytes(of_kaspi())
    assert centre.run("load", register, statement).code == 0
    days = ("--from", "2026-09-01", "--to", "2026-09-30")
    told = json.loads(centre.run("bank", "reconcile", *days, "--json").out)["days"]
    assert [(day["day"], day["difference"], day["state"]) for day in told] == [
        ("2026-09-04", "5000.00", "differs"),
        ("2026-09-05", "-6257.55", "differs"),
        ("2026-09-06", "1250.50", "differs"),
    ]
    shown = " ".join(centre.run("bank", "reconcile", *days, "--lang", "en").out.split())
    assert "CASPKZKA 05.09.2026: registers 6 257,55 (3), credited 0,00, difference -6 257,55" in shown
    assert "101 5 000,00 Яна Петровна О." in shown
    assert centre.run("bank", "reconcile", "--from", "2026-09-30", "--to", "2026-09-01").code == 2


def test_a_trial_of_a_statement_shows_its_lines_and_what_they_come_to(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "kl_to_1c.txt"
    file.write_bytes(of_kaspi())
    told = json.loads(centre.run("bank", "layouts", "try", file, "--json").out)
    assert (told["form"], told["rows"], told["stated"]["sum"], told["counted"]["sum"]) == (
        "bank_statement", 3, "6238.00", "6238.00",
    )  # fmt: skip


def test_a_draft_of_values_parted_by_tabs_and_of_fixed_widths(centre: Centre, tmp_path: Path) -> None:
    tabs, fixed, picture = tmp_path / "a.tsv", tmp_path / "b.txt", tmp_path / "c.bin"
    tabs.write_bytes("Дата\tЛицевой счёт\tСумма\n05.09.2026\t10020030\t5,00\n".encode())
    fixed.write_bytes("Сводка 12\n000001 10020030 5.00\n000002 10020031 6.00\n".encode("cp866"))
    picture.write_bytes(bytes(range(256)) * 20)
    drafts = [
        json.loads(centre.run("bank", "layouts", "try", f, "--json").out)["draft"] for f in (tabs, fixed, picture)
    ]
    assert 'separator: "\\t"' in drafts[0] and 'head: ["Дата", "Лицевой счёт", "Сумма"]' in drafts[0]
    assert drafts[1].splitlines()[2:6] == ["file: fixed", "encodings: [cp866]", r"begins: 'Сводка \d+'", "width: 20"]
    assert drafts[2] == ""


def test_whose_account_is_not_known_is_told_with_what_to_write(centre: Centre, tmp_path: Path) -> None:
    file, unlisted = tmp_path / "statement.sta", "KZ80999S000001013958"
    file.write_bytes(mt940().replace(IBAN.encode(), unlisted.encode()))
    assert centre.run("load", file).code == 0
    told = centre.run("bank", "reconcile", "--from", "2026-09-01", "--to", "2026-09-30", "--lang", "en").out
    words = " ".join(told.split())
    assert f"Nothing says whose account {unlisted} is" in words and "add the code 999" in words

"""What people read on a screen of 80 columns: no word is broken, in whatever language; no sender's sign moves the
cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from inbox_worker.cli.outbox_screens import show_documents
from inbox_worker.cli.screens import (
    show_arrivals,
    show_contract,
    show_deliveries,
    show_duties,
    show_lines,
    show_tasks,
)
from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.duty import Duty
from inbox_worker.contract.page import describe_contract
from inbox_worker.core.model import Language
from inbox_worker.outbox.cover_letters import document_kind
from inbox_worker.settings.delivery_rules import DOCUMENT_KINDS
from inbox_worker.settings.texts import Say
from tests.support.fixtures import office
from tests.support.office import TownOffice, bin_of, customer, line

__all__ = ["office"]
DAY = date(2026, 10, 20)
LONG = "x" * 90  # a word that no screen of 80 holds


def show_all(office: TownOffice, say: Say, sent: str) -> None:
    names = {name: say.of(rule) for name, rule in office.office.rules.duties.items()}
    names |= {service.code: say.of(service) for service in office.office.rules.services}
    customers = office.office.journal.customers.on(DAY)
    show_duties([one.as_json(DAY) for one in find_duties(office.office, DAY)], names, customers, say)
    show_contract(describe_contract(office.office, bin_of("A"), DAY), names, say)
    task = {"task": "T-000001", "kind": "letter", "customer": bin_of("A"), "state": "open", "due": "2026-10-21",
            "clause": "6.2.7", "source": "IW-000009", "note": "перезвонить бухгалтеру"}  # fmt: skip
    show_tasks([(task, sent)], customers, say)
    letter = {"id": 7, "kind": "receipt", "arrival": "IW-000009", "document": "", "recipient": "office@a.example",
              "state": "retry", "tries": 3, "last_answer": sent, "trouble": "", "returns": [],
              "next_at": "2026-10-20T10:00:00+05:00"}  # fmt: skip
    show_deliveries([letter], say)


@pytest.fixture
def shown(
    office: TownOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str, int], list[str]]:
    """Return the lines that are printed in a language, of a letter with a subject, on a screen of so many columns."""
    emails = "kanceliariya.upravleniya@ochen-dlinnyi-domen.example;office@a.example"
    office.load_customers(
        customer("A", attested_until="15.10.2026", emails=emails, address="г. Алматы, ул. Абая, 10, " * 3)
    )
    office.load_directory(line("A", "1001", "gas_maintenance", base="кв.", tariff="100"))
    office.ingest("request", [{"kind": "Удалённый доступ"}], received="2026-08-20")

    def lines(language: str, sent: str, columns: int) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        capsys.readouterr()
        show_all(office, replace(office.office.say, language=language), sent)
        return capsys.readouterr().out.splitlines()

    return lines


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_no_word_is_broken_at_80_columns(shown: Callable[[str, str, int], list[str]], language: str) -> None:
    sent = f"Просим рассмотреть обращение жителей дома по улице Абая {LONG} до конца месяца"
    narrow, wide = shown(language, sent, 80), shown(language, sent, 1000)
    assert sorted(" ".join(narrow).split()) == sorted(" ".join(wide).split())
    assert {row.strip() for row in narrow if len(row) > 80} <= {LONG}


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_no_word_of_the_outbox_is_broken(
    office: TownOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    say = replace(office.office.say, language=language)
    states = [code.removeprefix("act_state.") for code in say.texts.of if code.startswith("act_state.")]
    plain = {"bin": bin_of("A"), "customer": "ОСИ", "month": "2026-09", "due": "2026-09-22", "clause": "4.1.1",
             "state": "pending", "age_days": 55, "overdue": True, "old_close": False, "amended": False,
             "revision": 2}  # fmt: skip
    rows = [{**plain, "kind": kind, "act": None} for kind in DOCUMENT_KINDS]
    rows += [{**plain, "kind": "act", "act": {"state": state}} for state in states]  # each a line of its own
    show_documents(rows, [], say)
    out = capsys.readouterr().out
    assert len(states) > 3 and all(len(line) <= 80 for line in out.splitlines())
    words = " ".join([*(say(document_kind(kind)) for kind in DOCUMENT_KINDS),
                      *(say(f"act_state.{state}") for state in states)]).split()  # fmt: skip
    assert [word for word in words if word not in out.replace("\u00a0", " ").split() and f"{word};" not in out] == []


def test_duties_have_their_names_in_three_languages(office: TownOffice) -> None:
    for name, rule in office.office.rules.duties.items():
        words = [replace(office.office.say, language=language).of(rule) for language in ("ru", "kk", "en")]
        assert len(set(words)) == 3 and words[2].isascii(), name


def test_a_sender_s_signs_do_not_move_the_cursor(shown: Callable[[str, str, int], list[str]]) -> None:
    printed = "\n".join(shown("ru", "тема\x1b[2J\u202e\r\nдальше", 80))
    assert "дальше" in printed and not {"\x1b", "\u202e", "\r"} & set(printed)


WIDE = "  поручение 12: CASPKZKA -> ТОО «Лифт-Сенім» KZ926016895579906593, к перечислению 1 531 412,71, папка " + LONG


@pytest.mark.parametrize("width", range(60, 100))
def test_a_line_wider_than_the_screen_goes_on_below_and_no_sum_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    show_lines([WIDE, "короткая"])
    first, *later, short = capsys.readouterr().out.splitlines()
    assert (first[:11], short) == ("  поручение", "короткая")
    assert all(line.startswith("    ") and (len(line) <= width or LONG in line) for line in later)
    assert any("1 531 412,71" in line for line in (first, *later))
    assert " ".join(" ".join((first, *later)).split()) == " ".join(WIDE.split()), "nothing is lost"


def test_a_file_gets_lines_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    show_lines([WIDE])
    assert capsys.readouterr().out == WIDE + "\n"


@pytest.mark.parametrize("columns", [80, 160])
def test_why_something_was_decided_has_room(
    office: TownOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    office.load_customers(customer("A"))
    answer = office.ingest("recalculations", [{"account": "9", "amount": "тысяча двести"}], received="2026-08-20")
    monkeypatch.setenv("COLUMNS", str(columns))
    show_arrivals([answer.report], office.office.rules.forms, office.office.say)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= columns for line in lines)
    under = [line for line in lines if line.startswith(answer.id)]
    assert bool(under) == (columns == 80), "below the table where it has no room in it"


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_a_form_is_called_by_its_name(
    office: TownOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    """English has no names of its own for the contract's forms: they are Russian there, not codes."""
    office.load_customers(customer("A"))
    answer = office.ingest("recalculations", [{"account": "9", "amount": "тысяча двести"}], received="2026-08-20")
    monkeypatch.setenv("COLUMNS", "160")
    rules = office.office.rules
    show_arrivals([answer.report], rules.forms, replace(office.office.say, language=language))
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    title = rules.forms["recalculations"].title
    assert (title.kk if language == "kk" else title.ru).split()[0] in shown and " recalculations " not in shown


def test_what_met_a_duty_is_said_in_words(
    office: TownOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    duty = Duty("operator.reports", "4.1.8", "operator", "", "2026-09", DAY, DAY, DAY, "")
    names = {"operator.reports": "Отчёты"}
    for met_by in ("turnover.xlsx (mail 7), debtors.xlsx (folder exchange)", "accepted by silence", "письмо (mail)"):
        show_duties([replace(duty, met_by=met_by).as_json(DAY)], names, {}, office.office.say)
    said = capsys.readouterr().out
    assert "turnover.xlsx (письмо № 7), debtors.xlsx (папка exchange)" in said
    assert "чем исполнено: молчанием" in said and "чем исполнено: письмо (mail)" in said

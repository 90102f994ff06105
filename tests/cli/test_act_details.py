"""`audit list` tells details of the commonest acts in the reader's words; what it does not know it repeats."""

from __future__ import annotations

import pytest

from inbox_worker.cli.act_details import word_details
from inbox_worker.settings.rules import load_rules
from inbox_worker.settings.texts import Say
from tests.support.office import ROOT

RULES = load_rules(ROOT / "rules")
HASH = "a" * 64
PAYMENT = (
    "payment IW-000003-1/Данные/7; amount 100.50; account 1001; customer 971240003619; service maintenance; "
    "by письмо; by Алия"
)
INCIDENT = '{"what": "письмо чужому", "found_at": "2026-09-01T10:00", "customers": [], "about": ["IW-000001"]}'


@pytest.mark.parametrize(
    ("act", "details", "ru", "kk", "en"),
    [
        ("decide", "tariffs: accepted, 5/5", "Тарифы: принято, 5/5", "Тарифтер: қабылданды, 5/5", None),
        ("approve", f"pending, {HASH}", f"было: ждёт проверки, {HASH}", f"бұрын: тексеруді күтуде, {HASH}", None),
        ("amend", f"approved, {HASH}, amended by hand", f"было: одобрен, {HASH}, изменён вручную", None, None),
        ("put into sent", f"new, {HASH}, бумага", f"новый файл, {HASH}, бумага", f"жаңа файл, {HASH}, бумага", None),
        (
            "bank suspense assign", PAYMENT,
            "платёж IW-000003-1/Данные/7, 100,50 тенге: счёт 1001, 971240003619, Содержание дома; "
            "основание: письмо; by Алия",
            None,
            "payment IW-000003-1/Данные/7, 100,50 tenge: account 1001, 971240003619, Содержание дома; "
            "ground: письмо; by Алия",
        ),
        (
            "bank suspense return", "payment IW-000003-1/Данные/7; amount 7.00; by поручение 17",
            "платёж IW-000003-1/Данные/7, 7,00 тенге; основание: поручение 17", None, None,
        ),
        (
            "retention destroy", "files 3, bytes 4096; accounts 2, written anew 1; proposed by Алия",
            "файлов 3, байт 4096; счетов 2, переписано файлов 1; предложил Алия", None, None,
        ),
        (
            "verify", "full, files 9, closes 2, anchors 96 bytes",
            "полная, проверено файлов 9, закрытий 2, якоря: байт 96", None, None,
        ),
        ("anchor", "act 17", "по действие 17", "17 әрекетке дейін", "up to act 17"),
        ("calendar", "notices 2, tasks 1", "уведомлений 2, задач 1", "хабарлама 2, тапсырма 1", None),
        (
            "calendar", "2026-09: bills, act, 7", "2026-09: счёт, акт выполненных работ (форма Р-1) — файлов 7", None,
            None,
        ),
        (
            "render", f"act {HASH[:16]}, act {HASH[:16]}, turnover {HASH[:16]}",
            "акт выполненных работ (форма Р-1), оборотная ведомость — файлов 3", None, None,
        ),
        ("render", "7", "документы до № 7 сформированы прежней версией", None, None),
        ("request met", "export 971240003619", "архив отчётов за 3 года, 971240003619", None, None),
        (
            "incident open", INCIDENT, "письмо чужому; обнаружен 2026-09-01T10:00; IW-000001", None, None,
        ),
        ("reopen", "approved, проверка", "approved, проверка", "approved, проверка", "approved, проверка"),
    ],
)  # fmt: skip
def test_details_are_told_in_each_language(act: str, details: str, ru: str, kk: str | None, en: str | None) -> None:
    for language, expected in (("ru", ru), ("kk", kk), ("en", en)):
        if expected is not None:
            assert word_details(act, details, RULES, Say(RULES.texts.spoken, language)) == expected

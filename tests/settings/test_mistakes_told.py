"""Mistakes by the command line: one line and exit 2 at any entry, all of them by `check`; far months are refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inbox_worker.cli.homes import check_home, check_notes, home_warnings
from inbox_worker.core.model import Finding, Language
from inbox_worker.core.translated import translator
from inbox_worker.deciding.case import Case
from inbox_worker.deciding.table import CHECKS, CheckedTable
from inbox_worker.settings.config import SmtpConfig
from tests.faults.killer import Killer
from tests.support.office import ROOT
from tests.support.postgres import why_not

BROKEN = {  # file -> what is written, what takes its place, the key, what the line says
    "rules/services.yaml": ('base: "чел.", utility', 'base: "чел", utility', "services.4.base", "'чел.'"),
    "rules/findings.yaml": ("Файл «{value}»", "Файл «{vlaue}»", "form.unknown.ru", "'value'"),
    "rules/vocabulary.yaml": ("units:", "unts:", "unts", "'units'"),
    "rules/texts/outbox.yaml": ("В исходящих {path}", "В исходящих {paht}", "outbox.unreadable.ru", "'path'"),
    "rules/deadlines.yaml": ("forms: {day: ", "forms: {day: 1", "deadlines.forms.day", "1 to 28"),
    "rules/limits.yaml": ("rows: 1000000", "rows: -1", "rows", "1 or more"),
    "rules/prices.yaml": ("kind: any", "knid: any", "prices.0.knid", "'kind'"),
    "rules/meters.yaml": ("norms: {}", 'norms: {cold_wter: "4.3"}', "estimation.norms.cold_wter", "'cold_water'"),
    "rules/penalties.yaml": ("use: notice_rate", "use: notice_rat", "use", "notice_rate"),
    "rules/calendar.yaml": ("2026-08-31, day", "2026-08-32, day", "overrides.0.date", "2026-08-31"),
    "rules/delivery.yaml": ("  turnover:", "  trunover:", "kinds.trunover", "'turnover'"),
    "rules/outliers.yaml": ("listed: 20", "lsted: 20", "lsted", "'listed'"),
    "rules/forms/meter_readings.yaml": ("at_least:", "at_leest:", "checks.5.at_leest", "'at_least'"),
    "config.yaml": ('bin: "971240003619"', "bin: 971240003619", "operator.bin", "in quotes"),
}
ENTRIES = (["close", "2026-09"], ["once"], ["ingest", "FORM", "--mailbox", "korrektirovki"], ["outbox", "list"])
TYPED_WRONG = [
    ("rules/deadlines.yaml", "months_ahead: 12", "recalculation_months: 24\nmonths_ahead: 12", "past_month_within"),
    (
        "rules/deadlines.yaml",
        "  forms:",
        "  tarifs: {day: 23, rolling: none, clause: x}\n  forms:",
        "deadlines.tarifs: there is no form 'tarifs'; did you mean 'tariffs'?",
    ),
    (
        "rules/deadlines.yaml",
        "  forms:",
        "  customers: {day: 23, rolling: none, clause: x}\n  forms:",
        "'customers' counts in no month, so a deadline has no effect; remove it",
    ),
    ("rules/calendar.yaml", "overrides:", "overrides:\n  - {date: 2026-08-31, day: working, why: x}", "says the same"),
    ("rules/services.yaml", "code: lift,", "code: cleaning,", "services.8.code: says the same as services.4"),
    ("rules/services.yaml", 'names: ["ХВС", ', 'names: ["Газ", ', "'Газ' is a name of services.12"),
    ("rules/categories.yaml", "code: budget,", "code: population,", "categories.2.code: says the same as categories.0"),
    ("rules/categories.yaml", '"Физ. лица"', '"Прочие"', "categories.4: 'Прочие' is a name of categories.0, too"),
    ("rules/services.yaml", "of: cold_water", "of: cold_watre", "did you mean 'cold_water'?"),
    ("rules/services.yaml", "code: gas,", "code: 0012,", "services.12.code: is a number to YAML"),
    ("rules/prices.yaml", "service: any", "service: gaz", "did you mean 'gas'?"),
    ("rules/prices.yaml", "kind: any", "kind: банк", "no Customer is a 'банк'"),
    ("rules/prices.yaml", 'percent: "12"', 'percent: "12,0"', "must be a number with a point"),
    ("rules/prices.yaml", "from: 2026-01-01", "from: 2025-01-01", "vat.1.from: says the same as vat.0"),
    ("rules/limits.yaml", "columns: 200 ", "columns: yes ", "columns: is a yes or no to YAML"),
    ("rules/limits.yaml", "zip_members: 200 ", "zip_members: 200\nzip_members: 20 ", "'zip_members' stands twice"),
    ("rules/limits.yaml", "rows: 1000000", "rows: [1000000", "cannot be read as YAML"),
    ("rules/delivery.yaml", "default: [mail]", "default: [mail]\n  050140000011: [mail]", "write it in quotes"),
    (
        "rules/delivery.yaml",
        "default: [mail]",
        'default: [mail]\n  "050140000012": [mail]',
        "neither `default` nor a БИН",
    ),
    ("rules/findings.yaml", "severity: error", "severity: eror", "'eror' is not known; did you mean 'error'?"),
    ("rules/findings.yaml", "form.unknown:", "form.unknwon:", "did you mean 'form.unknown'?"),
    ("rules/findings.yaml", "Файл «{value}»", "Файл «{value»", "its braces do not fit together"),
    ("rules/texts/screens.yaml", "task.done:", "task.doen:", "task.doen: the program has no such code; did you mean"),
    ("rules/texts/screens.yaml", '  en: "done"\n', "", "is missing; write it"),
    ("rules/texts/letters.yaml", 'kk: "Сәлеметсіз бе!"', 'kz: "Сәлеметсіз бе!"', "there is no such key"),
    ("rules/forms/tariffs.yaml", "form: tariffs", "form: tarifs", "is in a file of another name"),
    ("rules/forms/tariffs.yaml", 'kk: "Тариф",', 'kk: "База",', "is a name of columns"),
    ("rules/forms/tariffs.yaml", "column: tariff", "column: tarif", "did you mean 'tariff'?"),
    ("rules/forms/tariffs.yaml", "check: not_negative", "check: not_negativ", "did you mean 'not_negative'?"),
    ("rules/forms/tariffs.yaml", "check: not_negative", "chekc: not_negative", "'chekc'; did you mean 'check'?"),
    ("rules/forms/tariffs.yaml", "key: [service", "key: [servise", "did you mean 'service'?"),
    ("rules/forms/tariffs.yaml", "months_ahead: 12", "months_ahead: -12", "must be 0 or more"),
    ("rules/services.yaml", "code: lift,", "code: lift/x,", "services.4.code: 'lift/x' is no code"),
    ("rules/services.yaml", "of: cold_water", "of: heating", "'heating' has the base 'м²' and no meters to follow"),
    ("rules/services.yaml", "of: cold_water", "of: hot_sewerage", "write of: hot_water"),
    ("rules/services.yaml", "code: lift,", "code: lift, of: gas,", "only a service of base счётчик follows"),
    ("rules/meters.yaml", "norms: {}", 'norms: {heating: "4.3"}', "norms.heating: 'heating' is counted by м²"),
    ("rules/tasks.yaml", '"Удалённый доступ":', '"Удаленный доступ!":', "did you mean 'Удалённый доступ'?"),
    ("rules/delivery.yaml", "  act: {review: yes, to: customer}\n", "", "kinds: act is missing"),
    ("rules/delivery.yaml", "act: {review: yes, to: customer}", "act: {to: consumers}", "yaml:6: kinds.act.to: only"),
    ("rules/delivery.yaml", "bill_password: none", "bill_password: [flat_no]", "'flat_no' is not known; write none"),
    ("rules/delivery.yaml", "bill_password: none", "bill_password: flat", "write none, or a list such as"),
    ("rules/forms/meter_readings.yaml", "usual_back: 100", "usual_back: 1101", "usual_back: must be 1100 (days_back)"),
    ("rules/limits.yaml", "answer_seconds:", "answer_seconds: 9999 #", "answer_seconds: is a part of file_seconds"),
    ("config.yaml", 'authserv_id: ""', 'authserv_id: ""\nreply: auto', "reply: auto needs the smtp block"),
    ("config.yaml", '"971240003619"', '"971240003618"', "operator.bin: is no БИН"),
    ("config.yaml", '"KZ28722S000001013958"', '"KZ28722S000001013959"', "operator.iban: is no ИИК"),
    ("config.yaml", '"CASPKZKA"', '"CASPRUKA"', "operator.bic: is no БИК"),
    ("config.yaml", '"4GB"', '"4 GB of it"', "ledger.memory: '4 GB of it' is no amount of memory"),
    ("config.yaml", '"4GB"', '"8 MiB"', "ledger.memory: '8 MiB' is too little for a close; write 100MB or more"),
    ("config.yaml", "BigOperators@alseco", "KORREKTIROVKI@alseco", "mailboxes.bigoperators.address: mailboxes"),
    ("config.yaml", "  bigoperators:", "  bigoperator:", "did you mean 'bigoperators'?"),
    ("config.yaml", "{account};sum", "{acount};sum", "there is no {acount} here; did you mean 'account'?"),
    ("config.yaml", "due_day: 25", "due_day: 31", "bills.due_day: must be 28 or less"),
    ("config.yaml", 'authserv_id: ""', "authserv_id: \x00", "yaml:66: the sign U+0000 may not stand in a text"),
    ("config.yaml", 'authserv_id: ""', '5: x\nauthserv_id: ""', "5: a key must be a word; write it in quotes"),
    ("config.yaml", "sqlite:///ledger", "sqlite://ledger", "ledger.journal: is no address like sqlite:///ledger"),
]


def replaced(home: Path, name: str, old: str, new: str) -> None:
    file = home / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_a_form_of_which_the_ledger_can_keep_nothing_is_told(home: Path) -> None:
    """A form that an analyst adds: no letter meets the lack of its facts first. What people do by hand needs none."""
    forms = home / "rules" / "forms"
    for name, old, new in (
        ("inspections", "form: recalculations", "form: inspections"),
        ("wish", "form: request", "form: wish"),
    ):
        (forms / f"{name}.yaml").write_text((forms / f"{old[6:]}.yaml").read_text("utf-8").replace(old, new), "utf-8")
    told = "\n".join(check_home(home))
    assert "inspections.yaml:2: form: the ledger has no kind of fact 'inspections'; add its columns" in told
    assert "kind of fact 'wish'" not in told


def one_line(runner: Killer, home: Path, *arguments: str) -> str:
    """What a command says of a mistake before it does anything."""
    known = {"FORM": str(home / "config.yaml")}
    ran = runner.run(*(known.get(argument, argument) for argument in arguments), "--home", home)
    assert (ran.code, ran.err.count("\n"), ran.out) == (2, 1, ""), ran
    assert "Traceback" not in ran.err
    return ran.err


@pytest.mark.quick("rules/services.yaml", "rules/texts/outbox.yaml", "rules/forms/meter_readings.yaml", "config.yaml")
def _unworded(table: CheckedTable, case: Case) -> list[Finding]:
    """A check whose words were forgotten."""
    return [table.make_finding("meter.nameless", index, "meter") for index in range(len(case.rules.forms))]


def test_a_check_whose_finding_has_no_words_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first finding would have ended the decision of a form."""
    monkeypatch.setitem(CHECKS, "meters_named", _unworded)
    path = home / "rules/forms/meter_readings.yaml"
    path.write_text(path.read_text("utf-8").replace("\nchecks:\n", "\nchecks:\n  - {check: meters_named}\n"), "utf-8")
    [problem] = check_home(home)
    assert (
        "meter_readings.yaml" in problem and "checks.0.check: what it finds, 'meter.nameless', has no words" in problem
    )


@pytest.mark.quick(*range(0, 13, 3))
@pytest.mark.parametrize("file", BROKEN)
def test_a_mistake_is_one_line_at_check_and_at_another_entry(file: str, home: Path, runner: Killer) -> None:
    old, new, key, right = BROKEN[file]
    replaced(home, file, old, new)
    checked = runner.run("check", "--home", home)
    assert checked.code == 1 and checked.out.count("\n") == 1 and checked.err == ""
    entry = ENTRIES[list(BROKEN).index(file) % len(ENTRIES)]
    for line in (checked.out, one_line(runner, home, *entry)):
        assert f"{home / file}:" in line and f": {key}" in line and right in line, line


@pytest.mark.parametrize("journal", ["sqlite", "postgres"])
def test_mistakes_are_told_whichever_database_keeps_the_journal(
    journal: str, home: Path, runner: Killer, tmp_path: Path
) -> None:
    if journal == "postgres" and why_not():
        pytest.skip(why_not())
    if journal == "postgres":  # nobody need be there: rules are read first
        url = "postgresql+psycopg://app@127.0.0.1:1/journal"
        replaced(home, "config.yaml", "sqlite:///ledger/journal.db", url)
    replaced(home, "rules/calendar.yaml", "2026-08-31, day", "2026-08-32, day")
    for entry in ENTRIES:
        assert "rules/calendar.yaml:3: overrides.0.date" in one_line(runner, home, *entry)


@pytest.mark.quick(*range(0, 45, 3))
@pytest.mark.parametrize(("file", "old", "new", "words"), TYPED_WRONG, ids=[words[:40] for *_, words in TYPED_WRONG])
def test_what_is_typed_wrong_is_told_with_what_would_be_right(
    file: str, old: str, new: str, words: str, home: Path
) -> None:
    replaced(home, file, old, new)
    told = check_home(home)
    assert any(line.startswith(f"{home / file}") and words in line for line in told), told


@pytest.mark.parametrize("text", [
    "a:\n\tb: 1", "a: *x", "a: 1\n---\nb: 2", "a: {b: 1", "a: [b", "a: b: c", "a: 'x", 'a: "\\q"', "- a\nb: 1",
    "a: 1\n- b", "{a: 1}}", "a: *", "a: |x\n b", "key: - a", "a: 'it's'", "a: 1\nlanguage\n",
])  # fmt: skip
def test_what_is_no_yaml_is_told_in_the_reader_s_language(text: str, home: Path) -> None:
    """Half of the line was what the library says, in English."""
    (home / "config.yaml").write_text(text, "utf-8")
    languages: tuple[Language, ...] = ("ru", "kk")
    for language in languages:
        (told,) = [translator(language)(line) for line in check_home(home) if "YAML" in line]
        words = told.removeprefix(str(home / "config.yaml")).replace("YAML", "")
        assert not re.search(r"[A-Za-z]{2}", words), told


def test_an_exchange_folder_that_is_none_is_a_problem_and_one_that_is_away_a_remark(home: Path, tmp_path: Path) -> None:
    """Documents would lie below the place where a disk is mounted later; `check` said that all is well."""
    with (home / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f"\nexchange: {{folder: {tmp_path / 'exchange'}}}\n")
    assert check_home(home) == []
    assert [note for note in check_notes(home) if "exchange.folder" in note and "mount that first" in note]
    (tmp_path / "exchange").write_text("a file", "utf-8")
    assert [line for line in check_home(home) if f"{tmp_path / 'exchange'} is no folder" in line]
    (tmp_path / "exchange").unlink()
    (tmp_path / "exchange").mkdir()
    assert check_home(home) == [] and not [note for note in check_notes(home) if "exchange" in note]


def test_a_file_of_certificates_that_is_not_there_is_named(home: Path) -> None:
    with (home / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("\nsmtp: {host: 127.0.0.1, port: 1, ca_file: /nope.pem}\n")
    assert [line for line in check_home(home) if "ca_file /nope.pem cannot be used" in line]


def test_check_tells_all_mistakes_of_all_files_at_once(home: Path) -> None:
    for file, (old, new, _, _) in BROKEN.items():
        replaced(home, file, old, new)
    told = check_home(home)
    assert {file for file in BROKEN if any(line.startswith(f"{home / file}:") for line in told)} == set(BROKEN)


def test_slips_in_the_words_of_answers_are_told(home: Path) -> None:
    replaced(home, "templates/receipts/words.yaml", "«{title}», № {number}", "«{title}», № {numbr}")
    replaced(home, "templates/receipts/words.yaml", "\nheld_how:", "\nheld_hou:")
    told = "\n".join(check_home(home))
    assert "form.ru: there is no {numbr} here; did you mean 'number'?" in told
    assert "held_hou: the program has no such code; did you mean 'held_how'?" in told


def test_a_file_that_nobody_reads_is_told(home: Path) -> None:
    (home / "rules" / "prices.yaml").rename(home / "rules" / "price.yaml")
    told = "\n".join(check_home(home))
    assert "price.yaml: no rule file has this name; did you mean 'prices.yaml'?" in told
    assert "prices.yaml: is not there" in told


def test_a_key_that_acted_on_nothing_is_read_as_it_was_shipped(home: Path) -> None:
    path = home / "rules/deadlines.yaml"
    path.write_text(path.read_text("utf-8") + "recalculation_months: 36\n", "utf-8")
    assert check_home(home) == []


def test_a_text_that_a_home_has_not_yet_is_the_shipped_one(home: Path) -> None:
    """A home made by an older version goes on where the program has new findings."""
    findings = home / "rules" / "findings.yaml"
    text = findings.read_text("utf-8")
    findings.write_text(text[text.index("message.unreadable:") :], "utf-8")
    words = home / "templates" / "receipts" / "words.yaml"
    text = words.read_text("utf-8")
    words.write_text(text[text.index("other_language:") :], "utf-8")
    assert check_home(home) == []


@pytest.mark.parametrize("address", ["postgresql://app:s3cret@db/j", "postgresql+psycopg://app@db/j?password=s3cret"])
def test_a_password_in_the_journals_address_is_refused_and_never_repeated(address: str, home: Path) -> None:
    replaced(home, "config.yaml", "sqlite:///ledger/journal.db", address)
    [line] = check_home(home)
    assert "ledger.journal" in line and ".pgpass" in line and "INBOX_WORKER_JOURNAL" in line and "s3cret" not in line


@pytest.mark.parametrize(
    "address", ["sc://spark:15002/;use_ssl=true;token=s3cret", "spark://spark:7077", "spark:15002"]
)
def test_an_address_of_spark_is_one_and_has_no_token_in_it(address: str, home: Path) -> None:
    replaced(home, "config.yaml", "ledger:\n", f'ledger:\n  engine: spark\n  spark: {{remote: "{address}"}}\n')
    [line] = check_home(home)
    assert "ledger.spark.remote" in line and "INBOX_WORKER_SPARK" in line and "s3cret" not in line


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ('storage: "s3://id:s3cret@bucket/house"', "ledger.storage: is no place like s3://BUCKET/FOLDER"),
        ('storage: "https://s3cret.example/bucket"', "ledger.storage: is no place like s3://BUCKET/FOLDER"),
        (
            'storage: "s3://bucket"\n  s3: {endpoint: "https://id:s3cret@s3.example"}',
            "ledger.s3.endpoint: is no address",
        ),
        ('s3: {endpoint: "https://s3.example"}', "ledger.s3: says how a storage is reached, and ledger.storage names"),
    ],
)
def test_a_storage_is_a_place_without_keys_and_none_is_repeated(keys: str, place: str, home: Path) -> None:
    replaced(home, "config.yaml", "ledger:\n", f"ledger:\n  {keys}\n")
    [line] = check_home(home)
    assert place in line and "s3cret" not in line


IMAP = """    imap: {host: HOST, user: u, password_file: p, tls: TLS}
"""


@pytest.mark.parametrize(("host", "tls", "refused"), [("mail.kz", "none", True), ("127.0.0.1", "none", False)])
def test_a_password_does_not_go_readable_over_a_network(host: str, tls: str, refused: bool, home: Path) -> None:
    address = "    address: korrektirovki@alseco.example\n"
    replaced(home, "config.yaml", address, address + IMAP.replace("HOST", host).replace("TLS", tls))
    assert any("choose implicit or starttls" in line for line in check_home(home)) == refused
    assert [bool("authserv_id" in line) for line in home_warnings(home)] == ([] if refused else [True])
    replaced(home, "config.yaml", 'authserv_id: ""', "authserv_id: mx.alseco.example")
    assert home_warnings(home) == []


@pytest.mark.parametrize("host", ["https://mail.kz", "mail.kz:993", "u@mail.kz", "mail.kz/", "mail kz", "[::1]"])
def test_a_server_is_named_by_its_name_alone(host: str, home: Path) -> None:
    """It was asked for as a name, and nobody knew that name."""
    address = "    address: korrektirovki@alseco.example\n"
    imap = IMAP.replace("HOST", f'"{host}"').replace("TLS", "implicit")
    replaced(home, "config.yaml", address, address + imap)
    with (home / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f'\nsmtp: {{host: "{host}"}}\naudit: {{syslog: {{host: "{host}"}}}}\n')
    told = [line for line in check_home(home) if f"host: {host!r} is no name of a server" in line]
    assert len(told) == 3


@pytest.mark.parametrize("host", ["mail.kz", "localhost", "10.0.0.1", "::1", "2001:db8::5", "fe80::1%eth0"])
def test_names_and_addresses_of_servers_are_taken(host: str) -> None:
    assert SmtpConfig(host=host).host == host


@pytest.mark.parametrize(("mode", "told"), [(0o644, True), (0o640, False)])
def test_a_password_that_every_user_may_read_is_told(mode: int, told: bool, home: Path) -> None:
    address = "    address: korrektirovki@alseco.example\n"
    replaced(home, "config.yaml", address, address + IMAP.replace("HOST", "mail.kz").replace("TLS", "implicit"))
    (home / "p").write_text("s3cret", "utf-8")
    (home / "p").chmod(mode)
    assert any(f"`chmod o= {home / 'p'}`" in note for note in check_notes(home)) == told


@pytest.mark.parametrize(("host", "refused"), [("mail.kz", True), ("127.0.0.1", False), ("localhost", False)])
def test_a_password_of_ours_does_not_leave_readable_either(
    host: str, refused: bool, home: Path, runner: Killer
) -> None:
    """Said before anybody connects; a relay of this machine is an exception on purpose (config.yaml)."""
    (home / "p").write_text("s3cret", "utf-8")
    with (home / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f"\nsmtp: {{host: {host}, port: 1, user: u, password_file: p, tls: none, timeout: 1}}\n")
    told = [line for line in check_home(home) if "choose starttls or implicit" in line]
    assert bool(told) == refused and all("smtp.tls" in line for line in told)
    if refused:
        assert "smtp.tls" in one_line(runner, home, "once")


def test_a_template_of_answers_that_is_gone_is_told_with_its_remedy(home: Path) -> None:
    (home / "templates" / "receipts" / "receipt.txt").unlink()
    [line] = check_home(home)
    assert "receipt.txt is not there" in line and f"cp -R {ROOT}/templates/receipts/." in line


def test_a_month_too_far_ahead_is_refused(home: Path, runner: Killer) -> None:
    for command in (["draft"], ["documents"], ["report"], ["bills", "send"]):
        said = one_line(runner, home, *command, "2099-01")
        assert "2099-01 is too far ahead: name 20" in said


def test_texts_with_names_of_earlier_versions_are_no_mistake(home: Path) -> None:
    """Else every command of a home that was made before would end after an update."""
    file = home / "rules" / "findings.yaml"
    text, shipped = (
        file.read_text("utf-8"),
        "Дни {days} по счёту {account} уже учтены формой {submission} (строка {old_row})",
    )
    assert shipped in text
    file.write_text(text.replace(shipped, "Дни с {value} по {to} уже учтены формой {submission}", 1), "utf-8")
    assert not [line for line in check_home(home) if "findings.yaml" in line]
    file.write_text(text.replace(shipped, "Дни с {value} по {till}", 1), "utf-8")
    assert [line for line in check_home(home) if "{till}" in line]

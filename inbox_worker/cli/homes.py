"""A home: made by `init`, proved by `check`."""

from __future__ import annotations

import os
import shutil
import stat
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from inbox_worker.cli.support import COPY_MEANWHILE, in_staffs_words
from inbox_worker.contract.changed_prices import describe_changed_prices
from inbox_worker.contract.prices import find_late_prices
from inbox_worker.core.errors import JournalError
from inbox_worker.core.files import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    READ_ONLY_DISK,
    SHARED_FOLDER,
    below,
    copy_folder,
    find_bad_locks,
    is_read_only,
    make_folder,
    unreadable,
    write_atomic,
)
from inbox_worker.deciding.open_office import open_office, proved_rules
from inbox_worker.ledger.place import begins_anew, journal_of
from inbox_worker.ledger.sqlite import why_closed
from inbox_worker.month.backup import why_inside
from inbox_worker.month.spark import SparkFault, SparkSteps
from inbox_worker.month.syslog import try_centre
from inbox_worker.month.timestamps import try_server
from inbox_worker.month.unfinished import tell_restores, tell_unfinished
from inbox_worker.month.verified import Verified
from inbox_worker.month.verify import notes, verify
from inbox_worker.outbox.manifest import STATES
from inbox_worker.outbox.preview import check_receipts, check_templates
from inbox_worker.outbox.review import find_misplaced
from inbox_worker.outbox.send import server_problems
from inbox_worker.outbox.verify import verify_ledger
from inbox_worker.receiving.imap import try_mailbox
from inbox_worker.receiving.untaken import find_untaken, lines_of
from inbox_worker.receiving.virus_scan import scanner_problem
from inbox_worker.settings.config import ConfigError
from inbox_worker.settings.home import Home, load_home, shipped_path
from inbox_worker.settings.mailboxes import Imap
from inbox_worker.settings.rules import Rules, RulesError
from inbox_worker.settings.secret_files import open_secrets
from inbox_worker.settings.texts import Say, shipped_texts

FOLDERS = (
    "inbox/korrektirovki",
    "inbox/bigoperators",
    "inbox/banks",
    *(f"outbox/{state}" for state in STATES),
    "ledger",
    "archive",
)
_LOOKS = ("templates", "templates/documents", "templates/receipts", "templates/fonts")


def make_home(folder: Path) -> list[str]:
    """Make the home and return what was made; never overwrites anything. Raises ConfigError if it is one already."""
    if os.path.lexists(folder / "config.yaml"):
        raise ConfigError(f"{folder} is a home already: it has a config.yaml")
    make_folder(folder)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(PRIVATE_FOLDER)  # also one that was there
    for name in FOLDERS:
        make_folder(folder / name, SHARED_FOLDER if name.startswith(("inbox/", "outbox/")) else PRIVATE_FOLDER)
    made = [str(folder / name) for name in FOLDERS]
    for name in ("rules", "templates"):
        if not (folder / name).exists():
            _copy_whole(shipped_path(name), folder / name)
            made.append(str(folder / name))
    write_atomic(folder / "config.yaml", shipped_path("config.yaml").read_bytes())
    return [*made, str(folder / "config.yaml")]


def _copy_whole(source: Path, target: Path) -> None:
    """Copy the folder whole or not at all: half the rules would look like an analyst's choice."""
    temporary = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    copy_folder(source, temporary)
    for path in (temporary, *below(temporary)):
        path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
    temporary.rename(target)


def check_home(
    folder: Path, deep: bool = False, now: datetime | None = None, known: Verified | None = None
) -> list[str]:
    """Return every problem of a home at once, each with what to do; empty when all is well. `deep`: every file that
    the journal names is read and compared with its hash, and remarks of what is no problem go into `known`. `now`: to
    look, too, whether a mailbox that was never read holds older letters, and what lies in the outbox where it may not;
    None = that is not asked."""
    home, problems = _read_config(folder)
    if home is None and not os.path.lexists(folder / "config.yaml"):
        return [*problems, *tell_restores(folder)]
    rules, more = _read_rules(folder / "rules")
    problems += more
    if home is None:
        return problems
    problems += _check_delivery(home, rules) if rules else []
    if rules and not problems:
        problems += _run_check(home, lambda: check_templates(home, rules))
    scanner, backups = home.config.scanner, home.config.backups
    inside = why_inside(home, home.path / backups.folder) if backups else ""
    problems += [f"{folder / 'config.yaml'}: backups.folder: {inside}"] if inside else []
    looks: list[Callable[[], list[str]]] = [
        lambda: check_receipts(home), lambda: server_problems(home),
        lambda: _check_journal(home, deep, rules, known),
        lambda: [problem for one in (scanner,) if one and (problem := scanner_problem(one))],
        lambda: _check_spark(home),
        lambda: _closed_folders(home), lambda: lines_of(find_untaken(home), Say(shipped_texts().spoken, home.language)),
        lambda: check_mailboxes(home, now.date() if now else None),
        lambda: _check_outbox(home, now, deep) if rules and now else [],
        lambda: [problem for one in (home.config.audit.syslog,) if one and (problem := try_centre(one))],
        lambda: [problem for one in (home.config.audit.timestamps,) if one and (problem := try_server(one))],
    ]  # fmt: skip
    problems += [line for look in looks for line in _run_check(home, look)]
    return problems or (_run_check(home, lambda: _check_prices(home, now.date())) if rules and now else [])


def _run_check(home: Home, look: Callable[[], list[str]]) -> list[str]:
    """Return the problems that a check finds; what it cannot read is one more and ends no other check."""
    try:
        return look()
    except OSError as error:
        return [f"{error.filename or home.path} {unreadable(error)}"]
    except JournalError as error:
        return [str(error)]


def _closed_folders(home: Home) -> list[str]:
    """Return the folders of the home that are none, or that we may not read or write."""
    if is_read_only(home.path):
        return [f"{home.path} cannot be written: {READ_ONLY_DISK}{COPY_MEANWHILE}"]
    found = []
    own = (home.ledger, home.archive, home.inbox, home.outbox, *(home.path / name for name in FOLDERS))
    places = dict.fromkeys((*own, *([home.exchange] if home.exchange else [])))
    for place in (*places, *(home.path / name for name in _LOOKS)):
        if not os.path.lexists(place) or not os.access(place.parent, os.X_OK):
            continue  # made when it is needed; or its folder is reported
        if not place.is_dir():
            found.append(f"{place} is no folder; put the folder in its place, or move this away")
        elif place not in places:
            continue  # nobody need write there
        elif is_read_only(place):
            found.append(f"{place} cannot be written: {READ_ONLY_DISK}")
        elif not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            found.append(f"{place} cannot be read or written; give the service's user the right to read and write it")
    return found or find_bad_locks(home.ledger) or _closed_journal(home)


def _closed_journal(home: Home) -> list[str]:
    """Return why a journal that can be read cannot be written."""
    journal = home.journal_url.removeprefix("sqlite:///")
    why = why_closed(Path(journal)) if journal != home.journal_url else ""
    return [why] if why else []


def home_warnings(folder: Path) -> list[str]:
    """Return what works, but not as well as it could: nothing that keeps a home from being used."""
    home, _ = _read_config(folder)
    if home is None or home.config.authserv_id or not any(box.imap for box in home.config.mailboxes.values()):
        return []
    return [
        f"{folder / 'config.yaml'}: authserv_id: is empty, so a forged sender is not noticed: forms fetched by IMAP "
        "that change who answers for an account are held until confirmed; write our mail server's name in its "
        "Authentication-Results (docs/operations.md)"
    ]


def _read_config(folder: Path) -> tuple[Home | None, list[str]]:
    try:
        return load_home(folder), []
    except ConfigError as error:
        return None, error.lines


def _read_rules(folder: Path) -> tuple[Rules | None, list[str]]:
    try:
        return proved_rules(folder), []
    except RulesError as error:
        return None, error.lines


def _check_journal(home: Home, deep: bool, rules: Rules | None, known: Verified | None) -> list[str]:
    """Return the problems of the journal and of the files that it names. One in the home is made when it is missing;
    one elsewhere must be there."""
    if not home.journal_url.startswith("sqlite:"):
        from inbox_worker.ledger.postgres import postgres_problem

        if problem := postgres_problem(home.journal_url):
            return [problem]
    found = verify_ledger(home, known=known) if deep and rules else verify(home, deep)
    return [problem.line(in_staffs_words) for problem in found]


def _check_outbox(home: Home, now: datetime, deep: bool) -> list[str]:
    """Return what lies in the outbox where it may not, and what waits and is not there, unless a deep look tells it. A
    journal that cannot be asked is another line's problem."""
    try:
        if begins_anew(home):
            return []
        with open_office(home, proved=False) as office:
            return [problem.line(office.say) for problem in find_misplaced(office, now, gone=not deep)]
    except (JournalError, SQLAlchemyError):
        return []


def check_notes(folder: Path, *, stored: bool = True) -> list[str]:
    """Return what `check` prints beside problems: nothing here keeps a home from being used. `stored`: to ask the
    storage, too; one that is silent was waited for already."""
    try:
        home = load_home(folder)
    except ConfigError:
        return []  # reported as a problem
    others = home.path.stat().st_mode & stat.S_IRWXO
    private = [f"{home.path} is open to every user of the machine; `chmod -R o= {home.path}` closes it"]
    lost = [
        f"{home.path / name} is not there, so what leaves looks as shipped; restore it from the backup, or copy it: "
        f"`cp -R {shipped_path(name)} {home.path / name}`"
        for name in _LOOKS
        if not os.path.lexists(home.path / name) and (home.path / name).parent.is_dir()
    ]
    away = [
        f"{folder} (exchange.folder) is not there: the first delivery makes it; where it is on a disk of its own, "
        "mount that first"
        for folder in [home.exchange]
        if folder and not folder.is_relative_to(home.path) and not os.path.lexists(folder)
    ]
    secrets = [f"{path} holds a password that every user may read; `chmod o= {path}`" for path in open_secrets(home)]
    return [*(private if others else []), *away, *secrets, *lost, *notes(home, stored=stored), *tell_unfinished(home)]


def _check_prices(home: Home, today: date) -> list[str]:
    """Return the prices that may not count, for some Customer was not told that very sum in time (10.5), and those that
    were changed in place after they were charged."""
    if begins_anew(home):
        return []
    with open_office(home) as office:
        late, changed = find_late_prices(office, today), describe_changed_prices(office)
    each = {one.source: (one.start - one.due, one.start) for one in late}
    counted = Counter(one.source for one in late)
    return changed + [
        f"{home.rules / 'prices.yaml'}: {source} cannot count: customers who were not told this very price "
        f"{term.days} calendar days before (10.5): {counted[source]}; write `from: {today + term}` or later, then "
        "`documents --kind notice`"
        + (f"; payments loaded since {start} keep the price that they were loaded with" if start <= today else "")
        for source, (term, start) in sorted(each.items())
    ]


def check_mailboxes(home: Home, today: date | None) -> list[str]:
    """Log in to every mailbox with `imap` settings, make its folders and return every problem, each with what to do."""
    tried = {}
    for name, box in home.config.mailboxes.items():
        if box.imap:
            tried[name] = try_mailbox(box.imap, home.path, None if _was_read(home, box.imap) else today)
    return [f"mailbox {name}: {problem}" for name, problem in tried.items() if problem]


def _check_spark(home: Home) -> list[str]:
    """Return what keeps months from being computed by the Spark server that config.yaml asks for."""
    try:
        if address := home.spark_address():
            SparkSteps(address).close()
    except (ConfigError, SparkFault) as error:
        return [str(error)]
    return []


def _was_read(home: Home, imap: Imap) -> bool:
    """Return whether messages of a mailbox were fetched before; a journal that cannot be asked is another line's
    problem."""
    try:
        if begins_anew(home):
            return False
        journal = journal_of(home)
    except (JournalError, SQLAlchemyError, OSError):
        return True
    try:
        return journal.places.knows(imap.account, imap.folder)
    finally:
        journal.database.dispose()


def _check_delivery(home: Home, rules: Rules) -> list[str]:
    problems = []
    if home.exchange is None and any("folder" in ways for ways in rules.delivery.ways.values()):
        problems.append("rules/delivery.yaml sends into the exchange folder; name it in config.yaml, exchange.folder")
    return problems

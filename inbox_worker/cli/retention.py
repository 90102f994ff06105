"""`retention`: what may be destroyed and what is kept, and its destruction by two people (4.1.12, 4.1.14, 8.10)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox_worker.cli.support import Json, day_of_text, in_staffs_words, now, open_home, print_json
from inbox_worker.core.errors import UseError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from inbox_worker.contract.former_consumers import FormerConsumer
    from inbox_worker.ledger.destroyed import Certificate, CertifiedItems
    from inbox_worker.month.office import Office
    from inbox_worker.settings.texts import Say

_ENDED = {"term over": "retention.consumer_over", "not finished": "retention.consumer_half"}

retention_app = typer.Typer(no_args_is_help=True, help="Ends of keeping (4.1.12, 8.10).")


@retention_app.command("list")
def list_(
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="On that day; else today.")] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="Name each account of consumers who left, too.")] = False,
    json: Json = False,
) -> None:
    """Tell what may be destroyed, since when and by which clause, and what is kept and why."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.contract.consumer_holds import find_clearable
    from inbox_worker.contract.former_consumers import find_former_consumers
    from inbox_worker.contract.retention import find_items
    from inbox_worker.ledger.destroyed import CertificateState

    with open_home(write=False, decide=False) as office:
        day = day_of_text(on) or now().date()
        items = find_items(office, day)
        there = {item.item for item in items}
        staying = [item for item in items if not item.may_go(day)]
        former = find_clearable(office, find_former_consumers(office, day), day, staying)
        unfinished = {
            account.account for one in office.journal.destroyed.all() if one.state is CertificateState.DESTROYING
            for account in office.journal.destroyed.items(one.number).accounts
        }  # fmt: skip
        consumers = [_consumer(one, day, there, unfinished) for one in former]
        if json:
            print_json({
                "on": day.isoformat(),
                "items": [_item(item, day) for item in items],
                "ledger": _ledger(office),
                "consumers": consumers,
                "certificates": [_certificate(one) for one in office.journal.destroyed.all()],
            })  # fmt: skip
            return
        of_consumers = _consumer_lines(office.say, consumers, day, verbose)
        show_lines([*_lines(office, items, day), *of_consumers, *_tell_unfinished(office)])


@retention_app.command()
def propose(
    customer: Annotated[str, typer.Option(metavar="BIN", help="Only what belongs to this customer.")] = "",
    json: Json = False,
) -> None:
    """Propose to destroy all that may go today; another person does it by `retention destroy`."""
    from inbox_worker.outbox.destruction import propose as propose_it

    with open_home(decide=False) as office:
        certificate, items = propose_it(office, now(), customer.strip())
        _tell(office, certificate, items, "retention.proposed", json)


@retention_app.command()
def destroy(
    number: Annotated[int, typer.Argument(metavar="[NUMBER]", help="Number of the proposal.")] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="All that a restore brought back, or a kill left half done.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Name what would go; destroy nothing.")] = False,
    json: Json = False,
) -> None:
    """Destroy what another person proposed, and leave a certificate; finishes what a kill left half done."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.outbox.destruction import destroy as destroy_it
    from inbox_worker.outbox.destruction import foresee

    if bool(number) == again:
        raise UseError("name the number of a proposal, or --again")
    if again:
        _destroy_again(json, dry_run=dry_run)
        return
    if dry_run:
        with open_home(write=False, decide=False) as office:
            certificate, items, copies = foresee(office, number, now())
            _tell(office, certificate, items, "retention.would_destroy", json)
            if not json:
                paths = [*(file.path for file in items.files), *(file.path for file in items.rewritten)]
                paths += [path.relative_to(office.home.path).as_posix() for path in copies]
                show_lines([f"  {path}" for path in paths])
        return
    with open_home(decide=False) as office:
        made = destroy_it(office, number, now())
        _tell(office, made.certificate, made.items, "retention.destroyed", json)
        if not json:
            show_lines([office.say("undo.destroyed"), office.say("retention.backup_now")])


def _destroy_again(json: bool, *, dry_run: bool) -> None:
    """Destroy again what was destroyed by two people and is there again, each by its certificate."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.outbox.destroyed_again import find_unfinished
    from inbox_worker.outbox.destruction import destroy as destroy_it

    with open_home(write=not dry_run, decide=False) as office:
        numbers = find_unfinished(office)
        made = [] if dry_run else [destroy_it(office, number, now()) for number in numbers]
        if json:
            print_json({"certificates": numbers, "destroyed": [_certificate(one.certificate) for one in made]})
            return
        for one in made:
            _tell(office, one.certificate, one.items, "retention.destroyed", json)
        if made:
            show_lines([office.say("retention.backup_now")])
        elif numbers:
            show_lines([office.say("retention.unfinished", numbers=", ".join(map(str, numbers)))])
        else:
            show_lines([office.say("retention.none_unfinished")])


@retention_app.command()
def clock(
    by: Annotated[str, typer.Option(metavar="TEXT", help="By what else you looked: a radio, a telephone, and who.")],
) -> None:
    """Say that the machine's clock is right although acts or letters speak against it; it is an act."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.month.clock import confirm_clock

    if not by.strip():
        raise UseError("--by is empty; say by what else you looked, and who")
    with open_home(decide=False) as office:
        moment = now()
        doubt = confirm_clock(office.journal, moment, by.strip(), office.rules.retention.clock.days)
        code = "retention.clock_confirmed" if doubt else "retention.clock_agrees"
        show_lines([office.say(code, now=f"{moment:%d.%m.%Y %H:%M}", what=in_staffs_words(doubt))])


def _tell(office: Office, certificate: Certificate, items: CertifiedItems, code: str, json: bool) -> None:
    from inbox_worker.cli.screens import show_lines

    if json:
        parts = {name: [vars(one) for one in rows] for name, rows in vars(items).items()}
        print_json({**_certificate(certificate), **parts})
        return
    facts = {"number": certificate.number, "files": len(items.files), "items": len({file.item for file in items.files}),
             "path": certificate.path, "who": certificate.proposed_by}  # fmt: skip
    cleared = {"accounts": len(items.accounts), "rewritten": len(items.rewritten)}
    show_lines([office.say(code, **facts), *([office.say(f"{code}_consumers", **cleared)] if items.accounts else [])])


def _certificate(one: Certificate) -> dict[str, Any]:
    return {"certificate": one.number, **{name: value for name, value in vars(one).items() if name != "number"},
            "document": one.path if one.sha256 else ""}  # fmt: skip


def _item(item: Any, day: date) -> dict[str, Any]:
    return {
        "item": item.item, "kind": item.kind, "customer": item.customer, "decided": item.decided,
        "since": item.since.isoformat(), "until": item.until.isoformat(), "clause": item.clause,
        "state": "may go" if item.may_go(day) else "kept",
        "kept": [*(["term"] if item.until > day else []), *item.kept],
        "files": [{"path": path, "sha256": digest} for path, digest in item.files],
    }  # fmt: skip


def _ledger(office: Office) -> list[dict[str, Any]]:
    """Facts and closes: the ledger computes from them, so they are not destroyed."""
    counted = {"facts": len(office.journal.facts.files()), "closes": len(office.journal.closes.all())}
    return [{"kind": kind, "count": count, "state": "kept", "kept": ["ledger"]} for kind, count in counted.items()]


def _lines(office: Office, items: list[Any], day: date) -> list[str]:
    from inbox_worker.settings.texts import show_day

    say, rows = office.say, [_item(item, day) for item in items]
    free = [row for row in rows if row["state"] == "may go"]
    lines = [say("retention.may", count=len(free), day=f"{day:%d.%m.%Y}")]
    for row in free:
        kind, since = say(f"retention.kind.{row['kind']}"), show_day(row["since"])
        lines.append("  " + "  ".join((row["item"], kind, row["customer"] or "—", since, row["clause"])))
    counted = Counter((row["kind"], why) for row in rows if row["state"] == "kept" for why in row["kept"])
    lines += [say("retention.kept")]
    lines += [f"  {say('retention.kind.' + kind)}: {count}  {say('retention.why.' + why)}"
              for (kind, why), count in sorted(counted.items())]  # fmt: skip
    lines += [f"  {say('retention.kind.' + row['kind'])}: {row['count']}  {say('retention.why.ledger')}"
              for row in _ledger(office)]  # fmt: skip
    return lines


def _tell_unfinished(office: Office) -> list[str]:
    """Tell which proposals and destructions wait for somebody."""
    waiting = [one for one in office.journal.destroyed.all() if one.state.value in ("proposed", "destroying")]
    return [office.say(f"retention.{one.state.value}_waits", number=one.number, who=one.proposed_by) for one in waiting]


def _consumer(one: FormerConsumer, day: date, there: Collection[str], unfinished: Collection[str]) -> dict[str, Any]:
    """An account of a consumer who left. `there`: the letters that are still kept; `unfinished`: accounts of
    destructions that were ended."""
    term = ["term"] if one.until > day else []
    letters = sorted({form.rpartition("-")[0] for form in one.places.forms} & set(there))
    return {
        "account": one.account, "customers": list(one.customers), "since": one.since.isoformat(),
        "until": one.until.isoformat(), "clause": one.clause, "state": _state_of(one, day, unfinished),
        "kept": [*term, *one.kept],
        "places": {"facts": list(one.places.facts), "closes": list(one.places.closes),
                   "books": list(one.places.books), "letters": letters},
    }  # fmt: skip


def _state_of(one: FormerConsumer, day: date, unfinished: Collection[str]) -> str:
    if one.account in unfinished:
        return "not finished"
    if not one.is_over(day):
        return "kept"
    return "term over" if one.places.files else "taken out"


def _consumer_lines(say: Say, rows: list[dict[str, Any]], day: date, verbose: bool) -> list[str]:
    """Tell how many accounts of consumers who left are over, where their data are, and what keeps the others."""
    from inbox_worker.settings.texts import show_day

    if not rows:
        return []
    over = [row for row in rows if row["state"] == "term over"]
    gone = sum(row["state"] == "taken out" for row in rows)
    lines = [say("retention.consumers", count=len(rows), day=f"{day:%d.%m.%Y}", over=len(over), gone=gone)]
    if over:
        places = {kind: len({path for row in over for path in row["places"][kind]}) for kind in over[0]["places"]}
        lines.append(f"  {say('retention.consumers_places', **places)}")
    if half := sum(row["state"] == "not finished" for row in rows):
        lines.append(f"  {say('retention.consumers_half', count=half)}")
    counted = Counter(why for row in rows if row["state"] == "kept" for why in row["kept"])
    kind = say("retention.kind.consumers")
    lines += [f"  {kind}: {count}  {say('retention.why.' + why)}" for why, count in sorted(counted.items())]
    if not verbose:
        return [*lines, f"  {say('retention.consumers_more')}"]
    for row in rows:
        kept = ", ".join(say(f"retention.why.{why}") for why in row["kept"])
        state = kept or say(_ENDED.get(row["state"], "retention.consumer_gone"), until=row["until"])
        whose, since = " ".join(row["customers"]), show_day(row["since"])
        lines.append("  " + "  ".join((row["account"], whose, since, row["clause"], state)))
        lines += [f"    {path}" for paths in row["places"].values() for path in paths]
    return lines

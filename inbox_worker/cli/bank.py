"""`bank`: how files of banks are read, and whether registers and statements agree (4.1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox_worker.cli.support import Json, day_of_text, open_home, print_json, this_home
from inbox_worker.cli.suspense import suspense_app
from inbox_worker.core.errors import UseError
from inbox_worker.core.files import read_file

if TYPE_CHECKING:
    from inbox_worker.core.model import FormTable
    from inbox_worker.forms.layout_trial import Trial
    from inbox_worker.settings.form_rules import FormRule
    from inbox_worker.settings.rules import Rules
    from inbox_worker.settings.texts import Say

bank_app = typer.Typer(no_args_is_help=True, help="Files of banks.")
layouts_app = typer.Typer(no_args_is_help=True, help="Layouts of banks' files (rules/banks).")
bank_app.add_typer(layouts_app, name="layouts")
bank_app.add_typer(suspense_app, name="suspense")
_FIRST = 5  # rows shown


@layouts_app.command("list")
def layouts_list(json: Json = False) -> None:
    """List the layouts that files of banks are read by."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.open_office import proved_rules

    rules, say = proved_rules(this_home().rules), _say()
    shown = [
        {"layout": one.layout, "title": say.of(one.title), "form": one.form, "file": one.file,
         "encodings": list(one.encodings), "control": list(one.stated)}
        for one in rules.banks.values()
    ]  # fmt: skip
    if json:
        print_json({"layouts": shown})
        return
    show_lines([_layout_in_words(one, rules, say) for one in shown])


def _layout_in_words(one: Mapping[str, Any], rules: Rules, say: Say) -> str:
    control = ", ".join(say(f"bank.control.{name}") for name in one["control"]) or "—"
    named = {"file": say(f"bank.file.{one['file']}"), "form": _name_form(one["form"], rules, say)}
    return say("bank.layout", **{**one, **named, "control": control})


def _name_form(code: str, rules: Rules, say: Say) -> str:
    return say.of(rules.forms[code].title) if code in rules.forms else code


@layouts_app.command("try")
def layouts_try(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of a bank.")],
    layout: Annotated[str, typer.Option(metavar="NAME", help="Only this layout.")] = "",
    json: Json = False,
) -> None:
    """Show how a file would be read: its layout, why others do not fit, first rows, control figures; keep nothing."""
    from inbox_worker.cli.screens import show_lines
    from inbox_worker.deciding.open_office import proved_rules
    from inbox_worker.forms.layout_trial import try_file
    from inbox_worker.workbooks.cells import CellReader

    if not file.is_file():
        raise UseError(f"no such file: {file}")
    rules = proved_rules(this_home().rules)
    with CellReader(rules.limits) as reader:
        trial = try_file(read_file(file), file.name, rules, reader, layout)
    shown = _as_json(trial, rules)
    if json:
        print_json({"file": file.name, **shown})
    else:
        show_lines(_in_words(shown, rules, _say()))


@bank_app.command()
def reconcile(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, 2026-09-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, 2026-09-30.")],
    account: Annotated[str, typer.Option(metavar="IBAN", help="Only this account's statements.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also the days that agree.")] = False,
    json: Json = False,
) -> None:
    """Compare what banks' registers say with what came to the transit account, by bank and day; tell where all the
    money is, which orders no statement confirms, and what left by no order."""
    from inbox_worker.cli.screens import money, show_lines
    from inbox_worker.month.bank_money import reconcile_banks
    from inbox_worker.month.confirming import find_stray_debits
    from inbox_worker.month.places import find_places

    days = [day_of_text(text) for text in (first, last)]
    if days[0] is None or days[1] is None or days[0] > days[1]:
        raise UseError("name the first and the last day, such as --from 2026-09-01 --to 2026-09-30")
    with open_home(write=False, decide=False) as office:
        account = account.replace(" ", "").upper()
        found, places = reconcile_banks(office, days[0], days[1], account), find_places(office)
        stray = [vars(one) for one in find_stray_debits(office, days[0], days[1], account)]
        if json:
            days_json = [day.as_json() for day in found]
            where = {**vars(places), "lost": places.lost}
            print_json({"from": first, "to": last, "days": days_json, "places": where, "debits": stray})
            return
        shown = [day.as_json() for day in found if everything or day.state != "agrees"]
        lines = [line for day in shown for line in _day_in_words(day, office.say)]
        unknown = sorted({one.iban for day in found for one in day.credits if one.iban == day.bank})
        lines += [office.say("bank.account_unknown", iban=iban, digits=iban[4:7]) for iban in unknown]
        sums = {name: money(value) for name, value in vars(places).items()}
        left = office.say("bank.unconfirmed", count=places.orders, sum=money(places.ordered)) if places.orders else ""
        wrong = office.say("bank.lost", sum=money(places.lost)) if places.lost else ""
        lines += [_debit_in_words(one, office.say) for one in stray]
        lines = lines or [office.say("bank.all_agree", days=len(found))]
        show_lines([*lines, office.say("bank.places", **sums), *filter(None, (left, wrong))])


def _debit_in_words(one: dict[str, Any], say: Say) -> str:
    from inbox_worker.cli.screens import money

    orders = ", ".join(f"№ {number}" for number in one["orders"]) or "—"
    return say(
        "bank.own_fee" if one["own_fee"] else "bank.stray_debit",
        **{**one, "amount": money(one["amount"]), "orders": orders},
    )


def _day_in_words(day: dict[str, Any], say: Say) -> list[str]:
    from inbox_worker.cli.screens import money

    sums = {name: money(day[name]) for name in ("registers", "credited", "difference", "running")}
    said = say(f"bank.{day['state']}", bank=day["bank"], day=day["day"], payments=day["payments"], **sums)
    lines = [
        f"    {one['booked']}  {one['reference']}  {money(one['amount'])}  {one['payer']}  {one['purpose']}".rstrip()
        for one in day["credits"]
    ]
    return [said, *lines]


def _say() -> Say:
    from inbox_worker.cli.support import home_texts

    return home_texts()


def _as_json(trial: Trial, rules: Rules) -> dict[str, Any]:
    from inbox_worker.core.model import FormTable
    from inbox_worker.deciding.wording import word_all

    read = trial.read if isinstance(trial.read, FormTable) else None
    findings = read.findings if read else trial.read
    return {
        "chosen": trial.chosen,
        "form": read.form if read else "",
        "layouts": _of_layouts(trial, rules),
        **(_figures(read) if read else {"rows": 0, "first": [], "stated": {}, "counted": {}}),
        "findings": [f.as_json() for f in word_all(findings if isinstance(findings, tuple) else (), rules)],
        "lines": list(trial.lines),
        "draft": trial.draft,
    }


def _of_layouts(trial: Trial, rules: Rules) -> list[dict[str, Any]]:
    from inbox_worker.deciding.wording import word_all

    found = []
    for tried in trial.tried:
        problems = tried.form.findings if tried.form else (tried.why,) if tried.why else ()
        found.append(
            {
                "layout": tried.layout.layout,
                "fits": tried.fits,
                "known": tried.laid is not None,
                "lacking": list(tried.lacking),
                "problems": [f.as_json() for f in word_all(problems, rules)],
            }
        )
    return found


def _figures(form: FormTable) -> dict[str, Any]:
    """Return the first rows and what the file states of itself beside what it holds."""
    import pyarrow.compute as pc

    names = [
        name
        for name in form.rows.column_names
        if name != "sheet" and form.rows.column(name).null_count < len(form.rows)
    ]
    sums = {
        name: pc.sum(form.rows.column(name)).as_py() or 0 for name in names if name in ("amount", "credit", "debit")
    }
    total = sums.get("amount", 0) + sums.get("credit", 0) - sums.get("debit", 0) if sums else None
    return {
        "rows": form.rows.num_rows,
        "first": form.rows.select(names).slice(0, _FIRST).to_pylist() if names else [],
        "stated": {"count": form.control_count, "sum": form.control_sum},
        "counted": {"count": form.rows.num_rows, "sum": total},
    }


def _in_words(shown: dict[str, Any], rules: Rules, say: Say) -> list[str]:
    """Return the trial for a person."""
    titles = {code: f"{code} ({say.of(layout.title)})" for code, layout in rules.banks.items()}
    said = [say("bank.chosen", layout=titles[shown["chosen"]]) if shown["chosen"] else say("bank.none")]
    known = [one["layout"] for one in shown["layouts"] if one["known"]]
    if shown["form"] and not shown["chosen"] and not known:
        said.append(say("bank.as_form", form=_name_form(shown["form"], rules, say)))
    for one in shown["layouts"]:
        if one["layout"] == shown["chosen"]:
            continue
        why = " ".join(_say_finding(problem, rules, say) for problem in one["problems"][:_FIRST])
        if one["lacking"]:
            why = say("bank.lacking", headers=", ".join(one["lacking"]))
        said.append(f"  {titles[one['layout']]}: {why or say('bank.unlike')}")
    said += ["  " + _row_in_words(row, rules.forms[shown["form"]], say) for row in shown["first"]]
    if shown["form"]:
        figures = {
            f"{what}_{name}": _show_figure(shown[what].get(name))
            for what in ("stated", "counted")
            for name in ("count", "sum")
        }
        said.append(say("bank.figures", **figures))
    above = bool(known) and not shown["chosen"]  # at the layout that it was read by
    said += [_say_finding(finding, rules, say) for finding in (() if above else shown["findings"])]
    if shown["draft"]:
        said += [say("bank.lines"), *(f"  {line}" for line in shown["lines"])]
        said += [say("bank.draft"), *(f"  {line}" for line in shown["draft"].splitlines())]
    return said


def _say_finding(finding: dict[str, str], rules: Rules, say: Say) -> str:
    """Return a finding with its cell, and what staff do about it, in the reader's language of the two that findings
    have."""
    kk = "_kk" if say.language == "kk" else ""
    what = say.of_staff(rules.findings[finding["code"]]) or finding[f"remedy{kk}"]
    return " ".join(filter(None, (finding["cell"], finding[f"message{kk}"], what)))


def _row_in_words(row: Mapping[str, Any], form: FormRule, say: Say) -> str:
    """Return a row that was read, each value behind its column's header."""
    from inbox_worker.settings.form_rules import Bilingual

    headers = {column.name: say.of(Bilingual(ru=column.ru, kk=column.kk)) for column in form.columns}
    values = [f"{headers[name]} {_show_figure(row[name])}" for name in headers if row.get(name) not in (None, "")]
    return say("bank.row", row=row["row"], values="; ".join(values))


def _show_figure(value: object) -> str:
    from inbox_worker.cli.screens import money

    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return "—" if value is None else money(value) if isinstance(value, Decimal) else str(value)

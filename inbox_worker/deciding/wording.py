"""Findings get their words from rules/findings.yaml; an unknown code is our fault and says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inbox_worker.core.model import Finding, Severity, WordedFinding
from inbox_worker.core.text import fill_in
from inbox_worker.settings.form_rules import FindingRule
from inbox_worker.settings.rules import Rules, RulesError


class _Facts(dict[str, str]):
    def __missing__(self, key: str) -> str:
        raise RulesError(f"rules/findings.yaml uses {{{key}}}, which this finding does not have")


def word(finding: Finding, rules: Rules) -> WordedFinding:
    """Return the finding in Russian and Kazakh with its remedy and clause. Raises RulesError for a code without text.

    In Kazakh texts a fact that has a Kazakh twin (`column`, `column_kk`) is told by the twin.
    """
    rule = _rule(finding, rules)
    facts = _Facts(value=finding.value, **_sheet_facts(finding), **finding.facts)
    facts_kk = _Facts({**facts, **{name.removesuffix("_kk"): facts[name] for name in facts if name.endswith("_kk")}})
    return WordedFinding(
        code=finding.code,
        severity=rule.severity,
        sheet=finding.sheet,
        cell=finding.cell,
        value=finding.value,
        message=fill_in(rule.ru, facts),
        message_kk=fill_in(rule.kk, facts_kk),
        remedy=fill_in(rule.remedy_ru, facts),
        remedy_kk=fill_in(rule.remedy_kk, facts_kk),
        clause=finding.facts.get("clause", rule.clause),
    )


def word_all(findings: Iterable[Finding], rules: Rules) -> list[WordedFinding]:
    """Word all findings: errors first, then down the sheets row by row, so that a person can follow them in the
    workbook; past the limit one finding says how many more there are."""
    order, found = list(Severity), list(findings)
    sheets = {sheet: place for place, sheet in enumerate(dict.fromkeys(f.sheet for f in found if f.row))}
    ranked = sorted(found, key=lambda f: (order.index(_rule(f, rules).severity), sheets.get(f.sheet, 0), f.row))
    limit = rules.limits.findings_listed
    worded = [word(f, rules) for f in ranked[:limit]]
    if len(ranked) <= limit:
        return worded
    rest = Finding("findings.more", value=str(len(ranked) - limit), facts={"listed": str(limit)})
    return [*worded, word(rest, rules)]


def is_error(finding: Finding, rules: Rules) -> bool:
    """Tell whether the finding keeps its row, or the form, from posting."""
    return _rule(finding, rules).severity is Severity.ERROR


def tells_effect(finding: Finding, rules: Rules) -> bool:
    """Tell whether the finding says what its row did, which holds only when the row posts."""
    return _rule(finding, rules).effect


def _rule(finding: Finding, rules: Rules) -> FindingRule:
    rule = rules.findings.get(finding.code)
    if rule is None:
        raise RulesError(f"rules/findings.yaml has no text for {finding.code!r}; add it")
    return rule


def _sheet_facts(finding: Finding) -> Mapping[str, str]:
    return {k: v for k, v in (("sheet", finding.sheet), ("cell", finding.cell)) if k not in finding.facts}

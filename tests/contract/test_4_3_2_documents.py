"""4.3.2: supporting documents: what waits for them is held, what releases it, which month it then counts in."""

from __future__ import annotations

import io
from decimal import Decimal as D

import docx
import pytest

from inbox_worker.core.model import Outcome
from inbox_worker.deciding.release import ReleaseError
from inbox_worker.forms.day_said import UnclearDay
from tests.support.fixtures import copies_of
from tests.support.office import Row, TownOffice, bin_of, customer, line
from tests.support.papers import SCAN, File

TARIFF: Row = {"service": "maintenance", "base": "м²", "tariff": "33", "from_month": "09.2026"}
MINUS: Row = {"account": "1001", "service": "maintenance", "past_month": "06.2026", "amount": "-10"}


def town(office: TownOffice) -> None:
    office.load_customers(customer("A"), customer("B"))
    office.load_directory(
        line("A", "1001", "maintenance", tariff="30", area="10"), line("B", "1001", "lift", base="чел.", residents=1)
    )


office = copies_of(town)


def tariff(office: TownOffice, month: str) -> D:
    return D(office.drafted(month)[("1001", bin_of("A"), "maintenance")]["tariff"])


def held(office: TownOffice, received: str = "2026-08-20", message_id: str = "<t@a.example>") -> str:
    """A tariffs form without documents; its number."""
    book = File("tariffs.xlsx", office.form("tariffs", [TARIFF]))
    answer = office.mail([book], received=received, message_id=message_id)
    assert answer.outcome == "held" and answer.finding("documents.awaited")["clause"] == "4.3.2.1"
    assert tariff(office, "2026-10") == 30
    return answer.id


def test_tariffs_with_a_scan_are_posted_and_without_one_held(office: TownOffice) -> None:
    held(office)
    assert office.ingest("tariffs", [TARIFF], received="2026-08-20", documents=[SCAN]).outcome == "accepted"
    assert tariff(office, "2026-09") == 33


def test_a_word_document_proves_and_is_not_called_a_damaged_archive(office: TownOffice) -> None:
    """A .docx is a zip inside; only one that does not open is damaged, and it proves nothing."""
    sink = io.BytesIO()
    docx.Document().save(sink)
    whole = office.ingest("tariffs", [TARIFF], received="2026-08-20", documents=[File("p.docx", sink.getvalue())])
    assert (whole.outcome, whole.codes) == ("accepted", [])
    cut = File("p.docx", sink.getvalue()[:-400])
    other = {**TARIFF, "tariff": "34"}
    answer = office.ingest("tariffs", [other], received="2026-08-20", documents=[cut])
    assert answer.outcome == "held" and "archive.damaged" in answer.codes


def test_another_form_in_the_letter_is_no_document(office: TownOffice) -> None:
    """A letter with two forms and nothing else: tariffs wait, a minus needs no proof."""
    book = office.form("tariffs", [TARIFF])
    other = office.form("recalculations", [{**MINUS, "past_month": "05.2026"}])
    answer = office.mail([File("a.xlsx", book), File("b.xlsx", other)], received="2026-08-20")
    assert [s["outcome"] for s in answer.submissions] == ["held", "accepted"]  # another form proves nothing
    assert answer.outcome == "held"


def test_a_bare_workbook_of_staff_waits_too(office: TownOffice) -> None:
    """Handed in by staff without documents: held; documents may come on paper."""
    answer = office.hand_in("tariffs", [TARIFF], received="2026-08-20")
    assert answer.outcome == "held"
    released = office.release(answer.id, "paper, 20.08.2026", now="2026-08-24")
    assert [(s.outcome, str(s.month)) for s in released] == [(Outcome.ACCEPTED, "2026-09")]
    assert tariff(office, "2026-09") == 33


@pytest.mark.quick("paper, 25.08.2026-2026-08-28-2026-09", "paper, 26.08.2026-2026-08-28-2026-10")
@pytest.mark.parametrize(
    ("words", "now", "month"),
    [
        ("paper, 25.08.2026", "2026-08-28", "2026-09"),  # came in time, staff wrote it down late
        ("paper, 26.08.2026", "2026-08-28", "2026-10"),
        ("paper", "2026-08-25T23:59:59.999999", "2026-09"),
        ("paper", "2026-08-26T00:00:00", "2026-10"),
        ("paper, 10.08.2026", "2026-08-28", "2026-09"),  # documents before the form: the form's month
        ("paper, 2026-08-26", "2026-09-28", "2026-10"),
        ("paper 26/08/2026 (26.08.26)", "2026-09-28", "2026-10"),
        ("бумага, 26 августа 2026", "2026-09-28", "2026-10"),
        ("протокол № 7-2026, 12 листов, 26.08.2026.", "2026-09-28", "2026-10"),
    ],
)  # fmt: skip
def test_its_month_follows_the_last_needed_piece(office: TownOffice, words: str, now: str, month: str) -> None:
    """The form came on the 20th; the documents' day decides when it is later."""
    released = office.release(held(office), words, now)
    assert str(released[0].month) == month
    assert released[0].outcome is (Outcome.ACCEPTED if month == "2026-09" else Outcome.DEFERRED)


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("протокол от 20.08.2026, принят 27.08.2026", "several days"),
        ("бумага, 31.02.2026", "is no day"),
        ("бумага, 2026-13-01", "is no day"),
        ("бумага, 29.08.2026", "has not come yet"),
        ("бумага 12 августа", "has no year"),
        ("бумага, 12.08", "has no year"),
        ("бумага, 21.08.2006", "look at the year"),
    ],
)
def test_words_that_name_no_one_day_release_nothing(office: TownOffice, words: str, why: str) -> None:
    number = held(office)
    with pytest.raises(UnclearDay, match=why):
        office.release(number, words, "2026-08-28")
    assert office.facts("tariffs") == []


def test_documents_that_came_late_are_told_not_the_form(office: TownOffice) -> None:
    """The form came in time: its sender hears when it came, when the documents did, and what month they missed."""
    number = held(office)
    [released] = office.release(number, "paper, 10.09.2026", "2026-09-12")
    assert (released.outcome, str(released.month)) == (Outcome.ACCEPTED, "2026-10")  # in time for October
    found = office.office.journal.submissions.findings_of(released.arrival, released.id)
    told = next(finding for finding in found if finding.code == "documents.late")
    assert all(word in told.message for word in ("20.08.2026", "10.09.2026", "09.2026", "10.2026"))
    assert "deadline.missed" not in [finding.code for finding in found]


def test_a_late_form_names_the_month_it_missed(office: TownOffice) -> None:
    """Without `Месяц учёта` that is the month before the one it counts in."""
    late = office.ingest("tariffs", [TARIFF], received="2026-08-27", documents=[SCAN])
    assert "09.2026" in late.finding("deadline.missed")["message"] and "—)" not in str(late.report)
    assert "documents.late" not in late.codes


def test_documents_of_a_day_to_come_are_refused(office: TownOffice) -> None:
    number = held(office)
    with pytest.raises(UnclearDay):
        office.release(number, "paper, 29.08.2026", now="2026-08-28")


def test_a_reply_with_a_scan_releases(office: TownOffice) -> None:
    """Documents that arrive in reply (References) release the form; a late reply makes it late."""
    held(office, message_id="<first@a.example>")
    answer = office.mail([SCAN], received="2026-08-26", references="<x@y.example> <first@a.example>")
    assert (answer.outcome, answer.month) == ("deferred", "2026-10")
    assert (tariff(office, "2026-09"), tariff(office, "2026-10")) == (30, 33)


def test_a_letter_that_names_the_number_releases(office: TownOffice) -> None:
    number = held(office)
    answer = office.mail([SCAN], received="2026-08-24", text=f"Документы к форме {number.lower()}.")
    assert (answer.outcome, answer.month) == ("accepted", "2026-09")
    assert tariff(office, "2026-09") == 33


@pytest.mark.quick(0, 1)
@pytest.mark.parametrize(
    ("words", "released"),
    [
        ("К форме {first} документов не будет, протокол от другого дома. Направляем документы по форме {second}", [1]),
        ("Документы к форме {first}\nпришлём позже, пока высылаем счёт на оплату", []),
        ("{first} бойынша құжаттарды кейін жібереміз. {second} құжаттары қоса берілді", [1]),
        ("Документы к {first} и {second}. Оригиналы пришлём позже", [0, 1]),
        ("Документы к {first} и {second}. Справку банка пришлём завтра", [0, 1]),
        ("> Документы к {first} позже\nДокументы к {first}", [0]),
    ],
)
def test_a_form_whose_documents_come_later_or_never_waits(office: TownOffice, words: str, released: list[int]) -> None:
    """What the letter says of a form's documents counts before that it names the form; nobody is passed over: a letter
    that releases none is a person's task."""
    book = File("a.xlsx", office.form("tariffs", [TARIFF]))
    other = File("b.xlsx", office.form("tariffs", [{**TARIFF, "from_month": "10.2026"}]))
    sent = office.mail([book, other], received="2026-08-20")
    ids = [str(one["submission"]) for one in sent.submissions]
    answer = office.mail([SCAN], received="2026-08-24", text=words.format(first=ids[0], second=ids[1]))
    found = [office.office.journal.submissions.get(one).outcome is not Outcome.HELD for one in ids]
    assert [number for number, is_released in enumerate(found) if is_released] == released
    assert bool(office.office.journal.tasks.open()) == (not released), answer


@pytest.mark.quick(0)
@pytest.mark.parametrize(
    ("words", "outcome"),
    [("Добрый день!\n{first} отзываем, не проводите.", "held"), ("{first} есепке алмаңыз.", "held"),
     ("Когда проведёте {first}?", "accepted")],
)  # fmt: skip
def test_documents_release_no_form_that_a_letter_takes_back(office: TownOffice, words: str, outcome: str) -> None:
    """Until a person has read that letter; then the documents are at hand."""
    number = held(office)
    assert office.mail([], received="2026-08-21", text=words.format(first=number)).outcome == "held"
    answer = office.mail([SCAN], received="2026-08-22", text=f"Документы к {number}")
    assert (answer.outcome, tariff(office, "2026-09")) == (outcome, 30 if outcome == "held" else 33)
    if outcome == "held":  # what stands in the way is said, not to fill in a blank
        told = answer.finding("documents.taken_back")
        assert number in told["message"] and "21.08.2026" in told["message"]
        assert not {"workbook.picture", "workbook.pdf", "task.letter"} & set(answer.codes)
    assert len(office.office.journal.tasks.open()) == (2 if outcome == "held" else 1)


@pytest.mark.quick(0, 2)
@pytest.mark.parametrize(
    ("words", "released"),
    [
        ("Форму {0} отзываем, не проводите.", False),
        ("{0}\nМы этого письма не отправляли!", False),
        ("По {0}: собрание тариф не утвердило.", False),
        ("Когда проведёте {0}? Спасибо.", False),
        ("{0} нысанын қайтарып аламыз.", False),
        ("{0} біз жібермедік", False),
        ("Форму {0} отзываем, скан прилагаем", False),
        ("К {0}.\nПрошлый раз ошибочно отправили без документов, сейчас документы во вложении.", True),
        ("{0}: направляем протокол.\nПротокол, отменяющий прежний тариф, во вложении.", True),
        ("Құжаттар {0} бойынша қоса беріледі.", True),
        ("К {0}: ранее документы не направляли, прикладываем.", True),
        ("К {0}: прошлый раз не нашли приказ, прикладываем, и договор противопожарной службы.", True),
        ("Эту форму мы не направляли, скан письма прилагаем. {0}", False),
        ("Документы к {0}. Всё ли в порядке с документами?", True),
    ],
)
def test_documents_of_a_letter_that_speaks_against_its_form_release_nothing(
    office: TownOffice, words: str, released: bool
) -> None:
    """A scan proves nothing beside "we did not send it": a person reads that letter."""
    number = held(office)
    answer = office.mail([SCAN], received="2026-08-22", text=words.format(number))
    assert (answer.outcome, tariff(office, "2026-09")) == (("accepted", 33) if released else ("held", 30))
    assert bool(office.office.journal.tasks.open()) == (not released)
    assert ("documents.against" in answer.codes) == (not released)
    assert not {"workbook.picture", "workbook.pdf", "task.letter"} & set(answer.codes)


def test_another_customers_letter_releases_nothing(office: TownOffice) -> None:
    number = held(office)
    assert office.mail([SCAN], received="2026-08-24", by="B", text=f"К {number}").outcome == "held"
    assert office.mail([], received="2026-08-24", text=f"Где {number}?").codes[-1] == "task.reply"  # no document in it
    assert tariff(office, "2026-09") == 30


def test_a_released_form_cannot_be_released_twice(office: TownOffice) -> None:
    number = held(office)
    office.release(number, "paper", now="2026-08-24")
    with pytest.raises(ReleaseError):
        office.release(number, "paper", now="2026-08-24")


def test_a_wrong_form_is_rejected_even_while_documents_are_awaited(office: TownOffice) -> None:
    """A form that can't be right is told so at once."""
    answer = office.ingest("tariffs", [{**TARIFF, "service": "heating"}], received="2026-08-20")
    assert answer.outcome == "rejected" and "service.not_yours" in answer.codes

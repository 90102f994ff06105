"""A year of 60 Customers through the real pipeline: every duty has the day that a calendar on paper gives, what was
accepted acted, no line of an ended contract is charged, and no task is without its day (issue 11; 4.3, 10.x)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal as D
from random import Random

import pytest

from inbox_worker.contract.duties import find_duties
from inbox_worker.contract.page import describe_contract
from inbox_worker.contract.prices import find_late_prices
from inbox_worker.core.time import ALMATY
from inbox_worker.deciding.arrivals import Pipeline
from inbox_worker.demo.names import make_bin
from inbox_worker.ledger.sent_documents import DocumentState
from inbox_worker.outbox.publish_notices import make_notice
from inbox_worker.outbox.review import Selection
from inbox_worker.outbox.round import pass_outbox
from inbox_worker.outbox.stops import StopPlace, accept_stop, find_proposed
from inbox_worker.outbox.use_cases import approve_documents
from inbox_worker.service.calendar import ServiceCalendar
from inbox_worker.workbooks.cells import CellReader
from tests.support.office import Answer, TownOffice, customer, line, payment
from tests.support.papers import SCAN

YEAR, SEED, CUSTOMERS = 2026, 18, 60
DAY = timedelta(days=1)
# Days off of 2026 and of January 2027 that are no Saturday and no Sunday, written off the official calendar.
OFF = {date(YEAR, *day) for day in (
    (1, 1), (1, 2), (1, 7), (3, 9), (3, 23), (3, 24), (3, 25), (5, 1), (5, 7), (5, 11), (5, 27), (7, 6), (8, 31),
    (10, 26), (12, 16),
)} | {date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 7)}  # fmt: skip
TASK_DAYS = {"requisites": 3, "representative": 3, "request": 5, "notice": 3, "act_response": 3, "stop": 3, "price": 1,
             "close": 3, "confirmation": 2}  # fmt: skip
IBANS = ("KZ75125KZT1001300335", "KZ28722S000001013958")


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in OFF


def after(day: date, working: int) -> date:
    """So many working days after a day."""
    while working:
        day += DAY
        working -= is_working(day)
    return day


def first_of(month: int) -> date:
    """The 1st of a month of the year; 13 is January of the next."""
    return date(YEAR + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def last_of(month: int) -> date:
    return first_of(month + 1) - DAY


def name_of(month: int) -> str:
    return f"{first_of(month):%Y-%m}"


def written(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def at(day: date, hour: int = 10) -> str:
    return datetime.combine(day, time(hour), tzinfo=ALMATY).isoformat()


def counted_month(came: date) -> int:
    """The month in which a form of 4.3.2 counts: the next one until the 25th, else one later."""
    return came.month + (1 if came.day <= 25 else 2)


def outcome_of(came: date) -> str:
    return "accepted" if came.day <= 25 else "deferred"


@dataclass
class Party:
    """A Customer of the year, with what was told of its contract."""

    number: int
    bin: str
    kind: str
    utilities: bool
    until: date | None = None  # the contract's last day
    attested_until: date | None = None
    tariffs: dict[int, D] = field(default_factory=dict)  # month from which -> tenge a flat
    stopped_from: int | None = None

    @property
    def service(self) -> str:
        return {"субъект сервиса": "intercom", "обслуживание газового оборудования": "gas_maintenance"}.get(
            self.kind, "maintenance"
        )

    @property
    def house(self) -> str:
        return f"H-{self.number}"

    @property
    def accounts(self) -> tuple[str, str]:
        return str(1000 + self.number * 10), str(1001 + self.number * 10)

    def charge(self, month: int) -> D:
        """What a flat is charged in a month, by the tariffs told and the contract's end."""
        ended = self.until is not None and self.until < first_of(month)
        if ended or (self.stopped_from is not None and month >= self.stopped_from):
            return D(0)
        return self.tariffs[max(start for start in self.tariffs if start <= month)]


class Year:
    """What happens, by day; and what must be owed of it, computed from the days alone."""

    def __init__(self, office: TownOffice) -> None:
        self.office, self.rng, self.calendar = office, Random(SEED), ServiceCalendar()
        self.owed: dict[tuple[str, str, str], date] = {}  # duty, БИН, source -> day
        self.recalculated: Counter[tuple[str, int]] = Counter()
        self.events: dict[date, list[Callable[[date], None]]] = defaultdict(list)
        self.major: dict[str, tuple[date, date]] = {}  # force majeure by БИН
        self.delivered: dict[str, date] = {}  # acts by number
        self.parties = [self._party(number) for number in range(CUSTOMERS)]

    def _party(self, number: int) -> Party:
        kinds = {0: "субъект сервиса", 1: "обслуживание газового оборудования"}
        kind = kinds.get(number % 10, "управляющая компания")
        party = Party(number, make_bin(self.rng), kind, utilities=number % 10 == 2)
        if number % 10 == 1:
            party.attested_until = date(YEAR, self.rng.randint(2, 11), self.rng.randint(1, 28))
        party.tariffs[1] = D(1000 + number)
        return party

    # -- registers

    def row(self, party: Party, **more: object) -> dict[str, object]:
        attested = written(party.attested_until) if party.attested_until else ""
        known = {"contract_date": "01.08.2025", "attested_until": attested, **more}
        return dict(customer(party.bin, kind=party.kind, utilities=party.utilities, **known))

    def begin(self) -> None:
        self.office.load("customers", [self.row(one) for one in self.parties], now=at(date(2025, 12, 10)))
        lines = [
            line(one.bin, account, one.service, base="кв.", tariff=str(one.tariffs[1]), start="01.2026",
                 house=one.house)
            for one in self.parties for account in one.accounts
        ]  # fmt: skip
        water = [
            line(one.bin, one.accounts[0], "cold_water", base="счётчик", tariff="80", meter=f"M{one.number}",
                 reading="100", start="01.2026", house=one.house)
            for one in self.parties if one.utilities
        ]  # fmt: skip
        self.office.load("directory", [*lines, *water], now=at(date(2025, 12, 11)))
        for party in self.parties:
            if party.attested_until:
                self.owe("customer.attestation", party, f"attested_until {party.attested_until}",
                         party.attested_until - 3 * DAY)  # fmt: skip

    def owe(self, duty: str, party: Party | None, source: str, due: date) -> None:
        self.owed[duty, party.bin if party else "", source] = due

    def on(self, day: date, event: Callable[[date], None]) -> None:
        self.events[day].append(event)

    # -- events

    def send(self, form: str, party: Party, day: date, row: dict[str, object], **more: object) -> Answer:
        return self.office.ingest(form, [row], received=at(day), by=party.bin, **more)  # type: ignore[arg-type]

    def confirm(self, answer: Answer, came: date, prove: Callable[[date], None] = lambda day: None) -> None:
        """Staff confirm by another way on the next working day; `prove`: what acts from then on."""

        def event(day: date) -> None:
            [posted] = self.office.confirm(answer.id, "звонок по телефону договора", at(day, 15))
            assert posted.outcome.posted, answer.report
            prove(day)

        self.on(after(came, 1), event)

    def assert_page(self, party: Party, on: date, block: str, name: str, value: str) -> None:
        assert describe_contract(self.office.office, party.bin, on)[block][name] == value, (party.bin, on, name)

    def tariff(self, party: Party) -> Callable[[date], None]:
        def event(day: date) -> None:
            month, value = counted_month(day), D(self.rng.randint(500, 3000))
            row = {"service": party.service, "base": "кв.", "tariff": str(value),
                   "from_month": f"{first_of(day.month + 1):%m.%Y}"}  # fmt: skip
            answer = self.send("tariffs", party, day, row, documents=[SCAN])
            assert (answer.outcome, answer.month) == (outcome_of(day), name_of(month)), answer.report
            party.tariffs = {start: of for start, of in party.tariffs.items() if start < month} | {month: value}
            self.owe("customer.original", party, answer.id, after(day, 15))

        return event

    def recalculation(self, party: Party) -> Callable[[date], None]:
        def event(day: date) -> None:
            amount, account = D(-self.rng.randint(1, 300)), self.rng.choice(party.accounts)
            row = {"account": account, "service": party.service, "past_month": f"{first_of(day.month - 1):%m.%Y}",
                   "amount": str(amount), "basis": "акт"}  # fmt: skip
            if (account, counted_month(day)) in self.recalculated:
                return
            answer = self.send("recalculations", party, day, row)
            assert (answer.outcome, answer.month) == (outcome_of(day), name_of(counted_month(day))), answer.report
            self.recalculated[account, counted_month(day)] += amount

        return event

    def requisites(self, party: Party, late: int) -> Callable[[date], None]:
        def event(day: date) -> None:
            changed = day - late * DAY
            row = {"indicator": "ИИК", "becomes": IBANS[0], "was": IBANS[1], "changed_on": written(changed)}
            answer = self.send("requisites", party, day, row)
            assert answer.outcome == "held"
            self.confirm(answer, day, lambda on: self.assert_page(party, on, "requisites", "iban", IBANS[0]))
            self.owe("customer.requisites", party, answer.id, after(changed, 3))

        return event

    def head(self, party: Party, late: int) -> Callable[[date], None]:
        def event(day: date) -> None:
            changed = day - late * DAY
            row = {"name": f"Новый {party.number}", "role": "Директор", "minutes": f"№ 4 от {written(changed)}",
                   "appointment": f"Приказ № 2 от {written(changed)}", "changed_on": written(changed)}  # fmt: skip
            answer = self.send("representative", party, day, row, documents=[SCAN])
            assert answer.outcome == "held", answer.report
            self.confirm(answer, day, lambda on: self.assert_page(party, on, "people", "head", str(row["name"])))
            self.owe("customer.representative", party, answer.id, after(changed, 3))
            self.owe("customer.original", party, answer.id, after(day, 15))

        return event

    def withdrawal(self, party: Party, notice: int) -> Callable[[date], None]:
        def event(day: date) -> None:
            wanted = day + notice * DAY
            row = {"kind": "расторжение", "event_on": written(wanted), "parameter": "", "basis": "Письмо № 12"}
            answer = self.send("notice", party, day, row)
            assert answer.outcome == "held"
            party.until = max(wanted, day + 30 * DAY)
            until = party.until.isoformat()
            self.confirm(answer, day, lambda on: self.assert_page(party, on, "agreement", "until", until))
            self.owe("customer.withdrawal", party, answer.id, wanted - 30 * DAY)

        return event

    def end(self, party: Party, until: date) -> Callable[[date], None]:
        def event(day: date) -> None:
            party.until = until
            loaded = self.office.load("customers", [self.row(party, valid_until=written(until))], now=at(day))
            assert loaded.outcome == "accepted"

        return event

    def force_majeure(self, party: Party, begins: date, ends: date) -> Callable[[date], None]:
        def event(day: date) -> None:
            row = {"kind": "форс-мажор", "event_on": written(begins), "parameter": written(ends), "basis": "справка"}
            answer = self.send("notice", party, day, row)
            assert answer.outcome == "accepted", answer.report
            self.major[party.bin] = begins, ends
            self.owed["customer.force_majeure", party.bin, answer.id] = after(begins, 5)

        return event

    def house_exit(self, party: Party, learned: int) -> Callable[[date], None]:
        def event(day: date) -> None:
            row = {"house": party.house, "left_on": written(last_of(day.month)), "reason": "собрание",
                   "learned_on": written(day - learned * DAY)}  # fmt: skip
            answer = self.send("house_exit", party, day, row)
            assert answer.outcome == "accepted", answer.report
            party.until = last_of(day.month)
            self.owe("customer.house_exit", party, answer.id, day + (2 - learned) * DAY)

        return event

    def house_contract(self, party: Party, until: date) -> Callable[[date], None]:
        def event(day: date) -> None:
            row = {"bin": party.bin, "house": party.house, "since": "01.08.2025", "until": written(until),
                   "document": "№ 4"}  # fmt: skip
            assert self.office.load("house_contracts", [row], now=at(day)).outcome == "accepted"
            self.owe("customer.house_contract", party, f"{party.house} {until}", until - 15 * DAY)

        return event

    def directory(self, party: Party) -> Callable[[date], None]:
        def event(day: date) -> None:
            answer = self.send("request", party, day, {"kind": "Справочник лицевых счетов"})
            assert answer.outcome == "accepted", answer.report
            [number] = {row["row"] for row in self.office.facts("request") if row["submission"] == answer.id}
            self.owe("operator.request", party, f"{answer.id} {number}", after(day, 5))

        return event

    def access(self, party: Party) -> Callable[[date], None]:
        return lambda day: self._is_held(self.send("request", party, day, {"kind": "Удалённый доступ"}))

    def _is_held(self, answer: Answer) -> None:
        assert answer.outcome == "held" and answer.submissions[0]["task"], answer.report

    def complaint(self, party: Party) -> Callable[[date], None]:
        """A consumer complains: documents are asked for; none come, staff stop the lines from the next month (10.3)."""

        def event(day: date) -> None:
            path = make_notice(
                self.office.office, "proofs", party.bin, "протокол", None, datetime.fromisoformat(at(day))
            )
            self.deliver(day)
            number = path.stem.removeprefix("notice-proofs-")
            self.owe("customer.proofs", party, number, after(day, 2))
            self.on(after(after(day, 2), 1), lambda on: self._stop(party, number, on))

        return event

    def _stop(self, party: Party, notice: str, day: date) -> None:
        self.keep(day)
        office, proposed = self.office.office, find_proposed(self.office.office)
        [task] = [task for task, _ in proposed if task.submission == notice]
        place, moment = StopPlace(house=party.house), datetime.fromisoformat(at(day, 12))
        done = accept_stop(Pipeline(office, self.office.reader), task.id, "жалоба потребителя", [place], moment)
        party.stopped_from = done.begins.month

    def payments(self, day: date) -> None:
        """A bank tells of the payments of the working day before."""
        paid = day - DAY
        while not is_working(paid):
            paid -= DAY
        party = self.parties[self.rng.randrange(CUSTOMERS)]
        row = payment(party.accounts[0], "500", day=written(paid), number=f"{day:%m%d}", to=party.bin)
        answer = self.office.load("bank_register", [row], now=at(day, 11))
        assert answer.outcome == "accepted", answer.report
        self.owe("operator.distribution", None, f"{answer.id} CASPKZKA {paid}", after(day, 3 if paid.day <= 7 else 2))

    def close(self, day: date) -> None:
        self.office.close(name_of(day.month - 1), now=at(day, 12))

    def keep(self, day: date) -> None:
        self.calendar.keep(self.office.office, datetime.fromisoformat(at(day, 9)))

    def deliver(self, day: date) -> None:
        """Staff approve what waits; it leaves into the exchange folder."""
        moment = datetime.fromisoformat(at(day, 16))
        approve_documents(self.office.office, Selection(everything=True), "command:aliya", moment)
        for minute in (1, 2):
            pass_outbox(self.office.office, moment + timedelta(minutes=minute))
        left = self.office.office.journal.documents.versions(stages=[DocumentState.SENT], kinds=["act"])
        sent = {(one.month, one.bin) for one in left}
        for act in self.office.office.journal.closes.find_numbered("act"):
            if (str(act.month), act.customer) in sent and act.number not in self.delivered:
                self.delivered[act.number] = day
                self.owed["customer.act", act.customer, act.number] = after(day, 3)
                self._answer(act.number, next(one for one in self.parties if one.bin == act.customer), day)

    def _answer(self, act: str, party: Party, day: date) -> None:
        """A third signs, a few refuse, the rest are silent."""
        chance, answered = self.rng.random(), after(day, self.rng.randint(1, 5))
        if chance < 0.4 and answered <= date(YEAR, 12, 31):
            words = {"answer": "отказ", "reason": "не согласны с суммой"} if chance < 0.05 else {"answer": "подписан"}
            row = {"act": act, "answered_on": written(answered), **words}
            self.on(answered, lambda on: self._answered(self.send("act_response", party, on, row)))

    def _answered(self, answer: Answer) -> None:
        assert answer.outcome in ("accepted", "held"), answer.report

    # -- the year

    def plan(self) -> None:
        by_group = defaultdict(list)
        for party in self.parties:
            by_group[party.number % 10].append(party)
        for group, event in ((3, self.requisites), (4, self.head)):
            for party in by_group[group]:
                self.on(self._any_day(2, 11), event(party, self.rng.randint(0, 9)))
        for number, (first, second) in enumerate(zip(by_group[5], by_group[6], strict=True)):
            if number % 2:
                self.on(self._any_day(2, 9), self.withdrawal(first, self.rng.randint(5, 60)))
                self.on(self._any_day(2, 10), self.house_exit(second, self.rng.randint(0, 5)))
            else:
                day = self._any_day(2, 10)
                self.on(day, self.end(first, day + self.rng.randint(0, 50) * DAY))
                self.on(date(YEAR, 1, 20), self.house_contract(second, self._any_day(3, 11)))
        for number, party in enumerate(by_group[7]):
            if number % 2:
                self.on(self._any_day(2, 10), self.complaint(party))
            else:
                self.on(self._any_day(2, 11), self.access(party))
                self.on(self._any_day(2, 11), self.directory(party))
        begins = date(YEAR, 5, 18)
        self.on(after(begins, 4), self.force_majeure(by_group[8][0], begins, date(YEAR, 6, 9)))
        for party in (one for group in (3, 4, 8, 9) for one in by_group[group]):
            for _ in range(2):
                self.on(self._any_day(1, 11), self.tariff(party))
            for _ in range(2):
                self.on(self._any_day(2, 11), self.recalculation(party))
        for month in range(1, 13):
            self.on(after(first_of(month) - DAY, 4), self.close if month > 1 else self.keep)
            for _ in range(2):
                self.on(self._any_day(month, month), self.payments)

    def _any_day(self, first: int, last: int) -> date:
        return first_of(self.rng.randint(first, last)) + self.rng.randint(0, 27) * DAY

    def run(self) -> None:
        self.begin()
        self.plan()
        day = date(2025, 12, 15)
        while day.year <= YEAR:
            morning = day.weekday() == 0 or not is_working(day - DAY) or day.day in range(8, 13)
            if is_working(day) and morning:
                self.keep(day)
            for event in list(self.events[day]):
                event(day)
            if is_working(day) and day.day in range(8, 13):
                self.deliver(day)
            day += DAY

    def table(self) -> dict[tuple[str, str, str], date]:
        """What must be owed at the end of the year: what happened, and what every month brings."""
        owed = dict(self.owed)
        for month in range(1, 14):
            name = name_of(month)
            for one in self.parties:
                if one.until is not None and one.until < first_of(month):
                    continue
                if month > 1 and (one.utilities or one.service != "maintenance"):  # 7.2, 4.3.2.5
                    duty = "customer.readings" if one.utilities else "customer.service_file"
                    owed[duty, one.bin, name] = first_of(month - 1).replace(day=25)
                if month < 13:
                    owed["operator.bill_rows", one.bin, name] = first_of(month).replace(day=22)
                    owed["operator.bills", "", name] = first_of(month).replace(day=22)
                if month < 12:
                    owed["operator.reports", one.bin, name] = first_of(month + 1).replace(day=12)
                    owed["operator.act", one.bin, name] = last_of(month + 1)
        for one in self.parties:
            left = one.number % 10 == 6  # 10.7: the register knows no last day
            if one.until is not None and one.until <= date(YEAR, 12, 31) and not left:
                month = one.until.month + 1
                day = min(one.until.day, last_of(month).day)
                owed["customer.export", one.bin, f"valid_until {one.until}"] = first_of(month).replace(day=day)
            if left or one.until is None or one.until >= date(YEAR, 12, 31):
                owed["operator.prices", one.bin, "price 2026-07-01 1.5"] = date(YEAR, 6, 21)
        return owed


def configure(office: TownOffice) -> None:
    """Documents go into the exchange folder; acts alone are made every month; a price begins in July."""
    for name, before, becomes in (
        ("config.yaml", "", "\nexchange: {folder: exchange}\n"),
        ("rules/delivery.yaml", "default: [mail]", "default: [folder]"),
        ("rules/schedule.yaml", "documents: [turnover, distribution, debtors, act]", "documents: [act]"),
        ("rules/schedule.yaml", "documents: [bill_rows, bills]\n", "documents: [bill_rows, bills]\n  active: no\n"),
        ("rules/prices.yaml", "# VAT",
         '  - {from: 2026-07-01, kind: any, service: any, percent: "1.5", clause: "5.1"}\n# VAT'),
    ):  # fmt: skip
        path = office.folder / name
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, becomes, 1) if before else text + becomes, "utf-8")
    office._open.close()
    office._enter()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, reader: CellReader) -> Iterator[Year]:
    with TownOffice(tmp_path_factory.mktemp("year") / "home", reader) as office:
        configure(office)
        made = Year(office)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(
                "PATH", ""
            )  # no LibreOffice: acts leave as Word alone, a PDF of each would take most of the time
            made.run()
        yield made


@pytest.mark.slow
def test_every_duty_has_the_day_of_the_calendar_on_paper(year: Year) -> None:
    on = date(YEAR, 12, 31)
    found = {(one.duty, one.customer, one.source): one for one in find_duties(year.office.office, on)}
    named = {key: one for key, one in found.items() if one.duty != "operator.task"}
    owed = year.table()
    assert sorted(owed.keys() - named.keys())[:9] == [], "nobody is reminded of these"
    assert sorted(named.keys() - owed.keys())[:9] == [], "nobody owes these"
    wrong = []
    for key, one in named.items():
        begins, ends = year.major.get(one.customer, (date.max, date.max))
        first, before = max(begins, one.starts), one.met_on is not None and one.met_on < begins
        longer = begins <= owed[key] and first <= ends and not before and one.duty != "customer.force_majeure"
        due = owed[key] + ((ends - first).days + 1) * DAY if longer else owed[key]
        wrong += [(key, one.due, due)] if one.due != due else []
    assert wrong[:9] == [] and len({one.duty for one in named.values()}) >= 18
    states = Counter(one.state(on) for one in found.values())
    assert min(states["met"], states["overdue"], states["open"]) > 10, states


@pytest.mark.slow
def test_no_task_is_without_its_day(year: Year) -> None:
    tasks = year.office.office.journal.tasks.all()
    assert {task.kind for task in tasks} >= {"requisites", "representative", "request", "notice", "stop", "close"}
    for task in tasks:
        made = task.made_at.astimezone(ALMATY).date()
        due = made + 30 * DAY if task.kind == "audit" else after(made, TASK_DAYS[task.kind])
        assert task.clause and task.due == due, task


@pytest.mark.slow
def test_what_was_accepted_acts_and_no_line_of_an_ended_contract_is_charged(year: Year) -> None:
    checked = Counter[str]()
    for month in range(1, 12):
        lines = year.office.lines(name_of(month))
        for party in year.parties:
            for account in party.accounts:
                row = lines[account, party.bin, party.service]
                assert row["charged"] == party.charge(month), (party, month, row)
                assert row["recalculated"] == year.recalculated[account, month], (party, month, row)
                checked["ended" if party.until and party.until < first_of(month) else "charged"] += 1
    assert checked["ended"] > 50 and checked["charged"] > 1000


@pytest.mark.slow
def test_every_price_was_published_in_time(year: Year) -> None:
    assert find_late_prices(year.office.office, date(YEAR, 12, 31)) == []
    assert [task for task in year.office.office.journal.tasks.all() if task.kind == "price"] == []

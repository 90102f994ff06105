"""4.1.1: where the rules ask for it, a bill that leaves by e-mail opens with what its consumer knows, nothing else."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest
import typst

from inbox_worker.core.model import Customer, Period
from inbox_worker.core.rendered import Rendered
from inbox_worker.outbox.bill_letters import BillsReport, Unlockable, password_of, send_bills
from inbox_worker.outbox.place import place
from inbox_worker.settings.delivery_rules import PasswordPart
from inbox_worker.settings.rules import RulesError, load_rules
from tests.outbox.desk import MONTH, NOW, Desk
from tests.outbox.post import Counter, Post, files_of
from tests.support.office import ROOT, TownOffice, line
from tests.support.said import KK


@pytest.fixture
def owner(desk: Desk) -> Customer:
    operator = desk.office.home.operator
    return replace(desk.customer("A"), bin=operator.bin, name=operator.name)


def approved(desk: Desk, owner: Customer, account: str, data: bytes = b"") -> None:
    pdf = data or typst.compile(b"Bill 555", format="pdf")
    bill = Rendered("bills", f"bill-{MONTH}-{account}.pdf", pdf, "t@1")
    place(desk.root, Period.parse(MONTH), owner, [bill], {"close": "c", "close_number": "1", "rules": "r"}, NOW)
    (desk.root / "approved").mkdir(exist_ok=True)
    (desk.root / "pending" / MONTH).rename(desk.root / "approved" / MONTH)
    assert desk.look().problems == []


def send(desk: Desk, post: Post, parts: Sequence[PasswordPart]) -> BillsReport:
    delivery = desk.office.rules.delivery.model_copy(update={"bill_password": tuple(parts)})
    strict = replace(desk.office, rules=replace(desk.office.rules, delivery=delivery))
    report = send_bills(strict, Period.parse(MONTH), NOW)
    post.send_due(NOW)
    return report


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return str(body.get_content())


def pages(pdf: bytes, password: str, folder: Path) -> str:
    """What an independent reader says: the number of pages, or why it does not open."""
    path = folder / "bill.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfinfo", "-upw", password, path], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("parts", "password", "words_ru", "words_kk"),
    [
        (["account"], "10020006", "номер лицевого счёта", "дербес шоттың нөмірі"),
        (["account_last_4", "flat"], "000612а", "последние 4 цифры", "соңғы 4 цифры"),
        (["flat", "account_last_6"], "12а020006", "номер квартиры", "пәтердің нөмірі"),
    ],
)
def test_opens_with_what_the_rule_says_and_the_letter_does_not_show_it(
    office: TownOffice, desk: Desk, owner: Customer, post: Post, counter: Counter, tmp_path: Path,
    parts: Sequence[PasswordPart], password: str, words_ru: str, words_kk: str,
) -> None:  # fmt: skip
    office.load_directory(
        line("A", "10020006", "maintenance", tariff="1", area="40", email="flat@home.example", flat="12 А")
    )
    approved(desk, owner, "10020006")
    assert send(desk, post, parts).queued_now == 1
    ((_, letter),) = counter.letters
    ((name, data),) = files_of(letter).items()
    assert "Pages:           1" in pages(data, password, tmp_path)
    for wrong in ("", "10020007", password + " ", password.upper() + "x", "flat@home.example"):
        assert "Incorrect password" in pages(data, wrong, tmp_path), wrong
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(data), password=wrong)
    with pikepdf.open(io.BytesIO(data), password=password) as opened:
        assert (opened.encryption.R, opened.encryption.bits) == (6, 256)
    text = text_of(letter)
    assert words_ru in text and words_kk in text
    told = "\n".join([*(f"{key}: {value}" for key, value in letter.items()), text, name])
    assert "10020006" not in told and "12 А" not in told
    read = "\n".join([letter["Subject"], letter["From"], text, name])  # other heads hold hashes, with any four digits
    assert "0006" not in read


def test_a_part_that_is_not_known_never_makes_a_shorter_password() -> None:
    with pytest.raises(Unlockable, match="flat"):
        password_of(["account", "flat"], "1001", " ")


def test_a_bill_that_cannot_be_locked_does_not_go_and_others_do(
    office: TownOffice, desk: Desk, owner: Customer, post: Post, counter: Counter
) -> None:
    """A file edited by hand that is no PDF any more: never a bill without its lock."""
    office.load_directory(
        line("A", "3002", "maintenance", tariff="1", area="40", email="no-pdf@home.example", flat="5"),
        line("A", "3003", "maintenance", tariff="1", area="40", email="good@home.example", flat="5"),
    )
    pdf = typst.compile(b"Bill", format="pdf")
    for account, data in (("3002", b"%PDF-1.7 cut"), ("3003", pdf)):
        bill = Rendered("bills", f"bill-{MONTH}-{account}.pdf", data, "t@1")
        place(desk.root, Period.parse(MONTH), owner, [bill], {"close": "c", "close_number": "1", "rules": "r"}, NOW)
    (desk.root / "approved").mkdir(exist_ok=True)
    (desk.root / "pending" / MONTH).rename(desk.root / "approved" / MONTH)
    desk.look()
    report = send(desk, post, ["account", "flat"])
    assert (report.queued_now, report.left) == (1, 1)
    assert [to for to, _ in counter.letters] == ["good@home.example"]
    assert [(p.code, p.path.rpartition("/")[2]) for p in report.problems] == [
        ("outbox.no_password", f"bill-{MONTH}-3002.pdf"),
    ]
    assert "bill_password" in report.problems[0].text(KK)


def test_the_letter_is_encrypted_once(desk: Desk, owner: Customer, post: Post, counter: Counter) -> None:
    """Keys are drawn anew with every encryption; what is kept and proved is the one letter that went."""
    approved(desk, owner, "1001")
    send(desk, post, ["account"])
    send(desk, post, ["account"])
    assert len(counter.letters) == 1
    (proof,) = desk.out.proofs()
    assert proof.sha256 == desk.out.version(proof.document).sha256_now  # type: ignore[union-attr]


@pytest.mark.parametrize("rule", ["[]", "[passport]", "account"])
def test_a_rule_that_is_none_is_named(tmp_path: Path, rule: str) -> None:
    rules = shutil.copytree(ROOT / "rules", tmp_path / "rules")
    path = rules / "delivery.yaml"
    path.write_text(path.read_text("utf-8").replace("bill_password: none", f"bill_password: {rule}"), "utf-8")
    with pytest.raises(RulesError, match="bill_password"):
        load_rules(rules)

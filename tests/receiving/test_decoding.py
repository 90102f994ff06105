"""Words of strangers' letters are read as their writers saw them, whatever cut or mislabelled their bytes."""

from __future__ import annotations

import base64
from email.header import Header

import pytest

from inbox_worker.receiving.decoding import decode, decode_words, guess
from inbox_worker.receiving.links import cloud_disk
from inbox_worker.receiving.message import parse_message

NAME = "Тарифы за сентябрь 2026 года, направляем.xlsx"


def cut(text: str, charset: str, size: int, form: str = "B") -> str:
    """Encoded words of so many bytes each: a letter of two bytes may lie in two of them."""
    data = text.encode(charset)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    if form == "B":
        return "\r\n ".join(f"=?{charset}?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)
    return "\r\n ".join(f"=?{charset}?Q?{''.join(f'={byte:02X}' for byte in piece)}?=" for piece in pieces)


@pytest.mark.parametrize("form", ["B", "Q"])
@pytest.mark.parametrize("size", [1, 3, 13, 17])
def test_encoded_words_that_cut_a_letter_in_two_are_joined_first(size: int, form: str) -> None:
    words = cut(NAME, "utf-8", size, form)
    assert decode_words(words) == NAME
    raw = (
        f"From: a@x.example\r\nSubject: {words}\r\nContent-Type: application/octet-stream\r\n"
        f'Content-Disposition: attachment; filename="{words}"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n'
    )
    message = parse_message(raw.encode())
    assert (message.subject, message.attachments[0].name) == (NAME, NAME)


def test_words_of_several_character_sets_and_plain_words_between_keep_their_places() -> None:
    mixed = (
        f"{Header('Тарифы', 'utf-8').encode()} {Header('за', 'koi8-r').encode()} 2026 {Header('г.', 'cp1251').encode()}"
    )
    assert decode_words(mixed) == "Тарифыза 2026 г."


@pytest.mark.parametrize("broken", [b"\xd0", b"\xff", b"\xd0\xd0"])
def test_text_in_utf_8_that_lost_a_byte_keeps_its_letters(broken: bytes) -> None:
    whole = "Показания приборов учёта за август".encode()
    assert guess(whole[:21] + broken + whole[22:]).startswith("Показания")
    assert guess(whole[:-1]).startswith("Показания приборов учёта за авгус")
    assert decode(whole[:-1], "utf-8").startswith("Показания приборов")


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r", "cp866", "kz1048"])
def test_other_character_sets_are_still_recognised(charset: str) -> None:
    assert guess("Отчёт о начислениях за август".encode(charset)) == "Отчёт о начислениях за август"


def test_utf_8_told_to_be_a_set_of_one_byte_is_read_as_utf_8() -> None:
    assert decode("Тарифы".encode(), "windows-1251") == decode("Тарифы".encode(), "iso-8859-1") == "Тарифы"
    assert decode("Тарифы".encode("cp1251"), "windows-1251") == "Тарифы"


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://disk.360.yandex.ru/d/abc", "disk.360.yandex.ru"),
        ("https://docs.360.yandex.kz/docs/view?url=x", "docs.360.yandex.kz"),
        ("https://docs.yandex.ru/docs/view", "docs.yandex.ru"),
        ("https://docs.google.com/spreadsheets/d/1", "docs.google.com"),
        ("https://cloud.mail.ru/public/1", "cloud.mail.ru"),
        ("https://drive.zhuldyz.kz/s/1", "drive.zhuldyz.kz"),
        ("http://nextcloud.osi.kz/s/1", "nextcloud.osi.kz"),
        ("https://app.box.com/s/1", "app.box.com"),
        ("https://zhuldyz-my.sharepoint.com/:x:/g/1", "zhuldyz-my.sharepoint.com"),
        ("https://www.zhuldyz.kz/contacts", ""),
        ("https://mydocs-zhuldyz.kz/x", ""),
        ("https://disk.yandex.ru", ""),
    ],
)
def test_links_to_cloud_disks_are_known(link: str, host: str) -> None:
    assert cloud_disk(f"Форма по ссылке: {link} спасибо") == host

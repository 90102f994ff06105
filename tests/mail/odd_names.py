"""Oddities of file names: encodings, paths, marks that deceive the eye."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

from mail_letters import MINUS, XLSX, oddity, part, plain, raw

NAME = "Перерасчёт за июнь.xlsx"
KAZAKH = "Есептегіш көрсеткіштері.xlsx"


def named(disposition: str | bytes, kind: str | bytes = XLSX) -> bytes:
    """A letter whose one file has these raw values of Content-Disposition and Content-Type."""
    head = b"Content-Type: " + raw(kind) + b"\nContent-Disposition: " + raw(disposition)
    return plain(part(head, MINUS))


def word(text: str, charset: str = "utf-8") -> str:
    return f"=?{charset}?B?{b64encode(text.encode(charset)).decode()}?="


@oddity
def rfc2047_name() -> bytes:
    return named(f'attachment; filename="{word(NAME)}"')


@oddity
def rfc2047_name_in_two_words() -> bytes:
    return named(f'attachment;\n filename="{word(NAME[:12])}\n {word(NAME[12:])}"')


@oddity
def rfc2047_name_koi8() -> bytes:
    return named(f'attachment; filename="{word(NAME, "koi8-r")}"')


@oddity
def rfc2231_name_continued() -> bytes:
    coded = quote(NAME)
    pieces = "".join(f";\n filename*{n}*={piece}" for n, piece in enumerate(_cut(coded)))
    return named("attachment" + pieces.replace("filename*0*=", "filename*0*=utf-8''"))


def _cut(coded: str) -> list[str]:
    return [coded[at : at + 36] for at in range(0, len(coded), 36)]


@oddity
def rfc2231_name_cp1251() -> bytes:
    return named(f"attachment; filename*=windows-1251'ru'{quote(NAME.encode('cp1251'))}")


@oddity
def raw_cp1251_name() -> bytes:
    return named(f'attachment; filename="{NAME}"'.encode("cp1251"))


@oddity
def raw_koi8_name() -> bytes:
    return named(f'attachment; filename="{NAME}"'.encode("koi8-r"))


@oddity
def raw_utf8_name() -> bytes:
    return named(f'attachment; filename="{NAME}"')


@oddity
def raw_kazakh_name() -> bytes:
    return named(f'attachment; filename="{KAZAKH}"'.encode("kz1048"))


@oddity
def name_only_in_content_type() -> bytes:
    return named("attachment", f'{XLSX}; name="{word(NAME)}"')


@oddity
def name_without_quotes() -> bytes:
    return named("attachment; filename=my form june.xlsx")


@oddity
def name_is_a_path() -> bytes:
    return named(r'attachment; filename="..\\..\\Windows\\form.xlsx"')


@oddity
def name_is_an_absolute_path() -> bytes:
    return named('attachment; filename="/etc/cron.d/../form.xlsx"')


@oddity
def name_turns_direction() -> bytes:
    return named('attachment; filename="\u202exslx.mrof\u202c.xlsx"')


@oddity
def name_with_control_characters() -> bytes:
    return named(b'attachment; filename="fo\x1b[31mrm\x07\x00.xlsx"')


@oddity
def name_missing() -> bytes:
    return named("attachment", "application/octet-stream")


@oddity
def name_very_long() -> bytes:
    return named(f'attachment; filename="{"a" * 900}.xlsx"')


@oddity
def name_is_markup() -> bytes:
    return named("attachment; filename=\"<img src=x onerror=alert(1)>='form'.xlsx\"")


@oddity
def name_told_twice_differs() -> bytes:
    """Content-Disposition wins over Content-Type, as mail programs show it."""
    return named('attachment; filename="real.xlsx"', f'{XLSX}; name="other.exe"')

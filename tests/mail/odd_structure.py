"""Oddities of a letter's build: nesting, boundaries, line ends, character sets, headers."""

from __future__ import annotations

from base64 import encodebytes

from mail_letters import MINUS, file, letter, multi, oddity, part, plain, raw, text


def lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def forwarded(inner: bytes) -> bytes:
    return b"Content-Type: message/rfc822\nContent-Disposition: attachment\n\n" + lines(inner)


COLLEAGUE = "From: kollega@elsewhere.example"


@oddity
def forwarded_letter() -> bytes:
    """The outer sender counts; whose letter it was is told."""
    return letter(multi(text("Пересылаю."), forwarded(plain(file(), sender=COLLEAGUE)), boundary="=_f1"))


@oddity
def forwarded_twice() -> bytes:
    inner = plain(file(), sender=COLLEAGUE)
    middle = letter(multi(text("fwd"), forwarded(inner), boundary="=_f1"), sender="From: second@elsewhere.example")
    return letter(multi(text("fwd fwd"), forwarded(middle), boundary="=_f2"))


@oddity
def forwarded_by_a_stranger() -> bytes:
    """The customer's own letter inside does not make a stranger known."""
    return letter(multi(text("fwd"), forwarded(plain(file())), boundary="=_f1"), sender=COLLEAGUE)


@oddity
def forwarded_in_base64() -> bytes:
    inner = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + encodebytes(
        plain(file(), sender=COLLEAGUE)
    )
    return letter(multi(text("fwd"), inner, boundary="=_f1"))


@oddity
def forwarded_as_an_eml_file() -> bytes:
    return plain(file("letter.eml", plain(file(), sender=COLLEAGUE), "application/octet-stream"))


@oddity
def forwarded_is_the_whole_letter() -> bytes:
    return letter(forwarded(plain(file(), sender=COLLEAGUE)))


@oddity
def multipart_without_boundary() -> bytes:
    return letter(multi(text(), file()).replace(b'; boundary="=_b1"', b""))


@oddity
def last_boundary_missing() -> bytes:
    return letter(multi(text(), file(), end=False))


@oddity
def boundary_told_is_another() -> bytes:
    return letter(multi(text(), file()).replace(b'boundary="=_b1"', b'boundary="=_other"'))


@oddity
def boundary_with_odd_signs() -> bytes:
    return letter(multi(text(), file(), boundary="a b'()+_,-./:=?c"))


@oddity
def same_boundary_inside() -> bytes:
    """The inner multipart has the boundary of the outer one."""
    return letter(multi(multi(text(), kind="alternative"), file()))


@oddity
def nested_60_deep() -> bytes:
    content = multi(text(), file(), boundary="=_n0")
    for depth in range(1, 60):
        content = multi(content, boundary=f"=_n{depth}")
    return letter(content)


@oddity
def digest_of_letters() -> bytes:
    inner = b"\n" + lines(plain(file(), sender=COLLEAGUE))
    return letter(multi(inner, kind="digest", boundary="=_d"))


@oddity
def alternative_holds_the_form() -> bytes:
    """Some programs put files into multipart/alternative; every part is looked at."""
    return letter(multi(text(), text("<p>x</p>", "html"), file(), kind="alternative"))


@oddity
def multipart_of_unknown_kind() -> bytes:
    return letter(multi(text(), file(), kind="x-strange"))


@oddity
def multipart_in_base64() -> bytes:
    """The standard forbids to encode a multipart."""
    body = multi(text(), file())
    head, inside = body.split(b"\n\n", 1)
    return letter(head + b"\nContent-Transfer-Encoding: base64\n\n" + encodebytes(inside))


@oddity
def message_partial() -> bytes:
    piece = b'Content-Type: message/partial; id="1@a"; number=1; total=3\n\n' + lines(plain(file()))[:900]
    return letter(piece)


@oddity
def message_external_body() -> bytes:
    outside = 'Content-Type: message/external-body; access-type=URL; URL="ftp://a.example/f.xlsx"\n\n'
    return letter(multi(text(), raw(outside + 'Content-Type: application/octet-stream; name="f.xlsx"\n\n')))


@oddity
def empty_message() -> bytes:
    return b""


@oddity
def only_headers() -> bytes:
    return letter(b"").rstrip(b"\r\n") + b"\r\n"


@oddity
def no_headers() -> bytes:
    return b"\r\n\r\nSimply words.\r\n"


@oddity
def workbook_saved_as_eml() -> bytes:
    return MINUS


@oddity
def nul_bytes() -> bytes:
    return (
        plain(file())
        .replace(b"Subject: Forma", b"Subject: For\x00ma\x00")
        .replace(b"8bit\r\n\r\n", b"8bit\r\n\r\n\x00\x00")
    )


@oddity
def bare_cr_line_ends() -> bytes:
    return plain(file()).replace(b"\r\n", b"\r")


@oddity
def lf_line_ends() -> bytes:
    return lines(plain(file()))


@oddity
def mixed_line_ends() -> bytes:
    return plain(file()).replace(b"\r\n\r\n", b"\n\n")


@oddity
def mbox_from_line() -> bytes:
    """Saved out of an mbox: a line `From ` stands before the headers."""
    return b"From office@a.example Thu Aug 20 10:00:00 2026\r\n" + plain(file())


@oddity
def byte_order_mark() -> bytes:
    return b"\xef\xbb\xbf" + plain(file())


@oddity
def raw_8bit_text_without_charset() -> bytes:
    words = (
        b"Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\n"
        + "Прилагаем перерасчёт".encode("cp1251")
        + b"\n"
    )
    return letter(multi(words, file()))


@oddity
def unknown_charset() -> bytes:
    words = b"Content-Type: text/plain; charset=x-klingon\n\n" + "Прилагаем перерасчёт".encode("cp1251") + b"\n"
    return letter(multi(words, file()))


@oddity
def utf7_text() -> bytes:
    return letter(multi(b"Content-Type: text/plain; charset=utf-7\n\n+BB8EQAQ4BDIENQRC-\n", file()))


@oddity
def charset_is_a_codec_of_python() -> bytes:
    return letter(multi(b"Content-Type: text/plain; charset=zlib_codec\n\nabc\n", file()))


@oddity
def header_that_raises_index_error() -> bytes:
    return plain(file(), more="Reply-To: <>,\nCc: @\nResent-From: a@[")


@oddity
def header_that_raises_attribute_error() -> bytes:
    return plain(file(), more="Content-Disposition: ;\nMessage-ID: [\nContent-ID: <\nList-Post: <")


@oddity
def content_type_twice() -> bytes:
    """The first is nonsense: the files would pass for words."""
    return plain(file(), more="Content-Type: ;;;=")


@oddity
def empty_lines_before_headers() -> bytes:
    return b"\r\n\r\n" + plain(file())


@oddity
def header_that_raises_value_error() -> bytes:
    more = "Resent-Date: Mon, 99 Foo 99999 99:99:99 +99999\nContent-Language: *0*=''%\nMIME-Version: (((((1.0"
    return plain(file(), more=more)


@oddity
def parameter_number_too_large() -> bytes:
    head = (
        "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*99999999999999999999=a.xlsx"
    )
    return plain(part(head, MINUS))


@oddity
def duplicate_headers() -> bytes:
    more = "Subject: other\nSubject: third\nMessage-ID: <2@a.example>\nTo: x@x.example\nMIME-Version: 1.0"
    return plain(file(), more=more)


@oddity
def huge_header() -> bytes:
    return plain(
        file(), more="X-Trace: " + "a" * 60_000 + "\nReferences: " + " ".join(f"<{n}@a.example>" for n in range(900))
    )


@oddity
def header_without_colon() -> bytes:
    """The parser takes what follows for the body."""
    return plain(file(), more="This line is no header")


@oddity
def spaces_before_colons() -> bytes:
    return plain(file(), more="X-Odd : 1\nX-Odder\t: 2")


@oddity
def html_only() -> bytes:
    return letter(multi(text("<p>Форма во <b>вложении</b></p><style>p{}</style>", "html"), file()))


@oddity
def apple_double() -> bytes:
    """Old Macs send a file's resource fork beside it."""
    fork = part('Content-Type: application/applefile; name="form.xlsx"', b"\x00\x05\x16\x07" + bytes(40))
    return letter(multi(text(), multi(fork, file(), kind="appledouble", boundary="=_a")))

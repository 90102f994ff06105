"""Oddities of attachments: what they are, how they are packed, where they hide."""

from __future__ import annotations

import binascii
from base64 import encodebytes

from mail_letters import (
    MINUS,
    PDF,
    PHOTO,
    PLUS,
    PNG,
    TARIFF,
    file,
    letter,
    members,
    multi,
    oddity,
    part,
    plain,
    raw,
    recalculation,
    text,
)  # fmt: skip


@oddity
def plain_letter() -> bytes:
    return plain(file())


@oddity
def zip_with_a_form() -> bytes:
    return plain(file("docs.zip", members([("folder/minus.xlsx", MINUS), ("folder/scan.pdf", PDF)]), "application/zip"))


@oddity
def zip_in_zip() -> bytes:
    inner = members([("minus.xlsx", MINUS)])
    return plain(file("outer.zip", members([("inner.zip", inner)]), "application/zip"))


@oddity
def zip_slip_names() -> bytes:
    files = [("../../../etc/cron.d/minus.xlsx", MINUS), ("..\\..\\windows\\scan.pdf", PDF)]
    return plain(file("slip.zip", members(files), "application/zip"))


@oddity
def zip_with_a_password() -> bytes:
    archive = members([("minus.xlsx", MINUS)])
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = archive.index(head) + flags
        archive = archive[:place] + bytes([archive[place] | 1]) + archive[place + 1 :]
    return plain(file("locked.zip", archive, "application/zip"))


@oddity
def zip_with_names_in_the_dos_page() -> bytes:
    """Old archivers write no UTF-8 and do not say which page it is."""
    name = "Перерасчёт.xlsx".encode("cp866")
    archive = members([("x" * len(name), MINUS)]).replace(b"x" * len(name), name)
    return plain(file("old.zip", archive, "application/zip"))


@oddity
def zip_damaged() -> bytes:
    archive = members([("scan.bin", bytes(range(256)) * 8)])
    damaged = archive[:45] + bytes(40) + archive[85:]
    return plain(file("broken.zip", damaged, "application/zip"))


@oddity
def program_beside_the_form() -> bytes:
    return plain(file(), file("Акт сверки.pdf.exe", b"MZ" + bytes(60), "application/pdf"))


@oddity
def program_in_a_zip() -> bytes:
    return plain(file("docs.zip", members([("minus.xlsx", MINUS), ("scan.js", b"WScript.Echo(1)")]), "application/zip"))


@oddity
def rar_with_a_form() -> bytes:
    return plain(file("forma.rar", b"Rar!\x1a\x07\x01\x00" + bytes(40), "application/vnd.rar"))


@oddity
def inline_workbook() -> bytes:
    return plain(file(how="inline"))


@oddity
def workbook_without_disposition() -> bytes:
    return plain(part('Content-Type: application/octet-stream; name="form.xlsx"', MINUS))


@oddity
def workbook_as_a_picture() -> bytes:
    """The content type lies; the bytes tell."""
    return plain(file("form.xlsx", kind="image/jpeg"))


@oddity
def workbook_as_text_plain() -> bytes:
    return plain(file("form.xlsx", kind="text/plain"))


@oddity
def workbook_with_content_id_inline() -> bytes:
    """Outlook gives a Content-ID to every file; only pictures are part of the text by it."""
    head = 'Content-Type: application/octet-stream; name="form.xlsx"\nContent-ID: <f1@a>\nContent-Disposition: inline'
    return letter(multi(text(), part(head, MINUS), kind="related"))


@oddity
def letter_is_the_workbook() -> bytes:
    """No multipart at all: the whole letter is the file."""
    return letter(file())


@oddity
def xlsx_named_txt() -> bytes:
    return plain(file("form.txt", kind="text/plain"))


@oddity
def xlsx_named_doc() -> bytes:
    return plain(file("form.doc", kind="application/msword"))


@oddity
def html_named_xls() -> bytes:
    return plain(file("form.xls", b"<html><table><tr><td>1001</td></tr></table></html>", "application/vnd.ms-excel"))


@oddity
def encrypted_workbook() -> bytes:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(480)
    return plain(file("secret.xlsx", ole))


@oddity
def empty_workbook_file() -> bytes:
    return plain(file("empty.xlsx", b""))


@oddity
def picture_only() -> bytes:
    return plain(file("photo.jpg", PHOTO, "image/jpeg"))


@oddity
def cloud_link_instead_of_a_file() -> bytes:
    return letter(text("Форма здесь: https://disk.yandex.kz/d/AbCdEf123"))


@oddity
def cloud_link_in_html() -> bytes:
    link = '<p>Форма: <a href="https://drive.google.com/file/d/1/view">скачать</a></p>'
    return letter(multi(text("Форма: скачать"), text(link, "html"), kind="alternative"))


@oddity
def two_forms_in_one_letter() -> bytes:
    return plain(file("june.xlsx"), file("may.xlsx", recalculation("-20", "05.2026")))


@oddity
def same_form_twice_in_one_letter() -> bytes:
    return plain(file("form.xlsx"), file("form (1).xlsx"))


@oddity
def form_with_a_scan() -> bytes:
    return plain(file("plus.xlsx", PLUS), file("protocol.pdf", PDF, "application/pdf"))


@oddity
def plus_with_a_signature_logo() -> bytes:
    """A picture of the mail signature proves nothing."""
    html = text('<p>С уважением</p><img src="cid:logo@a">', "html")
    logo = part('Content-Type: image/png; name="logo.png"\nContent-ID: <logo@a>\nContent-Disposition: inline', PNG)
    return letter(multi(multi(html, logo, kind="related", boundary="=_b2"), file("plus.xlsx", PLUS)))


@oddity
def plus_with_a_photo_attached() -> bytes:
    """A photo that was attached, not put into the text, is a document."""
    return plain(file("plus.xlsx", PLUS), file("photo.jpg", PHOTO, "image/jpeg"))


@oddity
def plus_with_a_tiny_picture_attached() -> bytes:
    """Some mail programs attach the logo of a signature like a file."""
    gif = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
    return plain(file("plus.xlsx", PLUS), file("image001.gif", gif, "image/gif"))


@oddity
def plus_with_an_empty_scan() -> bytes:
    return plain(file("plus.xlsx", PLUS), file("protocol.pdf", b"", "application/pdf"))


@oddity
def plus_with_a_calling_card() -> bytes:
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n"
    footer = b"This message was checked.\r\n"
    return plain(
        file("plus.xlsx", PLUS), file("a.vcf", card, "text/x-vcard"), file("ATT00001.txt", footer, "text/plain")
    )


@oddity
def tariffs_without_documents() -> bytes:
    return letter(multi(text(), file("tariffs.xlsx", TARIFF)), identity="<tariffs@a.example>")


@oddity
def reply_with_documents() -> bytes:
    more = "References: <old@a.example> <tariffs@a.example>\nIn-Reply-To: <tariffs@a.example>"
    scan = file("protocol.pdf", PDF, "application/pdf")
    return letter(multi(text("Протокол во вложении."), scan), more=more, identity="<2@a.example>")


@oddity
def number_in_the_text() -> bytes:
    scan = file("protocol.pdf", PDF, "application/pdf")
    words = "К форме № iw-000003-1 прилагаем протокол."
    return letter(multi(text(words), scan), identity="<3@a.example>")


@oddity
def reply_with_a_signature_only() -> bytes:
    """A reply in which only the mail program's signature file is new releases nothing."""
    more = "In-Reply-To: <tariffs@a.example>"
    return letter(
        multi(text("Спасибо"), file("smime.p7s", b"0\x03\x02\x01\x01", "application/pkcs7-signature")), more=more
    )


@oddity
def winmail_dat() -> bytes:
    tnef = b"\x78\x9f\x3e\x22\x01\x00" + bytes(60)
    return plain(file("winmail.dat", tnef, "application/ms-tnef"))


@oddity
def winmail_beside_a_plus() -> bytes:
    """The type does not say so, the bytes do; it proves nothing."""
    tnef = b"\x78\x9f\x3e\x22\x01\x00" + bytes(60)
    return plain(file("plus.xlsx", PLUS), file("winmail.dat", tnef, "application/octet-stream"))


@oddity
def broken_base64() -> bytes:
    body = encodebytes(MINUS)
    spoilt = body[:200] + b"@@@@%%%%" + body[240:]
    head = b'Content-Disposition: attachment; filename="form.xlsx"\nContent-Transfer-Encoding: base64\n\n'
    return plain(head + spoilt)


@oddity
def base64_with_junk_lines() -> bytes:
    """An old antivirus put its line into the body; decoders skip what is no base64."""
    head = b'Content-Disposition: attachment; filename="form.xlsx"\nContent-Transfer-Encoding: base64\n\n'
    return plain(head + b"\n \n" + encodebytes(MINUS).replace(b"\n", b" \n\n"))


@oddity
def base64_called_7bit() -> bytes:
    head = b'Content-Disposition: attachment; filename="form.xlsx"\nContent-Transfer-Encoding: 7bit\n\n'
    return plain(head + encodebytes(MINUS))


@oddity
def unknown_transfer_encoding() -> bytes:
    head = b'Content-Disposition: attachment; filename="form.xlsx"\nContent-Transfer-Encoding: x-nonsense\n\n'
    return plain(head + encodebytes(MINUS))


@oddity
def quoted_printable_workbook() -> bytes:
    head = b'Content-Disposition: attachment; filename="form.xlsx"\nContent-Transfer-Encoding: quoted-printable\n\n'
    coded = b"".join(b"=%02X" % byte for byte in MINUS)
    return plain(head + b"=\n".join(coded[at : at + 72] for at in range(0, len(coded), 72)))


def uu(data: bytes, name: str) -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return raw(f"begin 644 {name}\n") + lines + b"`\nend\n"


@oddity
def uuencoded_in_the_text() -> bytes:
    return letter(b"Content-Type: text/plain; charset=utf-8\n\nForma:\n\n" + uu(MINUS, "form.xlsx"))


@oddity
def uuencoded_attachment() -> bytes:
    head = b'Content-Disposition: attachment; filename="form.xlsx"\nContent-Transfer-Encoding: x-uuencode\n\n'
    return plain(head + uu(MINUS, "form.xlsx"))


@oddity
def csv_form() -> bytes:
    rows = "Форма;recalculations\nБИН заказчика;050140000011\n\nЛицевой счёт;Услуга;За месяц;Сумма;Основание\n"
    rows += "1001;Содержание дома;06.2026;-10;Протокол № 7\n"
    return plain(file("form.csv", rows.encode("cp1251"), "text/csv"))

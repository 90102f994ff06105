"""Letters that machines wrote: never answered, never read as forms."""

from __future__ import annotations

from mail_letters import file, letter, multi, oddity, plain, raw, text


@oddity
def auto_replied() -> bytes:
    return letter(text("I am away."), more="Auto-Submitted: auto-replied")


@oddity
def auto_generated_with_parameters() -> bytes:
    return plain(file(), more="Auto-Submitted: (robot) Auto-Generated; owner-email=a@a.example")


@oddity
def auto_submitted_no() -> bytes:
    return plain(file(), more="Auto-Submitted: no")


@oddity
def x_autoreply() -> bytes:
    return letter(text("Отпуск до 1 сентября."), more="X-Autoreply: yes")


@oddity
def x_autorespond() -> bytes:
    return letter(text("Отпуск."), more="X-Autorespond: otpusk")


@oddity
def precedence_auto_reply() -> bytes:
    return letter(text("Отпуск."), more="Precedence: auto_reply")


@oddity
def suppress_only() -> bytes:
    """Outlook puts it on letters that people write."""
    return plain(file(), more="X-Auto-Response-Suppress: DR, OOF, AutoReply")


@oddity
def out_of_office_ru() -> bytes:
    words = "Я в отпуске до 01.09.2026. По вопросу IW-000001-1 обращайтесь к коллегам."
    return letter(text(words), more="Auto-Submitted: auto-replied\nIn-Reply-To: <x@alseco.example>")


@oddity
def out_of_office_kk() -> bytes:
    return letter(
        text("Мен 01.09.2026 дейін демалыстамын. Әріптестеріме жүгініңіз."), more="Auto-Submitted: auto-replied"
    )


@oddity
def null_return_path() -> bytes:
    return plain(file(), more="Return-Path: <>")


@oddity
def bounce_with_the_form_inside() -> bytes:
    """A report of non-delivery gives the original back, form included."""
    status = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.a.example\n\nAction: failed\n"
    inner = b"Content-Type: message/rfc822\n\n" + plain(file()).replace(b"\r\n", b"\n")
    body = multi(text("Delivery failed."), status, inner, kind="report; report-type=delivery-status", boundary="=_r")
    return letter(body, sender="From: Mail Delivery System <MAILER-DAEMON@a.example>")


@oddity
def read_receipt() -> bytes:
    note = b"Content-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n"
    return letter(multi(text("Прочитано."), note, kind="report; report-type=disposition-notification"))


@oddity
def failed_recipients() -> bytes:
    return letter(text("Mail failed."), more="X-Failed-Recipients: korrektirovki@alseco.example")


@oddity
def list_mail() -> bytes:
    return plain(file(), more="List-Id: <news.a.example>\nList-Unsubscribe: <mailto:u@a.example>")


@oddity
def precedence_bulk() -> bytes:
    return plain(file(), more="Precedence: bulk")


@oddity
def our_own_address() -> bytes:
    return plain(file(), sender="From: BigOperators@alseco.example")


@oddity
def our_own_address_among_others() -> bytes:
    return plain(file(), sender="From: korrektirovki@alseco.example, office@a.example")


@oddity
def calendar_invitation() -> bytes:
    event = raw("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Встреча\nEND:VEVENT\nEND:VCALENDAR\n")
    return letter(multi(text("Встреча."), b"Content-Type: text/calendar; method=REQUEST\n\n" + event))

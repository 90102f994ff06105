"""Oddities of who wrote it and when it came."""

from __future__ import annotations

from mail_letters import RECEIVED, TEN_OCLOCK, file, oddity, plain

OURS = "mx.alseco.example"


@oddity
def no_from() -> bytes:
    return plain(file(), sender="")


@oddity
def no_from_but_a_sender() -> bytes:
    """Sender says who posted the letter, not who wrote it."""
    return plain(file(), sender="Sender: office@a.example")


@oddity
def two_from_headers() -> bytes:
    return plain(file(), sender="From: office@a.example\nFrom: office@b.example")


@oddity
def several_addresses_in_from() -> bytes:
    return plain(file(), sender="From: office@a.example, office@b.example")


@oddity
def group_of_one_in_from() -> bytes:
    return plain(file(), sender="From: Buhgalteria: office@a.example;")


@oddity
def group_of_two_in_from() -> bytes:
    return plain(file(), sender="From: Buhgalteria: office@a.example, forger@x.example;")


@oddity
def empty_group_in_from() -> bytes:
    return plain(file(), sender="From: undisclosed-recipients:;")


@oddity
def address_in_the_display_name() -> bytes:
    """What a hurried eye reads as the sender."""
    return plain(file(), sender='From: "office@a.example" <forger@x.example>')


@oddity
def two_angle_addresses_in_from() -> bytes:
    return plain(file(), sender="From: office@a.example <forger@x.example>")


@oddity
def raw_cp1251_sender_name() -> bytes:
    return plain(file(), sender="From: Управляющая компания <office@a.example>".encode("cp1251"))


@oddity
def broken_word_in_sender_name() -> bytes:
    return plain(file(), sender="From: =?utf-8?B?0J/QoNCY?0JI=?= =?bad?Q?=ZZ?= <office@a.example>")


@oddity
def capital_letters_in_sender() -> bytes:
    return plain(file(), sender="From: OFFICE@A.Example")


@oddity
def letters_that_look_alike_in_sender() -> bytes:
    """A Cyrillic `а` in the domain: another address."""
    return plain(file(), sender="From: office@\u0430.example")


@oddity
def newline_injected_in_sender() -> bytes:
    return plain(file(), sender="From: =?utf-8?Q?A=0D=0AFrom:_office@b.example?= <office@a.example>")


@oddity
def sender_differs_from_from() -> bytes:
    """A colleague posts for the customer; From counts."""
    return plain(file(), more="Sender: secretary@elsewhere.example")


@oddity
def reply_to_differs() -> bytes:
    """Answers never go where Reply-To points: the register decides."""
    return plain(file(), more="Reply-To: forger@x.example")


@oddity
def return_path_differs() -> bytes:
    return plain(file(), more="Return-Path: <bounces+1@mailer.example>")


@oddity
def stranger() -> bytes:
    return plain(file(), sender="From: someone@elsewhere.example")


@oddity
def form_of_another_customer() -> bytes:
    return plain(file(), sender="From: office@b.example")


@oddity
def authenticated_by_our_server() -> bytes:
    return plain(file(), more=f"Authentication-Results: {OURS}; spf=pass; dkim=pass; dmarc=pass")


@oddity
def failed_by_our_server() -> bytes:
    return plain(
        file(), more=f"Authentication-Results: {OURS}; spf=fail smtp.mailfrom=a.example; dkim=none; dmarc=fail"
    )


@oddity
def failed_by_a_foreign_server() -> bytes:
    """Only our own server's word counts."""
    return plain(file(), more="Authentication-Results: mx.elsewhere.example; dmarc=fail")


@oddity
def pass_forged_below_our_fail() -> bytes:
    true, forged = f"{OURS}; dmarc=fail", f"{OURS}; spf=pass; dkim=pass; dmarc=pass"
    return plain(file(), more=f"Authentication-Results: {true}\nAuthentication-Results: {forged}")


@oddity
def our_fail_below_a_filters_header() -> bytes:
    """A filter behind our server adds its own above ours."""
    filters, true = "scanner.alseco.example; x-virus=none", f"{OURS}; dmarc=fail"
    return plain(file(), more=f"Authentication-Results: {filters}\nAuthentication-Results: {true}")


@oddity
def address_in_utf8() -> bytes:
    """RFC 6532: an address in Cyrillic is nobody's in the register."""
    return plain(file(), sender="From: Офис <офис@заказчик.example>")


@oddity
def line_separators_in_sender_name() -> bytes:
    """What some programs take for the end of a line: U+2028, U+2029, U+0085, and a terminal's escape."""
    return plain(file(), sender='From: "A\u2028IW-000009 accepted\u2029\u0085B\x1b[2J" <someone@elsewhere.example>')


@oddity
def pass_in_a_comment() -> bytes:
    return plain(file(), more=f"Authentication-Results: {OURS}; dmarc=fail (dmarc=pass; dmarc=pass)")


@oddity
def spf_fails_dkim_passes() -> bytes:
    """A forwarding server breaks SPF of honest letters."""
    return plain(file(), more=f"Authentication-Results: {OURS}; spf=fail; dkim=pass; dmarc=pass")


@oddity
def received_on_the_last_second() -> bytes:
    return plain(file(), received="by mx.alseco.example; Tue, 25 Aug 2026 23:59:59 +0500")


@oddity
def received_at_midnight_after_the_25th() -> bytes:
    """The sender's Date says 2015; 19:00 in UTC is midnight in Almaty."""
    return plain(file(), received="by mx.alseco.example; Tue, 25 Aug 2026 19:00:00 +0000")


@oddity
def received_without_a_zone() -> bytes:
    return plain(file(), received="by mx.alseco.example; Thu, 20 Aug 2026 10:00:00")


@oddity
def received_with_a_zone_in_words() -> bytes:
    return plain(file(), received="by mx.alseco.example; Thu, 20 Aug 2026 05:00:00 GMT (ALMT-5)")


@oddity
def received_in_2099() -> bytes:
    return plain(file(), received="by mx.alseco.example; Thu, 20 Aug 2099 10:00:00 +0500")


@oddity
def received_is_no_date() -> bytes:
    return plain(file(), received="by mx.alseco.example; the day before yesterday")


@oddity
def received_absent() -> bytes:
    return plain(file(), received="")


@oddity
def received_forged_below() -> bytes:
    forged = "Received: by mx.a.example; Sat, 01 Aug 2026 10:00:00 +0500"
    return plain(file(), received="by mx.alseco.example; Wed, 26 Aug 2026 10:00:00 +0500", more=forged)


@oddity
def received_folded() -> bytes:
    return plain(
        file(), received=RECEIVED.replace("; ", ";\n\t").replace(TEN_OCLOCK, "Thu,\n 20 Aug 2026 10:00:00\n +0500")
    )

"""Links to files on cloud disks: what lies behind them is never fetched, for it may change after it was sent."""

from __future__ import annotations

import re

_HOSTS = (
    r"disk\.yandex\.[a-z]{2,3}", r"yadi\.sk", r"cloud\.mail\.ru", r"drive\.google\.com", r"docs\.google\.com",
    r"1drv\.ms", r"onedrive\.live\.com", r"[\w-]+\.sharepoint\.com", r"(?:www\.)?dropbox\.com", r"we\.tl",
    r"(?:www\.)?wetransfer\.com", r"mega\.nz", r"(?:www\.)?icloud\.com", r"dropmefiles\.com", r"fex\.net",
)  # fmt: skip
_LINK = re.compile(rf"https?://({'|'.join(_HOSTS)})/[^\s\"'<>]", re.IGNORECASE)


def cloud_disk(text: str) -> str:
    """The host of the first link to a cloud disk in a letter's text or HTML; '' without one."""
    found = _LINK.search(text)
    return found[1].lower() if found else ""

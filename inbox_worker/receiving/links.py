"""Links to files on cloud disks: what lies behind them is never fetched, for it may change after it was sent."""

from __future__ import annotations

import re

_PLACES = "docs?|disk|drive|cloud|share|files|sheets|nextcloud|owncloud|seafile|onedrive"
_HOSTS = (
    rf"(?:{_PLACES})\.[\w-]+(?:\.[\w-]+)+", r"[\w-]+\.360\.yandex\.[a-z]{2,3}", r"yadi\.sk", r"1drv\.ms",
    r"(?:[\w-]+\.)?sharepoint\.com", r"(?:[\w-]+\.)?dropbox\.com", r"we\.tl", r"(?:[\w-]+\.)?wetransfer\.com",
    r"mega\.(?:nz|io)", r"(?:www\.)?icloud\.com", r"dropmefiles\.com", r"fex\.net", r"(?:[\w-]+\.)?box\.com",
    r"(?:[\w-]+\.)?pcloud\.(?:com|link)", r"(?:www\.)?terabox\.com", r"my-files\.su", r"file\.io",
    r"onedrive\.live\.com",
)  # fmt: skip
_LINK = re.compile(rf"https?://({'|'.join(_HOSTS)})/[^\s\"'<>]", re.IGNORECASE)


def cloud_disk(text: str) -> str:
    """Find the host of the first link to a cloud disk in a letter's text or HTML; '' without one."""
    found = _LINK.search(text)
    return found[1].lower() if found else ""

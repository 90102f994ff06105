"""The `audit` block of config.yaml: where acts go beside the journal (4.1.17)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from inbox_worker.settings.shapes import ServerName, Strict, must_be

_ADDRESS, _URL = re.compile(r"([^@\s]+@[^@\s]+)?"), re.compile(r"(https?://\S+)?")


class SyslogConfig(Strict):
    """A monitoring centre that takes syslog (RFC 5424, frames with their length as RFC 6587 and 5425 have it). `tls`
    proves the server by `ca_file`, else by the machine's certificates; `timeout`: seconds."""

    host: ServerName
    port: int = Field(default=6514, ge=1, le=65535)
    transport: Literal["tls", "tcp"] = "tls"
    ca_file: str = ""
    format: Literal["cef", "json"] = "cef"
    timeout: float = Field(default=10, gt=0)


class AuditConfig(Strict):
    """Acts to a monitoring centre as they are done; the day's anchor to an auditor's address, and to a server of time
    stamps (RFC 3161). Each may be absent."""

    syslog: SyslogConfig | None = None
    mail: Annotated[str, must_be(_ADDRESS.fullmatch, "{!r} is no address; write name@domain, or leave it out")] = ""
    timestamps: Annotated[str, must_be(_URL.fullmatch, "{!r} is no address like http://tsp.example/")] = ""

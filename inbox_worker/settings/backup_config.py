"""The `backups` block of config.yaml: the place of backups whose restoring the service tries by the calendar."""

from __future__ import annotations

from pydantic import Field

from inbox_worker.settings.shapes import Strict


class BackupsConfig(Strict):
    """The folder that `backup` writes into, and the file of its password, where it has one: its name begins at the home
    or, under systemd, in the folder of credentials."""

    folder: str = Field(min_length=1)
    password_file: str = ""

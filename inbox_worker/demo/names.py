"""Names of the sample town, as data: names.yaml."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

NAMES: dict[str, Any] = yaml.safe_load((files(__package__) / "names.yaml").read_text("utf-8"))

"""Write constraints.txt and the hashed files beside this one from pyproject.toml: `make pins` runs it beside `uv`.

Pins of constraints.txt stay as they are; a dependency without a pin gets the newest version. With `--newest` all do.
The hashes are those of every file of a version, for every processor and Python, so one set serves them all.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
PINS = ROOT / "constraints.txt"
HEAD = "# Every version that setup installs, the building tools included; `make pins` writes the hashes of them.\n"
BUILDERS = "setuptools\nhatchling\neditables\n"
SERVER = "pysail>=0.7\n"
EXTRAS = ["--extra", "postgres", "--extra", "spark", "--extra", "dev"]
FILES = {  # what each installs: the building tools, the service, everything that work on it needs, the proof on Spark
    "build.txt": (["-"], BUILDERS),
    "service.txt": (["pyproject.toml", "--extra", "postgres"], ""),
    "develop.txt": (["pyproject.toml", *EXTRAS, "-"], BUILDERS),
    "sail.txt": (["-"], SERVER),
}


def main() -> None:
    newest = "--newest" in sys.argv[1:]
    pins = {} if newest else _pins(PINS.read_text("utf-8"))
    made = {name: _compiled(name, PINS if pins else None) for name in ("develop.txt", "sail.txt")}
    found = {**_pins(made["sail.txt"]), **_pins(made["develop.txt"])}
    if newest or found.keys() - pins.keys():
        lines = [*(PINS.read_text("utf-8").splitlines()[1:] if pins else ())]
        lines += [pin for name, pin in found.items() if name not in pins]
        PINS.write_text(HEAD + "\n".join(sorted(lines, key=str.casefold)) + "\n", "utf-8")
    texts = {name: made[name] if name in made else _compiled(name, PINS) for name in FILES}
    for name, text in texts.items():
        if "http" in re.sub(r"(?m)^[a-z0-9-]+==", "", text):
            raise SystemExit(f"requirements/{name} would name an address; look at the options of uv")
        (HERE / name).write_text(HEAD + text, "utf-8")


def _compiled(name: str, pins: Path | None) -> str:
    """Return the pinned versions with the hashes of all their files."""
    uv = str(Path(sys.executable).parent / "uv")
    command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--native-tls", *(["--constraint", str(pins)] if pins else [])]
    asked, given = FILES[name]
    made = subprocess.run([*command, *asked], input=given.encode(), stdout=subprocess.PIPE, cwd=ROOT, check=True)
    return made.stdout.decode()


def _pins(text: str) -> dict[str, str]:
    """Return `name==version` by the name as indexes compare it."""
    found = re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)", text)
    return {re.sub(r"[-_.]+", "-", name).lower(): f"{name}=={version}" for name, version in found}


if __name__ == "__main__":
    main()

"""A home: its config.yaml, and the paths of its folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from inbox_worker.core.files import read_small_file, sha256, unreadable
from inbox_worker.core.model import LANGUAGES, Language
from inbox_worker.core.rendered import Operator
from inbox_worker.settings.config import Config, ConfigError
from inbox_worker.settings.shapes import fill
from inbox_worker.settings.yaml_files import read_document

_EARLIER_TEMPLATES = {  # as earlier versions shipped them, by sha256
    "act.docx": (
        "dc9ecfa92eafdedb6189b396f41964856321802b533501051156e6efbf0db35c",
        "1e18cf3966b88427254429d2cd855bf806757c5de4b7f1d604fec300ea37e1a4",
        "e25718d8b205da3456c25786d16701d3c9ce9e5c4c788b564d2d3f1582cdf1bc",
        "6120de6a60d38378aa3c3d9800fbd8d23ebc7345c7eb4cb55b9cb90086e19fdc",
        "712af0b359a529f94e35005357bbf349f13fb14aabc16b51eb4d011792e94c29",
    ),
    "bill.typ": (
        "2024378ff74f4a3c2090be2b67d14625c162b39dde9d2f2f19eaa7a479e78530",
        "12f84a43c0d37cbc30720ffd9a7945f42e47e1a0b332ccd26e046ab2e300b9dc",
        "d349f3abfee1130c34b591de0a999edcf2bfe322e74508d1eb4bcf461dd03478",
        "34220b7e5406faef91eaea7dc28512f350344d99b9bfd62fa80ab9b74990e4b4",
        "b41cc92a400bd9f611052a622171948fb73bf5fe9e53d91628986acb09a538f3",
        "37e479a736142ddfbe3721cb067c91ddd0600fd1d7271fe1ccddd58c85a2fa12",
        "fc8a86acd5c9ffe74f3a859a9e879968db90a6b9a277afebdb6b4436f30baf1f",
        "9928bb246674e7f9e0732e2f6cca8b55789779a5c1edc13fb694b072034f2ae2",
        "0fcfdb94e4f4c4328de94079d0fcaecf42eb468eef7a12d00c842217800c1594",
        "24de3d7da24a99f9177d7a644c0c66b6b60d95d7a0ed4f9bc5cf93937c27145b",
        "1608232fb1b5ba8efbca24189480cf66b19bce0abebbd4b7e56cc46835f88375",
    ),
    "came.svg": ("6e6af9dcdfd71ae876640efc2e208b1bf9723eb83a6bb2e35d4ab66701bdb14e",),
    "month.html": (
        "c885a0f1ffa878488edb1b3948485b90773840e53ad688eae1080a0285314fea",
        "3418c756b347c0a6468d4cb9822be3979bbe9045238222f1d21a66f3b57ddd00",
    ),
    "receipt.html": ("974c1997834de8e6cfdf18a8c66e53aa1b949d9e7b641363c2652d6173a947ab",),
    "receipt.txt": ("ff00f180df6eae438400e367d770fc5d22d9a5ae374db3a0f48b76b681b5bf1f",),
    "sums.svg": ("e3870ae6c684d6ea1ef7bf195c39a9f5fb6aa62a408211a8c5844e8e53202097",),
}


@dataclass(frozen=True)
class Home:
    """The folder of config.yaml and of run-time state. `journal`: the URL of a journal beside the one that config.yaml
    or the environment names; '' = that one."""

    path: Path
    config: Config
    journal: str = ""

    @property
    def version(self) -> str:
        """A short hash of what config.yaml sets, kept with the last decision."""
        return sha256(self.config.model_dump_json().encode())[:16]

    @property
    def language(self) -> Language:
        """The language of whoever reads the screens; `--lang` (INBOX_WORKER_LANG) wins over config.yaml."""
        return language_named() or self.config.language

    @property
    def ledger(self) -> Path:
        return self.path / "ledger"

    @property
    def archive(self) -> Path:
        return self.path / "archive"

    @property
    def inbox(self) -> Path:
        return self.path / "inbox"

    @property
    def outbox(self) -> Path:
        return self.path / "outbox"

    @property
    def exchange(self) -> Path | None:
        """The exchange folder; None where there is none. A relative one starts at the home."""
        named = self.config.exchange
        return self.path / named.folder if named else None

    @property
    def rules(self) -> Path:
        """The home's own rules. No others take their place when they are gone: fees would change unseen."""
        return self.path / "rules"

    @property
    def templates(self) -> Path:
        """The home's own templates, or those that travel with the program: looks change by them, never figures."""
        own = self.path / "templates"
        return own if own.is_dir() else shipped_path("templates")

    def document_template(self, name: str) -> Path:
        """Return a document's template: the home's own, else the one that travels with the program.

        A copy that an earlier version shipped and nobody changed since follows the program.
        """
        own = self.templates / "documents" / name
        is_own = os.path.lexists(own) and not is_earlier_template(own)  # what is no file is told by whoever reads it
        return own if is_own else shipped_path("templates") / "documents" / name

    @property
    def fonts(self) -> Path:
        """Fonts of documents: the home's own, or those that travel with the program."""
        own = self.templates / "fonts"
        return own if own.is_dir() else shipped_path("templates") / "fonts"

    @property
    def journal_url(self) -> str:
        """The journal's database; INBOX_WORKER_JOURNAL (it may hold a password) wins over config.yaml."""
        url = self.journal or os.environ.get("INBOX_WORKER_JOURNAL", self.config.ledger.journal)
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return f"{prefix}{(self.path / url[len(prefix) :]).absolute()}"
        return url

    def spark_address(self, engine: str = "") -> str:
        """Return where months are computed by Spark, '' where DuckDB computes them. `engine`: what a command asks for,
        '' = what config.yaml says; INBOX_WORKER_SPARK (it may hold a token) wins over the address there. Raises
        ConfigError."""
        settings = self.config.ledger
        engine = engine or settings.engine
        if engine not in ("duckdb", "spark"):
            raise ConfigError(f"--engine {engine!r}: there are duckdb and spark")
        address = os.environ.get("INBOX_WORKER_SPARK", settings.spark.remote if settings.spark else "")
        if engine == "spark" and not address:
            raise ConfigError(
                "the engine is spark, and config.yaml does not say where: ledger: spark: {remote: sc://host:15002}"
            )
        return address if engine == "spark" else ""

    @property
    def operator(self) -> Operator:
        return Operator(**self.config.operator.model_dump())


def language_named() -> Language | None:
    """Return the language that INBOX_WORKER_LANG names, or None. Raises ConfigError for an unknown one."""
    named = os.environ.get("INBOX_WORKER_LANG", "")
    found = next((language for language in LANGUAGES if language == named), None)
    if named and not found:
        raise ConfigError(f"there is no language {named!r}; it is one of {', '.join(LANGUAGES)}")
    return found


def is_earlier_template(file: Path) -> bool:
    """Tell whether a home's template is one that an earlier version shipped, unchanged: it follows the program. Raises
    OSError for what is no template (`read_small_file`)."""
    earlier = _EARLIER_TEMPLATES.get(file.name)
    return earlier is not None and file.is_file() and sha256(read_small_file(file)) in earlier


def shipped_path(name: str) -> Path:
    """Return a folder or file that travels with the program: in a wheel under `_shipped`, in a clone at the top."""
    package = Path(__file__).parent.parent
    inside = package / "_shipped" / name
    return inside if inside.exists() else package.parent / name


def load_home(path: Path) -> Home:
    """Reads the home's config.yaml. Raises ConfigError with all mistakes: file, key and what would be right."""
    file = path / "config.yaml"
    try:
        file.lstat()
    except PermissionError as error:  # a new home would not be this one
        raise ConfigError(f"{file} {unreadable(error)}") from error
    except OSError:
        raise ConfigError(
            f"{file} is not there; make a home with `inbox-worker init {path}` or name one by --home"
        ) from None
    return Home(path.absolute(), load_config(file))


def load_config(file: Path) -> Config:
    """Read a config.yaml wherever it is. Raises ConfigError with all mistakes."""
    config, mistakes = fill(read_document(file), Config)
    if config is None or mistakes:
        raise ConfigError(mistakes)
    return config

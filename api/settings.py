"""Every setting: its environment variable, its default, what it means."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import urlsplit


def _setting(default: str, meaning: str) -> str:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """How the service is set up. Each field is the environment variable ONRECORD_ and its name in capitals."""

    database_url: str = _setting(
        "sqlite:///onrecord.db",
        "The database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    public_url: str = _setting(
        "http://127.0.0.1:8000",
        "The address that clients reach the service under; all links are built from it. "
        "`onrecord serve` takes where it listens, unless this is set.",
    )
    cors_origins: str = _setting(
        "*",
        "Origins whose pages may read, separated by commas; * is every origin, nothing is none.",
    )
    query_seconds: str = _setting(
        "5",
        "How long a query of the database, a comparison view, or a wait for others who write, may take; then the "
        "answer is a 503.",
    )
    rate_limit: str = _setting(
        "6000/minute",
        "What one key, or one address without a key, may ask: a number in a time. Most requests count 1, what makes "
        "the server work longer counts more, a 304 nothing. Empty is no limit.",
    )
    rate_limit_storage: str = _setting(
        "memory://",
        "Where that is counted: memory:// in each process for itself, redis://HOST:PORT for all of them together.",
    )
    show_texts: str = _setting(
        "false",
        "Whether the pages of articles show everybody the texts that are held: true or false. Who has a key with the "
        "scope texts:read sees them anyway.",
    )
    trusted_proxies: str = _setting(
        "0",
        "How many proxies of yours stand in front; clients are told apart by the address that the outermost of them "
        "saw (X-Forwarded-For).",
    )

    def __post_init__(self) -> None:
        _ = self.patience, self.proxies, self.texts_shown
        parts = urlsplit(self.public_url)
        if (
            parts.scheme not in ("http", "https")
            or not parts.netloc
            or not self.public_url.isprintable()
            or " " in self.public_url
            or parts.path.strip("/")
            or parts.query
            or parts.fragment
        ):
            raise ValueError(
                f"ONRECORD_PUBLIC_URL must be an http or https address without a path, such as "
                f"https://onrecord.example, not {self.public_url!r}."
            )

    @property
    def patience(self) -> float:
        """The seconds of `query_seconds`."""
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", self.query_seconds) or not float(self.query_seconds):
            told = f"{variable('query_seconds')} must be a number of seconds such as 5 or 0.5"
            raise ValueError(f"{told}, not {self.query_seconds!r}.")
        return float(self.query_seconds)

    @property
    def texts_shown(self) -> bool:
        """What `show_texts` says."""
        if self.show_texts not in ("true", "false"):
            raise ValueError(f"{variable('show_texts')} must be true or false, not {self.show_texts!r}.")
        return self.show_texts == "true"

    @property
    def proxies(self) -> int:
        """The number of `trusted_proxies`."""
        if not re.fullmatch("[0-9]{1,2}", self.trusted_proxies):
            raise ValueError(f"{variable('trusted_proxies')} must be a number from 0, not {self.trusted_proxies!r}.")
        return int(self.trusted_proxies)

    @property
    def root(self) -> str:
        """The public address without a slash at its end."""
        return self.public_url.rstrip("/")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`, one by one."""
        return tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"ONRECORD_{name.upper()}"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that an environment gives; raises ValueError for a variable that is none, or a wrong value."""
    known = {variable(field_.name): field_.name for field_ in fields(Settings)}
    strange = [name for name in environment if name.startswith("ONRECORD_") and name not in known]
    if strange:
        raise ValueError(f"There is no setting {', '.join(strange)}. The settings are {', '.join(known)}.")
    return Settings(**{known[name]: value for name, value in environment.items() if name in known})

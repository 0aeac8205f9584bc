"""All settings, each with its environment variable, default and meaning."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import urlsplit

from schemas import uri
from schemas.fields import suggest

# The environment variables of settings begin with this.
PREFIX = "ONRECORD_"


def _setting(default: str, meaning: str) -> str:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """The settings of the service. Each field is an environment variable: ONRECORD_ and its name in capitals."""

    database_url: str = _setting(
        "sqlite:///onrecord.db",
        "URL of the database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    public_url: str = _setting(
        "http://127.0.0.1:8000",
        "Public URL of the service, from which all links are built. `onrecord serve` defaults to its own URL.",
    )
    cors_origins: str = _setting(
        "*",
        "Origins of pages that can read (CORS), separated by commas. * allows all origins, and an empty value none.",
    )
    query_seconds: str = _setting(
        "5",
        "Timeout in seconds of a database query, of a comparison view, and of the wait for concurrent writes. After "
        "it, the response is 503.",
    )
    client_seconds: str = _setting(
        "30",
        "Timeout in seconds in which a client must send the headers of a request, and send or receive each 64 KiB of a "
        "body. After it, the response is 408, or an export ends early.",
    )
    export_seconds: str = _setting(
        "1800",
        "Seconds that an export can take. After it, the export ends early. It keeps a snapshot of the database.",
    )
    rate_limit: str = _setting(
        "6000/minute",
        "Rate limit of each key, and of each IP address without a key. Most requests cost 1, expensive requests cost "
        "more, and a 304 costs nothing. An empty value disables the limit.",
    )
    rate_limit_storage: str = _setting(
        "memory://",
        "Storage of the rate limit: memory:// counts in each process, redis://HOST:PORT counts for all processes.",
    )
    cache: str = _setting(
        "on",
        "on: each process keeps finished responses in up to 12 MB of memory, and repeats them until the database "
        "changes. off: every response is computed.",
    )
    show_texts: str = _setting(
        "false",
        "true: the pages of articles show stored texts without a key. false: they require the scope texts:read.",
    )
    shutdown_seconds: str = _setting(
        "4",
        "Seconds in which running requests can end when `onrecord serve` stops. Then their connections are closed.",
    )
    trusted_proxies: str = _setting(
        "0",
        "Number of your proxies in front of the service. The outermost proxy determines the IP address of a client "
        "(X-Forwarded-For).",
    )

    def __post_init__(self) -> None:
        _ = (
            self.query_timeout,
            self.client_timeout,
            self.export_timeout,
            self.shutdown_timeout,
            self.proxy_count,
            self.cache_enabled,
            self.texts_shown,
        )
        for name, urls in (("public_url", (self.public_url,)), ("cors_origins", self.allowed_origins)):
            for url in urls:
                try:
                    uri.check(url)
                except ValueError as error:
                    raise ValueError(f"{variable(name)}: {error}") from None
        parts = urlsplit(self.public_url)
        if (
            parts.scheme not in ("http", "https")
            or not parts.netloc
            or parts.path.strip("/")
            or parts.query
            or parts.fragment
        ):
            raise ValueError(
                f"ONRECORD_PUBLIC_URL must be an http or https URL without a path, such as "
                f"https://onrecord.example, not {self.public_url!r}."
            )

    @property
    def query_timeout(self) -> float:
        """The setting `query_seconds` as a number."""
        return self._seconds("query_seconds")

    @property
    def client_timeout(self) -> float:
        """The setting `client_seconds` as a number."""
        return self._seconds("client_seconds")

    @property
    def export_timeout(self) -> float:
        """The setting `export_seconds` as a number."""
        return self._seconds("export_seconds")

    @property
    def shutdown_timeout(self) -> float:
        """The setting `shutdown_seconds` as a number."""
        return self._seconds("shutdown_seconds")

    def _seconds(self, name: str) -> float:
        value: str = getattr(self, name)
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value) or not float(value):
            raise ValueError(f"{variable(name)} must be a number of seconds, such as 0.5, not {value!r}.")
        return float(value)

    @property
    def cache_enabled(self) -> bool:
        """The setting `cache` as a Boolean."""
        if self.cache not in ("on", "off"):
            raise ValueError(f"{variable('cache')} must be on or off, not {self.cache!r}.")
        return self.cache == "on"

    @property
    def texts_shown(self) -> bool:
        """The setting `show_texts` as a Boolean."""
        if self.show_texts not in ("true", "false"):
            raise ValueError(f"{variable('show_texts')} must be true or false, not {self.show_texts!r}.")
        return self.show_texts == "true"

    @property
    def proxy_count(self) -> int:
        """The setting `trusted_proxies` as a number."""
        if not re.fullmatch("[0-9]{1,2}", self.trusted_proxies):
            raise ValueError(
                f"{variable('trusted_proxies')} must be an integer of at least 0, not {self.trusted_proxies!r}."
            )
        return int(self.trusted_proxies)

    @property
    def base_url(self) -> str:
        """The public URL without a trailing slash."""
        return self.public_url.rstrip("/")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`."""
        origins = tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())
        for origin in origins:
            # Browsers send it in this form, and it is compared as it is.
            if origin != "*" and not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/?#@*\sA-Z]+", origin):
                raise ValueError(
                    f"{variable('cors_origins')} must be *, or origins such as https://news.example in lower case and "
                    f"without a path, not {origin!r}."
                )
        return origins


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of an environment. Raise ValueError for a misspelled variable or an invalid value."""
    names = {variable(field_.name): field_.name for field_ in fields(Settings)}
    for name in unknown_variables(environment):
        # Without the common prefix, because it makes all names similar.
        if similar := suggest(name.removeprefix(PREFIX), names.values()):
            raise ValueError(f"Unknown setting: {name}. Did you mean {variable(similar)}?")
    return Settings(**{names[name]: value for name, value in environment.items() if name in names})


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the variables with the prefix of settings that are not settings, such as those that Kubernetes sets."""
    settings = {variable(field_.name) for field_ in fields(Settings)}
    return [name for name in environment if name.startswith(PREFIX) and name not in settings]

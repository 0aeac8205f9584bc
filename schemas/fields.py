"""The field types: what a single value may be, and how a wrong one is refused."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import langcodes
import marshmallow as ma
from langcodes.tag_parser import LanguageTagError
from marshmallow import fields, validate

from schemas import edtf, un_symbols
from schemas.countries import CODE_LISTS, country_codes, suggest_codes

# Persons, resolutions, ceasefires: more than everybody alive is a typing error.
COUNT_MAX = 10_000_000_000
_LONGEST_WORD = 60
# The maximum number of words of one request that a known word is suggested for.
SUGGESTIONS_MAX = 20
# 1 MiB: an article, even a long one, is a twentieth of that.
TEXT_MAX = 1_048_576
# An address of this service: a query of 32,768 bytes, each written as %XX, and what stands before it.
ADDRESS_MAX = 110_000
# What is said of one thing that is wrong.
TOLD_MAX = 20_000

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,79}")
ID_PATTERN = f"^{_ID.pattern}$"
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_LANGUAGE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")

# Every character that some language takes for a blank is one, so that all of them judge a text alike.
NOT_BLANK = r"[^\s\x1c-\x1f\x85\ufeff]"
# The same for a text that may be blank: no database holds NUL.
NO_NUL = r"^[^\x00]*$"

# Path segments under a collection that are views, so no record can have them as its id.
RESERVED_IDS = frozenset({"compare", "series", "timeline", "versions"})


_suggestions_left: ContextVar[list[int] | None] = ContextVar("suggestions_left", default=None)


@contextmanager
def limited_suggestions() -> Iterator[None]:
    """Let `closest` compare at most SUGGESTIONS_MAX words. An inner call shares the limit of the outer one.

    >>> with limited_suggestions():
    ...     suggestions = [closest("kiled", ["killed"]) for _ in range(SUGGESTIONS_MAX + 1)]
    >>> suggestions[-2:]
    ['killed', None]
    """
    if _suggestions_left.get() is not None:
        yield
        return
    token = _suggestions_left.set([SUGGESTIONS_MAX])
    try:
        yield
    finally:
        _suggestions_left.reset(token)


def suggest(word: str, known: typing.Iterable[str]) -> str | None:
    """The known word that a mistyped one most likely means, or None.

    >>> closest("kiled", ["killed", "injured"])
    'killed'
    """
    # Nobody mistypes a word into a page of text, and comparing one costs.
    if len(word) > _LONGEST_WORD:
        return None
    if (left := _suggestions_left.get()) is not None:
        if left[0] == 0:
            return None
        left[0] -= 1
    return next(iter(difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)), None)


def sound(value: str) -> str:
    """The text itself, if a database can hold it; raises ValidationError for NUL and lone surrogates."""
    if "\x00" in value:
        raise ma.ValidationError("The text contains NUL (U+0000), which is no character of a text. Remove it.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ma.ValidationError(
            f"The character at {error.start} is half of a surrogate pair. Send both halves, or the character itself."
        ) from None
    return value


# A field that may be left out, which says the same as null.
OPTIONAL: dict[str, typing.Any] = {"allow_none": True, "load_default": None}


class Text(fields.String):
    """Unicode text of 1 to `longest` code points, not blank; kept as sent, neither trimmed nor normalised."""

    def __init__(self, longest: int, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(
            validate=validate.Length(min=1, max=longest, error="Length must be {min} to {max} characters."),
            metadata={"pattern": NOT_BLANK, **(metadata or {})},
            **kwargs,
        )

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = sound(super()._deserialize(value, attr, data, **kwargs))
        if text and not re.search(NOT_BLANK, text):
            raise ma.ValidationError("The text is blank. Leave the field out instead.")
        return text


class Pattern(fields.String):
    """A string that one regular expression describes whole; subclasses say what it is."""

    pattern: re.Pattern[str]
    longest: int
    wanted: str

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        documented = {"pattern": f"^{self.pattern.pattern}$", "maxLength": self.longest}
        super().__init__(metadata={**documented, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = sound(super()._deserialize(value, attr, data, **kwargs))
        if len(text) > self.longest or not self.pattern.fullmatch(text):
            raise ma.ValidationError(self.wanted)
        return text


class Slug(Pattern):
    """A short name that joins records, such as a conflict's: lower case, digits, single hyphens."""

    pattern, longest = _SLUG, 80
    wanted = "Must be a slug: at most 80 lower-case letters, digits and single hyphens, as in nagorno-karabakh."


def is_identifier(text: str) -> bool:
    """Whether a record could have this id."""
    return _ID.fullmatch(text) is not None


class Identifier(Pattern):
    """A record's id."""

    pattern, longest = _ID, 80
    wanted = "Must be 3 to 80 characters: lower-case letters, digits and hyphens, beginning with a letter or digit."

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text in RESERVED_IDS:
            raise ma.ValidationError(f"{text} is reserved for a view. Choose another id.")
        return text


class Sha256(Pattern):
    """SHA-256 of a text's UTF-8 bytes, in hexadecimal."""

    pattern, longest = re.compile(r"[0-9a-f]{64}"), 64
    wanted = "Must be a SHA-256 in 64 lower-case hexadecimal digits."


class Instant(Pattern):
    """A moment in UTC, RFC 3339 with milliseconds: of one width, so that text order is time order."""

    pattern, longest = _INSTANT, 24
    wanted = "Must be a moment in UTC as in 2020-11-01T12:00:00.000Z."

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(metadata={"format": "date-time", **(metadata or {})}, **kwargs)


class Day(Pattern):
    """One day of the calendar, ISO 8601."""

    pattern, longest = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), 10
    wanted = "Must be a day as in 2020-11-01."

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(metadata={"format": "date", **(metadata or {})}, **kwargs)


class Edtf(fields.String):
    """A date in EDTF (ISO 8601-2, levels 0 and 1), as a string: "2020-11-01?", "2020-10", "2020-09-27/..".

    Checked for days that the calendar has and for intervals that run forwards.
    """

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(metadata={"format": "edtf", "maxLength": 60, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            edtf.days(text)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from None
        return text


class Count(fields.Integer):
    """A whole number of persons, records or characters, from `least` to `most`."""

    form = "as a JSON number without quotes"

    def __init__(
        self,
        *,
        least: int = 0,
        most: int = COUNT_MAX,
        metadata: dict[str, typing.Any] | None = None,
        **kwargs: typing.Any,
    ):
        error = f"Must be a whole number from {least} to {most}, {self.form}."
        super().__init__(
            strict=True,
            metadata={"format": "int32" if most < 2**31 else "int64", **(metadata or {})},
            validate=validate.Range(min=least, max=most, error=error),
            error_messages={"invalid": error},
            **kwargs,
        )


# What a word of a vocabulary looks like, known or to come.
WORD: dict[str, typing.Any] = {"pattern": "^[a-z][a-z0-9_]*$", "maxLength": 80}


class Choice(fields.String):
    """One word of a vocabulary; of an `extensible` one, a later minor version may answer further words."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        extensible: bool = False,
        metadata: dict[str, typing.Any] | None = None,
        **kwargs: typing.Any,
    ):
        self.words = tuple(words)
        self.extensible = extensible
        super().__init__(validate=validate.OneOf(self.words), metadata=metadata, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in self.words:
            meant = suggest(text, self.words)
            hint = f" Did you mean {meant}?" if meant else ""
            raise ma.ValidationError(f"Must be one of {', '.join(self.words)}.{hint}")
        return text


class Country(fields.String):
    """A country code: ISO 3166-1 alpha-3, XKX for Kosovo, or a former state's alpha-3 code of ISO 3166-3."""

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        # No pattern: AAA would match it and is not a country.
        documented = {
            "format": "iso-3166-1-alpha-3",
            "minLength": 3,
            "maxLength": 3,
            "description": f"{CODE_LISTS}.",
        }
        super().__init__(metadata={**documented, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        code = super()._deserialize(value, attr, data, **kwargs)
        if code not in country_codes():
            suggestions = suggest_codes(code)
            hint = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
            raise ma.ValidationError(
                "Must be an ISO 3166-1 alpha-3 code, as in ARM. Kosovo is XKX. "
                f"Former states have the codes of ISO 3166-3, as in YUG.{hint}"
            )
        return code


class Language(fields.String):
    """A language tag, BCP 47, brought to its usual form: en, az-Latn, pt-BR."""

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        documented = {"format": "bcp47", "maxLength": 35}
        super().__init__(metadata={**documented, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        tag = super()._deserialize(value, attr, data, **kwargs)
        try:
            if len(tag) <= 35 and _LANGUAGE.fullmatch(tag) and langcodes.tag_is_valid(tag):
                return langcodes.standardize_tag(tag)
        except LanguageTagError:
            pass
        raise ma.ValidationError("Must be a BCP 47 language tag, as in en, az-Latn or pt-BR.")


class Url(fields.Url):
    """An absolute http or https URL."""

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(
            schemes={"http", "https"},
            metadata={"format": "uri", "maxLength": 2000, **(metadata or {})},
            error_messages={"invalid": "Must be an absolute URL, http:// or https://, in percent-encoded ASCII."},
            **kwargs,
        )

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = sound(super()._deserialize(value, attr, data, **kwargs))
        if len(text) > 2000:
            raise ma.ValidationError("Longer than 2000 characters.")
        # RFC 3986 has no other characters; and an index of PostgreSQL no room for 2,000 that take four bytes each.
        if not (text.isascii() and text.isprintable()):
            raise self.make_error("invalid")
        return text


class Address(fields.Url):
    """An address that this service gives."""

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(metadata={"format": "uri", "maxLength": ADDRESS_MAX, **(metadata or {})}, **kwargs)


class UnSymbol(fields.String):
    """The symbol of a resolution as a UN document, brought to one form: "S/RES/822(1993)" is "S/RES/822 (1993)"."""

    def __init__(self, *, metadata: dict[str, typing.Any] | None = None, **kwargs: typing.Any):
        super().__init__(metadata={"format": "un-document-symbol", "maxLength": 60, **(metadata or {})}, **kwargs)

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        symbol = un_symbols.normal(text) if len(text) <= 60 else None
        if symbol is None:
            raise ma.ValidationError(
                "Must be the UN document symbol of a resolution or decision, as in S/RES/822 (1993), A/RES/62/243, "
                "A/DEC/80/506, A/RES/3379 (XXX), A/RES/ES-11/1, E/RES/2005/30, A/HRC/RES/16/18, "
                "E/CN.4/RES/1992/S-2/1, E/CN.4/Sub.2/RES/1995/13 or T/RES/2183 (LIII)."
            )
        return symbol


class BoundedList(fields.List[typing.Any]):
    """A list of at most `most` values; with `least`, of at least so many."""

    def __init__(self, inner: fields.Field[typing.Any], *, most: int, least: int = 0, **kwargs: typing.Any):
        error = f"Must have {least} to {most} entries." if least else f"Must have at most {most} entries."
        self._length = validate.Length(min=least, max=most, error=error)
        super().__init__(inner, validate=self._length, **kwargs)

    def _deserialize(
        self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any
    ) -> list[typing.Any]:
        # Validators run after all entries are read, so too long a list is rejected here.
        if isinstance(value, list) and len(value) > typing.cast("int", self._length.max):
            self._length(value)
        return super()._deserialize(value, attr, data, **kwargs)


class WordSet(BoundedList):
    """A list of distinct words of a vocabulary. The order has no meaning and is kept as sent."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        extensible: bool = False,
        metadata: dict[str, typing.Any] | None = None,
        **kwargs: typing.Any,
    ):
        super().__init__(
            Choice(words, extensible=extensible), most=50, metadata={"uniqueItems": True, **(metadata or {})}, **kwargs
        )

    def _deserialize(
        self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any
    ) -> list[typing.Any]:
        words = super()._deserialize(value, attr, data, **kwargs)
        first: dict[str, int] = {}
        repeated: dict[typing.Any, typing.Any] = {
            position: [f"{word} occurs twice. Name each word once."]
            for position, word in enumerate(words)
            if first.setdefault(word, position) != position
        }
        if repeated:
            raise ma.ValidationError(repeated)
        return words

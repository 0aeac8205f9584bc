"""Field types: validation of single values, with messages that name the fix."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import marshmallow as ma
from marshmallow import fields, validate

from schemas import edtf, un_symbols, uri
from schemas.countries import CODE_LISTS, country_codes, suggest_codes

# More than the number of people alive is a typing error.
COUNT_MAX = 10_000_000_000
_WORD_MAX = 60
# The maximum number of unknown words in one request that get a suggestion.
SUGGESTIONS_MAX = 20
# 1 MiB. Even a long article needs only a twentieth of that.
TEXT_MAX = 1_048_576
# A URL of this service: a query of 32,768 bytes, each written as %XX, after the path.
URL_MAX = 110_000
# The maximum length of an error message.
MESSAGE_MAX = 20_000

_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,79}")
ID_PATTERN = f"^{_ID.pattern}$"
_HTTP = re.compile("https?://", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")

# Includes the white space of every programming language, so that all clients agree on blank texts.
NOT_BLANK = r"[^\s\x1c-\x1f\x85\ufeff]"
# For texts that can be blank. PostgreSQL cannot store NUL.
NO_NUL = r"^[^\x00]*$"

# Path segments of views under a collection. A record cannot have them as its id.
RESERVED_IDS = frozenset({"compare", "series", "timeline", "versions"})
# The path segment of the export of a collection. Version 1.0 allowed it as an id, so stored records, references and
# imports can have it.
EXPORT = "export"


_suggestions_left: ContextVar[list[int] | None] = ContextVar("suggestions_left", default=None)


@contextmanager
def limited_suggestions() -> Iterator[None]:
    """Limit `suggest` to SUGGESTIONS_MAX words. An inner call shares the limit of the outer one."""
    if _suggestions_left.get() is not None:
        yield
        return
    token = _suggestions_left.set([SUGGESTIONS_MAX])
    try:
        yield
    finally:
        _suggestions_left.reset(token)


def suggest(word: str, valid: typing.Iterable[str]) -> str | None:
    """Return the valid word that is most similar to a misspelled one, or None."""
    # Comparing a long text is slow, and it is not a misspelled word.
    if len(word) > _WORD_MAX:
        return None
    if (left := _suggestions_left.get()) is not None:
        if left[0] == 0:
            return None
        left[0] -= 1
    return next(iter(difflib.get_close_matches(word.lower(), list(valid), n=1, cutoff=0.6)), None)


def did_you_mean(word: str, valid: typing.Iterable[str]) -> str:
    """Return the end of a message that suggests the most similar valid word, or an empty text.

    >>> did_you_mean("kiled", ["killed", "injured"]), did_you_mean("unlike", ["killed"])
    (' Did you mean killed?', '')
    """
    suggestion = suggest(word, valid)
    return f" Did you mean {suggestion}?" if suggestion else ""


def truncate(text: str) -> str:
    r"""Return a message that can quote input: cut to MESSAGE_MAX characters and without NUL.

    >>> truncate("Unknown field: a\x00b.")
    'Unknown field: a�b.'
    """
    return (text if len(text) <= MESSAGE_MAX else f"{text[: MESSAGE_MAX - 1]}…").replace("\x00", "\ufffd")


def check_characters(value: str) -> None:
    """Raise ValidationError if a text has NUL or a lone surrogate, which databases cannot store."""
    if "\x00" in value:
        raise ma.ValidationError("The text contains NUL (U+0000). Remove it.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ma.ValidationError(
            f"The character at {error.start} is half of a surrogate pair. Send both halves, or the character itself."
        ) from None


# An optional field. A missing field means null.
OPTIONAL: dict[str, typing.Any] = {"allow_none": True, "load_default": None}


class Described:
    """Mixin for fields: `description` is an argument, and a field type has its own OpenAPI keywords.

    A field of an output schema with `required=False` can be absent from responses. The others are always present.
    """

    keywords: typing.ClassVar[dict[str, typing.Any]] = {}

    def __init__(
        self,
        *args: typing.Any,
        description: str | None = None,
        required: bool | None = None,
        metadata: Mapping[str, typing.Any] | None = None,
        **kwargs: typing.Any,
    ):
        described = {} if description is None else {"description": description}
        metadata = {**self.keywords, **described, **(metadata or {})}
        self.always_present = required is not False
        super().__init__(*args, required=bool(required), metadata=metadata, **kwargs)  # type: ignore[call-arg]


class String(Described, fields.String):
    """A string. Subclasses override `clean`."""

    def _deserialize(self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any) -> str:
        return self.clean(super()._deserialize(value, attr, data, **kwargs))

    def clean(self, text: str) -> str:
        """Return the text in its normal form. Raises ValidationError if it is invalid."""
        return text


class Boolean(Described, fields.Boolean):
    """A boolean."""


class Nested(Described, fields.Nested):
    """An object with a schema of its own."""


class Raw(Described, fields.Raw):
    """A value of any type."""


class List(Described, fields.List[typing.Any]):
    """A list of any length."""


class Dict(Described, fields.Dict):
    """An object with any keys, and values of one type."""


class Text(String):
    """Unicode text of 1 to `length_max` code points that is not blank. It is neither trimmed nor normalized."""

    keywords: typing.ClassVar = {"pattern": NOT_BLANK}

    def __init__(self, length_max: int, **kwargs: typing.Any):
        error = "Length must be {min} to {max} characters."
        super().__init__(validate=validate.Length(min=1, max=length_max, error=error), **kwargs)

    def clean(self, text: str) -> str:
        check_characters(text)
        if text and not re.search(NOT_BLANK, text):
            raise ma.ValidationError("Must not be blank. Leave the field out instead.")
        return text


class Pattern(String):
    """A string that a regular expression matches in full. Subclasses set the expression and the message."""

    pattern: re.Pattern[str]
    length_max: int
    message: str

    def __init_subclass__(cls) -> None:
        cls.keywords = {"pattern": f"^{cls.pattern.pattern}$", "maxLength": cls.length_max, **cls.keywords}

    def clean(self, text: str) -> str:
        check_characters(text)
        if len(text) > self.length_max or not self.pattern.fullmatch(text):
            raise ma.ValidationError(self.message)
        return text


class Slug(Pattern):
    """A short name that joins records, such as a conflict's: lower-case letters, digits and single hyphens."""

    pattern, length_max = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*"), 80
    message = "Must be a slug: at most 80 lower-case letters, digits and single hyphens, as in nagorno-karabakh."


def is_identifier(text: str) -> bool:
    """Return whether a text is a valid id."""
    return _ID.fullmatch(text) is not None


def reserved(id_: str) -> str:
    """Return the message for an id that is the path segment of a view or an export."""
    return f"The id {id_} is reserved. Choose another id."


class Identifier(Pattern):
    """The id of a record."""

    pattern, length_max = _ID, 80
    message = "Must be 3 to 80 characters: lower-case letters, digits and hyphens, beginning with a letter or digit."

    def clean(self, text: str) -> str:
        if super().clean(text) in RESERVED_IDS:
            raise ma.ValidationError(reserved(text))
        return text


class Sha256(Pattern):
    """The SHA-256 of a text in UTF-8, in hexadecimal."""

    pattern, length_max = re.compile(r"[0-9a-f]{64}"), 64
    message = "Must be a SHA-256: 64 lower-case hexadecimal digits."


class Instant(Pattern):
    """A UTC time, RFC 3339 with milliseconds. The fixed width makes text order the order of time."""

    pattern = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
    length_max = 24
    message = "Must be a UTC time with milliseconds, as in 2020-11-01T12:00:00.000Z."
    keywords: typing.ClassVar = {"format": "date-time"}
    # A request can have another RFC 3339 form. Generated clients parse a time and write it in their own form.
    request_keywords: typing.ClassVar[dict[str, typing.Any]] = {"format": "date-time", "maxLength": 40}

    def clean(self, text: str) -> str:
        """Return the time in UTC with milliseconds."""
        check_characters(text)
        try:
            time = datetime.fromisoformat(text)
            if time.tzinfo is None or len(text) > self.request_keywords["maxLength"]:
                raise ma.ValidationError(self.message)
            return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        except (ValueError, OverflowError):
            raise ma.ValidationError(self.message) from None


class Day(Pattern):
    """A calendar day, ISO 8601."""

    pattern, length_max = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), 10
    message = "Must be a day, as in 2020-11-01."
    keywords: typing.ClassVar = {"format": "date"}


class Edtf(String):
    """An EDTF date (ISO 8601-2, levels 0 and 1), such as "2020-11-01?", "2020-10" or "2020-09-27/..".

    Impossible days and backward intervals are invalid.
    """

    keywords: typing.ClassVar = {"format": "edtf", "maxLength": 60}

    def clean(self, text: str) -> str:
        try:
            edtf.days(text)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from None
        return text


class Count(Described, fields.Integer):
    """A whole number from `minimum` to `maximum`."""

    form = "as a JSON number without quotes"

    def __init__(self, *, minimum: int = 0, maximum: int = COUNT_MAX, **kwargs: typing.Any):
        error = f"Must be a whole number from {minimum} to {maximum}, {self.form}."
        super().__init__(
            strict=True,
            metadata={"format": "int32" if maximum < 2**31 else "int64", **kwargs.pop("metadata", {})},
            validate=validate.Range(min=minimum, max=maximum, error=error),
            error_messages={"invalid": error},
            **kwargs,
        )


def versioned_fields() -> dict[str, fields.Field[typing.Any]]:
    """Return the fields of every record that the server sets on each change."""
    version = Count(minimum=1, description="The record's version number. It increases by 1 with every change.")
    return {"version": version, "created_at": Instant(), "updated_at": Instant()}


# The form of all values of a vocabulary, including later ones.
VALUE_FORM: dict[str, typing.Any] = {"pattern": "^[a-z][a-z0-9_]*$", "maxLength": 80}


class Choice(String):
    """A value of a vocabulary, such as a StrEnum. Loaded values are plain strings.

    Unless it is `closed`, responses of later minor versions may have further values.
    """

    def __init__(self, values: Iterable[str], *, closed: bool = False, **kwargs: typing.Any):
        self.values = tuple(str(value) for value in values)
        self.closed = closed
        super().__init__(validate=validate.OneOf(self.values), **kwargs)

    def clean(self, text: str) -> str:
        if text not in self.values:
            raise ma.ValidationError(f"Must be one of {', '.join(self.values)}.{did_you_mean(text, self.values)}")
        return text


class Country(String):
    """A country code: ISO 3166-1 alpha-3, XKX for Kosovo, or a former state's alpha-3 code of ISO 3166-3."""

    # A pattern would also match AAA, which is not a country.
    keywords: typing.ClassVar = {
        "format": "iso-3166-1-alpha-3",
        "minLength": 3,
        "maxLength": 3,
        "description": f"{CODE_LISTS}.",
    }

    def clean(self, text: str) -> str:
        if text not in country_codes():
            suggestions = suggest_codes(text)
            hint = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
            raise ma.ValidationError(
                "Must be an ISO 3166-1 alpha-3 code, as in ARM. Kosovo is XKX. "
                f"Former states have the codes of ISO 3166-3, as in YUG.{hint}"
            )
        return text


class Language(String):
    """A BCP 47 language tag, standardised: en, az-Latn, pt-BR."""

    keywords: typing.ClassVar = {"format": "bcp47", "maxLength": 35}

    def clean(self, text: str) -> str:
        # Few requests have a language, and the tables of languages take long to load.
        import langcodes  # noqa: PLC0415
        from langcodes.tag_parser import LanguageTagError  # noqa: PLC0415

        try:
            if len(text) <= 35 and _LANGUAGE.fullmatch(text) and langcodes.tag_is_valid(text):
                return langcodes.standardize_tag(text)
        except LanguageTagError:
            pass
        raise ma.ValidationError("Must be a BCP 47 language tag, as in en, az-Latn or pt-BR.")


class Url(String):
    """An absolute http or https URL of at most `length_max` characters."""

    keywords: typing.ClassVar = {"format": "uri"}

    def __init__(self, *, length_max: int = 2000, **kwargs: typing.Any):
        error = "Must be an absolute http:// or https:// URL with a domain name or an IP address, as in https://news.example/a."
        valid = validate.URL(schemes={"http", "https"}, error=error)
        metadata = {"maxLength": length_max, **kwargs.pop("metadata", {})}
        super().__init__(validate=valid, error_messages={"invalid": error}, metadata=metadata, **kwargs)
        self.length_max = length_max

    def clean(self, text: str) -> str:
        check_characters(text)
        if len(text) > self.length_max:
            raise ma.ValidationError(f"Must have at most {self.length_max} characters.")
        if not _HTTP.match(text):
            raise self.make_error("invalid")
        try:
            # All its characters are ASCII. A PostgreSQL index cannot hold 2,000 characters of four bytes each.
            uri.check(text)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from None
        return text


class OutputUrl(Described, fields.Url):
    """A URL that the server generates."""

    keywords: typing.ClassVar = {"format": "uri", "maxLength": URL_MAX}


class UnSymbol(String):
    """The UN document symbol of a resolution in its normal form: "S/RES/822(1993)" becomes "S/RES/822 (1993)"."""

    keywords: typing.ClassVar = {"format": "un-document-symbol", "maxLength": 60}

    def clean(self, text: str) -> str:
        symbol = un_symbols.normalize(text) if len(text) <= 60 else None
        if symbol is None:
            raise ma.ValidationError(
                "Must be the UN document symbol of a resolution or decision. Examples: S/RES/822 (1993), A/RES/62/243, "
                "A/DEC/80/506, A/RES/3379 (XXX), A/RES/ES-11/1, E/RES/2005/30, A/HRC/RES/16/18, "
                "E/CN.4/RES/1992/S-2/1, E/CN.4/Sub.2/RES/1995/13 or T/RES/2183 (LIII)."
            )
        return symbol


class BoundedList(List):
    """A list of `length_min` to `length_max` values."""

    def __init__(self, inner: fields.Field[typing.Any], *, length_max: int, length_min: int = 0, **kwargs: typing.Any):
        entries = f"{length_min} to {length_max}" if length_min else f"at most {length_max}"
        self.length_max = length_max
        # A documented minimum of 0 makes generators of examples fill each list up to its maximum.
        self._length = validate.Length(min=length_min or None, max=length_max, error=f"Must have {entries} entries.")
        super().__init__(inner, validate=self._length, **kwargs)

    def _deserialize(
        self, value: typing.Any, attr: str | None, data: typing.Any, **kwargs: typing.Any
    ) -> list[typing.Any]:
        # Validators run after all entries are loaded, so a list that is too long is rejected here.
        if isinstance(value, (list, tuple)) and len(value) > self.length_max:
            self._length(value)
        return self.clean(super()._deserialize(value, attr, data, **kwargs))

    def clean(self, values: list[typing.Any]) -> list[typing.Any]:
        """Return the values in their normal form. Raises ValidationError if they are invalid."""
        return values


class ChoiceSet(BoundedList):
    """A list of distinct values of a vocabulary. The order has no meaning and is stored as sent."""

    keywords: typing.ClassVar = {"uniqueItems": True}

    def __init__(self, values: Iterable[str], **kwargs: typing.Any):
        super().__init__(Choice(values), length_max=50, **kwargs)

    def clean(self, values: list[typing.Any]) -> list[typing.Any]:
        first: dict[str, int] = {}
        repeated: dict[typing.Any, typing.Any] = {
            position: [f"{value} occurs twice. List each value once."]
            for position, value in enumerate(values)
            if first.setdefault(value, position) != position
        }
        if repeated:
            raise ma.ValidationError(repeated)
        return values

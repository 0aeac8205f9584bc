"""Change: one entry of the change feed, with the record after it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import marshmallow as ma

from schemas.base import OutputSchema
from schemas.fields import BoundedList, Choice, Count, Identifier, Instant, Nested, OutputUrl, Raw, String
from schemas.page import LIMIT_MAX, PageInfo

_ARTICLE, _CLAIM = {"$ref": "#/components/schemas/Article"}, {"$ref": "#/components/schemas/Claim"}

Action = StrEnum("Action", "CREATED UPDATED DELETED PURGED")


def epoch_field(description: str) -> String:
    """Return the field of the epoch of the feed."""
    return String(metadata={"format": "epoch", "minLength": 1, "maxLength": 64}, description=description)


class ChangePageInfo(OutputSchema):
    """The position of a page in the change feed."""

    limit = Count(minimum=1, maximum=LIMIT_MAX, description="The maximum number of changes on a page.")
    next = OutputUrl(allow_none=True, description="The URL of the next page. Null on the last page.")
    since = Count(
        maximum=2**63 - 1, description="Send this as `since` in the next request, to continue after this page."
    )
    epoch = epoch_field("Send this as `epoch` with `since`. It changes when the database is restored from a backup.")


def change_pages(types: Sequence[str]) -> tuple[type[ma.Schema], type[ma.Schema]]:
    """Build the schemas of a page of the change feed and of a page of a record's history."""

    class Change(OutputSchema):
        """A change of a record."""

        sequence = Count(
            minimum=1,
            maximum=2**63 - 1,
            description="The sequence number of the change. Later changes have higher numbers.",
        )
        at = Instant(description="The time of the change.")
        action = Choice(
            Action,
            description="The action. `purged` means that the record was erased with its history. Before later "
            "versions of the record, it means that only this version was erased.",
        )
        type = Choice(types, description="The type of the record.")
        id = Identifier()
        version = Count(minimum=1, description="The version of the record after the change.")
        document = Raw(
            metadata={"anyOf": [_ARTICLE, _CLAIM, {"type": "null"}]},
            description="The record after the change. Null if it was deleted or purged.",
        )

    class ChangePage(OutputSchema):
        """A page of the change feed."""

        data = BoundedList(Nested(Change), length_max=LIMIT_MAX)
        page = Nested(ChangePageInfo)

    class VersionPage(OutputSchema):
        """A page of a record's history, newest first."""

        data = BoundedList(Nested(Change), length_max=LIMIT_MAX)
        page = Nested(PageInfo)

    return ChangePage, VersionPage

"""A claim under check, with its evidence parsed once for all checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from api.grounding import cues, date_ties
from api.grounding.cue_patterns import Cue, CueField, KindCues
from api.grounding.cues import Verdict, Words
from api.grounding.figures import Figure, Figures
from api.grounding.harm_ties import HarmTies
from api.grounding.lexicon import ListedWords
from api.grounding.locate import SearchableText
from api.grounding.modality import unreal
from api.grounding.normalize import Spaced, lower, spaced_text
from api.grounding.numbers import numbers
from api.grounding.spans import Failure, Run, Search
from schemas.documents import Fields

# The checks that `inferred` can excuse. The others apply to every claim.
_EXCUSABLE = frozenset({"cue", "date", "party", "symbol"})
# The maximum number of characters of the evidence that an error cites.
_CITED_MAX = 500
_FIGURES_MAX = 100


@dataclass(frozen=True, kw_only=True)
class CheckedFields:
    """The checked fields of a kind of claim. `parties` maps each role to whether it is a list."""

    verbatim: tuple[str, ...]
    numbers: tuple[str, ...]
    dates: tuple[str, ...]
    parties: Mapping[str, bool]
    cues: KindCues


@dataclass(frozen=True)
class Source:
    """An article as the checks read it. `length` is the length of a text that is not stored, if known."""

    text: str | None
    length: int | None
    language: str
    published_on: str | None = None

    @property
    def in_english(self) -> bool:
        return self.language.partition("-")[0] == "en"


@dataclass
class Case:
    """A claim under check. `sent` are the names of the sent fields, `placed_runs` the words of its spans in order."""

    claim: Fields
    sent: frozenset[str]
    checked: CheckedFields
    source: Source
    placed_runs: list[Run]
    _verdicts: dict[str, Verdict] = field(default_factory=dict)

    @cached_property
    def runs(self) -> list[str]:
        """The words of the spans. Adjacent spans are one run."""
        return [run.words for run in self.placed_runs]

    @cached_property
    def all_words(self) -> str:
        return " … ".join(self.runs)

    @cached_property
    def spaced_runs(self) -> list[Spaced]:
        return [spaced_text(words) for words in self.runs]

    @cached_property
    def words(self) -> Words:
        return Words(self.all_words)

    @cached_property
    def figures(self) -> Figures:
        """The figures of the spans. Nouns and clauses are parsed only in English."""
        return Figures(self.words, self.source.language, self.checked.cues.counted)

    @cached_property
    def dates(self) -> date_ties.Ties:
        """The dates of the spans, which are parsed only in English."""
        return date_ties.ties(self.all_words, self.words.dates)

    @cached_property
    def ties(self) -> HarmTies:
        return HarmTies(self.figures, self.checked.cues.stated.get("harm"))

    @cached_property
    def stated_numbers(self) -> list[int]:
        """The numbers of the spans. In English, only numbers that count people or records of the kind."""
        if self.source.in_english:
            return sorted({figure.value for figure in self.figures.counting})
        return sorted(numbers(self.all_words, self.source.language))

    @cached_property
    def listed_words(self) -> ListedWords | None:
        """The spans with the word list of their language, or None without a list."""
        listed = self.checked.cues.lexicons.get(self.source.language.partition("-")[0])
        return ListedWords(self.words.text, self.source.language, listed) if listed else None

    @cached_property
    def states_harm(self) -> bool:
        """Whether the spans state the claim's harm. If they do not, the cue check fails."""
        harms = self.checked.cues.stated.get("harm")
        return harms is not None and self.judge("harm", harms) is Verdict.STATED

    def judge(self, name: str, stated: CueField) -> Verdict:
        """Return how the spans relate to the value of a field."""
        if name not in self._verdicts:
            presupposed = self.claim.get("qualifier") == "undisclosed" or self.claim.get("count") == 0
            self._verdicts[name] = cues.judge(stated, self.claim[name], self.words, presupposed=presupposed)
        return self._verdicts[name]

    @property
    def own_cues(self) -> list[Cue]:
        """The cues of the claim's values."""
        stated = self.checked.cues.stated
        return [field.values[self.claim[name]] for name, field in stated.items() if self.claim[name] in field.values]

    @property
    def sent_numbers(self) -> list[int]:
        return [self.claim[name] for name in ("count", "low", "high") if self.claim.get(name) is not None]

    @cached_property
    def sent_figures(self) -> list[Figure]:
        """The figures of the claim's numbers, or the places of its vague wording."""
        if self.claim.get("qualifier") == "vague" and self.claim.get("wording"):
            return self.figures.worded(lower(self.claim["wording"]))
        return [figure for figure in self.figures.counting if figure.value in self.sent_numbers]

    @property
    def figures_are_unharmed(self) -> bool:
        """Whether the clause of each figure of the claim states something other than its harm."""
        return bool(self.sent_figures) and all(
            self.ties.is_unharmed(figure, self.claim["harm"]) for figure in self.sent_figures[:_FIGURES_MAX]
        )

    @property
    def figures_are_unreal(self) -> bool:
        """Whether each figure of the claim is only desired, feared or possible."""
        figures = self.sent_figures
        sentences = [(self.words.sentence(figure.start), figure.start) for figure in figures]
        return bool(figures) and all(unreal(sentence, sentence.index(at), noun=True) for sentence, at in sentences)

    @cached_property
    def speakers(self) -> list[str]:
        return [party["name"] for party in (self.claim["claimant"], *self.claim["via"])]

    @property
    def cited_words(self) -> str:
        """The beginning of the spans, which errors cite."""
        return self.all_words if len(self.all_words) <= _CITED_MAX else self.all_words[:_CITED_MAX] + " …"

    def failure(
        self,
        check: str,
        pointer: str,
        detail: str,
        looked_for: str,
        search: Search,
        *,
        found: str | None = None,
        final: bool = False,
        undecided: bool = False,
        excusable: bool = False,
    ) -> Failure:
        """Build the failure of a value. It refers to the span if the claim has only one."""
        return Failure(
            check=check,
            pointer=pointer,
            detail=detail,
            final=final,
            excusable=excusable or (check in _EXCUSABLE and not final),
            undecided=undecided,
            span=0 if len(self.claim["evidence"]) == 1 else None,
            looked_for=looked_for,
            found=found,
            search=search,
        )

    def missing_words(self, check: str, pointer: str, words: str, search: Search | None = None) -> Failure:
        """Build the failure of words that the spans do not contain."""
        detail = (
            f"The evidence does not contain {words!r}, it reads {self.cited_words!r}. "
            "Point a span at the words, or correct them."
        )
        search = search or partial(SearchableText.find, words=words)
        return self.failure(check, pointer, detail, words, search, found=self.cited_words)


class NotRun(Exception):
    """A check that could not run. The message has the reason."""

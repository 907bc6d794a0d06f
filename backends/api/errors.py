"""How an adapter says that something did not work: always one clear sentence for the technician."""

from __future__ import annotations

from backends.fleet.model import FaultKind, safe


class SourceError(Exception):
    """A source, or one host of it, could not be read. The sentence is shown to the technician as it is."""

    def __init__(self, kind: FaultKind, sentence: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = safe(sentence, 512)
        self.retry_after_s = retry_after_s
        """Wait that the server asked for."""

    @property
    def needs_hand(self) -> bool:
        """Whether trying again cannot help until somebody changes something."""
        return self.kind in (
            FaultKind.HOST_KEY_CHANGED,
            FaultKind.HOST_KEY_UNKNOWN,
            FaultKind.CREDENTIALS,
            FaultKind.CONFIGURATION,
            FaultKind.SECRET,
        )


class ConfigurationError(Exception):
    """An option of a source is wrong. Names the key so that file and line can be found."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = sentence


class NotSent(Exception):  # noqa: N818 - an outcome, not a mistake
    """Nothing reached the device: the run failed, and may be planned again."""


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome, not a mistake
    """Something was sent and no answer came: it may have run, and is never repeated by us."""


class DoneInPart(Exception):  # noqa: N818 - an outcome, not a mistake
    """What was asked for was done, and is not all that it takes: the sentence says what is left. For requests about
    conditions."""

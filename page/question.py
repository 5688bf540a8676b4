"""What is asked about each picture, of the one that is shown and of each of several in a table."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from streamlit.delta_generator import DeltaGenerator

from client import read
from digits.answers import Include
from digits.texts import Texts
from page import how
from page.asking import Outcome, digits_in, outcome_or_error, outcomes_of
from page.hints import Hints
from page.learning.teaching import changes
from page.many import BATCH_FILES, Answers, change_row, read_with, show_many
from page.upload import File

LATE_SECONDS: Final = 1.0


class Question(NamedTuple):
    """What is asked.

    Attributes:
        reading: "digit" or "number".
        hints: of how a number is written.
        profile: code of the one whose remembered digits weigh in.
        learns: whether the API does.
        page: of a file of several.
        api_address: of the API that is asked.
        texts: of the page, whose language errors are said in.

    """

    reading: str
    hints: Hints
    profile: str | None
    learns: bool
    page: int
    api_address: Callable[[], str]
    texts: Texts

    def ask_about_several(self, files: Sequence[File]) -> Answers:
        """What the API has said so far of each of several files, in a table; nothing for one file."""
        if len(files) < 2:
            return []
        asked, wanted = self._in_table()
        return show_many(files, wanted, asked._asking(()), self.texts)

    def ask_about_shown(
        self, shown: Sequence[File], in_table: int, place: DeltaGenerator, switch: str
    ) -> list[Outcome]:
        """What the API says of the file that is shown, beside so many in a table; `place` says if it is late."""
        count = len(shown) if self.reading == "digit" else 0
        include = how.wanted(count, with_nearest=self.learns, switch=switch)

        def show_waiting(_done: int, seconds: float) -> None:
            if seconds < LATE_SECONDS:
                place.empty()
            else:
                place.html(f'<p class="waiting">{self.texts("error.late")}</p>')

        pictures, wanted = [file.data for file in shown], self._wanted(include, changes())
        outcomes = outcomes_of(pictures, wanted, self._asking(include), show_waiting, beside=in_table)
        place.empty()
        if in_table:
            change_row(shown, self._in_table()[1], outcomes, self.texts)
        return outcomes

    def _in_table(self) -> tuple["Question", tuple[str, ...]]:
        """What is asked about each of several files, and what tells its answer from others."""
        profile, taught = read_with(self.profile)
        asked = self._replace(profile=profile)
        return asked, asked._wanted((), taught)

    def _wanted(self, include: Sequence[str], taught: int) -> tuple[str, ...]:
        """What tells an answer from others to the same picture; so much had been taught."""
        with_profile = [self.profile, str(taught)] if self.profile else []
        return self.reading, *include, *map(str, self.hints), str(self.page), *with_profile

    def _asking(self, include: Sequence[Include]) -> Callable[[Sequence[bytes]], Iterator[Outcome]]:
        """What asks the API about pictures."""
        language, profile = self.texts.language, self.profile

        def ask(pictures: Sequence[bytes]) -> Iterator[Outcome]:
            api = self.api_address()
            if self.reading == "number":
                for picture in pictures:
                    call = partial(read, api, picture, language, *self.hints, profile=profile, page=self.page)
                    yield outcome_or_error(call)
            else:
                yield from digits_in(api, pictures, language, include, profile, BATCH_FILES)

        return ask

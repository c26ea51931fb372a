"""Short passages with one-sentence summaries, written for this course to measure a summary with."""

from dataclasses import dataclass
from pathlib import Path

from helpers import validate

FILE = Path(__file__).with_name("passages.tsv")


@dataclass(frozen=True)
class Passage:
    """title: two or three words. text: 2 to 5 sentences with made-up names. reference: a person's one-sentence summary."""

    title: str
    text: str
    reference: str


def read_passages(path=FILE):
    """Return the passages of the file as a list of Passage.

    The file has one passage a line, with tabs between title, text and reference; lines that begin with # are comments.
    Raises ValueError, naming the line, for a line that does not hold three texts, and for a title that comes twice.
    """
    passages, titles = [], set()
    for number, line in enumerate(validate.lines(path), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("\t")]
        if len(parts) != 3 or not all(parts):
            raise ValueError(
                f"{Path(path).name}, line {number}, must hold a title, a passage and a summary with tabs between, "
                f"but it is {line!r}."
            )
        if parts[0] in titles:
            raise ValueError(f"{Path(path).name}, line {number}: the title {parts[0]!r} stands there twice.")
        titles.add(parts[0])
        passages.append(Passage(*parts))
    return passages

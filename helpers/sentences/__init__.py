"""Everyday English sentences with French translations, written for this course to measure a translation with."""

from pathlib import Path

from helpers import validate

FILE = Path(__file__).with_name("english_french.tsv")


def english_french(path=FILE):
    """Return [(English, [French, ...])]: a sentence, and the translations of it that a person would accept.

    The file has one sentence a line, with tabs between the texts; lines that begin with # are comments. Raises
    ValueError, naming the line, for a line without a translation, an empty text or a sentence that comes twice.
    """
    rows, seen = [], set()
    for number, line in enumerate(validate.lines(path), 1):
        if not line.strip() or line.startswith("#"):
            continue
        english, *french = (text.strip() for text in line.split("\t"))
        if not (english and french and all(french)):
            raise ValueError(
                f"{Path(path).name}, line {number}, must hold a sentence and its translations with tabs "
                f"between, but it is {line!r}."
            )
        if english in seen:
            raise ValueError(f"{Path(path).name}, line {number}: {english!r} stands there twice.")
        seen.add(english)
        rows.append((english, french))
    return rows

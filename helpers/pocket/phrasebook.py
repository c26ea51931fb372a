"""Our own everyday English-French sentences: weather, family, food, travel, time, feelings, classroom.

The sentence corpus is thin on some of them. They are training text only, never part of the test.
"""

from pathlib import Path

from helpers import validate

FILE = Path(__file__).with_name("phrasebook.txt")


def read(path=FILE):
    """Return the (English, French) pairs of the file, in order.

    Raises ValueError, naming the line, if a line is no heading and does not hold two sentences.
    """
    pairs = []
    for number, line in enumerate(validate.lines(path), 1):
        if not line.strip() or line.startswith("#"):
            continue
        sides = [side.strip() for side in line.split("|")]
        if len(sides) != 2 or not all(sides):
            raise ValueError(f"phrasebook line {number}: got {line!r}, expected 'English | French'")
        pairs.append(tuple(sides))
    return pairs


PAIRS = read()

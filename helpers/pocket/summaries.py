"""Make the summarising examples of pocket-t5 from running text.

There is no large corpus of short human summaries that may be used, so most
examples are made: a passage, and one of its sentences, shortened by leaving
words out. What the model learns from them is to pick and to copy. Names and
numbers are often swapped for made-up ones, on both sides, so that the model
cannot know them by heart and must copy them.
"""

import re

ONSETS = ("b br c ch cl d dr f fl g gl gr h j k kr l m n p pr qu r s sh sl st str t th tr v w z ly ny ry").split()
VOWELS = "a a e e i i o o u ai ea ee ia io oo ou".split()
CODAS = ["", "", "", "", "l", "n", "r", "s", "t", "d", "m", "ck", "nd", "rt", "ll", "x"]

NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
NUMBER = re.compile(r"\b\d{2,6}\b")
LONG_WORD = re.compile(r"\b[a-z]{7,}\b")
KEEP = set(
    "January February March April May June July August September October November December "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday English French".split()
)


def words(text):
    """Return the words of a text in lower case, without punctuation."""
    return re.findall(r"[^\W_]+(?:['’.,-][^\W_]+)*", text.lower())


def made_up_name(rng):
    """Return a made-up name of one to three syllables, such as "Stromar"."""
    count = rng.choice([1, 2, 2, 2, 3])
    parts = [str(rng.choice(ONSETS)) + str(rng.choice(VOWELS)) + str(rng.choice(CODAS)) for _ in range(count)]
    return "".join(parts).capitalize()


def swap_names(source, target, rng, share=0.7):
    """Swap names and numbers for made-up ones, the same on both sides.

    A name is a capitalised word inside a sentence of the source; each is
    swapped with probability `share`. In every other example a few long words
    become made-up words as well: technical words must be copied like names.
    Returns the new (source, target).
    """
    swaps = {}
    for name in sorted(set(NAME.findall(source)) - KEEP):
        if rng.random() < share:
            swaps[name] = made_up_name(rng)
    for number in sorted(set(NUMBER.findall(source))):
        if rng.random() < share:
            digits = "".join(str(rng.integers(0, 10)) for _ in number[1:])
            swaps[number] = str(rng.integers(1, 10)) + digits
    if rng.random() < 0.5:
        for word in sorted(set(LONG_WORD.findall(source))):
            if rng.random() < 0.2 * share:
                swaps[word] = made_up_name(rng).lower()
    if not swaps:
        return source, target
    pattern = re.compile(r"\b(" + "|".join(sorted(map(re.escape, swaps), key=len, reverse=True)) + r")\b")
    return (
        pattern.sub(lambda match: swaps[match.group()], source),
        pattern.sub(lambda match: swaps[match.group()], target),
    )


def shorten(sentence, limit=24):
    """Return the sentence with asides and late clauses left out, until it has `limit` words.

    Words are only left out, never changed. A sentence that is short enough, or
    has nothing that may go, comes back as it is.
    """
    out = re.sub(r"\s*(\([^()]*\)|\[[^\[\]]*\])", "", sentence)
    out = re.sub(r"^(However|Moreover|Also|Then|And|But|So|Now|Therefore|Thus|Indeed|In fact), ?", "", out)
    cut = r"(?:;|:|--|, (?:which|who|whose|where|when|while|and|but|so|because|although|though) )"
    while len(out.split()) > limit:
        places = [match.start() for match in re.finditer(cut, out)]
        places = [place for place in places if len(out[:place].split()) >= 6]
        if not places:
            break
        out = out[: places[-1]].rstrip(" ,;:-")
    if out.count('"') % 2:
        out = out.replace('"', "")
    if out and out[-1] not in ".!?\"'":
        out += "."
    return out[:1].upper() + out[1:]


def weights_of(passage):
    """Return a score for each sentence: words shared with the others, first place far ahead.

    A sentence that begins with a pronoun does not stand alone: behind the first place it scores below 0.
    """
    bags = [set(word for word in words(sentence) if len(word) > 3) for sentence in passage]
    scores = []
    for place, bag in enumerate(bags):
        others = set().union(*(other for index, other in enumerate(bags) if index != place))
        shared = len(bag & others) / (len(bag) + 3)
        leans = re.match(r"(It|He|She|They|This|These|That|Those|His|Her|Their|Its)\b", passage[place]) is not None
        scores.append(shared + (1.5 if place == 0 else 0.0) - 0.02 * place - (4.0 if leans and place else 0.0))
    return scores


def passage_example(passage, rng):
    """Return (text, summary) for a list of 2 to 5 sentences, or None if no summary is short enough.

    The summary is the sentence with the best score, shortened; it has at most
    60 % of the words of the passage, and does not begin with a pronoun whose noun is left out.
    """
    total = sum(len(sentence.split()) for sentence in passage)
    scores = weights_of(passage)
    for place in sorted(range(len(passage)), key=lambda index: -scores[index]):
        if scores[place] < 0:
            break
        summary = shorten(passage[place])
        count = len(summary.split())
        if 4 <= count <= 0.6 * total and count <= 30 and re.match(r"[\"'A-Z0-9]", summary):
            return swap_names(" ".join(passage), summary, rng) if rng.random() < 0.5 else (" ".join(passage), summary)
    return None


def copy_example(pool, rng, most=2):
    """Return (text, summary): one to `most` short sentences, and the first of them, with new names.

    This is the cheapest task that makes the cross-attention look at the right place.
    """
    count = int(rng.integers(1, most + 1))
    chosen = [pool[int(rng.integers(len(pool)))] for _ in range(count)]
    name = made_up_name(rng)
    chosen = [re.sub(r"\b(Tom|Mary|John)\b", name, sentence) if rng.random() < 0.5 else sentence for sentence in chosen]
    if rng.random() < 0.3:
        chosen[0] = re.sub(r"\b(boy|girl|man|woman|dog|cat|he|she|house)\b", made_up_name(rng), chosen[0], count=1)
    return " ".join(chosen), chosen[0]


def split_example(long, simple, followers, rng):
    """Return (text, summary) for a human compression, or None if it is no pure shortening.

    `followers` are sentences put behind the long one, so that the text is a passage.
    """
    if not set(words(simple)) <= set(words(long)) or len(simple.split()) > 0.8 * len(long.split()):
        return None
    text = " ".join([long, *followers])
    return swap_names(text, simple, rng) if rng.random() < 0.5 else (text, simple)


def overlap(sentence, summary):
    """Return the F1 of shared words, in [0, 1]: how much of a human summary a sentence says."""
    left, right = set(words(sentence)), set(words(summary))
    shared = len(left & right)
    return 2 * shared / (len(left) + len(right)) if shared else 0.0

"""Looks at a text before a model does: what is empty or too long gets a sentence, not a traceback."""


def check_text(name, text, longest):
    """Return the text without blanks at its ends and with single blanks inside.

    longest: the number of characters that a panel can show. Raises TypeError for what is no text, ValueError for an
    empty or too long one, and for what cannot be encoded (half of an emoji).
    """
    if not isinstance(text, str):
        raise TypeError(f"{name} must be text, but it is a {type(text).__name__}.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds half of a character, which no tokenizer can read: type it again.") from None
    text = " ".join(text.split())
    if not text:
        raise ValueError(f"{name} is empty: type some words.")
    if len(text) > longest:
        raise ValueError(f"{name} may have at most {longest} characters here, but it has {len(text)}: shorten it.")
    return text


def check_tokens(name, ids, most, unknown=None):
    """Return the ids unless there are more than `most`, or nothing but the unknown token `unknown`; else ValueError.

    ids: a list of token ids without special tokens. unknown: an id, or None if the tokenizer has none.
    """
    if len(ids) > most:
        raise ValueError(f"{name} may have at most {most} tokens here, but it has {len(ids)}: shorten it.")
    if not ids:
        raise ValueError(f"{name} has no tokens: type some words.")
    if unknown is not None and all(i == unknown for i in ids):
        raise ValueError(f"{name} has only words that this model's vocabulary does not know: try other words.")
    return ids

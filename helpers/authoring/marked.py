"""Replace what stands between two marks of a page that is otherwise written by hand."""


def put_between(text, content, begin, end):
    """Return the text with the content between its two marks, on lines of its own.

    Raises ValueError if a mark does not stand exactly once, or the second stands first.
    """
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"The marks {begin!r} and {end!r} must each stand once in the file, in this order.")
    return text[: text.index(begin) + len(begin)] + f"\n{content}\n" + text[text.index(end) :]

"""How a wrong value is shown in a sentence. Standard library only: the preflight says such sentences before set-up."""


def short(value):
    """Return how a value is shown in a sentence: its repr, cut at 60 characters. Never raises."""
    try:
        text = repr(value)
    except Exception:  # a half-made object, or a whole number of more digits than Python writes
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 60 else text[:57] + "..."

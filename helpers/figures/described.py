"""A figure that shows its picture where pictures can be seen, and says in words what it shows where they cannot."""

import base64


class Described:
    """What a chapter's figure call returns: PNG for the page, words for the re-run, and the words as alt text."""

    def __init__(self, canvas, point=""):
        """canvas: figures.canvas.Canvas. point: one sentence that says what to see, added to the words."""
        self.png = canvas.png()
        self.words = " ".join(part for part in (canvas.words(), point) if part)

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, include=None, exclude=None):
        return mimebundle(self.png, self.words)


def mimebundle(png, words):
    """Return what Jupyter shows and stores, as (data, metadata): the picture, the words, and the words as alt text."""
    data = {"image/png": base64.b64encode(png).decode("ascii"), "text/plain": words}
    return data, {"image/png": {"alt": words}}

"""Is this machine ready for the course? `python -m helpers.preflight`, or `preflight()` in a notebook.

It reads and tries, and changes nothing: what it has to write lies in a temporary folder that it removes. It asks no
network. Files that an old Python reads before it can say that it is too old keep to what that Python understands:
this one, __main__.py, result.py and python.py.
"""


def preflight():
    """Check, from a notebook, all but what the running notebook proves itself; print one line a check.

    A line that is ready reads the same on every machine; any other says what was found and what to do.
    """
    from helpers.preflight.report import in_notebook

    in_notebook()

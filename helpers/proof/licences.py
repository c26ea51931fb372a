"""The licences of everything that the pins bring in, read from the installed packages."""

import re
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, distribution

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Each lets anybody use a package and hand it on unchanged beside code under BSD-3-Clause, which is what the course does.
COMPATIBLE = """MIT MIT-0 MIT-CMU X11 BSD BSD-2-Clause BSD-3-Clause 0BSD Apache-2.0 ISC PSF-2.0 Python-2.0 MPL-2.0 Zlib CC0-1.0
Unlicense HPND BSL-1.0 CNRI-Python LLVM-exception OFL-1.1 ZPL-2.1""".split()
SAID = (  # what packages write instead, and what it stands for
    (r"apache.*2|apache software|^apache$", "Apache-2.0"),
    (r"mozilla public license 2|mpl.?2", "MPL-2.0"),
    (r"3-clause|new bsd|modified bsd", "BSD-3-Clause"),
    (r"2-clause|simplified", "BSD-2-Clause"),
    (r"bsd", "BSD"),
    (r"python software foundation|psf|matplotlib versions", "PSF-2.0"),
    (r"\bmit\b|expat", "MIT"),
    (r"\bisc\b", "ISC"),
    (r"hpnd|historical permission", "HPND"),
    (r"zope public", "ZPL-2.1"),
    (r"unlicense|public domain", "Unlicense"),
)


def needed(requirements):
    """Return ({name: distribution}, names that are not installed) of what these requirements bring in, all levels down."""
    found, missing, waiting = {}, set(), [(line, "") for line in requirements]
    seen = set()
    while waiting:
        line, extra = waiting.pop()
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate(default_environment() | {"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            missing.add(name)
            continue
        for wanted in {"", *requirement.extras}:
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                waiting += [(below, wanted) for below in found[name].requires or []]
    return found, sorted(missing)


def licence_of(package):
    """Return the licence of an installed package: its SPDX expression, or what its old fields say, or "not stated"."""
    metadata = package.metadata
    if metadata.get("License-Expression"):
        return metadata["License-Expression"]
    said = (metadata.get("License") or "").strip()
    if said and "\n" not in said and len(said) < 60 and said != "UNKNOWN":
        return said if fits(said) else _in_short(said)
    classifiers = [
        line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License")
    ]
    texts = [_in_short(line) for line in classifiers if line != "OSI Approved"] or (
        [_in_short(said)] if said not in ("", "UNKNOWN") else []
    )
    return " AND ".join(sorted(set(texts))) or "not stated"


def fits(expression):
    """Return whether every licence of an SPDX expression is one of COMPATIBLE."""
    parts = re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", expression)
    return {part.strip() for part in parts if part.strip()} <= set(COMPATIBLE)


def by_licence(packages):
    """Return {licence: [package, ...]}, both in order."""
    grouped = defaultdict(list)
    for name in sorted(packages):
        grouped[licence_of(packages[name])].append(name)
    return dict(sorted(grouped.items()))


def _in_short(text):
    """Return the SPDX name of a licence that is written in words; the words themselves if they are not known."""
    known = next((name for pattern, name in SAID if re.search(pattern, text.lower())), None)
    return known or " ".join(text.split())[:60]

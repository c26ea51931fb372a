"""axe-core: what a page hides from people who hear it, see it badly or use no mouse.

The pinned npm package is fetched once into the user's cache, its SHA-512 checked, and put into the page as text, so that
a page asks no network. `faults(page)` looks at the whole page, `faults(page, ".selector")` at the parts that match.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from helpers.authoring.browser import Missing

VERSION = "4.14.1"
# What `npm view axe-core@VERSION dist.integrity` says.
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
RUN = """async ([roots, off]) => {
  const rules = Object.fromEntries(off.map(rule => [rule, {enabled: false}]));
  const found = await axe.run(roots.length ? {include: roots.map(root => [root])} : document,
    {rules, resultTypes: ['violations']});
  return found.violations.flatMap(rule => rule.nodes.map(node => ({
    rule: rule.id, impact: rule.impact, where: node.target.flat().join(' '), html: node.html.slice(0, 200),
    why: [...node.any, ...node.all, ...node.none].map(check => check.message).join(' '),
  })));
}"""


def faults(page, *roots, off=()):
    """Return axe's violations on a Playwright page, one sentence each; an empty list means none.

    roots: CSS selectors of the parts to look at; none means the whole page. off: ids of rules to leave out, such as
    "region" for a part of a page; say beside each why it is not ours to mend.
    """
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(script())
    found = page.evaluate(RUN, [list(roots), list(off)])
    return ["{rule} ({impact}) at {where}: {why} In {html}".format(**fault) for fault in found]


@cache
def script():
    """Return axe-core as JavaScript text. Raises Missing where it cannot be fetched."""
    place = cache_folder() / f"axe-core-{VERSION}.tgz"
    if not place.is_file() or _sha512(place) != SHA512:
        _fetch(place)
    with tarfile.open(place) as archive:
        return archive.extractfile("package/axe.min.js").read().decode("utf-8")


def cache_folder():
    """Return the folder for what is fetched once, outside the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attention-course"


def _fetch(place):
    npm = shutil.which("npm")
    if not npm:
        raise Missing("npm is not here, and axe-core comes with it. Install Node.js (Debian: apt-get install npm).")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        command = [npm, "pack", f"axe-core@{VERSION}", "--silent", "--pack-destination", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        packed = list(Path(folder).glob("*.tgz"))
        if done.returncode or not packed:
            raise Missing(f"npm could not fetch axe-core {VERSION}. Is there a network? {done.stderr.strip()}")
        if _sha512(packed[0]) != SHA512:
            raise Missing(f"axe-core {VERSION} came with another SHA-512 than the one pinned here.")
        os.replace(packed[0], place)


def _sha512(path):
    return base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()

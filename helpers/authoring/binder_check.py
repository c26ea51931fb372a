"""Ask repo2docker what it makes of binder/, without Docker: `python -m helpers.authoring.binder_check`.

Not part of `make test`: it needs the package jupyter-repo2docker, best in an environment of its own.
"""

import os
import sys

from helpers.authoring.lab_settings import ROOT


def main():
    """Print which build pack takes the course and what it will run; return the exit status."""
    try:
        from repo2docker.app import Repo2Docker
    except ImportError:
        print("This check needs repo2docker: pip install jupyter-repo2docker, in an environment of its own.")
        return 1
    os.chdir(ROOT)
    asker = Repo2Docker()
    packs = (pack(asker.base_image) for pack in asker.buildpacks)
    found = next((pack for pack in packs if pack.detect()), None)
    name = type(found).__name__
    if found:
        found.platform = "linux/amd64"  # what mybinder.org builds for
    recipe = found.render({}) if found else ""
    wanted = {
        "the conda build pack takes it": name == "CondaBuildPack",
        "Python 3.11": bool(found) and found.python_version.startswith("3.11"),
        "the environment of binder/ is installed": '"binder/environment.yml"' in recipe,
        "postBuild is run": "binder/postBuild" in recipe,
    }
    for what, holds in wanted.items():
        print(f"{what:45}", "yes" if holds else "NO")
    return 0 if all(wanted.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

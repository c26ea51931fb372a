"""Environments for the runs of `anywhere`, made once and kept: other Pythons, and other NumPy and Matplotlib over one."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from helpers.proof.anywhere_runs import OLDEST

TORCH = ("torch", "transformers", "safetensors", "tokenizers")
VERSIONS = """
import importlib, json, platform
found = {"Python": platform.python_version()}
for name in ("numpy", "matplotlib", "torch"):
    try:
        found[name] = importlib.import_module(name).__version__
    except Exception:
        found[name] = "absent"
print(json.dumps(found))
"""


class Missing(Exception):
    """An environment is not there; the text says what to do."""


def folder():
    """Return where environments, copies and results are kept: COURSE_PROOF_FOLDER, or a cache folder of this user."""
    chosen = os.environ.get("COURSE_PROOF_FOLDER", "").strip()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(chosen).resolve() if chosen else Path(cache) / "attention-course" / "proof"


def find_python(name, which=shutil.which):
    """Return the path of a Python of this name that runs, such as python3.12, or None. pyenv's are found, too."""
    candidates = [which(name)]
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    minor = name.removeprefix("python")
    candidates += sorted(map(str, versions.glob(f"{minor}.*/bin/{name}")))
    for path in filter(None, candidates):
        try:
            said = subprocess.run(
                [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
            )
        except OSError:
            continue
        if said.returncode == 0 and said.stdout.strip() == minor:
            return path
    return None


def requirements(root, torch):
    """Return the pinned requirements of the notebooks and of the strict comparison; torch: with the models' packages."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["verify"]]
    return [line for line in lines if torch or re.match(r"[A-Za-z0-9_-]+", line)[0] not in TORCH]


def python_of(environment):
    """Return (the Python's path, folders that come first on its path). Raises Missing with what to do."""
    if environment == "course":
        return sys.executable, []
    if environment in ("oldest", "newest"):
        over = folder() / environment
        if not (over / "numpy").is_dir():
            raise Missing(f"the packages of {environment!r} are missing: python -m helpers.proof.anywhere setup")
        return (sys.executable if environment == "oldest" else python_of("python3.12")[0]), [str(over)]
    python = folder() / environment / "bin" / "python"
    if not (folder() / environment / "finished").is_file():
        raise Missing(f"the environment {environment} is missing: python -m helpers.proof.anywhere setup")
    return str(python), []


def set_up(environment, root, say, run=subprocess.run):
    """Make an environment unless it is there. Raises Missing if its Python or a package cannot be had."""
    try:
        python_of(environment)
        say(f"{environment}: there")
        return
    except Missing:
        pass
    place = folder() / environment
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    if environment in ("oldest", "newest"):
        python = sys.executable if environment == "oldest" else python_of("python3.12")[0]
        wanted = [f"{name}=={OLDEST[name]}" if environment == "oldest" else name for name in OLDEST]
        commands = [[python, "-m", "pip", "install", "--no-deps", "--target", str(place), *wanted]]
    else:
        pins = _make_venv(environment, place, root, say, run)
        # The course too, as conda and Binder do: the preflight looks for it.
        commands = [pins, [*pins[:4], "--no-deps", "--editable", str(root)]]
    say(f"{environment}: installing into {place}")
    if any(run(command).returncode for command in commands):
        shutil.rmtree(place, ignore_errors=True)
        raise Missing(f"pip could not install the packages of {environment}; see above")
    if environment not in ("oldest", "newest"):
        (place / "finished").write_text("", encoding="utf-8")


def _make_venv(environment, place, root, say, run):
    python = find_python(environment)
    if python is None:
        raise Missing(f"{environment} is not installed on this machine")
    if run([python, "-m", "venv", str(place)]).returncode:
        raise Missing(f"{python} could not make a virtual environment")
    index = os.environ.get("TORCH_INDEX", "")
    with_torch = bool(index or os.environ.get("PROOF_TORCH") or not sys.platform.startswith("linux"))
    if not with_torch:
        say(f"{environment}: without torch, for the chapters that need none. TORCH_INDEX or PROOF_TORCH=1 brings it.")
    extra = ["--extra-index-url", index] if index else []
    return [str(place / "bin" / "python"), "-m", "pip", "install", *extra, *requirements(root, with_torch)]


def versions_of(python, first):
    """Return {"Python", "numpy", "matplotlib", "torch"} as that Python has them; "absent" for what is not there."""
    done = subprocess.run([python, "-c", VERSIONS], capture_output=True, text=True, env=environ(first))
    if done.returncode:
        raise Missing(f"{python} does not run: {done.stderr.strip()[-200:]}")
    return json.loads(done.stdout)


def environ(first, others=None):
    """Return this process's environment with these folders first on Python's path, and other variables replaced."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
    return kept | {"PYTHONPATH": os.pathsep.join(first), "PYTHONNOUSERSITE": "1"} | (others or {})

"""Where the course's code, weights and packages come from: nothing unsafe is loaded, nothing from outside is run."""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path

import yaml

from helpers.authoring import fingerprint
from helpers.authoring.pairs import find_pairs, read_notebook
from helpers.checkpoints.manifest import ORIGINALS, WEIGHTS
from helpers.proof.licences import by_licence, fits, needed
from helpers.proof.result import Result
from helpers.proof.sandbox import ROOT
from helpers.proof.scan import scan

# What a notebook may reach, and why. The fetch of the originals is not among it: that is a command of its own.
REACHABLE = {
    ("helpers/preflight/machine.py", "import subprocess"): "asks macOS what processor it has (sysctl)",
    ("helpers/preflight/models.py", "import subprocess"): "starts this Python with the course's own trial",
}
# Where else: by folder. `make` commands of authors and room hosts, which set up, build and test.
FOLDERS = {
    "helpers/checkpoints/": {"import httpx2", "import socket"},
    "helpers/preflight/": {"import subprocess"},
    "helpers/authoring/": {"import subprocess", "import socket", "import urllib.request"},
    "helpers/pocket/": {"torch.load(weights_only=True)"},
    "helpers/proof/": {
        f"import {one}" for one in ("subprocess", "socket", "httpx", "httpx2", "tornado", "urllib.request")
    }
    | {"os.execvp()"},
}
SHIPPED = {".safetensors", ".json", ".txt", ".model", ".md", ".png", ".svg"}  # no format that can carry code
LEAST = {"contents": "read"}
WRITES = {
    ("weekly.yml", "issue"): {"contents": "read", "issues": "write"}
}  # it opens the weekly issue, and runs no code of ours
AUDIT_SECONDS = 300


def run(say):
    """Look at everything and return the Result."""
    rows, wrong, shortfalls = [], [], []
    for part in (_notebooks, _reached, _helpers, _weights, _workflows, _licences):
        looked, found, faults, notes = part()
        rows.append([part.__doc__, looked, found, "; ".join(faults) or "holds"])
        wrong += faults
        shortfalls += [*faults, *notes]
        say(f"{part.__doc__} {found}")
    looked, found, note = _audit()
    rows.append([_audit.__doc__, looked, found, note or "holds"])
    say(found)
    shortfalls += [note] if note else []
    for licence, names in by_licence(needed(_pins())[0]).items():
        rows.append([
            f"licence {licence}",
            f"{len(names)} packages",
            ", ".join(names),
            "compatible" if fits(licence) else "look",
        ])
    summary = (
        "Only safetensors are loaded, and no notebook runs code from outside." if not wrong else f"{len(wrong)} faults."
    )
    return Result(
        "Supply: what the course loads and runs",
        summary,
        ["what", "looked at", "found", "verdict"],
        rows,
        not wrong,
        shortfalls,
    )


def _notebooks():
    """No notebook cell loads pickles, runs programs, evaluates text or asks the network."""
    cells, faults = 0, []
    for pair in find_pairs(ROOT):
        for cell in read_notebook(pair.notebook).cells:
            if cell.cell_type == "code":
                cells += 1
                lines = re.findall(r"^\s*[!%].*$", cell.source, flags=re.MULTILINE)
                faults += [f"{pair.name}: {one}" for one in [*scan(fingerprint.python_of(cell.source)), *lines]]
    return f"{cells} code cells", f"{len(faults)} such lines", faults, []


def _reached():
    """No helper that a notebook imports, at any depth, does so either, but for declared exceptions."""
    files = set()
    for pair in find_pairs(ROOT):
        code = [fingerprint.python_of(cell.source) for cell in pair.read().cells if cell.cell_type == "code"]
        files |= {path for path in fingerprint.helper_files(code, ROOT) if path.suffix == ".py"}
    found = [(_name(path), one) for path in sorted(files) for one in scan(path.read_text(encoding="utf-8"))]
    faults = [f"{file}: {one}" for file, one in found if (file, one) not in REACHABLE]
    declared = ", ".join(f"{file} {one} ({REACHABLE[file, one]})" for file, one in found if (file, one) in REACHABLE)
    return f"{len(files)} helpers", f"{len(found)} declared: {declared}", faults, []


def _helpers():
    """All helpers: such calls only where a folder's purpose needs them; torch.load only on training states, weights only."""
    found, faults = defaultdict(set), []
    files = sorted((ROOT / "helpers").rglob("*.py"))
    for path in files:
        for one in scan(path.read_text(encoding="utf-8")):
            folder = next((folder for folder in FOLDERS if _name(path).startswith(folder)), "")
            found[one].add(folder)
            if one not in FOLDERS.get(folder, ()):
                faults.append(f"{_name(path)}: {one}")
    words = ", ".join(f"{one} in {' '.join(sorted(folders))}" for one, folders in sorted(found.items()))
    return f"{len(files)} files", words, faults, []


def _weights():
    """Weights are safetensors only, in what is shipped and in what may be fetched; no file can carry code."""
    shipped = [path for path in (ROOT / "helpers/pocket/checkpoints").rglob("*") if path.is_file()]
    fetched = [(name, file) for name, original in ORIGINALS.items() for file in original.files]
    faults = [f"{_name(path)} is of no format that was looked at" for path in shipped if path.suffix not in SHIPPED]
    faults += [f"{name} may fetch {file}" for name, file in fetched if Path(file).suffix not in SHIPPED]
    faults += [f"{name} has no {WEIGHTS}" for name, original in ORIGINALS.items() if WEIGHTS not in original.files]
    weights = [path for path in shipped if path.suffix == ".safetensors"]
    faults += [f"{_name(path)} is no safetensors file" for path in weights if not _is_safetensors(path)]
    faults += [
        f"{_name(path)}: auto_map"
        for path in shipped
        if path.suffix == ".json" and "auto_map" in path.read_text("utf-8")
    ]
    return (
        f"{len(shipped)} shipped files, {len(fetched)} that may be fetched",
        f"{len(weights)} shipped weights",
        faults,
        [],
    )


def _is_safetensors(path):
    """Whether a file begins as the format says: eight bytes of length, then that much JSON."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            return length < path.stat().st_size and isinstance(json.loads(file.read(length)), dict)
        except ValueError:
            return False


def _workflows():
    """Workflows may read and no more, but for one job; no text of a stranger's gets into a script."""
    files, faults, tags = sorted((ROOT / ".github/workflows").glob("*.yml")), [], set()
    for path in files:
        text = path.read_text(encoding="utf-8")
        flow = yaml.safe_load(text)
        if flow.get("permissions") != LEAST:
            faults.append(f"{path.name}: permissions are {flow.get('permissions')}, expected {LEAST}")
        if "pull_request_target" in (flow.get("on") or flow.get(True) or {}):
            faults.append(f"{path.name}: pull_request_target gives strangers' code the token")
        for name, job in flow["jobs"].items():
            allowed = WRITES.get((path.name, name))
            if job.get("permissions", allowed) != allowed:
                faults.append(f"{path.name}, {name}: permissions are {job['permissions']}, expected {allowed or LEAST}")
            steps = job.get("steps", [])
            uses = [step["uses"] for step in steps if "uses" in step]
            tags |= {one for one in uses if not re.search(r"@[0-9a-f]{40}$", one)}
            if allowed and any(one.startswith("actions/checkout") for one in uses):
                faults.append(f"{path.name}, {name}: may write, and checks out code")
            risky = [
                step for step in steps if re.search(r"\$\{\{\s*github\.(event|head_ref)", str(step.get("run", "")))
            ]
            faults += [f"{path.name}, {name}: a script holds text of the event" for _ in risky]
    notes = [f"Actions are named by tag, not by commit: {', '.join(sorted(tags))}."] if tags else []
    return (
        f"{len(files)} workflows",
        "contents: read everywhere; issues: write in the job that opens the weekly issue",
        faults,
        notes,
    )


def _licences():
    """Every package that the pins bring in has a licence that allows what the course does."""
    packages, missing = needed(_pins())
    grouped = by_licence(packages)
    odd = {licence: names for licence, names in grouped.items() if not fits(licence)}
    faults = [f"{', '.join(names)}: {licence}" for licence, names in odd.items()]
    notes = [f"Not installed here, licence not read: {', '.join(missing)}."] if missing else []
    return f"{len(packages)} packages", f"{len(grouped)} licences, in the rows below", faults, notes


def _pins():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"] + project["optional-dependencies"]["verify"]


def _audit():
    """pip-audit finds no known vulnerability in the pins."""
    pins = [line.split(";")[0].strip() for line in _pins()]
    looked = f"{len(pins)} pins"
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pins.txt"
        listed.write_text("\n".join(pins) + "\n", encoding="utf-8")
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", f"{folder}/tool", "pip-audit"]
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "--no-deps",
            "--disable-pip",
            "--progress-spinner=off",
            "-r",
            str(listed),
        ]
        try:
            done = subprocess.run(install, capture_output=True, text=True, timeout=AUDIT_SECONDS)
            if done.returncode:
                return looked, "not run", f"pip-audit could not be installed: {_last(done.stderr).partition(':')[0]}"
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=AUDIT_SECONDS,
                env={"PYTHONPATH": f"{folder}/tool", "PATH": ""},
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            return looked, "not run", f"pip-audit did not end: {type(problem).__name__}"
    if done.returncode == 0:
        return looked, _last(done.stderr), ""
    if "Name" in done.stdout:
        return looked, "vulnerable", " ".join(done.stdout.split())
    return looked, "not run", f"pip-audit could not reach its database here: {_last(done.stderr).partition(':')[0]}"


def _last(text):
    lines = text.strip().splitlines()
    return lines[-1][:160] if lines else "it said nothing"


def _name(path):
    return path.relative_to(ROOT).as_posix()

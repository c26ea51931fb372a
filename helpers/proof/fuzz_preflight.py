"""Targets: the preflight check, told of machines, folders, packages and settings of any kind. It only ever reports."""

import contextlib
import functools
import io
import json
import tempfile
from collections import namedtuple
from importlib import metadata
from pathlib import Path
from unittest import mock

from hypothesis import strategies as st

from helpers.preflight import packages
from helpers.preflight.machine import check_architecture, check_disk, check_memory
from helpers.preflight.models import _lines
from helpers.preflight.packages import check_environment, check_packages, read_pins
from helpers.preflight.paths import check_folder, check_folder_name
from helpers.preflight.python import check_bits, check_python
from helpers.preflight.report import as_json, main, private, run, verdict
from helpers.preflight.result import LOOK, READY, STOP, Result
from helpers.preflight.widgets import MANAGER, check_widgets
from helpers.proof.fuzz_engine import ANSWER, REFUSAL, Target
from helpers.proof.fuzz_inputs import texts

Usage = namedtuple("Usage", "free")
amounts = st.one_of(st.none(), st.integers(-1, 10**12))
letters = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
paths = st.lists(
    st.sampled_from(["/", "\\", "C:", "OneDrive - Me", "Dropbox", "a b", "ü", "[x]", ":", "home", ".", "..", "~",
    "\0", "course", "$x"]),
    max_size=7,
).map("".join)  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), letters), lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["name", "version", "jupyterlab", "_build",
        "load", "x"]), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip


def _said(result):
    if not isinstance(result, Result) or result.state not in (READY, LOOK, STOP) or not result.found.strip():
        raise AssertionError(f"no result of a check: {result!r}")
    if result.state != READY and not result.cure.strip():
        raise AssertionError(f"no cure: {result!r}")
    if "\n" in result.line():
        raise AssertionError("more than a line")
    return ANSWER if result.state == READY else REFUSAL


def _machine(case):
    system, machine, bits, total, free, version, sysctl = case
    ends = [
        _said(check_architecture(system, machine, bits, {"PROCESSOR_IDENTIFIER": sysctl}, lambda name: sysctl)),
        _said(check_memory(lambda: (total, free))),
        _said(check_disk("x", lambda folder: Usage(free or 0))),
        _said(check_python(version, lambda name: name if bits == 32 else None)),
    ]
    check_bits(bits)
    return ANSWER if ANSWER in ends else REFUSAL


def _folder(case):
    root, windows, environ, can_write = case
    first = _said(check_folder(root, windows, environ, lambda *_: can_write, long_paths=can_write))
    _said(check_folder_name(root))
    return first


def _packages(case):
    pins, versions, broken, environ = case

    def version_of(package):
        if package in versions:
            return versions[package]
        raise metadata.PackageNotFoundError(package)

    _said(check_environment(broken, broken, environ, installed=len(pins) % 2 == 0))
    return _said(check_packages(pins, version_of))


def _pins(text):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_bytes(text)
        with mock.patch.object(packages, "read_pins", functools.partial(read_pins, folder)):
            return _said(check_packages(None, lambda package: "1"))


def _widgets(case):
    extensions, configs, settings, version, required = case
    with tempfile.TemporaryDirectory() as place:
        folders, settings_folder = [Path(place, "labextensions")], Path(place, "settings")
        for number, package in enumerate(extensions):
            folder = folders[0] / ("@jupyter-widgets/jupyterlab-manager" if number == 0 else f"other{number}")
            folder.mkdir(parents=True)
            (folder / "package.json").write_bytes(package)
            (folder / "here.js").write_text("")
        config = Path(place, "config", "labconfig")
        for number, content in enumerate(configs):
            (config / "page_config.d").mkdir(parents=True, exist_ok=True)
            (config / "page_config.d" / f"{number}.json").write_bytes(content)
        settings_folder.mkdir()
        (settings_folder / "page_config.json").write_bytes(settings)
        found = check_widgets([str(f) for f in folders], [str(config.parent)], str(settings_folder), version, required)
    return _said(found)


def _reports(case):
    kinds, fails, argument = case

    def check(result, fail):
        def call():
            if fail is not None:
                raise fail
            return result

        return call

    checks = [(result.name, check(result, fail)) for result, fail in zip(kinds, fails, strict=False)]
    status, text = verdict(run(checks))
    report = json.loads(as_json(run(checks)))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        shown = main(argument, checks=checks)
    if status not in (0, 1) or shown != status or not text or len(report["checks"]) != len(checks):
        raise AssertionError(f"status {status}, {text}")
    if argument:
        json.loads(out.getvalue())
    return REFUSAL if status else ANSWER


def _private(case):
    text, home, user = case
    hidden = private(text, home, user)
    if len(home) > 1 and home.strip("~") and text == home and hidden != "~" and not hidden.startswith("~"):
        raise AssertionError(f"the home folder is shown: {hidden}")
    return ANSWER


def _protocol(data):
    if not all(isinstance(line, dict) for line in _lines(data)):
        raise AssertionError("a line that is no object")
    return ANSWER


def targets():
    """Return the targets of the preflight check."""
    json_bytes = st.one_of(
        anything.map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=8),
        st.sampled_from([
            b"",
            b'{"disabledExtensions": {"@jupyter-widgets/jupyterlab-manager": true}}',
            b'{"disabledExtensions": ["x"]}',
            b'{"disabledExtensions": 3}',
            b"[]",
            b'{"disabledExtensions": {"x": {}}}',
        ]),
    )
    real = json.dumps({"name": MANAGER, "version": "5.0.0", "jupyterlab": {"_build": {"load": "here.js"}}}).encode()
    manager = st.one_of(
        st.just(real),
        json_bytes,
        st.fixed_dictionaries({
            "name": st.one_of(st.just(MANAGER), anything),
            "version": st.one_of(st.sampled_from(["5.0.0", "3"]), anything),
            "jupyterlab": st.one_of(
                anything, st.fixed_dictionaries({"_build": anything, "disabledExtensions": anything})
            ),
        }).map(lambda package: json.dumps(package).encode()),
    )
    systems = st.sampled_from(["Linux", "Darwin", "Windows", "", "Plan9"])
    machines = st.sampled_from(["x86_64", "AMD64", "arm64", "aarch64", "riscv64", "ppc"])
    versions = st.tuples(st.integers(2, 4), st.integers(0, 20), st.integers(0, 9))
    results = st.builds(Result, texts, st.sampled_from([READY, LOOK, STOP]), texts, texts)
    errors = st.one_of(
        st.none(), st.sampled_from([ValueError("x"), KeyError(3), OSError(2, "no"), RuntimeError("\ud83d")])
    )
    toml = st.one_of(
        st.binary(max_size=20),
        st.lists(letters, max_size=3).map(lambda names: f"[project]\ndependencies = {json.dumps(names)}\n".encode()),
        st.lists(
            st.sampled_from([
                "[project]\n",
                "dependencies = ",
                "[",
                "]",
                '"numpy==1"',
                '"a b"',
                '""',
                ",",
                "3",
                "\n",
                "version = 1\n",
            ]),
            max_size=8,
        ).map(lambda parts: "".join(parts).encode()),
    )
    environ = st.dictionaries(
        st.sampled_from(["OneDrive", "PYTHONHOME", "PYTHONPATH", "CONDA_PREFIX", "CONDA_DEFAULT_ENV"]), paths
    )
    pins = st.dictionaries(letters, st.one_of(st.none(), letters), max_size=6)
    return [
        Target("preflight", "machine, memory, disk, Python",
               st.tuples(systems, machines, st.sampled_from([32, 64]), amounts, amounts, versions,
               letters), _machine, 4000),
        Target("preflight", "folder and its name", st.tuples(paths, st.booleans(), environ,
        st.booleans()), _folder, 4000),
        Target("preflight", "packages and environment", st.tuples(
            pins, st.dictionaries(letters, st.one_of(st.none(), letters), max_size=6),
            paths.map(lambda p: p.replace("\0", "")),
            environ.map(lambda e: {k: v.replace("\0", "") for k, v in e.items()})), _packages, 3000),
        Target("preflight", "pyproject.toml", toml, _pins, 2000),
        Target("preflight", "JupyterLab's extensions and settings", st.tuples(
            st.lists(manager, max_size=2), st.lists(json_bytes, max_size=2), st.one_of(st.sampled_from([b"",
            b"{}"]), json_bytes),
            st.sampled_from(["8.1.9", "7.0", "", "x"]), st.sampled_from(["~=3.0.17", "", ">=99"])), _widgets, 2500),
        Target("preflight", "report", st.tuples(st.lists(results, max_size=4), st.lists(errors, min_size=4, max_size=4),
                                                st.sampled_from([[], ["--json"]])), _reports, 2500),
        Target("preflight", "private names in a text", st.tuples(st.one_of(letters, paths),
        paths.map(lambda p: p.replace("\0", "")),
                                                                 letters), _private, 3000),
        Target("preflight", "output of the trial", st.one_of(st.binary(max_size=30), json_bytes), _protocol, 3000),
    ]  # fmt: skip

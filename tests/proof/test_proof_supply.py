"""What the course loads and runs: the scan sees what it must see, and each promise holds today."""

from email.message import Message
from types import SimpleNamespace

import pytest

from helpers.proof import counts, supply
from helpers.proof.licences import fits, licence_of, needed
from helpers.proof.scan import scan


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import torch\ntorch.load('x')", ["torch.load()"]),
        ("import torch as t\nt.load('x', weights_only=True)", ["torch.load(weights_only=True)"]),
        ("from torch import load as l\nl('x', weights_only=False)", ["torch.load()", "weights_only=False"]),
        ("import pickle\npickle.loads(b'')", ["pickle.loads()"]),
        ("eval('1')\nexec('2')", ["eval()", "exec()"]),
        ("model.eval()\nre.compile('x')", []),
        ("import os\nos.system('pip install x')", ["os.system()"]),
        ("import urllib.request as u", ["import urllib.request"]),
        ("from urllib import request", ["import urllib.request"]),
        ("import urllib.parse", []),
        ("def f():\n    import subprocess", ["import subprocess"]),
        ("a.from_pretrained('x', trust_remote_code=True)", ["trust_remote_code=True"]),
        ("a.from_pretrained('x', trust_remote_code=False)", []),
        ("np.load('x', allow_pickle=True)", ["allow_pickle=True"]),
        ("get_ipython()", ["get_ipython()"]),
        ("from . import x", []),
    ],
)
def test_the_scan_finds_what_loads_runs_or_asks(text, found):
    assert scan(text) == found


@pytest.mark.parametrize(
    "part",
    [supply._notebooks, supply._reached, supply._helpers, supply._weights, supply._workflows],
    ids=lambda part: part.__name__,
)
def test_the_promise_holds_for_the_course(part):
    looked, _, faults, _ = part()
    assert faults == []
    assert not looked.startswith("0")


def test_a_helper_that_asks_the_network_is_told(tmp_path, monkeypatch):
    (tmp_path / "helpers/figures").mkdir(parents=True)
    (tmp_path / "helpers/figures/bars.py").write_text("import requests\n")
    monkeypatch.setattr(supply, "ROOT", tmp_path)
    assert supply._helpers()[2] == ["helpers/figures/bars.py: import requests"]


def test_a_pickle_under_another_name_is_told(tmp_path, monkeypatch):
    folder = tmp_path / "helpers/pocket/checkpoints"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"\x80\x04\x95 a pickle")
    (folder / "pytorch_model.bin").write_bytes(b"")
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "evil.Model"}}')
    monkeypatch.setattr(supply, "ROOT", tmp_path)
    faults = supply._weights()[2]
    assert [fault.split("/")[-1].split()[0].rstrip(":") for fault in faults] == [
        "pytorch_model.bin",
        "model.safetensors",
        "config.json",
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("contents: read", "contents: write"), "permissions are"),
        (("run: make test", "run: echo ${{ github.event.issue.title }}"), "text of the event"),
        (("on: push", "on: {pull_request_target: {}}"), "strangers"),
        (("runs-on: x", "permissions: {packages: write}\n    runs-on: x"), "permissions are"),
    ],
)
def test_a_workflow_that_may_too_much_is_told(tmp_path, monkeypatch, change, fault):
    good = "on: push\npermissions:\n  contents: read\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make test\n"
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    monkeypatch.setattr(supply, "ROOT", tmp_path)
    (folder / "a.yml").write_text(good)
    assert supply._workflows()[2] == []
    (folder / "a.yml").write_text(good.replace(*change))
    assert fault in supply._workflows()[2][0]


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MIT AND Apache-2.0"}, "MIT AND Apache-2.0"),
        ({"License": "MIT"}, "MIT"),
        ({"License": "Apache License, Version 2.0"}, "Apache-2.0"),
        ({"License": "UNKNOWN", "Classifier": ["License :: OSI Approved :: ISC License (ISCL)"]}, "ISC"),
        ({"License": "long\ntext", "Classifier": ["License :: OSI Approved :: BSD License"]}, "BSD"),
        ({"License": "GPL-3.0-only"}, "GPL-3.0-only"),
        ({}, "not stated"),
    ],
)
def test_a_licence_is_read_from_whatever_field_says_it(fields, licence):
    metadata = Message()
    for name, value in fields.items():
        for line in value if isinstance(value, list) else [value]:
            metadata[name] = line
    assert licence_of(SimpleNamespace(metadata=metadata)) == licence


def test_what_fits_and_what_does_not():
    assert fits("MIT AND (Apache-2.0 OR BSD-2-Clause)") and fits("Apache-2.0 WITH LLVM-exception")
    assert not any(map(fits, ["GPL-3.0-only", "MIT AND AGPL-3.0", "not stated"]))


def test_what_a_requirement_brings_in_is_followed_down():
    found, missing = needed(["pytest", "no-such-package-at-all"])
    assert {"pytest", "pluggy", "iniconfig"} <= set(found)
    assert missing == ["no-such-package-at-all"]


def test_cells_are_counted_one_by_one(tmp_path):
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    picture = new_output("display_data", {"image/png": "x", "text/plain": "a map"})
    cells = [
        new_code_cell("1", execution_count=1, outputs=[new_output("stream", text="1")]),
        new_code_cell("x = 1", execution_count=2),
        new_code_cell("show()", execution_count=3, outputs=[picture], metadata={"tags": ["nbval-ignore-output"]}),
        new_code_cell("never()"),
        new_code_cell(""),
    ]
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    found = counts.count(SimpleNamespace(name="a", notebook=path), {("a", cells[2].id): "it shows the time"})
    assert (found.code, found.executed, found.compared) == (4, 3, 2)
    assert (found.texts, found.silent, found.pictures) == (2, 1, 1)
    assert found.ignored == ((f"a, cell {cells[2].id}", "it shows the time"),)

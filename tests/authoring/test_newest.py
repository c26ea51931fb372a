"""The weekly report: pins are loosened, and the issue names notebook and cell.

newest_report.xml is what pytest wrote for a unit test that fails, and a notebook with one cell whose output differs
and one that raises.
"""

import tomllib
from pathlib import Path
from types import SimpleNamespace

from helpers.authoring import newest, verify
from helpers.authoring.pairs import ROOT

REPORT = Path(__file__).with_name("newest_report.xml")


def test_the_issue_names_notebook_cell_and_error():
    title, text = newest.issue(REPORT)
    assert title == "Newest releases: 01-broken, In [2] fails and 2 more"
    assert "**01-broken, In [2]**" in text
    assert "'5\\n' == '4\\n'" in text
    assert "ZeroDivisionError: division by zero" in text
    assert "**tests.test_maths, test_maths**" in text
    assert "\x1b" not in text and "#x1B" not in text


def test_no_failure_makes_no_issue(tmp_path, capsys):
    report = tmp_path / "junit.xml"
    report.write_text("<testsuites><testsuite><testcase classname='a' name='b'/></testsuite></testsuites>")
    assert newest.issue(report) is None
    assert newest.main(["report", str(report)]) == 0
    assert newest.main(["report", str(REPORT)]) == 1
    assert "01-broken" in capsys.readouterr().out


def test_no_report_is_a_failure_of_set_up(tmp_path):
    title, text = newest.issue(tmp_path / "none.xml")
    assert "could not be set up" in title and "log" in text


def test_a_long_report_is_cut(tmp_path):
    case = "<testcase classname='notebooks.01-a.ipynb' name='Cell {}'><failure>{}</failure></testcase>"
    cases = "".join(case.format(number, "line\n" * 50) for number in range(15))
    (tmp_path / "junit.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    title, text = newest.issue(tmp_path / "junit.xml")
    assert title.endswith("01-a, In [1] fails and 14 more")
    assert text.count("```text") == newest.SHOWN and "5 more are in the log" in text
    assert text.count("line") <= newest.SHOWN * newest.LINES


def test_every_pin_is_loosened_and_nothing_else(tmp_path):
    before = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(before, encoding="utf-8")
    assert newest.main(["loosen"], tmp_path) == 0
    after = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    old, new = tomllib.loads(before), tomllib.loads(after)
    old["project"]["dependencies"] = [pin.replace("==", ">=") for pin in old["project"]["dependencies"]]
    extras = old["project"]["optional-dependencies"]
    for name in extras:
        extras[name] = [pin.replace("==", ">=") for pin in extras[name]]
    assert old == new and ">=" in after and "==" not in str(new["project"])


def test_the_weekly_run_leaves_out_the_test_that_compares_the_pins(monkeypatch, tmp_path):
    commands = []

    def keep(command, **_):
        commands.append(command)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(verify.subprocess, "run", keep)
    assert verify.newest(tmp_path / "report.xml") == 0
    assert f"--ignore={verify.PINS_TEST}" in commands[0] and (ROOT / verify.PINS_TEST).is_file()

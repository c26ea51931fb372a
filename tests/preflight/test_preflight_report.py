"""The report: its lines, its exit status, what it keeps to itself; and the whole, run for real, with no network."""

import ast
import getpass
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.preflight import report
from helpers.preflight.report import as_json, main, private, run, verdict
from helpers.preflight.result import COURSE, look, ready, stop

GOOD, ODD, BAD = ready("Good", "All well."), look("Odd", "Hm.", "See to it."), stop("Bad", "No.", "Mend\n it.")
NAMES = (
    "Python,Architecture,Memory,Disk,Folder,Folder name,Environment,Packages,Kernel,Widgets,Checkpoints,Imports,Model"
)
NAMES = NAMES.split(",")


def checks(*results):
    return [(result.name, lambda result=result: result) for result in results]


def test_each_check_is_timed():
    assert all(0 <= seconds < 60 for _, seconds in run(checks(GOOD, ODD)))


def test_a_line_a_check_and_the_status(capsys):
    assert main([], checks(GOOD, ODD)) == 0
    said = capsys.readouterr().out
    assert said == "Good: ready. All well.\nOdd: look. Hm. See to it.\n\nReady; have a look at: Odd.\n"
    assert main([], checks(GOOD, BAD, ODD)) == 1
    said = capsys.readouterr().out
    assert "Bad: stop. No. Mend it.\n" in said and "Not ready: Bad." in said
    assert main([], checks(GOOD)) == 0
    assert capsys.readouterr().out.endswith("\nReady for the course.\n")


def test_the_json_alone_is_on_stdout(capsys):
    assert main(["--json"], checks(GOOD, BAD)) == 1
    out, err = capsys.readouterr()
    sent = json.loads(out)
    assert sent["state"] == "stop" and sent["course"] and [check["name"] for check in sent["checks"]] == ["Good", "Bad"]
    assert sent["checks"][1]["cure"] == "Mend\n it." and "Bad: stop. No. Mend it." in err


def test_a_check_that_fails_itself_hides_no_other(capsys):
    def broken():
        raise RuntimeError("odd machine")

    assert main([], [("Broken", broken), *checks(BAD)]) == 1
    said = capsys.readouterr().out
    assert (
        "Broken: look. This check failed itself: RuntimeError: odd machine. Send this line" in said
        and "Bad: stop" in said
    )


def test_each_line_is_printed_as_it_is_done(capsys):
    def second():
        assert capsys.readouterr().out == "Good: ready. All well.\nSecond: "
        return GOOD

    main([], [*checks(GOOD), ("Second", second)])


def test_a_notebook_shows_the_same_lines_on_every_machine(capsys, monkeypatch):
    monkeypatch.setattr(
        report, "all_checks", lambda notebook: checks(ready("A", "12.3 GB are free."), ready("B", "/opt/x"))
    )
    report.in_notebook()
    assert capsys.readouterr().out == "A: ready\nB: ready\nReady for the course.\n"
    monkeypatch.setattr(report, "all_checks", lambda notebook: checks(ready("A", ""), BAD))
    report.in_notebook()
    assert "A: ready\nBad: stop. No. Mend it.\nNot ready: Bad." in capsys.readouterr().out


def test_a_notebook_leaves_out_what_it_has_proved_by_running(monkeypatch):
    asked = []
    monkeypatch.setattr(report, "all_checks", lambda notebook: asked.append(notebook) or checks(GOOD))
    report.in_notebook()
    assert asked == [True]


def test_which_checks_there_are():
    assert [name for name, _ in report.all_checks()] == NAMES
    quick = [name for name, _ in report.all_checks(notebook=True)]
    assert quick == [name for name in NAMES if name not in ("Kernel", "Folder name")]


@pytest.mark.parametrize(
    "text, home, user, expected",
    [
        ("in /home/ann/course now", "/home/ann", "ann", "in ~/course now"),
        ("/home/ann.", "/home/ann", "ann", "~."),
        ("/home/anna/x", "/home/ann", "ann", "/home/anna/x"),
        (r"C:\Users\Ann\course", r"C:\Users\Ann", "Ann", r"~\course"),
        (r"OSError('c:\\users\\ann\\x')", r"C:\Users\Ann", "Ann", r"OSError('~\\x')"),
        ("C:/Users/Ann/x", r"C:\Users\Ann", "Ann", "~/x"),
        ("/data/ann/x and an annex", "/home/ann", "ann", "/data/<user>/x and an annex"),
        ("/x", "/", "", "/x"),
    ],
)
def test_what_is_kept_private(text, home, user, expected):
    assert private(text, home, user) == expected


def test_a_home_that_is_a_link_is_private_by_both_its_names(monkeypatch):
    monkeypatch.setattr(report.os.path, "realpath", lambda path: f"/data{path}")
    assert private("/data/home/ann/x, /home/ann/y", "/home/ann", "") == "~/x, ~/y"


def test_no_check_gets_round_it(monkeypatch):
    monkeypatch.setattr(report, "private", lambda text: text.replace("ann", "~"))
    bad = stop("Bad", "in ann", "delete ann")
    sent = as_json(run(checks(bad)))
    assert "ann" not in sent and verdict(run(checks(bad)))[0] == 1


@pytest.mark.parametrize("file", ["__init__", "__main__", "result", "python", "report"])
def test_what_an_old_python_reads_parses_there(file):
    text = Path(COURSE, "helpers", "preflight", file + ".py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 7))
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.JoinedStr | ast.NamedExpr)]


def python(code, *options):
    return subprocess.run([sys.executable, *options, "-c", code], cwd=COURSE, capture_output=True, text=True)


def test_an_old_python_gets_its_one_line():
    done = python(
        "import sys; sys.version_info = (3, 8, 1); from helpers.preflight.report import main; sys.exit(main([]))"
    )
    assert done.returncode == 1 and done.stdout.startswith("Python: stop. This is Python 3.8.1.") and not done.stderr
    assert "Packages" not in done.stdout


def test_nothing_beyond_the_standard_library_is_needed_to_start():
    modules = ["report", "kernel", "machine", "models", "packages", "paths", "trial", "widgets"]
    code = "".join(f"import helpers.preflight.{name}\n" for name in modules)
    done = python(code + "import sys; print(sorted({'numpy', 'torch', 'psutil', 'zmq'} & set(sys.modules)))", "-S")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


WATCH = """
import os, sys
def note(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        where = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        with open(os.environ["WATCHED"], "a") as file:
            file.write(event + " " + repr(where) + "\\n")
    if os.environ.get("BLOCKED") and event == "import" and arguments[0].partition(".")[0] in os.environ["BLOCKED"].split():
        raise ImportError("No module named " + arguments[0])
sys.addaudithook(note)
"""


def watched(tmp_path, monkeypatch, *arguments, blocked=""):
    """Run the command with a hook in it, its kernel and its trial; return (process, what was asked of the network)."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(WATCH)
    environ = os.environ | {"PYTHONPATH": str(tmp_path / "hook"), "WATCHED": str(tmp_path / "log"), "BLOCKED": blocked}
    environ.pop("COURSE_MODELS", None)
    command = [sys.executable, "-m", "helpers.preflight", *arguments]
    done = subprocess.run(command, cwd=COURSE, env=environ, capture_output=True, text=True, timeout=500)
    log = tmp_path / "log"
    return done, log.read_text().splitlines() if log.exists() else []


def test_the_whole_is_ready_here_and_asks_no_network(tmp_path, monkeypatch):
    done, asked = watched(tmp_path, monkeypatch, "--json")
    sent = json.loads(done.stdout)
    states = {check["name"]: check["state"] for check in sent["checks"]}
    assert list(states) == NAMES and states.pop("Environment") == "look"  # the hook's own PYTHONPATH
    machines_own = {"Memory", "Disk", "Folder", "Folder name", "Python"}  # they may differ where this test is run
    assert [name for name, state in states.items() if state != "ready" and name not in machines_own] == []
    assert done.returncode == 0
    assert [line for line in asked if "127.0.0.1" not in line and "localhost" not in line and "'/" not in line] == []
    home, user = os.path.expanduser("~"), getpass.getuser()
    assert len(home) < 2 or home not in done.stdout
    assert f"/{user}/" not in done.stdout and f"\\{user}\\" not in done.stdout


def test_the_hook_sees_what_it_must_see(tmp_path, monkeypatch):
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(WATCH)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"))
    monkeypatch.setenv("WATCHED", str(tmp_path / "log"))
    code = (
        "import socket; s = socket.socket(); s.settimeout(0.01)\ntry: s.connect(('192.0.2.1', 9))\nexcept OSError: pass"
    )
    python(code)
    assert "192.0.2.1" in (tmp_path / "log").read_text()


def test_missing_packages_are_said_and_nothing_breaks(tmp_path, monkeypatch):
    blocked = "numpy torch jupyter_client jupyter_core psutil transformers"
    done, _ = watched(tmp_path, monkeypatch, blocked=blocked)
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    for name in ("Kernel", "Widgets", "Imports", "Model"):
        assert lines[name].startswith("stop. "), lines[name]
    assert "numpy cannot be imported" in lines["Imports"] and lines["Checkpoints"].startswith("ready")
    assert lines["Not ready"].startswith("Kernel, Widgets, Imports, Model. ")

"""`make test`: stops at the first failure, says what to do, and counts what it proved."""

from types import SimpleNamespace

import pytest

from helpers.authoring import verify
from helpers.authoring.verify import Step

REPORT = "<testsuites><testsuite>{}</testsuite></testsuites>"
PASSED, FAILED = "<testcase name='a'/>", "<testcase name='b'><failure/></testcase>"
SKIPPED, BROKEN = "<testcase name='c'><skipped/></testcase>", "<testcase name='d'><error/></testcase>"


def runner(statuses, report=PASSED):
    """Stand for subprocess.run: give these exit statuses in turn, and write the report that is asked for."""
    remaining = iter(statuses)

    def run(command, **options):
        for part in command:
            if part.startswith("--junitxml="):
                with open(part.partition("=")[2], "w") as file:
                    file.write(REPORT.format(report))
        return SimpleNamespace(returncode=next(remaining))

    return run


def steps():
    return [
        Step("Lint", ("x",), "mend it"),
        Step("Unit tests", ("y",), "read it", "unit tests"),
        Step("Last", ("z",), ""),
    ]


def test_the_last_line_counts(capsys):
    assert verify.run_steps(steps(), run=runner([0, 0, 0], PASSED * 4 + SKIPPED)) == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last.startswith("6 passed, 0 failed, 1 skipped in ")
    assert last.endswith("(checks 2, unit tests 5)")


def test_the_first_failure_stops_and_says_what_to_do(capsys):
    assert verify.run_steps(steps(), run=runner([0, 1], PASSED + FAILED + BROKEN)) == 1
    said = capsys.readouterr().out
    assert "Stopped at 'Unit tests': read it." in said
    assert "== 3 of 3" not in said
    assert said.strip().splitlines()[-1].startswith("2 passed, 2 failed in ")


def test_pytest_that_fails_without_a_failed_test_is_a_failure(capsys):
    assert verify.run_steps(steps(), run=runner([0, 5], "")) == 1
    assert "1 passed, 1 failed" in capsys.readouterr().out


def test_every_notebook_is_compared_strictly():
    command = verify.all_steps()[-1].command
    assert "--nbval" in command and "--nbval-lax" not in command
    folders = {part.rpartition("/")[0] for part in command if part.endswith("01-attention.ipynb")}
    assert folders == {"notebooks", "notebooks/exercises", "notebooks/solutions"}
    assert not [part for part in command if "sanitize" in part or "ignore" in part]


def test_tests_of_tools_have_a_step_of_their_own_and_no_test_is_left_out():
    assert all((verify.ROOT / path).is_file() for path in verify.TOOLS)
    unit = next(step.command for step in verify.all_steps() if step.counts == "unit tests")
    ignored = {part.removeprefix("--ignore=") for part in unit if part.startswith("--ignore=")}
    assert "tests" in unit and ignored == set(verify.TOOLS) <= set(verify.TOOL_TESTS.command)
    assert verify.TOOL_TESTS in verify.test_steps(strict=False)
    for path, command in ((".ci/run", "\nmake test\nmake test-tools\n"), ("Makefile", "authoring.verify --tools")):
        assert command in (verify.ROOT / path).read_text(encoding="utf-8")


def test_the_lax_run_does_not_compare():
    command = verify.test_steps(strict=False)[-1].command
    assert "--nbval-lax" in command and "--nbval" not in command


@pytest.mark.parametrize("step", verify.all_steps(), ids=lambda step: step.title)
def test_every_step_says_what_to_do(step):
    assert step.advice

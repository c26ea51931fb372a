"""A kernel that is missing, cannot be described, dies, hangs, or is another Python."""

import json
import sys

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from helpers.preflight import kernel
from helpers.preflight.kernel import check_kernel
from helpers.preflight.result import READY, STOP

HANGS = "import time; time.sleep(300)"
DIES = "import sys; print('ImportError: DLL load failed', file=sys.stderr); sys.exit(3)"


def specs(folder, argv=None, text=None):
    """Return a KernelSpecManager that finds nothing but a kernel python3 with this command."""
    if argv or text:
        place = folder / "kernels" / "python3"
        place.mkdir(parents=True)
        spec = {"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python"}
        (place / "kernel.json").write_text(text or json.dumps(spec))
    return KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)


def real(folder):
    return specs(folder, [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])


def planted(tmp_path, *argv, seconds=30):
    result = check_kernel(specs(tmp_path, list(argv)), seconds)
    assert result.state == STOP and result.cure and "\n" not in result.line()
    return result


def test_a_real_kernel_runs_a_cell_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert check_kernel(real(tmp_path), seconds=120).state == READY
    assert [path.name for path in tmp_path.iterdir()] == ["kernels"]


def test_no_kernel_at_all(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel.kernelspec", None)  # Jupyter makes up the kernel where ipykernel is
    result = check_kernel(specs(tmp_path))
    assert result.state == STOP and "ipykernel is missing" in result.found


def test_a_kernel_whose_python_is_gone(tmp_path):
    result = planted(tmp_path, str(tmp_path / "gone" / "python"), "-m", "ipykernel_launcher")
    assert "Python that is gone" in result.found and "jupyter kernelspec remove python3" in result.cure


def test_a_kernel_that_cannot_be_described(tmp_path):
    result = check_kernel(specs(tmp_path, text="{"))
    assert result.state == STOP and result.cure


def test_ipykernel_is_not_installed(tmp_path):
    assert "No module named no_such_ipykernel" in planted(tmp_path, sys.executable, "-m", "no_such_ipykernel").found


def test_a_kernel_that_dies_says_its_last_line(tmp_path):
    assert "ImportError: DLL load failed" in planted(tmp_path, sys.executable, "-c", DIES).found


def test_a_kernel_that_hangs(tmp_path):
    result = planted(tmp_path, sys.executable, "-c", HANGS, seconds=2)
    assert "did not answer within 2 seconds" in result.found and "firewall" in result.cure


def test_a_kernel_that_dies_in_the_cell(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel, "CELL", "import os; os._exit(3)")
    result = check_kernel(real(tmp_path), seconds=120)
    assert result.state == STOP and "does not start" in result.found


@pytest.mark.parametrize(
    "printed, word", [("41 /somewhere", "where 42 was expected"), ("42 /somewhere", "another Python")]
)
def test_a_kernel_that_is_not_this_python(tmp_path, monkeypatch, printed, word):
    monkeypatch.setattr(kernel, "_run_cell", lambda *_: (printed + "\n", None))
    result = check_kernel(real(tmp_path))
    assert result.state == STOP and word in result.found


def test_no_jupyter(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_client.kernelspec", None)
    result = check_kernel()
    assert result.state == STOP and "Jupyter cannot be used" in result.found

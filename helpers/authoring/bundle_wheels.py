"""The wheels of a bundle: every package the course needs, for other systems and Pythons than this one too.

`pip download --platform` evaluates "only on Windows" and the like for the machine it runs on, not for the one it
downloads for. So the packages are walked here, level by level, with the target's own markers, and pip only fetches.
Versions are those installed on this machine, so that the room gets what was tried.
"""

import functools
import importlib.metadata
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

BATCH = 8  # packages a call of pip: what one call has fetched is kept if the next one is cut off

_MANYLINUX = [f"manylinux_2_{minor}" for minor in range(28, 4, -1)] + ["manylinux2014", "manylinux2010", "manylinux1"]

# name: (tags of the platform, what its markers see)
PLATFORMS = {
    "linux_x86_64": ([f"{tag}_x86_64" for tag in [*_MANYLINUX, "linux"]], ("posix", "linux", "Linux", "x86_64")),
    "linux_aarch64": ([f"{tag}_aarch64" for tag in [*_MANYLINUX, "linux"]], ("posix", "linux", "Linux", "aarch64")),
    "macos_arm64": (list(mac_platforms((14, 0), "arm64")), ("posix", "darwin", "Darwin", "arm64")),
    "macos_x86_64": (list(mac_platforms((14, 0), "x86_64")), ("posix", "darwin", "Darwin", "x86_64")),
    "windows_x86_64": (["win_amd64"], ("nt", "win32", "Windows", "AMD64")),
}


class BundleError(Exception):
    """The bundle cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Target:
    """A kind of laptop in the room: its platform (a key of PLATFORMS) and its Python, like "3.11"."""

    platform: str
    python: str

    def __str__(self):
        return f"{self.platform}, Python {self.python}"

    @property
    def version(self):
        """Return the Python as numbers, (3, 11)."""
        return tuple(int(part) for part in self.python.split("."))

    def tags(self):
        """Return the frozen set of wheel tags that this target installs."""
        return _tags(self)

    def markers(self):
        """Return what environment markers see on this target."""
        os_name, sys_platform, system, machine = PLATFORMS[self.platform][1]
        return {
            "os_name": os_name,
            "sys_platform": sys_platform,
            "platform_system": system,
            "platform_machine": machine,
            "python_version": self.python,
            "python_full_version": f"{self.python}.9",
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.9",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
        }


@functools.cache
def _tags(target):
    platforms, interpreter = PLATFORMS[target.platform][0], "cp" + target.python.replace(".", "")
    own = cpython_tags(target.version, platforms=platforms)
    return frozenset([*own, *compatible_tags(target.version, interpreter, platforms)])


def requirements(root):
    """Return what set-up installs: the course's dependencies, those of `make test`, and what builds the course."""
    settings = tomllib.loads((Path(root) / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["verify"] + settings["build-system"]["requires"]
    return [Requirement(line) for line in lines]


def collect(target, wanted, folder, index=None, run=subprocess.run, say=print):
    """Bring every wheel that `wanted` needs on the target into the folder; return the set of their file names.

    wanted: Requirements. index: an extra package index, for torch's CPU build on Linux. Wheels that are there already
    are kept and not asked for again. Raises BundleError: no network, a full disk, a package without a wheel.
    """
    chosen, asked, level = {}, set(), [(line, "") for line in wanted if _applies(line, "", target)]
    while level:
        asked.update(line for line, _ in level)
        due = {}
        for line, _ in level:
            key = canonicalize_name(line.name)
            if key not in chosen:
                due.setdefault(key, line)
        missing = {key: line for key, line in due.items() if not _find(folder, key, line, target)}
        if missing:
            here = len(chosen) + len(due) - len(missing)
            say(f"[{target}] {here} wheels are here, fetching {len(missing)} more: {', '.join(sorted(missing))}")
        for lines in _batches(missing):
            _fetch(target, lines, folder, index, run)
        level = []
        for key, line in due.items():
            chosen[key] = _find(folder, key, line, target)
            if chosen[key] is None:
                raise BundleError(f"pip fetched no wheel of {line} for {target}.")
            level += [(need, "") for need in needs(chosen[key])]
        # What is asked for with an extra, like jsonschema[format], needs what the extra names as well.
        for line in asked:
            for extra in line.extras:
                level += [(need, extra) for need in needs(chosen[canonicalize_name(line.name)])]
        level = [(line, extra) for line, extra in level if line not in asked and _applies(line, extra, target)]
        _refuse_cuda(target, level, chosen)
    return {wheel.name for wheel in chosen.values()}


@functools.cache
def needs(wheel):
    """Return the Requirements that a wheel's own metadata names, those of its extras among them."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        metadata = Parser().parsestr(archive.read(name).decode("utf-8"))
    return [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]


def _applies(requirement, extra, target):
    return requirement.marker is None or requirement.marker.evaluate(target.markers() | {"extra": extra})


def _refuse_cuda(target, level, chosen):
    """Stop where torch for Linux came as the build with CUDA, before its gigabytes follow."""
    cuda = [
        line for line, extra in level if line.name.startswith(("nvidia-", "cuda-")) and _applies(line, extra, target)
    ]
    if cuda and "torch" in chosen:
        chosen["torch"].unlink()
        raise BundleError(
            f"torch for {target} came as the build with CUDA, which brings gigabytes that the course does not use. Give "
            "the address of the CPU packages (README, Troubleshooting 1): make bundle TORCH_INDEX=<that address>."
        )


def _find(folder, key, requirement, target):
    """Return the newest wheel in the folder that meets the requirement on the target, or None."""
    tags, pinned, found = target.tags(), _pinned(requirement), []
    for path in Path(folder).glob("*.whl"):
        if canonicalize_name(path.name.split("-")[0]) != key:
            continue
        try:
            _, version, _, wheel_tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        if tags & wheel_tags and pinned.specifier.contains(version, prereleases=True):
            found.append((version, path))
    return max(found)[1] if found else None


@functools.cache
def _pinned(requirement):
    """Return the requirement at the version installed here, if that one will do; without marker and extras."""
    plain = Requirement(f"{requirement.name}{requirement.specifier}")
    try:
        installed = importlib.metadata.version(requirement.name).split("+")[0]  # without "+cpu": that is this machine's
    except importlib.metadata.PackageNotFoundError:
        return plain
    if not requirement.specifier.contains(installed, prereleases=True):
        return plain
    return Requirement(f"{requirement.name}=={installed}")


def _batches(missing):
    lines = [str(_pinned(line)) for _, line in sorted(missing.items()) if line.name != "torch"]
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    return [["torch" + str(_pinned(missing["torch"]).specifier)], *batches] if "torch" in missing else batches


def _fetch(target, lines, folder, index, run):
    """Let pip download these packages; one that exists only as source is built, if it is pure Python."""
    lines = list(lines)
    while lines:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--dest", str(folder), "--find-links", Path(folder).resolve().as_uri(), "--retries", "2"]
        command += ["--python-version", target.python, "--implementation", "cp"]
        for abi in ("cp" + target.python.replace(".", ""), "abi3", "none"):
            command += ["--abi", abi]
        for platform in PLATFORMS[target.platform][0]:
            command += ["--platform", platform]
        command += ["--extra-index-url", index] if index else []
        done = run(command + lines, capture_output=True, text=True)
        if not done.returncode:
            return
        without = re.search(r"No matching distribution found for ([^\s;(]+)", done.stderr)
        source_only = without and next((line for line in lines if line == without[1]), None)
        if trouble(done.stderr) or not source_only:
            raise BundleError(trouble(done.stderr) or f"pip could not fetch {', '.join(lines)}:\n{done.stderr.strip()}")
        _build(target, source_only, folder, run)
        lines.remove(source_only)


def _build(target, line, folder, run):
    """Build a wheel of a package that comes as source, and keep it if it is the same on all systems."""
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", made, line]
        done = run(command, capture_output=True, text=True)
        wheels = list(Path(made).glob("*-none-any.whl"))
        if done.returncode or not wheels:
            raise BundleError(
                trouble(done.stderr or "")
                or f"There is no wheel of {line} for {target}, and it cannot be built here for it. Leave this platform out "
                "with --platforms, or choose another Python with --python."
            )
        (Path(folder) / wheels[0].name).write_bytes(wheels[0].read_bytes())


def trouble(text):
    """Return one sentence for what pip's messages say about the network or the disk, or ""."""
    if re.search(r"No space left on device|Errno 28|not enough space on the disk", text):
        return "The disk is full. Make room, or name another folder with --out; then run the command again: it goes on."
    if re.search(
        r"NewConnectionError|NameResolutionError|Failed to establish|Connection to .* timed out|ProxyError", text
    ):
        return "There is no way to the packages: no network? Run the command again where there is one: it goes on."
    return ""

"""A systemd to run a room's hub in, where the machine itself runs none (a container, say): closed in on all sides.

It lives in namespaces of its own: it sees no other process, no network but its own loopback, and a disk that it cannot
write to, save for one folder that stands for /var/lib. It loads none of the system's units: a booted systemd would, among
other things, empty /tmp. All that runs in it shares one control group, with a limit on its memory.
"""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

CONTROLLERS = ("memory", "cpu", "cpuacct", "pids", "devices", "blkio", "freezer")
GROUPS = Path("/sys/fs/cgroup")
NOT_FILES = "proc sysfs cgroup cgroup2 devpts mqueue"  # kinds of mounts that hold no file of anyone's
TARGETS = ("room", "sysinit", "basic", "shutdown")

# What runs in the new namespaces before systemd does. $1: the folder for /var/lib. $2: the cgroup mounts, kind=path.
INSIDE = f"""
set -eu
mount --make-rprivate /
mount --bind "$1" /var/lib
awk '{{print $2, $3}}' /proc/self/mounts | while read -r place kind; do
  case " {NOT_FILES} " in *" $kind "*) continue;; esac
  [ "$place" = /var/lib ] || mount -o remount,bind,ro "$(printf '%b' "$place")"
done
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -o remount,bind,ro /sys
for place in /run /tmp /var/tmp /dev/shm /etc/systemd /usr/lib/systemd/system /usr/lib/systemd/system-generators \
    /usr/lib/systemd/system-environment-generators {GROUPS}; do
  [ ! -d $place ] || mount -t tmpfs -o mode=755 room $place
done
chmod 1777 /tmp /var/tmp /dev/shm
for group in $2; do
  mkdir -p "${{group#*:}}"
  case ${{group%%:*}} in
    cgroup2) mount -t cgroup2 cgroup2 "${{group#*:}}";;
    *) mount -t cgroup -o "${{group%%:*}}" cgroup "${{group#*:}}";;
  esac
done
ip link set lo up
mkdir -p /run/systemd/system
for target in {" ".join(TARGETS)}; do
  printf '[Unit]\\nDefaultDependencies=no\\n' > /run/systemd/system/$target.target
done
exec setpriv --bounding-set=-sys_time,-sys_boot,-sys_module,-sys_rawio env -i container=room PATH="$PATH" \
  /lib/systemd/systemd --system --unit=room.target --log-target=console --log-level=err --show-status=0
"""


class SystemdError(Exception):
    """A systemd of its own cannot be had here; the message says why."""


def running():
    """Return whether this machine runs systemd."""
    return Path("/run/systemd/system").is_dir()


@contextlib.contextmanager
def own_systemd(memory, folder=None, cpu_shares=1024):
    """Start a closed-in systemd and give the command, as a list, to put before another to run that one in it.

    memory: bytes that all in it may have together. cpu_shares: its part of the processor against others' 1024.
    Everything in it is killed at the end. Raises SystemdError where it does not start (no root, no namespaces).
    """
    with tempfile.TemporaryDirectory(prefix="attention-room-", dir=folder) as disk:
        (Path(disk) / "lib").mkdir(mode=0o755)
        os.chmod(disk, 0o711)
        groups, mounts = own_groups(Path("/proc/self/cgroup").read_text(), Path("/proc/self/mounts").read_text())
        script = ["sh", "-c", INSIDE, "sh", f"{disk}/lib", " ".join(mounts)]
        unshare = ["unshare", "--cgroup", "--mount", "--pid", "--ipc", "--uts", "--net", "--fork", "--mount-proc"]
        # It waits until it is in its control groups, and it dies when this process does, whatever the cause.
        wait = ["setpriv", "--pdeathsig=KILL", "sh", "-c", 'read -r go; exec "$@"', "sh"]
        log = Path(disk) / "log"
        made = [group / f"attention-room-{os.getpid()}" for group in groups]
        with log.open("w") as out, contextlib.ExitStack() as stack:
            command = [*wait, *unshare, "--kill-child=KILL", *script]
            started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out, text=True)
            stack.callback(_remove, made)
            stack.callback(_end, started)
            try:
                for group in made:
                    group.mkdir()
                    _limit(group, memory, cpu_shares)
                    (group / "cgroup.procs").write_text(f"{started.pid}\n")
            except OSError as problem:
                raise SystemdError(f"control groups: got {problem}, expected that root may make them") from None
            started.stdin.write("go\n")
            started.stdin.close()
            yield _entrance(started, log)


def own_groups(own, mounts):
    """Return (folders of this process's control groups, mounts that a closed-in systemd needs, as kind:path).

    own: the text of /proc/self/cgroup. mounts: that of /proc/self/mounts. Handles version 2, version 1, and both at once.
    """
    places = {}  # what a hierarchy is called -> where it is mounted
    for line in mounts.splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup2":
            places[""] = place
        elif kind == "cgroup":
            places |= {name: place for name in options.split(",")}
    groups, kinds = [], []
    for line in own.splitlines():
        _, names, path = line.split(":", 2)
        first = names.split(",")[0]
        wanted = not names or names == "name=systemd" or any(name in CONTROLLERS for name in names.split(","))
        if wanted and first in places:
            groups.append(Path(places[first] + path))
            kind = "cgroup2" if not names else f"none,{names}" if names.startswith("name=") else names
            kinds.append(f"{kind}:{places[first]}")
    return groups, sorted(kinds, key=lambda kind: kind.split(":")[-1])


def _limit(group, memory, cpu_shares):
    for name, value in {
        "memory.limit_in_bytes": memory,
        "memory.max": memory,
        "cpu.shares": cpu_shares,
        "cpu.weight": max(1, cpu_shares * 100 // 1024),
    }.items():
        if (group / name).exists():
            (group / name).write_text(f"{value}\n")


def _entrance(started, log, patience=60):
    """Wait until systemd answers; return the command that enters its namespaces."""
    end = time.monotonic() + patience
    while time.monotonic() < end and started.poll() is None:
        for child in _children(started.pid):
            enter = ["nsenter", "-t", child, "-m", "-p", "-C", "-i", "-u", "-n"]
            asked = [*enter, "systemctl", "is-active", "room.target"]
            if subprocess.run(asked, capture_output=True, text=True).stdout.strip() == "active":
                return enter
        time.sleep(0.2)
    said = " ".join(re.sub(r"\x1b\[[\d;]*m", "", log.read_text()).split())[-300:]
    raise SystemdError(f"systemd: got {said or 'no answer'}, expected that it starts in namespaces of its own")


def _children(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return []


def _end(started):
    """Kill the first process in the namespaces, and so all in them."""
    for child in _children(started.pid):
        os.kill(int(child), signal.SIGKILL)
    started.kill()
    started.wait()


def _remove(groups):
    """Remove control groups from the innermost out; the killed processes need a moment to leave them."""
    for group in groups:
        for _ in range(50):
            with contextlib.suppress(OSError):
                for inner in sorted(group.rglob("*/"), reverse=True):
                    inner.rmdir()
                group.rmdir()
            if not group.exists():
                break
            time.sleep(0.1)

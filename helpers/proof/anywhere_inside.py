"""Shut a command off, then become it: python anywhere_inside.py [--read-only FOLDER] [--no-network] -- COMMAND ...

To be started by `unshare --mount --net` (Linux): it has a network of its own, without interfaces, and mounts of its own.
Says what is wrong, and ends with 97, if the folder can still be written to or if there is still a way out.
"""

import os
import socket
import struct
import subprocess
import sys


def main(arguments):
    """Shut the process off as the arguments say, see that it is, and run the command in its place."""
    options, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    problem = ""
    if "--no-network" in options:
        problem = problem or _no_network()
    if "--read-only" in options:
        problem = problem or _read_only(options[options.index("--read-only") + 1])
    if problem:
        sys.exit(_told(problem))
    os.execvp(command[0], command)


def _told(problem):
    sys.stderr.write(problem + "\n")
    return 97


def _no_network():
    import fcntl

    with socket.socket() as any_socket:  # a kernel and its client talk over loopback, which is down at first
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
    names = [name for _, name in socket.if_nameindex()]
    return "" if names == ["lo"] else f"the network namespace has interfaces: {', '.join(names)}"


def _read_only(folder):
    for options in (["--bind", folder], ["-o", "remount,ro,bind"]):
        if subprocess.call(["mount", *options, folder]):
            return f"{folder} cannot be mounted read-only"
    try:
        with open(os.path.join(folder, "notebooks", "written"), "w"):
            return f"{folder} can still be written to"
    except OSError:
        os.chdir(folder)  # the folder as it was mounted before is the old, open one
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])

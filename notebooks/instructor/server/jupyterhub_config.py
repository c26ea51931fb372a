# JupyterHub for a room, on one machine: Linux with systemd, started as root. README.md in this folder says how.
#   COURSE_WORD        the room's word: what every first password begins with; 8 characters or more
#   COURSE_ADDRESS     where it listens; the default http://:8000 is the whole network, http://127.0.0.1:8000 this machine
#   COURSE_MODELS_DIR  the fetched originals, shared and read-only; leave it out to use the small models
#   COURSE_LEARNERS    what each learner's folder in /var/lib begins with, then their name; default learner
#   COURSE_HUB         the hub's own folder: names, passwords (hashed), its log-in cookies; default /var/lib/course-hub
import json
import os
import re
import sys
from pathlib import Path

from firstuseauthenticator import FirstUseAuthenticator

here = Path(__file__).resolve().parent
course = here.parents[2]
python = course / ".venv" / "bin" / "python"
limits = here / "limits.json"
learners = os.environ.get("COURSE_LEARNERS", "learner")
hub = Path(os.environ.get("COURSE_HUB", "/var/lib/course-hub"))
word = os.environ.get("COURSE_WORD", "")


def stop_unless(holds, sentence):
    """End with a sentence that says what to do, before the room is there."""
    if not holds:
        sys.exit(sentence)


def shared(path):
    """Return whether every user may read a file: each folder above it lets others in."""
    path = path.resolve()
    return bool(path.stat().st_mode & 0o004) and all(folder.stat().st_mode & 0o001 for folder in path.parents)


stop_unless(
    Path("/run/systemd/system").is_dir() and os.geteuid() == 0, "Start the hub as root on a Linux with systemd."
)
stop_unless(limits.is_file(), "No limits yet: run `make timings`, then `.venv/bin/python -m helpers.authoring.room`.")
stop_unless(len(word) >= 8, "COURSE_WORD: got fewer than 8 characters, expected a longer word for the room.")
stop_unless(re.fullmatch("[a-z][a-z-]*", learners), f"COURSE_LEARNERS: got {learners!r}, expected small letters.")
stop_unless(python.is_file(), f"There is no {python}: run `make setup` in {course} first.")
for needed in (course / "pyproject.toml", python):
    stop_unless(
        shared(needed),
        f"Learners cannot read {needed.resolve()}: some folder on its way is closed to them. Put the course where every user "
        "may read, and set it up there with a Python of the system: make setup PYTHON=/usr/bin/python3",
    )
for private in ("/tmp", "/var/tmp"):
    stop_unless(
        not course.is_relative_to(private), f"Learners have a {private} of their own: move the course elsewhere."
    )


class RoomAuthenticator(FirstUseAuthenticator):
    """Whoever comes first with a name chooses its password: the room's word, which keeps strangers out, and more."""

    def normalize_username(self, username):
        # A name becomes a folder in /var/lib, and a learner called dpkg must not be given /var/lib/dpkg.
        name = super().normalize_username(username)
        return name if name.startswith(f"{learners}-") else f"{learners}-{name}"

    def _validate_password(self, password):
        return password.startswith(word) and len(password) >= len(word) + 4

    async def authenticate(self, handler, data):
        name = await super().authenticate(handler, data)
        if handler.custom_login_error:  # only a new name's password gets here
            handler.custom_login_error = (
                "A new name: begin its password with the room's word, then 4 or more characters of your own."
            )
        return name


c = get_config()  # noqa: F821  JupyterHub gives this name to its configuration
hub.mkdir(mode=0o700, parents=True, exist_ok=True)
c.JupyterHub.bind_url = os.environ.get("COURSE_ADDRESS", "http://:8000")
c.JupyterHub.db_url = f"sqlite:///{hub}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = str(hub / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(hub / "proxy.pid")
c.JupyterHub.cleanup_servers = False  # a hub that is started again finds everyone at work
c.JupyterHub.concurrent_spawn_limit = 100  # the whole room logs in at once; beyond this the hub sends people away

c.JupyterHub.authenticator_class = RoomAuthenticator
c.FirstUseAuthenticator.dbm_path = str(hub / "passwords")
c.Authenticator.username_pattern = learners + r"-[a-z][a-z0-9-]{0,20}"
c.Authenticator.allow_all = True

# Every learner works in a copy of the notebooks. Helpers and models are the course's own, which all share.
c.Spawner.default_url = "/lab/tree/notebooks/00-start-here.ipynb"
c.Spawner.environment = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}  # one core each
which = "pocket"
if os.environ.get("COURSE_MODELS_DIR"):
    which = "full"
    models = str(Path(os.environ["COURSE_MODELS_DIR"]).resolve())
    c.Spawner.environment |= {"COURSE_MODELS": "full", "COURSE_MODELS_DIR": models}
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1800",  # a notebook left open for half an hour gives its memory back
    "--MappingKernelManager.cull_interval=120",
    "--MappingKernelManager.cull_connected=True",
]
c.Spawner.start_timeout = 300  # seconds, for 40 servers that start together
c.Spawner.http_timeout = 300

# systemd gives each learner a user, a /tmp and limits of their own, and a folder in /var/lib that lasts, where they start.
c.JupyterHub.spawner_class = "systemd"
measured = json.loads(limits.read_text())
stop_unless(
    which in measured,
    "COURSE_MODELS_DIR: limits.json has no limit for the originals. With them on this machine run `make timings`, then "
    "`.venv/bin/python -m helpers.authoring.room`; or leave COURSE_MODELS_DIR out.",
)
c.Spawner.mem_limit = measured[which]["memory_limit_mb"] * 10**6
c.Spawner.cpu_limit = 1.0
c.SystemdSpawner.dynamic_users = True
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.default_shell = "/bin/bash"
c.SystemdSpawner.readonly_paths = [str(course)]
c.SystemdSpawner.unit_extra_properties = {
    "StateDirectoryMode": "0700",
    "ProtectProc": "invisible",  # nor does a learner see what others run
    "MemorySwapMax": "0",  # one learner's runaway is stopped, not swapped out until the room crawls
    "TasksMax": "512",
}
fill = f"test -d notebooks || {{ cp -r '{course}/notebooks' notebooks.new && mv notebooks.new notebooks; }}"
start = f'{fill} && exec "{python}" -m jupyterhub.singleuser "$@"'
# The spawner fills in names between braces, so those of the shell are doubled.
c.Spawner.cmd = ["/bin/sh", "-c", start.replace("{", "{{").replace("}", "}}"), "sh"]


def forget_last_start(spawner):
    """Take away the link in /run that systemd leaves of a learner's last server: the spawner would stumble over it."""
    link = Path("/run") / spawner.unit_name
    if link.is_symlink() and not link.exists():
        link.unlink()


c.Spawner.pre_spawn_hook = forget_last_start

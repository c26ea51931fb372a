# JupyterHub for a room, on one machine with Linux. README.md in this folder says how to start it.
#   COURSE_PASSWORD    what the room types in; the hub does not start without one of 8 characters or more
#   COURSE_ADDRESS     where it listens; the default http://:8000 is the whole network, http://127.0.0.1:8000 this machine
#   COURSE_MODELS_DIR  the fetched originals, shared and read-only; leave it out to use the small models
#   COURSE_LEARNERS    where each learner's files go without systemd; default /srv/learners
import json
import os
import shutil
from pathlib import Path

here = Path(__file__).resolve().parent
course = here.parents[2]
limits = here / "limits.json"
if not limits.is_file():
    raise SystemExit("No measured limits yet: run `make timings`, then `.venv/bin/python -m helpers.authoring.room`.")
limits = json.loads(limits.read_text())["full" if os.environ.get("COURSE_MODELS_DIR") else "pocket"]
python = str(course / ".venv" / "bin" / "python")
learners = Path(os.environ.get("COURSE_LEARNERS", "/srv/learners"))

c = get_config()  # noqa: F821  JupyterHub gives this name to its configuration
c.JupyterHub.bind_url = os.environ.get("COURSE_ADDRESS", "http://:8000")

# One password for the room; everyone chooses a name of their own.
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ.get("COURSE_PASSWORD", "")
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = r"[a-z][a-z0-9-]{0,20}"  # a name becomes a folder
if len(c.DummyAuthenticator.password) < 8:
    raise SystemExit("Set COURSE_PASSWORD to a password of 8 characters or more.")

# Every learner works in a copy of the notebooks. Helpers and models are the course's own, which all share.
c.Spawner.default_url = "/lab/tree/notebooks/00-start-here.ipynb"
c.Spawner.environment = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}  # one core each
if os.environ.get("COURSE_MODELS_DIR"):
    models = str(Path(os.environ["COURSE_MODELS_DIR"]).resolve())
    c.Spawner.environment |= {"COURSE_MODELS": "full", "COURSE_MODELS_DIR": models}
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=1800",  # a notebook left open for half an hour gives its memory back
    "--MappingKernelManager.cull_interval=120",
    "--MappingKernelManager.cull_connected=True",
]
c.Spawner.mem_limit = f"{limits['memory_limit_mb']}M"
c.Spawner.cpu_limit = 1.0
c.Spawner.start_timeout = 120
c.JupyterHub.concurrent_spawn_limit = 10  # when the whole room logs in at once

if Path("/run/systemd/system").is_dir() and os.geteuid() == 0:
    # systemd keeps each learner's limits (cgroups) and gives each a user of their own.
    c.JupyterHub.spawner_class = "systemd"
    c.SystemdSpawner.dynamic_users = True
    c.SystemdSpawner.readonly_paths = [str(course)]
    fill = f"test -d notebooks || cp -r '{course}/notebooks' notebooks"
    c.Spawner.cmd = ["/bin/sh", "-c", f'{fill}; exec "{python}" -m jupyterhub.singleuser "$@"', "sh"]
else:
    # No systemd: all learners run as the hub's user, so start the hub as a user who has nothing else. The memory limit
    # holds for each process (a kernel is one), not for all of a learner's together; the cores are shared by the system.
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(learners / "{username}")
    limit = ["prlimit", f"--data={limits['memory_limit_mb'] * 10**6}"] if shutil.which("prlimit") else []
    c.Spawner.cmd = [*limit, python, "-m", "jupyterhub.singleuser"]

    def fill(spawner):
        """Give a new learner a copy of the notebooks."""
        home = learners / spawner.user.name
        home.mkdir(parents=True, exist_ok=True)
        if not (home / "notebooks").exists():
            shutil.copytree(course / "notebooks", home / "notebooks")

    c.Spawner.pre_spawn_hook = fill

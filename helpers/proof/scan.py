"""What a Python text calls and imports, from its syntax tree: what loads code or data, runs programs, asks the network."""

import ast

LOADERS = {"torch.load", "torch.hub.load", "torch.jit.load", "pickle.load", "pickle.loads", "dill.load", "dill.loads"}
LOADERS |= {"joblib.load", "marshal.load", "marshal.loads", "shelve.open", "pandas.read_pickle", "cloudpickle.load"}
RUNNERS = {"exec", "eval", "compile", "__import__", "get_ipython", "runpy.run_path", "runpy.run_module"}
RUNNERS |= {"os.system", "os.popen", "os.execv", "os.execvp", "ctypes.CDLL"}
NETWORK = ("httpx2", "httpx", "requests", "urllib.request", "urllib3", "http.client", "aiohttp", "ftplib", "socket")
NETWORK += ("huggingface_hub", "websockets", "tornado")
PROGRAMS = ("subprocess", "multiprocessing", "pexpect", "pip")
FLAGS = {"trust_remote_code": True, "allow_pickle": True, "weights_only": False, "use_safetensors": False}


def scan(text):
    """Return what a Python text does, as a sorted list of names without repetition.

    Calls of LOADERS and RUNNERS ("torch.load()"; with weights_only=True it is "torch.load(weights_only=True)"), modules
    of NETWORK and PROGRAMS that it imports ("import socket"), and FLAGS with the value that is not safe.
    """
    nodes = list(ast.walk(ast.parse(text)))
    names, found = {}, set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.split(".")[0]: _known_as(alias) for alias in node.names}
            found |= _risky(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= _risky([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    for node in nodes:
        if isinstance(node, ast.Call):
            given = {word.arg: word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)}
            found |= {f"{flag}={value}" for flag, value in FLAGS.items() if given.get(flag) is value}
            called = _dotted(node.func, names)
            if called in LOADERS | RUNNERS:
                found.add(f"{called}({'weights_only=True' if given.get('weights_only') is True else ''})")
    return sorted(found)


def _known_as(alias):
    """`import a.b` binds a, `import a.b as c` binds a.b."""
    return alias.name if alias.asname else alias.name.split(".")[0]


def _risky(modules):
    names = NETWORK + PROGRAMS
    return {f"import {one}" for module in modules for one in names if module == one or module.startswith(one + ".")}


def _dotted(node, names):
    """Return the full name of what is called, like torch.load, or "" for what is no plain name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([names.get(node.id, node.id), *reversed(parts)]) if isinstance(node, ast.Name) else ""

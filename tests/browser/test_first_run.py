"""What a newcomer meets after `make lab`: the first notebook, ready to run, and no question."""

from lab import Notebook

READY = "() => window.jupyterapp?.restored.then(() => window.jupyterapp.allPluginsActivated).then(() => true)"
NEWS = "/lab/api/settings/@jupyterlab/apputils-extension:notification?token="
SEEN = """() => {
  const app = window.jupyterapp;
  return {
    tabs: [...app.shell.widgets('main')].map(tab => tab.title.label),
    folder: document.querySelector('.jp-FileBrowser .jp-BreadCrumbs')?.innerText.replace(/\\s/g, ''),
    questions: [...document.querySelectorAll('.jp-Dialog, .Toastify__toast')].map(box => box.innerText),
  };
}"""


def test_the_first_notebook_is_there_with_its_kernel_and_nothing_is_asked(page, lab):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(lab)
    notebook = Notebook(page)
    notebook.wait(lambda: notebook.look()["status"] == "idle", "the first notebook's kernel")
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate(READY)
    seen = notebook.look()
    assert seen["path"] == "notebooks/00-start-here.ipynb" and seen["kernel"] == "python3"
    seen = page.evaluate(SEEN)
    assert seen["tabs"] == ["00-start-here.ipynb"]  # no launcher beside it
    assert seen["folder"].strip("/") == "notebooks"  # the list of files shows the other chapters
    assert seen["questions"] == []
    assert not [url for url in asked if "/lab/api/news" in url or "/lab/api/update" in url]
    notebook.run_all()
    assert page.evaluate(SEEN)["questions"] == []


def test_the_question_for_news_and_the_look_for_updates_are_off(page, lab):
    root = lab.split("/lab/")[0]
    settings = page.request.get(root + NEWS + "course").json()
    assert settings["settings"] == {} or "fetchNews" not in settings["settings"]  # the learner has chosen nothing yet
    properties = settings["schema"]["properties"]
    assert properties["fetchNews"]["default"] == "false" and properties["checkForUpdates"]["default"] is False

"""JupyterLab as a person sees it: open a notebook by its link, run it from the menu, move a control, read a panel.

What a person would do is done by mouse and keyboard; only what a person reads off the screen (is the kernel idle, did
a cell fail) is asked of JupyterLab itself, which the test server lets us do (expose_app_in_browser).
"""

import base64
import html
import io
import re
import time

import ipywidgets as widgets
from PIL import Image

PATIENCE = 300  # seconds to wait for what must come: a test fails late rather than by chance on a busy machine
LOOK = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const kernel = panel.context.sessionContext.session?.kernel;
  const cells = panel.content.widgets.filter(c => c.model.type === 'code' && c.model.sharedModel.getSource().trim());
  return {
    path: panel.context.path,
    kernel: kernel?.name ?? null,
    status: kernel?.status ?? null,
    ran: cells.every(c => window.ran?.has(c.model.id)),
    panels: cells.reduce((sum, c) => sum + c.model.sharedModel.getOutputs().filter(
      o => o.data?.['application/vnd.jupyter.widget-view+json'] && `${o.data['text/plain']}`.startsWith('Panel,')).length, 0),
    said: cells.flatMap(c => c.model.sharedModel.getOutputs().map(o => o.text ?? '')).join(''),
    counts: cells.map(c => c.model.sharedModel.execution_count),
    errors: cells.flatMap(c => c.model.sharedModel.getOutputs().filter(o => o.output_type === 'error'
      || o.name === 'stderr').map(o => [o.evalue ?? o.text,
      (c.model.sharedModel.getMetadata('tags') ?? []).includes('raises-exception')])),
  };
}"""
LISTEN = """() => {
  window.statuses = [];
  window.ran = new Set();  // the cells that ended from now on; their stored numbers say nothing about this run
  const panel = window.jupyterapp.shell.currentWidget;
  panel.context.sessionContext.session.kernel.statusChanged.connect((_, status) => window.statuses.push(status));
  for (const cell of panel.content.widgets.filter(c => c.model.type === 'code'))
    cell.model.stateChanged.connect((model, change) => {
      if (change.name === 'executionCount' && change.newValue) window.ran.add(model.id);
    });
}"""
PICTURE = """async image => {
  const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""


class Notebook:
    """The notebook in front in one browser page."""

    def __init__(self, page):
        self.page = page

    def open_by_link(self, address, name, start="00-start-here"):
        """Open JupyterLab on the first notebook, as `make lab` does, and follow the link to `name`."""
        self.page.goto(address)
        self.page.wait_for_selector('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-MarkdownOutput a[href*=".ipynb"]')
        self.page.evaluate("async () => { await window.jupyterapp.restored; }")
        self.wait(lambda: self.look()["status"] == "idle", "the first notebook's kernel")
        if name != start:
            self.follow_link(name)
        return self

    def follow_link(self, name):
        """Click the link to another notebook in the one in front, and wait for its kernel."""
        self.page.locator(f'.jp-NotebookPanel:not(.lm-mod-hidden) a[href*="{name}.ipynb"]').first.click()
        self.wait(lambda: self.look()["path"].endswith(f"{name}.ipynb"), f"{name} to open")
        self.wait(lambda: self.look()["status"] == "idle", f"the kernel of {name}")

    def to_tab(self, name):
        """Bring an open notebook to the front by its tab."""
        self.page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel", has_text=f"{name}.ipynb").click()
        self.wait(lambda: self.look()["path"].endswith(f"{name}.ipynb"), f"{name} to come to the front")

    def look(self):
        """Return what the notebook in front shows: path, kernel, what ran, printed text, execution counts, errors."""
        try:
            return self.page.evaluate(LOOK)
        except Exception:  # JupyterLab is still building the page
            return dict.fromkeys(("kernel", "status", "ran"), None) | {
                "path": "", "said": "", "panels": 0, "counts": [], "errors": []
            }  # fmt: skip

    def menu(self, *names):
        """Choose a menu entry by mouse."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{names[0]}$")).click()
        for name in names[1:]:
            self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{name}$")).first.click()

    def run_all(self):
        """Run, Run All Cells; return what the notebook shows when the last cell has run."""
        path = self.look()["path"]
        self.page.evaluate(LISTEN)
        self.menu("Run", "Run All Cells")
        self.wait(self._has_run, "all cells to run")
        seen = self.look()
        assert seen["path"] == path, f"{seen['path']} came before {path} while it ran"
        return seen

    def restart(self):
        """Kernel, Restart Kernel…, and confirm it."""
        self.menu("Kernel", "Restart Kernel…")
        self.page.evaluate(LISTEN)
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.wait(lambda: "restarting" in self.page.evaluate("window.statuses"), "the kernel to end")
        self.wait(lambda: self.look()["status"] == "idle", "the restarted kernel")

    def _has_run(self):
        seen = self.look()
        return seen["status"] == "idle" and seen["ran"] and all(seen["counts"])

    def wait(self, true, what, seconds=PATIENCE):
        """Poll until `true()`; else fail with what was waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if true():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"waited {seconds} s for {what}; the notebook shows {self.look()}")

    def panels(self):
        """Return the live panels of the notebook in front, in order, once the page has drawn all of them."""
        roots = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output > .jupyter-widgets")
        panels = roots.filter(has=self.page.locator("img"))
        self.wait(lambda: 0 < self.look()["panels"] == panels.count(), "the panels to appear")
        return [LivePanel(self, root) for root in panels.all()]


class LivePanel:
    """One panel in the browser: its controls by name, its picture, its sentences."""

    def __init__(self, notebook, root):
        self.notebook, self.page, self.root = notebook, notebook.page, root

    def picture(self):
        """Return the PNG bytes on the screen."""
        return base64.b64decode(self.root.locator("img.widget-image, .widget-image img, img").first.evaluate(PICTURE))

    def corners(self):
        """Return the colours of the picture's four corners."""
        picture = Image.open(io.BytesIO(self.picture())).convert("RGB")
        return [picture.getpixel((x, y)) for x in (0, picture.width - 1) for y in (0, picture.height - 1)]

    def text(self):
        """Return every sentence of the panel: problem, status, summary, and what is drawn in words."""
        said = (" ".join(part.inner_text().split()) for part in self.root.locator(".widget-html-content").all())
        return [line for line in said if line]

    def control(self, label):
        """Return the part of the page that holds the control with this name."""
        name = self.root.locator(".widget-label, .widget-label-basic", has_text=re.compile(f"^{re.escape(label)}$"))
        return name.first.locator('xpath=ancestor::div[contains(@class, "widget-vbox")][1]')

    def number(self, label):
        """Return the number in the box of a slider."""
        return float(self.control(label).locator("input[type=number]").input_value())

    def button(self, name):
        """Press a button by mouse."""
        self.root.locator("button", has_text=re.compile(f"^{re.escape(name)}$")).click()

    def agrees(self, twin):
        """Return True if picture and sentences are those of a panel in this process with the same settings."""
        expected = [sentence_of(part.value) for part in parts_of(twin) if isinstance(part, widgets.HTML)]
        return self.text() == [line for line in expected if line] and self.picture() == twin.picture.value


def parts_of(widget):
    """Yield a widget and all that is in it, in reading order."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)


def sentence_of(value):
    """Return the text of one of our own paragraphs of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", value)).split())

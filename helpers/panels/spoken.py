"""What ipywidgets cannot tell a screen reader from Python: the names of sliders, a picture's alt text, a live region.

ipywidgets 8 gives a slider's handle no name, an Image no alt text, and no widget `aria-live`. A few lines of JavaScript in
the panel's own HTML set them. Where a page does not run these lines, the panel works as any ipywidgets do.
"""

import html
import json

import ipywidgets as widgets

# Classes on the page.
PANEL, PICTURE, SUMMARY, UNSEEN = "live-panel", "panel-picture", "panel-summary", "panel-unseen"

# The parts of a panel come to the page one after the other: look again with each frame, for about a minute.
MARK = """
(mark => {
  const names = JSON.parse(mark.dataset.names);
  let frames = 3600;
  const tell = () => {
    const panel = mark.closest('.live-panel');
    const handles = panel ? panel.querySelectorAll('.noUi-handle') : [];
    const picture = panel?.querySelector('img.panel-picture');
    const summary = panel?.querySelector('.panel-summary .widget-html-content');
    if (!picture || !summary || handles.length < names.length) {
      if (frames-- > 0) requestAnimationFrame(tell);
      return;
    }
    handles.forEach((handle, i) => handle.setAttribute('aria-label', names[i]));
    picture.alt = mark.dataset.alt;
    summary.setAttribute('aria-live', 'polite');
  };
  tell();
})(this)
"""

# The arrows in a number box take a third of its width and cut -0.5 to -0.; the slider under the box does their work.
NO_ARROWS = """<style>.live-panel input[type=number] { appearance: textfield; }
.live-panel input[type=number]::-webkit-inner-spin-button { display: none; }</style>"""

# One line: to break long words into a box one pixel wide takes the browser 3 ms at each change, in one line half of one.
ONE_LINE = "<style>.live-panel .panel-unseen * { white-space: nowrap; }</style>"


class Spoken(widgets.HTML):
    """Put it last into a panel. names: of the sliders, in reading order. alt: what the picture shows, in a few words.

    The panel and its parts carry the classes PANEL, PICTURE and SUMMARY.
    """

    def __init__(self, names, alt):
        data = {"names": json.dumps(list(names)), "alt": alt}
        told = " ".join(f'data-{name}="{html.escape(text)}"' for name, text in data.items())
        script = html.escape(" ".join(MARK.split()))
        # A picture that cannot be read, so that the page runs its onerror; a <script> in a widget is never run.
        picture = f'<img hidden alt="" src="data:," {told} onerror="{script}">'
        super().__init__(NO_ARROWS + ONE_LINE + picture, layout={"display": "none"})


def unseen():
    """Return an empty widgets.HTML that is there for screen readers only."""
    hidden = widgets.HTML(layout={"width": "1px", "height": "1px", "margin": "0", "overflow": "hidden"})
    return hidden.add_class(UNSEEN)

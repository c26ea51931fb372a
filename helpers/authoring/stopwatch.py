"""Time in a browser's page: from a key press to the new picture on the screen, and what a held key leaves behind.

The clock is the page's own. It starts at the time stamp of the key event. It stops when the new picture is decoded and
the frame that shows it has been drawn.
"""

import time

REPEATS = 30  # a second: what a held key sends on most systems

# `root` is the part of the page in which an <img> changes: a new `src`, or a new element in its place.
WATCH = """root => {
  const watch = {times: [], key: null, release: null};
  let last = root.querySelector('img')?.src;
  watch.first = new Promise(resolve => {
    const seen = async () => {
      const image = root.querySelector('img');
      if (!image?.src || image.src === last) return;
      last = image.src;
      const came = performance.now();
      await image.decode().catch(() => null);  // a newer picture came before this one was decoded
      requestAnimationFrame(() => setTimeout(() => { watch.times.push({came, shown: performance.now()}); resolve(); }));
    };
    const observer = new MutationObserver(seen);
    observer.observe(root, {subtree: true, childList: true, attributes: true, attributeFilter: ['src']});
    const down = event => { watch.key ??= event.timeStamp; };
    const up = event => { watch.release = event.timeStamp; };
    window.addEventListener('keydown', down, true);
    window.addEventListener('keyup', up, true);
    watch.stop = () => {
      observer.disconnect();
      window.removeEventListener('keydown', down, true);
      window.removeEventListener('keyup', up, true);
    };
  });
  return watch;
}"""


def press(page, root, key):
    """Press a key on what has the focus; return the milliseconds until the new picture in `root` is on the screen."""
    watch = root.evaluate_handle(WATCH)
    page.keyboard.press(key)
    milliseconds = watch.evaluate(
        "async watch => { await watch.first; watch.stop(); return watch.times[0].shown - watch.key; }"
    )
    watch.dispose()
    return milliseconds


def hold(page, root, handle, steps, seconds=5):
    """Hold an arrow key on a slider's handle, to and fro between its ends, which are `steps` steps apart.

    Return (directions, result). directions: +1 or -1 of each press, in order. result: a function; called when the last
    picture is known to be there, it gives the number of pictures that came while the key was down, the number after its
    release, and the milliseconds from the release to the last one, 0 if there was none.
    """
    handle.focus()
    watch, start, presses = root.evaluate_handle(WATCH), time.monotonic(), int(seconds * REPEATS)
    directions = [(1, -1)[i // steps % 2] for i in range(presses)]
    for i, direction in enumerate(directions):
        key = "ArrowRight" if direction > 0 else "ArrowLeft"
        page.wait_for_timeout(max(0, 1000 * (start + i / REPEATS - time.monotonic())))
        page.keyboard.down(key)  # again and again: the browser is told that it is the same press
        if i == presses - 1 or (i + 1) % steps == 0:
            page.keyboard.up(key)

    def result():
        during, after, late = watch.evaluate("""watch => {
          watch.stop();
          const late = watch.times.filter(time => time.came > watch.release);
          return [watch.times.length - late.length, late.length, late.length ? late.at(-1).shown - watch.release : 0];
        }""")
        watch.dispose()
        return during, after, late

    return directions, result

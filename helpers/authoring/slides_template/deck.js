"use strict";
// Lays the slides out on pages that fit, then shows one at a time. Without this script the deck is a page to scroll.
const WIDTH = 1280, HEIGHT = 720, SMALLEST = 19;
const main = document.querySelector("main");
const root = document.documentElement;
let pages = [], at = 0, speaker = null;

const fits = (page) => over(page) <= 0;

function narrow(block) { // code and output that are wider than a page get smaller letters, then wrap
  for (const box of block.querySelectorAll("pre")) {
    const text = box.closest(".code") || box;
    let size = 25;
    while (box.scrollWidth > box.clientWidth && size > SMALLEST) text.style.fontSize = --size + "px";
    if (box.scrollWidth > box.clientWidth) box.style.whiteSpace = "pre-wrap";
  }
}

const over = (page) => page.querySelector(".end").offsetTop - (HEIGHT - 40);

function fitImage(page, block) { // a picture takes what room there is, if it stays large enough
  const image = block.querySelector("img");
  if (!image || over(page) <= 0) return;
  const height = image.offsetHeight - over(page);
  image.style.height = (height >= 330 ? height : image.offsetHeight) + "px";
}

function shrink(page, block) { // still too tall on a page of its own
  const image = block.querySelector("img");
  if (image && over(page) > 0) image.style.height = Math.max(200, image.offsetHeight - over(page)) + "px";
  for (let size = 25; over(page) > 0 && size >= SMALLEST; size--)
    for (const box of [block, ...block.querySelectorAll(".code, pre.output, table")]) box.style.fontSize = size + "px";
}

function moved(block) { // what goes to a new page with this block: the code before its output, the line before a list
  const taken = [block];
  for (let before = block.previousElementSibling; before && before.classList.contains("with-next"); before = before.previousElementSibling)
    taken.unshift(before);
  return taken[0].previousElementSibling.matches("h1, h2") ? [block] : taken; // never leave an empty page behind
}

function newPage(slide, count) {
  const page = document.createElement("section");
  page.className = slide.className + " shown";
  const heading = slide.querySelector("h1, h2").cloneNode(true);
  if (count > 1) heading.insertAdjacentHTML("beforeend", ` <span class="more">(${count})</span>`);
  const end = document.createElement("div");
  end.className = "end";
  page.append(heading, end, slide.querySelector("aside.notes").cloneNode(true));
  main.append(page);
  pages.push(page);
  return page;
}

function layOut() {
  root.classList.add("deck");
  for (const slide of [...document.querySelectorAll("section.slide")]) {
    const blocks = [...slide.querySelectorAll(":scope > .block")];
    slide.remove();
    let count = 1, page = newPage(slide, count), filled = 0;
    for (const block of blocks) {
      const put = () => page.querySelector(".end").before(block);
      for (const folded of block.querySelectorAll("details")) folded.open = true; // room for the answer
      if (block.classList.contains("new-page") && filled) { page = newPage(slide, ++count); filled = 0; }
      put();
      narrow(block);
      fitImage(page, block);
      if (!fits(page) && filled) {
        const taken = moved(block);
        page = newPage(slide, ++count);
        filled = taken.length - 1;
        page.querySelector(".end").before(...taken);
        fitImage(page, block);
      }
      if (!fits(page)) shrink(page, block);
      if (!fits(page)) for (const other of page.querySelectorAll(":scope > .block")) shrink(page, other); // what came with it
      filled++;
    }
  }
  for (const folded of document.querySelectorAll("details")) folded.open = false;
  for (const page of pages) page.classList.remove("shown");
}

const name = (page) => page.querySelector("h1, h2").textContent;
const hidden = (page) => page.querySelector(".fragment:not(.seen), details:not([open])");

function show(number) {
  pages[at].classList.remove("shown");
  at = Math.max(0, Math.min(pages.length - 1, number));
  pages[at].classList.add("shown");
  history.replaceState(null, "", "#" + (at + 1));
  document.getElementById("place").textContent = `${at + 1} / ${pages.length}`;
  document.getElementById("bar").style.width = `${(100 * (at + 1)) / pages.length}%`;
  document.getElementById("say").textContent = `Page ${at + 1} of ${pages.length}: ${name(pages[at])}`;
  if (speaker && !speaker.closed) speaker.document.body.innerHTML =
    `<h2>${at + 1} / ${pages.length}: ${name(pages[at])}</h2>` + pages[at].querySelector("aside.notes").innerHTML;
}

function next() { // first what is folded or still to come on this page, then the next page
  const waiting = hidden(pages[at]);
  if (!waiting) return show(at + 1);
  waiting.classList.add("seen");
  if (waiting.tagName === "DETAILS") waiting.open = true;
}

function notesWindow() {
  speaker = window.open("", "notes", "width=700,height=500");
  if (speaker) { speaker.document.title = "Notes"; speaker.document.body.style.font = "20px/1.4 sans-serif"; show(at); }
}

const keys = {
  ArrowRight: next, PageDown: next, " ": next,
  ArrowLeft: () => show(at - 1), PageUp: () => show(at - 1),
  Home: () => show(0), End: () => show(pages.length - 1),
  n: () => root.classList.toggle("notes-here"), s: notesWindow,
  f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
  "?": () => { const help = document.getElementById("help"); help.hidden = !help.hidden; },
};

function scale() {
  const by = Math.min(innerWidth / WIDTH, innerHeight / HEIGHT);
  main.style.transform = `translate(${(innerWidth - WIDTH * by) / 2}px, ${(innerHeight - HEIGHT * by) / 2}px) scale(${by})`;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && event.target.closest("summary, a, button")) return; // the element's own key
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) { event.preventDefault(); act(); }
});
let touched = 0;
addEventListener("touchstart", (event) => { touched = event.touches[0].clientX; }, { passive: true });
addEventListener("touchend", (event) => {
  const moved = event.changedTouches[0].clientX - touched;
  if (Math.abs(moved) > 60) moved < 0 ? next() : show(at - 1);
});
addEventListener("resize", scale);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((folded) => { folded.open = true; }));
addEventListener("hashchange", () => show(parseInt(location.hash.slice(1), 10) - 1 || 0));
addEventListener("load", () => { // pictures have their size now
  layOut();
  scale();
  root.dataset.pages = pages.length;
  root.dataset.over = pages.filter((page) => !fits(page)).map((page) => pages.indexOf(page) + 1).join(" ");
  show(parseInt(location.hash.slice(1), 10) - 1 || 0);
});

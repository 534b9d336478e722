#include "output/report/report_html.h"

#include <span>
#include <string_view>

#include "base/base64.h"
#include "base/sha256.h"

namespace ldznet {

const char* const kReportStyle = R"(
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 18%, Canvas); }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto 3rem; padding: 0 1.2rem; max-width: 110rem; }
header { position: sticky; top: 0; z-index: 1; margin: 0 -1.2rem; padding: .7rem 1.2rem; background: Canvas;
  border-bottom: 1px solid var(--line); }
h1 { font-size: 1.15rem; margin: 0 0 .5rem; }
h2 { font-size: .95rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
small, .hint { color: color-mix(in srgb, CanvasText 65%, Canvas); font-weight: normal; font-size: .87em; }
form > div { display: flex; flex-wrap: wrap; gap: .35rem 1.2rem; align-items: center; margin-bottom: .45rem; }
form label { display: inline-flex; gap: .4rem; align-items: center; }
form .switches { max-height: 6.5rem; overflow: auto; }
input, select, button { font: inherit; }
input[type="number"] { width: 4.5rem; }
input[type="checkbox"] { margin: 0; }
select { max-width: 100%; }
output { font-variant-numeric: tabular-nums; min-width: 2.4em; }
kbd { font: .9em ui-monospace, monospace; border: 1px solid var(--line); border-radius: .25em; padding: 0 .3em; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); gap: 1rem;
  margin-top: 1rem; align-items: start; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .7rem; scroll-margin-top: calc(var(--header, 0px) + .6rem);
  content-visibility: auto; contain-intrinsic-size: auto 20rem auto 24rem; outline: none; }
article.current { border-color: Highlight; box-shadow: 0 0 0 2px Highlight; }
.wide { grid-column: 1 / -1; margin: .6rem 0 0; font-size: 1.05rem; overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .15rem .6rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
details.wide { font-size: .95rem; overflow-wrap: anywhere; }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; }
.picture { position: relative; align-self: start; background: color-mix(in srgb, CanvasText 8%, Canvas); }
.picture img { display: block; max-width: 100%; height: auto; }
.picture img[class] { position: absolute; inset: 0; width: 100%; height: 100%; }
ul { list-style: none; margin: .5rem 0 0; padding: 0; }
li { margin-top: .15rem; }
li label { overflow-wrap: anywhere; }
li input { vertical-align: -.1em; }
article > small { display: block; margin-bottom: .4rem; overflow-wrap: anywhere; }
.differences { display: inline-flex; flex-wrap: wrap; gap: .8rem; }
.comparison { display: block; padding-left: 2.7em; }
.colour { display: inline-block; width: .8em; height: .8em; border-radius: .15em; flex: none; }
.error { color: light-dark(#b3261e, #f2837b); margin: 0; overflow-wrap: anywhere; }
.filters { position: absolute; width: 0; height: 0; }
[hidden] { display: none !important; }
/* What is shown of a picture follows from the view and from whether the threshold's slider was moved. */
body:not(.cut) .probability, body.cut .mask, body.bare .picture img[class] { display: none; }
body:not([data-view="difference"]) :is(.difference, .differences) { display: none; }
body[data-view="difference"] :is(.mask, .probability) { display: none; }
body:not([data-view="side"], [data-view="other"]) .second, body[data-view="other"] .first { display: none; }
body[data-view="side"] main { grid-template-columns: repeat(auto-fill, minmax(min(34rem, 100%), 1fr)); }
body[data-view="side"] .pictures { flex-wrap: nowrap; }
body[data-view="side"] .picture { min-width: 0; }
body[data-view="side"] .picture::after { content: attr(data-run); position: absolute; left: .3rem; top: .3rem;
  font-size: .75rem; padding: 0 .4em; border-radius: .3em; background: Canvas; }
@media (max-width: 45rem), (max-height: 35rem) { header { position: static; } .keys { display: none; } }
@media print {
  :root { color-scheme: light; }
  * { print-color-adjust: exact; }
  body { font-size: 11px; margin: 0; padding: 0; max-width: none; }
  h2 { font-size: 12px; }
  header { position: static; margin: 0; padding: 0 0 .5rem; }
  form > :not(.summary), .keys, input { display: none !important; }
  main { grid-template-columns: repeat(3, 1fr); gap: .6rem; }
  body[data-view="side"] main { grid-template-columns: 1fr; }
  article { break-inside: avoid; content-visibility: visible; box-shadow: none !important;
    border-color: var(--line) !important; }
}
)";

const char* const kReportScript = R"js(
"use strict";
const byId = id => document.getElementById(id);
const page = document.body, form = document.querySelector("form"), header = document.querySelector("header");
const words = byId("words"), score = byId("score"), found = byId("found"), shown = byId("shown");
// Null unless the page compares runs or has probabilities.
const view = byId("view"), agreement = byId("agreement"), order = byId("order"), threshold = byId("threshold");
const startThreshold = threshold && Number(threshold.defaultValue);
const articles = [...document.querySelectorAll("article")];
const ious = {same: 1, none: 1};
const pictures = articles.map(article => ({
  article, name: article.dataset.name.toLowerCase(),
  rows: [...article.querySelectorAll("li")].map(row => ({
    row, text: row.dataset.text.toLowerCase(), iou: ious[row.dataset.iou] ?? Number(row.dataset.iou),
    own: row.querySelector("input"), images: [...article.querySelectorAll(`img[data-layer="${row.dataset.layer}"]`)]}))}));

// Applies the filters and the page's switches. A mask is shown if its own checkbox is checked as well.
function filter() {
  const text = words.value.trim().toLowerCase(), least = Number(score.value) || 0;
  const most = agreement ? agreement.valueAsNumber : 1;
  const wanted = new Set([...document.querySelectorAll("form [data-box]:checked")].map(box => box.dataset.box));
  let count = 0;
  for (const {article, name, rows} of pictures) {
    const named = name.includes(text);
    for (const {row, text: label, iou, own, images} of rows) {
      row.hidden = !((named || label.includes(text)) && Number(row.dataset.score) >= least &&
        wanted.has(row.dataset.box) && !(found.checked && row.dataset.area === "0") && !(iou > most));
      for (const image of images) image.hidden = row.hidden || !own.checked;
    }
    article.hidden = rows.length ? rows.every(({row}) => row.hidden) : !named || least > 0 || found.checked || most < 1;
    count += !article.hidden;
  }
  shown.textContent = `${count} of ${articles.length} pictures` + meanIou();
}

// The mean over the lines that are shown, without those where both masks are empty.
function meanIou() {
  const values = pictures.filter(({article}) => !article.hidden).flatMap(({rows}) => rows)
    .filter(({row}) => !row.hidden && row.dataset.iou && !(row.dataset.iou in ious)).map(({iou}) => iou);
  if (!values.length) return "";
  return `, IoU of both runs ${(values.reduce((a, b) => a + b) / values.length).toFixed(3)} on average`;
}

// Copies the picture for the other run's masks, so that the file has it only once.
function fill(article) {
  const photo = article.querySelector(".first img:not([class])"), second = article.querySelector(".second");
  if (photo && second && !second.querySelector("img:not([class])")) second.prepend(photo.cloneNode());
}

// Shows this run, the other one or both, in the chosen order.
function look() {
  page.dataset.view = view.value;
  const worst = ({rows}) => Math.min(1, ...rows.map(({iou}) => iou));
  const sorted = [...pictures].sort((a, b) => worst(a) - worst(b));
  sorted.forEach(({article}, k) => { article.style.order = order.value === "iou" ? k - sorted.length : ""; });
}

// Thresholds the embedded probabilities: an SVG filter makes opaque what reaches the slider's value.
function cut() {
  page.classList.toggle("cut", threshold.valueAsNumber !== startThreshold);
  byId("cut").textContent = threshold.valueAsNumber.toFixed(2);
  const level = Math.ceil(255 * threshold.valueAsNumber - 1e-9);  // the least that is inside
  for (const step of document.querySelectorAll(".filters feFuncA")) step.setAttribute("intercept", 1 - level);
}

function update() {
  filter();
  if (view) look();
  if (threshold) cut();
}

// Goes to the next picture that is shown, or to the previous one.
function go(step) {
  const visible = articles.filter(article => !article.hidden).sort((a, b) => a.style.order - b.style.order);
  const current = document.querySelector("article.current"), at = visible.indexOf(current);
  const next = visible[at < 0 ? (step > 0 ? 0 : visible.length - 1) : at + step];
  if (!next) return;
  if (current) current.classList.remove("current");
  next.classList.add("current");
  next.focus({preventScroll: true});
  next.scrollIntoView({block: next.offsetHeight > innerHeight / 2 ? "start" : "nearest"});
}

const keys = {
  n: () => go(1), ArrowRight: () => go(1), p: () => go(-1), ArrowLeft: () => go(-1),
  m: () => page.classList.toggle("bare"),
  v: () => { if (view) { view.selectedIndex = (view.selectedIndex + 1) % view.length; look(); } },
};
document.addEventListener("keydown", event => {
  const act = keys[event.key];
  const types = event.target.matches("select, input:not([type='checkbox'])");
  if (!act || types || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
});
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("reset", () => setTimeout(update));
document.addEventListener("input", ({target}) => {
  if (target === threshold) cut();
  else if (target === view || target === order) look();
  else filter();
});
if (view) {
  const near = new IntersectionObserver(seen => {
    for (const {target, isIntersecting} of seen) if (isIntersecting) fill(target);
  }, {rootMargin: "1000px"});
  for (const article of articles) near.observe(article);
  addEventListener("beforeprint", () => articles.forEach(fill));
}
new ResizeObserver(() => {
  const covers = getComputedStyle(header).position === "sticky" ? header.offsetHeight : 0;
  page.style.setProperty("--header", `${covers}px`);
}).observe(header);
update();
)js";

const char* const kReportFilters = R"(<div>
<label>Name or prompt <input id="words" type="search"></label>
<label>Minimum score <input id="score" type="number" min="0" max="1" step="0.05" value="0"></label>
<label><input id="found" type="checkbox"> Only masks that are not empty</label>
<button type="reset">Reset</button>
</div>
)";

const char* const kReportKeys =
    R"(<span class="hint keys">Keys: <kbd>n</kbd> or <kbd>→</kbd> next picture, <kbd>p</kbd> or <kbd>←</kbd> previous,
<kbd>m</kbd> masks on and off)";

namespace {

/// The base64 of the text's SHA-256, as content security policies name scripts.
std::string policy_hash(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return encode_base64(hash.digest());
}

}  // namespace

std::string report_start() {
  return R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:;
 style-src 'unsafe-inline'; script-src 'sha256-)" +
         policy_hash(kReportScript) + R"('">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<style>)" +
         kReportStyle + "</style>\n<title>";
}

}  // namespace ldznet

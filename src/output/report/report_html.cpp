#include "output/report/report_html.h"

namespace ldznet {

const char* const kReportStart = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 0 1.2rem 3rem; }
header { position: sticky; top: 0; z-index: 1; padding: .6rem 0; background: Canvas; border-bottom: 1px solid GrayText; }
h1 { font-size: 1.1rem; margin: 0 0 .4rem; }
h2 { font-size: .95rem; margin: .3rem 0; overflow-wrap: anywhere; }
small { color: GrayText; font-weight: normal; }
form { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: center; max-height: 30vh; overflow: auto; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1.2rem; margin-top: 1rem; }
.wide { grid-column: 1 / -1; margin: .6rem 0 0; font-size: 1.05rem; overflow-x: auto; }
pre.wide { font-size: .85rem; }
.picture { position: relative; display: inline-block; }
.picture img { display: block; max-width: 100%; }
.picture .mask { position: absolute; inset: 0; width: 100%; height: 100%; }
ul { list-style: none; margin: .3rem 0; padding: 0; }
.colour { display: inline-block; width: .8em; height: .8em; border-radius: .15em; }
.error { color: #d33; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
</style>
<title>)";

const char* const kReportControls = R"(<form>
<label>Name or prompt <input id="words" type="search"></label>
<label>Minimum score <input id="score" type="number" min="0" max="1" step="0.05" value="0"></label>
<label><input id="found" type="checkbox"> Only masks that are not empty</label>
<span id="shown" role="status"></span>
)";

const char* const kReportEnd = R"(</main>
<script>
"use strict";
const words = document.getElementById("words"), score = document.getElementById("score");
const found = document.getElementById("found"), shown = document.getElementById("shown");
const articles = [...document.querySelectorAll("article")];
const wanted = new Set();

// Applies the text and score filters and the page's switches. A mask is shown if its own checkbox is checked as well.
function filter() {
  const text = words.value.trim().toLowerCase(), least = Number(score.value) || 0;
  wanted.clear();
  for (const box of document.querySelectorAll("form [data-box]:checked")) wanted.add(box.dataset.box);
  let count = 0;
  for (const article of articles) {
    const named = article.dataset.name.toLowerCase().includes(text);
    const rows = [...article.querySelectorAll("li")];
    for (const row of rows) {
      const fits = (named || row.dataset.text.toLowerCase().includes(text)) && Number(row.dataset.score) >= least &&
        wanted.has(row.dataset.box) && !(found.checked && row.dataset.area === "0");
      row.hidden = !fits;
      const mask = article.querySelector(`.mask[data-layer="${row.dataset.layer}"]`);
      if (mask) mask.hidden = !fits || !row.querySelector("input").checked;
    }
    article.hidden = rows.length ? rows.every(row => row.hidden) : !named || least > 0 || found.checked;
    count += !article.hidden;
  }
  shown.textContent = `${count} of ${articles.length} pictures`;
}
document.querySelector("form").addEventListener("submit", event => event.preventDefault());
document.addEventListener("input", filter);
filter();
</script>
</html>
)";

}  // namespace ldznet

/**
 * Hits of a search: j and k go through them, Enter opens one beside them all, and Back returns to it. What can be
 * searched for goes into the field at a click.
 */
import { bind } from "ui/keys";

const LAST_LIST = "rapport-last-list";
const LAST_HIT = "rapport-last-hit";
const hits = document.querySelector("[data-hits]");

function links() {
  return [...document.querySelectorAll("#results .hit")];
}

function go(link) {
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = links();
  const at = all.indexOf(document.activeElement?.closest?.(".hit"));
  if (all.length) go(all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + step))]);
  return all.length > 0;
}

function cameBack() {
  return performance.getEntriesByType("navigation")[0]?.type === "back_forward";
}

function goToLast() {
  const last = sessionStorage.getItem(LAST_HIT);
  const link = last && links().find((each) => each.href === last);
  if (link) go(link);
}

/** Put what can be searched for behind what stands in the field; of an example the part that is to be typed over. */
function put({ put: words, example = "" }) {
  const field = document.querySelector("main [data-search]");
  field.value = `${field.value.trimEnd()} ${words}`.trimStart();
  field.focus();
  const begins = field.value.lastIndexOf(example);
  field.setSelectionRange(begins, begins + example.length);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#results .hit");
  if (link) sessionStorage.setItem(LAST_HIT, link.href);
  const operator = event.target.closest?.("[data-put]");
  if (!operator || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  put(operator.dataset);
});
// From the field, the arrow goes where the eye goes.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" || !event.target.matches?.("[data-search]")) return;
  if (move(1)) event.preventDefault();
});

bind("j", () => move(1));
bind("k", () => move(-1));

if (hits) sessionStorage.setItem(LAST_LIST, hits.dataset.hits);
if (cameBack()) goToLast();

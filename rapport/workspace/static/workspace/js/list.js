/** The list: which row is current, which are chosen, and what is new in it. */
import { bind } from "ui/keys";
import { request, htmx } from "ui/requests";
import { text } from "ui/texts";
import { refreshCounts } from "ui/panes";

/** Rows of a page, and a few more before those below it are kept. */
const PAGE = 50;
const SPARE = 10;
/** As many as one act takes. */
const MOST_CHOSEN = 200;
/** The row that was chosen last: a choice with Shift goes from there. */
let anchor = "";
/** Where the open row stood that has left the list: the next one is there now. */
let gap = -1;

function rows() {
  return [...document.querySelectorAll("#rows > .row")];
}

function current() {
  return document.querySelector("#rows > .row--current") ?? document.activeElement?.closest?.(".row");
}

/** Mark the row of this conversation as the open one, and as read. */
export function mark(number) {
  for (const row of rows()) {
    const here = Number(row.id.slice(1)) === number;
    row.classList.toggle("row--current", here);
    if (here) {
      row.classList.remove("row--unread");
      gap = -1;
    }
    const link = row.querySelector("li.row > a");
    if (here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const focused = document.activeElement?.closest?.(".row") ?? current();
  const at = all.indexOf(focused);
  const wanted = at < 0 ? Math.max(0, gap) + (gap < 0 || step > 0 ? 0 : step) : at + step;
  const next = all[Math.max(0, Math.min(all.length - 1, wanted))];
  next.querySelector("li.row > a").focus();
  next.scrollIntoView({ block: "nearest" });
  if (document.querySelector("#reading [data-conversation]") && !matchMedia("(width < 60rem)").matches) {
    next.querySelector("li.row > a").click();
  }
  return true;
}

/** Whoever lost their place goes on at the open row, at the one that stands there now, or at the first. */
export function toRows() {
  const all = rows();
  const row = all.find((each) => each.matches(".row--current")) ?? all[Math.min(Math.max(0, gap), all.length - 1)];
  row?.querySelector("li.row > a").focus();
}

function chosen() {
  return document.querySelectorAll("#rows > li > label > input:checked");
}

async function fetchActs(bulk) {
  if (bulk.dataset.fetched) return;
  bulk.dataset.fetched = "yes";
  const answer = await request(bulk.dataset.bulkUrl, { quiet: true });
  if (!answer) return delete bulk.dataset.fetched;
  const acts = bulk.querySelector("[data-bulk-acts]");
  acts.innerHTML = await answer.text();
  htmx.process(acts);
}

function showChosen() {
  const bulk = document.querySelector("[data-bulk]");
  if (!bulk) return;
  const boxes = chosen();
  const count = boxes.length;
  for (const box of boxes) {
    box.name = "number";
    box.value = box.closest(".row").id.slice(1);
    box.setAttribute("form", bulk.id);
  }
  const lost = !count && bulk.contains(document.activeElement);
  bulk.hidden = count === 0;
  if (lost) toRows();
  if (count) fetchActs(bulk);
  document.querySelector("[data-list]")?.toggleAttribute("data-choosing", count > 0);
  const said = rows().length === count && further() ? "selected_first" : "selected";
  bulk.querySelector("[data-bulk-count]").textContent = count ? text(said, { count }) : "";
}

function boxOf(row) {
  return row?.querySelector("li.row > label > input");
}

/** Choose a row, or give it up; with `all` every row from the one before up to here. */
function choose(row, checked, { all = false } = {}) {
  const every = rows();
  const from = every.findIndex(({ id }) => id === anchor);
  const to = every.indexOf(row);
  const meant = all && from >= 0 ? every.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
  for (const each of meant.slice(0, MOST_CHOSEN)) boxOf(each).checked = checked;
  anchor = row.id;
  showChosen();
}

/** There are rows that are not loaded yet. */
function further() {
  return document.querySelector("#rows > .rows-list__more");
}

function chooseLoaded() {
  for (const row of rows().slice(0, MOST_CHOSEN)) boxOf(row).checked = true;
  showChosen();
}

function chooseAll() {
  if (!document.querySelector("[data-bulk]") || !rows().length) return false;
  chooseLoaded();
  if (further() && rows().length < MOST_CHOSEN) chooseFurther();
  return true;
}

/** Load on as far as one act goes. Whoever has done something with the loaded ones meanwhile meant those. */
async function chooseFurther() {
  const count = chosen().length;
  await load(MOST_CHOSEN);
  if (chosen().length === count) chooseLoaded();
}

function clear() {
  for (const box of chosen()) box.checked = false;
  showChosen();
}

/** Fetch the first rows again; where some are chosen all that are loaded, for an act may have taken any of them away. */
export function refresh() {
  return load(chosen().length ? Math.min(MOST_CHOSEN, Math.max(PAGE, rows().length)) : PAGE);
}

/** Fetch so many rows and work them into the list; what was loaded below stays. */
async function load(size) {
  const list = document.querySelector("[data-list][data-refresh]");
  const holder = document.getElementById("rows");
  if (!list || !holder) return;
  const answer = await request(`${list.dataset.refresh}&part=rows&size=${size}`, { quiet: true });
  if (!answer || !holder.isConnected) return;
  const made = document.createElement("ul");
  made.innerHTML = await answer.text();
  const before = rows();
  const open = document.querySelector("#reading [data-conversation]")?.dataset.conversation;
  const focused = document.activeElement?.closest?.(".row")?.id;
  const ticked = new Set([...chosen()].map((box) => box.closest(".row").id));
  const fresh = new Set([...made.children].map((row) => row.id));
  const rest = before.length > size + SPARE ? before.slice(size).filter((row) => !fresh.has(row.id)) : [];
  const more = rest.length ? holder.querySelector(".rows-list__more") : null;
  if (rest.length) made.querySelector(".rows-list__more")?.remove();
  holder.replaceChildren(...made.children, ...rest, ...(more ? [more] : []));
  htmx.process(holder);
  for (const row of rows()) boxOf(row).checked = ticked.has(row.id);
  if (open) mark(Number(open));
  const stood = before.findIndex((row) => row.id === `c${open}`);
  if (stood >= 0 && !document.getElementById(`c${open}`)) gap = stood;
  const again = focused && (document.getElementById(focused)?.querySelector("li.row > a") ?? document.querySelector("[data-thread]"));
  if (again) again.focus({ preventScroll: true });
  else if (focused) toRows();
  showChosen();
}

document.addEventListener("click", (event) => {
  const { target, shiftKey } = event;
  if (target.matches?.("#rows > li > label > input")) choose(target.closest(".row"), target.checked, { all: shiftKey });
  else if (target.closest?.("[data-bulk-clear]")) clear();
  else if (target.closest?.("[data-bulk-all]")) chooseAll();
});
// Else the text between the two ends is marked as well.
document.addEventListener("mousedown", (event) => event.shiftKey && event.target.closest?.("#rows > li > label") && event.preventDefault());
document.addEventListener("rapport:draft", refresh);
document.addEventListener("rapport:focus-lost", toRows);
document.addEventListener("rapport:refresh-list", () => {
  refresh();
  refreshCounts();
});

bind("j", () => move(1));
bind("k", () => move(-1));
bind("x", () => chooseHere());
bind("X", () => chooseHere({ all: true }));
bind("*", chooseAll);

function chooseHere({ all = false } = {}) {
  const row = document.activeElement?.closest?.(".row") ?? current();
  if (!row || !document.querySelector("[data-bulk]")) return false;
  choose(row, all || !boxOf(row).checked, { all });
  return true;
}

/** The reading pane: a conversation opens beside the list without a new page; the address and Back work as ever. */
import { bind } from "ui/keys";
import { place, request } from "ui/requests";
import { start as startComposer } from "workspace/composer";
import { hasUnkept, keepNow } from "workspace/drafts";
import { take } from "workspace/early";
import { start as startThread, stop as stopThread } from "workspace/thread";
import { followAll } from "workspace/updates";
import { mark, toRows } from "workspace/list";
import { tellPanel } from "workspace/side_panel";

const stage = document.querySelector("[data-desk]");
const pane = document.getElementById("reading");
const list = document.getElementById("list");
const LAST = "rapport-last-list";
let opening = 0;
/** Where this page is; a jump within it is no way back or forth. */
let at = address();
/** Where the list that stands here is at home. */
let listAt = list?.querySelector("[data-list]") ? at : "";
/** What the reading pane shows while nothing is open; a page that began with a conversation does not know it. */
const nothing = { title: document.title, html: pane?.querySelector("[data-conversation]") ? "" : pane?.innerHTML };

function address() {
  return location.pathname + location.search;
}

export function conversation() {
  return pane?.querySelector("[data-conversation]") ?? null;
}

function go(url) {
  if (url !== address()) history.pushState({}, "", url);
  at = address();
}

function show(which) {
  if (stage) stage.dataset.pane = which;
}

function begin() {
  const shown = conversation();
  if (!shown) return;
  document.title = `${shown.dataset.title} · Rapport`;
  mark(Number(shown.dataset.conversation));
  tellPanel(shown);
  startThread(shown);
  startComposer(pane);
  followAll();
}

/** Open the conversation at `url`; `remember` adds it to the history. What was typed in it before stands in it. */
export async function open(url, { remember = true, again = true } = {}) {
  const turn = ++opening;
  pane.setAttribute("aria-busy", "true");
  // Keys that wait for the editor of the conversation before are not the first words of this one.
  take();
  const drafts = `${url.split(/[?#]/)[0]}/draft`;
  const kept = keepNow();
  if (hasUnkept(drafts)) await kept;
  const answer = turn === opening && (await request(`${url}${url.includes("?") ? "&" : "?"}part=pane`));
  // Whole, before anything says that it is there: keys that are pressed meanwhile wait for its editor.
  const html = answer && (await answer.text());
  if (turn !== opening) return;
  if (html && again && hasUnkept(drafts)) {
    open(url, { remember, again: false });
    return;
  }
  pane.removeAttribute("aria-busy");
  if (!html) return;
  place(pane, html);
  if (remember) go(url);
  show("reading");
  begin();
}

/** Go back to the list; on a desk the reading pane stays. A phone hides it, so nothing is open there any more. */
export function close() {
  if (stage?.dataset.pane === "reading" && matchMedia("(width < 60rem)").matches) {
    go(sessionStorage.getItem(LAST) ?? "/");
    putAway();
    if (!list.contains(document.activeElement)) toRows();
  } else {
    list?.querySelector("li.row--current > a")?.focus();
  }
}

/** Take what is no longer to be seen off the page, and its address too: there is no way back to it. */
function lose(number) {
  if (Number(conversation()?.dataset.conversation) !== number) return;
  history.replaceState({}, "", sessionStorage.getItem(LAST) ?? "/");
  at = address();
  putAway();
}

/** Back at the list: nothing is open any more. What was typed is kept. */
function putAway() {
  opening += 1;
  pane.removeAttribute("aria-busy");
  take();
  keepNow();
  stopThread();
  place(pane, nothing.html);
  document.title = nothing.title;
  const row = list.querySelector("li.row--current > a");
  mark(0);
  show("list");
  row?.focus();
  followAll();
}

async function fillList() {
  const holder = list?.querySelector("[data-load-list]");
  if (!holder) return;
  const url = sessionStorage.getItem(LAST) ?? holder.dataset.loadList;
  const answer = await request(`${url}${url.includes("?") ? "&" : "?"}part=list`);
  if (!answer) return;
  place(list, await answer.text());
  listAt = url;
  if (!nothing.html) nothing.title = `${list.querySelector(".list__title").textContent} · Rapport`;
  const shown = conversation();
  if (shown) mark(Number(shown.dataset.conversation));
  followAll();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest?.("li.row > a, [data-open-pane]");
  if (link && pane) {
    event.preventDefault();
    open(link.getAttribute("href"));
  } else if (event.target.closest?.("[data-back-to-list]")) {
    event.preventDefault();
    close();
  }
});

addEventListener("popstate", () => {
  const before = at;
  at = address();
  if (at === before) return;
  if (location.pathname.startsWith("/conversations/")) open(location.pathname, { remember: false });
  else if (at === listAt && nothing.html) putAway();
  else location.reload();
});

document.addEventListener("rapport:out-of-sight", ({ detail }) => lose(detail));

bind("Escape", close);

if (listAt) sessionStorage.setItem(LAST, listAt);
fillList();
begin();

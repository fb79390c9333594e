/** The timeline of the open conversation: new entries, sending states, who else is here, undo. */
import { announce } from "ui/live";
import { place, request, htmx } from "ui/requests";
import { text } from "ui/texts";
import { toast } from "ui/toasts";
import { colleagues, knownColleagues } from "workspace/colleagues";
import { countDown } from "workspace/sendings";
import { tellPanel } from "workspace/side_panel";

const UNSETTLED = '[data-state="queued"], [data-state="sending"], [data-state="waiting"]';
const VIEWING_EVERY = 25000;
/** The open conversation. Whatever waits for the server has its own, and asks afterwards whether it is still this one. */
let shown = null;
/** The conversation whose news are being fetched. */
let busy = null;
let again = false;
const present = new Map();

function timelineOf(conversation) {
  return conversation?.querySelector("[data-timeline]");
}

function nearEnd(scroller) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 160;
}

/** Entries of every conversation are numbered from 1: one is looked for in its own timeline, never in the page. */
function upsert(here, html) {
  const timeline = timelineOf(here);
  const holder = document.createElement("template");
  holder.innerHTML = html;
  let added = 0;
  for (const entry of [...holder.content.children]) {
    const old = entry.id && timeline.querySelector(`:scope > #${CSS.escape(entry.id)}`);
    if (old) old.replaceWith(entry);
    else {
      const after = [...timeline.children].findLast((each) => Number(each.dataset.seq) < Number(entry.dataset.seq));
      if (after) after.after(entry);
      else timeline.prepend(entry);
      added += 1;
    }
    htmx.process(entry);
  }
  return added;
}

/** Fetch a part of a conversation; null where the answer is none, or comes when another is open. */
async function fetchFor(here, address) {
  const answer = await request(`${here.dataset.url}${address}`, { quiet: true });
  const html = answer && (await answer.text());
  return html !== null && here === shown ? { html, answer } : null;
}

async function settle(here) {
  for (const delivery of timelineOf(here).querySelectorAll(UNSETTLED)) {
    const entry = delivery.closest("[data-seq]");
    const fetched = await fetchFor(here, `/entries?only=${entry.dataset.seq}`);
    if (here !== shown) return;
    if (!fetched) continue;
    if (fetched.html.trim()) upsert(here, fetched.html);
    else {
      for (const line of timelineOf(here).querySelectorAll(`[data-cause="${entry.dataset.seq}"]`)) line.remove();
      entry.remove();
    }
  }
}

/** The button of a fresh head that stands for this one of the head before; its first where that one is gone. */
function counterpart(head, { id, dataset }) {
  const same = (each) => (id ? each.id === id : dataset.key && each.dataset.key === dataset.key);
  const buttons = [...head.querySelectorAll("a, button")].filter((each) => each.checkVisibility());
  return buttons.find(same) ?? buttons[0];
}

/** The head as it is now; a menu or a dialog of it that is open stays, and so does whoever stands on one of its buttons. */
async function refreshHead(here) {
  const head = () => here.querySelector("#conversation-header:not(:has(:popover-open, dialog[open]))");
  const fetched = head() && (await fetchFor(here, "?part=header"));
  if (!fetched || !head()) return;
  const before = head().contains(document.activeElement) && document.activeElement;
  const fresh = place(head(), fetched.html, "outerHTML");
  if (before) counterpart(fresh, before).focus({ preventScroll: true });
  tellPanel(here);
  showPresent();
}

/** The side panel, as it is after what has happened; nothing is taken away under somebody's hands. */
async function fillPanel(here) {
  const panel = here.querySelector("#side-panel");
  const { url, lastSeq } = here.dataset;
  if (!panel || panel.dataset.seq === lastSeq || panel.contains(document.activeElement)) return;
  const answer = await request(`${url}/panel`, { quiet: true });
  if (!answer || !panel.isConnected) return;
  const folded = new Map([...panel.querySelectorAll("details[data-section]")].map((each) => [each.dataset.section, each.open]));
  const fresh = place(panel, await answer.text(), "outerHTML");
  fresh.dataset.seq = lastSeq;
  for (const each of fresh.querySelectorAll("details[data-section]")) each.open = folded.get(each.dataset.section) ?? each.open;
}

function tellComposer(here) {
  const detail = { seen: Number(here.dataset.lastSeq) };
  here.querySelector("form[data-composer]")?.dispatchEvent(new CustomEvent("rapport:news", { detail }));
}

async function fetchNew(here) {
  const { lastSeq } = here.dataset;
  const fetched = await fetchFor(here, `/entries?after=${lastSeq}`);
  if (!fetched) return;
  const scroller = here.querySelector("[data-thread]");
  const stay = nearEnd(scroller);
  const added = upsert(here, fetched.html);
  here.dataset.lastSeq = fetched.answer.headers.get("X-Last-Seq") ?? lastSeq;
  if (here.dataset.lastSeq !== lastSeq) tellComposer(here);
  await settle(here);
  if (here !== shown) return;
  if (added && stay) scroller.scrollTo({ top: scroller.scrollHeight, behavior: "smooth" });
  else if (added) toast(text("new_entries"), { action: { label: "↓", run: toEnd } });
  if (added) notify(here);
  await refreshHead(here);
  await fillPanel(here);
  if (here !== shown) return;
  read();
  offerUndo();
}

/** Fetch what is new in the open conversation; calls while one runs are joined. */
export async function update() {
  const here = shown;
  if (!here?.isConnected) return;
  if (busy === here) {
    again = true;
    return;
  }
  busy = here;
  again = false;
  try {
    await fetchNew(here);
  } finally {
    if (busy === here) {
      busy = null;
      if (again) update();
    }
  }
}

function notify(here) {
  const last = timelineOf(here).lastElementChild;
  if (!document.hidden || last?.dataset.kind !== "message.received") return;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const made = new Notification(last.querySelector(".card-message > header b")?.textContent ?? "Rapport", {
    body: here.dataset.title,
    tag: here.dataset.topic,
  });
  made.onclick = () => window.focus();
}

function read() {
  if (!shown || document.hidden) return;
  const { url, lastSeq, readSeq } = shown.dataset;
  if (readSeq === lastSeq) return;
  shown.dataset.readSeq = lastSeq;
  const body = new FormData();
  body.set("seq", lastSeq);
  request(`${url}/read`, { method: "POST", body, quiet: true });
}

export function toEnd() {
  const scroller = shown?.querySelector("[data-thread]");
  scroller?.scrollTo({ top: scroller.scrollHeight });
}

function offerUndo() {
  if (countDown(shown)) setTimeout(update, 1200);
}

function nameOf(agent) {
  return knownColleagues().find((person) => person.id === agent)?.name ?? "";
}

function showPresent() {
  const place_ = shown?.querySelector("[data-viewers]");
  if (!place_) return;
  place_.replaceChildren(
    ...[...present].map(([agent, state]) => {
      const name = nameOf(agent);
      const chip = document.createElement("span");
      chip.className = "viewer";
      chip.dataset.state = state;
      chip.textContent = text(state === "typing" ? "typing" : "viewing", { name });
      return chip;
    }),
  );
}

/** Somebody looks at this conversation, types in it, or left it. */
export async function presence({ topic, agent, state }) {
  if (agent === Number(document.body.dataset.agent)) return;
  await colleagues();
  if (topic !== shown?.dataset.topic) return;
  if (state === "left" || !nameOf(agent)) present.delete(agent);
  else present.set(agent, state);
  showPresent();
}

function sayViewing() {
  if (shown?.isConnected && !document.hidden) announce(shown.dataset.topic, "viewing");
}

/** The open conversation is left. */
export function stop() {
  if (shown) announce(shown.dataset.topic, "left");
  offerUndo();
  shown = null;
  present.clear();
}

/** Take up a conversation that was just put into the page. */
export function start(conversation) {
  stop();
  shown = conversation;
  fillPanel(conversation);
  toEnd();
  requestAnimationFrame(toEnd);
  sayViewing();
  read();
  offerUndo();
}

setInterval(sayViewing, VIEWING_EVERY);
setInterval(offerUndo, 500);
addEventListener("pagehide", () => shown && announce(shown.dataset.topic, "left"));
document.addEventListener("visibilitychange", () => {
  sayViewing();
  read();
});
document.addEventListener(
  "toggle",
  ({ target }) => target.matches?.(".delivery__edit[open]") && target.querySelector("[name=address]").select(),
  true,
);
document.addEventListener("rapport:undone", update);
document.addEventListener("rapport:refresh-thread", async () => {
  const here = shown;
  const fetched = here && (await fetchFor(here, "/entries?after=0"));
  if (!fetched) return;
  place(timelineOf(here), fetched.html);
  offerUndo();
});
// What was just swapped may be gone from the page, so it is not asked where it stood.
document.addEventListener("htmx:after:swap", () => update());

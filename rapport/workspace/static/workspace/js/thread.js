/** The timeline of the open conversation: new entries, sending states, who else is here, undo. */
import { announce } from "ui/live";
import { place, request, htmx } from "ui/requests";
import { text } from "ui/texts";
import { dismiss, toast } from "ui/toasts";
import { colleagues, knownColleagues } from "workspace/colleagues";

const UNSETTLED = '[data-state="queued"], [data-state="sending"], [data-state="waiting"]';
const HERE_EVERY = 25000;
let shown = null;
let busy = null;
let again = false;
let undoToast = null;
const present = new Map();

function timeline() {
  return shown?.querySelector("[data-timeline]");
}

function nearEnd(scroller) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 160;
}

function upsert(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  let added = 0;
  for (const entry of [...holder.content.children]) {
    const old = entry.id && document.getElementById(entry.id);
    if (old) old.replaceWith(entry);
    else {
      const after = [...timeline().children].findLast((each) => Number(each.dataset.seq) < Number(entry.dataset.seq));
      if (after) after.after(entry);
      else timeline().prepend(entry);
      added += 1;
    }
    htmx.process(entry);
  }
  return added;
}

async function settle(url) {
  for (const delivery of timeline().querySelectorAll(UNSETTLED)) {
    const entry = delivery.closest("[data-seq]");
    const answer = await request(`${url}/entries?only=${entry.dataset.seq}`, { quiet: true });
    if (!answer) continue;
    const html = await answer.text();
    if (html.trim()) upsert(html);
    else {
      for (const line of timeline().querySelectorAll(`[data-cause="${entry.dataset.seq}"]`)) line.remove();
      entry.remove();
    }
  }
}

async function refreshHead(url) {
  const head = document.getElementById("conversation-header");
  if (!head || head.querySelector(":popover-open, dialog[open], details[open]")) return;
  const answer = await request(`${url}?part=header`, { quiet: true });
  const now = document.getElementById("conversation-header");
  if (answer && now && !now.querySelector(":popover-open, dialog[open]")) {
    place(now, await answer.text(), "outerHTML");
    showPresent();
  }
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

/** What stands on the screen before anything is written was seen: an answer begun now does not cross it. */
function seen(here) {
  const form = here.querySelector("form[data-composer]");
  if (form && !form.querySelector("input[name=html]").value) form.querySelector("input[name=token]").value = here.dataset.lastSeq;
}

async function fetchNew() {
  const here = shown;
  const { url, lastSeq } = here.dataset;
  const answer = await request(`${url}/entries?after=${lastSeq}`, { quiet: true });
  if (!answer || here !== shown) return;
  const html = await answer.text();
  const scroller = here.querySelector("[data-thread]");
  const stay = nearEnd(scroller);
  const added = upsert(html);
  here.dataset.lastSeq = answer.headers.get("X-Last-Seq") ?? lastSeq;
  seen(here);
  await settle(url);
  if (added && stay) scroller.scrollTo({ top: scroller.scrollHeight, behavior: "smooth" });
  else if (added) toast(text("new_entries"), { action: { label: "↓", run: toEnd } });
  if (added) notify(here);
  await refreshHead(url);
  await fillPanel(here);
  read();
  offerUndo();
}

/** Fetch what is new in the open conversation; calls while one runs are joined. */
export async function update() {
  if (!shown?.isConnected) return;
  if (busy) {
    again = true;
    return;
  }
  busy = fetchNew();
  await busy;
  busy = null;
  if (again) {
    again = false;
    update();
  }
}

function notify(here) {
  const last = timeline().lastElementChild;
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

function undo() {
  [...(timeline()?.querySelectorAll("[data-undo-form] button") ?? [])].at(-1)?.click();
}

function offerUndo() {
  const pending = [...(timeline()?.querySelectorAll("[data-undo-until]") ?? [])].at(-1);
  if (!pending) {
    dismiss(undoToast);
    undoToast = null;
    return;
  }
  const left = Math.ceil((Date.parse(pending.dataset.undoUntil) - Date.now()) / 1000);
  const count = pending.querySelector("[data-undo-count]");
  if (left > 0) {
    if (count) count.textContent = `${left} s`;
    if (!undoToast?.isConnected) {
      undoToast = toast(text("sending", { count: left }), {
        timeout: left * 1000,
        action: { label: text("undo"), run: undo },
      });
    }
    undoToast.querySelector(".toast__text").textContent = text("sending", { count: left });
    return;
  }
  pending.querySelector("[data-undo-form]")?.remove();
  pending.removeAttribute("data-undo-until");
  dismiss(undoToast);
  undoToast = null;
  setTimeout(update, 1200);
}

function nameOf(agent) {
  return knownColleagues().find((person) => person.id === agent)?.name ?? "";
}

function showPresent() {
  const place_ = document.querySelector("[data-viewers]");
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
export async function presence({ agent, state }) {
  if (agent === Number(document.body.dataset.agent)) return;
  await colleagues();
  if (state === "left" || !nameOf(agent)) present.delete(agent);
  else present.set(agent, state);
  showPresent();
}

function here() {
  if (shown?.isConnected && !document.hidden) announce(shown.dataset.topic, "viewing");
}


/** Take up a conversation that was just put into the page. */
export function start(conversation) {
  if (shown && shown !== conversation) announce(shown.dataset.topic, "left");
  shown = conversation;
  present.clear();
  fillPanel(conversation);
  toEnd();
  requestAnimationFrame(toEnd);
  here();
  read();
  offerUndo();
}

setInterval(here, HERE_EVERY);
setInterval(() => shown?.isConnected && offerUndo(), 500);
addEventListener("pagehide", () => shown && announce(shown.dataset.topic, "left"));
document.addEventListener("visibilitychange", () => {
  here();
  read();
});
document.addEventListener("rapport:refresh-thread", async () => {
  if (!shown) return;
  const answer = await request(`${shown.dataset.url}/entries?after=0`, { quiet: true });
  if (!answer) return;
  timeline().innerHTML = await answer.text();
  htmx.process(timeline());
  offerUndo();
});
// What was just swapped may be gone from the page, so it is not asked where it stood.
document.addEventListener("htmx:after:swap", () => update());

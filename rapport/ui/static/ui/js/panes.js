/** The rail on a phone, and numbers in it that are fetched apart. */
import { isComposing } from "ui/composing";
import { place, request } from "ui/requests";

const shell = document.querySelector("[data-shell]");

function rail(open) {
  if (!shell) return;
  shell.dataset.rail = open ? "open" : "closed";
  if (open) shell.querySelector(".rail a, .rail button")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-open-rail]")) rail(true);
  else if (event.target.closest?.("[data-close-rail]")) rail(false);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isComposing(event) && shell?.dataset.rail === "open") rail(false);
});

/** Which view the list beside shows: the marked one, or on a conversation's own page the one that was open last. */
function currentView(counts) {
  const marked = counts.querySelector("[aria-current]")?.dataset.view;
  if (marked || !location.pathname.startsWith("/conversations/")) return marked ?? "";
  const last = new URL(sessionStorage.getItem("rapport-last-list") ?? "/", location.origin).pathname;
  return last === "/" ? "mine" : (last.match(/^\/inbox\/([\w-]+)$/)?.[1] ?? "");
}

/** Fetch the counts of the views again. */
export async function refreshCounts() {
  const counts = document.getElementById("counts");
  if (!counts?.dataset.refresh) return;
  const answer = await request(`${counts.dataset.refresh}?current=${encodeURIComponent(currentView(counts))}`, { quiet: true });
  if (answer) counts.innerHTML = await answer.text();
}

function tell(count) {
  const { latest, desktop, url } = count.dataset;
  if (!latest || latest === sessionStorage.getItem("rapport-told")) return;
  sessionStorage.setItem("rapport-told", latest);
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const made = new Notification(desktop, { tag: `rapport-${latest}` });
  made.onclick = () => {
    window.focus();
    location.assign(url);
  };
}

/** Fetch how many notifications wait; a new one is also told on the desktop where that was allowed. */
export async function refreshBell() {
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const answer = await request(bell.dataset.refresh, { quiet: true });
  if (answer) tell(place(document.getElementById("bell-count"), await answer.text(), "outerHTML"));
}

refreshCounts();
/** Settled when the bell was fetched for the first time; with it come the topics of whoever works here. */
export const bell = refreshBell();

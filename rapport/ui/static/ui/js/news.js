/** News on every page that has a bell: its number and the counts of the views move by themselves. */
import { follow, listen } from "ui/live";
import { bell, refreshBell, refreshCounts } from "ui/panes";
import { place, request } from "ui/requests";

const PAUSE = 300;
let waiting = 0;

/** Follow the topics that the elements on the page name. */
export function followAll() {
  const named = [...document.querySelectorAll("[data-topics]")].flatMap((element) => element.dataset.topics.split(","));
  const open = document.querySelector("[data-conversation]")?.dataset.topic;
  follow(open ? [open, ...named] : named);
}

function bellNow() {
  refreshBell().then(followAll);
}

function countsSoon() {
  waiting ||= setTimeout(() => {
    waiting = 0;
    refreshCounts();
  }, PAUSE);
}

/** Fetch a part of this page again; nothing is taken away under somebody's hands. */
async function freshen(part) {
  const answer = await request(location.href, { quiet: true });
  if (!answer || part.contains(document.activeElement)) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (fresh) place(part, fresh.outerHTML, "outerHTML");
}

function freshenParts(topic = "") {
  for (const part of document.querySelectorAll("[data-fresh]")) {
    if (!topic || part.dataset.topics.split(",").includes(topic)) freshen(part);
  }
}

listen(({ type, topic = "", again }) => {
  if (type === "signal") {
    if (topic.startsWith("agent:")) bellNow();
    if (topic.startsWith("inbox:")) freshenParts(topic);
    else if (!topic.startsWith("conversation:")) countsSoon();
  } else if (type === "poll" || type === "resync" || again) {
    bellNow();
    countsSoon();
    freshenParts();
  }
});

bell.then(followAll);

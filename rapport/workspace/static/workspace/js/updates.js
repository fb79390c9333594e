/** Which topics this screen follows, and what is fetched when one of them speaks. */
import { follow, listen } from "ui/live";
import { refreshBell, refreshCounts } from "ui/panes";
import { refresh as refreshList } from "workspace/list";
import { presence, update as updateThread } from "workspace/thread";

const PAUSE = 300;
let waiting = 0;

/** Follow the topics that the elements on the page name. */
export function followAll() {
  const named = [...document.querySelectorAll("[data-topics]")].flatMap((element) => element.dataset.topics.split(","));
  const open = document.querySelector("[data-conversation]")?.dataset.topic;
  follow(open ? [open, ...named] : named);
}

function listSoon() {
  waiting ||= setTimeout(() => {
    waiting = 0;
    refreshList();
    refreshCounts();
  }, PAUSE);
}

listen((message) => {
  const open = document.querySelector("[data-conversation]")?.dataset.topic;
  if (message.type === "presence") {
    if (message.topic === open) presence(message);
    return;
  }
  if (message.type === "signal") {
    if (message.topic === open) updateThread();
    else listSoon();
    if (message.topic.startsWith("agent:")) refreshBell();
    return;
  }
  if (message.type === "poll" || message.type === "resync" || message.again) {
    updateThread();
    listSoon();
  }
});

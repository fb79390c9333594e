/** What the desk fetches when a topic speaks: the list, the open conversation. */
import { listen } from "ui/live";
import { refresh as refreshList } from "workspace/list";
import { presence, update as updateThread } from "workspace/thread";

export { followAll } from "ui/news";

const PAUSE = 300;
let waiting = 0;

function listSoon() {
  waiting ||= setTimeout(() => {
    waiting = 0;
    refreshList();
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
    return;
  }
  if (message.type === "poll" || message.type === "resync" || message.again) {
    updateThread();
    listSoon();
  }
});

/** What happens elsewhere, on this screen: signals come as topic and number; content is always fetched. */
import { Source } from "ui/live_worker";

const POLL = 10000;
const listeners = new Set();
let topics = [];
let post = null;
let polling = 0;

/** Call `run({ type, topic, seq, agent, state })` for signal, presence, up, down, resync and poll. */
export function listen(run) {
  listeners.add(run);
}

function tell(message) {
  if (message.type === "down") {
    document.documentElement.dataset.live = "down";
    if (!polling) polling = setInterval(() => document.hidden || tell({ type: "poll" }), POLL);
  } else if (message.type === "up") {
    document.documentElement.dataset.live = "up";
    clearInterval(polling);
    polling = 0;
  }
  for (const run of listeners) run(message);
}

function connect() {
  if (typeof SharedWorker === "undefined") {
    const source = new Source(tell);
    return (message) => source.follow(message.leave ? [] : message.topics);
  }
  const worker = new SharedWorker(import.meta.resolve("ui/live_worker"), { type: "module", name: "live" });
  worker.port.onmessage = ({ data }) => tell(data);
  return (message) => worker.port.postMessage(message);
}

/** Follow these topics from now on, instead of the ones before. */
export function follow(wanted) {
  const next = [...new Set(wanted.filter(Boolean))].sort();
  if (post && next.join() === topics.join()) return;
  topics = next;
  post ??= connect();
  post({ topics });
}

/** Say what this person does at a topic: viewing, typing or left. */
export function announce(topic, state) {
  fetch("/live/presence", {
    method: "POST",
    body: JSON.stringify({ topic, state }),
    headers: { "Content-Type": "application/json" },
    credentials: "same-origin",
    keepalive: state === "left",
  }).catch(() => {});
}

addEventListener("pagehide", () => post?.({ leave: true }));
addEventListener("pageshow", (event) => event.persisted && post?.({ topics }));

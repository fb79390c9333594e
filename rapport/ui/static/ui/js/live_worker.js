/**
 * One event stream for all tabs of a browser (browsers allow six connections to a server). Runs as a shared worker;
 * a page without shared workers uses `Source` itself.
 */
const RETRY = [2000, 5000, 15000, 30000];

export class Source {
  constructor(tell) {
    this.tell = tell;
    this.topics = "";
    this.lastId = "";
    this.failures = 0;
  }

  follow(topics) {
    const wanted = [...new Set(topics)].sort().join(",");
    if (wanted === this.topics && this.stream?.readyState !== 2) return;
    this.topics = wanted;
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = null;
    if (!this.topics) return;
    const since = this.lastId ? `&since=${this.lastId}` : "";
    const stream = new EventSource(`/live?topics=${encodeURIComponent(this.topics)}${since}`);
    this.stream = stream;
    const keep = (event) => {
      if (event.lastEventId) this.lastId = event.lastEventId;
    };
    stream.onmessage = (event) => {
      keep(event);
      this.tell({ type: "signal", ...JSON.parse(event.data) });
    };
    stream.addEventListener("ready", (event) => {
      keep(event);
      const again = this.failures > 0;
      this.failures = 0;
      this.tell({ type: "up", again });
    });
    stream.addEventListener("resync", () => this.tell({ type: "resync" }));
    stream.addEventListener("presence", (event) => this.tell({ type: "presence", ...JSON.parse(event.data) }));
    stream.onerror = () => {
      this.failures += 1;
      this.tell({ type: "down" });
      if (stream.readyState === 2) {
        this.timer = setTimeout(() => this.open(), RETRY[Math.min(this.failures, RETRY.length) - 1]);
      }
    };
  }
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const ports = new Map();
  let state = null;
  const source = new Source((message) => {
    if (message.type === "up" || message.type === "down") state = message;
    for (const [port, topics] of ports) {
      if (!message.topic || topics.includes(message.topic)) port.postMessage(message);
    }
  });
  self.onconnect = (event) => {
    const port = event.ports[0];
    port.onmessage = ({ data }) => {
      if (data.leave) ports.delete(port);
      else ports.set(port, data.topics);
      source.follow([...ports.values()].flat());
      if (!data.leave && state) port.postMessage(state);
    };
  };
}

/**
 * What is typed is kept on the server: a moment after the last change, and at once when a tab is left.
 * Each tab has a draft of its own; what was sent from one is no draft any more, however late its last save arrives.
 */
import { request } from "ui/requests";
import { text } from "ui/texts";

const SAVE_AFTER = 900;
const AGAIN_AFTER = 5000;

/** Say beside the buttons what happens to the words; empty says nothing. */
export function say(form, name) {
  const holder = form.querySelector("[data-draft-state]");
  if (holder) holder.textContent = name ? text(name) : "";
}

function outcome(answer) {
  if (!answer) return "draft_failed";
  return answer.status === 409 ? "" : "draft_saved";
}

export class Drafts {
  constructor(form) {
    this.form = form;
    this.nonce = form.querySelector("input[name=nonce]");
    this.given = this.nonce.value;
    this.left = new Map();
    this.unsaved = new Set();
    this.outdated = new Set();
    this.renewed = new Map();
    this.saves = 0;
    this.queue = Promise.resolve();
  }

  /** Something changed in a tab, by default in the open one; `file` arrived in it. */
  changed(mode = this.form.dataset.mode, file = null) {
    if (file) this.left.get(mode)?.append("file", file);
    if (this.outdated.delete(mode)) this.renewed.set(mode, (this.renewed.get(mode) ?? 0) + 1);
    this.unsaved.add(mode);
    this.later(SAVE_AFTER);
  }

  /** What stands in the open tab was not sent: it is a draft as before. */
  keep() {
    this.unsaved.add(this.form.dataset.mode);
    this.later(SAVE_AFTER);
  }

  /** The open tab is left: what stands in the form now is its draft. */
  leave() {
    this.left.set(this.form.dataset.mode, new FormData(this.form));
    this.save();
  }

  enter(mode) {
    this.left.delete(mode);
  }

  /** What is under way would bring sent words back as a draft; the server refuses it too. */
  stop(mode) {
    clearTimeout(this.timer);
    this.stopped = mode;
    this.nonce.value = this.name(mode);
    if (this.underWay?.mode === mode) this.underWay.stop.abort();
  }

  resume() {
    this.stopped = null;
  }

  /** Save every tab that changed; resolves to whether the server has all of them. */
  save() {
    clearTimeout(this.timer);
    this.queue = this.queue.then(() => this.saveAll());
    return this.queue;
  }

  later(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), after);
  }

  async saveAll() {
    for (const mode of [...this.unsaved]) {
      if (mode === this.stopped || this.replaced()) this.unsaved.delete(mode);
      else await this.saveOne(mode);
    }
    return !this.unsaved.size;
  }

  async saveOne(mode) {
    const shown = () => mode === this.form.dataset.mode && !this.form.inert;
    const body = this.left.get(mode) ?? new FormData(this.form);
    body.set("nonce", this.name(mode));
    body.set("save", String((this.saves += 1)));
    this.unsaved.delete(mode);
    if (shown()) say(this.form, "draft_saving");
    const stop = new AbortController();
    this.underWay = { mode, stop };
    const answer = await request(this.form.dataset.draftUrl, { method: "POST", body, quiet: true, signal: stop.signal });
    this.underWay = null;
    if (mode === this.stopped) return;
    if (!answer) this.again(mode);
    else if (answer.status === 409) this.sentAlready(mode);
    if (shown()) say(this.form, outcome(answer));
  }

  again(mode) {
    this.unsaved.add(mode);
    this.later(AGAIN_AFTER);
  }

  /** The words were sent: what is typed from now on is a new draft, that text is not. */
  sentAlready(mode) {
    this.outdated.add(mode);
    if (this.unsaved.has(mode)) this.changed(mode);
  }

  name(mode) {
    const times = this.renewed.get(mode);
    return times ? `${this.given}~${times}` : this.given;
  }

  /** Another composer of the same conversation took the place of this one, with the same drafts. */
  replaced() {
    return !this.form.isConnected && document.querySelector(`[data-draft-url="${this.form.dataset.draftUrl}"]`);
  }
}

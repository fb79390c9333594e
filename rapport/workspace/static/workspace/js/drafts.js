/**
 * What is typed is kept on the server: a moment after the last change, every few seconds while somebody goes on
 * typing, and at once when a tab, a conversation or the page is left.
 * Each tab has a draft of its own; what was sent from one is no draft any more, however late its last save arrives.
 */
import { settle } from "ui/editor";
import { fitsKeepalive, request } from "ui/requests";
import { text } from "ui/texts";
import { withoutComing } from "workspace/pictures";

const SAVE_AFTER = 900;
const LONGEST_WAIT = 3000;
const AGAIN_AFTER = 5000;
/** Who typed last in which tab of which conversation, until the server has it: only that one saves. */
const typing = new Map();

/** Say beside the buttons what happens to the words; empty says nothing. */
export function say(form, name) {
  const holder = form.querySelector("[data-draft-state]");
  if (holder) holder.textContent = name ? text(name) : "";
}

function unkept(url) {
  return new Set([...typing.values()].filter((drafts) => !url || drafts.url === url));
}

/** Tell whether words typed in a conversation, by the address of its drafts, have not reached the server yet. */
export function hasUnkept(url) {
  return unkept(url).size > 0;
}

/** Save what was typed, in all conversations or in one, now. Resolves to whether the server has all of it. */
export async function keepNow(url = "") {
  const kept = await Promise.all([...unkept(url)].map((drafts) => drafts.save()));
  return kept.every(Boolean);
}

function outcome(answer) {
  if (!answer) return "draft_failed";
  return answer.status === 409 ? "" : "draft_saved";
}

export class Drafts {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.draftUrl;
    this.nonce = form.querySelector("input[name=nonce]");
    this.given = this.nonce.value;
    this.leftTabs = new Map();
    this.unsaved = new Set();
    this.outdated = new Set();
    this.renewed = new Map();
    this.saves = 0;
    this.queue = Promise.resolve();
  }

  /** Something changed in a tab, by default in the open one: `file` arrived in it, or its words are now `html`. */
  changed(mode = this.form.dataset.mode, { file, html } = {}) {
    if (file) this.leftTabs.get(mode)?.append("file", file);
    if (html) this.leftTabs.get(mode)?.set("html", html);
    if (this.outdated.delete(mode)) this.renewed.set(mode, (this.renewed.get(mode) ?? 0) + 1);
    this.note(mode);
  }

  /** What stands in the open tab was not sent: it is a draft as before. */
  keep() {
    this.note(this.form.dataset.mode);
  }

  note(mode) {
    this.unsaved.add(mode);
    typing.set(this.key(mode), this);
    this.since ??= Date.now();
    this.later(Math.min(SAVE_AFTER, Math.max(0, this.since + LONGEST_WAIT - Date.now())));
  }

  /** The open tab is left: what stands in the form now is its draft. */
  leaveTab() {
    this.leftTabs.set(this.form.dataset.mode, this.stands());
    this.save();
  }

  enter(mode) {
    this.leftTabs.delete(mode);
  }

  /** What is under way would bring sent words back as a draft; the server refuses it too. */
  stop(mode) {
    clearTimeout(this.timer);
    this.stopped = mode;
    this.forget(mode);
    this.nonce.value = this.name(mode);
    if (this.underWay?.mode === mode) this.underWay.stop.abort();
  }

  resume() {
    this.stopped = null;
  }

  /** Save every tab that changed; resolves to whether the server has all of them. */
  save() {
    clearTimeout(this.timer);
    this.since = null;
    this.queue = this.queue.then(() => this.saveAll());
    return this.queue;
  }

  later(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), after);
  }

  async saveAll() {
    for (const mode of [...this.unsaved]) {
      if (mode === this.stopped || !this.isLast(mode)) this.unsaved.delete(mode);
      else await this.saveOne(mode);
    }
    return !this.unsaved.size;
  }

  async saveOne(mode) {
    const shown = () => mode === this.form.dataset.mode && !this.form.inert;
    const body = this.body(mode);
    this.unsaved.delete(mode);
    if (shown()) say(this.form, "draft_saving");
    const stop = new AbortController();
    this.underWay = { mode, stop };
    const answer = await this.post(body, { signal: stop.signal, keepalive: document.hidden });
    this.underWay = null;
    if (mode === this.stopped) return;
    this.failed = !answer;
    if (!answer) this.again(mode);
    else if (answer.status === 409) this.sentAlready(mode);
    else this.tell();
    if (!this.unsaved.has(mode)) this.forget(mode);
    if (shown()) say(this.form, outcome(answer));
  }

  stands() {
    settle(this.form);
    return new FormData(this.form);
  }

  post(body, options) {
    return request(this.url, { method: "POST", body, quiet: true, ...options });
  }

  body(mode) {
    const body = this.leftTabs.get(mode) ?? this.stands();
    body.set("html", withoutComing(body.get("html")));
    body.set("nonce", this.name(mode));
    body.set("save", String((this.saves += 1)));
    return body;
  }

  /** The page goes: nobody can wait for what is under way, so it is sent once more in a request that outlives it. */
  leavePage() {
    const modes = new Set([...this.unsaved, ...(this.underWay ? [this.underWay.mode] : [])]);
    this.underWay?.stop.abort();
    for (const mode of modes) {
      if (mode !== this.stopped && this.isLast(mode)) this.post(this.body(mode), { keepalive: true });
    }
  }

  /** Tell whether leaving the page now would lose words: saving fails, or they are too many for a last request. */
  wouldLose() {
    return this.failed || [...this.unsaved].some((mode) => this.isLast(mode) && !fitsKeepalive(this.body(mode)));
  }

  /** The list marks who is half answered: it hears of the first draft. */
  tell() {
    if (!this.told) document.dispatchEvent(new CustomEvent("rapport:draft"));
    this.told = true;
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

  key(mode) {
    return `${this.url} ${mode}`;
  }

  /** False once another composer of this conversation was typed in: its words are the newer ones. */
  isLast(mode) {
    return typing.get(this.key(mode)) === this;
  }

  forget(mode) {
    if (this.isLast(mode)) typing.delete(this.key(mode));
  }
}

addEventListener("pagehide", () => {
  for (const drafts of unkept()) drafts.leavePage();
});
document.addEventListener("visibilitychange", () => document.hidden && keepNow());
addEventListener("beforeunload", (event) => {
  if ([...unkept()].some((drafts) => drafts.wouldLose())) event.preventDefault();
});

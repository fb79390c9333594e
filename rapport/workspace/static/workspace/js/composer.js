/**
 * The composer: reply, note and forward share one editor; the mode decides address, colour and who may see it.
 * What is typed is kept on the server, and never thrown away because a request failed.
 */
import { isComposing } from "ui/composing";
import { editorReady, settle } from "ui/editor";
import { announce } from "ui/live";
import { place, request } from "ui/requests";
import { text } from "ui/texts";
import { toast } from "ui/toasts";
import { take, wait, wanted } from "workspace/early";
import { start as startCompletion, mentioned } from "workspace/completion";
import { Drafts, say } from "workspace/drafts";
import { arrived } from "workspace/pictures";
import { start as startRecipients } from "workspace/recipients";
import { start as startUploads } from "workspace/uploads";
import { toEnd, update } from "workspace/thread";

const TYPING_EVERY = 8000;
const STOPPED_AFTER = 15000;

class Composer {
  constructor(form) {
    this.form = form;
    this.editor = form.querySelector("trix-editor");
    this.field = form.querySelector("input[name=html]");
    const stored = JSON.parse(form.dataset.kept ?? "{}");
    this.kept = Object.fromEntries(Object.entries(stored).map(([mode, { html }]) => [mode, html]));
    this.typedAt = 0;
    this.token = form.querySelector("input[name=token]");
    const seen = Number(form.dataset.seen);
    this.seen = { reply: seen, note: seen, forward: seen };
    for (const [mode, { token }] of Object.entries(stored)) this.seen[mode] = Math.min(token, seen);
    this.drafts = new Drafts(form);
    form.addEventListener("click", (event) => this.click(event));
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("keydown", (event) => this.key(event));
    this.editor.addEventListener("trix-initialize", () => this.begin());
    this.editor.addEventListener("trix-change", () => this.loading || this.changed());
    form.addEventListener("rapport:changed", ({ detail }) => this.changed(detail ?? {}));
    form.addEventListener("rapport:picture", ({ detail }) => this.arrived(detail));
    form.addEventListener("change", ({ target }) => target.name === "copied" && this.isBegun("forward") && this.changed());
    form.addEventListener("rapport:pass-on", ({ detail }) => this.passOn(detail));
    form.addEventListener("rapport:news", ({ detail }) => this.renew(detail.seen));
    if (!form.dataset.sendUrl) this.onPage();
    this.recipients = startRecipients(form);
    this.uploads = startUploads(form);
    startCompletion(form);
    if (this.editor.editor) this.begin();
  }

  /** On a page of its own the fields above the editor are written too, and the browser posts the form. */
  onPage() {
    addEventListener("pageshow", () => this.release());
    this.form.addEventListener("input", ({ target }) => target.name && this.changed());
  }

  begin() {
    this.takeEarly();
    this.form.dataset.ready = "yes";
  }

  takeEarly() {
    const { mode, typed } = take();
    this.setMode(mode || this.form.dataset.mode, { focus: Boolean(mode) });
    if (document.activeElement === this.editor) this.toLastWord();
    if (!typed) return;
    if (document.activeElement === this.editor) this.editor.editor.insertString(typed);
    else document.activeElement.setRangeText?.(typed, 0, 0, "end");
  }

  toLastWord() {
    const { editor } = this.editor;
    editor.setSelectedRange(editor.getDocument().getLength() - 1);
  }

  setMode(mode, { focus = true } = {}) {
    const { form } = this;
    if (this.held) return;
    if (mode !== form.dataset.mode) {
      this.uploads.leaveTab();
      this.drafts.leaveTab();
      this.drafts.enter(mode);
      this.kept[form.dataset.mode] = this.field.value;
      this.load(this.kept[mode] ?? "");
      if (this.token) {
        this.seen[form.dataset.mode] = Number(this.token.value);
        this.token.value = this.seen[mode];
      }
      form.dataset.mode = mode;
      form.dispatchEvent(new CustomEvent("rapport:mode"));
    }
    if (form.dataset.sendUrl) {
      form.querySelector("[data-mode-field]").value = mode;
      form.action = form.dataset[{ reply: "sendUrl", note: "noteUrl", forward: "forwardUrl" }[mode]];
    }
    for (const tab of form.querySelectorAll("[data-tab]")) tab.setAttribute("aria-selected", String(tab.dataset.tab === mode));
    for (const part of form.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(mode);
    this.editor.setAttribute("placeholder", this.editor.dataset[`placeholder${mode[0].toUpperCase()}${mode.slice(1)}`] ?? "");
    if (focus) this.open();
  }

  /** Put a draft into the editor; nobody typed it just now. */
  load(html) {
    this.loading = true;
    this.editor.editor?.loadHTML(html);
    this.loading = false;
  }

  open() {
    this.form.dataset.open = "yes";
    toEnd();
    const nobody = this.form.dataset.mode === "forward" && !this.recipients.forwarded();
    if (nobody) this.form.querySelector("[data-recipients=to] .recipients__entry")?.focus();
    else this.editor.focus();
  }

  fold() {
    const { form } = this;
    const kept = { ...this.kept, [form.dataset.mode]: this.field.value };
    for (const tab of form.querySelectorAll("[data-tab]")) tab.toggleAttribute("data-kept", Boolean(kept[tab.dataset.tab]));
    form.dataset.open = "no";
    this.editor.blur();
    this.drafts.save();
  }

  click(event) {
    const tab = event.target.closest("[data-tab]");
    if (tab) this.setMode(tab.dataset.tab);
    else if (event.target.closest("[data-fold]")) this.fold();
  }

  key(event) {
    if (isComposing(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit([...this.form.querySelectorAll(".composer__send")].find((part) => !part.hidden)?.querySelector("[type=submit]"));
    } else if (event.key === "Escape" && !event.defaultPrevented && !this.form.querySelector(":popover-open")) {
      this.fold();
    }
  }

  changed({ mode, file } = {}) {
    this.drafts.changed(mode, { file });
    const topic = this.form.closest("[data-topic]")?.dataset.topic;
    if (topic && Date.now() - this.typedAt > TYPING_EVERY) {
      this.typedAt = Date.now();
      announce(topic, "typing");
    }
  }

  isBegun(mode) {
    return Boolean(mode === this.form.dataset.mode ? this.field.value : this.kept[mode]);
  }

  /**
   * Something happened in the conversation. Where the agent did not choose whom an answer goes to, it goes to whom it
   * would go now. What stood on the screen before anything was written was seen: an answer begun now does not cross it.
   */
  async renew(seen) {
    const { form } = this;
    if (!form.querySelector('[data-tab="reply"]')) return;
    const begun = { reply: this.isBegun("reply"), forward: this.isBegun("forward") };
    const fresh = await this.fetched("mode=reply", { quiet: true });
    if (!fresh) return;
    if (this.recipients.offer(fresh)) {
      form.querySelector(".composer__who").replaceChildren(...fresh.querySelector(".composer__who").childNodes);
      if (!begun.reply) this.see("reply", seen);
    }
    if (begun.forward || this.recipients.forwarded() || form.querySelector("[data-below][data-chosen]")) return;
    this.putBelow(fresh);
    this.see("forward", seen);
  }

  /** Return the composer as the server would show it now; null where it is of no use any more. */
  async fetched(query, options) {
    const { form } = this;
    const answer = await request(`${form.dataset.draftUrl.replace(/\/draft$/, "")}?part=composer&${query}`, options);
    if (!answer) return null;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const fresh = holder.content.querySelector("form");
    return form.isConnected && !this.held ? fresh : null;
  }

  putBelow(fresh) {
    const below = fresh.querySelector("[data-below]");
    below.hidden = this.form.dataset.mode !== "forward";
    this.form.querySelector("[data-below]").replaceWith(below);
  }

  /** Forward one message, or answer a third party's; what was written for a forward stays. */
  async passOn(query) {
    const fresh = await this.fetched(query);
    if (!fresh) return;
    this.setMode("forward", { focus: false });
    if (fresh.querySelector("[name=side]").value) this.recipients.address(fresh);
    this.putBelow(fresh);
    if (this.isBegun("forward")) this.changed();
    this.open();
  }

  see(mode, seq) {
    this.seen[mode] = Math.max(this.seen[mode], seq);
    if (mode === this.form.dataset.mode) this.token.value = Math.max(Number(this.token.value), seq);
  }

  /** A picture arrived in a tab that was left meanwhile. */
  arrived({ mode, place, attributes }) {
    this.kept[mode] = arrived(this.kept[mode], place, attributes);
    this.drafts.changed(mode, { html: this.kept[mode] });
  }

  /** While words wait or are on their way, nothing in the form changes and no other tab opens. */
  hold(button) {
    this.held = { button };
    this.form.inert = true;
    button?.setAttribute("data-busy", "");
  }

  release() {
    this.held?.button?.removeAttribute("data-busy");
    this.held = null;
    this.form.inert = false;
    this.drafts.resume();
  }

  async submit(event) {
    settle(this.form);
    if (this.held || !this.recipients.reachable()) {
      event.preventDefault();
    } else if (this.uploads.underWay.size) {
      event.preventDefault();
      await this.sendAfterUploads(event.submitter);
    } else if (this.form.dataset.sendUrl) {
      event.preventDefault();
      await this.send(event.submitter);
    } else {
      this.leavePage(event.submitter);
    }
  }

  /** Send once every file is there; where one is refused, nothing is sent. */
  async sendAfterUploads(button) {
    this.hold(button);
    say(this.form, "upload_awaited");
    // What is inert is not read out: a toast is.
    toast(text("upload_awaited"));
    this.drafts.save();
    const warn = (leaving) => leaving.preventDefault();
    addEventListener("beforeunload", warn);
    const whole = await this.uploads.settled(this.form.dataset.mode);
    if (!this.form.isConnected) await this.drafts.save();
    removeEventListener("beforeunload", warn);
    this.release();
    say(this.form, "");
    if (!this.form.isConnected) this.notSent();
    else if (whole) this.form.requestSubmit(button);
    else this.goOn();
  }

  /** Nothing was sent: the editor takes keys again, and those that were meant for another tab. */
  goOn() {
    if (wanted()) this.takeEarly();
    else this.editor.focus();
  }

  /** The agent went on to another conversation meanwhile. */
  notSent() {
    const run = () => location.assign(this.form.dataset.draftUrl.replace(/\/draft$/, ""));
    toast(text("not_sent"), { kind: "danger", timeout: 0, action: { label: text("show_draft"), run } });
  }

  /** The browser posts the form itself. Nobody tells where it was stopped: after a while it can be sent again. */
  leavePage(button) {
    this.drafts.stop(this.form.dataset.mode);
    this.hold(button);
    const { held } = this;
    setTimeout(() => held === this.held && this.release(), STOPPED_AFTER);
  }

  async send(button) {
    const { form, drafts } = this;
    if (!this.editor.textContent.trim() && !form.querySelector("[name=file], figure")) {
      toast(text("empty_message"));
      return;
    }
    drafts.stop(form.dataset.mode);
    const body = new FormData(form, button);
    for (const id of mentioned(form)) body.append("mention", id);
    this.hold(button);
    const answer = (await this.othersKept()) && (await request(form.action, { method: "POST", body, keepalive: true }));
    this.release();
    // Who moved on has another conversation before them: its composer, its colleagues and its keys are left alone.
    if (!form.isConnected) {
      if (answer?.status !== 200) this.notTaken();
    } else if (answer) {
      await this.makeRoom(await answer.text(), answer.status);
    } else {
      drafts.keep();
      this.goOn();
    }
  }

  async makeRoom(html, status) {
    const made = place(this.form, html, "outerHTML");
    announce(made.closest("[data-topic]").dataset.topic, "viewing");
    const begun = start(made.parentElement);
    update();
    await begun;
    if (status === 200) return;
    made.dispatchEvent(new CustomEvent("rapport:changed"));
    if (!made.isConnected) this.notSent();
  }

  /** The server sent nothing and nobody sees why: the words are a draft as before. */
  notTaken() {
    this.drafts.keep();
    this.drafts.save();
    this.notSent();
  }

  /** The form makes room for the server's: what was written in its other tabs is kept first. */
  async othersKept() {
    const kept = await this.drafts.save();
    if (!kept) toast(text("draft_failed"), { kind: "danger" });
    return kept;
  }
}

/** Open the editor in a mode; one that is on its way, or sends, opens so afterwards. False: nothing can be answered. */
export function answer(mode) {
  const coming = document.querySelector("#reading[aria-busy]");
  const tab = document.querySelector(`#composer [data-tab="${mode}"]`);
  if (!tab && !coming) return false;
  if (!coming && tab.closest("[data-ready]:not([inert]), [data-write]")) tab.click();
  else wait(mode);
  return true;
}

/** Bring the composer inside `root` to life. Trix is fetched at the first one, folded or not. */
export async function start(root) {
  const form = root.querySelector("form[data-composer]");
  const tabs = root.querySelector("[data-write]");
  if (form ? form.dataset.alive : !tabs) return;
  if (form) form.dataset.alive = "yes";
  else if (wanted()) unfold(tabs);
  await editorReady();
  if (form) new Composer(form);
}

/** Fetch the composer whose tabs stand there; what is typed meanwhile is its first words. */
async function unfold(tabs, query = "") {
  if (tabs.hasAttribute("aria-busy")) return;
  tabs.setAttribute("aria-busy", "true");
  const answer = await request(tabs.dataset.write + query);
  const html = answer && (await answer.text());
  if (!html || !tabs.isConnected) {
    tabs.removeAttribute("aria-busy");
    take();
    return;
  }
  const form = place(tabs, html, "outerHTML");
  // Only what stands on the screen was seen; what came since crosses this answer.
  const token = form.querySelector("input[name=token]");
  const shown = Number(form.closest("[data-last-seq]").dataset.lastSeq);
  token.value = Math.min(token.value, shown);
  form.dataset.seen = Math.min(form.dataset.seen, shown);
  start(form.parentElement);
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.("[data-write] [data-tab]");
  if (!tab || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  wait(tab.dataset.tab);
  unfold(tab.closest("[data-write]"));
});

document.addEventListener("click", (event) => {
  const act = event.target.closest?.(".card-message > footer > a[href^='?']");
  const composer = document.getElementById("composer");
  if (!act || !composer || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const { searchParams } = new URL(act.href);
  const query = `mode=forward&${searchParams}`;
  if (composer.dataset.write) {
    wait("forward");
    unfold(composer, `&${query}`);
  } else {
    composer.dispatchEvent(new CustomEvent("rapport:pass-on", { detail: query }));
  }
});

document.addEventListener("htmx:after:swap", () => {
  const pane = document.getElementById("reading");
  if (pane) start(pane);
});

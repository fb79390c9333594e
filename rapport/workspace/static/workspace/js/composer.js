/**
 * The composer: reply, note and forward share one editor; the mode decides address, colour and who may see it.
 * What is typed is kept on the server, and never thrown away because a request failed.
 */
import { announce } from "ui/live";
import { place, request } from "ui/requests";
import { text } from "ui/texts";
import { toast } from "ui/toasts";
import { take, wait, wanted } from "workspace/early";
import { start as startCompletion, mentioned } from "workspace/completion";
import { start as startRecipients } from "workspace/recipients";
import { start as startUploads } from "workspace/uploads";
import { toEnd, update } from "workspace/thread";

const SAVE_AFTER = 900;
const TYPING_EVERY = 8000;
let trix = null;

function state(form, name) {
  const holder = form.querySelector("[data-draft-state]");
  if (holder) holder.textContent = name ? text(name) : "";
}

class Composer {
  constructor(form) {
    this.form = form;
    this.editor = form.querySelector("trix-editor");
    this.field = form.querySelector("input[name=html]");
    const stored = JSON.parse(form.dataset.kept ?? "{}");
    this.kept = Object.fromEntries(Object.entries(stored).map(([mode, { html }]) => [mode, html]));
    this.typedAt = 0;
    this.saves = 0;
    this.begun = 0;
    form.addEventListener("click", (event) => this.click(event));
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("keydown", (event) => this.key(event));
    this.editor.addEventListener("trix-initialize", () => this.begin());
    this.editor.addEventListener("trix-change", () => this.changed());
    form.addEventListener("rapport:changed", () => this.changed());
    if (!form.dataset.sendUrl) addEventListener("pageshow", () => (this.sending = false));
    startRecipients(form);
    this.uploads = startUploads(form);
    startCompletion(form);
    if (this.editor.editor) this.begin();
  }

  begin() {
    const { mode, typed } = take();
    this.setMode(mode || this.form.dataset.mode, { focus: Boolean(mode) });
    this.form.dataset.ready = "yes";
    if (!typed) return;
    if (document.activeElement === this.editor) this.editor.editor.insertString(typed);
    else document.activeElement.setRangeText?.(typed, 0, 0, "end");
  }

  setMode(mode, { focus = true } = {}) {
    const { form } = this;
    if (mode !== form.dataset.mode) {
      this.kept[form.dataset.mode] = this.field.value;
      this.editor.editor?.loadHTML(this.kept[mode] ?? "");
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

  open() {
    this.form.dataset.open = "yes";
    toEnd();
    if (this.form.dataset.mode === "forward") this.form.querySelector("[data-recipients=to] .recipients__entry")?.focus();
    else this.editor.focus();
  }

  fold() {
    this.form.dataset.open = "no";
    this.editor.blur();
  }

  click(event) {
    const tab = event.target.closest("[data-tab]");
    if (tab) this.setMode(tab.dataset.tab);
    else if (event.target.closest("[data-fold]")) this.fold();
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit([...this.form.querySelectorAll(".composer__send")].find((part) => !part.hidden)?.querySelector("[type=submit]"));
    } else if (event.key === "Escape" && !event.defaultPrevented) {
      this.fold();
    }
  }

  changed() {
    clearTimeout(this.timer);
    if (this.outdated) {
      this.outdated = false;
      this.begun += 1;
    }
    this.timer = setTimeout(() => this.save(), SAVE_AFTER);
    const topic = this.form.closest("[data-topic]")?.dataset.topic;
    if (topic && Date.now() - this.typedAt > TYPING_EVERY) {
      this.typedAt = Date.now();
      announce(topic, "typing");
    }
  }

  async save() {
    if (!this.form.isConnected || this.sending) return;
    await this.saving?.done;
    if (this.sending) return;
    state(this.form, "draft_saving");
    const body = new FormData(this.form);
    if (this.begun) body.set("nonce", `${body.get("nonce")}-${this.begun}`);
    body.set("save", String((this.saves += 1)));
    const stop = new AbortController();
    const done = request(this.form.dataset.draftUrl, { method: "POST", body, quiet: true, signal: stop.signal });
    this.saving = { stop, done };
    const answer = await done;
    if (this.sending) return;
    // The words were sent: what is typed from now on is a new draft, that text is not.
    this.outdated = answer?.status === 409;
    if (answer) state(this.form, this.outdated ? "" : "draft_saved");
    else {
      state(this.form, "draft_failed");
      this.timer = setTimeout(() => this.save(), 5000);
    }
  }

  /** What is under way would bring sent words back as a draft; the server refuses it too. */
  stopSaving() {
    clearTimeout(this.timer);
    this.sending = true;
    this.saving?.stop.abort();
  }

  /** Send once every file is there; where one is refused, nothing is sent. */
  async sendAfterUploads(event) {
    event.preventDefault();
    if (this.awaiting) return;
    this.awaiting = true;
    const button = event.submitter;
    button?.setAttribute("data-busy", "");
    state(this.form, "upload_awaited");
    const whole = await this.uploads.settled();
    this.awaiting = false;
    button?.removeAttribute("data-busy");
    state(this.form, "");
    if (whole && this.form.isConnected) this.form.requestSubmit(button);
  }

  async submit(event) {
    if (this.uploads.underWay.size) {
      this.sendAfterUploads(event);
      return;
    }
    if (!this.form.dataset.sendUrl) {
      this.stopSaving();
      return;
    }
    event.preventDefault();
    if (this.sending) return;
    clearTimeout(this.timer);
    if (!this.editor.textContent.trim() && !this.form.querySelector("[name=file], figure")) {
      toast(text("empty_message"));
      return;
    }
    this.stopSaving();
    for (const id of mentioned(this.form)) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "mention", value: id });
      this.form.append(field);
    }
    const button = event.submitter;
    button?.setAttribute("data-busy", "");
    const answer = await request(this.form.action, { method: "POST", body: new FormData(this.form, button) });
    this.sending = false;
    button?.removeAttribute("data-busy");
    if (!answer) {
      this.changed();
      return;
    }
    const made = place(this.form, await answer.text(), "outerHTML");
    start(made.parentElement);
    if (answer.status !== 200) made.dispatchEvent(new CustomEvent("rapport:changed"));
    update();
  }
}

/** Open the editor in a mode; where it is still on its way, it opens so when it comes. False: nothing can be answered. */
export function answer(mode) {
  const coming = document.querySelector("#reading[aria-busy]");
  const tab = document.querySelector(`#composer [data-tab="${mode}"]`);
  if (!tab && !coming) return false;
  if (!coming && tab.closest("[data-ready], [data-write]")) tab.click();
  else wait(mode);
  return true;
}

async function fetchTrix() {
  const { default: Trix } = await import("trix");
  Trix.config.attachments.preview.caption = { name: false, size: false };
  Trix.config.blockAttributes.default.tagName = "p";
  Trix.config.blockAttributes.default.breakOnReturn = true;
}

/** Bring the composer inside `root` to life. Trix is fetched at the first one, folded or not. */
export async function start(root) {
  const form = root.querySelector("form[data-composer]");
  const tabs = root.querySelector("[data-write]");
  if (form ? form.dataset.alive : !tabs) return;
  if (form) form.dataset.alive = "yes";
  else if (wanted()) unfold(tabs);
  trix ??= fetchTrix();
  await trix;
  if (form) new Composer(form);
}

/** Fetch the composer whose tabs stand there; what is typed meanwhile is its first words. */
async function unfold(tabs) {
  if (tabs.hasAttribute("aria-busy")) return;
  tabs.setAttribute("aria-busy", "true");
  const answer = await request(tabs.dataset.write);
  const html = answer && (await answer.text());
  if (!html || !tabs.isConnected) {
    tabs.removeAttribute("aria-busy");
    take();
    return;
  }
  const form = place(tabs, html, "outerHTML");
  // Only what stands on the screen was seen; what came since crosses this answer.
  form.querySelector("input[name=token]").value = form.closest("[data-last-seq]").dataset.lastSeq;
  start(form.parentElement);
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.("[data-write] [data-tab]");
  if (!tab || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  wait(tab.dataset.tab);
  unfold(tab.closest("[data-write]"));
});

document.addEventListener("htmx:after:swap", () => {
  const pane = document.getElementById("reading");
  if (pane) start(pane);
});

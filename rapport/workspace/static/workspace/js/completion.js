/** While writing: "/" brings canned replies, "@" in a note brings colleagues. */
import { isComposing } from "ui/composing";
import { request } from "ui/requests";
import { text } from "ui/texts";
import { colleagues, knownColleagues } from "workspace/colleagues";

const AT_WORD = /(?:^|\s)([/@])([^\s/@]{0,30})$/u;

/** Ids of the colleagues whose names stand behind an @ in the text. Of two names the longer one: “Ada Byron” is not “Ada”. */
export function mentioned(form) {
  if (form.dataset.mode !== "note") return [];
  let words = form.querySelector("trix-editor").textContent.replace(/\u00a0/g, " ");
  const named = new Set();
  const names = knownColleagues().map(({ name }) => name);
  for (const name of names.sort((one, other) => other.length - one.length)) {
    const around = words.split(`@${name}`);
    if (around.length > 1) named.add(name);
    words = around.join("\n");
  }
  return knownColleagues().filter(({ name }) => named.has(name)).map(({ id }) => id);
}

class Completion {
  constructor(form) {
    this.form = form;
    this.element = form.querySelector("trix-editor");
    this.box = document.createElement("div");
    this.box.className = "menu completion";
    this.box.popover = "manual";
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", text("suggestions"));
    this.box.id = "completion";
    form.append(this.box);
    this.options = [];
    this.turn = 0;
    colleagues();
    this.element.addEventListener("trix-selection-change", () => this.look());
    this.element.addEventListener("keydown", (event) => this.key(event), true);
    this.element.addEventListener("blur", () => setTimeout(() => this.blurred(), 150));
    form.querySelector("[data-canned]")?.addEventListener("click", () => {
      this.element.focus();
      this.element.editor.insertString("/");
    });
  }

  /** Whoever came back meanwhile keeps the suggestions: their Escape would fold the editor. */
  blurred() {
    if (document.activeElement !== this.element) this.close();
  }

  before() {
    const { editor } = this.element;
    const [start, end] = editor.getSelectedRange();
    if (start !== end) return "";
    return editor.getDocument().toString().slice(Math.max(0, start - 40), start);
  }

  async look() {
    const found = this.before().match(AT_WORD);
    const note = this.form.dataset.mode === "note";
    if (!found || (found[1] === "@") !== note) return this.close();
    const [, sign, typed] = found;
    const turn = (this.turn += 1);
    this.asking = true;
    const options = sign === "@" ? await this.people(typed) : await this.replies(typed);
    if (turn !== this.turn) return undefined;
    this.asking = false;
    this.length = typed.length + 1;
    return this.show(options.slice(0, 8));
  }

  async people(typed) {
    const wanted = typed.toLocaleLowerCase();
    const rank = (person) => ` ${person.name.toLocaleLowerCase()}`.indexOf(` ${wanted}`);
    const fitting = (await colleagues()).filter((person) => rank(person) >= 0).sort((one, other) => rank(one) - rank(other));
    return fitting.map((person) => ({ label: person.name, insert: (editor) => editor.insertString(`@${person.name}\u00a0`) }));
  }

  async replies(typed) {
    const url = this.form.dataset.cannedUrl;
    if (!url) return [];
    const answer = await request(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(typed)}`, { quiet: true });
    if (!answer) return [];
    const { items } = await answer.json();
    return items.map((reply) => ({ label: reply.name, detail: `/${reply.shortcut}`, preview: reply.preview, insert: (editor) => editor.insertHTML(reply.html) }));
  }

  show(options) {
    this.options = options;
    this.active = 0;
    if (!options.length) return this.close();
    this.box.replaceChildren(
      ...options.map((option, index) => {
        const item = document.createElement("button");
        item.type = "button";
        item.className = "menu__item";
        item.setAttribute("role", "option");
        item.id = `completion-${index}`;
        const label = document.createElement("span");
        label.className = "menu__label";
        label.textContent = option.label;
        if (option.preview) label.append(Object.assign(document.createElement("small"), { textContent: option.preview, className: "completion__preview" }));
        item.append(label);
        if (option.detail) item.append(Object.assign(document.createElement("small"), { textContent: option.detail, className: "muted" }));
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          this.take(index);
        });
        return item;
      }),
    );
    if (!this.box.matches(":popover-open")) this.box.showPopover();
    this.place();
    this.highlight();
    return undefined;
  }

  place() {
    const at = this.element.editor.getClientRectAtPosition(this.element.editor.getSelectedRange()[0]) ?? this.element.getBoundingClientRect();
    const size = this.box.getBoundingClientRect();
    this.box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    this.box.style.top = `${at.top - size.height - 6 > 8 ? at.top - size.height - 6 : at.bottom + 6}px`;
  }

  highlight() {
    [...this.box.children].forEach((item, index) => {
      item.toggleAttribute("data-active", index === this.active);
      item.setAttribute("aria-selected", String(index === this.active));
    });
    this.element.setAttribute("aria-activedescendant", `completion-${this.active}`);
  }

  take(index) {
    const { editor } = this.element;
    const [end] = editor.getSelectedRange();
    editor.setSelectedRange([end - this.length, end]);
    editor.deleteInDirection("backward");
    this.options[index].insert(editor);
    this.close();
  }

  key(event) {
    if (isComposing(event)) return;
    const open = this.box.matches(":popover-open");
    if (!open && !(this.asking && event.key === "Escape")) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.active = (this.active + step + this.options.length) % this.options.length;
      this.highlight();
    } else if (event.key === "Enter" || event.key === "Tab") this.take(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() {
    this.turn += 1;
    this.asking = false;
    this.element.removeAttribute("aria-activedescendant");
    if (this.box.matches(":popover-open")) this.box.hidePopover();
  }
}

export function start(form) {
  new Completion(form);
}

/** To, copy and blind copy as chips; underneath stays the comma-separated field that a page without scripts sends. */
import { text } from "ui/texts";
import { toast } from "ui/toasts";

const ADDRESS = /[^\s@<>",]+@[^\s@<>",]+\.[^\s@<>",]+/;

class Recipients {
  constructor(row) {
    this.row = row;
    this.field = row.querySelector("input");
    this.field.hidden = true;
    this.list = document.createElement("span");
    this.list.className = "recipients__list";
    this.entry = document.createElement("input");
    this.entry.type = "text";
    this.entry.inputMode = "email";
    this.entry.autocomplete = "off";
    this.entry.className = "recipients__entry";
    this.entry.setAttribute("aria-label", row.querySelector("label").textContent.trim());
    this.list.append(this.entry);
    this.field.after(this.list);
    this.value = this.field.value.split(",").map((part) => part.trim()).filter(Boolean);
    this.draw();
    this.entry.addEventListener("keydown", (event) => {
      if (["Enter", ",", ";", "Tab"].includes(event.key) && this.entry.value.trim()) {
        if (this.take() && event.key !== "Tab") event.preventDefault();
      } else if (event.key === "Backspace" && !this.entry.value && this.value.length) {
        this.value.pop();
        this.changed();
      }
    });
    this.entry.addEventListener("blur", () => this.entry.value.trim() && this.take());
    this.entry.addEventListener("paste", (event) => {
      const pasted = event.clipboardData.getData("text");
      if (!/[,;\n]/.test(pasted)) return;
      event.preventDefault();
      this.entry.value = pasted;
      this.take();
    });
    this.list.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-index]");
      if (chip && event.target.closest("button")) {
        this.value.splice(Number(chip.dataset.index), 1);
        this.changed();
        this.entry.focus();
      }
    });
  }

  take() {
    const parts = this.entry.value.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean);
    const wrong = parts.find((part) => !ADDRESS.test(part));
    if (wrong) {
      toast(text("not_an_address", { text: wrong }), { kind: "danger" });
      return false;
    }
    this.value.push(...parts.filter((part) => !this.value.includes(part)));
    this.entry.value = "";
    this.changed();
    return true;
  }

  changed() {
    this.draw();
    this.field.form.dispatchEvent(new CustomEvent("rapport:changed"));
  }

  draw() {
    this.field.value = this.value.join(", ");
    for (const chip of this.list.querySelectorAll("[data-index]")) chip.remove();
    this.value.forEach((address, index) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.dataset.index = index;
      chip.title = address;
      const label = document.createElement("span");
      label.textContent = address.replace(/\s*<.*>$/, "") || address;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "chip__remove";
      remove.setAttribute("aria-label", `${text("remove")} ${address}`);
      remove.textContent = "×";
      chip.append(label, remove);
      this.entry.before(chip);
    });
  }
}

export function start(form) {
  const made = new Map();
  for (const row of form.querySelectorAll("[data-recipients]")) made.set(row.dataset.recipients, new Recipients(row));
  const kept = {};
  for (const [mode, people] of Object.entries(JSON.parse(form.dataset.kept ?? "{}"))) {
    if (mode !== "note") kept[mode === "forward" ? mode : "answer"] = new Map(Object.entries(people));
  }
  let shown = form.dataset.mode === "forward" ? "forward" : "answer";
  form.addEventListener("click", (event) => {
    const more = event.target.closest("[data-show-recipients]");
    if (!more) return;
    const row = form.querySelector(`[data-recipients="${more.dataset.showRecipients}"]`);
    row.hidden = false;
    more.hidden = true;
    row.querySelector(".recipients__entry").focus();
  });
  form.addEventListener("rapport:mode", () => {
    const wanted = form.dataset.mode === "forward" ? "forward" : "answer";
    if (wanted === shown) return;
    kept[shown] = new Map([...made].map(([name, people]) => [name, people.value]));
    for (const [name, people] of made) {
      people.value = kept[wanted]?.get(name) ?? [];
      if (name !== "to") {
        people.row.hidden = !people.value.length;
        form.querySelector(`[data-show-recipients="${name}"]`).hidden = !people.row.hidden;
      }
      people.draw();
    }
    shown = wanted;
  });
}

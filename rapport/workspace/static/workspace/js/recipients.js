/**
 * To, copy and blind copy as chips; underneath stays the comma-separated field that a page without scripts sends.
 * What was typed and is no chip yet stands in that field too: nobody is left out because they are not finished.
 */
import { isComposing } from "ui/composing";
import { text } from "ui/texts";
import { toast } from "ui/toasts";

const ADDRESS = /[^\s@<>",]+@[^\s@<>",]+\.[^\s@<>",]+/;

/** The addresses alone, as the form remembers whom it offered. */
function bare(people) {
  const addresses = people.map((each) => (each.match(/<([^<>]*)>\s*$/)?.[1] ?? each).trim().toLowerCase());
  return [...new Set(addresses)].join(" ");
}

function parts(words) {
  return words.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean);
}

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
    this.set(parts(this.field.value));
    this.listen();
  }

  listen() {
    this.entry.addEventListener("keydown", (event) => {
      if (isComposing(event)) return;
      if (["Enter", ",", ";", "Tab"].includes(event.key) && this.entry.value.trim()) {
        // With Ctrl the whole answer is sent, and says itself what is wrong.
        if (event.ctrlKey || event.metaKey) return;
        if (this.take() ? event.key !== "Tab" : event.key === "Enter") event.preventDefault();
      } else if (event.key === "Backspace" && !this.entry.value && this.value.length) {
        this.value.pop();
        this.changed();
      }
    });
    this.entry.addEventListener("input", () => {
      this.entry.removeAttribute("aria-invalid");
      this.changed();
    });
    this.entry.addEventListener("blur", () => this.fits() && this.take());
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

  /** Everybody in this row, as addresses are typed; what is none yet stands where it can be finished. */
  get people() {
    return [...this.value, ...parts(this.entry.value)];
  }

  set(people) {
    this.value = people.filter((part) => ADDRESS.test(part));
    this.entry.value = people.filter((part) => !ADDRESS.test(part)).join(", ");
    this.fits();
    this.draw();
  }

  wrong() {
    return parts(this.entry.value).find((part) => !ADDRESS.test(part));
  }

  fits() {
    const wrong = this.wrong() !== undefined;
    if (wrong) this.entry.setAttribute("aria-invalid", "true");
    else this.entry.removeAttribute("aria-invalid");
    return !wrong;
  }

  /** Make chips of what was typed; false, with the reason, where something in it is no address. */
  take() {
    if (!this.fits()) {
      toast(text("not_an_address", { text: this.wrong() }), { kind: "danger" });
      return false;
    }
    const typed = parts(this.entry.value);
    if (!typed.length) return true;
    this.value.push(...typed.filter((part) => !this.value.includes(part)));
    this.entry.value = "";
    this.changed();
    return true;
  }

  changed() {
    this.draw();
    this.field.form.dispatchEvent(new CustomEvent("rapport:changed"));
  }

  /** Show these people; a row of copies without any makes room for its button. */
  show(people) {
    this.set(people);
    const { recipients } = this.row.dataset;
    if (recipients !== "to") {
      this.row.hidden = !people.length;
      this.field.form.querySelector(`[data-show-recipients="${recipients}"]`).hidden = !this.row.hidden;
    }
  }

  draw() {
    this.field.value = this.people.join(", ");
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

/** Bring the rows of a composer to life; returns what the composer asks of them. */
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
    kept[shown] = new Map([...made].map(([name, row]) => [name, row.people]));
    for (const [name, row] of made) row.show(kept[wanted]?.get(name) ?? []);
    shown = wanted;
  });

  const rowsOf = (group) => {
    const rows = group === shown ? [...made].map(([name, row]) => [name, row.people]) : (kept[group] ?? []);
    return Object.fromEntries(rows);
  };
  const show = (group, rows) => {
    if (group !== shown) kept[group] = new Map(Object.entries(rows));
    else for (const [name, row] of made) row.show(rows[name] ?? []);
  };
  return {
    /** Tell whether everybody who is named can be written to; where not, go to who cannot. */
    reachable() {
      const refused = form.dataset.mode === "note" ? null : [...made.values()].find((row) => !row.take());
      refused?.entry.focus();
      return !refused;
    },
    /** Tell whether a forward is addressed to anybody. */
    forwarded: () => Object.values(rowsOf("forward")).some((people) => people?.length),
    /** Address a forward to whom `fresh` addresses it. */
    address(fresh) {
      const rows = ["to", "cc", "bcc"].map((name) => [name, parts(fresh.querySelector(`[name=${name}]`).value)]);
      show("forward", Object.fromEntries(rows));
    },
    /** Offer an answer to whom `fresh`, the form as it would be now, offers it. False: the agent chose them. */
    offer(fresh) {
      const offered = form.querySelector("[name=offered]");
      const { to = [], cc = [], bcc = [] } = rowsOf("answer");
      if (bcc.length || `${bare(to)};${bare(cc)}` !== offered.value) return false;
      const now = Object.fromEntries(["to", "cc"].map((name) => [name, parts(fresh.querySelector(`[name=${name}]`).value)]));
      const value = fresh.querySelector("[name=offered]").value;
      if (`${bare(now.to)};${bare(now.cc)}` !== value) return false;
      offered.value = value;
      show("answer", now);
      return true;
    },
  };
}

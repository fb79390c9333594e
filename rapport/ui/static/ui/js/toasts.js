/** Short messages at the foot of the page. */
import { text } from "ui/texts";

const LASTS = 6000;
const ROOM = 96;
const KEPT_CLEAR = "[data-composer], [data-write], .bottom-bar";
/** What had the focus before each message. */
const cameFrom = new WeakMap();
const watched = new Set();
const watching = new ResizeObserver(settle);

/** Above whatever is kept clear at the foot of the page; at its head where that leaves no room. */
function settle() {
  const found = document.getElementById("toasts");
  if (!found?.matches(":popover-open")) return;
  const kept = [...document.querySelectorAll(KEPT_CLEAR)];
  const tops = kept.map((each) => each.getBoundingClientRect()).filter((box) => box.height).map((box) => box.top);
  const foot = Math.min(innerHeight, ...tops);
  found.toggleAttribute("data-high", foot < ROOM);
  found.style.setProperty("--toasts-foot", foot < ROOM ? "0px" : `${innerHeight - foot}px`);
  for (const each of kept.filter((one) => !watched.has(one))) {
    watched.add(each);
    watching.observe(each);
  }
}

function area() {
  const found = document.getElementById("toasts");
  if (found && !found.matches(":popover-open")) found.showPopover?.();
  settle();
  return found;
}

/** Whoever pressed a message that goes stands where they were before, or where the page begins. */
function giveBackFocus(before) {
  before?.focus();
  if (document.activeElement !== document.body) return;
  document.getElementById("main")?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("rapport:focus-lost"));
}

function remove(element) {
  const focused = element.contains(document.activeElement);
  element.remove();
  if (focused) giveBackFocus(cameFrom.get(element));
  const holder = document.getElementById("toasts");
  if (holder && !holder.childElementCount) {
    holder.hidePopover?.();
    watching.disconnect();
    watched.clear();
  }
}

/** Show `words`; `action` is { label, run, key }, `timeout` 0 keeps it until it is closed. Returns the element. */
export function toast(words, { kind = "info", action = null, timeout = LASTS } = {}) {
  const element = document.createElement("div");
  element.className = "toast";
  element.dataset.kind = kind;
  element.setAttribute("role", kind === "danger" ? "alert" : "status");
  element.addEventListener("focusin", ({ relatedTarget: before }) => before && !element.contains(before) && cameFrom.set(element, before));
  const label = document.createElement("span");
  label.className = "toast__text";
  label.textContent = words;
  element.append(label);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "toast__action";
    button.textContent = action.label;
    if (action.key) button.dataset.key = action.key;
    button.addEventListener("click", () => {
      remove(element);
      action.run();
    });
    element.append(button);
  }
  if (!timeout) {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "toast__action";
    close.textContent = text("close");
    close.addEventListener("click", () => remove(element));
    element.append(close);
  } else {
    setTimeout(() => remove(element), timeout);
  }
  area()?.append(element);
  return element;
}

export function dismiss(element) {
  if (element?.isConnected) remove(element);
}

addEventListener("resize", settle);
document.addEventListener("rapport:toast", (event) => {
  const { text: words, value, kind = "info", undo } = event.detail;
  const run = () => document.dispatchEvent(new CustomEvent("rapport:undo", { detail: undo }));
  toast(words ?? value ?? "", { kind, action: undo ? { label: text("undo"), run, key: "z" } : null });
});

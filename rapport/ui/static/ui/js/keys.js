/**
 * One map of keys for the whole product. An element with data-key is pressed by its key; other keys are bound with
 * `bind`. The keys that data-keys-first names press what stands there, as the acts on a selection. Nothing is caught while
 * somebody types, and nothing that the browser uses with Ctrl, Alt or Meta. Keys of one character can be switched
 * off (WCAG 2.1.4): who speaks to the computer, or shakes, presses them unawares.
 */
import { isComposing } from "ui/composing";
import { shortcuts } from "ui/dialogs";

const SWITCH = "rapport-keys";
const bound = new Map();
let leader = "";
let forget = 0;

/** Call `run` for a key, or for two pressed one after the other ("g i"). Return false from it to let the key pass. */
export function bind(keys, run) {
  bound.set(keys, run);
}

/** A field that was hidden has the focus until the next picture on the screen. */
function typing(target) {
  return (
    target instanceof HTMLElement &&
    visible(target) &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select, trix-editor"))
  );
}

function visible(element) {
  return element.checkVisibility?.() ?? element.offsetParent !== null;
}

function switchedOff(key) {
  return key.length === 1 && localStorage.getItem(SWITCH) === "off";
}

function press(key, within = "") {
  const found = [...document.querySelectorAll(`${within} [data-key="${CSS.escape(key)}"]`)].filter(
    (element) => visible(element) && !element.disabled,
  );
  const element = found.at(-1);
  if (!element) return false;
  if (element.matches("input")) element.focus();
  else element.click();
  return true;
}

/** Acts on a selection may still be on their way: their keys are not those of the open conversation meanwhile. */
function goesFirst(key) {
  const first = document.querySelector("[data-keys-first]:not([hidden])");
  if (!first?.dataset.keysFirst.split(" ").includes(key)) return false;
  press(key, "[data-keys-first]");
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isComposing(event)) return;
  if (typing(event.target) || event.target.closest?.("dialog[open], [data-menu]:popover-open")) return;
  const key = event.key;
  if (switchedOff(key)) return;
  const sequence = leader ? `${leader} ${key}` : key;
  leader = "";
  clearTimeout(forget);
  if ([...bound.keys()].some((name) => name.startsWith(`${sequence} `))) {
    leader = sequence;
    forget = setTimeout(() => (leader = ""), 1200);
    event.preventDefault();
    return;
  }
  const run = bound.get(sequence);
  const done = goesFirst(sequence) || (run ? run(event) !== false : press(sequence));
  if (done) event.preventDefault();
});

/** Go to a view that the rail offers; a page without views leaves it to the server. */
function go(view) {
  const link = document.querySelector(`[data-view="${view}"]`);
  if (!link && document.querySelector("[data-view]")) return false;
  return location.assign(link?.href ?? `/inbox/${view}`);
}

document.addEventListener("change", ({ target }) => {
  if (target.matches?.("[data-keys-switch]")) localStorage.setItem(SWITCH, target.checked ? "on" : "off");
});

bind("?", shortcuts);
for (const [keys, view] of [["g i", "all"], ["g m", "mine"], ["g u", "unassigned"]]) bind(keys, () => go(view));
bind("g t", () => {
  const team = document.querySelector('[data-view^="team-"]');
  return team ? location.assign(team.href) : false;
});

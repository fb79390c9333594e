/**
 * One map of keys for the whole product. An element with data-key is pressed by its key; other keys are bound with
 * `bind`. Nothing is caught while somebody types, and nothing that the browser uses with Ctrl, Alt or Meta.
 */
import { shortcuts } from "ui/dialogs";

const bound = new Map();
let leader = "";
let forget = 0;

/** Call `run` for a key, or for two pressed one after the other ("g i"). Return false from it to let the key pass. */
export function bind(keys, run) {
  bound.set(keys, run);
}

function typing(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select, trix-editor"))
  );
}

function visible(element) {
  return element.checkVisibility?.() ?? element.offsetParent !== null;
}

function press(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(
    (element) => visible(element) && !element.disabled,
  );
  const element = found.at(-1);
  if (!element) return false;
  if (element.matches("input")) element.focus();
  else element.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || event.target.closest?.("dialog[open], [data-menu]")) return;
  const key = event.key;
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
  const done = run ? run(event) !== false : press(sequence);
  if (done) event.preventDefault();
});

bind("?", shortcuts);
for (const [keys, address] of [["g i", "/inbox/all"], ["g m", "/inbox/mine"], ["g u", "/inbox/unassigned"]]) {
  bind(keys, () => location.assign(address));
}
bind("g t", () => {
  const team = document.querySelector('[data-view^="team-"]');
  return team ? location.assign(team.href) : false;
});

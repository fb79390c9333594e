/** What is typed between the key that opens the editor and the moment it is there: kept, and given to it then. */
import { isComposing } from "ui/composing";

const LONGEST = 8000;
let mode = "";
let typed = "";
let timer = 0;

function keep(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isComposing(event)) return;
  if (event.key === "Escape") forget();
  else if (event.key === "Backspace") typed = typed.slice(0, -1);
  else if (event.key === "Enter") typed += "\n";
  else if (event.key.length === 1) typed += event.key;
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function forget() {
  clearTimeout(timer);
  removeEventListener("keydown", keep, true);
  mode = "";
  typed = "";
}

/** Keep keys until the editor asks for them; where it never comes, they are ordinary keys again. */
export function wait(wanted) {
  forget();
  mode = wanted;
  timer = setTimeout(forget, LONGEST);
  addEventListener("keydown", keep, true);
}

/** Return the mode that was asked for and is still waited for; empty where nobody asked. */
export function wanted() {
  return mode;
}

/** Return the mode that was asked for and what was typed meanwhile; nothing where nobody asked. */
export function take() {
  const kept = { mode, typed };
  forget();
  return kept;
}

/** Popover menus: fetch what they offer, place beside their button, filter or find while typing, walk with the arrow keys. */
import { isComposing } from "ui/composing";
import { place, request } from "ui/requests";

const GAP = 4;
/** Milliseconds after which a key begins a new word. */
const WORD = 1000;
let typed = "";
let forget = 0;

function buttonOf(menu) {
  return document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
}

function position(menu) {
  const button = buttonOf(menu);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const rtl = document.dir === "rtl";
  const atEnd = (menu.dataset.align === "end") !== rtl;
  let left = atEnd ? at.right - size.width : at.left;
  left = Math.max(8, Math.min(left, innerWidth - size.width - 8));
  const below = innerHeight - at.bottom - GAP - 8;
  const top = size.height <= below || below > at.top ? at.bottom + GAP : Math.max(8, at.top - GAP - size.height);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

function items(menu) {
  return [...menu.querySelectorAll("[data-menu-item]:not([hidden])")];
}

function menuOf({ target }) {
  return target instanceof HTMLElement && target.matches("[data-menu]") ? target : null;
}

/** The browser takes whoever opens a menu into its filter at once: what they type from then on stays. */
document.addEventListener(
  "beforetoggle",
  (event) => {
    const menu = menuOf(event);
    typed = "";
    const filter = event.newState === "open" && menu?.querySelector("[data-menu-filter]");
    if (!filter) return;
    filter.value = "";
    narrow(filter);
  },
  true,
);

document.addEventListener(
  "toggle",
  (event) => {
    const menu = menuOf(event);
    if (!menu) return;
    const open = event.newState === "open";
    buttonOf(menu)?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    position(menu);
    // A busy browser tells late that a menu is open: whoever walks in it by then is left where they are.
    if (!menu.querySelector(":focus")) (menu.querySelector("[data-menu-filter]") ?? sought(menu)).focus();
    const source = menu.querySelector("a[data-source]");
    if (source) fill(menu, source.href);
  },
  true,
);

async function fill(menu, source) {
  const answer = await request(source);
  if (!answer) return menu.hidePopover();
  place(menu.querySelector(".menu__body"), await answer.text());
  if (!menu.matches(":popover-open")) return undefined;
  position(menu);
  const filter = menu.querySelector("[data-menu-filter]");
  return filter ? narrow(filter) : sought(menu).focus();
}

function narrow(filter) {
  const menu = filter.closest("[data-menu]");
  const wanted = filter.value.trim().toLocaleLowerCase();
  for (const item of menu.querySelectorAll("[data-menu-item]")) {
    item.hidden = wanted !== "" && !item.textContent.toLocaleLowerCase().includes(wanted);
  }
  for (const title of menu.querySelectorAll(".menu__title")) title.hidden = !isOverItems(title);
  for (const none of menu.querySelectorAll("[data-menu-none]")) none.hidden = wanted === "" || items(menu).length > 0;
}

function isOverItems(title) {
  let next = title.nextElementSibling;
  while (next?.hidden) next = next.nextElementSibling;
  return Boolean(next?.matches("[data-menu-item]"));
}

/**
 * Press the first item that fits; where none does, and the menu takes new ones, what was typed is one.
 * While nothing was typed nobody chose: the first item is only gone to.
 */
function takeFirst(menu, filter) {
  const [first] = items(menu);
  if (!filter.value.trim()) return first?.focus();
  if (first) return first.click();
  const fresh = menu.querySelector("[data-menu-new]");
  if (!fresh) return undefined;
  fresh.value = filter.value;
  return fresh.form.requestSubmit();
}

document.addEventListener("input", (event) => event.target.matches?.("[data-menu-filter]") && narrow(event.target));

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[data-menu]:popover-open");
  if (!menu || isComposing(event)) return;
  const filtering = event.target.matches("[data-menu-filter]");
  if (!filtering && event.target.matches("input")) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const all = items(menu);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = all[(all.indexOf(event.target) + step + all.length) % all.length] ?? all[0];
    next?.focus();
    event.preventDefault();
  } else if (event.key === "Enter" && filtering) {
    takeFirst(menu, event.target);
    event.preventDefault();
  } else if (!filtering && writes(event)) {
    seek(menu, event.key);
    event.preventDefault();
  }
});

/** A blank belongs to the word that is being typed; else it presses the item, as everywhere. */
function writes({ key, ctrlKey, metaKey, altKey }) {
  return key.length === 1 && !ctrlKey && !metaKey && !altKey && (key !== " " || typed !== "");
}

/** What is typed within a second is one word. */
function seek(menu, key) {
  clearTimeout(forget);
  forget = setTimeout(() => (typed = ""), WORD);
  typed += key.toLocaleLowerCase();
  sought(menu).focus();
}

/** The item that begins with what was typed so far, or holds it; the menu where there is none, so that Enter takes none. */
function sought(menu) {
  const words = (item) => (item.querySelector(".menu__label") ?? item).textContent.trim().toLocaleLowerCase();
  const all = items(menu);
  return (
    all.find((item) => words(item).startsWith(typed)) ?? all.find((item) => words(item).includes(typed)) ?? menu
  );
}

document.addEventListener("keyup", (event) => {
  if (event.key === " " && typed && event.target.closest?.("[data-menu-item]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const item = event.target.closest?.("[data-menu-item]");
  if (item) item.closest("[data-menu]")?.hidePopover();
});

document.addEventListener("submit", ({ submitter }) => submitter?.closest("[data-menu]:popover-open")?.hidePopover());

addEventListener("resize", () => {
  for (const menu of document.querySelectorAll("[data-menu]:popover-open")) menu.hidePopover();
});

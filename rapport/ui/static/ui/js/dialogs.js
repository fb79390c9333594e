/** Dialogs: opening, closing, the shortcut sheet, the preview of a file, the original look of a mail. */
import { place, request } from "ui/requests";

export function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return dialog;
  dialog.showModal();
  // Else the focus is on the first button, the one that closes it.
  const field = dialog.querySelector('input:not([type="hidden"], [type="checkbox"]), textarea');
  field?.focus();
  field?.select();
  return dialog;
}

async function fetched(id, url) {
  if (document.getElementById(id)) return;
  const answer = await request(url);
  if (!answer) return;
  const holder = document.createElement("div");
  document.body.append(holder);
  place(holder, await answer.text());
}

export async function shortcuts() {
  await fetched("shortcuts", "/shortcuts");
  const box = open("shortcuts")?.querySelector("[data-keys-switch]");
  if (box) box.checked = localStorage.getItem("rapport-keys") !== "off";
}

async function preview(link) {
  await fetched("file-preview", "/files/preview");
  const dialog = document.getElementById("file-preview");
  if (!dialog || dialog.open) return;
  const body = dialog.querySelector("[data-preview-body]");
  dialog.querySelector("[data-preview-name]").textContent = link.dataset.name;
  dialog.querySelector("[data-preview-download]").href = link.href;
  const image = link.dataset.preview === "image";
  const shown = document.createElement(image ? "img" : "iframe");
  shown.src = link.dataset.inline;
  if (image) shown.alt = link.dataset.name;
  else shown.title = link.dataset.name;
  body.replaceChildren(shown);
  dialog.showModal();
}

function original(button) {
  const card = button.closest("article");
  const shown = card.querySelector("iframe.original");
  if (shown) {
    shown.remove();
    button.setAttribute("aria-expanded", "false");
    return;
  }
  const frame = document.createElement("iframe");
  frame.className = "original";
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.title = button.textContent.trim();
  frame.src = button.dataset.original;
  button.closest("footer").before(frame);
  button.setAttribute("aria-expanded", "true");
}

document.addEventListener("click", (event) => {
  const found = (selector) => event.target.closest?.(selector);
  const opener = found("[data-open-dialog]");
  if (opener) {
    if (opener.dataset.openDialog === "shortcuts") shortcuts();
    else open(opener.dataset.openDialog);
  }
  if (found("[data-close-dialog]")) found("dialog")?.close();
  const link = found("[data-preview]");
  if (link && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    preview(link);
  }
  const button = found("[data-original]");
  if (button) original(button);
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

document.addEventListener("close", (event) => event.target.querySelector?.("[data-preview-body]")?.replaceChildren(), true);

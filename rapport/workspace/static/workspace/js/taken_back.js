/** An answer that is taken back stands in the editor again, and the next keys go there. */
import { request } from "ui/requests";
import { text } from "ui/texts";
import { toast } from "ui/toasts";
import { hasUnkept, keepNow } from "workspace/drafts";
import { take, wait } from "workspace/early";
import { open } from "workspace/reading";

let asked = false;

document.addEventListener(
  "submit",
  (event) => {
    const { target } = event;
    if (!target.matches("[data-undo-form]")) return;
    asked = true;
    wait(modeOf(target.action));
    const drafts = document.querySelector("form#composer")?.dataset.draftUrl;
    if (!drafts || !hasUnkept(drafts)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keepFirst(target, drafts);
  },
  true,
);

/** The composer makes room for the words that come back: what stands in it is kept before. */
async function keepFirst(form, drafts) {
  const address = form.getAttribute("action");
  if (await keepNow(drafts)) {
    document.querySelector(`[data-undo-form][action="${CSS.escape(address)}"]`)?.requestSubmit();
  } else {
    toast(text("draft_failed"), { kind: "danger" });
    giveUp();
  }
}

function giveUp() {
  if (asked) take();
  asked = false;
}

function modeOf(address) {
  return new URL(address, location.href).searchParams.has("side") ? "forward" : "reply";
}

/** What the server says about it beside the words that are back: why not, or where they are. */
function complain(html) {
  const composer = new DOMParser().parseFromString(html, "text/html");
  const words = composer.querySelector("[role=alert]")?.textContent.trim();
  if (words) toast(words, { kind: "danger" });
}

/** Its author went on to something else: it is taken back first, in time, and then opened. */
async function fromElsewhere(address, conversation) {
  wait(modeOf(address));
  const kept = await keepNow(`${conversation}/draft`);
  if (!kept) toast(text("draft_failed"), { kind: "danger" });
  const answer = kept && (await request(address, { method: "POST", body: new FormData() }));
  if (!answer) {
    take();
    return;
  }
  complain(await answer.text());
  const opened = open(conversation);
  if (answer.ok) wait(modeOf(address));
  await opened;
}

document.addEventListener("rapport:take-back", ({ detail: { address, conversation } }) => {
  const form = document.querySelector(`[data-undo-form][action="${CSS.escape(address)}"]`);
  if (form) form.requestSubmit();
  else fromElsewhere(address, conversation);
});

document.addEventListener("htmx:after:swap", () => (asked = false));
for (const failed of ["htmx:response:error", "htmx:error"]) document.addEventListener(failed, giveUp);

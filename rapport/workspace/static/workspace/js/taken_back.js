/** An answer that is taken back stands in the editor again, and the next keys go there. */
import { text } from "ui/texts";
import { toast } from "ui/toasts";
import { hasUnkept, keepNow } from "workspace/drafts";
import { take, wait } from "workspace/early";

let asked = false;

document.addEventListener(
  "submit",
  (event) => {
    const { target } = event;
    if (!target.matches("[data-undo-form]")) return;
    asked = true;
    wait(new URL(target.action).searchParams.has("side") ? "forward" : "reply");
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

document.addEventListener("htmx:after:swap", () => (asked = false));
for (const failed of ["htmx:response:error", "htmx:error"]) document.addEventListener(failed, giveUp);

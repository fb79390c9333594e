/** Keys of the desk that are more than pressing a button. */
import { open } from "ui/dialogs";
import { bind } from "ui/keys";
import { htmx } from "ui/requests";
import { answer } from "workspace/composer";

for (const [key, mode] of [["r", "reply"], ["n", "note"], ["f", "forward"]]) bind(key, () => answer(mode));
for (const [key, act] of [["w", "follow"], ["u", "unread"], ["#", "spam"], ["D", "delete"]]) bind(key, () => change(act));
bind("b", () => Boolean(open("subject-dialog")));

/** What the head of a conversation says that the agent may do, by act; what is not here everybody may. */
const RIGHTS = { spam: "organise", delete: "delete" };

/** Do with the open conversation what its menu offers further down. */
function change(act) {
  const here = document.querySelector("[data-conversation]");
  const head = here?.querySelector("#conversation-header");
  if (!head || (RIGHTS[act] && !(RIGHTS[act] in head.dataset))) return false;
  htmx.ajax("POST", `${here.dataset.url}/${act}`, { target: head, swap: "outerHTML" });
  return true;
}

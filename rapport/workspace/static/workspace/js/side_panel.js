/** The side panel beside a conversation: shown and put away, and what its button says of it. */

const NARROW = "(width < 82rem)";

function opened(conversation) {
  return matchMedia(NARROW).matches ? conversation.hasAttribute("data-panel-open") : !conversation.hasAttribute("data-panel-closed");
}

/** Let the button in the head of this conversation say whether the panel is open: a fresh head does not know. */
export function tellPanel(conversation) {
  for (const button of conversation?.querySelectorAll("[data-toggle-panel][aria-expanded]") ?? []) {
    button.setAttribute("aria-expanded", String(opened(conversation)));
  }
}

function shown() {
  return document.querySelector("[data-conversation]");
}

document.addEventListener("click", ({ target }) => {
  const conversation = target.closest?.("[data-toggle-panel]")?.closest("[data-conversation]");
  if (!conversation) return;
  conversation.toggleAttribute(matchMedia(NARROW).matches ? "data-panel-open" : "data-panel-closed");
  tellPanel(conversation);
});

// The answer to an act is a new head.
document.addEventListener("htmx:after:swap", () => tellPanel(shown()));
matchMedia(NARROW).addEventListener("change", () => tellPanel(shown()));

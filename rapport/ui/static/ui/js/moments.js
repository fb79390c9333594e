/**
 * Keeps short times fresh, so that one moment reads the same everywhere on a page: "now" becomes "1 min", and after an
 * hour what the server wrote down for then. Older ones stay as they are.
 */
import { text } from "ui/texts";

const MINUTE = 60000;
let frame = 0;

function words(element) {
  const passed = Date.now() - Date.parse(element.dateTime);
  if (passed < 0) return element.textContent;
  if (passed >= 60 * MINUTE) return element.dataset.then;
  return passed < MINUTE ? text("now") : text("minutes", { count: Math.floor(passed / MINUTE) });
}

function refresh() {
  frame = 0;
  for (const element of document.querySelectorAll("time[data-then]")) {
    const fresh = words(element);
    if (element.textContent !== fresh) element.textContent = fresh;
  }
}

setInterval(refresh, 20000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
new MutationObserver(() => (frame ||= requestAnimationFrame(refresh))).observe(document.body, {
  childList: true,
  subtree: true,
});

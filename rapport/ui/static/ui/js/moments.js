/** Keeps short times fresh: "now" becomes "1 min" without a reload. Older ones stay as the server wrote them. */
import { text } from "ui/texts";

const MINUTE = 60000;

function refresh() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const passed = Date.now() - Date.parse(element.dateTime);
    if (passed < 0 || passed >= 60 * MINUTE) continue;
    const words = passed < MINUTE ? text("now") : text("minutes", { count: Math.floor(passed / MINUTE) });
    if (element.textContent !== words) element.textContent = words;
  }
}

setInterval(refresh, 20000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());

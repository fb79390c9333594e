/** A form that the browser posts itself goes once: the second click of a double click sends nothing more. */
const PAUSE = 10000;
const sent = new Set();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  setTimeout(() => sent.delete(form), PAUSE);
});
addEventListener("pageshow", () => sent.clear());

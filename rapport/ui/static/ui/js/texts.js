/** Texts of the page's language, and one way to fill their places. */
const source = document.getElementById("texts");
const texts = source ? JSON.parse(source.textContent) : {};

export function text(name, values = {}) {
  return (texts[name] ?? name).replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);
}

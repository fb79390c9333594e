/** Texts of the page's language, and one way to fill their places. */
const { texts: source } = document.body.dataset;
const texts = source ? await fetch(source).then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({})) : {};

export function text(name, values = {}) {
  return (texts[name] ?? name).replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);
}

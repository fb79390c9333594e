/** Texts of the page's language, and one way to fill their places. */
const PATIENCE = 1000;
const texts = {};
const source = document.querySelector("link[rel=preload][as=fetch]")?.href;

/** Settled when the texts are there, or never will be. */
export const arrived = source
  ? fetch(source)
      .then((answer) => (answer.ok ? answer.json() : {}))
      .then((found) => Object.assign(texts, found))
      .catch(() => texts)
  : Promise.resolve(texts);

// The page fetches them before its scripts, so they are nearly always here; keys and menus wait for no slow server.
await Promise.race([arrived, new Promise((settle) => setTimeout(settle, PATIENCE))]);

export function text(name, values = {}) {
  return (texts[name] ?? name).replace(/%\((\w+)\)s/g, (whole, key) => values[key] ?? whole);
}

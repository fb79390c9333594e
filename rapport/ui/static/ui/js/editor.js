/** Trix, the editor of formatted text: fetched at the first one, and set up alike for all. */
let fetched = null;

async function fetchTrix() {
  const { default: Trix } = await import("trix");
  Trix.config.attachments.preview.caption = { name: false, size: false };
  Trix.config.blockAttributes.default.tagName = "p";
  Trix.config.blockAttributes.default.breakOnReturn = true;
}

/** Resolves once the editors of the page come to life. */
export function editorReady() {
  fetched ??= fetchTrix();
  return fetched;
}

/** Trix writes what was typed into its field with the next picture of the screen, which a hidden page never draws. */
export function settle(form) {
  form.querySelector("trix-editor")?.editorController?.inputController?.render?.();
}

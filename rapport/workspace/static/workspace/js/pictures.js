/**
 * Pictures that are still on their way when their words leave the editor. Trix leaves them out of its HTML, so
 * they get an address that is good on this page alone, until the server's is known.
 */
const HERE = "blob:";

function change(html, act) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const figure of holder.content.querySelectorAll(`[data-trix-attachment*="${HERE}"]`)) {
    act(figure, JSON.parse(figure.dataset.trixAttachment));
  }
  return holder.innerHTML;
}

/** Let a picture stand in the editor's HTML before it has arrived. */
export function keepPlace(attachment) {
  if (attachment.isPending()) attachment.setAttributes({ url: URL.createObjectURL(attachment.file) });
}

/** Return HTML in which a picture has its address on the server; without `attributes` it is taken out. */
export function arrived(html, place, attributes) {
  return change(html, (figure, known) => {
    if (known.url !== place) return;
    if (!attributes) return figure.remove();
    figure.dataset.trixAttachment = JSON.stringify({ ...known, ...attributes });
    figure.querySelector("img").src = attributes.url;
  });
}

/** Return HTML without the pictures that are still on their way: nobody else can see them. */
export function withoutComing(html) {
  return html.includes(HERE) ? change(html, (figure) => figure.remove()) : html;
}

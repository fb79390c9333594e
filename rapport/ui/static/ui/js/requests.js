/** Everything that goes to the server: the CSRF token, what to do with errors, one small fetch of our own. */
import htmx from "htmx.org";
import { text } from "ui/texts";
import { toast } from "ui/toasts";

const SHOWN_IN_PLACE = new Set([409, 422]);

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

export function explain(status) {
  if (status === 0) return text("offline");
  if (status === 401) return text("signed_out");
  if (status === 403) return text("refused");
  if (status === 404 || status === 410) return text("gone");
  if (status === 429) return text("too_many");
  return text("failed");
}

async function complain(response) {
  const plain = response.headers.get("content-type")?.startsWith("text/plain");
  const words = plain && response.status < 500 ? (await response.clone().text()).slice(0, 300) : "";
  toast(words || explain(response.status), { kind: "danger" });
}

/** Fetch from our own server. Resolves to the response; a refused or broken one is shown and resolves to null. */
export async function request(url, { method = "GET", body, keepalive = false, quiet = false, signal } = {}) {
  const headers = { "X-Requested-With": "fetch" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  let response;
  try {
    response = await fetch(url, { method, body, headers, keepalive, signal, credentials: "same-origin" });
  } catch {
    if (!quiet) toast(explain(0), { kind: "danger" });
    return null;
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/accounts/login")) {
    toast(text("signed_out"), { kind: "danger", timeout: 0 });
    return null;
  }
  if (response.ok || SHOWN_IN_PLACE.has(response.status)) return response;
  if (!quiet) complain(response);
  return null;
}

/** Put HTML from our server into the page and let htmx see it. */
export function place(target, html, how = "innerHTML") {
  if (how === "innerHTML") {
    target.innerHTML = html;
    htmx.process(target);
    return target;
  }
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const made = holder.content.firstElementChild;
  target.replaceWith(holder.content);
  if (made) htmx.process(made);
  return made;
}

export { htmx };

document.addEventListener("htmx:config:request", (event) => {
  const sent = event.detail.ctx.request;
  if (sent.method && sent.method.toUpperCase() !== "GET") sent.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:response:error", (event) => {
  const response = event.detail.ctx.response;
  if (!SHOWN_IN_PLACE.has(response.status)) {
    toast(
      response.headers.get("content-type")?.startsWith("text/plain") && response.status < 500
        ? event.detail.ctx.text.slice(0, 300)
        : explain(response.status),
      { kind: "danger" },
    );
  }
});

document.addEventListener("htmx:error", (event) => {
  const failed = event.detail.ctx;
  if (failed && !failed.response) toast(explain(0), { kind: "danger" });
});

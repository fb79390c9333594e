/** Everything that goes to the server: the CSRF token, what to do with errors, one small fetch of our own. */
import htmx from "htmx.org";
import { text } from "ui/texts";
import { dismiss, toast } from "ui/toasts";

const SHOWN_IN_PLACE = new Set([409, 422]);
/** Browsers refuse a request that outlives its page with more than 64 kB, in all of those under way. */
const MOST_KEPT_ALIVE = 50_000;

const SIGN_IN = "/accounts/login/";
const FIELD = "csrfmiddlewaretoken";
let signedOut = null;

/** Signing in, in whichever window, changes the token: the cookie holds that of now, the page that of its own time. */
export function csrfToken() {
  const cookie = document.cookie.match(/(?:^|; )(?:__Host-)?rapport-csrf=([^;]+)/);
  return cookie?.[1] ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

function withToken(body) {
  if (body?.has?.(FIELD)) body.set(FIELD, csrfToken());
  return body;
}

/** Say once that nothing is saved now, until somebody is signed in again. */
export function saySignedOut() {
  signedOut ??= toast(text("signed_out"), {
    kind: "danger",
    timeout: 0,
    action: { label: text("sign_in"), run: () => window.open(SIGN_IN, "_blank", "noopener") },
  });
}

function signedIn() {
  dismiss(signedOut);
  signedOut = null;
}

export function explain(status) {
  if (status === 0) return text("offline");
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

/** Tell whether a form may go in a request that outlives its page. */
export function fitsKeepalive(body) {
  return !body || new Blob([...body.values()]).size < MOST_KEPT_ALIVE;
}

/**
 * Fetch from our own server. Resolves to the response; a refused or broken one is shown and resolves to null.
 * With `keepalive` the request outlives the page where it is small enough for that.
 */
export async function request(url, { method = "GET", body, keepalive = false, quiet = false, signal } = {}) {
  const headers = { "X-Requested-With": "fetch" };
  withToken(body);
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  let response;
  try {
    response = await fetch(url, { method, body, headers, keepalive: keepalive && fitsKeepalive(body), signal, credentials: "same-origin" });
  } catch {
    if (!quiet) toast(explain(0), { kind: "danger" });
    return null;
  }
  if (response.status === 401) {
    saySignedOut();
    return null;
  }
  signedIn();
  if (response.ok || SHOWN_IN_PLACE.has(response.status)) return response;
  if (!quiet) complain(response);
  return null;
}

function happen(events) {
  for (const [name, detail] of Object.entries(JSON.parse(events ?? "{}"))) {
    document.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** An answer may be nothing but events: more of them than fit into a header. */
function holdsEvents(response) {
  return response.headers.get("content-type")?.startsWith("application/json");
}

/** Let happen what the server asks for beside its answer, as htmx does by itself, or instead of one. */
export async function triggered(response) {
  happen(response.headers.get("HX-Trigger"));
  if (holdsEvents(response)) happen(await response.text());
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
  withToken(sent.body);
  if (sent.method && sent.method.toUpperCase() !== "GET") sent.headers["X-CSRFToken"] = csrfToken();
});

// The answer would take the whole page to the sign-in, with everything that is being written on it.
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  saySignedOut();
});

document.addEventListener("htmx:after:request", (event) => {
  const { response, text: body } = event.detail.ctx;
  if (!holdsEvents(response)) return;
  event.preventDefault();
  happen(body);
});

document.addEventListener(
  "submit",
  ({ target }) => {
    const field = target.elements?.namedItem(FIELD);
    if (field) field.value = csrfToken();
  },
  true,
);

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

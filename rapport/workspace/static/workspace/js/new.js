/** Writing first, or logging a call: the same editor on a page of its own. */
import { start } from "workspace/composer";

const form = document.querySelector("form[data-canned-url]");
const inbox = form?.querySelector("select[name=inbox]");

/** What is offered fits the brand that the mail comes from. */
function ofBrand() {
  const brand = inbox.selectedOptions[0]?.dataset.brand;
  form.dataset.cannedUrl = `/canned${brand ? `?brand=${brand}` : ""}`;
}

inbox?.addEventListener("change", ofBrand);
if (inbox) ofBrand();
start(document);

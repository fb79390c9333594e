/** Fields of formatted text in a form. Pictures and files have no place in them. */
import { editorReady } from "ui/editor";

for (const field of document.querySelectorAll("[data-rich-text]")) {
  field.addEventListener("trix-file-accept", (event) => event.preventDefault());
  field.addEventListener("trix-attachment-add", ({ attachment }) => attachment.remove());
}
editorReady();

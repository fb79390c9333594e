/** A button that copies what stands in a field. */
import { text } from "ui/texts";
import { toast } from "ui/toasts";

async function copied(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button && (await copied(document.getElementById(button.dataset.copy)))) toast(text("copied"));
});

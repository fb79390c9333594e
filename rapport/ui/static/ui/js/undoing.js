/** What a message at the foot of the page offers to take back: a request for each step, as far as they go. */
import { request, triggered } from "ui/requests";

document.addEventListener("rapport:undo", async ({ detail: steps }) => {
  for (const { url, fields } of steps) {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    const response = await request(url, { method: "POST", body });
    if (response) await triggered(response);
    if (!response?.ok) break;
    document.dispatchEvent(new CustomEvent("rapport:undone"));
  }
  document.dispatchEvent(new CustomEvent("rapport:refresh-list"));
});

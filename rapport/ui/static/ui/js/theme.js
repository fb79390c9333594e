/** Light, dark or as the system wants; kept in a cookie so that the first byte of the next page knows. */
const YEAR = 31536000;

document.addEventListener("change", (event) => {
  const choice = event.target.closest?.("[data-theme-choice] input");
  if (!choice) return;
  document.documentElement.dataset.theme = choice.value;
  document.cookie = `theme=${choice.value};path=/;max-age=${YEAR};samesite=lax`;
});

function mayAsk() {
  return "Notification" in window && Notification.permission === "default";
}

document.addEventListener("click", async (event) => {
  if (!event.target.closest?.("[data-ask-notifications]")) return;
  await Notification.requestPermission();
  document.documentElement.toggleAttribute("data-may-ask", mayAsk());
});

document.documentElement.toggleAttribute("data-may-ask", mayAsk());

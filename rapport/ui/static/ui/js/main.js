import "ui/requests";
import "ui/toasts";
import "ui/undoing";
import "ui/menus";
import "ui/once";
import "ui/dialogs";
import "ui/copying";
import "ui/theme";
import "ui/moments";
import "ui/panes";
import "ui/keys";

// Whoever leaves the page before it is there needs no news of it.
if (document.querySelector("[data-bell]")) import("ui/news").catch(() => {});

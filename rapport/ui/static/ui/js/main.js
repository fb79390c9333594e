import "ui/requests";
import "ui/toasts";
import "ui/menus";
import "ui/dialogs";
import "ui/theme";
import "ui/moments";
import "ui/panes";
import "ui/keys";

/** The desk: list, reading pane, live updates between them. */
import "workspace/list";
import "workspace/reading";
import "workspace/shortcuts";
import "workspace/taken_back";
import { followAll } from "workspace/updates";

followAll();

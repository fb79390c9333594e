/** Writing first, or logging a call: the same editor on a page of its own. */
import { start } from "workspace/composer";

start(document);

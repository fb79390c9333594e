/** Everybody who can be mentioned: fetched once, when somebody is first asked for. */
import { request } from "ui/requests";

let fetched = null;
let known = [];

async function fetchThem() {
  const answer = await request("/colleagues", { quiet: true });
  if (!answer) {
    fetched = null;
    return;
  }
  known = (await answer.json()).colleagues;
}

/** All colleagues: `{id, name, role}`. */
export async function colleagues() {
  fetched ??= fetchThem();
  await fetched;
  return known;
}

/** Those that are known already, for places that cannot wait. */
export function knownColleagues() {
  return known;
}

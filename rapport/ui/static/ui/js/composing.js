/** Tell whether a key belongs to a word that an input method is still making, as in Japanese or Korean. */
export function isComposing(event) {
  // Safari says that the word is over before it tells of the key that ended it; 229 stands for that key.
  return event.isComposing || event.keyCode === 229;
}

/** An answer can be taken back until it is sent, wherever its author goes meanwhile: a message counts down. */
import { text } from "ui/texts";
import { dismiss, toast } from "ui/toasts";

/** Milliseconds that taking back may take; what still waits then is offered again. */
const PATIENCE = 2500;
/** By the address that takes it back: until when, in which conversation, and the message that offers it. */
const waiting = new Map();

function addressIn(delivery) {
  return delivery.querySelector("[data-undo-form]").getAttribute("action");
}

function forget(address) {
  dismiss(waiting.get(address).offer);
  waiting.delete(address);
}

function takeBack(address, sending) {
  sending.asked = Date.now();
  document.dispatchEvent(new CustomEvent("rapport:take-back", { detail: { address, conversation: sending.conversation } }));
}

function offer(address, sending, seconds) {
  const words = text("sending", { count: seconds });
  if (!sending.offer?.isConnected) {
    const action = { label: text("undo"), run: () => takeBack(address, sending), key: "z" };
    sending.offer = toast(words, { timeout: seconds * 1000, action });
  }
  sending.offer.querySelector(".toast__text").textContent = words;
}

/** Learn what waits in a conversation, and what does not wait there any more. */
function look(conversation) {
  const { url } = conversation.dataset;
  const here = new Map([...conversation.querySelectorAll("[data-undo-until]")].map((each) => [addressIn(each), each]));
  for (const [address, { dataset }] of here) {
    if (!waiting.has(address)) waiting.set(address, { conversation: url, until: Date.parse(dataset.undoUntil), asked: 0 });
  }
  for (const [address, sending] of waiting) {
    if (sending.conversation === url && !here.has(address)) forget(address);
  }
  return here;
}

function tooLate(delivery) {
  delivery.querySelector("[data-undo-form]").remove();
  delivery.removeAttribute("data-undo-until");
}

/** Offer what can be taken back now; `conversation` is the open one. Tell whether the time of something in it is over. */
export function countDown(conversation) {
  const here = conversation ? look(conversation) : new Map();
  let over = false;
  for (const [address, sending] of waiting) {
    const seconds = Math.ceil((sending.until - Date.now()) / 1000);
    const delivery = here.get(address);
    if (seconds > 0) {
      if (delivery) delivery.querySelector("[data-undo-count]").textContent = `${seconds} s`;
      if (Date.now() - sending.asked > PATIENCE) offer(address, sending, seconds);
    } else {
      forget(address);
      if (delivery) tooLate(delivery);
      over ||= Boolean(delivery);
    }
  }
  return over;
}

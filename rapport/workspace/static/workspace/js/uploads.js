/** Files for a message: chosen, dragged or pasted; pictures stand in the text, everything else below it. */
import { csrfToken, request, saySignedOut } from "ui/requests";
import { text } from "ui/texts";
import { toast } from "ui/toasts";
import { keepPlace } from "workspace/pictures";

const PICTURE = /^image\/(png|jpe?g|gif|webp)$/;

/** Send one file; `progress` is called with 0 to 100. Resolves to what the server answers. */
function send(url, file, progress) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", url);
    call.setRequestHeader("X-CSRFToken", csrfToken());
    call.setRequestHeader("X-Requested-With", "fetch");
    call.responseType = "json";
    call.upload.onprogress = (event) => progress((event.loaded / event.total) * 100);
    call.onload = () => {
      if (call.status === 401) saySignedOut();
      call.status < 300 && call.response ? resolve(call.response) : reject(new Error(call.response?.error ?? ""));
    };
    call.onerror = () => reject(new Error(""));
    const body = new FormData();
    body.set("file", file, file.name);
    call.send(body);
  });
}

function chipOf(name) {
  const chip = Object.assign(document.createElement("li"), { className: "chip" });
  chip.append(Object.assign(document.createElement("span"), { textContent: name }));
  return chip;
}

/** The file of a chip is on the server: it goes with the words, and can be taken away again. */
function complete(chip, { id, name }) {
  chip.dataset.file = id;
  const field = Object.assign(document.createElement("input"), { type: "hidden", name: "file", value: id });
  const remove = Object.assign(document.createElement("button"), { type: "button", className: "chip__remove", textContent: "×" });
  remove.dataset.removeFile = "";
  remove.setAttribute("aria-label", `${text("remove")} ${name}`);
  chip.append(field, remove);
}

/** Return the chip of a file that the draft of another tab holds. */
function keptChip(file) {
  const chip = chipOf(file.name);
  chip.append(Object.assign(document.createElement("small"), { textContent: file.size }));
  complete(chip, file);
  return chip;
}

class Uploads {
  constructor(form) {
    this.form = form;
    this.list = form.querySelector("[data-files]");
    this.lists = new Map([[form.dataset.mode, this.list]]);
    for (const [mode, { files = [] }] of Object.entries(JSON.parse(form.dataset.kept ?? "{}"))) {
      for (const file of files) this.listOf(mode).append(keptChip(file));
    }
    form.addEventListener("rapport:mode", () => this.show(form.dataset.mode));
    this.limit = Number(form.dataset.limit);
    this.underWay = new Set();
    form.querySelector("[data-attach]")?.addEventListener("change", (event) => {
      for (const file of event.target.files) this.add(file);
      event.target.value = "";
    });
    form.addEventListener("click", (event) => {
      const remove = event.target.closest("[data-remove-file]");
      if (remove) this.remove(remove.closest("li"));
    });
    form.addEventListener("dragover", (event) => {
      event.preventDefault();
      form.dataset.dropping = "";
    });
    for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => delete form.dataset.dropping);
    form.addEventListener("drop", (event) => {
      if (event.defaultPrevented || event.target.closest("trix-editor") || !event.dataTransfer?.files.length) return;
      event.preventDefault();
      for (const file of event.dataTransfer.files) this.add(file);
    });
    this.editor = form.querySelector("trix-editor");
    this.editor.addEventListener("trix-file-accept", (event) => {
      if (PICTURE.test(event.file.type) && this.fits(event.file)) return;
      event.preventDefault();
      if (!PICTURE.test(event.file.type)) this.add(event.file);
    });
    this.editor.addEventListener("trix-attachment-add", (event) => event.attachment.file && this.follow(this.picture(event.attachment)));
  }

  /** Return the list of the files that go with what is written in a tab. */
  listOf(mode) {
    if (!this.lists.has(mode)) this.lists.set(mode, this.list.cloneNode(false));
    return this.lists.get(mode);
  }

  show(mode) {
    const list = this.listOf(mode);
    this.list.replaceWith(list);
    this.list = list;
  }

  fits(file) {
    if (!this.limit || file.size <= this.limit) return true;
    toast(text("too_large", { name: file.name, limit: this.form.dataset.limitWords }), { kind: "danger" });
    return false;
  }

  /** Remember an upload, which resolves to whether the file arrived, until it ends. */
  follow(upload) {
    const { mode } = this.form.dataset;
    const ended = upload.then((arrived) => {
      this.underWay.delete(ended);
      return { mode, arrived };
    });
    this.underWay.add(ended);
  }

  /** Wait until nothing is under way; true where all files of a tab arrived. */
  async settled(mode) {
    let whole = true;
    while (this.underWay.size) {
      const ended = await Promise.all(this.underWay);
      whole = whole && ended.every((each) => each.arrived || each.mode !== mode);
    }
    return whole;
  }

  /** What stands in the editor is about to leave it. */
  leaveTab() {
    this.attachments().forEach(keepPlace);
  }

  attachments() {
    return this.editor.editor.getDocument().getAttachments();
  }

  async picture(attachment) {
    const { mode } = this.form.dataset;
    try {
      const made = await send(this.form.dataset.uploadUrl, attachment.file, (done) => attachment.setUploadProgress(done));
      this.settle(mode, attachment, { url: made.inline_url ?? made.url, fileId: made.id });
      return true;
    } catch (error) {
      toast(error.message || text("upload_failed", { name: attachment.file.name }), { kind: "danger" });
      this.settle(mode, attachment, null);
      return false;
    }
  }

  /** Give a picture its address, or take it away, wherever its words are now. */
  settle(mode, attachment, attributes) {
    const place = attachment.getURL();
    const shown = place ? this.attachments().filter((each) => each.getURL() === place) : [];
    for (const each of new Set([attachment, ...shown])) attributes ? each.setAttributes(attributes) : each.remove();
    if (mode !== this.form.dataset.mode) this.form.dispatchEvent(new CustomEvent("rapport:picture", { detail: { mode, place, attributes } }));
  }

  add(file) {
    if (this.fits(file)) this.follow(this.upload(file));
  }

  async upload(file) {
    const { mode } = this.form.dataset;
    const chip = chipOf(file.name);
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", text("uploading", { name: file.name }));
    chip.append(bar);
    this.list.append(chip);
    try {
      const made = await send(this.form.dataset.uploadUrl, file, (done) => (bar.value = done));
      bar.remove();
      complete(chip, made);
      this.form.dispatchEvent(new CustomEvent("rapport:changed", { detail: { mode, file: made.id } }));
      return true;
    } catch (error) {
      chip.remove();
      toast(error.message || text("upload_failed", { name: file.name }), { kind: "danger" });
      return false;
    }
  }

  remove(chip) {
    request(`/files/${chip.dataset.file}/remove`, { method: "POST", quiet: true });
    chip.remove();
    this.form.dispatchEvent(new CustomEvent("rapport:changed"));
  }
}

export function start(form) {
  return new Uploads(form);
}

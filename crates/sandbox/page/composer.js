// The lower part of a chat: text, attachments, ready-made things, reply keyboards, «Начать».
//
// What must stay true: what is being typed survives every update; messages leave in the order in which they
// were sent; when sending fails, the words come back.

import * as api from "./api.js";
import { attr, h, part } from "./dom.js";
import { answerAsAdmin, hand, sendFiles } from "./hands.js";
import { fileSize, lang, t } from "./i18n.js";
import { icon } from "./icons.js";
import { summary } from "./message.js";
import { MESSENGERS, word } from "./messengers.js";
import { lastScreenshot, openPayment, tellNoPayment, tellReader } from "./payments.js";
import { openMenu } from "./popups.js";
import * as samples from "./samples.js";

const BORDERS = 2; // px, above and below the text field
const TALLEST = 132; // px, then the text field scrolls
const TYPING_MS = 5000; // between two signs that a person is typing

export class Composer {
  /** `view` tells who writes where: `place()` (hands.js), `kind`, `nameOf(id)`, `toast(words)`. */
  constructor(view) {
    this.view = view;
    this.staged = [];
    this.context = null;
    this.mode = "";
    this.usedKeyboard = 0;
    this.queue = Promise.resolve();
    this.input = h("textarea", { rows: "1", dir: "auto", dataset: { testid: "composer" } });
    this.sendButton = h("button.send", { type: "submit", dataset: { testid: "send" } }, icon("send", 22));
    this.attachButton = h("button.icon-button", { type: "button", "aria-haspopup": "menu", dataset: { testid: "attach" }, onclick: () => this.openAttach() }, icon("clip", 22));
    this.pick = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.picked() });
    this.contextBar = h("div.composer-context");
    this.stagedBar = h("div.staged");
    this.keyboard = h("div.reply-keyboard-host");
    this.chips = h("div.chips-host");
    this.typedAt = 0;
    this.row = h("div.composer-row", {}, this.attachButton, this.input, this.sendButton, this.pick);
    this.element = h("form.composer", { onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.chips, this.contextBar, this.stagedBar, this.row, this.keyboard);
    this.gate = h("div.gate", { hidden: true });
    this.host = h("div.composer-host", {}, this.element, this.gate);
    this.input.addEventListener("keydown", (event) => this.typed(event));
    this.input.addEventListener("input", () => { this.grow(); this.tellTyping(); });
    this.input.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) {
        event.preventDefault();
        this.stage(files);
      }
    });
  }

  /** `mode`: "write", "start", "blocked", "none" (with a hint). */
  update(mode, hint, replyKeyboard, quickReplies) {
    this.placeholder = replyKeyboard?.keyboard.input_field_placeholder || (this.view.kind === "facebook" ? "Aa" : t("message"));
    attr(this.input, "placeholder", this.staged.length ? t("caption") : this.placeholder);
    attr(this.input, "aria-label", t("message"));
    attr(this.sendButton, "aria-label", t("send"));
    attr(this.attachButton, "aria-label", t("attach"));
    attr(this.attachButton, "title", t("attach"));
    this.element.hidden = mode !== "write";
    this.gate.hidden = mode === "write";
    part(this.gate, "gate", `${mode} ${hint} ${lang()}`, () => this.gateContent(mode, hint));
    const shown = mode === "write" && replyKeyboard && replyKeyboard.message_id !== this.usedKeyboard;
    part(this.keyboard, "keys", JSON.stringify([shown ? replyKeyboard : null, lang()]), () => (shown ? this.replyKeyboard(replyKeyboard) : null));
    part(this.chips, "chips", JSON.stringify(quickReplies), () => (quickReplies ? this.quickReplies(quickReplies) : null));
  }

  gateContent(mode, hint) {
    if (mode === "start") {
      return h("div.gate-inner", {}, h("button.primary.start", { type: "button", dataset: { testid: "start" }, onclick: () => this.view.start() }, t("start")));
    }
    if (mode === "blocked") {
      return h("div.gate-inner", {}, h("p", {}, word("blockedHint", this.view.kind)),
        h("button.primary", { type: "button", dataset: { testid: "unblock" }, onclick: () => this.view.setBlocked(false) }, word("unblock", this.view.kind)));
    }
    return h("div.gate-inner", {}, h("p", {}, hint));
  }

  quickReplies({ message_id, replies }) {
    return h("div.chips", { role: "group", "aria-label": t("quickReplies") }, replies.map(({ title, payload }, column) =>
      h("button.quick-reply", { type: "button", dataset: { testid: "reply-key" }, onclick: (event) => this.view.press({ message_id, row: 0, column, data: payload }, event.currentTarget) }, title)));
  }

  replyKeyboard({ message_id: id, keyboard }) {
    const rows = (keyboard.keyboard ?? []).map((row, rowIndex) => h("div.key-row", {}, (Array.isArray(row) ? row : []).map((raw, column) => {
      const key = typeof raw === "string" ? { text: raw } : raw ?? {};
      const press = (event) => {
        if (keyboard.one_time_keyboard) this.usedKeyboard = id;
        if (this.view.kind === "vk") this.pressStandard(id, key, rowIndex, column, event.currentTarget);
        else if (key.request_contact) this.post({ contact: this.view.ownContact() });
        else if (key.request_location) this.post({ location: samples.location_() });
        else this.say(key.text);
      };
      return h("button.reply-key", { type: "button", dataset: { testid: "reply-key", style: key.style ?? "" }, title: key.request_contact ? `${key.text}: ${t("shareContact")}` : null, onclick: press },
        key.request_contact && icon("person", 16), (key.request_location || key.type === "location") && icon("place", 16),
        h("span", {}, key.type === "location" ? t("sendPlace") : key.text ?? ""));
    })));
    return h("div.reply-keyboard", {}, rows);
  }

  // A key of VK's keyboard below the conversation writes, asks the community, or opens a page.
  pressStandard(message_id, key, row, column, element) {
    this.view.stickToBottom();
    if (key.url) this.view.toast(key.url, key.url);
    else this.view.press({ message_id, row, column }, element);
  }

  // Writing.

  typed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && (this.context || this.staged.length)) {
      event.stopPropagation();
      this.clear();
    }
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + BORDERS, TALLEST)}px`;
    this.input.style.overflowY = this.input.scrollHeight + BORDERS > TALLEST ? "auto" : "hidden";
    this.element.classList.toggle("ready", Boolean(this.input.value.trim() || this.staged.length));
  }

  submit() {
    const words = this.input.value.trim();
    const { staged, context } = this;
    if (!words && !staged.length) return;
    const place = this.view.place();
    this.clear();
    this.enqueue(async () => {
      if (context?.edit) await hand(place.messenger).edit(place, context.edit, words);
      else if (context?.admin) await answerAsAdmin({ ...place, admin: this.view.adminId() }, staged, words);
      else if (staged.length) await this.sendOther(place, staged, words, context?.reply);
      else await hand(place.messenger).write(place, { text: words, ...replyTo(context?.reply) });
    }, () => {
      if (!this.input.value) this.input.value = words;
      if (!this.staged.length) this.staged = staged;
      this.context ??= context;
      this.paint();
    });
  }

  // Only VK tells communities that somebody is typing.
  tellTyping() {
    const { typing } = hand(this.view.kind);
    if (!typing || this.context || performance.now() - this.typedAt < TYPING_MS) return;
    this.typedAt = performance.now();
    typing(this.view.place()).catch(() => {});
  }

  /** Sends words as they are, past the input. */
  say(words) {
    this.post({ text: words });
  }

  /** Sends one message of any kind. */
  post(kind) {
    const place = this.view.place();
    const reply = this.takeReply();
    this.enqueue(() => hand(place.messenger).write(place, { ...kind, ...replyTo(reply) }));
  }

  // What is sent next answers what was chosen, once.
  takeReply() {
    const reply = this.context?.reply;
    if (reply) this.clear(true);
    return reply;
  }

  enqueue(deed, undo) {
    this.view.stickToBottom();
    this.queue = this.queue.then(deed).catch((error) => {
      this.view.toast(`${t("failed")}: ${error.message}`);
      undo?.();
    });
  }

  clear(keepWords = false) {
    this.staged = [];
    this.context = null;
    if (!keepWords) this.input.value = "";
    this.paint();
  }

  paint() {
    this.paintContext();
    this.paintStaged();
    this.grow();
    attr(this.input, "placeholder", this.staged.length ? t("caption") : this.placeholder);
  }

  /** What is sent next, an administrator answers in the messenger's own window. */
  asAdmin(title) {
    this.context = { admin: true, title, words: "", icon: "headset" };
    this.paint();
    this.input.focus();
  }

  /** Starts a reply to a message. */
  reply(message) {
    this.context = { reply: message.message_id, title: `${t("replyTo")}: ${message.from_name || this.view.nameOf(message.from)}`, words: summary(message), icon: "reply" };
    this.paint();
    this.input.focus();
  }

  /** Starts the editing of one's own message. */
  edit(message) {
    this.context = { edit: message, title: t("editing"), words: summary(message), icon: "edit" };
    this.staged = [];
    this.input.value = message.text ?? "";
    this.paint();
    this.input.focus();
  }

  paintContext() {
    const { context } = this;
    this.contextBar.replaceChildren(...(context ? [icon(context.icon, 20),
      h("div.context-words", {}, h("strong", {}, context.title), h("span", {}, context.words)),
      h("button.icon-button", { type: "button", "aria-label": t("cancel"), onclick: () => this.clear(!context.edit) }, icon("close", 18))] : []));
  }

  // Attachments.

  openAttach() {
    const send = (make) => () => this.ready(make);
    const { ownKinds } = MESSENGERS[this.view.kind];
    openMenu(this.attachButton, [
      { heading: t("fromDisk") },
      { icon: "image", label: t("pickMedia"), run: () => this.browse("image/*,video/*") },
      { icon: "file", label: t("pickFile"), run: () => this.browse("") },
      { heading: t("readyMade") },
      { icon: "wallet", label: `${t("samplePayment")}…`, testid: "sample-payment", run: () => this.openPayment() },
      lastScreenshot() && { icon: "repeat", label: t("samplePaymentAgain"), testid: "sample-payment-again", run: () => this.paid(lastScreenshot()) },
      { icon: "image", label: t("sampleVase"), testid: "sample-photo", run: send(async () => ({ photo: await api.upload(await samples.brokenVase()) })) },
      { icon: "list", label: t("sampleReceipt"), testid: "sample-receipt", run: send(async () => ({ photo: await api.upload(await samples.receipt()) })) },
      { icon: "images", label: t("sampleAlbum"), testid: "sample-album", run: () => this.readyAlbum() },
      { icon: "mic", label: t("sampleVoice"), testid: "sample-voice", run: send(async () => ({ voice: await api.upload(await samples.voice()) })) },
      ownKinds && { icon: "round", label: t("sampleNote"), testid: "sample-video-note", run: send(() => this.film("video_note", samples.videoNote)) },
      { icon: "video", label: t("sampleVideo"), testid: "sample-video", run: send(() => this.film("video", samples.video)) },
      { icon: "file", label: t("sampleDocument"), testid: "sample-document", run: send(async () => ({ document: await api.upload(samples.document_()) })) },
      { icon: "sticker", label: t("sampleSticker"), testid: "sample-sticker", run: send(async () => ({ sticker: await api.upload(await samples.sticker()), emoji: "❤️" })) },
      { icon: "place", label: t("sampleLocation"), testid: "sample-location", run: () => this.post({ location: samples.location_() }) },
      ownKinds && { icon: "person", label: t("sampleContact"), testid: "sample-contact", run: () => this.post({ contact: this.view.ownContact() }) },
    ]);
  }

  openPayment() {
    const { sheets } = this.view.world;
    openPayment({ sheets, now: this.view.world.now(), send: (made) => this.paid(made) });
  }

  // Photos on which no payment stands.
  async sendOther(place, staged, words, reply) {
    await tellNoPayment().catch((error) => console.warn(error));
    await sendFiles(place, staged, words, reply);
  }

  // Nobody is kept from sending the picture because the reader could not be told.
  paid(made) {
    const place = this.view.place();
    const reply = this.takeReply();
    this.enqueue(async () => {
      await tellReader(made).catch((error) => console.warn(error));
      await hand(place.messenger).write(place, { photo: await api.upload(made.file), ...replyTo(reply) });
    });
  }

  ready(make) {
    const place = this.view.place();
    const reply = this.takeReply();
    this.enqueue(async () => {
      await tellNoPayment().catch((error) => console.warn(error));
      await hand(place.messenger).write(place, { ...(await make()), ...replyTo(reply) });
    });
  }

  readyAlbum() {
    const place = this.view.place();
    const reply = this.takeReply();
    this.enqueue(async () => this.sendOther(place, (await samples.album()).map((file) => ({ file, kind: "photo" })), "", reply));
  }

  async film(kind, make) {
    this.view.toast(t("recording"));
    const file = await make();
    if (!file) throw new Error(t("cannotRecord"));
    return { [kind]: await api.upload(file) };
  }

  browse(accept) {
    this.pick.accept = accept;
    this.asFiles = !accept;
    this.pick.click();
  }

  picked() {
    this.stage([...this.pick.files], this.asFiles);
    this.pick.value = "";
  }

  /** Puts files above the input, to be sent together. */
  stage(files, asDocuments = false) {
    for (const file of files) this.staged.push({ file, kind: asDocuments ? "document" : kindOf(file), url: file.type.startsWith("image/") ? URL.createObjectURL(file) : null });
    if (this.context?.edit) this.context = null;
    this.paint();
    this.input.focus();
  }

  paintStaged() {
    const items = this.staged.map((item) => h("div.staged-item", {},
      item.url ? h("img", { src: item.url, alt: "" }) : h("span.staged-icon", {}, icon(item.kind === "video" ? "video" : "file")),
      h("span.staged-name", {}, item.file.name, h("small", {}, fileSize(item.file.size))),
      h("button.icon-button", { type: "button", "aria-label": `${t("remove")}: ${item.file.name}`, onclick: () => { this.staged = this.staged.filter((other) => other !== item); this.paint(); } }, icon("close", 14))));
    const pictures = this.staged.some(({ file }) => /^(image|video)\//.test(file.type));
    const asFile = pictures && h("label.as-file", {}, h("input", {
      type: "checkbox", checked: this.staged.every(({ kind }) => kind === "document"),
      onchange: (event) => { for (const item of this.staged) item.kind = event.target.checked ? "document" : kindOf(item.file); },
    }), t("asFile"));
    this.stagedBar.replaceChildren(...items, ...(asFile ? [asFile] : []));
  }
}

const replyTo = (id) => (id ? { reply_to: id } : {});

function kindOf(file) {
  if (file.type === "image/gif") return "animation";
  if (file.type.startsWith("image/") && file.type !== "image/svg+xml") return "photo";
  if (file.type.startsWith("video/")) return "video";
  if (file.type.startsWith("audio/")) return "audio";
  return "document";
}

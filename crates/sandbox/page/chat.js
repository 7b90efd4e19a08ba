// One chat on the screen: pinned bar, messages, what is being typed, the composer. Phones and the operators'
// windows put a frame around it.
//
// What must stay true: the list follows new messages only when its end is in sight (or one wrote oneself).

import { Composer } from "./composer.js";
import { h, keyed, part, text, attr } from "./dom.js";
import { hand, press } from "./hands.js";
import { dayName, lang, t } from "./i18n.js";
import { icon } from "./icons.js";
import { createUnit, isOwn, summary, units, updateUnit } from "./message.js";
import { MESSENGERS, word } from "./messengers.js";
import { alert_, openMenu, toast } from "./popups.js";
import { messengerOf } from "./world.js";

const HAND_MS = 1000; // so long after a wheel or a finger a list may still roll
const END = 48; // px from the end that still count as "at the end"

export class ChatView {
  /** `actor()` gives the id of the person who acts in this chat now. */
  constructor({ actor }) {
    this.actor = actor;
    this.chat = null;
    this.world = null;
    this.atEnd = true;
    this.touched = -HAND_MS; // when a hand was last on the list
    this.seen = null;
    this.pinnedAt = 0;
    this.pending = new Set();
    this.composer = new Composer(this);
    this.pinned = h("div.pinned-host");
    this.list = h("div.list", { role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.empty = h("div.chat-empty");
    this.scroller = h("div.scroller", { tabindex: "0" }, this.empty, this.list);
    this.jump = h("button.jump", { type: "button", hidden: true, onclick: () => this.stickToBottom(true) }, icon("down", 20), h("span.badge"));
    this.notices = h("div.overlay");
    this.body = h("div.chat-body", {}, this.pinned, this.scroller, this.jump, this.notices);
    this.overlay = h("div.overlay");
    this.element = h("div.chat", {}, this.body, this.composer.host, this.overlay);
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    for (const deed of ["wheel", "touchmove", "keydown", "pointerdown", "pointermove"]) this.scroller.addEventListener(deed, (event) => this.touch(event), { passive: true });
    this.list.addEventListener("contextmenu", (event) => this.contextMenu(event));
    this.list.addEventListener("dblclick", (event) => this.doubleClick(event));
    new ResizeObserver(() => this.settle()).observe(this.list);
    new ResizeObserver(() => this.settle()).observe(this.scroller);
    this.acceptDrops();
  }

  /** Shows the chat's present state. `mode`/`hint` are the composer's. */
  update(chat, world, mode, hint) {
    this.chat = chat;
    this.world = world;
    const messages = chat.messages ?? [];
    this.kind = messengerOf(chat);
    const list = units(messages, this.actor(), { named: chat.type !== "private", faces: chat.type !== "private" || this.kind === "facebook" });
    this.byId = new Map(messages.map((message) => [String(message.message_id), message]));
    keyed(this.list, list, (unit) => unit.key, createUnit, (element, unit) => updateUnit(element, unit, this));
    this.paintPinned(messages.filter((message) => message.pinned && !message.deleted));
    part(this.empty, "empty", `${list.length ? "" : mode} ${lang()}`, () => (list.length ? null : emptiness(mode, chat, world.botOf(chat))));
    attr(this.scroller, "aria-label", t("message"));
    this.composer.update(mode, hint, lastKeyboard(messages), quickReplies(messages));
    this.settle();
    this.countNew();
  }

  // Where the list stands.

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // What grows or shrinks scrolls, too: only a hand leaves the end.
    if (scrollHeight - scrollTop - clientHeight < END) this.atEnd = true;
    else if (performance.now() - this.touched < HAND_MS) this.atEnd = false;
    this.countNew();
  }

  // A pointer that only passes by holds nothing.
  touch({ type, buttons }) {
    if (type !== "pointermove" || buttons) this.touched = performance.now();
  }

  settle() {
    if (this.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Goes to the end, and stays there while new messages come. */
  stickToBottom(smooth = false) {
    this.atEnd = true;
    if (smooth) this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: calmly() });
    else this.settle();
    this.countNew();
  }

  countNew() {
    const messages = this.chat?.messages ?? [];
    const visible = this.element.isConnected && this.scroller.clientHeight > 0;
    if (this.atEnd && visible) this.seen = messages.at(-1) ?? null;
    const fresh = this.unread();
    this.jump.hidden = this.atEnd;
    attr(this.jump, "aria-label", fresh ? `${t("toBottom")} (${fresh})` : t("toBottom"));
    text(this.jump.lastChild, fresh ? String(fresh) : "");
  }

  /** How many messages of others have come since the end was last in sight. */
  unread() {
    const messages = this.chat?.messages ?? [];
    const at = messages.findIndex((message) => message.message_id === this.seen?.message_id);
    // What was seen last may have been deleted meanwhile.
    const fresh = at < 0 ? messages.filter((message) => message.date > (this.seen?.date ?? 0)) : messages.slice(at + 1);
    return fresh.filter((message) => message.from !== this.actor()).length;
  }

  /** Scrolls to a message and lights it up. */
  show(id) {
    const element = this.list.querySelector(`[data-message="${CSS.escape(String(id))}"]`);
    if (!element) return;
    this.atEnd = false;
    element.scrollIntoView({ block: "center", behavior: calmly() });
    element.classList.remove("lit");
    requestAnimationFrame(() => element.classList.add("lit"));
  }

  paintPinned(list) {
    const at = list.length ? (list.length - 1 - (this.pinnedAt % list.length)) : -1;
    const message = list[at];
    part(this.pinned, "pinned", JSON.stringify([message?.message_id, message && summary(message), list.length, lang()]), () => message &&
      h("button.pinned", { type: "button", dataset: { testid: "pinned" }, onclick: () => { this.show(message.message_id); this.pinnedAt += 1; this.paintPinned(list); } },
        h("span.pinned-words", {}, h("strong", {}, list.length > 1 ? `${t("pinned")} ${at + 1}/${list.length}` : t("pinned")), h("span", {}, summary(message))),
        icon("pin", 18)));
  }

  // What the bubbles and the composer ask of the chat.

  find = (id) => this.byId?.get(String(id));
  nameOf = (id) => this.world.nameOf(this.kind, id);
  dayName = (seconds) => dayName(seconds, this.world.now());
  place = () => ({ messenger: this.kind, from: this.actor(), chat: this.chat.type === "private" ? this.chat.bot : this.chat.id });
  toast = (words, link) => toast(this.notices, words, link);
  onCommand = (command) => this.composer.say(command);

  adminId = () => this.world.botOf(this.chat)?.admins?.[0];

  ownContact() {
    const person = this.world.person(this.kind, this.actor()) ?? {};
    const digits = String(1000000 + (Math.abs(this.actor()) * 7919) % 9000000).slice(0, 7);
    return { phone_number: person.phone || `+7916${digits}`, first_name: person.first_name || "—", last_name: person.last_name || undefined, user_id: this.actor() };
  }

  async copy(words) {
    await navigator.clipboard?.writeText(String(words)).catch(() => {});
    this.toast(t("copied"));
  }

  async press(key, element) {
    const id = JSON.stringify(key);
    if (this.pending.has(id)) return;
    this.pending.add(id);
    element.setAttribute("aria-busy", "true");
    try {
      const answer = await press(this.place(), key);
      if (!answer) this.toast(t("noAnswer"));
      else if (answer.show_alert && answer.text) alert_(this.overlay, this.world.botName(this.chat), answer.text);
      else if (answer.text || answer.url) this.toast(answer.text || answer.url, answer.url);
    } catch (error) {
      this.toast(`${t("failed")}: ${error.message}`);
    } finally {
      this.pending.delete(id);
      element.removeAttribute("aria-busy");
    }
  }

  contextMenu(event) {
    const bubble = event.target.closest("[data-message]");
    if (!bubble || event.target.closest("a, .key") || getSelection()?.toString()) return;
    event.preventDefault();
    this.openActions(event, bubble.dataset.message);
  }

  // As on a computer's Telegram: a reply.
  doubleClick(event) {
    const message = this.find(event.target.closest("[data-message]")?.dataset.message);
    if (!message || message.kind === "service" || this.composer.element.hidden || event.target.closest("a, button")) return;
    getSelection()?.removeAllRanges();
    this.composer.reply(message);
  }

  openActions(event, id) {
    const nested = event.type === "contextmenu" && event.target.closest?.(".album-item[data-message]");
    const message = this.find(nested ? nested.dataset.message : id);
    if (!message || message.kind === "service") return;
    const own = isOwn(message, this.actor());
    const facebook = this.kind === "facebook"; // changes texts only, and takes back only one's own
    const editable = own && (message.kind === "text" || (message.file && !facebook));
    const place = event.type === "contextmenu" ? { x: event.clientX, y: event.clientY } : event.currentTarget;
    openMenu(place, [
      { emojis: MESSENGERS[this.kind].reactions, run: (emoji) => this.toggleReaction(message, emoji) },
      { icon: "reply", label: t("reply"), testid: "reply", run: () => this.composer.reply(message) },
      editable && { icon: "edit", label: t("edit"), testid: "edit", run: () => this.composer.edit(message) },
      message.text && { icon: "copy", label: t("copy"), run: () => this.copy(message.text) },
      (own || !facebook) && { icon: "trash", label: t("remove_"), danger: true, testid: "delete", run: () => this.attempt(this.hand().remove(this.place(), message.message_id)) },
    ]);
  }

  toggleReaction(message, emoji) {
    const mine = (message.reactions ?? []).some((reaction) => reaction.from === this.actor() && reaction.emoji === emoji);
    this.attempt(this.hand().react(this.place(), message.message_id, mine ? "" : emoji));
  }

  setBlocked(blocked) {
    this.attempt(this.hand().block(this.place(), blocked));
  }

  /** «Начать», as this messenger does it. */
  start() {
    this.attempt(this.hand().start(this.place()));
  }

  /** Gives a thread of Messenger to the bot ("app") or to people ("inbox"). */
  own(owner) {
    this.attempt(this.hand().owner(this.place(), owner));
  }

  /** Presses a key of the page's menu. */
  pressStanding(key) {
    if (key.url) this.toast(key.url, key.url);
    else this.attempt(press(this.place(), key));
  }

  hand = () => hand(this.kind);

  attempt(promise) {
    promise.catch((error) => this.toast(`${t("failed")}: ${error.message}`));
  }

  acceptDrops() {
    const { element } = this;
    const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && !this.composer.element.hidden;
    let depth = 0;
    const leave = () => { depth = 0; element.classList.remove("dropping"); };
    element.addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; element.dataset.drop = t("dropHere"); element.classList.add("dropping"); } });
    element.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) leave(); });
    element.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
    element.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      leave();
      this.composer.stage([...event.dataTransfer.files]);
    });
  }
}

function emptiness(mode, chat, bot) {
  const kind = messengerOf(chat);
  if (chat.type !== "private") return h("div.empty-card", {}, h("strong", {}, t("emptyGroup")));
  // Where Messenger has no «Начать» one begins by writing.
  if (mode !== "start" && kind !== "facebook") return h("div.empty-card", {}, h("strong", {}, t("emptyChat")));
  const greeting = bot?.greeting?.[0]?.text ?? (mode === "start" && word("startHint", kind));
  return h("div.empty-card", {}, h("strong", {}, word("startTitle", kind)), greeting && h("span", {}, greeting));
}

// Messenger's chips: the bot's newest message has them until the person writes.
function quickReplies(messages) {
  const message = messages.findLast((one) => one.quick_replies?.length);
  return message ? { message_id: message.message_id, replies: message.quick_replies } : null;
}

// The reply keyboard in force: the latest one, unless it was taken away since.
function lastKeyboard(messages) {
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const markup = messages[at].reply_keyboard;
    if (!markup) continue;
    if (Array.isArray(markup.keyboard) && markup.keyboard.length) return { message_id: messages[at].message_id, keyboard: markup };
    return null;
  }
  return null;
}

const calmly = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

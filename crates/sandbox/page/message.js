// One bubble: a message, or the messages of one album. A bubble is built once and then updated part by part,
// so that a changed reaction or keyboard does not stop a video or hide a spoiler again.

import { h, hash, part, text, attr } from "./dom.js";
import { addresses, formatted } from "./entities.js";
import { clock, dayOf, lang, t } from "./i18n.js";
import { icon } from "./icons.js";
import { album, media } from "./media.js";
import { word } from "./messengers.js";

const BARE = new Set(["sticker", "video_note", "dice"]);
const OVERLAID = new Set(["photo", "video", "animation"]);
const PRESSABLE = new Set(["text", "callback", "location"]); // keys of VK, which may carry no payload

/** Whether this person wrote it: a bot may have the same id in another list. */
export const isOwn = (message, actor) => message.from === actor && !message.from_bot && !message.from_admin;

/**
 * The messages of a chat as the list shows them: days, pills, bubbles; an album is one bubble. `named`: who wrote
 * is said above, `faces`: and shown beside.
 */
export function units(messages, actor, { named, faces }) {
  const list = [];
  let before = null;
  let day = "";
  for (const message of messages) {
    if (message.deleted) continue;
    const date = dayOf(message.date);
    if (date !== day && message.date > 0) {
      list.push({ key: `day ${date}`, day: message.date });
      day = date;
      before = null;
    }
    if (message.kind === "service") {
      list.push({ key: `m${message.message_id}`, service: message });
      before = null;
      continue;
    }
    if (before && message.album && before.messages[0].album === message.album && before.from === message.from) {
      before.messages.push(message);
      continue;
    }
    const own = isOwn(message, actor);
    const joined = before && before.own === own && before.from === message.from && message.date - before.messages[0].date < 600;
    const unit = { key: `m${message.message_id}`, messages: [message], from: message.from, own, named, faces, first: !joined, last: true };
    if (joined) before.last = false;
    list.push(unit);
    before = unit;
  }
  return list;
}

/** An empty element for a unit; `updateUnit` fills it. */
export function createUnit(unit) {
  if (unit.day) return h("div.day", {}, h("span"));
  if (unit.service) return h("div.pill", { dataset: { testid: "service", message: unit.service.message_id } }, h("span"));
  const bubble = h("div.bubble");
  const element = h("article.unit", { dataset: { testid: "bubble", message: unit.messages[0].message_id } },
    unit.faces && h("span.face"), h("div.stack", {}, bubble));
  element.bubble = bubble;
  return element;
}

/** Brings a unit's element in step. `view` is the chat's view: it knows names, keys in flight and commands. */
export function updateUnit(element, unit, view) {
  if (unit.day) return text(element.firstChild, view.dayName(unit.day));
  if (unit.service) return text(element.firstChild, unit.service.service || unit.service.text || t("service"));
  const { messages, own, first, last, named, faces } = unit;
  const lead = messages[0];
  const worded = messages.find((message) => message.text) ?? lead;
  const signature = JSON.stringify([messages, own, first, last, lang()]);
  if (element.signature === signature) return;
  const edited = messages.some((message) => message.edit_date);
  if (element.signature && edited && lead.from_bot) steady(element.bubble);
  element.signature = signature;
  paintUnit(element, unit, lead, worded, edited);
  const { bubble } = element;
  const author = lead.from_name || view.nameOf(lead.from);
  if (faces) paintFace(element.firstChild, lead, author, last && !own);
  part(bubble, "name", `${named && first && !own}${author}`, () =>
    named && first && !own ? h("div.author", { style: { "--hue": hue(lead.from) } }, author) : null);
  part(bubble, "admin", `${byAdmin(lead)} ${lang()}`, () =>
    byAdmin(lead) ? h("div.forwarded", {}, icon("headset", 14), word("byAdmin", view.kind)) : null);
  const forwards = lead.forwards ?? [];
  part(bubble, "forward", forwards.length ? "" : lead.forward_from ?? "", () =>
    lead.forward_from && !forwards.length ? h("div.forwarded", {}, icon("forward", 14), ` ${t("forwarded")} `, h("strong", {}, nameOfOrigin(lead.forward_from))) : null);
  part(bubble, "quote", JSON.stringify(lead.reply_to ?? null), () => (lead.reply_to ? quote(lead.reply_to, view) : null));
  const items = messages.length > 1 ? messages : parts(lead);
  const files = items.map((item) => [item.kind, item.file?.file_id, item.location, item.venue, item.contact, item.poll, item.dice, item.emoji, item.title, item.url]);
  part(bubble, "media", JSON.stringify([files, lang()]), () => (items.length > 1 ? album(items) : media(items[0])));
  part(bubble, "forwards", JSON.stringify([forwards, lang()]), () => (forwards.length ? h("div", {}, forwards.map(forwarded)) : null));
  part(bubble, "text", JSON.stringify([worded.text, worded.entities]), () =>
    worded.text ? h("div.text", { dir: "auto" }, formatted(worded.text, view.kind === "telegram" ? worded.entities : addresses(worded.text), view.onCommand), h("span.meta-space")) : null);
  part(bubble, "meta", JSON.stringify([lead.date, edited, own, lang()]), () =>
    h("div.meta", {}, edited && `${t("edited")} `, h("time", {}, clock(lead.date)), own && icon("checks", 15)));
  const reactions = messages.flatMap((message) => message.reactions ?? []);
  part(bubble, "reactions", JSON.stringify([reactions, lead.message_id]), () => (reactions.length ? reactionRow(reactions, lead, view) : null));
  part(element.bubble.parentNode, "keys", JSON.stringify(lead.keyboard ?? null), () => keyboard(lead, view));
  part(bubble, "answer", lang(), () =>
    h("button.answer", { type: "button", "aria-label": t("reply"), title: t("reply"), dataset: { testid: "answer" }, onclick: () => view.composer.reply(lead) }, icon("reply", 16)));
  part(bubble, "more", lang(), () =>
    h("button.more", { type: "button", "aria-label": t("actions"), "aria-haspopup": "menu", onclick: (event) => view.openActions(event, lead.message_id) }, icon("down", 16)));
}

// A bot may change a message every second, to show how far it is: its bubble never gets narrower.
function steady(bubble) {
  const { width } = getComputedStyle(bubble);
  if (width.endsWith("px")) bubble.style.minWidth = `min(100%, ${width})`;
}

const byAdmin = (message) => Boolean(message.from_admin || message.admin);

// What one message carries: VK and Messenger put several files, or files and a place, into one.
function parts(message) {
  const { attachments = [], location, kind } = message;
  const place = location && kind !== "location" ? [{ kind: "location", location }] : [];
  if (attachments.length + place.length > 1 || attachments[0]?.url) return [...attachments, ...place];
  return [message];
}

// A message of VK that was forwarded, with those that it carries.
function forwarded({ from_name: name, text: words, attachments = [], forwards = [] }) {
  return h("div.nested", {}, h("strong", {}, name), words && h("div.text", { dir: "auto" }, formatted(words, addresses(words))),
    attachments.map(media), forwards.map(forwarded));
}

function paintUnit(element, { own, first, last }, lead, worded, edited) {
  const shape = BARE.has(lead.kind) ? "bare" : OVERLAID.has(lead.kind) ? (worded.text ? "captioned" : "overlaid") : "plain";
  element.className = ["unit", own ? "own" : "their", first && "first", last && "last", edited && "edited", shape].filter(Boolean).join(" ");
  attr(element, "data-kind", lead.kind);
  attr(element, "data-from", lead.from);
  attr(element, "data-own", own ? "true" : null);
}

function paintFace(face, lead, author, shown) {
  face.style.setProperty("--hue", hue(lead.from));
  text(face, shown ? initials(author) : "");
  face.classList.toggle("shown", shown);
}

function quote({ message_id: id, quote: words, text: whole }, view) {
  const original = view.find(id);
  const name = original ? original.from_name || view.nameOf(original.from) : t("replyTo");
  return h("button.quote", { type: "button", onclick: () => view.show(id), style: { "--hue": hue(original?.from ?? id) } },
    h("strong", {}, name), h("span", {}, original && (!words || words === original.kind) ? summary(original) : words || whole || t("deletedOriginal")));
}

function reactionRow(reactions, lead, view) {
  const counts = new Map();
  for (const { emoji, from } of reactions) counts.set(emoji, [...(counts.get(emoji) ?? []), from]);
  return h("div.reactions", {}, [...counts].map(([emoji, people]) =>
    h("button.reaction", {
      type: "button", dataset: { testid: "reaction" }, title: people.map((id) => view.nameOf(id)).join(", "),
      onclick: () => view.toggleReaction(lead, emoji),
    }, emoji, people.length > 1 && h("span", {}, String(people.length)))));
}

// Keys under a message. What a key is (a callback, a link, text to copy) decides what a click does.
function keyboard(message, view) {
  const rows = Array.isArray(message.keyboard) ? message.keyboard : message.keyboard?.inline_keyboard;
  if (!Array.isArray(rows) || !rows.length) return null;
  return h("div.keys", {}, rows.map((row, rowIndex) =>
    h("div.key-row", {}, (Array.isArray(row) ? row : []).map((key, column) => inlineKey(message, key ?? {}, rowIndex, column, view)))));
}

function inlineKey(message, key, row, column, view) {
  const props = { dataset: { testid: "key", style: key.style ?? "" }, title: key.text };
  const url = key.url ?? (key.phone && `tel:${key.phone}`);
  if (url) {
    const safe = /^(https?|tg|mailto|tel):/i.test(url);
    return h("a.key", { ...props, href: safe ? url : null, target: "_blank", rel: "noopener noreferrer" }, h("span", {}, key.text ?? ""), icon("arrow", 12));
  }
  const element = h("button.key", { ...props, type: "button" }, h("span", {}, key.text ?? ""));
  if (key.copy_text) {
    element.append(icon("copy", 12));
    element.addEventListener("click", () => view.copy(key.copy_text.text ?? key.copy_text));
  } else if (!key.disabled && ((key.callback_data ?? null) !== null || PRESSABLE.has(key.type))) {
    const pressed = { message_id: message.message_id, row, column, data: key.callback_data };
    element.addEventListener("click", () => view.press(pressed, element));
  } else {
    element.disabled = Boolean(key.disabled);
    element.addEventListener("click", () => view.toast(t("cannotPress")));
  }
  return element;
}

/** A message in one line: for quotes, the pinned bar and the list of chats. */
export function summary(message) {
  if (message.kind === "service") return message.service || t("service");
  const words = String(message.text ?? "").replace(/\s+/g, " ").slice(0, 160);
  if (message.kind === "text") return words;
  const kind = message.kind === "document" && message.file?.name ? message.file.name : message.kind === "sticker" ? `${t("sticker")} ${message.emoji ?? ""}`.trim() : t(message.kind);
  return words ? `${kind}: ${words}` : kind;
}

function nameOfOrigin(origin) {
  return typeof origin === "string" ? origin : origin?.name ?? "";
}

export const hue = (id) => [18, 168, 262, 42, 205, 330, 128][hash(id) % 7];

export function initials(name) {
  const words = String(name ?? "").trim().split(/\s+/).filter(Boolean);
  return words.slice(0, 2).map((word) => [...word][0]).join("").toUpperCase() || "?";
}

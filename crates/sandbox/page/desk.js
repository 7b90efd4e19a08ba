// The operators' side: a messenger's window with the list of chats, the group, and the private chat of the
// operator who is speaking. An owner's chat offers the owner's commands. Where there is room both are open side by side, else the one chosen last.

import { ChatView } from "./chat.js";
import { attr, h, keyed, part, text } from "./dom.js";
import { clock, lang, membersCount, t } from "./i18n.js";
import { icon } from "./icons.js";
import { hue, initials, summary } from "./message.js";
import { word } from "./messengers.js";
import { typingOr } from "./phone.js";
import { chatKey, messengerOf, privateMode } from "./world.js";

const COMMANDS = ["command_broadcast", "command_email", "command_sync"];

export class Desk {
  constructor() {
    this.windows = new Map();
    this.speaker = null;
    this.chosen = { group: null, private: null, active: null };
    this.rail = h("nav.rail");
    this.entries = h("div.entries");
    this.panes = h("div.panes");
    this.rail.append(this.entries);
    this.element = h("div.desk", {}, this.rail, this.panes);
  }

  update(world) {
    this.world = world;
    const chats = [...world.groups, ...world.operatorChats];
    attr(this.rail, "aria-label", t("operators"));
    this.choose(world, chats);
    for (const key of [...this.windows.keys()]) if (!chats.some((chat) => chatKey(chat) === key)) this.windows.delete(key);
    keyed(this.panes, chats.length ? chats : [{ type: "none", id: "none" }], (chat) => chatKey(chat), (chat) => this.open(chat), (element, chat) => this.windows.get(chatKey(chat))?.update(chat, world));
    this.paint(chats);
  }

  // Keeps the choice valid: people and groups come and go.
  choose(world, chats) {
    const { chosen } = this;
    const has = (key) => chats.some((chat) => chatKey(chat) === key);
    const speakers = [...new Set(world.groups.flatMap((group) => world.speakers(group)))];
    if (!speakers.includes(this.speaker)) this.speaker = speakers[0] ?? null;
    if (!has(chosen.group)) chosen.group = world.groups[0] ? chatKey(world.groups[0]) : null;
    if (!has(chosen.private)) chosen.private = this.privateOf(this.speaker);
    if (!has(chosen.active)) chosen.active = chosen.group ?? chosen.private;
  }

  privateOf(person) {
    const chat = this.world.operatorChats.find((one) => one.person === person);
    return chat ? chatKey(chat) : null;
  }

  open(chat) {
    if (chat.type === "none") return emptyDesk();
    const window_ = chat.type === "private" ? new PrivateWindow(chat, this) : new GroupWindow(chat, this);
    this.windows.set(chatKey(chat), window_);
    return window_.element;
  }

  paint(chats) {
    const { chosen } = this;
    for (const [key, { element }] of this.windows) {
      const shown = key === chosen.group || key === chosen.private;
      element.hidden = !shown;
      element.classList.toggle("active", key === chosen.active);
    }
    keyed(this.entries, chats, chatKey, (chat) => this.entry(chat), (element, chat) => this.paintEntry(element, chat));
    for (const { view } of this.windows.values()) view.settle();
  }

  // A person's chat makes that person the speaker, also in the group.
  select(chat) {
    const key = chatKey(chat);
    this.chosen.active = key;
    if (chat.type === "private") {
      this.chosen.private = key;
      this.speaker = chat.person;
    } else this.chosen.group = key;
    this.update(this.world);
    this.windows.get(key)?.view.countNew();
  }

  speak(person) {
    this.speaker = person;
    this.chosen.private = this.privateOf(person) ?? this.chosen.private;
    this.update(this.world);
  }

  /** Says something to the bot as the owner; false where there is no owner's chat that was begun. */
  asOwner(words) {
    const chat = this.world?.operatorChats.find((one) => this.world.isOwner(messengerOf(one), one.person) && privateMode(one, this.world.botOf(one)) === "write");
    if (!chat) return false;
    this.select(chat);
    this.windows.get(chatKey(chat)).view.composer.say(words);
    return true;
  }

  entry(chat) {
    const element = h("button.entry", { type: "button", dataset: { testid: "chat-entry", chat: chat.id, type: chat.type }, onclick: () => this.select(element.chat) },
      h("span.avatar"), h("span.entry-words", {}, h("strong"), h("small")), h("span.entry-side", {}, h("time"), h("span.badge")));
    return element;
  }

  paintEntry(element, chat) {
    element.chat = chat;
    const [face, words, side] = element.children;
    const key = chatKey(chat);
    const name = chat.type === "private" ? this.world.shortName(messengerOf(chat), chat.person) : chat.title || t("operators");
    const last = (chat.messages ?? []).filter((message) => !message.deleted).at(-1);
    const isOwner = chat.type === "private" && this.world.isOwner(messengerOf(chat), chat.person);
    part(face, "crown", String(isOwner), () => (isOwner ? h("span.crown", {}, icon("crown", 13)) : null));
    part(face, "face", `${chat.type} ${name}`, () => (chat.type === "private" ? h("span", {}, initials(this.world.nameOf(messengerOf(chat), chat.person))) : icon("people", 22)));
    face.classList.toggle("group", chat.type !== "private");
    face.style.setProperty("--hue", hue(chat.type === "private" ? chat.person : 168));
    text(words.firstChild, name);
    text(words.lastChild, chat.typing ? `${t("typing")}…` : last ? summary(last) : chat.type === "private" ? t("chatWithBot") : membersCount(this.world.speakers(chat).length));
    text(side.firstChild, last ? clock(last.date) : "");
    const unread = this.windows.get(key)?.view.unread() ?? 0;
    text(side.lastChild, unread ? String(unread) : "");
    const open = key === this.chosen.active;
    attr(element, "aria-current", open ? "true" : null);
    element.classList.toggle("open", key === this.chosen.group || key === this.chosen.private);
    attr(element, "aria-label", unread ? `${name}, ${t("unread")}: ${unread}` : name);
    attr(element, "title", isOwner ? `${name}, ${t("owner")}` : name);
  }
}

class Window {
  constructor(chat, desk, actor) {
    this.desk = desk;
    this.view = new ChatView({ actor });
    this.title = h("strong");
    this.status = h("span.chat-status");
    this.face = h("span.avatar");
    this.head = h("header.chat-head", {}, this.face, h("div.chat-title", {}, this.title, this.status));
    this.element = h("section.window", { dataset: { testid: "operator-chat", chat: chat.id, type: chat.type } }, this.head, this.view.element);
    this.element.addEventListener("focusin", () => { desk.chosen.active = chatKey(this.chat); });
  }
}

class GroupWindow extends Window {
  constructor(chat, desk) {
    super(chat, desk, () => this.speaker());
    this.chat = chat;
    this.label = h("span.speakers-label");
    this.speakers = h("div.speakers", { role: "radiogroup" }, this.label);
    this.chips = h("div.speaker-chips");
    this.speakers.append(this.chips);
    this.view.composer.element.prepend(this.speakers);
    this.face.classList.add("group");
    this.face.append(icon("people", 22));
    this.face.style.setProperty("--hue", hue(168));
  }

  speaker() {
    const able = this.desk.world.speakers(this.chat);
    return able.includes(this.desk.speaker) ? this.desk.speaker : able[0];
  }

  update(chat, world) {
    this.chat = chat;
    const able = world.speakers(chat);
    text(this.title, chat.title || t("operators"));
    attr(this.element, "aria-label", chat.title || t("operators"));
    const usual = `${membersCount(able.length)} · ${(chat.bots ?? []).map((id) => world.nameOf(messengerOf(chat), id)).join(", ")}`.replace(/ · $/, "");
    part(this.status, "status", `${Boolean(chat.typing)} ${usual} ${lang()}`, () => typingOr(chat.typing, usual));
    text(this.label, t("speaker"));
    attr(this.speakers, "aria-label", t("speaker"));
    const now = this.speaker();
    keyed(this.chips, able, (id) => id, (id) => h("button.speaker", { type: "button", role: "radio", dataset: { testid: "speaker", person: id }, onclick: () => this.desk.speak(id) }, h("span.avatar.small"), h("span")),
      (chip, id) => {
        const name = world.shortName(messengerOf(chat), id);
        text(chip.firstChild, initials(world.nameOf(messengerOf(chat), id)));
        chip.firstChild.style.setProperty("--hue", hue(id));
        text(chip.lastChild, name);
        attr(chip, "aria-checked", String(id === now));
      });
    this.view.update(chat, world, able.length ? "write" : "none", t("noSpeaker"));
  }
}

class PrivateWindow extends Window {
  constructor(chat, desk) {
    super(chat, desk, () => this.chat.person);
    this.chat = chat;
    this.face.classList.add("bot");
    this.owner = h("span.window-owner");
    this.head.append(this.owner);
    this.commands = h("div.commands-host");
    this.view.composer.element.prepend(this.commands);
  }

  update(chat, world) {
    this.chat = chat;
    const mode = privateMode(chat, world.botOf(chat));
    const bot = mode === "none" ? "…" : world.botName(chat);
    const person = world.nameOf(messengerOf(chat), chat.person);
    text(this.title, bot);
    text(this.face, initials(bot));
    this.face.style.setProperty("--hue", hue(chat.bot));
    attr(this.element, "aria-label", `${person}: ${t("chatWithBot")} ${bot}`);
    const isOwner = world.isOwner(messengerOf(chat), chat.person);
    part(this.owner, "owner", `${person} ${isOwner} ${lang()}`, () => h("span", { dataset: { testid: isOwner ? "owner" : "operator" } }, h("span.avatar.small", { style: { "--hue": hue(chat.person) } }, initials(person)),
      h("span", {}, world.shortName(messengerOf(chat), chat.person)), isOwner && icon("crown", 15)));
    part(this.commands, "commands", `${isOwner && world.sheets.length > 0} ${lang()}`, () => (isOwner && world.sheets.length ? this.commandChips() : null));
    part(this.status, "status", `${Boolean(chat.typing)} ${isOwner} ${lang()}`, () => typingOr(chat.typing, isOwner ? t("ownersChat") : word("status", messengerOf(chat))));
    this.view.update(chat, world, mode, `${t("noBot")}. ${t("noBotHint")}`);
  }

  commandChips() {
    return h("div.commands", { role: "group", "aria-label": t("commands") }, COMMANDS.map((key) =>
      h("button.command-chip", { type: "button", dataset: { testid: "command" }, onclick: () => this.view.composer.say(t(key)) }, t(key))));
  }
}

function emptyDesk() {
  return h("div.nothing", {}, icon("people", 40), h("strong", {}, t("noOperators")), h("span", {}, t("noOperatorsHint")));
}

// A customer's phone: the frame, the messenger's head, the chat, the menu with what can be done besides writing.

import { ChatView } from "./chat.js";
import { attr, h, part, svg, text } from "./dom.js";
import { hand } from "./hands.js";
import { clock, lang, t } from "./i18n.js";
import { icon } from "./icons.js";
import { hue, initials } from "./message.js";
import { MESSENGERS, sign, word } from "./messengers.js";
import { openMenu } from "./popups.js";
import { messengerOf, privateMode } from "./world.js";

export class Phone {
  /** `alsoWrite(bot)` opens this person's phone with another bot. */
  constructor(chat, alsoWrite) {
    this.alsoWrite = alsoWrite;
    this.kind = messengerOf(chat);
    this.view = new ChatView({ actor: () => chat.person });
    this.owner = h("strong");
    this.note = h("span.phone-note");
    this.face = h("span.avatar");
    this.time = h("span");
    this.botName = h("strong");
    this.status = h("span.chat-status");
    this.botFace = h("span.avatar.bot");
    this.menu = h("button.icon-button", { type: "button", "aria-haspopup": "menu", dataset: { testid: "phone-menu" }, onclick: () => this.openMenu() }, icon("more", 22));
    const marks = h("span.head-marks", { "aria-hidden": "true" }, MESSENGERS[this.kind].headMarks.map((mark) => icon(mark, 20)));
    this.element = h(`section.phone-slot.ms-${this.kind}`, { dataset: { testid: "phone", messenger: this.kind, chat: chat.id, person: chat.person, bot: chat.bot ?? "" } },
      h("div.phone-caption", {}, this.face, h("span.phone-owner", {}, this.owner, h("span.phone-messenger", {}, MESSENGERS[this.kind].name, this.note)), sign(this.kind, 22)),
      h("div.phone", {}, h("div.phone-screen", {},
        h("div.phone-bar", { "aria-hidden": "true" }, this.time, h("span.island"), battery()),
        h("header.chat-head", {}, h("span.head-back", { "aria-hidden": "true" }, icon("back", 22)), this.botFace, h("div.chat-title", {}, this.botName, this.status), marks, this.menu),
        this.view.element,
        h("div.phone-home", { "aria-hidden": "true" }))));
  }

  update(chat, world) {
    this.chat = chat;
    this.world = world;
    this.bot = world.botOf(chat);
    const owner = world.nameOf(this.kind, chat.person);
    attr(this.element, "aria-label", `${owner}, ${MESSENGERS[this.kind].name}`);
    attr(this.element, "data-bot", chat.bot ?? "");
    text(this.owner, owner);
    text(this.note, stateOf(chat, world.now()));
    text(this.face, initials(owner));
    this.face.style.setProperty("--hue", hue(chat.person));
    text(this.time, clock(world.now()));
    const mode = privateMode(chat, this.bot);
    const name = mode === "none" ? "…" : world.botName(chat);
    text(this.botName, name);
    text(this.botFace, initials(name));
    this.botFace.style.setProperty("--hue", hue(chat.bot));
    part(this.status, "status", `${Boolean(chat.typing)} ${lang()}`, () => typingOr(chat.typing, word("status", this.kind)));
    attr(this.menu, "aria-label", t("menu"));
    attr(this.menu, "disabled", mode === "none" ? "" : null);
    this.view.update(chat, world, mode, `${t("noBot")}. ${t("noBotHint")}`);
  }

  openMenu() {
    const { chat, kind } = this;
    const begun = chat.started || chat.messages.length > 0;
    const standing = standingKeys(this.bot);
    const others = this.world.otherBots(chat);
    openMenu(this.menu, [
      kind === "telegram" && { icon: "bolt", label: "/start", testid: "menu-start", run: () => this.view.start() },
      kind === "vk" && { icon: "bolt", label: t("start"), testid: "menu-start", run: () => this.view.start() },
      standing.length > 0 && { heading: t("pageMenu") },
      ...standing.map((key) => ({ icon: key.url ? "arrow" : "bolt", label: key.title, testid: "standing-key", run: () => this.view.pressStanding(key) })),
      hand(kind).admin && begun && { icon: "headset", label: word("admin", kind), testid: "admin", run: () => this.view.composer.asAdmin(word("admin", kind)) },
      hand(kind).owner && begun && this.ownerItem(),
      others.length > 0 && { heading: t("alsoWrite") },
      ...others.map((bot) => ({ sign: kind, label: this.world.nameOf(kind, bot.id), testid: "also-write", run: () => this.alsoWrite(bot.id) })),
      chat.blocked
        ? { icon: "unlock", label: word("unblock", kind), testid: "unblock", run: () => this.view.setBlocked(false) }
        : (kind !== "facebook" || begun) && { icon: "block", label: word("block", kind), danger: true, testid: "block", run: () => this.view.setBlocked(true) },
    ]);
  }

  ownerItem() {
    const inbox = this.chat.owner === "inbox";
    return { icon: "people", label: t(inbox ? "toApp" : "toInbox"), testid: "thread-owner", run: () => this.view.own(inbox ? "app" : "inbox") };
  }
}

// What only Messenger has: how long the page may answer, and whether people took the thread from the bot.
function stateOf({ window_until: until, owner }, now) {
  const notes = [];
  if (owner === "inbox") notes.push(t("inInbox"));
  if (until) notes.push(until > now ? `${t("windowLeft")} ${Math.ceil((until - now) / 3600)} ${t("hours")}` : t("windowOver"));
  return notes.map((note) => ` · ${note}`).join("");
}

// Keys that a page always shows: its menu and its ice breakers, counted in one row as the control API does.
function standingKeys(bot) {
  const menus = (bot?.persistent_menu ?? []).flatMap((menu) => menu.call_to_actions ?? []);
  return [...menus, ...(bot?.ice_breakers ?? [])].map((item, row) => ({ row, column: 0, title: item.title ?? item.question ?? "", url: item.url }));
}

/** "печатает" with moving dots, or the usual words. */
export function typingOr(typing, usual) {
  return typing ? h("span.typing", {}, t("typing"), h("i"), h("i"), h("i")) : h("span", {}, usual);
}

function battery() {
  return svg("svg", { class: "phone-signs", viewBox: "0 0 58 14", width: 58, height: 14 },
    [0, 1, 2, 3].map((bar) => svg("rect", { x: bar * 4.5, y: 9 - bar * 2.4, width: 3, height: 4 + bar * 2.4, rx: 1 })),
    svg("path", { d: "M28 4.2a7.5 7.5 0 0 0-5.3 2.2l1.3 1.4a5.6 5.6 0 0 1 8 0l1.3-1.4A7.5 7.5 0 0 0 28 4.2Zm0 4a3.6 3.6 0 0 0-2.5 1l2.5 2.7 2.5-2.7a3.6 3.6 0 0 0-2.5-1Z" }),
    svg("rect", { class: "outline", x: 37.5, y: 2, width: 17, height: 10, rx: 3 }),
    svg("rect", { x: 39.5, y: 4, width: 11, height: 6, rx: 1.5 }),
    svg("rect", { x: 55.5, y: 5.5, width: 1.7, height: 3, rx: 0.8 }));
}

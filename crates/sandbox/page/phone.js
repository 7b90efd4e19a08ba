// A customer's phone: the frame, the messenger's head, the chat. How it looks is up to the messenger's theme
// (`ms-telegram`, `ms-vk`, `ms-facebook` in phone.css).

import { ChatView } from "./chat.js";
import { attr, h, part, svg, text } from "./dom.js";
import { clock, lang, t } from "./i18n.js";
import { icon } from "./icons.js";
import { hue, initials } from "./message.js";
import { openMenu } from "./popups.js";
import { messengerOf, privateMode } from "./world.js";

const MESSENGERS = { telegram: "Telegram", vk: "ВКонтакте", facebook: "Messenger" };

export class Phone {
  constructor(chat) {
    this.view = new ChatView({ actor: () => chat.person });
    this.owner = h("strong");
    this.messenger = h("span.phone-messenger");
    this.face = h("span.avatar");
    this.time = h("span");
    this.botName = h("strong");
    this.status = h("span.chat-status");
    this.botFace = h("span.avatar.bot");
    this.menu = h("button.icon-button", { type: "button", "aria-haspopup": "menu", dataset: { testid: "phone-menu" }, onclick: () => this.openMenu() }, icon("more", 22));
    this.element = h("section.phone-slot", { dataset: { testid: "phone", chat: chat.id, person: chat.person } },
      h("div.phone-caption", {}, this.face, h("span.phone-owner", {}, this.owner, this.messenger)),
      h("div.phone", {}, h("div.phone-screen", {},
        h("div.phone-bar", { "aria-hidden": "true" }, this.time, h("span.island"), battery()),
        h("header.chat-head", {}, this.botFace, h("div.chat-title", {}, this.botName, this.status), this.menu),
        this.view.element,
        h("div.phone-home", { "aria-hidden": "true" }))));
  }

  update(chat, world) {
    this.chat = chat;
    const owner = world.nameOf(chat.person);
    const kind = messengerOf(chat);
    for (const name of Object.keys(MESSENGERS)) this.element.classList.toggle(`ms-${name}`, name === kind);
    attr(this.element, "aria-label", `${owner}, ${MESSENGERS[kind]}`);
    text(this.owner, owner);
    text(this.messenger, MESSENGERS[kind]);
    text(this.face, initials(owner));
    this.face.style.setProperty("--hue", hue(chat.person));
    text(this.time, clock(world.now()));
    const mode = privateMode(chat);
    const bot = mode === "none" ? "…" : world.botName(chat);
    text(this.botName, bot);
    text(this.botFace, initials(bot));
    this.botFace.style.setProperty("--hue", hue(chat.bot));
    part(this.status, "status", `${Boolean(chat.typing)} ${lang()}`, () => typingOr(chat.typing, t("bot")));
    attr(this.menu, "aria-label", t("menu"));
    attr(this.menu, "disabled", mode === "none" ? "" : null);
    this.view.update(chat, world, mode, `${t("noBot")}. ${t("noBotHint")}`);
  }

  openMenu() {
    const { blocked } = this.chat;
    openMenu(this.menu, [
      { icon: "bolt", label: "/start", testid: "menu-start", run: () => this.view.composer.say("/start") },
      blocked
        ? { icon: "unlock", label: t("unblockBot"), testid: "unblock", run: () => this.view.setBlocked(false) }
        : { icon: "block", label: t("blockBot"), danger: true, testid: "block", run: () => this.view.setBlocked(true) },
    ]);
  }
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

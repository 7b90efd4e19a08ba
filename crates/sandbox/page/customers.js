// The customers' side: a phone for each messenger, bot and person, in the order in which they came.

import { attr, h, keyed, text } from "./dom.js";
import { hand } from "./hands.js";
import { lang, t } from "./i18n.js";
import { icon } from "./icons.js";
import { hue, initials } from "./message.js";
import { MESSENGERS, sign } from "./messengers.js";
import { Phone } from "./phone.js";
import { openMenu } from "./popups.js";
import { chatKey, messengerOf } from "./world.js";

const NEWCOMERS = {
  ru: [["Мария", "Лебедева"], ["Алексей", "Громов"], ["Елена", "Соколова"], ["Тимур", "Ахметов"], ["Нина", "Белова"], ["Роман", "Ильин"], ["Дарья", "Котова"], ["Сергей", "Орлов"]],
  en: [["Mary", "Hill"], ["Alex", "Stone"], ["Helen", "Park"], ["Tim", "Brook"], ["Nina", "White"], ["Roman", "Field"], ["Dora", "Lake"], ["Sam", "Reed"]],
};

export class Customers {
  /** `look()` looks at the state anew, `report(words)` shows what went wrong. */
  constructor(look, report) {
    this.look = look;
    this.report = report;
    this.phones = new Map();
    this.came = new Map();
    /** Phones with a further bot, before anything is written there. */
    this.opened = [];
    this.title = h("h2");
    this.strip = h("div.strip");
    this.add = h("button.primary.with-icon", { type: "button", dataset: { testid: "new-customer" }, onclick: () => this.welcome("telegram") }, icon("plus", 18), h("span"));
    this.choose = h("button.primary.narrow", { type: "button", "aria-haspopup": "menu", dataset: { testid: "new-customer-in" }, onclick: () => this.chooseMessenger() }, icon("down", 16));
    this.row = h("div.phones", { tabindex: "-1" });
    this.none = h("div.nothing", { hidden: true }, icon("person", 40), h("strong"), h("span"));
    this.element = h("section.side.customers", { id: "customers" },
      h("div.side-head", {}, this.title, this.strip, h("div.split", {}, this.add, this.choose)), this.row, this.none);
  }

  /** What depends on the language. */
  words() {
    text(this.title, t("customers"));
    text(this.add.lastChild, t("newCustomer"));
    attr(this.add, "aria-label", `${t("newCustomerIn")}: Telegram`);
    attr(this.choose, "aria-label", `${t("newCustomerIn")}: ${t("chooseMessenger")}`);
    text(this.none.children[1], t("noCustomers"));
    text(this.none.children[2], t("noCustomersHint"));
  }

  update(world) {
    this.world = world;
    const chats = this.inOrder(world.customerChats);
    keyed(this.row, chats, chatKey, (chat) => this.open(chat), (_, chat) => this.phones.get(chatKey(chat)).update(chat, world));
    for (const key of [...this.phones.keys()]) if (!chats.some((chat) => chatKey(chat) === key)) this.phones.delete(key);
    this.none.hidden = chats.length > 0;
    this.row.hidden = !chats.length;
    keyed(this.strip, chats.length > 1 ? chats : [], chatKey, (chat) => this.chip(chat), (chip, chat) => this.paintChip(chip, chat));
  }

  // Whoever comes later stands at the end, whatever their messenger.
  inOrder(chats) {
    for (const chat of chats) if (!this.came.has(chatKey(chat))) this.came.set(chatKey(chat), this.came.size);
    return [...chats].sort((a, b) => this.came.get(chatKey(a)) - this.came.get(chatKey(b)));
  }

  open(chat) {
    const phone = new Phone(chat, (bot) => this.alsoWrite(chat, bot));
    this.phones.set(chatKey(chat), phone);
    return phone.element;
  }

  chip(chat) {
    return h("button.chip", { type: "button", dataset: { testid: "chat-entry", chat: chat.id, type: "private", messenger: messengerOf(chat) }, onclick: () => this.show(chatKey(chat)) },
      h("span.avatar.small"), h("span"), sign(messengerOf(chat), 14));
  }

  paintChip(chip, chat) {
    const messenger = messengerOf(chat);
    const name = this.world.nameOf(messenger, chat.person);
    text(chip.children[0], initials(name));
    chip.children[0].style.setProperty("--hue", hue(chat.person));
    text(chip.children[1], name.split(" ")[0]);
    attr(chip, "title", `${name}, ${MESSENGERS[messenger].name}`);
  }

  /** Brings a phone into sight and puts the hand on it. */
  show(key) {
    const phone = this.phones.get(key);
    if (!phone) return;
    phone.element.scrollIntoView({ block: "nearest", inline: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    const target = phone.element.querySelector("[data-testid=start]") ?? phone.view.composer.input;
    target.focus({ preventScroll: true });
  }

  chooseMessenger() {
    openMenu(this.choose, [{ heading: t("newCustomerIn") }, ...Object.entries(MESSENGERS).map(([messenger, { name }]) =>
      ({ sign: messenger, label: name, testid: `new-customer-${messenger}`, run: () => this.welcome(messenger) }))]);
  }

  async welcome(messenger) {
    const people = this.world?.people ?? [];
    const taken = new Set(people.map((person) => person.first_name));
    const list = NEWCOMERS[lang()];
    const [first_name, last_name] = list.find(([name]) => !taken.has(name)) ?? list[people.length % list.length];
    try {
      const { id } = await hand(messenger).person({ first_name, last_name, ...(messenger === "telegram" ? { language_code: lang() } : {}) });
      await this.look();
      const chat = this.world?.customerChats.find((one) => messengerOf(one) === messenger && one.person === id);
      if (chat) this.show(chatKey(chat));
    } catch (error) {
      this.report(`${t("failed")}: ${error.message}`);
    }
  }

  alsoWrite({ person, messenger }, bot) {
    const chat = { messenger, person, bot, type: "private" };
    this.opened.push(chat);
    this.look().then(() => this.show(chatKey(chat))).catch((error) => this.report(`${t("failed")}: ${error.message}`));
  }
}

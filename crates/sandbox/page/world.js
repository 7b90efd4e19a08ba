// The sandbox's state with the questions that the page asks of it: who is a customer, who an operator, what is
// somebody called. Fields may be missing; nothing here fails because of it.

import { t } from "./i18n.js";

const AWAY = new Set(["left", "kicked"]);

export class World {
  constructor(state) {
    this.bots = state.bots ?? [];
    this.people = state.people ?? [];
    this.chats = state.chats ?? [];
    this.seconds = state.now || Date.now() / 1000;
    this.names = new Map([...this.bots, ...this.people].map((one) => [one.id, fullName(one)]));
    this.byPerson = new Map(this.people.map((person) => [person.id, person]));
    this.groups = this.chats.filter((chat) => chat.type !== "private");
    const working = new Set(this.groups.flatMap((group) => this.speakers(group)));
    const operators = this.people.filter(({ id }) => working.has(id));
    const customers = this.people.filter(({ id }) => !working.has(id));
    this.operatorChats = operators.flatMap((person) => this.privateChats(person));
    this.customerChats = customers.flatMap((person) => this.privateChats(person));
  }

  now = () => this.seconds;
  person = (id) => this.byPerson.get(id);
  nameOf = (id) => this.names.get(id) ?? (id ? `id ${id}` : "");
  shortName = (id) => this.byPerson.get(id)?.first_name || this.nameOf(id);
  botName = (chat) => this.nameOf(chat.bot ?? chat.bots?.[0]) || t("bot");

  /** The people (not bots) who can speak in a group. */
  speakers(group) {
    return (group.members ?? []).filter((member) => !member.is_bot && !AWAY.has(member.status) && !this.isBot(member.user)).map((member) => member.user);
  }

  isBot(id) {
    return this.bots.some((bot) => bot.id === id);
  }

  // Somebody who never wrote has a phone too: with a chat that is not there yet.
  privateChats(person) {
    const chats = this.chats.filter((chat) => chat.type === "private" && (chat.person ?? chat.id) === person.id);
    if (chats.length) return chats.map((chat) => ({ ...chat, person: person.id, messages: chat.messages ?? [] }));
    return [{ id: person.id, type: "private", bot: this.bots[0]?.id ?? null, person: person.id, started: false, messages: [], messenger: person.messenger }];
  }
}

/** A key for a chat: a person may have chats with several bots under one id. */
export const chatKey = (chat) => (chat.type === "private" ? `${chat.bot ?? "?"}:${chat.id}` : String(chat.id));

/** Whose messenger a chat lives in: "telegram", "vk", "facebook". */
export const messengerOf = (chat) => (["vk", "facebook"].includes(chat.messenger ?? chat.platform) ? chat.messenger ?? chat.platform : "telegram");

function fullName({ first_name: first, last_name: last, username, id }) {
  return [first, last].filter(Boolean).join(" ") || username || `id ${id}`;
}

/** What the composer of a private chat offers: "write", "start", "blocked" or "none". */
export function privateMode(chat) {
  if (chat.bot === null || chat.bot === undefined) return "none";
  if (chat.blocked) return "blocked";
  const wrote = (chat.messages ?? []).length > 0;
  return chat.started || (chat.started === undefined && wrote) ? "write" : "start";
}

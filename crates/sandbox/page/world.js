// The sandbox's state with the questions that the page asks of it: who is a customer, who an operator, what is
// somebody called. Fields may be missing; nothing here fails because of it.
//
// What must stay true: ids are a messenger's own, so nobody and nothing is looked up by an id alone.

import { t } from "./i18n.js";
import { MESSENGERS } from "./messengers.js";

const AWAY = new Set(["left", "kicked"]);

export class World {
  /** `opened`: phones on which nothing was written yet, `{messenger, bot, person}` each. */
  constructor(state, opened = []) {
    this.bots = state.bots ?? [];
    this.people = state.people ?? [];
    this.chats = state.chats ?? [];
    this.sheets = state.sheets ?? [];
    this.seconds = state.now || Date.now() / 1000;
    this.named = new Map([...this.bots, ...this.people].map((one) => [idKey(one, one.id), one]));
    this.byPerson = new Map(this.people.map((person) => [idKey(person, person.id), person]));
    this.groups = this.chats.filter((chat) => chat.type !== "private");
    const working = new Set(this.groups.flatMap((group) => this.speakers(group).map((id) => idKey(group, id))));
    const works = (person) => working.has(idKey(person, person.id));
    this.operatorChats = this.people.filter(works).flatMap((person) => this.privateChats(person, []));
    this.customerChats = takingTurns(this.people.filter((person) => !works(person)).flatMap((person) => this.privateChats(person, opened)));
  }

  now = () => this.seconds;
  person = (messenger, id) => this.byPerson.get(idKey({ messenger }, id));
  nameOf = (messenger, id) => {
    const one = this.named.get(idKey({ messenger }, id));
    return one ? fullName(one) : id ? `id ${id}` : "";
  };
  shortName = (messenger, id) => this.person(messenger, id)?.first_name || this.nameOf(messenger, id);
  botOf = (chat) => this.bots.find((bot) => messengerOf(bot) === messengerOf(chat) && bot.id === (chat.bot ?? chat.bots?.[0]));
  botName = (chat) => this.nameOf(messengerOf(chat), chat.bot ?? chat.bots?.[0]) || t("bot");

  /** Whether somebody owns the business: whoever created the operators' group. */
  isOwner = (messenger, person) => this.groups.some((group) =>
    messengerOf(group) === messenger && (group.members ?? []).some(({ user, status }) => user === person && status === "creator"));

  /** Bots, communities and pages that this person could also write to. */
  otherBots(chat) {
    const has = new Set(this.customerChats.filter((one) => sameOwner(one, chat)).map((one) => one.bot));
    return this.bots.filter((bot) => messengerOf(bot) === messengerOf(chat) && !has.has(bot.id));
  }

  /** The people (not bots) who can speak in a group. */
  speakers(group) {
    const isBot = (id) => this.bots.some((bot) => messengerOf(bot) === messengerOf(group) && bot.id === id);
    return (group.members ?? []).filter((member) => !member.is_bot && !AWAY.has(member.status) && !isBot(member.user)).map((member) => member.user);
  }

  // Somebody who never wrote has a phone too: with a chat that is not there yet.
  privateChats(person, opened) {
    const messenger = messengerOf(person);
    const blank = (bot) => ({ id: person.id, type: "private", bot, person: person.id, started: false, messages: [], messenger });
    const owned = (chat) => sameOwner(chat, { messenger, person: person.id });
    const begun = this.chats.filter((chat) => chat.type === "private" && owned(chat)).map((chat) => ({ ...chat, person: person.id, messages: chat.messages ?? [] }));
    const others = opened.filter((chat) => owned(chat) && !begun.some((one) => one.bot === chat.bot)).map((chat) => blank(chat.bot));
    const chats = [...begun, ...others];
    if (chats.length) return chats;
    return [blank(this.bots.find((bot) => messengerOf(bot) === messenger)?.id ?? null)];
  }
}

/** A key for a chat: messenger, bot and person, or messenger and group. */
export const chatKey = (chat) => `${messengerOf(chat)} ${chat.type === "private" ? `${chat.bot ?? "?"} ${chat.person ?? chat.id}` : chat.id}`;

/** Whose messenger a bot, a person or a chat lives in. */
export const messengerOf = ({ messenger }) => (messenger in MESSENGERS ? messenger : "telegram");

const idKey = (one, id) => `${messengerOf(one)} ${id}`;

const sameOwner = (chat, other) => messengerOf(chat) === messengerOf(other) && (chat.person ?? chat.id) === other.person;

// The first of each messenger, then the second of each: what is in sight at first shows all of them.
function takingTurns(chats) {
  const counts = new Map();
  const turn = (chat) => {
    const count = counts.get(messengerOf(chat)) ?? 0;
    counts.set(messengerOf(chat), count + 1);
    return count;
  };
  return chats.map((chat) => [turn(chat), chat]).sort(([a], [b]) => a - b).map(([, chat]) => chat);
}

function fullName({ first_name: first, last_name: last, username, id }) {
  return [first, last].filter(Boolean).join(" ") || username || `id ${id}`;
}

/** What the composer of a private chat offers: "write", "start", "blocked" or "none". `bot` is whom it is with. */
export function privateMode(chat, bot) {
  if (chat.bot === null || chat.bot === undefined) return "none";
  if (chat.blocked) return "blocked";
  if (chat.started || (chat.messages ?? []).length > 0) return "write";
  return messengerOf(chat) === "facebook" && !bot?.get_started ? "write" : "start";
}

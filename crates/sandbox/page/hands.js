// What a person's hand does in each messenger: the same deeds everywhere, through three control APIs.
//
// A place is `{messenger, from, chat}`: who acts (a person's id) and where (the id of the bot, the community, the
// page, or of a Telegram group). A key is `{message_id?, row, column, data}`.

import { call, upload } from "./api.js";
import { wait } from "./dom.js";

const BATCH = 10; // items of an album in Telegram, attachments of a message in VK; Messenger's app takes more
const PATIENCE_MS = 15000;
const ADMIN = 1; // who answers for a community that has named no administrator

const enc = encodeURIComponent;
const given = (value, name) => (value ? { [name]: value } : {});

const telegram = {
  person: (person) => call("POST", "people", person),
  write: ({ from, chat }, content) => call("POST", "messages", { from, chat, ...content }),
  edit: ({ from, chat }, message, words) =>
    call("PATCH", `messages/${chat}/${message.message_id}`, { from, [message.kind === "text" ? "text" : "caption"]: words }),
  remove: ({ from, chat }, id) => call("DELETE", `messages/${chat}/${id}?from=${from}`),
  react: ({ from, chat }, id, emoji) => call("POST", "reactions", { from, chat, message_id: id, emoji }),
  block: ({ from, chat }, blocked) => call("POST", blocked ? "block" : "unblock", { person: from, bot: chat }),
  press: ({ from, chat }, { message_id, data }) => call("POST", "press", { from, chat, message_id, data }),
  outcome: (id) => call("GET", `callbacks/${enc(id)}`),
  start: (place) => telegram.write(place, { text: "/start" }),

  // Photos and videos make one album, documents and audio each one of their own kind; the rest goes alone.
  async files({ from, chat }, items, caption, reply) {
    const family = ({ kind }) => (kind === "photo" || kind === "video" ? "visual" : kind);
    for (const batch of batches(items, (a, b) => family(a) === family(b) && a.kind !== "animation")) {
      const [first] = batch;
      if (first === items[0] && caption) first.caption = caption;
      if (batch.length > 1) await call("POST", "albums", { from, chat, items: batch, ...given(reply, "reply_to") });
      else await telegram.write({ from, chat }, { [first.kind]: first.file, ...given(first.caption, "caption"), ...given(reply, "reply_to") });
    }
  },
};

// VK and Messenger: one shape of control calls, under the messenger's name.
function other(name) {
  const post = (what, body) => call("POST", `${name}/${what}`, body);
  const path = ({ from, chat }, id) => `${name}/messages/${chat}/${from}/${enc(id)}`;
  return {
    person: (person) => post("people", person),
    write: ({ from, chat }, content) => post("messages", { from, chat, ...content }),
    edit: (place, message, text) => call("PATCH", path(place, message.message_id), { text }),
    remove: (place, id) => call("DELETE", path(place, id)),
    react: ({ from, chat }, id, emoji) => post("reactions", { from, chat, message_id: id, emoji }),
    admin: ({ from, chat, admin }, content) => post("admin", { from: admin, chat, person: from, ...content }),
  };
}

const vk = {
  ...other("vk"),
  press: ({ from, chat }, { message_id, row, column }) => call("POST", "vk/press", { from, chat, message_id, row, column }),
  outcome: async (id) => {
    const answer = await call("GET", `vk/callbacks/${enc(id)}`);
    return { ...answer, url: answer.link };
  },
  start: (place) => vk.write(place, { text: "Начать", payload: JSON.stringify({ command: "start" }) }),
  block: ({ from, chat }, blocked) => call("POST", blocked ? "vk/deny" : "vk/allow", { person: from, chat }),
  typing: ({ from, chat }) => call("POST", "vk/typing", { from, chat }),
  admin: (place, content) => other("vk").admin({ ...place, admin: place.admin ?? ADMIN }, content),
  async files(place, items, text, reply) {
    for (const batch of batches(items, () => true)) {
      await vk.write(place, { attachments: batch, ...given(batch[0] === items[0] && text, "text"), ...given(reply, "reply_to") });
    }
  },
};

const facebook = {
  ...other("facebook"),
  // A standing key (the page's menu) belongs to no message. A message's keys are told apart by what they carry.
  press: ({ from, chat }, { message_id, row, column, data }) =>
    call("POST", "facebook/press", { from, chat, ...(message_id ? { message_id, data } : { row, column }) }),
  start: ({ from, chat }) => call("POST", "facebook/press", { from, chat, get_started: true }),
  block: ({ from, chat }, blocked) => call("POST", blocked ? "facebook/block" : "facebook/unblock", { person: from, chat }),
  owner: ({ from, chat }, owner) => call("POST", "facebook/thread", { person: from, chat, owner }),
  // Pictures and videos leave together, other files alone, words after them: so does the app.
  async files(place, items, text, reply) {
    const visual = ({ kind }) => kind === "photo" || kind === "video";
    for (const batch of batches(items, (a, b) => visual(a) && visual(b))) {
      await facebook.write(place, { attachments: batch, ...given(reply, "reply_to") });
    }
    if (text) await facebook.write(place, { text });
  },
};

const HANDS = { telegram, vk, facebook };

/** The hand of whoever is on this messenger. A deed that the messenger does not know is absent. */
export const hand = (messenger) => HANDS[messenger];

/** Uploads what was staged and sends it; `write` may stand for another deed than the person's own. */
export async function sendFiles(place, staged, words, reply) {
  await hand(place.messenger).files(place, await uploaded(staged), words, reply);
}

/** An administrator's answer in the messenger's own window, with whatever was staged. */
export async function answerAsAdmin(place, staged, text) {
  const attachments = await uploaded(staged);
  await hand(place.messenger).admin(place, { ...given(text, "text"), ...given(attachments.length && attachments, "attachments") });
}

/** Presses a key. What the bot answered to it; `{}` for a key that writes; null when no answer came in time. */
export async function press(place, key) {
  const { press: deed, outcome } = hand(place.messenger);
  const { callback_id: id } = await deed(place, key);
  if (!id) return {};
  const deadline = performance.now() + PATIENCE_MS;
  for (let pause = 80; performance.now() < deadline; pause = Math.min(pause * 1.3, 600)) {
    await wait(pause);
    const answer = await outcome(id);
    if (answer.answered) return answer;
  }
  return null;
}

async function uploaded(staged) {
  const items = [];
  for (const { file, kind } of staged) items.push({ kind, file: await upload(file) });
  return items;
}

// Neighbours that may go together, at most so many.
function batches(items, together) {
  const list = [];
  for (const item of items) {
    const last = list.at(-1);
    if (last && last.length < BATCH && together(last[0], item)) last.push(item);
    else list.push([item]);
  }
  return list;
}

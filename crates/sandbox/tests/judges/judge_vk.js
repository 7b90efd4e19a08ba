// An unmodified vk-io 4.10 talks to the sandbox: polling and webhook, keyboards, uploads, presses, edits.
//
// Usage: judge_vk.js BASE_URL
// It plays the person through /sandbox and checks what the person sees. Prints "judged" when all is well.

const assert = require("node:assert/strict");
const http = require("node:http");
const { VK, Keyboard, APIErrorCode } = require("vk-io");

const BASE = process.argv[2];
const [CLUB, IVAN, ADMIN] = [205, 7, 8];
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000001000000010008020000000000000000000000", "hex");
const OGG = Buffer.concat([Buffer.from("OggS"), Buffer.alloc(64)]);

const client = (more) =>
  new VK({ token: "vk1.a.judge", apiBaseUrl: `${BASE}/method`, apiLimit: 1000, agent: new http.Agent(), ...more });

async function hand(path, body, method = "POST") {
  const response = await fetch(`${BASE}/sandbox/${path}`, body && { method, body: JSON.stringify(body) });
  const answer = await response.json();
  assert.equal(response.status, 200, `${path}: ${JSON.stringify(answer)}`);
  return answer;
}

const chat = async () => (await hand("state")).chats.find((one) => one.messenger === "vk" && one.person === IVAN);
const ours = async () => (await chat()).messages.filter((message) => message.from_bot);
const last = async () => (await ours()).at(-1);

async function until(what, check) {
  for (let turn = 0; turn < 500; turn += 1) {
    const found = await check();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`it never happened: ${what}`);
}

/** The bot's message with this text, newer than the one numbered `after`. */
const says = (text, after = 0) =>
  until(text, async () => (await ours()).find((one) => one.message_id > after && one.text.includes(text)));

async function ivan(what) {
  return (await hand("vk/messages", { from: IVAN, chat: CLUB, ...what })).message_id;
}

async function file(name, bytes) {
  const response = await fetch(`${BASE}/sandbox/files?name=${name}`, { method: "POST", body: bytes });
  return (await response.json()).file;
}

/** What the bot does, whichever way its updates come. */
function teach(vk) {
  vk.updates.on("message_new", async (context) => {
    if (context.isCropped) await context.loadMessagePayload({ force: true });
    if (context.text === "keys") {
      const keyboard = Keyboard.builder()
        .textButton({ label: "Да", payload: { answer: "yes" }, color: Keyboard.POSITIVE_COLOR })
        .callbackButton({ label: "Нет", payload: { answer: "no" }, color: Keyboard.NEGATIVE_COLOR })
        .row()
        .urlButton({ label: "Сайт", url: "https://example.com/" })
        .inline();
      return context.send("Выбирайте", { keyboard });
    }
    if (context.text === "menu") {
      const keyboard = Keyboard.builder().textButton({ label: "Меню", payload: { command: "menu" } }).oneTime();
      return context.send("Меню ниже", { keyboard });
    }
    if (context.text === "photo") return context.sendPhotos({ value: PNG, filename: "a.png" });
    if (context.text === "doc") {
      return context.sendDocuments({ value: Buffer.from("hello"), filename: "a.txt" }, { message: "вот" });
    }
    if (context.text === "voice") return context.sendAudioMessage({ value: OGG, filename: "a.ogg" });
    if (context.text === "edit") {
      await context.setActivity();
      const sent = await context.send("черновик");
      return sent.editMessage({ message: "начисто" });
    }
    if (context.text === "delete") {
      const sent = await context.send("лишнее");
      await sent.deleteMessage({ delete_for_all: 1 });
      deleted = true;
      return;
    }
    if (context.hasAttachments()) {
      const kinds = context.attachments.map((attachment) => attachment.type).join("+");
      const [photo] = context.getAttachments("photo");
      const url = photo?.largeSizeUrl ?? context.getAttachments("audio_message")[0]?.oggUrl;
      const size = url ? (await (await fetch(url)).arrayBuffer()).byteLength : 0;
      return context.reply(`${kinds} ${size}`);
    }
    if (context.hasForwards) return context.reply(`forwards ${context.forwards.length}`);
    if (context.hasGeo) return context.reply(`geo ${context.geo.coordinates.latitude}`);
    return context.reply(`${context.text} ${JSON.stringify(context.messagePayload ?? null)}`);
  });
  vk.updates.on("message_event", async (context) => {
    await context.answer({ type: "show_snackbar", text: `ответ ${context.eventPayload.answer}` });
  });
  for (const kind of ["message_allow", "message_deny"]) {
    vk.updates.on(kind, (context) => heard.push(`${kind} ${context.userId}`));
  }
  vk.updates.on("message_reply", (context) => {
    if (context.message?.admin_author_id ?? context.payload?.message?.admin_author_id) heard.push(`admin: ${context.text}`);
  });
  vk.updates.on("message_edit", (context) => {
    if (context.senderId === IVAN) heard.push(`edited: ${context.text}`);
  });
}

const heard = [];
let deleted = false;
const hears = (what) => until(what, () => heard.includes(what));

async function talk() {
  await ivan({ text: "привет", payload: '{"command":"start"}' });
  const echo = await says('привет {"command":"start"}');
  assert.equal(echo.reply_to.quote, "привет");
  await ivan({ text: "photo" });
  await until("a photo", async () => (await last())?.kind === "photo");
  assert.equal((await last()).file.width, 256);
  await ivan({ text: "doc" });
  const sent = await says("вот");
  assert.deepEqual([sent.kind, sent.file.name, sent.file.size], ["document", "a.txt", 5]);
  await ivan({ text: "voice" });
  await until("a voice", async () => (await last())?.kind === "voice");
  await ivan({ text: "edit" });
  assert.ok((await says("начисто")).edit_date);
  await ivan({ text: "delete" });
  await until("deleted", async () => !(await ours()).some((message) => message.text === "лишнее") && deleted);
}

async function receives() {
  const [photo, voice] = [await file("b.png", PNG), await file("v.ogg", OGG)];
  const two = [{ kind: "photo", file: photo }, { kind: "document", file: photo }];
  await ivan({ text: "смотрите", attachments: two });
  await says(`photo+doc ${PNG.length}`);
  await ivan({ voice });
  await says(`audio_message ${OGG.length}`);
  await ivan({ location: { latitude: 55.5, longitude: 37.5 } });
  await says("geo 55.5");
  await ivan({ text: "гляньте", forwards: [{ from: ADMIN, text: "раз" }, { from: ADMIN, text: "два" }] });
  await says("forwards 2");
  await hand("vk/crop", { chat: CLUB, times: 1 });
  await ivan({ text: "целиком", attachments: [{ kind: "photo", file: photo }] });
  await until("the whole", async () => (await last()).text === `photo ${PNG.length}`);
}

async function keys() {
  const asked = await ivan({ text: "keys" });
  const message = await says("Выбирайте", asked);
  assert.equal(message.keyboard[0][1].style, "negative");
  const press = { from: IVAN, chat: CLUB, message_id: message.message_id };
  const { callback_id: id } = await hand("vk/press", { ...press, row: 0, column: 1 });
  const answer = await until("an answer", async () => {
    const found = await hand(`vk/callbacks/${id}`);
    return found.answered && found;
  });
  assert.equal(answer.text, "ответ no");
  await hand("vk/press", { ...press, row: 0, column: 0 });
  await says('Да {"answer":"yes"}', asked);
  await ivan({ text: "menu" });
  await says("Меню ниже", asked);
  await hand("vk/press", { from: IVAN, chat: CLUB, row: 0, column: 0 });
  await says('Меню {"command":"menu"}', asked);
  assert.ok(!(await chat()).messages.some((one) => one.reply_keyboard));
}

async function hearsTheRest() {
  const id = await ivan({ text: "опечтка" });
  await hand(`vk/messages/${CLUB}/${IVAN}/${id}`, { text: "опечатка" }, "PATCH");
  await hears("edited: опечатка");
  await hand("vk/admin", { chat: CLUB, person: IVAN, text: "я сам" });
  await hears("admin: я сам");
}

async function refuses(vk) {
  await hand("vk/deny", { person: IVAN, chat: CLUB });
  await hears(`message_deny ${IVAN}`);
  const send = () => vk.api.messages.send({ peer_id: IVAN, random_id: 1, message: "?" });
  await assert.rejects(send(), { code: 901 });
  await hand("vk/allow", { person: IVAN, chat: CLUB });
  await hears(`message_allow ${IVAN}`);
  const first = await send();
  assert.equal(await send(), first);
  const keyboard = JSON.stringify({ buttons: [[{ action: { type: "text", label: "" } }]] });
  await assert.rejects(vk.api.messages.send({ peer_id: IVAN, random_id: 2, message: "?", keyboard }), { code: 911 });
  await assert.rejects(vk.api.messages.send({ peer_id: IVAN, random_id: 3, message: "я".repeat(9001) }), { code: 914 });
  const [user] = await vk.api.users.get({ user_ids: [IVAN] });
  assert.equal(user.first_name, "Иван");
  await assert.rejects(vk.api.users.getFollowers({}), { code: APIErrorCode.METHOD });
}

async function survives() {
  for (const fail of [1, 2, 3]) {
    await hand("vk/longpoll", { chat: CLUB, fail });
    await until(`polling after failed ${fail}`, async () => {
      // What is written before the client has come back may be lost: that is what the failure says.
      await ivan({ text: `жив ${fail}` });
      await new Promise((done) => setTimeout(done, 100));
      return (await ours()).some((message) => message.text.startsWith(`жив ${fail}`));
    });
  }
}

async function webhook() {
  const vk = client({ webhookSecret: "s3cret", webhookConfirmation: "c0de" });
  teach(vk);
  const server = http.createServer(vk.updates.getWebhookCallback("/vk")).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const url = `http://127.0.0.1:${server.address().port}/vk`;
  await hand("vk/communities", { id: CLUB, callback: { url, secret: "s3cret", confirmation: "c0de" } });
  await ivan({ text: "по вебхуку" });
  await says("по вебхуку");
  const { items } = await vk.api.groups.getCallbackServers({ group_id: CLUB });
  assert.deepEqual([items[0].status, items[0].secret_key], ["ok", "s3cret"]);
  await keys();
  server.closeAllConnections();
  server.close();
}

async function main() {
  await hand("vk/communities", { id: CLUB, name: "Судьи", token: "vk1.a.judge", admins: [ADMIN] });
  await hand("vk/people", { id: IVAN, first_name: "Иван", last_name: "Петров" });
  const vk = client();
  teach(vk);
  await vk.updates.start();
  assert.equal(vk.updates.options.pollingGroupId, CLUB);
  await talk();
  await receives();
  await keys();
  await hearsTheRest();
  await refuses(vk);
  await survives();
  await vk.updates.stop();
  const { violations } = await hand("violations");
  const expected = new Set([911, 914, 3].map(String));
  assert.equal(violations.length, expected.size, JSON.stringify(violations));
  await webhook();
  console.log("judged");
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

// A judge from outside: an unmodified messaging-api-messenger works with the sandbox as with the real Graph API.
//
// Usage: node judge_facebook.js <base url>; the package is found through NODE_PATH. Ends with "judged" when
// everything was as expected.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { MessengerClient } = require('messaging-api-messenger');

const [base] = process.argv.slice(2);
const PAGE = 100200300;
const IVAN = '7001002003';
const SECRET = 'app-secret';
const VERIFY = 'verify-me';

/** A PNG of one pixel: its header is all that anybody looks at. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64'
);

/** A call of the control API. */
async function hand(what, body) {
  const answer = await fetch(`${base}/sandbox/${what}`, { method: 'POST', body: JSON.stringify(body) });
  const said = await answer.json();
  assert.equal(answer.status, 200, `${what}: ${JSON.stringify(said)}`);
  return said;
}

async function look(what) {
  return (await fetch(`${base}/sandbox/${what}`)).json();
}

/** A bot's server: it verifies itself and every signature, and keeps the events. */
async function serve() {
  const events = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://bot');
    if (request.method === 'GET' && url.pathname === '/hook') {
      const isRight = url.searchParams.get('hub.verify_token') === VERIFY;
      response.writeHead(isRight ? 200 : 403).end(url.searchParams.get('hub.challenge'));
      return;
    }
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'image/png' }).end(PNG);
      return;
    }
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const hex = crypto.createHmac('sha256', SECRET).update(body).digest('hex');
      assert.equal(request.headers['x-hub-signature-256'], `sha256=${hex}`);
      for (const entry of JSON.parse(body).entry) events.push(...entry.messaging);
      response.writeHead(200).end('EVENT_RECEIVED');
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, events, url: `http://127.0.0.1:${server.address().port}` };
}

async function until(find) {
  for (let i = 0; i < 500; i += 1) {
    const found = find();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`it never happened: ${find}`);
}

async function sends(client, bot) {
  const text = await client.sendText(IVAN, 'Здравствуйте!', { messagingType: 'RESPONSE' });
  assert.equal(text.recipientId, IVAN);
  assert.match(text.messageId, /^m_/);
  await client.sendText(IVAN, 'Что случилось?', {
    quickReplies: [
      { contentType: 'text', title: 'Оплата', payload: 'PAY' },
      { contentType: 'text', title: 'Другое', payload: 'OTHER' },
    ],
  });
  const button = await client.sendButtonTemplate(IVAN, 'Выберите', [
    { type: 'postback', title: 'Меню', payload: 'MENU' },
    { type: 'web_url', title: 'Сайт', url: 'https://example.com/' },
  ]);
  await client.sendGenericTemplate(IVAN, [{ title: 'Тариф', subtitle: '100 ₽', buttons: [
    { type: 'postback', title: 'Выбрать', payload: 'PLAN' }] }]);
  await client.typingOn(IVAN);
  await client.typingOff(IVAN);
  await client.markSeen(IVAN);
  await hand('facebook/press', { from: Number(IVAN), chat: PAGE, message_id: button.messageId, data: 'MENU' });
  const pressed = await until(() => bot.events.find((event) => event.postback));
  assert.deepEqual([pressed.postback.payload, pressed.postback.title], ['MENU', 'Меню']);
  const echo = await until(() => bot.events.find((event) => event.message?.mid === text.messageId));
  assert.equal(echo.message.is_echo, true);
}

async function sendsFiles(client, bot) {
  await client.sendImage(IVAN, `${bot.url}/picture.png`);
  const file = path.join(os.tmpdir(), `judge-${process.pid}.png`);
  fs.writeFileSync(file, PNG);
  await client.sendImage(IVAN, fs.createReadStream(file));
  await client.sendFile(IVAN, Buffer.from('текст'), { filename: 'note.txt' });
  const byUrl = await client.uploadImage(`${bot.url}/picture.png`, { isReusable: true });
  await client.sendImage(IVAN, { attachmentId: byUrl.attachmentId });
  const byFile = await client.uploadImage(fs.createReadStream(file), { isReusable: true });
  await client.sendImage(IVAN, { attachmentId: byFile.attachmentId });
  fs.unlinkSync(file);
  const { chats } = await look('state');
  const kinds = chats[0].messages.map((message) => message.kind);
  assert.deepEqual(kinds.filter((kind) => kind !== 'text'), ['photo', 'photo', 'document', 'photo', 'photo']);
}

async function settles(client) {
  const person = await client.getUserProfile(IVAN, { fields: ['id', 'first_name', 'last_name'] });
  assert.deepEqual(person, { id: IVAN, firstName: 'Иван', lastName: 'Петров' });
  assert.deepEqual(await client.getPageInfo(), { id: String(PAGE), name: 'Лавка' });
  await client.setGetStarted('START');
  assert.deepEqual(await client.getGetStarted(), { payload: 'START' });
  await client.setGreeting('Здравствуйте!');
  await client.setPersistentMenu([{ type: 'postback', title: 'Помощь', payload: 'HELP' }]);
  await client.setIceBreakers([{ question: 'Где мой заказ?', payload: 'WHERE' }]);
  assert.equal((await client.getPersistentMenu())[0].callToActions[0].payload, 'HELP');
  assert.equal((await client.getGreeting())[0].text, 'Здравствуйте!');
  assert.equal((await client.getIceBreakers())[0].question, 'Где мой заказ?');
  await client.deletePersistentMenu();
  await client.deleteGetStarted();
  assert.equal(await client.getGetStarted(), null);
}

async function isRefused(client) {
  await assert.rejects(client.sendText('404', 'кто здесь?'), /100 OAuthException/);
  await hand('clock', { advance: 25 * 3600 });
  await assert.rejects(client.sendText(IVAN, 'поздно'), /10 OAuthException.*outside of allowed window/);
  await client.sendText(IVAN, 'от человека', { tag: 'HUMAN_AGENT' });
  const stranger = new MessengerClient({ accessToken: 'another', version: '25.0', origin: base });
  await assert.rejects(stranger.sendText(IVAN, 'чужой'), /190 OAuthException/);
}

async function judge() {
  const bot = await serve();
  const webhook = { url: `${bot.url}/hook`, verify_token: VERIFY };
  await hand('facebook/pages', { id: PAGE, name: 'Лавка', token: 'page-token', app_secret: SECRET,
    require_proof: true, human_agent: true, webhook });
  await hand('facebook/people', { id: Number(IVAN), first_name: 'Иван', last_name: 'Петров' });
  await hand('facebook/messages', { from: Number(IVAN), chat: PAGE, text: 'Привет, ёлка 🎄' });
  const client = new MessengerClient({ accessToken: 'page-token', appSecret: SECRET, version: '25.0', origin: base });
  const heard = await until(() => bot.events.find((event) => event.message));
  assert.equal(heard.message.text, 'Привет, ёлка 🎄');
  await sends(client, bot);
  await sendsFiles(client, bot);
  await settles(client);
  assert.deepEqual(await look('violations'), { violations: [] });
  await isRefused(client);
  bot.server.close();
  console.log('judged');
  process.exit(0);
}

judge().catch((error) => {
  console.error(error);
  process.exit(1);
});

// The page on which one person plays everybody: customers on their phones, operators at their desk.
//
// It shows `GET /sandbox/state`, is told by `/sandbox/events` when to look again, and acts through the
// control API (see README.md beside this folder).
//
// Hooks for browser tests (`data-testid`, stable):
//   new-customer             creates a person on Telegram and opens their phone
//   new-customer-in, new-customer-telegram, -vk, -facebook    the choice of another messenger, and its entries
//   phone                    a customer's phone; data-messenger, data-bot, data-person, data-chat = data-person
//   operator-chat            a window at the operators' desk; data-chat = chat id, data-type = private|supergroup
//   chat-entry               an entry of the operators' list or a customer's chip; data-chat, data-type, and a
//                            chip's data-messenger
//   speaker                  who speaks in the group; data-person, aria-checked
//   bubble                   a message; data-message = message id, data-kind, data-from, data-own;
//                            further items of an album are bubbles inside the first one's
//   service, pinned          a service message (data-message); the pinned message's bar
//   key                      a key under a message (its text is the key's text); aria-busy while the bot has
//                            not answered
//   reply-key                a key of the keyboard below the chat, or a quick reply of Messenger above the input
//   reaction                 a reaction under a message
//   composer, send, attach   the text field and the buttons beside it, inside a phone or window
//   sample-photo, -receipt, -album, -voice, -video-note, -video, -document, -sticker, -location, -contact
//                            ready-made things in the menu that `attach` opens
//   start, unblock           what a chat offers instead of the text field
//   phone-menu, menu-start, block, unblock, admin, thread-owner, standing-key, also-write
//                            a phone's menu and its entries; after `admin` the next message is an administrator's
//   reply, edit, delete      entries of a message's menu (right click, or the button on the bubble)
//   toast, alert, alert-ok   what the bot answered to a pressed key
//   sample-payment, -payment-again    a payment's screenshot (opens `payment`), and the last one once more
//   payment, payment-alipay, -wechat, -sber, -tbank, -paypal, -light, -dark, -done, -failed, -tariff, -amount, -currency, -send
//                            the dialog, its looks, its sums and its button
//   owner                    the mark in an owner's window
//   command                  the owner's commands above the text field of their window
//   view-chats, view-sheet   what is shown beside the customers, where there is a sheet
//   sheet                    the sheet; data-sheet = its id
//   sheet-tab, cell          its tabs; a cell's text field; data-cell = "B3"
//   sheet-add-row, sheet-undo, sheet-read, sheet-row    a new row; takes back what was done last; the owner's /sync;
//                            a row's number, which opens a menu:
//   row-insert, row-delete   its entries
//   backstage-toggle, backstage, fault-add, fault, calls    faults and the call log
//   time-now, pass-hour, pass-day    the clock; it moves on by an hour or by a day
//   remind-client, remind-end, remind-3, -1, -0    … to 13:00 so many days before a client's last day
//   sheet-fine, -away, -empty, -half    what reading the sheet comes to
//   answer                   the button beside a bubble that begins a reply to it (a double click does, too)
//   language, hint, hint-close, offline

import * as api from "./api.js";
import { Backstage } from "./backstage.js";
import { Customers } from "./customers.js";
import { Desk } from "./desk.js";
import { attr, h, text, wait } from "./dom.js";
import { lang, remember, remembered, setLang, t } from "./i18n.js";
import { icon, logo } from "./icons.js";
import { toast } from "./popups.js";
import { SheetPanel } from "./sheet.js";
import { World } from "./world.js";

const report = (notice) => toast(page.notices, notice);
const page = {
  customers: new Customers(() => look(), report),
  desk: new Desk(),
  sheet: new SheetPanel({ report, look: () => look(), read: () => readSheet() }),
  view: "chats",
  world: null,
  backstage: new Backstage({ report, moved: () => words(), look: () => look() }),
};

// What to try first, where there is a sheet and where there is none.
const STEPS = { pay: ["pay1", "pay2", "pay3", "pay4", "pay5"], try: ["try1", "try2", "try3", "try4"] };

// The look in progress, and whether something changed meanwhile.
let looking = null;
let again = false;
let later = null;

build();
live();

// The frame of the page.

function build() {
  setLang(lang());
  page.notices = h("div.overlay.page-overlay");
  page.tagline = h("span.tagline");
  page.offline = h("p.offline", { hidden: true, role: "status", dataset: { testid: "offline" } }, icon("offline", 16), h("span"));
  page.language = h("div.toggle", { role: "group", dataset: { testid: "language" } }, ["ru", "en"].map((code) =>
    h("button", { type: "button", lang: code, dataset: { code }, onclick: () => { setLang(code); render(); } }, code.toUpperCase())));
  page.curtain = h("button.quiet.with-icon", { type: "button", "aria-controls": "backstage", dataset: { testid: "backstage-toggle" }, onclick: () => page.backstage.toggle() }, icon("curtain", 20), h("span"));
  page.hint = h("section.hint", { hidden: remembered("zabota.hint") === "hidden", dataset: { testid: "hint" } });
  page.operatorsTitle = h("h2");
  page.views = h("div.toggle.views", { role: "group", hidden: true }, [["chats", "chats"], ["sheet", "table"]].map(([view, sign]) =>
    h("button", { type: "button", dataset: { view, testid: `view-${view}` }, onclick: () => show(view) }, icon(sign, 17), h("span"))));
  document.getElementById("app").replaceChildren(
    h("header.top", {}, h("div.brand", {}, logo(38), h("div", {}, h("h1", {}, "Забота"), page.tagline)),
      h("div.tools", {}, page.curtain, page.language)),
    page.offline,
    page.hint,
    h("main.stage", {},
      page.customers.element,
      page.operators = h("section.side.operators", { id: "operators" }, h("div.side-head", {}, page.operatorsTitle, page.views), page.desk.element, page.sheet.element),
      page.backstage.element),
    page.notices);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && page.backstage.element.contains(event.target)) { page.backstage.toggle(false); page.curtain.focus(); } });
  words();
}

// Everything on the frame that depends on the language.
function words() {
  document.title = `Забота: ${t("tagline").toLowerCase()}`;
  text(page.tagline, t("tagline"));
  text(page.offline.lastChild, t("offline"));
  text(page.curtain.lastChild, t("backstage"));
  attr(page.curtain, "aria-expanded", String(page.backstage.open));
  attr(page.language, "aria-label", t("language"));
  for (const button of page.language.children) attr(button, "aria-pressed", String(button.dataset.code === lang()));
  page.customers.words();
  text(page.operatorsTitle, t("operators"));
  attr(page.views, "aria-label", t("view"));
  for (const button of page.views.children) text(button.lastChild, t(button.dataset.view));
  document.body.classList.toggle("with-backstage", page.backstage.open);
  if (page.backstage.open) page.backstage.build();
  const way = page.world?.sheets.length ? "pay" : "try";
  if (page.hintFor !== `${way} ${lang()}`) {
    page.hintFor = `${way} ${lang()}`;
    page.hint.replaceChildren(h("strong", {}, t("tryTitle")), h("ol", {}, STEPS[way].map((step) => h("li", {}, t(step)))),
      h("button.icon-button", { type: "button", "aria-label": t("gotIt"), title: t("gotIt"), dataset: { testid: "hint-close" }, onclick: () => { page.hint.hidden = true; remember("zabota.hint", "hidden"); } }, icon("close", 18)));
  }
}

// What the state says.

function render() {
  words();
  const { world } = page;
  if (!world) return;
  page.customers.update(world);
  page.desk.update(world);
  page.sheet.update(world.sheets[0], page.backstage.sheet.state);
  page.backstage.update(world);
  show(world.sheets.length ? page.view : "chats");
}

// The chats or the sheet; in a high window the sheet stands below the chats (sheet.css).
function show(view) {
  page.view = view;
  page.views.hidden = !page.world?.sheets.length;
  for (const button of page.views.children) attr(button, "aria-pressed", String(button.dataset.view === view));
  const isSheet = view === "sheet";
  if (page.sheet.element.hidden !== isSheet) return;
  page.sheet.element.hidden = !isSheet;
  page.operators.classList.toggle("with-sheet", isSheet);
  if (!isSheet && page.world) page.desk.update(page.world);
}

function readSheet() {
  if (!page.desk.asOwner(t("command_sync"))) report(t("ownerAway"));
  else if (!page.desk.element.checkVisibility()) show("chats");
}

// Staying up to date: one look at a time; a change during a look means one more.

function look() {
  if (looking) {
    again = true;
    return looking;
  }
  looking = (async () => {
    do {
      again = false;
      const state = await api.state();
      if (page.world && state.seq < page.seq) page.backstage.forget();
      page.seq = state.seq;
      page.world = new World(state, page.customers.opened);
      render();
      // "Typing" ends by itself: no change is announced.
      clearTimeout(later);
      if (page.world.chats.some((chat) => chat.typing)) later = setTimeout(() => look().catch(() => {}), 1500);
      await wait(40);
    } while (again);
  })().finally(() => { looking = null; });
  return looking;
}

function live() {
  let events = null;
  let retry = 0;
  const online = (yes) => { page.offline.hidden = yes; };
  const refresh = () => look().then(() => { online(true); retry = 0; }).catch((error) => {
    console.warn(error);
    online(false);
    reconnect();
  });
  const connect = () => {
    events?.close();
    events = new EventSource("/sandbox/events");
    events.onopen = refresh;
    events.addEventListener("changed", refresh);
    events.onerror = () => {
      online(false);
      reconnect();
    };
  };
  let timer = null;
  const reconnect = () => {
    if (timer) return;
    retry = Math.min(retry + 1, 6);
    timer = setTimeout(() => { timer = null; connect(); }, retry * 700);
  };
  connect();
  refresh();
}

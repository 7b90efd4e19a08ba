// «Скриншот оплаты»: which app, how much, light or dark; then it is drawn, and sent like any other photo.
//
// What must stay true: where the sandbox plays the reader of pictures (OCR.space), it is told what stands on the
// picture before the picture is sent; other photos say nothing of a payment.

import * as api from "./api.js";
import { amountOf, tariffs } from "./cells.js";
import { attr, h } from "./dom.js";
import { lang, t, there } from "./i18n.js";
import { icon } from "./icons.js";
import { LOOKS, paint, screenshot, transactionNumber } from "./screens.js";

const CURRENCIES = ["CNY", "RUB", "USD", "EUR"];
const SIGNS = { CNY: "¥", RUB: "₽", USD: "$", EUR: "€" };
const USUAL = { CNY: 199, RUB: 1990, USD: 10.99 };

// What was chosen last stays chosen.
const choice = { look: "alipay", dark: false, failed: false, amount: null, currency: null };
/** The picture that was sent last, `{file, text}`: for whoever sends it twice. */
let last = null;
// Whether the reader was told of a payment, and says so until it is told otherwise.
let telling = false;

export const lastScreenshot = () => last;

/** Asks what the picture shall show. `send({file, text})` gets it; `now` is the sandbox's time in seconds. */
export function openPayment({ sheets, now, send }) {
  new PaymentDialog(tariffs(sheets), there(now), (made) => {
    last = made;
    send(made);
  }).open();
}

/** Has the sandbox's reader read this text, whatever picture it is given next: programs shrink pictures on the way. */
export async function tellReader({ file, text }) {
  const { reads } = await api.readings();
  if (reads.some(({ engine }) => engine)) return; // a real program reads
  const match = await sha256(file);
  if (match) await api.tellReading({ text, match });
  await api.tellReading({ text });
  telling = true;
}

/** A photo of something else leaves: no payment stands on it. */
export async function tellNoPayment() {
  if (!telling) return;
  telling = false;
  await api.tellReading({ text: "" });
}

class PaymentDialog {
  constructor(list, at, done) {
    this.tariffs = list;
    this.at = at;
    this.done = done;
    choice.failed = false;
    this.numbers = Object.fromEntries(Object.keys(LOOKS).map((look) => [look, transactionNumber(look, at)]));
    if (!choice.amount || !this.isOffered()) this.suit();
    this.canvas = h("canvas.shot", { role: "img", "aria-label": t("samplePayment") });
    this.amount = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", dataset: { testid: "payment-amount" }, oninput: () => { choice.amount = amountOf(this.amount.value); this.paint(); } });
    this.currency = h("select", { dataset: { testid: "payment-currency" }, onchange: () => { choice.currency = this.currency.value; this.paint(); } },
      CURRENCIES.map((code) => h("option", { value: code }, `${SIGNS[code]} ${code}`)));
    this.offers = h("div.offers", { role: "group", "aria-label": t("tariffs") }, list.map((tariff) => this.offer(tariff)));
    this.go = h("button.primary", { type: "submit", dataset: { testid: "payment-send" } }, icon("send", 18), t("sendPhoto"));
    this.dialog = h("dialog.payment", { "aria-label": t("samplePayment"), dataset: { testid: "payment" }, onclose: () => this.dialog.remove(), onclick: (event) => event.target === this.dialog && this.dialog.close() },
      h("form.payment-form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); this.finish(); } },
        h("div.payment-choices", {},
          h("header", {}, h("h2", {}, t("samplePayment")), h("button.icon-button", { type: "button", "aria-label": t("close"), onclick: () => this.dialog.close() }, icon("close", 20))),
          this.group("payApp", "looks", Object.entries(LOOKS).map(([look, { name }]) => this.radio("look", look, name, look === choice.look, () => this.chooseLook(look)))),
          h("fieldset", {}, h("legend", {}, t("payAmount")), list.length > 0 && this.offers, h("div.payment-sum", {}, this.amount, this.currency), list.length > 0 && h("p.muted", {}, t("payAmountHint"))),
          this.either("dark", "payTheme", ["light", "dark"], ["payLight", "payDark"]),
          this.either("failed", "payState", ["done", "failed"], ["payDone", "payFailed"]),
          this.go),
        h("div.shot-frame", { "aria-hidden": "true" }, this.canvas)));
    this.put();
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.paint();
    this.go.focus({ preventScroll: true });
  }

  group(key, name, choices) {
    return h("fieldset", {}, h("legend", {}, t(key)), h(`div.${name}`, {}, choices));
  }

  // One of two: usual, or not.
  either(name, title, values, keys) {
    const unusual = Number(choice[name]);
    return this.group(title, "themes", values.map((value, at) => this.radio(name, value, t(keys[at]), at === unusual, () => { choice[name] = at === 1; this.paint(); })));
  }

  radio(name, value, words, checked, chosen) {
    return h("label.choice", {}, h("input", { type: "radio", name, value, checked, dataset: { testid: `payment-${value}` }, onchange: chosen }), h("span", {}, words));
  }

  offer(tariff) {
    const { name, amount, currency } = tariff;
    const sum = amount.toLocaleString(lang(), { minimumFractionDigits: amount % 1 ? 2 : 0 });
    const element = h("button.offer", { type: "button", dataset: { testid: "payment-tariff" }, onclick: () => { Object.assign(choice, { amount, currency }); this.put(); this.paint(); } },
      h("span", {}, name), h("strong", {}, `${sum} ${SIGNS[currency] ?? currency}`));
    element.tariff = tariff;
    return element;
  }

  // Each app has its usual currency; a tariff in it is offered first.
  chooseLook(look) {
    choice.look = look;
    if (choice.currency !== LOOKS[look].currency) this.suit();
    this.put();
    this.paint();
  }

  suit() {
    const { currency } = LOOKS[choice.look];
    choice.currency = currency;
    choice.amount = this.tariffs.find((tariff) => tariff.currency === currency)?.amount ?? USUAL[currency];
  }

  isOffered() {
    return this.tariffs.length === 0 || this.tariffs.some(({ amount, currency }) => amount === choice.amount && currency === choice.currency);
  }

  put() {
    this.amount.value = choice.amount.toLocaleString(lang(), { minimumFractionDigits: 2 });
    if (![...this.currency.options].some(({ value }) => value === choice.currency)) this.currency.append(h("option", { value: choice.currency }, choice.currency));
    this.currency.value = choice.currency;
  }

  payment() {
    return { ...choice, at: this.at, number: this.numbers[choice.look] };
  }

  paint() {
    const isSum = choice.amount > 0 && choice.amount < 1e9;
    attr(this.go, "disabled", isSum ? null : "");
    attr(this.amount, "aria-invalid", isSum ? null : "true");
    for (const element of this.offers.children) {
      const { amount, currency } = element.tariff;
      attr(element, "aria-pressed", String(amount === choice.amount && currency === choice.currency));
    }
    if (isSum) paint(this.canvas, this.payment());
  }

  async finish() {
    if (!(choice.amount > 0)) return;
    const made = await screenshot(this.payment());
    this.dialog.close();
    this.done(made);
  }
}

// Only where the page is served from this machine, or encrypted, browsers can do it.
async function sha256(file) {
  const digest = await crypto.subtle?.digest("SHA-256", await file.arrayBuffer());
  return digest ? [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("") : null;
}

// Screenshots of payments, drawn as phones show them: Alipay, WeChat Pay, Сбер, Т-Банк, PayPal. Nothing here is a
// real payment: names and numbers are made up.
//
// What must stay true: whatever is written on a picture is also told as text, line by line; two payments never
// look so much alike that a program takes them for one picture sent twice.

import { sequence } from "./dom.js";
import { board, picture } from "./samples.js";

const WIDTH = 360;
const HEIGHT = 780;
const SCALE = 2;
const FONT = '-apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Droid Sans Fallback", sans-serif';
const SIGNS = { CNY: "¥", RUB: "₽", USD: "$", EUR: "€" };
const CARD = "4821";
const BANNER_TOP = 620;
const ALIKE = 10; // of the 64 bits of a difference hash, so many at least set two pictures apart
const TRIES = 40;

/** The looks, in the order in which they are offered: a name and the usual currency. */
export const LOOKS = {
  alipay: { name: "Alipay", currency: "CNY", draw: alipay },
  wechat: { name: "WeChat Pay", currency: "CNY", draw: wechat },
  sber: { name: "Сбер", currency: "RUB", draw: sber },
  tbank: { name: "Т-Банк", currency: "RUB", draw: tbank },
  paypal: { name: "PayPal", currency: "USD", draw: paypal },
};

const hashes = [];

/** Draws a payment `{look, amount, currency, dark, failed, at: Date, number}` on a canvas; gives the lines that stand on it. */
export function paint(canvas, payment) {
  canvas.width = WIDTH * SCALE;
  canvas.height = HEIGHT * SCALE;
  const c = canvas.getContext("2d", { willReadFrequently: true });
  const screen = new Screen(c, payment);
  LOOKS[payment.look].draw(screen, payment);
  return screen.lines;
}

/** The picture as a file, and its text: `{file, text}`. */
export async function screenshot(payment) {
  const canvas = board(1, 1);
  let lines = paint(canvas, payment);
  for (let seed = 0; seed < TRIES && hashes.some((other) => apart(other, hash(canvas)) < ALIKE); seed += 1) {
    lines = paint(canvas, { ...payment, banner: `${payment.number} ${seed}` });
  }
  hashes.push(hash(canvas));
  return { file: await picture(canvas, `${payment.look}-${payment.number.slice(-6)}.jpg`), text: lines.join("\n") };
}

/** A number of a transaction such as this look has them. */
export function transactionNumber(look, at) {
  const day = isoDay(at).replaceAll("-", "");
  const random = (count) => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join("");
  switch (look) {
    case "alipay": return `${day}220014${random(14)}`;
    case "wechat": return `4200002${random(3)}${day}${random(10)}`;
    case "sber": return `5${random(9)}`;
    case "tbank": return `1${random(11)}`;
    default: return Array.from({ length: 17 }, () => "0123456789ABCDEFGHJKLMNPRSTUVWXY"[Math.floor(Math.random() * 32)]).join("");
  }
}

// A phone's screen, in points; what is written is kept, line by line.
class Screen {
  constructor(c, { dark, banner, number }) {
    this.c = c;
    this.dark = dark;
    this.seed = banner ?? number;
    this.lines = [];
    c.setTransform(SCALE, 0, 0, SCALE, 0, 0);
    c.textBaseline = "middle";
  }

  fill(colour) {
    this.box(0, 0, WIDTH, HEIGHT, 0, colour);
  }

  box(x, y, width, height, radius, colour) {
    this.c.fillStyle = colour;
    this.c.beginPath();
    this.c.roundRect(x, y, width, height, radius);
    this.c.fill();
  }

  line(y, colour, from = 16, to = WIDTH - 16) {
    this.box(from, y, to - from, 1, 0, colour);
  }

  // Letters only, without a line of text: signs, arrows, initials.
  sign(words, x, y, { size = 14, weight = 400, colour, align = "left" }) {
    const { c } = this;
    c.font = `${weight} ${size}px ${FONT}`;
    c.textAlign = align;
    c.fillStyle = colour;
    c.fillText(words, x, y);
  }

  write(words, x, y, how) {
    this.sign(words, x, y, how);
    this.lines.push(words);
  }

  middle(words, y, how) {
    this.write(words, WIDTH / 2, y, { ...how, align: "center" });
  }

  row(label, value, y, { dim, ink, size = 13.5, weight = 400, edge = 26 }) {
    this.sign(label, edge, y, { size, colour: dim });
    this.sign(value, WIDTH - edge, y, { size, weight, colour: ink, align: "right" });
    this.lines.push(`${label} ${value}`);
  }

  bar(at, colour) {
    this.sign(clock(at), 24, 18, { size: 13, weight: 650, colour });
    this.lines.push(clock(at));
    [0, 1, 2, 3].forEach((bar) => this.box(282 + bar * 4.5, 22 - bar * 2.4, 3, 4 + bar * 2.4 - 2, 1, colour));
    this.box(306, 12.5, 24, 11, 3, colour);
    this.box(331, 15.5, 2, 5, 1, colour);
  }

  // An advertisement without words; another one on each picture, as in life.
  banner(radius = 14) {
    const { c } = this;
    const next = sequence(this.seed);
    const [x, y, width, height] = [14, BANNER_TOP, WIDTH - 28, HEIGHT - BANNER_TOP - 16];
    c.save();
    c.beginPath();
    c.roundRect(x, y, width, height, radius);
    c.clip();
    const hue = Math.round(next() * 360);
    const light = (share) => (this.dark ? 14 + share * 42 : 52 + share * 44);
    this.box(x, y, width, height, 0, `hsl(${hue} 45% ${light(0.5)}%)`);
    for (let blob = 0; blob < 13; blob += 1) {
      c.fillStyle = `hsl(${hue + next() * 70 - 35} ${40 + next() * 30}% ${light(next())}%)`;
      c.beginPath();
      c.ellipse(x + next() * width, y + next() * height, 22 + next() * 46, 26 + next() * 60, next() * 3, 0, 7);
      c.fill();
    }
    c.restore();
  }
}

function alipay(screen, { amount, currency, failed, at, number }) {
  const { dark } = screen;
  const [dim, ink, rule] = dark ? ["#7d7d7d", "#e6e6e6", "#2c2c2c"] : ["#999", "#333", "#eee"];
  screen.fill(dark ? "#111" : "#f5f5f5");
  screen.bar(at, ink);
  screen.sign("‹", 18, 54, { size: 26, colour: ink });
  screen.middle("账单详情", 54, { size: 17, weight: 500, colour: ink });
  screen.box(12, 84, WIDTH - 24, 408, 10, dark ? "#1f1f1f" : "#fff");
  screen.box(WIDTH / 2 - 19, 98, 38, 38, 19, "#17605a");
  screen.sign("З", WIDTH / 2, 118, { size: 20, weight: 700, colour: "#fff", align: "center" });
  screen.middle("关怀服务有限公司", 154, { size: 14.5, colour: ink });
  screen.middle(`-${currency === "CNY" ? "" : SIGNS[currency] ?? currency}${money(amount, "en")}`, 196, { size: 36, weight: 700, colour: ink });
  screen.middle(failed ? "交易失败" : "交易成功", 230, { size: 14, colour: dim });
  const row = (label, value, y) => screen.row(label, value, y, { dim, ink });
  row("支付时间", stamp(at), 272);
  row("付款方式", `招商银行储蓄卡(${CARD})`, 304);
  row("商品说明", "订阅服务", 336);
  screen.line(358, rule, 26, WIDTH - 26);
  row("订单号", number, 382);
  row("商户订单号", `T200P${number.slice(-12)}`, 414);
  screen.line(436, rule, 26, WIDTH - 26);
  row("账单分类", "生活服务 ›", 462);
  screen.box(12, 504, WIDTH - 24, 96, 10, dark ? "#1f1f1f" : "#fff");
  row("查看往来记录", "›", 530);
  row("对此订单有疑问", "›", 572);
  screen.banner(10);
}

function wechat(screen, { amount, currency, failed, at, number }) {
  const { dark } = screen;
  const [dim, ink, rule] = dark ? ["#7a7a7a", "#dedede", "#2a2a2a"] : ["#8a8a8a", "#1a1a1a", "#ededed"];
  screen.fill(dark ? "#111" : "#fff");
  screen.bar(at, ink);
  screen.sign("‹", 18, 54, { size: 26, colour: ink });
  screen.box(WIDTH / 2 - 26, 72, 52, 52, 12, "#07c160");
  screen.sign("关", WIDTH / 2, 99, { size: 26, weight: 600, colour: "#fff", align: "center" });
  screen.middle("关怀服务", 146, { size: 16, colour: ink });
  screen.middle(`-${currency === "CNY" ? "" : SIGNS[currency] ?? currency}${money(amount, "en")}`, 190, { size: 38, weight: 600, colour: ink });
  screen.line(228, rule);
  const row = (label, value, y) => screen.row(label, value, y, { dim, ink });
  row("当前状态", failed ? "支付失败" : "支付成功", 254);
  row("支付时间", chineseStamp(at), 286);
  row("商品", "扫二维码付款-给关怀服务", 318);
  row("商户全称", "深圳市关怀服务有限公司", 350);
  row("支付方式", "零钱", 382);
  screen.line(404, rule);
  row("交易单号", number, 430);
  row("商户单号", number.slice(-14), 462);
  screen.line(484, rule);
  screen.write("账单服务", 26, 510, { size: 13.5, colour: dim });
  row("对订单有疑惑", "›", 542);
  screen.middle("本服务由财付通提供", 590, { size: 12, colour: dim });
  screen.banner();
}

function sber(screen, { amount, currency, failed, at, number }) {
  const { dark } = screen;
  const [dim, ink, rule, top] = dark ? ["#8b9097", "#f0f0f0", "#2a2c30", "#14682a"] : ["#7d838a", "#1f1f22", "#e8eaed", "#21a038"];
  screen.fill(dark ? "#0e0f11" : "#f2f4f7");
  screen.box(0, -24, WIDTH, 274, 24, top);
  screen.bar(at, "#fff");
  screen.box(WIDTH / 2 - 28, 62, 56, 56, 28, "rgba(255,255,255,.22)");
  screen.sign(failed ? "✕" : "✓", WIDTH / 2, 91, { size: 30, weight: 600, colour: "#fff", align: "center" });
  screen.middle(failed ? "Платёж не выполнен" : "Платёж доставлен", 142, { size: 16, colour: "#fff" });
  screen.middle(`${money(amount, "ru")} ${SIGNS[currency] ?? currency}`, 182, { size: 34, weight: 700, colour: "#fff" });
  screen.middle("Забота Сервис, ООО", 220, { size: 15, colour: "#fff" });
  screen.box(12, 262, WIDTH - 24, 300, 16, dark ? "#1c1d20" : "#fff");
  const rows = [["Дата и время операции", `${russianStamp(at)} (МСК)`], ["Счёт списания", `Платёжный счёт •• ${CARD}`], ["Комиссия", "0 ₽"], ["ФИО получателя", "Мария Сергеевна К."], ["Номер документа", number]];
  rows.forEach(([label, value], index) => {
    const y = 282 + index * 58;
    screen.write(label, 28, y, { size: 13, colour: dim });
    screen.write(value, 28, y + 20, { size: 15.5, colour: ink });
    if (index < rows.length - 1) screen.line(y + 39, rule, 28, WIDTH - 28);
  });
  ["Поделиться", "Сохранить чек", "Повторить"].forEach((word, index) => screen.sign(word, 66 + index * 114, 592, { size: 13, weight: 600, colour: dark ? "#4cc365" : top, align: "center" }));
  screen.lines.push("Поделиться Сохранить чек Повторить");
  screen.banner();
}

function tbank(screen, { amount, currency, failed, at, number }) {
  const { dark } = screen;
  const [dim, ink, card, key] = dark ? ["#8f969e", "#f6f7f8", "#2b2b2c", "#6ba6ff"] : ["#9299a2", "#333", "#f5f5f6", "#428bf9"];
  screen.fill(dark ? "#1b1b1b" : "#fff");
  screen.bar(at, ink);
  screen.sign("←", 18, 54, { size: 20, colour: key });
  screen.middle(russianStamp(at), 76, { size: 13, colour: dim });
  screen.box(WIDTH / 2 - 32, 92, 64, 64, 20, "#ffdd2d");
  screen.sign("З", WIDTH / 2, 126, { size: 32, weight: 700, colour: "#333", align: "center" });
  screen.middle("Забота", 178, { size: 17, colour: ink });
  screen.middle(`−${money(amount, "ru")} ${SIGNS[currency] ?? currency}`, 214, { size: 32, weight: 700, colour: ink });
  screen.box(60, 240, 110, 30, 15, card);
  screen.box(180, 240, 120, 30, 15, card);
  const state = failed ? "Отклонено" : "Выполнено";
  screen.sign(state, 115, 256, { size: 13, colour: ink, align: "center" });
  screen.sign("Переводы", 240, 256, { size: 13, colour: ink, align: "center" });
  screen.lines.push(`${state} Переводы`);
  screen.box(14, 288, WIDTH - 28, 108, 18, card);
  const row = (label, value, y) => screen.row(label, value, y, { dim, ink, size: 14, weight: 500, edge: 30 });
  row("Счёт", `Black •• ${CARD}`, 312);
  row("Комиссия", "0 ₽", 342);
  row("Остаток", "12 345,67 ₽", 372);
  screen.box(14, 408, WIDTH - 28, 108, 18, card);
  row("Телефон получателя", "+7 916 123-45-67", 432);
  row("Номер операции", number, 462);
  row("Сообщение", "подписка", 492);
  screen.box(14, 528, WIDTH - 28, 48, 18, card);
  screen.middle("Справка по операции", 552, { size: 14, colour: key });
  screen.banner(18);
}

function paypal(screen, { amount, currency, failed, at, number }) {
  const { dark } = screen;
  const [dim, ink, rule, blue] = dark ? ["#93a0b3", "#eef2f8", "#263043", "#5ca9ff"] : ["#545d68", "#001435", "#e6e9ec", "#0070e0"];
  const sum = `${SIGNS[currency] ?? ""}${money(amount, "en")} ${currency}`;
  screen.fill(dark ? "#0c1220" : "#fff");
  screen.bar(at, ink);
  screen.sign("✕", 20, 56, { size: 18, colour: ink });
  screen.write("Transaction details", 52, 56, { size: 18, weight: 700, colour: ink });
  screen.box(18, 84, 44, 44, 22, blue);
  screen.sign("ZC", 40, 107, { size: 16, weight: 700, colour: "#fff", align: "center" });
  screen.write("Zabota Care", 74, 97, { size: 15, weight: 600, colour: ink });
  screen.write(englishStamp(at), 74, 118, { size: 13.5, colour: dim });
  screen.write(`-${sum}`, 18, 168, { size: 36, weight: 300, colour: ink });
  screen.write(failed ? "Declined" : "Completed", 18, 206, { size: 14.5, colour: dim });
  const row = (label, value, y) => screen.row(label, value, y, { dim, ink, size: 14, edge: 18 });
  screen.line(228, rule, 18, WIDTH - 18);
  screen.write("Paid with", 18, 252, { size: 14, weight: 700, colour: ink });
  row(`Visa •••• ${CARD}`, sum, 280);
  row("This will appear as", "PAYPAL *ZABOTA", 306);
  screen.line(328, rule, 18, WIDTH - 18);
  screen.write("Transaction ID", 18, 352, { size: 14, weight: 700, colour: ink });
  screen.write(number, 18, 378, { size: 14, colour: ink });
  screen.line(400, rule, 18, WIDTH - 18);
  screen.write("Details", 18, 424, { size: 14, weight: 700, colour: ink });
  row("Sent to Zabota Care", sum, 452);
  row("Fee", "$0.00", 478);
  row("Total", sum, 504);
  screen.line(526, rule, 18, WIDTH - 18);
  screen.write("Get help with this", 18, 556, { size: 14.5, weight: 600, colour: blue });
  screen.banner(12);
}

// Amounts and times as each country writes them.

function money(amount, language) {
  const [whole, cents] = amount.toFixed(2).split(".");
  const mark = language === "ru" ? "\u00a0" : ",";
  return `${whole.replace(/\B(?=(\d{3})+$)/g, mark)}${language === "ru" ? "," : "."}${cents}`;
}

const two = (number) => String(number).padStart(2, "0");
const clock = (at) => `${two(at.getHours())}:${two(at.getMinutes())}`;
const seconds = (at) => `${clock(at)}:${two(at.getSeconds())}`;
const isoDay = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
const stamp = (at) => `${isoDay(at)} ${seconds(at)}`;
const chineseStamp = (at) => `${at.getFullYear()}年${at.getMonth() + 1}月${at.getDate()}日 ${seconds(at)}`;
const russianStamp = (at) => `${at.toLocaleDateString("ru", { day: "numeric", month: "long", year: "numeric" }).replace(/\s?г\.$/, "")} ${seconds(at)}`;
const englishStamp = (at) => `${at.toLocaleDateString("en-US", { day: "numeric", month: "short", year: "numeric" })} ${clock(at)}`;

// Which of neighbouring spots of a tiny copy is the brighter one: what programs compare pictures by.
function hash(canvas) {
  const small = board(9, 8);
  const c = small.getContext("2d", { willReadFrequently: true });
  c.imageSmoothingQuality = "high";
  c.drawImage(canvas, 0, 0, 9, 8);
  const { data } = c.getImageData(0, 0, 9, 8);
  const light = (x, y) => [0, 1, 2].reduce((sum, part) => sum + data[(y * 9 + x) * 4 + part] * [0.2126, 0.7152, 0.0722][part], 0);
  return Array.from({ length: 64 }, (_, at) => light(at % 8, at >> 3) > light((at % 8) + 1, at >> 3) + 1);
}

const apart = (one, other) => one.filter((bit, at) => bit !== other[at]).length;

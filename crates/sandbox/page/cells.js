// What stands in the cells of a sheet: how it is shown, what a typed text means (as in Google Sheets with the
// Russian locale), where a cell is, and what the columns tell of clients and tariffs.

/** What people see in a cell of the control API. */
export function shown(cell) {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "boolean") return cell ? "TRUE" : "FALSE";
  if (typeof cell === "number") return String(cell).replace(".", ",");
  if (typeof cell === "string") return cell;
  if (cell.shown !== undefined) return cell.shown;
  return cell.date ? cell.date.split("-").reverse().join(".") : shown(cell.value);
}

/** What a typed text becomes: a day, a number, or the text itself. */
export function typed(text) {
  const words = text.trim();
  if (!words) return null;
  const day = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(words);
  if (day) {
    const date = isoDay(Number(day[3]), Number(day[2]), Number(day[1]));
    if (date) return { date };
  }
  if (/^-?(0|[1-9]\d{0,14})(,\d{1,6})?$/.test(words)) return Number(words.replace(",", "."));
  return text;
}

/** Whether it stands at the right edge, as numbers and days do. */
export const isNumeric = (cell) => /^[\d\s.,:/-]*\d[\d\s.,:/-]*(₽|\$|¥|€)?$/.test(shown(cell));

/** `A`, `B`, … `Z`, `AA`, … */
export function letters(column) {
  const rest = Math.floor(column / 26);
  return (rest ? letters(rest - 1) : "") + String.fromCharCode(65 + (column % 26));
}

/** `C7` for row 6, column 2. */
export const address = (row, column) => `${letters(column)}${row + 1}`;

/** The cells of a copied piece of a sheet; null if it is one cell only. */
export function pasted(text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  return lines.length > 1 || lines[0].length > 1 ? lines : null;
}

const EMAIL = ["email", "e-mail", "почта", "эл. почта", "электронная почта"];
const NAME = ["name", "имя"];
const UNTIL = ["paid_until", "paid until", "оплачено до", "оплачено_до"];
const TARIFF = ["tariff", "тариф", "name", "название"];
const PRICE = ["price", "цена"];
const CURRENCY = ["currency", "валюта"];
const CODES = { "¥": "CNY", "￥": "CNY", 元: "CNY", юань: "CNY", "₽": "RUB", руб: "RUB", "руб.": "RUB", $: "USD", "€": "EUR" };

/** Who is paid for, and until which day (`2026-11-20`), as far as the sheets' first tabs tell it. */
export function clients(sheets) {
  return sheets.flatMap((sheet) => rowsOf(sheet.tabs[0], { email: EMAIL, name: NAME, until: UNTIL }))
    .map(({ email, name, until }) => ({ email, name: name || email, until: dayOf(until) }))
    .filter(({ email, until }) => email && until);
}

/** The tariffs of the sheets' second tabs: `{name, amount, currency}`, the currency as a code. */
export function tariffs(sheets) {
  return sheets.flatMap((sheet) => rowsOf(sheet.tabs[1], { name: TARIFF, price: PRICE, currency: CURRENCY }))
    .map(({ name, price, currency }) => ({ name, amount: amountOf(price), currency: codeOf(currency || price) }))
    .filter(({ name, amount, currency }) => name && amount > 0 && currency);
}

/** «1 990,00», «10.99», «$ 10»: the number in it, NaN if there is none. */
export function amountOf(text) {
  const digits = text.replace(/[^\d.,]/g, "");
  const cents = /[.,](\d{1,2})$/.exec(digits);
  const whole = (cents ? digits.slice(0, cents.index) : digits).replace(/[.,]/g, "");
  return whole || cents ? Number(`${whole || 0}.${cents?.[1] ?? 0}`) : NaN;
}

function codeOf(text) {
  const word = text.trim().toLowerCase();
  const sign = Object.keys(CODES).find((one) => word === one || word.replace(/[\d\s.,]/g, "") === one);
  return sign ? CODES[sign] : /^[a-z]{3}$/.test(word) ? word.toUpperCase() : "";
}

function dayOf(text) {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(text);
  if (iso) return isoDay(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const usual = /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?!\d)/.exec(text);
  return usual && isoDay(Number(usual[3]) % 2000 + 2000, Number(usual[2]), Number(usual[1]));
}

function isoDay(year, month, day) {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.toISOString().slice(0, 10) : null;
}

// The rows below the names of the columns, with the columns that were asked for.
function rowsOf(tab, wanted) {
  const [head = [], ...rows] = tab?.rows ?? [];
  const names = head.map((cell) => shown(cell).trim().toLowerCase());
  const columns = Object.entries(wanted).map(([key, known]) => [key, names.findIndex((name) => known.includes(name))]);
  return rows.map((row) => Object.fromEntries(columns.map(([key, at]) => [key, at < 0 ? "" : shown(row[at]).trim()])));
}

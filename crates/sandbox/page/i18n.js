// The page's language, and how numbers, times and sizes read in it. What people and bots say comes from the
// state and is not translated.

import { WORDS } from "./words.js";

/** The desk's usual time zone: phones show what the desk's messages say. */
export const ZONE = "Europe/Moscow";
const LANGUAGES = ["ru", "en"];
// The address may ask for a language (`/?lang=en`); else it is the one that was chosen last.
const asked = new URLSearchParams(location.search).get("lang") ?? remembered("zabota.language");
let language = LANGUAGES.includes(asked) ? asked : LANGUAGES[0];

/** The current language, `ru` or `en`. */
export const lang = () => language;

/** Changes the language and remembers it. */
export function setLang(next) {
  language = LANGUAGES.includes(next) ? next : "ru";
  remember("zabota.language", language);
  document.documentElement.lang = language;
}

/** A phrase of the page in the current language. */
export const t = (key) => WORDS[key]?.[LANGUAGES.indexOf(language)] ?? key;

/** "5 участников", with the Russian plural. */
export function membersCount(count) {
  const form = new Intl.PluralRules(language).select(count);
  const key = { one: "groupOne", few: "groupFew" }[form] ?? "members";
  return `${count} ${t(key)}`;
}

export const clock = (seconds) =>
  Number.isFinite(seconds) ? new Date(seconds * 1000).toLocaleTimeString(language, { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) : "";

/** What clocks there show, as if it were here: for pictures that are drawn with the usual `Date`. */
export const there = (seconds) => new Date(new Date(seconds * 1000).toLocaleString("sv", { timeZone: ZONE }).replace(" ", "T"));

/** The day of a moment, `2026-11-20`. */
export const dayOf = (seconds) => new Date(seconds * 1000).toLocaleDateString("sv", { timeZone: ZONE });

/** A heading between days: today, yesterday, or the date. */
export function dayName(seconds, now) {
  const [day, today] = [dayOf(seconds), dayOf(now)];
  const apart = Math.round((Date.parse(today) - Date.parse(day)) / 86400000);
  if (apart === 0) return t("today");
  if (apart === 1) return t("yesterday");
  const year = day.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric";
  return new Date(day).toLocaleDateString(language, { timeZone: "UTC", day: "numeric", month: "long", year });
}

export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} ${t("bytes")}`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} ${t("kb")}`;
  return `${(bytes / 1048576).toLocaleString(language, { maximumFractionDigits: 1 })} ${t("mb")}`;
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Storage may be forbidden (private windows); then nothing is remembered, and nothing breaks.
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

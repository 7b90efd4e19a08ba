// «Перевести часы»: an hour, a day, or to the moment of a reminder. The desk of the demo follows this clock.

import * as api from "./api.js";
import { clients } from "./cells.js";
import { attr, h, text } from "./dom.js";
import { lang, t, ZONE } from "./i18n.js";
import { icon } from "./icons.js";

const HOUR = 3600; // seconds
const DAY = 24 * HOUR;
const REMINDED_AT = 13; // o'clock there
const BEFORE = [3, 1, 0]; // days before the end

export class ClockSection {
  /** `attempt(deed)` says what went wrong, `report` shows words, `look` looks at the state anew. */
  constructor({ attempt, report, look }) {
    this.attempt = attempt;
    this.report = report;
    this.look = look;
    this.client = null;
  }

  build() {
    this.now = h("span.time-now", { dataset: { testid: "time-now" } });
    this.select = h("select", { dataset: { testid: "remind-client" }, onchange: () => this.choose(this.select.value) });
    this.end = h("input", { type: "date", dataset: { testid: "remind-end" }, oninput: () => { this.client = ""; this.select.value = ""; this.paintKeys(); } });
    this.keys = BEFORE.map((days) => h("button.quiet.with-icon", { type: "button", dataset: { testid: `remind-${days}` }, onclick: () => this.jump(days) }, icon("clock", 18), t(`remind_${days}`)));
    this.reminders = h("div.reminders", {}, h("h3", {}, t("remindTitle")),
      h("div.fields", {}, h("label.field", {}, t("remindClient"), this.select), h("label.field", {}, t("remindEnd"), this.end)), h("p.muted", {}, t("remindHint")), this.keys);
    this.element = h("section", {}, h("h3", {}, t("timeTitle")), h("p", {}, `${t("timeNow")}: `, this.now), h("p.muted", {}, t("timeHint")),
      h("div.fields", {}, this.passing("passHour", "pass-hour", HOUR), this.passing("passDay", "pass-day", DAY)), this.reminders);
    return this.element;
  }

  update(world) {
    if (!this.element) return;
    this.seconds = world.now();
    text(this.now, moment(this.seconds));
    this.list = clients(world.sheets);
    this.reminders.hidden = !this.list.length;
    if (!this.list.length) return;
    const known = JSON.stringify([this.list, lang()]);
    if (this.known !== known || !this.select.options.length) {
      this.known = known;
      this.select.replaceChildren(...this.list.map(({ email, name }) => h("option", { value: email }, name)), h("option", { value: "" }, t("remindOther")));
      const stays = this.client === "" || this.list.some(({ email }) => email === this.client);
      this.choose(stays ? this.client : this.nearest());
    }
    this.paintKeys();
  }

  // Whose end is next among those to whom a reminder can still come.
  nearest() {
    const left = this.list.filter(({ until }) => instant(until, BEFORE[0]) > this.seconds);
    return (left.length ? left : this.list).reduce((one, other) => (other.until < one.until ? other : one)).email;
  }

  choose(email) {
    this.client = email;
    this.select.value = email;
    const client = this.list.find((one) => one.email === email);
    if (client) this.end.value = client.until;
    this.paintKeys();
  }

  paintKeys() {
    BEFORE.forEach((days, index) => {
      const isPast = !this.end.value || instant(this.end.value, days) <= this.seconds;
      attr(this.keys[index], "disabled", isPast ? "" : null);
      attr(this.keys[index], "title", isPast ? t("remindPast") : moment(instant(this.end.value, days)));
    });
  }

  passing(key, testid, seconds) {
    return h("button.quiet.with-icon", { type: "button", dataset: { testid }, onclick: () => this.move(seconds) }, icon("clock", 18), t(key));
  }

  jump(days) {
    const at = instant(this.end.value, days);
    return this.attempt(async () => {
      const { now } = await api.letPass(0);
      await this.pass(Math.max(0, at - now));
    });
  }

  move(seconds) {
    return this.attempt(() => this.pass(seconds));
  }

  // Nobody is told that time has passed: the page looks by itself.
  async pass(seconds) {
    const { now } = await api.letPass(seconds);
    this.report(`${t("passed")} ${moment(now)}`);
    await this.look();
  }
}

// The hour of reminders, so many days before a day, in seconds since 1970.
function instant(day, before) {
  const asIfUtc = Date.parse(`${day}T${REMINDED_AT}:00:00Z`) - before * DAY * 1000;
  return (asIfUtc - offset(asIfUtc)) / 1000;
}

// How far the desk's clocks are ahead of UTC, in milliseconds.
function offset(at) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: ZONE, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(at);
  const part = (type) => Number(parts.find((one) => one.type === type).value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second")) - at;
}

const moment = (seconds) =>
  `${new Date(seconds * 1000).toLocaleString(lang(), { timeZone: ZONE, day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })} ${t("moscow")}`;

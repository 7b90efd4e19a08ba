// «За кулисами»: faults of the messengers and of the sheet, the clock (clock.js), and the log of what the bots
// asked for.

import * as api from "./api.js";
import { ClockSection } from "./clock.js";
import { h, keyed, part, text } from "./dom.js";
import { lang, t, ZONE } from "./i18n.js";
import { icon } from "./icons.js";
import { MESSENGERS, sign } from "./messengers.js";

const KINDS = {
  too_many: { seconds: 3, spec: (seconds) => ({ retry_after: seconds }) },
  error: { spec: (_, messenger) => ERRORS[messenger] ?? ERRORS.telegram },
  html: { spec: () => ({ status: 502 }) },
  drop_before: { spec: () => ({}) },
  drop_after: { spec: () => ({}) },
  slow: { seconds: 2, spec: (seconds) => ({ ms: Math.round(seconds * 1000) }) },
};
// «Something went wrong here, try again», as each messenger says it.
const ERRORS = {
  telegram: { status: 500, description: "Internal Server Error" },
  vk: { code: 10, description: "Internal server error" },
  facebook: { status: 500, code: 2, description: "Service temporarily unavailable" },
};
const METHODS = {
  telegram: ["sendMessage", "copyMessage", "sendPhoto", "sendMediaGroup", "editMessageText", "answerCallbackQuery", "getUpdates", "download"],
  vk: ["messages.send", "messages.edit", "messages.sendMessageEventAnswer", "a_check", "upload", "download"],
  facebook: ["messages", "message_attachments", "profile", "subscribed_apps", "download"],
};
const POLLING = new Set(["getUpdates", "a_check"]);
// What can be wrong with the sheet: faults that hold until another is chosen.
const READINGS = ["values", "spreadsheet", "csv"];
const SHEET = {
  fine: [],
  away: [{ kind: "error", status: 503, description: "The service is currently unavailable." }],
  empty: READINGS.map((method) => ({ kind: "empty", method })),
  half: READINGS.map((method) => ({ kind: "half", method })),
};
const KEPT = 300; // calls on the page
const EVERY_MS = 1000;

export class Backstage {
  /** `report` shows words to the person, `moved` is told when it was opened or closed, `look` looks at the state anew. */
  constructor({ report, moved, look }) {
    this.report = report;
    this.moved = moved;
    this.look = look;
    this.clock = new ClockSection({ attempt: (deed) => this.attempt(deed), report, look });
    this.sheet = { state: "fine", faults: [] };
    this.calls = [];
    this.last = 0;
    this.mine = [];
    this.enforce = false;
    this.hidePolling = true;
    this.element = h("aside.backstage", { hidden: true, id: "backstage", dataset: { testid: "backstage" } });
  }

  get open() {
    return !this.element.hidden;
  }

  /** What the state says: the time, and who is paid for. */
  update(world) {
    this.world = world;
    this.clock.update(world);
    if (this.sheetSection) this.sheetSection.hidden = !world.sheets.length;
  }

  toggle(open = !this.open) {
    this.element.hidden = !open;
    this.moved();
    if (!open) return clearInterval(this.timer);
    this.refresh();
    this.timer = setInterval(() => this.refresh(), EVERY_MS);
    return this.element.querySelector("button")?.focus({ preventScroll: true });
  }

  // Built anew when the language changes; what is in the log stays.
  build() {
    if (this.builtFor === lang()) return;
    this.builtFor = lang();
    this.active = h("div.fault-list");
    this.log = h("ol.calls", { dataset: { testid: "calls" } });
    this.blame = h("div");
    delete this.log.keyedChildren;
    this.element.setAttribute("aria-label", t("backstage"));
    this.element.replaceChildren(
      h("header", {}, h("h2", {}, t("backstage")), h("button.icon-button", { type: "button", "aria-label": t("close"), onclick: () => this.toggle(false) }, icon("close"))),
      this.clock.build(),
      this.sheetSwitch(),
      h("section", {}, h("h3", {}, t("faultsTitle")), h("p.muted", {}, t("faultsHint")), this.form(), this.limits(), this.active),
      h("section.calls-section", {}, h("div.calls-head", {}, h("h3", {}, t("callsTitle")),
        h("label", {}, h("input", { type: "checkbox", checked: this.hidePolling, onchange: (event) => { this.hidePolling = event.target.checked; this.paintCalls(); } }), t("hidePolling"))),
      this.blame, this.log));
    this.paintCalls();
    if (this.world) this.update(this.world);
  }

  form() {
    const kinds = Object.keys(KINDS).map((kind, index) => h("label.choice", {}, h("input", { type: "radio", name: "kind", value: kind, checked: index === 0, onchange: () => adapt() }), h("span", {}, t(`fault_${kind}`))));
    const messenger = h("select", { name: "messenger", onchange: () => offer() }, h("option", { value: "" }, t("anyMessenger")),
      Object.entries(MESSENGERS).map(([value, { name }]) => h("option", { value }, name)));
    const method = h("select", { name: "method" });
    const offer = () => method.replaceChildren(h("option", { value: "" }, t("anyMethod")), ...(METHODS[messenger.value] ?? []).map((name) => h("option", {}, name)));
    offer();
    const times = h("input", { name: "times", type: "number", min: "0", max: "1000", value: "3", title: t("untilOff") });
    const seconds = h("input", { name: "seconds", type: "number", min: "0.1", max: "60", step: "0.1", value: "3" });
    const secondsField = h("label.field", {}, t("faultSeconds"), seconds);
    const adapt = () => {
      const usual = KINDS[form.elements.kind.value].seconds;
      secondsField.hidden = !usual;
      if (usual) seconds.value = String(usual);
    };
    const form = h("form.fault-form", { onsubmit: (event) => { event.preventDefault(); this.add(form.elements); } },
      h("fieldset.choices", {}, h("legend.sr", {}, t("faultKind")), kinds),
      h("div.fields", {}, h("label.field", {}, t("faultMessenger"), messenger), h("label.field", {}, t("faultMethod"), method)),
      h("div.fields", {}, h("label.field", { title: t("untilOff") }, t("faultTimes"), times), secondsField),
      h("button.primary", { type: "submit", dataset: { testid: "fault-add" } }, icon("bolt", 18), t("faultAdd")));
    return form;
  }

  sheetSwitch() {
    const choices = Object.keys(SHEET).map((state) => h("label.choice", {},
      h("input", { type: "radio", name: "sheet", value: state, checked: this.sheet.state === state, dataset: { testid: `sheet-${state}` }, onchange: () => this.setSheet(state) }), h("span", {}, t(`sheet_${state}`))));
    this.sheetSection = h("section", { hidden: true }, h("h3", {}, t("sheetFaults")), h("p.muted", {}, t("sheetFaultsHint")),
      h("fieldset.choices", {}, h("legend.sr", {}, t("sheetFaults")), choices));
    return this.sheetSection;
  }

  async setSheet(state) {
    await this.attempt(async () => {
      for (const id of this.sheet.faults.splice(0)) await api.removeFault(id).catch(() => {}); // gone with all others
      this.sheet.state = state;
      for (const fault of SHEET[state]) {
        const { id } = await api.addFault({ ...fault, messenger: "google", times: 0 });
        this.sheet.faults.push(id);
      }
      await this.look();
    });
    await this.refresh();
  }

  // The server does not tell whether limits are kept: what was chosen here last is shown.
  limits() {
    const box = h("input", { type: "checkbox", checked: this.enforce, onchange: () => { this.enforce = box.checked; this.attempt(() => api.setLimits(box.checked)); } });
    return h("label.check", {}, box, t("limits"));
  }

  async add({ kind, messenger, method, times, seconds }) {
    const count = Math.max(0, Math.round(Number(times.value) || 0));
    const whole = kind.value === "too_many" ? Math.max(1, Math.round(Number(seconds.value) || 1)) : Number(seconds.value) || 1;
    const fault = { kind: kind.value, times: count, ...(messenger.value ? { messenger: messenger.value } : {}), ...(method.value ? { method: method.value } : {}), ...KINDS[kind.value].spec(whole, messenger.value) };
    await this.attempt(async () => {
      const { id } = await api.addFault(fault);
      this.mine.push({ ...fault, id, left: count });
    });
    await this.refresh();
  }

  async attempt(deed) {
    try {
      await deed();
    } catch (error) {
      this.report(`${t("failed")}: ${error.message}`);
    }
  }

  async refresh() {
    if (!this.open || this.busy) return;
    this.busy = true;
    try {
      const [{ calls = [] }, { violations = [] }] = await Promise.all([api.calls(this.last), api.violations()]);
      this.take(calls);
      this.paintFaults(this.mine.filter((fault) => fault.times === 0 || fault.left > 0));
      this.paintCalls();
      this.paintBlame(violations);
    } catch {
      return; // the page's badge already says that the server is away
    } finally {
      this.busy = false;
    }
  }

  // The server does not list its faults: those caused here are noted, and struck off as they hit.
  // A reset server counts from 1 again. A struck fault is used up once.
  take(calls) {
    for (const call of calls) {
      if (call.n <= this.last) continue;
      this.last = call.n;
      this.calls.push(call);
      const hit = call.fault && this.mine.find((fault) => fault.kind === call.fault && fault.left > 0 && (!fault.method || fault.method === call.method) && (!fault.messenger || fault.messenger === call.messenger));
      if (hit) hit.left -= 1;
    }
    if (this.calls.length > KEPT * 4) this.calls = this.calls.slice(-KEPT * 4);
  }

  paintFaults(faults) {
    part(this.active, "faults", JSON.stringify([faults, lang()]), () => {
      if (!faults.length) return h("p.muted", {}, t("faultsNone"));
      return h("div", {}, h("div.calls-head", {}, h("h3", {}, t("faultsActive")), faults.length > 1 && h("button.quiet", { type: "button", onclick: () => this.off(null) }, t("faultsOff"))),
        faults.map((fault) => h("div.fault", { dataset: { testid: "fault" } }, icon("bolt", 16),
          h("span", {}, t(`fault_${fault.kind}`), h("small", {}, `${[MESSENGERS[fault.messenger]?.name, fault.method ?? t("anyMethod")].filter(Boolean).join(" · ")} · ${fault.times === 0 ? t("forever") : `${fault.left ?? fault.times} ${t("times")}`}`)),
          h("button.quiet", { type: "button", onclick: () => this.off(fault.id) }, t("faultOff")))));
    });
  }

  async off(id) {
    await this.attempt(async () => {
      if (id === null) await api.removeFaults();
      else await api.removeFault(id);
    });
    this.mine = id === null ? [] : this.mine.filter((fault) => fault.id !== id);
    if (id === null) {
      this.fineSheet();
      await this.look().catch(() => {}); // the page's badge says so
    }
    await this.refresh();
  }

  paintBlame(violations) {
    part(this.blame, "blame", JSON.stringify([violations.length, violations.at(-1), lang()]), () => violations.length
      ? h("details.blame", {}, h("summary", {}, `${t("violations")}: ${violations.length}`), violations.slice(-20).map((one) => h("p", {}, mark(one.messenger), " ", h("code", {}, one.method ?? ""), ` ${one.what ?? one.error ?? JSON.stringify(one)}`)))
      : null);
  }

  paintCalls() {
    const shown = this.calls.filter((call) => !this.hidePolling || !POLLING.has(call.method)).slice(-KEPT).reverse();
    keyed(this.log, shown.length ? shown : [{ n: "none" }], (call) => call.n, (call) => (call.n === "none" ? h("li.muted", {}, t("callsNone")) : callRow(call)));
  }

  // All faults are gone, the sheet's too.
  fineSheet() {
    this.sheet = { state: "fine", faults: [] };
    const fine = this.sheetSection?.querySelector("input");
    if (fine) fine.checked = true;
  }

  /** After a reset or a restart the log starts over. */
  forget() {
    this.calls = [];
    this.mine = [];
    this.fineSheet();
    this.last = 0;
    if (this.log) this.paintCalls();
  }
}

function callRow(call) {
  const at = new Date(call.at * 1000).toLocaleTimeString(lang(), { timeZone: ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const status = h("span.status", { dataset: { class: String(call.status ?? "").slice(0, 1) || "0" } }, call.status ? String(call.status) : "—");
  const details = h("details", {}, h("summary", {}, mark(call.messenger), status, h("code", {}, call.method), call.fault && h("span.fault-mark", {}, call.fault), h("small", {}, gist(call.params)), h("time", {}, at)));
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(listing(t("param"), call.params), listing(t("answer"), call.answer));
  });
  return h("li", {}, details);
}

// A messenger's sign; Google and OCR.space are called too.
const mark = (messenger) => (MESSENGERS[messenger] ? sign(messenger, 15) : icon(messenger === "ocr" ? "image" : "table", 15));

// What a call was about, in a few words.
function gist(params) {
  const said = params?.message; // text in VK, an object in Messenger
  const words = params?.text ?? params?.caption ?? said?.text ?? said?.attachment?.payload?.text ?? said ?? params?.sender_action ?? params?.action ?? params?.emoji ?? "";
  return typeof words === "string" ? words.replace(/\s+/g, " ").slice(0, 80) : "";
}

function listing(title, value) {
  const words = typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
  const pre = h("pre");
  text(pre, words.length > 6000 ? `${words.slice(0, 6000)}…` : words);
  return h("div.listing", {}, h("small", {}, title), pre);
}

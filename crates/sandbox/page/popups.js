// What appears above the page for a while: menus, toasts, the messenger's alert.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { sign } from "./messengers.js";

let closeMenu = null;

/**
 * Opens a menu next to an element or at a pointer's place. Items: `{icon or sign, label, run, danger?,
 * testid?}`, `{heading}` or `{emojis: […], run(emoji)}`. Arrows move, Escape closes and gives the focus back.
 */
export function openMenu(place, items) {
  closeMenu?.();
  const opener = document.activeElement;
  const menu = h("div.menu", { role: "menu", tabindex: "-1" }, items.filter(Boolean).map((item) => menuItem(item)));
  document.body.append(menu);
  put(menu, place);
  const away = (event) => { if (!menu.contains(event.target)) close(false); };
  const close = (giveBack = true) => {
    menu.remove();
    removeEventListener("pointerdown", away, true);
    closeMenu = null;
    if (giveBack) opener?.focus?.({ preventScroll: true });
  };
  closeMenu = close;
  addEventListener("pointerdown", away, true);
  menu.addEventListener("keydown", (event) => steer(event, menu, close));
  menu.addEventListener("click", (event) => { if (event.target.closest("[role=menuitem]")) close(false); });
  (menu.querySelector("[role=menuitem]") ?? menu).focus({ preventScroll: true });
}

function menuItem(item) {
  if (item.heading) return h("div.menu-heading", {}, item.heading);
  if (item.emojis) {
    return h("div.menu-emojis", {}, item.emojis.map((emoji) =>
      h("button", { type: "button", role: "menuitem", "aria-label": `${t("react")} ${emoji}`, onclick: () => item.run(emoji) }, emoji)));
  }
  return h(`button.menu-item${item.danger ? ".danger" : ""}`, {
    type: "button", role: "menuitem", onclick: item.run, dataset: item.testid ? { testid: item.testid } : {},
  }, item.sign ? sign(item.sign, 18) : icon(item.icon, 18), h("span", {}, item.label));
}

function put(menu, place) {
  const box = place instanceof Element ? place.getBoundingClientRect() : { left: place.x, right: place.x, top: place.y, bottom: place.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = box.left + width > innerWidth - 8 ? Math.min(box.right, innerWidth - 8) - width : box.left;
  const below = box.bottom + 6;
  const top = below + height > innerHeight - 8 ? box.top - height - 6 : below;
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
}

function steer(event, menu, close) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    close();
  } else if (step) {
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  }
}

/** A short notice inside `host` that leaves by itself. */
export function toast(host, words, link) {
  const element = h("div.toast", { role: "status", dataset: { testid: "toast" } }, words,
    link && h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, t("openLink")));
  host.append(element);
  const stay = Math.min(2600 + words.length * 35, 9000);
  setTimeout(() => element.classList.add("leaving"), stay);
  setTimeout(() => element.remove(), stay + 300);
}

/** The messenger's alert: stays inside the phone (or the window) until it is read. */
export function alert_(host, title, words) {
  const back = document.activeElement;
  const close = () => {
    element.remove();
    back?.focus?.({ preventScroll: true });
  };
  const button = h("button.primary", { type: "button", onclick: close, dataset: { testid: "alert-ok" } }, t("ok"));
  const element = h("div.alert", { role: "alertdialog", "aria-modal": "true", "aria-label": title, dataset: { testid: "alert" } },
    h("div.alert-card", {}, h("strong", {}, title), h("p", {}, words), button));
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Tab") event.preventDefault();
  });
  host.append(element);
  button.focus({ preventScroll: true });
}

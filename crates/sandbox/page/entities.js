// Text with formatting. Offsets and lengths count UTF-16 units, which is how JavaScript counts too.
//
// What must stay true: every character of a message becomes a text node; a link is followed only if its
// scheme is harmless; entities that overlap oddly or point outside the text never break a message.

import { h } from "./dom.js";
import { t } from "./i18n.js";

const SAFE_SCHEME = /^(https?:|mailto:|tel:|tg:)/i;

/** The entities that other messengers find by themselves: addresses of pages. */
export function addresses(text) {
  return [...String(text ?? "").matchAll(/https?:\/\/[^\s<>"«»]+[^\s<>"«».,:;!?)]/g)].map((found) => ({ type: "url", offset: found.index, length: found[0].length }));
}

/** A fragment with the text and its formatting. `onCommand` is called with "/command" when one is clicked. */
export function formatted(text, entities, onCommand) {
  const root = document.createDocumentFragment();
  const value = String(text ?? "");
  const spans = (Array.isArray(entities) ? entities : [])
    .filter((entity) => Number.isInteger(entity?.offset) && entity.length > 0 && entity.offset >= 0 && entity.offset < value.length)
    .map((entity) => ({ ...entity, end: Math.min(entity.offset + entity.length, value.length) }))
    .sort((a, b) => a.offset - b.offset || b.end - a.end);
  nest(root, value, 0, value.length, spans, onCommand);
  return root;
}

// Writes text[from..to] into parent; spans that start inside it become nested elements. A span that sticks
// out of its parent is cut there and goes on after it.
function nest(parent, text, from, to, spans, onCommand) {
  let at = from;
  while (spans.length && spans[0].offset < to) {
    const span = spans.shift();
    const start = Math.max(span.offset, at);
    const end = Math.min(span.end, to);
    if (end <= start) continue;
    if (start > at) parent.append(text.slice(at, start));
    const element = wrap(span, text.slice(start, end), onCommand);
    const inner = [];
    while (spans.length && spans[0].offset < end) {
      const child = spans.shift();
      inner.push({ ...child, end: Math.min(child.end, end) });
      if (child.end > end) spans.unshift({ ...child, offset: end });
      if (child.end > end) break;
    }
    nest(element, text, start, end, inner, onCommand);
    parent.append(element);
    at = end;
  }
  if (at < to) parent.append(text.slice(at, to));
}

function wrap(span, covered, onCommand) {
  switch (span.type) {
    case "bold": return h("strong");
    case "italic": return h("em");
    case "underline": return h("u");
    case "strikethrough": return h("s");
    case "code": return h("code");
    case "pre": return h("pre", { "data-language": span.language });
    case "blockquote": return h("blockquote");
    case "expandable_blockquote": return expandable();
    case "spoiler": return spoiler();
    case "text_link": return link(span.url);
    case "url": return link(/^[a-z][a-z0-9+.-]*:/i.test(covered) ? covered : `https://${covered}`);
    case "email": return link(`mailto:${covered}`);
    case "phone_number": return link(`tel:${covered.replace(/[^+\d]/g, "")}`);
    case "bot_command": return command(covered, onCommand);
    case "mention": case "text_mention": case "hashtag": case "cashtag": return h("span.tag");
    default: return h("span");
  }
}

function link(url) {
  if (!SAFE_SCHEME.test(String(url ?? ""))) return h("span.tag");
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" });
}

function command(covered, onCommand) {
  if (!onCommand) return h("span.tag");
  return h("button.command", { type: "button", onclick: () => onCommand(covered) });
}

function spoiler() {
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.classList.add("shown");
    element.removeAttribute("role");
  };
  const element = h("span.spoiler", { role: "button", tabindex: "0", title: t("showSpoiler"), onclick: reveal, onkeydown: reveal });
  return element;
}

function expandable() {
  const element = h("blockquote.expandable", { onclick: () => element.classList.toggle("open") });
  return element;
}

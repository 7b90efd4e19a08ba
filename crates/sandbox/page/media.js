// What a message carries besides words: pictures, players, files, maps, cards, polls, dice.
//
// What must stay true: a missing file, size or field leaves a readable placeholder, never a broken message.

import { fileUrl } from "./api.js";
import { h, sequence, svg, text } from "./dom.js";
import { duration, fileSize, t } from "./i18n.js";
import { icon } from "./icons.js";

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The element for a message's kind; null when there is nothing besides the text. */
export function media(message) {
  const { kind, file } = message;
  if (file?.file_id || file) {
    switch (kind) {
      case "photo": return picture(file);
      case "video": return video(file);
      case "animation": return animation(file);
      case "video_note": return videoNote(file);
      case "voice": return player(file, null);
      case "audio": return player(file, message.audio?.title || file.name || t("audio"));
      case "sticker": return sticker(file, message.emoji);
      case "document": return fileRow(file);
    }
  }
  switch (kind) {
    case "location": return map(message.location ?? {});
    case "venue": return map(message.venue?.location ?? message.venue ?? {}, message.venue);
    case "contact": return contact(message.contact ?? {});
    case "poll": return poll(message.poll ?? {});
    case "dice": return dice(message.dice ?? {});
    case "sticker": return h("div.sticker-emoji", {}, message.emoji || t("sticker"));
    case "link": return link(message);
    case "text": case "service": return null;
    default: return unknown(kind);
  }
}

/** Several photos and videos as a grid; other kinds one under another. What is a message of its own keeps its id. */
export function album(items) {
  const visual = items.every(({ kind }) => kind === "photo" || kind === "video");
  const elements = items.map((item, index) =>
    h("div.album-item", index && item.message_id ? { dataset: { testid: "bubble", message: item.message_id } } : {}, media(item)));
  return h(visual ? "div.album" : "div.album-list", { dataset: { count: Math.min(items.length, 10) } }, elements);
}

function ratio(file, fallback) {
  return file.width > 0 && file.height > 0 ? Math.min(Math.max(file.width / file.height, 0.6), 2.4) : fallback;
}

function missing(kind) {
  return h("div.missing", {}, icon("image"), h("span", {}, `${t(kind)} · ${t("gone")}`));
}

function picture(file) {
  const image = h("img", { src: fileUrl(file.file_id), alt: file.name || t("photo"), decoding: "async" });
  image.addEventListener("error", () => button.replaceWith(missing("photo")), { once: true });
  const isTall = file.height > TALL * file.width; // a phone's screen: what matters stands at its top
  const button = h(isTall ? "button.photo.tall" : "button.photo", {
    type: "button", "aria-label": `${t("open")}: ${t("photo")}`, style: { "aspect-ratio": ratio(file, 4 / 3) },
    onclick: () => lightbox(file),
  }, image);
  if (!(file.width > 0)) {
    image.addEventListener("load", () => { button.style.aspectRatio = ratio({ width: image.naturalWidth, height: image.naturalHeight }, 4 / 3); }, { once: true });
  }
  return button;
}

function lightbox(file) {
  const dialog = h("dialog.lightbox", { "aria-label": t("photo"), onclick: () => dialog.close(), onclose: () => dialog.remove() },
    h("img", { src: fileUrl(file.file_id), alt: file.name || "" }),
    h("button.icon-button", { type: "button", "aria-label": t("close") }, icon("close")));
  document.body.append(dialog);
  dialog.showModal();
}

function video(file) {
  const element = h("video.video", {
    src: fileUrl(file.file_id), controls: true, preload: "metadata", playsinline: true,
    style: { "aspect-ratio": ratio(file, 16 / 10) },
  });
  element.addEventListener("error", () => element.replaceWith(fileRow(file)), { once: true });
  return element;
}

function animation(file) {
  if (file.mime?.startsWith("image/")) return picture(file);
  const element = video(file);
  element.muted = element.loop = true;
  if (!calm()) element.autoplay = true;
  return element;
}

function videoNote(file) {
  const element = h("video", { src: fileUrl(file.file_id), preload: "metadata", playsinline: true });
  const button = h("button.video-note", { type: "button", "aria-label": t("play"), onclick: () => (element.paused ? element.play().catch(() => {}) : element.pause()) },
    element, h("span.note-play", {}, icon("play", 28)));
  element.addEventListener("play", () => button.classList.add("playing"));
  for (const event of ["pause", "ended"]) element.addEventListener(event, () => button.classList.remove("playing"));
  return button;
}

function sticker(file, emoji) {
  if (file.mime === "application/x-tgsticker") return h("div.sticker-emoji", {}, emoji || t("sticker"));
  if (file.mime?.startsWith("video/")) {
    const element = h("video.sticker", { src: fileUrl(file.file_id), playsinline: true });
    element.muted = element.loop = true;
    if (!calm()) element.autoplay = true;
    return element;
  }
  const image = h("img.sticker", { src: fileUrl(file.file_id), alt: emoji || t("sticker") });
  image.addEventListener("error", () => image.replaceWith(h("div.sticker-emoji", {}, emoji || t("sticker"))), { once: true });
  return image;
}

const TALL = 1.8; // times as high as wide
const BARS = 30;

// Voice and music: one player, a drawn wave that fills as it plays and can be clicked to seek.
function player(file, title) {
  const audio = new Audio();
  audio.preload = "none";
  const next = sequence(file.file_id);
  const bars = Array.from({ length: BARS }, () => h("i", { style: { height: `${Math.round(18 + next() * 82)}%` } }));
  const time = h("span.time", {}, file.duration ? duration(file.duration) : "");
  const button = h("button.round", { type: "button", "aria-label": t("play") }, icon("play"));
  const wave = h("div.wave", { "aria-hidden": "true" }, bars);
  const length = () => (Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : file.duration || 1);
  const show = () => {
    const share = audio.currentTime / length();
    bars.forEach((bar, index) => bar.classList.toggle("past", index / BARS < share));
    text(time, duration(audio.currentTime > 0 ? audio.currentTime : length()));
  };
  const flip = (playing) => {
    button.replaceChildren(icon(playing ? "pause" : "play"));
    button.setAttribute("aria-label", t(playing ? "pause" : "play"));
  };
  button.addEventListener("click", () => {
    if (!audio.src) audio.src = fileUrl(file.file_id);
    if (audio.paused) audio.play().catch(() => text(time, t("gone")));
    else audio.pause();
  });
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    if (audio.src) audio.currentTime = ((event.clientX - box.left) / box.width) * length();
  });
  if (!file.duration) {
    audio.preload = "metadata";
    audio.src = fileUrl(file.file_id);
    audio.addEventListener("loadedmetadata", show, { once: true });
  }
  audio.addEventListener("timeupdate", show);
  audio.addEventListener("play", () => flip(true));
  audio.addEventListener("pause", () => flip(false));
  audio.addEventListener("ended", () => { audio.currentTime = 0; show(); });
  return h("div.player", {}, button, h("div.player-body", {}, title && h("span.player-title", {}, title), wave, time));
}

/** A document: its badge, name and size; a click downloads it. */
export function fileRow(file) {
  const name = file.name || t("document");
  const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? "";
  return h("a.file", { href: fileUrl(file.file_id), download: name, "aria-label": `${t("download")}: ${name}` },
    h("span.file-badge", { dataset: { ext: extension.toLowerCase() } }, extension ? extension.toUpperCase() : icon("file")),
    h("span.file-words", {}, h("span.file-name", {}, name), h("span.file-size", {}, [fileSize(file.size), file.mime].filter(Boolean).join(" · "))));
}

// A map drawn from the coordinates alone: the page asks nobody outside. The link leads to a real one.
function map({ latitude, longitude }, place) {
  const known = Number.isFinite(latitude) && Number.isFinite(longitude);
  const where = known ? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}` : "?";
  const href = known ? `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}` : null;
  return h("a.map", { href, target: "_blank", rel: "noopener noreferrer", "aria-label": `${t("openMap")}: ${place?.title ?? where}` },
    drawnMap(where),
    h("span.map-words", {}, h("strong", {}, place?.title || t("location")), h("span", {}, place?.address || where)));
}

function drawnMap(seed) {
  const next = sequence(seed);
  const line = (from, bend) => `M${from} -5 C ${from + bend} 40, ${from - bend} 90, ${from + bend * 0.6} 145`;
  const blocks = Array.from({ length: 7 }, () =>
    svg("rect", { class: "map-block", x: Math.round(next() * 240), y: Math.round(next() * 110), width: 24 + Math.round(next() * 36), height: 16 + Math.round(next() * 22), rx: 3 }));
  const across = Array.from({ length: 3 }, (_, index) => {
    const y = 25 + index * 40 + next() * 14;
    return svg("path", { class: "map-road", d: `M-5 ${y} Q 130 ${y + (next() - 0.5) * 50} 265 ${y + (next() - 0.5) * 20}` });
  });
  return svg("svg", { viewBox: "0 0 260 130", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" },
    svg("rect", { class: "map-land", width: 260, height: 130 }),
    svg("rect", { class: "map-park", x: 150 + next() * 40, y: -10, width: 70, height: 58, rx: 14 }),
    svg("path", { class: "map-river", d: `M-5 ${95 + next() * 20} C 80 ${80 + next() * 30}, 150 ${120 + next() * 10}, 265 ${88 + next() * 25}` }),
    blocks, across,
    svg("path", { class: "map-road", d: line(60 + next() * 30, 18) }),
    svg("path", { class: "map-road wide", d: line(150 + next() * 40, -22) }),
    svg("g", { transform: "translate(130 62)" },
      svg("ellipse", { class: "map-shadow", cx: 0, cy: 17, rx: 8, ry: 3 }),
      svg("path", { class: "map-pin", d: "M0 17c-7-8-11-12.5-11-18a11 11 0 0 1 22 0c0 5.5-4 10-11 18Z" }),
      svg("circle", { class: "map-dot", cx: 0, cy: -1, r: 4 })));
}

function contact({ first_name: first, last_name: last, phone_number: phone }) {
  const name = [first, last].filter(Boolean).join(" ") || t("contact");
  return h("div.contact", {}, h("span.contact-face", {}, icon("person", 24)),
    h("span.file-words", {}, h("span.file-name", {}, name),
      phone && h("a.file-size", { href: `tel:${String(phone).replace(/[^+\d]/g, "")}` }, phone)));
}

function poll({ question, options }) {
  const list = Array.isArray(options) ? options : [];
  const total = list.reduce((sum, option) => sum + (option?.voter_count || 0), 0);
  return h("div.poll", {}, h("strong", {}, question || t("poll")),
    list.map((option) => {
      const share = total ? Math.round(((option.voter_count || 0) / total) * 100) : 0;
      return h("div.poll-option", {}, h("span", {}, typeof option === "string" ? option : option?.text ?? ""),
        h("span.poll-share", {}, `${share}%`), h("i", { style: { width: `${share}%` } }));
    }),
    h("span.poll-total", {}, `${t("votes")}: ${total}`));
}

const PIPS = { 1: [5], 2: [1, 9], 3: [1, 5, 9], 4: [1, 3, 7, 9], 5: [1, 3, 5, 7, 9], 6: [1, 3, 4, 6, 7, 9] };

function dice({ emoji, value }) {
  if ((emoji ?? "🎲") !== "🎲" || !PIPS[value]) return h("div.sticker-emoji", {}, `${emoji ?? "🎲"} ${value ?? ""}`.trim());
  const pips = PIPS[value].map((place) =>
    svg("circle", { cx: 16 + ((place - 1) % 3) * 16, cy: 16 + Math.floor((place - 1) / 3) * 16, r: 4.6 }));
  return svg("svg", { class: "die", viewBox: "0 0 64 64", role: "img", "aria-label": `${t("dice")}: ${value}` },
    svg("rect", { x: 3, y: 3, width: 58, height: 58, rx: 14 }), pips);
}

function link({ title, url }) {
  const safe = /^https?:/i.test(url ?? "") ? url : null;
  return h("a.file", { href: safe, target: "_blank", rel: "noopener noreferrer" },
    h("span.file-badge", {}, icon("arrow")), h("span.file-words", {}, h("span.file-name", {}, title || t("link")), h("span.file-size", {}, url ?? "")));
}

function unknown(kind) {
  return h("div.missing", {}, icon("file"), h("span", {}, `${t(kind) === kind ? `${t("unknownKind")} ${kind}` : t(kind)}`));
}

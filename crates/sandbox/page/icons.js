// The page's icons: 24×24, drawn with the current colour, so that they follow the theme and the text.

import { svg } from "./dom.js";

const PATHS = {
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  clip: "M20 11.2 12.3 19a5 5 0 0 1-7.1-7.1l8-8a3.4 3.4 0 0 1 4.8 4.8l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.2-7.2",
  send: "M4.5 11.5 20 4.5l-6.2 15.6-2.9-6.5-6.4-2.1ZM10.9 13.6 20 4.5",
  checks: "M2.5 12.8l4.2 4.2L15.2 7.5M11.5 16.2l.9.8L21.5 7.5",
  down: "M6 9.5l6 6 6-6",
  reply: "M9.5 6 4 11.5 9.5 17v-3.6c5 0 8.2 1.3 10.5 4.6-.6-5-3.6-8.9-10.5-9V6Z",
  edit: "M4.5 19.5l.8-4L16 4.8a1.8 1.8 0 0 1 2.5 0l.7.7a1.8 1.8 0 0 1 0 2.5L8.5 18.7l-4 .8ZM14 7l3 3",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v5.5M13.7 10.5v5.5",
  pin: "M9 4h6l-.8 6 3.3 3.5H6.5L9.8 10 9 4ZM12 13.5V20",
  file: "M7 3.5h6.5L18 8v12.5H7v-17ZM13.5 3.5V8H18",
  image: "M4 5.5h16v13H4v-13ZM4.5 16l4.5-4.5 4 4 2.5-2.5 4 4M15.5 9.2v.01",
  images: "M3.5 8h13v11h-13V8ZM7 8V5h13.5v11h-4M4 16.5l3.5-3.5 3 3 2-2 3.5 3.5",
  mic: "M12 3.5a2.7 2.7 0 0 1 2.7 2.7v5a2.7 2.7 0 0 1-5.4 0v-5A2.7 2.7 0 0 1 12 3.5ZM6.5 11a5.5 5.5 0 0 0 11 0M12 16.5V20",
  round: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM10.3 9.2v5.6l4.5-2.8-4.5-2.8Z",
  video: "M3.5 6.5h11.5v11H3.5v-11ZM15 10.5l5.5-3v9l-5.5-3",
  sticker: "M12 4a8 8 0 1 0 8 8h-4a4 4 0 0 1-4-4V4ZM20 12l-8-8M8.5 14.5c1 1.5 3 2 5 1.2",
  place: "M12 20.5s6.5-5.8 6.5-10.7a6.5 6.5 0 0 0-13 0C5.5 14.7 12 20.5 12 20.5ZM12 12a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z",
  person: "M12 12a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4ZM4.8 19.8c.7-3.4 3.5-5.3 7.2-5.3s6.5 1.9 7.2 5.3",
  people: "M9 11.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6ZM2.8 18.8c.6-3 3-4.7 6.2-4.7s5.6 1.7 6.2 4.7M15.5 5.2a3.2 3.2 0 0 1 0 6M17.3 14.5c2.1.6 3.5 2.1 3.9 4.3",
  block: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM6.5 6.5l11 11",
  unlock: "M6.5 11h11v8.5h-11V11ZM9 11V8a3 3 0 0 1 5.8-1",
  curtain: "M3.5 4.5h17M5 4.5v15c3-.6 4.8-5.5 5-15M19 4.5v15c-3-.6-4.8-5.5-5-15",
  list: "M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.5 6.5v.01M4.5 12v.01M4.5 17.5v.01",
  bolt: "M13 3.5 5.5 13.5H11l-1 7 7.5-10H12l1-7Z",
  offline: "M3 8.5a14 14 0 0 1 4-2.6M11 5c3.7-.1 7.3 1.1 10 3.5M6.5 12.3a9 9 0 0 1 3.5-2M15 10.5c.9.4 1.8 1 2.5 1.8M12 18.5v.01M4 4l16 16",
  play: "M8.5 5.5v13l10-6.5-10-6.5Z",
  pause: "M8.5 6v12M15.5 6v12",
  back: "M15 5.5 8.5 12l6.5 6.5",
  phone: "M7.2 4.5c-1.5.6-2.4 1.8-2.4 3.3 0 6 5.4 11.4 11.4 11.4 1.5 0 2.7-.9 3.3-2.4l-3.6-2.6-2 1.4c-2-.9-3.4-2.3-4.3-4.3l1.4-2L7.2 4.5Z",
  headset: "M5 13v-1.5a7 7 0 0 1 14 0V13M5 13h2.6v5H5v-5ZM16.4 13H19v5h-2.6v-5ZM19 18c0 1.6-2 2.5-5 2.5",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 8v4.3l3 1.8",
  arrow: "M7 17 17 7M9 7h8v8",
  copy: "M8.5 8.5h11v11h-11v-11ZM15.5 8.5v-4h-11v11h4",
  forward: "M14.5 6 20 11.5 14.5 17v-3.6c-5 0-8.2 1.3-10.5 4.6.6-5 3.6-8.9 10.5-9V6Z",
};

/** An icon; decorative, so hidden from screen readers. The button around it carries the label. */
export function icon(name, size = 20) {
  return svg(
    "svg",
    { class: `icon icon-${name}`, viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" },
    svg("path", { d: PATHS[name] ?? PATHS.file }),
  );
}

/** The product's sign: a speech bubble that holds a heart. */
export function logo(size = 36) {
  return svg(
    "svg",
    { class: "logo", viewBox: "0 0 32 32", width: size, height: size, "aria-hidden": "true" },
    svg("path", { class: "logo-bubble", d: "M16 2.5C8.3 2.5 2.5 7.8 2.5 14.6c0 4 2 7.5 5.3 9.7l-.9 5.2 5.5-3.3c1.2.3 2.4.4 3.6.4 7.7 0 13.5-5.3 13.5-12S23.7 2.5 16 2.5Z" }),
    svg("path", { class: "logo-heart", d: "M16 21.3c-4.3-2.8-6.6-5.2-6.6-8.1 0-2 1.5-3.5 3.4-3.5 1.3 0 2.5.7 3.2 1.9.7-1.2 1.9-1.9 3.2-1.9 1.9 0 3.4 1.5 3.4 3.5 0 2.9-2.3 5.3-6.6 8.1Z" }),
  );
}

// The messengers, and in what they differ for whoever looks: names, signs, reactions, what can be sent. Colours
// and shapes are in phone.css (`ms-…`), words in words.js under `…_telegram`, `…_vk`, `…_facebook`.

import { svg } from "./dom.js";
import { t } from "./i18n.js";

/** In the order in which the page shows them. */
export const MESSENGERS = {
  telegram: {
    name: "Telegram",
    reactions: ["👍", "❤", "🔥", "🙏", "😁", "👎"],
    ownKinds: true, // round videos and contact cards
    headMarks: [],
    sign: ["M16 2a14 14 0 1 0 0 28 14 14 0 0 0 0-28Z", "M7.3 15.6 23 9.4c.8-.3 1.4.2 1.2 1.1l-2.6 12.3c-.2.9-.8 1.1-1.5.7l-4-3-2 1.9c-.3.3-.5.4-.8.4l.3-4.1 7.5-6.8c.3-.3 0-.5-.5-.2l-9.2 5.8-4-1.2c-.8-.3-.8-.6-.1-.7Z"],
  },
  vk: {
    name: "ВКонтакте",
    reactions: ["❤", "🔥", "😂", "👍", "👌", "👎"],
    ownKinds: false,
    headMarks: ["phone"],
    sign: ["M11 2h10c7 0 9 2 9 9v10c0 7-2 9-9 9H11c-7 0-9-2-9-9V11c0-7 2-9 9-9Z", "M17 21.3c-6 0-9.5-4.2-9.7-11h3c.1 5 2.3 7.2 4.1 7.6v-7.6h2.8v4.3c1.7-.2 3.5-2.2 4.1-4.3h2.8c-.5 2.6-2.4 4.6-3.8 5.4 1.4.6 3.6 2.3 4.4 5.6h-3.1c-.7-2.1-2.3-3.7-4.4-3.9v3.9H17Z"],
  },
  facebook: {
    name: "Messenger",
    reactions: ["❤", "😆", "😮", "😢", "😠", "👍"],
    ownKinds: false,
    headMarks: ["phone", "video"],
    sign: ["M16 2C8 2 2 7.9 2 15.5c0 4 1.7 7.5 4.5 10v4.6l4.4-2.4c1.6.5 3.3.7 5.1.7 8 0 14-5.8 14-13S24 2 16 2Z", "M7.8 19.4 13 12.6l4.2 3.6 6.4-3.6-5.3 6.8-4.1-3.6-6.4 3.6Z"],
  },
};

/** A word that each messenger has its own for: `word("block", "vk")`. */
export const word = (key, messenger) => t(`${key}_${messenger}`);

/** A messenger's sign, in its colour; decorative. */
export function sign(messenger, size = 16) {
  const [back, front] = MESSENGERS[messenger].sign;
  return svg("svg", { class: `sign sign-${messenger}`, viewBox: "0 0 32 32", width: size, height: size, "aria-hidden": "true" },
    svg("path", { class: "sign-back", d: back }), svg("path", { class: "sign-front", d: front }));
}

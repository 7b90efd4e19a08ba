// Ready-made things to send, made on the spot: pictures are drawn, a voice is synthesised, a video recorded
// from a drawing. Nothing is downloaded.

import { wait } from "./dom.js";
import { lang } from "./i18n.js";
import { oggOpus } from "./ogg.js";

const ru = () => lang() === "ru";
const INK = "#2b3a3a";

export async function receipt() {
  return drawn(ru() ? "чек.jpg" : "receipt.jpg", 720, 960, (c) => {
    backdrop(c, 720, 960, "#8a6f5c", "#6d5546");
    c.save();
    c.translate(360, 480);
    c.rotate(-0.035);
    paper(c, 460, 820);
    c.fillStyle = INK;
    c.textAlign = "center";
    line(c, ru() ? "МАГАЗИН «ДОМ И САД»" : "HOME & GARDEN", 0, -340, "bold 30px");
    line(c, ru() ? "Кассовый чек № 2041" : "Receipt No. 2041", 0, -296, "24px");
    dashes(c, -262);
    rows(c, ru()
      ? [["Ваза «Пион»", "1 490,00"], ["Упаковка", "150,00"], ["Доставка", "350,00"]]
      : [["Vase “Peony”", "1,490.00"], ["Wrapping", "150.00"], ["Delivery", "350.00"]], -210);
    dashes(c, -60);
    c.textAlign = "center";
    line(c, ru() ? "ИТОГО" : "TOTAL", 0, 0, "26px");
    line(c, "1 990,00 ₽", 0, 66, "bold 62px");
    line(c, ru() ? "ОПЛАЧЕНО КАРТОЙ" : "PAID BY CARD", 0, 122, "24px");
    for (let x = -150; x < 150; x += 6 + ((x * x) % 7)) c.fillRect(x, 190, 2 + ((x * x) % 4), 100);
    line(c, ru() ? "Спасибо, что выбираете нас!" : "Thank you!", 0, 350, "22px");
    c.restore();
  });
}

export const brokenVase = () => drawn(ru() ? "ваза.jpg" : "vase.jpg", 960, 720, (c) => vase(c, 960, 720));

/** Three pictures of the same misfortune. */
export const album = () => Promise.all([
  brokenVase(),
  drawn("2.jpg", 720, 720, (c) => {
    c.translate(-560, -570);
    c.scale(1.8, 1.8);
    vase(c, 960, 720);
  }),
  drawn("3.jpg", 720, 720, parcel),
]);

export async function sticker() {
  const file = await drawn("sticker.webp", 512, 512, (c) => {
    c.shadowColor = "rgba(0,0,0,.18)";
    c.shadowBlur = 24;
    heart(c, 256, 262, 1.08, "#ffffff");
    c.shadowBlur = 0;
    heart(c, 256, 260, 0.96, "#f2795f");
    c.fillStyle = "#5a2418";
    for (const x of [196, 316]) {
      c.beginPath();
      c.ellipse(x, 226, 17, 24, 0, 0, 7);
      c.fill();
    }
    c.lineWidth = 15;
    c.lineCap = "round";
    c.strokeStyle = "#5a2418";
    c.beginPath();
    c.arc(256, 258, 56, 0.35, Math.PI - 0.35);
    c.stroke();
    c.fillStyle = "rgba(255,255,255,.35)";
    c.beginPath();
    c.ellipse(160, 170, 34, 20, -0.7, 0, 7);
    c.fill();
  }, "image/webp");
  return file;
}

/** A small valid PDF of one page. */
export function document_() {
  const stream = "BT /F1 26 Tf 60 760 Td (Warranty card No. 2041) Tj 0 -44 Td /F1 15 Tf (Vase \"Peony\". Valid for 12 months.) Tj ET";
  const parts = [
    "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let pdf = "%PDF-1.4\n";
  const offsets = parts.map((body, index) => {
    const at = pdf.length;
    pdf += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return String(at).padStart(10, "0");
  });
  const table = pdf.length;
  pdf += `xref\n0 6\n0000000000 65535 f \n${offsets.map((at) => `${at} 00000 n \n`).join("")}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return new File([pdf], ru() ? "Гарантийный талон.pdf" : "Warranty card.pdf", { type: "application/pdf" });
}

export const location_ = () => ({ latitude: 55.7601, longitude: 37.6187 });

/** Two seconds of a soft melody: Ogg Opus where the browser can encode it, WAV elsewhere. */
export async function voice() {
  const rate = 48000;
  const notes = [392, 440, 523.25, 440, 587.33, 523.25];
  const samples = new Float32Array(rate * 2.1);
  const each = samples.length / notes.length;
  for (let i = 0; i < samples.length; i += 1) {
    const place = (i % each) / each;
    const shape = Math.sin(Math.PI * Math.min(place * 1.05, 1)) ** 0.6;
    const tone = notes[Math.min(Math.floor(i / each), notes.length - 1)] * 2 * Math.PI * (i / rate);
    samples[i] = 0.28 * shape * (Math.sin(tone) + 0.25 * Math.sin(tone * 2));
  }
  const ogg = await oggOpus(samples, rate).catch(() => null);
  return ogg ? new File([ogg], "voice.ogg", { type: "audio/ogg" }) : new File([wav(samples, rate)], "voice.wav", { type: "audio/wav" });
}

function wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const word = (at, letters) => [...letters].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, i) => view.setInt16(44 + i * 2, sample * 32767, true));
  return view.buffer;
}

export const video = () => recorded("video", 640, 400);
export const videoNote = () => recorded("note", 384, 384);

// Records two seconds of a drawn heart beating; null where the browser has no recorder.
async function recorded(name, width, height) {
  const type = ["video/mp4", "video/webm"].find((kind) => globalThis.MediaRecorder?.isTypeSupported(kind));
  const canvas = board(width, height);
  if (!type || !canvas.captureStream) return null;
  const c = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: type, videoBitsPerSecond: 600000 });
  const chunks = [];
  recorder.ondataavailable = (event) => chunks.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let frame = 0; frame < 50; frame += 1) {
    const beat = 1 + 0.08 * Math.sin(frame / 4);
    backdrop(c, width, height, "#1f6f68", "#123f3c");
    heart(c, width / 2, height / 2, (height / 620) * beat, "#f2795f");
    c.fillStyle = "rgba(255,255,255,.85)";
    c.fillRect(0, height - 8, (width * frame) / 50, 8);
    await wait(40);
  }
  recorder.stop();
  await stopped;
  const extension = type.split("/")[1];
  return new File(chunks, `${name}.${extension}`, { type });
}

// Drawing.

/** An empty canvas. */
export function board(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

async function drawn(name, width, height, draw, type = "image/jpeg") {
  const canvas = board(width, height);
  draw(canvas.getContext("2d"));
  return picture(canvas, name, type);
}

/** What is on a canvas, as a file. */
export async function picture(canvas, name, type = "image/jpeg") {
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, type, 0.86); });
  return new File([blob], name.replace(/\.\w+$/, `.${blob.type === "image/jpeg" ? "jpg" : blob.type.split("/")[1]}`), { type: blob.type });
}

function backdrop(c, width, height, from, to) {
  const wash = c.createLinearGradient(0, 0, width * 0.4, height);
  wash.addColorStop(0, from);
  wash.addColorStop(1, to);
  c.fillStyle = wash;
  c.fillRect(0, 0, width, height);
}

function paper(c, width, height) {
  c.shadowColor = "rgba(0,0,0,.35)";
  c.shadowBlur = 40;
  c.shadowOffsetY = 14;
  c.fillStyle = "#fbf8f1";
  c.beginPath();
  c.moveTo(-width / 2, -height / 2);
  c.lineTo(width / 2, -height / 2);
  for (let x = width / 2, tooth = 0; x >= -width / 2; x -= 20, tooth += 1) c.lineTo(x, height / 2 - (tooth % 2) * 12);
  c.closePath();
  c.fill();
  c.shadowColor = "transparent";
}

function line(c, words, x, y, font) {
  c.font = `${font} ui-monospace, Menlo, Consolas, monospace`;
  c.fillText(words, x, y);
}

function dashes(c, y) {
  c.strokeStyle = INK;
  c.lineWidth = 2;
  c.setLineDash([8, 7]);
  c.beginPath();
  c.moveTo(-195, y);
  c.lineTo(195, y);
  c.stroke();
  c.setLineDash([]);
}

function rows(c, list, top) {
  list.forEach(([name, price], index) => {
    c.textAlign = "left";
    line(c, name, -195, top + index * 48, "24px");
    c.textAlign = "right";
    line(c, price, 195, top + index * 48, "24px");
  });
}

function heart(c, x, y, scale, colour) {
  c.save();
  c.translate(x, y);
  c.scale(scale, scale);
  c.fillStyle = colour;
  c.beginPath();
  c.moveTo(0, 190);
  c.bezierCurveTo(-150, 95, -205, 20, -205, -65);
  c.bezierCurveTo(-205, -190, -55, -225, 0, -110);
  c.bezierCurveTo(55, -225, 205, -190, 205, -65);
  c.bezierCurveTo(205, 20, 150, 95, 0, 190);
  c.fill();
  c.restore();
}

function vase(c, width, height) {
  backdrop(c, width, height, "#f3dcc8", "#e2bfa6");
  c.fillStyle = "#9c7456";
  c.fillRect(0, 520, width, 200);
  c.fillStyle = "rgba(60,30,10,.22)";
  c.beginPath();
  c.ellipse(470, 596, 330, 46, 0, 0, 7);
  c.fill();
  c.fillStyle = "rgba(150,200,215,.55)";
  c.beginPath();
  c.ellipse(620, 622, 210, 34, 0.05, 0, 7);
  c.fill();
  body(c);
  for (const [x, y, turn, size] of [[560, 566, 0.4, 1.1], [650, 600, 1.9, 0.8], [700, 560, 2.7, 0.6], [600, 640, 4.1, 0.7], [300, 612, 0.9, 0.7]]) shard(c, x, y, turn, size);
  flower(c);
}

function body(c) {
  const glaze = c.createLinearGradient(310, 0, 560, 0);
  glaze.addColorStop(0, "#15544f");
  glaze.addColorStop(0.45, "#3c9488");
  glaze.addColorStop(1, "#0f413d");
  c.fillStyle = glaze;
  c.beginPath();
  c.moveTo(372, 588);
  c.bezierCurveTo(300, 500, 296, 420, 352, 350);
  c.lineTo(394, 388);
  c.lineTo(418, 330);
  c.lineTo(452, 410);
  c.lineTo(490, 366);
  c.lineTo(512, 446);
  c.lineTo(562, 470);
  c.bezierCurveTo(562, 520, 540, 560, 512, 588);
  c.closePath();
  c.fill();
  c.strokeStyle = "rgba(255,255,255,.6)";
  c.lineWidth = 3;
  c.beginPath();
  c.moveTo(452, 410);
  c.lineTo(438, 462);
  c.lineTo(460, 500);
  c.lineTo(444, 560);
  c.stroke();
}

function shard(c, x, y, turn, size) {
  c.save();
  c.translate(x, y);
  c.rotate(turn);
  c.scale(size, size);
  c.fillStyle = "#2a7d73";
  c.beginPath();
  c.moveTo(-44, 12);
  c.lineTo(8, -30);
  c.lineTo(46, 8);
  c.lineTo(4, 26);
  c.closePath();
  c.fill();
  c.fillStyle = "rgba(255,255,255,.3)";
  c.fillRect(-10, -8, 26, 5);
  c.restore();
}

function flower(c) {
  c.strokeStyle = "#4d7a3c";
  c.lineWidth = 9;
  c.lineCap = "round";
  c.beginPath();
  c.moveTo(440, 420);
  c.bezierCurveTo(480, 250, 600, 190, 700, 290);
  c.stroke();
  for (let petal = 0; petal < 7; petal += 1) {
    c.save();
    c.translate(706, 312);
    c.rotate((petal * Math.PI * 2) / 7);
    c.fillStyle = petal % 2 ? "#f2795f" : "#f79a80";
    c.beginPath();
    c.ellipse(0, -40, 25, 42, 0, 0, 7);
    c.fill();
    c.restore();
  }
  c.fillStyle = "#f6cf6a";
  c.beginPath();
  c.arc(706, 312, 21, 0, 7);
  c.fill();
}

function parcel(c) {
  backdrop(c, 720, 720, "#d9e2dc", "#b4c4bc");
  c.fillStyle = "rgba(0,0,0,.16)";
  c.beginPath();
  c.ellipse(360, 590, 270, 44, 0, 0, 7);
  c.fill();
  c.fillStyle = "#c89a6a";
  c.fillRect(140, 250, 440, 330);
  c.fillStyle = "#b3854f";
  c.beginPath();
  c.moveTo(140, 250);
  c.lineTo(220, 170);
  c.lineTo(520, 190);
  c.lineTo(580, 250);
  c.fill();
  c.fillStyle = "#e8d9bd";
  c.fillRect(325, 180, 62, 400);
  c.fillStyle = "#5d3d1c";
  c.beginPath();
  c.moveTo(430, 580);
  c.lineTo(470, 500);
  c.lineTo(505, 540);
  c.lineTo(560, 470);
  c.lineTo(580, 580);
  c.fill();
  c.fillStyle = "#f2795f";
  c.font = "bold 38px system-ui, sans-serif";
  c.fillText(ru() ? "ХРУПКОЕ" : "FRAGILE", 160, 340, 150);
}

// Encodes sound as Ogg Opus, the form of a real voice message: the browser's encoder makes the packets, this
// file puts them into Ogg pages (RFC 3533, RFC 7845).

const FRAME = 960; // 20 ms at 48 kHz
const PRE_SKIP = 312;

/** Mono samples at 48 kHz → the bytes of an .ogg file. Fails where the browser cannot encode Opus. */
export async function oggOpus(samples, rate) {
  const packets = [];
  let failure = null;
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      packets.push(bytes);
    },
    error: (error) => { failure = error; },
  });
  encoder.configure({ codec: "opus", sampleRate: rate, numberOfChannels: 1, bitrate: 24000 });
  encoder.encode(new AudioData({
    format: "f32", sampleRate: rate, numberOfFrames: samples.length, numberOfChannels: 1, timestamp: 0, data: samples,
  }));
  await encoder.flush();
  encoder.close();
  if (failure || !packets.length) throw failure ?? new Error("nothing encoded");
  return file(packets, samples.length);
}

function file(packets, length) {
  const pages = [page([head()], 0, 2, 0), page([tags()], 0, 0, 1)];
  const perPage = 40;
  for (let at = 0; at < packets.length; at += perPage) {
    const last = at + perPage >= packets.length;
    const end = Math.min(at + perPage, packets.length);
    const position = last ? PRE_SKIP + length : end * FRAME;
    pages.push(page(packets.slice(at, end), position, last ? 4 : 0, pages.length));
  }
  return new Blob(pages);
}

function head() {
  const view = new DataView(new ArrayBuffer(19));
  new Uint8Array(view.buffer).set(new TextEncoder().encode("OpusHead"));
  view.setUint8(8, 1);
  view.setUint8(9, 1);
  view.setUint16(10, PRE_SKIP, true);
  view.setUint32(12, 48000, true);
  return new Uint8Array(view.buffer);
}

function tags() {
  const vendor = new TextEncoder().encode("sandbox");
  const view = new DataView(new ArrayBuffer(16 + vendor.length));
  const bytes = new Uint8Array(view.buffer);
  bytes.set(new TextEncoder().encode("OpusTags"));
  view.setUint32(8, vendor.length, true);
  bytes.set(vendor, 12);
  return bytes;
}

// One page: header, the packets' lengths in steps of 255, the packets, and a checksum over all of it.
function page(packets, position, flags, number) {
  const lacing = packets.flatMap((packet) => [...Array(Math.floor(packet.length / 255)).fill(255), packet.length % 255]);
  const size = 27 + lacing.length + packets.reduce((sum, packet) => sum + packet.length, 0);
  const view = new DataView(new ArrayBuffer(size));
  const bytes = new Uint8Array(view.buffer);
  bytes.set(new TextEncoder().encode("OggS"));
  view.setUint8(5, flags);
  view.setUint32(6, position, true);
  view.setUint32(14, 1, true);
  view.setUint32(18, number, true);
  view.setUint8(26, lacing.length);
  bytes.set(lacing, 27);
  let at = 27 + lacing.length;
  for (const packet of packets) {
    bytes.set(packet, at);
    at += packet.length;
  }
  view.setUint32(22, checksum(bytes), true);
  return bytes;
}

function checksum(bytes) {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}

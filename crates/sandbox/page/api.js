// The sandbox's control API (`/sandbox/…`), as the page uses it. Ids of chats here are what the API wants:
// the bot's id for a private chat, the group's id for a group.

import { wait } from "./dom.js";

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["content-type"] = "application/json";
  }
  return read(await fetch(`/sandbox/${path}`, options));
}

async function read(response) {
  const text = await response.text();
  let answer;
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    answer = { error: text.slice(0, 200) };
  }
  if (!response.ok) throw new Error(answer.error || `HTTP ${response.status}`);
  return answer;
}

export const state = () => call("GET", "state");
export const createPerson = (person) => call("POST", "people", person);
export const write = (message) => call("POST", "messages", message);
export const writeAlbum = (album) => call("POST", "albums", album);
export const editMessage = (chat, id, change) => call("PATCH", `messages/${chat}/${id}`, change);
export const deleteMessage = (chat, id, from) => call("DELETE", `messages/${chat}/${id}?from=${from}`);
export const react = (reaction) => call("POST", "reactions", reaction);
export const block = (person, bot) => call("POST", "block", { person, bot });
export const unblock = (person, bot) => call("POST", "unblock", { person, bot });
export const addFault = (fault) => call("POST", "faults", fault);
export const removeFault = (id) => call("DELETE", `faults/${id}`);
export const removeFaults = () => call("DELETE", "faults");
export const setLimits = (enforce) => call("POST", "limits", { enforce });
export const calls = (since) => call("GET", `calls?since=${since}`);
export const violations = () => call("GET", "violations");

/** Uploads a `File` and gives its id. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  const answer = await read(await fetch("/sandbox/files", { method: "POST", body: form }));
  return answer.file;
}

export const fileUrl = (fileId) => `/sandbox/files/${encodeURIComponent(fileId)}`;

const PATIENCE_MS = 15000;

/** Presses an inline key and waits for the bot's answer; null when none came in time. */
export async function press(key) {
  const { callback_id: id } = await call("POST", "press", key);
  const deadline = performance.now() + PATIENCE_MS;
  for (let pause = 80; performance.now() < deadline; pause = Math.min(pause * 1.3, 600)) {
    await wait(pause);
    const answer = await call("GET", `callbacks/${encodeURIComponent(id)}`);
    if (answer.answered) return answer;
  }
  return null;
}

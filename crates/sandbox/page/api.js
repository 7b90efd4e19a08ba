// The sandbox's control API (`/sandbox/…`): how it is called, and what concerns all messengers alike. What
// people do in their messengers is in hands.js.

import { t } from "./i18n.js";

export async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["content-type"] = "application/json";
  }
  return read(await fetched(path, options));
}

// Browsers say of a server that is gone «Failed to fetch».
async function fetched(path, options) {
  try {
    return await fetch(`/sandbox/${path}`, options);
  } catch (error) {
    throw new Error(t("noConnection"), { cause: error });
  }
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
export const addFault = (fault) => call("POST", "faults", fault);
export const removeFault = (id) => call("DELETE", `faults/${id}`);
export const removeFaults = () => call("DELETE", "faults");
export const setLimits = (enforce) => call("POST", "limits", { enforce });
export const letPass = (seconds) => call("POST", "clock", { advance: seconds });
export const putSheet = (id, sheet) => call("PUT", `google/sheets/${encodeURIComponent(id)}`, sheet);
export const writeCell = (id, cell) => call("PATCH", `google/sheets/${encodeURIComponent(id)}`, cell);
export const readings = () => call("GET", "ocr/reads");
export const tellReading = (reading) => call("POST", "ocr/reads", reading);
export const calls = (since) => call("GET", `calls?since=${since}`);
export const violations = () => call("GET", "violations");

/** Uploads a `File` and gives its id. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  const answer = await read(await fetched("files", { method: "POST", body: form }));
  return answer.file;
}

export const fileUrl = (fileId) => `/sandbox/files/${encodeURIComponent(fileId)}`;

// @ts-check
// Requests to the API in the name of whoever is signed in. A refusal is a Problem (RFC 9457).
import {token} from "./session.js";

const API = new URL("api/", new URL(".", location.href));

/** A refusal in the API's own words. */
export class Problem extends Error {
  /** @param {number} status @param {{title?: string, detail?: string, code?: string}} body */
  constructor(status, body) {
    super(body.detail || body.title || `The service answered ${status}.`);
    this.status = status;
    this.code = body.code ?? "";
    this.body = body;
  }
}

/** What the answer to the newest request said of emergency access. @type {{told: string | null, turn: number}} */
export const breakGlass = {told: null, turn: 0};
let turns = 0;
/** @type {Set<() => void>} */
const noticed = new Set();

/** @param {() => void} listener */
export function onNotice(listener) {
  noticed.add(listener);
  return () => noticed.delete(listener);
}

/** @typedef {{query?: Record<string, any>, json?: any, headers?: Record<string, string>, signal?: AbortSignal}} Options what is empty of a query is left out */

/**
 * Ask for a path below /api/, such as "records/assessments", and read its JSON. The contract says what may be asked for and sent.
 * @template {string} M @template {string} P
 * @param {M} method @param {P} path @param {Options & {query?: Asked<M, P>, json?: Sent<M, P>}} [options] @returns {Promise<Answer<M, P>>}
 */
export async function call(method, path, options = {}) {
  const answer = await ask(method, path, options);
  return answer.status === 204 ? /** @type {any} */ (null) : await answer.json();
}

/** Fetch bytes, such as a picture. @param {string} path @param {AbortSignal} [signal] */
export async function bytes(path, signal) {
  return await (await ask("GET", path, {signal})).blob();
}

/** @param {string} method @param {string} path @param {Options} options */
async function ask(method, path, options) {
  const turn = (turns += 1);
  let answer = await send(method, path, options, await token());
  if (answer.status === 401) answer = await send(method, path, options, await token(true));
  notice(turn, answer.headers.get("medilens-break-glass"));
  if (!answer.ok) throw new Problem(answer.status, parsed(await answer.text().catch(() => "")));
  return answer;
}

/** Answers come in another order than requests go: an older one says nothing any more. @param {number} turn @param {string | null} told */
function notice(turn, told) {
  if (turn < breakGlass.turn) return;
  const isNew = told !== breakGlass.told;
  Object.assign(breakGlass, {turn, told});
  if (isNew) for (const listener of noticed) listener();
}

/** @param {string} method @param {string} path @param {Options} options @param {string} bearer */
async function send(method, path, {query, json, headers, signal}, bearer) {
  const body = json === undefined ? undefined : JSON.stringify(json);
  /** @type {Record<string, string>} */
  const type = body === undefined ? {} : {"content-type": "application/json"};
  try {
    return await fetch(address(path, query), {
      method, body, signal, cache: "no-store",
      headers: {authorization: `Bearer ${bearer}`, ...type, ...headers},
    });
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new Problem(0, {code: "offline"});
  }
}

/** Where a path of the API lies; a `href` that an answer gave begins with /api/. @param {string} path @param {Record<string, any>} [query] */
export function address(path, query = {}) {
  const url = new URL(path.replace(/^.*?\/api\//, ""), API);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

/**
 * Send a form with files, telling how much of it is on its way.
 * @param {string} path @param {FormData} form
 * @param {{key: string, onProgress: (share: number) => void, signal: AbortSignal}} options
 * @returns {Promise<any>}
 */
export async function sendForm(path, form, {key, onProgress, signal}) {
  const headers = {"authorization": `Bearer ${await token()}`, "idempotency-key": key};
  return await transfer({method: "POST", url: address(path), headers}, form, onProgress, signal);
}

/**
 * Send a body, telling how much of it is on its way. What has no words of its own for a refusal is the storage.
 * @param {{method: string, url: string | URL, headers: Record<string, string>}} request @param {Blob | FormData} body
 * @param {(share: number) => void} onProgress @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function transfer({method, url, headers}, body, onProgress, signal) {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({loaded, total}) => onProgress(total ? loaded / total : 0);
    request.onerror = () => reject(new Problem(0, {code: "offline"}));
    request.onabort = () => reject(new DOMException("Stopped", "AbortError"));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status < 300) resolve(answer);
      else reject(new Problem(request.status, {title: "The storage refused the file", ...answer}));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

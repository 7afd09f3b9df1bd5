// @ts-check
// How a recording gets in: small ones with the request, large ones announced, put into storage and named.
import {Problem, call, sendForm} from "../api.js";

/** What a request may have on every platform, its form included. */
const LARGE_BYTES = 4_000_000;
const HEX = 16;
/** Types that the service knows by their first bytes; whatever else a browser calls a file is bytes. */
const KNOWN_TYPE = /^(application\/(json|dicom|edf)|audio\/(aac|flac|mp4|mpeg|ogg|wav|webm)|image\/(jpeg|png|tiff|webp)|text\/(csv|plain))$/;
/** Files of one WFDB record find each other by these. */
const KEPT_SUFFIX = /\.(hea|dat|mat|xyz)$/i;

/**
 * @typedef {object} Recording
 * @property {string} pipeline @property {string} subjectId @property {File[]} files
 * @property {Record<string, string>} fields what the form says beside them
 */
/** @typedef {{stage: "hashing" | "sending" | "analyzing", share: number}} Progress */

/**
 * Send a recording and return its assessment. The key is made once per content of the form, so sending twice stores one.
 * @param {Recording} recording @param {{key: string, onProgress: (progress: Progress) => void, signal: AbortSignal}} options
 * @returns {Promise<any>}
 */
export async function analyze({pipeline, subjectId, files, fields}, {key, onProgress, signal}) {
  const form = new FormData();
  form.set("subject_id", subjectId);
  for (const [name, value] of Object.entries(fields)) if (value !== "") form.set(name, value);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size <= LARGE_BYTES) for (const file of files) form.append("file", file, plainName(file));
  else for (const file of files) form.append("upload_id", await storedOnce(file, subjectId, {onProgress, signal}));
  return await sendForm(`${pipeline}/analyze`, form, {
    key, signal,
    onProgress: (share) => onProgress(share < 1 ? {stage: "sending", share} : {stage: "analyzing", share}),
  });
}

/** A name may hold a person's, and a format's files find each other by theirs; a folder's name is left out. @param {File} file */
function plainName(file) {
  return file.name.replace(/^.*[\\/]/, "");
}

/**
 * Files that lie in storage already, with whom they are of: sending again goes on with the first that is missing.
 * @type {WeakMap<File, {id: string, subjectId: string}>}
 */
const stored = new WeakMap();

/** @param {File} file @param {string} subjectId @param {{onProgress: (progress: Progress) => void, signal: AbortSignal}} options @returns {Promise<string>} */
async function storedOnce(file, subjectId, options) {
  const before = stored.get(file);
  if (before?.subjectId === subjectId) return before.id;
  const id = await store(file, subjectId, options);
  stored.set(file, {id, subjectId});
  return id;
}

/**
 * Announce a file by its hash, put it into storage and have it checked. @param {File} file @param {string} subjectId
 * @param {{onProgress: (progress: Progress) => void, signal: AbortSignal}} options @returns {Promise<string>}
 */
async function store(file, subjectId, {onProgress, signal}) {
  onProgress({stage: "hashing", share: 0});
  const sha256 = hexadecimal(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const suffix = KEPT_SUFFIX.exec(file.name)?.[0].toLowerCase();
  const type = KNOWN_TYPE.test(file.type) ? file.type : "application/octet-stream";
  const announced = {content_type: type, size_bytes: file.size, sha256, subject_id: subjectId};
  const {upload_id: id, request} = await call("POST", "uploads", {json: {...announced, ...(suffix ? {suffix} : {})}, signal});
  await put(file, request, (share) => onProgress({stage: "sending", share}), signal);
  await call("POST", `uploads/${id}/complete`, {signal});
  return id;
}

/** @param {ArrayBuffer} buffer */
function hexadecimal(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(HEX).padStart(2, "0")).join("");
}

/**
 * Send bytes to where a signed address leads, with exactly the headers that were signed.
 * @param {File} file @param {any} request @param {(share: number) => void} onShare @param {AbortSignal} signal
 */
async function put(file, request, onShare, signal) {
  signal.throwIfAborted();
  await new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open(request.method, request.url);
    for (const [name, value] of Object.entries(request.headers)) sending.setRequestHeader(name, value);
    sending.upload.onprogress = ({loaded, total}) => onShare(total ? loaded / total : 0);
    sending.onerror = () => reject(new Problem(0, {code: "offline"}));
    sending.onabort = () => reject(new DOMException("Stopped", "AbortError"));
    sending.onload = () => (sending.status < 300 ? resolve(null) : reject(new Problem(sending.status, {title: "The storage refused the file"})));
    signal.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

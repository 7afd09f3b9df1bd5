// @ts-check
// How a recording gets in: small ones with the request, large ones announced, put into storage and named.
import {call, sendForm, transfer} from "../api.js";
import {sha256} from "./sha256.js";

/** What a request may have on every platform, its form included. */
const LARGE_BYTES = 4_000_000;
/** How long is waited before each further try, and after which refusals; those of a storage have no code. */
const PAUSES_MS = [1000, 4000, 16_000];
const PASSING = /^(offline|unavailable)?$/;
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
  else {
    let before = 0;
    for (const file of files) {
      const onShare = (/** @type {number} */ share) => onProgress({stage: "sending", share: (before + share * file.size) / size});
      onProgress({stage: "hashing", share: 0});
      const known = stored.get(file) ?? {};
      stored.set(file, known);
      form.append("upload_id", known[subjectId] ??= await store(file, subjectId, onShare, signal));
      before += file.size;
    }
  }
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
 * Uploads of files that lie in storage already, by whom they are of: an analysis that was refused is asked for again without sending them.
 * @type {WeakMap<File, Record<string, string>>}
 */
const stored = new WeakMap();

/**
 * Announce a file by its hash, put it into storage and have it checked. Announced again, it goes on with the parts that are missing.
 * @param {File} file @param {string} subjectId @param {(share: number) => void} onShare @param {AbortSignal} signal @returns {Promise<string>}
 */
async function store(file, subjectId, onShare, signal) {
  const upload = await call("POST", "uploads", {signal, json: {
    content_type: KNOWN_TYPE.test(file.type) ? file.type : "application/octet-stream", size_bytes: file.size,
    sha256: await sha256(file, signal), subject_id: subjectId, suffix: KEPT_SUFFIX.exec(file.name)?.[0].toLowerCase(),
  }});
  if (upload.status === "pending") await putParts(file, upload, onShare, signal);
  await call("POST", `uploads/${upload.upload_id}/complete`, {signal});
  return upload.upload_id;
}

/**
 * Send the parts that have not arrived, of a small file the only one.
 * @param {File} file @param {uploads.UploadCreated} upload @param {(share: number) => void} onShare @param {AbortSignal} signal
 */
async function putParts(file, {upload_id: id, part_size_bytes: size, parts}, onShare, signal) {
  const sent = Array(Math.ceil(file.size / size)).fill(0);
  for (const part of parts) sent[part.number - 1] = part.size_bytes;
  const missing = [...sent.keys()].filter((at) => !sent[at]);
  // Where one line fails, the other ends with its part, which need not be sent again.
  const line = async () => {
    try {
      for (let at; (at = missing.shift()) !== undefined;) await sendPart(at, file.slice(at * size, (at + 1) * size));
    } finally {
      missing.length = 0;
    }
  };
  const sendPart = (/** @type {number} */ at, /** @type {Blob} */ part) => again(async () => {
    const asked = {number: at + 1, sha256: await sha256(part, signal)};
    const signed = await call("POST", `uploads/${id}/parts`, {json: {parts: [asked]}, signal});
    await transfer(signed.parts[0].request, part, (share) => {
      sent[at] = share * part.size;
      onShare(sent.reduce((sum, bytes) => sum + bytes) / file.size);
    }, signal);
  }, signal);
  for (const end of await Promise.allSettled([line(), line()])) if (end.status === "rejected") throw end.reason;
}

/**
 * Try again what the network or the storage failed, and not what the API refuses.
 * @param {() => Promise<void>} send @param {AbortSignal} signal @returns {Promise<void>}
 */
async function again(send, signal, [pause, ...pauses] = PAUSES_MS) {
  try {
    await send();
  } catch (/** @type {any} */ problem) {
    if (!pause || signal.aborted || !PASSING.test(problem.code)) throw problem;
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
      signal.addEventListener("abort", resolve);
    });
    await again(send, signal, pauses);
  }
}

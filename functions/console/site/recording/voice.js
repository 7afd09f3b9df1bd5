// @ts-check
// A voice as WAV of 16 bits, with all of the browser's processing off: it changes shimmer and noise.
// A recorder's WebM or MP4 takes its place where no AudioWorklet is.

const RAW = {echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1};
const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 32_767;
/** A sample this near to full scale was cut off. */
const CLIPPED = 0.99;
const CONTAINERS = ["audio/webm;codecs=opus", "audio/mp4"];
const BITS_PER_SECOND = 128_000;

/**
 * @typedef {object} Take
 * @property {File} file @property {number | null} fsHz as the browser gave it, or null where a container knows
 * @property {boolean} isClipped @property {MediaTrackSettings} settings what the browser really did
 */

/**
 * Begin to record; `stop` gives what was heard. Raises what `getUserMedia` raises, such as NotAllowedError.
 * @param {(level: number) => void} onLevel the peak of each block, 0 to 1
 * @returns {Promise<{stop: () => Promise<Take>, fsHz: number | null}>}
 */
export async function record(onLevel) {
  const stream = await navigator.mediaDevices.getUserMedia({audio: RAW});
  const settings = stream.getAudioTracks()[0].getSettings();
  const release = () => stream.getTracks().forEach((track) => track.stop());
  try {
    return typeof AudioWorkletNode === "undefined"
      ? contained(stream, settings, release) : await sampled(stream, settings, release, onLevel);
  } catch (failure) {
    release();
    throw failure;
  }
}

/** @param {MediaStream} stream @param {MediaTrackSettings} settings @param {() => void} release @param {(level: number) => void} onLevel */
async function sampled(stream, settings, release, onLevel) {
  const context = new AudioContext();
  await context.audioWorklet.addModule(new URL("tap.js", import.meta.url));
  const source = context.createMediaStreamSource(stream);
  const tap = new AudioWorkletNode(context, "tap");
  /** @type {Float32Array[]} */
  const blocks = [];
  let isClipped = false;
  tap.port.onmessage = ({data}) => {
    const peak = data.reduce((/** @type {number} */ most, /** @type {number} */ sample) => Math.max(most, Math.abs(sample)), 0);
    isClipped ||= peak >= CLIPPED;
    blocks.push(data);
    onLevel(peak);
  };
  source.connect(tap);
  const stop = async () => {
    source.disconnect();
    release();
    await context.close();
    const file = new File([wav(blocks, context.sampleRate)], "voice.wav", {type: "audio/wav"});
    return {file, fsHz: context.sampleRate, isClipped, settings};
  };
  return {stop, fsHz: context.sampleRate};
}

/** @param {MediaStream} stream @param {MediaTrackSettings} settings @param {() => void} release */
function contained(stream, settings, release) {
  const mimeType = CONTAINERS.find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, {mimeType, audioBitsPerSecond: BITS_PER_SECOND});
  /** @type {Blob[]} */
  const parts = [];
  recorder.ondataavailable = ({data}) => parts.push(data);
  recorder.start();
  const stop = async () => {
    const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
    recorder.stop();
    await stopped;
    release();
    const name = recorder.mimeType.includes("mp4") ? "voice.mp4" : "voice.webm";
    return {file: new File(parts, name, {type: recorder.mimeType}), fsHz: null, isClipped: false, settings};
  };
  return {stop, fsHz: null};
}

/** RIFF WAVE, PCM of 16 bits, one channel. @param {Float32Array[]} blocks @param {number} fsHz */
function wav(blocks, fsHz) {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + BYTES_PER_SAMPLE * count));
  const bytes = BYTES_PER_SAMPLE * count;
  [[0, "RIFF"], [8, "WAVE"], [12, "fmt "], [36, "data"]].forEach(([at, name]) => spell(view, Number(at), String(name)));
  view.setUint32(4, HEADER_BYTES - 8 + bytes, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, fsHz, true);
  view.setUint32(28, BYTES_PER_SAMPLE * fsHz, true);
  view.setUint16(32, BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  view.setUint32(40, bytes, true);
  let at = HEADER_BYTES;
  for (const block of blocks) for (const sample of block) {
    view.setInt16(at, Math.round(FULL_SCALE * Math.min(Math.max(sample, -1), 1)), true);
    at += BYTES_PER_SAMPLE;
  }
  return view;
}

/** @param {DataView} view @param {number} at @param {string} name */
function spell(view, at, name) {
  for (let letter = 0; letter < name.length; letter += 1) view.setUint8(at + letter, name.charCodeAt(letter));
}

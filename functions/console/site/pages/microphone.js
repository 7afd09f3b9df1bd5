// @ts-check
// Recording a voice: a level to speak to, a countdown, and a take to listen to before it is used.
import {Field} from "../parts.js";
import {html, useEffect, useRef, useState} from "../vendor/preact-htm.js";
import {record} from "../recording/voice.js";
import {words} from "../words.js";

const SECONDS = 5;
const LOW_FS_HZ = 26_000;

/** @param {{onTake: (file: File | null) => void}} properties */
export function Microphone({onTake}) {
  const [seconds, setSeconds] = useState(SECONDS);
  const [leftS, setLeft] = useState(0);
  const [level, setLevel] = useState(0);
  const [take, setTake] = useState(null);
  const [failure, fail] = useState("");
  const running = useRef(null);
  const text = words.microphone;
  const stop = async () => {
    const {timer, recorder} = running.current ?? {};
    running.current = null;
    clearInterval(timer);
    setLeft(0);
    if (recorder) setTake(await recorder.stop());
  };
  const start = async () => {
    if (running.current) return;
    const asked = {};
    running.current = asked;
    fail("");
    setTake(null);
    onTake(null);
    try {
      const recorder = await record(setLevel);
      if (running.current !== asked) return void recorder.stop(); // The page was left while the browser asked.
      const until = Date.now() + 1000 * seconds;
      const timer = setInterval(() => (Date.now() >= until ? stop() : setLeft(Math.ceil((until - Date.now()) / 1000))), 100);
      running.current = {timer, recorder};
      setLeft(seconds);
    } catch {
      running.current = null;
      fail(text.denied);
    }
  };
  useEffect(() => () => { stop(); }, []);
  return html`<fieldset><legend>${text.title}</legend>
    <${Field} label=${text.seconds}><input type="number" min="1" max="60" value=${seconds} disabled=${leftS > 0} onInput=${(event) => setSeconds(Number(event.target.value) || SECONDS)} /></${Field}>
    <p class="actions"><button type="button" onClick=${leftS > 0 ? stop : start}>${leftS > 0 ? text.stop : take ? text.again : text.start}</button>
      <span role="status">${leftS > 0 ? text.left(leftS) : take ? text.ready : ""}</span></p>
    ${leftS > 0 && html`<meter class="meter" min="0" max="1" high="0.9" value=${level} aria-label=${text.level}></meter>`}
    ${failure && html`<p class="note" role="alert">${failure}</p>`}
    ${take && html`<${Taken} take=${take} onUse=${() => onTake(take.file)} />`}</fieldset>`;
}

function Taken({take, onUse}) {
  const [url, setUrl] = useState("");
  const text = words.microphone;
  useEffect(() => {
    const made = URL.createObjectURL(take.file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [take]);
  return html`${take.isClipped && html`<p class="note" role="alert">${text.clipped}</p>`}
    ${take.fsHz && take.fsHz < LOW_FS_HZ && html`<p class="note">${text.low}</p>`}
    ${take.fsHz && html`<p class="hint">${isRaw(take.settings) ? text.got(take.fsHz.toLocaleString("en")) : text.processed}</p>`}
    ${url && html`<audio controls src=${url} aria-label=${text.title}></audio>`}
    <p><button type="button" onClick=${onUse}>${text.use}</button></p>`;
}

/** What the browser did, and not what it was asked for. @param {MediaTrackSettings} settings */
function isRaw({echoCancellation, noiseSuppression, autoGainControl}) {
  return ![echoCancellation, noiseSuppression, autoGainControl].some(Boolean);
}

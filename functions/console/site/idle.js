// @ts-check
// A session that nobody uses ends; before that it asks, and one key keeps it (WCAG 2.2.1).
import {end} from "./session.js";
import {html, useEffect, useRef, useState} from "./vendor/preact-htm.js";
import {words} from "./words.js";

const IDLE_MS = 15 * 60_000;
const WARNING_MS = 2 * 60_000;
const TICK_MS = 1_000;
const SIGNS = ["pointerdown", "keydown", "scroll"];

export function IdleWatch() {
  const last = useRef(Date.now());
  const dialog = useRef(null);
  const [leftS, setLeft] = useState(0);
  const stay = () => {
    last.current = Date.now();
    setLeft(0);
    dialog.current?.close();
  };
  useEffect(() => {
    const used = () => {
      if (!dialog.current?.open) last.current = Date.now();
    };
    const tick = () => {
      const left = IDLE_MS - (Date.now() - last.current);
      if (left <= 0) return end("idle");
      if (left > WARNING_MS) return;
      setLeft(Math.ceil(left / 1000));
      if (!dialog.current?.open) dialog.current?.showModal();
    };
    SIGNS.forEach((sign) => addEventListener(sign, used, {passive: true}));
    const timer = setInterval(tick, TICK_MS);
    return () => {
      SIGNS.forEach((sign) => removeEventListener(sign, used));
      clearInterval(timer);
    };
  }, []);
  return html`<dialog ref=${dialog} aria-labelledby="idle-title" onCancel=${stay}>
    <h2 id="idle-title">${words.idle.title}</h2>
    <p>${words.idle.why(leftS)}</p>
    <p class="actions"><button type="button" class="primary" autofocus onClick=${stay}>${words.idle.stay}</button></p>
  </dialog>`;
}

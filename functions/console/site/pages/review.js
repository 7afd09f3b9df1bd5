// @ts-check
// What awaits a signature, for the keyboard: next, previous, note, sign, open.
import {call} from "../api.js";
import {inWords, label} from "../format.js";
import {Empty, Moment, Risk, Title, loaded, useLoaded} from "../parts.js";
import {go, to} from "../router.js";
import {html, useLayoutEffect, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Name} from "./assessments.js";
import {Pictures} from "./pictures.js";
import {Form} from "./sign-off.js";
import {ValueTable} from "./values.js";

const SHOWN = 50;

export function Review({me}) {
  const state = useLoaded((signal) => call("GET", "records/assessments", {query: {requires_review: true, limit: SHOWN}, signal}), []);
  return html`<${Title}>${words.review.title}</${Title}><p class="lead">${words.review.lead}</p>
    ${loaded(state, ({items}) => (items.length === 0
      ? html`<${Empty}><p>${words.review.none}</p></${Empty}>` : html`<${Queue} me=${me} items=${items} />`))}`;
}

/** @param {With<{items: records.AssessmentSummary[]}>} given */
function Queue({me, items: all}) {
  const [items, setItems] = useState(all);
  const [shown, show] = useState({id: all[0].id, at: 0});
  const [message, tell] = useState("");
  const known = items.findIndex((/** @type {any} */ {id}) => id === shown.id);
  const at = known < 0 ? Math.min(shown.at, items.length - 1) : known;
  const item = items[at];
  const step = (/** @type {number} */ by) => {
    const next = Math.min(Math.max(at + by, 0), items.length - 1);
    if (items[next]) show({id: items[next].id, at: next});
  };
  useKeys(item, step);
  if (!item) return html`<${Empty}><p role="status">${message} ${words.review.none}</p></${Empty}>`;
  const onSigned = () => {
    show({id: "", at});
    setItems((/** @type {any[]} */ before) => before.filter(({id}) => id !== item.id));
    tell(words.review.signed);
  };
  return html`<p class="muted">${words.review.keys}</p>
    <div class="actions"><button type="button" disabled=${at <= 0} onClick=${() => step(-1)}>${words.review.previous}</button>
      <button type="button" disabled=${at >= items.length - 1} onClick=${() => step(1)}>${words.review.next}</button>
      <span role="status">${message} ${words.review.position(at + 1, items.length)}</span></div>
    <${Item} key=${item.id} me=${me} id=${item.id} onSigned=${onSigned} />`;
}

/** Letters act outside of fields alone, so that a note can be written. @param {any} item @param {(by: number) => void} step */
function useKeys(item, step) {
  useLayoutEffect(() => {
    const acts = {
      j: () => step(1), k: () => step(-1), o: () => item && go(`assessment/${item.id}`),
      n: () => document.querySelector("textarea")?.focus(),
      s: () => /** @type {HTMLFormElement | null} */ (document.querySelector("form.sign"))?.requestSubmit(),
    };
    const press = (/** @type {KeyboardEvent} */ event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      const isWriting = target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey;
      const act = isWriting || document.querySelector("dialog[open]") ? undefined : acts[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}

function Item({me, id, onSigned}) {
  const state = useLoaded((signal) => call("GET", `records/assessments/${id}`, {signal}), [id]);
  return loaded(state, (assessment) => html`<article class="card" aria-labelledby="item">
    <h2 id="item"><a href=${to(`assessment/${id}`)}>${words.pipelines[assessment.pipeline] ?? label(assessment.pipeline)}</a></h2>
    <p><${Name} id=${assessment.subject_id} me=${me} /> · <${Moment} at=${assessment.recorded_at} /> · <${Risk} level=${assessment.risk_level} score=${assessment.risk_score} /></p>
    ${assessment.review_reason && html`<p class="note">${inWords(assessment.review_reason)}</p>`}
    <${Pictures} pictures=${assessment.pictures} />
    <${ValueTable} biomarkers=${assessment.biomarkers} subjectId=${assessment.subject_id} />
    <${Form} assessment=${assessment} onSigned=${onSigned} /></article>`);
}

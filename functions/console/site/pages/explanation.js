// @ts-check
// An assessment in sentences, with the facts of the record that each rests on.
import {call} from "../api.js";
import {label} from "../format.js";
import {Refusal, Table, useAct} from "../parts.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

/** @param {With<{assessment: records.AssessmentRead, me: accounts.MeRead}>} given */
export function Explanation({me, assessment}) {
  const [told, tell] = useState(/** @type {any} */ (null));
  const {busy, failure, run} = useAct();
  if (!me.permissions.includes("chat") || assessment.status !== "completed") return null;
  const text = words.explanation;
  const explain = () => run(() => call("POST", "assistant/explanations", {json: {assessment_id: assessment.id}}), tell);
  return html`<section aria-labelledby="explanation"><h2 id="explanation">${text.title}</h2>
    ${told ? html`<${Told} told=${told} />` : html`<p><button type="button" disabled=${busy} onClick=${explain}>${text.ask}</button></p>`}
    ${failure && html`<${Refusal} failure=${failure} />`}</section>`;
}

/** @param {With<{told: assistant.ExplanationRead}>} given */
function Told({told: {sentences, facts, left_out: leftOut}}) {
  const text = words.explanation;
  return html`<div class="card" role="status"><p>${sentences.map((sentence, at) => html`<span key=${at} title=${sentence.facts.join(", ")}>${sentence.text} </span>`)}</p></div>
    <details class="card"><summary>${text.facts}</summary>
      <${Table} caption=${text.factsCaption} columns=${[text.fact, text.what, text.said, text.used]}>${facts.map((fact) => html`
        <tr key=${fact.key}><th scope="row">${fact.key}</th><td>${label(fact.name)}</td><td>${Object.values(fact.slots).join(" · ") || label(fact.code)}</td>
          <td>${sentences.some((sentence) => sentence.facts.includes(fact.key)) ? text.yes : "–"}</td></tr>`)}</${Table}>
      <p class="muted">${text.leftOut(leftOut.join(", "))}</p></details>`;
}

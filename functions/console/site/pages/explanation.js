// @ts-check
// An assessment or a history in sentences, with the facts of the record that each rests on.
import {call} from "../api.js";
import {label} from "../format.js";
import {Refusal, Section, Table, useAct, useFocus} from "../parts.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

/**
 * `about` is what is explained, as the API asks for it; `ask` is what the button says.
 * @param {{about: assistant.ExplanationCreate, ask: string} & With<{me: accounts.MeRead}>} given
 */
export function Explanation({me, about, ask}) {
  const [told, tell] = useState(/** @type {any} */ (null));
  const {busy, failure, run} = useAct();
  if (!me.permissions.includes("chat")) return null;
  const explain = () => run(() => call("POST", "assistant/explanations", {json: about}), tell);
  return html`<${Section} id="explanation" title=${words.explanation.title}>
    ${told ? html`<${Told} told=${told} />` : html`<p><button type="button" disabled=${busy} onClick=${explain}>${ask}</button></p>`}
    <${Refusal} failure=${failure} /></${Section}>`;
}

/** @param {With<{told: assistant.ExplanationRead}>} given */
function Told({told: {sentences, facts, left_out: leftOut}}) {
  return html`<div class="card" ref=${useFocus()} tabindex="-1"><${Said} sentences=${sentences} /></div>
    <${Facts} sentences=${sentences} facts=${facts} leftOut=${leftOut} />`;
}

/** Sentences in order; those that follow each other about the same facts make a paragraph. @param {{sentences: assistant.SentenceRead[]}} given */
export function Said({sentences}) {
  /** @type {assistant.SentenceRead[][]} */
  const paragraphs = [];
  sentences.forEach((sentence, at) => {
    if (at > 0 && sentence.facts.join() === sentences[at - 1].facts.join()) paragraphs.at(-1)?.push(sentence);
    else paragraphs.push([sentence]);
  });
  return paragraphs.map((paragraph, at) => html`<p key=${at} title=${paragraph[0].facts.join(", ")}>${paragraph.map(({text}) => text).join(" ")}</p>`);
}

/** What sentences rest on, in a table of its own that is opened. @param {{sentences: assistant.SentenceRead[], facts: assistant.FactRead[], leftOut: string[]}} given */
export function Facts({sentences, facts, leftOut}) {
  const text = words.explanation;
  return html`<details class="card"><summary>${text.facts}</summary>
    <${Table} caption=${text.factsCaption} columns=${[text.fact, text.what, text.said, text.used]}>${facts.map((fact) => html`
      <tr key=${fact.key}><th scope="row">${fact.key}</th><td>${label(fact.name)}</td><td>${Object.values(fact.slots).join(" · ") || label(fact.code)}</td>
        <td>${sentences.some((sentence) => sentence.facts.includes(fact.key)) ? text.yes : "–"}</td></tr>`)}</${Table}>
    <p class="muted">${text.leftOut(leftOut.join(", "))}</p></details>`;
}

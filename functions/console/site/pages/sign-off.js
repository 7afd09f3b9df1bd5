// @ts-check
// Signatures under an assessment, and the form that adds one. Who signs says which revision they saw.
import {Problem, call} from "../api.js";
import {shortId} from "../format.js";
import {Field, Moment, Refusal, Section, submitted, useAct} from "../parts.js";
import {html, useRef} from "../vendor/preact-htm.js";
import {words} from "../words.js";

/** @param {With<{assessment: records.AssessmentRead, me: accounts.MeRead}>} given */
export function SignOff({me, assessment, onSigned}) {
  const text = words.assessment;
  const maySign = me.permissions.includes("review_assessments") && ["completed", "failed"].includes(assessment.status);
  if (!maySign && assessment.sign_offs.length === 0) return null;
  return html`<${Section} id="sign-off" title=${text.review}>
    <div class="card">${assessment.sign_offs.length > 0 && html`<ul class="plain">${assessment.sign_offs.map((signed) => html`<li>
      ${text.signed} <${Moment} at=${signed.signed_at} /> ${text.by} ${signed.signed_by === me.id ? words.people.you : shortId(signed.signed_by)}
      ${signed.note && html`<blockquote>${signed.note}</blockquote>`}</li>`)}</ul>`}
      ${maySign && html`<${Form} assessment=${assessment} onSigned=${onSigned} />`}</div></${Section}>`;
}

/** @param {With<{assessment: records.AssessmentRead}>} given */
export function Form({assessment, onSigned}) {
  const {busy, failure, run} = useAct();
  const note = useRef(null);
  const sign = submitted(() => {
    const told = () => {
      if (note.current) note.current.value = "";
      onSigned();
    };
    run(() => review(assessment, note.current?.value).then(told));
  });
  const isStale = failure instanceof Problem && failure.status === 412;
  return html`<form class="sign" onSubmit=${sign}>
    <${Field} label=${words.assessment.note}><textarea ref=${note} name="note" rows="2" maxlength="2000"></textarea></${Field}>
    <button class="primary" disabled=${busy}>${words.assessment.signOff}</button>
    ${isStale && html`<p class="note" role="alert">${words.assessment.changed}</p>`}
    ${failure && !isStale && html`<${Refusal} failure=${failure} />`}</form>`;
}

/** Sign what was read: a revision that has changed since is refused. @param {any} assessment @param {string} [note] */
async function review(assessment, note) {
  const headers = {"if-match": `"${assessment.revision}"`};
  await call("POST", `records/assessments/${assessment.id}/review`, {json: note?.trim() ? {note: note.trim()} : {}, headers});
}

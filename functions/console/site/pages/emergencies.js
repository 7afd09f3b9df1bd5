// @ts-check
// Emergencies of others that await a word on them, and those that were judged.
import {call} from "../api.js";
import {shortId} from "../format.js";
import {Empty, Field, Moment, Refusal, loaded, useAct, useLoaded} from "../parts.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";

export function Emergencies({me}) {
  const load = (/** @type {string} */ state) => (/** @type {AbortSignal} */ signal) => call("GET", "accounts/break-glass/reviews", {query: {state}, signal});
  const due = useLoaded(load("due"), []);
  const done = useLoaded(load("done"), []);
  const onReview = () => { due.again(); done.again(); };
  const text = words.emergency;
  return html`<h2>${text.toReview}</h2>${loaded(due, ({items}) => html`<${Grants} me=${me} items=${items} none=${text.noneDue} onReview=${onReview} />`)}
    <h2>${text.reviewed}</h2>${loaded(done, ({items}) => html`<${Grants} me=${me} items=${items} none=${text.noneDone} />`)}`;
}

/** @param {With<{items: accounts.GrantRead[], me: accounts.MeRead}>} given */
function Grants({me, items, none, onReview}) {
  const text = words.emergency;
  if (items.length === 0) return html`<${Empty}><p>${none}</p></${Empty}>`;
  return items.map((grant) => html`<article key=${grant.id} class="card"><p><strong><${Moment} at=${grant.opened_at} /></strong>
      ${` · ${grant.opened_by === me.id ? words.people.you : shortId(grant.opened_by)} → ${shortId(grant.person_id)}`}</p>
    <blockquote>${grant.reason}</blockquote>
    ${grant.reviewed_at ? html`<p>${grant.is_justified ? text.justified : text.unjustified}${grant.review_note ? `: ${grant.review_note}` : ""}</p>`
      : grant.opened_by === me.id ? html`<p class="muted">${text.own}</p>` : html`<${Judgment} grant=${grant} onReview=${onReview} />`}</article>`);
}

/** @param {With<{grant: accounts.GrantRead}>} given */
function Judgment({grant, onReview}) {
  const {busy, failure, run} = useAct();
  const text = words.emergency;
  const judge = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const note = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("note")).trim();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    run(() => call("POST", `accounts/break-glass/${grant.id}/review`, {json: {is_justified: button.value === "yes", note: note || null}}).then(onReview));
  };
  return html`<form class="sign" onSubmit=${judge}><${Field} label=${words.assessment.note}><textarea name="note" rows="2" maxlength="500"></textarea></${Field}>
    ${failure && html`<${Refusal} failure=${failure} />`}
    <p class="actions"><button class="primary" value="yes" disabled=${busy}>${text.justify}</button><button value="no" disabled=${busy}>${text.reject}</button></p></form>`;
}

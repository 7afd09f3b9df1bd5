// @ts-check
// Emergency access: opened with a reason, ended, reviewed.
import {call} from "../api.js";
import {shortId} from "../format.js";
import {Empty, Field, Moment, Refusal, Section, Table, Title, loaded, submitted, useAct, useLoaded} from "../parts.js";
import {go} from "../router.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";

const MINUTES = [10, 30, 60];
const REASON_LETTERS = 15;

export function Emergency({route}) {
  const state = useLoaded((signal) => call("GET", "accounts/break-glass", {signal}), []);
  const text = words.emergency;
  return html`<${Title}>${text.title}</${Title}><p class="lead">${text.lead}</p>
    <${Open} person=${route.query.get("person") ?? ""} />
    <${Section} id="grants" title=${text.list}>${loaded(state, ({items}) => (items.length === 0
      ? html`<${Empty}><p>${text.none}</p></${Empty}>` : html`<${OwnGrants} items=${items} onEnd=${state.again} />`))}</${Section}>`;
}

function Open({person}) {
  const {busy, failure, run} = useAct();
  const text = words.emergency;
  const open = submitted((form) => {
    const json = {person_id: form.get("person_id"), reason: form.get("reason"), minutes: Number(form.get("minutes"))};
    run(() => call("POST", "accounts/break-glass", {json}), () => go(`person/${json.person_id}`));
  });
  return html`<form class="card form" onSubmit=${open} autocomplete="off">
    <${Field} label=${text.person} hint=${text.personHint}><input name="person_id" required defaultValue=${person} pattern="[0-9a-fA-F\\-]{36}" /></${Field}>
    <${Field} label=${text.reason}><textarea name="reason" rows="3" required minlength=${REASON_LETTERS} maxlength="500"></textarea></${Field}>
    <${Field} label=${text.minutes}><select name="minutes">${MINUTES.map((minutes) => html`<option value=${minutes}>${minutes} min</option>`)}</select></${Field}>
    <${Refusal} failure=${failure} />
    <p><button class="primary" disabled=${busy}>${text.start}</button></p></form>`;
}

/** @param {With<{items: accounts.GrantRead[]}>} given */
function OwnGrants({items, onEnd}) {
  const {busy, failure, run} = useAct();
  const text = words.emergency;
  const end = (/** @type {string} */ id) => run(() => call("POST", `accounts/break-glass/${id}/end`).then(onEnd));
  return html`<${Refusal} failure=${failure} />
    <${Table} caption=${text.list} columns=${[text.openedAt, text.reason, text.expiresAt, text.review]}>${items.map((grant) => html`
      <tr key=${grant.id}><th scope="row"><${Moment} at=${grant.opened_at} /></th><td>${grant.reason}</td>
        <td><${Moment} at=${grant.ended_at ?? grant.expires_at} /> ${grant.is_open && html`<button type="button" disabled=${busy} onClick=${() => end(grant.id)}>${text.endNow}</button>`}</td>
        <td>${grant.is_justified === null ? text.due : grant.is_justified ? text.justified : text.unjustified}</td></tr>`)}</${Table}>`;
}

/** Emergencies of others that await a word on them, and those that were judged. */
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
  const judge = submitted((form, event) => {
    const note = String(form.get("note")).trim();
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    run(() => call("POST", `accounts/break-glass/${grant.id}/review`, {json: {is_justified: button.value === "yes", note: note || null}}).then(onReview));
  });
  return html`<form class="sign" onSubmit=${judge}><${Field} label=${words.assessment.note}><textarea name="note" rows="2" maxlength="500"></textarea></${Field}>
    <${Refusal} failure=${failure} />
    <p class="actions"><button class="primary" value="yes" disabled=${busy}>${text.justify}</button><button value="no" disabled=${busy}>${text.reject}</button></p></form>`;
}

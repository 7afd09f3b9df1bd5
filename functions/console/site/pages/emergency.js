// @ts-check
// Emergency access: opened with a reason, ended, reviewed.
import {call} from "../api.js";
import {Empty, Field, Moment, Refusal, Table, Title, loaded, useAct, useLoaded} from "../parts.js";
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
    <section aria-labelledby="grants"><h2 id="grants">${text.list}</h2>${loaded(state, ({items}) => (items.length === 0
      ? html`<${Empty}><p>${text.none}</p></${Empty}>` : html`<${Grants} items=${items} onEnd=${state.again} />`))}</section>`;
}

function Open({person}) {
  const {busy, failure, run} = useAct();
  const text = words.emergency;
  const open = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const json = {person_id: form.get("person_id"), reason: form.get("reason"), minutes: Number(form.get("minutes"))};
    run(() => call("POST", "accounts/break-glass", {json}), () => go(`person/${json.person_id}`));
  };
  return html`<form class="card form" onSubmit=${open} autocomplete="off">
    <${Field} label=${text.person}><input name="person_id" required defaultValue=${person} pattern="[0-9a-fA-F\\-]{36}" /></${Field}>
    <${Field} label=${text.reason}><textarea name="reason" rows="3" required minlength=${REASON_LETTERS} maxlength="500"></textarea></${Field}>
    <${Field} label=${text.minutes}><select name="minutes">${MINUTES.map((minutes) => html`<option value=${minutes}>${minutes} min</option>`)}</select></${Field}>
    ${failure && html`<${Refusal} failure=${failure} />`}
    <p><button class="primary" disabled=${busy}>${text.start}</button></p></form>`;
}

/** @param {With<{items: accounts.GrantRead[]}>} given */
function Grants({items, onEnd}) {
  const {busy, failure, run} = useAct();
  const text = words.emergency;
  const end = (/** @type {string} */ id) => run(() => call("POST", `accounts/break-glass/${id}/end`).then(onEnd));
  return html`${failure && html`<${Refusal} failure=${failure} />`}
    <${Table} caption=${text.list} columns=${[text.openedAt, text.reason, text.expiresAt, text.review]}>${items.map((grant) => html`
      <tr key=${grant.id}><th scope="row"><${Moment} at=${grant.opened_at} /></th><td>${grant.reason}</td>
        <td><${Moment} at=${grant.ended_at ?? grant.expires_at} /> ${grant.is_open && html`<button type="button" disabled=${busy} onClick=${() => end(grant.id)}>${text.endNow}</button>`}</td>
        <td>${grant.is_justified === null ? text.due : grant.is_justified ? text.justified : text.unjustified}</td></tr>`)}</${Table}>`;
}

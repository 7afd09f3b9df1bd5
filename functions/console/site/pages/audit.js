// @ts-check
// The audit trail: who did what, whether it is as it was sealed.
import {call} from "../api.js";
import {label, shortId} from "../format.js";
import {Download, Empty, Field, Moment, More, Refusal, Table, Title, loaded, useAct, useList} from "../parts.js";
import {go, to} from "../router.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Outcome} from "./access.js";

const SHOWN = 50;
const MOST = 1000;
const FILTERS = ["action", "outcome", "subject_id", "user_id"];

export function Audit({me, route}) {
  const query = Object.fromEntries(FILTERS.map((name) => [name, route.query.get(name) ?? ""]));
  const text = JSON.stringify(query);
  const state = useList((cursor, signal) => call("GET", "audit/events", {query: {...query, limit: SHOWN, cursor}, signal}), [text]);
  return html`<${Title} actions=${html`<${Csv} query=${query} /><${Verify} />`}>${words.audit.title}</${Title}>
    <${Filters} query=${query} />
    ${loaded(state, ({items}) => html`<${Events} me=${me} items=${items} />
      <${More} ...${state.more} />`)}`;
}

function Filters({query}) {
  const set = (/** @type {Event} */ event) => {
    const field = /** @type {HTMLSelectElement} */ (event.target);
    go("audit", {...query, [field.name]: field.value});
  };
  const options = {action: words.audit.actions, outcome: words.audit.outcomes};
  return html`<form class="search" onChange=${set} onSubmit=${(event) => event.preventDefault()}>${Object.entries(options).map(([name, choices]) => html`
    <${Field} label=${words.audit[name]}><select name=${name}><option value="">${words.assessments.all}</option>
      ${Object.entries(choices).map(([value, word]) => html`<option value=${value} selected=${value === query[name]}>${word}</option>`)}</select></${Field}>`)}</form>`;
}

/** @param {With<{items: audit.EventRead[], me: accounts.MeRead}>} given */
function Events({items, me}) {
  const text = words.audit;
  if (items.length === 0) return html`<${Empty}><p>${text.none}</p></${Empty}>`;
  return html`<${Table} caption=${text.caption} columns=${[text.when, text.who, text.role, text.action, text.what, text.subject, text.outcome]}>${items.map((event) => html`
    <tr key=${event.id}><th scope="row"><${Moment} at=${event.created_at} /></th>
      <td>${event.user_id ? (event.user_id === me.id ? words.people.you : shortId(event.user_id)) : label(event.actor_type)}</td>
      <td>${event.actor_role ? words.roles[event.actor_role] ?? event.actor_role : "–"}</td><td>${text.actions[event.action] ?? event.action}</td>
      <td>${label(event.resource_type)}</td><td><${Subject} id=${event.subject_id} me=${me} /></td>
      <td><${Outcome} outcome=${event.outcome} /></td></tr>`)}</${Table}>`;
}

/** By id alone: asking for a name would be one more look at a record. */
function Subject({id, me}) {
  if (!id) return "–";
  return html`<a href=${to("audit", {subject_id: id})} title=${id}>${id === me.id ? words.people.you : shortId(id)}</a>`;
}

/** The newest events that fit, as many as one answer holds. */
function Csv({query}) {
  return html`<${Download} path="audit/events" query=${{...query, format: "csv", limit: MOST}} name="audit.csv">${words.audit.csv}</${Download}>`;
}

function Verify() {
  const [outcome, tell] = useState(null);
  const {busy, failure, run} = useAct();
  const verify = () => run(() => call("GET", "audit/verify"), tell);
  const text = words.audit;
  return html`<button type="button" disabled=${busy} onClick=${verify}>${text.verify}</button>
    ${outcome && html`<p role="status"><strong>${outcome.is_intact ? text.intact : text.broken}</strong> ${outcome.fault?.code ?? ""}
      <small> ${text.verified(outcome.verified_to, outcome.unsealed)}</small></p>`}
    <${Refusal} failure=${failure} />`;
}

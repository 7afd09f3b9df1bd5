// @ts-check
// Assessments, those stored last first; what is filtered by stands in the address.
import {call} from "../api.js";
import {label} from "../format.js";
import {Badge, Empty, Field, Moment, More, Risk, Status, Table, Title, loaded, useList} from "../parts.js";
import {useName} from "../people.js";
import {go, to} from "../router.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";

const SHOWN = 25;
/** A year that is being typed is a day of the first century until its last digit. */
const FIRST_DAY = "1900-01-01";
const FILTERS = ["pipeline", "status", "requires_review", "created_from", "created_to", "subject_id"];

export function Assessments({me, route}) {
  const query = Object.fromEntries(FILTERS.map((name) => [name, route.query.get(name) ?? ""]));
  const text = JSON.stringify(query);
  const state = useList((cursor, signal) => call("GET", "records/assessments", {query: {...asked(query), cursor}, signal}), [text]);
  return html`<${Title}>${words.assessments.title}</${Title}>
    <${Filters} query=${query} />
    ${loaded(state, ({items}) => items.length === 0
      ? html`<${Empty}><p>${words.assessments.none}</p></${Empty}>`
      : html`<${AssessmentTable} items=${items} me=${me} withPerson=${true} />
        <${More} ...${state.more} />`)}`;
}

/** Days of the form as the moments that the API takes. @param {Record<string, string>} query */
function asked(query) {
  const {created_from: from, created_to: until, ...rest} = query;
  const day = 24 * 60 * 60 * 1000;
  return {
    ...rest, limit: SHOWN,
    created_from: from && new Date(`${from}T00:00`).toISOString(),
    created_to: until && new Date(new Date(`${until}T00:00`).getTime() + day).toISOString(),
  };
}

function Filters({query}) {
  const text = words.assessments;
  const set = (/** @type {Event} */ event) => {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.validity.valid) go("assessments", {...query, [field.name]: field.value});
  };
  return html`<form class="search" onChange=${set} onSubmit=${(event) => event.preventDefault()}>
    <${Choice} name="pipeline" label=${text.kind} value=${query.pipeline} options=${words.pipelines} />
    <${Choice} name="status" label=${text.status} value=${query.status} options=${STATUSES} />
    <${Choice} name="requires_review" label=${text.review} value=${query.requires_review} options=${{true: text.due, false: text.done}} />
    <${Field} label=${text.from}><input type="date" min=${FIRST_DAY} name="created_from" value=${query.created_from} /></${Field}>
    <${Field} label=${text.to}><input type="date" min=${FIRST_DAY} name="created_to" value=${query.created_to} /></${Field}>
    <a class="button" href=${to("assessments")}>${text.reset}</a></form>`;
}

const STATUSES = Object.fromEntries(["completed", "failed", "pending", "processing"].map((status) => [status, words.statuses[status]]));

function Choice({name, label: text, value, options}) {
  return html`<${Field} label=${text}><select name=${name} value=${value}><option value="">${words.assessments.all}</option>
    ${Object.entries(options).map(([key, word]) => html`<option value=${key} selected=${key === value}>${word}</option>`)}</select></${Field}>`;
}

/** @param {{items: records.AssessmentSummary[], me: accounts.MeRead, withPerson: boolean}} given */
export function AssessmentTable({items, me, withPerson}) {
  const text = words.assessments;
  const columns = [text.when, text.kind, ...(withPerson ? [text.person] : []), text.status, text.risk, text.review];
  return html`<${Table} caption=${withPerson ? text.listed : text.caption} columns=${columns}>${items.map((item) => html`
    <tr key=${item.id}><th scope="row"><a href=${to(`assessment/${item.id}`)}><${Moment} at=${item.recorded_at} /></a></th>
      <td>${words.pipelines[item.pipeline] ?? label(item.pipeline)}</td>
      ${withPerson && html`<td><${Name} id=${item.subject_id} me=${me} /></td>`}
      <td><${Status} value=${item.status} /></td>
      <td><${Risk} level=${item.risk_level} score=${item.risk_score} /></td>
      <td><${ReviewState} item=${item} /></td></tr>`)}</${Table}>`;
}

/** @param {With<{me: accounts.MeRead}>} given */
export function Name({id, me}) {
  const name = useName(id, me);
  if (!me.permissions.includes("view_patients")) return html`<span title=${id}>${name}</span>`;
  return html`<a href=${to(`person/${id}`)}>${name}</a>`;
}

/** By when they were recorded, the first of all first. @param {records.AssessmentSummary} before @param {records.AssessmentSummary} after */
export function byRecording(before, after) {
  return recordedMs(before) - recordedMs(after);
}

/** @param {records.AssessmentSummary} item */
function recordedMs({recorded_at: recordedAt, created_at: storedAt}) {
  return Date.parse(recordedAt ?? storedAt);
}

/** @param {With<{item: records.AssessmentSummary | records.AssessmentRead}>} given */
export function ReviewState({item}) {
  const {due, done, notDue} = words.assessments;
  if (item.reviewed_at) return html`<${Badge} kind="good">${done}</${Badge}>`;
  if (item.requires_review) return html`<${Badge} kind="warn">${due}</${Badge}>`;
  return html`<span class="muted">${notDue}</span>`;
}

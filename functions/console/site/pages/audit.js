// @ts-check
// The audit trail: who did what, whether it is as it was sealed; who looked at a record, in words, and questions about it.
import {call} from "../api.js";
import {label, shortId} from "../format.js";
import {Badge, Download, Empty, Field, Moment, More, Refusal, Section, Table, Title, loaded, submitted, useAct, useList, useLoaded} from "../parts.js";
import {go, to} from "../router.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

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

/** @param {With<{me: accounts.MeRead}>} given */
export function AccessLog({me, personId}) {
  const subject = personId ?? me.id;
  const [about, ask] = useState(null);
  const [withOwn, show] = useState(subject !== me.id);
  const state = useList((cursor, signal) => call("GET", "audit/access-log", {query: {subject_id: subject, limit: SHOWN, cursor}, signal}), [subject]);
  const questions = useLoaded((signal) => call("GET", "audit/questions", {signal}), [subject]);
  const text = words.access;
  return html`<${Title}>${subject === me.id ? text.title : text.titleOf}</${Title}><p class="lead">${text.lead}</p>
    ${about !== null && html`<${Question} eventId=${about} subjectId=${subject} onDone=${() => { ask(null); questions.again(); }} />`}
    ${loaded(questions, ({items}) => html`<${Questions} items=${items.filter((question) => question.subject_id === subject)} me=${me} onAnswer=${questions.again} />`)}
    <p><label><input type="checkbox" checked=${withOwn} onChange=${() => show(!withOwn)} /> ${text.own}</label></p>
    ${loaded(state, ({items}) => html`<${Entries} items=${withOwn ? items : items.filter((entry) => entry.person_id !== me.id)} onAsk=${ask} />
      <${More} ...${state.more} />`)}`;
}

/** @param {With<{items: audit.LogEntry[]}>} given */
function Entries({items, onAsk}) {
  const text = words.access;
  if (items.length === 0) return html`<${Empty}><p>${text.none}</p></${Empty}>`;
  const {when, who, what, outcome} = words.audit;
  return html`<${Table} caption=${text.caption} columns=${[when, who, what, text.why, outcome, ""]}>${items.map((entry) => html`
    <tr key=${entry.id}><th scope="row"><${Moment} at=${entry.at} /></th><td>${entry.who}</td>
      <td>${entry.what}</td><td>${entry.why ?? "–"}</td><td><${Outcome} outcome=${entry.outcome} /></td>
      <td><button type="button" class="quiet" onClick=${() => onAsk(entry.id)}>${text.ask}</button></td></tr>`)}</${Table}>`;
}

function Outcome({outcome}) {
  return html`<${Badge} kind=${outcome === "success" ? "soft" : "warn"}>${words.audit.outcomes[outcome] ?? outcome}</${Badge}>`;
}

function Question({eventId, subjectId, onDone}) {
  const {busy, failure, run} = useAct();
  const send = submitted((form) => {
    const json = {event_id: eventId, question: String(form.get("question")), subject_id: subjectId};
    run(() => call("POST", "audit/questions", {json}), onDone);
  });
  return html`<form class="card form" onSubmit=${send}><${Field} label=${words.access.question}>
      <textarea name="question" rows="3" required maxlength="1000" autofocus></textarea></${Field}>
    <${Refusal} failure=${failure} /><p><button class="primary" disabled=${busy}>${words.access.send}</button></p></form>`;
}

/** @param {With<{items: audit.QuestionRead[], me: accounts.MeRead}>} given */
function Questions({items, me, onAnswer}) {
  if (items.length === 0) return null;
  const text = words.access;
  return html`<${Section} id="questions" title=${text.questions}><div class="card"><ul class="plain">${items.map((question) => html`
    <li key=${question.id}><p><strong>${question.question}</strong> <small><${Moment} at=${question.created_at} /></small></p>
      ${question.answer ? html`<blockquote>${question.answer}</blockquote>` : html`<p class="muted">${text.unanswered}</p>`}
      ${!question.answer && me.permissions.includes("answer_access_questions") && html`<${Reply} id=${question.id} onAnswer=${onAnswer} />`}</li>`)}</ul></div></${Section}>`;
}

function Reply({id, onAnswer}) {
  const {busy, failure, run} = useAct();
  const send = submitted((form) => {
    run(() => call("POST", `audit/questions/${id}/answer`, {json: {answer: String(form.get("answer"))}}), onAnswer);
  });
  return html`<form class="sign" onSubmit=${send}><${Field} label=${words.access.answer}><textarea name="answer" rows="2" required maxlength="2000"></textarea></${Field}>
    <${Refusal} failure=${failure} /><button disabled=${busy}>${words.access.reply}</button></form>`;
}

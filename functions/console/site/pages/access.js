// @ts-check
// Who looked at a record, in words, and questions about it.
import {call} from "../api.js";
import {label} from "../format.js";
import {Badge, Empty, Field, Moment, More, Refusal, Section, Table, Title, loaded, submitted, useAct, useList, useLoaded} from "../parts.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

const SHOWN = 50;

/** @param {With<{me: accounts.MeRead}>} given */
export function AccessLog({me, personId}) {
  const subject = personId ?? me.id;
  const [about, ask] = useState(null);
  const state = useList((cursor, signal) => call("GET", "audit/access-log", {query: {subject_id: subject, limit: SHOWN, cursor}, signal}), [subject]);
  const questions = useLoaded((signal) => call("GET", "audit/questions", {signal}), [subject]);
  const text = words.access;
  return html`<${Title}>${subject === me.id ? text.title : text.titleOf}</${Title}><p class="lead">${text.lead}</p>
    ${about !== null && html`<${Question} eventId=${about} subjectId=${subject} onDone=${() => { ask(null); questions.again(); }} />`}
    ${loaded(questions, ({items}) => html`<${Questions} items=${items.filter((question) => question.subject_id === subject)} me=${me} onAnswer=${questions.again} />`)}
    ${loaded(state, ({items}) => html`<${Entries} items=${items} onAsk=${ask} />
      <${More} ...${state.more} />`)}`;
}

/** @param {With<{items: audit.LogEntry[]}>} given */
function Entries({items, onAsk}) {
  const text = words.access;
  if (items.length === 0) return html`<${Empty}><p>${text.none}</p></${Empty}>`;
  const {when, who, role, what, outcome} = words.audit;
  return html`<${Table} caption=${text.caption} columns=${[when, who, role, what, text.why, outcome, ""]}>${items.map((entry) => html`
    <tr key=${entry.id}><th scope="row"><${Moment} at=${entry.at} /></th><td>${entry.who}</td><td>${entry.role ? label(entry.role) : "–"}</td>
      <td>${entry.what}</td><td>${entry.why ?? "–"}</td><td><${Outcome} outcome=${entry.outcome} /></td>
      <td><button type="button" class="quiet" onClick=${() => onAsk(entry.id)}>${text.ask}</button></td></tr>`)}</${Table}>`;
}

export function Outcome({outcome}) {
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

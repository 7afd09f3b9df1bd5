// @ts-check
// Questions about an assessment and their answers, which are sentences of its facts.
import {call} from "../api.js";
import {Field, Moment, Refusal, Section, loaded, submitted, useAct, useLoaded} from "../parts.js";
import {html, useRef, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Facts, Said} from "./explanation.js";

const SHOWN = 100;
const LETTERS = 1_000;

/** @param {With<{me: accounts.MeRead, assessment: records.AssessmentRead}>} given */
export function Conversation({me, assessment}) {
  const [isOpen, open] = useState(false);
  if (!me.permissions.includes("chat") || assessment.status !== "completed") return null;
  const text = words.conversation;
  return html`<${Section} id="conversation" title=${text.title}>${isOpen
    ? html`<${Begun} me=${me} assessmentId=${assessment.id} />`
    : html`<p><button type="button" onClick=${() => open(true)}>${text.begin}</button></p>`}</${Section}>`;
}

function Begun({me, assessmentId}) {
  const state = useLoaded((signal) => begun(me, assessmentId, signal), [assessmentId]);
  return loaded(state, ({thread, said}) => html`<${Talk} thread=${thread} before=${said} />`);
}

/** The conversation that one began before, with what was said in it, or a new one. @param {accounts.MeRead} me @param {string} id @param {AbortSignal} signal */
async function begun(me, id, signal) {
  const {items} = await call("GET", "assistant/threads", {query: {assessment_id: id, limit: SHOWN}, signal});
  const own = items.find(({created_by: author}) => author === me.id);
  if (!own) return {thread: await call("POST", "assistant/threads", {json: {assessment_id: id}, signal}), said: []};
  return {thread: await call("GET", `assistant/threads/${own.id}`, {signal}), said: await saidIn(own.id, signal)};
}

/** @param {string} id @param {AbortSignal} signal */
async function saidIn(id, signal) {
  /** @type {assistant.MessageRead[]} */
  const said = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    const page = await call("GET", `assistant/threads/${id}/messages`, {query: {limit: SHOWN, cursor}, signal});
    said.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return said;
}

/** @param {{thread: assistant.ThreadRead, before: assistant.MessageRead[]}} given */
function Talk({thread, before}) {
  const [said, setSaid] = useState(before);
  const field = useRef(null);
  const asked = useRef({text: "", key: ""});
  const {busy, failure, run} = useAct();
  const send = ({text, key} = asked.current) => run(() => call("POST", `assistant/threads/${thread.id}/messages`,
    {json: {text}, headers: {"idempotency-key": key}}), ({question, answer}) => {
    setSaid((earlier) => [...earlier, question, answer]);
    if (field.current?.value.trim() === text) field.current.value = "";
  });
  /** The key is made once per question: asking again after a lost answer stores it once. */
  const ask = (/** @type {string} */ text) => {
    if (busy) return;
    asked.current = {text, key: crypto.randomUUID()};
    send();
  };
  const submit = submitted(() => {
    ask(field.current.value.trim());
  });
  const text = words.conversation;
  return html`<p class="muted">${text.lead}</p><p class="note">${thread.emergency_text}</p>
    <div role="log" aria-label=${text.title}><ol class="plain talk">${said.map((message) => html`<${Message} key=${message.id} message=${message} />`)}</ol></div>
    <p role="status">${busy ? text.answering : ""}</p>${failure && html`<${Refusal} failure=${failure} again=${() => send()} />`}
    <div class="actions" role="group" aria-label=${text.offered}>${thread.questions.map((question) => html`
      <button type="button" onClick=${() => ask(question.text)}>${question.text}</button>`)}</div>
    <form class="sign" onSubmit=${submit}><${Field} label=${text.question}><textarea ref=${field} name="question" rows="2" required maxlength=${LETTERS}></textarea></${Field}>
      <button class="primary">${text.ask}</button></form>`;
}

/** @param {{message: assistant.MessageRead}} given */
function Message({message: {role, text: said, source, created_at: at}}) {
  const text = words.conversation;
  if (!source) return html`<li class="asked"><p><strong>${role === "user" ? text.you : text.answer}</strong> <small><${Moment} at=${at} /></small></p><p>${said ?? text.gone}</p></li>`;
  const isUrgent = source.intent === "emergency";
  return html`<li class="answered"><p class="unseen">${text.answer}</p><div class=${isUrgent ? "refusal" : "told"}><${Said} sentences=${source.sentences} /></div>
    ${source.facts.length > 0 && source.sentences.some(({facts}) => facts.length > 0)
      && html`<${Facts} sentences=${source.sentences} facts=${source.facts} leftOut=${source.left_out} />`}</li>`;
}

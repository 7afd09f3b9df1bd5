// @ts-check
// Questions about an assessment or a history and their answers, which are sentences of their facts.
import {call} from "../api.js";
import {Field, Moment, Refusal, Section, loaded, submitted, useAct, useFocus, useLoaded} from "../parts.js";
import {html, useEffect, useRef, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Facts, Said} from "./explanation.js";

const SHOWN = 100;
const LETTERS = 1_000;

/**
 * `about` is what is asked about, as the API takes it; `begin` is what the button says.
 * @param {With<{me: accounts.MeRead, about: assistant.ThreadCreate}>} given
 */
export function Conversation({me, about, begin}) {
  const [isOpen, open] = useState(false);
  if (!me.permissions.includes("chat")) return null;
  return html`<${Section} id="conversation" title=${words.conversation.title}>${isOpen
    ? html`<${Begun} me=${me} about=${about} />`
    : html`<p><button type="button" onClick=${() => open(true)}>${begin}</button></p>`}</${Section}>`;
}

/** @param {With<{me: accounts.MeRead, about: assistant.ThreadCreate}>} given */
function Begun({me, about}) {
  const state = useLoaded((signal) => begun(me, about, signal), [JSON.stringify(about)]);
  return loaded(state, ({thread, said}) => html`<${Talk} thread=${thread} before=${said} />`);
}

/** The conversation that one began before, with what was said in it, or a new one. @param {accounts.MeRead} me @param {assistant.ThreadCreate} about @param {AbortSignal} signal */
async function begun(me, about, signal) {
  const {biomarkers = null, ...of} = about;
  const threads = await whole((cursor) => call("GET", "assistant/threads", {query: {...of, limit: SHOWN, cursor}, signal}));
  const own = threads.find((thread) => thread.created_by === me.id && thread.assessment_id === (of.assessment_id ?? null)
    && String(thread.biomarkers) === String(biomarkers));
  if (!own) return {thread: await call("POST", "assistant/threads", {json: about, signal}), said: []};
  const said = await whole((cursor) => call("GET", `assistant/threads/${own.id}/messages`, {query: {limit: SHOWN, cursor}, signal}));
  return {thread: await call("GET", `assistant/threads/${own.id}`, {signal}), said};
}

/**
 * A list that comes in parts, with all of them.
 * @template T @param {(cursor: string | null) => Promise<{items: T[], next_cursor: string | null}>} load
 */
async function whole(load) {
  /** @type {T[]} */
  const items = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    const part = await load(cursor);
    items.push(...part.items);
    cursor = part.next_cursor;
  } while (cursor);
  return items;
}

/** @param {{thread: assistant.ThreadRead, before: assistant.MessageRead[]}} given */
function Talk({thread, before}) {
  const [said, setSaid] = useState(before);
  const [field, list] = [useRef(null), useRef(null)];
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
  useEffect(() => { if (asked.current.key) list.current?.lastElementChild?.scrollIntoView({block: "nearest"}); }, [said.length]);
  const submit = submitted(() => {
    ask(field.current.value.trim());
  });
  const text = words.conversation;
  return html`<div ref=${useFocus()} tabindex="-1"><p class="muted">${text.lead}</p><p class="note">${thread.emergency_text}</p></div>
    <div role="log" aria-label=${text.title}><ol class="plain talk" ref=${list}>${said.map((message) => html`<${Message} key=${message.id} message=${message} />`)}</ol></div>
    <p role="status">${busy ? text.answering : ""}</p>${failure && html`<${Refusal} failure=${failure} again=${() => send()} />`}
    <div class="actions" role="group" aria-label=${text.offered}>${thread.questions.map((question) => html`
      <button type="button" onClick=${() => ask(question.text)}>${question.text}</button>`)}</div>
    <form class="sign" onSubmit=${submit}><${Field} label=${text.question} hint=${text.readers[thread.voice]}><textarea ref=${field} name="question" rows="2" required maxlength=${LETTERS}></textarea></${Field}>
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

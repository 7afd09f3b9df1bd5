// @ts-check
// An assessment or a history in sentences of its facts: explained, and asked about.
import {call} from "../api.js";
import {label} from "../format.js";
import {Field, Moment, Refusal, Section, Table, loaded, submitted, useAct, useFocus, useLoaded} from "../parts.js";
import {html, useEffect, useRef, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

/** The template's sentences, while a model takes its time. */
const NOW = {prefer: "respond-async"};
const LOOK_AGAIN_MS = 2_000;
/** For three minutes. */
const MOST_LOOKS = 90;

/**
 * `about` is what is explained, as the API asks for it; `ask` is what the button says.
 * @param {{about: assistant.ExplanationCreate, ask: string} & With<{me: accounts.MeRead}>} given
 */
export function Explanation({me, about, ask}) {
  const [told, tell] = useState(/** @type {any} */ (null));
  const {busy, failure, run} = useAct();
  if (!me.permissions.includes("chat")) return null;
  const explain = () => run(() => call("POST", "assistant/explanations", {json: about, headers: NOW}), tell);
  return html`<${Section} id="explanation" title=${words.explanation.title}>
    ${told ? html`<${Told} told=${told} />` : html`<p><button type="button" disabled=${busy} onClick=${explain}>${busy ? words.states.loading : ask}</button></p>`}
    <${Refusal} failure=${failure} /></${Section}>`;
}

/** The template's sentences at once, and a model's in their place once they are there. @param {{told: assistant.ExplanationRead}} given */
function Told({told}) {
  const {shown: {sentences, facts, left_out: leftOut}, note} = useLater(told);
  return html`<p role="status" class="muted">${note}</p>
    <div class="card" ref=${useFocus()} tabindex="-1"><${Said} sentences=${sentences} /></div>
    <${Facts} sentences=${sentences} facts=${facts} leftOut=${leftOut} />`;
}

/** An explanation, looked for again while a model's words are awaited; what was shown stays where none come. @param {assistant.ExplanationRead} told */
function useLater(told) {
  const [{shown, looks}, set] = useState({shown: told, looks: 0});
  const isAwaited = shown.status === "pending" && looks < MOST_LOOKS;
  useEffect(() => {
    if (!isAwaited) return undefined;
    const stopper = new AbortController();
    const look = () => call("GET", `assistant/explanations/${told.id}`, {signal: stopper.signal}).then(
      (now) => set({shown: now, looks: looks + 1}),
      // Without a network the next look may be answered; a refusal will be one again.
      (problem) => stopper.signal.aborted || set({shown, looks: problem.status === 0 ? looks + 1 : MOST_LOOKS}));
    const timer = setTimeout(look, LOOK_AGAIN_MS);
    return () => {
      clearTimeout(timer);
      stopper.abort();
    };
  }, [looks]);
  const {awaited, late, byModel} = words.explanation;
  if (shown.status === "pending") return {shown, note: isAwaited ? awaited : late};
  return {shown, note: shown.engine === "model" ? byModel : ""};
}

/** Sentences in order; those that follow each other about the same facts make a paragraph. @param {{sentences: assistant.SentenceRead[]}} given */
function Said({sentences}) {
  /** @type {assistant.SentenceRead[][]} */
  const paragraphs = [];
  sentences.forEach((sentence, at) => {
    if (at > 0 && sentence.facts.join() === sentences[at - 1].facts.join()) paragraphs.at(-1)?.push(sentence);
    else paragraphs.push([sentence]);
  });
  return paragraphs.map((paragraph, at) => html`<p key=${at} title=${paragraph[0].facts.join(", ")}>${paragraph.map(({text}) => text).join(" ")}</p>`);
}

/** What sentences rest on, in a table of its own that is opened. @param {{sentences: assistant.SentenceRead[], facts: assistant.FactRead[], leftOut: string[]}} given */
function Facts({sentences, facts, leftOut}) {
  const text = words.explanation;
  return html`<details class="card"><summary>${text.facts}</summary>
    <${Table} caption=${text.factsCaption} columns=${[text.fact, text.what, text.said, text.used]}>${facts.map((fact) => html`
      <tr key=${fact.key}><th scope="row">${fact.key}</th><td>${label(fact.name)}</td><td>${Object.values(fact.slots).join(" · ") || label(fact.code)}</td>
        <td>${sentences.some((sentence) => sentence.facts.includes(fact.key)) ? text.yes : "–"}</td></tr>`)}</${Table}>
    <p class="muted">${text.leftOut(leftOut.join(", "))}</p></details>`;
}

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

/** The conversation that one began before, or a new one, with what was said; two tabs may have begun two. @param {accounts.MeRead} me @param {assistant.ThreadCreate} about @param {AbortSignal} signal */
async function begun(me, about, signal) {
  const {biomarkers = null, ...of} = about;
  const threads = await whole((cursor) => call("GET", "assistant/threads", {query: {...of, limit: SHOWN, cursor}, signal}));
  const own = threads.filter((thread) => thread.created_by === me.id && thread.assessment_id === (of.assessment_id ?? null)
    && String(thread.biomarkers) === String(biomarkers));
  if (own.length === 0) return {thread: await call("POST", "assistant/threads", {json: about, signal}), said: []};
  const said = await Promise.all(own.map(({id}) => whole((cursor) =>
    call("GET", `assistant/threads/${id}/messages`, {query: {limit: SHOWN, cursor}, signal}))));
  const inOrder = said.flat().toSorted((before, after) => Date.parse(before.created_at) - Date.parse(after.created_at));
  return {thread: await call("GET", `assistant/threads/${own[0].id}`, {signal}), said: inOrder};
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

// @ts-check
// What pages are made of: states of loading, refusals, tables, badges, pictures.
import {html, useEffect, useRef, useState} from "./vendor/preact-htm.js";
import {Problem, address, bytes} from "./api.js";
import {exactly, time} from "./format.js";
import {SignedOut, signIn} from "./session.js";
import {words} from "./words.js";

/**
 * Load something, and again when what it depends on changes. What was loaded for other inputs is never shown
 * beside these: it might be of another person.
 * @template T @param {(signal: AbortSignal) => Promise<T>} load @param {any[]} inputs
 * @returns {{data: T | null, failure: any, again: () => void}}
 */
export function useLoaded(load, inputs) {
  const [state, set] = useState(/** @type {{data: any, failure: any, of: any[]}} */ ({data: null, failure: null, of: inputs}));
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stopper = new AbortController();
    const told = (/** @type {any} */ data, failure = null) => stopper.signal.aborted || set({data, failure, of: inputs});
    load(stopper.signal).then((data) => told(data), (failure) => told(null, failure));
    return () => stopper.abort();
  }, [...inputs, turn]);
  const again = () => {
    set((before) => ({...before, failure: null}));
    setTurn((before) => before + 1);
  };
  const isOfThese = state.of.every((input, at) => Object.is(input, inputs[at]));
  return {data: isOfThese ? state.data : null, failure: isOfThese ? state.failure : null, again};
}

/**
 * A list that comes in parts: `load` asks for the part after a cursor. A part that comes after another list is left out.
 * @template {{items: any[], next_cursor?: string | null}} P
 * @param {(cursor: string | undefined, signal?: AbortSignal) => Promise<P>} load @param {any[]} inputs
 */
export function useList(load, inputs) {
  const {data: first, ...state} = useLoaded((signal) => load(undefined, signal), inputs);
  const [more, setMore] = useState(/** @type {{of: P | null, parts: P[]}} */ ({of: null, parts: []}));
  const {busy, failure, run} = useAct();
  const parts = more.of === first ? more.parts : [];
  const next = first && (parts.at(-1) ?? first).next_cursor;
  const onMore = () => run(() => load(next ?? undefined), (part) => setMore({of: first, parts: [...parts, part]}));
  const data = first && {...first, items: [first, ...parts].flatMap(({items}) => items)};
  return {...state, data, more: {next, busy, failure, onMore}};
}

/** The head of a page; a new one takes the focus, so that screen readers begin there. */
export function Title({children, actions, title}) {
  const heading = useRef(null);
  useEffect(() => {
    document.title = `${title ?? children} · MediLens`;
    heading.current?.focus({preventScroll: true});
    scrollTo(0, 0);
  }, [title ?? children]);
  return html`<div class="title"><h1 tabindex="-1" ref=${heading}>${children}</h1>
    ${actions && html`<div class="actions">${actions}</div>`}</div>`;
}

/**
 * What `useLoaded` gives, shown: words while it loads, a refusal under the `title` of a whole page, or the page.
 * @template T @param {{data: T | null, failure: any, again: () => void}} state @param {(data: NonNullable<T>) => any} show @param {string} [title]
 */
export function loaded({data, failure, again}, show, title) {
  if (failure) return html`${title && html`<${Title}>${title}</${Title}>`}<${Refusal} failure=${failure} again=${again} />`;
  if (data === null || data === undefined) return html`<p class="loading" role="status">${words.states.loading}</p>`;
  return show(data);
}

/** What the service asks for where a second factor has to be shown again. */
const STEP_UP = "step-up-required";

/** A refusal as the service says it, and what can be done; nothing where nothing was refused. */
export function Refusal({failure, again}) {
  if (!failure || failure instanceof SignedOut) return null;
  return html`<div class="refusal" role="alert">
    <p><strong>${heading(failure)}</strong></p>
    <p>${sentence(failure)}</p>
    ${failure.code === STEP_UP && html`<p><button type="button" onClick=${() => signIn("login")}>${words.signIn.confirm}</button></p>`}
    ${again && html`<p><button type="button" onClick=${again}>${words.states.tryAgain}</button></p>`}
  </div>`;
}

/** @param {any} failure */
function heading(failure) {
  if (!(failure instanceof Problem)) return words.states.broken;
  return failure.status === 0 ? words.states.offline : failure.body.title ?? words.states.refused;
}

/** @param {any} failure */
export function sentence(failure) {
  if (!(failure instanceof Problem)) return words.states.brokenWhy;
  if (failure.status === 0) return words.states.offlineWhy;
  return failure.message;
}

export function Empty({children}) {
  return html`<div class="empty">${children}</div>`;
}

/** A mark and a word: color is never alone. */
export function Badge({kind, children}) {
  return html`<span class=${`badge ${kind}`}>${children}</span>`;
}

const KINDS = {
  normal: "good", completed: "good", low: "warn", high: "warn", failed: "bad", critical: "bad",
  pending: "soft", processing: "soft", unclassified: "soft", moderate: "warn",
};

/** @param {{value: string}} properties */
export function Status({value}) {
  return html`<${Badge} kind=${KINDS[value] ?? "soft"}>${words.statuses[value] ?? value}</${Badge}>`;
}

/** A risk's word has no good color where it is high. */
export function Risk({level, score}) {
  if (!level) return html`<span class="muted">${words.values.noRisk}</span>`;
  const kind = {low: "good", moderate: "warn", high: "bad", critical: "bad"}[level] ?? "soft";
  return html`<${Badge} kind=${kind}>${words.risks[level]}${score === null ? "" : ` · ${Math.round(score)}`}</${Badge}>`;
}

export function Moment({at}) {
  if (!at) return html`<span class="muted">–</span>`;
  return html`<time datetime=${at} title=${exactly(at)}>${time(at)}</time>`;
}

/** A picture behind the token: fetched, shown, and let go of. */
export function Picture({href, alt, label, isWide = true}) {
  const [state, show] = useState({of: href, url: "", failure: null});
  const shown = state.of === href ? state : {url: "", failure: null};
  const [large, enlarge] = useState(false);
  useEffect(() => {
    const stopper = new AbortController();
    let url = "";
    bytes(href, stopper.signal).then(
      (blob) => {
        if (stopper.signal.aborted) return;
        url = URL.createObjectURL(blob);
        show({of: href, url, failure: null});
      },
      (failure) => stopper.signal.aborted || show({of: href, url: "", failure}),
    );
    return () => {
      stopper.abort();
      URL.revokeObjectURL(url);
    };
  }, [href]);
  if (shown.failure) return html`<${Refusal} failure=${shown.failure} />`;
  if (!shown.url) return html`<p class="loading" role="status">${words.states.loading}</p>`;
  return html`<figure class=${`picture${large ? " large" : ""}${isWide ? " wide" : ""}`}>
    <div class="paper" tabindex=${large ? 0 : undefined} role=${large ? "group" : undefined} aria-label=${large ? label : undefined}>
      <img src=${shown.url} alt=${alt} /></div>
    <figcaption><span>${label}</span>
      <button type="button" class="quiet" aria-pressed=${large} onClick=${() => enlarge(!large)}>
        ${large ? words.pictures.fit : words.pictures.enlarge}</button></figcaption>
  </figure>`;
}

/** A table that a screen reader can name, and that scrolls by itself where the window is narrow. */
export function Table({caption, columns, children, hidden = true}) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
    <table><caption class=${hidden ? "unseen" : ""}>${caption}</caption>
      <thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
      <tbody>${children}</tbody></table></div>`;
}

/** What was asked for takes the focus where it stands at last, and is read from its beginning: the button before it is gone. */
export function useFocus() {
  const place = useRef(null);
  useEffect(() => place.current?.focus(), []);
  return place;
}

/** A part of a page under its heading, by which screen readers name it. */
export function Section({id, title, children}) {
  return html`<section aria-labelledby=${id}><h2 id=${id}>${title}</h2>${children}</section>`;
}

/** What happens once a form is sent. @param {(form: FormData, event: SubmitEvent) => void} act */
export function submitted(act) {
  return (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    act(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)), event);
  };
}

let hints = 0;

/** A field with its name, and what is to be known of it as its description rather than its name. */
export function Field({label, hint, children}) {
  const [id] = useState(() => `hint-${(hints += 1)}`);
  if (hint && children?.props) children.props["aria-describedby"] = id;
  return html`<div class="field"><label><span class="name">${label}</span>${children}</label>
    ${hint && html`<span class="hint" id=${id}>${hint}</span>`}</div>`;
}

/** Show more of a list that comes in parts. */
export function More({next, onMore, busy, failure}) {
  if (!next) return null;
  return html`<${Refusal} failure=${failure} /><p><button type="button" disabled=${busy} onClick=${onMore}>${words.states.more}</button></p>`;
}

/** Within this time a browser has taken a file that was handed over. */
const TAKEN_MS = 60_000;

/** Hand a file over; its name holds no name of a person, because it ends up in the folder of downloads. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `medilens-${name}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), TAKEN_MS);
}

/** A button that saves what a path of the API answers. @param {{path: string, query?: Record<string, any>, name: string, children: any}} properties */
export function Download({path, query, name, children}) {
  const {busy, failure, run} = useAct();
  const get = () => run(() => bytes(String(address(path, query))), (blob) => save(blob, name));
  return html`<button type="button" disabled=${busy} onClick=${get}>${children}</button><${Refusal} failure=${failure} />`;
}

/**
 * Run an act once at a time, with its refusal kept; `done` is what follows, where the page is still shown.
 * @returns {{busy: boolean, failure: any, run: <T>(act: () => Promise<T>, done?: (answer: T) => void) => Promise<void>}}
 */
export function useAct() {
  const [state, set] = useState(/** @type {{busy: boolean, failure: any}} */ ({busy: false, failure: null}));
  const now = useRef({isBusy: false, isShown: true});
  useEffect(() => () => { now.current.isShown = false; }, []);
  const run = async (/** @type {() => Promise<any>} */ act, /** @type {(answer: any) => void} */ done = () => {}) => {
    if (now.current.isBusy) return;
    now.current.isBusy = true;
    set({busy: true, failure: null});
    try {
      const answer = await act();
      set({busy: false, failure: null});
      if (now.current.isShown) done(answer);
    } catch (failure) {
      set({busy: false, failure});
    }
    now.current.isBusy = false;
  };
  return {...state, run};
}

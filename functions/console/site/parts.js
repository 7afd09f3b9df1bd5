// @ts-check
// What pages are made of: states of loading, refusals, tables, badges, pictures.
import {html, useEffect, useRef, useState} from "./vendor/preact-htm.js";
import {Problem, address, bytes} from "./api.js";
import {exactly, time} from "./format.js";
import {SignedOut, signIn} from "./session.js";
import {words} from "./words.js";

/**
 * Load something, and again when what it depends on changes.
 * @template T @param {(signal: AbortSignal) => Promise<T>} load @param {any[]} inputs
 * @returns {{data: T | null, failure: any, again: () => void}}
 */
export function useLoaded(load, inputs) {
  const [state, set] = useState(/** @type {{data: any, failure: any}} */ ({data: null, failure: null}));
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stopper = new AbortController();
    set((before) => ({...before, failure: null}));
    load(stopper.signal).then(
      (data) => stopper.signal.aborted || set({data, failure: null}),
      (failure) => stopper.signal.aborted || set({data: null, failure}),
    );
    return () => stopper.abort();
  }, [...inputs, turn]);
  return {...state, again: () => setTurn((before) => before + 1)};
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

/** What `useLoaded` gives, shown: words while it loads, a refusal under the `title` of a whole page, or the page. */
export function Loaded({state, title, children}) {
  if (state.failure) return html`${title && html`<${Title}>${title}</${Title}>`}<${Refusal} failure=${state.failure} again=${state.again} />`;
  if (state.data === null) return html`<p class="loading" role="status">${words.states.loading}</p>`;
  return children(state.data);
}

/** What the service asks for where a second factor has to be shown again. */
const STEP_UP = "step-up-required";

/** A refusal as the service says it, and what can be done. */
export function Refusal({failure, again}) {
  if (failure instanceof SignedOut) return null;
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
  const [shown, show] = useState({url: "", failure: null});
  const [large, enlarge] = useState(false);
  useEffect(() => {
    const stopper = new AbortController();
    let url = "";
    bytes(href, stopper.signal).then(
      (blob) => {
        if (stopper.signal.aborted) return;
        url = URL.createObjectURL(blob);
        show({url, failure: null});
      },
      (failure) => stopper.signal.aborted || show({url: "", failure}),
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

let hints = 0;

/** A field with its name, and what is to be known of it as its description rather than its name. */
export function Field({label, hint, children}) {
  const [id] = useState(() => `hint-${(hints += 1)}`);
  if (hint && children?.props) children.props["aria-describedby"] = id;
  return html`<div class="field"><label><span class="name">${label}</span>${children}</label>
    ${hint && html`<span class="hint" id=${id}>${hint}</span>`}</div>`;
}

/** Show more of a list that comes in parts. */
export function More({next, onMore, busy}) {
  if (!next) return null;
  return html`<p><button type="button" disabled=${busy} onClick=${onMore}>${words.states.more}</button></p>`;
}

/** Hand a file over; its name holds no name of a person, because it ends up in the folder of downloads. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `medilens-${name}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A button that saves what a path of the API answers. @param {{path: string, query?: Record<string, any>, name: string, children: any}} properties */
export function Download({path, query, name, children}) {
  const {busy, failure, run} = useAct();
  const get = () => run(async () => save(await bytes(String(address(path, query))), name));
  return html`<button type="button" disabled=${busy} onClick=${get}>${children}</button>${failure && html`<${Refusal} failure=${failure} />`}`;
}

/** Run an act once at a time, with its refusal kept. @returns {{busy: boolean, failure: any, run: (act: () => Promise<any>) => Promise<void>}} */
export function useAct() {
  const [state, set] = useState(/** @type {{busy: boolean, failure: any}} */ ({busy: false, failure: null}));
  const run = async (act) => {
    if (state.busy) return;
    set({busy: true, failure: null});
    try {
      await act();
      set({busy: false, failure: null});
    } catch (failure) {
      set({busy: false, failure});
    }
  };
  return {...state, run};
}

// @ts-check
// A cognitive task: run in a frame of its own, whose log is sent as it stands to the ingest of tasks.
import {Field, Refusal, Title, save} from "../parts.js";
import {go} from "../router.js";
import {analyze} from "../recording/upload.js";
import {html, useEffect, useLayoutEffect, useRef, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Subject} from "./subject.js";

const FRAME = new URL("../tasks/index.html", import.meta.url);
const NAMES = Object.keys(words.tasks.names);

/** @param {With<{me: accounts.MeRead}>} given */
export function Tasks({me, route}) {
  const [subjectId, setSubject] = useState(route.query.get("person") ?? (me.permissions.includes("view_patients") ? "" : me.id));
  const [task, choose] = useState(NAMES[0]);
  const [isRunning, run] = useState(false);
  const [rows, setRows] = useState(/** @type {any[] | null} */ (null));
  const text = words.tasks;
  const onLog = (/** @type {any[]} */ log) => { run(false); setRows(log); };
  return html`<${Title}>${words.places.tasks}</${Title}>
    ${isRunning ? html`<${Frame} task=${task} onLog=${onLog} onStop=${() => run(false)} />`
      : rows ? html`<${Sent} task=${task} subjectId=${subjectId} rows=${rows} onDrop=${() => setRows(null)} />`
        : html`<p class="lead">${text.lead}</p><div class="card form"><${Subject} me=${me} value=${subjectId} onChange=${setSubject} />
          <${Field} label=${text.task}><select value=${task} onChange=${(event) => choose(event.target.value)}>${NAMES.map((name) => html`
            <option value=${name} selected=${name === task}>${text.names[name]}</option>`)}</select></${Field}>
          <p class="hint">${text.advice}</p>
          <p><button type="button" class="primary" disabled=${!subjectId} onClick=${() => run(true)}>${text.start}</button></p></div>`}`;
}

/** The frame has an origin of its own: what runs in it reaches neither the session nor this page, and says one thing. */
function Frame({task, onLog, onStop}) {
  const frame = useRef(null);
  useLayoutEffect(() => {
    const hear = (/** @type {MessageEvent} */ event) => {
      if (event.source === frame.current?.contentWindow && event.data?.task === task && Array.isArray(event.data.rows)) onLog(event.data.rows);
    };
    addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }, [task]);
  return html`<p class="actions"><button type="button" onClick=${onStop}>${words.tasks.stop}</button> <span class="muted">${words.tasks.stopWhy}</span></p>
    <iframe class="task" ref=${frame} sandbox="allow-scripts" allow="fullscreen" title=${words.tasks.names[task]}
      src=${`${FRAME}?task=${task}`} onLoad=${() => frame.current?.focus()}></iframe>`;
}

/** A log is on its way, or kept here until it has arrived: nobody does a task twice for a lost network. */
function Sent({task, subjectId, rows, onDrop}) {
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const [key] = useState(() => crypto.randomUUID());
  const stopper = useRef(new AbortController());
  const file = new File([JSON.stringify(rows)], "task.json", {type: "application/json"});
  const send = () => {
    setFailure(null);
    const {signal} = stopper.current;
    analyze({pipeline: "cognitive", subjectId, files: [file], fields: {task}}, {key, onProgress: () => {}, signal})
      .then(({id}) => signal.aborted || go(`assessment/${id}`), (failure) => signal.aborted || setFailure(failure));
  };
  useEffect(() => {
    send();
    return () => stopper.current.abort();
  }, []);
  if (!failure) return html`<p role="status">${words.recording.analyzing}</p>`;
  return html`<${Refusal} failure=${failure} again=${send} /><p class="actions"><button type="button" onClick=${() => save(file, file.name)}>${words.tasks.keep}</button>
    <button type="button" class="quiet" onClick=${onDrop}>${words.tasks.drop}</button></p>`;
}

// @ts-check
// A new recording: of whom, of what kind, which files. The form is the one that the pipeline declares.
import {address, call} from "../api.js";
import {label} from "../format.js";
import {Field, Refusal, Title, loaded, submitted, useLoaded} from "../parts.js";
import {go} from "../router.js";
import {analyze} from "../recording/upload.js";
import {html, useEffect, useRef, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Microphone} from "./microphone.js";
import {Subject} from "./subject.js";

/** What the page asks for in its own way, or not at all. */
const OWN_FIELDS = ["file", "upload_id", "subject_id", "subject_identifier", "recorded_at"];
/** A text longer than this is written in several lines. */
const LONG = 1000;
const PIPELINES = Object.keys(words.pipelines);

/** @param {With<{me: accounts.MeRead}>} given */
export function NewRecording({me, route}) {
  const [pipeline, choose] = useState(route.query.get("pipeline") ?? PIPELINES[0]);
  const [subjectId, setSubject] = useState(route.query.get("person") ?? (me.permissions.includes("view_patients") ? "" : me.id));
  const text = words.recording;
  const state = useLoaded(async (signal) => {
    const [info, document] = await Promise.all([
      call("GET", `${pipeline}/info`, {signal}), fetch(address(`${pipeline}/openapi.json`), {signal}).then((answer) => answer.json())]);
    return {info, fields: declared(document, pipeline)};
  }, [pipeline]);
  return html`<${Title}>${text.title}</${Title}>
    <div class="card form"><${Subject} me=${me} value=${subjectId} onChange=${setSubject} />
      <${Field} label=${text.kind}><select value=${pipeline} onChange=${(event) => choose(event.target.value)}>${PIPELINES.map((name) => html`
        <option value=${name} selected=${name === pipeline}>${words.pipelines[name]}</option>`)}</select></${Field}></div>
    ${loaded(state, ({info, fields}) => html`<${Form} key=${pipeline} pipeline=${pipeline} subjectId=${subjectId} info=${info} fields=${fields} />`)}`;
}

/** The fields of a pipeline's form, as its own document declares them, what has to be told first. @param {any} document @param {string} pipeline */
function declared(document, pipeline) {
  const body = document.paths[`/api/${pipeline}/analyze`].post.requestBody.content["multipart/form-data"].schema;
  const schema = document.components.schemas[body.$ref.split("/").pop()];
  return Object.entries(schema.properties).filter(([name]) => !OWN_FIELDS.includes(name))
    .map(([name, property]) => ({name, isRequired: (schema.required ?? []).includes(name), ...shape(property)}))
    .toSorted((before, after) => Number(after.isRequired) - Number(before.isRequired));
}

/** @param {any} property */
function shape(property) {
  const kinds = (property.anyOf ?? [property]).filter((/** @type {any} */ kind) => kind.type !== "null");
  return {...kinds[0], description: property.description};
}

function Form({pipeline, subjectId, info, fields}) {
  const [files, setFiles] = useState([]);
  const [progress, setProgress] = useState(null);
  const [failure, setFailure] = useState(null);
  const stopper = useRef(new AbortController());
  const key = useRef(crypto.randomUUID());
  useEffect(() => () => stopper.current.abort(), []);
  const text = words.recording;
  const take = (/** @type {File | null} */ file) => {
    key.current = crypto.randomUUID();
    setFiles(file ? [file] : []);
  };
  const send = submitted(async (form) => {
    if (progress) return;
    stopper.current = new AbortController();
    setFailure(null);
    setProgress({stage: "sending", share: 0});
    try {
      const recording = {pipeline, subjectId, files, fields: said(form, fields)};
      const assessment = await analyze(recording, {key: key.current, onProgress: setProgress, signal: stopper.current.signal});
      go(`assessment/${assessment.id}`);
    } catch (/** @type {any} */ problem) {
      // Whether a request arrived whose answer was lost is not known here: the same key stores it once.
      if (problem.status !== 0) key.current = crypto.randomUUID();
      setProgress(null);
      if (problem.name !== "AbortError") setFailure(problem);
    }
  });
  return html`<form class="card form" onSubmit=${send} onChange=${() => { key.current = crypto.randomUUID(); }} autocomplete="off">
    <${Files} files=${files} onFiles=${setFiles} formats=${info.formats} />
    ${pipeline === "speech" && html`<${Microphone} onTake=${take} />`}
    ${fields.map((field) => html`<${Declared} key=${field.name} field=${field} />`)}
    <${Field} label=${text.when} hint=${text.whenHint}><input type="datetime-local" name="recorded_at" /></${Field}>
    <${Refusal} failure=${failure} />
    ${progress && html`<${Sending} progress=${progress} />`}
    <p class="actions"><button class="primary" disabled=${Boolean(progress) || files.length === 0 || !subjectId}>${text.send}</button>
      ${progress && html`<button type="button" onClick=${() => stopper.current.abort()}>${text.stop}</button>`}</p></form>`;
}

/** @param {FormData} form @param {any[]} fields */
function said(form, fields) {
  const given = Object.fromEntries(fields.map(({name}) => [name, String(form.get(name) ?? "").trim()]));
  const when = String(form.get("recorded_at") ?? "");
  return {...given, recorded_at: when && new Date(when).toISOString()};
}

function Sending({progress}) {
  const text = words.recording;
  const told = {hashing: text.hashing, sending: text.sending(Math.round(100 * progress.share)), analyzing: text.analyzing}[progress.stage];
  return html`<div role="status"><p>${told}</p><progress max="1" value=${progress.stage === "sending" ? progress.share : undefined} aria-label=${told}></progress></div>`;
}

function Files({files, onFiles, formats}) {
  const [isOver, setOver] = useState(false);
  const text = words.recording;
  const take = (/** @type {FileList} */ list) => onFiles([...list].filter((file) => !file.name.startsWith(".")));
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer) take(event.dataTransfer.files);
  };
  return html`<div class=${isOver ? "drop over" : "drop"} onDrop=${drop} onDragOver=${(event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)}>
    <${Field} label=${text.files} hint=${text.filesHint}><input type="file" multiple onChange=${(event) => take(event.target.files)} /></${Field}>
    <${Field} label=${text.folder}><input type="file" webkitdirectory onChange=${(event) => take(event.target.files)} /></${Field}>
    ${files.length > 0 && html`<ul class="plain" aria-label=${text.files}>${files.map((file) => html`<li>${file.name} <small>${Math.ceil(file.size / 1000)} kB</small></li>`)}</ul>`}
    <p class="hint">${text.formats}: ${formats.join(" · ")}</p></div>`;
}

function Declared({field}) {
  const {name, isRequired, description} = field;
  const hint = [isRequired ? "" : words.recording.optional, description].filter(Boolean).join(" · ");
  return html`<${Field} label=${label(name)} hint=${hint}>${field.enum
    ? html`<select name=${name} required=${isRequired}>${!isRequired && html`<option value="">–</option>`}${field.enum.map((value) => html`<option value=${value}>${label(value)}</option>`)}</select>`
    : field.maxLength > LONG ? html`<textarea name=${name} rows="3" maxlength=${field.maxLength} spellcheck=${false}></textarea>`
      : html`<input name=${name} required=${isRequired} ...${limits(field)} />`}</${Field}>`;
}

/** A browser reads patterns with the v flag, where a hyphen that begins or ends a class is escaped. @param {string | undefined} pattern */
function patternOf(pattern) {
  return pattern?.replace(/\[-/g, "[\\-").replace(/-\]/g, "\\-]");
}

/** @param {any} field */
function limits(field) {
  if (field.type === "integer" || field.type === "number") {
    return {type: "number", step: field.type === "integer" ? 1 : "any", min: field.minimum, max: field.maximum};
  }
  return {type: "text", maxlength: field.maxLength, pattern: patternOf(field.pattern)};
}

// @ts-check
// One assessment: what was measured and what was not, how, from what, and who has signed it.
import {Problem, call} from "../api.js";
import {inWords, label, number} from "../format.js";
import {Download, Moment, Refusal, Risk, Section, Status, Table, Title, loaded, useAct, useLoaded} from "../parts.js";
import {html, useEffect, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Name, ReviewState} from "./assessments.js";
import {Conversation, Explanation} from "./assistant.js";
import {Pictures} from "./pictures.js";
import {SignOff} from "./sign-off.js";
import {ValueTable} from "./values.js";

const LOOK_AGAIN_MS = 3_000;
/** What the service answers where an assessment is deleted. */
const GONE = 410;

/** @param {With<{me: accounts.MeRead}>} given */
export function Assessment({me, id}) {
  const state = useLoaded((signal) => call("GET", `records/assessments/${id}`, {signal}), [id]);
  const isWaiting = ["pending", "processing"].includes(state.data?.status ?? "");
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(state.again, LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [state.data]);
  if (state.failure instanceof Problem && state.failure.status === GONE && me.permissions.includes("restore_assessments")) {
    return html`<${Deleted} id=${id} failure=${state.failure} onChange=${state.again} />`;
  }
  return loaded(state, (assessment) => html`<${Whole} me=${me} assessment=${assessment} onChange=${state.again} />`, words.assessments.title);
}

/** @param {With<{assessment: records.AssessmentRead}>} given */
function Whole({me, assessment, onChange}) {
  const text = words.assessment;
  return html`<${Title} actions=${html`<${Downloads} me=${me} assessment=${assessment} />`}>${words.pipelines[assessment.pipeline] ?? label(assessment.pipeline)}</${Title}>
    <${Head} me=${me} assessment=${assessment} />
    ${assessment.status === "failed" && html`<${Failure} stages=${assessment.stages} />`}
    ${["pending", "processing"].includes(assessment.status) && html`<p class="note" role="status">${text.waiting}</p>`}
    ${assessment.warnings.length > 0 && html`<section class="note" aria-labelledby="warnings"><h2 id="warnings">${text.warnings}</h2>
      <ul>${assessment.warnings.map((warning) => html`<li>${warning}</li>`)}</ul></section>`}
    ${assessment.pictures.length > 0 && html`<${Section} id="pictures" title=${text.pictures}>
      <${Pictures} pictures=${assessment.pictures} /></${Section}>`}
    ${assessment.biomarkers.length > 0 && html`<${Section} id="values" title=${text.values}>
      <${ValueTable} biomarkers=${assessment.biomarkers} subjectId=${assessment.subject_id} />
      <p class="muted">${text.limits}</p></${Section}>`}
    ${assessment.status === "completed" && html`<${Explanation} me=${me} about=${{assessment_id: assessment.id}} ask=${words.explanation.ask} />
      <${Conversation} me=${me} about=${{assessment_id: assessment.id}} begin=${words.conversation.begin} />`}
    <${Absent} items=${assessment.absent} />
    <${Findings} result=${assessment.result} />
    <${Points} points=${assessment.risk_points} />
    <${SignOff} me=${me} assessment=${assessment} onSigned=${onChange} />
    <${Origin} assessment=${assessment} />
    <${Removal} me=${me} assessment=${assessment} onChange=${onChange} />`;
}

/** @param {With<{assessment: records.AssessmentRead}>} given */
function Head({me, assessment}) {
  const text = words.assessment;
  return html`<section class="card" aria-label=${words.person.details}><dl class="facts">
    <div><dt>${words.assessments.person}</dt><dd><${Name} id=${assessment.subject_id} me=${me} /></dd></div>
    <div><dt>${text.recorded}</dt><dd><${Moment} at=${assessment.recorded_at} /></dd></div>
    <div><dt>${words.assessments.status}</dt><dd><${Status} value=${assessment.status} /></dd></div>
    <div><dt>${text.risk}</dt><dd><${Risk} level=${assessment.risk_level} score=${assessment.risk_score} /></dd></div>
    <div><dt>${text.quality}</dt><dd>${percent(assessment.quality_score)}</dd></div>
    <div><dt>${text.confidence}</dt><dd>${percent(assessment.confidence)}</dd></div>
    <div><dt>${text.review}</dt><dd><${ReviewState} item=${assessment} /></dd></div>
  </dl>${assessment.review_reason && html`<p class="why">${words.assessment.dueFor(inWords(assessment.review_reason))}</p>`}</section>`;
}

/** @param {number | null} share */
function percent(share) {
  return share === null ? "–" : `${Math.round(100 * share)} %`;
}

/** @param {With<{stages: records.StageRead[]}>} given */
function Failure({stages}) {
  const stage = stages.find(({status}) => status === "failed");
  return html`<div class="refusal" role="alert"><p><strong>${words.assessment.failed}</strong></p>
    <p>${stage?.error_message ?? stage?.error_code ?? ""}</p></div>`;
}

/** @param {With<{items: records.AbsenceRead[]}>} given */
function Absent({items}) {
  if (items.length === 0) return null;
  const text = words.assessment;
  return html`<${Section} id="absent" title=${text.absent}>
    <${Table} caption=${text.absentCaption} columns=${[text.biomarker, text.reason]}>${items.map(({name, detail}) => html`
      <tr key=${name}><th scope="row">${label(name)}</th><td>${detail}</td></tr>`)}</${Table}></${Section}>`;
}

/** What a pipeline says in words; numbers live as biomarkers, so lists and objects stay in the data. */
function Findings({result}) {
  const facts = Object.entries(result ?? {}).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  if (facts.length === 0) return null;
  return html`<details class="card"><summary><h2>${words.assessment.result}</h2></summary>
    <dl class="facts">${facts.map(([name, value]) => html`<div><dt>${label(name)}</dt><dd>${typeof value === "number" ? number(value) : String(value)}</dd></div>`)}</dl></details>`;
}

/** @param {With<{points: records.RiskPointRead[]}>} given */
function Points({points}) {
  if (points.length === 0) return null;
  const text = words.assessment;
  return html`<${Section} id="points" title=${text.risk}>
    <${Table} caption=${text.riskCaption} columns=${[text.rule, text.points, text.why]}>${points.map((point) => html`
      <tr key=${point.rule}><th scope="row">${point.rule}</th><td class="number">${number(point.score)}</td><td>${point.citation ?? point.source}</td></tr>`)}</${Table}></${Section}>`;
}

/** @param {With<{assessment: records.AssessmentRead}>} given */
function Origin({assessment}) {
  const text = words.assessment;
  return html`<details class="card"><summary><h2>${text.provenance}</h2></summary>
    <dl class="facts"><div><dt>${text.version}</dt><dd>${assessment.pipeline} ${assessment.pipeline_version}</dd></div>
      <div><dt>${text.stored}</dt><dd><${Moment} at=${assessment.created_at} /></dd></div></dl>
    <pre tabindex="0" aria-label=${text.provenance}>${JSON.stringify(assessment.provenance, null, 2)}</pre>
    <${Table} caption=${text.stagesCaption} columns=${[text.stage, words.assessments.status, text.took]}>${assessment.stages.map((stage) => html`
      <tr key=${stage.stage_index}><th scope="row">${label(stage.stage_name)}</th><td><${Status} value=${stage.status} /></td>
        <td class="number">${stage.duration_ms} <span class="unit">ms</span></td></tr>`)}</${Table}></details>`;
}

/** Deleting hides an assessment from everybody; whoever looks at it then may bring it back. @param {With<{assessment: records.AssessmentRead, me: accounts.MeRead}>} given */
function Removal({me, assessment: {id, revision}, onChange}) {
  const {busy, failure, run} = useAct();
  const [isAsked, ask] = useState(false);
  if (!me.permissions.includes("delete_assessments")) return null;
  const text = words.assessment;
  const remove = () => run(() => call("DELETE", `records/assessments/${id}`, {headers: {"if-match": `"${revision}"`}}).then(onChange));
  return html`<section class="actions removal" aria-label=${text.remove}>${isAsked
    ? html`<p>${text.removeWhy}</p><button type="button" disabled=${busy} onClick=${remove}>${text.removeNow}</button>
      <button type="button" class="quiet" onClick=${() => ask(false)}>${words.states.cancel}</button>`
    : html`<button type="button" class="quiet" onClick=${() => ask(true)}>${text.remove}</button>`}
    <${Refusal} failure=${failure} /></section>`;
}

function Deleted({id, failure: gone, onChange}) {
  const {busy, failure, run} = useAct();
  const restore = () => run(() => call("POST", `records/assessments/${id}/restore`).then(onChange));
  return html`<${Title}>${words.assessments.title}</${Title}><${Refusal} failure=${gone} />
    <p><button type="button" disabled=${busy} onClick=${restore}>${words.assessment.restore}</button></p>
    <${Refusal} failure=${failure} />`;
}

/** @param {With<{assessment: records.AssessmentRead, me: accounts.MeRead}>} given */
function Downloads({me, assessment: {id}}) {
  const text = words.assessment;
  const mayExport = me.permissions.includes("export_data");
  return html`<${Download} path=${`fhir/reports/${id}.pdf`} name=${`${id}.pdf`}>${text.pdf}</${Download}>
    <${Download} path=${`records/assessments/${id}`} name=${`${id}.json`}>${text.json}</${Download}>
    ${mayExport && html`<${Download} path=${`fhir/DiagnosticReport/${id}/$document`} name=${`${id}.fhir.json`}>${text.fhir}</${Download}>`}
    <button type="button" onClick=${() => print()}>${text.print}</button>`;
}

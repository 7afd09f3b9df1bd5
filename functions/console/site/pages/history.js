// @ts-check
// One biomarker of one person over time: the service's chart with its bands, and the same as a table.
import {address, call} from "../api.js";
import {label, number, range, unit} from "../format.js";
import {Empty, Field, Moment, Picture, Section, Table, Title, loaded, useLoaded} from "../parts.js";
import {go, to} from "../router.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Name} from "./assessments.js";
import {Conversation, Explanation} from "./assistant.js";

const PERIODS = [30, 90, 365, 1825, 3650];
const NARROW = matchMedia("(max-width: 40rem)");

/** @param {With<{me: accounts.MeRead}>} given */
export function History({me, name, route}) {
  const subject = route.query.get("subject_id") ?? me.id;
  const days = Number(route.query.get("days") ?? 365);
  const query = {subject_id: subject, days};
  const path = /** @type {const} */ (`records/biomarkers/${name}/history`);
  const state = useLoaded((signal) => call("GET", path, {query, signal}), [name, subject, days]);
  const chart = address(`${path}/chart`, {...query, form: NARROW.matches ? "narrow" : "wide"});
  return html`<${Title}>${label(name)}</${Title}>
    <div class="search"><p><${Name} id=${subject} me=${me} /></p>
      <${Field} label=${words.history.days}><select value=${days} onChange=${(event) => go(`history/${name}`, {subject_id: subject, days: event.target.value})}>
        ${PERIODS.map((period) => html`<option value=${period} selected=${period === days}>${words.history.period(period)}</option>`)}</select></${Field}></div>
    ${loaded(state, (history) => history.points.length === 0
      ? html`<${Empty}><p>${words.history.none}</p></${Empty}>`
      : html`<${Picture} href=${chart.href} alt=${described(history)} label=${words.history.chart} />
        <${Facts} history=${history} /><${Points} history=${history} />
        <${Explanation} key=${days} me=${me} about=${{subject_id: subject, biomarkers: [name], days}} ask=${words.explanation.askHistory} />
        <${Conversation} key=${name} me=${me} about=${{subject_id: subject, biomarkers: [name]}} begin=${words.conversation.beginHistory} />`)}`;
}

/** What the chart shows, for whoever cannot see it; the table has every value. @param {records.BiomarkerHistory} history */
function described(history) {
  const values = history.points.map((point) => point.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return words.history.described(label(history.name), values.length, low === high ? number(low) : range(low, high), unit(history.unit));
}

/** @param {With<{history: records.BiomarkerHistory}>} given */
function Facts({history}) {
  const {reference, retest, warnings} = history;
  return html`<section class="card" aria-label=${words.history.reference}><dl class="facts">
      ${reference && html`<div><dt>${words.history.reference}</dt><dd>${range(reference.low, reference.high)} ${unit(history.unit)}</dd></div>`}
      ${retest && html`<div><dt>${words.history.retest}</dt><dd>± ${number(1.96 * retest.difference_sd)} ${unit(history.unit)}<br /><small class="muted">${retest.source}</small></dd></div>`}
    </dl>${warnings.length > 0 && html`<ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}</section>`;
}

/** @param {With<{history: records.BiomarkerHistory}>} given */
function Points({history}) {
  const text = words.history;
  return html`<${Section} id="points" title=${text.table}>
    <${Table} caption=${text.caption} columns=${[text.when, text.value, text.change]}>${[...history.points].reverse().map((point) => html`
      <tr key=${point.assessment_id}><th scope="row"><a href=${to(`assessment/${point.assessment_id}`)}><${Moment} at=${point.measured_at} /></a></th>
        <td class="number">${number(point.value, history.reference?.low, history.reference?.high)} <span class="unit">${unit(history.unit)}</span></td>
        <td>${point.change ? html`${text.verdicts[point.change.verdict] ?? point.change.verdict}<br /><small class="muted">${point.change.statement}</small>` : "–"}</td></tr>`)}</${Table}></${Section}>`;
}

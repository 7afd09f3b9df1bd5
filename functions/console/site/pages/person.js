// @ts-check
// A person: who they are, what was measured last, every assessment, and who may do what with it.
import {call} from "../api.js";
import {age, date, fullName, label} from "../format.js";
import {Download, Empty, Moment, Section, Title, loaded, useLoaded} from "../parts.js";
import {learn} from "../people.js";
import {to} from "../router.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {CareTeam, Consents} from "./agreements.js";
import {AssessmentTable, byRecording} from "./assessments.js";
import {Conversation} from "./conversation.js";
import {Explanation} from "./explanation.js";
import {ValueTable} from "./values.js";

const NEWEST = 25;

export function Person({me, personId}) {
  const state = useLoaded(async (signal) => {
    const person = await call("GET", `accounts/patients/${personId}`, {signal});
    learn(person);
    return person;
  }, [personId]);
  return loaded(state, (person) => html`
    <${Title} title=${words.places.people} actions=${html`<${Acts} me=${me} personId=${personId} />`}>${fullName(person)}</${Title}>
    <${Details} person=${person} />
    <${Results} me=${me} personId=${personId} />
    <${Consents} me=${me} personId=${personId} />
    <${CareTeam} me=${me} personId=${personId} />`, words.places.people);
}

/** A patient's own results. @param {With<{me: accounts.MeRead}>} given */
export function Mine({me}) {
  return html`<${Title} actions=${html`<${Acts} me=${me} personId=${me.id} />`}>${words.person.mine}</${Title}>
    <p class="lead">${words.person.mineWhy}</p>
    <${Results} me=${me} personId=${me.id} />
    <${Consents} me=${me} personId=${me.id} />`;
}

/** @param {With<{me: accounts.MeRead}>} given */
function Acts({me, personId}) {
  const may = (/** @type {string} */ permission) => me.permissions.includes(permission);
  return html`
    <${Download} path=${`fhir/reports/people/${personId}.pdf`} name=${`${personId}.pdf`}>${words.person.report}</${Download}>
    ${may("manage_users") && personId !== me.id && html`<a class="button" href=${to("settings", {part: "invitations", person: personId})}>${words.person.invite}</a>`}
    ${may("view_access_log") && html`<a class="button" href=${to(`access/${personId}`)}>
      ${personId === me.id ? words.places.access : words.person.access}</a>`}
    ${may("create_assessment") && html`<a class="button primary" href=${to("new", {person: personId})}>${words.person.record}</a>`}`;
}

/** @param {With<{person: accounts.PatientRead}>} given */
function Details({person}) {
  const years = age(person.date_of_birth);
  const {birth, sex, identifier} = words.person;
  const born = `${date(person.date_of_birth)}${years === null ? "" : ` · ${words.person.age(years)}`}`;
  return html`<section class="card" aria-labelledby="details"><h2 id="details" class="unseen">${words.person.details}</h2>
    <dl class="facts"><div><dt>${birth}</dt><dd>${born}</dd></div>
      <div><dt>${sex}</dt><dd>${person.sex_at_birth ?? "–"}</dd></div>
      ${person.identifiers.map((own) => html`<div><dt>${identifier} · ${own.system}</dt><dd>${own.value}</dd></div>`)}
    </dl></section>`;
}

function Results({me, personId}) {
  const state = useLoaded((signal) => call("GET", "records/assessments", {query: {subject_id: personId, limit: NEWEST}, signal}), [personId]);
  return loaded(state, (page) => html`
    <${Section} id="series" title=${words.person.series}>
      <p class="muted">${words.person.seriesWhy}</p>
      <${Series} assessments=${page.items} personId=${personId} me=${me} /></${Section}>
    ${page.items.length > 1 && html`<${Explanation} me=${me} about=${{subject_id: personId}} ask=${words.explanation.askSeries} />
      <${Conversation} me=${me} about=${{subject_id: personId}} begin=${words.conversation.beginSeries} />`}
    <${Section} id="timeline" title=${words.person.timeline}>
      ${page.items.length === 0 ? html`<${Empty}><p>${words.person.noTimeline}</p></${Empty}>`
        : html`<${AssessmentTable} items=${page.items} me=${me} withPerson=${false} />`}
      ${page.next_cursor && html`<p><a href=${to("assessments", {subject_id: personId})}>${words.states.more}</a></p>`}</${Section}>`);
}

/** The newest completed assessment of every pipeline, whole. @param {records.AssessmentSummary[]} assessments */
function newestOfEach(assessments) {
  const completed = assessments.filter(({status}) => status === "completed").toSorted(byRecording).reverse();
  return completed.filter((item, at) => completed.findIndex(({pipeline}) => pipeline === item.pipeline) === at);
}

/** @param {With<{assessments: records.AssessmentSummary[]}>} given */
function Series({assessments, personId, me}) {
  const newest = newestOfEach(assessments);
  const state = useLoaded((signal) => Promise.all(newest.map(({id}) => call("GET", `records/assessments/${id}`, {signal}))),
    [newest.map(({id}) => id).join()]);
  if (newest.length === 0) return html`<${Empty}><p>${words.person.noSeries}</p></${Empty}>`;
  return loaded(state, (whole) => whole.map((assessment) => html`
    <details class="card" open=${whole.length === 1 || assessment === whole[0]}>
      <summary><strong>${words.pipelines[assessment.pipeline] ?? label(assessment.pipeline)}</strong> <${Moment} at=${assessment.recorded_at} /></summary>
      <${ValueTable} biomarkers=${assessment.biomarkers} subjectId=${personId} me=${me} /></details>`));
}

// @ts-check
// A person: who they are, what was measured last, every assessment, what they agreed to, and who is assigned to them.
import {call} from "../api.js";
import {age, date, fullName, label, shortId} from "../format.js";
import {Download, Empty, Field, Moment, Refusal, Section, Title, loaded, submitted, useAct, useLoaded} from "../parts.js";
import {learn} from "../people.js";
import {to} from "../router.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {AssessmentTable, byRecording} from "./assessments.js";
import {Conversation, Explanation} from "./assistant.js";
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
        : html`<${AssessmentTable} items=${page.items.toSorted(byRecording).reverse()} me=${me} withPerson=${false} />`}
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

/** @param {With<{me: accounts.MeRead}>} given */
function Consents({me, personId}) {
  const path = /** @type {const} */ (`accounts/people/${personId}/consents`);
  const state = useLoaded((signal) => call("GET", path, {signal}), [personId]);
  const {busy, failure, run} = useAct();
  if (!me.permissions.includes("manage_consents")) return null;
  const text = words.person;
  const give = submitted((form) => {
    run(() => call("POST", path, {json: Object.fromEntries(form)}).then(state.again));
  });
  const withdraw = (/** @type {string} */ kind) => run(() => call("POST", `${path}/${kind}/withdraw`).then(state.again));
  return html`<${Section} id="consents" title=${text.consents}>
    ${loaded(state, ({items}) => html`<div class="card">
      ${items.length === 0 ? html`<p>${text.noConsents}</p>` : html`<ul class="plain">${items.map((consent) => html`<li>
        <strong>${text.kinds[consent.kind] ?? consent.kind}</strong> <span class="muted">${consent.text_version} · ${text.given} ${date(consent.given_at)}
        ${consent.withdrawn_at && ` · ${text.withdrawn} ${date(consent.withdrawn_at)}`}</span>
        ${!consent.withdrawn_at && html` <button type="button" class="quiet" disabled=${busy} onClick=${() => withdraw(consent.kind)}
          aria-label=${`${text.withdraw}: ${text.kinds[consent.kind]}`}>${text.withdraw}</button>`}</li>`)}</ul>`}
      <form class="search" onSubmit=${give}>
        <${Field} label=${text.kind}><select name="kind">${Object.entries(text.kinds).map(([kind, word]) => html`<option value=${kind}>${word}</option>`)}</select></${Field}>
        <${Field} label=${text.version}><input name="text_version" required maxlength="64" pattern="[A-Za-z0-9][A-Za-z0-9._\\-]*" /></${Field}>
        <button disabled=${busy}>${text.give}</button></form>
      <${Refusal} failure=${failure} /></div>`)}</${Section}>`;
}

/** Who cares for a person: whoever assigns is chosen from the members, or is oneself. @param {With<{me: accounts.MeRead}>} given */
function CareTeam({me, personId}) {
  const path = /** @type {const} */ (`accounts/patients/${personId}/care-team`);
  const state = useLoaded((signal) => call("GET", path, {signal}), [personId]);
  const {busy, failure, run} = useAct();
  if (!me.permissions.includes("manage_care_teams")) return null;
  const text = words.person;
  const assign = submitted((form) => {
    run(() => call("POST", path, {json: Object.fromEntries(form)}).then(state.again));
  });
  const end = (/** @type {string} */ id) => run(() => call("POST", `${path}/${id}/end`).then(state.again));
  return html`<${Section} id="care-team" title=${text.careTeam}>
    ${loaded(state, ({items}) => html`<div class="card"><${Team} me=${me} items=${items} busy=${busy} onEnd=${end} />
      <form class="search" onSubmit=${assign}><${Clinicians} me=${me} /><button disabled=${busy}>${text.assign}</button></form>
      <${Refusal} failure=${failure} /></div>`)}</${Section}>`;
}

/** @param {With<{items: accounts.AssignmentRead[], me: accounts.MeRead}>} given */
function Team({me, items, busy, onEnd}) {
  const text = words.person;
  if (items.length === 0) return html`<p>${text.noCareTeam}</p>`;
  return html`<ul class="plain">${items.map(({id, clinician_id: clinician, valid_until: until}) => html`<li key=${id}>
    ${clinician === me.id ? words.people.you : shortId(clinician)}
    ${until ? html` <span class="muted">${text.until(date(until))}</span>` : html` <button type="button" class="quiet" disabled=${busy} onClick=${() => onEnd(clinician)}>${text.endCare}</button>`}</li>`)}</ul>`;
}

/** @param {With<{me: accounts.MeRead}>} given */
function Clinicians({me}) {
  const maySee = me.permissions.includes("manage_users");
  const state = useLoaded(async (signal) => (maySee ? (await call("GET", "accounts/members", {query: {limit: 100}, signal})).items
    .filter((/** @type {any} */ member) => member.is_active && member.roles.some((/** @type {any} */ {role}) => role === "clinician")) : [me]), [me.id]);
  return loaded(state, (members) => html`<${Field} label=${words.roles.clinician}><select name="clinician_id">${members.map((member) => html`
    <option value=${member.id}>${member.id === me.id ? words.people.you : fullName(member)}</option>`)}</select></${Field}>`);
}

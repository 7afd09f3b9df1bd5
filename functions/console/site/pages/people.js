// @ts-check
// Who is here: searched by name or birth date in a request's body, for a name must not be in an address.
import {call} from "../api.js";
import {date, fullName} from "../format.js";
import {Badge, Empty, Field, Moment, More, Refusal, Table, Title, loaded, submitted, useAct, useList} from "../parts.js";
import {learn} from "../people.js";
import {go, to} from "../router.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Name, byRecording} from "./assessments.js";

const SHOWN = 20;
const LATEST = 50;

/** @param {With<{me: accounts.MeRead}>} given */
export function People({me}) {
  const [asked, ask] = useState(null);
  const state = useList(/** @returns {Promise<{items: any[], next_cursor: string | null}>} */ (after, signal) => (asked ? search({...asked, after}, signal) : recent(signal)), [asked]);
  const find = submitted((form) => ask(wanted(form)));
  const mayAdd = me.permissions.includes("manage_patients");
  return html`
    <${Title} actions=${mayAdd && html`<a class="button primary" href=${to("new-person")}>${words.people.add}</a>`}>
      ${words.people.title}</${Title}>
    <form class="search" role="search" onSubmit=${find}>
      <${Field} label=${words.people.search} hint=${words.people.searchHint}><input name="name" type="search" autocomplete="off" required /></${Field}>
      <${Field} label=${words.people.birth}><input name="born" type="date" /></${Field}>
      <button class="primary">${words.people.find}</button>
    </form>
    ${loaded(state, ({items}) => (asked
      ? html`<${Matches} people=${items} /><${More} ...${state.more} />` : html`<${Recent} subjects=${items} me=${me} />`))}`;
}

/** @param {FormData} form */
function wanted(form) {
  const name = String(form.get("name") ?? "").trim();
  const born = String(form.get("born") ?? "");
  return born ? {last_name: name, date_of_birth: born} : {name_part: name};
}

/** Whom the assessments stored last are of, each with their latest recording: nobody is listed who was not examined. @param {AbortSignal} [signal] */
async function recent(signal) {
  const {items} = await call("GET", "records/assessments", {query: {limit: LATEST}, signal});
  const newest = new Map(items.toSorted(byRecording).map((item) => [item.subject_id, item]));
  return {items: [...newest.values()].reverse(), next_cursor: null};
}

/** @param {With<{subjects: records.AssessmentSummary[]}>} given */
function Recent({subjects, me}) {
  const text = words.people;
  if (subjects.length === 0) return html`<${Empty}><p>${text.nobody}</p><p class="muted">${text.nobodyWhy}</p></${Empty}>`;
  return html`<h2>${text.recent}</h2><${Table} caption=${text.recent} columns=${[text.name, text.latest, words.assessments.kind]}>${subjects.map((item) => html`
    <tr key=${item.subject_id}><th scope="row"><${Name} id=${item.subject_id} me=${me} /></th><td><${Moment} at=${item.recorded_at} /></td>
      <td>${words.pipelines[item.pipeline] ?? item.pipeline}</td></tr>`)}</${Table}>`;
}

/** @param {Record<string, any>} asked @param {AbortSignal} [signal] */
async function search(asked, signal) {
  const page = await call("POST", "accounts/patients/search", {json: {...asked, limit: SHOWN}, signal});
  page.items.forEach(learn);
  return {items: page.items, next_cursor: page.next_after};
}

/** @param {With<{people: accounts.PatientRead[]}>} given */
function Matches({people}) {
  if (people.length === 0) return html`<${Empty}><p>${words.people.none}</p></${Empty}>`;
  const {name, born, sex, since} = words.people;
  return html`<${Table} caption=${words.people.caption} columns=${[name, born, sex, since]}>${people.map((person) => html`
    <tr key=${person.id}><th scope="row"><a href=${to(`person/${person.id}`)}>${fullName(person)}</a>
      ${!person.is_active && html` <${Badge} kind="soft">${words.people.inactive}</${Badge}>`}</th>
      <td>${date(person.date_of_birth)}</td><td>${person.sex_at_birth ?? "–"}</td><td>${date(person.created_at)}</td></tr>`)}</${Table}>`;
}

/** A person to be examined; the service says who looks like them. */
export function NewPerson({me}) {
  const {busy, failure, run} = useAct();
  const [others, setOthers] = useState(/** @type {string[]} */ ([]));
  const submit = submitted((form) => {
    const add = () => call("POST", "accounts/patients", {json: described(form, others)}).catch((problem) => {
      setOthers(problem.body?.person_ids ?? []);
      throw problem;
    });
    run(add, (person) => {
      learn(person);
      go(`person/${person.id}`);
    });
  });
  const text = words.person;
  return html`<${Title}>${text.new}</${Title}>
    <form class="card form" onSubmit=${submit} autocomplete="off">
      <${Field} label=${text.firstName}><input name="first_name" maxlength="100" /></${Field}>
      <${Field} label=${text.lastName}><input name="last_name" maxlength="100" required /></${Field}>
      <${Field} label=${text.birth}><input name="date_of_birth" type="date" /></${Field}>
      <${Field} label=${text.sex}><select name="sex_at_birth">${Object.entries(text.sexes).map(([value, word]) => html`
        <option value=${value}>${word}</option>`)}</select></${Field}>
      <fieldset><legend>${text.identifier}</legend><p class="hint">${text.identifierHint}</p>
        <${Field} label=${text.system}><input name="system" maxlength="200" /></${Field}>
        <${Field} label=${text.value}><input name="value" maxlength="100" /></${Field}></fieldset>
      <${Refusal} failure=${failure} />
      ${others.length > 0 && html`<ul>${others.map((other) => html`<li><${Name} id=${other} me=${me} /></li>`)}</ul>`}
      <p class="actions"><button class="primary" disabled=${busy}>${others.length ? text.anyway : text.create}</button></p>
    </form>`;
}

/** @param {FormData} form @param {string[]} others whom the service named, and who are others */
function described(form, others) {
  const text = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
  const said = Object.fromEntries(["first_name", "last_name", "date_of_birth", "sex_at_birth"]
    .map((name) => [name, text(name)]).filter(([, value]) => value));
  const identifiers = text("system") && text("value") ? [{system: text("system"), value: text("value")}] : undefined;
  return {...said, ...(identifiers ? {identifiers} : {}), ...(others.length ? {not_duplicate_of: others} : {})};
}

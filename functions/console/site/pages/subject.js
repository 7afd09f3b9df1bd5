// @ts-check
// Whose recording it is: chosen by name, so that nobody types an id.
import {call} from "../api.js";
import {date, fullName} from "../format.js";
import {Field, Refusal} from "../parts.js";
import {learn, useName} from "../people.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

const PAUSE_MS = 250;
const SHOWN = 8;
const LETTERS = 2;

export function Subject({me, value, onChange}) {
  const maySearch = me.permissions.includes("view_patients");
  return html`<div class="field"><span class="name">${words.recording.who}</span>
    ${value ? html`<p><strong><${Chosen} id=${value} me=${me} /></strong>
        ${maySearch && html` <button type="button" class="quiet" onClick=${() => onChange("")}>${words.recording.pick}</button>`}</p>`
      : html`<${Search} onChoose=${onChange} />`}</div>`;
}

function Chosen({id, me}) {
  return html`${useName(id, me)}`;
}

function Search({onChoose}) {
  const [people, setPeople] = useState([]);
  const [failure, setFailure] = useState(null);
  const [timer, setTimer] = useState(0);
  const type = (/** @type {InputEvent} */ event) => {
    const name = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(timer);
    if (name.length < LETTERS) return setPeople([]);
    setTimer(setTimeout(() => search(name).then(setPeople, setFailure), PAUSE_MS));
  };
  return html`<${Field} label=${words.people.search} hint=${words.people.searchHint}><input type="search" autocomplete="off" onInput=${type} /></${Field}>
    ${failure && html`<${Refusal} failure=${failure} />`}
    <ul class="plain" aria-live="polite">${people.map((person) => html`<li><button type="button" class="quiet" onClick=${() => onChoose(person.id)}>
      ${fullName(person)} · ${date(person.date_of_birth)}</button></li>`)}</ul>`;
}

/** @param {string} name */
async function search(name) {
  const page = await call("POST", "accounts/patients/search", {json: {name_part: name, limit: SHOWN}});
  page.items.forEach(learn);
  return page.items;
}

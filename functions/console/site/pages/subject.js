// @ts-check
// Whose recording it is: chosen by name, so that nobody types an id.
import {call} from "../api.js";
import {date, fullName} from "../format.js";
import {Field, Refusal, useLoaded} from "../parts.js";
import {learn, useName} from "../people.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

const PAUSE_MS = 250;
const SHOWN = 8;
const LETTERS = 2;

/** @param {With<{me: accounts.MeRead}>} given */
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
  const [wanted, look] = useState(/** @type {any} */ (null));
  const {data: people, failure} = useLoaded((signal) => search(wanted, signal), [wanted]);
  const type = (/** @type {InputEvent} */ event) => {
    const name = /** @type {HTMLInputElement} */ (event.target).value.trim();
    look(name.length < LETTERS ? null : {name_part: name});
  };
  return html`<${Field} label=${words.people.search} hint=${words.people.searchHint}><input type="search" autocomplete="off" onInput=${type} /></${Field}>
    <${ByIdentifier} onLook=${look} />
    <${Refusal} failure=${failure} />
    <ul class="plain" aria-live="polite">${people?.length === 0 && html`<li>${words.people.none}</li>`}${people?.map((person) => html`<li><button type="button" class="quiet" onClick=${() => onChoose(person.id)}>
      ${fullName(person)} · ${date(person.date_of_birth)}</button></li>`)}</ul>`;
}

/** By a record's number and the system that gives it. */
function ByIdentifier({onLook}) {
  const [identifier, set] = useState({system: "", value: ""});
  const text = words.person;
  const given = (/** @type {"system" | "value"} */ part) => (/** @type {InputEvent} */ event) =>
    set({...identifier, [part]: /** @type {HTMLInputElement} */ (event.target).value.trim()});
  return html`<details><summary>${words.recording.byIdentifier}</summary><div class="search">
    <${Field} label=${text.system}><input autocomplete="off" maxlength="200" onInput=${given("system")} /></${Field}>
    <${Field} label=${text.value}><input autocomplete="off" maxlength="100" onInput=${given("value")} /></${Field}>
    <button type="button" disabled=${!identifier.system || !identifier.value} onClick=${() => onLook({identifier})}>${words.people.find}</button></div></details>`;
}

/** Whom the newest wish names, once nothing was typed for a moment. @param {any} wanted @param {AbortSignal} signal */
async function search(wanted, signal) {
  if (!wanted) return null;
  await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
  signal.throwIfAborted();
  const page = await call("POST", "accounts/patients/search", {json: {...wanted, limit: SHOWN}, signal});
  page.items.forEach(learn);
  return page.items;
}

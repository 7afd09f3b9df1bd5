// @ts-check
// What an organization decides for itself.
import {call} from "../api.js";
import {Field, Refusal, loaded, useAct, useLoaded} from "../parts.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

export function Organization() {
  const state = useLoaded((signal) => call("GET", "accounts/organization", {signal}), []);
  return loaded(state, (organization) => html`<${Form} organization=${organization} />`);
}

/** @param {With<{organization: accounts.OrganizationRead}>} given */
function Form({organization: {name, settings}}) {
  const {busy, failure, run} = useAct();
  const [isSaved, setSaved] = useState(false);
  const text = words.settings;
  const save = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    setSaved(false);
    const json = {time_zone: form.get("time_zone"), visibility: form.get("visibility"), emergency_text: form.get("emergency_text") || null};
    run(() => call("PATCH", "accounts/organization", {json}), () => setSaved(true));
  };
  return html`<form class="card form" onSubmit=${save}><h2>${name}</h2>
    <${Field} label=${text.timeZone}><input name="time_zone" required defaultValue=${settings.time_zone} list="zones" /></${Field}>
    <datalist id="zones">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone} />`)}</datalist>
    <${Field} label=${text.visibility}><select name="visibility">${Object.entries(text.visibilities).map(([value, word]) => html`
      <option value=${value} selected=${value === settings.visibility}>${word}</option>`)}</select></${Field}>
    <${Field} label=${text.emergencyText} hint=${text.emergencyHint}><textarea name="emergency_text" rows="2" maxlength="300">${settings.emergency_text ?? ""}</textarea></${Field}>
    ${failure && html`<${Refusal} failure=${failure} />`}
    <p class="actions"><button class="primary" disabled=${busy}>${words.states.save}</button>${isSaved && html`<span role="status">${words.states.saved}</span>`}</p></form>`;
}

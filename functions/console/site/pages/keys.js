// @ts-check
// Keys of programs: what they may, since when they were used, and the one moment at which a key is shown.
import {call} from "../api.js";
import {label} from "../format.js";
import {Badge, Empty, Field, Moment, Refusal, Table, loaded, useAct, useLoaded} from "../parts.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

/** @param {With<{me: accounts.MeRead}>} given */
export function Keys({me}) {
  const state = useLoaded((signal) => call("GET", "accounts/keys", {signal}), []);
  const [made, show] = useState("");
  const {busy, failure, run} = useAct();
  const text = words.settings;
  const make = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const element = /** @type {HTMLFormElement} */ (event.currentTarget);
    const form = new FormData(element);
    run(() => call("POST", "accounts/keys", {json: {name: form.get("name"), scopes: form.getAll("scopes")}}), ({key}) => {
      show(key);
      element.reset();
      state.again();
    });
  };
  return html`${made && html`<div class="note" role="status"><p>${text.once}</p><p class="key" tabindex="0">${made}</p></div>`}
    ${loaded(state, ({items}) => html`<${Existing} items=${items} onChange=${state.again} />`)}
    <form class="card form" onSubmit=${make} autocomplete="off"><${Field} label=${text.name}><input name="name" required maxlength="100" /></${Field}>
      <fieldset><legend>${text.scopes}</legend>${me.permissions.map((permission) => html`<label><input type="checkbox" name="scopes" value=${permission} /> ${label(permission)}</label>`)}</fieldset>
      ${failure && html`<${Refusal} failure=${failure} />`}<p><button class="primary" disabled=${busy}>${text.makeKey}</button></p></form>`;
}

/** @param {With<{items: accounts.KeyRead[]}>} given */
function Existing({items, onChange}) {
  const {busy, failure, run} = useAct();
  const text = words.settings;
  if (items.length === 0) return html`<${Empty}><p>${text.noKeys}</p></${Empty}>`;
  const revoke = (/** @type {string} */ id) => run(() => call("POST", `accounts/keys/${id}/revoke`).then(onChange));
  return html`${failure && html`<${Refusal} failure=${failure} />`}
    <${Table} caption=${text.keysCaption} columns=${[text.name, text.scopes, text.lastUsed, text.state]}>${items.map((key) => html`
      <tr key=${key.id}><th scope="row">${key.name}</th><td>${key.scopes.map(label).join(", ")}</td>
        <td>${key.last_used_at ? html`<${Moment} at=${key.last_used_at} />` : text.never}</td>
        <td>${key.revoked_at ? html`<${Badge} kind="soft">${text.revoked}</${Badge}>` : html`<button type="button" disabled=${busy} onClick=${() => revoke(key.id)}>${text.revoke}</button>`}</td></tr>`)}</${Table}>`;
}

// @ts-check
// Who can sign in, as what, and who is invited to.
import {call} from "../api.js";
import {fullName} from "../format.js";
import {Badge, Empty, Field, Moment, Refusal, Table, loaded, useAct, useLoaded} from "../parts.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";

const SHOWN = 100;
const ROLES = ["clinician", "researcher", "admin", "patient"];

export function Members({me}) {
  const state = useLoaded((signal) => call("GET", "accounts/members", {query: {limit: SHOWN}, signal}), []);
  const [chosen, choose] = useState(null);
  const text = words.settings;
  return loaded(state, ({items}) => html`
    <${Table} caption=${text.membersCaption} columns=${[text.name, text.email, text.roles, text.state]}>${items.map((member) => html`
      <tr key=${member.id}><th scope="row"><button type="button" class="quiet" aria-expanded=${chosen === member.id}
          onClick=${() => choose(chosen === member.id ? null : member.id)}>${fullName(member)}</button></th>
        <td>${member.email ?? "–"}</td><td>${member.roles.map(({role}) => words.roles[role] ?? role).join(", ") || "–"}</td>
        <td><${Badge} kind=${member.is_active ? "good" : "soft"}>${member.is_active ? text.active : text.inactive}</${Badge}></td></tr>
      ${chosen === member.id && html`<tr><td colspan="4"><${Member} me=${me} member=${member} onChange=${state.again} /></td></tr>`}`)}</${Table}>`);
}

/** @param {With<{member: accounts.MemberRead, me: accounts.MeRead}>} given */
function Member({me, member, onChange}) {
  const {busy, failure, run} = useAct();
  const text = words.settings;
  const path = `accounts/members/${member.id}`;
  const act = (/** @type {string} */ rest, /** @type {any} */ json = undefined) => run(() => call("POST", `${path}/${rest}`, {json}).then(onChange));
  const grant = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)));
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    if (button.value === "grant") act("roles", form);
    else act(`roles/${form.role}/revoke`, {reason: form.reason});
  };
  return html`<form class="search" onSubmit=${grant}>
      <${Field} label=${text.role}><select name="role">${ROLES.map((role) => html`<option value=${role}>${words.roles[role]}</option>`)}</select></${Field}>
      <${Field} label=${text.reason}><input name="reason" required maxlength="500" /></${Field}>
      <button value="grant" disabled=${busy}>${text.grant}</button><button value="revoke" disabled=${busy}>${text.revoke}</button>
      ${member.id !== me.id && html`<button type="button" disabled=${busy} onClick=${() => act(member.is_active ? "deactivate" : "reactivate")}>
        ${member.is_active ? text.deactivate : text.reactivate}</button>`}</form>
    ${failure && html`<${Refusal} failure=${failure} />`}`;
}

/** Whom the organization asks in: by mail, or by what the identity provider calls them. */
export function Invitations({route}) {
  const person = route.query.get("person");
  const state = useLoaded((signal) => call("GET", "accounts/invitations", {signal}), []);
  const {busy, failure, run} = useAct();
  const text = words.settings;
  const invite = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const {who, role, days} = Object.fromEntries(new FormData(form));
    const json = {[String(who).includes("@") ? "email" : "identity_subject"]: who, role, days: Number(days)};
    run(() => call("POST", "accounts/invitations", {json: person ? {...json, person_id: person} : json}), () => {
      form.reset();
      state.again();
    });
  };
  const recall = (/** @type {string} */ id) => run(() => call("DELETE", `accounts/invitations/${id}`).then(state.again));
  return html`${person && html`<p class="note">${text.ofPatient}</p>`}<form class="search" onSubmit=${invite} autocomplete="off">
      <${Field} label=${text.who}><input name="who" required maxlength="254" /></${Field}>
      <${Field} label=${text.role}><select name="role">${(person ? ["patient"] : ROLES).map((role) => html`<option value=${role}>${words.roles[role]}</option>`)}</select></${Field}>
      <${Field} label=${text.days}><input type="number" name="days" min="1" max="90" defaultValue="14" /></${Field}>
      <button class="primary" disabled=${busy}>${text.invite}</button></form>
    ${failure && html`<${Refusal} failure=${failure} />`}
    ${loaded(state, ({items}) => (items.length === 0 ? html`<${Empty}><p>${text.noInvitations}</p></${Empty}>` : html`
      <${Table} caption=${text.invitations} columns=${[text.email, text.role, text.expires, text.state]}>${items.map((invitation) => html`
        <tr key=${invitation.id}><th scope="row">${invitation.email ?? invitation.identity_subject}</th><td>${words.roles[invitation.role]}</td>
          <td><${Moment} at=${invitation.expires_at} /></td><td>${invitation.accepted_at ? text.accepted : html`<button type="button" disabled=${busy} onClick=${() => recall(invitation.id)}>${text.recall}</button>`}</td></tr>`)}</${Table}>`))}`;
}

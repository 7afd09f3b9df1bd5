// @ts-check
// Of the organization: members and their roles, invitations, keys of programs, and its own settings.
import {call} from "../api.js";
import {fullName, label} from "../format.js";
import {Badge, Empty, Field, Moment, Refusal, Table, Title, loaded, submitted, useAct, useLoaded} from "../parts.js";
import {to} from "../router.js";
import {html, useState} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Emergencies} from "./emergency.js";

const SHOWN = 100;
const ROLES = ["clinician", "researcher", "admin", "patient"];
const PARTS = {members: Members, invitations: Invitations, keys: Keys, organization: Organization, emergencies: Emergencies};

export function Settings({me, route}) {
  const shown = PARTS[route.query.get("part") ?? ""] ? route.query.get("part") : "members";
  const Part = PARTS[shown];
  return html`<${Title} title=${`${words.settings.title}: ${words.settings[shown]}`}>${words.settings.title}</${Title}>
    <nav class="tabs" aria-label=${words.settings.title}>${Object.keys(PARTS).map((part) => html`
      <a href=${to("settings", {part})} aria-current=${part === shown ? "page" : undefined}>${words.settings[part]}</a>`)}</nav>
    <${Part} key=${shown} me=${me} route=${route} />`;
}

/** Who can sign in, and as what. */
function Members({me}) {
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
  const grant = submitted((form, event) => {
    const {role, reason} = Object.fromEntries(form);
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    if (button.value === "grant") act("roles", {role, reason});
    else act(`roles/${role}/revoke`, {reason});
  });
  return html`<form class="search" onSubmit=${grant}>
      <${Field} label=${text.role}><select name="role">${ROLES.map((role) => html`<option value=${role}>${words.roles[role]}</option>`)}</select></${Field}>
      <${Field} label=${text.reason}><input name="reason" required maxlength="500" /></${Field}>
      <button value="grant" disabled=${busy}>${text.grant}</button><button value="revoke" disabled=${busy}>${text.revoke}</button>
      ${member.id !== me.id && html`<button type="button" disabled=${busy} onClick=${() => act(member.is_active ? "deactivate" : "reactivate")}>
        ${member.is_active ? text.deactivate : text.reactivate}</button>`}</form>
    <${Refusal} failure=${failure} />`;
}

/** Whom the organization asks in: by mail, or by what the identity provider calls them. */
function Invitations({route}) {
  const person = route.query.get("person");
  const state = useLoaded((signal) => call("GET", "accounts/invitations", {signal}), []);
  const {busy, failure, run} = useAct();
  const text = words.settings;
  const invite = submitted((form, event) => {
    const element = /** @type {HTMLFormElement} */ (event.currentTarget);
    const {who, role, days} = Object.fromEntries(form);
    const json = {[String(who).includes("@") ? "email" : "identity_subject"]: who, role, days: Number(days)};
    run(() => call("POST", "accounts/invitations", {json: person ? {...json, person_id: person} : json}), () => {
      element.reset();
      state.again();
    });
  });
  const recall = (/** @type {string} */ id) => run(() => call("DELETE", `accounts/invitations/${id}`).then(state.again));
  return html`${person && html`<p class="note">${text.ofPatient}</p>`}<form class="search" onSubmit=${invite} autocomplete="off">
      <${Field} label=${text.who}><input name="who" required maxlength="254" /></${Field}>
      <${Field} label=${text.role}><select name="role">${(person ? ["patient"] : ROLES).map((role) => html`<option value=${role}>${words.roles[role]}</option>`)}</select></${Field}>
      <${Field} label=${text.days}><input type="number" name="days" min="1" max="90" defaultValue="14" /></${Field}>
      <button class="primary" disabled=${busy}>${text.invite}</button></form>
    <${Refusal} failure=${failure} />
    ${loaded(state, ({items}) => (items.length === 0 ? html`<${Empty}><p>${text.noInvitations}</p></${Empty}>` : html`
      <${Table} caption=${text.invitations} columns=${[text.email, text.role, text.expires, text.state]}>${items.map((invitation) => html`
        <tr key=${invitation.id}><th scope="row">${invitation.email ?? invitation.identity_subject}</th><td>${words.roles[invitation.role]}</td>
          <td><${Moment} at=${invitation.expires_at} /></td><td>${invitation.accepted_at ? text.accepted : html`<button type="button" disabled=${busy} onClick=${() => recall(invitation.id)}>${text.recall}</button>`}</td></tr>`)}</${Table}>`))}`;
}

/** Keys of programs: what they may, since when they were used, and the one moment at which a key is shown. @param {With<{me: accounts.MeRead}>} given */
function Keys({me}) {
  const state = useLoaded((signal) => call("GET", "accounts/keys", {signal}), []);
  const [made, show] = useState("");
  const {busy, failure, run} = useAct();
  const text = words.settings;
  const make = submitted((form, event) => {
    const element = /** @type {HTMLFormElement} */ (event.currentTarget);
    run(() => call("POST", "accounts/keys", {json: {name: form.get("name"), scopes: form.getAll("scopes")}}), ({key}) => {
      show(key);
      element.reset();
      state.again();
    });
  });
  return html`${made && html`<div class="note" role="status"><p>${text.once}</p><p class="key" tabindex="0">${made}</p></div>`}
    ${loaded(state, ({items}) => html`<${ExistingKeys} items=${items} onChange=${state.again} />`)}
    <form class="card form" onSubmit=${make} autocomplete="off"><${Field} label=${text.name}><input name="name" required maxlength="100" /></${Field}>
      <fieldset><legend>${text.scopes}</legend>${me.permissions.map((permission) => html`<label><input type="checkbox" name="scopes" value=${permission} /> ${label(permission)}</label>`)}</fieldset>
      <${Refusal} failure=${failure} /><p><button class="primary" disabled=${busy}>${text.makeKey}</button></p></form>`;
}

/** @param {With<{items: accounts.KeyRead[]}>} given */
function ExistingKeys({items, onChange}) {
  const {busy, failure, run} = useAct();
  const text = words.settings;
  if (items.length === 0) return html`<${Empty}><p>${text.noKeys}</p></${Empty}>`;
  const revoke = (/** @type {string} */ id) => run(() => call("POST", `accounts/keys/${id}/revoke`).then(onChange));
  return html`<${Refusal} failure=${failure} />
    <${Table} caption=${text.keysCaption} columns=${[text.name, text.scopes, text.lastUsed, text.state]}>${items.map((key) => html`
      <tr key=${key.id}><th scope="row">${key.name}</th><td>${key.scopes.map(label).join(", ")}</td>
        <td>${key.last_used_at ? html`<${Moment} at=${key.last_used_at} />` : text.never}</td>
        <td>${key.revoked_at ? html`<${Badge} kind="soft">${text.revoked}</${Badge}>` : html`<button type="button" disabled=${busy} onClick=${() => revoke(key.id)}>${text.revoke}</button>`}</td></tr>`)}</${Table}>`;
}

/** What an organization decides for itself. */
function Organization() {
  const state = useLoaded((signal) => call("GET", "accounts/organization", {signal}), []);
  return loaded(state, (organization) => html`<${Decisions} organization=${organization} />`);
}

/** @param {With<{organization: accounts.OrganizationRead}>} given */
function Decisions({organization: {name, settings}}) {
  const {busy, failure, run} = useAct();
  const [isSaved, setSaved] = useState(false);
  const text = words.settings;
  const save = submitted((form) => {
    setSaved(false);
    const json = {time_zone: form.get("time_zone"), visibility: form.get("visibility"), emergency_text: form.get("emergency_text") || null};
    run(() => call("PATCH", "accounts/organization", {json}), () => setSaved(true));
  });
  return html`<form class="card form" onSubmit=${save}><h2>${name}</h2>
    <${Field} label=${text.timeZone}><input name="time_zone" required defaultValue=${settings.time_zone} list="zones" /></${Field}>
    <datalist id="zones">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone} />`)}</datalist>
    <${Field} label=${text.visibility}><select name="visibility">${Object.entries(text.visibilities).map(([value, word]) => html`
      <option value=${value} selected=${value === settings.visibility}>${word}</option>`)}</select></${Field}>
    <${Field} label=${text.emergencyText} hint=${text.emergencyHint}><textarea name="emergency_text" rows="2" maxlength="300">${settings.emergency_text ?? ""}</textarea></${Field}>
    <${Refusal} failure=${failure} />
    <p class="actions"><button class="primary" disabled=${busy}>${words.states.save}</button>${isSaved && html`<span role="status">${words.states.saved}</span>`}</p></form>`;
}

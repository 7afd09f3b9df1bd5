// @ts-check
// What a person has agreed to, and who is assigned to them.
import {call} from "../api.js";
import {date, fullName, shortId} from "../format.js";
import {Field, Refusal, Section, loaded, submitted, useAct, useLoaded} from "../parts.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";

/** @param {With<{me: accounts.MeRead}>} given */
export function Consents({me, personId}) {
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
export function CareTeam({me, personId}) {
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

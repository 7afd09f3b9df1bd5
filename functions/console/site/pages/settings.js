// @ts-check
// Of the organization: members and their roles, invitations, keys of programs, and its own settings.
import {Title} from "../parts.js";
import {to} from "../router.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";
import {Invitations, Members} from "./members.js";
import {Emergencies} from "./emergencies.js";
import {Keys} from "./keys.js";
import {Organization} from "./organization.js";

const PARTS = {members: Members, invitations: Invitations, keys: Keys, organization: Organization, emergencies: Emergencies};

export function Settings({me, route}) {
  const shown = PARTS[route.query.get("part") ?? ""] ? route.query.get("part") : "members";
  const Part = PARTS[shown];
  return html`<${Title} title=${`${words.settings.title}: ${words.settings[shown]}`}>${words.settings.title}</${Title}>
    <nav class="tabs" aria-label=${words.settings.title}>${Object.keys(PARTS).map((part) => html`
      <a href=${to("settings", {part})} aria-current=${part === shown ? "page" : undefined}>${words.settings[part]}</a>`)}</nav>
    <${Part} key=${shown} me=${me} route=${route} />`;
}

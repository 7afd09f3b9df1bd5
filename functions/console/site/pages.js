// @ts-check
// The pages, who is offered which, and which the address names.
import {Empty, Title} from "./parts.js";
import {html} from "./vendor/preact-htm.js";
import {words} from "./words.js";

/** What the navigation offers, and the permission that each takes. */
const PLACES = [
  {path: "people", label: words.places.people, needs: "view_patients"},
  {path: "mine", label: words.places.mine, needs: "view_assessments", role: "patient"},
  {path: "assessments", label: words.places.assessments, needs: "view_assessments", not: "patient"},
  {path: "review", label: words.places.review, needs: "review_assessments"},
  {path: "new", label: words.places.new, needs: "create_assessment"},
  {path: "tasks", label: words.places.tasks, needs: "create_assessment"},
  {path: "access", label: words.places.access, needs: "view_access_log", role: "patient"},
  {path: "audit", label: words.places.audit, needs: "view_audit"},
  {path: "settings", label: words.places.settings, needs: "manage_organization"},
];

/** @param {accounts.MeRead} me */
export function placesOf(me) {
  return PLACES.filter(({needs, role, not}) => me.permissions.includes(needs)
    && (!role || me.roles.includes(role)) && (!not || me.roles.some((/** @type {string} */ held) => held !== not)));
}

/**
 * Pages by the first part of their address: the module, which loads when the page is first shown, and what it is called there. `of` is
 * what the second part names; `from` are filters that a page only begins with: with others it begins again.
 * @type {Record<string, {in: string, is: string, of?: string, from?: string[]}>}
 */
const PAGES = {
  people: {in: "people", is: "People"},
  "new-person": {in: "people", is: "NewPerson"},
  person: {in: "person", is: "Person", of: "personId"},
  mine: {in: "person", is: "Mine"},
  assessments: {in: "assessments", is: "Assessments"},
  assessment: {in: "assessment", is: "Assessment", of: "id"},
  history: {in: "history", is: "History", of: "name"},
  review: {in: "review", is: "Review"},
  new: {in: "recording", is: "NewRecording", from: ["person", "pipeline"]},
  tasks: {in: "tasks", is: "Tasks", from: ["person"]},
  audit: {in: "audit", is: "Audit"},
  access: {in: "audit", is: "AccessLog", of: "personId"},
  settings: {in: "settings", is: "Settings"},
  developers: {in: "developers", is: "Developers"},
  emergency: {in: "emergency", is: "Emergency", from: ["person"]},
};

/** @param {import("./router.js").Route} route @param {any} me */
export function pageOf({path, query}, me) {
  const [name = placesOf(me)[0]?.path ?? "", what] = path;
  const page = Object.hasOwn(PAGES, name) ? PAGES[name] : null;
  const begun = (page?.from ?? []).map((filter) => query.get(filter) ?? "");
  const load = async () => (page ? (await import(`./pages/${page.in}.js`))[page.is] : NotFound);
  return {load, key: [name, what ?? "", ...begun].join("/"), given: page?.of ? {[page.of]: what} : {}};
}

function NotFound() {
  return html`<${Title}>${words.states.notFound}</${Title}><${Empty}><p>${words.states.notFoundWhy}</p></${Empty}>`;
}

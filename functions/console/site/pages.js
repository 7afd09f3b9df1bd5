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
 * Pages by the first part of their address; `of` is what its second part names, `from` are filters that a page only begins with:
 * with others it begins again. A page's module loads when it is first shown.
 */
const PAGES = {
  people: {load: () => import("./pages/people.js").then(({People}) => People)},
  "new-person": {load: () => import("./pages/people.js").then(({NewPerson}) => NewPerson)},
  person: {load: () => import("./pages/person.js").then(({Person}) => Person), of: "personId"},
  mine: {load: () => import("./pages/person.js").then(({Mine}) => Mine)},
  assessments: {load: () => import("./pages/assessments.js").then(({Assessments}) => Assessments)},
  assessment: {load: () => import("./pages/assessment.js").then(({Assessment}) => Assessment), of: "id"},
  history: {load: () => import("./pages/history.js").then(({History}) => History), of: "name"},
  review: {load: () => import("./pages/review.js").then(({Review}) => Review)},
  new: {load: () => import("./pages/recording.js").then(({NewRecording}) => NewRecording), from: ["person", "pipeline"]},
  tasks: {load: () => import("./pages/tasks.js").then(({Tasks}) => Tasks), from: ["person"]},
  audit: {load: () => import("./pages/audit.js").then(({Audit}) => Audit)},
  access: {load: () => import("./pages/access.js").then(({AccessLog}) => AccessLog), of: "personId"},
  settings: {load: () => import("./pages/settings.js").then(({Settings}) => Settings)},
  developers: {load: () => import("./pages/developers.js").then(({Developers}) => Developers)},
  emergency: {load: () => import("./pages/emergency.js").then(({Emergency}) => Emergency), from: ["person"]},
};

/** @param {import("./router.js").Route} route @param {any} me */
export function pageOf({path, query}, me) {
  const [name = placesOf(me)[0]?.path ?? "", what] = path;
  const page = Object.hasOwn(PAGES, name) ? PAGES[name] : {load: async () => NotFound};
  const begun = (page.from ?? []).map((/** @type {string} */ filter) => query.get(filter) ?? "");
  return {load: page.load, key: [name, what ?? "", ...begun].join("/"), given: page.of ? {[page.of]: what} : {}};
}

function NotFound() {
  return html`<${Title}>${words.states.notFound}</${Title}><${Empty}><p>${words.states.notFoundWhy}</p></${Empty}>`;
}

// @ts-check
// Numbers, units, ranges, names and dates as people read them.
import {words} from "./words.js";

/** That a value is shown with, as on the report; more where it would seem to lie on a limit. */
const DIGITS = 3;
const MOST_DECIMALS = 6;
const LIMIT_DIGITS = 6;

/** @param {number | null | undefined} value @param {(number | null | undefined)[]} limits */
export function number(value, ...limits) {
  if (value === null || value === undefined) return "–";
  let decimals = Number.isInteger(value) ? 0 : Math.min(Math.max(DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))), 0), MOST_DECIMALS);
  const hides = (/** @type {number | null | undefined} */ limit) => typeof limit === "number" && value !== limit && value.toFixed(decimals) === limit.toFixed(decimals);
  while (decimals < MOST_DECIMALS && limits.some(hides)) decimals += 1;
  return written(value, {minimumFractionDigits: decimals, maximumFractionDigits: decimals});
}

/** @param {number} value @param {Intl.NumberFormatOptions} [how] */
function written(value, how = {maximumSignificantDigits: LIMIT_DIGITS}) {
  return value.toLocaleString("en", how).replace("-", "\u2212");
}

/** UCUM writes "1" for a pure number and puts words in braces; people do not, nor do they count counts. @param {string} unit */
export function unit(unit) {
  return unit === "1" || unit === "{count}" ? "" : unit.replace(/[{}]/g, "").replace(/\[(.*?)\]/g, "$1");
}

/** @param {number | null} low @param {number | null} high */
export function range(low, high) {
  if (low === null) return high === null ? "" : words.values.upTo(written(high));
  if (high === null) return words.values.from(written(low));
  return `${written(low)}–${written(high)}`;
}

/** A name of the API in the words of the report: `heart_rate` is "Heart rate". @param {string} name */
export function label(name) {
  const known = words.names[name];
  if (known) return known;
  let text = name.replace(/[_-]/g, " ");
  for (const phrase of words.phrases) text = text.replace(new RegExp(`\\b${phrase.replace(/\W/g, " ")}\\b`), phrase);
  text = text.split(" ").map((part) => words.abbreviations[part] ?? part).join(" ");
  return text.replace(/^[a-z]+(?![A-Za-z0-9])/, (first) => first[0].toUpperCase() + first.slice(1));
}

/** A sentence of the service with the names of the API in it as words: `cpps_mean` is "CPPS mean". @param {string} text */
export function inWords(text) {
  return text.replace(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b/g, label).replace(/\(([a-z0-9]+)\)/g, (whole, name) => (/^\w+$/.test(words.abbreviations[name] ?? "") ? `(${words.abbreviations[name]})` : whole));
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const day = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short", year: "numeric"});
const moment = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});

/** @param {string | null | undefined} iso */
export function date(iso) {
  if (!iso) return "–";
  // A birth date is a day, whatever the zone of whoever reads it.
  const plain = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso);
  return day.format(plain ? new Date(+plain[1], +plain[2] - 1, +plain[3]) : new Date(iso));
}

/** @param {string | null | undefined} iso */
export function time(iso) {
  return iso ? moment.format(new Date(iso)) : "–";
}

/** The moment in UTC and the zone in which it is shown. @param {string} iso */
export function exactly(iso) {
  return `${new Date(iso).toISOString()} (${words.values.shownIn(zone)})`;
}

/** @param {{first_name?: string | null, last_name?: string | null, id: string}} person */
export function fullName(person) {
  return [person.first_name, person.last_name].filter(Boolean).join(" ") || shortId(person.id);
}

/** The end of an id, unbroken, tells two apart: their beginnings are moments. @param {string} id */
export function shortId(id) {
  return `…\u2060${id.slice(-8)}`;
}

/** @param {string | null | undefined} born */
export function age(born) {
  if (!born) return null;
  const [year, month, date] = born.split("-").map(Number);
  const now = new Date();
  const had = now.getMonth() + 1 > month || (now.getMonth() + 1 === month && now.getDate() >= date);
  return now.getFullYear() - year - (had ? 0 : 1);
}

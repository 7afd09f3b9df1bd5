// @ts-check
// Measured values: with unit, range and where the value lies in it, in words and as a small drawing.
import {label, number, range, unit} from "../format.js";
import {Status, Table} from "../parts.js";
import {to} from "../router.js";
import {html} from "../vendor/preact-htm.js";
import {words} from "../words.js";

/** @param {With<{biomarkers: records.BiomarkerRead[]}>} given */
export function ValueTable({biomarkers, subjectId}) {
  const text = words.assessment;
  return html`<${Table} caption=${text.caption} columns=${[text.biomarker, text.value, text.position, text.range]}>
    ${biomarkers.map((biomarker) => html`<${Row} key=${biomarker.name} biomarker=${biomarker} subjectId=${subjectId} />`)}</${Table}>`;
}

/** @param {With<{biomarker: records.BiomarkerRead}>} given */
function Row({biomarker, subjectId}) {
  const {name, value, normal_range_min: low, normal_range_max: high, status, population, citation} = biomarker;
  return html`<tr><th scope="row"><a href=${to(`history/${name}`, {subject_id: subjectId})}>${label(name)}</a></th>
    <td class="number">${number(value, low, high)} <span class="unit">${unit(biomarker.unit)}</span></td>
    <td><${Status} value=${status} /></td>
    <td class="range">${range(low, high) || html`<span class="muted">–</span>`}
      <${Strip} value=${value} low=${low} high=${high} />
      ${citation && html`<details class="source"><summary>${words.assessment.why}</summary><p>${population}. ${citation}</p></details>`}</td></tr>`;
}

const WIDTH = 96;
const HEIGHT = 10;
/** A range fills this part of the strip, so that values outside have a place. */
const SHARE = 0.5;

/** Where a value lies beside its range; the table says the same in words. */
function Strip({value, low, high}) {
  if (low === null || high === null || high <= low) return null;
  const from = (WIDTH * (1 - SHARE)) / 2;
  const at = from + (WIDTH * SHARE * (value - low)) / (high - low);
  const x = Math.min(Math.max(at, 3), WIDTH - 3);
  return html`<svg class="strip" width=${WIDTH} height=${HEIGHT} viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
    <line class="axis" x1="0" x2=${WIDTH} y1=${HEIGHT / 2} y2=${HEIGHT / 2} />
    <rect class="band" x=${from} width=${WIDTH * SHARE} y="1" height=${HEIGHT - 2} rx="2" />
    <circle class=${value < low || value > high ? "out" : "in"} cx=${x} cy=${HEIGHT / 2} r="3" /></svg>`;
}

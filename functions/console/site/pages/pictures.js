// @ts-check
// The pictures of an assessment: of those drawn twice, the form that the window has room for.
import {label} from "../format.js";
import {Picture} from "../parts.js";
import {html} from "../vendor/preact-htm.js";

const NARROW = "_narrow";
const narrowWindow = matchMedia("(max-width: 40rem)");

/** @param {With<{pictures: records.PictureRead[]}>} given */
export function Pictures({pictures}) {
  return html`<div class="pictures">${fitting(pictures).map(({name, href, alt, media_type: type}) => html`
    <${Picture} key=${name} href=${href} alt=${alt} label=${label(name.replace(NARROW, ""))} isWide=${type === "image/svg+xml"} />`)}</div>`;
}

/** @param {records.PictureRead[]} pictures */
function fitting(pictures) {
  const names = new Set(pictures.map(({name}) => name));
  return pictures.filter(({name}) => (name.endsWith(NARROW) ? narrowWindow.matches : !(narrowWindow.matches && names.has(name + NARROW))));
}

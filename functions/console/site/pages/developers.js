// @ts-check
// The endpoints of each function, to be read and tried in the name of whoever is signed in.
import {address} from "../api.js";
import {label} from "../format.js";
import {Title} from "../parts.js";
import {token} from "../session.js";
import {html, useEffect} from "../vendor/preact-htm.js";
import {words} from "../words.js";

const FUNCTIONS = [...Object.keys(words.pipelines), "accounts", "assistant", "audit", "fhir", "records", "uploads"].sort();

/** A page of endpoints that is opened while this one is shown asks for the token, by a channel of this origin. */
export function Developers() {
  useEffect(() => {
    const channel = new BroadcastChannel("medilens.docs");
    channel.onmessage = async ({data}) => {
      if (data === "ready") channel.postMessage({token: await token()});
    };
    return () => channel.close();
  }, []);
  const text = words.developers;
  return html`<${Title}>${text.title}</${Title}><p class="lead">${text.lead}</p>
    <div class="card"><ul class="plain">${FUNCTIONS.map((name) => html`<li>
      <a href=${address(`${name}/docs`)} target="_blank" rel="noopener">${words.pipelines[name] ?? label(name)}</a> <small>/api/${name}</small></li>`)}</ul>
      <p class="hint">${text.hint}</p></div>`;
}

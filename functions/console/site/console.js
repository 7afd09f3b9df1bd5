// @ts-check
// The console: signs in, knows who one is, and shows the page that the address names.
import {Problem, call} from "./api.js";
import {Shell} from "./shell.js";
import {Refusal, Title, loaded, useLoaded} from "./parts.js";
import {forget} from "./people.js";
import {useRoute} from "./router.js";
import * as session from "./session.js";
import {html, render, useEffect, useState} from "./vendor/preact-htm.js";
import {words} from "./words.js";
import {pageOf} from "./pages.js";

const FORBIDDEN = 403;

function Console() {
  const [state, set] = useState({stage: "starting", me: null, failure: null, reason: ""});
  useEffect(() => {
    let isOver = false;
    session.onEnd((reason) => {
      isOver = true;
      forget();
      set({stage: "signed-out", me: null, failure: null, reason});
    });
    begin().then((begun) => isOver || set(begun));
  }, []);
  if (state.stage === "starting" || state.stage === "leaving") {
    return html`<main class="narrow"><p class="loading" role="status">${words.states.starting}</p></main>`;
  }
  if (state.stage === "signed-out") return html`<${SignIn} reason=${state.reason} failure=${state.failure} />`;
  return html`<${SignedIn} me=${state.me} />`;
}

/** Who is here now; whoever is not known yet may have been invited by mail. */
async function myself() {
  try {
    return await call("GET", "accounts/me");
  } catch (failure) {
    if (failure instanceof Problem && failure.status === FORBIDDEN) return await call("POST", "accounts/join");
    throw failure;
  }
}

/** Who is here at the beginning, if anybody is. @returns {Promise<any>} */
async function begin() {
  try {
    const stage = await session.start();
    const me = stage === "signed-in" ? await myself() : null;
    return {stage, me, failure: null, reason: ""};
  } catch (failure) {
    return {stage: "signed-out", me: null, failure, reason: ""};
  }
}

function SignedIn({me}) {
  const route = useRoute();
  const page = pageOf(route, me);
  return html`<${Shell} me=${me} route=${route}>
    <${Page} key=${page.key} load=${page.load} given=${{me, route, ...page.given}} />
  </${Shell}>`;
}

function Page({load, given}) {
  const state = useLoaded(load, []);
  return loaded(state, (Show) => html`<${Show} ...${given} />`, "MediLens");
}

function SignIn({reason, failure}) {
  const [refused, refuse] = useState(failure);
  return html`<main class="narrow sign-in">
    <${Title} title=${words.signIn.title}>MediLens</${Title}>
    <p class="lead">${words.signIn.lead}</p>
    ${reason && html`<p class="note" role="status">${words.signIn.reasons[reason] ?? ""}</p>`}
    <${Refusal} failure=${refused} />
    <p><button type="button" class="primary" onClick=${() => session.signIn().catch(refuse)}>
      ${words.signIn.button}</button></p>
    <p class="muted">${words.signIn.privacy}</p>
  </main>`;
}

const place = document.getElementById("console");
if (place) render(html`<${Console} />`, place);

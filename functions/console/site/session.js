// @ts-check
// Who is signed in: OpenID Connect's code flow with PKCE. Tokens are in this module's memory and
// nowhere else; a reload signs in again at the provider, silently where its own session lasts.
import * as oauth from "./vendor/oauth4webapi.js";

const PAGE = new URL(location.pathname, location.origin);
/** Only what the way back from the provider needs; it is gone once it was used. */
const JOURNEY = "medilens.journey";
/** That this tab was signed in: a reload then asks the provider without showing a page. */
const AGAIN = "medilens.again";
const EARLY_MS = 60_000;

/** @typedef {{issuer: string, client_id: string, code_version: string}} Config */
/** @typedef {{access: string, refresh?: string, id?: string, expiresAt: number}} Tokens */

/** @type {Config} */
let config;
/** What discovery gave. @type {oauth.Provider} */
let provider;
/** @type {Tokens | null} */
let tokens = null;
/** @type {Promise<void> | null} */
let renewal = null;
const channel = new BroadcastChannel("medilens");
/** @type {Set<(reason: string) => void>} */
const listeners = new Set();

channel.onmessage = ({data}) => data === "signed-out" && end("signed-out");

/** Call `listener` when the session is over. @param {(reason: string) => void} listener */
export function onEnd(listener) {
  listeners.add(listener);
}

/**
 * Find out whether somebody is signed in, coming back from the provider or loading again.
 * @returns {Promise<"signed-in" | "signed-out" | "leaving">}
 */
export async function start() {
  config = await (await fetch(new URL("console/config.json", PAGE))).json();
  const parameters = new URLSearchParams(location.search);
  if (parameters.has("state")) return await arrive(parameters);
  if (sessionStorage.getItem(AGAIN)) {
    await signIn("none");
    return "leaving";
  }
  return "signed-out";
}

/** Go to the provider. @param {string} [prompt] "none" asks without showing a page */
export async function signIn(prompt) {
  await discover();
  const verifier = oauth.generateRandomCodeVerifier();
  const journey = {
    verifier, state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), hash: location.hash,
  };
  sessionStorage.setItem(JOURNEY, JSON.stringify(journey));
  const address = new URL(String(provider.authorization_endpoint));
  const asked = {
    client_id: config.client_id, redirect_uri: PAGE.href, response_type: "code", scope: "openid",
    state: journey.state, nonce: journey.nonce, code_challenge_method: "S256",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    ...(prompt ? {prompt} : {}),
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  location.assign(address);
}

/** @param {URLSearchParams} parameters @returns {Promise<"signed-in" | "signed-out">} */
async function arrive(parameters) {
  const journey = JSON.parse(sessionStorage.getItem(JOURNEY) ?? "null");
  sessionStorage.removeItem(JOURNEY);
  history.replaceState(null, "", PAGE.pathname + (journey?.hash ?? ""));
  if (!journey) return "signed-out";
  await discover();
  if (parameters.has("error")) {
    sessionStorage.removeItem(AGAIN);
    if (parameters.get("error") === "login_required") return "signed-out";
    throw new Error(`The identity provider refused: ${parameters.get("error")}`);
  }
  const client = {client_id: config.client_id};
  const checked = oauth.validateAuthResponse(provider, client, parameters, journey.state);
  const answer = await oauth.authorizationCodeGrantRequest(
    provider, client, oauth.None(), checked, PAGE.href, journey.verifier, insecure());
  keep(await oauth.processAuthorizationCodeResponse(
    provider, client, answer, {expectedNonce: journey.nonce, requireIdToken: true}));
  sessionStorage.setItem(AGAIN, "yes");
  return "signed-in";
}

async function discover() {
  if (provider) return;
  const issuer = new URL(config.issuer);
  const answer = await oauth.discoveryRequest(issuer, insecure());
  provider = await oauth.processDiscoveryResponse(issuer, answer);
}

/** Plain HTTP is for a laptop's own provider alone. */
function insecure() {
  const {protocol, hostname} = new URL(config.issuer);
  const own = protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname);
  return {[oauth.allowInsecureRequests]: own};
}

/** @param {{access_token: string, refresh_token?: string, id_token?: string, expires_in?: number}} answer */
function keep(answer) {
  tokens = {
    access: answer.access_token,
    refresh: answer.refresh_token ?? tokens?.refresh,
    id: answer.id_token ?? tokens?.id,
    expiresAt: Date.now() + 1000 * (answer.expires_in ?? 300),
  };
}

/** Return a token that is still good, renewed where that is needed. @param {boolean} [anew] */
export async function token(anew = false) {
  if (!tokens) throw new SignedOut();
  if (anew || Date.now() > tokens.expiresAt - EARLY_MS) {
    renewal ??= renew(tokens).finally(() => { renewal = null; });
    await renewal;
  }
  if (!tokens) throw new SignedOut();
  return tokens.access;
}

/** Ask for new tokens in place of those held; an answer that comes after the session's end is dropped. @param {Tokens} held */
async function renew(held) {
  try {
    if (!held.refresh) throw new SignedOut();
    const client = {client_id: config.client_id};
    const answer = await oauth.refreshTokenGrantRequest(
      provider, client, oauth.None(), held.refresh, insecure());
    const renewed = await oauth.processRefreshTokenResponse(provider, client, answer);
    if (tokens === held) keep(renewed);
  } catch (failure) {
    if (failure instanceof TypeError) throw failure; // offline: the session may still be good
    if (tokens === held) end("expired");
    throw new SignedOut();
  }
}

/** Forget everything here and at the provider. */
export function signOut() {
  const id = tokens?.id;
  channel.postMessage("signed-out");
  end("signed-out");
  if (!provider?.end_session_endpoint) return;
  const address = new URL(provider.end_session_endpoint);
  address.searchParams.set("client_id", config.client_id);
  address.searchParams.set("post_logout_redirect_uri", PAGE.href);
  if (id) address.searchParams.set("id_token_hint", id);
  location.assign(address);
}

/** Forget the tokens, and tell whoever listens why. @param {string} reason */
export function end(reason) {
  tokens = null;
  sessionStorage.removeItem(AGAIN);
  for (const listener of listeners) listener(reason);
}

export class SignedOut extends Error {}

// @ts-check
// The frame of every page: where one is, who one is, and what is true of the whole session.
import {breakGlass, onNotice} from "./api.js";
import {fullName} from "./format.js";
import {placesOf} from "./pages.js";
import {to} from "./router.js";
import {end, signOut} from "./session.js";
import {html, useEffect, useLayoutEffect, useRef, useState} from "./vendor/preact-htm.js";
import {words} from "./words.js";

const IDLE_MS = 15 * 60_000;
const WARNING_MS = 2 * 60_000;
const TICK_MS = 1_000;
const SIGNS = ["pointerdown", "keydown", "scroll"];

export function Shell({me, route, children}) {
  return html`<a class="skip" href="#main" onClick=${skip}>${words.shell.skip}</a>
    <header class="bar">
      <a class="mark" href=${to("")}>MediLens</a>
      <nav aria-label=${words.shell.pages}>${placesOf(me).map((place) => html`
        <a href=${to(place.path)} aria-current=${isAt(route, me, place.path) ? "page" : undefined}>${place.label}</a>`)}</nav>
      <div class="who"><span>${fullName(me)}<small>${me.roles.map((role) => words.roles[role] ?? role).join(", ")}${" · "}${me.organization.name}</small></span>
        <button type="button" class="quiet" onClick=${signOut}>${words.shell.signOut}</button></div>
    </header>
    <${Notices} route=${route} />
    <main id="main" tabindex="-1">${children}</main>
    ${me.permissions.includes("export_data") && html`<footer class="foot"><a href=${to("developers")}>${words.developers.title}</a></footer>`}
    <${IdleWatch} />`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** @param {import("./router.js").Route} route @param {any} me @param {string} path */
function isAt(route, me, path) {
  return (route.path[0] ?? placesOf(me)[0]?.path) === path;
}

/** What stands above every page while it is so: no network, or an emergency's access. */
function Notices({route}) {
  const [isOnline, setOnline] = useState(navigator.onLine);
  const [, turn] = useState(0);
  useLayoutEffect(() => {
    const changed = () => setOnline(navigator.onLine);
    addEventListener("online", changed);
    addEventListener("offline", changed);
    const forget = onNotice(() => turn((before) => before + 1));
    return () => {
      removeEventListener("online", changed);
      removeEventListener("offline", changed);
      forget();
    };
  }, []);
  const told = breakGlass.told;
  return html`<div class="notices">
    ${!isOnline && html`<p class="notice warn" role="status">${words.states.offlineBanner}</p>`}
    ${told && told !== "offered" && html`<p class="notice bad" role="status">
      <strong>${words.emergency.open}</strong> ${words.emergency.why} <a href=${to("emergency")}>${words.emergency.end}</a></p>`}
    ${told === "offered" && route.path[0] === "person" && html`<p class="notice warn" role="status">
      ${words.emergency.offered} <a href=${to("emergency", {person: route.path[1]})}>${words.emergency.title}</a></p>`}
  </div>`;
}

/** A session that nobody uses ends; before that it asks, and one key keeps it (WCAG 2.2.1). */
function IdleWatch() {
  const last = useRef(Date.now());
  const dialog = useRef(null);
  const [leftS, setLeft] = useState(0);
  const stay = () => {
    last.current = Date.now();
    setLeft(0);
    dialog.current?.close();
  };
  useEffect(() => {
    const used = () => {
      if (!dialog.current?.open) last.current = Date.now();
    };
    const tick = () => {
      const left = IDLE_MS - (Date.now() - last.current);
      if (left <= 0) return end("idle");
      if (left > WARNING_MS) return;
      setLeft(Math.ceil(left / 1000));
      if (!dialog.current?.open) dialog.current?.showModal();
    };
    SIGNS.forEach((sign) => addEventListener(sign, used, {passive: true}));
    const timer = setInterval(tick, TICK_MS);
    return () => {
      SIGNS.forEach((sign) => removeEventListener(sign, used));
      clearInterval(timer);
    };
  }, []);
  return html`<dialog ref=${dialog} aria-labelledby="idle-title" onCancel=${stay}>
    <h2 id="idle-title">${words.idle.title}</h2>
    <p>${words.idle.why(leftS)}</p>
    <p class="actions"><button type="button" class="primary" autofocus onClick=${stay}>${words.idle.stay}</button></p>
  </dialog>`;
}

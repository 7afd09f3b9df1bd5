// @ts-check
// Names of people by their ids, asked for once and kept in memory alone.
import {Problem, call} from "./api.js";
import {fullName, shortId} from "./format.js";
import {useEffect, useState} from "./vendor/preact-htm.js";
import {words} from "./words.js";

/** @type {Map<string, Promise<string>>} */
const names = new Map();

/** Forget all names, as at the end of a session. */
export function forget() {
  names.clear();
}

/** @param {any} person */
export function learn(person) {
  names.set(person.id, Promise.resolve(fullName(person)));
}

/** The name of a person, or the end of their id to whoever may not know it. @param {string} id @param {accounts.MeRead} me */
export function useName(id, me) {
  const [known, set] = useState({id: "", name: ""});
  useEffect(() => {
    let isShown = true;
    if (id !== me.id && me.permissions.includes("view_patients")) nameOf(id).then((name) => isShown && set({id, name}));
    return () => { isShown = false; };
  }, [id]);
  if (id === me.id) return words.people.you;
  return known.id === id ? known.name : shortId(id);
}

/** @param {string} id */
function nameOf(id) {
  let name = names.get(id);
  if (!name) {
    name = call("GET", `accounts/patients/${id}`).then(fullName, (failure) => {
      if (failure instanceof Problem && failure.status === 0) names.delete(id);
      return shortId(id);
    });
    names.set(id, name);
  }
  return name;
}

// @ts-check
// Addresses: what stands after the # chooses the page, so one file serves all of them.
import {useLayoutEffect, useState} from "./vendor/preact-htm.js";

/** @typedef {{path: string[], query: URLSearchParams}} Route */

/** @returns {Route} */
export function current() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return {path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query)};
}

/** The address of a page, with filters that are set. @param {string} path @param {Record<string, any>} [query] */
export function to(path, query = {}) {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return `#/${path}${text ? `?${text}` : ""}`;
}

/** @param {string} path @param {Record<string, any>} [query] */
export function go(path, query) {
  location.hash = to(path, query);
}

/**
 * The page that the address names, now and after each change. It listens before the first
 * paint: an address that changed in between would be lost.
 * @returns {Route}
 */
export function useRoute() {
  const [route, set] = useState(current());
  useLayoutEffect(() => {
    const changed = () => set(current());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

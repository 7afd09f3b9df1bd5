// @ts-check
// What tasks are made of: screens that are no trial, and trials whose answer a key gives. A row says which it is.
import {words} from "./words.js";

/** @typedef {Record<string, any>} Screen as jsPsych takes it */
/** @typedef {{phase: "practice" | "test", condition?: string, answer?: string | null} & Record<string, any>} Said what the log is told of a trial */

const globals = /** @type {any} */ (globalThis);
export const {jsPsychHtmlKeyboardResponse: keyboard, jsPsychBrowserCheck: browserCheck} = globals;
export const SPACE = " ";
const FIXATION_MS = 500;
const FEEDBACK_MS = 600;
/** At or below this share of right answers the practice is shown again, at most so often. */
const PRACTICE_LEVEL = 0.6;
const PRACTICE_ROUNDS = 3;

/** Keys as buttons, for whoever has no keyboard. @param {string[]} keys */
export function pads(keys) {
  return `<div class="pads">${keys.map((key) => `<button type="button" tabindex="-1" data-key="${key}">${words.pad[key] ?? words.keys[key] ?? key}</button>`).join("")}</div>`;
}

/** A text that stays until the space bar is pressed. @param {string} title @param {string[]} paragraphs @returns {Screen} */
export function instructions(title, paragraphs) {
  return {
    type: keyboard, choices: [SPACE], data: {trial_id: "instructions"},
    stimulus: `${title && `<h1>${title}</h1>`}${paragraphs.map((text) => `<p>${text}</p>`).join("")}<p>${words.begin}</p>${pads([SPACE])}`,
  };
}

/** What is shown for a while, whatever is pressed. @param {string} shown @param {number} durationMs @param {string} role @returns {Screen} */
export function pause(shown, durationMs, role) {
  return {type: keyboard, choices: "NO_KEYS", stimulus: `<div class="big">${shown}</div>`, trial_duration: durationMs, data: {trial_id: role}};
}

export const fixation = () => pause("+", FIXATION_MS, "fixation");

/**
 * One stimulus and the key that is pressed at it; without one within `limitMs` it is an omission.
 * @param {string} shown @param {string[]} keys @param {number} limitMs @param {Said} said @param {Screen} [more] @returns {Screen}
 */
export function trial(shown, keys, limitMs, {answer, ...said}, more = {}) {
  return {
    type: keyboard, stimulus: shown + pads(keys), choices: keys, trial_duration: limitMs,
    data: {trial_id: "stimulus", ...said, ...(answer === undefined ? {} : {correct_response: answer})},
    on_finish: (/** @type {any} */ row) => {
      if (answer !== undefined) row.correct = row.response === answer;
    },
    ...more,
  };
}

/** Right, wrong or too late, said after a trial of the practice. @param {any} jsPsych @returns {Screen} */
export function feedback(jsPsych) {
  return {
    ...pause("", FEEDBACK_MS, "feedback"),
    stimulus: () => {
      const {correct, response} = jsPsych.data.get().last(1).values()[0];
      return `<div class="big">${correct ? words.right : response === null ? words.late : words.wrong}</div>`;
    },
  };
}

/** Practice with feedback, again where it was not understood, then the test without. @param {any} jsPsych @param {(phase: "practice" | "test") => Screen[]} make @returns {Screen[]} */
export function practicedThenTested(jsPsych, make) {
  let round = 0;
  const practice = {
    timeline: make("practice").flatMap((screen) => (screen.data.trial_id === "stimulus" ? [screen, feedback(jsPsych)] : [screen])),
    loop_function: (/** @type {any} */ rows) => {
      round += 1;
      const judged = rows.values().filter((/** @type {any} */ {correct}) => correct !== undefined);
      const right = judged.filter((/** @type {any} */ {correct}) => correct).length;
      return round < PRACTICE_ROUNDS && judged.length > 0 && right <= PRACTICE_LEVEL * judged.length;
    },
  };
  return [pause(words.practice, 2 * FEEDBACK_MS, "instructions"), practice, instructions("", [words.test]), {timeline: make("test")}];
}

/** @template T @param {T[]} items @param {number} times */
export function repeated(items, times) {
  return Array.from({length: times}, () => items).flat();
}

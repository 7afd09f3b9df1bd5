// @ts-check
// One stimulus, one answer: simple reaction, and vigilance over three minutes (Basner & Dinges 2011, doi:10.1093/sleep/34.5.581).
import {SPACE, instructions, keyboard, pads, pause, trial} from "./trials.js";
import {words} from "./words.js";

const PRACTICE = 3;
const TRIALS = 30;
const WAIT_MS = [1_000, 3_000];
const LIMIT_MS = 2_000;
/** Of the three-minute form: what is waited, its result included, and how long the whole takes. */
const VIGILANCE_WAIT_MS = [1_000, 4_000];
const VIGILANCE_MS = 180_000;
const VIGILANCE_LIMIT_MS = 10_000;
const RESULT_MS = 1_000;

/**
 * What is waited before the stimulus. A press in it is an answer to nothing: its time is counted to the
 * stimulus that would have come, so it is below zero, and the stimulus is left out.
 * @param {any} jsPsych @param {number[]} bounds @param {"practice" | "test"} phase
 */
function wait(jsPsych, [least, most], phase) {
  let durationMs = 0;
  const drawn = () => {
    durationMs = jsPsych.randomization.randomInt(least, most);
    return durationMs;
  };
  return {
    type: keyboard, choices: [SPACE], stimulus: `<div class="big">+</div>${pads([SPACE])}`, trial_duration: drawn, data: {trial_id: "fixation"},
    on_finish: (/** @type {any} */ row) => {
      if (row.response !== null) Object.assign(row, {trial_id: "stimulus", phase, rt: row.rt - durationMs});
    },
  };
}

/** Only where nothing was pressed too soon. @param {any} jsPsych @param {any} screen */
function unlessEarly(jsPsych, screen) {
  const wasEarly = () => jsPsych.data.get().last(1).values()[0].response !== null;
  return [
    {timeline: [screen], conditional_function: () => !wasEarly()},
    {timeline: [pause(words.early, RESULT_MS, "feedback")], conditional_function: () => jsPsych.data.get().last(1).values()[0].rt < 0},
  ];
}

/** @param {any} jsPsych */
export function simpleReaction(jsPsych) {
  const {title, how} = words.simple_reaction;
  const one = (/** @type {"practice" | "test"} */ phase) => [
    wait(jsPsych, WAIT_MS, phase), ...unlessEarly(jsPsych, trial('<div class="disc go"></div>', [SPACE], LIMIT_MS, {phase}))];
  return [
    instructions(title, [how, words.practice]), ...Array.from({length: PRACTICE}, () => one("practice")).flat(),
    instructions("", [words.test]), ...Array.from({length: TRIALS}, () => one("test")).flat(),
  ];
}

/** @param {any} jsPsych */
export function vigilance(jsPsych) {
  const {title, how} = words.pvt_brief;
  let begunMs = 0;
  const one = (/** @type {"practice" | "test"} */ phase) => [
    wait(jsPsych, VIGILANCE_WAIT_MS, phase), ...unlessEarly(jsPsych, counter(phase)), result(jsPsych)];
  return [
    instructions(title, [how, words.practice]), ...one("practice"), ...one("practice"),
    {...instructions("", [words.test]), on_finish: () => { begunMs = performance.now(); }},
    {timeline: one("test"), loop_function: () => performance.now() - begunMs < VIGILANCE_MS},
  ];
}

/** Milliseconds that run until the key is pressed. @param {"practice" | "test"} phase */
function counter(phase) {
  let frame = 0;
  const run = () => {
    const beganMs = performance.now();
    const place = /** @type {HTMLElement} */ (document.querySelector("#count"));
    const tick = () => {
      place.textContent = String(Math.round(performance.now() - beganMs));
      frame = requestAnimationFrame(tick);
    };
    tick();
  };
  const shown = trial('<div class="big" id="count">0</div>', [SPACE], VIGILANCE_LIMIT_MS, {phase}, {on_load: run});
  return {...shown, on_finish: () => cancelAnimationFrame(frame)};
}

/** The time of the last answer, which stays for a moment. @param {any} jsPsych */
function result(jsPsych) {
  const last = () => jsPsych.data.get().filterCustom((/** @type {any} */ row) => row.trial_id === "stimulus").last(1).values()[0];
  return {...pause("", RESULT_MS, "feedback"), stimulus: () => `<div class="big">${last().rt >= 0 ? Math.round(last().rt) : ""}</div>`};
}

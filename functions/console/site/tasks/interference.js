// @ts-check
// What is answered and what is in its way: arrows among arrows, ink against word. Own stimuli.
import {fixation, instructions, practicedThenTested, repeated, trial} from "./trials.js";
import {words} from "./words.js";

const LIMIT_MS = 2_000;
const KEYS = {left: "f", right: "j"};
const ARROWS = {left: "←", right: "→"};
const INK_KEYS = {red: "d", green: "f", blue: "j", black: "k"};
/** Times that each of four arrow displays, and each of 24 words in ink, is shown. */
const PRACTICE = 3;
const TRIALS = 20;
const INK_PRACTICE = 12;
const INK_TRIALS = 4;

/** @param {any} jsPsych */
export function flanker(jsPsych) {
  const {title, how} = words.flanker;
  const displays = ["left", "right"].flatMap((side) => ["congruent", "incongruent"].map((condition) => ({side, condition})));
  const make = (/** @type {"practice" | "test"} */ phase) => jsPsych.randomization.shuffle(repeated(displays, phase === "test" ? TRIALS : PRACTICE))
    .flatMap((/** @type {any} */ {side, condition}) => [fixation(), trial(arrows(side, condition), Object.values(KEYS), LIMIT_MS, {phase, condition, answer: KEYS[side]})]);
  return [instructions(title, [how]), ...practicedThenTested(jsPsych, make)];
}

/** @param {"left" | "right"} side @param {string} condition */
function arrows(side, condition) {
  const beside = ARROWS[condition === "congruent" ? side : side === "left" ? "right" : "left"];
  return `<div class="big arrows">${beside.repeat(2)}${ARROWS[side]}${beside.repeat(2)}</div>`;
}

/** As many words in their own ink as in another. @param {any} jsPsych */
export function stroop(jsPsych) {
  const {title, how} = words.stroop;
  const inks = Object.keys(INK_KEYS);
  const displays = inks.flatMap((ink) => inks.filter((other) => other !== ink)
    .flatMap((word) => [{ink, word: ink, condition: "congruent"}, {ink, word, condition: "incongruent"}]));
  const chosen = (/** @type {string} */ phase) => (phase === "test"
    ? jsPsych.randomization.shuffle(repeated(displays, INK_TRIALS)) : jsPsych.randomization.sampleWithoutReplacement(displays, INK_PRACTICE));
  const make = (/** @type {"practice" | "test"} */ phase) => chosen(phase).flatMap((/** @type {any} */ {ink, word, condition}) => [
    fixation(), trial(`<div class="big ${ink}">${words.inks[word]}</div>`, Object.values(INK_KEYS), LIMIT_MS, {phase, condition, answer: INK_KEYS[ink]})]);
  return [instructions(title, [how]), ...practicedThenTested(jsPsych, make)];
}

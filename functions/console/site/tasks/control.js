// @ts-check
// Holding in mind and holding back: letters two back, and go/no-go. Own stimuli.
import {SPACE, instructions, pause, practicedThenTested, trial} from "./trials.js";
import {words} from "./words.js";

const LETTERS = ["B", "F", "H", "K", "M", "Q", "R", "X"];
const BACK = 2;
const TARGET_SHARE = 1 / 3;
const LETTER_MS = 2_500;
const LETTER_COUNT = {practice: 14, test: 62};
const GO_SHARE = 3 / 4;
const GO_MS = 1_000;
const GO_COUNT = {practice: 12, test: 100};
const GAP_MS = [500, 900];

/** The first two letters have none before them: they are shown as what they are, and are no trials. @param {any} jsPsych */
export function nBack(jsPsych) {
  const {title, how} = words.n_back;
  const keys = ["f", "j"];
  const make = (/** @type {"practice" | "test"} */ phase) => letters(jsPsych, LETTER_COUNT[phase]).flatMap(({letter, isTarget}, at) => {
    const shown = `<div class="big">${letter}</div>`;
    if (at < BACK) return [{...pause(letter, LETTER_MS, "intro")}, gap(jsPsych)];
    const said = {phase, condition: isTarget ? "target" : "nontarget", load: BACK, answer: isTarget ? "j" : "f"};
    return [trial(shown, keys, LETTER_MS, said), gap(jsPsych)];
  });
  return [instructions(title, [how]), ...practicedThenTested(jsPsych, make)];
}

/** A third of the letters, drawn beforehand, are those of two before. @param {any} jsPsych @param {number} count @returns {{letter: string, isTarget: boolean}[]} */
function letters(jsPsych, count) {
  const asked = count - BACK;
  const marks = Array.from({length: asked}, (_, at) => at < Math.round(TARGET_SHARE * asked));
  const targets = [...Array(BACK).fill(false), ...jsPsych.randomization.shuffle(marks)];
  /** @type {string[]} */
  const drawn = [];
  return targets.map((isTarget, at) => {
    const before = drawn[at - BACK];
    drawn.push(isTarget ? before : jsPsych.randomization.sampleWithoutReplacement(LETTERS.filter((letter) => letter !== before), 1)[0]);
    return {letter: drawn[at], isTarget};
  });
}

/** @param {any} jsPsych */
export function goNoGo(jsPsych) {
  const {title, how} = words.go_no_go;
  const make = (/** @type {"practice" | "test"} */ phase) => {
    const marks = Array.from({length: GO_COUNT[phase]}, (_, at) => (at < GO_SHARE * GO_COUNT[phase] ? "go" : "nogo"));
    return jsPsych.randomization.shuffle(marks).flatMap((/** @type {string} */ condition) => [
      trial(`<div class="disc ${condition}"></div>`, [SPACE], GO_MS, {phase, condition, answer: condition === "go" ? SPACE : null}), gap(jsPsych)]);
  };
  return [instructions(title, [how]), ...practicedThenTested(jsPsych, make)];
}

/** @param {any} jsPsych */
function gap(jsPsych) {
  return pause("", jsPsych.randomization.randomInt(...GAP_MS), "iti");
}

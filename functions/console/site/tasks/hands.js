// @ts-check
// Tasks in which one screen takes many keys: digits that are typed back, and a finger that taps.
import {SPACE, instructions, keyboard, pads, pause} from "./trials.js";
import {words} from "./words.js";

const DIGIT_MS = 800;
const DIGIT_GAP_MS = 200;
const LENGTHS = {forward: [3, 9], backward: [2, 8]};
/** A direction ends where both lists of a length were wrong. */
const LISTS = 2;
const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const TAPPING_MS = 10_000;
const TAPPING_PRACTICE_MS = 3_000;
const BLOCKS = ["right", "left", "right", "left"];

/** @param {any} jsPsych */
export function digitSpan(jsPsych) {
  const {title, how, backward} = words.digit_span;
  return [
    instructions(title, [how, words.practice]), ...list(jsPsych, 2, "forward", "practice"),
    instructions("", [backward, words.practice]), ...list(jsPsych, 2, "backward", "practice"),
    instructions(title, [words.test, how]), lists(jsPsych, "forward"),
    instructions("", [backward]), lists(jsPsych, "backward"),
  ];
}

/** Two lists of each length, until both are wrong. @param {any} jsPsych @param {"forward" | "backward"} direction */
function lists(jsPsych, direction) {
  const [shortest, longest] = LENGTHS[direction];
  let isOver = false;
  const lengths = Array.from({length: longest - shortest + 1}, (_, at) => shortest + at);
  return {timeline: lengths.map((length) => ({
    timeline: Array.from({length: LISTS}, () => list(jsPsych, length, direction, "test")).flat(),
    conditional_function: () => !isOver,
    on_timeline_finish: () => {
      const done = jsPsych.data.get().filter({direction, num_digits: length, phase: "test"}).values();
      isOver = done.every((/** @type {any} */ {correct}) => !correct);
    },
  }))};
}

/** Digits one by one, none twice, and what is typed back. @param {any} jsPsych @param {number} length @param {string} direction @param {string} phase */
function list(jsPsych, length, direction, phase) {
  const digits = jsPsych.randomization.sampleWithoutReplacement(DIGITS, length);
  const shown = digits.flatMap((/** @type {string} */ digit) => [pause(digit, DIGIT_MS, "cue"), pause("", DIGIT_GAP_MS, "blank")]);
  const expected = direction === "backward" ? [...digits].reverse() : digits;
  /** @type {string[]} */
  const typed = [];
  return [...shown, {
    ...typing((key) => type(typed, key), (row) => Object.assign(row, {recalled: typed.join(" "), correct: typed.join() === expected.join()}), "Enter"),
    stimulus: `<p>${words.digit_span.type}</p><div class="big" id="typed" role="status"></div>${pads([...DIGITS, "Backspace", "Enter"])}`,
    data: {trial_id: "response", phase, direction, num_digits: length, sequence: digits.join(" ")},
  }];
}

/** @param {string[]} typed @param {string} key */
function type(typed, key) {
  if (key === "Backspace") typed.pop();
  else if (DIGITS.includes(key)) typed.push(key);
  const place = document.querySelector("#typed");
  if (place) place.textContent = typed.join(" ");
}

/**
 * A screen on which every key is taken, until `last` or the end of its time.
 * @param {(key: string) => void} take @param {(row: any) => void} finish what the log is told @param {string} [last]
 */
function typing(take, finish, last) {
  const press = (/** @type {KeyboardEvent} */ event) => {
    if (!event.repeat) take(event.key);
  };
  return {
    type: keyboard, choices: last ? [last] : "NO_KEYS",
    // On the way down: the keys of jsPsych, which buttons press, do not come up again.
    on_load: () => addEventListener("keydown", press, true),
    on_finish: (/** @type {any} */ row) => {
      removeEventListener("keydown", press, true);
      finish(row);
    },
  };
}

/** @param {any} jsPsych */
export function tapping(jsPsych) {
  const {title, how} = words.finger_tapping;
  return [instructions(title, [how]), ...taps(BLOCKS[0], 0, TAPPING_PRACTICE_MS, "practice"),
    ...BLOCKS.flatMap((hand, at) => taps(hand, at + 1, TAPPING_MS, "test"))];
}

/** @param {string} hand @param {number} block @param {number} durationMs @param {"practice" | "test"} phase */
function taps(hand, block, durationMs, phase) {
  /** @type {number[]} */
  const times = [];
  let beganMs = 0;
  const screen = typing((key) => {
    if (key === SPACE) times.push(performance.now() - beganMs);
  }, (row) => { row.taps = times; });
  const {hands, stop} = words.finger_tapping;
  return [instructions("", [phase === "practice" ? words.practice : words.test, hands[hand]]), {
    ...screen, trial_duration: durationMs, stimulus: `<div class="big">${words.finger_tapping.tap}</div>${pads([SPACE])}`,
    data: {trial_id: "response", phase, hand, block},
    on_load: () => { beganMs = performance.now(); screen.on_load(); },
  }, pause(stop, DIGIT_MS, "end")];
}

// @ts-check
// One task: run by jsPsych in a frame that has no rights of this origin, and handed to the page around it as it was logged.
import {goNoGo, nBack} from "./control.js";
import {digitSpan, tapping} from "./hands.js";
import {flanker, stroop} from "./interference.js";
import {simpleReaction, vigilance} from "./reaction.js";
import {browserCheck, instructions} from "./trials.js";
import {words} from "./words.js";

const TASKS = {
  simple_reaction: simpleReaction, pvt_brief: vigilance, flanker, stroop, n_back: nBack, go_no_go: goNoGo, digit_span: digitSpan, finger_tapping: tapping,
};
/** Values of two versions of a task are not compared: it moves with stimuli, lengths and times. */
const VERSION = "1-medilens";
/** While these are read, nothing is lost with the focus. */
const BEFORE = ["intro", "instructions"];
const NARROW_PX = 320;
const FEATURES = ["width", "height", "browser_version", "mobile", "os", "vsync_rate"];

const task = new URLSearchParams(location.search).get("task") ?? "";
if (Object.hasOwn(TASKS, task)) begin();

function begin() {
  let losses = 0;
  let input = "keyboard";
  const jsPsych = /** @type {any} */ (globalThis).initJsPsych({
    display_element: "task",
    on_interaction_data_update: (/** @type {{event: string}} */ {event}) => { losses += Number(event === "blur"); },
    on_trial_finish: (/** @type {any} */ row) => {
      const counts = !BEFORE.includes(row.trial_id);
      Object.assign(row, {focus_shifts: counts ? losses : 0, full_screen: Boolean(document.fullscreenElement), input_kind: input});
      losses = 0;
    },
    on_finish: () => parent.postMessage({task, rows: rows(jsPsych)}, location.origin),
  });
  jsPsych.data.addProperties({task, task_version: VERSION, jspsych_version: jsPsych.version()});
  addEventListener("pointerdown", (event) => {
    const {key} = /** @type {HTMLElement} */ (event.target).dataset;
    if (!key) return;
    event.preventDefault();
    input = event.pointerType;
    jsPsych.pluginAPI.keyDown(key);
    jsPsych.pluginAPI.keyUp(key);
  });
  document.documentElement.classList.toggle("keys-only", !matchMedia("(any-pointer: coarse)").matches);
  jsPsych.run([check(), fullScreen(), ...TASKS[task](jsPsych)]);
}

/** What the display is; the log says how often it is drawn. */
function check() {
  return {type: browserCheck, features: FEATURES, minimum_width: NARROW_PX, data: {trial_id: "intro", user_agent: navigator.userAgent}};
}

/** The whole screen, where the browser allows it; the log says on each row whether it was so. */
function fullScreen() {
  const {title} = words[task];
  return {...instructions(title, [words.whole]), on_finish: () => document.documentElement.requestFullscreen?.().catch(() => {})};
}

/** The log: no words of items leave, and each tap is a row of its own. @param {any} jsPsych */
function rows(jsPsych) {
  return jsPsych.data.get().values().flatMap((/** @type {any} */ {stimulus, taps, ...row}) => (taps
    ? taps.map((/** @type {number} */ at) => ({...row, tap_time: at})) : [row]));
}

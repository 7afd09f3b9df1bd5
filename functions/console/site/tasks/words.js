// @ts-check
// Every word of the tasks. Another language is a module of the same shape.

const SPACE = "the space bar";

export const words = {
  begin: "Press the space bar to begin.", practice: "A few for practice first.", test: "Now it counts. Answer as fast as you can without mistakes.",
  again: "That was not clear yet. Here is the practice once more.", right: "right", wrong: "wrong", late: "too late", early: "too soon", done: "Done. The log is being sent.",
  whole: "The task takes the whole screen; Escape leaves it. Stay in it until it says that it is done.", pad: {" ": "Press", Enter: "Done", Backspace: "Undo"},
  keys: {f: "F", j: "J", d: "D", k: "K"},
  simple_reaction: {title: "Simple reaction", how: `When the blue disc appears, press ${SPACE} as fast as you can.`},
  pvt_brief: {title: "Vigilance, three minutes", how: `Watch the middle. When a number begins to run, press ${SPACE} at once. It takes three minutes.`},
  flanker: {title: "Arrows", how: "Five arrows appear. Look at the middle one alone: press F where it points left, J where it points right."},
  stroop: {title: "Ink", how: "A word appears in color. What it says does not count. Press the key of its ink: D red, F green, J blue, K black."},
  inks: {red: "RED", green: "GREEN", blue: "BLUE", black: "BLACK"},
  n_back: {title: "Two back", how: "Letters appear one by one. Press J where a letter is the same as two letters before, F where it is not."},
  go_no_go: {title: "Go and hold", how: `Press ${SPACE} at a blue disc as fast as you can. Do nothing at a red square.`},
  digit_span: {title: "Digits", how: "Digits appear one by one. Then type them in the same order and press Enter.", backward: "Now type them in the reverse order: the last digit first.", type: "Type the digits, then press Enter."},
  finger_tapping: {title: "Tapping", how: `Press ${SPACE} with one finger as fast as you can until it says stop. It takes ten seconds, four times.`,
    hands: {right: "Use the index finger of your right hand.", left: "Use the index finger of your left hand."}, tap: "Tap", stop: "Stop."},
};

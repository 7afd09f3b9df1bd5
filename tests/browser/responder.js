// Does the tasks as a person would, who is never wrong: sees what is shown, and presses a key a while later.
// It runs in the frame of a task, before the page does. Time stands still there but for what waits for it: the next timer
// is always due, so minutes pass in a moment, and in every run alike.
if (location.pathname.endsWith("/tasks/index.html")) {
  const {setTimeout: wait, clearTimeout: cancel} = globalThis;
  const waiting = new Map();
  let nowMs = 0;
  let made = 0;
  performance.now = () => nowMs;
  globalThis.setTimeout = (run, ms = 0) => {
    made += 1;
    waiting.set(made, {atMs: nowMs + ms, run});
    return made;
  };
  globalThis.clearTimeout = (timer) => waiting.delete(timer);
  globalThis.requestAnimationFrame = (run) => setTimeout(() => run(nowMs), 1000 / 60);
  globalThis.cancelAnimationFrame = clearTimeout;
  const {port1: due, port2: clock} = new MessageChannel();
  due.onmessage = () => {
    const [timer, next] = [...waiting].reduce((first, other) => (other[1].atMs < first[1].atMs ? other : first), [0, {atMs: Infinity}]);
    if (timer) {
      waiting.delete(timer);
      nowMs = next.atMs;
      next.run();
    }
    clock.postMessage("");
  };
  // The browser gives the frame the focus, takes it and gives it again within milliseconds, long before a person begins.
  const SETTLED_MS = 250;
  let beginning = 0;
  const begin = () => {
    removeEventListener("focus", settle);
    clock.postMessage("");
  };
  const settle = () => {
    cancel(beginning);
    beginning = wait(begin, SETTLED_MS);
  };
  addEventListener("focus", settle);

  const INKS = {red: "d", green: "f", blue: "j", black: "k"};
  const LONGEST_SPAN = 5;
  // The screen at which a reaction comes before its stimulus.
  const EARLY = 40;
  const letters = [];
  const digits = [];
  let isReversed = false;
  let count = 0;

  const press = (key, afterMs, screen = undefined) => setTimeout(() => {
    if (screen && !screen.isConnected) return;
    for (const kind of ["keydown", "keyup"]) document.querySelector("#task").dispatchEvent(new KeyboardEvent(kind, {key, bubbles: true}));
  }, afterMs);
  // Times that differ, and are the same in every run.
  const later = (fromMs) => fromMs + (count * 37) % 120;

  const answer = (screen) => {
    const text = screen.textContent;
    const shown = screen.querySelector(".big")?.textContent ?? "";
    count += 1;
    if (/(same|reverse) order/.test(text)) isReversed = text.includes("reverse order");
    if (text.includes("space bar to begin")) return press(" ", 300);
    if (screen.querySelector(".arrows")) return press(shown[2] === "←" ? "f" : "j", later(shown[1] === shown[2] ? 380 : 430));
    const ink = Object.keys(INKS).find((name) => screen.querySelector(`.big.${name}`));
    if (ink) return press(INKS[ink], later(520));
    if (screen.querySelector(".disc.go, #count")) return press(" ", later(260));
    if (shown === "+" && screen.querySelector("[data-key]") && count === EARLY) return press(" ", 200);
    if (shown === "Tap") return Array.from({length: 50}, (_, at) => press(" ", at * 180 + (at * 37) % 40, screen));
    if (screen.querySelector("#typed")) return type();
    if (/^[A-Z]$/.test(shown)) letters.push(shown);
    if (/^[A-Z]$/.test(shown) && screen.querySelector("[data-key]")) press(letters.at(-1) === letters.at(-3) ? "j" : "f", later(480));
    if (/^\d$/.test(shown)) digits.push(shown);
    return undefined;
  };

  const type = () => {
    const seen = digits.splice(0);
    const typed = seen.length > LONGEST_SPAN ? [] : isReversed ? seen.reverse() : seen;
    typed.forEach((digit, at) => press(digit, 200 * (at + 1)));
    press("Enter", 200 * (typed.length + 2));
  };

  const known = new WeakSet();
  const look = () => {
    const screen = document.querySelector("#jspsych-content > #jspsych-html-keyboard-response-stimulus");
    if (!screen || known.has(screen)) return;
    known.add(screen);
    answer(screen);
  };
  new MutationObserver(look).observe(document, {childList: true, subtree: true});
}

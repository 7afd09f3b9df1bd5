// @ts-check
// Passes on what a microphone hears, unchanged: float samples of one channel, a block at a time.
// It runs in the browser's audio thread, where AudioWorkletProcessor and registerProcessor are.

class Tap extends AudioWorkletProcessor {
  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    const block = inputs[0]?.[0];
    if (block) this.port.postMessage(block.slice());
    return true;
  }
}

registerProcessor("tap", Tap);

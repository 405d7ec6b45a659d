/* How large and how good the pictures are that go up the line: as good as it carries with ease, changed rarely. */

/** From the smallest to the best: width in pixels, quality of the JPEG. */
const STEPS = [
  { width: 320, quality: 0.5 },
  { width: 480, quality: 0.55 },
  { width: 640, quality: 0.6 },
  { width: 960, quality: 0.7 },
  { width: 1280, quality: 0.75 },
  { width: 1280, quality: 0.85 },
];
const FIRST_STEP = 3;
const SLOW_MS = 160; // a picture that takes longer than this to pack and to carry is too large
const EASY_MS = 60; // one that takes less could be larger
const DOWN_COUNT = 6; // so many pictures decide that it is too slow,
const DOWN_MS = 1000; // no sooner than this after the last change,
const UP_MS = 4000; // and so long must all be easy before the next better step is tried.
const MOST_UP_MS = 64000; // a step that was too much is tried again after ever longer times, up to this
const TRIED_MS = 10000; // a step up that lasts this long was right

class Pace {
  constructor() {
    this.step = FIRST_STEP;
    this.costs = [];
    this.changedMs = null;
    this.upMs = UP_MS;
    this.roseMs = -Infinity;
  }

  get width() {
    return STEPS[this.step].width;
  }

  get quality() {
    return STEPS[this.step].quality;
  }

  /** A picture took ``costMs`` to pack and to carry, without what the way takes in any case; true if the step changed. */
  note(costMs, nowMs) {
    this.changedMs ??= nowMs;
    this.costs.push({ costMs, nowMs });
    while (nowMs - this.costs[0].nowMs > MOST_UP_MS) this.costs.shift();
    const median = (some) => some.map((one) => one.costMs).sort((a, b) => a - b)[some.length >> 1];
    if (nowMs - this.roseMs > TRIED_MS && this.roseMs > -Infinity) [this.roseMs, this.upMs] = [-Infinity, UP_MS];
    const sinceMs = nowMs - this.changedMs;
    const last = this.costs.slice(-DOWN_COUNT);
    if (this.step > 0 && last.length === DOWN_COUNT && sinceMs >= DOWN_MS && median(last) > SLOW_MS) {
      if (this.roseMs > -Infinity) this.upMs = Math.min(this.upMs * 2, MOST_UP_MS);
      this.roseMs = -Infinity;
      return this.change(-1, nowMs);
    }
    if (this.step < STEPS.length - 1 && sinceMs >= this.upMs && median(this.costs) < EASY_MS && median(last) < EASY_MS) {
      this.roseMs = nowMs;
      return this.change(1, nowMs);
    }
    return false;
  }

  change(by, nowMs) {
    this.step += by;
    this.changedMs = nowMs;
    this.costs = [];
    return true;
  }
}

/* The playback bar: play and pause, the place in the file, speed, loop; by mouse and by keyboard.
 *
 * A command shows at once and is a wish until the status message confirms it; one that is not confirmed in time is
 * forgotten, and the bar shows again what is.
 */

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const WISH_MS = 6000; // how long an unconfirmed command is shown
const NUDGE_S = 5; // what an arrow key jumps
const GATHER_MS = 300; // arrow keys that follow each other this fast are one jump
const AHEAD_S = 1.5; // how far beyond the last message the place is reckoned
const SLOW_SHARE = 0.9; // of the chosen speed: below this the machine is too slow
const SLOW_MS = 2000;
const MOVE_MS = 100; // between two steps of the bar, each with a picture: one frame of the browser for both
const ALONE_MS = 200; // without a picture for this long it moves by itself

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return whole < 3600 ? `${minutes}:${pad(whole % 60)}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
};
const times = (speed) => `${Number(speed.toFixed(SPEEDS.includes(speed) || speed < 0.1 ? 2 : 1))}\u00d7`;

/** What was asked for and is not confirmed yet. */
class Wishes {
  constructor() {
    this.known = new Map();
  }

  ask(name, value) {
    this.known.set(name, { value, madeMs: performance.now() });
  }

  /** The wish if it still stands, else what the engine ``told``; ``isMet(wish, told)`` says whether they agree. */
  get(name, told, isMet = ({ value }) => value === told) {
    const wish = this.known.get(name);
    if (!wish) return told;
    if (performance.now() - wish.madeMs < WISH_MS && !isMet(wish)) return wish.value;
    this.known.delete(name);
    return told;
  }

  has(name) {
    const wish = this.known.get(name);
    return Boolean(wish) && performance.now() - wish.madeMs < WISH_MS;
  }

  forget(name) {
    this.known.delete(name);
  }

  clear() {
    this.known.clear();
  }
}

/** The bar. ``onCommand(name, value)`` sends pause, seek, speed, loop, again or motion to the page. */
class Player {
  constructor(root, { onCommand, onChange }) {
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { onCommand, onChange });
    this.root = root.querySelector(".hs");
    this.nodes = {
      play: find(".play"), seek: find(".seek"), range: find(".seek input"), bubble: find(".bubble"),
      elapsed: find(".time b"), total: find(".time span"), speed: find(".speed"), loop: find(".loop"), slow: find("[data-testid=live-slow]"),
    };
    this.wishes = new Wishes();
    this.status = null;
    this.can = false;
    this.dragging = false;
    this.shownS = 0;
    this.okMs = performance.now(); // when it last played as fast as it should, or something changed that takes time
    const { play, range, speed, loop, seek } = this.nodes;
    speed.append(...SPEEDS.map((value) => this.option(value)));
    play.onclick = () => this.toggle();
    loop.onclick = () => this.command("loop", !this.isLooping());
    speed.onchange = () => this.command("speed", Number(speed.value));
    range.onpointerdown = () => (this.dragging = true);
    range.oninput = () => this.drag();
    range.onchange = () => this.drop(true);
    for (const end of ["onpointerup", "onpointercancel", "onblur"]) range[end] = () => setTimeout(() => this.drop(false));
    seek.onpointermove = (event) => this.point(event);
    seek.onpointerleave = () => (this.nodes.bubble.hidden = true);
    this.movedMs = 0;
    this.timer = setInterval(() => document.visibilityState === "visible" && this.follow(ALONE_MS), MOVE_MS);
  }

  option(value) {
    const made = element("option", "", `${value}\u00d7`);
    made.value = value;
    return made;
  }

  /** Which commands the page takes: null, or {again, motion}. */
  allow(actions) {
    this.can = Boolean(actions);
    this.canAgain = Boolean(actions?.again);
    this.canMotion = Boolean(actions?.motion);
    this.draw();
  }

  reset() {
    this.status = null;
    this.wishes.clear();
    this.draw();
  }

  update(status) {
    if (status.state !== this.status?.state) {
      this.okMs = performance.now();
      this.wishes.forget("again");
    }
    this.status = status;
    this.draw();
  }

  // What is shown

  isPaused() {
    return this.wishes.get("pause", Boolean(this.status?.paused));
  }

  isLooping() {
    return this.wishes.get("loop", Boolean(this.status?.loop));
  }

  speed() {
    return this.wishes.get("speed", this.status?.target_speed ?? 1);
  }

  isEnded() {
    return this.status?.state === "ended" && !this.wishes.has("seek") && !this.wishes.has("again");
  }

  isGone() {
    return !this.status || this.status.state === "failed" || this.status.state === "stopped";
  }

  /** Is it known to be a video, with a place and a speed? Before the first picture it may turn out to be a camera. */
  isFile() {
    return Boolean(this.status?.label) && !this.status.live && !this.status.picture;
  }

  hasEnd() {
    return Boolean(this.status?.duration_s);
  }

  isSeekable() {
    return this.can && this.hasEnd() && this.status.seekable !== false && !this.isGone();
  }

  /** The place in the file now, in seconds: told five times a second, and reckoned on from there. */
  place() {
    const { status } = this;
    if (!status) return 0;
    const wished = this.wishes.get("seek", null, ({ value, madeMs }) => {
      const gone = ((status.heardMs - madeMs) / 1000) * Math.max(1, this.speed());
      return status.heardMs > madeMs && status.position_s > value - 1.5 && status.position_s < value + 1.5 + gone;
    });
    if (wished !== null) return wished;
    if (status.state === "ended" && status.duration_s) return status.duration_s;
    const moves = status.state === "live" && status.engine === "running" && !this.isPaused();
    const rate = moves ? Math.min(status.speed ?? 1, 2 * this.speed()) : 0;
    const ahead = Math.min(AHEAD_S, (performance.now() - status.heardMs) / 1000) * rate;
    const place = Math.min(status.position_s + ahead, status.duration_s ?? Infinity);
    const back = this.shownS - place;
    return back > 0 && back < 0.5 * Math.max(1, rate) ? this.shownS : place; // reckoned a little too far: wait there
  }

  /** Everything but the place. */
  draw() {
    const { nodes, status, can } = this;
    const paused = this.isPaused();
    const ended = this.isEnded();
    const doing = ended ? (status.picture ? "Analyse again" : "Play again") : paused ? "Resume" : "Pause";
    nodes.play.hidden = !can;
    nodes.play.disabled = this.isGone();
    nodes.play.dataset.mode = ended ? "ended" : paused ? "paused" : "playing";
    nodes.play.setAttribute("aria-label", doing);
    nodes.play.title = `${doing} (k)`;
    nodes.seek.hidden = !this.isSeekable();
    nodes.speed.hidden = !can || !this.isFile() || this.isGone();
    const speed = this.speed();
    if (![...nodes.speed.options].some((option) => Number(option.value) === speed)) nodes.speed.append(this.option(speed));
    if (nodes.speed.value !== String(speed)) nodes.speed.value = String(speed);
    nodes.loop.hidden = !can || !this.isFile() || !this.hasEnd() || this.isGone();
    nodes.loop.setAttribute("aria-checked", String(this.isLooping()));
    nodes.loop.title = this.isLooping() ? "Loop is on: it begins again at its end" : "Loop is off: it stops at its end";
    this.move();
  }

  /** A picture has been painted: move with it. */
  follow(gapMs = MOVE_MS) {
    if (performance.now() - this.movedMs >= gapMs) this.move();
  }

  move() {
    this.movedMs = performance.now();
    const { nodes, status } = this;
    if (!this.isFile()) {
      setText(nodes.elapsed, "");
      setText(nodes.total, "");
      return;
    }
    if (!this.dragging) this.shownS = this.place();
    const total = status.duration_s;
    setText(nodes.elapsed, clock(this.dragging ? this.draggedS : this.shownS));
    setText(nodes.total, total ? ` / ${clock(total)}` : "");
    if (nodes.seek.hidden || this.dragging) return;
    const share = Math.min(1, this.shownS / total);
    // A repaint for less than half a pixel is one for nothing.
    if (Math.abs(share - this.drawnShare) * nodes.range.clientWidth < 0.5 && nodes.range.max === String(total)) return;
    nodes.range.max = total;
    nodes.range.value = this.shownS;
    this.fill(share);
  }

  fill(share) {
    this.drawnShare = share;
    this.nodes.range.style.setProperty("--at", share);
    const { range } = this.nodes;
    range.setAttribute("aria-valuetext", `${clock(share * range.max)} of ${clock(Number(range.max))}`);
  }

  /** How slow it plays, if for more than two seconds too slow: {speed, target}; null otherwise. */
  slowness() {
    const { status } = this;
    const target = this.speed();
    const now = performance.now();
    const counts = status && !status.live && status.state === "live" && status.speed !== null && !this.isPaused();
    if (!counts || this.wishes.has("speed") || this.wishes.has("seek") || status.speed >= SLOW_SHARE * target) this.okMs = now;
    return now - this.okMs > SLOW_MS ? { speed: status.speed, target } : null;
  }

  // What people do

  command(name, value) {
    if (!this.can) return;
    this.okMs = performance.now();
    this.wishes.ask(name, value);
    this.onCommand(name, value);
    this.draw();
    this.onChange();
  }

  toggle() {
    if (this.isEnded()) this.again();
    else if (!this.isGone()) this.command("pause", !this.isPaused());
  }

  /** Play an ended file, or open a camera that has failed or is lost, once more. */
  again() {
    if (this.canAgain) this.command("again", Date.now());
    else this.seek(0);
  }

  /** Watch the same source without the model that has failed. */
  motion() {
    if (this.canMotion) this.command("motion", Date.now());
  }

  seek(seconds) {
    if (!this.isSeekable()) return;
    this.shownS = seconds;
    this.command("seek", seconds);
  }

  nudge(seconds) {
    if (!this.isSeekable()) return;
    this.jumpTo(this.place() + seconds);
  }

  /** Show a place at once, and ask for it when no further key follows. */
  jumpTo(seconds) {
    if (!this.isSeekable()) return;
    const target = Math.min(Math.max(0, seconds), Math.max(0, this.status.duration_s - 0.5));
    this.wishes.ask("seek", target);
    this.move();
    clearTimeout(this.jump);
    this.jump = setTimeout(() => this.seek(target), GATHER_MS);
  }

  drag() {
    const { range } = this.nodes;
    this.dragging = true;
    this.draggedS = Number(range.value);
    this.fill(this.draggedS / Number(range.max));
    this.move();
  }

  drop(moved) {
    if (!this.dragging) return;
    this.dragging = false;
    if (moved) this.seek(Number(this.nodes.range.value));
  }

  /** The time under the pointer. */
  point(event) {
    const { range, bubble } = this.nodes;
    const { left, width } = range.getBoundingClientRect();
    const thumb = 7; // half of its width: its middle goes from there to there
    const share = Math.min(1, Math.max(0, (event.clientX - left - thumb) / (width - 2 * thumb)));
    bubble.hidden = false;
    setText(bubble, clock(share * (this.status?.duration_s ?? 0)));
    bubble.style.left = `${Math.min(Math.max(event.clientX - left, 22), width - 22)}px`;
  }

  /** Keys while the component has the focus; true if one was meant for the player. */
  press(key, target) {
    const inList = target.matches("select, summary");
    if (key === "k" || (key === " " && !inList && !target.matches("button"))) this.toggle();
    else if (inList) return false;
    else if (key === "ArrowLeft") this.nudge(-NUDGE_S);
    else if (key === "ArrowRight") this.nudge(NUDGE_S);
    else if (key === "Home") this.jumpTo(0);
    else if (key === "End") this.jumpTo(Infinity);
    else return false;
    return this.can;
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.jump);
  }
}

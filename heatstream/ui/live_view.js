/* The live picture and the key figures of one camera: what is shown when.
 *
 * One view serves from rerun to rerun, so that slider moves never touch the socket. A picture is decoded off the main
 * thread, painted, and then acknowledged; the server has a few at most on their way, and the newest one comes next.
 *
 * Line, Picture, Figures, Player, describe and mounting come from the files beside this one, which are joined in front
 * of it.
 */

const IDLE_MS = 2500; // after this long without a hand on mouse or keys, a full screen shows nothing but the picture
const TOAST_MS = 4000;
const RESIZED_MS = 200; // a width is told when it has stayed for this long
const FIGURES_MS = 150; // between two changes of the figures: each has the page laid out anew
const QUIET_MS = 500; // without a further change for so long, the page runs to show what has changed
const UNQUIET_MS = 3000; // or after so long in any case: while controls are moved, each run costs the picture some frames
const ANSWER_MS = 4000; // for how long a run is waited for before it is asked for again, twice as long each time
const LONGEST_ANSWER_MS = 60_000; // with many tabs on a small machine it takes its time, and asking again begins it anew

/** A file's name for a picture of ``label`` taken now: what it is of, and when. */
function snapshotName(label, type) {
  const plain = label.replace(/^[a-z]+:\/\//i, "").replace(/\.[a-z0-9]{2,4}$/i, "");
  const slug = plain.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  const now = new Date();
  const parts = [now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()];
  const time = [now.getFullYear(), ...parts.map((part) => String(part).padStart(2, "0"))].join("-");
  return `${slug.slice(0, 60).toLowerCase() || "camera"}-${time}.${type}`;
}

/** Everything of one mounted component. */
class LiveView {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.root = root.querySelector(".hs");
    this.nodes = {
      stage: find(".stage"),
      pill: find(".pill span"),
      note: find(".note"),
      title: find(".note strong"),
      detail: find(".note p"),
      button: find(".note .do"),
      motion: find(".note .motion"),
      toast: find(".toast"),
      said: find(".said"),
      full: find(".full"),
      snap: find(".snap"),
      slow: find("[data-testid=live-slow]"),
      shown: find("[data-stat=shown]"),
      dropped: find("[data-stat=dropped]"),
      damaged: find("[data-stat=damaged]"),
      stats: find(".stats dl"),
    };
    this.status = null;
    this.calm();
    this.figuring = null;
    this.figuredMs = 0;
    this.label = "";
    this.figures = new Figures(root);
    this.picture = new Picture(find("canvas"), {
      onPainted: (header) => this.onPainted(header),
      onShaped: (aspect) => {
        this.root.style.setProperty("--aspect", aspect.toFixed(4));
        this.line.resize();
      },
    });
    this.player = new Player(root, { onCommand: (name, value) => this.send?.(name, value), onChange: () => this.say() });
    this.line = new Line({
      onPicture: (buffer, socket) => this.picture.take(buffer, socket),
      onStatus: (status) => this.onStatus(status),
      onChange: () => this.say(),
      onExpired: () => this.send?.("renew", Date.now()),
      onGone: () => this.runPage(),
      shownPx: () => this.picture.shownPx(),
    });
    this.resized = new ResizeObserver(() => {
      clearTimeout(this.resizing);
      this.resizing = setTimeout(() => this.line.resize(), RESIZED_MS);
    });
    this.resized.observe(this.picture.canvas);
    this.nodes.button.onclick = () => this.act();
    this.nodes.motion.onclick = () => this.player.motion();
    this.nodes.snap.onclick = () => this.save();
    this.nodes.full.hidden = !document.fullscreenEnabled;
    this.nodes.full.onclick = () => this.toggleFull();
    this.picture.canvas.ondblclick = () => this.toggleFull();
    this.root.onkeydown = (event) => this.press(event);
    this.root.onpointermove = this.root.onpointerdown = () => this.stir();
    this.onFull = () => this.drawFull();
    document.addEventListener("fullscreenchange", this.onFull);
    this.timer = setInterval(() => this.measure(), 1000);
    this.say();
  }

  use({ camera, ticket, zones, label, actions, mark }, { setTriggerValue }) {
    if (camera !== this.line.camera) {
      this.status = null;
      this.root.classList.remove("has-picture");
      this.picture.canvas.dataset.camera = camera;
      this.player.reset();
    }
    this.label = label;
    if (mark !== this.mark) this.calm();
    this.mark = mark;
    this.nodes.stage.setAttribute("aria-label", `Player of ${label || "the camera"}`);
    this.picture.canvas.setAttribute("aria-label", `Live picture of ${label || "the camera"}`);
    this.figures.setZones(zones);
    this.send = setTriggerValue;
    this.player.allow(actions);
    this.line.use(camera, ticket);
  }

  onPainted(header) {
    this.root.classList.add("has-picture");
    this.newest = header;
    this.player.follow();
    const dueMs = this.figuredMs + FIGURES_MS - performance.now();
    if (dueMs <= 0) this.figure(); // in one frame of the browser with the picture
    else this.figuring ??= setTimeout(() => this.figure(), FIGURES_MS); // those of the last picture, if none follows
  }

  figure() {
    clearTimeout(this.figuring);
    this.figuring = null;
    this.figuredMs = performance.now();
    this.figures.update(this.newest.tallies, this.newest.present);
  }

  onStatus(status) {
    status.heardMs = performance.now();
    this.status = status;
    this.figures.setZones(status.zones); // another tab may have drawn some since this page ran
    const known = status.index > 0 || this.root.classList.contains("has-picture");
    if (known && !this.picture.isMoving()) this.figures.update(status.tallies, status.present);
    this.player.update(status);
    this.compare(status.mark);
    this.say();
  }

  /** Has another tab, or the camera itself, changed what the page shows around this? Then have the page run, in a while. */
  compare(mark) {
    if (!mark || !this.mark || mark === this.mark) return this.calm();
    const now = performance.now();
    if (mark === this.newMark || now < this.answerMs) return;
    if (!this.running) this.changedMs = now;
    this.newMark = mark;
    clearTimeout(this.running);
    this.running = setTimeout(() => this.runPage(), Math.min(QUIET_MS, this.changedMs + UNQUIET_MS - now));
  }

  /** Nothing has changed, or the page has just run for it. */
  calm() {
    clearTimeout(this.running);
    this.newMark = this.running = null;
    this.answerMs = 0;
    this.patienceMs = ANSWER_MS;
  }

  runPage() {
    clearTimeout(this.running);
    this.newMark = this.running = null;
    this.answerMs = performance.now() + this.patienceMs;
    this.patienceMs = Math.min(2 * this.patienceMs, LONGEST_ANSWER_MS);
    this.send?.("changed", Date.now());
  }

  // What is said

  /** What to say now, with what was asked for and is about to be. */
  words() {
    const { status, player } = this;
    const paused = player.isPaused();
    const asked = this.line.state === "open" && (status?.state === "live" || status?.state === "paused") && paused !== (status.state === "paused");
    const words = describe(this.line, asked ? { ...status, state: paused ? "paused" : "live" } : status);
    const slow = words.tone === "good" ? player.slowness() : null;
    if (slow) return { ...words, tone: "slow", title: `${words.title} at ${times(slow.speed)}`, slow };
    return words;
  }

  /** Show the state; tell a screen reader when it changes. */
  say() {
    const { nodes, player } = this;
    const { tone, title, headline, detail, button, motion, slow } = this.words();
    const plain = title.split(" at ")[0];
    this.root.dataset.tone = tone;
    this.root.dataset.title = plain;
    this.picture.canvas.dataset.state = plain;
    setText(nodes.pill, title);
    setText(nodes.title, headline);
    setText(nodes.detail, detail.replaceAll("`", "")); // marks of code, which the pages in Markdown would show
    nodes.detail.hidden = !detail;
    // A picture that is as it should be speaks for itself; whoever pauses wants to read all of it.
    const quiet = tone === "good" || tone === "slow" || title === "Paused";
    nodes.note.hidden = quiet && this.root.classList.contains("has-picture");
    if (quiet && !this.root.classList.contains("has-picture")) setText(nodes.title, "Waiting for the first picture\u2026");
    const can = button === "Play again" ? player.can : button && (this.line.state === "waiting" || player.canAgain);
    nodes.button.hidden = !can;
    if (can) setText(nodes.button, button);
    nodes.motion.hidden = !(motion && player.canMotion);
    const saves = this.status?.picture ? "Save the picture (PNG)" : "Save a snapshot";
    nodes.snap.title = saves;
    nodes.snap.setAttribute("aria-label", saves);
    nodes.slow.hidden = !slow;
    if (slow) {
      const instead = slow.target === 1 ? "this machine cannot go faster." : `this machine cannot do ${times(slow.target)}.`;
      setText(nodes.slow, `Plays at ${times(slow.speed)}: ${instead}`);
    }
    if (this.said !== plain + headline.replace(/\d+/g, "")) {
      this.said = plain + headline.replace(/\d+/g, "");
      setText(nodes.said, `${plain}. ${headline === plain ? "" : headline} ${detail}`.replace(/ +/g, " ").trim());
    }
  }

  /** Rates and counts of trouble, once a second. */
  measure() {
    const { nodes, status } = this;
    const rate = this.picture.rate();
    this.picture.canvas.dataset.fps = rate.toFixed(1);
    const fps = (value) => `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} fps`;
    setText(nodes.shown, fps(rate));
    const count = (name, text) => {
      nodes[name].hidden = !(status?.[name] > 0);
      if (!nodes[name].hidden) setText(nodes[name], `${NUMBER.format(status[name])} ${status[name] === 1 ? "frame" : "frames"} ${text}`);
    };
    count("dropped", "dropped");
    count("damaged", "damaged");
    const delay = this.picture.isMoving() ? `${NUMBER.format(Math.max(0, Math.round(median(this.picture.delays))))} ms` : null;
    const figures = {
      processed: ["Analysed", status ? fps(status.processed_hz) : null],
      delay: ["From camera to screen", delay],
      speed: ["Speed", typeof status?.speed === "number" ? times(status.speed) : null],
      skipped: ["Not shown here", status?.skipped > 0 ? NUMBER.format(status.skipped) : null],
      model: ["Model", status?.model || null],
    };
    this.table ??= {};
    for (const [name, [label, text]] of Object.entries(figures)) {
      if (!this.table[name]) {
        this.table[name] = element("div");
        this.table[name].dataset.stat = name;
        this.table[name].append(element("dt", "", label), element("dd"));
        nodes.stats.append(this.table[name]);
      }
      this.table[name].hidden = text === null;
      if (text !== null) setText(this.table[name].lastChild, text);
    }
    this.say();
  }

  toast(text) {
    const { toast, said } = this.nodes;
    setText(toast, text);
    setText(said, text);
    toast.hidden = false;
    clearTimeout(this.toasted);
    this.toasted = setTimeout(() => (toast.hidden = true), TOAST_MS);
  }

  // What people do

  act() {
    if (this.line.state === "waiting") this.line.connect();
    else this.player.again();
    this.nodes.stage.focus({ preventScroll: true }); // the button goes, and the keys are to go on
  }

  press(event) {
    this.stir();
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const [target] = event.composedPath();
    let taken = this.player.press(event.key, target);
    if (!taken && ((event.key === "f" && !target.matches("select")) || (event.key === "Escape" && this.isFull()))) {
      this.toggleFull();
      taken = true;
    }
    if (!taken) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Download the picture with its legend and the time burned in; of a source that is a picture, that one as PNG. */
  async save() {
    const { snap } = this.nodes;
    snap.disabled = true;
    try {
      const answer = await fetch(this.line.snapshotPath(this.status?.picture ? "png" : "jpg"), { cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (!answer.ok) throw new Error((await answer.text()).trim());
      const link = element("a");
      link.href = URL.createObjectURL(await answer.blob());
      link.download = snapshotName(this.label, this.status?.picture ? "png" : "jpg");
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      this.toast(`Saved ${link.download}`);
    } catch (error) {
      const why = error instanceof TypeError || error.name === "TimeoutError" ? "The server does not answer." : error.message;
      this.toast(`No snapshot. ${why}`);
    }
    snap.disabled = false;
  }

  isFull() {
    return this.root.getRootNode().fullscreenElement === this.root;
  }

  toggleFull() {
    if (this.isFull()) document.exitFullscreen();
    else if (document.fullscreenEnabled) this.root.requestFullscreen();
  }

  drawFull() {
    const full = this.isFull();
    this.root.classList.toggle("is-full", full);
    const label = full ? "Leave full screen" : "Full screen";
    this.nodes.full.setAttribute("aria-label", label);
    this.nodes.full.title = `${label} (f)`;
    this.stir();
  }

  /** Someone is there: show the bar, and hide it again after a while on a full screen. */
  stir() {
    this.root.classList.remove("is-idle");
    clearTimeout(this.idle);
    if (this.isFull()) this.idle = setTimeout(() => this.root.classList.add("is-idle"), IDLE_MS);
  }

  close() {
    clearInterval(this.timer);
    clearTimeout(this.idle);
    clearTimeout(this.figuring);
    clearTimeout(this.running);
    clearTimeout(this.toasted);
    document.removeEventListener("fullscreenchange", this.onFull);
    this.resized.disconnect();
    clearTimeout(this.resizing);
    this.player.close();
    this.line.close();
    this.picture.close();
  }
}

export default mounting((root) => new LiveView(root));

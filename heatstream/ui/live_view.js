/* The live picture and the key figures of one camera: what is shown when, and how Streamlit starts and ends it.
 *
 * Streamlit calls the default export again at each rerun, with new data and the same parentElement: what runs is kept
 * by that element, so that reruns and slider moves never touch the socket. A picture is decoded off the main thread,
 * painted, and then acknowledged; the server sends the newest one only after that.
 *
 * Line, Picture and Figures come from the files beside this one, which are joined in front of it.
 */

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  const minutes = `${Math.floor(whole / 60) % 60}:${pad(whole % 60)}`;
  return whole < 3600 ? minutes : `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
};

const ENGINE = {
  starting: ["wait", "Engine starting", "The picture comes as soon as the model is loaded."],
  restarting: ["warn", "Engine restarting", "It stopped and is being started again. Counts are kept."],
  stopped: ["bad", "Engine stopped", "The server is not analysing video at the moment."],
};
const CAMERA = {
  connecting: ["wait", "Connecting", "Opening the source."],
  live: ["good", "Live", ""],
  stalled: ["warn", "Stalled", "No frame has come for a while."],
  reconnecting: ["warn", "Reconnecting", "The source was lost."],
  paused: ["calm", "Paused", "The picture is frozen for everybody."],
  ended: ["calm", "Ended", "The video has come to its end."],
  failed: ["bad", "Failed", "The source cannot be used."],
};

/** What to say: [tone, title, detail]. */
function describe(line, status) {
  if (line.state === "connecting") return ["wait", "Connecting", "Opening the picture."];
  if (line.state === "refused") return ["bad", "No access", line.reason];
  if (line.state === "unknown") return ["calm", "Not running", line.reason];
  if (line.state === "stopped") return ["calm", "Stopped", line.reason || "The camera was stopped."];
  if (line.state === "waiting") {
    const seconds = Math.max(0, Math.ceil((line.retryAtMs - performance.now()) / 1000));
    const when = line.socket || seconds === 0 ? "Trying again now." : `Trying again in ${seconds} s.`;
    return ["bad", "No connection", `${line.reason} ${when}`];
  }
  if (!status) return ["wait", "Connecting", "Waiting for the camera."];
  if (status.engine !== "running" && ENGINE[status.engine]) return ENGINE[status.engine];
  const [tone, title, detail] = CAMERA[status.state] ?? ["wait", status.state, ""];
  // A sentence begins with a capital, but a reason may begin with a file's name or an address.
  const reason = status.reason.replace(/^[a-z]+(?= )/, (word) => word[0].toUpperCase() + word.slice(1));
  return [tone, title, reason || detail];
}

/** Everything of one mounted component. */
class LiveView {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.root = root.querySelector(".hs");
    this.nodes = {
      picture: find(".picture"),
      pill: find(".pill span"),
      note: find(".note"),
      title: find(".note strong"),
      detail: find(".note p"),
      now: find(".note button"),
      said: find(".said"),
      bar: find(".progress i"),
      progress: find(".progress"),
      stats: Object.fromEntries([...root.querySelectorAll("[data-stat]")].map((node) => [node.dataset.stat, node])),
    };
    this.status = null;
    this.figures = new Figures(root);
    this.picture = new Picture(find("canvas"), (header) => this.onPainted(header));
    this.line = new Line({
      onPicture: (buffer, socket) => this.picture.take(buffer, socket),
      onStatus: (status) => this.onStatus(status),
      onChange: () => this.say(),
      onExpired: () => this.renew?.(),
      shownPx: () => this.picture.shownPx(),
    });
    this.resized = new ResizeObserver(() => this.line.resize());
    this.resized.observe(this.picture.canvas);
    this.nodes.now.onclick = () => this.line.connect();
    this.full = () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen());
    const button = find(".full");
    button.hidden = !document.fullscreenEnabled;
    button.onclick = this.full;
    this.picture.canvas.ondblclick = this.full;
    this.timer = setInterval(() => this.measure(), 1000);
    this.say();
  }

  use({ camera, ticket, zones, label }, setTriggerValue) {
    if (camera !== this.line.camera) {
      this.status = null;
      this.picture.canvas.dataset.camera = camera;
    }
    this.picture.canvas.setAttribute("aria-label", `Live picture of ${label || "the camera"}`);
    this.figures.setZones(zones);
    this.renew = () => {
      if (Date.now() - (this.renewedMs ?? 0) < 10000) return;
      this.renewedMs = Date.now();
      setTriggerValue("renew", this.renewedMs);
    };
    this.line.use(camera, ticket);
  }

  onPainted(header) {
    this.root.classList.add("has-picture");
    this.figures.update(header.tallies, header.present);
  }

  onStatus(status) {
    this.status = status;
    this.figures.setZones(status.zones); // another tab may have drawn some since this page ran
    if (!this.picture.isMoving()) this.figures.update(status.tallies, status.present);
    this.say();
  }

  /** Show the state; tell a screen reader when it changes. */
  say() {
    const { nodes } = this;
    const [tone, title, detail] = describe(this.line, this.status);
    this.root.dataset.tone = tone;
    this.root.dataset.title = title;
    this.picture.canvas.dataset.state = title;
    setText(nodes.pill, title);
    setText(nodes.title, title);
    setText(nodes.detail, detail);
    // A picture that is as it should be speaks for itself; whoever pauses wants to read all of it.
    const quiet = tone === "good" || title === "Paused" || title === "Ended";
    nodes.note.hidden = quiet && this.root.classList.contains("has-picture");
    nodes.now.hidden = this.line.state !== "waiting";
    if (this.said !== title) {
      this.said = title;
      setText(nodes.said, `${title}. ${detail}`);
    }
  }

  measure() {
    const { stats } = this.nodes;
    const { status } = this;
    const show = (name, text, mark = "") => {
      stats[name].hidden = text === null;
      if (text !== null) setText(stats[name].querySelector("b"), text);
      stats[name].dataset.mark = mark;
    };
    const rate = this.picture.rate();
    this.picture.canvas.dataset.fps = rate.toFixed(1);
    show("shown", rate.toFixed(rate > 0 && rate < 10 ? 1 : 0));
    stats.shown.title = status ? `${NUMBER.format(status.skipped)} pictures were skipped for this viewer` : "";
    show("processed", status ? status.processed_hz.toFixed(status.processed_hz < 10 ? 1 : 0) : null);
    show("delay", this.picture.isMoving() ? NUMBER.format(Math.max(0, Math.round(median(this.picture.delays)))) : null);
    const speed = status?.speed ?? null;
    const digits = speed !== null && speed < 0.1 ? 2 : 1; // "0.0" would say that it stands still
    show("speed", speed === null ? null : `${speed.toFixed(digits)}\u00d7`, speed !== null && speed < 0.95 ? "slow" : "");
    show("dropped", status ? NUMBER.format(status.dropped) : null, status?.dropped > 0 ? "some" : "");
    show("damaged", status?.damaged > 0 ? NUMBER.format(status.damaged) : null, "some");
    const { position_s: at, duration_s: all } = status ?? {};
    show("position", status ? (all ? `${clock(at)} / ${clock(all)}` : clock(at)) : null);
    this.nodes.progress.hidden = !all;
    if (all) this.nodes.bar.style.transform = `scaleX(${Math.min(1, at / all)})`;
    this.say();
  }

  close() {
    clearInterval(this.timer);
    this.resized.disconnect();
    this.line.close();
    this.picture.close();
  }
}

const views = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let kept = views.get(parentElement);
  if (!kept) {
    kept = { view: new LiveView(parentElement), turn: 0 };
    views.set(parentElement, kept);
  }
  kept.view.use(data, setTriggerValue);
  // Streamlit may call the clean-up of an earlier run that a later one has overtaken: only the last one's counts.
  const turn = ++kept.turn;
  return () => {
    if (turn !== kept.turn) return;
    views.delete(parentElement);
    kept.view.close();
  };
}

/* The line to the server: one WebSocket for each camera that is looked at. */

const WAITS_S = [0.5, 1, 2, 4, 8]; // between attempts to connect; the last one repeats
const RENEWALS_S = [3, 5, 10, 30, 60]; // between requests for a new ticket that have not helped; the last one repeats
const RENEWING_MS = 2500; // a refused ticket is mostly replaced within this time
const LOOK_AGAIN_S = 5; // whether a stopped camera runs again, because another tab has started it
const SILENCE_MS = 6000; // the server speaks each second, so this long without a word means a dead line

/** The WebSocket: connects, notices a dead line, waits longer after each failure, and takes the newest ticket. */
class Line {
  constructor({ onPicture, onStatus, onChange, onExpired, onGone, shownPx }) {
    Object.assign(this, { onPicture, onStatus, onChange, onExpired, onGone, shownPx });
    this.camera = "";
    this.ticket = "";
    this.state = "connecting"; // connecting, open, waiting, refused, unknown, stopped
    this.reason = "";
    this.retryAtMs = 0;
    this.failures = 0;
    this.refusals = 0;
    this.refusedMs = 0;
    this.heardMs = 0;
    this.socket = null;
    this.timer = setInterval(() => this.tick(), 250);
    this.wake = () => document.visibilityState === "visible" && this.state === "waiting" && this.connect();
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
  }

  /** Look at a camera with a ticket; the same camera with another ticket only matters to a line that is down. */
  use(camera, ticket) {
    const changed = camera !== this.camera;
    const renewed = ticket !== this.ticket;
    this.camera = camera;
    this.ticket = ticket;
    if (changed || (renewed && this.state !== "open" && this.state !== "connecting")) {
      this.failures = 0;
      if (changed) this.refusals = 0;
      this.connect();
    }
  }

  path() {
    const width = (this.toldPx = this.shownPx());
    return `/heatstream/ws/${encodeURIComponent(this.camera)}?ticket=${encodeURIComponent(this.ticket)}&width=${width}`;
  }

  snapshotPath(type) {
    return `/heatstream/snapshot/${encodeURIComponent(this.camera)}.${type}?ticket=${encodeURIComponent(this.ticket)}&stamped=1`;
  }

  /** Is a refused ticket so new that the page has had no time to bring another? */
  isRenewing() {
    return this.refusals <= 1 && performance.now() - this.refusedMs < RENEWING_MS;
  }

  isGone() {
    return this.state === "stopped" || this.state === "unknown";
  }

  connect() {
    this.drop();
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path()}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket === this.socket && this.resize(); // for what has changed meanwhile
    this.socket = socket;
    this.heardMs = performance.now();
    if (this.failures === 0 && this.refusals === 0 && !this.isGone()) this.become("connecting");
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      this.heardMs = performance.now();
      this.failures = 0;
      this.refusals = 0;
      this.become("open");
      if (typeof data !== "string") return this.onPicture(data, socket);
      const status = JSON.parse(data);
      if (status.ticket) this.ticket = status.ticket;
      this.onStatus(status);
    };
    socket.onclose = (event) => {
      if (socket !== this.socket) return;
      this.socket = null;
      if (event.code === 4404) this.lookAgain("stopped", event.reason);
      else if (this.state === "open") this.lose("The connection to the server was lost.");
      else this.ask();
    };
  }

  /** Why was the WebSocket refused? Browsers do not tell scripts, but a plain request to the same address does. */
  async ask() {
    const { camera, ticket } = this;
    let answer = null;
    let reason = "The server does not answer.";
    try {
      answer = await fetch(this.path(), { cache: "no-store", signal: AbortSignal.timeout(4000) });
      reason = (await answer.text()).trim();
    } catch {
      answer = null;
    }
    if (camera !== this.camera || this.socket || this.closed) return;
    if (answer?.status === 403) {
      if (ticket === this.ticket) this.refuse(reason);
      else this.connect(); // the page has brought another ticket meanwhile
    } else if (answer?.status === 404) {
      this.lookAgain("unknown", reason);
    } else {
      this.lose(answer?.status === 503 ? reason : "The server does not answer.");
    }
  }

  /** Have the page bring a new ticket, and again later if that one was refused as well. */
  refuse(reason) {
    if (this.refusals === 0) this.refusedMs = performance.now();
    this.retryAtMs = performance.now() + 1000 * RENEWALS_S[Math.min(this.refusals, RENEWALS_S.length - 1)];
    this.refusals += 1;
    this.become("refused", reason);
    if (this.refusals === 1) this.onExpired();
  }

  lookAgain(state, reason) {
    this.retryAtMs = performance.now() + LOOK_AGAIN_S * 1000;
    this.become(state, reason);
    this.onGone();
  }

  /** Tell the server how wide the picture is shown now, so that it sends none larger than that. */
  resize() {
    const width = this.shownPx();
    if (width === this.toldPx || this.socket?.readyState !== WebSocket.OPEN) return;
    this.toldPx = width;
    this.socket.send(JSON.stringify({ width }));
  }

  lose(reason) {
    const wait = WAITS_S[Math.min(this.failures, WAITS_S.length - 1)] * (0.85 + 0.3 * Math.random());
    this.failures += 1;
    this.retryAtMs = performance.now() + wait * 1000;
    this.become("waiting", reason);
  }

  tick() {
    const now = performance.now();
    const due = !this.socket && now >= this.retryAtMs && document.visibilityState === "visible";
    if (this.state === "waiting") {
      if (!this.socket && now >= this.retryAtMs) this.connect();
      this.onChange();
    } else if (this.state === "refused" && due) {
      this.refuse(this.reason);
      this.onExpired();
    } else if (this.isGone() && due) {
      this.retryAtMs = Infinity; // until this attempt has its answer
      this.connect();
    }
    if (this.socket && now - this.heardMs > SILENCE_MS && document.visibilityState === "visible") {
      this.drop();
      this.lose("The server has gone quiet.");
    }
  }

  become(state, reason = "") {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.onChange();
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close();
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.drop();
  }
}

/* The line to the server: one WebSocket for each camera that is looked at. */

const RENEWALS_S = [3, 5, 10, 30, 60]; // between requests for a new ticket that have not helped; the last one repeats
const SILENCE_MS = 6000; // the server speaks each second, so this long without a word means a dead line

/** Connects, notices a dead line, waits longer after each failure, and takes the newest ticket. */
class Line extends Connection {
  constructor({ onPicture, onStatus, onChange, onExpired, onGone, shownPx }) {
    super({ state: "connecting", closedAs: { 4404: "unknown" }, onChange }); // or open, waiting, refused
    Object.assign(this, { onPicture, onStatus, onExpired, onGone, shownPx });
    this.refusals = 0;
    this.heardMs = 0;
    this.shown = () => document.visibilityState === "visible" && this.wake();
    document.addEventListener("visibilitychange", this.shown);
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

  isGone() {
    return this.state === "unknown";
  }

  connect() {
    this.dial();
    this.heardMs = performance.now();
    if (this.failures === 0 && this.refusals === 0 && !this.isGone()) this.become("connecting");
  }

  opened() {
    this.resize(); // for what has changed meanwhile
  }

  heard(data, socket) {
    this.heardMs = performance.now();
    this.failures = 0;
    this.refusals = 0;
    this.become("open");
    if (typeof data !== "string") return this.onPicture(data, socket);
    const status = JSON.parse(data);
    if (status.ticket) this.ticket = status.ticket;
    this.onStatus(status);
  }

  refused(reason, ticket) {
    if (ticket === this.ticket) this.refuse(reason);
    else this.connect(); // the page has brought another ticket meanwhile
  }

  /** Have the page bring a new ticket, and again later if that one was refused as well. */
  refuse(reason) {
    if (this.refusals === 0) this.renewedMs = performance.now();
    this.retryAtMs = performance.now() + 1000 * RENEWALS_S[Math.min(this.refusals, RENEWALS_S.length - 1)];
    this.refusals += 1;
    this.become("refused", reason);
    if (this.refusals === 1) this.onExpired();
  }

  lookAgain(state, reason) {
    super.lookAgain(state, reason);
    this.onGone();
  }

  /** Tell the server how wide the picture is shown now, so that it sends none larger than that. */
  resize() {
    const width = this.shownPx();
    if (width === this.toldPx || this.socket?.readyState !== WebSocket.OPEN) return;
    this.toldPx = width;
    this.socket.send(JSON.stringify({ width }));
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

  close() {
    document.removeEventListener("visibilitychange", this.shown);
    super.close();
  }
}

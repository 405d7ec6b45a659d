/* The line up to the server: one picture at a time, the next when the server has taken the last. */

const MOST_HZ = 30;
const SILENCE_MS = 8000; // each picture is answered within two seconds, so this long without an answer is a dead line
const PING_MS = 5000; // how often the way there and back is measured without a picture
const NOT_TAKEN_MS = 300; // between two pictures while the server takes none
const RENEW_MS = 15000; // between two requests for another ticket
const UP_WINDOW_MS = 2000;
const CLOSED_AS = { 4404: "unknown", 4409: "stopped", 4410: "overtaken" };

const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

class Uplink extends Connection {
  constructor({ device, onChange, onExpired }) {
    super({ state: "idle", closedAs: CLOSED_AS, onChange }); // or connecting, open, waiting, refused and those
    Object.assign(this, { device, onExpired });
    this.pace = new Pace();
    this.askedMs = Infinity; // when the message went out that has no answer yet
    this.number = 0;
    this.dueMs = 0; // when the next picture may be taken
    this.takenAtMs = [];
    this.ackMs = [];
    this.wayMs = 0; // there and back without a picture
    this.size = null;
  }

  /** Send to a camera with a ticket; the same one with another ticket only matters to a line that is down. */
  use(camera, ticket) {
    const changed = camera !== this.camera;
    const renewed = ticket !== this.ticket;
    [this.camera, this.ticket] = [camera, ticket];
    if (changed || (renewed && (this.state === "refused" || this.state === "stopped"))) {
      this.failures = 0;
      this.connect();
    }
  }

  /** Send nothing any more. */
  rest() {
    this.camera = "";
    this.drop();
    this.become("idle");
  }

  path() {
    return `/heatstream/push/${encodeURIComponent(this.camera)}?ticket=${encodeURIComponent(this.ticket)}`;
  }

  connect() {
    if (!this.camera || this.device.state !== "on") {
      this.drop();
      return this.become("idle");
    }
    this.dial();
    if (this.failures === 0) this.become("connecting");
  }

  opened(socket) {
    this.failures = 0;
    this.become("open");
    this.send(socket);
  }

  heard(data) {
    this.answered?.(JSON.parse(data));
  }

  /** One picture after the other, as long as this socket is the line and the camera is on. */
  async send(socket) {
    const { device, pace } = this;
    let pingMs = -Infinity;
    while (socket === this.socket) {
      if (performance.now() - pingMs > PING_MS) {
        pingMs = performance.now();
        if (!(await this.exchange(socket, '{"ping":true}'))) return;
        const wayMs = performance.now() - pingMs;
        this.wayMs = this.wayMs ? 0.5 * (this.wayMs + wayMs) : wayMs;
      }
      const picture = await this.take();
      if (socket !== this.socket) return;
      if (!picture) {
        if (device.state === "on") continue; // one that could not be packed
        return this.connect(); // which rests until the camera is on again
      }
      const sentMs = performance.now();
      const answer = await this.exchange(socket, this.message(picture, sentMs));
      if (!answer) return;
      const nowMs = performance.now();
      if (answer.ticket) this.ticket = answer.ticket;
      if (!answer.taken) {
        if (answer.refused) this.reason = answer.refused;
        this.onChange();
        await device.clock.sleep(NOT_TAKEN_MS);
        continue;
      }
      this.size = picture.sent;
      this.takenAtMs.push(nowMs);
      this.ackMs.push(nowMs - sentMs);
      if (this.ackMs.length > 50) this.ackMs.shift();
      // What the engine made it wait is not the line's doing, nor is the way that an empty message takes as well.
      const carryMs = Math.max(0, nowMs - sentMs - answer.waited_ms - this.wayMs);
      pace.note(picture.packMs + carryMs, nowMs);
    }
  }

  /** The next picture, no sooner than the highest rate allows. */
  async take() {
    const leftMs = this.dueMs - performance.now();
    if (leftMs > 2) await this.device.clock.sleep(leftMs);
    this.dueMs = Math.max(this.dueMs + 1000 / MOST_HZ, performance.now());
    return this.device.take(this.pace.width, this.pace.quality);
  }

  /** Send a message and wait for its answer; null if the line broke. */
  exchange(socket, message) {
    return new Promise((resolve) => {
      this.askedMs = performance.now();
      this.answered = (answer) => {
        this.askedMs = Infinity;
        resolve(answer);
      };
      if (socket.readyState !== WebSocket.OPEN) return this.answered(null);
      socket.send(message);
    });
  }

  message({ data, capturedMs, size: [width, height] }, sentMs) {
    this.number += 1;
    const head = new TextEncoder().encode(JSON.stringify({ n: this.number, captured_ms: capturedMs, sent_ms: sentMs, width, height }));
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, head.length);
    return new Blob([length, head, data]);
  }

  refused(reason) {
    const asks = performance.now() - this.renewedMs > RENEW_MS;
    if (asks) this.renewedMs = performance.now();
    this.lookAgain("refused", reason);
    if (asks) this.onExpired();
  }

  tick() {
    const now = performance.now();
    const tries = this.state === "waiting" || this.state === "stopped" || this.state === "refused" || this.state === "unknown";
    if (tries && !this.socket && now >= this.retryAtMs) {
      this.retryAtMs = Infinity; // until this attempt has its answer
      this.connect();
    }
    if (this.state === "open" && now - this.askedMs > SILENCE_MS) {
      this.drop();
      this.lose("The server has gone quiet.");
    }
    if (this.camera) this.onChange();
  }

  /** Does the server take the pictures? */
  isTaken() {
    return this.takenAtMs.length > 0 && performance.now() - this.takenAtMs.at(-1) < 1500;
  }

  /** Pictures taken a second, over the last two seconds. */
  rate() {
    const now = performance.now();
    while (this.takenAtMs.length && now - this.takenAtMs[0] > UP_WINDOW_MS) this.takenAtMs.shift();
    return this.takenAtMs.length / (UP_WINDOW_MS / 1000);
  }

  figures() {
    if (!this.size) return "";
    const rate = this.rate();
    return `${this.size.join(" \u00d7 ")}, ${rate.toFixed(rate < 9.5 ? 1 : 0)} pictures a second, ${Math.round(middle(this.ackMs))} ms to the server and back`;
  }

  drop() {
    super.drop();
    this.answered?.(null);
  }
}

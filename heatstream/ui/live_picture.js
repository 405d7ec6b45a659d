/* The picture: from a message's bytes to pixels, and how fast and how late. */

const RATE_WINDOW_MS = 2000;
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** The canvas: has pictures painted, acknowledges them; measures rates and latency. */
class Picture {
  constructor(canvas, { onPainted, onShaped }) {
    this.canvas = canvas;
    Object.assign(this, { onPainted, onShaped });
    this.painted = 0;
    this.paintedAtMs = [];
    this.latencies = []; // published to painted, milliseconds
    this.delays = []; // read to painted
    this.skews = [];
    this.size = "";
    this.waiting = []; // messages that nobody sees, each with its socket
    this.underWay = []; // of each message that is being painted, in order: its socket, and since when
    this.worker = painterOf(canvas);
    this.worker.onmessage = ({ data }) => this.answered(data);
    this.show = () => document.visibilityState === "visible" && this.waiting.splice(0).forEach((item) => this.give(...item));
    document.addEventListener("visibilitychange", this.show);
  }

  /** Paint a message. A hidden page paints nothing, and owes its acknowledgement until it is seen again. */
  take(message, socket) {
    if (document.visibilityState === "hidden") this.waiting.push([message, socket]);
    else this.give(message, socket);
  }

  give(message, socket) {
    this.underWay.push({ socket, beganMs: performance.now() });
    this.worker.postMessage({ message }, [message]);
  }

  answered({ header, size, error }) {
    const { socket, beganMs } = this.underWay.shift();
    if (error) {
      this.canvas.dataset.error = error;
    } else {
      if (this.size !== String(size)) this.onShaped(size[0] / size[1]);
      this.size = String(size);
      this.measure(header);
    }
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ ack: header.index, paint_ms: Math.round(performance.now() - beganMs) }));
    }
    this.onPainted(header);
  }

  measure(header) {
    const now = Date.now();
    const keep = (list, value, count) => {
      list.push(value);
      if (list.length > count) list.shift();
    };
    // Below zero or beyond a second the two clocks differ: then the quickest message counts as without delay.
    keep(this.skews, now - header.sent_s * 1000, 50);
    const least = Math.min(...this.skews);
    const skew = least < -5 || least > 1000 ? least : 0;
    keep(this.latencies, now - skew - header.published_s * 1000, 50);
    keep(this.delays, now - skew - header.read_s * 1000, 50);
    this.painted += 1;
    this.paintedAtMs.push(performance.now());
    const data = this.canvas.dataset;
    data.index = header.index;
    data.painted = this.painted;
    data.timeS = header.time_s.toFixed(3);
    if (this.painted % 10 === 1) data.latencyMs = median(this.latencies).toFixed(1);
  }

  /** Pictures shown a second, over the last two seconds. */
  rate() {
    const now = performance.now();
    while (this.paintedAtMs.length && now - this.paintedAtMs[0] > RATE_WINDOW_MS) this.paintedAtMs.shift();
    return this.paintedAtMs.length / (RATE_WINDOW_MS / 1000);
  }

  /** How many device pixels wide the picture is shown. */
  shownPx() {
    return Math.ceil(this.canvas.clientWidth * devicePixelRatio);
  }

  isMoving() {
    return this.paintedAtMs.length > 0 && performance.now() - this.paintedAtMs.at(-1) < 500;
  }

  close() {
    this.worker.terminate();
    document.removeEventListener("visibilitychange", this.show);
  }
}

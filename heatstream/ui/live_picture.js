/* The picture: from a message's bytes to pixels, and how fast and how late. */

const RATE_WINDOW_MS = 2000;
const TEXT = new TextDecoder();
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** The canvas: decodes, paints, acknowledges; measures rates and latency.
 *
 * It does not wait for an animation frame: that cost a tenth more processor time for each picture and up to 16 ms of
 * latency, and pictures come at their own rate anyway (measured in headless Chromium, November 2026).
 * ``drawImage`` costs what handing the bitmap to a ``bitmaprenderer`` canvas does: 9.4-11.2 and 10.5 ms of processor time
 * for a picture of 1280x720, most of it decoding. ``desynchronized`` saves 1 ms and risks tearing; options that leave
 * colours as they are make decoding 3 ms slower (measured in the same way).
 */
class Picture {
  constructor(canvas, { onPainted, onShaped }) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    Object.assign(this, { onPainted, onShaped });
    this.painted = 0;
    this.aspect = 0;
    this.paintedAtMs = [];
    this.latencies = []; // published to painted, milliseconds
    this.delays = []; // read to painted
    this.skews = [];
    this.queue = Promise.resolve();
    this.waiting = null;
    this.show = () => document.visibilityState === "visible" && this.waiting?.();
    document.addEventListener("visibilitychange", this.show);
  }

  take(buffer, socket) {
    this.queue = this.queue.then(() => this.paint(buffer, socket));
  }

  async paint(buffer, socket) {
    // A hidden page paints nothing and owes its acknowledgement until it is seen again.
    if (document.visibilityState === "hidden") await new Promise((resolve) => (this.waiting = resolve));
    this.waiting = null;
    if (this.closed) return;
    const beganMs = performance.now();
    const length = new DataView(buffer).getUint32(0);
    const header = JSON.parse(TEXT.decode(new Uint8Array(buffer, 4, length)));
    try {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(buffer, 4 + length)], { type: "image/jpeg" }));
      const { canvas } = this;
      if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
        canvas.width = bitmap.width;
        canvas.height = bitmap.height;
        this.shape(bitmap.width / bitmap.height);
      }
      this.context.drawImage(bitmap, 0, 0);
      bitmap.close();
      this.measure(header);
    } catch (error) {
      this.canvas.dataset.error = String(error);
    }
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ ack: header.index, paint_ms: Math.round(performance.now() - beganMs) }));
    }
    if (!this.closed) this.onPainted(header);
  }

  /** Tell of another shape. One picture in two widths differs a little by rounding, and what follows the shape would
   * have the width change, and that the shape again. */
  shape(aspect) {
    if (Math.abs(aspect / this.aspect - 1) < 0.01) return;
    this.aspect = aspect;
    this.onShaped(aspect);
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

  /** How many device pixels wide the picture is shown: in a low window it does not fill the width. */
  shownPx() {
    const { clientWidth, clientHeight } = this.canvas;
    const inside = this.aspect ? clientHeight * this.aspect : Infinity;
    return Math.ceil((inside < clientWidth - 2 ? inside : clientWidth) * devicePixelRatio); // sizes here are rounded
  }

  isMoving() {
    return this.paintedAtMs.length > 0 && performance.now() - this.paintedAtMs.at(-1) < 500;
  }

  close() {
    this.closed = true;
    this.waiting?.();
    document.removeEventListener("visibilitychange", this.show);
  }
}

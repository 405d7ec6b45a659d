/* The camera itself: permission, choice of device, its stream, and pictures taken from it. */

const WANTED = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const STILL_MS = 4000; // a camera that shows nothing new for this long gives no pictures
const FAILURES = {
  NotFoundError: "missing",
  DevicesNotFoundError: "missing",
  NotReadableError: "busy",
  TrackStartError: "busy",
  AbortError: "busy",
};

/** Sleeps also where the page is hidden: there a page's own timers tick once a second at most, a worker's go on. */
class Clock {
  constructor() {
    this.waiting = new Map();
    this.number = 0;
    try {
      const code = "onmessage = ({ data: [number, ms] }) => setTimeout(() => postMessage(number), ms);";
      const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      this.worker = new Worker(url);
      URL.revokeObjectURL(url);
      this.worker.onmessage = ({ data }) => {
        this.waiting.get(data)?.();
        this.waiting.delete(data);
      };
    } catch {
      this.worker = null; // then a hidden page sends less often
    }
  }

  sleep(ms) {
    if (!this.worker) return new Promise((resolve) => setTimeout(resolve, ms));
    return new Promise((resolve) => {
      this.number += 1;
      this.waiting.set(this.number, resolve);
      this.worker.postMessage([this.number, ms]);
    });
  }
}

/** Packing on an OffscreenCanvas takes 11 ms for 1280x720, on one of the page 29 (headless Chromium, November 2026). */
const makeCanvas = () => (globalThis.OffscreenCanvas ? new OffscreenCanvas(16, 16) : document.createElement("canvas"));

function pack(canvas, quality) {
  if (canvas.convertToBlob) return canvas.convertToBlob({ type: "image/jpeg", quality }).catch(() => null);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

class Device {
  constructor(onChange) {
    this.onChange = onChange;
    this.state = "off"; // off, asking, on, dismissed, denied, missing, busy, lost, failed, insecure
    this.why = "";
    this.devices = []; // {id, label}
    this.id = ""; // the one that is chosen, empty for whichever the browser takes
    this.stream = null;
    this.turn = 0;
    this.clock = new Clock();
    this.canvas = makeCanvas();
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.seenAt = -1; // the place of the picture last taken
    this.newMs = 0;
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      this.state = "insecure";
      return;
    }
    navigator.mediaDevices.addEventListener?.("devicechange", () => this.onPlugged());
    this.watchPermission();
  }

  /** When somebody allows the camera in the browser's settings, go on by itself. */
  async watchPermission() {
    try {
      this.permission = await navigator.permissions.query({ name: "camera" });
      this.permission.onchange = () => {
        if (this.permission.state === "granted" && (this.state === "denied" || this.state === "dismissed")) this.open(this.id);
      };
    } catch {
      this.permission = null; // a browser that does not tell
    }
  }

  /** Turn the camera on, the one with this id if there is one; the state says how it went. */
  async open(id = "") {
    if (this.state === "insecure") return;
    const turn = ++this.turn;
    this.stop();
    this.id = id;
    this.become("asking");
    let stream = null;
    try {
      const which = id ? { deviceId: { exact: id } } : { facingMode: { ideal: "environment" } };
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, ...which } });
    } catch (error) {
      if (turn !== this.turn) return;
      if (id && error.name === "OverconstrainedError") return this.open(); // that one is gone; another will do
      return this.fail(error);
    }
    if (turn !== this.turn) {
      for (const track of stream.getTracks()) track.stop(); // turned off, or another chosen, meanwhile
      return;
    }
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    this.id = track.getSettings().deviceId ?? id;
    track.onended = () => turn === this.turn && this.lose();
    this.video.srcObject = stream;
    this.newMs = performance.now();
    await this.video.play().catch(() => {}); // a new stream has come before this one played
    if (turn !== this.turn) return;
    this.become("on");
    this.list();
  }

  fail(error) {
    if (error.name === "NotAllowedError" || error.name === "SecurityError") {
      // Closed without an answer, the question can be asked again.
      this.become(this.permission?.state === "prompt" ? "dismissed" : "denied");
    } else {
      this.become(FAILURES[error.name] ?? "failed", error.message || error.name);
    }
  }

  lose() {
    this.turn += 1;
    this.stop();
    this.become("lost");
  }

  async onPlugged() {
    await this.list();
    if (this.devices.length > 0 && (this.state === "missing" || this.state === "lost")) this.open(this.id);
  }

  /** Which cameras there are; their names are told only after permission. */
  async list() {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.devices = all
      .filter(({ kind }) => kind === "videoinput")
      .map(({ deviceId, label }, number) => ({ id: deviceId, label: label || `Camera ${number + 1}` }));
    this.onChange();
  }

  close() {
    this.turn += 1;
    this.stop();
    if (this.state !== "insecure") this.become("off");
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.stream = null;
    this.video.srcObject = null;
    this.seenAt = -1;
  }

  /** Does the camera give nothing new? */
  isStill() {
    return this.state === "on" && performance.now() - this.newMs > STILL_MS;
  }

  /** Which picture the video shows: their number, which goes on in hidden pages, too; its time where there is none. */
  place() {
    return this.video.getVideoPlaybackQuality?.().totalVideoFrames || this.video.currentTime;
  }

  /** The next new picture, at most ``width`` wide: {data, capturedMs, packMs, size, sent}; null if the camera is off. */
  async take(width, quality) {
    const { video, canvas } = this;
    while (this.state === "on" && (video.readyState < 2 || this.place() === this.seenAt)) await this.clock.sleep(4);
    if (this.state !== "on") return null;
    this.seenAt = this.place();
    const capturedMs = performance.now();
    this.newMs = capturedMs;
    const size = [video.videoWidth, video.videoHeight];
    const scale = Math.min(1, width / Math.max(...size));
    const [wide, high] = size.map((side) => Math.max(16, Math.round(side * scale)));
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    this.context.drawImage(video, 0, 0, wide, high);
    const blob = await pack(canvas, quality);
    if (!blob) return null;
    return { data: await blob.arrayBuffer(), capturedMs, packMs: performance.now() - capturedMs, size, sent: [wide, high] };
  }

  become(state, why = "") {
    this.state = state;
    this.why = why;
    this.onChange();
  }
}

/* The visitor's own camera on a page: chosen on the start page, sending on the page of its camera.
 *
 * There is one camera for all pages of a tab: it stays on while one page gives way to the next, and goes off soon after
 * no page wants it. Pace, Device, Uplink and describeCamera come from the files beside this one, joined in front of it.
 */

const STORE = "heatstream-camera";
const LINGER_MS = 4000; // from one page to the next
const SHARED = Symbol.for("heatstream.camera");

/** What this browser keeps: the key by which the server knows its camera again, the device, and whether it is on. */
const memory = {
  kept: null,
  load() {
    if (this.kept) return this.kept;
    let kept = {};
    try {
      kept = JSON.parse(localStorage.getItem(STORE) ?? "{}") ?? {};
    } catch {
      // A browser that keeps nothing has another camera at each visit.
    }
    const key = /^[0-9a-f]{64}$/.test(kept.key) ? kept.key : this.makeKey();
    return this.save({ key, device: String(kept.device ?? ""), on: kept.on === true });
  },
  save(change) {
    this.kept = { ...this.kept, ...change };
    try {
      localStorage.setItem(STORE, JSON.stringify(this.kept));
    } catch {
      // As above.
    }
    return this.kept;
  },
  makeKey() {
    return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  },
};

/** The tab's camera: its device, its line, and the pages that show it. */
class OwnCamera {
  constructor() {
    this.views = new Set();
    this.device = new Device(() => this.onDevice());
    this.line = new Uplink({ device: this.device, onChange: () => this.say(), onExpired: () => this.renew() });
    this.target = null;
  }

  join(view) {
    clearTimeout(this.leaving);
    this.views.add(view);
    const { on, device } = memory.load();
    if (on && this.device.state === "off") this.device.open(device);
    else if (this.device.state === "on") this.device.list();
  }

  leave(view) {
    this.views.delete(view);
    if (this.views.size > 0) return;
    this.leaving = setTimeout(() => {
      this.line.rest();
      this.device.close();
    }, LINGER_MS);
  }

  turnOn(id = memory.load().device) {
    memory.save({ on: true });
    this.device.open(id);
  }

  turnOff() {
    memory.save({ on: false });
    this.line.rest();
    this.device.close();
  }

  /** Send to this camera; null for none. */
  sendTo(target) {
    this.target = target;
    if (!target) this.line.rest();
    else if (this.device.state === "on") this.line.use(target.camera, target.ticket);
  }

  act() {
    if (this.device.state !== "on") this.turnOn();
    else this.line.connect();
  }

  onDevice() {
    if (this.device.state === "on") {
      memory.save({ device: this.device.id });
      if (this.target && this.line.state === "idle") {
        this.line.rest(); // forgets the camera, so that the line begins anew
        this.line.use(this.target.camera, this.target.ticket);
      }
    }
    this.say();
  }

  renew() {
    for (const view of this.views) view.renew();
  }

  say() {
    for (const view of this.views) view.say();
  }
}

const ownCamera = () => (globalThis[SHARED] ??= new OwnCamera());

/** A node's text, set only where it changes. */
const put = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

/** What a page shows of it. */
class CameraView {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.root = find(".cam");
    this.nodes = {
      video: find("video"),
      title: find("strong"),
      detail: find(".detail"),
      steps: find("ol"),
      recipe: find(".recipe"),
      make: find(".make code"),
      device: find("label"),
      select: find("select"),
      act: find(".act"),
      off: find(".off"),
      said: find(".said"),
    };
    this.camera = ownCamera();
    this.nodes.act.onclick = () => this.camera.act();
    this.nodes.off.onclick = () => this.camera.turnOff();
    this.nodes.select.onchange = () => this.camera.turnOn(this.nodes.select.value);
    for (const button of this.root.querySelectorAll(".copy")) button.onclick = () => this.copy(button);
    const host = location.hostname.replace(/^\[|\]$/g, "");
    const kind = /^[\d.]+$|:/.test(host) ? "IP" : "DNS";
    const make = [
      "openssl req -x509 -newkey rsa:2048 -nodes -days 365",
      "-keyout data/key.pem -out data/cert.pem",
      `-subj "/CN=${host}" -addext "subjectAltName=${kind}:${host}"`,
    ];
    put(this.nodes.make, make.join(" \\\n  "));
    this.camera.join(this);
  }

  use({ mode, camera, ticket, known, own }, { setStateValue, setTriggerValue }) {
    this.mode = mode;
    this.own = mode === "choose" || own;
    this.root.dataset.mode = mode;
    if (mode === "send" && !known) this.told = ""; // a server that was started again has forgotten it
    Object.assign(this, { setStateValue, setTriggerValue });
    if (mode === "send") this.camera.sendTo(own && ticket ? { camera, ticket } : null);
    else this.camera.sendTo(null);
    this.say();
  }

  renew() {
    this.setTriggerValue?.("renew", Date.now());
  }

  /** Tell the page whose camera this is, and whether it is on. */
  tell() {
    const found = { key: memory.load().key, on: this.camera.device.state === "on" };
    const text = JSON.stringify(this.mode === "choose" ? found : { key: found.key });
    if (text === this.told) return;
    this.told = text;
    this.setStateValue?.("found", JSON.parse(text));
  }

  say() {
    if (!this.mode) return;
    const { nodes, camera } = this;
    const { device, line } = camera;
    const { tone, title, detail = "", steps = [], recipe = false, button = "" } = describeCamera(device, line);
    this.root.hidden = !this.own;
    this.root.dataset.state = device.state;
    this.root.dataset.line = line.state;
    this.root.dataset.tone = tone;
    put(nodes.title, title);
    put(nodes.detail, detail);
    nodes.detail.hidden = !detail;
    nodes.steps.hidden = steps.length === 0;
    if (nodes.steps.dataset.known !== steps.join("\n")) {
      nodes.steps.dataset.known = steps.join("\n");
      nodes.steps.replaceChildren(...steps.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    }
    nodes.recipe.hidden = !recipe;
    nodes.act.hidden = !button;
    put(nodes.act, button);
    const on = device.state === "on";
    nodes.off.hidden = !on && device.state !== "asking";
    nodes.device.hidden = !on;
    const known = JSON.stringify(device.devices);
    if (on && nodes.select.dataset.known !== known) {
      nodes.select.dataset.known = known;
      nodes.select.replaceChildren(...device.devices.map(({ id, label }) => new Option(label, id)));
    }
    if (on) nodes.select.value = device.id;
    if (nodes.video.srcObject !== device.stream) {
      nodes.video.srcObject = device.stream;
      if (device.stream) nodes.video.play().catch(() => {});
    }
    if (this.said !== title) {
      this.said = title;
      put(nodes.said, title);
    }
    const data = this.root.dataset;
    data.rate = line.rate().toFixed(1);
    data.ackMs = middle(line.ackMs).toFixed(1);
    data.size = line.size?.join("x") ?? "";
    data.quality = line.pace.quality;
    data.sent = line.number;
    this.tell();
  }

  async copy(button) {
    try {
      await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
      put(button, "Copied");
    } catch {
      getSelection().selectAllChildren(button.parentElement.querySelector("code"));
      put(button, "Press Ctrl+C");
    }
    setTimeout(() => put(button, "Copy"), 2500);
  }

  close() {
    this.camera.leave(this);
  }
}

export default mounting((root) => new CameraView(root));

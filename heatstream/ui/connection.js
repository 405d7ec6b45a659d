/* A WebSocket to one camera that connects again: what the picture's line and a browser's line up have in common. */

const WAITS_S = [0.5, 1, 2, 4, 8]; // between attempts to connect; the last one repeats
const RENEWING_MS = 2500; // a refused ticket is mostly replaced by the page within this time
const LOOK_AGAIN_MS = 4000; // whether a camera that was stopped or not there runs again

/**
 * How it goes is said by `state`, with a `reason` in words, and `onChange` is called when that changes. `closedAs` names
 * the states that the server's own close codes lead to. Who extends this has `path`, `connect`, `tick`, `opened(socket)`,
 * `heard(data, socket)` and `refused(reason, ticket)`.
 */
class Connection {
  constructor({ state, closedAs, onChange }) {
    Object.assign(this, { state, closedAs, onChange });
    this.camera = "";
    this.ticket = "";
    this.reason = "";
    this.retryAtMs = 0;
    this.failures = 0;
    this.renewedMs = -Infinity; // when the page was first asked for the ticket that is missing
    this.socket = null;
    this.timer = setInterval(() => this.tick(), 250);
    this.wake = () => this.state === "waiting" && this.connect();
    addEventListener("online", this.wake);
  }

  /** Have a new WebSocket in place of the one there is, which is listened to no more. */
  dial() {
    this.drop();
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path()}`);
    socket.binaryType = "arraybuffer";
    const whileInUse = (act) => (event) => socket === this.socket && act(event);
    socket.onopen = whileInUse(() => this.opened(socket));
    socket.onmessage = whileInUse(({ data }) => this.heard(data, socket));
    socket.onclose = whileInUse(({ code, reason }) => {
      this.drop();
      if (this.closedAs[code]) this.lookAgain(this.closedAs[code], reason);
      else if (this.state === "open") this.lose("The connection to the server was lost.");
      else this.ask();
    });
    this.socket = socket;
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
    if (answer?.status === 403) this.refused(reason, ticket);
    else if (answer?.status === 404) this.lookAgain("unknown", reason);
    else if (answer?.status === 409) this.lookAgain("stopped", reason);
    else this.lose(answer?.status === 503 ? reason : "The server does not answer.");
  }

  /** Is a refused ticket so new that the page has had no time to bring another? */
  isRenewing() {
    return performance.now() - this.renewedMs < RENEWING_MS;
  }

  lookAgain(state, reason) {
    this.retryAtMs = performance.now() + LOOK_AGAIN_MS;
    this.become(state, reason);
  }

  lose(reason) {
    const wait = WAITS_S[Math.min(this.failures, WAITS_S.length - 1)] * (0.85 + 0.3 * Math.random());
    this.failures += 1;
    this.retryAtMs = performance.now() + wait * 1000;
    this.become("waiting", reason);
  }

  become(state, reason = "") {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.onChange();
  }

  drop() {
    const { socket } = this;
    this.socket = null;
    if (socket) socket.close();
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    removeEventListener("online", this.wake);
    this.drop();
  }
}

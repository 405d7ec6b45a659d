/* Has the server been started again? Then the page belongs to one that is gone: its buttons reach nobody, its tickets
 * open nothing, and Streamlit does not always begin it anew. */

const LOOK_MS = 3000;
const APART_MS = 30000; // between two reloads, whatever happens
const RELOADED = "heatstream-reloaded";

/** One for the page's whole life: Streamlit takes its elements away when it meets the next server. */
class ServerWatch {
  constructor(server) {
    this.server = server;
    this.looking = false;
    setInterval(() => this.look(), LOOK_MS);
  }

  async look() {
    if (this.looking || document.visibilityState !== "visible") return;
    this.looking = true;
    try {
      const answer = await fetch("/heatstream/server", { cache: "no-store", signal: AbortSignal.timeout(2500) });
      const server = answer.ok ? await answer.text() : this.server;
      if (server !== this.server) this.reload();
    } catch {
      // It does not answer: there is nothing to reload from.
    } finally {
      this.looking = false;
    }
  }

  reload() {
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (Date.now() - last < APART_MS) return;
    sessionStorage.setItem(RELOADED, Date.now());
    location.reload();
  }
}

export default ({ data }) => {
  window.heatstreamWatch ??= new ServerWatch(data.server);
};

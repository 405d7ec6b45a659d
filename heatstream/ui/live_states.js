/* What a camera's state means to the one who watches: words, tone, and what can be done about it. */

const sentence = (text) => text.replace(/^[a-z]+(?= |$)/, (word) => word[0].toUpperCase() + word.slice(1));

const ENGINE = {
  starting: { tone: "wait", title: "Starting", headline: "Starting the engine\u2026", detail: "The picture comes as soon as it is ready." },
  restarting: { tone: "warn", title: "Engine restarting", headline: "The engine is being started again\u2026", detail: "It had stopped. Counts are kept." },
  stopped: { tone: "bad", title: "Engine stopped", headline: "The engine has stopped", detail: "The server is not analysing video at the moment." },
};
/** What is waited for, by the engine's own words for it. */
const WAITING_FOR = {
  opening: "Opening the video\u2026",
  "opening again": "Opening the video again\u2026",
  "waiting for the engine": "Starting the engine\u2026",
};
const ENDED = {
  tone: "calm",
  title: "Ended",
  headline: "The file has been played to its end",
  detail: "Its counts stay; playing it again adds to them.",
  button: "Play again",
};
/** A picture is not over when it has been analysed: it is there to be looked at. */
const PICTURE = { tone: "good", title: "Picture", headline: "", detail: "" };
const CAMERA = {
  connecting: ({ reason }) => ({
    tone: "wait",
    title: "Starting",
    headline: WAITING_FOR[reason] ?? (reason ? `${sentence(reason)}\u2026` : "Opening the video\u2026"),
    detail: "",
  }),
  live: (status) => ({ tone: "good", title: status.live ? "Live" : "Playing", headline: "", detail: "" }),
  paused: () => ({ tone: "calm", title: "Paused", headline: "Paused", detail: "The picture is frozen for everybody." }),
  stalled: ({ reason }) => ({
    tone: "warn",
    title: "Stalled",
    headline: "No picture is coming",
    detail: reason ? `${sentence(reason)}.` : "The source is open, but has sent nothing for a while.",
  }),
  reconnecting: ({ reason, next_try_s, heardMs }) => {
    const left = Math.ceil((next_try_s ?? 0) - (performance.now() - heardMs) / 1000);
    return {
      tone: "warn",
      title: "Reconnecting",
      headline: left > 0 ? `Reconnecting in ${left} s` : "Reconnecting\u2026",
      detail: sentence(reason || "the source was lost"),
      button: left > 0 ? "Try now" : "",
    };
  },
  ended: ({ picture }) => picture ? PICTURE : ENDED,
  failed: ({ reason, model_failed }) => ({
    tone: "bad",
    title: "Failed",
    headline: "This camera has failed",
    detail: sentence(reason || "the source cannot be used"),
    button: "Try again",
    motion: Boolean(model_failed),
  }),
  stopped: ({ reason }) => ({
    tone: "off",
    title: "Stopped",
    headline: "This camera is stopped",
    detail: sentence(reason || "its zones, settings and counts are kept"),
  }),
};

/** What to say: {tone, title, headline, detail, button, motion}. */
function describe(line, status) {
  const connecting = { tone: "wait", title: "Connecting", headline: "Connecting\u2026", detail: "" };
  if (line.state === "connecting") return connecting;
  if (line.state === "refused") {
    // The page is asked for a new ticket at once, which mostly ends this before anyone has read it.
    if (line.isRenewing()) return connecting;
    return { tone: "bad", title: "No access", headline: "No access to this camera", detail: line.reason };
  }
  if (line.state === "unknown") return { tone: "off", title: "Not running", headline: "This camera is not there", detail: line.reason };
  if (line.state === "waiting") {
    const seconds = Math.max(0, Math.ceil((line.retryAtMs - performance.now()) / 1000));
    const when = line.socket || seconds === 0 ? "Trying again now." : `Trying again in ${seconds} s.`;
    return { tone: "bad", title: "No connection", headline: "The connection is lost", detail: `${line.reason} ${when}`, button: "Try now" };
  }
  if (!status) return connecting;
  if (status.engine !== "running" && ENGINE[status.engine]) return ENGINE[status.engine];
  return CAMERA[status.state]?.(status) ?? { tone: "wait", title: sentence(status.state), headline: sentence(status.state), detail: status.reason };
}

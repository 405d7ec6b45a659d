/* What the state of a browser's camera means to the one who has it: words, tone, and what can be done about it. */

/** Which browser this is, as far as its ways to allow a camera differ. */
function browserKind(agent = navigator.userAgent) {
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "ios";
  if (/Android/.test(agent)) return /Firefox/.test(agent) ? "firefox-android" : "android";
  if (/Firefox/.test(agent)) return "firefox";
  if (/Safari/.test(agent) && !/Chrom(e|ium)|Edg/.test(agent)) return "safari";
  return "chrome";
}

/** Where a camera that was refused is allowed again, by browser. */
const ALLOW = {
  chrome: ["Click the icon at the left end of the address bar.", "Set \u201cCamera\u201d to \u201cAllow\u201d."],
  firefox: ["Click the crossed-out camera in the address bar.", "Remove \u201cBlocked\u201d next to \u201cUse the camera\u201d, then try again."],
  safari: ["Choose \u201cSafari\u201d, then \u201cSettings for This Website\u201d from the menu bar.", "Set \u201cCamera\u201d to \u201cAllow\u201d."],
  ios: ["Tap the icon at the left end of the address bar, then \u201cWebsite Settings\u201d.", "Set \u201cCamera\u201d to \u201cAllow\u201d. If it is missing there, allow the camera for the browser in the phone\u2019s settings."],
  android: ["Tap the icon at the left end of the address bar, then \u201cPermissions\u201d.", "Switch \u201cCamera\u201d on. If it is missing there, allow the camera for the browser in the phone\u2019s settings."],
  "firefox-android": ["Tap the lock in the address bar.", "Tap \u201cBlocked\u201d next to \u201cCamera\u201d to allow it, then try again."],
};

/** States of the device: {tone, title, detail, steps, button}. */
const DEVICE = {
  off: () => ({ tone: "calm", title: "Use the camera of this device", detail: "Pictures go to this server only, and only while this page is open.", button: "Turn on the camera" }),
  asking: () => ({ tone: "wait", title: "The browser asks for the camera", detail: "Choose \u201cAllow\u201d in its question." }),
  dismissed: () => ({ tone: "warn", title: "The browser\u2019s question was closed", detail: "Without its permission no camera can be used.", button: "Ask again" }),
  denied: () => ({ tone: "bad", title: "The browser does not allow the camera here", detail: "", steps: ALLOW[browserKind()], button: "Try again" }),
  missing: () => ({ tone: "bad", title: "No camera was found", detail: "Connect one to this device. It is used as soon as it is there.", button: "Look again" }),
  busy: () => ({ tone: "bad", title: "The camera is in use", detail: "Another program has it. Close it there (a video call, another browser), then try again.", button: "Try again" }),
  lost: () => ({ tone: "warn", title: "The camera was disconnected", detail: "Connect it again. It is used as soon as it is there.", button: "Try again" }),
  failed: ({ why }) => ({ tone: "bad", title: "The camera cannot be used", detail: why, button: "Try again" }),
  insecure: () => ({
    tone: "bad",
    title: "Browsers give a camera to secure pages only",
    detail: `\u201c${location.origin}\u201d is none. Open the page on the machine itself as http://localhost${location.port && ":" + location.port}, or have the server use https:`,
    recipe: true,
  }),
};

/** States of the line while the camera is on. */
const LINE = {
  idle: () => ({ tone: "good", title: "The camera is on", detail: "" }),
  connecting: () => ({ tone: "wait", title: "Connecting to the server\u2026", detail: "" }),
  open: ({ device, line }) => {
    if (device.isStill()) return { tone: "warn", title: "The camera gives no pictures", detail: "Is it covered, or paused by the system?" };
    if (!line.isTaken()) return { tone: "wait", title: "Waiting for the server to take pictures\u2026", detail: "" };
    return { tone: "good", title: "Your camera is sending", detail: line.figures() };
  },
  waiting: ({ line }) => {
    const seconds = Math.max(0, Math.ceil((line.retryAtMs - performance.now()) / 1000));
    const when = line.socket || seconds === 0 ? "Trying again now." : `Trying again in ${seconds} s.`;
    return { tone: "warn", title: "The connection is lost", detail: `${line.reason} ${when}`, button: "Try now" };
  },
  // The page is asked for a new ticket at once, which mostly ends this before anyone has read it.
  refused: ({ line }) => line.isRenewing() ? LINE.connecting() : ({ tone: "bad", title: "The server does not take pictures", detail: line.reason }),
  stopped: () => ({ tone: "calm", title: "The camera is stopped on the server", detail: "It sends again as soon as it is started." }),
  unknown: ({ line }) => ({ tone: "calm", title: "This camera is not there any more", detail: line.reason }),
  overtaken: () => ({ tone: "calm", title: "Another page sends this camera\u2019s pictures", detail: "One page at a time can.", button: "Send from here" }),
};

/** What to say of a device and its line: {tone, title, detail, steps, recipe, button}. */
function describeCamera(device, line) {
  if (device.state !== "on") return DEVICE[device.state](device);
  return LINE[line.state]({ device, line });
}

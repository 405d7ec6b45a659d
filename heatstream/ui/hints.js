// One hint at a time. What was dismissed or done is kept in this browser; "again" is when someone last asked for all.
const STORE = "heatstream-hints";

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    const list = (value) => (Array.isArray(value) ? value : []);
    return { dismissed: list(kept.dismissed), done: list(kept.done), again: Number(kept.again) || 0 };
  } catch {
    return { dismissed: [], done: [], again: 0 };
  }
}

function save(kept) {
  try {
    localStorage.setItem(STORE, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing shows the hints at each visit.
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  if (name === "button") made.type = "button";
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const bar = parentElement.querySelector(".hs-hints");
  let kept = load();
  if (data.again > kept.again) {
    kept = { ...kept, dismissed: [], again: data.again };
    save(kept);
  }
  // What somebody has done needs no hint; this counts once, so that all can still be seen again.
  const done = data.done.filter((id) => !kept.done.includes(id));
  if (done.length > 0) save({ ...kept, dismissed: [...kept.dismissed, ...done], done: [...kept.done, ...done] });

  const dismiss = (ids) => {
    const now = load();
    save({ ...now, dismissed: [...new Set([...now.dismissed, ...ids])] });
    const focused = bar.contains(document.activeElement) || bar.getRootNode().activeElement;
    draw();
    if (focused) bar.querySelector("button")?.focus();
  };

  const draw = () => {
    const { dismissed } = load();
    const open = data.hints.filter((hint) => !dismissed.includes(hint.id));
    const hint = open[0];
    const shown = hint ? `${hint.id} ${open.length}` : "";
    bar.hidden = !hint;
    if (bar.dataset.shown === shown) return;
    bar.dataset.shown = shown;
    bar.replaceChildren();
    if (!hint) return;
    const line = element("p", "", "");
    const number = data.hints.indexOf(hint) + 1;
    line.append(element("span", "step", `${number} of ${data.hints.length}`), element("strong", "", hint.title));
    line.append(` ${hint.text}`);
    const act = element("button", "act", hint.act);
    act.onclick = () => {
      dismiss([hint.id]);
      if (hint.id === "tune") show("What to see");
      else setTriggerValue("go", hint.id);
    };
    const next = element("button", "next", open.length > 1 ? "Next" : "Got it");
    next.onclick = () => dismiss([hint.id]);
    bar.append(line, act, next);
    if (open.length > 1) {
      const all = element("button", "all", "Dismiss all");
      all.onclick = () => dismiss(data.hints.map((one) => one.id));
      bar.append(all);
    }
  };

  draw();
}

/** Open a tab of the page and go to its first control. */
function show(name) {
  const tab = [...document.querySelectorAll('[role="tab"]')].find((one) => one.textContent.trim() === name);
  tab?.click();
  setTimeout(() => {
    const first = document.querySelector('.st-key-see-panel input[type="range"]');
    first?.scrollIntoView({ block: "center", behavior: "smooth" });
    first?.focus();
  }, 200);
}

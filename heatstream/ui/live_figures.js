/* The key figures: cards that can be read from across a room. */

const MOST_CLASSES = 4; // kinds of objects told apart in a card; the others are one more line
const NUMBER = new Intl.NumberFormat("en");
const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};
const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
const signed = (value) => (value > 0 ? `+${NUMBER.format(value)}` : NUMBER.format(value).replace("-", "\u2212"));

/** How long, in the words of the page: 8.4 s, 12 s, 3 min 5 s, 2 h 10 min. */
const duration = (seconds) => {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const [large, small] = minutes < 60 ? [`${minutes} min`, `${whole % 60} s`] : [`${NUMBER.format(Math.floor(minutes / 60))} h`, `${minutes % 60} min`];
  return small.startsWith("0 ") ? large : `${large} ${small}`;
};

/** The labels of a card's numbers, the largest first. */
const LABELS = {
  line: [["in", "In"], ["out", "Out"]],
  polygon: [["now", "Inside now"], ["in", "Entered"], ["out", "Left"]],
  "polygon flipped": [["now", "Inside now"], ["out", "Entered"], ["in", "Left"]],
};
const kindOf = (zone) => (zone.kind === "polygon" && zone.flipped ? "polygon flipped" : zone.kind);

/** One card for each zone, and one for what is in view. */
class Figures {
  constructor(root) {
    this.section = root.querySelector(".cards");
    this.empty = root.querySelector(".no-zones");
    this.cards = new Map();
    this.known = "";
    this.inView = root.querySelector(".in-view");
    this.total = root.querySelector(".total");
    this.classes = root.querySelector(".classes");
  }

  /** Zones in order, each {id, name, kind, flipped, color}. */
  setZones(zones) {
    const known = JSON.stringify(zones);
    if (known === this.known) return;
    this.known = known;
    const old = this.cards;
    const keep = (zone) => (old.get(zone.id)?.kind === kindOf(zone) ? old.get(zone.id) : this.makeCard(kindOf(zone)));
    this.cards = new Map(zones.map((zone) => [zone.id, keep(zone)]));
    for (const [id, card] of old) if (this.cards.get(id) !== card) card.root.remove();
    for (const zone of zones) {
      const card = this.cards.get(zone.id);
      setText(card.name, zone.name);
      card.name.title = zone.name;
      card.root.setAttribute("aria-label", zone.name);
      card.root.style.setProperty("--zone", zone.color);
      card.root.dataset.zone = zone.id;
      this.inView.before(card.root);
    }
    this.section.style.setProperty("--rows", zones.length + 1);
    this.section.dataset.many = zones.length > 4;
    this.empty.hidden = zones.length > 0;
  }

  update(tallies, present) {
    for (const tally of tallies) {
      const card = this.cards.get(tally.zone_id);
      if (card) this.fill(card, tally);
    }
    const classes = Object.entries(present).filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
    setText(this.total, NUMBER.format(classes.reduce((sum, [, count]) => sum + count, 0)));
    this.total.classList.remove("none");
    this.list(this.classes, classes);
  }

  /** Write [name, number] pairs into a list, only where something has changed. */
  list(node, pairs) {
    const rest = pairs.slice(MOST_CLASSES).reduce((sum, [, count]) => sum + count, 0);
    const shown = pairs.slice(0, MOST_CLASSES).concat(pairs.length > MOST_CLASSES ? [["others", rest]] : []);
    const known = JSON.stringify(shown);
    if (node.dataset.known === known) return;
    node.dataset.known = known;
    node.replaceChildren(
      ...shown.map(([name, count]) => {
        const item = element("li");
        item.append(element("span", "", name), " ", element("b", "", NUMBER.format(count)));
        return item;
      }),
    );
  }

  makeCard(kind) {
    const root = element("article", `card zone ${kind}`);
    const head = element("header");
    const name = element("h3");
    const net = element("span", "net");
    net.title = "Net: in minus out";
    net.hidden = kind !== "line";
    head.append(name, net);
    const big = element("div", "big");
    const numbers = {};
    const lists = {};
    for (const [key, label] of LABELS[kind] ?? LABELS.line) {
      const box = element("div", `number ${key}`);
      numbers[key] = element("span", "value none", "\u2013");
      box.append(element("span", "label", label), numbers[key]);
      if (key !== "now") {
        lists[key] = element("ul", "classes");
        lists[key].setAttribute("aria-label", `${label}, by kind`);
        box.append(lists[key]);
      }
      big.append(box);
    }
    const stay = element("p", "stay");
    stay.hidden = true;
    stay.title = "Mean time inside of those who have left, or were lost from view";
    stay.append(element("span", "", "Mean stay"), " ", element("b"), " ", element("span", "over"));
    root.append(head, big, stay);
    return { root, kind, name, net, big, numbers, lists, stay, known: "" };
  }

  fill(card, tally) {
    const known = JSON.stringify(tally);
    if (known === card.known) return;
    const first = card.known === "";
    card.known = known;
    const values = { in: tally.in, out: tally.out, now: tally.occupancy ?? 0 };
    for (const [key, node] of Object.entries(card.numbers)) {
      const text = NUMBER.format(values[key]);
      const grew = !first && key !== "now" && node.textContent !== text && values[key] > 0;
      setText(node, text);
      node.classList.remove("none");
      if (grew) this.flash(node);
    }
    setText(card.net, `net ${signed(tally.in - tally.out)}`);
    card.stay.hidden = !(tally.stays > 0);
    if (tally.stays > 0) {
      setText(card.stay.children[1], duration(tally.stayed_s / tally.stays));
      setText(card.stay.children[2], `over ${NUMBER.format(tally.stays)} ${tally.stays === 1 ? "stay" : "stays"}`);
    }
    // The longer number gets more of the width, so that both can be as large as there is room for; four digits' worth
    // is left for the names of kinds below.
    const length = (key, least) => Math.max(least, card.numbers[key]?.textContent.length ?? 0);
    const [into, out, now] = [length("in", 4), length("out", 4), length("now", 3)];
    card.big.style.setProperty("--digits", card.numbers.now ? now : into + out);
    card.big.style.setProperty("--side", Math.max(into, out));
    card.big.style.gridTemplateColumns = card.numbers.now ? "" : `${into}fr ${out}fr`;
    // Both lists name the same kinds in the same order, so that their lines stand beside each other.
    const classes = Object.entries(tally.by_class).sort((a, b) => b[1].in + b[1].out - a[1].in - a[1].out);
    for (const [key, node] of Object.entries(card.lists)) {
      this.list(node, classes.map(([name, count]) => [name, count[key]]));
    }
  }

  flash(node) {
    node.classList.remove("grew");
    void node.offsetWidth; // restarts the animation
    node.classList.add("grew");
  }
}

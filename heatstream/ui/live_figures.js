/* The key figures: cards that can be read from across a room. */

const NUMBER = new Intl.NumberFormat();
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

/** One card for each zone, and one for what is in view. */
class Figures {
  constructor(root) {
    this.empty = root.querySelector(".no-zones");
    this.cards = new Map();
    this.known = "";
    this.inView = root.querySelector(".in-view");
    this.total = root.querySelector(".total");
    this.classes = root.querySelector(".classes");
  }

  /** Zones in order, each {id, name, kind, color}. */
  setZones(zones) {
    const known = JSON.stringify(zones);
    if (known === this.known) return;
    this.known = known;
    const old = this.cards;
    this.cards = new Map(zones.map((zone) => [zone.id, old.get(zone.id) ?? this.makeCard()]));
    for (const [id, card] of old) if (!this.cards.has(id)) card.root.remove();
    for (const zone of zones) {
      const card = this.cards.get(zone.id);
      setText(card.name, zone.name);
      setText(card.kind, zone.kind === "polygon" ? "area" : "line");
      card.root.style.setProperty("--zone", zone.color);
      card.root.dataset.zone = zone.id;
      card.inside.hidden = zone.kind !== "polygon";
      this.inView.before(card.root);
    }
    this.empty.hidden = zones.length > 0;
  }

  update(tallies, present) {
    for (const tally of tallies) {
      const card = this.cards.get(tally.zone_id);
      if (card) this.fill(card, tally);
    }
    const classes = Object.entries(present).filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
    const total = classes.reduce((sum, [, count]) => sum + count, 0);
    setText(this.total, NUMBER.format(total));
    const text = classes.map(([name, count]) => `${name}\u00a0${NUMBER.format(count)}`).join("  ·  ");
    setText(this.classes, text || "nothing at the moment");
  }

  makeCard() {
    const root = element("article", "card zone");
    const head = element("header");
    const name = element("h3");
    const kind = element("span", "kind");
    head.append(element("i", "swatch"), name, kind);
    const big = element("div", "big");
    const numbers = {};
    for (const [key, label] of [["in", "In"], ["out", "Out"], ["net", "Net"]]) {
      const box = element("div", `number ${key}`);
      numbers[key] = element("span", "value", "0");
      box.append(element("span", "label", label), numbers[key]);
      big.append(box);
    }
    const inside = element("p", "inside");
    const occupancy = element("b", "", "0");
    inside.append(occupancy, " inside now");
    const table = element("table");
    const top = table.createTHead().insertRow();
    for (const label of ["", "In", "Out", "Net"]) {
      const cell = element("th", "", label);
      cell.scope = "col";
      top.append(cell);
    }
    root.append(head, big, inside, table);
    const body = table.createTBody();
    return { root, name, kind, big, numbers, inside, occupancy, table, body, known: "" };
  }

  fill(card, tally) {
    const known = JSON.stringify(tally);
    if (known === card.known) return;
    const first = card.known === "";
    card.known = known;
    for (const key of ["in", "out"]) {
      const text = NUMBER.format(tally[key]);
      const grew = !first && card.numbers[key].textContent !== text && tally[key] > 0;
      setText(card.numbers[key], text);
      if (grew) this.flash(card.numbers[key]);
    }
    setText(card.numbers.net, signed(tally.in - tally.out));
    const digits = Math.max(2, card.numbers.in.textContent.length, card.numbers.out.textContent.length);
    card.big.style.setProperty("--digits", digits);
    setText(card.occupancy, NUMBER.format(tally.occupancy ?? 0));
    const classes = Object.entries(tally.by_class).sort((a, b) => b[1].in + b[1].out - a[1].in - a[1].out);
    card.table.hidden = classes.length === 0;
    card.body.replaceChildren(
      ...classes.map(([name, count]) => {
        const row = element("tr");
        const title = element("th", "", name);
        title.scope = "row";
        const cells = [NUMBER.format(count.in), NUMBER.format(count.out), signed(count.in - count.out)];
        row.append(title, ...cells.map((text) => element("td", "", text)));
        return row;
      }),
    );
  }

  flash(node) {
    node.classList.remove("grew");
    void node.offsetWidth; // restarts the animation
    node.classList.add("grew");
  }
}

/* Buying tickets: how many, what that costs, and in two taps, at the price that stands on the button. */

import { countField, element, setData, setDisabled, setHidden, setText } from "./dom.js";
import { countPaid, describeObstacle } from "./raffle-words.js";
import { formatNumber, parseNumber, t } from "./words.js";

/** How long the second tap may take, in ms. */
const CONFIRM_TIME = 8_000;
const MOST = 10_000;

export class TicketForm {
  #id;
  #actions;
  #state = null;
  /** The points that the second tap agrees to; null until the first. */
  #asked = null;
  /** What the gateway said that so many tickets cost: `{ tickets, unit, points }`. */
  #told = null;
  #timer = 0;

  constructor(id, actions) {
    this.#id = id;
    this.#actions = actions;
    const field = { id: `tickets-${id}`, value: formatNumber(1), oninput: () => this.#choose() };
    this.field = countField(field, (by) => this.#set(this.#tickets + by));
    this.fewer = this.#step(t("stepper.fewer"), "−", -1);
    this.more = this.#step(t("stepper.more"), "+", 1);
    this.bundles = element("div", { class: "bundles" });
    this.button = element("button", { type: "button", class: "primary", onclick: (event) => this.#tap(event) });
    this.note = element("p", { class: "note" });
    this.controls = element(
      "div",
      { class: "tickets" },
      element("label", { for: field.id }, t("raffle.tickets")),
      element("div", { class: "stepper" }, this.fewer, this.field, this.more),
      this.bundles,
      this.button,
    );
    this.node = element("div", { class: "buy" }, this.controls, this.note);
  }

  /** Draws the controls. Without a connection they are off. */
  update(item, me, member, live) {
    const before = this.#state;
    this.#state = { item, me, member, live };
    const note = describeObstacle(item, member);
    setHidden(this.node, Boolean(note) && !note.trim());
    setHidden(this.controls, Boolean(note));
    setHidden(this.note, !note);
    setText(this.note, note);
    if (note) return this.#retract();
    if (before?.item.price?.points !== item.price.points) this.#retract();
    this.#updateBundles(item.raffle);
    this.#updateButton();
    return undefined;
  }

  get #tickets() {
    const wanted = parseNumber(this.field.value);
    return Number.isSafeInteger(wanted) && wanted >= 1 && wanted <= MOST ? wanted : 0;
  }

  /** What the chosen tickets cost, as far as this page can tell. */
  get #total() {
    const { raffle, price } = this.#state.item;
    const { points } = price;
    if (this.#told?.tickets === this.#tickets && this.#told.unit === points) return this.#told.points;
    return countPaid(raffle, this.#tickets) * points;
  }

  #updateButton() {
    const { item, me, live } = this.#state;
    const tickets = this.#tickets;
    const most = item.own?.left ?? MOST;
    const short = me !== null && this.#total > me.available;
    const over = tickets > most;
    setText(this.button, this.#label(tickets, short, over ? most : 0));
    setData(this.button, "confirming", this.#asked === null ? "" : "yes");
    setDisabled(this.button, !live || me === null || !tickets || short || over);
    // While it is being bought the button stays where the keyboard is.
    this.button.setAttribute("aria-disabled", String(item.pending !== null));
    setDisabled(this.fewer, tickets <= 1);
    setDisabled(this.more, tickets >= Math.min(most, MOST));
  }

  #label(tickets, short, most) {
    const { pending } = this.#state.item;
    if (pending?.delayed) return t("button.waiting");
    if (pending) return t("button.buying");
    if (!tickets) return t("raffle.how_many");
    if (most) return t("raffle.at_most", { most });
    if (short) return t("raffle.too_few", { points: this.#total });
    if (this.#asked !== null) return t("button.yes_for", { price: t("price.points", { count: this.#asked }) });
    return t("raffle.buy", { count: tickets, price: t("price.points", { count: this.#total }) });
  }

  #updateBundles(raffle) {
    const text = JSON.stringify(raffle.bundles);
    if (this.bundles.dataset.text === text) return;
    this.bundles.dataset.text = text;
    const draw = ({ tickets, pays }) =>
      element("button", { type: "button", class: "chip", onclick: () => this.#set(tickets) }, t("raffle.bundle", { tickets, pays }));
    this.bundles.replaceChildren(...raffle.bundles.map(draw));
  }

  #step(label, sign, by) {
    const properties = { type: "button", class: "secondary", "aria-label": label, onclick: () => this.#set(this.#tickets + by) };
    return element("button", properties, sign);
  }

  #set(tickets) {
    this.field.value = formatNumber(Math.max(1, Math.min(MOST, tickets)));
    this.#choose();
  }

  #choose() {
    this.#retract();
    this.#updateButton();
  }

  #tap(event) {
    // The second click of a double click is no second thought.
    if (event.detail > 1 || this.#state.item.pending !== null) return;
    if (this.#asked === null) this.#ask(this.#total);
    else {
      const asked = this.#asked;
      this.#retract();
      this.#buy(asked);
    }
  }

  async #buy(points) {
    const tickets = this.#tickets;
    const unit = this.#state.item.price.points;
    const other = await this.#actions.buy(this.#id, tickets, points);
    if (other === null) return;
    this.#told = { tickets, unit, points: other };
    this.#updateButton();
  }

  #ask(points) {
    clearTimeout(this.#timer);
    this.#asked = points;
    this.#timer = setTimeout(() => {
      this.#retract();
      this.#updateButton();
    }, CONFIRM_TIME);
    this.#updateButton();
  }

  #retract() {
    clearTimeout(this.#timer);
    this.#asked = null;
  }
}

/* What a manager may do with an auction, by its status. */

import { element } from "../dom.js";
import { formatPoints, t } from "../words.js";

import { askAuction } from "./auction-form.js";
import { askForm, askReason } from "./form.js";
import { attempt, makeButton, makeChip } from "./parts.js";

const ALLOWED = {
  draft: ["edit", "copy", "cancel", "open", "schedule"],
  scheduled: ["edit", "copy", "cancel", "open"],
  open: ["copy", "lower_reserve", "lower_supply", "extend", "pause", "cancel"],
  paused: ["copy", "lower_reserve", "extend", "cancel", "resume"],
  closing: ["copy"],
  settled: ["copy", "offer_second_chance"],
  unsold: ["copy", "offer_second_chance"],
  cancelled: ["copy"],
};

const LOOKS = { cancel: "secondary danger", schedule: "primary", resume: "primary" };

export class AuctionActions {
  #context;
  #onDone;

  constructor(context, onDone) {
    this.#context = context;
    this.#onDone = onDone;
  }

  /** The buttons of an auction; `record` has its terms. */
  make(auction, record) {
    const wanted = ALLOWED[auction.status].filter((action) => this.#makesSense(action, auction, record));
    const buttons = wanted.map((action) => {
      const button = makeButton(t(`auction.do_${action}`), () => this.#do(action, auction, record, button), LOOKS[action]);
      return button;
    });
    return element("div", { class: "actions" }, ...buttons);
  }

  makeVoid(auction, { number, bidder }) {
    return makeButton(
      t("auction.void"),
      () =>
        this.#finish(
          askReason({
            title: t("auction.void_title", { number, bidder }),
            lead: t("auction.void_lead"),
            submit: t("auction.void"),
            act: ({ reason }) => this.#command("auction.void_bid", { auction: auction.id, bid: number, reason }),
          }),
        ),
      "secondary danger small",
    );
  }

  makeRefund({ id, status }, { member, bid, paid, refunded }) {
    if (refunded) return makeChip(t("auction.refunded"), "warn");
    if (status !== "settled") return "";
    const act = ({ reason }) => this.#command("auction.refund", { auction: id, bid, reason });
    const title = t("auction.refund_title", { member, points: formatPoints(paid) });
    const ask = () => this.#finish(askReason({ title, lead: t("auction.refund_lead"), submit: t("auction.refund"), act }));
    return makeButton(t("auction.refund"), ask, "secondary danger small");
  }

  #makesSense(action, { status, winner, reserve_met: met, bids, pieces }, { reserve, offer }) {
    if (action === "lower_reserve") return reserve > 0 && !met;
    if (action === "lower_supply") return pieces?.supply > 1 && !bids && !pieces.sealed;
    if (action !== "offer_second_chance") return true;
    const left = pieces ? pieces.sold < pieces.supply : status === "unsold" || !winner;
    return left && offer === null;
  }

  #do(action, auction, record, button) {
    const ways = {
      edit: () => this.#finish(askAuction(this.#context, record, true)),
      copy: () => this.#copy(record),
      extend: () => this.#finish(this.#extend(auction)),
      cancel: () => this.#finish(this.#cancel(auction)),
      lower_reserve: () => this.#finish(this.#lowerReserve(auction, record)),
      lower_supply: () => this.#finish(this.#lowerSupply(auction)),
    };
    const plain = () => this.#finish(attempt(this.#context, button, () => this.#command(`auction.${action}`, { auction: auction.id })));
    return (ways[action] ?? plain)();
  }

  async #copy(record) {
    const made = await askAuction(this.#context, record);
    if (made) this.#context.go("auctions", made.auction);
  }

  #extend({ id, title }) {
    return askForm({
      title: t("auction.extend_title", { title }),
      submit: t("auction.do_extend"),
      fields: [{ name: "extension", kind: "length", label: t("auction.extend_by"), required: true, value: 5 * 60_000 }],
      act: ({ extension }) => this.#command("auction.extend", { auction: id, extension }),
    });
  }

  #cancel({ id, title }) {
    return askReason({
      title: t("auction.cancel_title", { title }),
      lead: t("auction.cancel_lead"),
      submit: t("auction.do_cancel"),
      act: ({ reason }) => this.#command("auction.cancel", { auction: id, reason }),
    });
  }

  #lowerReserve({ id }, { reserve: present }) {
    const greatest = present - 1;
    return askForm({
      title: t("auction.do_lower_reserve"),
      lead: t("auction.lower_reserve_lead", { reserve: present }),
      fields: [{ name: "reserve", kind: "number", label: t("auction.reserve"), hint: t("auction.reserve_none"), required: true, greatest }],
      act: ({ reserve }) => this.#command("auction.lower_reserve", { auction: id, reserve }),
    });
  }

  #lowerSupply({ id, pieces }) {
    const greatest = pieces.supply - 1;
    return askForm({
      title: t("auction.do_lower_supply"),
      fields: [{ name: "supply", kind: "number", label: t("auction.supply"), required: true, least: 1, greatest }],
      act: ({ supply }) => this.#command("auction.lower_supply", { auction: id, supply }),
    });
  }

  #command(method, params) {
    return this.#context.gateway.command(method, params);
  }

  async #finish(asked) {
    const done = await asked;
    if (done) this.#context.say("good", t("auction.done"));
    if (done !== null) this.#onDone();
  }
}

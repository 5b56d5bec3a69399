/* What a manager may do with a raffle, by its status. */

import { now } from "../clock.js";
import { element } from "../dom.js";
import { formatInstant, t } from "../words.js";

import { saveFile } from "./files.js";
import { askForm, askReason } from "./form.js";
import { attempt, makeButton } from "./parts.js";
import { askRaffle } from "./raffle-form.js";
import { awaitsRandomness, nameRaffle } from "./raffle-words.js";

const ALLOWED = {
  draft: ["edit", "copy", "open", "schedule"],
  scheduled: ["edit", "copy", "open"],
  open: ["copy", "grant", "close", "lock"],
  locked: ["copy", "draw"],
  drawn: ["copy", "evidence"],
  settled: ["copy", "evidence"],
  void: ["copy", "draw", "evidence"],
};

const LOOKS = { schedule: "primary", draw: "primary", void: "secondary danger" };

/** How far ahead a close has to lie, in ms: the log's clock and the way there differ by less. */
const AHEAD = 3_000;

/** What drand signs a round with, and what a secret is, in hex. */
const SIGNATURE = /\b[0-9a-f]{96}\b/i;
const SECRET = /^[0-9a-f]{64}$/i;

export class RaffleActions {
  #context;
  #onDone;

  constructor(context, onDone) {
    this.#context = context;
    this.#onDone = onDone;
  }

  /** The buttons of a raffle; `record` has its terms. */
  make(raffle, record) {
    const wanted = [...ALLOWED[raffle.status], "void"].filter((action) => this.#makesSense(action, raffle));
    const buttons = wanted.map((action) => {
      const button = makeButton(t(`raffle.do_${action}`), () => this.#do(action, raffle, record, button), LOOKS[action]);
      return button;
    });
    return element("div", { class: "actions" }, ...buttons);
  }

  makeForfeit(raffle, { fate, place, prize, member }) {
    if (fate !== "offered") return "";
    const act = ({ reason }) => this.#command("raffle.forfeit", raffle, { place, reason });
    const title = t("raffle.forfeit_title", { prize, member });
    const ask = () => this.#finish(askReason({ title, lead: t("raffle.forfeit_lead"), submit: t("raffle.forfeit"), act }));
    return makeButton(t("raffle.forfeit"), ask, "secondary danger small");
  }

  #makesSense(action, raffle) {
    const { isOperator } = this.#context.session;
    if (action === "draw") return isOperator && awaitsRandomness(raffle, now());
    if (action === "void") return isOperator && !["settled", "void"].includes(raffle.status);
    if (action === "evidence") return Boolean(raffle.lock);
    return true;
  }

  #do(action, raffle, record, button) {
    const ways = {
      edit: () => this.#finish(askRaffle(this.#context, record, true)),
      copy: () => this.#copy(record),
      grant: () => this.#finish(this.#grant(raffle)),
      close: () => this.#finish(this.#close(raffle)),
      lock: () => this.#finish(this.#lock(raffle)),
      draw: () => this.#finish(this.#draw(raffle)),
      void: () => this.#finish(this.#void(raffle)),
      evidence: () => attempt(this.#context, button, () => this.#save(raffle)),
    };
    const plain = () => this.#finish(attempt(this.#context, button, () => this.#command(`raffle.${action}`, raffle)));
    return (ways[action] ?? plain)();
  }

  async #copy(record) {
    const made = await askRaffle(this.#context, record);
    if (made) this.#context.go("raffles", made.raffle);
  }

  #grant(raffle) {
    return askForm({
      title: t("raffle.do_grant"),
      fields: [
        { name: "member", label: t("raffle.member"), required: true, mono: true, most: 64 },
        { name: "tickets", kind: "number", label: t("raffle.tickets"), required: true, least: 1, greatest: 10_000, value: 1 },
        { name: "reason", label: t("form.reason"), hint: t("form.reason_hint"), required: true, most: 200 },
      ],
      act: (values) => this.#command("raffle.grant", raffle, values),
    });
  }

  #close(raffle) {
    const { closes_at: closes } = raffle;
    return askForm({
      title: t("raffle.do_close"),
      lead: t("raffle.close_lead", { at: formatInstant(closes) }),
      danger: true,
      fields: [{ name: "closes_at", kind: "time", label: t("raffle.closes_at"), required: true, value: now() + 120_000 }],
      check: (values) => (values.closes_at > closes ? { closes_at: t("raffle.only_earlier") } : null),
      act: (values) => this.#command("raffle.close", raffle, values),
    });
  }

  /** The close is now, as nearly as an instant ahead can be: what is drawn from is fixed with it. */
  #lock(raffle) {
    const { tickets, entries, randomness, round, round_at: at } = raffle;
    const next = randomness === "beacon" ? t("raffle.lock_beacon", { round: String(round), at: formatInstant(at) }) : t("raffle.lock_secret");
    return askForm({
      title: t("raffle.lock_title", { title: nameRaffle(raffle) }),
      lead: element("p", {}, t("raffle.lock_lead", { tickets: t("count.tickets", { count: tickets }), entries: t("count.entries", { count: entries }) }), " ", next),
      danger: true,
      submit: t("raffle.do_lock"),
      act: () => this.#command("raffle.close", raffle, { closes_at: Math.ceil(now() + AHEAD) }),
    });
  }

  /** An operator brings what the keeper could not fetch, or does not know. */
  #draw(raffle) {
    return raffle.randomness === "beacon" ? this.#bringRound(raffle) : this.#bringSecret(raffle);
  }

  #bringRound(raffle) {
    const { round, lock } = raffle;
    const address = `https://api.drand.sh/${JSON.parse(lock.text).beacon.chain}/public/${round}`;
    const link = element("a", { href: address, target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, address);
    return askForm({
      title: t("raffle.draw_title", { title: nameRaffle(raffle) }),
      lead: element("div", {}, element("p", {}, t("raffle.draw_round_lead", { round: String(round) })), element("p", { class: "address" }, link)),
      submit: t("raffle.do_draw"),
      fields: [{ name: "signature", kind: "long", label: t("raffle.round_signature"), hint: t("raffle.round_signature_hint"), required: true, mono: true, most: 2_000 }],
      check: ({ signature }) => (SIGNATURE.test(signature) ? null : { signature: t("raffle.no_signature") }),
      act: ({ signature }) => this.#command("raffle.draw", raffle, { round, signature: SIGNATURE.exec(signature)[0].toLowerCase() }),
    });
  }

  #bringSecret(raffle) {
    return askForm({
      title: t("raffle.draw_title", { title: nameRaffle(raffle) }),
      lead: t("raffle.draw_secret_lead"),
      submit: t("raffle.do_draw"),
      fields: [{ name: "secret", label: t("raffle.secret"), required: true, mono: true, most: 64, pattern: SECRET, patternWords: t("raffle.no_secret") }],
      act: ({ secret }) => this.#command("raffle.draw", raffle, { secret: secret.toLowerCase() }),
    });
  }

  #void(raffle) {
    return askReason({
      title: t("raffle.void_title", { title: nameRaffle(raffle) }),
      lead: t("raffle.void_lead"),
      submit: t("raffle.do_void"),
      act: ({ reason }) => this.#command("raffle.void", raffle, { reason }),
    });
  }

  async #save({ id }) {
    const file = await this.#context.session.fetchFile(`/v1/raffles/${encodeURIComponent(id)}/evidence`);
    saveFile(file, `${id}-evidence.json`);
  }

  #command(method, { id }, params) {
    return this.#context.gateway.command(method, { raffle: id, ...params });
  }

  async #finish(asked) {
    const done = await asked;
    if (done) this.#context.say("good", t("raffle.done"));
    if (done !== null) this.#onDone();
  }
}

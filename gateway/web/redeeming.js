/* What a member does with the catalogue: looks, asks for prices, redeems, cancels. Nothing counts before its answer. */

import { describeOther } from "./common-words.js";
import { describeRedeemed, describeRefusal } from "./redeeming-words.js";
import { describeRedemption, titleOf } from "./reward-words.js";
import { Lost, Refused } from "./socket.js";
import { t } from "./words.js";

/** Where these redemptions come from: price rules may speak for a channel. */
const CHANNEL = "web";
const PAGE = 50;

/** How many campaigns are asked for what is on their shelves. */
const SHELVES = 3;

/** How many rewards are looked at at most. */
const LIMIT = 2_000;

/** How many prices one socket shows at most. */
const WATCHED = 500;

export class Redeeming {
  #catalogue;
  #store;
  #connection;
  #loading = false;
  #again = false;

  constructor(catalogue, store, connection) {
    this.#catalogue = catalogue;
    this.#store = store;
    this.#connection = connection;
  }

  /**
   * Loads the whole catalogue; once more if it is asked for meanwhile. Returns whether it
   * has arrived, or is on its way.
   */
  async load() {
    this.#again = this.#loading;
    if (this.#loading) return true;
    this.#loading = true;
    try {
      await this.#loadPages(this.#store.member);
    } catch (error) {
      if (error instanceof Lost || error instanceof Refused) return false;
      throw error;
    } finally {
      this.#loading = false;
    }
    return this.#again ? this.load() : true;
  }

  /** Watches the prices of what is shown, as many as may be. */
  watch(experiences) {
    if (experiences.length) this.#connection.attend("prices", { experiences: experiences.slice(0, WATCHED), channel: CHANNEL });
  }

  /** Looks at one experience anew: what is left of it, what the member has had, whether it is still there. */
  async refresh(id) {
    try {
      const { result, position } = await this.#connection.look("catalogue.get", { experience: id, channel: CHANNEL });
      this.#catalogue.takeOffer(id, result, position);
    } catch (error) {
      if (error instanceof Refused && error.code === "unknown_experience") this.#catalogue.takeOffer(id, null);
      else if (!(error instanceof Lost || error instanceof Refused)) throw error;
    }
  }

  /** The price of an experience at a share in points (null: the greatest), and how it comes about. */
  quote(id, share) {
    return this.#connection.ask("price.quote", { experience: id, channel: CHANNEL, share });
  }

  /**
   * Redeems at `price` at most. Returns the price where it is another one now, which has to be asked about again;
   * otherwise null.
   */
  async redeem(id, price, share) {
    const parameters = { experience: id, most: price.points, most_cash: price.cash, channel: CHANNEL, share };
    const answer = await this.#command(id, "redemption.redeem", parameters);
    if (answer === null) return null;
    const { result, refusal } = answer;
    const other = refusal?.code === "price_changed" ? await this.#lookUpPrice(id, share) : null;
    if (refusal) this.#catalogue.setAnswer(id, "bad", describeRefusal(refusal, other));
    else this.#catalogue.setAnswer(id, ...describeRedeemed(result, price), result);
    this.refresh(id);
    this.loadRedemptions();
    return other;
  }

  /** Cancels one of the member's redemptions. */
  async cancel({ redemption, experience }) {
    const answer = await this.#command(redemption, "redemption.cancel", { redemption });
    if (answer === null) return;
    if (answer.refusal) this.#catalogue.setAnswer(redemption, "bad", describeOther(answer.refusal));
    await this.loadRedemptions();
    await this.refresh(experience);
  }

  /** Takes back a redemption of the experience that has just been `made`. */
  async undo(id, { redemption }) {
    const answer = await this.#command(id, "redemption.cancel", { redemption }, { undoing: true });
    if (answer === null) return;
    if (answer.refusal) this.#catalogue.setAnswer(id, "bad", describeOther(answer.refusal));
    else this.#catalogue.setAnswer(id, "plain", t("redeemed.undone"));
    this.refresh(id);
    this.loadRedemptions();
  }

  async loadRedemptions() {
    const { member } = this.#store;
    try {
      const { redemptions } = await this.#connection.ask("me.redemptions", {});
      if (this.#store.member !== member) return;
      for (const decided of this.#catalogue.takeRedemptions(redemptions)) this.#tell(decided);
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
    }
  }

  /** Tells what became of a redemption that waited for its payment or to be confirmed. */
  #tell(redemption) {
    const { words, tone, more } = describeRedemption(redemption);
    const title = titleOf(redemption);
    this.#store.notify(tone === "good" ? "won" : "plain", words, more ? t("notice.title_and", { title, more }) : title);
  }

  /** The price now; null if it cannot be asked for. */
  async #lookUpPrice(id, share) {
    try {
      return (await this.quote(id, share)).price;
    } catch (error) {
      if (error instanceof Lost || error instanceof Refused) return null;
      throw error;
    }
  }

  async #loadPages(member) {
    const offers = [];
    let after = "";
    do {
      const asked = { channel: CHANNEL, after, limit: PAGE };
      const { result, position } = await this.#connection.look("catalogue.list", asked);
      if (this.#store.member?.member !== member?.member) return;
      offers.push(...result.offers);
      this.#catalogue.addOffers(result.offers, position);
      after = result.next;
    } while (after && offers.length < LIMIT);
    this.#catalogue.takeAll(offers.slice(0, LIMIT), after !== "");
    const experiences = [...this.#catalogue.offers.keys()];
    if (!experiences.length) return;
    this.#catalogue.takeShelves(await this.#loadShelves(experiences[0]));
  }

  /** What is on the shelves of campaigns that are in force: any quote names those. */
  async #loadShelves(experience) {
    const { campaigns } = await this.quote(experience, null);
    const shelves = [];
    for (const campaign of campaigns.slice(0, SHELVES)) {
      const { offers, ...shelf } = await this.#connection.ask("catalogue.list", { campaign, channel: CHANNEL });
      if (offers.length) shelves.push({ ...shelf, experiences: offers.map((offer) => offer.experience) });
    }
    return shelves;
  }

  /** The answer to a command as `{ result }` or `{ refusal }`; null if one is under way, or the member is another. */
  async #command(id, method, parameters, pending = {}) {
    const catalogue = this.#catalogue;
    if (catalogue.pending(id)) return null;
    const { member } = this.#store.member;
    catalogue.setPending(id, { delayed: false, ...pending });
    let answer;
    try {
      answer = { result: await this.#connection.command(method, parameters, () => catalogue.delay(id)) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer = { refusal: error };
    }
    if (this.#store.member.member !== member) return null;
    catalogue.setPending(id, null);
    return answer;
  }
}

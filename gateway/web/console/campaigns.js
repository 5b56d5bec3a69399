/* Campaigns: all of them as a table or as a calendar, and each with what it shows and gives away. */

import { element } from "../dom.js";
import { t } from "../words.js";

import { CampaignCalendar } from "./campaign-calendar.js";
import { CampaignList } from "./campaign-list.js";
import { CampaignPage } from "./campaign-page.js";
import { makeHead, makeTabs } from "./parts.js";

/** Behind an empty id, which no campaign has. */
const CALENDAR = "/calendar";

export class View {
  #context;
  #part = null;

  constructor(context) {
    this.#context = context;
    this.node = element("section", { class: "campaigns" });
  }

  enter([id = "", section = "", period = ""]) {
    this.#part?.leave();
    if (id) {
      this.#part = new CampaignPage(this.#context, id);
      this.node.replaceChildren(element("a", { href: "#/campaigns", class: "back" }, t("campaign.back")), this.#part.node);
    } else {
      this.#part = section ? new CampaignCalendar(this.#context, period) : new CampaignList(this.#context);
      const tabs = makeTabs(t("campaign.parts"), "campaigns", { "": t("campaign.list"), [CALENDAR]: t("campaign.calendar") }, section ? CALENDAR : "");
      this.node.replaceChildren(makeHead(t("view.campaigns"), ...this.#part.actions), tabs, this.#part.node);
    }
    this.#part.enter();
  }

  leave() {
    this.#part?.leave();
  }
}

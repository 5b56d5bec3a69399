/* All campaigns as a table, and how another one begins. */

import { element } from "../dom.js";
import { formatInstant, t } from "../words.js";

import { STATUSES, nameCampaign, sayWhen, showBudget, showStatus } from "./campaign-words.js";
import { makeTable } from "./data-table.js";
import { askLaunch } from "./launch.js";
import { Listing } from "./listing.js";
import { makeButton, showEmpty } from "./parts.js";

/** Statuses in the order of what needs looking at. */
const ORDER = ["running", "paused", "scheduled", "draft", "ended", "archived"];

export class CampaignList {
  #listing;
  #context;
  #stop = () => {};

  constructor(context) {
    this.#context = context;
    this.status = element("select", { id: "campaign-status" });
    this.status.append(element("option", { value: "" }, t("campaign.any_status")));
    for (const status of STATUSES) this.status.append(element("option", { value: status }, t(`campaign.status_${status}`)));
    this.status.addEventListener("change", () => this.#listing.read());
    this.table = this.#makeTable();
    this.#listing = new Listing(context, {
      table: this.table,
      key: ({ campaign }) => campaign,
      ask: (from) => context.gateway.list("campaign.list", { status: this.status.value, limit: 100 }, { field: "campaigns", from }),
      show: () => this.table.show([...this.#listing.rows.values()], this.#listing.hasMore),
    });
    this.actions = [
      makeButton(t("campaign.add"), () => askLaunch(context)),
      makeButton(t("launch.from_template"), () => askLaunch(context, { choose: true }), "primary"),
    ];
    const filters = element("div", { class: "filters" }, element("label", { for: "campaign-status" }, t("campaign.status"), this.status));
    this.node = element("div", {}, filters, this.table);
  }

  enter() {
    this.#listing.read();
    this.#stop = this.#context.gateway.onReturn(() => this.#listing.read());
  }

  leave() {
    this.#listing.leave();
    this.#stop();
  }

  #makeTable() {
    return makeTable(
      [
        { key: "title", label: t("campaign.title"), title: true, cell: nameCampaign, value: nameCampaign },
        { key: "status", label: t("campaign.status"), cell: showStatus, value: (row) => ORDER.indexOf(row.status) },
        { key: "when", label: t("campaign.when"), cell: (row) => sayWhen(row.terms), value: (row) => row.terms.starts_at },
        { key: "next", label: t("campaign.turns"), cell: (row) => (row.turns_at ? formatInstant(row.turns_at) : ""), value: (row) => row.turns_at || Infinity },
        { key: "budget", label: t("campaign.budget"), cell: showBudget, value: (row) => row.given },
        { key: "shelf", label: t("campaign.shelf"), cell: (row) => row.shelf, value: (row) => row.shelf },
      ],
      {
        caption: t("view.campaigns"),
        key: (row) => row.campaign,
        href: (row) => `#/campaigns/${encodeURIComponent(row.campaign)}`,
        empty: showEmpty(t("campaign.none"), t("campaign.none_hint")),
        order: { key: "status", down: false },
        more: () => this.#listing.readMore(),
      },
    );
  }
}

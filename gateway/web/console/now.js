/* Now: what is live, how fast it goes, what is wrong. All of it comes by the topic `now`, once a second. */

import { now } from "../clock.js";
import { element, setHidden, setText } from "../dom.js";
import { localise } from "../locale.js";
import { formatInstant, formatLeft, formatMinute, formatNumber, formatPoints, formatShare, t } from "../words.js";

import { makeChart } from "./chart.js";
import { makeTable } from "./data-table.js";
import { formatCompact } from "./figures.js";
import { makeChip, makeHead, makeName, showEmpty, showLoading } from "./parts.js";

/** Charts by the field of a minute that they show. */
const CHARTS = ["bids", "redemptions", "points_spent", "tickets"];

const MINUTE = 60_000;

export class View {
  #context;
  #charts = new Map();
  #drawnAt = 0;
  #stop = () => {};

  constructor(context) {
    this.#context = context;
    this.alarms = element("ul", { class: "alarms", role: "alert" });
    this.figures = element("div", { class: "figures" });
    this.charts = element("div", { class: "charts" });
    this.auctions = makeAuctions();
    this.raffles = makeRaffles();
    this.campaigns = element("ul", { class: "budgets" });
    this.waiting = showLoading();
    this.more = element("p", { class: "hint" });
    this.parts = element(
      "div",
      { hidden: true },
      this.alarms,
      this.figures,
      this.charts,
      element("section", { class: "now-auctions" }, element("h2", { class: "part" }, t("now.auctions")), this.auctions, this.more),
      element("section", { class: "now-raffles" }, element("h2", { class: "part" }, t("now.raffles")), this.raffles),
      element("section", { class: "now-campaigns" }, element("h2", { class: "part" }, t("now.campaigns")), this.campaigns),
    );
    this.node = element("section", { class: "now" }, makeHead(t("view.now")), this.waiting, this.parts);
  }

  enter() {
    this.#stop();
    this.#stop = this.#context.gateway.watch("now", (state) => this.#take(state));
  }

  leave() {
    this.#stop();
  }

  #take(state) {
    if (state === null) {
      this.waiting.replaceChildren(showEmpty(t("now.unable"), t("now.unable_hint")));
      return;
    }
    setHidden(this.waiting, true);
    setHidden(this.parts, false);
    this.#drawAlarms(state);
    this.#drawFigures(state);
    this.#drawCharts(state);
    this.auctions.show(state.auctions);
    const behind = state.auctions_live - state.auctions.length;
    setText(this.more, behind > 0 ? t("now.more_auctions", { count: behind }) : "");
    this.raffles.show(state.raffles);
    this.#drawCampaigns(state.campaigns);
  }

  /** Alarms are read out when there are others than before, not with every second. */
  #drawAlarms(state) {
    const { alarms } = state;
    const stamp = JSON.stringify(alarms.map(({ kind, id }) => [kind, id]));
    setHidden(this.alarms, !alarms.length);
    if (this.alarms.dataset.stamp === stamp) return;
    this.alarms.dataset.stamp = stamp;
    this.alarms.replaceChildren(...alarms.map((alarm) => makeAlarm(alarm, state)));
  }

  #drawFigures(state) {
    const last = state.minutes.at(-1);
    const figures = [
      ["now.bids_a_minute", state.auctions.reduce((sum, { bids_a_minute: bids }) => sum + bids, 0)],
      ["now.redemptions_a_minute", state.redemptions_a_minute],
      ["now.points_a_minute", state.points_a_minute],
      ["now.tickets_this_minute", last?.tickets ?? 0],
      ["now.live", state.auctions_live],
      ["now.watchers", state.watchers],
    ];
    if (!this.figures.childElementCount) {
      for (const [key] of figures) {
        this.figures.append(element("div", { class: "figure" }, element("span", {}, t(key)), element("strong", {})));
      }
    }
    figures.forEach(([, value], index) => setText(this.figures.children[index].lastChild, formatCompact(value)));
  }

  /** Charts go by minutes: they are drawn again as one changes, not with every push. */
  #drawCharts({ minutes, at }) {
    const stamp = JSON.stringify(minutes.at(-1)) + minutes.length;
    if (!minutes.length || stamp === this.#drawnAt) return;
    this.#drawnAt = stamp;
    const from = Math.min(minutes[0].at, at - 10 * MINUTE);
    const charts = CHARTS.map((field) => {
      const points = minutes.map((minute) => [minute.at, minute[field]]);
      const most = Math.max(...points.map(([, value]) => value));
      const labels = {
        name: t(`now.chart_${field}`, { most, last: points.at(-1)[1] }),
        top: formatCompact(Math.max(1, most)),
        bottom: formatNumber(0),
        start: formatMinute(from),
        end: formatMinute(at),
      };
      return element("figure", { class: "card" }, element("figcaption", {}, t(`now.${field}`)), makeChart(points, { from, to: points.at(-1)[0], unfinished: true, labels }));
    });
    this.charts.replaceChildren(...charts);
  }

  #drawCampaigns(campaigns) {
    if (!campaigns.length) {
      this.campaigns.replaceChildren(element("li", {}, showEmpty(t("now.no_campaigns"))));
      return;
    }
    this.campaigns.replaceChildren(...campaigns.map(makeCampaign));
  }
}

/** Where what an alarm is about is listed, and shown. */
const SUBJECTS = { reserve_not_met: "auctions", budget_nearly_used: "campaigns", beacon_late: "raffles" };

function makeAlarm({ kind, id, figures }, state) {
  const view = SUBJECTS[kind];
  const subject = state[view]?.find((one) => one.id === id);
  const words = t(`now.alarm_${kind}`, {
    id: (subject && (subject.title ?? localise(subject.titles)?.text)) ?? id,
    price: figures.price ?? 0,
    reserve: figures.reserve ?? 0,
    used: figures.budget ? formatShare((figures.used / figures.budget) * 10_000) : "",
    seconds: Math.round((figures.age ?? 0) / 1000),
    round: String(figures.round),
  });
  const node = element("li", { dataset: { kind } }, makeChip(t(`now.level_${kind === "replica_behind" ? "bad" : "warn"}`), kind === "replica_behind" ? "bad" : "warn"), " ", words);
  if (view && id) node.append(" ", element("a", { href: `#/${view}/${encodeURIComponent(id)}` }, t("now.look")));
  return node;
}

function makeAuctions() {
  return makeTable(
    [
      { key: "title", label: t("now.auction"), title: true, cell: (row) => row.title, value: (row) => row.title },
      { key: "price", label: t("now.price"), end: true, cell: (row) => formatPoints(row.price), value: (row) => row.price },
      { key: "leader", label: t("now.leader"), cell: (row) => (row.leader ? t("now.bidder", { number: row.leader }) : "–"), value: (row) => row.leader },
      { key: "bids", label: t("now.bids"), end: true, cell: (row) => formatNumber(row.bids), value: (row) => row.bids },
      { key: "pace", label: t("now.pace"), end: true, cell: (row) => formatNumber(row.bids_a_minute), value: (row) => row.bids_a_minute },
      { key: "watchers", label: t("now.watchers"), end: true, cell: (row) => formatNumber(row.watchers), value: (row) => row.watchers },
      { key: "left", label: t("now.left"), end: true, cell: sayLeft, value: (row) => row.ends_at },
      { key: "reserve", label: t("now.reserve"), cell: sayReserve, value: (row) => (row.has_reserve ? Number(row.reserve_met) : 2) },
    ],
    { caption: t("now.auctions"), key: (row) => row.id, href: (row) => `#/auctions/${encodeURIComponent(row.id)}`, empty: showEmpty(t("now.no_auctions")) },
  );
}

function sayLeft({ status, ends_at: end }) {
  if (status === "open") return formatLeft(end - now());
  return makeChip(t(`now.auction_${status}`), status === "paused" ? "warn" : "accent");
}

function sayReserve({ has_reserve: has, reserve_met: met }) {
  if (!has) return "";
  return makeChip(t(met ? "now.met" : "now.not_met"), met ? "good" : "warn");
}

function makeRaffles() {
  const name = ({ id, titles }) => localise(titles)?.text ?? id;
  return makeTable(
    [
      { key: "title", label: t("now.raffle"), title: true, cell: name, value: name },
      { key: "status", label: t("now.status"), cell: (row) => makeChip(t(`now.raffle_${row.status}`), row.status === "open" ? "good" : "accent"), value: (row) => row.status },
      { key: "tickets", label: t("now.tickets"), end: true, cell: (row) => formatNumber(row.tickets), value: (row) => row.tickets },
      { key: "entrants", label: t("now.entrants"), end: true, cell: (row) => (row.entrants === null ? "…" : formatNumber(row.entrants)), value: (row) => row.entrants ?? 0 },
      { key: "chance", label: t("now.chance"), end: true, cell: sayChance, value: (row) => row.chance_most ?? 0 },
      { key: "closes", label: t("now.closes"), end: true, cell: (row) => formatInstant(row.closes_at), value: (row) => row.closes_at },
    ],
    { caption: t("now.raffles"), key: (row) => row.id, href: (row) => `#/raffles/${encodeURIComponent(row.id)}`, empty: showEmpty(t("now.no_raffles")) },
  );
}

/** From the one with the fewest tickets to the one with the most. */
function sayChance({ chance_least: least, chance_most: most }) {
  if (least === null || most === null) return "…";
  return least === most ? formatShare(least) : t("now.from_to", { least: formatShare(least), most: formatShare(most) });
}

function makeCampaign({ id, titles, status, ends_at: end, budget, used }) {
  const name = element("a", { href: `#/campaigns/${encodeURIComponent(id)}` }, makeName(localise(titles)?.text ?? id));
  const chip = makeChip(t(`now.campaign_${status}`), status === "running" ? "good" : status === "paused" ? "warn" : "");
  const until = end ? t("now.until", { at: formatInstant(end) }) : "";
  const head = element("p", {}, element("strong", {}, name), " ", chip, " ", element("span", { class: "hint" }, until));
  const node = element("li", { class: "card" }, head);
  if (budget === null) node.append(element("p", { class: "hint" }, t("now.given", { count: used })));
  else {
    const share = budget ? Math.min(1, used / budget) : 1;
    const label = t("now.used", { used, budget, share: formatShare(share * 10_000) });
    node.append(element("meter", { min: 0, max: 1, high: 0.9, optimum: 0, value: share, "aria-label": label }), element("p", { class: "hint" }, label));
  }
  return node;
}

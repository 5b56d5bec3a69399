/* The page: a demo member bids, buys tickets of raffles, or redeems. Wires the parts together, and draws what they hold. */

import { Actions } from "./actions.js";
import { addressOf, parseAddress } from "./addresses.js";
import { AuctionsView } from "./auctions.js";
import { Catalogue } from "./catalogue.js";
import { Header } from "./header.js";
import { Alerts, Notices } from "./notices.js";
import { RaffleActions } from "./raffle-actions.js";
import { RaffleBook } from "./raffle-book.js";
import { RafflesView } from "./raffles.js";
import { Redeeming } from "./redeeming.js";
import { RewardsView } from "./rewards.js";
import { Connection } from "./socket.js";
import { Store } from "./store.js";
import { addWords } from "./words.js";

await addWords(new URL("./words/", import.meta.url));

const byId = (id) => document.getElementById(id);

/** How often times are drawn, in ms: often enough for tenths of a second. */
const TICK = 100;
const NARROW = matchMedia("(max-width: 60rem)");

let drawing = false;
let opener = null;
let current = null;

const store = new Store(drawSoon);
const catalogue = new Catalogue(drawSoon);
const book = new RaffleBook(drawSoon, (...notice) => store.notify(...notice));
const connection = new Connection({
  fetchToken,
  onPush: take,
  onGone: (topic) => {
    if (topic.startsWith("raffle:")) book.drop(topic.slice("raffle:".length));
    else store.drop(topic.slice("auction:".length));
  },
  onStatus: (status) => {
    store.setConnection(status, Date.now());
    if (status.phase !== "live") return;
    rewards.reconnect();
    raffles.refresh();
  },
});
const actions = new Actions(store, connection);
const showAuction = (id, options) => go("auctions", id, options);
const auctions = new AuctionsView(store, actions, showAuction);
const rewards = new RewardsView(catalogue, store, new Redeeming(catalogue, store, connection), go);
const raffles = new RafflesView(book, store, new RaffleActions(book, store, connection, fetchToken), go);
const views = { auctions, raffles, rewards, "my-rewards": rewards };
const header = new Header({ onSwitch: switchMember });
const alerts = new Alerts(byId("alerts"), byId("urgent"), store, actions, showAuction);
const notices = new Notices(byId("notices"), store, showAuction);

/** A token for the member that this tab has been before, or for any. */
async function fetchToken() {
  const remembered = sessionStorage.getItem("member");
  const response = await fetch("/demo/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(remembered ? { member: remembered } : {}),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    const { token, ...member } = answer;
    sessionStorage.setItem("member", member.member);
    if (store.member?.member !== member.member) {
      rewards.clear();
      book.clear();
      raffles.refresh();
    }
    store.become(member);
    return token;
  }
  if (answer.code === "unknown_member") sessionStorage.removeItem("member");
  const final = response.status === 404 && answer.code !== "unknown_member";
  const words = final ? "This gateway runs without the demo. Start it with livelot up --demo." : answer.detail;
  throw Object.assign(new Error(words ?? "The gateway gives no token."), { final });
}

function switchMember() {
  sessionStorage.removeItem("member");
  connection.abandon();
  connection.open();
}

/** Takes what the gateway pushed. */
function take(topic, state, position) {
  if (topic === "prices") {
    rewards.takePrices(state.prices, position);
    return;
  }
  if (topic.startsWith("raffle")) book.take(topic, state, position);
  else store.take(topic, state, position, Date.now());
  if (topic === "me") {
    rewards.takeMe(state);
    book.takeMe(state);
  }
  watch();
}

function watch() {
  connection.watch([...store.topics, ...book.topics]);
}

/** Leads to a view, with something open in it or nothing; the address says which it is. */
function go(view, id = "", options = {}) {
  if (id) opener = document.activeElement;
  history.replaceState(null, "", addressOf(view, id));
  arrive(view, id, options);
  if (!id && opener?.isConnected) {
    draw(); // what the sheet covered can be focused only once it is drawn without it
    opener.focus({ preventScroll: true });
    opener = null;
  }
}

function arrive(view, id, options) {
  if (current !== views[view]) {
    for (const other of Object.values(views)) if (other !== views[view]) other.leave();
    scrollTo(0, 0);
  }
  current = views[view];
  current.enter(view, id, options);
  for (const link of document.querySelectorAll("[data-view]")) {
    if (views[link.dataset.view] === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  watch();
  drawSoon();
}

function followAddress() {
  const { view, id } = parseAddress(location.hash);
  arrive(view, id);
}

function drawSoon() {
  if (drawing) return;
  drawing = true;
  // Not an animation frame: a page in the background should still change its title when somebody is outbid.
  setTimeout(draw);
}

function draw() {
  drawing = false;
  header.update(store);
  const open = current.update(store.connection.phase === "live");
  document.body.classList.toggle("with-panel", open);
  byId("main").inert = byId("top").inert = open && NARROW.matches;
  alerts.update();
  notices.update();
  current.tick();
}

addEventListener("hashchange", followAddress);
NARROW.addEventListener("change", () => draw());
setInterval(() => current.tick(), TICK);

followAddress();
watch();
connection.open();

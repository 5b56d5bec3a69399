/* The page: a demo member bids, buys tickets of raffles, or redeems. Wires the parts together, and draws what they hold. */

import { Actions } from "./actions.js";
import { addressOf, parseAddress } from "./addresses.js";
import { AuctionsView } from "./auctions.js";
import { Header } from "./header.js";
import { Alerts, Notices } from "./notices.js";
import { Connection } from "./socket.js";
import { Store } from "./store.js";
import { Views } from "./views.js";
import { addWords, t, translate } from "./words.js";

await addWords(new URL("./words/", import.meta.url));
translate();

const byId = (id) => document.getElementById(id);

/** How often times are drawn, in ms: often enough for tenths of a second. */
const TICK = 100;
const NARROW = matchMedia("(max-width: 60rem)");

/** Who scrolls quickly comes by many auctions; what is watched changes so often (ms). */
const SETTLED = 100;

let drawing = false;
let settling = 0;
let opener = null;
let current = null;
/** What the page knows of raffles; null until it is of use, and the promise of it. */
let book = null;
let coming = null;

const store = new Store(drawSoon);
const connection = new Connection({
  fetchToken,
  onPush: take,
  onGone: (topic) => {
    if (topic.startsWith("raffle:")) book?.drop(topic.slice("raffle:".length));
    else store.drop(topic.slice("auction:".length));
  },
  onStatus: (status) => {
    store.setConnection(status, Date.now());
    if (status.phase === "live") for (const view of views.all) view.reconnect?.();
  },
});
const actions = new Actions(store, connection);
const showAuction = (id, options) => go("auctions", id, options);
const auctions = new AuctionsView(store, actions, connection, { open: showAuction, moved: watchSoon, changed: drawSoon });
const views = new Views(auctions, { store, fetchBook, connection, fetchToken, go, changed: drawSoon }, comeIn);
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
      book?.clear();
      for (const view of views.all) view.clear?.();
    }
    store.become(member);
    return token;
  }
  if (answer.code === "unknown_member") sessionStorage.removeItem("member");
  const final = response.status === 404 && answer.code !== "unknown_member";
  const words = final ? t("app.no_demo") : answer.detail;
  throw Object.assign(new Error(words ?? t("app.no_token")), { final });
}

function switchMember() {
  sessionStorage.removeItem("member");
  connection.abandon();
  connection.open();
}

/** The raffles' book, once it has arrived: somebody looks at raffles, or the member has tickets in one. */
function fetchBook() {
  coming ??= Promise.all([import("./raffle-book.js"), addWords(new URL("./words/raffles/", import.meta.url))])
    .then(([{ RaffleBook }]) => {
      book = new RaffleBook(drawSoon, (...notice) => store.notify(...notice));
      if (store.me !== null) book.takeMe(store.me);
      watch();
      return book;
    })
    .catch((error) => {
      coming = null;
      throw error;
    });
  return coming;
}

/** Takes what the gateway pushed. */
function take(topic, state, position) {
  if (topic === "prices") {
    for (const view of views.all) view.takePrices?.(state.prices, position);
    return;
  }
  if (topic.startsWith("raffle")) book?.take(topic, state, position);
  else store.take(topic, state, position, Date.now());
  if (topic === "me") {
    if (book !== null) book.takeMe(state);
    else if (state.raffles.length) fetchBook().catch(() => {}); // the next state tries again
    for (const view of views.all) view.takeMe?.(state);
  }
  // What one auction or raffle says of itself, often many times a second, adds no others.
  if (!topic.includes(":")) watch();
}

function watch() {
  connection.watch([...store.topics, ...(book?.topics ?? [])]);
}

function watchSoon() {
  settling ||= setTimeout(() => {
    settling = 0;
    watch();
  }, SETTLED);
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

function arrive(name, id, options) {
  const view = views.get(name);
  for (const other of views.all) if (other !== view) other.leave();
  if (current !== view) {
    current?.leave();
    // What stood in for a view gives way to it, and nothing scrolls away under a reader.
    if (current && current.node !== view.node) scrollTo(0, 0);
  }
  current = view;
  current.enter(name, id, options);
  for (const link of document.querySelectorAll("[data-view]")) {
    if (byId(link.dataset.view) === current.node) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  watch();
  drawSoon();
}

function followAddress() {
  const { view, id } = parseAddress(location.hash);
  arrive(view, id);
}

/** A view has arrived: it is shown where it was waited for. */
function comeIn() {
  if (!views.all.includes(current)) followAddress();
}

function drawSoon() {
  if (drawing) return;
  drawing = true;
  // A page in the background has no frames, and should still change its title when somebody is outbid.
  if (document.hidden) setTimeout(drawDue);
  else requestAnimationFrame(drawDue);
}

function drawDue() {
  if (drawing) draw();
}

function draw() {
  drawing = false;
  header.update(store);
  const open = current.update(store.connection.phase === "live");
  document.body.classList.toggle("with-panel", open);
  byId("main").inert = byId("top").inert = open && NARROW.matches;
  alerts.update();
  notices.update();
}

addEventListener("hashchange", followAddress);
document.addEventListener("visibilitychange", drawDue);
NARROW.addEventListener("change", () => draw());
setInterval(() => current.tick(), TICK);
for (const link of document.querySelectorAll("[data-view]")) {
  for (const event of ["pointerenter", "focus"]) link.addEventListener(event, () => views.prepare(link.dataset.view));
}

followAddress();
watch();
connection.open();

/* The page: a demo member watches auctions and bids. Wires the parts together, and draws what the store holds. */

import { Actions } from "./actions.js";
import { Card } from "./card.js";
import { now } from "./clock.js";
import { setHidden, setText } from "./dom.js";
import { Header } from "./header.js";
import { Alerts, Notices } from "./notices.js";
import { Panel } from "./panel.js";
import { Connection } from "./socket.js";
import { Store } from "./store.js";

const byId = (id) => document.getElementById(id);

/** How often times are drawn, in ms: often enough for tenths of a second. */
const TICK = 100;
const NARROW = matchMedia("(max-width: 60rem)");

const grid = byId("grid");
const cards = new Map();
let drawing = false;
let opener = null;

const store = new Store(() => {
  if (drawing) return;
  drawing = true;
  // Not an animation frame: a page in the background should still change its title when somebody is outbid.
  setTimeout(draw);
});
const connection = new Connection({
  fetchToken,
  onPush: (topic, state, position) => {
    store.take(topic, state, position, Date.now());
    connection.watch(store.topics);
  },
  onGone: (topic) => store.drop(topic.slice("auction:".length)),
  onStatus: (status) => store.setConnection(status, Date.now()),
});
const actions = new Actions(store, connection);
const header = new Header({ onSwitch: switchMember });
const panel = new Panel(byId("panel"), actions, () => show(""));
const alerts = new Alerts(byId("alerts"), byId("urgent"), store, actions, show);
const notices = new Notices(byId("notices"), store, show);

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

/** Opens an auction's panel, or closes it for an empty id; the address says which it is. */
function show(id, options = {}) {
  if (id) opener = document.activeElement;
  if (id !== panel.id || options.field) {
    if (id) panel.open(id, options);
    else panel.close();
  }
  history.replaceState(null, "", id ? `#${id}` : location.pathname);
  store.open(id);
  if (!id && opener?.isConnected) {
    draw(); // what the sheet covered can be focused only once it is drawn without it
    opener.focus({ preventScroll: true });
  }
}

function draw() {
  drawing = false;
  const live = store.connection.phase === "live";
  header.update(store);
  drawCards(live);
  drawPanel(live);
  alerts.update();
  notices.update();
  tick();
}

function drawCards(live) {
  for (const [id, card] of cards) {
    if (store.auctions.has(id)) continue;
    card.node.remove();
    cards.delete(id);
  }
  let shown = 0;
  for (const id of store.auctions.keys()) {
    const lot = store.lot(id);
    let card = cards.get(id);
    if (card === undefined) {
      if (!shown && !cards.size) grid.replaceChildren();
      card = new Card(id, actions, show);
      cards.set(id, card);
      grid.append(card.node);
    }
    card.update(lot, store.me, live);
    const hidden = store.filter === "mine" && lot.own === null;
    setHidden(card.node, hidden);
    shown += hidden ? 0 : 1;
  }
  setText(byId("title"), store.filter === "mine" ? "My bids" : "Live auctions");
  if (!store.ready) return;
  grid.setAttribute("aria-busy", "false");
  if (!cards.size) grid.replaceChildren();
  setHidden(byId("empty"), shown > 0);
  setText(
    byId("empty"),
    store.filter === "mine" ? "You have no bids in running auctions yet." : "No auction is running now. The next ones open soon.",
  );
}

function drawPanel(live) {
  const lot = panel.id ? store.lot(panel.id) : null;
  document.body.classList.toggle("with-panel", lot !== null);
  const covers = lot !== null && NARROW.matches;
  byId("main").inert = byId("top").inert = covers;
  if (lot !== null) panel.update(lot, store.me, live);
  else if (panel.id && store.ready) show("");
}

function tick() {
  const at = now();
  for (const card of cards.values()) card.tick(at);
  if (panel.id) panel.tick(at);
}

for (const button of document.querySelectorAll("[data-filter]")) {
  button.addEventListener("click", () => {
    for (const one of document.querySelectorAll("[data-filter]")) one.setAttribute("aria-pressed", String(one === button));
    store.show(button.dataset.filter);
  });
}
addEventListener("hashchange", () => show(decodeURIComponent(location.hash.slice(1))));
NARROW.addEventListener("change", () => draw());
setInterval(tick, TICK);
setInterval(() => store.forget(Date.now(), (id) => cards.get(id)?.isBusy ?? false), 1_000);

if (location.hash.length > 1) panel.open(decodeURIComponent(location.hash.slice(1)));
connection.watch(store.topics);
connection.open();

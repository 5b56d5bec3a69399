/* The console: who uses it, the way to each view, and what all views have in common. */

import { addWords, t } from "../words.js";

import { Frame } from "./frame.js";
import { Gateway } from "./gateway.js";
import { Notices } from "./notices.js";
import { showFailure, showLoading } from "./parts.js";
import { describe } from "./refusals.js";
import { Session } from "./session.js";
import { askToSignIn, SignIn } from "./sign-in.js";

/** Views by name, in the order of the navigation: the module that has it, which is loaded when it is first shown. */
const VIEWS = {
  now: () => import("./now.js"),
  tune: () => import("./tune.js"),
  auctions: () => import("./auctions.js"),
  raffles: () => import("./raffles.js"),
  campaigns: () => import("./campaigns.js"),
  members: () => import("./members.js"),
  audit: () => import("./audit.js"),
};
const FIRST = "now";

const here = new URL(".", import.meta.url);
const session = new Session();
const notices = new Notices(document.getElementById("notices"));
const names = Object.keys(VIEWS);
let frame = null;
let gateway = null;
let program = null;
let shown = { name: "", view: null, path: "" };

/** What a view stands on. `program` is the program as it was when it was last read: settings, level. */
const context = {
  session,
  say: (...notice) => notices.say(...notice),
  refuse: (error) => notices.refuse(error),
  go: (...path) => {
    location.hash = `/${path.map(encodeURIComponent).join("/")}`;
  },
  get gateway() {
    return gateway;
  },
  get program() {
    return program;
  },
};

function place(made) {
  frame = made;
  document.getElementById("frame").replaceChildren(made.node);
}

function showSignIn(reason = "") {
  place(new Frame({ views: [], session: null, onBeforeReload: () => {} }));
  frame.show("", new SignIn(session, enter, reason).node, t("sign_in.title"));
  frame.connection.hidden = true;
}

async function enter() {
  place(new Frame({ views: names, session, onSignOut: signOut, onBeforeReload: () => session.carry() }));
  frame.main.append(showLoading());
  gateway = new Gateway(session, (status) => takeStatus(status));
  gateway.open();
  try {
    program = await gateway.ask("program.get");
  } catch (error) {
    if (gateway.status.phase !== "stopped") frame.main.replaceChildren(showFailure(error, () => location.reload()));
    return;
  }
  await follow();
}

function signOut() {
  session.forget();
  // A fresh page remembers nothing of whoever was here.
  location.replace(location.pathname);
}

function takeStatus(status) {
  if (status.phase === "stopped" && session.expiresAt <= Date.now()) {
    if (program !== null) frame.setStatus(status);
    signInAgain();
    return;
  }
  frame.setStatus(status);
}

/** The page stays as it is below, with what is typed in it; somebody else begins anew. */
function signInAgain() {
  const { who } = session;
  session.forget();
  if (program === null) {
    showSignIn(t("sign_in.expired"));
    return;
  }
  askToSignIn(session, t("sign_in.expired"), () => {
    if (session.who === who) {
      gateway.open();
      return;
    }
    session.carry();
    location.reload();
  });
}

/** Shows what the address names; a view that is shown already is told of the rest of its path. */
async function follow() {
  if (program === null) return;
  const [, first, ...path] = location.hash.slice(1).split("/").map(decode);
  const name = names.includes(first) ? first : FIRST;
  const rest = path.join("/");
  if (shown.name === name && shown.view) {
    if (shown.path !== rest) shown.view.enter(path);
    shown.path = rest;
    return;
  }
  shown.view?.leave();
  shown = { name, view: null, path: rest };
  frame.show(name, showLoading(), t(`view.${name}`));
  try {
    const { View } = await VIEWS[name]();
    await addWords(new URL(`words/${name}/`, here));
    if (shown.name !== name || shown.view) return;
    shown.view = new View(context);
  } catch (error) {
    frame.main.replaceChildren(showFailure(error, () => location.reload()));
    return;
  }
  frame.show(name, shown.view.node, t(`view.${name}`));
  shown.view.enter(path);
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // half an escape: somebody cut the address short
  }
}

addEventListener("hashchange", () => {
  follow();
  scrollTo(0, 0);
});
// What no view expected is said rather than swallowed.
addEventListener("unhandledrejection", (event) => notices.say("bad", describe(event.reason)));

// Numbers, times and plurals have their words beside the member's app; where both say something, it is ours.
await addWords(new URL("../words/", here));
await addWords(new URL("words/", here));
if (session.resume()) enter();
else showSignIn();

/* Signing in: with a token, or on a demo as one of its staff. */

import { element, setDisabled } from "../dom.js";
import { t } from "../words.js";

import { describe } from "./refusals.js";

/** The demo's staff, whose tokens its gateway gives to its own machine. */
const DEMO_STAFF = ["maria", "omar", "olga"];

/** Asks over whatever the page shows, until somebody is signed in. */
export function askToSignIn(session, reason, onDone) {
  const dialog = element("dialog", { class: "sheet", "aria-label": t("sign_in.title") });
  let isDone = false;
  const form = new SignIn(
    session,
    () => {
      isDone = true;
      dialog.close();
      dialog.remove();
      onDone();
    },
    reason,
  );
  // Where nobody has touched the page since, Escape closes a dialog whatever `cancel` says, and those below with it.
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
  dialog.addEventListener("close", () => isDone || dialog.showModal());
  dialog.append(form.node);
  document.body.append(dialog);
  dialog.showModal();
}

export class SignIn {
  #session;
  #onDone;
  #busy = false;

  /** `onDone()` is called once somebody is signed in; `reason` says why one has to, where that is not plain. */
  constructor(session, onDone, reason = "") {
    this.#session = session;
    this.#onDone = onDone;
    this.token = element("textarea", {
      id: "token",
      name: "token",
      rows: 3,
      required: true,
      spellcheck: false,
      autocomplete: "off",
      dir: "ltr",
      "aria-describedby": "token-hint sign-in-error",
    });
    this.keep = element("input", { type: "checkbox", id: "keep" });
    this.error = element("p", { class: "form-error", id: "sign-in-error", role: "alert", hidden: true });
    this.submit = element("button", { type: "submit", class: "primary" }, t("sign_in.submit"));
    this.node = element(
      "section",
      { class: "sign-in" },
      element("h1", {}, t("sign_in.title")),
      element("p", { class: "lead" }, reason || t("sign_in.lead")),
      this.#makeForm(),
      this.#makeDemo(),
    );
  }

  #makeForm() {
    const form = element(
      "form",
      { class: "stack", noValidate: true },
      element("label", { for: "token" }, t("sign_in.token")),
      this.token,
      element("p", { class: "hint", id: "token-hint" }, t("sign_in.token_hint")),
      element("label", { class: "check" }, this.keep, element("span", {}, t("sign_in.keep"))),
      this.error,
      this.submit,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const token = this.token.value.trim();
      if (token) this.#try(() => this.#session.signIn(token, this.keep.checked));
      else this.#show(t("sign_in.token_missing"));
    });
    return form;
  }

  #makeDemo() {
    const staff = DEMO_STAFF.map((name) =>
      element(
        "button",
        {
          type: "button",
          class: "secondary",
          dataset: { staff: name },
          onclick: () => this.#try(() => this.#session.signInToDemo(name, this.keep.checked)),
        },
        t(`sign_in.demo_${name}`),
      ),
    );
    return element(
      "section",
      { class: "demo", "aria-labelledby": "demo-title" },
      element("h2", { id: "demo-title" }, t("sign_in.demo_title")),
      element("p", { class: "hint" }, t("sign_in.demo_lead")),
      element("div", { class: "buttons" }, ...staff),
    );
  }

  async #try(signIn) {
    if (this.#busy) return;
    this.#busy = true;
    setDisabled(this.submit, true);
    this.error.hidden = true;
    try {
      await signIn();
      this.#onDone();
    } catch (error) {
      this.#show(describe(error));
    } finally {
      this.#busy = false;
      setDisabled(this.submit, false);
    }
  }

  #show(words) {
    this.error.replaceChildren(words);
    this.error.hidden = false;
    this.token.setAttribute("aria-invalid", "true");
    this.token.focus();
  }
}

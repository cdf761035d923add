// The page: what stands in the address decides what is shown; what happens on the server decides when it is asked again.

import * as api from "./api.js";
import { Begin } from "./begin.js";
import { element, paced, say } from "./elements.js";
import { Figures, Health } from "./figures.js";
import { Live } from "./live.js";
import { RunView } from "./run.js";
import { RunsView } from "./runs.js";
import { current, switchLanguage, t } from "./words.js";

const AGAIN_MS = 400; // between two looks while things happen
const POLL_MS = 2_000; // while the socket is away, or a run may pause or ask without a frame
const CALM_MS = 6_000; // for what has no frame while nothing happens
const HEALTH_MS = 15_000;

const main = document.getElementById("main");
const said = document.getElementById("said");
let views = [];
let isBusy = false;
let isMissed = false;

const health = new Health();
const live = new Live({
  onFrame: (frame) => {
    if (views.some((view) => view.cares(frame))) look();
  },
  onState: (isConnected) => {
    state.className = isConnected ? "good" : "doubt";
    say(state, isConnected ? `● ${t("live")}` : `○ ${t("notLive")}`);
    look();
  },
});
const state = element("span", { class: "doubt" });
const context = { go, tell, attempt, look: () => look() };

const look = paced(refresh, AGAIN_MS);

/** Ask for what is shown; one look at a time. */
async function refresh() {
  if (isBusy) {
    isMissed = true;
    return;
  }
  isBusy = true;
  try {
    await Promise.all(views.map((view) => view.look()));
    offline(false);
  } catch (problem) {
    offline(!(problem instanceof api.Refused), problem);
  } finally {
    isBusy = false;
    if (isMissed) {
      isMissed = false;
      look();
    }
  }
}

function offline(isAway, problem) {
  if (isAway) {
    state.className = "bad";
    say(state, `✗ ${t("unreachable")}`);
  } else if (problem) {
    tell(t("failed", problem.message));
  } else if (live.isConnected) {
    state.className = "good";
    say(state, `● ${t("live")}`);
  }
}

/** Say something to who listens. */
function tell(words) {
  say(said, words);
}

/** Do something for a person; what went wrong is told in `place`, as text. */
async function attempt(place, work) {
  place.replaceChildren();
  try {
    return await work();
  } catch (problem) {
    const words = problem instanceof api.Refused ? t("failed", problem.message) : t("unreachable");
    place.append(element("div", { class: "error" }, words, ...(problem.diagnostics ?? []).map((one) =>
      element("div", { class: "small" }, `${one.code ?? ""} ${t("line", one.line ?? "?")}: ${one.message ?? ""}`))));
    return undefined;
  }
}

function go(run) {
  location.hash = `#/run/${encodeURIComponent(run)}`;
}

function shown() {
  const run = /^#\/run\/(.+)$/.exec(location.hash);
  try {
    return run ? decodeURIComponent(run[1]) : null;
  } catch {
    return null;
  }
}

function draw() {
  document.documentElement.lang = current();
  document.title = t("title");
  say(document.getElementById("skip"), t("skip"));
  const run = shown();
  header();
  if (run === null) {
    const [begin, figures, runs] = (views = [new Begin(context), new Figures(), new RunsView(context)]);
    main.replaceChildren(begin.node, figures.tiles, runs.node, figures.node);
  } else {
    views = [new RunView(run, context)];
    main.replaceChildren(views[0].node);
  }
  refresh();
}

function header() {
  say(state, live.isConnected ? `● ${t("live")}` : `○ ${t("notLive")}`);
  document.getElementById("top").replaceChildren(
    element("h1", {}, element("a", { href: "#/" }, "MisyDSL")),
    element("span", { class: "health" }, state),
    health.node,
    element("span", { class: "grow" }),
    element("button", { id: "language", lang: current() === "en" ? "es" : "en", onclick: () => {
      switchLanguage();
      health.show();
      draw();
      document.getElementById("language").focus();
    } }, t("language")),
  );
}

/** The dialog that asks for the token; resolved once the server has taken it. */
function askForToken() {
  return new Promise((resolve) => {
    const field = element("input", { type: "password", autocomplete: "current-password", required: true, name: "token" });
    const wrong = element("p", { class: "bad alert", role: "alert" });
    const form = element("form", { onsubmit: async (event) => {
      event.preventDefault();
      say(wrong, "");
      try {
        await api.session(field.value);
        dialog.close();
        dialog.remove();
        resolve();
      } catch (problem) {
        say(wrong, problem instanceof api.Refused ? t("wrongToken") : t("unreachable"));
        field.select();
      }
    } },
    element("p", {}, t("token")),
    element("label", {}, element("span", {}, t("tokenField")), field), wrong,
    element("button", { class: "main", type: "submit" }, t("enter")));
    const dialog = element("dialog", { "aria-label": t("token"), oncancel: (event) => event.preventDefault() }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

api.tokenFrom(askForToken);
window.addEventListener("hashchange", () => {
  draw();
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
document.addEventListener("visibilitychange", () => document.hidden || look());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => look()); // pictures have colours of their own

let lastLook = performance.now();
setInterval(() => {
  const isLively = !live.isConnected || views.some((view) => view.isLively);
  if (document.hidden || performance.now() - lastLook < (isLively ? POLL_MS : CALM_MS)) return;
  lastLook = performance.now();
  look();
}, 500);
setInterval(() => document.hidden || health.look(), HEALTH_MS);

draw();
// The socket opens once the token is there: a handshake that is refused tells a page nothing.
api.metrics().catch(() => null).then(() => {
  live.open();
  health.look();
});
